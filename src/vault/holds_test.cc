// Retention of records and the holds of incidents, through a whole vault.
#include "access/holds.h"

#include <gtest/gtest.h>

#include "access/person_requests.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::HoldDocument;
using access::Holds;
using access::HoldState;
using testing::TestVault;
using testing::Word;

constexpr std::uint32_t kMonths = 6;
constexpr std::int64_t kMonthMs = 31 * base::kDayMs;

// The adviser and another one look at somebody in each of three months.
class HoldsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(vault_.Start().ok());
    for (int month = 0; month < 3; ++month) {
      begins_.push_back(vault_.clock.wall_ms());
      Look("adviser.ft");
      Look("adviser.ce");
      vault_.clock.Advance(kMonthMs);
    }
  }

  void Look(std::string_view who) {
    const PersonId person = vault_.CaseloadOf(who).front();
    ASSERT_EQ(Word(vault_.DiscloseAs(who, person, {"identity.birth_name"}, "support")), "shown");
  }
  access::Outcome<Holds::Begun> Begin(std::string_view officer, std::string_view whom,
                                      std::int64_t from_ms, std::optional<std::int64_t> to_ms,
                                      const std::string& key, const std::string& reason = "inc-1") {
    Holds::Request request{DemoPrincipalId(whom), from_ms, to_ms, reason};
    access::Gate::Once once{key, base::ToBytes(AsBytes(std::string(whom)))};
    return vault_.Wait(
        vault_.gate().holds().Begin(vault_.As(officer), std::move(request), std::move(once)));
  }
  Status Advance() { return vault_.Wait(vault_.gate().holds().Advance(vault_.executor)); }
  Status Expire() {
    return vault_.Wait(vault_.gate().holds().Expire(kMonths, "decree", vault_.executor));
  }
  HoldDocument Hold(std::uint32_t number) {
    const auto read =
        vault_.Wait(vault_.gate().holds().Read(vault_.As("officer.security"), number));
    CLOISON_CHECK(read.ok() && std::holds_alternative<Holds::Shown>(*read));
    return std::get<Holds::Shown>(*read).hold;
  }
  // Looks of this adviser that the people on the caseload can still see in their trails.
  std::size_t LooksOf(std::string_view who) {
    const PersonId person = vault_.CaseloadOf(who).front();
    const auto key = vault_.Wait(vault_.vault().person_keys().Load(person));
    CLOISON_CHECK(key.ok());
    const auto trail = vault_.Wait(vault_.vault().ledger().ReadTrail(key->subject(), 100, 100));
    CLOISON_CHECK(trail.ok());
    return static_cast<std::size_t>(
        std::ranges::count_if(*trail, [](const ledger::TrailEntry& entry) {
          return entry.actor.kind == ledger::Kind::kDisclosure;
        }));
  }

  TestVault vault_;
  std::vector<std::int64_t> begins_;
};

TEST_F(HoldsTest, WhoMayAndWhatIsRefused) {
  const std::int64_t from = begins_[0], to = begins_[1];
  const struct {
    const char* why;
    std::string_view officer, whom;
    std::int64_t from_ms;
    std::optional<std::int64_t> to_ms;
    const char* key;
    const char* reason;
    std::string_view want;
  } rows[] = {
      {"an adviser has no such right", "adviser.ft", "adviser.ce", from, to, "a", "r", "no_right"},
      {"nor has a citizen", "citizen.one", "adviser.ft", from, to, "a", "r", "no_right"},
      {"nor the officer of privacy", "officer.privacy", "adviser.ft", from, to, "a", "r",
       "no_right"},
      {"nobody of that name", "officer.security", "nobody", from, to, "b", "r", "not_available"},
      {"it ends as it begins", "officer.security", "adviser.ft", from, from, "c", "r", "error"},
      {"it ends before", "officer.security", "adviser.ft", to, from, "c", "r", "error"},
      {"before there was time", "officer.security", "adviser.ft", -1, to, "c", "r", "error"},
      {"no reason", "officer.security", "adviser.ft", from, to, "c", "", "error"},
      {"an officer of security", "officer.security", "adviser.ft", from, to, "d", "r", "shown"},
      {"the same key, the same body", "officer.security", "adviser.ft", from, to, "d", "r",
       "shown"},
      {"the same key, another body", "officer.security", "adviser.ce", from, to, "d", "r", "error"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto begun = Begin(row.officer, row.whom, row.from_ms, row.to_ms, row.key, row.reason);
    EXPECT_EQ(Word(begun), row.want);
    if (row.want == "shown") {
      EXPECT_EQ(std::get<Holds::Begun>(*begun).number, 1u);
    }
  }
  const auto read = vault_.Wait(vault_.gate().holds().Read(vault_.As("adviser.ft"), 1));
  EXPECT_EQ(Word(read), "no_right");
  const auto none = vault_.Wait(vault_.gate().holds().Read(vault_.As("officer.security"), 2));
  EXPECT_EQ(Word(none), "not_available");
}

TEST_F(HoldsTest, RecordsExpireAfterTheirMonthsAndWhatIsHeldStays) {
  ASSERT_EQ(Word(Begin("officer.security", "adviser.ft", begins_[0], begins_[1], "k")), "shown");
  ASSERT_TRUE(Advance().ok());
  EXPECT_EQ(Hold(1).state, HoldState::kComplete) << "its period is over";
  EXPECT_GT(Hold(1).entries, 0u);
  ASSERT_TRUE(Expire().ok());
  EXPECT_EQ(LooksOf("adviser.ce"), 3u) << "none is six months old";

  vault_.clock.Advance(4 * kMonthMs);
  Look("adviser.ft");
  Look("adviser.ce");
  ASSERT_TRUE(Expire().ok());
  EXPECT_EQ(vault_.events.Count("records_expired"), 1u);
  EXPECT_EQ(LooksOf("adviser.ce"), 3u) << "of four, one has expired";
  EXPECT_EQ(LooksOf("adviser.ft"), 4u) << "held";
  ASSERT_TRUE(Expire().ok());
  EXPECT_EQ(vault_.events.Count("records_expired"), 1u) << "once for each month";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(LooksOf("adviser.ce"), 3u);
  EXPECT_EQ(LooksOf("adviser.ft"), 4u);

  const auto alone = vault_.Wait(vault_.gate().holds().Release(vault_.As("officer.security"), 1));
  ASSERT_EQ(Word(alone), "approval_required");
  const auto asked = vault_.AskAs("officer.security", "release", Encode(access::ReleaseRequest{1}));
  ASSERT_EQ(Word(asked), "shown");
  EXPECT_EQ(LooksOf("adviser.ft"), 4u) << "nobody has agreed yet";
  ASSERT_EQ(Word(vault_.ApproveAs("officer.security.b", 1)), "shown");
  EXPECT_EQ(LooksOf("adviser.ft"), 3u) << "its month has passed";
  EXPECT_EQ(Hold(1).state, HoldState::kReleased);
  ASSERT_TRUE(Advance().ok());
  ASSERT_TRUE(vault_.Stop().ok());
  EXPECT_TRUE(vault_.Rows(store::Family::kHolds).empty());
  ASSERT_TRUE(vault_.Open().ok());
}

TEST_F(HoldsTest, AHoldWithoutAnEndFollowsItsPrincipal) {
  ASSERT_EQ(Word(Begin("officer.security", "adviser.ft", begins_[2], std::nullopt, "k")), "shown");
  ASSERT_TRUE(Advance().ok());
  const std::uint64_t first = Hold(1).entries;
  EXPECT_GT(first, 0u);
  EXPECT_EQ(Hold(1).state, HoldState::kActive);
  for (int i = 0; i < 3; ++i) Look("adviser.ft");
  vault_.clock.Advance(9 * kMonthMs);
  Look("adviser.ce");
  ASSERT_TRUE(Expire().ok()) << "brings holds up to date first";
  EXPECT_EQ(Hold(1).entries, first + 3);
  EXPECT_EQ(LooksOf("adviser.ft"), 4u) << "the two before the hold have expired";
  EXPECT_EQ(LooksOf("adviser.ce"), 1u);
}

TEST_F(HoldsTest, NothingExpiresWhileTheTimeIsInDoubt) {
  Look("adviser.ft");
  vault_.clock.StepWall(24 * kMonthMs);
  Look("adviser.ft");
  ASSERT_TRUE(Expire().ok());
  EXPECT_EQ(vault_.events.Count("records_expired"), 0u) << "budget time has not come so far";
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.clock.Reboot(9 * kMonthMs);
  ASSERT_TRUE(vault_.Open().ok());
  const Status expired = Expire();
  ASSERT_FALSE(expired.ok());
  EXPECT_EQ(expired.error().code(), Code::kUnavailable);
  // A witness says what time it is; a clock that is not near it is not believed.
  const std::int64_t now = vault_.clock.wall_ms();
  EXPECT_FALSE(vault_.vault().ConfirmTime(now - kClockSkewMs - 1).ok());
  EXPECT_FALSE(Expire().ok());
  ASSERT_TRUE(vault_.vault().ConfirmTime(now + kClockSkewMs).ok());
  EXPECT_TRUE(Expire().ok());
}

// The rows that lead to entries are anybody's who can write the store.
TEST_F(HoldsTest, AMissingEntryOfAHeldPrincipalStopsExpiry) {
  ASSERT_EQ(Word(Begin("officer.security", "adviser.ft", begins_[0], std::nullopt, "k")), "shown");
  vault_.clock.Advance(4 * kMonthMs);
  Look("adviser.ft");
  ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
  ASSERT_TRUE(vault_.Stop().ok());
  for (const store::KeyedRow& row : vault_.Rows(store::Family::kActivity)) {
    vault_.Delete(store::Family::kActivity, row.key);
  }
  ASSERT_TRUE(vault_.Open().ok());
  const Status expired = Expire();
  ASSERT_FALSE(expired.ok());
  EXPECT_EQ(expired.error().code(), Code::kCorrupt);
  EXPECT_EQ(vault_.events.Count("records_expired"), 0u);
  EXPECT_GE(vault_.events.Count("a_hold_is_damaged"), 1u);
}

TEST_F(HoldsTest, ADamagedHoldStopsExpiry) {
  ASSERT_EQ(Word(Begin("officer.security", "adviser.ft", begins_[0], begins_[1], "k")), "shown");
  ASSERT_TRUE(Advance().ok());
  vault_.clock.Advance(4 * kMonthMs);
  Look("adviser.ft");
  ASSERT_TRUE(vault_.Stop().ok());
  const std::vector<store::KeyedRow> rows = vault_.Rows(store::Family::kIncidents);
  ASSERT_EQ(rows.size(), 2u);
  const std::string hold = AsText(base::BigU32(1)) == rows[0].key ? rows[0].key : rows[1].key;
  const struct {
    const char* why;
    bool gone;
  } cases[] = {{"a bit of the row is another", false}, {"the row is gone", true}};
  for (const auto& one : cases) {
    SCOPED_TRACE(one.why);
    if (one.gone) {
      vault_.Delete(store::Family::kIncidents, hold);
    } else {
      std::vector<store::KeyedRow> bad = rows;
      for (store::KeyedRow& row : bad) {
        if (row.key == hold) row.row.value.back() ^= 1;
      }
      vault_.Overwrite(store::Family::kIncidents, bad);
    }
    ASSERT_TRUE(vault_.Open().ok());
    const Status expired = Expire();
    ASSERT_FALSE(expired.ok());
    EXPECT_EQ(expired.error().code(), Code::kCorrupt);
    EXPECT_EQ(vault_.events.Count("records_expired"), 0u);
    ASSERT_TRUE(vault_.Stop().ok());
  }
  vault_.Overwrite(store::Family::kIncidents, rows);
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_TRUE(Expire().ok());
}

// Whatever the order: a hold whose entry comes before that of the expiry has kept its entries.
TEST(HoldsOrder, AHoldThatBeginsBesideAnExpiryLosesNothing) {
  std::size_t held = 0, expired = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    TestVault vault({40, 1, 1, 1, 10, 1, 1, 5}, seed);
    ASSERT_TRUE(vault.Start().ok());
    const PersonId person = vault.CaseloadOf("adviser.ft").front();
    const auto look = [&vault, &person] {
      return Word(vault.DiscloseAs("adviser.ft", person, {"identity.birth_name"}, "support"));
    };
    ASSERT_EQ(look(), "shown");
    vault.clock.Advance(8 * kMonthMs);
    ASSERT_EQ(look(), "shown");
    struct Run {
      static Task<void> Begin(TestVault& vault, std::uint64_t turns,
                              std::optional<access::Outcome<Holds::Begun>>& out) {
        for (std::uint64_t i = 0; i < turns; ++i) co_await vault.executor.Schedule();
        Holds::Request request{DemoPrincipalId("adviser.ft"), 0, std::nullopt, "inc"};
        access::Gate::Once once{"k", Bytes{1}};
        out = co_await vault.gate().holds().Begin(vault.As("officer.security"), std::move(request),
                                                  std::move(once));
      }
      static Task<void> Expire(TestVault& vault, std::optional<Status>& out) {
        out = co_await vault.gate().holds().Expire(kMonths, "decree", vault.executor);
      }
    };
    std::optional<access::Outcome<Holds::Begun>> begun;
    std::optional<Status> done;
    base::Detach(Run::Expire(vault, done));
    base::Detach(Run::Begin(vault, seed, begun));
    vault.executor.RunAll();
    ASSERT_TRUE(begun.has_value() && done.has_value());
    ASSERT_EQ(Word(*begun), "shown");
    ASSERT_TRUE(vault.Wait(vault.gate().holds().Advance(vault.executor)).ok());
    const auto key = vault.Wait(vault.vault().person_keys().Load(person));
    const auto trail = vault.Wait(vault.vault().ledger().ReadTrail(key->subject(), 100, 100));
    ASSERT_TRUE(trail.ok());
    const auto looks = std::ranges::count_if(*trail, [](const ledger::TrailEntry& entry) {
      return entry.actor.kind == ledger::Kind::kDisclosure;
    });
    // The expiry's entry, if there is one, is after the hold's: then both looks are there.
    const std::uint64_t hold_index = std::get<Holds::Begun>(**begun).recorded.index;
    const bool hold_first = !done->ok() || hold_index + 1 < vault.vault().ledger().size();
    if (hold_first) {
      EXPECT_EQ(looks, 2);
      ++held;
    } else {
      EXPECT_GE(looks, 1);
      ++expired;
    }
  }
  EXPECT_GT(held, 0u);
  EXPECT_GT(expired, 0u) << "both orders must occur";
}

}  // namespace
}  // namespace cloison::vault
