// The demo's own files, compiled in: `cloison demo` and `cloison drill` need no source tree.
#ifndef CLOISON_VAULT_EMBEDDED_H_
#define CLOISON_VAULT_EMBEDDED_H_

#include <string_view>

namespace cloison::vault {

std::string_view JobSeekersSchemaToml();  // schemas/job-seekers.toml
std::string_view DemoPolicyToml();        // examples/demo/policy.toml
std::string_view Policy2024Toml();        // examples/demo/policy-2024.toml
// A third-party payer's: the drill replays a theft from one.
std::string_view InsuredPersonsSchemaToml();  // schemas/insured-persons.toml
std::string_view PayerPolicyToml();           // examples/third-party-payer/policy.toml

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_EMBEDDED_H_
