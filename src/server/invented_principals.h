// Who is enrolled in development mode: invented accounts of a file, so that a register of one's own
// schema and policy can be asked at once, without a provider and without approvals. In production
// two officers sign for the first ones (docs/format/bootstrap.md).
//
//   [[principal]]
//   name = "desk.terreaux"     # --as desk.terreaux
//   organisation = 2           # of the policy, as are office and role
//   office = 1                 # may be absent
//   role = "pharmacist"        # of an agent, an application or an officer
//
// Source   docs/operate/development.md
#ifndef CLOISON_SERVER_INVENTED_PRINCIPALS_H_
#define CLOISON_SERVER_INVENTED_PRINCIPALS_H_

#include <string>
#include <string_view>
#include <vector>

#include "vault/vault.h"

namespace cloison::server {

inline constexpr std::size_t kInventedPrincipalsMax = 1'000;

// kInvalid: `problems` gets lines for the operator, which begin with `file_name`.
Result<std::vector<access::PrincipalInfo>> ParseInventedPrincipals(
    std::string_view file_name, std::string_view toml, const access::Policy& policy,
    std::vector<std::string>& problems);

// Enrols those who are not there yet, one entry each; who is there stays as they are. On a vault
// that is open and not served yet. Fails as Gate::Enrol does; kDenied: two officers began this
// register, so that nobody comes in by a file.
Task<Status> EnrolMissing(vault::Vault& vault, std::vector<access::PrincipalInfo> invented);

}  // namespace cloison::server

#endif  // CLOISON_SERVER_INVENTED_PRINCIPALS_H_
