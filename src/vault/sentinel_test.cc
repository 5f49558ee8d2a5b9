// What speaks against an account, and what the server does about it by itself, through a whole
// vault: each detector that acts, each rung, who lets go again, and that nothing of it is lost.
#include <gtest/gtest.h>

#include <set>

#include "access/caseload_requests.h"
#include "access/cases.h"
#include "access/explanations.h"
#include "access/policies.h"
#include "access/principal_requests.h"
#include "ingest/generator.h"
#include "records/strata.h"
#include "text/date.h"
#include "vault/testing/sentinel_world.h"

namespace cloison::vault {
namespace {

constexpr char kShadow[] = "\n[detectors]\nact = false\n";

using access::Cases;
using access::Rung;
using testing::kActs;
using testing::RefusalOf;
using testing::Word;

class SentinelTest : public testing::SentinelWorld {};

TEST_F(SentinelTest, AGreedyAccountEndsOnItsCaseload) {
  Start();
  const std::size_t people = Scrape("adviser.ft", 8);
  EXPECT_LE(people, 120u);
  EXPECT_GE(people, 30u) << "a day of work is no theft";
  EXPECT_EQ(LookOff("adviser.ft"), "held_back");
  EXPECT_EQ(LookOwn(), "shown");
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kSecondPerson) << "and nobody agrees";
  EXPECT_EQ(LookOff("adviser.ft.002"), "shown") << "nobody else";
}

// 12 a day are below every budget: what finds them is D1.
TEST_F(SentinelTest, AnAccountBelowEveryBudgetIsFound) {
  Start();
  std::size_t days = 0;
  while (RungOf("adviser.ft") < Rung::kSecondPerson && days < 20) {
    for (int i = 0; i < 12; ++i) (void)LookOff("adviser.ft");
    Morning();
    ++days;
  }
  EXPECT_GE(days, 3u);
  EXPECT_LE(days, 8u);
  EXPECT_EQ(Open().size(), 1u);
}

TEST_F(SentinelTest, ACaseIsClosedByTwoFromRungFourOn) {
  Start();
  Freeze("adviser.ft");
  const std::vector<access::Case> open = Open();
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].rung, Rung::kFrozen);
  EXPECT_EQ(open[0].principal, DemoPrincipalId("adviser.ft"));
  EXPECT_EQ(Word(ListAs("manager.a")), "no_right");
  EXPECT_EQ(Word(ListAs("adviser.ft.002")), "no_right");
  EXPECT_EQ(Word(CloseAs("manager.a", open[0].id)), "no_right");
  EXPECT_EQ(Word(CloseAs("officer.security", open[0].id)), "approval_required");
  vault_.clock.Advance(3 * base::kDayMs);
  EXPECT_EQ(LookOff("adviser.ft"), "held_back") << "time closes nothing";
  EXPECT_EQ(CloseByTwo(open[0].id), "shown");
  EXPECT_TRUE(Open().empty());
  const auto closed = ListAs("officer.security", false);
  ASSERT_EQ(std::get<Cases::Page>(*closed).items.size(), 1u);
  EXPECT_EQ(std::get<Cases::Page>(*closed).items[0].closer, DemoPrincipalId("officer.security"));
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kNone);
  vault_.clock.Advance(32 * base::kDayMs);
  EXPECT_EQ(LookOff("adviser.ft"), "shown");
  EXPECT_EQ(Word(CloseAs("officer.security", open[0].id)), "decided");
}

// An officer's account of the agent's own lets nobody go, alone or as one of two.
TEST_F(SentinelTest, NobodyClosesTheirOwnCaseByAnotherAccount) {
  Start();
  const access::HumanId human{7};
  access::PrincipalInfo agent{
      DemoPrincipalId("agent.x"), OrganisationId(1), OfficeId(1), "adviser", "agent.x", false, {}};
  access::PrincipalInfo officer{DemoPrincipalId("officer.x"),
                                OrganisationId(1),
                                {},
                                "security-officer",
                                "officer.x",
                                false,
                                {}};
  agent.human = officer.human = human;
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol({agent, officer}, vault_.executor)).ok());
  Freeze("agent.x");
  ASSERT_FALSE(HasFatalFailure());
  const std::vector<access::Case> open = Open();
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(Word(CloseAs("officer.x", open[0].id)), "no_right");
  EXPECT_EQ(RefusalOf(vault_.Wait(vault_.gate().cases().Close(vault_.As("officer.x"), open[0].id,
                                                              "looked at the entries")))
                .rule,
            "case/own");
  EXPECT_EQ(Word(vault_.AskAs("officer.x", "case", access::EncodeCaseId(open[0].id))), "no_right");
  const auto asked = vault_.AskAs("officer.security", "case", access::EncodeCaseId(open[0].id));
  const auto number = std::get<access::Approvals::Shown>(*asked).approval.number;
  EXPECT_EQ(RefusalOf(vault_.ApproveAs("officer.x", number)).rule, "case/own");
  EXPECT_EQ(Word(vault_.ApproveAs("officer.security.b", number)), "shown");
}

// Nothing but the end of a case lets go: no change of the policy either, and so no old case of
// rung 3, which one officer closes, stands beside a newer one of rung 4.
TEST_F(SentinelTest, ACaseOutlivesAPolicyThatDoesNotAct) {
  Start();
  const PersonId decoy = Decoy();
  ASSERT_EQ(Look(vault_.As("adviser.ft"), decoy, "reception"), "shown");
  ASSERT_EQ(RungOf("adviser.ft"), Rung::kSecondPerson);
  const std::vector<access::Case> open = Open();
  ASSERT_EQ(open.size(), 1u);
  PutInForce(kShadow);
  EXPECT_EQ(LookOff("adviser.ft"), "shown") << "shadow mode holds nobody";
  PutInForce(kActs);
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kSecondPerson);
  EXPECT_EQ(LookOff("adviser.ft"), "held_back");
  ASSERT_EQ(LookOwn(), "shown");
  EXPECT_EQ(Open(), open);
  EXPECT_EQ(Word(CloseAs("officer.security", open[0].id)), "shown");
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kNone);
}

TEST_F(SentinelTest, WhoIsHeldClosesNoCase) {
  Start();
  const PersonId decoy = Decoy();
  for (const char* who : {"adviser.ft", "adviser.ft.002"}) {
    ASSERT_EQ(Look(vault_.As(who), decoy, "reception"), "shown");
  }
  access::ChangeRequest request;
  request.who = DemoPrincipalId("adviser.ft");
  request.role = "security-officer";
  const auto wanted = vault_.AskAs("manager.a", "change", Encode(request));
  ASSERT_EQ(Word(wanted), "shown");
  const auto number = std::get<access::Approvals::Shown>(*wanted).approval.number;
  ASSERT_EQ(Word(vault_.ApproveAs("manager.b", number)), "shown");
  for (const access::Case& one : Open()) {
    if (one.principal != DemoPrincipalId("adviser.ft.002")) continue;
    EXPECT_EQ(Word(CloseAs("adviser.ft", one.id)), "held_back");
    EXPECT_EQ(Word(CloseAs("officer.security", one.id)), "shown");
  }
}

// Whoever looks at an account that nobody has asked for since the start weighs what it did by the
// bounds of its class, as its own next look would.
TEST_F(SentinelTest, WhoLooksAtItWeighsItByItsOwnBounds) {
  std::string wide = kActs;
  for (const char* score : {"D1/day", "D1/week", "D1/month"}) {
    wide += "[[detectors.score]]\nscore = \"" + std::string(score) +
            "\"\nclass = \"case-worker\"\nbounds = [[200, 0.05]]\n";
  }
  Start(wide);
  for (int day = 0; day < 4; ++day) {
    vault_.clock.Advance(day * base::kHourMs);  // no two days within 24 hours
    for (int i = 0; i < 12; ++i) {
      ASSERT_EQ(LookOff("adviser.ft"), "shown") << day << "/" << i;
    }
    const auto asked = vault_.AskAs("adviser.ft", "access", Encode(access::AccessRequest{"3F8N"}));
    ASSERT_EQ(Word(asked), "shown");
    const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
    ASSERT_TRUE(vault_.Reopen().ok());
    Morning();
    ASSERT_EQ(Word(vault_.ApproveAs("manager.a", number)), "shown") << "looks at who asked";
    EXPECT_EQ(RungOf("adviser.ft"), Rung::kNone) << day;
  }
}

TEST_F(SentinelTest, NothingOfItIsLostWithTheProcess) {
  Start();
  Scrape("adviser.ft", 2);
  ASSERT_TRUE(vault_.Reopen().ok());
  Morning();
  const std::size_t people = Scrape("adviser.ft", 6);
  EXPECT_LE(people, 30u) << "the first two days count";
  ASSERT_EQ(RungOf("adviser.ft"), Rung::kSecondPerson);
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(LookOff("adviser.ft"), "held_back");
  EXPECT_EQ(Open().size(), 1u);
  EXPECT_TRUE(vault_.Stop().ok());
  EXPECT_TRUE(vault_.Audit().ok());
  ASSERT_TRUE(vault_.Open().ok());
}

TEST_F(SentinelTest, InShadowItSaysAndDoesNothing) {
  Start("");
  Scrape("adviser.ft", 8);
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kNone);
  EXPECT_TRUE(Open().empty());
  EXPECT_GE(vault_.events.Count("rung_would_be_reached"), 1u);
  EXPECT_EQ(vault_.events.Count("rung_reached"), 0u);
}

TEST_F(SentinelTest, ADecoyAsksForASecondPersonAndTwoFreeze) {
  Start();
  const std::vector<PersonId> decoys{Decoy(), Decoy()};
  EXPECT_EQ(LookOff("adviser.ft"), "shown");
  EXPECT_EQ(Look(vault_.As("adviser.ft"), decoys[0], "reception"), "shown");
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kSecondPerson);
  EXPECT_EQ(Look(vault_.As("adviser.ft"), decoys[1], "reception"), "held_back");
  EXPECT_EQ(LookOff("adviser.ft"), "held_back");
  EXPECT_EQ(LookOwn(), "shown");
  // One officer lets go of rung 3, and the second decoy within 30 days begins anew.
  ASSERT_EQ(Open().size(), 1u);
  EXPECT_EQ(Open()[0].why, "decoy");
  EXPECT_EQ(Word(CloseAs("officer.security", Open()[0].id)), "shown");
  EXPECT_EQ(LookOff("adviser.ft"), "shown");
  EXPECT_EQ(Look(vault_.As("adviser.ft"), decoys[1], "reception"), "shown");
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kSecondPerson);
}

TEST_F(SentinelTest, TheSecondDecoyFreezes) {
  Start();
  Freeze("adviser.ft");
  EXPECT_EQ(LookOff("adviser.ft"), "held_back");
  EXPECT_EQ(LookOwn(), "shown");
  const auto found = vault_.LookUpAs("adviser.ft", "phone", "+33612345678", "reception");
  EXPECT_EQ(Word(found), "held_back") << "whoever that is";
}

TEST_F(SentinelTest, CodesOfNobodySpeakSoon) {
  Start();
  std::size_t days = 0;
  while (RungOf("adviser.ft") == Rung::kNone && ++days < 10) {
    (void)vault_.DiscloseCodesAs(
        "adviser.ft",
        {vault_.CodeFor("adviser.ft", PersonId(ByteArray<8>{9, 9, 9, std::uint8_t(days)}))},
        {"identity.birth_name"}, "reception");
    Morning();
  }
  EXPECT_GE(days, 2u) << "one is a slip";
  EXPECT_LE(days, 4u);
}

// Batches of a code that was missed before, not nobody's, and a guessed one behind it.
TEST_F(SentinelTest, CodesOfNobodySpeakBehindOthersToo) {
  Start();
  const std::string missed = vault_.CodeFor("adviser.ft", Stranger());
  std::size_t days = 0;
  while (RungOf("adviser.ft") == Rung::kNone && ++days < 10) {
    const auto ask = [&](const std::vector<std::string>& codes) {
      return Word(vault_.DiscloseCodesAs("adviser.ft", codes, {"contact.phone"}, "support"));
    };
    ASSERT_EQ(ask({missed}), "not_available");
    const PersonId nobody(ByteArray<8>{9, 9, 9, std::uint8_t(days)});
    ASSERT_EQ(ask({missed, vault_.CodeFor("adviser.ft", nobody)}), "not_available");
    Morning();
  }
  EXPECT_LE(days, 4u);
}

// Between two of them somebody whom the account has seen, or a number that it has missed: free.
TEST_F(SentinelTest, NumbersWithFreeOnesBetween) {
  Start();
  const auto ask = [this](std::size_t number) {
    (void)vault_.LookUpAs("adviser.ft", "phone", "+3361200" + std::to_string(number), "reception");
  };
  for (int i = 0; i < 20; ++i) ask(9'000 + 7 * i);
  Morning();
  for (int day = 0; day < 4 && RungOf("adviser.ft") == Rung::kNone; ++day) {
    for (int i = 0; i < 9; ++i) {
      ask(1'000 + 20 * day + i);
      for (int k = 0; k < 10; ++k) ask(9'000 + 7 * k);
    }
    Morning();
  }
  EXPECT_NE(RungOf("adviser.ft"), Rung::kNone);
}

TEST_F(SentinelTest, NumbersOneAfterTheOther) {
  Start();
  std::size_t asked = 0;
  for (int day = 0; day < 4 && RungOf("adviser.ft") == Rung::kNone; ++day) {
    for (int i = 0; i < 9; ++i, ++asked) {
      (void)vault_.LookUpAs("adviser.ft", "phone",
                            "+3361200" + std::to_string(1'000 + 20 * day + i), "reception");
    }
    Morning();
  }
  EXPECT_NE(RungOf("adviser.ft"), Rung::kNone);
  // As many that do not follow on each other say less.
  for (std::size_t i = 0; i < asked; ++i) {
    (void)vault_.LookUpAs("adviser.ft.002", "phone", "+3361200" + std::to_string(1'000 + 37 * i),
                          "reception");
    if (i % 9 == 8) Morning();
  }
  EXPECT_EQ(RungOf("adviser.ft.002"), Rung::kNone);
}

TEST_F(SentinelTest, ABudgetThatIsUsedUpAsksMore) {
  Start();
  const std::int64_t early = vault_.clock.wall_ms();
  for (int i = 0; i < 21; ++i) {  // 70 % of 30
    if (i == 10) vault_.clock.Advance(base::kHourMs + 1);
    ASSERT_EQ(LookOff("adviser.ft"), "shown") << i;
  }
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kPurposeText);
  EXPECT_EQ(LookOff("adviser.ft", ""), "case_ref_required");
  vault_.clock.Advance(base::kHourMs + 1);
  for (int i = 21; i < 30; ++i) ASSERT_EQ(LookOff("adviser.ft"), "shown") << i;
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kStepUp);
  const std::int64_t now = vault_.clock.wall_ms();
  EXPECT_EQ(Look(Human("adviser.ft", early), Own(), "support"), "step_up");
  EXPECT_EQ(Look(Human("adviser.ft", now + 1'000), Own(), "support"), "shown");
  vault_.clock.Advance(base::kDayMs + 1);
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kNone);
  // The second time within five days: rung 3, and a case.
  for (int i = 0; i < 30; ++i) {
    if (i % 10 == 0) vault_.clock.Advance(base::kHourMs + 1);
    if (LookOff("adviser.ft") != "shown") break;
  }
  EXPECT_GE(RungOf("adviser.ft"), Rung::kSecondPerson);
  EXPECT_EQ(Open().size(), 1u);
}

TEST_F(SentinelTest, TheSecondPersonIsOfAnotherOffice) {
  Start();
  const PersonId decoy = Decoy();
  ASSERT_EQ(Look(vault_.As("adviser.ft"), decoy, "reception"), "shown");
  const PersonId person = Stranger();
  const auto asked = vault_.Wait(vault_.gate().explanations().AskAccess(
      vault_.As("adviser.ft"), vault_.CodeFor("adviser.ft", person), "sent by Lyon",
      {"once-1", {}}));
  ASSERT_EQ(Word(asked), "shown");
  const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
  // Who stands where a manager does: in no office, or in one.
  const std::optional<OfficeId> office = vault_.Principal("adviser.ft").office;
  const auto move = [this](std::optional<OfficeId> to) {
    access::ChangeRequest request;
    request.who = DemoPrincipalId("adviser.ft");
    request.office = to;
    const auto wanted = vault_.AskAs("manager.a", "change", Encode(request));
    CLOISON_CHECK(Word(wanted) == "shown");
    const auto& shown = std::get<access::Approvals::Shown>(*wanted);
    return Word(vault_.ApproveAs("manager.b", shown.approval.number));
  };
  ASSERT_EQ(move(std::nullopt), "shown");
  const auto refused = vault_.ApproveAs("manager.a", number);
  ASSERT_EQ(Word(refused), "no_right");
  EXPECT_EQ(RefusalOf(refused).rule, "approval/same_office");
  EXPECT_EQ(Look(vault_.As("adviser.ft"), person, "reception"), "held_back");
  ASSERT_EQ(move(office), "shown");
  ASSERT_EQ(Word(vault_.ApproveAs("manager.a", number)), "shown");
  EXPECT_EQ(Look(vault_.As("adviser.ft"), person, "reception"), "shown");
  EXPECT_EQ(LookOff("adviser.ft"), "held_back") << "for that person alone";
}

// Whoever is archived is as nobody, also when somebody agreed.
TEST_F(SentinelTest, AnAgreedRequestDoesNotTellWhoIsArchived) {
  Start(std::string(kActs) + "[archive]\nfield = \"status.until\"\nafter_days = 30\n");
  const PersonId decoy = Decoy();
  const PersonId& person = vault_.world().citizen_one.person;
  const std::string until =
      text::FormatDate(text::DateOfDays(vault_.clock.wall_ms() / base::kDayMs - 100));
  ASSERT_EQ(Word(vault_.UpdateAs("app.case", vault_.CodeFor("app.case", person), 1,
                                 {{"status.until", until}})),
            "shown");
  ASSERT_EQ(Look(vault_.As("adviser.ft.002"), decoy, "reception"), "shown");
  const PersonId nobody(ByteArray<8>{9, 9, 9});
  std::size_t asked = 0;
  for (const PersonId& who : {person, nobody}) {
    const std::string code = vault_.CodeFor("adviser.ft.002", who);
    AgreeTo("adviser.ft.002", code, "archive-" + std::to_string(++asked));
    EXPECT_EQ(Look(vault_.As("adviser.ft.002"), who, "reception"), "held_back") << asked;
  }
}

TEST_F(SentinelTest, SessionsOfBeforeAreOverAndTheCaseloadIsReadOnly) {
  Start();
  const std::int64_t before = vault_.clock.wall_ms();
  vault_.clock.Advance(base::kHourMs);
  Freeze("adviser.ft");
  // An adviser changes nothing that the demo lets it; but it asks, and agrees.
  const auto asked = vault_.AskAs("adviser.ft", "access", Encode(access::AccessRequest{"3F8N"}));
  ASSERT_EQ(Word(asked), "held_back");
  EXPECT_EQ(RefusalOf(asked).rule, "rung/4/read-only");
  vault_.clock.Advance(base::kDayMs);
  EXPECT_EQ(Word(vault_.AskAs("adviser.ft", "access", Encode(access::AccessRequest{"3F8N"}))),
            "shown")
      << "for a day";
  EXPECT_EQ(Look(Human("adviser.ft", before), Own(), "support"), "step_up");
  EXPECT_EQ(Look(Human("adviser.ft", vault_.clock.wall_ms()), Own(), "support"), "shown");
}

// Three accounts of one organisation that take little each: none is found, all of them are.
TEST_F(SentinelTest, AnOrganisationIsHeldToItsCaseloads) {
  Start(
      "\n[detectors]\nact = true\n[[detectors.pool]]\norganisation = 1\n"
      "score = \"D9/pairs/day\"\nbounds = [[6, 0.01], [9, 0.001]]\n");
  const std::vector<std::string> accounts{"adviser.ft", "adviser.ft.002", "adviser.ft.003"};
  std::size_t days = 0;
  while (RungOf(accounts[0]) != Rung::kPool && ++days < 12) {
    for (const std::string& who : accounts) {
      for (int i = 0; i < 3; ++i) (void)LookOff(who);
    }
    Morning();
  }
  EXPECT_GE(days, 2u);
  EXPECT_LE(days, 5u);
  for (const std::string& who : accounts) EXPECT_EQ(LookOff(who), "held_back") << who;
  EXPECT_EQ(LookOwn(), "shown");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(LookOff(accounts[1]), "held_back");
  const std::vector<access::Case> open = Open();
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].rung, Rung::kPool);
  EXPECT_EQ(open[0].pool, (access::PoolKey{1, 0}));
  EXPECT_EQ(Word(CloseAs("officer.security", open[0].id)), "approval_required");
  EXPECT_EQ(CloseByTwo(open[0].id), "shown");
  EXPECT_EQ(LookOff(accounts[1]), "shown");
}

TEST_F(SentinelTest, AnOrganisationThatWouldBeHeldIsSaidOnce) {
  Start(
      "\n[[detectors.pool]]\norganisation = 1\n"
      "score = \"D9/pairs/day\"\nbounds = [[6, 0.01], [9, 0.001]]\n");
  for (int day = 0; day < 8; ++day) {
    for (const char* who : {"adviser.ft", "adviser.ft.002", "adviser.ft.003"}) {
      for (int i = 0; i < 3; ++i) (void)LookOff(who);
    }
    Morning();
  }
  EXPECT_EQ(vault_.events.Count("rung_would_be_reached"), 1u);
}

TEST_F(SentinelTest, AnOlderRowOfAPoolIsNoticed) {
  Start(
      "\n[detectors]\nact = true\n[[detectors.pool]]\nscore = \"D9/people/day\"\n"
      "bounds = [[100, 0.01]]\n");
  ASSERT_EQ(LookOff("adviser.ft"), "shown");
  const auto old = vault_.Rows(store::Family::kPools);
  ASSERT_EQ(old.size(), 1u);
  ASSERT_EQ(LookOff("adviser.ft"), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  const auto whole = vault_.Rows(store::Family::kPools);
  vault_.Overwrite(store::Family::kPools, old);
  EXPECT_FALSE(vault_.Open().ok());
  vault_.Overwrite(store::Family::kPools, {});
  EXPECT_FALSE(vault_.Open().ok());
  vault_.Overwrite(store::Family::kPools, whole);
  EXPECT_TRUE(vault_.Open().ok());
}

TEST_F(SentinelTest, ShadowModeLearnsBounds) {
  Start("");
  constexpr std::uint32_t kOffADay = 9, kDays = 6;
  for (std::uint32_t day = 0; day < kDays; ++day, Morning()) {
    for (const char* who : {"adviser.ft", "adviser.ft.002", "adviser.ft.003"}) {
      for (std::uint32_t i = 0; i < kOffADay; ++i) ASSERT_EQ(LookOff(who), "shown");
    }
  }
  // Their last day ends with the first look of the next.
  for (const char* who : {"adviser.ft", "adviser.ft.002", "adviser.ft.003"}) {
    ASSERT_EQ(LookOff(who), "shown");
  }
  const auto calibrate = [this](std::string_view who, std::uint32_t days) {
    return vault_.Wait(vault_.gate().policies().Calibrate(vault_.As(who), days));
  };
  EXPECT_EQ(Word(calibrate("adviser.ft", 30)), "no_right");
  EXPECT_EQ(calibrate("officer.security", 91).error().code(), Code::kInvalid);
  EXPECT_EQ(calibrate("officer.security", 0).error().code(), Code::kInvalid);
  for (const bool again : {false, true}) {
    const auto made = calibrate("officer.security", 30);
    ASSERT_EQ(Word(made), "shown");
    const access::Calibration& report = std::get<access::Policies::Calibrated>(*made).report;
    ASSERT_EQ(report.classes.size(), 1u) << again;
    EXPECT_EQ(report.agent_days, 3 * kDays);
    const access::CalibratedClass& one = report.classes[0];
    EXPECT_EQ(one.name, "case-worker");
    EXPECT_EQ(one.learnt + one.held_out, 3u);
    ASSERT_GT(one.learnt, 0u);
    EXPECT_EQ(one.few_days + one.decoyed, 0u);
    const access::CalibratedScore& day = one.scores[0];
    EXPECT_EQ(day.score, access::Score::kOffDay);
    EXPECT_EQ(day.blocks, one.learnt * kDays);
    EXPECT_EQ(day.highest, kOffADay);
    EXPECT_GT(day.proposed[0].at_least, kOffADay);
    const auto pool =
        std::ranges::find(report.pools, access::PoolKey{1, 0}, &access::CalibratedPool::pool);
    ASSERT_NE(pool, report.pools.end());
    EXPECT_EQ(pool->highest, 3 * kOffADay) << "of all three together";
    ASSERT_TRUE(vault_.Reopen().ok()) << "the second time by what was kept";
  }
}

// By postcodes of the records: a catchment is a list of départements of the policy's office.
class CatchmentTest : public SentinelTest {
 protected:
  // Looks at people off the caseload until that is over; at most eleven.
  void LookAround(const std::string& departements) {
    Start("\n[[office]]\norganisation = 1\nid = 101\nname = \"Lyon\"\n" + departements +
          "[detectors]\nact = true\n"
          "[[detectors.score]]\nscore = \"D1/day\"\nbounds = [[1_000, 0.05]]\n"
          "[[detectors.score]]\nscore = \"D3/day\"\nbounds = [[5, 0.000000001]]\n");
    for (int i = 0; i < 11 && LookOff("adviser.ft") == "shown"; ++i) {
    }
  }
};

TEST_F(CatchmentTest, PeopleBeyondItSpeak) {
  LookAround("departements = [\"976\"]\n");
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kSecondPerson);
  ASSERT_EQ(Open().size(), 1u);
  EXPECT_EQ(Open()[0].why, "D3/day");
}

TEST_F(CatchmentTest, PeopleWithinItDoNot) {
  const DemoSize size = testing::SmallWorld();
  const ingest::Generator generator(size.seed);
  std::set<std::string> everywhere;
  for (std::size_t i = 0; i < size.people; ++i) {
    const ingest::GeneratedPerson person = generator.At(i);
    const std::string one = records::DepartementOf(person.Text("address.postcode"));
    if (!one.empty()) everywhere.insert("\"" + one + "\"");
  }
  std::string all;
  for (const std::string& one : everywhere) all += (all.empty() ? "" : ", ") + one;
  LookAround("departements = [" + all + "]\n");
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kNone);
}

TEST_F(CatchmentTest, WithoutOneNobodyIsBeyondIt) {
  LookAround("");
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kNone);
}

}  // namespace
}  // namespace cloison::vault
