#include "records/people.h"

#include <algorithm>
#include <iterator>

namespace cloison::records {

store::Key RowKeyOf(const PersonId& person) {
  return {store::Family::kPeople, std::string(AsText(person.bytes()))};
}

People::People(const Schema& schema, store::Store& store, const commit::Committer& committer,
               keys::PersonKeys& keys, const keys::KeyRing& ring, base::Random& random)
    : schema_(schema),
      store_(store),
      committer_(committer),
      keys_(keys),
      index_keys_(ring.register_id(), ring.idx(), ring.pg()),
      random_(random) {
  CLOISON_CHECK(schema.register_id() == ring.register_id());
}

Task<Result<Sighting>> People::Sight(PersonId person) const {
  std::vector<PersonId> one;
  one.push_back(person);
  CLOISON_CO_TRY_ASSIGN(std::vector<Result<Sighting>> sightings,
                        co_await SightMany(std::move(one)));
  co_return std::move(sightings.front());
}

Task<Result<std::vector<Result<Sighting>>>> People::SightMany(std::vector<PersonId> persons) const {
  constexpr Error kNobody{Code::kNotFound, "nobody has this id"};
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
    // A re-key leaves two keys for a while: the row says which is its own.
    if (person_keys[i].ok() && person_keys[i]->pkv() != header->pkv) {
      Result<keys::PersonKey> named = co_await keys_.LoadVersion(persons[i], header->pkv);
      if (!named.ok()) {
        out.push_back(named.error());
        continue;
      }
      out.push_back(Sighting{std::move(*named), std::move(rows[i].value), *header, snapshot});
      continue;
    }
    if (!person_keys[i].ok()) {
      out.push_back(person_keys[i].error());
      continue;
    }
    out.push_back(
        Sighting{std::move(*person_keys[i]), std::move(rows[i].value), *header, snapshot});
  }
  co_return std::move(out);
}

Result<Registration> People::Register(keys::PersonKey key, const Values& values) const {
  CLOISON_TRY(internal::CheckRequired(schema_, values));
  Registration made(*this, std::move(key));
  CLOISON_TRY_ASSIGN(made.row_, SealRow(schema_, made.key_, 1, values, random_));
  for (const Value& value : values) {
    made.fields_.push_back(value.field);
    std::optional<internal::Posted> posted =
        internal::PostedOf(schema_, index_keys_, value.field, value.text.Reveal());
    if (posted.has_value()) made.posted_.push_back(std::move(*posted));
  }
  CLOISON_TRY_ASSIGN(auto searched, internal::SearchPostedOf(schema_, index_keys_, values));
  std::move(searched.begin(), searched.end(), std::back_inserter(made.posted_));
  return made;
}

}  // namespace cloison::records
