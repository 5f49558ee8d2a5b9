// The register's own store, which only cloisond opens: cloison verify --store.
#ifndef CLOISON_CLI_VERIFY_STORE_H_
#define CLOISON_CLI_VERIFY_STORE_H_

#include <string>

#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "tlog/proof.h"

namespace cloison::cli {

struct StoreAnswer {
  ExitCode exit;
  std::string json;     // what `cloisond verify-store` printed; empty when it said nothing
  std::string summary;  // the same in words
};

// Runs `cloisond verify-store` on the register of that configuration, against the head of its
// published log. The register must be stopped; nothing is written to it. What goes wrong is said by
// cloisond on standard error.
StoreAnswer VerifyStore(const std::string& config, const tlog::Head& published,
                        const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_VERIFY_STORE_H_
