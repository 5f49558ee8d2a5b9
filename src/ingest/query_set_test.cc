#include "ingest/query_set.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/bytes.h"
#include "codec/json_reader.h"
#include "crypto/mac.h"
#include "ingest/internal/misspelling.h"
#include "text/date.h"

namespace cloison::ingest {
namespace {

using internal::Draws;

TEST(Misspelling, MakesWhatPeopleMake) {
  Draws draws(1);
  struct Case {
    const char* why;
    const char* name;
    const char* want;  // nullptr: nothing
  };
  constexpr Case kPlain[] = {
      {"letters alone are only case", "Martin", nullptr},
      {"an accent goes", "Hélène", "HELENE"},
      {"a hyphen is a space", "Jean-Luc", "JEAN LUC"},
      {"an apostrophe too", "d'Artagnan", "D ARTAGNAN"},
  };
  for (const Case& c : kPlain) {
    const auto found = internal::InPlainLetters(c.name);
    ASSERT_EQ(found.has_value(), c.want != nullptr) << c.why;
    if (c.want != nullptr) {
      EXPECT_EQ(*found, c.want) << c.why;
    }
  }
  constexpr Case kParts[] = {
      {"one part alone has no part", "Martin", nullptr},
      {"the particle goes", "Le Goff", "Goff"},
      {"two particles go", "de La Tour", "Tour"},
      {"an elision goes", "d'Artagnan", "Artagnan"},
  };
  for (const Case& c : kParts) {
    const auto found = internal::PartOfName(c.name, draws);
    ASSERT_EQ(found.has_value(), c.want != nullptr) << c.why;
    if (c.want != nullptr) {
      EXPECT_EQ(*found, c.want) << c.why;
    }
  }
  constexpr Case kHeard[] = {
      {"nothing to hear otherwise", "Morin", nullptr},
      {"f for ph", "Philippophe", "Philippofe"},
      {"o for eau, and no other rule", "Boileau", "Boilo"},
      {"the silent end goes", "Durand", "Duran"},
      {"the head stays", "Thome", nullptr},
  };
  for (const Case& c : kHeard) {
    std::set<std::string> found;
    for (int i = 0; i < 60; ++i) found.insert(internal::AsItSounds(c.name, draws).value_or(""));
    EXPECT_TRUE(found.contains(c.want == nullptr ? "" : c.want)) << c.why;
    EXPECT_FALSE(found.contains(c.name)) << c.why;
  }
  EXPECT_FALSE(internal::Mistyped("Roy", draws).has_value());
  for (int i = 0; i < 500; ++i) {
    const auto typed = internal::Mistyped("Müller-Åsa", draws);
    ASSERT_TRUE(typed.has_value());
    EXPECT_NE(*typed, "Müller-Åsa");
    EXPECT_NE(typed->find("ü"), std::string::npos);  // no letter of two bytes is cut
  }
}

TEST(Misspelling, DatesStayDates) {
  Draws draws(2);
  EXPECT_EQ(internal::DayMonthSwapped({1980, 3, 7}), (text::Date{1980, 7, 3}));
  EXPECT_FALSE(internal::DayMonthSwapped({1980, 3, 13}).has_value());
  EXPECT_FALSE(internal::DayMonthSwapped({1980, 3, 3}).has_value());
  for (int i = 0; i < 500; ++i) {
    const text::Date year = internal::WrongYear({1980, 2, 29}, draws);
    EXPECT_TRUE(text::IsCalendarDate(year) && year.year != 1980 && year.month == 2);
    const auto digit = internal::WrongDigit({1980, 2, 29}, draws);
    ASSERT_TRUE(digit.has_value());
    const std::string right = "1980-02-29", wrong = text::FormatDate(*digit);
    int differ = 0;
    for (std::size_t c = 0; c < right.size(); ++c) differ += right[c] != wrong[c] ? 1 : 0;
    EXPECT_EQ(differ, 1) << wrong;
  }
}

// The right answer of an exact query has its values; of a variant all but one.
TEST(QuerySet, TheRightAnswerIsRight) {
  constexpr std::uint64_t kPeople = 20'000, kQueries = 40 * kQueryKinds;
  const QuerySet queries(1, kPeople);
  const Generator people(1);
  std::map<QueryKind, int> kinds;
  for (std::uint64_t n = 0; n < kQueries; ++n) {
    const Query query = queries.At(n);
    ++kinds[query.kind];
    ASSERT_FALSE(query.criteria.empty());
    const bool nobody =
        query.kind == QueryKind::kNobodyName || query.kind == QueryKind::kNobodyIdentifier;
    ASSERT_EQ(query.person.has_value(), !nobody);
    if (nobody) continue;
    ASSERT_LT(*query.person, kPeople);
    const GeneratedPerson person = people.At(*query.person);
    EXPECT_EQ(person.Text("agency.identifier"), query.agency_id);
    int wrong = 0;
    for (const auto& [field, text] : query.criteria) wrong += person.Text(field) != text ? 1 : 0;
    const bool exact =
        query.kind <= QueryKind::kExactName || query.kind == QueryKind::kFirstMissing;
    if (query.kind == QueryKind::kPlainLetters) {
      EXPECT_GE(wrong, 1);
      EXPECT_LE(wrong, 2);
    } else {
      EXPECT_EQ(wrong, exact ? 0 : 1) << NameOf(query.kind) << " " << n;
    }
  }
  EXPECT_EQ(kinds.size(), kQueryKinds);
  for (const auto& [kind, count] : kinds) EXPECT_EQ(count, 40) << NameOf(kind);
}

TEST(QuerySet, NobodyIsNobody) {
  constexpr std::uint64_t kPeople = 5'000;
  const QuerySet queries(3, kPeople);
  const Generator people(3);
  std::set<std::string> taken;
  for (std::uint64_t i = 0; i < kPeople; ++i) {
    const GeneratedPerson person = people.At(i);
    for (const char* field :
         {"civil_number.nir", "contact.email", "agency.identifier", "identity.birth_name"}) {
      taken.emplace(person.Text(field));
    }
  }
  for (std::uint64_t n = 0; n < 60 * kQueryKinds; ++n) {
    const Query query = queries.At(n);
    if (query.person.has_value()) continue;
    EXPECT_FALSE(taken.contains(query.criteria.front().second)) << NameOf(query.kind);
  }
}

TEST(QuerySet, IsTheSameForEver) {
  std::string lines;
  const QuerySet queries(1, 100'000), smaller(1, 50'000);
  for (std::uint64_t n = 0; n < 1'000; ++n) AppendQueryLine(lines, queries.At(n));
  EXPECT_EQ(base::ToHex(crypto::Sha256(AsBytes(lines))),
            "198aa0a506237ae0dc67f4bd8e11cfb305b4643997815c5622041034d048f40e");
  std::string a, b;
  AppendQueryLine(a, queries.At(777));
  AppendQueryLine(b, smaller.At(777));
  EXPECT_NE(a, b);
  const auto document = codec::JsonDocument::Parse(AsBytes(std::string_view(a)));
  ASSERT_TRUE(document.ok());
  for (const char* key : {"kind", "criteria", "person", "agency_identifier"}) {
    EXPECT_TRUE(document->root().Find(key).has_value()) << key;
  }
}

}  // namespace
}  // namespace cloison::ingest
