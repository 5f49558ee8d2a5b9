#include "ingest/generator.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "codec/csv_writer.h"
#include "codec/json_writer.h"
#include "ingest/internal/names.h"
#include "ingest/internal/person_maker.h"

namespace cloison::ingest {
namespace {

using internal::AllWords;
using internal::Digits;
using internal::Draws;
using internal::Identity;
using internal::kThisYear;
using internal::PersonMaker;
using internal::Role;

// In percent of all people.
constexpr std::uint64_t kAccountOnly = 3, kFormer = 12, kDisabled = 8, kNoted = 15, kBank = 85;
constexpr std::uint64_t kMobile = 12, kSecondMobile = 6, kFixedLine = 92;
constexpr std::uint64_t kCovered = 96, kContract = 95, kCardKnown = 90, kInsuredEmail = 70;
constexpr int kOwnNumberAge = 16;  // below it a child is under a parent's number

constexpr std::string_view kJobSeekerFields[] = {
    "identity.birth_name",  "identity.name_in_use",
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
constexpr std::string_view kInsuredFields[] = {
    "identity.birth_name", "identity.name_in_use", "identity.first_name", "identity.birth_date",
    "civil_number.nir",    "contact.phone",        "contact.email",       "address.line_1",
    "address.line_2",      "address.postcode",     "address.city",        "rights.covered",
    "rights.since",        "rights.until",         "rights.quality",      "contract.number",
    "contract.insurer",    "card.state",           "card.seen",           "bank.iban",
    "bank.holder"};
constexpr std::string_view kInsurers[] = {"Mutuelle Exemple", "Prévoyance Fictive",
                                          "Assurance Imaginaire", "Caisse des Noms Inventés"};

std::string DayOf(std::int64_t day) {
  return text::FormatDate(text::DateOfDays(day));
}

std::int64_t LastDay() {
  return text::DaysOf({kThisYear, 12, 31});
}

// Writes one person's fields, in order.
class Writer {
 public:
  Writer(const PersonMaker& maker, GeneratedPerson& out, std::uint64_t index, std::size_t fields)
      : maker_(maker), out_(out), person_(maker.IdentityOf(index)), draws_(maker.DrawsOf(index)) {
    out_.fields.reserve(fields);
  }

  void JobSeeker() {
    const std::uint64_t kind = draws_.Below(100);
    const bool account_only = kind < kAccountOnly;
    Names();
    Add("identity.other_first_names", person_.other_first_names);
    if (account_only) {
      Add("contact.email", maker_.EmailOf(person_, draws_));
      Status("account_only");
      return;
    }
    Add("identity.sex", person_.seat.woman ? "F" : "M");
    Add("identity.birth_date", text::FormatDate(person_.born));
    Add("identity.birth_place", std::string(person_.seat.place->name));
    Add("civil_number.nir", maker_.NirOf(person_.seat));
    const internal::Home home = maker_.HomeOf(person_);
    const bool mobile = draws_.Percent(kMobile);
    Add("contact.phone", mobile ? maker_.MobileOf(draws_) : home.fixed_line);
    if (draws_.Percent(kSecondMobile)) Add("contact.phone_2", maker_.MobileOf(draws_));
    Add("contact.email", maker_.EmailOf(person_, draws_));
    Address(home);
    Add("agency.identifier", maker_.AgencyIdOf(person_.index));
    Status(kind < kAccountOnly + kFormer ? "former" : "registered");
    Disability();
    Bank();
    if (draws_.Percent(kNoted)) Add("notes.adviser", std::string(draws_.One(AllWords().notes)));
  }

  void Insured() {
    Names();
    Add("identity.birth_date", text::FormatDate(person_.born));
    const bool own = person_.age() >= kOwnNumberAge;
    Add("civil_number.nir", own ? maker_.NirOf(person_.seat) : maker_.NirOfHead(person_));
    const internal::Home home = maker_.HomeOf(person_);
    const bool mobile = own && draws_.Percent(kMobile);
    const std::string phone = mobile ? maker_.MobileOf(draws_) : home.fixed_line;
    if (draws_.Percent(kFixedLine)) Add("contact.phone", phone);
    if (own && draws_.Percent(kInsuredEmail)) {
      Add("contact.email", maker_.EmailOf(person_, draws_));
    }
    Address(home);
    Rights(own);
    if (own) Bank();
  }

 private:
  void Add(std::string_view field, std::string text) {
    if (!text.empty()) out_.fields.emplace_back(field, std::move(text));
  }

  void Names() {
    Add("identity.birth_name", person_.birth_name);
    Add("identity.name_in_use", person_.name_in_use);
    Add("identity.first_name", person_.first_name);
  }

  void Address(const internal::Home& home) {
    Add("address.line_1", home.line_1);
    Add("address.line_2", home.line_2);
    Add("address.postcode", home.postcode);
    Add("address.city", home.city);
  }

  void Status(std::string_view status) {
    const int first = std::max(kThisYear - 19, person_.seat.year + 16);
    const auto years = static_cast<std::uint64_t>(kThisYear - first + 1);
    const int year = first + static_cast<int>(draws_.Below(years));
    // Nobody registers before the birthday that allows it.
    const std::int64_t earliest =
        text::DaysOf({person_.born.year + 16, person_.born.month, std::min(person_.born.day, 28)});
    const std::int64_t drawn = text::DaysOf({year, 1, 1}) + static_cast<int>(draws_.Below(365));
    const std::int64_t since = std::min(LastDay(), std::max(earliest, drawn));
    Add("status.registration", std::string(status));
    Add("status.since", DayOf(since));
    const auto days = 30 + static_cast<std::int64_t>(draws_.Below(1'500));
    if (status == "former") Add("status.until", DayOf(std::min(LastDay(), since + days)));
  }

  void Disability() {
    if (!draws_.Percent(kDisabled)) return;
    Add("disability.recognised", draws_.Percent(90) ? "yes" : "pending");
    if (draws_.Percent(70)) Add("disability.needs", std::string(draws_.One(AllWords().needs)));
  }

  void Bank() {
    if (!draws_.Percent(kBank)) return;
    Add("bank.iban", maker_.IbanOf(draws_));
    const std::string& name =
        person_.name_in_use.empty() ? person_.birth_name : person_.name_in_use;
    Add("bank.holder", person_.first_name + " " + name);
  }

  void Rights(bool own) {
    const bool covered = draws_.Percent(kCovered);
    const std::int64_t born = text::DaysOf(person_.born);
    const std::int64_t since =
        std::max(born, LastDay() - static_cast<std::int64_t>(draws_.Below(8'000)));
    Add("rights.covered", covered ? "yes" : "no");
    Add("rights.since", DayOf(since));
    const std::int64_t until =
        covered ? LastDay() + 365
                : std::max(since, LastDay() - 1 - static_cast<std::int64_t>(draws_.Below(900)));
    Add("rights.until", DayOf(until));
    const bool child = person_.standing.rank >= 1 && !own;
    const bool spouse = person_.standing.rank == 1 && own && draws_.Percent(10);
    Add("rights.quality", child ? "child" : spouse ? "spouse" : "insured");
    if (draws_.Percent(kContract)) {
      Add("contract.number", "C" + Digits(draws_.Below(1'000'000'000'000), 12));
      Add("contract.insurer", std::string(draws_.One(kInsurers)));
    }
    const std::uint64_t card = draws_.Below(100);
    if (card >= kCardKnown || !own) {
      Add("card.state", "none");
      return;
    }
    Add("card.state", card < 2 ? "lost" : "valid");
    const auto ago = static_cast<std::int64_t>(draws_.Below(700));
    Add("card.seen", DayOf(std::max(born, LastDay() - ago)));
  }

  const PersonMaker& maker_;
  GeneratedPerson& out_;
  Identity person_;
  Draws draws_;
};

}  // namespace

std::string_view GeneratedPerson::Text(std::string_view field) const {
  for (const auto& [name, text] : fields) {
    if (name == field) return text;
  }
  return {};
}

Generator::Generator(std::uint64_t seed, GeneratedRegister kind) : seed_(seed), kind_(kind) {
  const bool job_seekers = kind == GeneratedRegister::kJobSeekers;
  population_ = std::make_unique<internal::Population>(
      seed, job_seekers ? internal::JobSeekersProfile() : internal::InsuredPersonsProfile(),
      internal::BirthPlaces(), kGeneratedPeopleMax / internal::kGroupPeople);
  maker_ = std::make_unique<internal::PersonMaker>(seed, *population_);
}

Generator::~Generator() = default;

GeneratedPerson Generator::At(std::uint64_t index) const {
  CLOISON_CHECK(index < kGeneratedPeopleMax);
  GeneratedPerson person;
  Writer writer(*maker_, person, index, GeneratedFields(kind_).size());
  if (kind_ == GeneratedRegister::kJobSeekers) {
    writer.JobSeeker();
  } else {
    writer.Insured();
  }
  return person;
}

std::span<const std::string_view> GeneratedFields(GeneratedRegister kind) {
  if (kind == GeneratedRegister::kInsuredPersons) return kInsuredFields;
  return kJobSeekerFields;
}

void AppendCsvHeader(std::string& out, GeneratedRegister kind) {
  codec::AppendCsvRow(out, GeneratedFields(kind));
}

void AppendCsvPerson(std::string& out, const GeneratedPerson& person, GeneratedRegister kind) {
  const std::span<const std::string_view> columns = GeneratedFields(kind);
  std::array<std::string_view, std::size(kJobSeekerFields)> cells{};
  static_assert(std::size(kInsuredFields) <= std::size(kJobSeekerFields));
  std::size_t column = 0;
  for (const auto& [name, text] : person.fields) {
    while (columns[column] != name) ++column;
    cells[column] = text;
  }
  codec::AppendCsvRow(out, std::span(cells).first(columns.size()));
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
