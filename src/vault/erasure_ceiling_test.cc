// Of one organisation so many erasures begin within a day and no more: what two stolen accounts of
// officers can destroy. One over it waits for room, and everybody who may stop it can.
#include <gtest/gtest.h>

#include <algorithm>

#include "access/alarms.h"
#include "access/cases.h"
#include "access/erasures.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using access::Erasures;
using approvals::State;
using store::Family;
using testing::TestVault;
using testing::Word;
using Became = Erasures::Became;

class ErasureCeiling : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(vault_.Start().ok());
    Rule(0, 2);
  }
  void Rule(std::int64_t delay_ms, std::uint32_t per_day) {
    vault_.gate().erasures().Rule(delay_ms, false, per_day);
  }
  PersonId Person(std::size_t i) { return vault_.world().people.at(10 + i); }
  bool IsThere(std::size_t i) { return vault_.Wait(vault_.vault().people().Sight(Person(i))).ok(); }
  std::uint64_t Ask(std::size_t i) {
    access::Gate::Once once{"e" + std::to_string(i), {}};
    const std::string code = vault_.CodeFor("officer.privacy", Person(i));
    const auto asked = vault_.Wait(vault_.gate().approvals().AskErase(
        vault_.As("officer.privacy"), code, 1, {"erase", "case-1"}, std::move(once)));
    CLOISON_CHECK(Word(asked) == "shown");
    return std::get<Approvals::Shown>(*asked).approval.number;
  }
  std::uint64_t Agreed(std::size_t i) {
    const std::uint64_t number = Ask(i);
    CLOISON_CHECK(Word(vault_.ApproveAs("officer.privacy.b", number)) == "shown");
    return number;
  }
  State StateOf(std::uint64_t number) {
    const auto read =
        vault_.Wait(vault_.gate().approvals().Read(vault_.As("officer.privacy"), number));
    CLOISON_CHECK(Word(read) == "shown");
    return std::get<Approvals::Shown>(*read).approval.state;
  }
  std::size_t Alarms(std::string_view what) {
    const auto page =
        vault_.Wait(vault_.gate().cases().alarms().List(vault_.As("officer.security"), 0, 100));
    CLOISON_CHECK(Word(page) == "shown");
    return static_cast<std::size_t>(
        std::ranges::count_if(std::get<access::Alarms::Page>(*page).items,
                              [what](const access::Alarm& one) { return Name(one.what) == what; }));
  }
  // As the minute does it: how many were done.
  std::size_t Tend() {
    Erasures& erasures = vault_.gate().erasures();
    CLOISON_CHECK(vault_.Wait(erasures.Tell(vault_.executor)).ok());
    const auto due = vault_.Wait(erasures.Due(0, vault_.executor));
    CLOISON_CHECK(due.ok());
    std::size_t done = 0;
    for (const Erasures::Waiting& one : *due) {
      const auto became =
          vault_.Wait(erasures.Proceed(one.number, Erasures::Said::kNothing, vault_.executor));
      CLOISON_CHECK(became.ok());
      done += *became == Became::kDone ? 1 : 0;
    }
    return done;
  }
  store::KeyedRow CountRow() {
    const auto rows = vault_.Rows(Family::kOperations);
    CLOISON_CHECK(rows.size() == 1);
    return rows.front();
  }

  TestVault vault_;
};

TEST_F(ErasureCeiling, OneMoreWaitsForRoom) {
  EXPECT_EQ(StateOf(Agreed(0)), State::kUsed);
  EXPECT_EQ(StateOf(Agreed(1)), State::kUsed) << "up to the ceiling at once";
  const std::size_t alerts = vault_.Rows(Family::kOutbox).size();
  const std::uint64_t third = Agreed(2);
  EXPECT_EQ(StateOf(third), State::kApproved);
  EXPECT_TRUE(IsThere(2));
  EXPECT_EQ(vault_.Rows(Family::kOutbox).size(), alerts + 1) << "the second contact is told";
  EXPECT_EQ(Alarms("erasures_full"), 1u) << "and whoever watches";
  EXPECT_EQ(Tend(), 0u);
  EXPECT_EQ(vault_.events.Count("erasure_over_ceiling"), 1);
  vault_.clock.Advance(23 * base::kHourMs);
  EXPECT_EQ(Tend(), 0u) << "within the day";
  ASSERT_TRUE(vault_.Reopen().ok());
  Rule(0, 2);
  EXPECT_EQ(Tend(), 0u) << "a restart gives no room";
  EXPECT_TRUE(IsThere(2));
  vault_.clock.Advance(2 * base::kHourMs);
  EXPECT_EQ(Tend(), 1u) << "by itself, once there is room";
  EXPECT_EQ(StateOf(third), State::kUsed);
  EXPECT_FALSE(IsThere(2));
}

TEST_F(ErasureCeiling, OneThatWaitsIsStopped) {
  (void)Agreed(0);
  (void)Agreed(1);
  const std::uint64_t third = Agreed(2);
  ASSERT_EQ(Word(vault_.DenyAs("officer.privacy", third)), "shown");
  vault_.clock.Advance(2 * base::kDayMs);
  EXPECT_EQ(Tend(), 0u);
  EXPECT_TRUE(IsThere(2));
}

TEST_F(ErasureCeiling, OneThatIsStoppedTakesNoRoom) {
  Rule(base::kDayMs, 1);
  const std::uint64_t first = Agreed(0);
  const std::uint64_t second = Agreed(1);
  EXPECT_EQ(Tend(), 0u);
  ASSERT_EQ(Word(vault_.DenyAs("officer.privacy", first)), "shown");
  vault_.clock.Advance(base::kDayMs + base::kMinuteMs);
  EXPECT_EQ(Tend(), 1u);
  EXPECT_EQ(StateOf(second), State::kUsed);
}

TEST_F(ErasureCeiling, IsForThoseThatWaitedToo) {
  Rule(base::kDayMs, 2);
  for (std::size_t i = 0; i < 5; ++i) (void)Agreed(i);
  EXPECT_EQ(Tend(), 0u);
  vault_.clock.Advance(base::kDayMs + base::kMinuteMs);
  EXPECT_EQ(Tend(), 2u) << "five are due on one day";
  EXPECT_EQ(Tend(), 0u);
  vault_.clock.Advance(25 * base::kHourMs);
  EXPECT_EQ(Tend(), 2u);
  vault_.clock.Advance(25 * base::kHourMs);
  EXPECT_EQ(Tend(), 1u);
}

// Others of the organisation do not wait for one that is held up by something else.
TEST_F(ErasureCeiling, OneThatIsHeldUpKeepsRoomFromNobody) {
  vault_.gate().erasures().Rule(base::kHourMs, true, 1);
  const std::uint64_t first = Agreed(0);  // nobody says yes
  Rule(base::kHourMs, 1);
  const std::uint64_t second = Agreed(1);
  EXPECT_EQ(Tend(), 0u);
  vault_.clock.Advance(base::kHourMs + base::kMinuteMs);
  EXPECT_EQ(Tend(), 1u);
  EXPECT_EQ(StateOf(first), State::kApproved);
  EXPECT_EQ(StateOf(second), State::kUsed);
}

// Whom somebody else erased meanwhile takes no room.
TEST_F(ErasureCeiling, OneThatIsGoneTakesNoRoom) {
  Rule(base::kDayMs, 2);
  const std::uint64_t first = Agreed(0);
  access::Gate::Once once{"again", {}};
  const auto asked = vault_.Wait(vault_.gate().approvals().AskErase(
      vault_.As("officer.privacy"), vault_.CodeFor("officer.privacy", Person(0)), 1,
      {"erase", "case-2"}, std::move(once)));
  ASSERT_EQ(Word(asked), "shown");
  const std::uint64_t second = std::get<Approvals::Shown>(*asked).approval.number;
  ASSERT_EQ(Word(vault_.ApproveAs("officer.privacy.b", second)), "shown");
  (void)Agreed(1);
  EXPECT_EQ(Tend(), 0u);
  vault_.clock.Advance(base::kDayMs + base::kMinuteMs);
  (void)Tend();
  (void)Tend();
  EXPECT_EQ(StateOf(first), State::kUsed);
  EXPECT_EQ(StateOf(second), State::kUsed);
  EXPECT_FALSE(IsThere(1)) << "the second place was left for it";
}

TEST_F(ErasureCeiling, OfTwoAtOnceOneGetsThePlace) {
  Rule(0, 1);
  const std::uint64_t numbers[] = {Ask(0), Ask(1), Ask(2)};
  const auto approve = [](TestVault& vault, std::uint64_t number) -> Task<void> {
    (void)co_await vault.gate().approvals().Approve(vault.As("officer.privacy.b"), number);
  };
  for (const std::uint64_t number : numbers) base::Detach(approve(vault_, number));
  vault_.executor.RunAll();
  int used = 0, waiting = 0;
  for (const std::uint64_t number : numbers) {
    used += StateOf(number) == State::kUsed ? 1 : 0;
    waiting += StateOf(number) == State::kApproved ? 1 : 0;
  }
  EXPECT_EQ(used, 1);
  EXPECT_EQ(waiting, 2);
}

// Nobody can be forgotten faster by damaging the count, and nobody is kept for ever.
TEST_F(ErasureCeiling, ADamagedCountIsFullForADay) {
  (void)Agreed(0);
  store::KeyedRow row = CountRow();
  row.row.value.back() ^= 1;
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Overwrite(Family::kOperations, {row});
  ASSERT_TRUE(vault_.Open().ok());
  Rule(0, 2);
  const std::uint64_t second = Agreed(1);
  EXPECT_EQ(StateOf(second), State::kApproved);
  EXPECT_EQ(vault_.events.Count("state_does_not_open"), 1);
  EXPECT_EQ(Tend(), 0u);
  vault_.clock.Advance(26 * base::kHourMs);
  EXPECT_EQ(Tend(), 1u);
  EXPECT_EQ(StateOf(Agreed(2)), State::kUsed) << "and then as before";
}

TEST_F(ErasureCeiling, ACountThatIsDamagedWhileOneWaitsHeals) {
  Rule(base::kHourMs, 1);
  (void)Agreed(0);
  EXPECT_EQ(Tend(), 0u);
  vault_.clock.Advance(base::kHourMs + base::kMinuteMs);
  EXPECT_EQ(Tend(), 1u);
  (void)Agreed(1);
  EXPECT_EQ(Tend(), 0u);
  std::vector<store::KeyedRow> rows = vault_.Rows(Family::kOperations);
  ASSERT_TRUE(vault_.Stop().ok());
  for (store::KeyedRow& row : rows) {
    if (row.row.value.size() > 100) row.row.value.back() ^= 1;  // the count, not who waits
  }
  vault_.Overwrite(Family::kOperations, rows);
  ASSERT_TRUE(vault_.Open().ok());
  Rule(base::kHourMs, 1);
  vault_.clock.Advance(2 * base::kHourMs);
  EXPECT_EQ(Tend(), 0u);
  vault_.clock.Advance(26 * base::kHourMs);
  EXPECT_EQ(Tend(), 1u);
}

}  // namespace
}  // namespace cloison::vault
