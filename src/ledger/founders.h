// Who begins an organisation, as text: the tables that stand in a bootstrap statement
// (bootstrap_statement.h) and in the statement of a policy that brings an organisation
// (policy_statement.h).
//
// Threads  values; no shared state.
// Source   docs/format/bootstrap.md, docs/format/policy.md "Versions".
#ifndef CLOISON_LEDGER_FOUNDERS_H_
#define CLOISON_LEDGER_FOUNDERS_H_

#include <string>
#include <vector>

#include "ledger/bootstrap_statement.h"

namespace cloison::ledger {

// An empty line and a table for each. "" for nobody.
std::string PrintFounders(const std::vector<Founder>& founders);
// kFoundersMin to kFoundersMax of them, each with its issuer, however they are laid out. kInvalid,
// and a line in `problems` for each fault.
Result<std::vector<Founder>> ParseFounders(std::string_view toml,
                                           std::vector<std::string>& problems);

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_FOUNDERS_H_
