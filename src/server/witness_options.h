// The witnesses that the configuration names: ledger.witness_policy is the path of a trust policy
// (tlog/trust_policy.h) whose witnesses have URLs, ledger.witness_ca that of the authorities of
// their certificates.
#ifndef CLOISON_SERVER_WITNESS_OPTIONS_H_
#define CLOISON_SERVER_WITNESS_OPTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "ledger/witnesses.h"
#include "server/config.h"

namespace cloison::server {

// Nothing: no policy is configured, so there are no witnesses.
// Fails kInvalid; `problems` says where.
Result<std::optional<ledger::WitnessOptions>> ReadWitnesses(const Config& config,
                                                            base::Files& files,
                                                            std::vector<std::string>& problems);

}  // namespace cloison::server

#endif  // CLOISON_SERVER_WITNESS_OPTIONS_H_
