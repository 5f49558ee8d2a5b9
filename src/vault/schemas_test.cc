// The schema of a register, seen from outside: no file but the one in force, or one that two agreed
// to, opens it; rows follow a change while it serves, and nothing of anybody is lost or shown.
#include <gtest/gtest.h>

#include "access/exports.h"
#include "backup/restore.h"
#include "vault/schema_life.h"
#include "vault/testing/schemas_world.h"

namespace cloison::vault {
namespace {

using testing::AgreeToSchema;
using testing::AskForSchema;
using testing::Family;
using testing::FollowToTheEnd;
using testing::LongerSchema;
using testing::MovedSchema;
using testing::OneVersionOn;
using testing::PersonRow;
using testing::Replaced;
using testing::RestartAgreed;
using testing::StartWith;
using testing::Texts;
using testing::TextsOf;
using testing::TextsOfAll;
using testing::Word;

constexpr FieldId kSince(0x0602), kPhone2(0x0302);

std::string RuleOf(std::string_view step, const std::string& document) {
  return "schema/" + std::string(step) + base::ToHex(records::DigestOfSchema(document));
}

class SchemasTest : public testing::PoliciesTest {
 protected:
  void SetUp() override {
    PoliciesTest::SetUp();
    first_schema_ = vault_.schema().document();
    moved_ = MovedSchema(vault_.schema());
  }
  // Whom the register has a value of this field of.
  PersonId WhoHas(FieldId field, std::string_view caseload_of) {
    for (const PersonId& person : vault_.CaseloadOf(caseload_of)) {
      const auto texts = TextsOf(vault_, person);
      if (texts.ok() && texts->contains(field.value())) return person;
    }
    CLOISON_CHECK(false);
    return PersonId(ByteArray<8>{});
  }
  bool Rewrite() {
    const auto done = vault_.Wait(vault_.gate().schemas().Rewrite(vault_.executor));
    CLOISON_CHECK(done.ok());
    return *done;
  }
  access::Outcome<access::Schemas::Shown> Read(std::string_view who) {
    return vault_.Wait(vault_.gate().schemas().Read(vault_.As(who)));
  }
  void ExpectSound() {
    ASSERT_TRUE(vault_.Stop().ok());
    const auto report = vault_.Audit();
    ASSERT_TRUE(report.ok()) << report.error().text();
    EXPECT_FALSE(report->fault.has_value()) << report->fault->text << " " << report->fault->place;
    ASSERT_TRUE(vault_.Open().ok());
  }
  void ExpectAnother(const std::string& document) {
    const Status started = StartWith(vault_, document);
    ASSERT_FALSE(started.ok());
    EXPECT_EQ(started.error().code(), Code::kConflict);
    EXPECT_TRUE(records::IsSchemaConflict(started.error())) << started.error().text();
    const auto report = vault_.Audit();
    EXPECT_FALSE(report.ok()) << "nor is it read by it";
  }

  std::string first_schema_, moved_;
};

TEST_F(SchemasTest, NoOtherFileOpensTheRegister) {
  const std::uint64_t size = vault_.vault().ledger().size();
  ASSERT_TRUE(vault_.Stop().ok());
  ExpectAnother(moved_);
  ExpectAnother(first_schema_ + "\n");
  ASSERT_TRUE(StartWith(vault_, first_schema_).ok());
  EXPECT_EQ(vault_.vault().ledger().size(), size);
  AgreeToSchema(vault_, moved_);
  ASSERT_TRUE(vault_.Stop().ok());
  ExpectAnother(moved_ + "\n");
  ASSERT_TRUE(StartWith(vault_, first_schema_).ok()) << "until it is taken, the one before is it";
  EXPECT_EQ(vault_.vault().schema().version(), 1u);
  ASSERT_TRUE(vault_.Stop().ok());
  ASSERT_TRUE(StartWith(vault_, moved_).ok());
  EXPECT_EQ(vault_.vault().schema().version(), 2u);
  EXPECT_EQ(vault_.events.Count("schema_in_force"), 1u);
  ASSERT_TRUE(vault_.Stop().ok());
  ExpectAnother(first_schema_);
  ASSERT_TRUE(StartWith(vault_, moved_).ok());
  EXPECT_EQ(vault_.events.Count("schema_in_force"), 1u) << "once";
}

// A register of before any was kept: the file that it is started with is taken, and said.
TEST_F(SchemasTest, AnOlderRegisterKeepsTheFileItIsStartedWith) {
  const store::Key key{Family::kMeta, "anchor"};
  const auto rows = vault_.Wait(vault_.main_store.MultiGet({key}, store::ReadMode::kAny));
  const auto plain = vault_.vault().state().Open(key, rows->front().value);
  ASSERT_TRUE(plain.ok());
  Bytes older = base::ToBytes(plain->Reveal());
  ASSERT_EQ(older[0], 3);
  older[0] = 2;
  older.resize(older.size() - 4);
  const Bytes sealed = vault_.vault().state().Seal(key, older);
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Overwrite(Family::kSchemas, {});
  const Status dropped = vault_.Open();
  ASSERT_FALSE(dropped.ok()) << "one that had a schema is no older register";
  EXPECT_EQ(dropped.error().code(), Code::kCorrupt);
  store::WriteSet writes;
  writes.puts.push_back({key, sealed});
  ASSERT_TRUE(vault_.Wait(vault_.main_store.Commit(std::move(writes))).ok());
  ASSERT_TRUE(StartWith(vault_, LongerSchema(vault_.schema())).ok()) << "whichever it is";
  EXPECT_EQ(vault_.events.Count("schema_adopted"), 1u);
  EXPECT_EQ(EntriesOfRule(RuleOf("2/", vault_.schema().document())), 1u);
  ASSERT_TRUE(vault_.Stop().ok());
  ExpectAnother(first_schema_);
}

TEST_F(SchemasTest, TwoOfficersAgreeAndEveryOrganisationIsTold) {
  struct Row {
    const char* why;
    const char* who;
    std::string document;
    std::string_view want;
  };
  const Row rows[] = {
      {"an adviser", "adviser.ft", moved_, "no_right"},
      {"an application", "app.case", moved_, "no_right"},
      {"no schema", "officer.security", "version = 2", "error"},
      {"the same again", "officer.security", first_schema_, "error"},
      {"a change that may not be", "officer.security",
       Replaced(moved_, "name = \"city\"\ntype = \"place\"", "name = \"city\"\ntype = \"text\""),
       "error"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Word(AskForSchema(vault_, row.who, row.document)), row.want) << row.why;
  }
  const std::size_t alerts = vault_.Rows(Family::kOutbox).size();
  const auto asked = AskForSchema(vault_, "officer.security", moved_);
  ASSERT_EQ(Word(asked), "shown");
  const auto& approval = std::get<testing::Approvals::Shown>(*asked).approval;
  const auto wanted = access::ParseSchemaWanted(approval.what);
  ASSERT_TRUE(wanted.ok());
  EXPECT_EQ(wanted->differences.size(), 6u);
  EXPECT_EQ(Word(Approve("officer.security", approval.number)), "no_right") << "alone";
  EXPECT_EQ(vault_.Rows(Family::kSchemas).size(), 1u) << "asking changes nothing";
  EXPECT_EQ(Word(Approve("officer.privacy", approval.number)), "shown");
  EXPECT_EQ(vault_.Rows(Family::kOutbox).size(),
            alerts + vault_.vault().policy()->organisations().size());
  EXPECT_EQ(EntriesOfRule(RuleOf("agreed/2/", moved_)), 1u);
  EXPECT_EQ(vault_.events.Count("schema_agreed"), 1u);
  EXPECT_EQ(Word(Read("adviser.ft")), "no_right");
  const auto read = Read("officer.privacy");
  ASSERT_EQ(Word(read), "shown");
  const auto& shown = std::get<access::Schemas::Shown>(*read);
  EXPECT_EQ(shown.version, 1u);
  ASSERT_TRUE(shown.next.has_value());
  EXPECT_EQ(shown.next->version, 2u);
  EXPECT_EQ(shown.next->approval, approval.number);
  EXPECT_TRUE(shown.next->rewrites);
  EXPECT_EQ(shown.next->differences, wanted->differences);
  // Another one may be agreed to instead, until one is taken.
  const std::string longer = LongerSchema(vault_.schema());
  AgreeToSchema(vault_, longer);
  ASSERT_TRUE(vault_.Stop().ok());
  ExpectAnother(moved_);
  ASSERT_TRUE(StartWith(vault_, longer).ok());
  EXPECT_EQ(EntriesOfRule(RuleOf("2/", longer)), 1u);
}

// Whoever asks by another road than this one can't have others agree to words of their own.
TEST_F(SchemasTest, WordsAreThoseOfTheText) {
  const auto asked = AskForSchema(vault_, "officer.security", moved_);
  const auto& approval = std::get<testing::Approvals::Shown>(*asked).approval;
  auto wanted = access::ParseSchemaWanted(approval.what);
  ASSERT_TRUE(wanted.ok());
  EXPECT_EQ(Encode(*wanted), approval.what);
  EXPECT_EQ(Word(vault_.AskAs("officer.security", "schema", Encode(*wanted))), "shown");
  wanted->differences.pop_back();
  EXPECT_EQ(Word(vault_.AskAs("officer.security", "schema", Encode(*wanted))), "error");
  wanted->differences = {"nothing differs"};
  EXPECT_EQ(Word(vault_.AskAs("officer.security", "schema", Encode(*wanted))), "error");
  for (std::size_t size = 0; size < 36; ++size) {
    Bytes cut = approval.what;
    cut.resize(size);
    EXPECT_FALSE(access::ParseSchemaWanted(cut).ok()) << size;
  }
}

// What was asked for is no change of another schema: two that were asked for at once.
TEST_F(SchemasTest, OneThatWasAskedForBeforeAnotherOneCameIsRefused) {
  const std::string longer = LongerSchema(vault_.schema());
  const auto early = AskForSchema(vault_, "officer.security", moved_);
  ASSERT_EQ(Word(early), "shown");
  RestartAgreed(vault_, longer);
  EXPECT_EQ(
      Word(Approve("officer.privacy", std::get<testing::Approvals::Shown>(*early).approval.number)),
      "changed");
  EXPECT_EQ(Word(AskForSchema(vault_, "officer.security", moved_)), "error");
}

TEST_F(SchemasTest, AFieldThatIsAddedNeedsNoRowWritten) {
  const auto before = TextsOfAll(vault_);
  const std::vector<store::KeyedRow> rows = vault_.Rows(Family::kPeople);
  RestartAgreed(vault_, LongerSchema(vault_.schema()));
  EXPECT_FALSE(vault_.gate().schemas().rewriting().has_value());
  EXPECT_EQ(vault_.vault().schema().previous(), nullptr);
  const std::vector<store::KeyedRow> now = vault_.Rows(Family::kPeople);
  ASSERT_EQ(now.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(now[i].row.value, rows[i].row.value);
  EXPECT_EQ(TextsOfAll(vault_), before);
  const PersonId person = vault_.world().of_adviser_ft.person;
  ASSERT_EQ(Word(vault_.UpdateAs("app.case", vault_.CodeFor("app.case", person), 1,
                                 {{"status.reason", "moved away"}})),
            "shown");
  EXPECT_EQ(TextsOf(vault_, person)->at(0x0604), "moved away");
  EXPECT_EQ(Word(vault_.DiscloseAs("adviser.ft", person, {"status.reason"}, "support")), "shown");
  ExpectSound();
}

TEST_F(SchemasTest, RowsFollowWhileItServes) {
  const auto before = TextsOfAll(vault_);
  const std::vector<store::KeyedRow> pages = vault_.Rows(Family::kIndex);
  RestartAgreed(vault_, moved_);
  access::Schemas& schemas = vault_.gate().schemas();
  EXPECT_EQ(schemas.rewriting()->share, 0);
  const std::uint64_t size = vault_.vault().ledger().size();
  EXPECT_EQ(Word(AskForSchema(vault_, "officer.security", OneVersionOn(vault_.schema()))),
            "changed")
      << "one change at a time";
  const std::uint64_t asked = vault_.vault().ledger().size() - size;
  double share = 0;
  for (bool whole = false; !whole;) {
    EXPECT_EQ(vault_.Wait(schemas.EndRewriting(vault_.executor)).error().code(), Code::kConflict)
        << "not before everybody was met";
    EXPECT_EQ(TextsOfAll(vault_), before) << share;
    whole = Rewrite();
    EXPECT_GT(schemas.rewriting()->share, share);
    share = schemas.rewriting()->share;
  }
  EXPECT_EQ(share, 1);
  EXPECT_EQ(schemas.rewriting()->written, before.size());
  EXPECT_EQ(schemas.rewriting()->damaged, 0u);
  EXPECT_EQ(vault_.vault().ledger().size(), size + asked) << "no entry for anybody";
  ASSERT_TRUE(vault_.Wait(schemas.EndRewriting(vault_.executor)).ok());
  EXPECT_FALSE(schemas.rewriting().has_value());
  EXPECT_EQ(vault_.vault().schema().previous(), nullptr);
  EXPECT_EQ(TextsOfAll(vault_), before);
  EXPECT_EQ(EntriesOfRule(RuleOf("rewritten/2/", moved_)), 1u);
  EXPECT_EQ(vault_.events.Count("schema_rewritten", base::Severity::kInfo), 1u);
  const std::vector<store::KeyedRow> pages_now = vault_.Rows(Family::kIndex);
  ASSERT_EQ(pages_now.size(), pages.size());
  for (std::size_t i = 0; i < pages.size(); ++i) {
    EXPECT_EQ(pages_now[i].row.value, pages[i].row.value) << "indexes hang on values";
  }
  EXPECT_EQ(vault_.Rows(Family::kSchemas).size(), 1u);
  ExpectSound();
  EXPECT_EQ(TextsOfAll(vault_), before);
  // And the next change is one like the first.
  EXPECT_EQ(Word(AskForSchema(vault_, "officer.security", OneVersionOn(vault_.schema()))), "shown");
}

// Rights and disclosures go by the schema in force from the first moment, whatever form a row is
// in.
TEST_F(SchemasTest, RightsFollowAtOnce) {
  const PersonId theirs = WhoHas(kSince, "adviser.ft"), other = WhoHas(kSince, "adviser.ce");
  EXPECT_EQ(Word(vault_.DiscloseAs("adviser.ft", theirs, {"status.since"}, "support")), "shown");
  const std::string since = TextsOf(vault_, other)->at(kSince.value());
  RestartAgreed(vault_, moved_);
  for (const bool rewritten : {false, true}) {
    SCOPED_TRACE(rewritten);
    EXPECT_EQ(Word(vault_.DiscloseAs("adviser.ft", theirs, {"disability.since"}, "support")),
              "purpose_refused");
    EXPECT_EQ(Word(vault_.DiscloseAs("adviser.ft", theirs, {"status.until"}, "support")), "shown");
    const auto shown = vault_.DiscloseAs("adviser.ce", other, {"disability.since"}, "adaptation");
    ASSERT_EQ(Word(shown), "shown");
    const auto& values = std::get<access::Disclosed>(*shown).records.at(0).values;
    ASSERT_EQ(values.size(), 1u);
    EXPECT_EQ(values[0].field, kSince);
    EXPECT_EQ(AsText(values[0].text.Reveal()), since);
    if (!rewritten) FollowToTheEnd(vault_);
  }
}

TEST_F(SchemasTest, AMovedValueIsFoundInEitherForm) {
  const PersonId person = WhoHas(kPhone2, "adviser.ft");
  const std::string phone = TextsOf(vault_, person)->at(kPhone2.value());
  RestartAgreed(vault_, moved_);
  for (const bool rewritten : {false, true}) {
    const auto found = vault_.LookUpAs("adviser.ft", "phone", phone, "support");
    ASSERT_EQ(Word(found), "shown") << rewritten;
    EXPECT_EQ(std::get<access::LookedUp>(*found).rows.size(), 1u) << rewritten;
    if (!rewritten) FollowToTheEnd(vault_);
  }
}

TEST_F(SchemasTest, AnOrdinaryWriteIsInTheNewForm) {
  const PersonId person = vault_.world().of_adviser_ft.person;
  RestartAgreed(vault_, moved_);
  ASSERT_EQ(Word(vault_.UpdateAs("app.case", vault_.CodeFor("app.case", person), 1,
                                 {{"training.course", "welding"}})),
            "shown");
  const auto sighting = vault_.Wait(vault_.vault().people().Sight(person));
  EXPECT_TRUE(records::internal::CheckForm(vault_.schema(), sighting->key, sighting->row).ok());
  const Bytes row = PersonRow(vault_, person).row.value;
  while (!Rewrite()) {
  }
  EXPECT_EQ(PersonRow(vault_, person).row.value, row) << "it was not written again";
  EXPECT_EQ(vault_.gate().schemas().rewriting()->written, vault_.world().people.size() - 1);
}

TEST_F(SchemasTest, AnOldFormPutBackAfterTheEndIsDamage) {
  const PersonId person = WhoHas(kSince, "adviser.ft");
  const store::KeyedRow old = PersonRow(vault_, person);
  RestartAgreed(vault_, moved_);
  const auto put_back = [&] {
    ASSERT_TRUE(vault_.Stop().ok());
    store::WriteSet writes;
    writes.puts.push_back(store::Put{{Family::kPeople, old.key}, old.row.value});
    ASSERT_TRUE(vault_.Wait(vault_.main_store.Commit(std::move(writes))).ok());
  };
  // While rows follow it is one of the two forms, of the same number: the same values.
  while (!Rewrite()) {
  }
  put_back();
  EXPECT_FALSE(vault_.Audit()->fault.has_value());
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(Word(vault_.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "shown");
  FollowToTheEnd(vault_);
  put_back();
  const auto report = vault_.Audit();
  ASSERT_TRUE(report.ok() && report->fault.has_value());
  EXPECT_EQ(report->fault->text, "the row does not open");
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(vault_.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support").error().code(),
            Code::kCorrupt);
}

// In the process that ended it, too.
TEST_F(SchemasTest, TheFormBeforeIsDamageFromTheEndOn) {
  const PersonId person = WhoHas(kSince, "adviser.ft");
  RestartAgreed(vault_, moved_);
  const auto old = vault_.Wait(vault_.vault().people().Sight(person));
  const records::Schema& schema = vault_.vault().schema();
  EXPECT_TRUE(records::internal::OpenWholeRow(schema, old->key, old->row).ok());
  FollowToTheEnd(vault_);
  const auto opened = records::internal::OpenWholeRow(schema, old->key, old->row);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Code::kCorrupt);
}

TEST_F(SchemasTest, ARestartGoesOnWhereItWas) {
  const auto before = TextsOfAll(vault_);
  RestartAgreed(vault_, moved_);
  std::uint64_t written = 0;
  int slices = 0;
  for (bool whole = false; !whole; ++slices) {
    whole = Rewrite();
    const auto now = vault_.gate().schemas().rewriting();
    EXPECT_GT(now->written, written);
    written = now->written;
    ASSERT_TRUE(vault_.Reopen().ok());
    EXPECT_EQ(vault_.gate().schemas().rewriting()->written, written) << "nothing twice";
  }
  EXPECT_EQ(slices, 10);
  EXPECT_EQ(written, before.size());
  FollowToTheEnd(vault_);
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_FALSE(vault_.gate().schemas().rewriting().has_value());
  EXPECT_EQ(TextsOfAll(vault_), before);
}

// What cannot be read is told, left, and holds nothing up.
TEST_F(SchemasTest, ADamagedRowIsToldAndLeft) {
  const PersonId person = vault_.world().of_adviser_ft.person;
  AgreeToSchema(vault_, moved_);
  ASSERT_TRUE(vault_.Stop().ok());
  store::KeyedRow row = PersonRow(vault_, person);
  row.row.value.back() ^= 1;
  store::WriteSet writes;
  writes.puts.push_back(store::Put{{Family::kPeople, row.key}, row.row.value});
  ASSERT_TRUE(vault_.Wait(vault_.main_store.Commit(std::move(writes))).ok());
  ASSERT_TRUE(StartWith(vault_, moved_).ok());
  while (!Rewrite()) {
  }
  EXPECT_EQ(vault_.gate().schemas().rewriting()->damaged, 1u);
  EXPECT_EQ(vault_.events.Count("schema_row_damaged"), 1u);
  EXPECT_EQ(PersonRow(vault_, person).row.value, row.row.value) << "as it is";
  ASSERT_TRUE(vault_.Wait(vault_.gate().schemas().EndRewriting(vault_.executor)).ok());
  EXPECT_EQ(vault_.events.Count("schema_rewritten", base::Severity::kError), 1u);
}

// Rows of the schema from before the change, put back: the anchor names the version in force.
TEST_F(SchemasTest, ARolledBackSchemaIsNoticed) {
  const std::vector<store::KeyedRow> before = vault_.Rows(Family::kSchemas);
  AgreeToSchema(vault_, moved_);
  const std::vector<store::KeyedRow> agreed = vault_.Rows(Family::kSchemas);
  ASSERT_TRUE(vault_.Stop().ok());
  ASSERT_TRUE(StartWith(vault_, moved_).ok());
  FollowToTheEnd(vault_);
  ASSERT_TRUE(vault_.Stop().ok());
  const std::vector<store::KeyedRow> now = vault_.Rows(Family::kSchemas);
  for (const auto& rows : {before, agreed}) {
    vault_.Overwrite(Family::kSchemas, rows);
    for (const std::string& document : {first_schema_, moved_}) {
      const Status opened = StartWith(vault_, document);
      ASSERT_FALSE(opened.ok());
      const bool another = records::IsSchemaConflict(opened.error());
      EXPECT_TRUE(opened.error().code() == Code::kCorrupt || another) << opened.error().text();
    }
  }
  vault_.Overwrite(Family::kSchemas, now);
  ASSERT_TRUE(StartWith(vault_, moved_).ok());
}

store::KeyedRow RowOf(testing::TestVault& vault, std::string_view key) {
  for (store::KeyedRow& row : vault.Rows(Family::kSchemas)) {
    if (row.key == key) return std::move(row);
  }
  CLOISON_CHECK(false);
  return {};
}

// One row of it, kept aside while it waited, and put back when the schema is two versions on.
TEST_F(SchemasTest, AnAgreementOfBeforeIsNotTaken) {
  AgreeToSchema(vault_, moved_);
  const store::KeyedRow agreed = RowOf(vault_, "next");
  ASSERT_TRUE(vault_.Stop().ok());
  ASSERT_TRUE(StartWith(vault_, moved_).ok());
  FollowToTheEnd(vault_);
  const std::string longer =
      Replaced(OneVersionOn(vault_.vault().schema()), "type = \"text\"\nbytes_max = 40",
               "type = \"text\"\nbytes_max = 48");
  RestartAgreed(vault_, longer);
  ASSERT_TRUE(vault_.Stop().ok());
  std::vector<store::KeyedRow> rows = vault_.Rows(Family::kSchemas);
  rows.push_back(agreed);
  vault_.Overwrite(Family::kSchemas, rows);
  const Status opened = StartWith(vault_, moved_);
  ASSERT_FALSE(opened.ok());
  EXPECT_TRUE(records::IsSchemaConflict(opened.error())) << opened.error().text();
  EXPECT_TRUE(StartWith(vault_, longer).ok());
}

// The end of the walk of one change, put back while rows follow the next.
TEST_F(SchemasTest, AWalkOfBeforeIsNoticed) {
  RestartAgreed(vault_, moved_);
  while (!Rewrite()) {
  }
  const store::KeyedRow walked = RowOf(vault_, "rewriting");
  ASSERT_TRUE(vault_.Wait(vault_.gate().schemas().EndRewriting(vault_.executor)).ok());
  const std::string wider =
      Replaced(OneVersionOn(vault_.vault().schema()), "name = \"training\"\nleast = 64",
               "name = \"training\"\nleast = 96");
  RestartAgreed(vault_, wider);
  ASSERT_TRUE(vault_.Stop().ok());
  std::vector<store::KeyedRow> rows = vault_.Rows(Family::kSchemas);
  for (store::KeyedRow& row : rows) {
    if (row.key == "rewriting") row = walked;
  }
  vault_.Overwrite(Family::kSchemas, rows);
  const Status opened = StartWith(vault_, wider);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code(), Code::kCorrupt);
}

// The policy that is in force when the schema is taken must fit it.
TEST_F(SchemasTest, APolicyThatDoesNotFitIsSaidBeforeAndAtTheStart) {
  const std::string naming =
      Replaced(Versioned(first(), 2), "fields = [\"identity.birth_date\", \"contact.phone\"]",
               "fields = [\"identity.birth_date\", \"contact.phone\", \"contact.phone_2\"]");
  AgreeToSchema(vault_, moved_);
  PutInForce(naming, 2);
  EXPECT_EQ(Word(AskForSchema(vault_, "officer.security", moved_)), "error");
  const auto faults = vault_.Wait(vault_.gate().schemas().Faults(moved_));
  ASSERT_TRUE(faults.ok());
  ASSERT_EQ(faults->size(), 1u);
  EXPECT_EQ(faults->at(0).substr(0, 21), "the policy in force, ");
  ASSERT_TRUE(vault_.Stop().ok());
  const Status started = StartWith(vault_, moved_);
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().text(), records::kPolicyUnfit.text());
  ASSERT_TRUE(StartWith(vault_, first_schema_).ok()) << "nothing was changed";
  PutInForce(Replaced(first(), "version = 1", "version = 3"), 3);
  ASSERT_TRUE(vault_.Stop().ok());
  EXPECT_TRUE(StartWith(vault_, moved_).ok());
}

TEST_F(SchemasTest, ABackupFromTheMiddleGoesOn) {
  const auto before = TextsOfAll(vault_);
  RestartAgreed(vault_, moved_);
  (void)Rewrite();
  const auto at = vault_.gate().schemas().rewriting();
  store::testing::TempDirectory directory;
  ASSERT_TRUE(vault_.files.MakeDirectory(directory.path() + "/to", 0700).ok());
  int copies = 0;
  const auto copy_of = [&](store::Store& from) -> backup::Snapshot {
    return [&]() -> Result<std::unique_ptr<store::Store>> {
      const std::string path = directory.path() + "/copy" + std::to_string(++copies);
      CLOISON_TRY(from.Checkpoint(path));
      CLOISON_TRY_ASSIGN(std::unique_ptr<store::MemoryStore> copy,
                         store::MemoryStore::OpenCheckpoint(path));
      return std::unique_ptr<store::Store>(std::move(copy));
    };
  };
  store::WriteSet named;
  named.puts.push_back({{Family::kMeta, backup::kIncarnationRow}, Bytes(16, 7)});
  ASSERT_TRUE(vault_.Stop().ok());
  ASSERT_TRUE(vault_.Wait(vault_.main_store.Commit(std::move(named))).ok());
  base::SystemRandom random;
  base::SystemClock clock;
  const backup::Source source{
      copy_of(vault_.main_store),   copy_of(vault_.key_store), vault_.objects, vault_.files, random,
      vault_.schema().register_id()};
  const auto taken = backup::Take(source, directory.path() + "/to", "");
  ASSERT_TRUE(taken.ok()) << taken.error().text();
  store::MemoryStore main, keys;
  base::ThreadPool one{1}, two{1}, three{1};
  const auto first = testing::ParsedSchema(first_schema_);
  const backup::Target target{main, keys, vault_.objects, vault_.files, clock,           random,
                              one,  two,  three,          *first,       directory.path()};
  std::string bad;
  const auto restored =
      base::SyncWait(backup::Restore(target, directory.path() + "/to", taken->name, &bad));
  ASSERT_TRUE(restored.ok()) << restored.error().text() << " " << bad;
  EXPECT_EQ(restored->index.people, before.size()) << "by the schemas of its own rows";
  vault_.over_main = &main;
  vault_.over_keys = &keys;
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(vault_.gate().schemas().rewriting()->written, at->written);
  EXPECT_EQ(TextsOfAll(vault_), before);
  FollowToTheEnd(vault_);
  EXPECT_EQ(TextsOfAll(vault_), before);
  ASSERT_TRUE(vault_.Stop().ok());
  EXPECT_FALSE(vault_.Audit()->fault.has_value());
}

// As a server does it: some slices a call, a rest, the end.
TEST_F(SchemasTest, ALifeOfIt) {
  SchemaLife nothing(vault_.vault());
  const std::uint64_t size = vault_.vault().ledger().size();
  ASSERT_TRUE(vault_.Wait(nothing.Advance()).ok());
  EXPECT_EQ(vault_.vault().ledger().size(), size);
  RestartAgreed(vault_, moved_);
  SchemaLife life(vault_.vault());
  ASSERT_TRUE(vault_.Wait(life.Advance()).ok());
  EXPECT_EQ(vault_.gate().schemas().rewriting()->share, 1) << "2,000 people are one call";
  vault_.clock.Advance(SchemaLife::kRestMs - 1);
  ASSERT_TRUE(vault_.Wait(life.Advance()).ok());
  EXPECT_TRUE(vault_.gate().schemas().rewriting().has_value()) << "whoever read before opens";
  vault_.clock.Advance(1);
  ASSERT_TRUE(vault_.Wait(life.Advance()).ok());
  EXPECT_FALSE(vault_.gate().schemas().rewriting().has_value());
  ExpectSound();
}

}  // namespace
}  // namespace cloison::vault
