// A register that is put back from an older copy does not open; two officers bring it back, in a
// log of its own, and all that is left of the old one can be read and checked.
#include "vault/recovery.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "access/jobs.h"
#include "vault/audit.h"
#include "vault/testing/exports_world.h"
#include "vault/testing/recovery_world.h"

namespace cloison::vault {
namespace {

using access::Counter;
using access::Window;
using store::Family;
using testing::Image;
using testing::Officer;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

using Recovery = testing::RecoveryWorld;

TEST_F(Recovery, BringsAnOlderCopyBackInALogOfItsOwn) {
  ASSERT_EQ(Look(Citizen()), "shown");
  ASSERT_EQ(Look(Citizen()), "shown");
  const std::string old_vkey = vault_.vault().ledger().vkey();
  LoseLooks(3);
  ExpectRefused("shorter than what was signed");

  const Result<std::string> text = State();
  ASSERT_TRUE(text.ok()) << text.error().text();
  const Result<ledger::Statement> statement = ledger::ParseStatement(*text);
  ASSERT_TRUE(statement.ok()) << *text;
  ASSERT_EQ(statement->closed.size(), 1u);
  const ledger::Statement::Closed& closed = statement->closed[0];
  EXPECT_EQ(closed.origin, "cloison.example/test");
  EXPECT_EQ(closed.key->Text(), old_vkey);
  ASSERT_TRUE(closed.signed_head.has_value());
  EXPECT_EQ(closed.signed_head->size, closed.left.size + 3);
  EXPECT_NE(text->find("\nmissing 3\n"), std::string::npos) << *text;
  EXPECT_EQ(statement->successor.name(), "cloison.example/test/2");

  const std::string note = SignedByBoth(*text);
  ASSERT_TRUE(Recover(note).ok());
  ASSERT_TRUE(vault_.Open().ok());
  const ledger::Ledger& log = vault_.vault().ledger();
  EXPECT_EQ(log.generation(), 2u);
  EXPECT_EQ(log.origin(), "cloison.example/test/2");
  EXPECT_EQ(log.vkey(), statement->successor.Text());
  EXPECT_NE(log.vkey(), old_vkey);
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log.logs().back().opening->statement, note);

  // What is left of the old log is what the statement says, and all of it can be read.
  EXPECT_EQ(log.SizeOf(1), closed.left.size);
  EXPECT_EQ(RootOf(1), closed.left.root);
  EXPECT_EQ(tlog::OpenCheckpoint(log.checkpoint(), statement->successor)->head.root, RootOf(2));
  EXPECT_EQ(TrailText(100), "2:0 1:1 1:0");
}

TEST_F(Recovery, TheFirstEntryNamesTheSignedStatement) {
  LoseLooks(1);
  Ceremony();
  const auto records = vault_.Wait(vault_.vault().ledger().ReadRecords(0, 10));
  ASSERT_TRUE(records.ok());
  ASSERT_EQ(records->size(), 1u);
  const ledger::Record& first = records->front();
  const Result<ledger::ActorPart> actor = ledger::ParseActorPart(first.actor_part);
  EXPECT_EQ(actor->kind, ledger::Kind::kIncident);
  EXPECT_EQ(actor->role, "system");
  EXPECT_TRUE(actor->case_commitment.has_value());
  EXPECT_EQ(first.case_ref, "recovery " + base::ToHex(crypto::Sha256(AsBytes(note_))));
}

TEST_F(Recovery, ATrailGoesOnThroughThreeLogs) {
  ASSERT_EQ(Look(Citizen()), "shown");
  LoseLooks(1);
  Ceremony();
  // A page is of one log, and an entry of its own: two of them here. Below its place nothing moves.
  EXPECT_EQ(TrailText(100), "2:0 1:0");
  LoseLooks(2);
  Ceremony();
  EXPECT_EQ(vault_.vault().ledger().generation(), 3u);
  EXPECT_EQ(vault_.vault().ledger().origin(), "cloison.example/test/3");
  EXPECT_EQ(TrailText(100), "3:0 2:1 2:0 1:0");
  EXPECT_EQ(TrailText(1), "3:3 3:2 3:1 3:0 2:1 2:0 1:0");
  ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(TrailText(3), "3:10 3:9 3:8 3:7 3:6 3:5 3:4 3:3 3:2 3:1 3:0 2:1 2:0 1:0");
  for (const std::uint32_t generation : {1u, 2u}) {
    const ledger::Log& closed = vault_.vault().ledger().logs()[generation - 1];
    EXPECT_EQ(RootOf(generation), closed.closing->head.root);
  }
}

TEST_F(Recovery, BudgetsStartSpentAndAreFreeAgainAfterEachWindow) {
  ASSERT_EQ(Look(Followed(0)), "shown");
  const std::uint32_t before = Left(Counter::kOpened, Window::kHour);
  ASSERT_GT(before, 0u);
  LoseLooks(1);
  Ceremony();
  for (const Window window : {Window::kHour, Window::kDay, Window::kWeek, Window::kMonth}) {
    EXPECT_EQ(Left(Counter::kOpened, window), 0u);
  }
  EXPECT_EQ(Look(Followed(0)), "shown") << "in every window already";
  EXPECT_EQ(Look(Followed(1)), "budget_spent");
  const struct {
    Window window;
    std::int64_t length_ms;
  } kPasses[] = {{Window::kHour, base::kHourMs},
                 {Window::kDay, base::kDayMs},
                 {Window::kWeek, 7 * base::kDayMs},
                 {Window::kMonth, 31 * base::kDayMs}};
  std::int64_t passed_ms = 0;
  for (const auto& [window, length_ms] : kPasses) {
    vault_.clock.Advance(length_ms - passed_ms - 1'000);
    passed_ms = length_ms - 1'000;
    ASSERT_TRUE(vault_.Reopen().ok()) << "and it is so after a restart";
    EXPECT_EQ(Left(Counter::kOpened, window), 0u);
    EXPECT_EQ(Look(Followed(1)), "budget_spent");
    vault_.clock.Advance(2'000);
    passed_ms += 2'000;
    EXPECT_GT(Left(Counter::kOpened, window), 0u);
  }
  EXPECT_EQ(Look(Followed(1)), "shown") << "31 days after";
}

TEST_F(Recovery, WhoIsEnrolledAfterwardsIsShownNobodyEither) {
  LoseLooks(1);
  Ceremony();
  const PrincipalId who(ByteArray<16>{77});
  ASSERT_TRUE(vault_
                  .Wait(vault_.gate().Enrol({{who, OrganisationId(1), OfficeId(1), "adviser", "new",
                                              false, std::nullopt}},
                                            vault_.executor))
                  .ok());
  access::Caller caller = vault_.As("adviser.ft");
  caller.principal = who;
  access::DisclosureRequest request{{vault_.CodeFor("adviser.ft", Followed(0))},
                                    vault_.Fields({"contact.phone"}),
                                    {"support", "case-1"}};
  const auto refused = vault_.Wait(vault_.gate().Disclose(caller, std::move(request)));
  EXPECT_NE(Word(refused), "shown") << "they may be somebody who was there before";
}

TEST_F(Recovery, AStoreOfBeforeTheCeremonyIsFoundAndMayBecomeAThirdLog) {
  ASSERT_EQ(Look(Citizen()), "shown");
  ASSERT_TRUE(vault_.Reopen().ok());
  const Image old = TakeMain();
  LoseLooks(1);
  Ceremony();
  ASSERT_EQ(Look(Citizen()), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  PutBack(vault_.main_store, old);
  ExpectRefused("the signed size names a log that the store does not know");
  ASSERT_TRUE(vault_.files.Remove(Path("signed-size")).ok());
  ExpectRefused("and so does the key ring");
  Ceremony();
  const std::vector<ledger::Log>& logs = vault_.vault().ledger().logs();
  ASSERT_EQ(logs.size(), 3u) << "the second signed already: its name is not used again";
  EXPECT_EQ(logs[1].closing->head.size, 0u);
  EXPECT_TRUE(logs[1].key.has_value());
  EXPECT_EQ(TrailText(100), "3:0 1:0");
}

TEST_F(Recovery, BothDatabasesOfBeforeTheCeremony) {
  ASSERT_EQ(Look(Citizen()), "shown");
  ASSERT_TRUE(vault_.Reopen().ok());
  const Image old = TakeMain();
  const Image old_keys = Take(vault_.key_store, store::kKeyFamilies);
  LoseLooks(1);
  Ceremony();
  const std::string lost_vkey = vault_.vault().ledger().vkey();
  ASSERT_TRUE(vault_.Stop().ok());
  PutBack(vault_.main_store, old);
  PutBack(vault_.key_store, old_keys);
  ExpectRefused("the signed size is of a log whose key is lost");
  Ceremony();
  const std::vector<ledger::Log>& logs = vault_.vault().ledger().logs();
  ASSERT_EQ(logs.size(), 3u);
  EXPECT_FALSE(logs[1].key.has_value());
  EXPECT_NE(vault_.vault().ledger().vkey(), lost_vkey);
  EXPECT_EQ(TrailText(100), "3:0 1:0");
}

TEST_F(Recovery, AWitnessKnowsMoreThanOurOwnFile) {
  ASSERT_EQ(Look(Citizen()), "shown");
  ASSERT_TRUE(vault_.Reopen().ok());
  const Image old = TakeMain();
  const Bytes old_size = *vault_.files.Read(Path("signed-size"));
  ASSERT_EQ(Look(Citizen()), "shown");
  const std::string witnessed = vault_.vault().ledger().checkpoint();
  ASSERT_TRUE(vault_.Stop().ok());
  PutBack(vault_.main_store, old);
  ASSERT_TRUE(base::WriteWhole(vault_.files, Path("signed-size"), old_size).ok());

  EXPECT_EQ(State().error().code(), Code::kConflict) << "our own file knows of nothing";
  EXPECT_EQ(State(std::string(AsText(old_size))).error().code(), Code::kConflict) << "nor this one";
  std::string forged = witnessed;
  forged[forged.size() - 10] ^= 1;
  EXPECT_EQ(State(forged).error().code(), Code::kDenied);
  const Result<std::string> statement = State(witnessed);
  ASSERT_TRUE(statement.ok()) << statement.error().text();
  EXPECT_NE(statement->find("\nmissing 1\n"), std::string::npos) << *statement;
  const std::string note = SignedByBoth(*statement);
  EXPECT_EQ(Recover(note).error().code(), Code::kConflict) << "not without the evidence";
  ASSERT_TRUE(Recover(note, witnessed).ok());
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(TrailText(100), "2:0 1:0");
}

TEST_F(Recovery, ASignedSizeThatIsGoneOrCannotBeRead) {
  ASSERT_EQ(Look(Citizen()), "shown");
  for (const bool gone : {true, false}) {
    SCOPED_TRACE(gone);
    ASSERT_TRUE(vault_.Stop().ok());
    if (gone) {
      ASSERT_TRUE(vault_.files.Remove(Path("signed-size")).ok());
    } else {
      Bytes bytes = *vault_.files.Read(Path("signed-size"));
      bytes[bytes.size() - 10] ^= 1;
      ASSERT_TRUE(base::WriteWhole(vault_.files, Path("signed-size"), bytes).ok());
    }
    ExpectRefused("nobody knows what was signed");
    const Result<std::string> statement = State();
    ASSERT_TRUE(statement.ok());
    EXPECT_NE(statement->find("\nsigned unknown\nmissing unknown\n"), std::string::npos);
    Ceremony();
    ASSERT_EQ(Look(Citizen()), "shown");
  }
  EXPECT_EQ(TrailText(100), "3:1 3:0 2:0 1:0");
}

TEST_F(Recovery, ErasureReachesAllLogs) {
  const DemoPerson& person = vault_.world().of_adviser_ft;
  ASSERT_EQ(Look(person.person), "shown");
  LoseLooks(1);
  Ceremony();
  const std::string code = vault_.CodeFor("officer.privacy", person.person);
  ASSERT_EQ(Word(vault_.EraseAs("officer.privacy", code, 1)), "shown");
  EXPECT_NE(Look(person.person), "shown");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(RootOf(1), vault_.vault().ledger().logs()[0].closing->head.root);
}

// Rows whose last change is in a closed log are held against it, and those that changed since
// against the newest.
TEST_F(Recovery, TheStoreIsHeldAgainstAllLogs) {
  const auto audit = [this] {
    auto report =
        vault_.Wait(AuditStore(vault_.MakeEnvironment(), vault_.MakeSettings(), std::nullopt));
    CLOISON_CHECK(report.ok());
    return *report;
  };
  const auto registered = vault_.RegisterAs(
      "app.case", {{"identity.birth_name", "PETIT"}, {"identity.first_name", "Luc"}}, "one");
  ASSERT_EQ(Word(registered), "shown");
  const std::string code = std::get<access::Registered>(*registered).code.Text();
  const auto other = vault_.RegisterAs(
      "app.case", {{"identity.birth_name", "GRAND"}, {"identity.first_name", "Zoe"}}, "two");
  ASSERT_EQ(Word(other), "shown");
  LoseLooks(1);
  const Image old = TakeMain();
  Ceremony();
  ASSERT_TRUE(vault_.Stop().ok());
  StoreReport report = audit();
  EXPECT_FALSE(report.fault.has_value()) << report.fault->place << ": " << report.fault->text;
  EXPECT_EQ(report.people, 2u);
  EXPECT_EQ(report.head.size, 1u);

  ASSERT_TRUE(vault_.Open().ok());
  ASSERT_EQ(Word(vault_.UpdateAs("app.case", code, 1, {{"identity.first_name", "Luce"}})), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  report = audit();
  EXPECT_FALSE(report.fault.has_value()) << report.fault->place << ": " << report.fault->text;
  EXPECT_EQ(report.people, 2u);
  PutBack(vault_.main_store, {{Family::kPeople, old.at(Family::kPeople)}});
  report = audit();
  ASSERT_TRUE(report.fault.has_value()) << "the row of before the change";
  EXPECT_EQ(report.fault->text, "not the row that was written last");
}

TEST_F(Recovery, ActivityIsReadInEachLogFromItsOwnZero) {
  for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(Look(Followed(i)), "shown");
  LoseLooks(1);
  Ceremony();
  ASSERT_EQ(Look(Followed(0)), "shown");
  class ReadState final : public commit::Work {
   public:
    using Promise = std::vector<std::uint64_t>;
    ReadState(access::Principals& principals, PrincipalId id) : principals_(principals), id_(id) {}
    Task<Status> Load(commit::Staging& staging) override {
      co_return co_await principals_.Load(staging, id_);
    }
    Result<commit::Staged> Stage(commit::Staging&) override {
      const access::PrincipalState& state = principals_.Get(id_);
      places_ = state.closed();
      places_.push_back(ledger::PlaceOf(2, state.n()));
      return commit::Staged::kDone;
    }
    Promise Take(const commit::Durable&) { return places_; }

   private:
    access::Principals& principals_;
    PrincipalId id_;
    std::vector<std::uint64_t> places_;
  };
  auto work =
      std::make_unique<ReadState>(vault_.gate().principals(), vault_.As("adviser.ft").principal);
  const auto places =
      vault_.Wait(vault_.vault().committer().Submit(std::move(work), vault_.executor));
  ASSERT_TRUE(places.ok());
  EXPECT_EQ(*places, (std::vector<std::uint64_t>{ledger::PlaceOf(1, 3), ledger::PlaceOf(2, 1)}));
}

// How far a job had come, and whether an officer stopped it, is as old as the copy.
TEST_F(Recovery, JobsOfBeforeGoNoFurther) {
  const auto approved = [this](const char* label) {
    access::JobRequest request;
    request.label = label;
    request.application = DemoPrincipalId("app.payment");
    request.purpose = "payment";
    request.fields = vault_.Fields({"bank.iban"});
    request.recipient = crypto::RecipientSecret(vault_.random).key().bytes();
    request.people_max = 10;
    request.expires_ms = vault_.vault().committer().Now().budget_ms + 60 * base::kDayMs;
    const auto asked = vault_.AskAs("officer.privacy", "job", Encode(request));
    CLOISON_CHECK(Word(asked) == "shown");
    const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
    CLOISON_CHECK(Word(vault_.ApproveAs("officer.privacy.b", number)) == "shown");
    return number;
  };
  const auto begin = [this](std::uint64_t job) {
    access::Gate::Once once{"run-" + std::to_string(job), {}};
    return vault_.Wait(vault_.gate().jobs().Begin(vault_.As("app.payment"), job, 1, once));
  };
  const std::uint64_t before = approved("before");
  LoseLooks(1);
  Ceremony();
  EXPECT_EQ(RefusalOf(begin(before)).rule, "job/ceremony");
  vault_.clock.Advance(base::kMinuteMs);
  EXPECT_EQ(Word(begin(approved("after"))), "shown");
}

class ExportRecovery : public testing::RecoveryWorld {
 protected:
  ExportRecovery() : testing::RecoveryWorld(testing::ExportPolicy()) {
    EXPECT_TRUE(testing::EnrolExporter(vault_).ok());
  }
};

// The same of an export, whether it waits or its day is over.
TEST_F(ExportRecovery, ExportsOfBeforeGoNoFurther) {
  access::JobRequest request;
  request.whom = access::Whom::kEverybody;
  request.label = "move";
  request.application = DemoPrincipalId("app.move");
  request.purpose = "migration";
  request.fields = vault_.Fields({"bank.iban"});
  request.recipient = crypto::RecipientSecret(vault_.random).key().bytes();
  request.people_max = 10'000;
  request.expires_ms = vault_.vault().committer().Now().budget_ms + 30 * base::kDayMs;
  const auto approved = [&] {
    const auto asked = vault_.AskAs("officer.privacy", "export", Encode(request));
    CLOISON_CHECK(Word(asked) == "shown");
    const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
    CLOISON_CHECK(Word(vault_.ApproveAs("officer.privacy.b", number)) == "shown");
    return number;
  };
  const auto begin = [this](std::uint64_t number) {
    return vault_.Wait(vault_.gate().exports().Begin(vault_.As("app.move"), number));
  };
  const std::uint64_t before = approved();
  LoseLooks(1);
  Ceremony();
  EXPECT_EQ(RefusalOf(begin(before)).rule, "export/ceremony");
  vault_.clock.Advance(2 * base::kDayMs);
  EXPECT_EQ(RefusalOf(begin(before)).rule, "export/ceremony");
  request.expires_ms += base::kDayMs;
  const std::uint64_t after = approved();
  vault_.clock.Advance(access::kExportDelayMinMs);
  EXPECT_EQ(Word(begin(after)), "shown");
}

// Rows of before the ceremony, put back one by one.
TEST_F(Recovery, OldRowsInTheSuccessorAreFound) {
  ASSERT_EQ(Look(Citizen()), "shown");
  LoseLooks(1);
  const Image old = TakeMain();
  Ceremony();
  ASSERT_EQ(Look(Citizen()), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  const Image whole = TakeMain();
  const auto put_back = [this, &old](const char* name) {
    vault_.Delete(Family::kMeta, name);
    for (const store::KeyedRow& row : old.at(Family::kMeta)) {
      if (row.key != name) continue;
      store::WriteSet writes;
      writes.puts.push_back(store::Put{{Family::kMeta, row.key}, row.row.value});
      CLOISON_CHECK(vault_.Wait(vault_.main_store.Commit(std::move(writes))).ok());
    }
  };
  for (const char* name : {"logs", "frontier", "anchor"}) {
    put_back(name);
    ExpectRefused(name);
    PutBack(vault_.main_store, whole);
  }
  PutBack(vault_.main_store, {{Family::kPrincipals, old.at(Family::kPrincipals)}});
  ExpectRefused("principals that have acted since");
  PutBack(vault_.main_store, whole);
  PutBack(vault_.main_store, {{Family::kFrames, old.at(Family::kFrames)}});
  ExpectRefused("a successor without its frames");
  PutBack(vault_.main_store, whole);
  ASSERT_TRUE(vault_.Open().ok()) << "as it was";
}

TEST_F(Recovery, TheOldKeyIsGoneAndAnOldRowDoesNotBringItBack) {
  const Image old_keys = Take(vault_.key_store, store::kKeyFamilies);
  LoseLooks(1);
  Ceremony();
  const auto known = vault_.vault().ring().LogKeys();
  ASSERT_EQ(known.size(), 2u);
  EXPECT_TRUE(known[0].key.has_value());
  EXPECT_FALSE(known[0].signs);
  EXPECT_TRUE(known[1].signs);
  ASSERT_TRUE(vault_.Stop().ok());
  for (const store::KeyedRow& row : old_keys.at(Family::kWrappedKeys)) {
    if (row.key != "log") continue;
    store::WriteSet writes;
    writes.puts.push_back(store::Put{{Family::kWrappedKeys, row.key}, row.row.value});
    ASSERT_TRUE(vault_.Wait(vault_.key_store.Commit(std::move(writes))).ok());
  }
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_FALSE(vault_.vault().ring().LogKeys()[0].signs);
}

TEST_F(Recovery, WhatIsRefusedChangesNothing) {
  ASSERT_TRUE(vault_.Stop().ok());
  EXPECT_EQ(State().error().code(), Code::kConflict) << "a register that opens";
  ASSERT_TRUE(vault_.Open().ok());
  LoseLooks(2);
  const std::string statement = *State();
  const std::string other = *State();
  EXPECT_NE(statement, other) << "no two ceremonies have one statement";
  const auto replaced = [&statement](const std::string& from, const std::string& to) {
    std::string text = statement;
    const std::size_t at = text.find(from);
    CLOISON_CHECK(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };
  Officer twin("officer.twin", 1);  // anna's key under another name
  tlog::Note torn{statement, {}};
  ASSERT_TRUE(tlog::Sign(torn, anna_.key, anna_.signer).ok());
  ASSERT_TRUE(tlog::Sign(torn, bruno_.key, bruno_.signer).ok());
  torn.signatures[1].blob[0] ^= 1;
  const struct {
    const char* why;
    std::string note;
    Code code;
  } kRefused[] = {
      {"nobody signed", statement + "\n", Code::kInvalid},
      {"no statement at all", "", Code::kInvalid},
      {"one officer alone", Signed(statement, {&anna_}), Code::kDenied},
      {"one officer twice", Signed(statement, {&anna_, &anna_}), Code::kDenied},
      {"one officer under two names", Signed(statement, {&anna_, &twin}), Code::kDenied},
      {"an officer who is not listed", Signed(statement, {&anna_, &carla_}), Code::kDenied},
      {"nobody who is listed", Signed(statement, {&carla_, &twin}), Code::kDenied},
      {"a signature that is not of the text", tlog::PrintNote(torn), Code::kCorrupt},
      {"fewer entries missing than there are", SignedByBoth(replaced("missing 2", "missing 1")),
       Code::kInvalid},
      {"a register that it is not", SignedByBoth(replaced("register 1\n", "register 2\n")),
       Code::kConflict},
      {"a successor of another name",
       SignedByBoth(replaced("successor cloison.example/test/2", "successor cloison.example/x")),
       Code::kInvalid},
      {"another text", SignedByBoth("we want this\n"), Code::kInvalid},
      {"a line more", SignedByBoth(statement + "and more\n"), Code::kInvalid},
  };
  const Image main = TakeMain();
  const Image keys = Take(vault_.key_store, store::kKeyFamilies);
  const Bytes size = *vault_.files.Read(Path("signed-size"));
  for (const auto& [why, note, code] : kRefused) {
    const Status recovered = Recover(note);
    ASSERT_FALSE(recovered.ok()) << why;
    EXPECT_EQ(recovered.error().code(), code) << why << ": " << recovered.error().text();
    EXPECT_TRUE(Same(main, TakeMain())) << why;
    EXPECT_TRUE(Same(keys, Take(vault_.key_store, store::kKeyFamilies))) << why;
    EXPECT_EQ(*vault_.files.Read(Path("signed-size")), size) << why;
  }
  ASSERT_TRUE(Recover(SignedByBoth(statement)).ok()) << "as it should be";
  EXPECT_TRUE(Recover(SignedByBoth(statement)).ok()) << "once more: it is done";
  EXPECT_EQ(Recover(SignedByBoth(other)).error().code(), Code::kConflict);
  EXPECT_EQ(*vault_.files.Read(Path("signed-size.1")), size) << "kept aside";
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(vault_.vault().ledger().generation(), 2u);
  EXPECT_EQ(vault_.vault().ledger().size(), 1u);
}

// A statement is of one state: what was written since, or another copy, needs another.
TEST_F(Recovery, AStatementOfAnotherCopyIsRefused) {
  ASSERT_TRUE(vault_.Reopen().ok());
  const Image older = TakeMain();
  ASSERT_EQ(Look(Citizen()), "shown");
  LoseLooks(1);
  const std::string statement = *State();
  PutBack(vault_.main_store, older);
  const Status recovered = Recover(SignedByBoth(statement));
  ASSERT_FALSE(recovered.ok());
  EXPECT_EQ(recovered.error().code(), Code::kConflict);
}

}  // namespace
}  // namespace cloison::vault
