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

std::optional<ledger::Form> Policy::FormOf(const std::vector<const Grant*>& grants,
                                           Relation relation, FieldId field) {
  std::optional<ledger::Form> best;
  for (const Grant* grant : grants) {
    const bool reaches = grant->relation == relation || grant->relation == Relation::kAny;
    if (!reaches || !std::binary_search(grant->fields.begin(), grant->fields.end(), field))
      continue;
    if (!best.has_value() || grant->form < *best) best = grant->form;  // plain is the lowest number
  }
  return best;
}

bool Policy::Has(std::string_view role, Right right) const {
  const auto found = rights_.find(role);
  if (found == rights_.end()) return false;
  return std::find(found->second.begin(), found->second.end(), right) != found->second.end();
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
  const auto found = rights_.find(role);
  return found == rights_.end() ? std::vector<Right>{} : found->second;
}

Result<const BudgetClass*> Policy::ClassOf(std::string_view role) const {
  const auto name = class_of_role_.find(role);
  if (name == class_of_role_.end()) return Error{Code::kNotFound, "the role has no budget class"};
  for (const BudgetClass& budget_class : classes_) {
    if (budget_class.name == name->second) return &budget_class;
  }
  return Error{Code::kNotFound, "the role has no budget class"};
}

std::string_view Name(Right right) {
  static constexpr std::string_view kNames[] = {"register",  "update", "erase",  "assign", "freeze",
                                                "own_trail", "hold",   "unseal", "enrol"};
  return kNames[static_cast<std::size_t>(right)];
}

std::string_view Name(Relation relation) {
  static constexpr std::string_view kNames[] = {"self", "caseload", "any"};
  return kNames[static_cast<std::size_t>(relation)];
}

}  // namespace cloison::access
