#include "access/explanation.h"

#include <gtest/gtest.h>

#include "access/caseload.h"
#include "access/tally.h"
#include "base/testing/seeded_random.h"

namespace cloison::access {
namespace {

constexpr std::int64_t kNow = 1'000 * base::kDayMs;
constexpr std::int64_t kFor = INT64_MAX;
const PrincipalId kWriter(ByteArray<16>{7});

CaseloadPair Followed(std::int64_t since_ms, std::int64_t until_ms = kFor,
                      std::int64_t confirmed_ms = 0) {
  return {since_ms, until_ms, confirmed_ms, {kWriter, 3}};
}
Explanation Of(ExplanationKind kind, std::int64_t since_ms, std::int64_t until_ms) {
  return {kind, since_ms, until_ms, {kWriter, 3}, 9};
}

struct Row {
  const char* why;
  std::optional<CaseloadPair> caseload;
  std::vector<Explanation> explanations;
  Standing want;
};

constexpr Standing kOn{Relation::kCaseload, Counted::kOnCaseload};
constexpr Standing kFresh{Relation::kCaseload, Counted::kOffCaseload};
constexpr Standing kExplainedOff{Relation::kExplained, Counted::kOffCaseload};
constexpr Standing kPresent{Relation::kExplained, Counted::kPresence};
constexpr Standing kNothing{Relation::kAny, Counted::kOffCaseload};

// The relation of this agent and this person, and what a showing counts as.
TEST(Standing, OfWhatIsKnown) {
  using enum ExplanationKind;
  const std::int64_t day = base::kDayMs, hour = base::kHourMs;
  const Explanation ticket = Of(kTicket, kNow - day, kNow + day);
  const Explanation present = Of(kPresence, kNow - hour, kNow + hour);
  const std::vector<Row> rows = {
      {"nothing is known", {}, {}, kNothing},
      {"followed for long", Followed(kNow - 30 * day), {}, kOn},
      {"followed since this moment", Followed(kNow), {}, kFresh},
      {"a day ago", Followed(kNow - day), {}, kFresh},
      {"a millisecond short of seven days", Followed(kNow - kQuarantineMs + 1), {}, kFresh},
      {"seven days to the millisecond", Followed(kNow - kQuarantineMs), {}, kOn},
      {"fresh, and confirmed", Followed(kNow - 1, kFor, kNow), {}, kOn},
      {"confirmed, then ended", Followed(kNow - 2, kNow - 1, kNow - 1), {}, kNothing},
      {"ends at this moment", Followed(kNow - 30 * day, kNow), {}, kNothing},
      {"ends a millisecond later", Followed(kNow - 30 * day, kNow + 1), {}, kOn},
      {"begins later", Followed(kNow + 1), {}, kNothing},
      {"a ticket", {}, {ticket}, kExplainedOff},
      {"a ticket that ends now", {}, {Of(kTicket, kNow - day, kNow)}, kNothing},
      {"a ticket that begins later", {}, {Of(kTicket, kNow + 1, kNow + day)}, kNothing},
      {"a roster", {}, {Of(kRoster, kNow, kNow + 1)}, kExplainedOff},
      {"an appointment", {}, {Of(kAppointment, kNow, kNow + 1)}, kExplainedOff},
      {"a contact", {}, {Of(kContact, kNow, kNow + 1)}, kExplainedOff},
      {"a transfer", {}, {Of(kTransfer, kNow, kNow + 1)}, kExplainedOff},
      {"a cover", {}, {Of(kCover, kNow, kNow + 1)}, kExplainedOff},
      {"a second person", {}, {Of(kSecondPerson, kNow, kNow + 1)}, kExplainedOff},
      {"an emergency is counted as any", {}, {Of(kEmergency, kNow, kNow + 1)}, kExplainedOff},
      {"a presence has windows of its own", {}, {present}, kPresent},
      {"a presence that is over", {}, {Of(kPresence, kNow - hour, kNow)}, kNothing},
      {"over, beside a ticket", {}, {ticket, Of(kPresence, kNow - hour, kNow)}, kExplainedOff},
      {"a presence beside a ticket", {}, {ticket, present}, kPresent},
      {"an ended ticket beside a presence", {}, {Of(kTicket, 0, kNow), present}, kPresent},
      {"followed for long, and present", Followed(kNow - 30 * day), {present}, kOn},
      {"in quarantine, and present: a witness does not settle a pair",
       Followed(kNow - day),
       {present},
       kFresh},
      {"in quarantine, and a ticket", Followed(kNow - day), {ticket}, kFresh},
      {"ended, and a ticket", Followed(kNow - 30 * day, kNow), {ticket}, kExplainedOff},
  };
  for (const Row& row : rows) {
    const Pair pair{Aud(ByteArray<16>{1}), row.caseload, row.explanations};
    EXPECT_EQ(StandingOf(pair, kNow), row.want) << row.why;
    const Result<Pair> again = pair.empty() ? Result<Pair>(pair) : ParsePair(EncodePair(pair));
    ASSERT_TRUE(again.ok()) << row.why;
    EXPECT_EQ(StandingOf(*again, kNow), row.want) << row.why << ", from its row";
  }
}

TEST(ExplanationKind, HasOneName) {
  for (std::uint8_t i = 1; i <= kExplanationKindLast; ++i) {
    const auto kind = static_cast<ExplanationKind>(i);
    EXPECT_EQ(ExplanationNamed(Name(kind)), kind) << Name(kind);
  }
  EXPECT_EQ(ExplanationNamed("caseload"), std::nullopt);
  EXPECT_EQ(ExplanationNamed(""), std::nullopt);
}

TEST(Pair, RefusesWhatIsNotWritten) {
  Pair pair{Aud(ByteArray<16>{1}), Followed(5, 9, 7), {Of(ExplanationKind::kTicket, 1, 2)}};
  const Bytes good = EncodePair(pair);
  ASSERT_TRUE(ParsePair(good).ok());
  const auto altered = [&good](std::size_t at, std::uint8_t to) {
    Bytes bytes = good;
    bytes.at(at) = to;
    return bytes;
  };
  constexpr std::size_t kFollowedAt = 17, kCountAt = 17 + 1 + 24 + 20, kKindAt = kCountAt + 1;
  Bytes longer = good, twice = good;
  longer.push_back(0);
  twice[kCountAt] = 2;
  twice.insert(twice.end(), good.begin() + kKindAt, good.end());
  const std::pair<const char*, Bytes> rows[] = {
      {"nothing", {}},
      {"another version", altered(0, 3)},
      {"followed in another way", altered(kFollowedAt, 2)},
      {"since before all time", altered(kFollowedAt + 1, 0x80)},
      {"more explanations than there are", altered(kCountAt, 2)},
      {"fewer", altered(kCountAt, 0)},
      {"no such kind", altered(kKindAt, 0)},
      {"nor this", altered(kKindAt, kExplanationKindLast + 1)},
      {"a kind twice", twice},
      {"cut", Bytes(good.begin(), good.end() - 1)},
      {"a byte more", longer},
      {"no reason at all",
       [] {
         Bytes bytes(19, 0);
         bytes[0] = 2;
         return bytes;
       }()},
  };
  for (const auto& [why, bytes] : rows) EXPECT_FALSE(ParsePair(bytes).ok()) << why;
}

// Pairs of the version before: nobody wrote them, nobody confirmed.
TEST(Pair, ReadsTheVersionBefore) {
  Bytes before{1};
  base::AppendU64(before, 1'000);
  base::AppendU64(before, 2'000);
  base::AppendU32(before, 4);
  base::AppendBytes(before, ByteArray<16>{8});
  const Result<Pair> pair = ParsePair(before);
  ASSERT_TRUE(pair.ok());
  EXPECT_EQ(pair->person, Aud(ByteArray<16>{8}));
  EXPECT_EQ(pair->caseload->since_ms, 1'000);
  EXPECT_EQ(pair->caseload->until_ms, 2'000);
  EXPECT_EQ(pair->caseload->by, (WrittenBy{PrincipalId(ByteArray<16>{}), 4}));
  EXPECT_FALSE(pair->caseload->SettledAt(1'001));
  EXPECT_EQ(*ParseReverse(before), PrincipalId(ByteArray<16>{8}));
}

// Whatever the clock does, no interval of a day holds more than the ceiling lets in.
TEST(Tally, NoDayHoldsMoreThanItsCeiling) {
  constexpr std::uint32_t kCeiling = 7;
  std::uint64_t let_in = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    base::testing::SeededRandom random(seed);
    Tally tally;
    std::vector<std::int64_t> times;
    std::int64_t now_ms = 100 * base::kDayMs + static_cast<std::int64_t>(random.Below(90'000'000));
    for (int i = 0; i < 300; ++i) {
      const std::int64_t most[] = {1'000, base::kHourMs, 5 * base::kHourMs, 30 * base::kHourMs};
      now_ms += static_cast<std::int64_t>(
          random.Below(static_cast<std::uint64_t>(most[random.Below(4)])));
      const bool other = random.Below(3) == 0;  // counted apart
      if (other) tally.Add(3, TallySide::kFor, now_ms, 1);
      if (tally.InDay(2, TallySide::kFor, now_ms) + 1 > kCeiling) continue;
      tally.Add(2, TallySide::kFor, now_ms, 1);
      times.push_back(now_ms);
      if (random.Below(4) == 0) tally = *Tally::Parse(tally.Serialise());
    }
    for (std::size_t i = kCeiling; i < times.size(); ++i) {
      EXPECT_GT(times[i] - times[i - kCeiling], base::kDayMs) << "seed " << seed;
    }
    let_in += times.size();
  }
  EXPECT_GT(let_in, 2'000u);
}

TEST(Tally, CountsApartAndForgets) {
  Tally tally;
  tally.people = 12;
  tally.Add(kTallyAssignments, TallySide::kFor, kNow, 3);
  tally.Add(kTallyAssignments, TallySide::kBy, kNow, 5);
  EXPECT_EQ(tally.InDay(kTallyAssignments, TallySide::kFor, kNow), 3u);
  EXPECT_EQ(tally.InDay(kTallyAssignments, TallySide::kBy, kNow), 5u);
  EXPECT_EQ(tally.InDay(kTallyAssignments, TallySide::kBy, kNow + base::kDayMs), 5u);
  EXPECT_EQ(tally.InDay(kTallyAssignments, TallySide::kBy, kNow + 25 * base::kHourMs), 0u);
  tally.Add(kTallyAccessRequests, TallySide::kBy, kNow + 2 * base::kDayMs, 1);
  EXPECT_EQ(tally.Serialise().size(), 1u + 4 + 1 + 2 + 8) << "what is too old to count is gone";
  EXPECT_EQ(Tally::Parse(tally.Serialise())->people, 12u);
}

TEST(Tally, RefusesWhatIsNotWritten) {
  Tally tally;
  tally.Add(1, TallySide::kFor, kNow, 1);
  tally.Add(1, TallySide::kFor, kNow + base::kHourMs, 1);
  const Bytes good = tally.Serialise();
  ASSERT_TRUE(Tally::Parse(good).ok());
  constexpr std::size_t kKeyAt = 6, kHoursAt = 7, kHourAt = 8, kCountAt = 12;
  const auto altered = [&good](std::size_t at, std::uint8_t to) {
    Bytes bytes = good;
    bytes.at(at) = to;
    return bytes;
  };
  Bytes longer = good, none = good, same = good;
  longer.push_back(0);
  std::fill_n(none.begin() + kCountAt, 4, 0);
  std::copy_n(good.begin() + kHourAt, 4, same.begin() + kHourAt + 8);
  const std::pair<const char*, Bytes> rows[] = {
      {"nothing", {}},
      {"another version", altered(0, 2)},
      {"of nothing that is counted", altered(kKeyAt, (kTallyLast << 1) + 2)},
      {"no hours", altered(kHoursAt, 0)},
      {"more hours than a day and one", altered(kHoursAt, 26)},
      {"the same hour twice", same},
      {"nothing in an hour", none},
      {"cut", Bytes(good.begin(), good.end() - 1)},
      {"a byte more", longer},
  };
  for (const auto& [why, bytes] : rows) EXPECT_FALSE(Tally::Parse(bytes).ok()) << why;
}

}  // namespace
}  // namespace cloison::access
