#include "records/people.h"

namespace cloison::records {

using commit::Staged;
using commit::Staging;

Task<Status> Registration::Load(Staging& staging) {
  // The first pages of all slots in one read; the chains mostly end there.
  std::vector<store::Key> wanted;
  wanted.push_back(RowKeyOf(person()));
  for (const internal::Posted& posted : posted_) {
    const Slot& slot = posted.slot;
    wanted.push_back(people_.index_keys().PageKey(slot.index, slot.generation, slot.page, 0));
  }
  CLOISON_CO_TRY(co_await staging.Load(std::move(wanted)));
  for (const internal::Posted& posted : posted_) {
    CLOISON_CO_TRY(co_await internal::LoadChain(people_.index_keys(), staging, posted.slot));
  }
  co_return co_await unique_.Compare(people_, staging, posted_, person());
}

Result<Staged> Registration::Stage(Staging& staging) {
  const IndexKeys& keys = people_.index_keys();
  if (staging.Get(RowKeyOf(person())).present()) {
    return Error{Code::kConflict, "the person has a record already"};
  }
  CLOISON_TRY_ASSIGN(const Staged unique, unique_.Check(keys, staging, posted_, person()));
  if (unique == Staged::kAgain) return Staged::kAgain;
  for (const internal::Posted& posted : posted_) {
    CLOISON_TRY_ASSIGN(const Staged added, internal::AddPosting(keys, people_.random(), staging,
                                                                posted.slot, person()));
    if (added == Staged::kAgain) return Staged::kAgain;
  }
  staging.Put(RowKeyOf(person()), row_);
  return Staged::kDone;
}

}  // namespace cloison::records
