// What an operator must hear of: written with what raised it, numbered without a gap, naming
// nobody.
#include "access/alarms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "access/cases.h"
#include "vault/embedded.h"
#include "vault/signed_freeze.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Alarm;
using access::Alarms;
using access::Rung;
using testing::TestVault;
using testing::Word;

class AlarmsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<std::string> problems;
    std::string text = std::string(DemoPolicyToml()) + "\n[detectors]\nact = true\n";
    constexpr std::string_view kPrivacy = "rights = [\"erase\"";  // they hear too
    text.replace(text.find(kPrivacy), kPrivacy.size(), "rights = [\"freeze\", \"erase\"");
    const auto policy = access::Policy::Parse(text, *DemoSchema(testing::SmallWorld()), &problems);
    ASSERT_TRUE(policy.ok());
    vault_.policy = *policy;
    ASSERT_TRUE(vault_.Start().ok());
  }
  access::Outcome<Alarms::Page> ListAs(std::string_view who, std::uint64_t after = 0,
                                       std::size_t count = 100) {
    return vault_.Wait(vault_.gate().cases().alarms().List(vault_.As(who), after, count));
  }
  Alarms::Page All(std::uint64_t after = 0) {
    const auto page = ListAs("officer.security", after);
    CLOISON_CHECK(Word(page) == "shown");
    return std::get<Alarms::Page>(*page);
  }
  std::string_view TestAs(std::string_view who) {
    const auto raised = vault_.Wait(vault_.gate().cases().alarms().Test(vault_.As(who)));
    if (Word(raised) == "shown") number_ = std::get<Alarms::Raised>(*raised).number;
    return Word(raised);
  }
  // Opens somebody who is a decoy.
  void MeetDecoy() {
    const PersonId person = vault_.CaseloadOf("adviser.ce")[3];
    vault_.decoys = {vault_.Wait(vault_.vault().people().Sight(person))->key.aud()};
    ASSERT_TRUE(vault_.Reopen().ok());
    ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ft", person, {"identity.birth_name"}, "reception")),
              "shown");
  }

  TestVault vault_;
  std::uint64_t number_ = 0;  // of the last test
};

TEST_F(AlarmsTest, AreRaisedByWhatTheServerDoes) {
  EXPECT_EQ(All().last, 0u);
  EXPECT_TRUE(All().items.empty());
  MeetDecoy();
  const Alarms::Page page = All();
  ASSERT_EQ(page.items.size(), 1u);
  const Alarm& first = page.items[0];
  EXPECT_EQ(first.number, 1u);
  EXPECT_EQ(first.what, Alarm::What::kRung);
  EXPECT_EQ(first.to, Rung::kSecondPerson);
  EXPECT_EQ(first.why, "decoy");
  EXPECT_EQ(first.organisation, OrganisationId(1));
  EXPECT_LE(first.wall_ms, vault_.clock.wall_ms());
  ASSERT_TRUE(first.file.has_value());
  const auto closed = vault_.Wait(
      vault_.gate().cases().Close(vault_.As("officer.security"), *first.file, "looked at it"));
  ASSERT_EQ(Word(closed), "shown");
  ASSERT_EQ(Word(vault_.FreezeAs("officer.security", "adviser.ft", true)), "shown");
  const Alarms::Page more = All(1);
  ASSERT_EQ(more.items.size(), 2u);
  EXPECT_EQ(more.items[0].what, Alarm::What::kCaseClosed);
  EXPECT_EQ(more.items[0].file, first.file);
  EXPECT_EQ(more.items[1].what, Alarm::What::kFrozen);
  EXPECT_EQ(more.items[1].number, 3u);
  ASSERT_EQ(Word(vault_.FreezeAs("officer.security", "adviser.ft", true)), "shown");
  EXPECT_EQ(All().last, 3u) << "who is frozen already is not frozen anew";
  // One that waited for a ledger.
  const PrincipalId other = vault_.As("adviser.ce").principal;
  const PrincipalId officer = vault_.As("officer.security").principal;
  ASSERT_TRUE(vault_.Wait(FreezeByOfficer(vault_.vault(), other, officer)).ok());
  ASSERT_EQ(All().last, 4u);
  EXPECT_EQ(All(3).items[0].what, Alarm::What::kFrozen);
}

TEST_F(AlarmsTest, AreNumberedWithoutAGapAndKept) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(TestAs("officer.security"), "shown");
  ASSERT_TRUE(vault_.Reopen().ok());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(TestAs("officer.security"), "shown");
  EXPECT_EQ(number_, 5u);
  const Alarms::Page page = All();
  EXPECT_EQ(page.first, 1u);
  EXPECT_EQ(page.last, 5u);
  ASSERT_EQ(page.items.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(page.items[i].number, i + 1);
  const auto two = ListAs("officer.security", 1, 2);
  ASSERT_EQ(std::get<Alarms::Page>(*two).items.size(), 2u);
  EXPECT_EQ(std::get<Alarms::Page>(*two).items[0].number, 2u);
  const auto stored = vault_.Wait(vault_.gate().cases().alarms().Stored(3, 10));
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored->size(), 2u);
  EXPECT_TRUE(vault_.Stop().ok());
  EXPECT_TRUE(vault_.Audit().ok());
  ASSERT_TRUE(vault_.Open().ok());
}

// Else a stolen account drowns every other alarm, and pushes out those that are kept.
TEST_F(AlarmsTest, TestsAreBounded) {
  const auto wait_ms = [this](std::string_view who) -> std::int64_t {
    const auto raised = vault_.Wait(vault_.gate().cases().alarms().Test(vault_.As(who)));
    if (Word(raised) == "shown") return 0;
    const access::Refusal& refusal = std::get<access::Refusal>(*raised);
    EXPECT_EQ(refusal.code, access::RefusalCode::kBudgetSpent);
    EXPECT_EQ(refusal.rule, "alarm/tests");
    EXPECT_TRUE(refusal.recorded.has_value()) << "an entry like any refusal";
    return refusal.retry_after_ms;
  };
  for (std::size_t i = 0; i < access::kAlarmTestsOfOne; ++i) {
    ASSERT_EQ(wait_ms("officer.security"), 0) << i;
    vault_.clock.Advance(base::kMinuteMs);
  }
  EXPECT_EQ(wait_ms("officer.security"), 40 * base::kMinuteMs) << "when the first is an hour old";
  EXPECT_EQ(wait_ms("officer.security.b"), 0) << "each has its own";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(wait_ms("officer.security"), 40 * base::kMinuteMs) << "a restart gives nothing back";
  EXPECT_EQ(All().last, access::kAlarmTestsOfOne + 1) << "who was refused raised none";
  vault_.clock.Advance(40 * base::kMinuteMs - 1);
  EXPECT_EQ(wait_ms("officer.security"), 1);
  vault_.clock.Advance(1);
  EXPECT_EQ(wait_ms("officer.security"), 0);
  EXPECT_GT(wait_ms("officer.security"), 0) << "one place was free";
}

// Many at once: what an earlier work of the same batch raised counts too.
TEST_F(AlarmsTest, TestsOfAllAreBoundedWithinOneBatchToo) {
  constexpr std::string_view kHearing[] = {"officer.security", "officer.security.b",
                                           "officer.privacy", "officer.privacy.b"};
  std::map<std::string_view, std::size_t> raised;
  std::size_t asked = 0, answered = 0;
  const auto ask = [&](std::string_view who) -> Task<void> {
    const auto one = co_await vault_.gate().cases().alarms().Test(vault_.As(who));
    raised[who] += Word(one) == "shown" ? 1 : 0;
    ++answered;
  };
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 5; ++i) {
      for (const std::string_view who : kHearing) {
        ++asked;
        base::Detach(ask(who));
      }
    }
    while (answered < asked && vault_.executor.Step()) {
    }
  }
  ASSERT_EQ(answered, 100u);
  std::size_t all = 0;
  for (const auto& [who, count] : raised) {
    EXPECT_LE(count, access::kAlarmTestsOfOne) << who;
    all += count;
  }
  EXPECT_EQ(all, access::kAlarmTestsOfAll);
  EXPECT_EQ(All().last, all);
}

// One that was altered on the disk silences none behind it.
TEST_F(AlarmsTest, OneThatDoesNotOpenIsSaidInItsPlace) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(TestAs("officer.security"), "shown");
  store::WriteSet altered;
  for (const store::KeyedRow& row : vault_.Rows(store::Family::kCases)) {
    if (!row.key.ends_with('\2') || row.key.size() != 9) continue;
    Bytes value = row.row.value;
    value.back() ^= 1;
    altered.puts.push_back({{store::Family::kCases, row.key}, std::move(value)});
  }
  ASSERT_EQ(altered.puts.size(), 1u);
  ASSERT_TRUE(vault_.Wait(vault_.main_store.Commit(std::move(altered))).ok());
  ASSERT_TRUE(vault_.Reopen().ok());
  const auto items = All().items;
  ASSERT_EQ(items.size(), 3u);
  EXPECT_EQ(items[1].number, 2u);
  EXPECT_EQ(items[1].what, Alarm::What::kDamaged);
  EXPECT_EQ(items[1].why, "alarm_does_not_open");
  EXPECT_EQ(items[2].what, Alarm::What::kTest);
}

// Nor does a row that is named like an alarm's and is none.
TEST_F(AlarmsTest, ARowOfAnotherNameStopsAndReplacesNone) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(TestAs("officer.security"), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  store::WriteSet junk;
  for (const store::KeyedRow& row : vault_.Rows(store::Family::kCases)) {
    if (row.key.size() != 9 || row.key.ends_with('\3')) continue;
    junk.puts.push_back({{store::Family::kCases, row.key + '\0'}, Bytes(40, 7)});
  }
  ASSERT_EQ(junk.puts.size(), 2u);
  ASSERT_TRUE(vault_.Wait(vault_.main_store.Commit(std::move(junk))).ok());
  vault_.Delete(store::Family::kCases, std::string("\2\0\0\0\0\0\0\0\2", 9));
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(All().items.size(), 2u);
  EXPECT_EQ(TestAs("officer.security"), "shown");
  const auto items = All().items;
  ASSERT_EQ(items.size(), 4u);
  EXPECT_EQ(items[1].number, 3u);
  EXPECT_EQ(items[2].why, "alarms_are_gone/1") << "there are as many rows as there were";
  const Alarms::Page one = std::get<Alarms::Page>(*ListAs("officer.security", 0, 2));
  EXPECT_EQ(one.items.size(), 2u) << "a page is of alarms";
}

// The newest, of which no follower would see a gap until the next one comes.
TEST_F(AlarmsTest, SayAtTheStartThatSomeAreGone) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(TestAs("officer.security"), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  for (const store::KeyedRow& row : vault_.Rows(store::Family::kCases)) {
    if (row.key.size() == 9 && row.key.ends_with('\3')) {
      vault_.Delete(store::Family::kCases, row.key);
    }
  }
  ASSERT_TRUE(vault_.Open().ok());
  const Alarms::Page left = All();  // whose entry the alarm goes with
  EXPECT_EQ(left.items.size(), 2u);
  EXPECT_EQ(left.last, 3u);
  EXPECT_EQ(TestAs("officer.security"), "shown");
  const auto items = All(3).items;
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].what, Alarm::What::kDamaged);
  EXPECT_EQ(items[0].why, "alarms_are_gone/1");
  EXPECT_EQ(items[1].what, Alarm::What::kTest);
}

TEST_F(AlarmsTest, AreForWhoMayFreeze) {
  for (const char* who : {"adviser.ft", "manager.a", "app.case", "citizen.one"}) {
    EXPECT_EQ(Word(ListAs(who)), "no_right") << who;
    EXPECT_EQ(TestAs(who), "no_right") << who;
  }
  EXPECT_EQ(All().last, 0u) << "who may not raised none";
  EXPECT_FALSE(ListAs("officer.security", 0, 0).ok());
  EXPECT_FALSE(ListAs("officer.security", 0, 101).ok());
  EXPECT_TRUE(All(UINT64_MAX).items.empty());
  EXPECT_FALSE(All().recorded.has_value()) << "a stream that waits leaves no entries";
  EXPECT_EQ(TestAs("officer.security"), "shown");
  EXPECT_TRUE(All().recorded.has_value());
}

TEST_F(AlarmsTest, SayWhenSomethingIsDamaged) {
  MeetDecoy();  // a look, so that there is a seen row
  const std::uint64_t before = All().last;
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Overwrite(store::Family::kSeen, {});
  ASSERT_TRUE(vault_.Open().ok());
  const PersonId& person = vault_.world().of_adviser_ft.person;
  const auto look = [&] {
    return Word(vault_.DiscloseAs("adviser.ft", person, {"identity.birth_name"}, "support"));
  };
  const auto said = [&] {
    return std::ranges::count_if(
        All().items, [](const Alarm& alarm) { return alarm.what == Alarm::What::kDamaged; });
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(look(), "error");
  // A commit without an entry has no anchor, and so no alarm either.
  ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
  EXPECT_EQ(All().last, before);
  EXPECT_EQ(TestAs("officer.security"), "shown") << "it is written with the next entry";
  EXPECT_EQ(said(), 1) << "the same again within a minute would drown the rest";
  vault_.clock.Advance(base::kMinuteMs);
  EXPECT_EQ(look(), "error");
  EXPECT_EQ(TestAs("officer.security"), "shown");
  EXPECT_EQ(said(), 2);
  EXPECT_TRUE(vault_.Reopen().ok());
}

TEST(Alarm, GoldenRow) {
  Alarm alarm;
  alarm.number = 7;
  alarm.wall_ms = 0x018bcfe5687f;
  alarm.what = Alarm::What::kRung;
  alarm.from = Rung::kStepUp;
  alarm.to = Rung::kPool;
  alarm.organisation = OrganisationId(1);
  alarm.pool = access::PoolKey{1, 3};
  alarm.file = access::CaseId{0xca};
  alarm.why = "D9";
  const Bytes row = EncodeAlarm(alarm);
  EXPECT_EQ(base::ToHex(row),
            "0102020503"
            "0000018bcfe5687f"
            "00000001"
            "0000000100000003"
            "ca000000000000000000000000000000"
            "024439");
  const auto again = access::ParseAlarm(row, 7);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, alarm);
  for (const std::size_t at : {0u, 1u, 2u, 3u, 4u}) {
    Bytes wrong = row;
    wrong[at] = 9;
    EXPECT_FALSE(access::ParseAlarm(wrong, 7).ok()) << at;
  }
  Bytes longer = row;
  longer.push_back(0);
  EXPECT_FALSE(access::ParseAlarm(longer, 7).ok());
  EXPECT_FALSE(access::ParseAlarm(ByteView(row).first(row.size() - 1), 7).ok());
}

}  // namespace
}  // namespace cloison::vault
