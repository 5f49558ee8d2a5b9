// What an officer is told of an account's period, through a whole vault.
#include <gtest/gtest.h>

#include <set>

#include "access/holds.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Activity;
using access::ActivityEntry;
using access::ActivityRequest;
using access::Holds;
using testing::TestVault;
using testing::Word;

constexpr std::int64_t kLater = 100 * base::kDayMs;

class ActivityTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(vault_.Start().ok()); }

  std::uint64_t Open(std::string_view who, std::size_t place,
                     const std::vector<std::string>& fields = {"identity.birth_name"}) {
    const auto shown = vault_.DiscloseAs(who, vault_.CaseloadOf(who)[place], fields, "support");
    CLOISON_CHECK(Word(shown) == "shown");
    return std::get<access::Disclosed>(*shown).records.front().recorded.front().index;
  }
  access::Outcome<Activity> Ask(std::string_view officer, const ActivityRequest& request) {
    return vault_.Wait(vault_.gate().holds().ReadActivity(vault_.As(officer), request));
  }
  ActivityRequest Whole(std::string_view who) const {
    ActivityRequest request;
    request.who = DemoPrincipalId(who);
    request.to_ms = vault_.clock.wall_ms() + kLater;
    return request;
  }
  // All pages of so many entries.
  std::vector<ActivityEntry> All(std::string_view officer, ActivityRequest request,
                                 std::size_t page) {
    std::vector<ActivityEntry> all;
    request.count = page;
    for (;;) {
      const auto outcome = Ask(officer, request);
      CLOISON_CHECK(outcome.ok() && std::holds_alternative<Activity>(*outcome));
      const Activity& activity = std::get<Activity>(*outcome);
      all.insert(all.end(), activity.entries.begin(), activity.entries.end());
      if (!activity.next.has_value()) return all;
      request.below = activity.next;
    }
  }

  TestVault vault_;
};

TEST_F(ActivityTest, WhoMayAndWhatIsRefused) {
  Open("adviser.ft", 0);
  const std::int64_t now = vault_.clock.wall_ms();
  const struct {
    const char* why;
    std::string_view officer, whom;
    std::int64_t from_ms, to_ms;
    std::size_t count;
    std::string_view want;
  } rows[] = {
      {"of itself an account is told nothing", "adviser.ft", "adviser.ft", 0, now + 1, 10,
       "no_right"},
      {"nor is who manages it", "manager.a", "adviser.ft", 0, now + 1, 10, "no_right"},
      {"nor the officer of privacy", "officer.privacy", "adviser.ft", 0, now + 1, 10, "no_right"},
      {"nobody of that name", "officer.security", "nobody", 0, now + 1, 10, "not_available"},
      {"it ends as it begins", "officer.security", "adviser.ft", now, now, 10, "error"},
      {"it ends before", "officer.security", "adviser.ft", now, now - 1, 10, "error"},
      {"before there was time", "officer.security", "adviser.ft", -1, now, 10, "error"},
      {"a page of none", "officer.security", "adviser.ft", 0, now + 1, 0, "error"},
      {"a page beyond the most", "officer.security", "adviser.ft", 0, now + 1,
       access::kActivityPageMax + 1, "error"},
      {"an officer of security", "officer.security", "adviser.ft", 0, now + 1, 10, "shown"},
      {"of another organisation's account", "officer.security", "adviser.ce", 0, now + 1,
       access::kActivityPageMax, "shown"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    ActivityRequest request;
    request.who = DemoPrincipalId(row.whom);
    request.from_ms = row.from_ms;
    request.to_ms = row.to_ms;
    request.count = row.count;
    EXPECT_EQ(Word(Ask(row.officer, request)), row.want);
  }
  ActivityRequest beyond = Whole("adviser.ft");
  beyond.below = ledger::PlaceOf(1, 1'000);
  EXPECT_EQ(Word(Ask("officer.security", beyond)), "error") << "a place it has not come to";
}

TEST_F(ActivityTest, TellsEveryEntryOnceAndNobodyElses) {
  std::set<std::uint64_t> opened;
  for (std::size_t i = 0; i < 7; ++i) opened.insert(Open("adviser.ft", i % 5));
  const std::uint64_t others = Open("adviser.ce", 0);
  EXPECT_EQ(Word(vault_.DiscloseAs("adviser.ft", vault_.world().stranger.person, {"contact.phone"},
                                   "support")),
            "not_available");
  for (const std::size_t page : {1u, 2u, 3u, 100u}) {
    SCOPED_TRACE(page);
    const auto all = All("officer.security", Whole("adviser.ft"), page);
    std::set<std::uint64_t> shown, persons;
    std::set<access::Pseudonym> people;
    std::uint64_t refused = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_NE(all[i].index, others);
      EXPECT_EQ(all[i].n, all.size() - 1 - i) << "no gap, the newest first";
      EXPECT_TRUE(all[i].session.has_value());
      if (!all[i].about_somebody) {
        ++refused;
        EXPECT_FALSE(all[i].person.has_value());
        continue;
      }
      shown.insert(all[i].index);
      people.insert(*all[i].person);
      EXPECT_EQ(all[i].fields.size(), 1u);
      EXPECT_EQ(all[i].form, ledger::Form::kPlain);
      EXPECT_EQ(all[i].purpose, "support");
    }
    EXPECT_EQ(shown, opened);
    EXPECT_EQ(people.size(), 5u) << "a pseudonym for each of them";
    EXPECT_EQ(refused, 1u);
  }
}

TEST_F(ActivityTest, APeriodIsHalfOpen) {
  std::vector<std::int64_t> at;
  for (std::size_t i = 0; i < 4; ++i) {
    at.push_back(vault_.clock.wall_ms());
    Open("adviser.ft", i);
    vault_.clock.Advance(base::kHourMs);
  }
  const struct {
    const char* why;
    std::int64_t from_ms, to_ms;
    std::size_t want;
  } rows[] = {
      {"all", 0, at[3] + 1, 4},
      {"its begin is in it", at[1], at[3] + 1, 3},
      {"its end is not", at[0], at[3], 3},
      {"a millisecond", at[2], at[2] + 1, 1},
      {"between two", at[1] + 1, at[2], 0},
      {"before all", 1, at[0], 0},
      {"after all", at[3] + 1, at[3] + 2, 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    ActivityRequest request = Whole("adviser.ft");
    request.from_ms = row.from_ms;
    request.to_ms = row.to_ms;
    EXPECT_EQ(All("officer.security", request, 100).size(), row.want);
    EXPECT_EQ(All("officer.security", request, 1).size(), row.want);
  }
}

// The same person to one officer, whoever of one organisation looked; to another officer, and where
// another organisation looked, somebody else: no officer joins what the two know.
TEST_F(ActivityTest, PseudonymsAreOneOfficersOwn) {
  Open("adviser.ft", 0);
  const PersonId person = vault_.CaseloadOf("adviser.ft")[0];
  ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ft.002", person, {"identity.birth_name"}, "reception")),
            "shown");
  const auto pseudonym = [this](std::string_view officer, std::string_view who) {
    return *All(officer, Whole(who), 100).front().person;
  };
  const access::Pseudonym mine = pseudonym("officer.security", "adviser.ft");
  EXPECT_EQ(mine, pseudonym("officer.security", "adviser.ft.002"));
  EXPECT_NE(mine, pseudonym("officer.security.b", "adviser.ft"));
  const PersonId both = vault_.CaseloadOf("adviser.ce")[0];
  const std::vector<std::string> name{"identity.birth_name"};
  ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ce", both, name, "adaptation")), "shown");
  ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ft", both, name, "reception")), "shown");
  EXPECT_NE(pseudonym("officer.security", "adviser.ft"),
            pseudonym("officer.security", "adviser.ce"));
  const auto session = All("officer.security", Whole("adviser.ft"), 100).front().session;
  EXPECT_NE(session, All("officer.security.b", Whole("adviser.ft"), 100).front().session);
}

TEST_F(ActivityTest, ASealedAccessHasNoPseudonym) {
  const PersonId person = vault_.CaseloadOf("adviser.ft")[0];
  ASSERT_EQ(Word(vault_.DiscloseAs("investigator", person, {"contact.phone"}, "judicial")),
            "shown");
  const auto all = All("officer.security", Whole("investigator"), 100);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_TRUE(all[0].about_somebody && all[0].sealed);
  EXPECT_FALSE(all[0].person.has_value());
}

// The rows that lead to entries are anybody's who can write the store.
TEST_F(ActivityTest, AMissingEntryIsNoAnswer) {
  Open("adviser.ft", 0);
  Open("adviser.ft", 1);
  ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
  ASSERT_TRUE(vault_.Stop().ok());
  for (const store::KeyedRow& row : vault_.Rows(store::Family::kActivity)) {
    vault_.Delete(store::Family::kActivity, row.key);
  }
  ASSERT_TRUE(vault_.Open().ok());
  const auto read = Ask("officer.security", Whole("adviser.ft"));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), Code::kCorrupt);
  EXPECT_GE(vault_.events.Count("an_activity_is_damaged"), 1u);
}

TEST_F(ActivityTest, ReadingItIsAnEntry) {
  const std::uint64_t before = vault_.vault().ledger().size();
  const auto read = Ask("officer.security", Whole("adviser.ft"));
  ASSERT_EQ(Word(read), "shown");
  EXPECT_EQ(std::get<Activity>(*read).recorded.index, before);
  const auto own = All("officer.security", Whole("officer.security"), 100);
  ASSERT_FALSE(own.empty());
  EXPECT_EQ(own.back().kind, ledger::Kind::kIncident);
}

}  // namespace
}  // namespace cloison::vault
