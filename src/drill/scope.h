// The scope of an account, read back from the ledger alone: which people, which fields, when.
#ifndef CLOISON_DRILL_SCOPE_H_
#define CLOISON_DRILL_SCOPE_H_

#include <vector>

#include "vault/vault.h"

namespace cloison::drill {

// One entry that showed somebody to the account.
struct ScopeEntry {
  std::uint64_t index;
  std::int64_t time_ms;
  PersonId person;
  ledger::Form form;
  std::vector<FieldId> fields;
};

// Every entry by which `account` was shown somebody, the oldest first: each one opened, and checked
// against its leaf.
// Fails    kNotFound the account is no principal; kCorrupt: a running number without its entry, or
//          an entry that does not open; what the ledger and the store fail with.
// Mind     people erased since have no name any more: their entries are left out.
// Threads  any. Cost: two reads and 20 us an entry.
Task<Result<std::vector<ScopeEntry>>> ScopeOf(vault::Vault& vault, PrincipalId account);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_SCOPE_H_
