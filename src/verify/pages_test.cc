// The pages of a person's trail together, and rows of other logs.
#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/context.h"
#include "ledger/entry.h"
#include "verify/testing/sample_log.h"

namespace cloison::verify {
namespace {

using testing::Flipped;
using testing::Json;
using testing::MakeSample;
using testing::PagesOf;
using testing::Person;
using testing::SampleLog;

TEST(PersonTest, PagesFollowEachOther) {
  SampleLog log = MakeSample(600);  // numbers 0 to 9
  Json newer = log.person, older = log.person;
  newer["proofs"]["covers"]["first"] = 4;
  older["proofs"]["covers"]["end"] = 4;
  newer["proofs"]["expired"] = Json::array();
  for (Json* page : {&newer, &older}) (*page)["items"] = Json::array();
  for (const Json& row : log.person["items"]) {
    (row["n"] >= 4 ? newer : older)["items"].push_back(row);
  }
  const auto both = *VerifyPerson(log.source, log.options, PagesOf({newer, older}));
  EXPECT_TRUE(both.log.ok()) << Describe(*both.log.fault);
  EXPECT_EQ(both.facts.end, 10u);
  EXPECT_TRUE(Person(log, newer).log.ok());
  // The older page alone: six numbers follow that the log had.
  const PersonReport alone = Person(log, older);
  ASSERT_FALSE(alone.log.ok());
  EXPECT_EQ(alone.log.fault->kind, FaultKind::kLater);
  EXPECT_EQ(alone.log.fault->path, "person n=4");
  EXPECT_EQ(alone.log.fault->entry, 4u * 61 + 7);
  older["proofs"]["covers"]["end"] = 3;  // n 3 is the expired one
  older["proofs"]["expired"] = Json::array();
  const auto apart = *VerifyPerson(log.source, log.options, PagesOf({newer, older}));
  ASSERT_FALSE(apart.log.ok());
  EXPECT_EQ(apart.log.fault->kind, FaultKind::kGap);
  EXPECT_EQ(apart.log.fault->path, "person n=3");
  // Two pages that say they answer for one number; and one page twice.
  older["proofs"]["covers"]["end"] = 5;
  const auto overlap = *VerifyPerson(log.source, log.options, PagesOf({newer, older}));
  ASSERT_FALSE(overlap.log.ok());
  EXPECT_EQ(overlap.log.fault->kind, FaultKind::kForm);
  EXPECT_EQ(overlap.log.fault->path, "person n=4");
  const auto twice = *VerifyPerson(log.source, log.options, PagesOf({newer, newer}));
  ASSERT_FALSE(twice.log.ok());
  EXPECT_EQ(twice.log.fault->path, "person#2/items/0");
}

// Each page is read by an entry of its own: a later page knows of a larger log than the first, and
// its numbers have an end below.
TEST(PersonTest, TheNewestPageSaysWhatTheLogHad) {
  SampleLog log = MakeSample(600);
  Json newer = MakeSample(300).person, older = log.person;  // numbers 0 to 4, and 0 to 9
  newer["proofs"]["covers"]["first"] = 2;
  older["proofs"]["covers"]["end"] = 2;
  older["items"] = Json::array({log.person["items"][7], log.person["items"][8]});
  older["proofs"]["expired"] = Json::array();
  Json left = Json::array();
  for (const Json& row : newer["items"]) {
    if (row["n"] >= 2) left.push_back(row);
  }
  newer["items"] = left;
  newer["receipt"] = {{"log", log.options.key.name()}, {"index", 4 * 61 + 7}};
  older["receipt"] = {{"log", log.options.key.name()}, {"index", 5 * 61 + 7}};
  const auto honest = [&] {
    return *VerifyPerson(log.source, log.options, PagesOf({newer, older}));
  };
  PersonReport report = honest();
  ASSERT_TRUE(report.log.ok()) << Describe(*report.log.fault);
  EXPECT_EQ(report.facts.end, 5u);
  EXPECT_EQ(report.facts.later, 5u);
  // Of another log: it says nothing of this one.
  newer["receipt"] = {{"log", "other.example"}, {"index", 9 * 61 + 7}};
  EXPECT_TRUE(honest().log.ok());
  newer["receipt"]["log"] = log.options.key.name();
  report = honest();
  ASSERT_FALSE(report.log.ok());
  EXPECT_EQ(report.log.fault->kind, FaultKind::kLater);
  EXPECT_EQ(report.log.fault->path, "person n=5");
}

// The same access as an entry of a closed log would be.
Json OfAnotherLog(Json row) {
  Json& proof = row["proof"];
  Bytes leaf = *crypto::FromBase64(proof["leaf"].get<std::string>());
  const struct {
    const char* name;
    Literal label;
    std::size_t at;
  } sides[] = {{"subject", "subj", 2}, {"actor", "actor", 34}};
  for (const auto& side : sides) {
    const std::string part_name = std::string(side.name) + "_part";
    Bytes part = *crypto::FromBase64(proof[part_name].get<std::string>());
    std::fill_n(part.begin() + 3, 8, std::uint8_t{0});  // log_id
    const std::string name = std::string(side.name) + "_randomness";
    const auto randomness =
        *crypto::Secret<32>::FromBytes(*crypto::FromBase64(proof[name].get<std::string>()));
    std::ranges::copy(ledger::Commit(randomness, side.label, part),
                      leaf.begin() + static_cast<std::ptrdiff_t>(side.at));
    proof[part_name] = crypto::ToBase64(part);
  }
  proof["leaf"] = crypto::ToBase64(leaf);
  proof["log_id"] = "0000000000000000";
  return row;
}

TEST(PersonTest, PagesAndAccessesOfAnotherLogAreForItsKey) {
  SampleLog log = MakeSample(600);
  const Json closed = MakeSample(300, 2).person;
  const auto both = *VerifyPerson(log.source, log.options, PagesOf({log.person, closed}));
  EXPECT_TRUE(both.log.ok()) << Describe(*both.log.fault);
  EXPECT_EQ(both.facts.rows, 9u);
  EXPECT_EQ(both.facts.elsewhere, 5u);
  // Brought to light here, recorded there.
  SampleLog successor = MakeSample(600, 1, 2, 1);
  Json file = successor.person;
  file["items"][3]["unsealed"] = OfAnotherLog(successor.person["items"][3]["unsealed"]);
  const PersonReport report = Person(successor, file);
  EXPECT_TRUE(report.log.ok()) << Describe(*report.log.fault);
  EXPECT_EQ(report.facts.elsewhere, 1u);
  EXPECT_EQ(report.facts.unsealed, 0u);
  // Its key is needed for nothing of this.
  const Json good = file["items"][3]["unsealed"];
  const struct {
    const char* why;
    const char* pointer;
    Json value;
  } wrong[] = {
      {"index", "/index", good["index"].get<int>() + 1},
      {"fields", "/fields", Json::array({"contact.phone"})},
      {"form", "/form", "masked"},
      {"purpose", "/purpose", "own"},
      {"C_subj", "/proof/leaf", Flipped(good["proof"]["leaf"], 2)},
      {"C_actor", "/proof/leaf", Flipped(good["proof"]["leaf"], 34)},
      {"log_id", "/proof/log_id", "0000000000000001"},
      {"no log_id", "/proof/log_id", "00"},
      {"another access", "", OfAnotherLog(successor.person["items"][0])},
  };
  for (const auto& one : wrong) {
    file["items"][3]["unsealed"] = good;
    file["items"][3]["unsealed"][Json::json_pointer(one.pointer)] = one.value;
    EXPECT_FALSE(Person(successor, file).log.ok()) << one.why;
  }
}

// As the pages of a log that a recovery ceremony closed.
TEST(PersonTest, RowsWithoutAProofAreHeldAgainstTheLog) {
  SampleLog log = MakeSample(600);
  const auto without = [&log](const char* said, const Json& value) {
    Json file = log.person;
    const auto change = [&](Json& proof) {
      proof.erase("tlog_proof");
      proof.erase("published");
      proof[said] = value;
    };
    for (Json& row : file["items"]) {
      change(row["proof"]);
      if (row.contains("unsealed")) change(row["unsealed"]["proof"]);
    }
    for (Json& one : file["proofs"]["expired"]) change(one["proof"]);
    return file;
  };
  for (const char* said : {"closed", "proof_pending"}) {
    const PersonReport report = Person(log, without(said, true));
    EXPECT_TRUE(report.log.ok()) << said << " " << Describe(*report.log.fault);
    EXPECT_EQ(report.facts.rows, 9u);
    Json moved = without(said, true);
    moved["items"][2]["index"] = moved["items"][2]["index"].get<std::uint64_t>() + 1;
    EXPECT_FALSE(Person(log, moved).log.ok()) << said;
    for (const Json& no : {Json(false), Json("true"), Json(1), Json()}) {
      const PersonReport unsaid = Person(log, without(said, no));
      ASSERT_FALSE(unsaid.log.ok()) << said << no.dump();
      EXPECT_EQ(unsaid.log.fault->kind, FaultKind::kForm) << said << no.dump();
    }
  }
}

// The leaf of an unseal says in which log the access is: no other one's passes for it, be it of the
// same index.
TEST(PersonTest, AnUnsealNamesTheLogOfItsAccess) {
  const struct {
    const char* why;
    std::uint32_t generation, named;
    bool said_elsewhere, good;
  } kRows[] = {
      {"the first log", 1, 1, false, true},
      {"a successor", 2, 2, false, true},
      {"a closed log's, and another is shown", 2, 1, false, false},
      {"a later log's, and another is shown", 1, 2, false, false},
      {"a later log's, of a successor", 2, 3, false, false},
      {"a closed log's", 3, 1, true, true},
      {"this log's, and the file says another's", 1, 1, true, false},
      {"the successor's, and the file says another's", 2, 2, true, false},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.why);
    SampleLog log = MakeSample(600, 1, row.generation, row.named);
    Json file = log.person;
    if (row.said_elsewhere) {
      file["items"][3]["unsealed"] = OfAnotherLog(log.person["items"][3]["unsealed"]);
    }
    const PersonReport report = Person(log, file);
    ASSERT_EQ(report.log.ok(), row.good);
    if (row.good) continue;
    EXPECT_EQ(report.log.fault->kind, FaultKind::kOpening);
    EXPECT_EQ(report.log.fault->path, "person/items/3/unsealed");
  }
}

}  // namespace
}  // namespace cloison::verify
