#include "access/policy.h"

#include <algorithm>

namespace cloison::access {

const Purpose* Policy::FindPurpose(std::string_view name) const {
  const auto found = std::find_if(purposes_.begin(), purposes_.end(),
                                  [name](const Purpose& purpose) { return purpose.name == name; });
  return found == purposes_.end() ? nullptr : &*found;
}

std::vector<const Grant*> Policy::GrantsOf(OrganisationId organisation, std::string_view role,
                                           std::string_view purpose) const {
  std::vector<const Grant*> out;
  for (const Grant& grant : grants_) {
    const bool here = !grant.organisation.has_value() || *grant.organisation == organisation;
    if (here && grant.role == role && grant.purpose == purpose) out.push_back(&grant);
  }
  return out;
}

std::vector<Grant> Policy::GrantsOf(OrganisationId organisation, std::string_view role) const {
  std::vector<Grant> out;
  for (const Grant& grant : grants_) {
    const bool here = !grant.organisation.has_value() || *grant.organisation == organisation;
    if (here && grant.role == role) out.push_back(grant);
  }
  return out;
}

namespace {

// A grant for the explained is for the caseload too; one for anybody is for all.
bool Reaches(const Grant& grant, Relation relation) {
  if (grant.relation == relation || grant.relation == Relation::kAny) return true;
  return grant.relation == Relation::kExplained && relation == Relation::kCaseload;
}

bool Gives(const Grant& grant, Relation relation, FieldId field) {
  return Reaches(grant, relation) && std::ranges::binary_search(grant.fields, field);
}

template <class T, std::size_t N>
std::optional<T> Named(std::string_view name, const std::string_view (&names)[N]) {
  const auto found = std::ranges::find(names, name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<T>(found - std::begin(names));
}

constexpr std::string_view kRightNames[kRights] = {
    "register", "update", "erase",   "assign", "freeze", "own_trail", "hold",  "unseal",
    "enrol",    "policy", "explain", "review", "decide", "job",       "rekey", "export"};

}  // namespace

std::optional<ledger::Form> Policy::FormOf(const std::vector<const Grant*>& grants,
                                           Relation relation, FieldId field) {
  std::optional<ledger::Form> best;
  for (const Grant* grant : grants) {
    if (!IsShowing(grant->form) || !Gives(*grant, relation, field)) continue;
    if (!best.has_value() || grant->form < *best) best = grant->form;  // plain is the lowest number
  }
  return best;
}

bool Policy::Answers(const std::vector<const Grant*>& grants, Relation relation, FieldId field,
                     ledger::Form form) {
  return std::ranges::any_of(grants, [=](const Grant* grant) {
    return grant->form == form && Gives(*grant, relation, field);
  });
}

const Role* Policy::FindRole(std::string_view name) const {
  const auto found = std::ranges::find(roles_, name, &Role::name);
  return found == roles_.end() ? nullptr : &*found;
}

bool Policy::Has(std::string_view role, Right right) const {
  const Role* const found = FindRole(role);
  return found != nullptr && std::ranges::find(found->rights, right) != found->rights.end();
}

bool Policy::IsSealed(std::string_view purpose) const {
  const Purpose* found = FindPurpose(purpose);
  return found != nullptr && found->sealed;
}

bool Policy::HasSealed() const {
  return std::any_of(purposes_.begin(), purposes_.end(),
                     [](const Purpose& purpose) { return purpose.sealed; });
}

std::vector<Right> Policy::RightsOf(std::string_view role) const {
  const Role* const found = FindRole(role);
  return found == nullptr ? std::vector<Right>{} : found->rights;
}

Result<const BudgetClass*> Policy::ClassOf(std::string_view role) const {
  const Role* const found = FindRole(role);
  if (found == nullptr) return Error{Code::kNotFound, "the role has no budget class"};
  const auto of = std::ranges::find(classes_, found->budget_class, &BudgetClass::name);
  if (of == classes_.end()) return Error{Code::kNotFound, "the role has no budget class"};
  return &*of;
}

const Organisation* Policy::FindOrganisation(OrganisationId id) const {
  const auto found = std::ranges::find(organisations_, id, &Organisation::id);
  return found == organisations_.end() ? nullptr : &*found;
}

const Office* Policy::FindOffice(OrganisationId organisation, OfficeId office) const {
  const Organisation* const of = FindOrganisation(organisation);
  if (of == nullptr) return nullptr;
  const auto found = std::ranges::find(of->offices, office, &Office::id);
  return found == of->offices.end() ? nullptr : &*found;
}

const ExplanationSpec* Policy::FindExplanation(std::string_view kind) const {
  const auto found = std::ranges::find(explanations_, kind, &ExplanationSpec::kind);
  return found == explanations_.end() ? nullptr : &*found;
}

const ApprovalSpec* Policy::FindApproval(std::string_view kind) const {
  const auto found = std::ranges::find(approvals_, kind, &ApprovalSpec::kind);
  return found == approvals_.end() ? nullptr : &*found;
}

bool Policy::MayAskFor(std::string_view kind, std::string_view role, Right right) const {
  const ApprovalSpec* const spec = FindApproval(kind);
  if (spec == nullptr) return Has(role, right);
  return std::ranges::find(spec->asks, role) != spec->asks.end();
}

bool Policy::MayApprove(std::string_view kind, std::string_view role, Right right) const {
  const ApprovalSpec* const spec = FindApproval(kind);
  if (spec == nullptr) return Has(role, right);
  return std::ranges::find(spec->approves, role) != spec->approves.end();
}

std::string_view Name(Right right) {
  return kRightNames[static_cast<std::size_t>(right)];
}

std::optional<Right> RightNamed(std::string_view name) {
  return Named<Right>(name, kRightNames);
}

std::string_view Name(Relation relation) {
  static constexpr std::string_view kNames[kRelations] = {"self", "caseload", "explained", "any"};
  return kNames[static_cast<std::size_t>(relation)];
}

std::string_view Name(RoleKind kind) {
  static constexpr std::string_view kNames[] = {"agent", "application", "officer", "citizen",
                                                "system"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace cloison::access
