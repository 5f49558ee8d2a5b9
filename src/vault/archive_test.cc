// The archive: people past it are nobody to ordinary roles; an archivist reaches one at a time,
// with a motive; one's own record stays one's own.
#include <gtest/gtest.h>

#include "access/citizens.h"
#include "access/explanations.h"
#include "text/date.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using testing::SmallWorld;
using testing::TestVault;
using testing::Word;

constexpr std::int64_t kAfterDays = 730;

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CLOISON_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

class ArchiveTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string toml =
        Replaced(vault_.policy->document(), "class = \"investigator\"\nsealed = true",
                 "class = \"investigator\"\nsealed = true\narchive = true") +
        "\n[archive]\nfield = \"status.until\"\nafter_days = " + std::to_string(kAfterDays) + "\n";
    std::vector<std::string> problems;
    const auto schema = DemoSchema(SmallWorld());
    auto policy = access::Policy::Parse(toml, *schema, &problems);
    ASSERT_TRUE(policy.ok());
    vault_.policy = *policy;
    ASSERT_TRUE(vault_.Start().ok());
    person_ = vault_.world().citizen_one.person;
    code_ = vault_.CodeFor("app.case", *person_);
  }

  // The person's registration ended so many days ago; a negative number: it has no end.
  void EndedDaysAgo(std::int64_t days) {
    const std::int64_t today = vault_.clock.wall_ms() / base::kDayMs;
    const std::string until = text::FormatDate(text::DateOfDays(today - days));
    const auto updated = vault_.UpdateAs("app.case", code_, version_, {{"status.until", until}});
    ASSERT_EQ(Word(updated), "shown");
    version_ = std::get<access::Registered>(*updated).version;
  }
  std::string_view Ask(std::string_view who, const std::vector<std::string>& codes,
                       const std::string& purpose, const std::string& case_ref) {
    access::DisclosureRequest request{
        codes, vault_.Fields({"identity.birth_name"}), {purpose, case_ref}};
    return Word(vault_.Wait(vault_.gate().Disclose(vault_.As(who), std::move(request))));
  }
  std::string_view Adviser() { return Ask("adviser.ft", {code_}, "support", "case-1"); }
  std::string_view Archivist(const std::string& case_ref = "order-7") {
    return Ask("investigator", {code_}, "judicial", case_ref);
  }

  // Somebody else, who is in the archive or is not.
  void Register(const std::string& last, const std::string& first, bool archived) {
    const std::int64_t today = vault_.clock.wall_ms() / base::kDayMs;
    const auto until = text::DateOfDays(archived ? today - kAfterDays - 1 : today);
    const auto made = vault_.RegisterAs("app.case",
                                        {{"identity.birth_name", last},
                                         {"identity.first_name", first},
                                         {"identity.birth_date", "1931-02-03"},
                                         {"status.until", text::FormatDate(until)}},
                                        "key-" + std::to_string(++registered_));
    ASSERT_EQ(Word(made), "shown");
  }
  // How many are shown to an adviser; 100 more when another criterion is asked for.
  std::size_t Found(const std::string& last, const std::string& first) {
    Result<records::SearchForms> forms =
        records::SearchForms::Of(records::SearchTexts{{last}, first, "1931-02-03", ""});
    CLOISON_CHECK(forms.ok());
    access::LookupRequest request{{0, {}}, {"reception", "case-1"}};
    request.search = std::make_shared<const records::SearchForms>(std::move(*forms));
    const auto found =
        vault_.Wait(vault_.gate().LookUp(vault_.As("adviser.ft"), std::move(request)));
    CLOISON_CHECK(Word(found) == "shown");
    const auto& seen = std::get<access::LookedUp>(*found);
    return seen.rows.size() + (seen.narrow ? 100 : 0);
  }

  TestVault vault_;
  int registered_ = 0;
  std::optional<PersonId> person_;
  std::string code_;
  std::uint64_t version_ = 1;
};

TEST_F(ArchiveTest, IsInNoOverview) {
  const auto rows = [this] {
    const auto outcome =
        vault_.Wait(vault_.gate().explanations().OwnCaseload(vault_.As("adviser.ft")));
    CLOISON_CHECK(Word(outcome) == "shown");
    return std::get<access::Explanations::Overview>(*outcome).people.size();
  };
  const std::size_t all = rows();
  EndedDaysAgo(kAfterDays + 1);
  EXPECT_EQ(rows(), all - 1);
}

TEST_F(ArchiveTest, BeginsTheDayAfter) {
  EXPECT_EQ(Adviser(), "shown");
  EndedDaysAgo(kAfterDays);
  EXPECT_EQ(Adviser(), "shown");
  EndedDaysAgo(kAfterDays + 1);
  EXPECT_EQ(Adviser(), "not_available");
  EndedDaysAgo(1);
  EXPECT_EQ(Adviser(), "shown");
  vault_.clock.Advance(kAfterDays * base::kDayMs);
  EXPECT_EQ(Adviser(), "not_available") << "by time alone";
}

TEST_F(ArchiveTest, LooksLikeNobody) {
  EndedDaysAgo(10'000);
  const auto archived =
      vault_.DiscloseCodesAs("adviser.ft", {code_}, {"identity.birth_name"}, "support");
  const std::string nobody = vault_.CodeFor("adviser.ft", PersonId(ByteArray<8>{9, 9, 9}));
  const auto absent =
      vault_.DiscloseCodesAs("adviser.ft", {nobody}, {"identity.birth_name"}, "support");
  ASSERT_EQ(Word(archived), "not_available");
  ASSERT_EQ(Word(absent), "not_available");
  EXPECT_EQ(testing::RefusalOf(archived).rule, testing::RefusalOf(absent).rule);
  const auto& left = testing::RefusalOf(archived).budget->left;
  const auto& then = testing::RefusalOf(absent).budget->left;
  const auto glimpsed = static_cast<std::size_t>(access::Counter::kGlimpsed);
  EXPECT_EQ(left[glimpsed][0], then[glimpsed][0] + 1) << "each is charged";
  // Nothing of it is in the person's trail.
  const auto trail = vault_.TrailOf("citizen.one");
  for (const access::Look& look : std::get<access::Trail>(*trail).looks) {
    EXPECT_NE(look.kind, ledger::Kind::kRefusal);
  }
}

TEST_F(ArchiveTest, ASearchDoesNotFindThem) {
  const auto look_up = [this] {
    const auto found = vault_.LookUpAs("adviser.ft", "phone", "0612345678", "reception");
    CLOISON_CHECK(found.ok() && std::holds_alternative<access::LookedUp>(*found));
    return std::get<access::LookedUp>(*found).rows.size();
  };
  const auto updated =
      vault_.UpdateAs("app.case", code_, version_, {{"contact.phone", "0612345678"}});
  ASSERT_EQ(Word(updated), "shown");
  version_ = std::get<access::Registered>(*updated).version;
  EXPECT_EQ(look_up(), 1u);
  EndedDaysAgo(10'000);
  EXPECT_EQ(look_up(), 0u);
}

TEST_F(ArchiveTest, AnArchivistReachesOneAtATimeWithAMotive) {
  EndedDaysAgo(10'000);
  EXPECT_EQ(Archivist(), "shown");
  EXPECT_EQ(Archivist(""), "not_available") << "without a motive";
  const std::string other = vault_.CodeFor("adviser.ft", vault_.CaseloadOf("adviser.ft")[3]);
  EXPECT_EQ(Ask("investigator", {other}, "judicial", "order-7"), "shown");
  EXPECT_EQ(Ask("investigator", {code_, other}, "judicial", "order-7"), "not_available");
}

TEST_F(ArchiveTest, OnesOwnRecordStaysOnesOwn) {
  EndedDaysAgo(10'000);
  EXPECT_EQ(Word(vault_.DiscloseOwn("citizen.one", {"identity.birth_name"})), "shown");
}

TEST_F(ArchiveTest, NobodyWritesToThem) {
  const auto issue = [this] {
    return Word(vault_.Wait(
        vault_.gate().citizens().IssueCode(vault_.As("app.case"), code_, {"citizen", "L-1"})));
  };
  EndedDaysAgo(kAfterDays + 1);
  EXPECT_EQ(issue(), "not_available");
  EndedDaysAgo(kAfterDays);
  EXPECT_EQ(issue(), "shown");
}

// What a search shows of others is the same whether somebody is in the archive or nobody is.
TEST_F(ArchiveTest, ASearchByNameIsAnsweredAsIfTheyWereNotThere) {
  Register("Quemenre", "Gwenola", false);
  ASSERT_EQ(Found("Quemener", "Gwenola"), 1u) << "one slip";
  Register("Quemener", "Gwenola", true);
  EXPECT_EQ(Found("Quemener", "Gwenola"), 1u) << "equal in everything, and in the archive";
  for (int i = 0; i < 11; ++i) Register("Zylberstein", "Aldegonde", true);
  EXPECT_EQ(Found("Zylberstein", "Aldegonde"), 0u) << "too many, all of them in the archive";
  Register("Zylberstein", "Aldegonde", false);
  EXPECT_EQ(Found("Zylberstein", "Aldegonde"), 1u) << "and one who is not";
}

}  // namespace
}  // namespace cloison::vault
