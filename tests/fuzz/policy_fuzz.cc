// A policy that is accepted keeps the rules that budgets and grants rely on: caps don't shrink with
// a longer window, every role has a class, the national number in plain form needs a decree, an
// application is shown nobody, who enrols reads nobody. It is read again as the same.
#include <algorithm>
#include <string>
#include <vector>

#include "access/policy_diff.h"
#include "vault/embedded.h"

namespace {

using namespace cloison;

std::shared_ptr<const records::Schema> TheSchema() {
  std::vector<std::string> problems;
  auto schema = records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems);
  CLOISON_CHECK(schema.ok());
  return *schema;
}

void CheckCaps(const access::Caps& caps) {
  for (const auto& windows : caps.of) {
    CLOISON_CHECK(std::is_sorted(windows.begin(), windows.end()));
  }
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    const auto counter = static_cast<access::Counter>(c);
    CLOISON_CHECK(access::Bound(caps, counter, 1) == caps.cap(counter, access::Window::kHour));
  }
}

void CheckGrant(const access::Policy& policy, const records::Schema& schema,
                const access::Grant& grant) {
  const access::Purpose* const purpose = policy.FindPurpose(grant.purpose);
  CLOISON_CHECK(purpose != nullptr && purpose->name.size() <= ledger::kPurposeBytesMax);
  CLOISON_CHECK(std::is_sorted(grant.fields.begin(), grant.fields.end()));
  CLOISON_CHECK(std::adjacent_find(grant.fields.begin(), grant.fields.end()) == grant.fields.end());
  for (const FieldId id : grant.fields) {
    const records::FieldSpec* const field = schema.Find(id);
    CLOISON_CHECK(field != nullptr);
    const bool plain_nir =
        field->type == records::FieldType::kNir && grant.form == ledger::Form::kPlain;
    CLOISON_CHECK(!plain_nir || purpose->decree || grant.relation == access::Relation::kSelf);
  }
}

void CheckReader(const access::Policy& policy, const access::Grant& grant) {
  const access::Role* const role = policy.FindRole(grant.role);
  CLOISON_CHECK(role != nullptr && policy.ClassOf(grant.role).ok());
  if (!access::IsShowing(grant.form)) return;
  // An application is shown nobody, but for what its approved jobs seal.
  const bool for_jobs = policy.Has(grant.role, access::Right::kJob) &&
                        grant.form == ledger::Form::kPlain &&
                        grant.relation == access::Relation::kAny && !policy.IsSealed(grant.purpose);
  CLOISON_CHECK(role->kind != access::RoleKind::kApplication || for_jobs);
  CLOISON_CHECK(role->kind != access::RoleKind::kSystem);
  CLOISON_CHECK(!policy.Has(grant.role, access::Right::kEnrol) ||
                policy.FindApproval("enrol") != nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const records::Schema> schema = TheSchema();
  std::vector<std::string> problems;
  const auto policy = access::Policy::Parse(AsText({data, size}), *schema, &problems);
  CLOISON_CHECK(policy.ok() == problems.empty());
  if (!policy.ok()) {
    CLOISON_CHECK(policy.error().code() == Code::kInvalid);
    return 0;
  }
  CLOISON_CHECK((*policy)->version() > 0);
  CLOISON_CHECK((*policy)->document() == AsText({data, size}));
  for (const access::Grant& grant : (*policy)->grants()) CheckReader(**policy, grant);
  const auto again = access::Policy::Parse((*policy)->document(), *schema, &problems);
  CLOISON_CHECK(again.ok() && access::Diff(**policy, **again, *schema).empty());
  for (const access::Purpose& purpose : (*policy)->purposes()) {
    CLOISON_CHECK((*policy)->FindPurpose(purpose.name) == &purpose);
  }
  for (const std::string_view role : {"adviser", "citizen", "security-officer", "a", ""}) {
    const auto budget_class = (*policy)->ClassOf(role);
    if (budget_class.ok()) CheckCaps((*budget_class)->caps);
    for (const access::Grant& grant : (*policy)->GrantsOf(OrganisationId(1), role)) {
      CLOISON_CHECK(budget_class.ok());
      CheckGrant(**policy, *schema, grant);
    }
  }
  return 0;
}
