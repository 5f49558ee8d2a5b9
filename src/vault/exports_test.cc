// Exports through a whole vault: who asks, who agrees, who stops, what waits, who is in the file,
// what a crash leaves.
#include "access/exports.h"

#include <set>

#include "access/alerts.h"
#include "vault/testing/exports_world.h"

namespace cloison::vault {
namespace {

using access::RunState;
using store::Family;
using testing::RefusalOf;
using testing::Word;

constexpr std::size_t kPart = records::kJobBatchPeopleMax;

class ExportsTest : public testing::ExportsWorld {};

TEST_F(ExportsTest, EverybodyOnceAllFieldsForTheRecipientAlone) {
  Start();
  const std::uint64_t number = Begun(Wanted());
  EXPECT_EQ(vault_.events.Count("export_approved"), 1u);
  const std::uint64_t before = Entries();
  const auto first = Seal(number, 1);
  ASSERT_EQ(Word(first), "shown");
  EXPECT_EQ(Entries(), before + kPart) << "one entry for each person";
  const std::vector<records::JobRecord> records = Open(number, first);
  ASSERT_EQ(records.size(), kPart);
  const std::vector<PersonId> order = InOrder();
  for (std::size_t i = 0; i < kPart; ++i) {
    EXPECT_EQ(records[i].person, CodeOf(order[i]));
    EXPECT_TRUE(records[i].readable);
    EXPECT_GE(records[i].values.size(), 5u);
    // Nothing of it stands in what the application gets.
    const std::string value(AsText(records[i].values[0].second.Reveal()));
    if (value.size() >= 8) {
      EXPECT_EQ(AsText(FrameOf(first)).find(value), std::string_view::npos);
    }
  }
  const crypto::RecipientSecret other(vault_.random);
  const ByteView frame(FrameOf(first));
  const Bytes header = std::get<Jobs::Shown>(*Read(number)).header;
  const auto head = records::ParseFrameHead(frame.first(records::kJobFrameHeadBytes));
  EXPECT_FALSE(records::OpenRecords(other, records::DigestOfHeader(header), *head,
                                    frame.subspan(records::kJobFrameHeadBytes))
                   .ok());

  std::vector<std::string> codes = All(number);
  for (const records::JobRecord& record : records) codes.push_back(record.person);
  EXPECT_EQ(codes.size(), order.size());
  EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), order.size());
  EXPECT_TRUE(FrameOf(Seal(number, RunOf(number).batches + 1)).empty()) << "nobody is left";
  const records::JobEnd end = Ended(number);
  EXPECT_EQ(end.frames, RunOf(number).batches);
  EXPECT_EQ(end.asked, order.size());
  EXPECT_EQ(end.sealed, order.size());
  EXPECT_EQ(end.late, 0u);
  EXPECT_EQ(Ended(number), end) << "again: the same";
  EXPECT_EQ(RefusalOf(Seal(number, RunOf(number).batches)).rule, "export/run-over");
  EXPECT_EQ(RefusalOf(Begin(number)).rule, "export/run-over");
}

TEST_F(ExportsTest, NothingBeforeADayIsOver) {
  Start();
  const std::size_t alerts = vault_.Rows(Family::kOutbox).size();
  const std::uint64_t asked = Asked(Wanted());
  EXPECT_EQ(Word(Begin(asked)), "not_available") << "nobody has agreed yet";
  vault_.clock.Advance(2 * base::kDayMs);
  EXPECT_EQ(Word(Begin(asked)), "not_available") << "nor does time agree";
  ASSERT_EQ(Word(vault_.ApproveAs("officer.privacy.b", asked)), "shown");
  EXPECT_EQ(vault_.Rows(Family::kOutbox).size(), alerts + 2) << "both organisations are told";
  const auto early = Begin(asked);
  EXPECT_EQ(RefusalOf(early).rule, "export/waits");
  EXPECT_GT(RefusalOf(early).retry_after_ms, 23 * base::kHourMs);
  vault_.clock.Advance(base::kDayMs - base::kHourMs);
  EXPECT_EQ(RefusalOf(Begin(asked)).rule, "export/waits");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(RefusalOf(Begin(asked)).rule, "export/waits") << "after a restart";
  EXPECT_EQ(RefusalOf(Seal(asked, 1)).rule, "export/waits");
  EXPECT_EQ(RefusalOf(End(asked)).rule, "export/waits");
  vault_.clock.Advance(base::kHourMs);
  EXPECT_EQ(RefusalOf(Seal(asked, 1)).rule, "export/run-over") << "it has to be begun";
  const std::uint64_t before = Entries();
  ASSERT_EQ(Word(Begin(asked)), "shown");
  EXPECT_EQ(Entries(), before + 1);
  ASSERT_EQ(Word(Begin(asked)), "shown") << "again";
  EXPECT_EQ(JobOf(asked).runs.size(), 1u);
}

TEST_F(ExportsTest, ALongerDelayIsForWhatIsAgreedToLater) {
  Start();
  const std::uint64_t first = Approved(Wanted());
  exports().Rule(3 * base::kDayMs);
  JobRequest over = Wanted();
  over.expires_ms = NowMs() + 2 * base::kDayMs;
  EXPECT_EQ(Word(vault_.AskAs("officer.privacy", "export", Encode(over))), "error")
      << "over before it may begin";
  const std::uint64_t second = Approved(Wanted());
  vault_.clock.Advance(2 * base::kDayMs);
  EXPECT_EQ(Word(Begin(first)), "shown");
  EXPECT_EQ(RefusalOf(Begin(second)).rule, "export/waits");
}

TEST_F(ExportsTest, WhatCannotBeAskedFor) {
  Start();
  const struct {
    const char* why;
    const char* who;
    void (*change)(JobRequest&);
    const char* word;
  } kRows[] = {
      {"its application's own wish", "app.move", [](JobRequest&) {}, "no_right"},
      {"who has not the right", "officer.security", [](JobRequest&) {}, "no_right"},
      {"a manager", "manager.a", [](JobRequest&) {}, "no_right"},
      {"an adviser", "adviser.ft", [](JobRequest&) {}, "no_right"},
      {"run by an adviser", "officer.privacy",
       [](JobRequest& r) { r.application = DemoPrincipalId("adviser.ft"); }, "not_available"},
      {"run by a program for jobs", "officer.privacy",
       [](JobRequest& r) { r.application = DemoPrincipalId("app.payment"); }, "not_available"},
      {"run by an officer who has the right", "officer.privacy",
       [](JobRequest& r) { r.application = DemoPrincipalId("officer.privacy.b"); },
       "not_available"},
      {"run by nobody", "officer.privacy",
       [](JobRequest& r) { r.application = DemoPrincipalId("not.there"); }, "not_available"},
      {"no such purpose", "officer.privacy", [](JobRequest& r) { r.purpose = "curiosity"; },
       "purpose_refused"},
      {"the national number without a decree", "officer.privacy",
       [](JobRequest& r) { r.purpose = "support"; }, "purpose_refused"},
      {"that nobody's trail would say", "officer.privacy",
       [](JobRequest& r) { r.purpose = "judicial"; }, "purpose_refused"},
      {"no such field", "officer.privacy",
       [](JobRequest& r) { r.fields.push_back(FieldId(0x7fff)); }, "error"},
      {"over within the delay", "officer.privacy",
       [](JobRequest& r) { r.expires_ms -= 20 * base::kDayMs - base::kHourMs; }, "error"},
      {"for longer than a month", "officer.privacy",
       [](JobRequest& r) { r.expires_ms += 12 * base::kDayMs; }, "error"},
      {"sealed to everybody", "officer.privacy", [](JobRequest& r) { r.recipient = {}; }, "error"},
      {"of nobody", "officer.privacy", [](JobRequest& r) { r.people_max = 0; }, "error"},
      {"twice", "officer.privacy",
       [](JobRequest& r) {
         r.runs = 2;
         r.pause_days = 1;
       },
       "error"},
      {"a job", "officer.privacy", [](JobRequest& r) { r.whom = access::Whom::kNamed; }, "error"},
  };
  for (const auto& row : kRows) {
    JobRequest request = Wanted();
    row.change(request);
    EXPECT_EQ(Word(vault_.AskAs(row.who, "export", Encode(request))), row.word) << row.why;
  }
  EXPECT_EQ(Word(vault_.AskAs("officer.privacy", "job", Encode(Wanted()))), "error")
      << "as a job: without the delay, by the right to jobs";
  const std::uint64_t number = Asked(Wanted());
  EXPECT_EQ(Word(vault_.ApproveAs("officer.privacy", number)), "no_right") << "who asked";
  EXPECT_EQ(Word(vault_.ApproveAs("app.move", number)), "no_right") << "who runs it";
  EXPECT_EQ(Word(vault_.ApproveAs("officer.security", number)), "not_available");
  vault_.clock.Advance(2 * base::kDayMs);
  EXPECT_EQ(Word(Begin(number)), "not_available");
}

TEST_F(ExportsTest, WhoMayDoWhatWithOne) {
  Start();
  ASSERT_TRUE(testing::EnrolExporter(vault_, "app.other").ok());
  const std::uint64_t number = Begun(Wanted());
  for (const char* who :
       {"adviser.ft", "officer.security", "manager.a", "app.case", "app.payment"}) {
    EXPECT_EQ(Word(Begin(number, who)), "no_right") << who;
    EXPECT_EQ(Word(Seal(number, 1, who)), "no_right") << who;
    EXPECT_EQ(Word(End(number, who)), "no_right") << who;
  }
  for (const char* who : {"officer.privacy", "officer.privacy.b"}) {
    EXPECT_EQ(Word(Seal(number, 1, who)), "no_right") << "officers run nothing: " << who;
  }
  EXPECT_EQ(Word(Seal(number, 1, "app.other")), "not_available") << "another program of the role";
  for (const char* who : {"app.other", "adviser.ft", "app.payment", "manager.a"}) {
    EXPECT_EQ(Word(Read(number, who)), "not_available") << who;
    EXPECT_EQ(Word(Stop(number, who)), "not_available") << who;
  }
  for (const char* who : {"officer.privacy", "officer.security", "app.move"}) {
    EXPECT_EQ(Word(Read(number, who)), "shown") << who;
  }
  access::Caller human = vault_.As("app.move");
  human.assurance = {identity::Actor::kHuman, "eidas2", {}, vault_.clock.wall_ms() / 1000, "idp"};
  human.assurance.methods.Add(identity::Method::kOtp);
  EXPECT_NE(Word(vault_.Wait(exports().Seal(human, number, 1))), "shown");
  // An export is no job, and a job no export.
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().jobs().Read(vault_.As("app.move"), number))),
            "not_available");
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().jobs().Seal(vault_.As("app.move"), number, 1, 1,
                                                       {{CodeOf(InOrder()[0])}}))),
            "no_right");
  const auto numbers = [this](std::string_view who) {
    const auto page = vault_.Wait(exports().List(vault_.As(who), 0, 100));
    return Word(page) == "shown" ? std::get<Jobs::Page>(*page).items.size() : 99u;
  };
  EXPECT_EQ(numbers("officer.security"), 1u);
  EXPECT_EQ(numbers("app.move"), 1u);
  EXPECT_EQ(numbers("app.other"), 0u);
  EXPECT_EQ(numbers("adviser.ft"), 99u);
  const auto jobs = vault_.Wait(vault_.gate().jobs().List(vault_.As("officer.privacy"), 0, 100));
  EXPECT_TRUE(std::get<Jobs::Page>(*jobs).items.empty());
  EXPECT_EQ(vault_.gate().stats().disclosed_people.value(), 0u);
}

TEST_F(ExportsTest, OneOfficerStopsItBeforeAndWhileItRuns) {
  Start(R"(
[[role]]
name = "holder"
kind = "officer"
class = "officer"
rights = ["hold"]
)");
  std::vector<access::PrincipalInfo> infos{
      {DemoPrincipalId("holder"), OrganisationId(1), {}, "holder", "holder"},
      {DemoPrincipalId("partner"), OrganisationId(2), {}, "security-officer", "partner"}};
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  for (const char* who : {"officer.privacy", "officer.privacy.b", "officer.security", "holder",
                          "partner"}) {  // of another organisation: their people too
    const std::uint64_t waits = Approved(Wanted());
    ASSERT_EQ(Word(Stop(waits, who)), "shown") << who;
    ASSERT_EQ(Word(Stop(waits, who)), "shown") << "again";
    vault_.clock.Advance(base::kDayMs);
    EXPECT_EQ(RefusalOf(Begin(waits)).rule, "export/stopped") << who;
  }
  const std::uint64_t runs = Begun(Wanted());
  ASSERT_EQ(Word(Seal(runs, 1)), "shown");
  ASSERT_EQ(Word(Stop(runs, "officer.security")), "shown");
  EXPECT_EQ(RefusalOf(Seal(runs, 2)).rule, "export/stopped");
  EXPECT_EQ(RefusalOf(Seal(runs, 1)).rule, "export/stopped") << "nor the last part again";
  EXPECT_EQ(RefusalOf(End(runs)).rule, "export/stopped");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(RefusalOf(Seal(runs, 2)).rule, "export/stopped");
  EXPECT_EQ(vault_.gate().stats().disclosed_people.value(), 0u);
}

TEST_F(ExportsTest, WhoeverIsFrozenCarriesItNoFurther) {
  Start();
  const std::uint64_t number = Begun(Wanted());
  ASSERT_EQ(Word(Seal(number, 1)), "shown");
  std::uint32_t part = 2;
  for (const char* who : {"app.move", "officer.privacy", "officer.privacy.b"}) {
    ASSERT_EQ(Word(vault_.FreezeAs("officer.security", who, true)), "shown") << who;
    const auto refused = Seal(number, part);
    EXPECT_NE(Word(refused), "shown") << who;
    if (std::string_view(who) != "app.move") {
      EXPECT_EQ(RefusalOf(refused).rule, "export/officers") << who;
      EXPECT_EQ(RefusalOf(Seal(number, part - 1)).rule, "export/officers") << "nor again";
    }
    EXPECT_EQ(RunOf(number).batches, part - 1) << who;
    ASSERT_EQ(Word(vault_.FreezeAs("officer.security", who, false)), "shown") << who;
    ASSERT_EQ(Word(Seal(number, part++)), "shown") << who;
  }
}

TEST_F(ExportsTest, TheLastPartAgainShowsNobodyElse) {
  Start();
  const std::uint64_t number = Begun(Wanted());
  ASSERT_EQ(Word(Seal(number, 1)), "shown");
  const auto second = Seal(number, 2);
  ASSERT_EQ(Word(second), "shown");
  const std::vector<records::JobRecord> then = Open(number, second);
  const std::uint64_t before = Entries();
  const auto again = Seal(number, 2);
  ASSERT_EQ(Word(again), "shown");
  EXPECT_EQ(Entries(), before + kPart) << "on the record all the same";
  const std::vector<records::JobRecord> now = Open(number, again);
  ASSERT_EQ(now.size(), then.size());
  for (std::size_t i = 0; i < now.size(); ++i) EXPECT_EQ(now[i].person, then[i].person);
  EXPECT_EQ(RunOf(number).asked, 2 * kPart) << "it costs nothing more";
  for (const std::uint32_t part : {0u, 1u, 4u}) {
    const auto refused = Seal(number, part);
    ASSERT_FALSE(refused.ok()) << part;
    EXPECT_EQ(refused.error().code(), Code::kConflict) << part;
  }
  EXPECT_EQ(End(number).error().code(), Code::kConflict) << "people are left";
  // One who was erased is gone; one who came between the others is nobody of this part.
  ASSERT_EQ(Word(vault_.EraseAs("officer.privacy", then[3].person, 1)), "shown");
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(Word(vault_.RegisterAs("app.case",
                                     {{"identity.birth_name", "NOUVEAU"},
                                      {"identity.first_name", "Luc"},
                                      {"contact.email", "n" + std::to_string(i) + "@example.org"}},
                                     "new-" + std::to_string(i))),
              "shown");
  }
  ASSERT_TRUE(vault_.Reopen().ok());
  std::set<std::string> known;
  for (const records::JobRecord& record : then) known.insert(record.person);
  known.erase(then[3].person);
  const std::vector<records::JobRecord> third = Open(number, Seal(number, 2));
  EXPECT_EQ(third.size(), kPart - 1);
  for (const records::JobRecord& record : third) EXPECT_TRUE(known.contains(record.person));
  EXPECT_EQ(RunOf(number).asked, 2 * kPart);
  EXPECT_EQ(RunOf(number).unavailable, 1u);
}

TEST_F(ExportsTest, TheLastPartAgainHasAnEnd) {
  Start();
  const std::uint64_t number = Begun(Wanted());
  for (int i = 0; i <= access::kJobRepeatsMax; ++i) {
    ASSERT_EQ(Word(Seal(number, 1)), "shown") << i;
  }
  EXPECT_EQ(RefusalOf(Seal(number, 1)).rule, "budget/export/again");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(RefusalOf(Seal(number, 1)).rule, "budget/export/again");
  EXPECT_EQ(Word(Seal(number, 2)), "shown") << "the next one";
  EXPECT_EQ(Word(Seal(number, 2)), "shown") << "again";
}

// Its frame has the same place in the file, and room for as many.
TEST_F(ExportsTest, APartWhosePeopleAreGoneIsAFrameAllTheSame) {
  vault_.two_people = false;
  Start();
  const std::uint64_t number = Begun(Wanted());
  const auto first = Seal(number, 1);
  const std::vector<records::JobRecord> there = Open(number, first);
  ASSERT_EQ(there.size(), kPart);
  for (const records::JobRecord& one : there) {
    ASSERT_EQ(Word(vault_.EraseAs("officer.privacy", one.person, one.version)), "shown");
  }
  const auto again = Seal(number, 1);
  ASSERT_EQ(Word(again), "shown");
  EXPECT_TRUE(Open(number, again).empty());
  EXPECT_GE(FrameOf(again).size(), kPart * records::kJobSlotBytes);
  EXPECT_EQ(RunOf(number).unavailable, kPart);
}

TEST_F(ExportsTest, ItsPeopleAreItsBound) {
  Start("\n[[ceiling]]\nscope = \"register\"\nbucket_minutes = 60\nbuckets = 24\nopened = 5\n");
  JobRequest request = Wanted();
  request.people_max = kPart + 7;
  EXPECT_EQ(ExportBound(request), kPart + 7);
  const std::uint64_t number = Begun(request);
  ASSERT_EQ(Word(Seal(number, 1)), "shown") << "no ceiling of the register holds it up";
  const auto last = Seal(number, 2);
  ASSERT_EQ(Word(last), "shown");
  EXPECT_EQ(Open(number, last).size(), 7u);
  EXPECT_EQ(RefusalOf(Seal(number, 3)).rule, "budget/export/people");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(RefusalOf(Seal(number, 3)).rule, "budget/export/people") << "after a restart";
  EXPECT_EQ(RunOf(number).asked, kPart + 7);
  EXPECT_FALSE(JobOf(number).walk->whole);
  EXPECT_EQ(End(number).error().code(), Code::kConflict) << "a part of it is no export";
  ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ft", vault_.CaseloadOf("adviser.ft")[0],
                                   {"contact.phone"}, "support")),
            "shown")
      << "nor does it use one up";
}

TEST_F(ExportsTest, ExactlyAsManyAsThereAre) {
  Start();
  JobRequest request = Wanted();
  request.people_max = static_cast<std::uint32_t>(vault_.world().people.size());
  const std::uint64_t number = Begun(request);
  EXPECT_EQ(All(number).size(), vault_.world().people.size());
  EXPECT_EQ(Ended(number).sealed, vault_.world().people.size());
}

// A row of before would give people back.
TEST_F(ExportsTest, AnExportThatWasPutBackIsNoticed) {
  Start();
  const std::uint64_t number = Begun(Wanted());
  ASSERT_EQ(Word(Seal(number, 1)), "shown");
  const std::vector<store::KeyedRow> old = vault_.Rows(Family::kJobs);
  ASSERT_EQ(old.size(), 1u);
  ASSERT_EQ(Word(Seal(number, 2)), "shown");
  const std::vector<store::KeyedRow> whole = vault_.Rows(Family::kJobs);
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Overwrite(Family::kJobs, old);
  EXPECT_FALSE(vault_.Open().ok());
  vault_.Delete(Family::kJobs, whole[0].key);
  EXPECT_FALSE(vault_.Open().ok());
  vault_.Overwrite(Family::kJobs, whole);
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(Word(Seal(number, 3)), "shown");
}

TEST_F(ExportsTest, ThePersonSeesIt) {
  Start();
  const std::uint64_t number = Begun(Wanted());
  (void)All(number);
  const auto trail = vault_.TrailOf("citizen.one");
  ASSERT_EQ(Word(trail), "shown");
  // The newest is the reading of the trail itself.
  const access::Look& look = std::get<access::Trail>(*trail).looks.at(1);
  EXPECT_EQ(look.exported, number);
  EXPECT_FALSE(look.job.has_value());
  EXPECT_EQ(look.purpose, "migration");
  EXPECT_EQ(look.role, "export-application");
  EXPECT_EQ(look.fields.size(), Wanted().fields.size());
}

// Nothing in the file, its size or the ledger says that there are any.
TEST_F(ExportsTest, DecoysAreNotThere) {
  Start();
  const std::vector<PersonId> order = InOrder();
  const std::vector<std::size_t> places = {0, 5, 199, 200, 777, order.size() - 1};
  std::set<std::string> decoys;
  for (const std::size_t place : places) {
    const auto sighting = vault_.Wait(vault_.vault().people().Sight(order[place]));
    ASSERT_TRUE(sighting.ok());
    vault_.decoys.push_back(sighting->key.aud());
    decoys.insert(CodeOf(order[place]));
  }
  ASSERT_TRUE(vault_.Reopen().ok());
  const std::uint64_t number = Begun(Wanted());
  const std::uint64_t before = Entries();
  const auto first = Seal(number, 1), second = Seal(number, 2);
  ASSERT_EQ(Word(first), "shown");
  EXPECT_EQ(Entries(), before + 2 * kPart);
  EXPECT_EQ(Open(number, first).size(), kPart) << "a part is as full as ever";
  for (const records::JobRecord& record : Open(number, first)) {
    EXPECT_FALSE(decoys.contains(record.person));
  }
  for (const std::string& code : All(number)) EXPECT_FALSE(decoys.contains(code));
  const records::JobEnd end = Ended(number);
  EXPECT_EQ(end.asked, order.size() - places.size());
  EXPECT_EQ(end.sealed, end.asked) << "no count tells how many there are";
}

// So many in a row that a whole reading has nobody else.
TEST_F(ExportsTest, NothingButDecoysIsNoPart) {
  Start();
  const std::vector<PersonId> order = InOrder();
  const std::size_t many = kPart + access::kPartSpareRows + 3;
  for (std::size_t i = 0; i < many; ++i) {
    vault_.decoys.push_back(vault_.Wait(vault_.vault().people().Sight(order[i]))->key.aud());
  }
  ASSERT_TRUE(vault_.Reopen().ok());
  const std::uint64_t number = Begun(Wanted());
  const auto none = Seal(number, 1);
  ASSERT_EQ(Word(none), "shown");
  EXPECT_TRUE(FrameOf(none).empty());
  EXPECT_FALSE(std::get<Jobs::Sealed>(*none).job.walk->whole);
  EXPECT_EQ(RunOf(number).batches, 0u);
  EXPECT_EQ(All(number).size(), order.size() - many) << "the same number goes on";
  EXPECT_EQ(Ended(number).sealed, order.size() - many);
}

TEST_F(ExportsTest, TheArchiveIsPartOfIt) {
  Start("\n[archive]\nfield = \"status.until\"\nafter_days = 730\n");
  const std::string gone = vault_.CodeFor("adviser.ft", vault_.world().citizen_one.person);
  ASSERT_EQ(Word(vault_.UpdateAs("app.case", gone, 1, {{"status.until", "2001-01-01"}})), "shown");
  const std::vector<std::string> codes = All(Begun(Wanted()));
  EXPECT_EQ(std::ranges::count(codes, gone), 1);
}

TEST_F(ExportsTest, WhoeverCannotBeReadHoldsUpNobody) {
  Start();
  const std::vector<PersonId> order = InOrder();
  ASSERT_TRUE(vault_.Stop().ok());
  std::vector<store::KeyedRow> rows = vault_.Rows(Family::kPeople);
  for (store::KeyedRow& row : rows) {
    Bytes& value = row.row.value;
    const bool no_value = row.key == records::RowKeyOf(order[7]).bytes;
    if (row.key == records::RowKeyOf(order[3]).bytes) value.resize(1);  // no header
    for (std::size_t at = value.size() / 2; no_value && at < value.size(); ++at) value[at] ^= 1;
  }
  vault_.Overwrite(Family::kPeople, rows);
  ASSERT_TRUE(vault_.Open().ok());
  const std::uint64_t number = Begun(Wanted());
  for (int again = 0; again < 2; ++again) {
    const std::size_t alarms = vault_.events.Count("record_does_not_open");
    const std::uint64_t before = Entries();
    const std::vector<records::JobRecord> records = Open(number, Seal(number, 1));
    EXPECT_GT(vault_.events.Count("record_does_not_open"), alarms);
    EXPECT_GE(Entries(), before + kPart) << "each has an entry, whether read or not";
    ASSERT_EQ(records.size(), kPart);
    for (std::size_t i = 0; i < 12; ++i) {
      EXPECT_EQ(records[i].person, CodeOf(order[i]));
      EXPECT_EQ(records[i].readable, i != 3 && i != 7) << i;
      EXPECT_EQ(records[i].values.empty(), i == 3 || i == 7) << i;
    }
  }
  EXPECT_EQ(RunOf(number).asked, kPart);
}

// Behind the walk: not in the file, and said.
TEST_F(ExportsTest, WhoComesWhileItRunsIsCounted) {
  Start();
  const std::string old = vault_.CodeFor("adviser.ft", vault_.world().citizen_one.person);
  ASSERT_EQ(Word(vault_.UpdateAs("app.case", old, 1, {{"status.until", "2030-01-01"}})), "shown");
  const std::uint64_t number = Begun(Wanted());
  ASSERT_EQ(Word(Seal(number, 1)), "shown");
  std::vector<std::string> codes = All(number);
  ASSERT_TRUE(JobOf(number).walk->whole);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Word(vault_.RegisterAs("app.case",
                                     {{"identity.birth_name", "NOUVEAU"},
                                      {"identity.first_name", "Luc"},
                                      {"contact.email", "n" + std::to_string(i) + "@example.org"}},
                                     "new-" + std::to_string(i))),
              "shown");
  }
  ASSERT_EQ(Word(vault_.UpdateAs("app.case", old, 2, {{"status.until", "2031-01-01"}})), "shown");
  const records::JobEnd end = Ended(number);
  EXPECT_EQ(end.sealed, vault_.world().people.size());
  EXPECT_EQ(end.late, 4u) << "three who came, one who was changed; who was changed before is not";
  EXPECT_EQ(JobOf(number).walk->late, 4u);
}

// A large register is counted in several calls.
TEST_F(ExportsTest, TheEndIsCountedInPieces) {
  Start();
  const std::uint64_t number = Begun(Wanted());
  (void)All(number);
  for (const std::size_t i : {std::size_t{10}, std::size_t{900}, std::size_t{1'990}}) {
    const std::string code = CodeOf(InOrder()[i]);
    ASSERT_EQ(Word(vault_.UpdateAs("app.case", code, 1, {{"status.until", "2031-01-01"}})),
              "shown");
  }
  exports().Rule(access::kExportDelayMinMs, 700);
  for (int piece = 1; piece <= 2; ++piece) {
    const auto counting = End(number);
    ASSERT_EQ(Word(counting), "shown");
    EXPECT_TRUE(FrameOf(counting).empty()) << "it goes on";
    EXPECT_EQ(RunOf(number).state, RunState::kRunning);
    EXPECT_EQ(JobOf(number).walk->late, static_cast<std::uint64_t>(piece));
  }
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Ended(number).late, 3u);
}

TEST_F(ExportsTest, WhatTheyDidIsCounted) {
  Start();
  const access::JobStats& stats = exports().stats();
  const std::uint64_t number = Begun(Wanted());
  (void)All(number);
  (void)Ended(number);
  EXPECT_EQ(Word(Begin(number, "adviser.ft")), "no_right");
  EXPECT_EQ(Word(Seal(number, 1)), "decided");
  ASSERT_EQ(Word(Stop(number, "officer.security")), "shown");
  EXPECT_EQ(stats.begun.value() + stats.ended.value() + stats.stopped.value(), 3u);
  EXPECT_EQ(stats.people_sealed.value(), vault_.world().people.size());
  EXPECT_EQ(stats.refused.value(), 2u);
  EXPECT_EQ(vault_.gate().jobs().stats().batches.value(), 0u);
}

// Two callers of one application: each part is one of them.
TEST_F(ExportsTest, TwoAtOnceAreOne) {
  Start();
  const std::uint64_t number = Begun(Wanted());
  int shown = 0, conflicts = 0;
  const auto seal = [&]() -> Task<void> {
    const auto sealed = co_await exports().Seal(vault_.As("app.move"), number, 1);
    if (sealed.ok()) {
      ++shown;
    } else {
      EXPECT_EQ(sealed.error().code(), Code::kConflict);
      ++conflicts;
    }
  };
  base::Detach(seal());
  base::Detach(seal());
  vault_.executor.RunAll();
  EXPECT_EQ(shown + conflicts, 2);
  EXPECT_GE(shown, 1);
  EXPECT_EQ(RunOf(number).batches, 1u);
  EXPECT_EQ(RunOf(number).asked, kPart);
}

}  // namespace
}  // namespace cloison::vault
