// Roles: what they may do, how they sign in, who among them asks and answers.
#include <algorithm>

#include "access/internal/policy_parser.h"

namespace cloison::access {

namespace {

using codec::Need;
using codec::TomlTable;
using identity::Method;

constexpr std::string_view kKindNames[] = {"agent", "application", "officer", "citizen", "system"};
constexpr std::size_t kLevelBytesMax = 64;
constexpr std::size_t kLevelsMax = 16;
constexpr std::int64_t kStepUpDefault_s = 900, kStepUpMax_s = 28'800;  // a session's length
// Passwords and codes by mail or text are no second factor (the theft of 2024).
constexpr Method kDefaultMethods[] = {Method::kOtp,         Method::kPin,        Method::kHardware,
                                      Method::kSoftware,    Method::kPossession, Method::kSmartCard,
                                      Method::kFingerprint, Method::kFace};

bool SignsIn(RoleKind kind) {
  return kind != RoleKind::kApplication && kind != RoleKind::kSystem;
}

}  // namespace

void PolicyParser::ReadRole(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"name",    "kind",   "class",   "rights",   "levels",
                                               "methods", "sealed", "archive", "step_up_s"};
  codec::CheckKeys(table, kKeys, problems_);
  Role role;
  role.name = Text(table, "name");
  CheckName(LineOf(table, "name"), "a role", role.name, ledger::kRoleBytesMax);
  role.budget_class = Text(table, "class");
  if (std::ranges::find(policy_.classes_, role.budget_class, &BudgetClass::name) ==
      policy_.classes_.end()) {
    std::vector<std::string_view> known;
    for (const BudgetClass& one : policy_.classes_) known.push_back(one.name);
    Unknown(LineOf(table, "class"), "class", role.budget_class, known);
  }
  const std::string kind = Text(table, "kind");
  const auto found = std::ranges::find(kKindNames, kind);
  if (found == std::end(kKindNames)) {
    Unknown(LineOf(table, "kind"), "kind of role", kind, kKindNames);
  } else {
    role.kind = static_cast<RoleKind>(found - std::begin(kKindNames));
  }
  role.sealed = Flag(table, "sealed");
  role.archive = Flag(table, "archive");
  ReadSignIn(table, role);
  ReadRights(table, role);
  if (IsNew(table, "role", role.name)) policy_.roles_.push_back(std::move(role));
}

void PolicyParser::ReadSignIn(const TomlTable& table, Role& role) {
  if (!SignsIn(role.kind)) {
    for (const std::string_view key : {"levels", "methods", "step_up_s"}) {
      if (table.Find(key) == nullptr) continue;
      problems_.Add(LineOf(table, key),
                    std::string(key) + ": nobody signs in as this kind of role");
    }
    return;
  }
  role.levels = codec::ReadStrings(table, "levels", Need::kOptional, problems_)
                    .value_or(std::vector<std::string>{"eidas2", "eidas3"});
  const bool fits = std::ranges::all_of(role.levels, [](const std::string& level) {
    return !level.empty() && level.size() <= kLevelBytesMax;
  });
  if (role.levels.empty() || role.levels.size() > kLevelsMax || !fits) {
    problems_.Add(LineOf(table, "levels"), "levels: 1 to 16 names of 1 to 64 bytes");
  }
  const auto seconds =
      codec::ReadInt(table, "step_up_s", Need::kOptional, {1, kStepUpMax_s}, problems_);
  role.step_up_s = seconds.value_or(kStepUpDefault_s);
  const auto methods = codec::ReadStrings(table, "methods", Need::kOptional, problems_);
  if (!methods.has_value()) {
    for (const Method method : kDefaultMethods) role.methods.Add(method);
    return;
  }
  for (const std::string& name : *methods) {
    const std::optional<Method> method = identity::MethodNamed(name);
    if (method.has_value()) {
      role.methods.Add(*method);
    } else {
      problems_.Add(LineOf(table, "methods"), "no method of sign-in '" + name + "'");
    }
  }
  if (role.methods.IsMailTrap()) {
    problems_.Add(LineOf(table, "methods"),
                  "methods: passwords and codes by mail or text are not enough");
  }
}

void PolicyParser::ReadRights(const TomlTable& table, Role& role) {
  const auto rights = codec::ReadStrings(table, "rights", Need::kOptional, problems_);
  for (const std::string& text : rights.value_or(std::vector<std::string>{})) {
    const std::optional<Right> right = RightNamed(text);
    if (!right.has_value()) {
      std::vector<std::string_view> known;
      for (std::size_t i = 0; i < kRights; ++i) known.push_back(Name(static_cast<Right>(i)));
      Unknown(LineOf(table, "rights"), "right", text, known);
    } else if (std::ranges::find(role.rights, *right) != role.rights.end()) {
      problems_.Add(LineOf(table, "rights"), "the right '" + text + "' is given twice");
    } else {
      role.rights.push_back(*right);
    }
  }
}

std::vector<std::string> PolicyParser::ReadRoleNames(const TomlTable& table, std::string_view key) {
  auto names = codec::ReadStrings(table, key, Need::kRequired, problems_)
                   .value_or(std::vector<std::string>{});
  if (names.empty()) problems_.Add(LineOf(table, key), std::string(key) + " names nobody");
  for (const std::string& name : names) {
    const Role* const role = policy_.FindRole(name);
    if (role == nullptr) {
      UnknownRole(LineOf(table, key), name);
    } else if (role->kind != RoleKind::kAgent && role->kind != RoleKind::kOfficer) {
      problems_.Add(LineOf(table, key),
                    "the role '" + name + "' neither asks nor answers: it is no agent, no officer");
    }
  }
  return names;
}

void PolicyParser::ReadApproval(const TomlTable& table) {
  static constexpr std::string_view kKeys[] = {"kind", "asks", "approves"};
  codec::CheckKeys(table, kKeys, problems_);
  ApprovalSpec spec;
  spec.kind = Text(table, "kind");
  if (std::ranges::find(kApprovalKinds, spec.kind) == std::end(kApprovalKinds)) {
    Unknown(LineOf(table, "kind"), "kind of approval", spec.kind, kApprovalKinds);
  }
  spec.asks = ReadRoleNames(table, "asks");
  spec.approves = ReadRoleNames(table, "approves");
  if (IsNew(table, "approval", spec.kind)) policy_.approvals_.push_back(std::move(spec));
}

}  // namespace cloison::access
