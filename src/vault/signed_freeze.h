// A freeze that was given while there was no ledger becomes an entry.
#ifndef CLOISON_VAULT_SIGNED_FREEZE_H_
#define CLOISON_VAULT_SIGNED_FREEZE_H_

#include <string>

#include "vault/vault.h"

namespace cloison::vault {

// Freezes `who`, with an entry of the system principal that names them and `note`, and one under
// their own next number. Whoever is frozen already stays so.
// Fails  kNotFound: nobody; kDenied: the server's own principal; as Committer::Submit.
Task<Status> FreezeBySignature(Vault& vault, PrincipalId who, std::string note);
// The same of one that an officer who had signed in gave: the entry names them.
Task<Status> FreezeByOfficer(Vault& vault, PrincipalId who, PrincipalId officer);

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_SIGNED_FREEZE_H_
