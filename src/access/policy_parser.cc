#include "access/internal/policy_parser.h"

#include <algorithm>

#include "base/nearest.h"

namespace cloison::access {

namespace {

using codec::Need;
using codec::TomlTable;

constexpr std::int64_t kCapMax = 1'000'000;
constexpr std::string_view kFormNames[] = {"plain", "masked", "exists", "matches"};
constexpr std::string_view kRelationNames[] = {"self", "caseload", "explained", "any"};

// The names are in the order of the values, the first of which has the number `first`.
template <class T, std::size_t N>
std::optional<T> Named(std::string_view name, const std::string_view (&names)[N],
                       std::size_t first) {
  const auto found = std::ranges::find(names, name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<T>(static_cast<std::size_t>(found - std::begin(names)) + first);
}

template <class T>
std::vector<std::string_view> NamesOf(const std::vector<T>& all) {
  std::vector<std::string_view> names;
  for (const T& one : all) names.push_back(one.name);
  return names;
}

}  // namespace

std::string PolicyParser::Text(const TomlTable& table, std::string_view key) {
  return codec::ReadString(table, key, Need::kRequired, problems_).value_or("");
}

bool PolicyParser::Flag(const TomlTable& table, std::string_view key) {
  return codec::ReadBool(table, key, Need::kOptional, problems_).value_or(false);
}

int PolicyParser::LineOf(const TomlTable& table, std::string_view key) {
  const codec::TomlValue* const value = table.Find(key);
  return value != nullptr ? value->line() : table.line();
}

void PolicyParser::Unknown(int line, std::string_view what, std::string_view name,
                           std::span<const std::string_view> known) {
  std::string message = "no " + std::string(what) + " '" + std::string(name) + "'";
  const std::string_view nearest = base::NearestName(name, known);
  if (!nearest.empty()) message += "; the nearest is '" + std::string(nearest) + "'";
  problems_.Add(line, std::move(message));
}

void PolicyParser::UnknownRole(int line, std::string_view name) {
  Unknown(line, "role", name, NamesOf(policy_.roles_));
}

void PolicyParser::CheckName(int line, std::string_view what, std::string_view name,
                             std::size_t bytes_max) {
  if (!name.empty() && name.size() <= bytes_max) return;
  problems_.Add(line,
                std::string(what) + " has a name of 1 to " + std::to_string(bytes_max) + " bytes");
}

bool PolicyParser::IsNew(const TomlTable& table, std::string_view what, const std::string& name) {
  const auto [at, added] = lines_.emplace(std::string(what) + " " + name, table.line());
  if (added) return true;
  problems_.Add(table.line(), std::string(what) + " '" + name + "' is given twice, first on line " +
                                  std::to_string(at->second));
  return false;
}

std::shared_ptr<const Policy> PolicyParser::Parse(std::string_view toml) {
  if (toml.size() > kPolicyBytesMax) {
    problems_.Add(0, "a policy is at most 160 KiB");
    return nullptr;
  }
  const std::optional<TomlTable> file = codec::ParseToml(toml, problems_);
  if (!file.has_value()) return nullptr;
  static constexpr std::string_view kKeys[] = {
      "version", "organisation", "office",      "class",   "role",     "purpose",
      "grant",   "ceiling",      "explanation", "archive", "approval", "detectors"};
  codec::CheckKeys(*file, kKeys, problems_);
  const auto version =
      codec::ReadInt(*file, "version", Need::kRequired, {1, UINT32_MAX}, problems_);
  policy_.version_ = static_cast<std::uint32_t>(version.value_or(0));
  policy_.document_ = toml;
  const auto each = [&](std::string_view key, void (PolicyParser::*read)(const TomlTable&)) {
    const std::vector<const TomlTable*> tables = codec::ReadTables(*file, key, problems_);
    if (tables.size() > kPolicyTablesMax) {
      problems_.Add(tables.back()->line(), "too many of [[" + std::string(key) + "]]");
      return;
    }
    for (const TomlTable* table : tables) (this->*read)(*table);
  };
  each("organisation", &PolicyParser::ReadOrganisation);
  each("office", &PolicyParser::ReadOffice);
  each("class", &PolicyParser::ReadClass);
  each("role", &PolicyParser::ReadRole);
  each("purpose", &PolicyParser::ReadPurpose);
  each("grant", &PolicyParser::ReadGrant);
  each("ceiling", &PolicyParser::ReadCeiling);
  each("explanation", &PolicyParser::ReadExplanation);
  each("approval", &PolicyParser::ReadApproval);
  const TomlTable* const archive = codec::ReadTable(*file, "archive", Need::kOptional, problems_);
  if (archive != nullptr) ReadArchive(*archive);
  const TomlTable* const detectors =
      codec::ReadTable(*file, "detectors", Need::kOptional, problems_);
  if (detectors != nullptr) ReadDetectors(*detectors);
  if (problems_.empty()) CheckWhole();
  if (!problems_.empty()) return nullptr;
  return std::make_shared<const Policy>(std::move(policy_));
}

void PolicyParser::ReadClass(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"name",      "opened",   "opened_off_caseload",
                                               "sensitive", "glimpsed", "glimpsed_off_caseload"};
  codec::CheckKeys(table, kKeys, problems_);
  BudgetClass budget_class;
  budget_class.name = Text(table, "name");
  IsNew(table, "class", budget_class.name);
  for (std::size_t c = 0; c < kCounters; ++c) {
    ReadCaps(table, Name(static_cast<Counter>(c)), budget_class.caps.of[c]);
  }
  policy_.classes_.push_back(std::move(budget_class));
}

void PolicyParser::ReadCaps(const TomlTable& table, std::string_view key,
                            std::array<std::uint32_t, kWindows>& caps) {
  const codec::TomlValue* value = table.Find(key);
  const std::vector<codec::TomlValue>* list = value != nullptr ? value->AsArray() : nullptr;
  if (list == nullptr || list->size() != kWindows) {
    problems_.Add(LineOf(table, key),
                  std::string(key) + " must list four caps: hour, day, week, month");
    return;
  }
  for (std::size_t w = 0; w < kWindows; ++w) {
    const std::optional<std::int64_t> cap = (*list)[w].AsInt();
    const std::int64_t least = w == 0 ? 0 : caps[w - 1];
    if (!cap.has_value() || *cap < least || *cap > kCapMax) {
      problems_.Add((*list)[w].line(), std::string(key) +
                                           ": caps are whole numbers that do not "
                                           "shrink with a longer window");
      return;
    }
    caps[w] = static_cast<std::uint32_t>(*cap);
  }
}

void PolicyParser::ReadPurpose(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"name", "decree", "sealed", "text_fr", "text_en"};
  codec::CheckKeys(table, kKeys, problems_);
  Purpose purpose;
  purpose.name = Text(table, "name");
  purpose.decree = Flag(table, "decree");
  purpose.sealed = Flag(table, "sealed");
  purpose.text_fr = Text(table, "text_fr");
  purpose.text_en = Text(table, "text_en");
  for (const std::string_view key : {"text_fr", "text_en"}) {
    const codec::TomlValue* const text = table.Find(key);
    if (text == nullptr || text->AsString() == nullptr || !text->AsString()->empty()) continue;
    problems_.Add(text->line(), std::string(key) + ": people are told what a purpose is");
  }
  CheckName(LineOf(table, "name"), "a purpose", purpose.name, ledger::kPurposeBytesMax);
  IsNew(table, "purpose", purpose.name);
  policy_.purposes_.push_back(std::move(purpose));
}

void PolicyParser::ReadGrant(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"organisation", "role",   "purpose", "relation",
                                               "form",         "fields", "sealed"};
  codec::CheckKeys(table, kKeys, problems_);
  const auto organisation =
      codec::ReadInt(table, "organisation", Need::kOptional, {1, UINT32_MAX}, problems_);
  const std::string role = Text(table, "role");
  const std::string purpose = Text(table, "purpose");
  const std::string relation_name = Text(table, "relation"), form_name = Text(table, "form");
  const auto relation = Named<Relation>(relation_name, kRelationNames, 0);
  const auto form = Named<ledger::Form>(form_name, kFormNames, 1);
  if (!relation.has_value()) {
    Unknown(LineOf(table, "relation"), "relation", relation_name, kRelationNames);
  }
  if (!form.has_value()) Unknown(LineOf(table, "form"), "form", form_name, kFormNames);
  const Role* const found_role = policy_.FindRole(role);
  if (found_role == nullptr) UnknownRole(LineOf(table, "role"), role);
  const Purpose* found = policy_.FindPurpose(purpose);
  if (found == nullptr) {
    Unknown(LineOf(table, "purpose"), "purpose", purpose, NamesOf(policy_.purposes_));
  }
  if (!relation.has_value() || !form.has_value() || found == nullptr || found_role == nullptr) {
    return;
  }
  CheckSealed(table, *found_role, *found, *relation);
  Grant grant{std::nullopt, role, purpose, *relation, *form, {}};
  if (organisation.has_value()) {
    grant.organisation = OrganisationId(static_cast<std::uint32_t>(*organisation));
    if (policy_.FindOrganisation(*grant.organisation) == nullptr) {
      problems_.Add(LineOf(table, "organisation"),
                    "no organisation " + std::to_string(*organisation));
    }
  }
  ReadFields(table, *found, grant);
  policy_.grants_.push_back(std::move(grant));
  grant_lines_.push_back(table.line());
}

// One purpose is sealed or it is not, and its grants repeat it: whoever reads one line of the
// policy sees that nobody will be told of these looks.
void PolicyParser::CheckSealed(const TomlTable& table, const Role& role, const Purpose& purpose,
                               Relation relation) {
  const bool sealed = Flag(table, "sealed");
  if (purpose.sealed && !sealed) {
    problems_.Add(table.line(),
                  "a grant of the sealed purpose '" + purpose.name + "' needs sealed = true");
  }
  if (!sealed) return;
  const int line = LineOf(table, "sealed");
  if (!purpose.sealed) {
    problems_.Add(line, "a sealed grant: the purpose '" + purpose.name + "' has no sealed = true");
  }
  if (!role.sealed) {
    problems_.Add(line, "a sealed grant: the role '" + role.name + "' has no sealed = true");
  }
  if (relation == Relation::kSelf) {
    problems_.Add(line, "a sealed grant is never to oneself");
  }
}

// A name is a compartment (all its fields), one field, or "*".
void PolicyParser::ReadFields(const TomlTable& table, const Purpose& purpose, Grant& grant) {
  const auto names = codec::ReadStrings(table, "fields", Need::kRequired, problems_);
  if (names.has_value() && names->empty()) {
    problems_.Add(LineOf(table, "fields"), "a grant names the fields that it gives");
  }
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    const std::size_t before = grant.fields.size();
    for (const records::FieldSpec& field : schema_.fields()) {
      const std::string_view compartment =
          std::string_view(field.name).substr(0, field.name.find('.'));
      if (name == "*" || name == field.name || name == compartment)
        grant.fields.push_back(field.id);
    }
    if (grant.fields.size() == before) UnknownField(LineOf(table, "fields"), name);
  }
  std::sort(grant.fields.begin(), grant.fields.end());
  grant.fields.erase(std::unique(grant.fields.begin(), grant.fields.end()), grant.fields.end());
  const bool own = grant.relation == Relation::kSelf;
  const bool has_nir = std::ranges::any_of(grant.fields, [this](FieldId id) {
    return schema_.Find(id)->type == records::FieldType::kNir;
  });
  if (has_nir && grant.form == ledger::Form::kPlain && !purpose.decree && !own) {
    problems_.Add(LineOf(table, "fields"),
                  "the national number in plain form needs a purpose with decree = true");
  }
}

void PolicyParser::UnknownField(int line, const std::string& name) {
  std::string nearest;
  std::size_t least = SIZE_MAX;
  for (const records::FieldSpec& field : schema_.fields()) {
    const std::size_t distance = base::EditDistance(name, field.name);
    if (distance < least) {
      least = distance;
      nearest = field.name;
    }
  }
  problems_.Add(line, "no field or compartment '" + name + "' (nearest: '" + nearest + "')");
}

Result<std::shared_ptr<const Policy>> Policy::Parse(std::string_view toml,
                                                    const records::Schema& schema,
                                                    std::vector<std::string>* problems) {
  codec::Diagnostics found;
  std::shared_ptr<const Policy> policy = PolicyParser(schema, found).Parse(toml);
  for (const codec::Diagnostic& diagnostic : found.entries()) {
    problems->push_back("line " + std::to_string(diagnostic.line) + ": " + diagnostic.message);
  }
  if (policy == nullptr) return Error{Code::kInvalid, "the policy has faults"};
  return policy;
}

}  // namespace cloison::access
