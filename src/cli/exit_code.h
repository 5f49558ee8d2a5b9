// How a command ends, for scripts: one number per thing a caller would do next.
#ifndef CLOISON_CLI_EXIT_CODE_H_
#define CLOISON_CLI_EXIT_CODE_H_

#include <string_view>

#include "base/result.h"

namespace cloison::cli {

enum class ExitCode : int {
  kDone = 0,
  kFailure = 1,
  kUsage = 2,         // the command or its input is wrong
  kRefused = 3,       // a rule said no
  kWaiting = 4,       // somebody else has to approve
  kNotFound = 5,      // nobody, or nobody for you: the two are one answer
  kConflict = 6,      // exists already, or changed meanwhile
  kBudgetSpent = 7,   // come back when the window frees
  kUnavailable = 69,  // no server, sealed, or no ledger (EX_UNAVAILABLE)
  kTryAgain = 75,     // the same command may work in a moment (EX_TEMPFAIL)
};

// Of an answer: its status and the stable code of its problem ("" when there is none).
ExitCode ExitCodeOf(int http_status, std::string_view problem_code);
// Of a request that got no answer, and of our own files.
ExitCode ExitCodeOf(const Error& error);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_EXIT_CODE_H_
