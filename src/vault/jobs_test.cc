// Approved jobs through a whole vault: who asks, who agrees, who runs, what is counted, what is in
// the file, what a crash leaves.
#include "access/jobs.h"

#include <gtest/gtest.h>

#include <set>

#include "vault/testing/jobs_world.h"

namespace cloison::vault {
namespace {

using access::RunState;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

constexpr char kArchive[] = "\n[archive]\nfield = \"status.until\"\nafter_days = 730\n";

std::string RegisterCeiling(int opened) {
  return "\n[[ceiling]]\nscope = \"register\"\nbucket_minutes = 60\nbuckets = 24\nopened = " +
         std::to_string(opened) + "\n";
}

class JobsTest : public testing::JobsWorld {};

TEST_F(JobsTest, TwoOfficersAndTheBankReads) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  EXPECT_EQ(vault_.events.Count("job_approved"), 1u);
  ASSERT_EQ(Word(Begin(job, 3)), "shown");
  const std::uint64_t before = Entries();
  const auto sealed = Seal(job, 1, Items(0, 3));
  ASSERT_EQ(Word(sealed), "shown");
  EXPECT_EQ(Entries(), before + 3) << "one entry for each person";
  const auto records = Open(job, sealed);
  ASSERT_EQ(records.size(), 3u);
  const std::vector<JobItem> asked = Items(0, 3);
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].person, asked[i].person);
    EXPECT_EQ(AsText(records[i].attached.Reveal()), asked[i].attached);
    EXPECT_EQ(records[i].values.size(), 2u);
    EXPECT_TRUE(AsText(records[i].values[1].second.Reveal()).starts_with("FR"));
  }
  // Nothing of it stands in what the application gets.
  const std::string iban(AsText(records[0].values[1].second.Reveal()));
  EXPECT_EQ(AsText(FrameOf(sealed)).find(iban), std::string_view::npos);
  const auto ended = vault_.Wait(vault_.gate().jobs().End(vault_.As("app.payment"), job, 1));
  ASSERT_EQ(Word(ended), "shown");
  EXPECT_EQ(LastRun(job).state, RunState::kEnded);
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().jobs().End(vault_.As("app.payment"), job, 1))), "shown")
      << "again: the same";
  EXPECT_EQ(RefusalOf(Seal(job, 2, Items(3, 1))).rule, "job/run-over");
}

TEST_F(JobsTest, WhatCannotBeAskedFor) {
  Start();
  const struct {
    const char* why;
    const char* who;
    void (*change)(JobRequest&, TestVault&);
    const char* word;
  } kRows[] = {
      {"an application's own wish", "app.payment", [](JobRequest&, TestVault&) {}, "no_right"},
      {"who has not the right", "officer.security", [](JobRequest&, TestVault&) {}, "no_right"},
      {"an adviser", "adviser.ft", [](JobRequest&, TestVault&) {}, "no_right"},
      {"run by an adviser", "officer.privacy",
       [](JobRequest& r, TestVault&) { r.application = DemoPrincipalId("adviser.ft"); },
       "not_available"},
      {"run by a program without the right", "officer.privacy",
       [](JobRequest& r, TestVault&) { r.application = DemoPrincipalId("app.case"); },
       "not_available"},
      {"run by nobody", "officer.privacy",
       [](JobRequest& r, TestVault&) { r.application = DemoPrincipalId("not.there"); },
       "not_available"},
      {"a field that jobs never seal", "officer.privacy",
       [](JobRequest& r, TestVault& v) { r.fields = v.Fields({"civil_number.nir"}); },
       "purpose_refused"},
      {"another purpose", "officer.privacy",
       [](JobRequest& r, TestVault&) { r.purpose = "support"; }, "purpose_refused"},
      {"no such purpose", "officer.privacy",
       [](JobRequest& r, TestVault&) { r.purpose = "curiosity"; }, "purpose_refused"},
      {"a sealed access", "officer.privacy",
       [](JobRequest& r, TestVault&) { r.purpose = "judicial"; }, "purpose_refused"},
      {"over already", "officer.privacy", [](JobRequest& r, TestVault&) { r.expires_ms = 1; },
       "error"},
      {"for longer than a year", "officer.privacy",
       [](JobRequest& r, TestVault&) { r.expires_ms += 400 * base::kDayMs; }, "error"},
      {"sealed to everybody", "officer.privacy",
       [](JobRequest& r, TestVault&) { r.recipient = {}; }, "error"},
  };
  for (const auto& row : kRows) {
    JobRequest request = Wanted();
    row.change(request, vault_);
    EXPECT_EQ(Word(vault_.AskAs(row.who, "job", Encode(request))), row.word) << row.why;
  }
  const auto asked = vault_.AskAs("officer.privacy", "job", Encode(Wanted()));
  const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
  EXPECT_EQ(Word(Begin(number, 1)), "not_available") << "nobody has agreed yet";
  EXPECT_EQ(Word(vault_.ApproveAs("officer.privacy", number)), "no_right") << "who asked";
  EXPECT_EQ(Word(vault_.ApproveAs("app.payment", number)), "no_right") << "who gains";
  EXPECT_EQ(Word(Begin(number, 1)), "not_available");
}

TEST_F(JobsTest, WhoMayDoWhatWithOne) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  for (const char* who : {"adviser.ft", "officer.privacy", "manager.a", "app.case"}) {
    EXPECT_EQ(Word(Begin(job, 1, who)), "no_right") << who;
    EXPECT_EQ(Word(Seal(job, 1, Items(0, 1), 1, who)), "no_right") << who;
  }
  access::PrincipalInfo other{DemoPrincipalId("app.other"), OrganisationId(1), std::nullopt,
                              "payment-application", "app.other"};
  std::vector<access::PrincipalInfo> infos{other};
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  EXPECT_EQ(Word(Begin(job, 1, "app.other")), "not_available") << "another program of the role";
  EXPECT_EQ(Word(Read(job, "app.other")), "not_available");
  EXPECT_EQ(Word(Read(job, "adviser.ft")), "not_available");
  EXPECT_EQ(Word(Read(job, "officer.security")), "shown");
  EXPECT_EQ(Word(Read(job, "officer.privacy")), "shown");
  EXPECT_EQ(Word(Read(job)), "shown");
  EXPECT_EQ(Word(Read(99)), "not_available");
  // A human who signed in as the program runs nothing.
  access::Caller human = vault_.As("app.payment");
  human.assurance = {identity::Actor::kHuman, "eidas2", {}, vault_.clock.wall_ms() / 1000, "idp"};
  human.assurance.methods.Add(identity::Method::kOtp);
  access::Gate::Once once{"human", {}};
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().jobs().Begin(human, job, 1, once))), "too_weak");
  // Nor does what its jobs may seal show its program anybody.
  const auto looked =
      vault_.DiscloseCodesAs("app.payment", {Items(0, 1)[0].person}, {"bank.iban"}, "payment");
  EXPECT_EQ(Word(looked), "no_right");
}

// Whoever may not ask is refused before anybody is looked for: one entry, no charge, and whether
// the identifier is somebody's shows neither in the answer nor in what was read for it.
TEST_F(JobsTest, AreListedForThoseWhomTheyConcern) {
  Start();
  const auto list = [this](std::string_view who, std::uint64_t above = 0, std::size_t count = 100) {
    return vault_.Wait(vault_.gate().jobs().List(vault_.As(who), above, count));
  };
  const auto numbers = [](const access::Outcome<Jobs::Page>& page) {
    std::vector<std::uint64_t> out;
    for (const access::Job& job : std::get<Jobs::Page>(*page).items) out.push_back(job.number);
    return out;
  };
  using Numbers = std::vector<std::uint64_t>;
  const std::uint64_t first = Approved(Wanted());
  const std::uint64_t second = Approved(Wanted());
  ASSERT_EQ(Word(Begin(first, 3)), "shown");
  EXPECT_EQ(numbers(list("officer.privacy")), (Numbers{first, second}));
  EXPECT_EQ(numbers(list("officer.security")), (Numbers{first, second})) << "may freeze";
  EXPECT_EQ(numbers(list("app.payment")), (Numbers{first, second}));
  for (const char* who : {"app.case", "adviser.ft", "manager.a"}) {
    EXPECT_EQ(Word(list(who)), "no_right") << who;
  }
  EXPECT_EQ(numbers(list("officer.privacy", 0, 1)), Numbers{first});
  EXPECT_EQ(std::get<Jobs::Page>(*list("officer.privacy", 0, 1)).next, first);
  EXPECT_EQ(numbers(list("officer.privacy", first, 2)), Numbers{second});
  EXPECT_FALSE(std::get<Jobs::Page>(*list("officer.privacy", 0, 100)).next.has_value());
  EXPECT_FALSE(list("officer.privacy", 0, 0).ok() || list("officer.privacy", 0, 101).ok());
}

TEST_F(JobsTest, OfAnotherOrganisationAreNotListed) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  std::vector<access::PrincipalInfo> infos{
      {DemoPrincipalId("partner"), OrganisationId(2), {}, "privacy-officer", "partner"}};
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  const auto page = vault_.Wait(vault_.gate().jobs().List(vault_.As("partner"), 0, 100));
  EXPECT_TRUE(std::get<Jobs::Page>(*page).items.empty()) << job;
}

TEST_F(JobsTest, WhatTheyDidIsCounted) {
  Start();
  const access::JobStats& stats = vault_.gate().jobs().stats();
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 10)), "shown");
  std::vector<JobItem> items = Items(0, 3);
  items[1].person = "nobody";
  ASSERT_EQ(Word(Seal(job, 1, items)), "shown");
  EXPECT_EQ(Word(Seal(job, 2, Items(0, 8))), "budget_spent");
  EXPECT_EQ(Word(Begin(job, 10, "adviser.ft")), "no_right");
  ASSERT_EQ(Word(vault_.Wait(vault_.gate().jobs().End(vault_.As("app.payment"), job, 1))), "shown");
  ASSERT_EQ(Word(vault_.Wait(vault_.gate().jobs().Stop(vault_.As("officer.security"), job))),
            "shown");
  EXPECT_EQ(stats.begun.value() + stats.ended.value() + stats.stopped.value(), 3u);
  EXPECT_EQ(stats.people_asked.value(), 3u);
  EXPECT_EQ(stats.people_sealed.value(), 2u);
  EXPECT_EQ(stats.refused.value() * 10 + stats.batches.value(), 21u);
}

TEST_F(JobsTest, WhoMayNotLearnsNothingOfIdentifiers) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 10)), "shown");
  const std::string known = DemoValuesOf(testing::SmallWorld(), DemoWho::kOfAdviserFt).agency_id;
  const std::vector<std::string> askers = {"adviser.ft", "citizen.one", "app.case",
                                           "officer.privacy"};
  for (const std::string& who : askers) {
    for (const std::string& identifier : {known, std::string("0000000Z")}) {
      const std::uint64_t before = Entries();
      const auto refused = Seal(job, 1, {{identifier, true, ""}}, 1, who);
      EXPECT_EQ(Word(refused), "no_right") << who;
      EXPECT_EQ(Entries(), before + 1) << who;
    }
  }
  // Nor does its own program, out of turn.
  EXPECT_EQ(Seal(job, 3, {{known, true, ""}}).error().code(), Code::kConflict);
  EXPECT_EQ(LastRun(job).asked, 0u);
}

TEST_F(JobsTest, TheCeilingIsExact) {
  Start();
  JobRequest request = Wanted();
  request.people_max = 5;
  const std::uint64_t job = Approved(request);
  const auto more = Begin(job, 6);
  ASSERT_EQ(Word(more), "budget_spent");
  EXPECT_EQ(RefusalOf(more).rule, "budget/job/people");
  ASSERT_EQ(Word(Begin(job, 5)), "shown");
  ASSERT_EQ(Word(Seal(job, 1, Items(0, 4))), "shown");
  const auto over = Seal(job, 2, Items(4, 2));
  ASSERT_EQ(Word(over), "budget_spent") << "a batch passes as a whole or not at all";
  EXPECT_EQ(RefusalOf(over).rule, "budget/job/people");
  EXPECT_EQ(Word(Seal(job, 2, {Items(4, 1)})), "shown");
  EXPECT_EQ(Word(Seal(job, 3, Items(5, 1))), "budget_spent");
  EXPECT_EQ(LastRun(job).asked, 5u);
  EXPECT_EQ(vault_.gate().stats().disclosed_people.value(), 5u);
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Word(Seal(job, 3, Items(5, 1))), "budget_spent") << "after a restart";
}

TEST_F(JobsTest, NobodyCostsAndLooksLikeSomebody) {
  Start(kArchive);
  // In the archive: whoever left long ago.
  const std::string gone = vault_.CodeFor("adviser.ft", vault_.world().citizen_one.person);
  ASSERT_EQ(Word(vault_.UpdateAs("app.case", gone, 1, {{"status.until", "2001-01-01"}})), "shown");
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 10)), "shown");
  const std::uint64_t before = Entries();
  const auto all = Seal(job, 1, Items(10, 3));
  std::vector<JobItem> mixed = Items(13, 1);
  mixed.push_back({"7KQ2-9TZD-1H7V-CX2M", false, "nobody"});
  mixed.push_back({gone, false, "nobody"});
  const auto some = Seal(job, 2, mixed);
  ASSERT_EQ(Word(all), "shown");
  ASSERT_EQ(Word(some), "shown");
  EXPECT_EQ(Entries(), before + 6) << "one entry for each who was asked for";
  EXPECT_EQ(FrameOf(all).size(), FrameOf(some).size()) << "the size tells nothing";
  EXPECT_EQ(Open(job, some).size(), 1u);
  EXPECT_EQ(LastRun(job).asked, 6u);
  EXPECT_EQ(LastRun(job).unavailable, 2u);
}

TEST_F(JobsTest, TheLastBatchAgainCostsNothingAndShowsNobodyElse) {
  Start(RegisterCeiling(5));
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 4)), "shown");
  ASSERT_EQ(Word(Seal(job, 1, Items(0, 2))), "shown");
  ASSERT_EQ(Word(Seal(job, 2, Items(2, 2))), "shown");
  const std::uint64_t before = Entries();
  const auto again = Seal(job, 2, Items(2, 2));
  ASSERT_EQ(Word(again), "shown");
  EXPECT_EQ(Open(job, again).size(), 2u);
  EXPECT_EQ(Entries(), before + 2) << "on the record all the same";
  EXPECT_EQ(LastRun(job).asked, 4u);
  std::vector<JobItem> other = Items(2, 2);
  other[1].attached = "twice as much";
  for (const auto& [batch, items] :
       {std::pair(2u, other), std::pair(2u, Items(4, 2)), std::pair(1u, Items(0, 2)),
        std::pair(4u, Items(4, 1)), std::pair(0u, Items(4, 1))}) {
    const auto refused = Seal(job, batch, items);
    ASSERT_FALSE(refused.ok()) << batch;
    EXPECT_EQ(refused.error().code(), Code::kConflict) << batch;
  }
  EXPECT_EQ(LastRun(job).asked, 4u);
}

// Each time is an entry in each person's trail: not without end.
TEST_F(JobsTest, TheLastBatchAgainHasAnEnd) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 10)), "shown");
  for (int i = 0; i <= access::kJobRepeatsMax; ++i) {
    ASSERT_EQ(Word(Seal(job, 1, Items(0, 1))), "shown") << i;
  }
  EXPECT_EQ(RefusalOf(Seal(job, 1, Items(0, 1))).rule, "budget/job/again");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(RefusalOf(Seal(job, 1, Items(0, 1))).rule, "budget/job/again");
  EXPECT_EQ(Word(Seal(job, 2, Items(1, 1))), "shown") << "the next one";
  EXPECT_EQ(Word(Seal(job, 2, Items(1, 1))), "shown") << "again";
}

// A day later its people have left the register's ceiling: shown again, they are in it again.
TEST_F(JobsTest, TheLastBatchAgainCountsWhenItIsShown) {
  Start(RegisterCeiling(5));
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 10)), "shown");
  ASSERT_EQ(Word(Seal(job, 1, Items(0, 4))), "shown");
  vault_.clock.Advance(26 * base::kHourMs);
  ASSERT_EQ(Word(Seal(job, 1, Items(0, 4))), "shown");
  EXPECT_EQ(Word(Seal(job, 2, Items(4, 2))), "budget_spent") << "6 within an hour";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Word(Seal(job, 1, Items(0, 4))), "shown") << "in it already: free";
  EXPECT_EQ(Word(Seal(job, 2, Items(4, 1))), "shown");
  EXPECT_EQ(LastRun(job).asked, 5u) << "the job's own people are counted once";
}

TEST_F(JobsTest, WhoeverIsNamedTwiceIsShownOnce) {
  Start(RegisterCeiling(2));
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 10)), "shown");
  std::vector<JobItem> twice = Items(0, 1);
  twice.push_back(twice.front());
  ASSERT_EQ(Word(Seal(job, 1, twice)), "shown");
  ASSERT_EQ(Word(Seal(job, 1, twice)), "shown") << "again";
  EXPECT_EQ(LastRun(job).asked, 2u) << "of the job's own people each line is one";
  EXPECT_EQ(Word(Seal(job, 2, Items(1, 1))), "shown");
  EXPECT_EQ(Word(Seal(job, 3, Items(2, 1))), "budget_spent");
}

TEST_F(JobsTest, TheRegistersCeilingCountsToo) {
  Start(RegisterCeiling(5) +
        "\n[[ceiling]]\nscope = \"organisation\"\nbucket_minutes = 60\n"
        "buckets = 24\nopened = 2\n");
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 10)), "shown");
  ASSERT_EQ(Word(Seal(job, 1, Items(0, 4))), "shown") << "an organisation's is its accounts'";
  const auto over = Seal(job, 2, Items(4, 2));
  ASSERT_EQ(Word(over), "budget_spent");
  EXPECT_EQ(RefusalOf(over).rule, "budget/register/opened/day");
  EXPECT_EQ(LastRun(job).asked, 4u) << "nothing was charged";
  ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ft", vault_.CaseloadOf("adviser.ft")[0],
                                   {"contact.phone"}, "support")),
            "shown");
  EXPECT_EQ(Word(Seal(job, 2, Items(4, 1))), "budget_spent") << "the register is one for all";
  vault_.clock.Advance(25 * base::kHourMs);
  EXPECT_EQ(Word(Seal(job, 2, Items(4, 2))), "shown");
}

TEST_F(JobsTest, RunsPausesAndTheEnd) {
  Start();
  JobRequest request = Wanted();
  request.runs = 2;
  request.pause_days = 28;
  request.people_max = 2;
  const std::uint64_t job = Approved(request);
  ASSERT_EQ(Word(Begin(job, 2)), "shown");
  ASSERT_EQ(Word(Seal(job, 1, Items(0, 2))), "shown");
  const auto early = Begin(job, 2);
  ASSERT_EQ(Word(early), "budget_spent");
  EXPECT_EQ(RefusalOf(early).rule, "budget/job/pause");
  EXPECT_GT(RefusalOf(early).retry_after_ms, 27 * base::kDayMs);
  vault_.clock.Advance(28 * base::kDayMs - base::kHourMs);
  EXPECT_EQ(RefusalOf(Begin(job, 2)).rule, "budget/job/pause");
  vault_.clock.Advance(base::kHourMs);
  ASSERT_EQ(Word(Begin(job, 2)), "shown");
  EXPECT_EQ(Word(Seal(job, 2, Items(0, 1), 1)), "decided") << "the first run is over";
  ASSERT_EQ(Word(Seal(job, 1, Items(2, 2), 2)), "shown");
  EXPECT_EQ(Word(Seal(job, 2, Items(4, 1), 2)), "budget_spent") << "each run has its ceiling";
  EXPECT_EQ(std::get<Jobs::Shown>(*Read(job)).job.runs[0].state, RunState::kCancelled);
  vault_.clock.Advance(28 * base::kDayMs);
  EXPECT_EQ(RefusalOf(Begin(job, 1)).rule, "budget/job/runs");
  vault_.clock.Advance(10 * base::kDayMs);
  EXPECT_EQ(RefusalOf(Begin(job, 1)).rule, "job/expired");
  EXPECT_EQ(RefusalOf(Seal(job, 1, Items(2, 2), 2)).rule, "job/expired") << "nor the last again";
}

TEST_F(JobsTest, StoppedBeforeTheNextBatch) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 4)), "shown");
  ASSERT_EQ(Word(Seal(job, 1, Items(0, 1))), "shown");
  ASSERT_EQ(Word(vault_.FreezeAs("officer.security", "app.payment", true)), "shown");
  EXPECT_EQ(Word(Seal(job, 2, Items(1, 1))), "frozen");
  ASSERT_EQ(Word(vault_.FreezeAs("officer.security", "app.payment", false)), "shown");
  ASSERT_EQ(Word(Seal(job, 2, Items(1, 1))), "shown");
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().jobs().Stop(vault_.As("adviser.ft"), job))),
            "not_available");
  ASSERT_EQ(Word(vault_.Wait(vault_.gate().jobs().Stop(vault_.As("officer.security"), job))),
            "shown");
  EXPECT_EQ(RefusalOf(Seal(job, 3, Items(2, 1))).rule, "job/stopped");
  EXPECT_EQ(RefusalOf(Begin(job, 1)).rule, "job/stopped");
  EXPECT_EQ(vault_.gate().stats().disclosed_people.value(), 2u);
}

TEST_F(JobsTest, CancelledIsOver) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 4)), "shown");
  ASSERT_EQ(Word(Seal(job, 1, Items(0, 1))), "shown");
  const auto cancel = [&] {
    return vault_.Wait(vault_.gate().jobs().Cancel(vault_.As("app.payment"), job, 1));
  };
  ASSERT_EQ(Word(cancel()), "shown");
  EXPECT_EQ(Word(cancel()), "shown");
  EXPECT_EQ(Word(Seal(job, 2, Items(1, 1))), "decided");
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().jobs().End(vault_.As("app.payment"), job, 1))),
            "decided");
}

TEST_F(JobsTest, ThePersonSeesWhichJob) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 1)), "shown");
  const std::string code = vault_.CodeFor("adviser.ft", vault_.world().citizen_one.person);
  ASSERT_EQ(Word(Seal(job, 1, {{code}})), "shown");
  const auto trail = vault_.TrailOf("citizen.one");
  ASSERT_EQ(Word(trail), "shown");
  // The newest is the reading of the trail itself.
  const access::Look& look = std::get<access::Trail>(*trail).looks.at(1);
  EXPECT_EQ(look.job, job);
  EXPECT_EQ(look.purpose, "payment");
  EXPECT_EQ(look.role, "payment-application");
  EXPECT_EQ(look.fields.size(), 2u);
  ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ft", vault_.world().citizen_one.person,
                                   {"contact.phone"}, "support")),
            "shown");
  EXPECT_FALSE(std::get<access::Trail>(*vault_.TrailOf("citizen.one")).looks.at(1).job);
}

// A row of before would give its ceiling back.
TEST_F(JobsTest, AJobThatWasPutBackIsNoticed) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 10)), "shown");
  ASSERT_EQ(Word(Seal(job, 1, Items(0, 5))), "shown");
  const std::vector<store::KeyedRow> old = vault_.Rows(store::Family::kJobs);
  ASSERT_EQ(old.size(), 1u);
  ASSERT_EQ(Word(Seal(job, 2, Items(5, 5))), "shown");
  const std::vector<store::KeyedRow> whole = vault_.Rows(store::Family::kJobs);
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Overwrite(store::Family::kJobs, old);
  EXPECT_FALSE(vault_.Open().ok());
  vault_.Delete(store::Family::kJobs, whole[0].key);
  EXPECT_FALSE(vault_.Open().ok());
  vault_.Overwrite(store::Family::kJobs, whole);
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(Word(Seal(job, 3, Items(10, 1))), "budget_spent");
}

TEST_F(JobsTest, ByTheAgencysIdentifier) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 10)), "shown");
  const DemoValues known = DemoValuesOf(testing::SmallWorld(), DemoWho::kOfAdviserFt);
  const std::vector<JobItem> items = {{known.agency_id, true, "1"},
                                      {"0000000Z", true, "2"},
                                      {"not one", true, "3"},
                                      {known.agency_id, false, "4"}};
  const auto sealed = Seal(job, 1, items);
  ASSERT_EQ(Word(sealed), "shown");
  const auto records = Open(job, sealed);
  ASSERT_EQ(records.size(), 1u) << "an identifier is no code, and nobody's is nobody";
  const std::string code = vault_.CodeFor("adviser.ft", vault_.world().of_adviser_ft.person);
  EXPECT_EQ(records[0].person, code);
  EXPECT_EQ(AsText(records[0].attached.Reveal()), "1");
  EXPECT_EQ(LastRun(job).asked, 4u);
  EXPECT_EQ(LastRun(job).unavailable, 3u);
  // Another identifier by now: whoever had it is not there any more.
  ASSERT_EQ(Word(vault_.UpdateAs("app.case", code, 1, {{"agency.identifier", "9999999A"}})),
            "shown");
  EXPECT_TRUE(Open(job, Seal(job, 2, {{known.agency_id, true, "1"}})).empty());
}

// The agency's identifiers can move between two people: the same lines are not the same people.
TEST_F(JobsTest, TheLastBatchAgainShowsNobodyElseUnderAnIdentifierThatMoved) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 10)), "shown");
  const std::string known = DemoValuesOf(testing::SmallWorld(), DemoWho::kOfAdviserFt).agency_id;
  const std::string first = vault_.CodeFor("adviser.ft", vault_.world().of_adviser_ft.person);
  std::vector<JobItem> others = Items(0, 3);
  std::erase_if(others, [&first](const JobItem& item) { return item.person == first; });
  const std::vector<JobItem> lines = {{known, true, "1"}, {"9999999A", true, "2"}};
  EXPECT_EQ(Open(job, Seal(job, 1, lines)).size(), 1u);
  EXPECT_EQ(LastRun(job).unavailable, 1u);
  const auto give = [this](const std::string& code, const std::string& identifier) {
    return Word(vault_.UpdateAs("app.case", code, 1, {{"agency.identifier", identifier}}));
  };
  ASSERT_EQ(give(first, "9999999B"), "shown");
  ASSERT_EQ(give(others[0].person, known), "shown");
  ASSERT_EQ(give(others[1].person, "9999999A"), "shown");
  const auto again = Seal(job, 1, lines);
  ASSERT_EQ(Word(again), "shown");
  EXPECT_TRUE(Open(job, again).empty()) << "neither who has it by now nor who was nobody";
  EXPECT_EQ(LastRun(job).asked, 2u);
  EXPECT_EQ(LastRun(job).unavailable, 2u) << "of the file that the last answer makes";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_TRUE(Open(job, Seal(job, 1, lines)).empty()) << "nor after a restart";
  EXPECT_EQ(Open(job, Seal(job, 2, lines)).size(), 2u) << "charged, they are shown";
  EXPECT_EQ(LastRun(job).asked, 4u);
}

TEST_F(JobsTest, ErasedIsNobody) {
  Start();
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 10)), "shown");
  const std::vector<JobItem> items = Items(0, 2);
  ASSERT_EQ(Word(Seal(job, 1, items)), "shown");
  ASSERT_EQ(Word(vault_.EraseAs("officer.privacy", items[0].person, 1)), "shown");
  const auto again = Seal(job, 1, items);
  ASSERT_EQ(Word(again), "shown");
  EXPECT_EQ(Open(job, again).size(), 1u);
}

TEST_F(JobsTest, ADecoyIsNotThere) {
  Start();
  const PersonId decoy = vault_.CaseloadOf("adviser.ft")[1];
  vault_.decoys.push_back(vault_.Wait(vault_.vault().people().Sight(decoy))->key.aud());
  ASSERT_TRUE(vault_.Reopen().ok());
  const std::uint64_t job = Approved(Wanted());
  ASSERT_EQ(Word(Begin(job, 3)), "shown");
  const auto sealed = Seal(job, 1, Items(0, 3));
  ASSERT_EQ(Word(sealed), "shown");
  EXPECT_EQ(Open(job, sealed).size(), 2u);
  EXPECT_EQ(LastRun(job).unavailable, 1u);
}

}  // namespace
}  // namespace cloison::vault
