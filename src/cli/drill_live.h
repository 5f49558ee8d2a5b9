// cloison drill --live: a server that runs, on loopback, attacked by accounts that one was given
// (drill/live.h).
#ifndef CLOISON_CLI_DRILL_LIVE_H_
#define CLOISON_CLI_DRILL_LIVE_H_

#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace cloison::cli {

// Whether these words of `cloison drill` ask for it.
bool IsLiveDrill(const std::vector<std::string>& arguments);

// The exit codes of any drill: 0 held, 1 a promise was broken, 2 wrong arguments, 3 it could not be
// run.
ExitCode DrillLive(const std::vector<std::string>& arguments, const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_DRILL_LIVE_H_
