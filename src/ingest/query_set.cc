#include "ingest/query_set.h"

#include <array>

#include "base/check.h"
#include "codec/json_writer.h"
#include "ingest/internal/draws.h"
#include "ingest/internal/misspelling.h"
#include "ingest/internal/surnames.h"
#include "text/date.h"

namespace cloison::ingest {
namespace {

using internal::Draws;

constexpr std::string_view kNames[kQueryKinds] = {
    "exact_nir",         "exact_phone",  "exact_email",   "exact_agency_id", "exact_name",
    "typing_last",       "typing_first", "phonetic_last", "first_missing",   "day_month_swapped",
    "wrong_year",        "wrong_digit",  "name_in_use",   "part_of_name",    "plain_letters",
    "nobody_identifier", "nobody_name"};

constexpr std::string_view kLast = "identity.birth_name", kFirst = "identity.first_name",
                           kBorn = "identity.birth_date", kInUse = "identity.name_in_use",
                           kPostcode = "address.postcode", kAgencyId = "agency.identifier";
constexpr std::string_view kIdentifiers[] = {"civil_number.nir", "contact.phone", "contact.email",
                                             kAgencyId};

// Turns a person's record into the criteria of one kind; false when the person cannot have it.
class Asking {
 public:
  Asking(const GeneratedPerson& person, Draws& draws, Query& out)
      : person_(person), draws_(draws), out_(out) {}

  bool Ask(QueryKind kind) {
    switch (kind) {
      case QueryKind::kExactNir:
      case QueryKind::kExactPhone:
      case QueryKind::kExactEmail:
      case QueryKind::kExactAgencyId: return Add(kIdentifiers[static_cast<std::size_t>(kind)]);
      case QueryKind::kNobodyIdentifier: return AskNobody();
      case QueryKind::kExactName: return Named(Of(kLast), Of(kFirst), Of(kBorn));
      case QueryKind::kTypingLast:
        return Named(internal::Mistyped(Of(kLast), draws_), Of(kFirst), Of(kBorn));
      case QueryKind::kTypingFirst:
        return Named(Of(kLast), internal::Mistyped(Of(kFirst), draws_), Of(kBorn));
      case QueryKind::kPhoneticLast:
        return Named(internal::AsItSounds(Of(kLast), draws_), Of(kFirst), Of(kBorn));
      case QueryKind::kFirstMissing: return Add(kLast) && Add(kBorn) && Add(kPostcode);
      case QueryKind::kDayMonthSwapped:
      case QueryKind::kWrongYear:
      case QueryKind::kWrongDigit: return Named(Of(kLast), Of(kFirst), WrongDate(kind));
      case QueryKind::kNameInUse:
        return Of(kInUse) != Of(kLast) && Named(Of(kInUse), Of(kFirst), Of(kBorn));
      case QueryKind::kPartOfName: return PartOfName();
      case QueryKind::kPlainLetters: return PlainLetters();
      case QueryKind::kNobodyName:
        return Named(internal::SurnameOfNobody(draws_.Bits()), Of(kFirst), Of(kBorn));
    }
    return false;
  }

 private:
  std::string Of(std::string_view field) const { return std::string(person_.Text(field)); }

  bool Add(std::string_view field) {
    out_.criteria.emplace_back(field, Of(field));
    return !out_.criteria.back().second.empty();
  }

  bool Named(std::optional<std::string> last, std::optional<std::string> first,
             std::optional<std::string> born) {
    for (const auto& part : {last, first, born}) {
      if (!part.has_value() || part->empty()) return false;
    }
    out_.criteria.emplace_back(kLast, std::move(*last));
    out_.criteria.emplace_back(kFirst, std::move(*first));
    out_.criteria.emplace_back(kBorn, std::move(*born));
    return true;
  }

  std::optional<std::string> WrongDate(QueryKind kind) {
    const Result<text::Date> born = text::ParseDate(Of(kBorn));
    if (!born.ok()) return std::nullopt;
    std::optional<text::Date> wrong = internal::WrongYear(*born, draws_);
    if (kind == QueryKind::kDayMonthSwapped) wrong = internal::DayMonthSwapped(*born);
    if (kind == QueryKind::kWrongDigit) wrong = internal::WrongDigit(*born, draws_);
    if (!wrong.has_value()) return std::nullopt;
    return text::FormatDate(*wrong);
  }

  bool PartOfName() {
    if (const auto part = internal::PartOfName(Of(kLast), draws_)) {
      return Named(*part, Of(kFirst), Of(kBorn));
    }
    return Named(Of(kLast), internal::PartOfName(Of(kFirst), draws_), Of(kBorn));
  }

  bool PlainLetters() {
    const auto last = internal::InPlainLetters(Of(kLast));
    const auto first = internal::InPlainLetters(Of(kFirst));
    if (!last.has_value() && !first.has_value()) return false;
    return Named(last.value_or(Of(kLast)), first.value_or(Of(kFirst)), Of(kBorn));
  }

  // A telephone is of somebody always: there are 60,000.
  bool AskNobody() {
    static constexpr std::string_view kGivenOnce[] = {"civil_number.nir", "contact.email",
                                                      kAgencyId};
    return Add(kGivenOnce[draws_.Below(std::size(kGivenOnce))]);
  }

  const GeneratedPerson& person_;
  Draws& draws_;
  Query& out_;
};

bool IsNobody(QueryKind kind) {
  return kind == QueryKind::kNobodyIdentifier || kind == QueryKind::kNobodyName;
}

}  // namespace

std::string_view NameOf(QueryKind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

QuerySet::QuerySet(std::uint64_t seed, std::uint64_t people) : generator_(seed), people_(people) {
  CLOISON_CHECK(people >= kQueryPeopleMin && people <= kGeneratedPeopleMax / 2);
}

Query QuerySet::At(std::uint64_t n) const {
  const auto kind = static_cast<QueryKind>(n % kQueryKinds);
  Draws draws(internal::Mix(generator_.seed()) ^ internal::Mix(n) ^ people_);
  const bool nobody = IsNobody(kind);
  std::uint64_t index = draws.Below(people_);
  // The rarest kind is had by some four people of a hundred; once round the register is a bug.
  for (std::uint64_t tries = 0; tries < people_; ++tries, index = (index + 1) % people_) {
    const GeneratedPerson person = generator_.At(nobody ? people_ + index : index);
    if (person.Text(kAgencyId).empty()) continue;
    Query query{kind, {}, std::nullopt, {}};
    if (!Asking(person, draws, query).Ask(kind)) continue;
    if (nobody) return query;
    query.person = index;
    query.agency_id = person.Text(kAgencyId);
    return query;
  }
  CLOISON_CHECK(false);
  return {kind, {}, {}, {}};
}

void AppendQueryLine(std::string& out, const Query& query) {
  {
    codec::JsonWriter json(out);
    json.BeginObject().Key("kind").String(NameOf(query.kind)).Key("criteria").BeginObject();
    for (const auto& [field, text] : query.criteria) json.Key(field).String(text);
    json.EndObject().Key("person");
    if (query.person.has_value()) {
      json.Uint(*query.person).Key("agency_identifier").String(query.agency_id);
    } else {
      json.Null().Key("agency_identifier").Null();
    }
    json.EndObject();
  }
  out.push_back('\n');
}

}  // namespace cloison::ingest
