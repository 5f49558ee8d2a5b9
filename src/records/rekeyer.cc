#include "records/rekeyer.h"

#include "records/history.h"

namespace cloison::records {

Result<Change> Rekeyer::Rekey(Sighting sighting, const keys::PersonKey& fresh) const {
  CLOISON_CHECK(fresh.person() == sighting.key.person() && fresh.aud() == sighting.key.aud());
  CLOISON_CHECK(fresh.pkv() > sighting.header.pkv);
  const Schema& schema = people_.schema();
  CLOISON_TRY_ASSIGN(Values values, internal::OpenWholeRow(schema, sighting.key, sighting.row));
  CLOISON_TRY(internal::KeepHistory(schema, people_.committer().Now(), {}, values));
  Change made(people_, std::move(sighting));
  made.new_seq_ = people_.NextSeq(made.sighting_);
  CLOISON_TRY_ASSIGN(made.row_, SealRow(schema, fresh, made.new_seq_, values, people_.random()));
  return made;
}

}  // namespace cloison::records
