#include "records/search.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "records/testing/world.h"

namespace cloison::records {
namespace {

using testing::NamedTexts;
using testing::World;

SearchForms Forms(std::vector<std::string_view> last, std::string_view first,
                  std::string_view birth = "", std::string_view postcode = "") {
  Result<SearchForms> forms = SearchForms::Of(SearchTexts{std::move(last), first, birth, postcode});
  CLOISON_CHECK(forms.ok());
  return std::move(*forms);
}

std::vector<std::string> KeysOf(const SearchForms& forms) {
  std::vector<std::string> keys;
  for (const Criterion& key : SearchKeys(forms)) {
    std::string text =
        std::to_string(key.index) + " " + std::string(AsText(key.canonical.Reveal()));
    std::replace(text.begin(), text.end(), '\x1f', '|');
    keys.push_back(std::move(text));
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

// These texts decide where people are posted: another one is another generation of the indexes.
TEST(SearchKeys, AreThese) {
  EXPECT_EQ(KeysOf(Forms({"Lefèvre"}, "Jean-Pierre", "1975-04-12", "31000")),
            (std::vector<std::string>{"10 31000|LEFEVRE|JENPIERE", "6 1975-04-12|LEFEVRE",
                                      "7 1975-04-12|JENPIERE", "8 1975|LEFEVRE|JENPIERE",
                                      "9 0412|LEFEVRE|JENPIERE"}));
  EXPECT_EQ(KeysOf(Forms({"de la Tour", "Martin-Durand"}, "Zoé", "2001-12-01")).size(), 16u)
      << "five variants of the names in three indexes, and the first name in one";
  EXPECT_EQ(KeysOf(Forms({"de la Tour"}, "", "2001-12-01")),
            (std::vector<std::string>{"6 2001-12-01|DELATOUR", "6 2001-12-01|TOUR"}));
  EXPECT_EQ(KeysOf(Forms({}, "Zoé", "2001-12-01")), (std::vector<std::string>{"7 2001-12-01|SOE"}));
  for (const SearchForms& alone : {Forms({"Martin"}, "Zoé"), Forms({}, "", "2001-12-01"),
                                   Forms({}, "", "", "31000"), Forms({}, "Zoé", "", "31000")}) {
    EXPECT_EQ(KeysOf(alone).size(), 0u) << "never indexed alone";
    EXPECT_FALSE(alone.IsSearchable());
  }
  const std::string many = "Aaa Bbb Ccc Ddd Eee Fff Ggg Hhh";
  EXPECT_EQ(KeysOf(Forms({many, many}, "Zoé", "2001-12-01", "31000")).size(), 25u) << "the most";
  EXPECT_FALSE(SearchForms::Of(SearchTexts{{"\xFF"}, "", "", ""}).ok());
  EXPECT_FALSE(SearchForms::Of(SearchTexts{{"A"}, "", "2001-02-30", ""}).ok());
}

TEST(Compare, OneWrongPart) {
  const SearchForms person = Forms({"Lefèvre", "Martin"}, "Jean-Pierre", "1975-04-12", "31000");
  const struct {
    const char* why;
    SearchForms query;
    bool exact, alike;
  } rows[] = {
      {"as recorded", Forms({"Lefèvre"}, "Jean-Pierre", "1975-04-12", "31000"), true, true},
      {"without accents and hyphens", Forms({"LEFEVRE"}, "JEAN PIERRE", "1975-04-12"), true, true},
      {"the name in use", Forms({"Martin"}, "Jean-Pierre", "1975-04-12"), true, true},
      {"the first name left out", Forms({"Lefèvre"}, "", "1975-04-12"), true, true},
      {"as it sounds", Forms({"Lefebvre"}, "Jean-Pierre", "1975-04-12"), false, true},
      {"a letter swapped", Forms({"Lefvère"}, "Jean-Pierre", "1975-04-12"), false, true},
      {"a part of the first name", Forms({"Lefèvre"}, "Jean", "1975-04-12"), false, true},
      {"day and month", Forms({"Lefèvre"}, "Jean-Pierre", "1975-12-04"), false, true},
      {"a digit", Forms({"Lefèvre"}, "Jean-Pierre", "1975-04-13"), false, true},
      {"the year", Forms({"Lefèvre"}, "Jean-Pierre", "1981-04-12"), false, true},
      {"the year, by ten", Forms({"Lefèvre"}, "Jean-Pierre", "1965-04-12"), false, true},
      {"a year of long ago", Forms({"Lefèvre"}, "Jean-Pierre", "1923-04-12"), false, false},
      {"two slips", Forms({"Lfeèvra"}, "Jean-Pierre", "1975-04-12"), false, false},
      {"a letter more", Forms({"Lefèvire"}, "Jean-Pierre", "1975-04-12"), false, true},
      {"moved", Forms({"Lefèvre"}, "Jean-Pierre", "1975-04-12", "75001"), false, true},
      {"another surname", Forms({"Lambert"}, "Jean-Pierre", "1975-04-12"), false, false},
      {"another first name", Forms({"Lefèvre"}, "Michel", "1975-04-12"), false, false},
      {"another day of the year", Forms({"Lefèvre"}, "Jean-Pierre", "1975-08-27"), false, false},
      {"another date", Forms({"Lefèvre"}, "Jean-Pierre", "1990-08-27"), false, false},
      {"two wrong", Forms({"Lefvère"}, "Jean-Pierre", "1975-12-04"), false, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Verdict verdict = Compare(row.query, person);
    EXPECT_EQ(verdict.exact, row.exact);
    EXPECT_EQ(verdict.alike, row.alike) << verdict.score;
    EXPECT_LE(verdict.score, 1.0 + 1e-9);
  }
  EXPECT_FALSE(
      Compare(Forms({"Lefèvre"}, "Jean-Pierre", "1975-04-12"), Forms({"Lefèvre"}, "Jean-Pierre"))
          .alike)
      << "who has no birth date has not the one that is asked for";
}

TEST(Rank, WhoIsMeant) {
  constexpr Verdict kExact{true, 1, true}, kGood{false, 0.95, true}, kFair{false, 0.85, true},
      kOther{false, 0.99, false}, kNamesake{false, 0.95, true, true};
  const struct {
    const char* why;
    std::vector<Verdict> verdicts;
    std::vector<std::size_t> best;
    bool narrow;
  } rows[] = {
      {"nobody", {}, {}, false},
      {"nobody alike", {kOther}, {}, false},
      {"the best alone", {kFair, kGood, kOther}, {1}, false},
      {"two of one rank", {kGood, kFair, kGood}, {0, 2}, false},
      {"one namesake", {kFair, kNamesake}, {1}, false},
      {"two namesakes with other birth dates", {kNamesake, kNamesake}, {}, true},
      {"exact ones alone", {kGood, kExact, kExact}, {1, 2}, false},
      {"ten", std::vector<Verdict>(10, kGood), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, false},
      {"eleven", std::vector<Verdict>(11, kGood), {}, true},
      {"eleven exact", std::vector<Verdict>(11, kExact), {}, true},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Ranked ranked = Rank(row.verdicts);
    EXPECT_EQ(ranked.best, row.best);
    EXPECT_EQ(ranked.narrow, row.narrow);
  }
}

NamedTexts Named(std::string last, std::string first, std::string birth) {
  return {{"identity.birth_name", std::move(last)},
          {"identity.first_name", std::move(first)},
          {"identity.birth_date", std::move(birth)}};
}

std::vector<PersonId> Search(World& world, const SearchForms& query, bool* narrow = nullptr) {
  Result<Matcher::Found> found = base::SyncWait(Matcher(*world.people).Search(query));
  CLOISON_CHECK(found.ok());
  if (narrow != nullptr) *narrow = found->narrow;
  std::vector<PersonId> people;
  for (const Sighting& one : found->people) people.push_back(one.key.person());
  return people;
}

TEST(Search, FindsThroughOneWrongPart) {
  World world;
  base::ThreadPool pool(1);
  world.people->SearchOn(pool);
  NamedTexts texts = Named("Lefèvre", "Jeanne", "1975-04-12");
  texts.insert(texts.begin() + 1, {"identity.name_in_use", "de la Tour"});
  texts.push_back({"address.postcode", "31000"});
  const PersonId jeanne = *world.Register(texts);
  (void)*world.Register(Named("Lambert", "Jeanne", "1975-04-12"));
  (void)*world.Register(Named("Lefèvre", "Michel", "1975-04-12"));
  const struct {
    const char* why;
    SearchForms query;
    bool found;
  } rows[] = {
      {"as recorded", Forms({"Lefèvre"}, "Jeanne", "1975-04-12"), true},
      {"the name in use", Forms({"De la Tour"}, "Jeanne", "1975-04-12"), true},
      {"without its particles", Forms({"Tour"}, "Jeanne", "1975-04-12"), true},
      {"surname mistyped", Forms({"Lfeèvre"}, "Jeanne", "1975-04-12"), true},
      {"first name mistyped", Forms({"Lefèvre"}, "Jeann", "1975-04-12"), true},
      {"no first name", Forms({"Tour"}, "", "1975-04-12"), true},
      {"day and month", Forms({"Lefèvre"}, "Jeanne", "1975-12-04"), true},
      {"wrong year", Forms({"Lefèvre"}, "Jeanne", "1978-04-12"), true},
      {"no birth date", Forms({"Lefèvre"}, "Jeanne", "", "31000"), true},
      {"names alone", Forms({"Lefèvre"}, "Jeanne"), false},
      {"somebody else", Forms({"Bernard"}, "Luc", "1975-04-12"), false},
      {"all but the first name", Forms({"Tour"}, "Luc", "1975-04-12"), false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(Search(world, row.query),
              row.found ? std::vector<PersonId>{jeanne} : std::vector<PersonId>{});
  }
  EXPECT_EQ(Search(world, Forms({"Lefèvre"}, "", "1975-04-12")).size(), 2u) << "both are exact";
}

// What is posted follows the record: nobody is found under what they were, or after they went.
TEST(Search, FollowsChangesAndErasure) {
  World world;
  const PersonId person = *world.Register(Named("Lefèvre", "Jeanne", "1975-04-12"));
  const SearchForms as_before = Forms({"Lefèvre"}, "", "1975-04-12");
  const SearchForms as_now = Forms({"Bernard"}, "", "1980-01-02");
  const auto postings = [&world] {
    std::size_t all = 0;
    for (const auto& [key, row] : world.Rows(store::Family::kIndex)) {
      base::Reader reader(AsBytes(key));
      const Slot where{reader.U16(), reader.U32(), reader.U32(), 0};
      all += world.people->index_keys().OpenPage(where, 0, row.value)->postings.size();
    }
    return all;
  };
  EXPECT_EQ(postings(), 4u) << "no postcode";
  ASSERT_TRUE(world
                  .Update(person, {{"identity.birth_name", "Bernard"},
                                   {"identity.birth_date", "1980-01-02"}})
                  .ok());
  EXPECT_EQ(Search(world, as_before), std::vector<PersonId>{});
  EXPECT_EQ(Search(world, as_now), std::vector<PersonId>{person});
  EXPECT_EQ(postings(), 4u);
  ASSERT_TRUE(world.Update(person, {{"contact.email", "a@example.org"}}).ok());
  EXPECT_EQ(postings(), 5u) << "what does not differ is not posted again";
  ASSERT_TRUE(world.Update(person, {{"address.postcode", "31000"}}).ok());
  EXPECT_EQ(postings(), 6u);
  ASSERT_TRUE(world.Erase(person).ok());
  EXPECT_EQ(postings(), 0u);
  EXPECT_EQ(Search(world, as_now), std::vector<PersonId>{});
}

// A name that too many share is found by no key of its own; others on its pages are found, and all
// pages have one size.
TEST(Search, HotSlots) {
  World world(16);  // the fewest pages
  const PersonId rare = *world.Register(Named("Quemener", "Gwenola", "1980-01-01"));
  constexpr int kMany = static_cast<int>(kSlotPostingsMax) + 20;
  for (int i = 0; i < kMany; ++i) {
    ASSERT_TRUE(world.Register(Named(i < 3 ? "Martin" : "Martain", "Marie", "1980-01-01")).ok());
  }
  bool narrow = false;
  EXPECT_EQ(Search(world, Forms({"Martin"}, "Marie", "1980-01-01"), &narrow),
            std::vector<PersonId>{});
  EXPECT_TRUE(narrow);
  EXPECT_EQ(Search(world, Forms({"Martin"}, "", "1980-01-01"), &narrow), std::vector<PersonId>{});
  EXPECT_TRUE(narrow) << "what sounds alike fills the slot: nobody in it is opened";
  EXPECT_EQ(Search(world, Forms({"Quemener"}, "Gwenola", "1980-01-01"), &narrow),
            std::vector<PersonId>{rare});
  EXPECT_FALSE(narrow);
  for (const auto& [key, row] : world.Rows(store::Family::kIndex)) {
    ASSERT_EQ(row.value.size(), kPageBytes);
  }
}

TEST(Search, RefusesWhatDoesNotOpen) {
  World world;
  (void)*world.Register(Named("Lefèvre", "Jeanne", "1975-04-12"));
  for (store::KeyedRow& kept : world.Rows(store::Family::kIndex)) {
    kept.row.value.back() ^= 1;
    world.Overwrite({store::Family::kIndex, kept.key}, kept.row.value);
  }
  const auto found =
      base::SyncWait(Matcher(*world.people).Search(Forms({"Lefèvre"}, "Jeanne", "1975-04-12")));
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace cloison::records
