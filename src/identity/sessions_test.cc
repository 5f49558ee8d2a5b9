#include "identity/sessions.h"

#include <gtest/gtest.h>

#include "base/testing/manual_clock.h"
#include "base/testing/seeded_random.h"

namespace cloison::identity {
namespace {

using base::kHourMs;
using base::kMinuteMs;

PrincipalId Principal(std::uint8_t n) {
  return PrincipalId(ByteArray<16>{n});
}

struct SessionsTest : ::testing::Test {
  base::testing::ManualClock clock;
  base::testing::SeededRandom random{7};
  Sessions sessions{clock, random, {.sessions_max = 6, .citizens_max = 2, .of_one_max = 3}};

  Session Of(std::uint8_t principal) {
    Session session{Principal(principal), sessions.NewId(), ClientId(1), Assurance::Internal()};
    session.key = {Bound::kDpop, crypto::Digest{principal}};
    return session;
  }
  std::string Open(std::uint8_t principal) { return Open(Of(principal)); }
  std::string Open(Session session) {
    const Result<std::string> token = sessions.Open(std::move(session));
    EXPECT_TRUE(token.ok());
    return token.ok() ? *token : "";
  }
  bool Lives(const std::string& token) const {
    return sessions.Find(Sessions::DigestOf(token)).has_value();
  }
  void Use(const std::string& token) { sessions.Touch(Sessions::DigestOf(token)); }
};

TEST_F(SessionsTest, AgesAreHalfOpen) {
  const struct {
    std::string_view why;
    std::int64_t use_every_ms;  // 0: never
    std::int64_t at_ms;
    bool lives;
  } kRows[] = {
      {"fresh", 0, 0, true},
      {"the last millisecond of idleness", 0, kSessionIdleMs - 1, true},
      {"idle", 0, kSessionIdleMs, false},
      {"used all the time, 7 h 50", 10 * kMinuteMs, 7 * kHourMs + 50 * kMinuteMs, true},
      {"used all the time, 8 h", 10 * kMinuteMs, 8 * kHourMs, false},
      {"used every 15 minutes exactly: once too late", 15 * kMinuteMs, 30 * kMinuteMs, false},
  };
  for (const auto& row : kRows) {
    const std::string token = Open(1);
    std::int64_t passed_ms = 0;
    while (row.use_every_ms > 0 && passed_ms + row.use_every_ms <= row.at_ms) {
      clock.Advance(row.use_every_ms);
      passed_ms += row.use_every_ms;
      Use(token);
    }
    clock.Advance(row.at_ms - passed_ms);
    EXPECT_EQ(Lives(token), row.lives) << row.why;
  }
}

TEST_F(SessionsTest, TheWallClockOpensNothing) {
  const std::string token = Open(1);
  clock.Advance(kSessionIdleMs);
  clock.StepWall(-kHourMs);
  EXPECT_FALSE(Lives(token));
}

TEST_F(SessionsTest, AnIdleSessionIsNotTouchedAliveAgain) {
  const std::string token = Open(1);
  clock.Advance(kSessionIdleMs);
  Use(token);
  EXPECT_FALSE(Lives(token));
}

TEST_F(SessionsTest, ATokenIsNewUnguessableAndKeptAsADigestAlone) {
  const std::string one = Open(1), other = Open(1);
  EXPECT_NE(one, other);
  EXPECT_EQ(one.size(), kSessionTokenBytes);
  EXPECT_TRUE(one.starts_with(kSessionTokenPrefix));
  std::string wrong = one;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(Lives(wrong));
  EXPECT_FALSE(Lives(""));
}

TEST_F(SessionsTest, AKilledPrincipalHasNoSessionLeftAndOthersKeepTheirs) {
  const std::string one = Open(1), again = Open(1), other = Open(2);
  EXPECT_EQ(sessions.Kill(Principal(1)), 2u);
  EXPECT_FALSE(Lives(one));
  EXPECT_FALSE(Lives(again));
  EXPECT_TRUE(Lives(other));
  EXPECT_EQ(sessions.Kill(Principal(1)), 0u);
}

TEST_F(SessionsTest, AnEndedSessionIsDeadAndASecondOneOfItsPrincipalIsNot) {
  const Session first = Of(1);
  const std::string token = Open(first), second = Open(1);
  sessions.End(first.id);
  EXPECT_FALSE(Lives(token));
  EXPECT_TRUE(Lives(second));
}

TEST_F(SessionsTest, ASteppedUpSessionKeepsItsIdAndItsOldTokenIsDead) {
  Session session = Of(1);
  const std::string before = Open(session);
  session.assurance.auth_time_s = 42;
  const std::string after = Open(session);
  EXPECT_FALSE(Lives(before));
  const std::optional<Session> found = sessions.Find(Sessions::DigestOf(after));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, session.id);
  EXPECT_EQ(found->assurance.auth_time_s, 42);
  EXPECT_EQ(sessions.size(), 1u);
}

TEST_F(SessionsTest, TheOldestOfOnePrincipalGoesWhenItHasTooMany) {
  const std::string oldest = Open(1), second = Open(1), third = Open(1), fourth = Open(1);
  EXPECT_FALSE(Lives(oldest));
  EXPECT_TRUE(Lives(second) && Lives(third) && Lives(fourth));
}

TEST_F(SessionsTest, TooManyAtOnceAreRefusedAndTheIdleMakeRoom) {
  for (std::uint8_t n = 1; n <= 6; ++n) Open(n);
  const Result<std::string> more = sessions.Open(Of(7));
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().code(), Code::kExhausted);
  clock.Advance(kSessionIdleMs);
  EXPECT_TRUE(sessions.Open(Of(7)).ok());
  EXPECT_EQ(sessions.size(), 1u);
}

TEST_F(SessionsTest, WhatEndedIsSwept) {
  Open(1);
  clock.Advance(kMinuteMs);
  Open(2);
  clock.Advance(kSessionIdleMs - kMinuteMs);
  sessions.Sweep();
  EXPECT_EQ(sessions.size(), 1u);
}

TEST_F(SessionsTest, EveryPrincipalComesInARound) {
  for (std::uint8_t n = 1; n <= 5; ++n) Open(n);
  std::vector<PrincipalId> seen;
  for (int i = 0; i < 3; ++i) {
    const std::vector<PrincipalId> next = sessions.NextPrincipals(2);
    seen.insert(seen.end(), next.begin(), next.end());
  }
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  EXPECT_EQ(seen.size(), 5u);
}

TEST_F(SessionsTest, CitizensLeaveRoomForStaff) {
  const auto citizen = [this](std::uint8_t who) {
    Session session = Of(who);
    session.citizen = true;
    return sessions.Open(std::move(session));
  };
  ASSERT_TRUE(citizen(101).ok());
  ASSERT_TRUE(citizen(102).ok());
  EXPECT_EQ(citizen(103).error().code(), Code::kExhausted);
  for (std::uint8_t who = 1; who <= 6; ++who) ASSERT_TRUE(sessions.Open(Of(who)).ok()) << who;
  EXPECT_EQ(sessions.Open(Of(7)).error().code(), Code::kExhausted);
  EXPECT_EQ(citizen(103).error().code(), Code::kExhausted);
  EXPECT_EQ(sessions.Kill(Of(101).principal), 1u);
  EXPECT_TRUE(citizen(103).ok()) << "what ends makes room, for its like";
  EXPECT_EQ(sessions.Open(Of(7)).error().code(), Code::kExhausted);
  clock.Advance(kSessionIdleMs);
  EXPECT_TRUE(sessions.Open(Of(7)).ok());
  EXPECT_TRUE(citizen(104).ok());
}

TEST_F(SessionsTest, APivotIsForgottenAndTheSessionStays) {
  Session session = Of(1);
  session.pivot = std::make_shared<const Pivot>();
  const SessionId id = session.id;
  const std::string token = Open(std::move(session));
  sessions.ForgetPivot(id);
  const std::optional<Session> found = sessions.Find(Sessions::DigestOf(token));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->pivot, nullptr);
}

TEST_F(SessionsTest, TheOtherSessionsOfOneEndAndNobodyElses) {
  Session kept = Of(1);
  const SessionId id = kept.id;
  const std::string token = Open(std::move(kept)), other = Open(1), anothers = Open(2);
  EXPECT_EQ(sessions.KillOthers(Principal(1), id), 1u);
  EXPECT_TRUE(Lives(token));
  EXPECT_FALSE(Lives(other));
  EXPECT_TRUE(Lives(anothers));
  EXPECT_EQ(sessions.KillOthers(Principal(3), id), 0u);
}

}  // namespace
}  // namespace cloison::identity
