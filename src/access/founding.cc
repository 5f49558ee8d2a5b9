#include "access/founding.h"

#include <algorithm>
#include <map>
#include <set>

#include "identity/principal_name.h"
#include "text/unseen.h"
#include "text/utf8.h"

namespace cloison::access {

namespace {

using ledger::Founder;

// What is wrong with one of them, whatever the others are.
std::string FaultOf(const Founder& founder, const Policy& policy, std::int64_t now_ms) {
  if (FoldReference(founder.human).empty())
    return "is no human's: a reference has letters of a to z and digits";
  if (founder.account.size() > kLabelBytesMax ||
      !identity::ParsePrincipalName(founder.account).ok()) {
    return "is no account, as \"agents:anna\"";
  }
  std::string fault = FaultOfPlace(founder.organisation, founder.office, founder.role, policy);
  if (!fault.empty()) return fault;
  // Whoever is shown people comes in by an approval, like everybody.
  const RoleKind kind = policy.FindRole(founder.role)->kind;
  if (kind != RoleKind::kOfficer) return "has a role of another kind than officer";
  const std::int64_t ends_ms = ledger::ExpiresMs(founder);
  if (ends_ms <= now_ms) return "has expired";
  if (ends_ms - now_ms > kFounderLastsMaxMs) return "is for more than 400 days";
  return "";
}

bool Agrees(const Founder& founder, const Policy& policy) {
  return policy.MayAskFor("enrol", founder.role, Right::kEnrol) &&
         policy.MayApprove("enrol", founder.role, Right::kEnrol);
}

// U+0300 to U+036F, which Nfkd puts behind their letters.
bool IsAccent(std::string_view one) {
  return one >= "\u0300" && one <= "\u036F" && one.size() == 2;
}

// Zero-width and of format, or a choice of form: nobody who compares by eye sees it.
bool IsInvisible(std::string_view one) {
  return one.size() > 1 && (text::HasUnseen(one) || (one >= "\uFE00" && one <= "\uFE0F"));
}

// Neither letter nor digit of ASCII, or of the Unicode spaces and dashes.
bool StandsBetween(std::string_view one) {
  if (one.size() > 1) return (one >= "\u2000" && one <= "\u206F") || one == "\u2212";
  const char c = one[0];
  return (c < 'a' || c > 'z') && (c < '0' || c > '9');
}

}  // namespace

std::string FoldReference(std::string_view reference) {
  const Result<std::string> small = text::FoldCase(reference);
  // Some forms of capitals are small after they were decomposed alone.
  const Result<std::string> apart = small.ok() ? text::Nfkd(*small) : small;
  const Result<std::string> again = apart.ok() ? text::FoldCase(*apart) : apart;
  const Result<std::string> plain = again.ok() ? text::Nfkd(*again) : again;
  if (!plain.ok()) return {};
  std::string folded;
  bool between = false;
  for (std::string_view rest = *plain; !rest.empty();) {
    const std::string_view one = text::FirstCharacter(rest);
    rest.remove_prefix(one.size());
    if (IsAccent(one) || IsInvisible(one)) continue;
    if (StandsBetween(one)) {
      between = true;
      continue;
    }
    // Letters that look like those of ASCII, and what shows as nothing, would make two of one.
    if (one.size() > 1) return {};
    if (between && !folded.empty()) folded += '-';
    between = false;
    folded += one;
  }
  return folded;
}

HumanId HumanIdOf(const commit::SealedState& state, std::string_view reference) {
  return crypto::Truncate<16>(state.Digest("human", {AsBytes(FoldReference(reference))}));
}

std::string FaultOfPlace(OrganisationId organisation, std::optional<OfficeId> office,
                         std::string_view role, const Policy& policy) {
  if (policy.FindOrganisation(organisation) == nullptr) {
    return "is of an organisation that the policy does not have";
  }
  if (office.has_value() && policy.FindOffice(organisation, *office) == nullptr) {
    return "is of an office that the policy does not have";
  }
  return policy.FindRole(role) != nullptr ? "" : "has a role that the policy does not have";
}

Status CheckFounders(const ledger::BootstrapPlan& plan, const Policy& policy, std::int64_t now_ms,
                     std::vector<std::string>& problems) {
  const std::size_t before = problems.size();
  std::set<std::string> accounts, humans;
  std::map<OrganisationId, int> agreeing;
  for (const Founder& founder : plan.founders) {
    const std::string fault = FaultOf(founder, policy, now_ms);
    if (!fault.empty()) problems.push_back(founder.account + " " + fault);
    if (!accounts.insert(founder.account).second) {
      problems.push_back(founder.account + " is there twice");
    }
    if (!humans.insert(FoldReference(founder.human)).second) {
      problems.push_back(founder.account + " is the same human as another");
    }
    agreeing[founder.organisation] += Agrees(founder, policy) ? 1 : 0;
  }
  for (const auto& [organisation, count] : agreeing) {
    if (count >= 2) continue;
    problems.push_back("organisation " + std::to_string(organisation.value()) +
                       " needs two founders who may ask for and agree to enrolments");
  }
  if (problems.size() == before) return Ok();
  return Error{Code::kInvalid, "a register cannot begin with these principals"};
}

Status CheckNewcomers(const std::vector<Founder>& founders, const Policy& before,
                      const Policy& after, std::int64_t now_ms,
                      std::vector<std::string>& problems) {
  CLOISON_TRY(CheckFounders({{}, founders}, after, now_ms, problems));
  const bool old = std::ranges::any_of(founders, [&before](const Founder& founder) {
    return before.FindOrganisation(founder.organisation) != nullptr;
  });
  if (!old) return Ok();
  return Error{Code::kInvalid, "founders are of organisations that this policy brings"};
}

PrincipalInfo FounderInfo(const Founder& founder, const commit::SealedState& state,
                          const commit::BatchTime& now) {
  const Result<identity::PrincipalName> name = identity::ParsePrincipalName(founder.account);
  CLOISON_CHECK(name.ok());
  PrincipalInfo info{identity::PrincipalIdOf(founder.issuer, name->sub), founder.organisation,
                     founder.office, founder.role, founder.account};
  info.expires_ms = ledger::ExpiresMs(founder) - now.wall_ms + now.budget_ms;
  info.human = HumanIdOf(state, founder.human);
  return info;
}

std::vector<std::string> WithoutFounders(const ledger::BootstrapPlan& plan, const Policy& policy) {
  std::vector<std::string> without;
  for (const Organisation& organisation : policy.organisations()) {
    const bool has = std::ranges::any_of(plan.founders, [&](const Founder& founder) {
      return founder.organisation == organisation.id;
    });
    if (!has) without.push_back(organisation.name);
  }
  return without;
}

}  // namespace cloison::access
