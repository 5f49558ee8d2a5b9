// cloison freeze sign, lift, cosign, send.
#ifndef CLOISON_CLI_FREEZE_H_
#define CLOISON_CLI_FREEZE_H_

#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace cloison::cli {

// By officers' keys: one freezes when there is no ledger and nobody can sign in, two lift freezes
// when too few accounts are left that could.
struct FreezeOptions {
  std::vector<std::string> accounts;    // to lift
  std::string account, issuer, ledger;  // "agents:alice", its issuer's URL, the ledger's origin
  std::string key, out;                 // FILE of the officer; FILE to write
  std::string note;                     // FILE to send, to sign as well
  bool yes = false;
  std::string management = "http://127.0.0.1:9443";
};
ExitCode FreezeLift(const FreezeOptions& options, const Terminal& terminal);
// Shows what was signed; signs it with `yes` alone.
ExitCode FreezeCosign(const FreezeOptions& options, const Terminal& terminal);
ExitCode FreezeSign(const FreezeOptions& options, const Terminal& terminal);
ExitCode FreezeSend(const FreezeOptions& options, const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_FREEZE_H_
