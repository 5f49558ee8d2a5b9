#include "ingest/generator.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "codec/csv_writer.h"
#include "codec/json_writer.h"
#include "ingest/internal/names.h"
#include "ingest/internal/permutation.h"
#include "ingest/internal/places.h"
#include "text/date.h"
#include "text/nir.h"

namespace cloison::ingest {
namespace {

using internal::Lists;
using internal::Mix;
using internal::NameList;
using internal::Permutation;
using internal::Place;

// People are 18 to 70 years old on the first day of 2026.
constexpr int kBirthYearMin = 1955, kBirthYearMax = 2007, kLastYear = 2025;
constexpr std::uint64_t kSexMonths = 24;
constexpr std::uint64_t kOrdersMax = 999;
constexpr std::uint64_t kShortIds = 10'000'000ull * 26, kLongIds = 100'000'000'000ull;

// In percent of all people.
constexpr std::uint64_t kAccountOnly = 3, kFormer = 12, kDisabled = 8, kNoted = 15, kBank = 85;

constexpr std::string_view kFields[] = {"identity.birth_name",  "identity.name_in_use",
                                        "identity.first_name",  "identity.other_first_names",
                                        "identity.sex",         "identity.birth_date",
                                        "identity.birth_place", "civil_number.nir",
                                        "contact.phone",        "contact.phone_2",
                                        "contact.email",        "address.line_1",
                                        "address.line_2",       "address.postcode",
                                        "address.city",         "agency.identifier",
                                        "status.registration",  "status.since",
                                        "status.until",         "disability.recognised",
                                        "disability.needs",     "bank.iban",
                                        "bank.holder",          "notes.adviser"};

// Ten thousand numbers each.
constexpr std::string_view kFictionMobile = "06 39 98";
constexpr std::string_view kFictionFixed[] = {"01 99 00", "02 61 91", "03 53 01", "04 65 71",
                                              "05 36 49"};
constexpr std::string_view kDomains[] = {"example.org", "example.com", "example.net"};
constexpr std::string_view kBankCode = "99998";  // given to no bank

int YearWeight(int year) {  // of 100
  const int age = kLastYear - year;
  if (age < 20) return 50;
  if (age < 30) return 100;
  if (age < 40) return 95;
  if (age < 50) return 85;
  if (age < 60) return 80;
  return age < 65 ? 45 : 15;
}

// Order numbers of one month and sex: the more births, the more numbers.
std::uint64_t OrdersOf(int year, const Place& place) {
  const std::uint64_t weight =
      static_cast<std::uint64_t>(YearWeight(year)) * static_cast<std::uint64_t>(place.weight);
  return std::max<std::uint64_t>(
      1, kOrdersMax * weight / (100 * static_cast<std::uint64_t>(internal::kPlaceWeightMax)));
}

std::string Digits(std::uint64_t value, std::size_t width) {
  std::string out(width, '0');
  for (std::size_t i = width; i > 0 && value > 0; value /= 10) {
    out[--i] = static_cast<char>('0' + value % 10);
  }
  return out;
}

// Decimal digits modulo 97.
std::uint64_t Mod97(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char digit : digits) value = (value * 10 + static_cast<unsigned>(digit - '0')) % 97;
  return value;
}

// Letters of the lists without their accents, in lower case; what is no letter goes.
void AppendPlainLetters(std::string& out, std::string_view name) {
  struct Letter {
    std::string_view from;
    char to;
  };
  static constexpr Letter kLetters[] = {{"é", 'e'}, {"è", 'e'}, {"ê", 'e'}, {"ë", 'e'}, {"É", 'e'},
                                        {"à", 'a'}, {"â", 'a'}, {"ã", 'a'}, {"ï", 'i'}, {"î", 'i'},
                                        {"í", 'i'}, {"ô", 'o'}, {"ö", 'o'}, {"ó", 'o'}, {"Ö", 'o'},
                                        {"û", 'u'}, {"ü", 'u'}, {"ç", 'c'}, {"Ç", 'c'}, {"ş", 's'},
                                        {"Ş", 's'}, {"ś", 's'}, {"ğ", 'g'}, {"ñ", 'n'}};
  for (std::size_t at = 0; at < name.size();) {
    const char c = name[at];
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte < 0x80) {
      if (c >= 'A' && c <= 'Z') out.push_back(static_cast<char>(c - 'A' + 'a'));
      if (c >= 'a' && c <= 'z') out.push_back(c);
      ++at;
      continue;
    }
    const std::string_view rest = name.substr(at);
    for (const Letter& letter : kLetters) {
      if (rest.starts_with(letter.from)) out.push_back(letter.to);
    }
    at += 2;  // the lists hold letters of two bytes at most
  }
}

std::string NirText(bool woman, const text::Date& born, std::string_view place,
                    std::uint64_t order) {
  std::string nir(1, woman ? '2' : '1');
  nir += Digits(static_cast<std::uint64_t>(born.year % 100), 2);
  nir += Digits(static_cast<std::uint64_t>(born.month), 2);
  nir += place;
  nir += Digits(order, 3);
  const Result<int> key = text::NirKey(nir);
  CLOISON_CHECK(key.ok());
  return nir + Digits(static_cast<std::uint64_t>(*key), 2);
}

}  // namespace

std::string_view GeneratedPerson::Text(std::string_view field) const {
  for (const auto& [name, text] : fields) {
    if (name == field) return text;
  }
  return {};
}

// Where and when: what a NIR says.
struct Generator::Birth {
  const Place& place;
  bool woman;
  text::Date date;
  std::uint64_t order;
  bool abroad() const { return place.postcode.empty(); }
};

struct Generator::Draws {
  std::uint64_t state;

  std::uint64_t Below(std::uint64_t bound) {
    state += 0x9e3779b97f4a7c15u;
    return Mix(state) % bound;  // the bias is far below what invented people need
  }
  bool Percent(std::uint64_t percent) { return Below(100) < percent; }
  std::string_view One(NameList list) { return list[Below(list.size())]; }
  // The product of two even draws: the chance of rank r of n falls like log(n / r), from some
  // percent to almost nothing, as names do.
  std::string_view Ranked(NameList list) {
    return list[Below(list.size()) * Below(list.size()) / list.size()];
  }
};

Generator::Generator(std::uint64_t seed) : seed_(Mix(seed)) {
  std::uint64_t total = 0;
  for (int year = kBirthYearMin; year <= kBirthYearMax; ++year) {
    for (const Place& place : internal::Places()) {
      births_before_.push_back(total);
      total += kSexMonths * OrdersOf(year, place);
    }
  }
  births_before_.push_back(total);
  CLOISON_CHECK(total >= kGeneratedPeopleMax);
}

Generator::Birth Generator::BirthOf(std::uint64_t slot) const {
  const std::span<const Place> places = internal::Places();
  const auto after = std::upper_bound(births_before_.begin(), births_before_.end(), slot);
  const auto block = static_cast<std::size_t>(after - births_before_.begin() - 1);
  const Place& place = places[block % places.size()];
  const int year = kBirthYearMin + static_cast<int>(block / places.size());
  const std::uint64_t inside = slot - births_before_[block];
  const std::uint64_t orders = OrdersOf(year, place);
  const std::uint64_t sex_month = inside / orders;
  const int month = 1 + static_cast<int>(sex_month % 12);
  const text::Date first{year, month, 1};
  const text::Date next = month == 12 ? text::Date{year + 1, 1, 1} : text::Date{year, month + 1, 1};
  const std::int64_t days = text::DaysOf(next) - text::DaysOf(first);
  const auto day = static_cast<int>(Mix(seed_ ^ slot) % static_cast<std::uint64_t>(days));
  return {place, sex_month >= 12, {year, month, 1 + day}, 1 + inside % orders};
}

void Generator::AddIdentity(GeneratedPerson& person, const Birth& birth, Draws& draws) const {
  const internal::NameLists& lists = Lists();
  const bool foreign = draws.Percent(birth.abroad() ? 80 : 12);
  const bool old = birth.date.year < 1982;
  NameList first = birth.woman ? (old ? lists.women_old : lists.women_young)
                               : (old ? lists.men_old : lists.men_young);
  if (foreign) first = birth.woman ? lists.women_foreign : lists.men_foreign;
  const std::string_view family =
      draws.Ranked(foreign ? lists.family_foreign : lists.family_french);
  person.fields.emplace_back("identity.birth_name", family);
  if (birth.woman && old && draws.Percent(45)) {
    person.fields.emplace_back("identity.name_in_use", draws.Ranked(lists.family_french));
  }
  person.fields.emplace_back("identity.first_name", draws.Ranked(first));
  if (draws.Percent(35)) {
    person.fields.emplace_back("identity.other_first_names", draws.One(first));
  }
}

void Generator::AddContact(GeneratedPerson& person, Draws& draws, std::uint64_t index) const {
  const std::uint64_t line = draws.Below(10'000);
  const auto phone = [](std::string_view block, std::uint64_t number) {
    return std::string(block) + " " + Digits(number / 100, 2) + " " + Digits(number % 100, 2);
  };
  // As many of each block, so that no number is everybody's.
  const std::uint64_t block = draws.Below(1 + std::size(kFictionFixed));
  person.fields.emplace_back("contact.phone",
                             phone(block == 0 ? kFictionMobile : kFictionFixed[block - 1], line));
  if (draws.Percent(12)) {
    person.fields.emplace_back(
        "contact.phone_2",
        phone(kFictionFixed[draws.Below(std::size(kFictionFixed))], draws.Below(10'000)));
  }
  std::string email;
  AppendPlainLetters(email, person.Text("identity.first_name"));
  email += '.';
  AppendPlainLetters(email, person.Text("identity.birth_name"));
  email += '.' + std::to_string(index) + '@';
  email += kDomains[draws.Below(std::size(kDomains))];
  person.fields.emplace_back("contact.email", std::move(email));
}

namespace {

template <class Draws>
void AddAddress(GeneratedPerson& person, const Place& home, Draws& draws) {
  const internal::NameLists& lists = Lists();
  const std::string number = std::to_string(1 + draws.Below(180));
  const std::string kind(draws.One(lists.street_kinds));
  person.fields.emplace_back("address.line_1",
                             number + " " + kind + " " + std::string(draws.One(lists.streets)));
  if (draws.Percent(30)) {
    person.fields.emplace_back("address.line_2",
                               "Appartement " + std::to_string(1 + draws.Below(120)));
  }
  person.fields.emplace_back("address.postcode", home.postcode);
  // A city of arrondissements is addressed by its name and postcode.
  const std::string_view city = home.name;
  const bool divided = city.find("Arrondissement") != std::string_view::npos;
  person.fields.emplace_back("address.city", divided ? city.substr(0, city.find(' ')) : city);
}

template <class Draws>
void AddStatus(GeneratedPerson& person, std::string_view status, int birth_year, Draws& draws) {
  const int first = std::max(2006, birth_year + 18);
  const auto years = static_cast<std::uint64_t>(kLastYear - first + 1);
  const std::int64_t end = text::DaysOf({kLastYear, 12, 31});
  const int year = first + static_cast<int>(draws.Below(years));
  const std::int64_t since =
      text::DaysOf({year, 1, 1}) + static_cast<std::int64_t>(draws.Below(365));
  person.fields.emplace_back("status.registration", status);
  person.fields.emplace_back("status.since", text::FormatDate(text::DateOfDays(since)));
  if (status != "former") return;
  const std::int64_t until =
      std::min(end, since + 30 + static_cast<std::int64_t>(draws.Below(1'500)));
  person.fields.emplace_back("status.until", text::FormatDate(text::DateOfDays(until)));
}

template <class Draws>
void AddDisability(GeneratedPerson& person, Draws& draws) {
  if (!draws.Percent(kDisabled)) return;
  person.fields.emplace_back("disability.recognised", draws.Percent(90) ? "yes" : "pending");
  if (draws.Percent(70)) {
    person.fields.emplace_back("disability.needs", draws.One(Lists().needs));
  }
}

template <class Draws>
void AddBank(GeneratedPerson& person, Draws& draws) {
  if (!draws.Percent(kBank)) return;
  const std::uint64_t branch = 1 + draws.Below(99'999), account = 1 + draws.Below(99'999'999'999);
  std::string bban = std::string(kBankCode) + Digits(branch, 5) + Digits(account, 11);
  // The national key makes the 23 digits 0 modulo 97; the international one the whole 1.
  bban += Digits(97 - Mod97(bban + "00"), 2);
  const std::uint64_t check = 98 - Mod97(bban + "152700");  // F is 15, R is 27
  person.fields.emplace_back("bank.iban", "FR" + Digits(check, 2) + bban);
  const std::string_view in_use = person.Text("identity.name_in_use");
  const std::string_view family = in_use.empty() ? person.Text("identity.birth_name") : in_use;
  person.fields.emplace_back(
      "bank.holder", std::string(person.Text("identity.first_name")) + " " + std::string(family));
}

}  // namespace

std::string Generator::AgencyId(std::uint64_t index, Draws& draws) const {
  if (draws.Percent(30)) return Digits(Permutation(kLongIds, seed_ ^ 3).Of(index), 11);
  const std::uint64_t id = Permutation(kShortIds, seed_ ^ 2).Of(index);
  return Digits(id / 26, 7) + static_cast<char>('A' + id % 26);
}

GeneratedPerson Generator::At(std::uint64_t index) const {
  CLOISON_CHECK(index < kGeneratedPeopleMax);
  const Birth birth = BirthOf(Permutation(births_before_.back(), seed_ ^ 1).Of(index));
  Draws draws{Mix(seed_ ^ Mix(index))};
  const std::uint64_t kind = draws.Below(100);
  GeneratedPerson person;
  person.fields.reserve(std::size(kFields));
  AddIdentity(person, birth, draws);
  if (kind < kAccountOnly) {
    AddContact(person, draws, index);
    std::erase_if(person.fields,
                  [](const auto& field) { return field.first.starts_with("contact.phone"); });
    AddStatus(person, "account_only", birth.date.year, draws);
    return person;
  }
  person.fields.emplace_back("identity.sex", birth.woman ? "F" : "M");
  person.fields.emplace_back("identity.birth_date", text::FormatDate(birth.date));
  person.fields.emplace_back("identity.birth_place", birth.place.name);
  person.fields.emplace_back("civil_number.nir",
                             NirText(birth.woman, birth.date, birth.place.code, birth.order));
  AddContact(person, draws, index);
  const std::span<const Place> communes = internal::Communes();
  const bool stayed = !birth.abroad() && draws.Percent(55);
  const Place& home = stayed ? birth.place : communes[draws.Below(communes.size())];
  AddAddress(person, home, draws);
  person.fields.emplace_back("agency.identifier", AgencyId(index, draws));
  const bool former = kind < kAccountOnly + kFormer;
  AddStatus(person, former ? "former" : "registered", birth.date.year, draws);
  AddDisability(person, draws);
  AddBank(person, draws);
  if (draws.Percent(kNoted)) {
    person.fields.emplace_back("notes.adviser", draws.One(Lists().notes));
  }
  return person;
}

std::span<const std::string_view> GeneratedFields() {
  return kFields;
}

void AppendCsvHeader(std::string& out) {
  codec::AppendCsvRow(out, kFields);
}

void AppendCsvPerson(std::string& out, const GeneratedPerson& person) {
  std::array<std::string_view, std::size(kFields)> cells{};
  std::size_t column = 0;
  for (const auto& [name, text] : person.fields) {
    while (kFields[column] != name) ++column;
    cells[column] = text;
  }
  codec::AppendCsvRow(out, cells);
}

void AppendJsonLine(std::string& out, const GeneratedPerson& person) {
  {
    codec::JsonWriter json(out);
    json.BeginObject();
    for (const auto& [name, text] : person.fields) json.Key(name).String(text);
    json.EndObject();
  }
  out.push_back('\n');
}

}  // namespace cloison::ingest
