// [decoys] of the configuration: which numbers and mailboxes decoys may have.
#ifndef CLOISON_SERVER_DECOY_NUMBERS_H_
#define CLOISON_SERVER_DECOY_NUMBERS_H_

#include "server/config.h"
#include "vault/decoy_inventor.h"

namespace cloison::server {

// Null: none are made here, which production has until all three are set. `problems` gets lines for
// the operator; kInvalid then.
Result<std::shared_ptr<access::DecoyInventor>> MakeInventor(
    const Config& config, std::shared_ptr<const records::Schema> schema, base::Random& random,
    std::vector<std::string>& problems);

}  // namespace cloison::server

#endif  // CLOISON_SERVER_DECOY_NUMBERS_H_
