#include "records/people.h"

namespace cloison::records {

using commit::Staged;
using commit::Staging;

Task<Status> Change::Load(Staging& staging) {
  const IndexKeys& keys = people_.index_keys();
  for (const Slot& slot : removed_) {
    CLOISON_CO_TRY(co_await internal::LoadChain(keys, staging, slot));
  }
  for (const internal::Posted& posted : added_) {
    CLOISON_CO_TRY(co_await internal::LoadChain(keys, staging, posted.slot));
  }
  co_return co_await unique_.Compare(people_, staging, added_, sighting_.key.person());
}

Result<Staged> Change::Stage(Staging& staging) {
  const IndexKeys& keys = people_.index_keys();
  const PersonId& person = sighting_.key.person();
  if (!staging.UnchangedSince(RowKeyOf(person), sighting_.snapshot)) {
    return Error{Code::kConflict, "the record changed since it was read"};
  }
  CLOISON_TRY_ASSIGN(const Staged unique, unique_.Check(keys, staging, added_, person));
  if (unique == Staged::kAgain) return Staged::kAgain;
  for (const Slot& slot : removed_) {
    CLOISON_TRY_ASSIGN(const Staged removed,
                       internal::RemovePosting(keys, people_.random(), staging, slot, person));
    if (removed == Staged::kAgain) return Staged::kAgain;
  }
  for (const internal::Posted& posted : added_) {
    CLOISON_TRY_ASSIGN(const Staged added,
                       internal::AddPosting(keys, people_.random(), staging, posted.slot, person));
    if (added == Staged::kAgain) return Staged::kAgain;
  }
  if (row_.has_value()) {
    staging.Put(RowKeyOf(person), *row_);
  } else {
    staging.Delete(RowKeyOf(person));
  }
  return Staged::kDone;
}

}  // namespace cloison::records
