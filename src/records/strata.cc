#include "records/strata.h"

#include <algorithm>

#include "text/date.h"

namespace cloison::records {

namespace {

constexpr std::size_t kPeoplePerRead = 256;

const FieldSpec* FieldOf(const Schema& schema, SearchPart part) {
  const auto found = std::ranges::find(schema.fields(), part, &FieldSpec::search);
  return found == schema.fields().end() ? nullptr : &*found;
}

const Value* ValueOf(const Schema& schema, const Values& values, SearchPart part) {
  const FieldSpec* const field = FieldOf(schema, part);
  if (field == nullptr) return nullptr;
  const auto found = std::ranges::find(values, field->id, &Value::field);
  return found == values.end() ? nullptr : &*found;
}

}  // namespace

std::string DepartementOf(std::string_view postcode) {
  constexpr std::size_t kDigits = 5;
  const bool digits = std::ranges::all_of(postcode, [](char c) { return c >= '0' && c <= '9'; });
  if (postcode.size() != kDigits || !digits) return "";
  const std::string_view two = postcode.substr(0, 2), three = postcode.substr(0, 3);
  if (two == "97" || two == "98") return std::string(three);
  if (two == "20") return three == "200" || three == "201" ? "2A" : "2B";
  return std::string(two);
}

Result<bool> IsBeyond(const People& people, const Sighting& sighting,
                      const std::vector<std::string>& departements) {
  const Schema& schema = people.schema();
  const FieldSpec* const field = FieldOf(schema, SearchPart::kPostcode);
  if (field == nullptr) return false;
  const CompartmentId wanted[] = {field->compartment};
  CLOISON_TRY_ASSIGN(const Values values,
                     internal::OpenRow(schema, sighting.key, sighting.row, wanted));
  const Value* const value = ValueOf(schema, values, SearchPart::kPostcode);
  if (value == nullptr) return false;
  const std::string lives = DepartementOf(AsText(value->text.Reveal()));
  return !lives.empty() && std::ranges::find(departements, lives) == departements.end();
}

Stratum StratumOf(const Schema& schema, const Values& values) {
  constexpr std::int32_t kDecade = 10;
  Stratum stratum;
  if (const Value* const postcode = ValueOf(schema, values, SearchPart::kPostcode)) {
    stratum.departement = DepartementOf(AsText(postcode->text.Reveal()));
  }
  if (const Value* const birth = ValueOf(schema, values, SearchPart::kBirthDate)) {
    const Result<text::Date> date = text::ParseDate(AsText(birth->text.Reveal()));
    if (date.ok()) stratum.decade = date->year / kDecade * kDecade;
  }
  if (const Value* const name = ValueOf(schema, values, SearchPart::kLastName)) {
    const std::string_view text = AsText(name->text.Reveal());
    const char first = text.empty() ? '\0' : text.front();
    const bool upper = first >= 'A' && first <= 'Z', lower = first >= 'a' && first <= 'z';
    if (upper || lower) stratum.initial = static_cast<char>(upper ? first : first - 'a' + 'A');
  }
  return stratum;
}

namespace {

// How often a record was written: its number, but for the jumps, each of which stands for one.
std::uint64_t WritesOf(std::uint64_t seq) {
  return seq % kSeqJump + seq / kSeqJump;
}

}  // namespace

Task<Result<StrataCount>> CountStrata(const People& people,
                                      std::function<bool(const Aud&)> is_apart,
                                      std::function<bool()> goes_on) {
  StrataCount count;
  store::Range range{store::Family::kPeople, "", ""};
  for (bool more = true; more;) {
    if (!goes_on()) co_return Error{Code::kUnavailable, "the count was stopped"};
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await people.store().Scan(range, kPeoplePerRead));
    std::vector<PersonId> persons;
    for (const store::KeyedRow& keyed : page.rows) {
      base::Reader reader(AsBytes(keyed.key));
      persons.push_back(PersonId(reader.Array<PersonId::kSize>()));
    }
    CLOISON_CO_TRY_ASSIGN(const std::vector<Result<Sighting>> sightings,
                          co_await people.SightMany(std::move(persons)));
    for (const Result<Sighting>& sighting : sightings) {
      Result<Values> values = Error{Code::kCorrupt, "a record does not open"};
      if (sighting.ok()) {
        values = internal::OpenWholeRow(people.schema(), sighting->key, sighting->row);
      }
      if (!values.ok()) {
        ++count.unread;
        continue;
      }
      const Stratum stratum = StratumOf(people.schema(), *values);
      const std::uint64_t writes = WritesOf(sighting->header.seq);
      if (is_apart(sighting->key.aud())) {
        count.set_apart[stratum].push_back({sighting->key.person(), writes});
        continue;
      }
      ++count.people[stratum];
      ++count.versions[writes];
      ++count.total;
    }
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  co_return count;
}

}  // namespace cloison::records
