#include "approvals/entitled.h"

#include <algorithm>

namespace cloison::approvals {

namespace {

bool Gains(const Party& party, const Gaining& gaining) {
  const bool named = std::ranges::find(gaining.principals, party.id) != gaining.principals.end();
  const bool same = party.human.has_value() &&
                    std::ranges::find(gaining.humans, *party.human) != gaining.humans.end();
  return named || same;
}

bool IsAbove(const Party& above, const Party& below) {
  return below.above.size() > kChainMax ||
         std::ranges::find(below.above, above.id) != below.above.end();
}

}  // namespace

std::string_view Name(WhyNot why) {
  static constexpr std::string_view kNames[] = {
      "no_right",       "does_not_stand", "not_human", "other_organisation",
      "same_principal", "same_human",     "too_fresh", "in_chain",
      "gains",          "same_office"};
  return kNames[static_cast<std::size_t>(why)];
}

std::optional<WhyNot> MayNotAsk(const Rules& rules, const Party& asker, const Gaining& gaining) {
  if (!asker.has_right) return WhyNot::kNoRight;
  if (!asker.stands) return WhyNot::kDoesNotStand;
  if (!asker.is_human) return WhyNot::kNotHuman;
  if (!rules.asker_may_gain && Gains(asker, gaining)) return WhyNot::kGains;
  return std::nullopt;
}

std::optional<WhyNot> MayNotApprove(const Rules& rules, const Party& asker, const Party& approver,
                                    const Gaining& gaining, std::int64_t now_ms) {
  if (!approver.has_right) return WhyNot::kNoRight;
  if (!approver.stands) return WhyNot::kDoesNotStand;
  if (!approver.is_human) return WhyNot::kNotHuman;
  if (rules.same_organisation && asker.organisation != approver.organisation) {
    return WhyNot::kOtherOrganisation;
  }
  if (asker.id == approver.id) return WhyNot::kSamePrincipal;
  if (asker.human.has_value() && asker.human == approver.human) return WhyNot::kSameHuman;
  if (approver.enrolled_ms != 0 && now_ms - approver.enrolled_ms <= rules.enrolled_for_ms) {
    return WhyNot::kTooFresh;
  }
  const bool in_chain = IsAbove(asker, approver) || IsAbove(approver, asker);
  if (!rules.chain_may_decide && in_chain) return WhyNot::kInChain;
  if (Gains(approver, gaining)) return WhyNot::kGains;
  if (rules.other_office && asker.office == approver.office) return WhyNot::kSameOffice;
  return std::nullopt;
}

}  // namespace cloison::approvals
