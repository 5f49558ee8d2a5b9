// What development mode does, and whom it does not serve.
//
// Invented accounts of a file are enrolled at the start, so that a register of one's own schema and
// policy can be asked at once, without a provider and without approvals. In production two officers
// sign for the first ones (docs/format/bootstrap.md):
//
//   [[principal]]
//   name = "desk.terreaux"     # --as desk.terreaux
//   organisation = 2           # of the policy, as are office and role
//   office = 1                 # may be absent
//   role = "pharmacist"        # of an agent, an application or an officer
//
// Source   docs/operate/development.md
#ifndef CLOISON_SERVER_DEVELOPMENT_H_
#define CLOISON_SERVER_DEVELOPMENT_H_

#include <string>
#include <string_view>
#include <vector>

#include "vault/vault.h"

namespace cloison::server {

inline constexpr std::size_t kInventedPrincipalsMax = 1'000;

// What the file says, whatever the policy is. kInvalid: `problems` gets lines for the operator,
// which begin with `file_name`.
Result<std::vector<access::PrincipalInfo>> ParseInventedPrincipals(
    std::string_view file_name, std::string_view toml, std::vector<std::string>& problems);

// Why this policy has nobody like that; empty: it has.
std::string FaultOfInvented(const access::PrincipalInfo& info, const access::Policy& policy);

// Enrols those who are not there yet, one entry each; who is there stays as they are. On a vault of
// development that is open and not served yet. Gives a line for each who cannot be, by the policy
// in force or by what the store says.
Task<std::vector<std::string>> EnrolMissing(vault::Vault& vault,
                                            std::vector<access::PrincipalInfo> invented);

// A register that two officers began is not served in development: whoever may write the
// configuration would come in by it. One that began in development is served in production all the
// same, with an event: some of its accounts may be of such a file.
// Fails kDenied; as the store does, for then nobody knows how it began.
Task<Status> CheckMode(vault::Vault& vault, bool development, std::vector<std::string>& problems);

}  // namespace cloison::server

#endif  // CLOISON_SERVER_DEVELOPMENT_H_
