// cloison freeze sign, send.
#ifndef CLOISON_CLI_FREEZE_H_
#define CLOISON_CLI_FREEZE_H_

#include <string>

#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace cloison::cli {

// By an officer's key, for when there is no ledger and nobody can sign in.
struct FreezeOptions {
  std::string account, issuer, ledger;  // "agents:alice", its issuer's URL, the ledger's origin
  std::string key, out;                 // FILE of the officer; FILE to write
  std::string note;                     // FILE to send
  std::string management = "http://127.0.0.1:9443";
};
ExitCode FreezeSign(const FreezeOptions& options, const Terminal& terminal);
ExitCode FreezeSend(const FreezeOptions& options, const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_FREEZE_H_
