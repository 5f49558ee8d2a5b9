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
    return seen.budget.left[static_cast<std::size_t>(Counter::kGlimpsedOff)]
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

}  // namespace
}  // namespace cloison::vault
