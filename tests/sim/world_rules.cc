#include "tests/sim/world_rules.h"

#include <algorithm>

#include "tests/sim/sim_vault.h"
#include "vault/embedded.h"

namespace cloison::sim {

namespace {

using access::Counter;
using access::CounterSet;

constexpr char kRest[] = R"(
[[role]]
name = "adviser"
kind = "agent"
class = "agents"
sealed = true

[[role]]
name = "application"
kind = "application"
class = "applications"
rights = ["register", "update", "assign"]

[[role]]
name = "officer"
kind = "officer"
class = "officers"
rights = ["erase", "freeze"]

[[role]]
name = "citizen"
kind = "citizen"
class = "citizens"
rights = ["own_trail"]

[[role]]
name = "system"
kind = "system"
class = "wide"

[[purpose]]
name = "list"
text_fr = "Retrouver."
text_en = "Find."

[[purpose]]
name = "support"
text_fr = "Accompagner."
text_en = "Support."

[[purpose]]
name = "benefit"
decree = true
text_fr = "Verser une allocation."
text_en = "Pay a benefit."

[[purpose]]
name = "judicial"
sealed = true
text_fr = "Répondre à un tribunal."
text_en = "Answer a court."

[[purpose]]
name = "own"
text_fr = "Mon dossier."
text_en = "My record."

[[grant]]
role = "adviser"
purpose = "list"
relation = "any"
form = "masked"
fields = ["identity"]

[[grant]]
role = "adviser"
purpose = "support"
relation = "any"
form = "masked"
fields = ["identity"]

[[grant]]
role = "adviser"
purpose = "support"
relation = "any"
form = "plain"
fields = ["contact"]

[[grant]]
role = "adviser"
purpose = "benefit"
relation = "caseload"
form = "plain"
fields = ["identity", "civil_number"]

[[grant]]
role = "adviser"
purpose = "judicial"
relation = "any"
form = "masked"
fields = ["identity"]
sealed = true

[[grant]]
role = "adviser"
purpose = "judicial"
relation = "any"
form = "plain"
fields = ["contact"]
sealed = true

[[grant]]
role = "citizen"
purpose = "own"
relation = "self"
form = "plain"
fields = ["identity", "civil_number", "contact"]
)";

constexpr std::size_t kSelf = 0, kCaseload = 1, kAny = 3;  // access::Relation

CounterSet Of(std::initializer_list<Counter> counters) {
  CounterSet set;
  for (const Counter counter : counters) set.Add(counter);
  return set;
}

// Small enough to be met within a short life.
access::Caps DrawCaps(base::Random& random, std::uint64_t least, std::uint64_t more) {
  access::Caps caps;
  for (auto& of : caps.of) {
    auto cap = static_cast<std::uint32_t>(least + random.Below(more));
    for (std::uint32_t& one : of) {
      one = cap;
      cap += static_cast<std::uint32_t>(random.Below(more + 2));
    }
  }
  return caps;
}

// The index pages of a register of this size are so few that people share them.
std::shared_ptr<const records::Schema> SmallSchema() {
  constexpr std::string_view kCapacity = "capacity = 50_000_000";
  std::string toml(vault::JobSeekersSchemaToml());
  toml.replace(toml.find(kCapacity), kCapacity.size(), "capacity = 100");
  std::vector<std::string> problems;
  auto schema = records::Schema::Parse(toml, &problems);
  CLOISON_CHECK(schema.ok());
  return std::move(*schema);
}

std::string Letters(std::uint64_t number) {
  std::string out;
  for (int i = 0; i < 3; ++i, number /= 26) out += static_cast<char>('a' + number % 26);
  return out;
}

}  // namespace

std::string RoleOf(Part part) {
  switch (part) {
    case Part::kAgent:
    case Part::kNobody: return "adviser";
    case Part::kApplication: return "application";
    case Part::kOfficer: return "officer";
    case Part::kCitizen: return "citizen";
    case Part::kSystem: break;
  }
  return "system";
}

Rules::Rules(base::Random& random) {
  static const std::shared_ptr<const records::Schema> schema = SmallSchema();
  schema_ = schema;
  static constexpr std::uint64_t kGenerous[] = {4, 12, 30};
  const std::uint64_t generous = kGenerous[random.Below(3)];
  agents_ = DrawCaps(random, 1, generous);
  applications_ = DrawCaps(random, 2, generous);
  officers_ = DrawCaps(random, 2, generous);
  citizens_ = DrawCaps(random, 1, 3);
  std::string toml = "version = 1\n";
  AppendClass(toml, "agents", agents_);
  AppendClass(toml, "applications", applications_);
  AppendClass(toml, "officers", officers_);
  AppendClass(toml, "citizens", citizens_);
  AppendClass(toml, "wide", WideCaps());
  std::vector<std::string> problems;
  auto policy = access::Policy::Parse(toml + kRest, *schema_, &problems);
  CLOISON_CHECK(policy.ok());
  policy_ = std::move(*policy);
  MakeAsks();
  for (const records::FieldSpec& field : schema_->fields()) {
    if (field.compartment == schema_->compartments().front().id) row_fields_.push_back(field.id);
  }
  all_fields_ = {Field("identity.birth_name"), Field("identity.first_name"),
                 Field("civil_number.nir"), Field("contact.email")};
}

void Rules::MakeAsks() {
  using enum Counter;
  const FieldId name = Field("identity.birth_name"), nir = Field("civil_number.nir"),
                email = Field("contact.email");
  const auto off = [](CounterSet set, bool opened) {
    set.Add(kGlimpsedOff);
    return opened ? set.Add(kOpenedOff) : set;
  };
  const CounterSet glimpse = Of({kGlimpsed}), open = Of({kGlimpsed, kOpened}),
                   sensitive = Of({kGlimpsed, kOpened, kSensitive});
  Ask list{"list", {name}};
  list.given[kAny] = Given{{}, {name}, off(glimpse, false)};
  list.given[kCaseload] = Given{{}, {name}, glimpse};
  Ask contact{"support", {email}};
  contact.given[kAny] = Given{{email}, {}, off(open, true)};
  contact.given[kCaseload] = Given{{email}, {}, open};
  Ask both{"support", {name, email}};
  both.given[kAny] = Given{{email}, {name}, off(open, true)};
  both.given[kCaseload] = Given{{email}, {name}, open};
  Ask sealed = both;
  sealed.purpose = "judicial";
  Ask benefit{"benefit", {nir}};
  benefit.given[kCaseload] = Given{{nir}, {}, sensitive};
  Ask whole{"benefit", {name, nir}};
  whole.given[kCaseload] = Given{{name, nir}, {}, sensitive};
  const Ask never{"support", {nir}, true};
  asks_ = {list, contact, both, sealed, benefit, whole, never};
  own_ = Ask{"own", {nir, email}};
  own_.given[kSelf] = Given{{nir, email}, {}, sensitive};
}

const access::Caps& Rules::CapsOf(Part part) const {
  switch (part) {
    case Part::kApplication: return applications_;
    case Part::kOfficer: return officers_;
    case Part::kCitizen: return citizens_;
    default: return agents_;
  }
}

bool Rules::ShowsRow(const std::string& purpose, access::Relation relation) {
  return purpose != "benefit" || relation == access::Relation::kCaseload;
}

std::string Rules::Stored(FieldId field, const Content& content) const {
  const records::FieldSpec* spec = schema_->Find(field);
  std::string text;
  if (spec->name == "identity.birth_name") text = "Durand" + Letters(content.name);
  if (spec->name == "identity.first_name") text = "Camille" + Letters(content.name);
  if (spec->name == "civil_number.nir") text = NirText(content.nir);
  if (spec->name == "contact.email") text = EmailText(content.email);
  const auto canonical = schema_->Canonical(*spec, text, false);
  CLOISON_CHECK(canonical.ok());
  return std::string(AsText(canonical->Reveal()));
}

records::Values Rules::ValuesOf(const Content& content) const {
  records::Values values;
  for (const FieldId field : all_fields_) {
    values.push_back({field, crypto::SecretBytes::CopyOf(AsBytes(Stored(field, content)))});
  }
  return values;
}

std::string NirText(std::uint64_t nir) {
  static std::vector<std::string> made;
  while (made.size() <= nir) made.push_back(NirOf(made.size()));
  return made[nir];
}

std::string EmailText(std::uint64_t email) {
  return EmailOf(email);
}

}  // namespace cloison::sim
