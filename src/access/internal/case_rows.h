// The rows of cases, family cases: 00 ‖ id while they are open, 01 ‖ id afterwards.
//
// Source   docs/format/state.md "Cases".
#ifndef CLOISON_ACCESS_INTERNAL_CASE_ROWS_H_
#define CLOISON_ACCESS_INTERNAL_CASE_ROWS_H_

#include "access/cases.h"
#include "access/internal/gate_work.h"

namespace cloison::access::internal {

Bytes EncodeCase(const Case& one);
Result<Case> ParseCase(ByteView plain, const CaseId& id);  // kCorrupt
store::Key CaseKey(bool open, const CaseId& id);

// In Stage: opens the case that a change names, or raises it. `who` tipped it.
void PutCase(Core& core, commit::Staging& staging, const PrincipalInfo& who,
             const RungChange& change);
// In Load: makes FindCase possible, and CloseCase.
Task<Status> LoadCase(Core& core, commit::Staging& staging, CaseId id);
Result<std::optional<Case>> FindCase(Core& core, const commit::Staging& staging, const CaseId& id);
// Outside the committer, of what is durable. Nothing: there is none.
Task<Result<std::optional<Case>>> ReadCase(Core& core, store::Store& store, CaseId id);
// In Stage, of an open one, the last but the charge of who closes it: M is 0 again and nothing is
// held. An entry of whoever closes it, and one under the principal's own number, so that its row
// cannot be rolled back.
// Whether `who`, who is loaded, is whom the case holds, under this account or another of theirs.
bool IsTheirs(Core& core, const Case& one, const PrincipalId& who);
void CloseCase(Core& core, commit::Staging& staging, EntryMaker& entries, Case& one);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_CASE_ROWS_H_
