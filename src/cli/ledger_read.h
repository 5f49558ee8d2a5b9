// The commands of cloison ledger that ask the server of its log, beside the published files.
#ifndef CLOISON_CLI_LEDGER_READ_H_
#define CLOISON_CLI_LEDGER_READ_H_

#include <string>

#include "cli/commands.h"

namespace cloison::cli {

struct LedgerReadOptions {
  std::string disclosure;  // "acc_..."; of a proof alone
};
// The inclusion proof of one of the caller's own disclosures, as text (C2SP tlog-proof).
ExitCode LedgerProof(const LedgerReadOptions& options, const Common& common,
                     const Terminal& terminal);
// The logs before this one, a line each.
ExitCode LedgerPredecessors(const LedgerReadOptions& options, const Common& common,
                            const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_LEDGER_READ_H_
