// What fields were before, kept with the record: who may read it reads it, who may change the
// record does not change it, and it goes in its time.
#include <gtest/gtest.h>

#include <algorithm>

#include "records/bulk_register.h"
#include "text/date.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using testing::TestVault;
using testing::Word;

constexpr const char* kSchema = R"(
name = "people"
register = 9
version = 1
capacity = 1_000

[[compartment]]
id = 1
name = "contact"
least = 64

[[compartment.field]]
id = 1
name = "name"
type = "name"
required = true

[[compartment.field]]
id = 2
name = "phone"
type = "phone"
index = "phone"
history = true

[[compartment.field]]
id = 3
name = "city"
type = "text"
bytes_max = 64
history = true

[[compartment]]
id = 2
name = "history"
least = 32

[[compartment.field]]
id = 4
name = "previous"
type = "history"
bytes_max = 420
keep_days = 30
)";

constexpr const char* kPolicy = R"(
version = 1

[[organisation]]
id = 1
name = "Agency"

[[class]]
name = "wide"
opened = [99, 99, 99, 99]
opened_off_caseload = [99, 99, 99, 99]
sensitive = [99, 99, 99, 99]
glimpsed = [99, 99, 99, 99]
glimpsed_off_caseload = [99, 99, 99, 99]

[[role]]
name = "clerk"
kind = "agent"
class = "wide"

[[role]]
name = "dater"
kind = "agent"
class = "wide"

[[role]]
name = "application"
kind = "application"
class = "wide"
rights = ["register", "update", "assign"]

[[role]]
name = "system"
kind = "system"
class = "wide"

[[purpose]]
name = "desk"
text_fr = "Servir."
text_en = "Serve."

[[purpose]]
name = "leak"
text_fr = "Dater une fuite."
text_en = "Date a leak."

[[grant]]
role = "clerk"
purpose = "desk"
relation = "any"
form = "plain"
fields = ["contact"]

[[grant]]
role = "clerk"
purpose = "desk"
relation = "any"
form = "exists"
fields = ["history.previous"]

[[grant]]
role = "dater"
purpose = "leak"
relation = "any"
form = "plain"
fields = ["history.previous", "contact.phone"]
)";

class History : public ::testing::Test {
 protected:
  History() {
    std::vector<std::string> problems;
    auto schema = records::Schema::Parse(kSchema, &problems);
    for (const std::string& problem : problems) ADD_FAILURE() << problem;
    CLOISON_CHECK(schema.ok());
    auto policy = access::Policy::Parse(kPolicy, **schema, &problems);
    for (const std::string& problem : problems) ADD_FAILURE() << problem;
    CLOISON_CHECK(policy.ok());
    vault_.SetRegister(*schema, *policy);
    CLOISON_CHECK(vault_.Create().ok() && vault_.Open().ok());
    CLOISON_CHECK(vault_.Wait(vault_.vault().EnrolOrganisation(OrganisationId(1))).ok());
    std::vector<access::PrincipalInfo> infos;
    for (const auto& [name, role] : {std::pair("clerk", "clerk"), std::pair("dater", "dater"),
                                     std::pair("app", "application")}) {
      infos.push_back({DemoPrincipalId(name), OrganisationId(1), {}, role, name, false, {}});
    }
    CLOISON_CHECK(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
    const auto registered = vault_.RegisterAs(
        "app", {{"contact.name", "Durand"}, {"contact.phone", "0639980001"}}, "k");
    CLOISON_CHECK(Word(registered) == "shown");
    code_ = std::get<access::Registered>(*registered).code.Text();
  }

  std::string_view Change(const TestVault::Texts& texts) {
    const auto word = Word(vault_.UpdateAs("app", code_, version_, texts));
    version_ += word == "shown" ? 1 : 0;
    return word;
  }
  // Its lines, without the times; nothing: refused.
  std::optional<std::vector<std::string>> Previous(std::string_view who, const char* purpose) {
    const auto shown = vault_.DiscloseCodesAs(who, {code_}, {"history.previous"}, purpose);
    if (Word(shown) != "shown") return std::nullopt;
    std::vector<std::string> lines;
    for (const records::OpenedValue& value :
         std::get<access::Disclosed>(*shown).records.front().values) {
      std::string_view left = AsText(value.text.Reveal());
      while (!left.empty()) {
        const std::size_t end = std::min(left.find('\n'), left.size());
        lines.emplace_back(left.substr(25, end - 25));
        left.remove_prefix(std::min(end + 1, left.size()));
      }
    }
    return lines;
  }

  // What lies in the row, whoever is shown it.
  std::size_t LinesAtRest() {
    const auto person = vault_.vault().codes().Decode(OrganisationId(1), code_);
    const auto sighting = vault_.Wait(vault_.vault().people().Sight(*person));
    CLOISON_CHECK(sighting.ok());
    const auto values =
        records::internal::OpenWholeRow(vault_.vault().schema(), sighting->key, sighting->row);
    CLOISON_CHECK(values.ok());
    for (const records::Value& value : *values) {
      if (value.field != FieldId(4)) continue;
      return 1 + static_cast<std::size_t>(std::ranges::count(AsText(value.text.Reveal()), '\n'));
    }
    return 0;
  }
  bool Has() {
    const auto person = vault_.vault().codes().Decode(OrganisationId(1), code_);
    const auto sighting = vault_.Wait(vault_.vault().people().Sight(*person));
    const auto has = records::Matcher(vault_.vault().people()).Has(*sighting, FieldId(4));
    CLOISON_CHECK(has.ok());
    return *has;
  }

  TestVault vault_;
  std::string code_;
  std::uint64_t version_ = 1;
};
using Lines = std::vector<std::string>;

TEST_F(History, KeepsWhatWasReplacedOrEmptied) {
  EXPECT_EQ(Previous("dater", "leak"), Lines{});
  ASSERT_EQ(Change({{"contact.phone", "0639980002"}}), "shown");
  EXPECT_EQ(Previous("dater", "leak"), Lines{"contact.phone +33639980001"});
  ASSERT_EQ(Change({{"contact.city", "Lyon"}}), "shown");
  EXPECT_EQ(Previous("dater", "leak"), Lines{"contact.phone +33639980001"})
      << "there was nothing before";
  ASSERT_EQ(Change({{"contact.city", ""}, {"contact.phone", "0639980003"}}), "shown");
  EXPECT_EQ(Previous("dater", "leak"), (Lines{"contact.phone +33639980002", "contact.city Lyon",
                                              "contact.phone +33639980001"}));
  ASSERT_EQ(Change({{"contact.name", "Martin"}}), "shown");
  EXPECT_EQ(Previous("dater", "leak")->size(), 3u) << "of marked fields alone";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Previous("dater", "leak")->size(), 3u);
}

TEST_F(History, SaysUntilWhen) {
  vault_.clock.StepWall(5 * base::kDayMs);
  ASSERT_EQ(Change({{"contact.phone", "0639980002"}}), "shown");
  const std::int64_t changed_ms = vault_.vault().committer().Now().wall_ms;
  const auto shown = vault_.DiscloseCodesAs("dater", {code_}, {"history.previous"}, "leak");
  ASSERT_EQ(Word(shown), "shown");
  const records::OpenedValue& value =
      std::get<access::Disclosed>(*shown).records.front().values.front();
  const auto time = text::ParseUtcMs(AsText(value.text.Reveal()).substr(0, 24));
  ASSERT_TRUE(time.ok());
  EXPECT_LE(std::abs(*time - changed_ms), base::kMinuteMs);
}

TEST_F(History, GoesInItsTime) {
  ASSERT_EQ(Change({{"contact.phone", "0639980002"}}), "shown");
  vault_.clock.Advance(20 * base::kDayMs);
  ASSERT_EQ(Change({{"contact.phone", "0639980003"}}), "shown");
  EXPECT_EQ(Previous("dater", "leak")->size(), 2u);
  vault_.clock.Advance(11 * base::kDayMs);
  EXPECT_EQ(Previous("dater", "leak"), Lines{"contact.phone +33639980002"})
      << "after its days nobody is shown it";
  EXPECT_EQ(LinesAtRest(), 2u);
  ASSERT_EQ(Change({{"contact.name", "Martin"}}), "shown");
  EXPECT_EQ(LinesAtRest(), 1u) << "with the next change it goes";
  EXPECT_EQ(Previous("dater", "leak"), Lines{"contact.phone +33639980002"});
  EXPECT_TRUE(Has());
  vault_.clock.Advance(20 * base::kDayMs);
  EXPECT_EQ(Previous("dater", "leak"), Lines{});
  EXPECT_FALSE(Has()) << "nor is anybody told that there is one";
}

// A clock that is set wrong for a moment takes nothing.
TEST_F(History, NoStepOfTheWallClockEndsIt) {
  ASSERT_EQ(Change({{"contact.phone", "0639980002"}}), "shown");
  vault_.clock.StepWall(4'000 * base::kDayMs);
  EXPECT_EQ(Previous("dater", "leak")->size(), 1u);
  ASSERT_EQ(Change({{"contact.phone", "0639980003"}}), "shown");
  vault_.clock.StepWall(-4'000 * base::kDayMs);
  EXPECT_EQ(Previous("dater", "leak")->size(), 2u);
  EXPECT_EQ(LinesAtRest(), 2u);
}

TEST_F(History, NobodyBringsOneAlong) {
  records::Values values = vault_.ValuesOf({{"contact.name", "Durand"}});
  values.push_back({FieldId(4), crypto::SecretBytes::CopyOf(AsBytes("x"))});
  const records::BulkRegister bulk(vault_.vault().people(),
                                   {vault_.files, vault_.vault().spill_directory()});
  EXPECT_EQ(bulk.Prepare(values).error().code(), Code::kInvalid);
}

TEST_F(History, TheOldestMakeRoom) {
  for (int i = 0; i < 30; ++i) {
    const std::string phone = "06399800" + std::to_string(10 + i);
    ASSERT_EQ(Change({{"contact.phone", phone}}), "shown") << i;
  }
  const auto previous = Previous("dater", "leak");
  ASSERT_EQ(previous->size(), 8u) << "lines of 52 bytes in 420";
  EXPECT_EQ(previous->front(), "contact.phone +33639980038");
}

TEST_F(History, IsReadByWhoMayAndWrittenByNobody) {
  ASSERT_EQ(Change({{"contact.phone", "0639980002"}}), "shown");
  EXPECT_EQ(Previous("clerk", "desk"), std::nullopt);
  const records::FieldSpec* const field = vault_.vault().schema().Find("history.previous");
  ASSERT_NE(field, nullptr);
  EXPECT_EQ(vault_.vault().schema().Canonical(*field, "x", false).error().code(), Code::kInvalid);
  for (const bool empties : {false, true}) {
    std::vector<records::FieldChange> changes;
    changes.push_back({field->id, std::nullopt});
    if (!empties) changes[0].text = crypto::SecretBytes::CopyOf(AsBytes("x"));
    const auto outcome = vault_.Wait(vault_.gate().Update(vault_.As("app"), code_, version_,
                                                          std::move(changes), {"update", ""}));
    ASSERT_FALSE(outcome.ok()) << empties;
    EXPECT_EQ(outcome.error().code(), Code::kInvalid);
  }
  EXPECT_EQ(Previous("dater", "leak"), Lines{"contact.phone +33639980001"});
}

}  // namespace
}  // namespace cloison::vault
