// A person's and an officer's file against a log: what is true is accepted, and whatever is changed
// in the file or left out of it is found and named.
#include "verify/internal/opened.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "ledger/entry.h"
#include "verify/testing/sample_log.h"

namespace cloison::verify {
namespace {

using testing::Flipped;
using testing::Json;
using testing::MakeSample;
using testing::Officer;
using testing::PagesOf;
using testing::Person;
using testing::SampleLog;

TEST(PersonTest, AcceptsWhatIsTrueAtEverySize) {
  for (const std::uint64_t size : {0, 1, 7, 8, 256, 300, 600, 5'000}) {
    SampleLog log = MakeSample(size);
    const PersonReport report = Person(log, log.person);
    EXPECT_TRUE(report.log.ok()) << size << Describe(*report.log.fault);
    const std::uint64_t looks = std::min<std::uint64_t>(50, (size + 53) / 61);
    EXPECT_EQ(report.facts.end, looks) << size;
    EXPECT_EQ(report.facts.rows + report.facts.expired, looks);
    EXPECT_EQ(report.facts.expired, looks > 3 ? 1u : 0u);
    EXPECT_EQ(report.facts.unsealed, looks > 6 ? 1u : 0u);
    EXPECT_EQ(report.facts.newer + report.facts.later + report.facts.elsewhere, 0u);
    const OfficerReport officer = Officer(log, log.officer);
    EXPECT_TRUE(officer.log.ok()) << size << Describe(*officer.log.fault);
    EXPECT_EQ(officer.facts.inside, size == 5'000 ? 98u : officer.facts.inside);
    EXPECT_EQ(officer.facts.closed_after, size > 100) << size;
  }
}

TEST(PersonTest, AFileOutlivesTheLogThatItCameFrom) {
  SampleLog before = MakeSample(700), after = MakeSample(1'500);
  // The log went on: looks came later, and that is no fault.
  PersonReport report = Person(after, before.person);
  EXPECT_TRUE(report.log.ok()) << Describe(*report.log.fault);
  EXPECT_EQ(report.facts.later, 25u - 12u);
  // An older copy of the log cannot show what the file proves as published: rolled back.
  report = Person(before, after.person);
  EXPECT_EQ(report.log.fault->kind, FaultKind::kRolledBack);
  // What the log signed but had not published is proven by its signature alone.
  for (Json& row : after.person["items"]) row["proof"]["published"] = false;
  after.person["proofs"]["expired"][0]["proof"]["published"] = false;
  for (Json& row : after.person["items"]) {
    if (row.contains("unsealed")) row["unsealed"]["proof"]["published"] = false;
  }
  report = Person(before, after.person);
  EXPECT_TRUE(report.log.ok()) << Describe(*report.log.fault);
  EXPECT_EQ(report.facts.newer, 25u - 12u);
}

using Change = std::function<void(Json& file)>;

struct Row {
  const char* why;
  Change change;
  FaultKind kind;
  std::string path;
  std::optional<std::uint64_t> entry = {};
};

Change Set(const char* pointer, Json value) {
  return [pointer, value](Json& file) { file[Json::json_pointer(pointer)] = value; };
}
Change Flip(const char* pointer, std::size_t at) {
  return [pointer, at](Json& file) {
    Json& value = file[Json::json_pointer(pointer)];
    value = Flipped(value.get<std::string>(), at);
  };
}
Change Drop(const char* in, const char* key) {
  return [in, key](Json& file) { file[Json::json_pointer(in)].erase(key); };
}

// Numbers 9 down to 0; n 3 expired, n 6 brings a sealed access to light. /items/0 is n 9.
void ExpectNamed(const std::vector<Row>& rows) {
  SampleLog log = MakeSample(600);
  for (const Row& row : rows) {
    Json file = log.person;
    row.change(file);
    ASSERT_NE(file, log.person) << row.why;
    const PersonReport report = Person(log, file);
    ASSERT_FALSE(report.log.ok()) << row.why;
    EXPECT_EQ(FaultName(report.log.fault->kind), FaultName(row.kind)) << row.why;
    EXPECT_EQ(report.log.fault->path, row.path) << row.why;
    EXPECT_EQ(report.log.fault->entry, row.entry) << row.why;
  }
}

TEST(PersonTest, NumbersLeftOutOrMovedAreNamed) {
  ExpectNamed({
      {"a row left out", [](Json& f) { f["items"].erase(2); }, FaultKind::kGap, "person n=7", 434},
      {"the newest left out, and the range cut to fit",
       [](Json& f) {
         f["items"].erase(0);
         f["proofs"]["covers"]["end"] = 9;
       },
       FaultKind::kLater, "person n=9", 556},
      {"the expired one left out", Set("/proofs/expired", Json::array()), FaultKind::kGap,
       "person n=3", 190},
      {"a number more than there are", Set("/proofs/covers/end", 11), FaultKind::kGap,
       "person n=10"},
      {"very many more", Set("/proofs/covers/end", 1'000'000), FaultKind::kGap, "person n=10"},
      {"a row under another number", Set("/items/1/n", 7), FaultKind::kTag, "person/items/1"},
      {"another trail key", Flip("/proofs/logs/0/trail_key", 0), FaultKind::kTag, "person/items/0"},
  });
}

TEST(PersonTest, OpeningsThatAreNotTheLeafsAreNamed) {
  const Json other = MakeSample(600, 2).person;
  ExpectNamed({
      {"a subject part changed", Flip("/items/1/proof/subject_part", 20), FaultKind::kOpening,
       "person/items/1/proof/subject_part"},
      {"r_s changed", Flip("/items/1/proof/subject_randomness", 31), FaultKind::kOpening,
       "person/items/1/proof/subject_part"},
      {"an actor part changed", Flip("/items/1/proof/actor_part", 20), FaultKind::kOpening,
       "person/items/1/proof/actor_part"},
      {"r_a changed", Flip("/items/1/proof/actor_randomness", 0), FaultKind::kOpening,
       "person/items/1/proof/actor_part"},
      {"the opening of another row",
       [](Json& f) {
         f["items"][1]["proof"]["actor_part"] = f["items"][0]["proof"]["actor_part"];
         f["items"][1]["proof"]["actor_randomness"] = f["items"][0]["proof"]["actor_randomness"];
       },
       FaultKind::kOpening, "person/items/1/proof/actor_part"},
      {"a time that the part does not say", Set("/items/1/time", "2023-11-14T22:13:20.000Z"),
       FaultKind::kOpening, "person/items/1/time"},
      {"another kind", Set("/items/1/kind", "glimpse"), FaultKind::kOpening, "person/items/1/kind"},
      {"another decision", Set("/items/1/decision", "refuse"), FaultKind::kOpening,
       "person/items/1/decision"},
      {"another form", Set("/items/1/form", "masked"), FaultKind::kOpening, "person/items/1/form"},
      {"another organisation", Set("/items/1/organisation", 6), FaultKind::kOpening,
       "person/items/1/organisation"},
      {"no office", Drop("/items/1", "office"), FaultKind::kOpening, "person/items/1"},
      {"another role", Set("/items/1/role", "nurse"), FaultKind::kOpening, "person/items/1/role"},
      {"another purpose", Set("/items/1/purpose", "own"), FaultKind::kOpening,
       "person/items/1/purpose"},
      {"a field fewer", [](Json& f) { f["items"][1]["fields"].erase(0); }, FaultKind::kOpening,
       "person/items/1/fields"},
      {"a sealed access with other words", Set("/items/3/unsealed/purpose", "own"),
       FaultKind::kOpening, "person/items/3/unsealed/purpose"},
      {"a sealed access under a look that brings nothing to light",
       [](Json& f) { f["items"][1]["unsealed"] = f["items"][3]["unsealed"]; }, FaultKind::kOpening,
       "person/items/1/unsealed"},
      {"any look for a sealed access",
       [](Json& f) {
         f["items"][3]["unsealed"] = f["items"][0];
         f["items"][3]["unsealed"].erase("n");
       },
       FaultKind::kOpening, "person/items/3/unsealed"},
      {"another person's AUD", Set("/proofs/aud", other["proofs"]["aud"]), FaultKind::kOpening,
       "person/items/0"},
  });
}

TEST(PersonTest, WhatDoesNotProveOrIsNotOfTheFormIsNamed) {
  const Json other = MakeSample(600, 2).person;
  ExpectNamed({
      {"the range backwards", Set("/proofs/covers/first", 11), FaultKind::kForm,
       "person/proofs/covers"},
      {"a row at another index", Set("/items/1/index", 496), FaultKind::kProof,
       "person/items/1/proof/tlog_proof"},
      {"C_subj changed", Flip("/items/1/proof/leaf", 2), FaultKind::kProof,
       "person/items/1/proof/tlog_proof"},
      {"a leaf of another version", Flip("/items/1/proof/leaf", 0), FaultKind::kForm,
       "person/items/1/proof/leaf"},
      {"r_a withheld", Drop("/items/1/proof", "actor_randomness"), FaultKind::kForm,
       "person/items/1/proof"},
      {"a proof withheld", Drop("/items/1/proof", "tlog_proof"), FaultKind::kForm,
       "person/items/1/proof"},
      {"the proof of another row",
       [](Json& f) { f["items"][1]["proof"]["tlog_proof"] = f["items"][0]["proof"]["tlog_proof"]; },
       FaultKind::kProof, "person/items/1/proof/tlog_proof"},
      {"a proof that is none", Set("/items/1/proof/tlog_proof", "x"), FaultKind::kProof,
       "person/items/1/proof/tlog_proof"},
      {"an unseal that tells of no access, nor says that its record has expired",
       [](Json& f) { f["items"][3].erase("unsealed"); }, FaultKind::kForm, "person/items/3"},
      {"an access that is there, and is said to have expired",
       Set("/items/3/unsealed_expired", true), FaultKind::kForm, "person/items/3/unsealed_expired"},
      {"an access said not to have expired",
       [](Json& f) {
         f["items"][3].erase("unsealed");
         f["items"][3]["unsealed_expired"] = false;
       },
       FaultKind::kForm, "person/items/3/unsealed_expired"},
      {"an expired access of what is no unseal", Set("/items/1/unsealed_expired", true),
       FaultKind::kForm, "person/items/1/unsealed_expired"},
      {"an access that is none", Set("/items/1/unsealed", 7), FaultKind::kForm,
       "person/items/1/unsealed"},
      {"a row twice", [](Json& f) { f["items"].push_back(f["items"][1]); }, FaultKind::kTag,
       "person/items/9"},
      {"a row that has expired as well",
       [](Json& f) { f["proofs"]["expired"].push_back(f["items"][1]); }, FaultKind::kTag,
       "person/proofs/expired/1"},
      {"a number that the page does not answer for", Set("/proofs/covers/end", 9), FaultKind::kForm,
       "person/items/0"},
      {"two logs", [](Json& f) { f["proofs"]["logs"].push_back(f["proofs"]["logs"][0]); },
       FaultKind::kForm, "person/proofs/logs"},
      {"no log", Set("/proofs/logs", Json::array()), FaultKind::kForm, "person/proofs/logs"},
      {"pending, and yet proven", Set("/items/1/proof/proof_pending", true), FaultKind::kForm,
       "person/items/1/proof/proof_pending"},
      {"not pending", Set("/items/1/proof/proof_pending", false), FaultKind::kForm,
       "person/items/1/proof/proof_pending"},
      {"neither published nor not", Drop("/items/1/proof", "published"), FaultKind::kForm,
       "person/items/1/proof"},
      {"extra data in a proof",
       [](Json& f) {
         Json& text = f["items"][1]["proof"]["tlog_proof"];
         text = text.get<std::string>().insert(23, "extra AAAA\n");
       },
       FaultKind::kProof, "person/items/1/proof/tlog_proof"},
      {"no register", Drop("/proofs", "register"), FaultKind::kForm, "person/proofs"},
      {"a register that is a text", Set("/proofs/register", "7"), FaultKind::kForm,
       "person/proofs/register"},
      {"a receipt that is none", Set("/receipt", 7), FaultKind::kForm, "person/receipt"},
      {"a sealed access of another index", Set("/items/3/unsealed/index", 290), FaultKind::kProof,
       "person/items/3/unsealed/proof/tlog_proof"},
      {"another log's key", Set("/proofs/logs", other["proofs"]["logs"]), FaultKind::kForm,
       "person"},
      {"a row said to be of another log, so that its number is not missed",
       Set("/items/1/proof/log_id", "0000000000000000"), FaultKind::kForm, "person/items/1/proof"},
      {"a log_id that is not the key's", Set("/proofs/logs/0/log_id", "00"), FaultKind::kForm,
       "person/proofs/logs/0/log_id"},
      {"no proofs at all", Drop("", "proofs"), FaultKind::kForm, "person"},
      {"items that are none", Set("/items", 5), FaultKind::kForm, "person/items"},
      {"a number below 0", Set("/items/1/n", -1), FaultKind::kForm, "person/items/1/n"},
      {"base64 of another length", Set("/proofs/aud", "AAAA"), FaultKind::kForm,
       "person/proofs/aud"},
  });
}

TEST(PersonTest, NamesOfFieldsAreCheckedWhenTheSchemaIsKnown) {
  SampleLog log = MakeSample(100);
  PersonFile file = PagesOf({log.person});
  file.field_of = [](std::string_view name) -> std::optional<FieldId> {
    if (name == "contact.phone") return FieldId(0x0301);
    if (name == "contact.email") return FieldId(0x0303);
    return {};
  };
  EXPECT_TRUE(VerifyPerson(log.source, log.options, file)->log.ok());
  log.person["items"][0]["fields"][1] = "contact.phone_2";
  // Without it, only that a number has one name in all rows.
  EXPECT_EQ(Person(log, log.person).log.fault->path, "person/items/1/fields");
  log.person["items"][1]["fields"][1] = "contact.phone_2";
  EXPECT_TRUE(Person(log, log.person).log.ok());
  Json exchanged = log.person;
  std::swap(exchanged["items"][1]["fields"][0], exchanged["items"][1]["fields"][1]);
  EXPECT_EQ(Person(log, exchanged).log.fault->path, "person/items/1/fields");
  file.pages = PagesOf({log.person}).pages;
  EXPECT_EQ(VerifyPerson(log.source, log.options, file)->log.fault->path, "person/items/0/fields");
}

TEST(PersonTest, AccessesSaidToHaveExpiredAreCounted) {
  SampleLog log = MakeSample(600);
  log.person["items"][3].erase("unsealed");
  log.person["items"][3]["unsealed_expired"] = true;
  const PersonReport report = Person(log, log.person);
  EXPECT_TRUE(report.log.ok()) << Describe(*report.log.fault);
  EXPECT_EQ(report.facts.unsealed, 0u);
  EXPECT_EQ(report.facts.unsealed_expired, 1u);
}

// The file is true and the log is not: what the file proves is missed in the log.
TEST(PersonTest, ALogWithoutTheEntryIsFound) {
  SampleLog log = MakeSample(600);
  SampleLog other = MakeSample(600, 2);
  // Signed by the same key, with other leaves: a log rewritten for everybody else.
  for (const auto& [path, object] : other.source.objects) {
    if (path.starts_with("tile/")) log.source.objects[path] = object;
  }
  EXPECT_EQ(Person(log, log.person).log.fault->kind, FaultKind::kRoot);
}

TEST(PersonTest, RefusesWhatIsNoFile) {
  SampleLog log = MakeSample(10);
  for (const char* text : {"", "{", "[]", "null", "{\"items\":[],\"items\":[]}", "\"\xff\""}) {
    PersonFile file;
    file.pages.push_back(base::ToBytes(AsBytes(std::string_view(text))));
    const PersonReport report = *VerifyPerson(log.source, log.options, file);
    ASSERT_FALSE(report.log.ok()) << text;
    EXPECT_EQ(report.log.fault->kind, FaultKind::kForm) << text;
    EXPECT_EQ(
        VerifyOfficer(log.source, log.options, AsBytes(std::string_view(text)))->log.fault->kind,
        FaultKind::kForm);
  }
  EXPECT_EQ(VerifyPerson(log.source, log.options, {}).error().code(), Code::kInvalid);
  log.options.since = "x";
  EXPECT_EQ(VerifyPerson(log.source, log.options, PagesOf({log.person})).error().code(),
            Code::kInvalid);
  EXPECT_EQ(VerifyOfficer(log.source, log.options, {}).error().code(), Code::kInvalid);
}

// An entry of the account that nothing signed holds yet: it closes the period like any other, and
// is read as strictly.
TEST(OfficerTest, APendingEntryIsReadLikeAnyOther) {
  SampleLog log = MakeSample(600);
  const crypto::HmacKey key(*crypto::Secret<32>::FromBytes(
      *crypto::FromBase64(log.officer["activity_key"].get<std::string>())));
  log.officer["period"]["until"] = "2023-11-14T22:28:00.000Z";  // not before the last of the log
  Json row = log.officer["entries"].back();
  Json& proof = row["proof"];
  const auto randomness = *crypto::Secret<32>::FromBytes(
      *crypto::FromBase64(proof["actor_randomness"].get<std::string>()));
  const Bytes good = *crypto::FromBase64(proof["actor_part"].get<std::string>());
  ledger::ActorPart part = *ledger::ParseActorPart(good);
  part.time_ms += 3'600'000;
  for (const bool text : {true, false}) {
    part.role = text ? "adviser" : "\xff";
    const Bytes encoded = ledger::Encode(part);
    const ledger::Leaf leaf = ledger::MakeLeaf({}, ledger::Commit(randomness, "actor", encoded), {},
                                               internal::TagOf(key, 20));
    row["n"] = 20;
    row["index"] = 600;
    proof = {{"log_id", log.officer["log_id"]},
             {"leaf", crypto::ToBase64(leaf)},
             {"actor_part", crypto::ToBase64(encoded)},
             {"actor_randomness", crypto::ToBase64(randomness.Reveal())},
             {"proof_pending", true}};
    Json file = log.officer;
    file["entries"].push_back(row);
    const OfficerReport report = Officer(log, file);
    EXPECT_EQ(report.log.ok(), text);
    EXPECT_EQ(report.facts.closed_after, text);
    if (!text) {
      EXPECT_EQ(report.log.fault->path, "officer/entries/20/proof/actor_part");
    }
  }
}

// The account has 20 entries, n 0 to 19; the period holds 1 to 18.
TEST(OfficerTest, WhateverIsChangedOrLeftOutIsNamed) {
  SampleLog log = MakeSample(600);
  const std::string last_time = log.officer["period"]["until"];
  const Row rows[] = {
      {"one of the middle left out", [](Json& f) { f["entries"].erase(8); }, FaultKind::kGap,
       "officer n=8", 4 * 61 + 7},
      {"the neighbour before left out", [](Json& f) { f["entries"].erase(0); }, FaultKind::kScope,
       "officer/entries"},
      {"the neighbour after left out: a later entry could be of the period",
       [](Json& f) { f["entries"].erase(19); }, FaultKind::kScope, "officer n=19", 9 * 61 + 30},
      {"the last of the period left out as well",
       [](Json& f) {
         f["entries"].erase(19);
         f["entries"].erase(18);
       },
       FaultKind::kScope, "officer n=18", 9 * 61 + 7},
      {"the period longer than its neighbours",
       [](Json& f) {
         f["period"]["from"] = "2023-11-14T22:13:20.000Z";
         f["entries"].erase(0);
       },
       FaultKind::kScope, "officer/entries"},
      {"a period backwards", [](Json& f) { f["period"]["until"] = "2000-01-01T00:00:00.000Z"; },
       FaultKind::kForm, "officer/period"},
      {"a time that is none", [](Json& f) { f["period"]["until"] = "tomorrow"; }, FaultKind::kForm,
       "officer/period"},
      {"a day that is none", [](Json& f) { f["period"]["from"] = "2023-02-30T00:00:00.000Z"; },
       FaultKind::kForm, "officer/period"},
      {"a second that is none", [](Json& f) { f["period"]["from"] = "2023-11-14T22:13:60.000Z"; },
       FaultKind::kForm, "officer/period"},
      {"an hour that is none", [](Json& f) { f["period"]["from"] = "2023-11-13T24:00:00.000Z"; },
       FaultKind::kForm, "officer/period"},
      {"the year 0", [](Json& f) { f["period"]["from"] = "0000-11-14T22:13:20.000Z"; },
       FaultKind::kForm, "officer/period"},
      {"an entry of another log",
       [](Json& f) { f["entries"][5]["proof"]["log_id"] = "0000000000000000"; }, FaultKind::kForm,
       "officer/entries/5/proof"},
      {"an opening changed",
       [](Json& f) {
         Json& part = f["entries"][5]["proof"]["actor_part"];
         part = Flipped(part.get<std::string>(), 25);
       },
       FaultKind::kOpening, "officer/entries/5/proof/actor_part"},
      {"two exchanged", [](Json& f) { std::swap(f["entries"][5], f["entries"][6]); },
       FaultKind::kForm, "officer/entries/6"},
      {"one twice", [](Json& f) { f["entries"].insert(f["entries"].begin(), f["entries"][0]); },
       FaultKind::kForm, "officer/entries/1"},
      {"another number", [](Json& f) { f["entries"][5]["n"] = 6; }, FaultKind::kTag,
       "officer/entries/5"},
      {"another account's key",
       [](Json& f) { f["activity_key"] = Flipped(f["activity_key"].get<std::string>(), 3); },
       FaultKind::kTag, "officer/entries/0"},
      {"another log", [](Json& f) { f["log_id"] = "0000000000000000"; }, FaultKind::kForm,
       "officer"},
      {"no entries, though the account has some", [](Json& f) { f["entries"] = Json::array(); },
       FaultKind::kScope, "officer n=0", 7},
  };
  for (const Row& row : rows) {
    Json file = log.officer;
    row.change(file);
    const OfficerReport report = Officer(log, file);
    ASSERT_FALSE(report.log.ok()) << row.why;
    EXPECT_EQ(FaultName(report.log.fault->kind), FaultName(row.kind)) << row.why;
    EXPECT_EQ(report.log.fault->path, row.path) << row.why;
    EXPECT_EQ(report.log.fault->entry, row.entry) << row.why;
  }
  // Without the neighbour after, when the log has none: complete as of its size.
  Json open = log.officer;
  open["period"]["until"] = "2100-01-01T00:00:00.000Z";
  const OfficerReport report = Officer(log, open);
  EXPECT_TRUE(report.log.ok());
  EXPECT_FALSE(report.facts.closed_after);
  EXPECT_EQ(report.facts.inside, 19u);
}

}  // namespace
}  // namespace cloison::verify
