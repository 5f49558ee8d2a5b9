#include "records/people.h"

#include <algorithm>

#include "records/history.h"

namespace cloison::records {

store::Key RowKeyOf(const PersonId& person) {
  return {store::Family::kPeople, std::string(AsText(person.bytes()))};
}

People::People(const Schema& schema, store::Store& store, const commit::Committer& committer,
               keys::PersonKeys& keys, const keys::KeyRing& ring, const commit::SealedState& state,
               base::Random& random)
    : schema_(schema),
      store_(store),
      committer_(committer),
      keys_(keys),
      index_keys_(ring.register_id(), ring.idx(), ring.pg()),
      generations_(schema, state),
      random_(random) {
  CLOISON_CHECK(schema.register_id() == ring.register_id());
}

Task<Status> People::Open(commit::Committer& committer) {
  CLOISON_CO_TRY(co_await generations_.Read(store_));
  std::vector<store::Key> keys{{store::Family::kMeta, kWentBackRow}};
  CLOISON_CO_TRY_ASSIGN(const std::vector<store::Row> rows,
                        co_await store_.MultiGet(std::move(keys), store::ReadMode::kAny));
  went_back_ = rows.front().version;
  committer.Join(generations_);
  co_return Ok();
}

namespace {

constexpr Error kNobody{Code::kNotFound, "nobody has this id"};
constexpr int kSightAttemptsMax = 8;  // one re-key of the person between two reads for each

}  // namespace

// The row first, then the key that it names: between the two a re-key may have taken the key away,
// and then the row has changed. A row that is as it was, and whose key is gone, is of somebody who
// is being erased.
Task<Result<Sighting>> People::SightBySteps(PersonId person) const {
  Bytes before;
  for (int attempt = 0; attempt < kSightAttemptsMax; ++attempt) {
    const store::Version snapshot = committer_.durable_version();
    std::vector<store::Key> keys(1, RowKeyOf(person));
    CLOISON_CO_TRY_ASSIGN(std::vector<store::Row> rows,
                          co_await store_.MultiGet(std::move(keys), store::ReadMode::kAny));
    store::Row& row = rows.front();
    if (!row.present() || base::Equal(row.value, before)) co_return kNobody;
    CLOISON_CO_TRY_ASSIGN(const RowHeader header, ParseRowHeader(row.value));
    Result<keys::PersonKey> key = co_await keys_.LoadVersion(person, header.pkv);
    if (key.ok()) {
      co_return Sighting{std::move(*key), std::move(row.value), header, snapshot, row.version};
    }
    if (key.error().code() != Code::kNotFound) co_return key.error();
    before = std::move(row.value);
  }
  co_return Error{Code::kUnavailable, "the record changes faster than it can be read"};
}

Task<Result<Sighting>> People::Sight(PersonId person) const {
  std::vector<PersonId> one;
  one.push_back(person);
  CLOISON_CO_TRY_ASSIGN(std::vector<Result<Sighting>> sightings,
                        co_await SightMany(std::move(one)));
  co_return std::move(sightings.front());
}

Task<Result<std::vector<Result<Sighting>>>> People::SightMany(std::vector<PersonId> persons) const {
  if (persons.size() > store::kMultiGetKeysMax) {
    co_return Error{Code::kExhausted, "too many people at once"};
  }
  // Before the reads: what changes after them is then seen as changed.
  const store::Version snapshot = committer_.durable_version();
  std::vector<Result<Sighting>> out;
  if (persons.empty()) co_return std::move(out);
  std::vector<store::Key> row_keys;
  for (const PersonId& person : persons) row_keys.push_back(RowKeyOf(person));
  CLOISON_CO_TRY_ASSIGN(std::vector<store::Row> rows,
                        co_await store_.MultiGet(std::move(row_keys), store::ReadMode::kAny));
  std::vector<PersonId> asked = persons;
  CLOISON_CO_TRY_ASSIGN(std::vector<Result<keys::PersonKey>> person_keys,
                        co_await keys_.LoadMany(std::move(asked)));
  out.reserve(persons.size());
  for (std::size_t i = 0; i < persons.size(); ++i) {
    if (!rows[i].present()) {
      out.push_back(kNobody);
      continue;
    }
    const Result<RowHeader> header = ParseRowHeader(rows[i].value);
    if (!header.ok()) {
      out.push_back(header.error());
      continue;
    }
    // A re-key leaves two keys for a while: the row says which is its own, and another that does
    // not open is no matter.
    const bool another = person_keys[i].ok() ? person_keys[i]->pkv() != header->pkv
                                             : person_keys[i].error().code() == Code::kCorrupt;
    if (another) {
      out.push_back(co_await SightBySteps(persons[i]));
      continue;
    }
    if (!person_keys[i].ok()) {
      out.push_back(person_keys[i].error());
      continue;
    }
    out.push_back(Sighting{std::move(*person_keys[i]), std::move(rows[i].value), *header, snapshot,
                           rows[i].version});
  }
  co_return std::move(out);
}

Result<Registration> People::Register(keys::PersonKey key, const Values& values) const {
  CLOISON_TRY(internal::CheckRequired(schema_, values));
  CLOISON_TRY(internal::CheckNoHistory(schema_, values));
  Registration made(*this, std::move(key));
  CLOISON_TRY_ASSIGN(made.row_, SealRow(schema_, made.key_, 1, values, random_));
  for (const Value& value : values) made.fields_.push_back(value.field);
  CLOISON_TRY_ASSIGN(made.posted_.added, internal::AllPostedOf(schema_, values));
  return made;
}

}  // namespace cloison::records
