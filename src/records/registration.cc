#include "records/people.h"

namespace cloison::records {

using commit::Staged;
using commit::Staging;

Task<void> Registration::LoadAhead() {
  pages_ = co_await internal::PagesAhead::Read(people_, posted_.added);
  co_await unique_.CompareAhead(people_, posted_.added, pages_);
}

Task<Status> Registration::Load(Staging& staging) {
  pages_.OfferTo(staging);
  CLOISON_CO_TRY(co_await internal::LoadPostings(people_, staging, person(), posted_));
  co_return co_await unique_.Compare(people_, staging, posted_.added, person());
}

Result<Staged> Registration::Stage(Staging& staging) {
  if (staging.Get(RowKeyOf(person())).present()) {
    return Error{Code::kConflict, "the person has a record already"};
  }
  CLOISON_TRY_ASSIGN(const Staged unique, unique_.Check(people_, staging, posted_.added, person()));
  if (unique == Staged::kAgain) return Staged::kAgain;
  CLOISON_TRY_ASSIGN(const Staged posted,
                     internal::StagePostings(people_, staging, person(), posted_));
  if (posted == Staged::kAgain) return Staged::kAgain;
  staging.Put(RowKeyOf(person()), row_);
  return Staged::kDone;
}

}  // namespace cloison::records
