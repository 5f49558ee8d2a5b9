// A search by name through the gate: what it shows, what it costs, what it does not tell.
#include <gtest/gtest.h>

#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Counter;
using access::Window;
using records::SearchForms;
using records::SearchTexts;
using testing::TestVault;
using testing::Word;

class SearchByName : public ::testing::Test {
 protected:
  SearchByName() { EXPECT_TRUE(vault_.Start().ok()); }

  void Register(const std::string& last, const std::string& first, int number) {
    const auto made = vault_.RegisterAs("app.case",
                                        {{"identity.birth_name", last},
                                         {"identity.first_name", first},
                                         {"identity.birth_date", "1931-02-03"}},
                                        "key-" + last + first + std::to_string(number));
    ASSERT_EQ(Word(made), "shown");
  }
  access::Outcome<access::LookedUp> Search(std::string_view who, std::string_view last,
                                           std::string_view first, const std::string& purpose) {
    SearchTexts texts{{last}, first, "1931-02-03", ""};
    Result<SearchForms> forms = SearchForms::Of(texts);
    CLOISON_CHECK(forms.ok());
    access::LookupRequest request{{0, {}}, {purpose, "case-1"}};
    request.search = std::make_shared<const SearchForms>(std::move(*forms));
    return vault_.Wait(vault_.gate().LookUp(vault_.As(who), std::move(request)));
  }
  static const access::LookedUp& Seen(const access::Outcome<access::LookedUp>& outcome) {
    CLOISON_CHECK(outcome.ok() && std::holds_alternative<access::LookedUp>(*outcome));
    return std::get<access::LookedUp>(*outcome);
  }
  std::uint32_t Left(const access::LookedUp& seen) {
    return seen.budget->left[static_cast<std::size_t>(Counter::kGlimpsedOff)]
                            [static_cast<std::size_t>(Window::kHour)];
  }

  TestVault vault_;
};

TEST_F(SearchByName, ShowsMaskedRowsThatCost) {
  Register("Quemener", "Gwenola", 1);
  const auto exact = Search("adviser.ft", "quéméner", "GWENOLA", "reception");
  ASSERT_EQ(Seen(exact).rows.size(), 1u);
  EXPECT_FALSE(Seen(exact).narrow);
  for (const records::OpenedValue& value : Seen(exact).rows[0].values) {
    EXPECT_EQ(AsText(value.text.Reveal()).find("Quemener"), std::string_view::npos);
    EXPECT_EQ(AsText(value.text.Reveal()).find("1931-02"), std::string_view::npos);
  }
  EXPECT_EQ(Seen(exact).rows[0].recorded.size(), 1u) << "an entry about the person";
  const std::uint32_t left = Left(Seen(exact));
  const auto mistyped = Search("adviser.ft", "Quemenre", "Gwenola", "reception");
  ASSERT_EQ(Seen(mistyped).rows.size(), 1u);
  EXPECT_EQ(Left(Seen(mistyped)), left) << "the same person again is free";
}

TEST_F(SearchByName, ChargesEachQuestionThatMeetsNobody) {
  Register("Quemener", "Gwenola", 1);
  const auto first = Search("adviser.ft", "Zyxw", "Gwenola", "reception");
  EXPECT_TRUE(Seen(first).rows.empty());
  EXPECT_TRUE(Seen(first).miss.has_value());
  EXPECT_FALSE(Seen(first).narrow);
  const std::uint32_t left = Left(Seen(first));
  EXPECT_EQ(Left(Seen(Search("adviser.ft", "Zyxw", "Gwenola", "reception"))), left);
  EXPECT_EQ(Left(Seen(Search("adviser.ft", "Zyxv", "Gwenola", "reception"))), left - 1);
  EXPECT_EQ(Left(Seen(Search("adviser.ft", "Zyxv", "Gwenol", "reception"))), left - 2)
      << "every part of the question counts";
}

// Whom the purpose does not show is not there, and who may not search learns nothing.
TEST_F(SearchByName, KeepsToThePolicy) {
  Register("Quemener", "Gwenola", 1);
  const auto support = Search("adviser.ft", "Quemener", "Gwenola", "support");
  EXPECT_TRUE(Seen(support).rows.empty()) << "a stranger, for a purpose of the caseload";
  EXPECT_EQ(Word(Search("officer.privacy", "Quemener", "Gwenola", "support")), "purpose_refused");
}

TEST_F(SearchByName, TooManyAlikeAreNotShown) {
  for (int i = 0; i < 11; ++i) Register("Quemener", "Gwenola", i);
  const auto many = Search("adviser.ft", "Quemener", "Gwenola", "reception");
  EXPECT_TRUE(Seen(many).rows.empty());
  EXPECT_TRUE(Seen(many).narrow);
  ASSERT_TRUE(Seen(many).miss.has_value()) << "an entry, and a charge";
  EXPECT_EQ(Word(Search("officer.privacy", "Quemener", "Gwenola", "support")), "purpose_refused");
}

// The search is not run for who may not ask: a page that does not open would be noticed.
TEST_F(SearchByName, IsNotRunForWhoMayNotAsk) {
  Register("Quemener", "Gwenola", 1);
  ASSERT_EQ(Word(vault_.FreezeAs("officer.security", "adviser.ce", true)), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  std::vector<store::KeyedRow> pages = vault_.Rows(store::Family::kIndex);
  ASSERT_FALSE(pages.empty());
  for (store::KeyedRow& page : pages) page.row.value.back() ^= 1;
  vault_.Overwrite(store::Family::kIndex, pages);
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(Word(Search("adviser.ce", "Quemener", "Gwenola", "reception")), "frozen");
  EXPECT_EQ(Word(Search("officer.privacy", "Quemener", "Gwenola", "support")), "purpose_refused");
  EXPECT_EQ(Word(Search("app.case", "Quemener", "Gwenola", "reception")), "no_right");
  EXPECT_EQ(vault_.events.Count("record_does_not_open"), 0u);
  EXPECT_EQ(Word(Search("adviser.ft", "Quemener", "Gwenola", "reception")), "error");
  EXPECT_EQ(vault_.events.Count("record_does_not_open"), 1u) << "who may ask meets it";
}

Task<void> SearchInto(TestVault& vault, std::string who, std::vector<std::string>& words) {
  Result<SearchForms> forms = SearchForms::Of(SearchTexts{{"Nobody"}, "Here", "1931-02-03", ""});
  CLOISON_CHECK(forms.ok());
  access::LookupRequest request{{0, {}}, {"reception", "case-1"}};
  request.search = std::make_shared<const SearchForms>(std::move(*forms));
  const auto found = co_await vault.gate().LookUp(vault.As(who), std::move(request));
  words.push_back(who + " " + std::string(found.ok() ? Word(found) : found.error().text()));
}

// One account's searches leave room for the others', and its own later ones.
TEST_F(SearchByName, OneAccountHasTwoAtOnce) {
  std::vector<std::string> words;
  for (int i = 0; i < 4; ++i) base::Detach(SearchInto(vault_, "adviser.ft", words));
  base::Detach(SearchInto(vault_, "adviser.ft.002", words));
  vault_.executor.RunAll();
  const std::string refused = "adviser.ft too many searches of one account at once";
  EXPECT_EQ(std::ranges::count(words, refused), 2);
  EXPECT_EQ(std::ranges::count(words, "adviser.ft shown"), 2);
  EXPECT_EQ(std::ranges::count(words, "adviser.ft.002 shown"), 1);
  base::Detach(SearchInto(vault_, "adviser.ft", words));
  vault_.executor.RunAll();
  EXPECT_EQ(words.back(), "adviser.ft shown");
}

}  // namespace
}  // namespace cloison::vault
