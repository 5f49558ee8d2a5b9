#include "records/people.h"

namespace cloison::records {

using commit::Staged;
using commit::Staging;

Task<Status> Change::Load(Staging& staging) {
  const PersonId person = sighting_.key.person();
  CLOISON_CO_TRY(co_await internal::LoadPostings(people_, staging, person, posted_));
  co_return co_await unique_.Compare(people_, staging, posted_.added, person);
}

Result<Staged> Change::Stage(Staging& staging) {
  const PersonId& person = sighting_.key.person();
  if (!staging.UnchangedSince(RowKeyOf(person), sighting_.snapshot)) {
    return Error{Code::kConflict, "the record changed since it was read"};
  }
  CLOISON_TRY_ASSIGN(const Staged unique, unique_.Check(people_, staging, posted_.added, person));
  if (unique == Staged::kAgain) return Staged::kAgain;
  CLOISON_TRY_ASSIGN(const Staged posted,
                     internal::StagePostings(people_, staging, person, posted_));
  if (posted == Staged::kAgain) return Staged::kAgain;
  if (row_.has_value()) {
    staging.Put(RowKeyOf(person), *row_);
  } else {
    staging.Delete(RowKeyOf(person));
  }
  return Staged::kDone;
}

}  // namespace cloison::records
