// Erasures that wait: for days, and for somebody outside. Until one is begun it is stopped by
// either officer, by one with the right "hold", by the person; a restart changes nothing; nothing
// happens by a failure.
#include <gtest/gtest.h>

#include "access/alerts.h"
#include "access/erasures.h"
#include "access/principal_requests.h"
#include "store/testing/fault_store.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using access::Erasures;
using approvals::State;
using store::Family;
using store::testing::Call;
using store::testing::Fault;
using testing::TestVault;
using testing::Word;
using Became = Erasures::Became;
using Said = Erasures::Said;

constexpr std::int64_t kDelayMs = 7 * base::kDayMs;
constexpr int kCallsMax = 200;

class ErasureWaits : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(vault_.Start().ok());
    person_ = vault_.world().citizen_one.person;
    code_ = vault_.CodeFor("officer.privacy", person_);
    Rule(kDelayMs, false);
  }
  void Rule(std::int64_t delay_ms, bool asks) { vault_.gate().erasures().Rule(delay_ms, asks); }
  access::Outcome<Approvals::Shown> Ask(const std::string& key) {
    access::Gate::Once once{key, {}};
    return vault_.Wait(vault_.gate().approvals().AskErase(vault_.As("officer.privacy"), code_, 1,
                                                          {"erase", "case-1"}, std::move(once)));
  }
  // Asked for and agreed to.
  std::uint64_t Agreed(const std::string& key = "e1") {
    const auto asked = Ask(key);
    CLOISON_CHECK(Word(asked) == "shown");
    const std::uint64_t number = std::get<Approvals::Shown>(*asked).approval.number;
    CLOISON_CHECK(Word(vault_.ApproveAs("officer.privacy.b", number)) == "shown");
    return number;
  }
  State StateOf(std::uint64_t number) {
    const auto read =
        vault_.Wait(vault_.gate().approvals().Read(vault_.As("officer.privacy"), number));
    CLOISON_CHECK(Word(read) == "shown");
    return std::get<Approvals::Shown>(*read).approval.state;
  }
  // As the minute does it.
  std::vector<std::uint64_t> Due() {
    CLOISON_CHECK(vault_.Wait(vault_.gate().erasures().Tell(vault_.executor)).ok());
    const auto due = vault_.Wait(vault_.gate().erasures().Due(0, vault_.executor));
    CLOISON_CHECK(due.ok());
    std::vector<std::uint64_t> numbers;
    for (const Erasures::Waiting& one : *due) numbers.push_back(one.number);
    return numbers;
  }
  Result<Became> Proceed(std::uint64_t number, Said said = Said::kNothing) {
    return vault_.Wait(vault_.gate().erasures().Proceed(number, said, vault_.executor));
  }
  // In one word: "done", "before", "waits", "early", "error".
  static std::string_view Word(const Result<Became>& became) {
    if (!became.ok()) return became.error().code() == Code::kInvalid ? "early" : "error";
    return *became == Became::kDone ? "done" : *became == Became::kBefore ? "before" : "waits";
  }
  template <class T>
  static std::string_view Word(const access::Outcome<T>& outcome) {
    return testing::Word(outcome);
  }
  std::string_view Object(std::string_view who) {
    return Word(vault_.Wait(vault_.gate().erasures().Object(vault_.As(who))));
  }
  bool IsThere() { return vault_.Wait(vault_.vault().people().Sight(person_)).ok(); }
  std::size_t ToldOfWaiting() {
    const auto trail = vault_.TrailOf("citizen.one");
    CLOISON_CHECK(Word(trail) == "shown");
    std::size_t count = 0;
    for (const access::Look& look : std::get<access::Trail>(*trail).looks) {
      if (look.kind == ledger::Kind::kApproval && look.purpose == "erase") ++count;
    }
    return count;
  }
  std::vector<std::uint64_t> Listed(std::string_view who) {
    const auto page = vault_.Wait(vault_.gate().approvals().Pending(vault_.As(who), 0, 100));
    CLOISON_CHECK(Word(page) == "shown");
    std::vector<std::uint64_t> numbers;
    for (const approvals::Document& one : std::get<Approvals::Page>(*page).items) {
      numbers.push_back(one.number);
    }
    return numbers;
  }

  TestVault vault_;
  PersonId person_{ByteArray<8>{}};
  std::string code_;
};

using Numbers = std::vector<std::uint64_t>;

TEST_F(ErasureWaits, ForSoManyDaysAndThenByItself) {
  const std::size_t alerts = vault_.Rows(Family::kOutbox).size();
  const std::uint64_t number = Agreed();
  EXPECT_EQ(StateOf(number), State::kApproved);
  EXPECT_EQ(vault_.Rows(Family::kOutbox).size(), alerts + 1) << "a second contact is told";
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(ToldOfWaiting(), 1u) << "and the person";
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(ToldOfWaiting(), 1u) << "once";
  EXPECT_TRUE(vault_.Wait(vault_.gate().approvals().Finish(vault_.executor)).ok());
  EXPECT_TRUE(IsThere()) << "what finishes others leaves it";
  EXPECT_EQ(Word(Proceed(number)), "early");
  vault_.clock.StepWall(30 * base::kDayMs);
  EXPECT_EQ(Due(), Numbers{}) << "the wall clock opens nothing";
  vault_.clock.Advance(kDelayMs - 60'000);
  EXPECT_EQ(Due(), Numbers{}) << "a minute to go";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_TRUE(IsThere()) << "a start begins none";
  EXPECT_EQ(Due(), Numbers{});
  vault_.clock.Advance(120'000);
  EXPECT_EQ(Due(), Numbers{number}) << "whatever the rules of the new start are";
  ASSERT_EQ(Word(vault_.UpdateAs("app.case", code_, 1, {{"contact.phone", "0639980077"}})), "shown")
      << "the record lives on meanwhile";
  EXPECT_EQ(Word(Proceed(number)), "done");
  EXPECT_EQ(StateOf(number), State::kUsed);
  EXPECT_FALSE(IsThere());
  EXPECT_FALSE(vault_.Wait(vault_.vault().person_keys().Load(person_)).ok());
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(Word(Proceed(number)), "before") << "again is fine, and nothing is done";
  EXPECT_EQ(vault_.Rows(Family::kOperations).size(), 1u)
      << "nothing is left of the waiting; the day's count is";
}

TEST_F(ErasureWaits, IsListedAndStoppedByWhoMay) {
  struct Row {
    const char* why;
    const char* who;
    std::string_view want;
  };
  const Row rows[] = {
      {"who asked", "officer.privacy", "shown"},
      {"who agreed", "officer.privacy.b", "shown"},
      {"an officer who keeps what an incident needs", "officer.security", "shown"},
      {"an adviser", "adviser.ft", "not_available"},
      {"an application", "app.case", "not_available"},
  };
  int n = 0;
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const std::uint64_t number = Agreed("e" + std::to_string(++n));
    EXPECT_EQ(Due(), Numbers{});
    EXPECT_EQ(Word(vault_.DenyAs(row.who, number)), row.want);
    if (row.want != "shown") {
      EXPECT_EQ(StateOf(number), State::kApproved);
      EXPECT_EQ(Word(vault_.DenyAs("officer.privacy", number)), "shown");
    }
    EXPECT_EQ(StateOf(number), State::kDenied);
    vault_.clock.Advance(kDelayMs + 60'000);
    EXPECT_EQ(Due(), Numbers{});
    EXPECT_EQ(Word(Proceed(number)), "before") << "fine, and nothing happens";
    EXPECT_TRUE(IsThere());
    EXPECT_EQ(StateOf(number), State::kDenied);
    EXPECT_TRUE(vault_.Rows(Family::kOperations).empty());
  }
  const std::uint64_t number = Agreed("listed");
  EXPECT_EQ(Listed("officer.privacy"), Numbers{number});
  EXPECT_EQ(Listed("officer.privacy.b"), Numbers{number});
  EXPECT_EQ(Listed("officer.security"), Numbers{number}) << "who may stop it";
  EXPECT_EQ(Listed("manager.a"), Numbers{});
  EXPECT_EQ(Word(vault_.ApproveAs("officer.privacy.b", number)), "shown") << "the same answer";
  EXPECT_TRUE(IsThere()) << "and no more";
}

TEST_F(ErasureWaits, ThePersonObjects) {
  EXPECT_EQ(Object("citizen.one"), "not_available") << "none waits";
  EXPECT_EQ(Object("adviser.ft"), "no_right");
  access::PrincipalInfo other{
      DemoPrincipalId("citizen.two"), OrganisationId(0), {}, "citizen", "citizen.two"};
  other.person =
      vault_.Wait(vault_.vault().people().Sight(vault_.world().stranger.person))->key.aud();
  std::vector<access::PrincipalInfo> infos{other};
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  const std::uint64_t number = Agreed();
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(Object("citizen.two"), "not_available") << "somebody else's";
  EXPECT_EQ(StateOf(number), State::kApproved);
  EXPECT_EQ(Object("citizen.one"), "shown");
  EXPECT_EQ(StateOf(number), State::kDenied);
  EXPECT_EQ(ToldOfWaiting(), 2u) << "that it waited, and that they objected";
  const auto read =
      vault_.Wait(vault_.gate().approvals().Read(vault_.As("officer.privacy"), number));
  EXPECT_EQ(std::get<Approvals::Shown>(*read).approval.decider, access::Gate::SystemPrincipal())
      << "by which account the person signs in, no officer learns";
  EXPECT_EQ(Object("citizen.one"), "not_available") << "again";
  vault_.clock.Advance(kDelayMs + 60'000);
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(Word(Proceed(number)), "before");
  EXPECT_TRUE(IsThere());
  // Asked for again, it waits again, and they are told again.
  const std::uint64_t again = Agreed("again");
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(ToldOfWaiting(), 3u);
  EXPECT_EQ(Object("citizen.one"), "shown");
  EXPECT_EQ(StateOf(again), State::kDenied);
}

TEST_F(ErasureWaits, ForTheYesOfSomebodyOutside) {
  Rule(0, true);
  const std::uint64_t first = Agreed("e1");
  EXPECT_TRUE(IsThere()) << "without a delay it waits for the answer";
  EXPECT_EQ(Due(), Numbers{first});
  for (int hour = 0; hour < 48; ++hour) {
    vault_.clock.Advance(base::kHourMs);
    EXPECT_TRUE(vault_.Wait(vault_.gate().approvals().Finish(vault_.executor)).ok());
    EXPECT_TRUE(vault_.Wait(vault_.gate().approvals().Expire(vault_.executor)).ok());
    EXPECT_EQ(Due(), Numbers{first}) << "no answer is no yes";
  }
  EXPECT_TRUE(IsThere());
  const auto refuse = [this](std::uint64_t number) {
    return Word(vault_.Wait(vault_.gate().erasures().Refuse(number, vault_.executor)));
  };
  EXPECT_EQ(refuse(first), "done");
  EXPECT_EQ(refuse(first), "before") << "once";
  const auto read =
      vault_.Wait(vault_.gate().approvals().Read(vault_.As("officer.privacy"), first));
  const approvals::Document& denied = std::get<Approvals::Shown>(*read).approval;
  EXPECT_EQ(denied.state, State::kDenied);
  EXPECT_EQ(denied.decider, access::Gate::SystemPrincipal()) << "not whoever agreed to it";
  EXPECT_GE(denied.decided_ms, denied.asked_ms + 48 * base::kHourMs) << "nor then";
  EXPECT_EQ(Word(Proceed(first, Said::kYes)), "before");
  EXPECT_TRUE(IsThere());
  const std::uint64_t second = Agreed("e2");
  EXPECT_EQ(Word(vault_.DenyAs("officer.privacy", second)), "shown")
      << "while nobody answers it can be stopped";
  const std::uint64_t third = Agreed("e3");
  EXPECT_EQ(Due(), Numbers{third});
  EXPECT_EQ(Word(Proceed(third)), "waits") << "nobody said yes";
  EXPECT_TRUE(IsThere());
  EXPECT_EQ(Word(Proceed(third, Said::kYes)), "done");
  EXPECT_FALSE(IsThere());
  EXPECT_EQ(refuse(third), "before");
  EXPECT_EQ(StateOf(third), State::kUsed) << "too late";
}

TEST_F(ErasureWaits, NoDelayIsAsBefore) {
  Rule(0, false);
  const std::uint64_t number = Agreed();
  EXPECT_EQ(StateOf(number), State::kUsed);
  EXPECT_FALSE(IsThere());
}

TEST_F(ErasureWaits, TwoOfOnePersonEndTogether) {
  const std::uint64_t first = Agreed("e1"), second = Agreed("e2");
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(Word(vault_.DenyAs("officer.privacy", second)), "shown");
  EXPECT_EQ(vault_.Rows(Family::kOperations).size(), 1u) << "the row is of the other";
  const std::uint64_t third = Agreed("e3");
  EXPECT_EQ(Due(), Numbers{});
  vault_.clock.Advance(kDelayMs + 60'000);
  EXPECT_EQ(Due(), (Numbers{first, third}));
  EXPECT_EQ(Word(Proceed(first)), "done");
  EXPECT_EQ(Word(Proceed(third)), "done") << "of somebody who is gone";
  EXPECT_EQ(StateOf(third), State::kUsed);
  EXPECT_FALSE(IsThere());
}

TEST_F(ErasureWaits, ThePersonsWordIsForAllThatWait) {
  const std::uint64_t first = Agreed("e1"), second = Agreed("e2"), third = Agreed("e3");
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(ToldOfWaiting(), 1u);
  EXPECT_EQ(Object("citizen.one"), "shown");
  for (const std::uint64_t number : {first, second, third}) {
    EXPECT_EQ(StateOf(number), State::kDenied);
  }
  EXPECT_EQ(ToldOfWaiting(), 6u) << "of each, that it waited and that they objected";
  EXPECT_TRUE(vault_.Rows(Family::kOperations).empty());
  vault_.clock.Advance(kDelayMs + 60'000);
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(Object("citizen.one"), "not_available");
}

// Whoever is told late has the whole time from then: nobody is told and erased in one breath.
TEST_F(ErasureWaits, TheDaysAreCountedFromWhenThePersonKnows) {
  const std::uint64_t number = Agreed("e1"), other = Agreed("e2");
  vault_.clock.Advance(30 * base::kDayMs);  // no server ran
  EXPECT_EQ(Word(Proceed(number)), "waits") << "they do not know";
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(ToldOfWaiting(), 1u);
  EXPECT_EQ(Word(Proceed(number)), "early");
  EXPECT_EQ(Word(Proceed(other)), "early") << "nor of the other by a word to the first";
  vault_.clock.Advance(kDelayMs - 60'000);
  EXPECT_EQ(Due(), Numbers{});
  vault_.clock.Advance(120'000);
  EXPECT_EQ(Due(), (Numbers{number, other}));
  // What they could object to is stopped: of the other they are told, and the days begin again.
  ASSERT_EQ(Word(vault_.DenyAs("officer.privacy", number)), "shown");
  EXPECT_EQ(Word(Proceed(other)), "waits");
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(ToldOfWaiting(), 2u);
  EXPECT_TRUE(IsThere());
  vault_.clock.Advance(kDelayMs + 60'000);
  EXPECT_EQ(Due(), Numbers{other});
  EXPECT_EQ(Word(Proceed(other)), "done");
}

// Two agreed. While one of them is stopped it is not two, and somebody has to look.
TEST_F(ErasureWaits, WhoAskedAndWhoAgreedMustStandStill) {
  const auto change = [this](const char* who, std::optional<std::string> role,
                             std::optional<std::int64_t> end_ms) {
    access::ChangeRequest request;
    request.who = DemoPrincipalId(who);
    request.role = std::move(role);
    if (end_ms.has_value()) request.expires_ms.emplace(end_ms);
    const auto asked = vault_.AskAs("manager.a", "change", Encode(request));
    ASSERT_EQ(Word(asked), "shown");
    ASSERT_EQ(
        Word(vault_.ApproveAs("manager.b", std::get<Approvals::Shown>(*asked).approval.number)),
        "shown");
  };
  std::size_t events = 0;
  for (const char* who : {"officer.privacy", "officer.privacy.b"}) {
    for (const char* how : {"frozen", "without the right", "expired"}) {
      SCOPED_TRACE(std::string(who) + " " + how);
      const std::uint64_t number = Agreed(std::string(who) + how);
      EXPECT_EQ(Due(), Numbers{});
      vault_.clock.Advance(kDelayMs + 60'000);
      if (how[0] == 'f') {
        ASSERT_EQ(Word(vault_.FreezeAs("officer.security", who, true)), "shown");
      }
      if (how[0] == 'w') change(who, "adviser", {});
      if (how[0] == 'e') {
        change(who, {}, vault_.vault().committer().Now().budget_ms + 1'000);
        vault_.clock.Advance(60'000);
      }
      EXPECT_EQ(Due(), Numbers{number});
      EXPECT_EQ(Word(Proceed(number)), "waits");
      EXPECT_EQ(vault_.events.Count("erasure_officers_stopped"), ++events);
      EXPECT_TRUE(IsThere());
      EXPECT_EQ(Word(vault_.DenyAs("officer.security", number)), "shown")
          << "who may stop it still may";
      if (how[0] == 'f') {
        ASSERT_EQ(Word(vault_.FreezeAs("officer.security", who, false)), "shown");
      }
      if (how[0] == 'w') change(who, "privacy-officer", {});
      if (how[0] == 'e') {
        change(who, {}, vault_.vault().committer().Now().budget_ms + 300 * base::kDayMs);
      }
    }
  }
  const std::uint64_t number = Agreed("again");
  EXPECT_EQ(Due(), Numbers{});
  vault_.clock.Advance(kDelayMs + 60'000);
  ASSERT_EQ(Word(vault_.FreezeAs("officer.security", "officer.privacy.b", true)), "shown");
  EXPECT_EQ(Word(Proceed(number)), "waits");
  ASSERT_EQ(Word(vault_.FreezeAs("officer.security", "officer.privacy.b", false)), "shown");
  EXPECT_EQ(Word(Proceed(number)), "done") << "both stand again";
  EXPECT_FALSE(IsThere());
}

// An address that is taken out of the configuration is nobody's yes.
TEST_F(ErasureWaits, WhatNeedsAYesGoesOnNeedingIt) {
  Rule(base::kDayMs, true);
  const std::uint64_t number = Agreed();
  EXPECT_EQ(Due(), Numbers{});
  ASSERT_TRUE(vault_.Reopen().ok());
  Rule(0, false);
  vault_.clock.Advance(2 * base::kDayMs);
  EXPECT_EQ(Due(), Numbers{number});
  EXPECT_EQ(Word(Proceed(number)), "waits");
  EXPECT_EQ(vault_.events.Count("erasure_without_hook"), 1u);
  EXPECT_TRUE(IsThere());
  EXPECT_EQ(Word(Proceed(number, Said::kYes)), "done");
}

TEST_F(ErasureWaits, ThePersonsWordHasNoBoundButTheQuotas) {
  std::vector<std::uint64_t> numbers;
  for (int i = 0; i < 2 * static_cast<int>(access::kApprovalsOpenOfOneMax); ++i) {
    const bool swap = i % 2 != 0;
    const char* const asker = swap ? "officer.privacy.b" : "officer.privacy";
    access::Gate::Once once{"e" + std::to_string(i), {}};
    const auto asked = vault_.Wait(vault_.gate().approvals().AskErase(
        vault_.As(asker), code_, 1, {"erase", "case-1"}, std::move(once)));
    ASSERT_EQ(Word(asked), "shown") << i;
    numbers.push_back(std::get<Approvals::Shown>(*asked).approval.number);
    const char* const other = swap ? "officer.privacy" : "officer.privacy.b";
    ASSERT_EQ(Word(vault_.ApproveAs(other, numbers.back())), "shown") << i;
  }
  EXPECT_EQ(Due(), Numbers{});
  EXPECT_EQ(Object("citizen.one"), "shown");
  EXPECT_EQ(Listed("officer.privacy"), Numbers{}) << "none waits any more";
  vault_.clock.Advance(kDelayMs + 60'000);
  EXPECT_EQ(Due(), Numbers{});
}

// Somebody else ends one of two while the person objects: what was denied is what they are told.
TEST_F(ErasureWaits, AnObjectionThatWasHeardIsNotTakenBack) {
  const auto object = [](TestVault& vault, std::string_view& word) -> Task<void> {
    word = testing::Word(co_await vault.gate().erasures().Object(vault.As("citizen.one")));
  };
  const auto deny = [](TestVault& vault, std::uint64_t number,
                       std::string_view& word) -> Task<void> {
    word =
        testing::Word(co_await vault.gate().approvals().Deny(vault.As("officer.privacy"), number));
  };
  int before = 0, after = 0;
  for (int steps = 0; steps < 60; ++steps) {
    SCOPED_TRACE(steps);
    const std::uint64_t first = Agreed("a" + std::to_string(steps));
    const std::uint64_t second = Agreed("b" + std::to_string(steps));
    EXPECT_EQ(Due(), Numbers{});
    std::string_view objected, denied;
    base::Detach(object(vault_, objected));
    for (int step = 0; step < 4 * steps; ++step) (void)vault_.executor.Step();
    base::Detach(deny(vault_, second, denied));
    vault_.executor.RunAll();
    EXPECT_EQ(objected, "shown") << "the first was denied by it";
    ++(denied == "shown" ? before : after);
    EXPECT_EQ(StateOf(first), State::kDenied);
    EXPECT_EQ(StateOf(second), State::kDenied);
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
  EXPECT_GT(before, 0);
  EXPECT_GT(after, 0);
}

// Stopped at the very moment at which it begins: one of the two, and what was told is so. In one
// batch the stop is first, by its lane.
TEST_F(ErasureWaits, StoppedOrDoneWhoeverIsFirst) {
  const auto proceed = [](TestVault& vault, std::uint64_t number) -> Task<void> {
    (void)co_await vault.gate().erasures().Proceed(number, Said::kNothing, vault.executor);
  };
  const auto deny = [](TestVault& vault, std::uint64_t number, bool& stopped) -> Task<void> {
    const auto outcome =
        co_await vault.gate().approvals().Deny(vault.As("officer.privacy"), number);
    stopped = Word(outcome) == "shown";
  };
  int stops = 0, dones = 0;
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    TestVault vault(testing::SmallWorld(), seed);
    ASSERT_TRUE(vault.Start().ok());
    vault.gate().erasures().Rule(base::kDayMs, false);
    const PersonId person = vault.world().citizen_one.person;
    access::Gate::Once once{"e", {}};
    const auto asked = vault.Wait(vault.gate().approvals().AskErase(
        vault.As("officer.privacy"), vault.CodeFor("officer.privacy", person), 1,
        {"erase", "case-1"}, std::move(once)));
    const std::uint64_t number = std::get<Approvals::Shown>(*asked).approval.number;
    ASSERT_EQ(Word(vault.ApproveAs("officer.privacy.b", number)), "shown");
    ASSERT_TRUE(vault.Wait(vault.gate().erasures().Tell(vault.executor)).ok());
    vault.clock.Advance(2 * base::kDayMs);
    bool stopped = false;
    base::Detach(proceed(vault, number));
    for (std::uint64_t step = 0; step < seed; ++step) (void)vault.executor.Step();
    base::Detach(deny(vault, number, stopped));
    vault.executor.RunAll();
    const bool there = vault.Wait(vault.vault().people().Sight(person)).ok();
    EXPECT_EQ(there, stopped);
    ++(stopped ? stops : dones);
  }
  EXPECT_GT(stops, 0);
  EXPECT_GT(dones, 0);
}

// ---- faults

class WaitingLife {
 public:
  WaitingLife() {
    CLOISON_CHECK(test_.Start().ok());
    test_.gate().erasures().Rule(base::kDayMs, false);
    person_ = test_.world().citizen_one.person;
    access::Gate::Once once{"e", {}};
    const auto asked = test_.Wait(test_.gate().approvals().AskErase(
        test_.As("officer.privacy"), test_.CodeFor("officer.privacy", person_), 1,
        {"erase", "case-1"}, std::move(once)));
    number_ = std::get<Approvals::Shown>(*asked).approval.number;
    CLOISON_CHECK(Word(test_.ApproveAs("officer.privacy.b", number_)) == "shown");
    CLOISON_CHECK(test_.Stop().ok());
  }

  bool Run(bool of_keys, Call call, int nth, Fault how) {
    store::testing::FaultStore main(test_.main_store), keys(test_.key_store);
    store::testing::FaultStore& faulty = of_keys ? keys : main;
    {
      const Environment base = test_.MakeEnvironment();
      const Environment environment{
          main,        keys,         base.objects,       base.files,        base.clock,
          base.random, base.events,  base.main_executor, base.key_executor, base.background,
          base.home,   base.builders};
      bool fatal = false;
      Settings settings = test_.MakeSettings();
      settings.on_fatal = [&fatal] { fatal = true; };
      auto vault = test_.Wait(Vault::Open(environment, std::move(settings)));
      CLOISON_CHECK(vault.ok());
      Erasures& erasures = (*vault)->gate().erasures();
      faulty.Arm(call, nth, how);
      (void)test_.Wait(erasures.Tell(test_.executor));
      if (!fatal) test_.clock.Advance(2 * base::kDayMs);
      const auto due = test_.Wait(erasures.Due(0, test_.executor));
      if (due.ok() && !due->empty() && !fatal) {
        const auto became = test_.Wait(erasures.Proceed(number_, Said::kNothing, test_.executor));
        done_ = became.ok() && *became == Became::kDone;
      }
      fired_ = faulty.fired();
      faulty.Arm(Call::kRead, INT32_MAX, Fault::kNotApplied);
      if (!fatal) {
        EXPECT_TRUE(test_.Wait((*vault)->Stop()).ok());
      }
      test_.executor.RunAll();
    }
    CLOISON_CHECK(test_.Open().ok());
    return fired_;
  }

  void Audit() {
    const bool there = test_.Wait(test_.vault().people().Sight(person_)).ok();
    if (done_) {
      EXPECT_FALSE(there) << "what was told is so";
    }
    Erasures& erasures = test_.gate().erasures();
    ASSERT_TRUE(test_.Wait(erasures.Tell(test_.executor)).ok());
    test_.clock.Advance(2 * base::kDayMs);
    const auto due = test_.Wait(erasures.Due(0, test_.executor));
    ASSERT_TRUE(due.ok());
    EXPECT_EQ(due->size(), there ? 1u : 0u) << "it waits, or the start finished it";
    const auto became = test_.Wait(erasures.Proceed(number_, Said::kNothing, test_.executor));
    ASSERT_TRUE(became.ok());
    EXPECT_EQ(*became, there ? Became::kDone : Became::kBefore);
    EXPECT_FALSE(test_.Wait(test_.vault().people().Sight(person_)).ok());
    const auto read =
        test_.Wait(test_.gate().approvals().Read(test_.As("officer.privacy"), number_));
    EXPECT_EQ(std::get<Approvals::Shown>(*read).approval.state, State::kUsed);
    EXPECT_EQ(test_.Rows(Family::kOperations).size(), 1u) << "the day's count alone";
    ASSERT_TRUE(test_.Stop().ok());
    const auto report = test_.Audit();
    ASSERT_TRUE(report.ok());
    EXPECT_FALSE(report->fault.has_value()) << report->fault->text;
  }

 private:
  TestVault test_;
  PersonId person_{ByteArray<8>{}};
  std::uint64_t number_ = 0;
  bool done_ = false, fired_ = false;
};

TEST(ErasureWaitsFaults, EachCallOfBothStoresFailsOnce) {
  for (const bool of_keys : {false, true}) {
    for (const Call call : {Call::kRead, Call::kCommit}) {
      for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
        if (call == Call::kRead && how != Fault::kNotApplied) continue;
        int nth = 1;
        for (bool fired = true; fired && nth < kCallsMax; ++nth) {
          SCOPED_TRACE(std::string(of_keys ? "keys" : "main") +
                       (call == Call::kRead ? " read " : " commit ") + std::to_string(nth));
          WaitingLife life;
          fired = life.Run(of_keys, call, nth, how);
          life.Audit();
          ASSERT_FALSE(::testing::Test::HasFailure());
        }
        EXPECT_GT(nth, 2) << "no call was met";
      }
    }
  }
}

}  // namespace
}  // namespace cloison::vault
