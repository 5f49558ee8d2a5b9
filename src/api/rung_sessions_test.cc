// Whoever comes to rung 4: no session of theirs is taken from that commit on, none is kept, and
// only a new proof opens another.
#include <gtest/gtest.h>

#include "access/session_opened.h"
#include "api/testing/token_desk.h"
#include "vault/embedded.h"

namespace cloison::api {
namespace {

using access::Rung;
using vault::testing::RefusalOf;
using vault::testing::TestVault;
using vault::testing::Word;

// One person off the caseload is enough.
constexpr char kStrict[] = R"(
[detectors]
act = true
thresholds = {r1 = 2, r2 = 3, r3 = 4, r4 = 5}
[[detectors.score]]
score = "D1/day"
bounds = [[1, 0.000000001]]
)";

class RungSessions : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<std::string> problems;
    const auto policy =
        access::Policy::Parse(std::string(vault::DemoPolicyToml()) + kStrict,
                              *vault::DemoSchema(vault::testing::SmallWorld()), &problems);
    for (const std::string& problem : problems) ADD_FAILURE() << problem;
    ASSERT_TRUE(policy.ok());
    vault_.policy = *policy;
    ASSERT_TRUE(vault_.Start().ok());
    vault_.clock.Advance(60 * base::kDayMs);
    desk_ = testing::MakeTokenDesk(vault_);
  }

  identity::Sessions& sessions() { return desk_->desk().sessions; }
  SessionId Open(std::string_view who) {
    const identity::Session session{vault::DemoPrincipalId(who), sessions().NewId(), ClientId(1),
                                    identity::Assurance::Internal()};
    CLOISON_CHECK(sessions().Open(session).ok());
    return session.id;
  }
  // Somebody who has proven who they are so long ago.
  access::Caller As(std::string_view who, std::int64_t age_s) {
    access::Caller caller = vault_.As(who);
    caller.assurance = {identity::Actor::kHuman, "eidas2", {}, 0, "agents"};
    caller.assurance.methods.Add(identity::Method::kHardware);
    caller.assurance.auth_time_s = vault_.clock.wall_ms() / 1000 - age_s;
    return caller;
  }
  access::Outcome<access::Disclosed> Look(const access::Caller& caller, const PersonId& person,
                                          const char* purpose) {
    access::DisclosureRequest request;
    request.persons = {vault_.CodeFor("adviser.ft", person)};
    request.fields = vault_.Fields({"identity.birth_name"});
    request.reason = {purpose, "visit 7"};
    return vault_.Wait(vault_.gate().Disclose(caller, std::move(request)));
  }
  access::Outcome<access::Disclosed> LookOwn(std::int64_t age_s) {
    return Look(As("adviser.ft", age_s), vault_.world().of_adviser_ft.person, "support");
  }
  void Follow() { ASSERT_TRUE(vault_.Wait(desk_->Follow(vault_.gate())).ok()); }

  TestVault vault_;
  std::unique_ptr<ProductionDesk> desk_;
};

TEST_F(RungSessions, AreOverFromTheCommitOn) {
  const SessionId first = Open("adviser.ft"), second = Open("adviser.ft");
  const SessionId others = Open("adviser.ft.002");
  Follow();
  EXPECT_EQ(sessions().size(), 3u);
  ASSERT_EQ(Word(LookOwn(60)), "shown");
  const PersonId stranger = vault_.CaseloadOf("adviser.ce")[3];
  ASSERT_EQ(Word(Look(As("adviser.ft", 60), stranger, "reception")), "shown");
  // At once, though the table still has them.
  const auto refused = LookOwn(60);
  EXPECT_EQ(Word(refused), "step_up");
  EXPECT_EQ(RefusalOf(refused).rule, "step-up/rung/4");
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().OpenSession(As("adviser.ft", 60), {{1}, {}}))),
            "step_up")
      << "nor is a new one opened by the old proof";
  Follow();
  EXPECT_FALSE(sessions().FindById(first).has_value());
  EXPECT_FALSE(sessions().FindById(second).has_value());
  EXPECT_TRUE(sessions().FindById(others).has_value());
  EXPECT_EQ(desk_->desk().stats.killed.value(), 2u);
  // Who proves it again reads their caseload, and is not ended again by the same alarm.
  vault_.clock.Advance(base::kMinuteMs);
  const SessionId again = Open("adviser.ft");
  Follow();
  EXPECT_TRUE(sessions().FindById(again).has_value());
  EXPECT_EQ(Word(LookOwn(0)), "shown");
  EXPECT_EQ(Word(Look(As("adviser.ft", 0), stranger, "reception")), "held_back");
}

}  // namespace
}  // namespace cloison::api
