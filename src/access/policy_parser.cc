#include <algorithm>
#include <array>
#include <set>

#include "access/policy.h"
#include "base/nearest.h"
#include "codec/toml_reader.h"

namespace cloison::access {

namespace {

using codec::Need;
using codec::TomlTable;

constexpr std::int64_t kCapMax = 1'000'000;
constexpr std::array<Counter, kCounters> kAllCounters = {Counter::kOpened, Counter::kOpenedOff,
                                                         Counter::kSensitive, Counter::kGlimpsed,
                                                         Counter::kGlimpsedOff};

template <class T, std::size_t N>
std::optional<T> ByName(std::string_view name, const std::array<T, N>& all) {
  for (const T value : all) {
    if (Name(value) == name) return value;
  }
  return std::nullopt;
}

std::optional<ledger::Form> FormByName(std::string_view name) {
  if (name == "plain") return ledger::Form::kPlain;
  if (name == "masked") return ledger::Form::kMasked;
  return std::nullopt;
}

}  // namespace

class PolicyParser {
 public:
  PolicyParser(const records::Schema& schema, codec::Diagnostics& problems)
      : schema_(schema), problems_(problems) {}

  std::shared_ptr<const Policy> Parse(std::string_view toml) {
    const std::optional<TomlTable> file = codec::ParseToml(toml, problems_);
    if (!file.has_value()) return nullptr;
    static constexpr std::string_view kKeys[] = {"version", "class", "role", "purpose", "grant"};
    codec::CheckKeys(*file, kKeys, problems_);
    const auto version =
        codec::ReadInt(*file, "version", Need::kRequired, {1, UINT32_MAX}, problems_);
    policy_.version_ = static_cast<std::uint32_t>(version.value_or(0));
    for (const TomlTable* table : codec::ReadTables(*file, "class", problems_)) ReadClass(*table);
    for (const TomlTable* table : codec::ReadTables(*file, "role", problems_)) ReadRole(*table);
    for (const TomlTable* table : codec::ReadTables(*file, "purpose", problems_))
      ReadPurpose(*table);
    for (const TomlTable* table : codec::ReadTables(*file, "grant", problems_)) ReadGrant(*table);
    if (!problems_.empty()) return nullptr;
    return std::make_shared<const Policy>(std::move(policy_));
  }

 private:
  void ReadClass(const TomlTable& table) {
    static constexpr std::string_view kKeys[] = {"name",      "opened",   "opened_off_caseload",
                                                 "sensitive", "glimpsed", "glimpsed_off_caseload"};
    codec::CheckKeys(table, kKeys, problems_);
    BudgetClass budget_class;
    budget_class.name = codec::ReadString(table, "name", Need::kRequired, problems_).value_or("");
    if (HasClass(budget_class.name)) {
      problems_.Add(table.line(), "class '" + budget_class.name + "' is given twice");
    }
    for (const Counter counter : kAllCounters) {
      ReadCaps(table, Name(counter), budget_class.caps.of[static_cast<std::size_t>(counter)]);
    }
    policy_.classes_.push_back(std::move(budget_class));
  }

  bool HasClass(const std::string& name) const {
    return std::any_of(policy_.classes_.begin(), policy_.classes_.end(),
                       [&name](const BudgetClass& known) { return known.name == name; });
  }

  void ReadCaps(const TomlTable& table, std::string_view key,
                std::array<std::uint32_t, kWindows>& caps) {
    const codec::TomlValue* value = table.Find(key);
    const std::vector<codec::TomlValue>* list = value != nullptr ? value->AsArray() : nullptr;
    if (list == nullptr || list->size() != kWindows) {
      problems_.Add(table.line(),
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

  void ReadRole(const TomlTable& table) {
    static constexpr std::string_view kKeys[] = {"name", "class", "rights", "sealed"};
    static constexpr std::array<Right, 9> kAllRights = {
        Right::kRegister, Right::kUpdate, Right::kErase,  Right::kAssign, Right::kFreeze,
        Right::kOwnTrail, Right::kHold,   Right::kUnseal, Right::kEnrol};
    codec::CheckKeys(table, kKeys, problems_);
    const std::string name =
        codec::ReadString(table, "name", Need::kRequired, problems_).value_or("");
    const std::string of =
        codec::ReadString(table, "class", Need::kRequired, problems_).value_or("");
    if (!HasClass(of)) problems_.Add(table.line(), "role '" + name + "': no class '" + of + "'");
    if (!policy_.class_of_role_.emplace(name, of).second) {
      problems_.Add(table.line(), "role '" + name + "' is given twice");
    }
    if (codec::ReadBool(table, "sealed", Need::kOptional, problems_).value_or(false)) {
      sealed_roles_.insert(name);
    }
    const auto rights = codec::ReadStrings(table, "rights", Need::kOptional, problems_);
    for (const std::string& text : rights.value_or(std::vector<std::string>{})) {
      const std::optional<Right> right = ByName(text, kAllRights);
      if (right.has_value()) {
        policy_.rights_[name].push_back(*right);
      } else {
        problems_.Add(table.line(), "no right is called '" + text + "'");
      }
    }
  }

  void ReadPurpose(const TomlTable& table) {
    static constexpr std::string_view kKeys[] = {"name", "decree", "sealed", "text_fr", "text_en"};
    codec::CheckKeys(table, kKeys, problems_);
    Purpose purpose;
    purpose.name = codec::ReadString(table, "name", Need::kRequired, problems_).value_or("");
    purpose.decree = codec::ReadBool(table, "decree", Need::kOptional, problems_).value_or(false);
    purpose.sealed = codec::ReadBool(table, "sealed", Need::kOptional, problems_).value_or(false);
    purpose.text_fr = codec::ReadString(table, "text_fr", Need::kRequired, problems_).value_or("");
    purpose.text_en = codec::ReadString(table, "text_en", Need::kRequired, problems_).value_or("");
    if (policy_.FindPurpose(purpose.name) != nullptr) {
      problems_.Add(table.line(), "purpose '" + purpose.name + "' is given twice");
    }
    if (purpose.name.size() > ledger::kPurposeBytesMax) {
      problems_.Add(table.line(), "a purpose's name is at most 64 bytes");
    }
    policy_.purposes_.push_back(std::move(purpose));
  }

  void ReadGrant(const TomlTable& table) {
    static constexpr std::string_view kKeys[] = {"organisation", "role",   "purpose", "relation",
                                                 "form",         "fields", "sealed"};
    static constexpr std::array<Relation, 3> kAllRelations = {Relation::kSelf, Relation::kCaseload,
                                                              Relation::kAny};
    codec::CheckKeys(table, kKeys, problems_);
    const auto organisation =
        codec::ReadInt(table, "organisation", Need::kOptional, {1, UINT32_MAX}, problems_);
    const std::string role =
        codec::ReadString(table, "role", Need::kRequired, problems_).value_or("");
    const std::string purpose =
        codec::ReadString(table, "purpose", Need::kRequired, problems_).value_or("");
    const auto relation =
        ByName(codec::ReadString(table, "relation", Need::kRequired, problems_).value_or(""),
               kAllRelations);
    const auto form =
        FormByName(codec::ReadString(table, "form", Need::kRequired, problems_).value_or(""));
    if (!relation.has_value()) problems_.Add(table.line(), "relation is self, caseload or any");
    if (!form.has_value()) problems_.Add(table.line(), "form is plain or masked");
    if (!policy_.class_of_role_.contains(role))
      problems_.Add(table.line(), "no role '" + role + "'");
    const Purpose* found = policy_.FindPurpose(purpose);
    if (found == nullptr) problems_.Add(table.line(), "no purpose '" + purpose + "'");
    if (!relation.has_value() || !form.has_value() || found == nullptr) return;
    CheckSealed(table, role, *found, *relation);
    Grant grant{std::nullopt, role, purpose, *relation, *form, {}};
    if (organisation.has_value()) {
      grant.organisation = OrganisationId(static_cast<std::uint32_t>(*organisation));
    }
    ReadFields(table, *found, grant);
    policy_.grants_.push_back(std::move(grant));
  }

  // One purpose is sealed or it is not, and its grants repeat it: whoever reads one line of the
  // policy sees that nobody will be told of these looks.
  void CheckSealed(const TomlTable& table, const std::string& role, const Purpose& purpose,
                   Relation relation) {
    const bool sealed =
        codec::ReadBool(table, "sealed", Need::kOptional, problems_).value_or(false);
    if (purpose.sealed && !sealed) {
      problems_.Add(table.line(),
                    "a grant of the sealed purpose '" + purpose.name + "' needs sealed = true");
    }
    if (!sealed) return;
    if (!purpose.sealed) {
      problems_.Add(table.line(),
                    "a sealed grant: the purpose '" + purpose.name + "' has no sealed = true");
    }
    if (!sealed_roles_.contains(role)) {
      problems_.Add(table.line(), "a sealed grant: the role '" + role + "' has no sealed = true");
    }
    if (relation == Relation::kSelf) {
      problems_.Add(table.line(), "a sealed grant is never to oneself");
    }
  }

  // A name is a compartment (all its fields), one field, or "*".
  void ReadFields(const TomlTable& table, const Purpose& purpose, Grant& grant) {
    const auto names = codec::ReadStrings(table, "fields", Need::kRequired, problems_);
    for (const std::string& name : names.value_or(std::vector<std::string>{})) {
      const std::size_t before = grant.fields.size();
      for (const records::FieldSpec& field : schema_.fields()) {
        const std::string_view compartment =
            std::string_view(field.name).substr(0, field.name.find('.'));
        if (name == "*" || name == field.name || name == compartment)
          grant.fields.push_back(field.id);
      }
      if (grant.fields.size() == before) UnknownField(table, name);
    }
    std::sort(grant.fields.begin(), grant.fields.end());
    grant.fields.erase(std::unique(grant.fields.begin(), grant.fields.end()), grant.fields.end());
    for (const FieldId id : grant.fields) {
      const records::FieldSpec* field = schema_.Find(id);
      const bool own = grant.relation == Relation::kSelf;
      if (field->type == records::FieldType::kNir && grant.form == ledger::Form::kPlain &&
          !purpose.decree && !own) {
        problems_.Add(table.line(),
                      "the national number in plain form needs a purpose with decree = true");
      }
    }
  }

  void UnknownField(const TomlTable& table, const std::string& name) {
    std::string nearest;
    std::size_t least = SIZE_MAX;
    for (const records::FieldSpec& field : schema_.fields()) {
      const std::size_t distance = base::EditDistance(name, field.name);
      if (distance < least) {
        least = distance;
        nearest = field.name;
      }
    }
    problems_.Add(table.line(),
                  "no field or compartment '" + name + "' (nearest: '" + nearest + "')");
  }

  const records::Schema& schema_;
  codec::Diagnostics& problems_;
  std::set<std::string, std::less<>> sealed_roles_;
  Policy policy_;
};

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
