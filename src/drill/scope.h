// The scope of a session, read back from the ledger alone: which people, which fields, when.
#ifndef CLOISON_DRILL_SCOPE_H_
#define CLOISON_DRILL_SCOPE_H_

#include <map>
#include <set>
#include <vector>

#include "vault/vault.h"

namespace cloison::drill {

// One entry that showed somebody.
struct ScopeEntry {
  std::uint64_t index;
  std::int64_t time_ms;
  PersonId person;
  ledger::Form form;
  std::vector<FieldId> fields;
  std::uint32_t generation = 1;  // of its log, which the index counts in
};

// Every entry by which somebody was shown in `session`, the oldest first: the whole ledger is read,
// each such record opened, and held against its leaf by the person's own key.
// Fails    kCorrupt: a record is missing, does not open, or is not the one of its leaf; what the
//          ledger and the store fail with.
// Mind     people erased since have no name any more: their entries are left out.
// Threads  any. Cost: the records of all entries, 10 us each.
Task<Result<std::vector<ScopeEntry>>> ScopeOf(vault::Vault& vault, SessionId session);
// Of many sessions, for the cost of one: each of `sessions` has its list.
using Scopes = std::map<SessionId, std::vector<ScopeEntry>>;
Task<Result<Scopes>> ScopesOf(vault::Vault& vault, std::set<SessionId> sessions);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_SCOPE_H_
