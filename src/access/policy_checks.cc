// What no table of a policy shows by itself: grants that contradict each other, rights that may not
// meet in one role, ceilings that can never be reached, approvals that close a circle.
#include <algorithm>
#include <tuple>

#include "access/internal/policy_parser.h"

namespace cloison::access {

namespace {

bool Meet(const Grant& a, const Grant& b) {
  return !a.organisation.has_value() || !b.organisation.has_value() ||
         *a.organisation == *b.organisation;
}

std::optional<FieldId> CommonField(const Grant& a, const Grant& b) {
  for (const FieldId field : a.fields) {
    if (std::ranges::binary_search(b.fields, field)) return field;
  }
  return std::nullopt;
}

// Whether everybody whom `inner` counts is counted by `outer` too.
bool Contains(const CeilingSpec& outer, const CeilingSpec& inner) {
  if (outer.family != inner.family) return false;
  if (outer.scope < inner.scope && outer.scope != Scope::kRegister) return false;
  if (outer.scope == Scope::kRegister) return true;
  if (outer.scope == Scope::kClient || inner.scope == Scope::kClient) {
    return outer.scope == inner.scope;
  }
  const bool organisation =
      !outer.organisation.has_value() || outer.organisation == inner.organisation;
  const bool office =
      outer.scope != Scope::kOffice || !outer.office.has_value() || outer.office == inner.office;
  return organisation && office;
}

std::int64_t Length(const CeilingSpec& ceiling) {
  return ceiling.bucket_ms * ceiling.buckets;
}

}  // namespace

void PolicyParser::CheckWhole() {
  CheckOverlaps();
  for (std::size_t i = 0; i < policy_.grants_.size(); ++i) {
    CheckReader(policy_.grants_[i], grant_lines_[i]);
  }
  for (const Role& role : policy_.roles_) CheckRights(role);
  CheckCeilings();
  const Role* const system = policy_.FindRole("system");
  if (system == nullptr || system->kind != RoleKind::kSystem) {
    problems_.Add(1, "the server acts by the role 'system', of kind system: there is none");
  }
}

// One line of a policy means what it says: no other line makes more or less of it.
void PolicyParser::CheckOverlaps() {
  using Key = std::tuple<std::string_view, std::string_view, Relation>;
  std::map<Key, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < policy_.grants_.size(); ++i) {
    const Grant& grant = policy_.grants_[i];
    if (!IsShowing(grant.form)) continue;  // a question beside what is shown takes nothing back
    std::vector<std::size_t>& group = groups[{grant.role, grant.purpose, grant.relation}];
    for (const std::size_t before : group) {
      const Grant& other = policy_.grants_[before];
      if (other.form == grant.form || !Meet(other, grant)) continue;
      const std::optional<FieldId> field = CommonField(other, grant);
      if (!field.has_value()) continue;
      problems_.Add(grant_lines_[i], "'" + schema_.Find(*field)->name +
                                         "' is given in another form by the grant on line " +
                                         std::to_string(grant_lines_[before]));
      break;
    }
    group.push_back(i);
  }
}

// Who may be shown anybody, by what stands behind the role.
void PolicyParser::CheckReader(const Grant& grant, int line) {
  const Role& role = *policy_.FindRole(grant.role);
  const std::string of = "the role '" + role.name + "' ";
  switch (role.kind) {
    case RoleKind::kSystem: problems_.Add(line, of + "is the system's: it has no grants"); return;
    case RoleKind::kApplication: CheckJobGrant(grant, line); return;
    case RoleKind::kCitizen:
      if (grant.relation != Relation::kSelf) {
        problems_.Add(line, of + "is a citizen's: its grants are of relation self");
      }
      return;
    case RoleKind::kAgent:
    case RoleKind::kOfficer: break;
  }
  const bool enrols = policy_.MayAskFor("enrol", role.name, Right::kEnrol) ||
                      policy_.MayApprove("enrol", role.name, Right::kEnrol);
  if (enrols) problems_.Add(line, of + "enrols: who enrols reads nobody");
  // Two who read would agree to each other's reasons to read, or to more of them.
  for (const ApprovalSpec& spec : policy_.approvals_) {
    const bool gives = spec.kind == "access" || spec.kind == "transfer" || spec.kind == "change" ||
                       spec.kind == "raise";
    if (!gives || std::ranges::find(spec.approves, role.name) == spec.approves.end()) continue;
    problems_.Add(line, of + "agrees to approvals of kind '" + spec.kind +
                            "': who lets others read reads nobody");
  }
  // Two holders of such a role would give each other the reasons to read. A reader's own emergency
  // takes no right.
  for (const Right right : {Right::kAssign, Right::kExplain, Right::kReview}) {
    if (!policy_.Has(role.name, right)) continue;
    problems_.Add(line, of + "has the right '" + std::string(Name(right)) +
                            "': who says why others read reads nobody");
  }
}

// What an application shows somebody, it shows to the agent whose session it carries; but for what
// its approved jobs seal to a recipient.
void PolicyParser::CheckJobGrant(const Grant& grant, int line) {
  if (!IsShowing(grant.form)) return;
  const std::string of = "the role '" + grant.role + "' is an application's: it is shown nobody";
  if (!policy_.Has(grant.role, Right::kJob)) return problems_.Add(line, of);
  const bool for_jobs = grant.form == ledger::Form::kPlain && grant.relation == Relation::kAny &&
                        !policy_.IsSealed(grant.purpose);
  if (!for_jobs) {
    problems_.Add(line, of + "; what its jobs seal is granted plain, for any, and is no sealed "
                             "access");
  }
}

void PolicyParser::CheckRights(const Role& role) {
  const int line = lines_.find("role " + role.name)->second;
  const std::string of = "the role '" + role.name + "' ";
  const bool human = role.kind == RoleKind::kAgent || role.kind == RoleKind::kOfficer;
  for (const Right right : {Right::kEnrol, Right::kPolicy}) {
    if (role.kind == RoleKind::kOfficer || !policy_.Has(role.name, right)) continue;
    problems_.Add(line,
                  of + "has the right '" + std::string(Name(right)) + "', which is an officer's");
  }
  const bool exports = role.kind == RoleKind::kOfficer || role.kind == RoleKind::kApplication;
  if (policy_.Has(role.name, Right::kExport) && !exports) {
    problems_.Add(line, of + "has the right 'export', which is an officer's or an application's");
  }
  if (role.archive && !human) {
    problems_.Add(line, of + "cannot look into the archive: nobody reads people as it");
  }
  if (role.archive && !policy_.archive_.has_value()) {
    problems_.Add(line, of + "has archive = true, but there is no [archive]");
  }
  // Two holders of such a role would make more of themselves, and then say what they may do: nobody
  // outside the circle is ever asked.
  const bool enrols = policy_.MayAskFor("enrol", role.name, Right::kEnrol) &&
                      policy_.MayApprove("enrol", role.name, Right::kEnrol);
  const bool rules = policy_.MayAskFor("policy", role.name, Right::kPolicy) &&
                     policy_.MayApprove("policy", role.name, Right::kPolicy);
  if (enrols && rules) {
    problems_.Add(
        line, "a circle of approvers: " + of + "alone says who is enrolled and what the policy is");
  }
}

void PolicyParser::CheckCeilings() {
  const std::vector<CeilingSpec>& all = policy_.ceilings_;
  if (all.size() > kCeilingSpecsMax) {
    problems_.Add(ceiling_lines_[kCeilingSpecsMax], "a policy has at most 256 ceilings");
    return;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j) {
      if (i == j || !Contains(all[j], all[i]) || Length(all[j]) < Length(all[i])) continue;
      const bool same = Contains(all[i], all[j]) && Length(all[i]) == Length(all[j]);
      if (CheckPair(i, j, same && i < j)) break;
    }
  }
}

// `outer` counts whom `inner` counts, over as long. True: something was said.
bool PolicyParser::CheckPair(std::size_t inner, std::size_t outer, bool first_of_equals) {
  const std::string line = std::to_string(ceiling_lines_[outer]);
  const CeilingSpec &in = policy_.ceilings_[inner], &out = policy_.ceilings_[outer];
  const bool equals = Contains(in, out) && Length(in) == Length(out);
  for (std::size_t c = 0; c < kCounters; ++c) {
    if (!in.caps[c].has_value() || !out.caps[c].has_value()) continue;
    const std::string counter(Name(static_cast<Counter>(c)));
    if (equals) {
      if (first_of_equals) return false;  // said once, of the later one
      problems_.Add(ceiling_lines_[inner],
                    counter + ": the ceiling on line " + line + " is of the same people and time");
      return true;
    }
    if (*out.caps[c] >= *in.caps[c]) continue;
    problems_.Add(ceiling_lines_[inner], counter +
                                             ": a ceiling that can never be reached: the one on "
                                             "line " +
                                             line + " is lower, for as long and as many");
    return true;
  }
  return false;
}

}  // namespace cloison::access
