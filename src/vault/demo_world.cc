#include "vault/demo_world.h"

#include <algorithm>
#include <iterator>

#include "ingest/generator.h"
#include "vault/embedded.h"
#include "vault/load_people.h"

namespace cloison::vault {

namespace {

using ingest::GeneratedPerson;
using ingest::Generator;

constexpr std::int64_t kAssignedDaysAgo = 60;
constexpr std::size_t kDemoCapacityMin = 10'000;
constexpr std::uint32_t kOfficesPerOrganisation = 100;  // office 101 is the first of organisation 1

// Of all people, in percent: what caseloads may take of those that fit them.
constexpr std::size_t kTaken1 = 60, kTaken2 = 4;

bool HasDisability(const GeneratedPerson& person) {
  return person.Text("disability.recognised") == "yes";
}

// Followed people are registered and have all that the tour asks for.
bool CanBeFollowed(const GeneratedPerson& person) {
  return person.Text("status.registration") == "registered" &&
         !person.Text("civil_number.nir").empty() && !person.Text("bank.iban").empty();
}

std::size_t CaseloadOf(std::size_t wanted, std::size_t people, std::size_t percent,
                       std::size_t advisers) {
  const std::size_t fits = people * percent / 100 / std::max<std::size_t>(1, advisers);
  return std::max<std::size_t>(1, std::min(wanted, fits));
}

// Who is on whose caseload, found by going through the people once: those with a disability go to
// Cap Emploi, the others to France Travail, one adviser after the other.
class Layout {
 public:
  explicit Layout(const DemoSize& size)
      : size_(size),
        caseload_1_(CaseloadOf(size.caseload_1, size.people, kTaken1, size.advisers_1)),
        caseload_2_(CaseloadOf(size.caseload_2, size.people, kTaken2, size.advisers_2)) {}

  void Take(std::uint32_t index, const GeneratedPerson& person) {
    if (!CanBeFollowed(person)) return;
    const bool second = HasDisability(person);
    std::vector<std::uint32_t>& followed = second ? followed_2_ : followed_1_;
    const std::size_t most =
        second ? size_.advisers_2 * caseload_2_ : size_.advisers_1 * caseload_1_;
    if (followed.size() < most) followed.push_back(index);
  }
  // Enough for the first adviser of both.
  bool has_first() const {
    return followed_1_.size() >= std::max<std::size_t>(2, caseload_1_) && !followed_2_.empty();
  }
  std::vector<std::uint32_t> CaseloadOfAdviser(bool second, std::size_t adviser) const {
    const std::vector<std::uint32_t>& followed = second ? followed_2_ : followed_1_;
    const std::size_t each = second ? caseload_2_ : caseload_1_;
    const std::size_t begin = std::min(adviser * each, followed.size());
    const std::size_t end = std::min(begin + each, followed.size());
    return {followed.begin() + static_cast<std::ptrdiff_t>(begin),
            followed.begin() + static_cast<std::ptrdiff_t>(end)};
  }

 private:
  DemoSize size_;
  std::size_t caseload_1_, caseload_2_;
  std::vector<std::uint32_t> followed_1_, followed_2_;
};

std::string AdviserName(std::string_view prefix, std::size_t i) {
  if (i == 0) return std::string(prefix);
  std::string number = std::to_string(i + 1);
  if (number.size() < 3) number.insert(0, 3 - number.size(), '0');
  return std::string(prefix) + "." + number;
}

DemoPrincipal MakePrincipal(std::string name, std::uint32_t organisation, std::string role) {
  const PrincipalId id = DemoPrincipalId(name);
  return {std::move(name), id, OrganisationId(organisation), std::nullopt, std::move(role)};
}

DemoPrincipal MakeAdviser(const DemoSize& size, bool second, std::size_t i) {
  const std::uint32_t organisation = second ? 2 : 1;
  DemoPrincipal adviser =
      MakePrincipal(AdviserName(second ? "adviser.ce" : "adviser.ft", i), organisation, "adviser");
  const std::size_t offices = std::max<std::size_t>(1, second ? size.offices_2 : size.offices_1);
  adviser.office = OfficeId(organisation * kOfficesPerOrganisation + 1 +
                            static_cast<std::uint32_t>(i % offices));
  return adviser;
}

// On no caseload: whole, but no longer registered.
std::uint64_t StrangerIndex(const DemoSize& size, const Generator& generator) {
  for (std::uint64_t index = size.people; index-- > 0;) {
    const GeneratedPerson person = generator.At(index);
    const bool whole =
        !person.Text("civil_number.nir").empty() && !person.Text("bank.iban").empty();
    if (whole && !HasDisability(person) && !CanBeFollowed(person)) return index;
  }
  CLOISON_CHECK(false);
  return 0;
}

DemoPerson PersonOf(const DemoSize& size, const std::vector<PersonId>& people, DemoWho who) {
  DemoValues values = DemoValuesOf(size, who);
  return {people[values.index], std::move(values.nir), std::move(values.email),
          std::move(values.birth_name), std::move(values.first_name)};
}

// The people of the world, and where each fits.
Task<Result<LoadedPeople>> LoadAll(Vault& vault, const DemoSize& size, Layout& layout,
                                   std::function<void(std::size_t)> progress) {
  const Generator generator(size.seed);
  co_return co_await LoadPeople(
      vault, size.people,
      [&](std::size_t index) {
        const GeneratedPerson person = generator.At(index);
        layout.Take(static_cast<std::uint32_t>(index), person);
        return CanonicalValues(vault.schema(), person.fields);
      },
      std::move(progress));
}

void AddCaseloads(DemoWorld& world, const Layout& layout) {
  for (const bool second : {false, true}) {
    const std::size_t advisers = second ? world.size.advisers_2 : world.size.advisers_1;
    for (std::size_t i = 0; i < advisers; ++i) {
      std::vector<std::uint32_t> people = layout.CaseloadOfAdviser(second, i);
      if (people.empty()) continue;
      const std::string name = AdviserName(second ? "adviser.ce" : "adviser.ft", i);
      world.caseloads.emplace_back(DemoPrincipalId(name), std::move(people));
    }
  }
}

Task<Status> EnrolAll(Vault& vault, const DemoWorld& world, Aud citizen) {
  std::vector<access::PrincipalInfo> infos;
  for (const DemoPrincipal& principal : world.principals) {
    access::PrincipalInfo info{principal.id,   principal.organisation, principal.office,
                               principal.role, principal.name,         false,
                               std::nullopt};
    if (principal.name == "citizen.one") info.person = citizen;
    infos.push_back(std::move(info));
  }
  co_return co_await vault.gate().Enrol(std::move(infos), vault.environment().home);
}

// The embedded files are ours: a fault in one is a bug.
std::shared_ptr<const access::Policy> ParsePolicy(std::string_view toml,
                                                  const records::Schema& schema) {
  std::vector<std::string> problems;
  Result<std::shared_ptr<const access::Policy>> policy =
      access::Policy::Parse(toml, schema, &problems);
  CLOISON_CHECK(policy.ok());
  return std::move(*policy);
}

}  // namespace

std::shared_ptr<const records::Schema> DemoSchema(const DemoSize& size) {
  constexpr std::string_view kCapacity = "\ncapacity = ";
  std::string toml(JobSeekersSchemaToml());
  const std::size_t at = toml.find(kCapacity);
  CLOISON_CHECK(at != std::string::npos);
  const std::size_t number = at + kCapacity.size();
  toml.replace(number, toml.find('\n', number) - number,
               std::to_string(std::max(kDemoCapacityMin, 2 * size.people)));
  std::vector<std::string> problems;
  Result<std::shared_ptr<const records::Schema>> schema = records::Schema::Parse(toml, &problems);
  CLOISON_CHECK(schema.ok());
  return std::move(*schema);
}

std::shared_ptr<const access::Policy> DemoPolicy(const records::Schema& schema) {
  return ParsePolicy(DemoPolicyToml(), schema);
}

std::shared_ptr<const access::Policy> Policy2024(const records::Schema& schema) {
  return ParsePolicy(Policy2024Toml(), schema);
}

PrincipalId DemoPrincipalId(std::string_view name) {
  return PrincipalId(
      crypto::Truncate<16>(crypto::Sha256({AsBytes("cloison-dev/"), AsBytes(name)})));
}

std::vector<DemoPrincipal> DemoPrincipals(const DemoSize& size) {
  std::vector<DemoPrincipal> all;
  if (size.advisers_1 > 0) all.push_back(MakeAdviser(size, false, 0));
  if (size.advisers_2 > 0) all.push_back(MakeAdviser(size, true, 0));
  all.push_back(MakePrincipal("manager.a", 1, "manager"));
  all.push_back(MakePrincipal("manager.b", 1, "manager"));
  all.push_back(MakePrincipal("officer.security", 1, "security-officer"));
  all.push_back(MakePrincipal("officer.privacy", 1, "privacy-officer"));
  all.push_back(MakePrincipal("officer.security.b", 1, "security-officer"));
  all.push_back(MakePrincipal("officer.privacy.b", 1, "privacy-officer"));
  all.push_back(MakePrincipal("citizen.one", 0, "citizen"));
  all.push_back(MakePrincipal("app.case", 1, "case-application"));
  all.push_back(MakePrincipal("app.payment", 1, "payment-application"));
  all.push_back(MakePrincipal("investigator", 1, "investigator"));
  for (std::size_t i = 1; i < size.advisers_1; ++i) all.push_back(MakeAdviser(size, false, i));
  for (std::size_t i = 1; i < size.advisers_2; ++i) all.push_back(MakeAdviser(size, true, i));
  return all;
}

DemoValues DemoValuesOf(const DemoSize& size, DemoWho who) {
  const Generator generator(size.seed);
  std::uint64_t index = 0;
  if (who == DemoWho::kStranger) {
    index = StrangerIndex(size, generator);
  } else {
    Layout layout(size);
    for (std::uint32_t i = 0; i < size.people && !layout.has_first(); ++i) {
      layout.Take(i, generator.At(i));
    }
    const bool second = who == DemoWho::kOfAdviserCe;
    const std::size_t place = who == DemoWho::kCitizenOne ? 1 : 0;
    const std::vector<std::uint32_t> caseload = layout.CaseloadOfAdviser(second, 0);
    CLOISON_CHECK(caseload.size() > place);
    index = caseload[place];
  }
  const GeneratedPerson person = generator.At(index);
  const auto text = [&person](std::string_view field) { return std::string(person.Text(field)); };
  return {index,
          text("civil_number.nir"),
          text("contact.email"),
          text("contact.phone"),
          text("agency.identifier"),
          text("identity.birth_name"),
          text("identity.first_name")};
}

Task<Result<DemoWorld>> BuildDemoWorld(Vault& vault, DemoSize size,
                                       std::function<void(std::size_t)> progress) {
  base::Executor& home = vault.environment().home;
  const std::int64_t now_ms = vault.committer().Now().budget_ms;
  CLOISON_CO_TRY(co_await vault.EnrolOrganisation(OrganisationId(1)));
  CLOISON_CO_TRY(co_await vault.EnrolOrganisation(OrganisationId(2)));
  Layout layout(size);
  Result<LoadedPeople> loaded = co_await LoadAll(vault, size, layout, std::move(progress));
  if (!loaded.ok()) co_return loaded.error();
  DemoWorld world{size,
                  DemoPrincipals(size),
                  loaded->people,
                  {},
                  PersonOf(size, loaded->people, DemoWho::kOfAdviserFt),
                  PersonOf(size, loaded->people, DemoWho::kOfAdviserCe),
                  PersonOf(size, loaded->people, DemoWho::kStranger),
                  PersonOf(size, loaded->people, DemoWho::kCitizenOne)};
  AddCaseloads(world, layout);
  const std::uint64_t citizen = DemoValuesOf(size, DemoWho::kCitizenOne).index;
  CLOISON_CO_TRY(co_await EnrolAll(vault, world, loaded->auds[citizen]));
  std::vector<access::Gate::SetUpPair> pairs;
  for (const auto& [agent, people] : world.caseloads) {
    for (const std::uint32_t i : people) {
      pairs.push_back(
          {agent, world.people[i], loaded->auds[i], now_ms - kAssignedDaysAgo * base::kDayMs});
    }
  }
  CLOISON_CO_TRY(co_await vault.gate().LoadCaseload(std::move(pairs), home));
  co_return world;
}

}  // namespace cloison::vault
