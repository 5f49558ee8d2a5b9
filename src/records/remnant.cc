#include "records/remnant.h"

namespace cloison::records {

Task<Result<Sighting>> Remnant::Sight(PersonId person) const {
  // Before the reads: what changes after them is then seen as changed.
  const store::Version snapshot = people_.committer().durable_version();
  std::vector<store::Key> keys(1, RowKeyOf(person));
  CLOISON_CO_TRY_ASSIGN(std::vector<store::Row> rows,
                        co_await people_.store().MultiGet(std::move(keys), store::ReadMode::kAny));
  store::Row& row = rows.front();
  if (!row.present()) co_return Error{Code::kNotFound, "nobody has this id"};
  Result<keys::PersonKey> key = co_await people_.keys().LoadAny(person);
  const bool none = !key.ok() && key.error().code() == Code::kNotFound;
  if (none) co_return Error{Code::kCorrupt, "a row is there without a key"};
  if (!key.ok()) co_return key.error();
  const Result<RowHeader> header = ParseRowHeader(row.value);
  const RowHeader known = header.ok() ? *header : RowHeader{};
  co_return Sighting{std::move(*key), std::move(row.value), known, snapshot, row.version};
}

Change Remnant::Erase(Sighting sighting) const {
  Change made(people_, std::move(sighting));
  made.new_seq_ = made.sighting_.header.seq;
  return made;
}

}  // namespace cloison::records
