#include "approvals/entitled.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace cloison::approvals {
namespace {

constexpr std::int64_t kNow = 100 * base::kDayMs;

PrincipalId Id(std::uint8_t number) {
  return PrincipalId(ByteArray<16>{number});
}
ByteArray<16> Human(std::uint8_t number) {
  return ByteArray<16>{0xff, number};
}

struct Case {
  Rules rules;
  Party asker{Id(1), OrganisationId(1)};
  Party approver{Id(2), OrganisationId(1)};
  Gaining gaining{{Id(9)}, {}};
  std::int64_t now_ms = kNow;
};

std::string WordOf(const std::optional<WhyNot>& why) {
  return why.has_value() ? std::string(Name(*why)) : "may";
}

struct Row {
  const char* why;
  std::function<void(Case&)> set;
  const char* want;
};

void Check(const Row& row) {
  Case c;
  row.set(c);
  EXPECT_EQ(WordOf(MayNotApprove(c.rules, c.asker, c.approver, c.gaining, c.now_ms)), row.want)
      << row.why;
}

TEST(Entitled, WhoMayApprove) {
  const Row kRows[] = {
      {"another with the right", [](Case&) {}, "may"},
      {"without the right", [](Case& c) { c.approver.has_right = false; }, "no_right"},
      {"frozen, or expired", [](Case& c) { c.approver.stands = false; }, "does_not_stand"},
      {"an application", [](Case& c) { c.approver.is_human = false; }, "not_human"},
      {"of another organisation", [](Case& c) { c.approver.organisation = OrganisationId(2); },
       "other_organisation"},
      {"of another, where the kind allows it",
       [](Case& c) {
         c.approver.organisation = OrganisationId(2);
         c.rules.same_organisation = false;
       },
       "may"},
      {"oneself", [](Case& c) { c.approver.id = c.asker.id; }, "same_principal"},
      {"oneself, though one may ask for oneself",
       [](Case& c) {
         c.approver.id = c.asker.id;
         c.rules.asker_may_gain = true;
       },
       "same_principal"},
      {"the same human by another issuer",
       [](Case& c) { c.asker.human = c.approver.human = Human(1); }, "same_human"},
      {"another human",
       [](Case& c) {
         c.asker.human = Human(1);
         c.approver.human = Human(2);
       },
       "may"},
      {"nobody knows which human asked", [](Case& c) { c.approver.human = Human(2); }, "may"},
      {"nobody knows of either", [](Case& c) { c.asker.human = c.approver.human = {}; }, "may"},
      {"enrolled today", [](Case& c) { c.approver.enrolled_ms = kNow; }, "too_fresh"},
      {"for exactly 30 days", [](Case& c) { c.approver.enrolled_ms = kNow - kEnrolledForMs; },
       "too_fresh"},
      {"for 30 days and a moment",
       [](Case& c) { c.approver.enrolled_ms = kNow - kEnrolledForMs - 1; }, "may"},
      {"in a time to come: a clock went back",
       [](Case& c) { c.approver.enrolled_ms = kNow + base::kDayMs; }, "too_fresh"},
      {"a founder", [](Case& c) { c.approver.enrolled_ms = 0; }, "may"},
      {"a founder, on the first day",
       [](Case& c) {
         c.approver.enrolled_ms = 0;
         c.now_ms = 1;
       },
       "may"},
      {"whoever asked may be fresh", [](Case& c) { c.asker.enrolled_ms = kNow; }, "may"},
      {"whoever gains", [](Case& c) { c.gaining.principals = {Id(2)}; }, "gains"},
      {"whoever gains among others", [](Case& c) { c.gaining.principals = {Id(8), Id(2)}; },
       "gains"},
      {"the human who gains, by another account",
       [](Case& c) {
         c.approver.human = Human(2);
         c.gaining.humans = {Human(3), Human(2)};
       },
       "gains"},
      {"another human than who gains",
       [](Case& c) {
         c.approver.human = Human(2);
         c.gaining.humans = {Human(3)};
       },
       "may"},
      {"the first reason is told: the right before the rest",
       [](Case& c) {
         c.approver.has_right = false;
         c.approver.id = c.asker.id;
       },
       "no_right"},
  };
  for (const Row& row : kRows) Check(row);
}

TEST(Entitled, NobodyAboveAndNobodyBelow) {
  const Row kRows[] = {
      {"the asker's manager", [](Case& c) { c.asker.above = {Id(2)}; }, "in_chain"},
      {"three above the asker", [](Case& c) { c.asker.above = {Id(5), Id(6), Id(2)}; }, "in_chain"},
      {"whom the asker manages", [](Case& c) { c.approver.above = {Id(1)}; }, "in_chain"},
      {"three below the asker", [](Case& c) { c.approver.above = {Id(5), Id(6), Id(1)}; },
       "in_chain"},
      {"a sister: both under one manager",
       [](Case& c) { c.asker.above = c.approver.above = {Id(7)}; }, "may"},
      {"the manager, where the kind allows it",
       [](Case& c) {
         c.asker.above = {Id(2)};
         c.rules.chain_may_decide = true;
       },
       "may"},
      {"a chain without an end above the asker",
       [](Case& c) { c.asker.above.assign(kChainMax + 1, Id(7)); }, "in_chain"},
      {"a chain without an end above the approver",
       [](Case& c) { c.approver.above.assign(kChainMax + 1, Id(7)); }, "in_chain"},
      {"the longest chain there is", [](Case& c) { c.asker.above.assign(kChainMax, Id(7)); },
       "may"},
  };
  for (const Row& row : kRows) Check(row);
}

TEST(Entitled, WhoMayAsk) {
  const Row kRows[] = {
      {"with the right", [](Case&) {}, "may"},
      {"without", [](Case& c) { c.asker.has_right = false; }, "no_right"},
      {"frozen since", [](Case& c) { c.asker.stands = false; }, "does_not_stand"},
      {"an application", [](Case& c) { c.asker.is_human = false; }, "not_human"},
      {"for oneself", [](Case& c) { c.gaining.principals = {Id(1)}; }, "gains"},
      {"for one's other account",
       [](Case& c) {
         c.asker.human = Human(1);
         c.gaining.humans = {Human(1)};
       },
       "gains"},
      {"for oneself, where the kind allows it",
       [](Case& c) {
         c.gaining.principals = {Id(1)};
         c.rules.asker_may_gain = true;
       },
       "may"},
  };
  for (const Row& row : kRows) {
    Case c;
    row.set(c);
    EXPECT_EQ(WordOf(MayNotAsk(c.rules, c.asker, c.gaining)), row.want) << row.why;
  }
}

}  // namespace
}  // namespace cloison::approvals
