// A presence of whom a card names: who is found, what is told and charged, and what nobody learns.
#include <gtest/gtest.h>

#include "access/explanations.h"
#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Card;
using access::Explanations;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

using Witnessed = access::Outcome<Explanations::Witnessed>;

constexpr char kReader[] = "app.case", kAgent[] = "adviser.ft";
constexpr char kFamilyPhone[] = "0639981001", kPhone[] = "0639981002";
constexpr char kBorn[] = "1988-02-29", kChildBorn[] = "2011-07-03";
constexpr char kNirOfNobody[] = "291067511234589";

class CardPresences : public ::testing::Test {
 protected:
  void Start(const std::string& policy = std::string(DemoPolicyToml())) {
    std::vector<std::string> problems;
    auto parsed = access::Policy::Parse(policy, *DemoSchema({}), &problems);
    for (const std::string& problem : problems) ADD_FAILURE() << problem;
    ASSERT_TRUE(parsed.ok());
    vault_.policy = *parsed;
    ASSERT_TRUE(vault_.Start().ok());
    parent_ = Register("Leila", kBorn, kFamilyPhone);
    child_ = Register("Sami", kChildBorn, kFamilyPhone);
    other_ = Register("Noor", "1990-11-30", kPhone);
  }
  std::string Register(const std::string& first_name, const std::string& born,
                       const std::string& phone, const std::string& email = "") {
    TestVault::Texts texts{{"identity.birth_name", "BENALI"},
                           {"identity.first_name", first_name},
                           {"identity.birth_date", born},
                           {"contact.phone", phone}};
    if (!email.empty()) texts.emplace_back("contact.email", email);
    const auto registered = vault_.RegisterAs(kReader, texts, "register-" + first_name);
    EXPECT_EQ(Word(registered), "shown") << first_name;
    return std::get<access::Registered>(*registered).code.Text();
  }
  Card CardOf(std::string_view criterion, std::string_view text, const std::string& born = "") {
    const std::uint16_t index = records::Schema::IndexOfCriterion(criterion);
    const records::Schema& schema = vault_.schema();
    const auto field = std::ranges::find(schema.fields(), index, &records::FieldSpec::index);
    Card card{{index, schema.IndexForm(*field, schema.Canonical(*field, text, true)->Reveal())},
              std::nullopt};
    const records::FieldSpec& date = *schema.Find("identity.birth_date");
    if (!born.empty()) card.birth = Card::Birth{date.id, *schema.Canonical(date, born, true)};
    return card;
  }
  Task<Witnessed> WitnessTask(Card card, const std::string& key, std::string_view reader = kReader,
                              std::string_view agent = kAgent) {
    Bytes body = base::ToBytes(card.number.canonical.Reveal());
    if (card.birth.has_value()) base::AppendBytes(body, card.birth->date.Reveal());
    access::CardPresence presence{DemoPrincipalId(agent), std::move(card), std::nullopt, "card"};
    return vault_.gate().explanations().WitnessCard(vault_.As(reader), std::move(presence),
                                                    {key, std::move(body)});
  }
  Witnessed Witness(Card card, std::string_view reader = kReader, std::string_view agent = kAgent) {
    return vault_.Wait(
        WitnessTask(std::move(card), "card-" + std::to_string(++keys_), reader, agent));
  }
  static std::string CodeOf(const Witnessed& outcome) {
    return Word(outcome) == "shown" ? std::get<Explanations::Witnessed>(*outcome).code.Text() : "";
  }
  std::string_view OpenPhone(const std::string& code, std::string_view who = kAgent) {
    return Word(vault_.DiscloseCodesAs(who, {code}, {"contact.phone"}, "support"));
  }
  // What the reader may still learn today of people off its caseload.
  std::uint64_t Left() {
    const auto own = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As(kReader)));
    const access::BudgetLeft& budget = *std::get<access::Capabilities>(*own).budget;
    return budget.left[static_cast<std::size_t>(access::Counter::kGlimpsedOff)]
                      [static_cast<std::size_t>(access::Window::kDay)];
  }

  TestVault vault_;
  std::string parent_, child_, other_;  // codes of organisation 1
  int keys_ = 0;
};

TEST_F(CardPresences, NameOnePersonOrNobody) {
  Start();
  const std::string stranger = vault_.CodeFor(kReader, vault_.world().stranger.person);
  const std::string nir = vault_.world().stranger.nir;
  struct {
    const char* why;
    Card card;
    std::string_view reader, agent;
    std::string_view word;
    std::string code;
    unsigned costs;
  } cases[] = {
      {"a number that one person has", CardOf("nir", nir), kReader, kAgent, "shown", stranger, 1},
      {"the same again is known", CardOf("nir", nir), kReader, kAgent, "shown", stranger, 0},
      {"before another agent too", CardOf("nir", nir), kReader, "adviser.ft.002", "shown", stranger,
       0},
      {"a number of nobody", CardOf("nir", kNirOfNobody), kReader, kAgent, "not_available", "", 1},
      {"asked before", CardOf("nir", kNirOfNobody), kReader, kAgent, "not_available", "", 0},
      {"a birth date of somebody else", CardOf("phone", kPhone, kBorn), kReader, kAgent,
       "not_available", "", 1},
      {"a number that two have", CardOf("phone", kFamilyPhone), kReader, kAgent, "not_available",
       "", 1},
      {"one of the two", CardOf("phone", kFamilyPhone, kBorn), kReader, kAgent, "shown", parent_,
       1},
      {"the other one", CardOf("phone", kFamilyPhone, kChildBorn), kReader, kAgent, "shown", child_,
       1},
      {"an agent of another organisation", CardOf("phone", kPhone), kReader, "adviser.ce",
       "not_available", "", 1},
      {"an agent whom nobody enrolled", CardOf("phone", kPhone), kReader, "nobody.here",
       "not_available", "", 0},
      {"and then the right one", CardOf("phone", kPhone), kReader, kAgent, "shown", other_, 1},
      {"no right to explain", CardOf("nir", nir), kAgent, "adviser.ft.002", "no_right", "", 0},
      {"nor for oneself", CardOf("nir", nir), kAgent, kAgent, "no_right", "", 0},
  };
  for (auto& one : cases) {
    const std::uint64_t before = Left();
    const Witnessed outcome = Witness(std::move(one.card), one.reader, one.agent);
    EXPECT_EQ(Word(outcome), one.word) << one.why;
    EXPECT_EQ(CodeOf(outcome), one.code) << one.why;
    EXPECT_EQ(before - Left(), one.costs) << one.why;
  }
}

TEST_F(CardPresences, OpenWhoeverStandsThere) {
  Start();
  EXPECT_EQ(OpenPhone(other_), "not_available");
  const std::string code = CodeOf(Witness(CardOf("phone", kPhone)));
  ASSERT_EQ(code, other_);
  EXPECT_EQ(OpenPhone(code), "shown");
  EXPECT_EQ(OpenPhone(code, "adviser.ft.002"), "not_available") << "of this agent alone";
  vault_.clock.Advance(2 * base::kHourMs + 1);
  EXPECT_EQ(OpenPhone(code), "not_available") << "they have gone";
}

// What a key was used for is repeated; with another body it says nothing of anybody, and is free.
TEST_F(CardPresences, AreWitnessedOncePerKey) {
  Start();
  const auto with_key = [this](const char* phone) {
    return vault_.Wait(WitnessTask(CardOf("phone", phone), "key-1"));
  };
  ASSERT_EQ(CodeOf(with_key(kPhone)), other_);
  const std::uint64_t left = Left();
  const std::uint64_t entries = vault_.vault().ledger().size();
  EXPECT_EQ(CodeOf(with_key(kPhone)), other_);
  for (const char* phone : {kFamilyPhone, "0639981999"}) {
    const Witnessed outcome = with_key(phone);
    ASSERT_FALSE(outcome.ok()) << phone;
    EXPECT_EQ(outcome.error().code(), Code::kConflict);
  }
  const Witnessed dated = vault_.Wait(WitnessTask(CardOf("phone", kPhone, kBorn), "key-1"));
  EXPECT_FALSE(dated.ok()) << "another date is another body";
  EXPECT_EQ(vault_.vault().ledger().size(), entries);
  EXPECT_EQ(Left(), left);
}

// A year's days are not tried for the price of one: three that are not theirs are the last of a
// day, whoever the number means, and the right one is refused with them.
TEST_F(CardPresences, LetNobodyGuessABirthDate) {
  Start();
  for (const char* phone : {kPhone, "0639981999"}) {
    const std::uint64_t left = Left();
    for (const char* born : {"1990-11-27", "1990-11-28", "1990-11-29"}) {
      EXPECT_EQ(Word(Witness(CardOf("phone", phone, born))), "not_available") << phone;
    }
    EXPECT_EQ(left - Left(), 3u) << phone;
    // Before an agent of somebody else's no date is looked at, and none is forgotten.
    for (const char* born : {"1990-11-27", "1990-11-28", "1990-11-29"}) {
      EXPECT_EQ(Word(Witness(CardOf("phone", phone, born), kReader, "adviser.ce")),
                "not_available");
    }
    EXPECT_EQ(left - Left(), 4u) << "the number, once";
    for (const char* born : {"1990-11-30", "1990-12-01"}) {
      const Witnessed more = Witness(CardOf("phone", phone, born));
      ASSERT_EQ(Word(more), "budget_spent") << phone;
      EXPECT_EQ(RefusalOf(more).rule, "presence/wrong");
    }
    EXPECT_EQ(Word(Witness(CardOf("phone", phone, "1990-11-28"))), "not_available") << "known";
    EXPECT_EQ(left - Left(), 4u) << phone;
  }
  vault_.clock.Advance(base::kDayMs + 1);
  EXPECT_EQ(CodeOf(Witness(CardOf("phone", kPhone, "1990-11-30"))), other_);
}

// Past a ceiling there is one answer, whomever the card names, and nothing to pay for it.
TEST_F(CardPresences, TellNothingPastACeiling) {
  std::string policy(DemoPolicyToml());
  const std::string kind = "kind = \"presence\"\nper_day_max = ";
  const std::size_t at = policy.find(kind);
  ASSERT_NE(at, std::string::npos);
  policy.replace(at + kind.size(), policy.find('\n', at + kind.size()) - at - kind.size(), "1");
  Start(policy);
  ASSERT_EQ(Word(Witness(CardOf("phone", kFamilyPhone, kBorn))), "shown");
  const std::uint64_t left = Left();
  for (const char* phone : {kPhone, "0639981999"}) {
    const Witnessed passed = Witness(CardOf("phone", phone));
    ASSERT_NE(Word(passed), "shown") << phone;
    EXPECT_EQ(RefusalOf(passed).rule, "ceiling/presence/reader") << phone;
  }
  EXPECT_EQ(Left(), left);
  EXPECT_EQ(OpenPhone(other_), "not_available");
}

// Whoever is told a code is in that person's trail, though the presence was known by another way.
TEST_F(CardPresences, AreInTheTrailWheneverACodeIsTold) {
  Start();
  const auto& citizen = vault_.world().citizen_one;
  const auto looks = [this] {
    const auto trail = vault_.TrailOf("citizen.one");
    return std::get<access::Trail>(*trail).looks.size();
  };
  std::vector<access::NewExplanation> known;
  known.push_back({DemoPrincipalId(kAgent), vault_.CodeFor(kReader, citizen.person),
                   access::ExplanationKind::kPresence, std::nullopt, "card"});
  ASSERT_EQ(Word(vault_.Wait(vault_.gate().explanations().Write(vault_.As(kReader),
                                                                std::move(known), {"k", {1}}))),
            "shown");
  const std::size_t witnessed = looks();
  const std::uint64_t left = Left();
  ASSERT_EQ(Word(Witness(CardOf("nir", citizen.nir))), "shown");
  EXPECT_EQ(left - Left(), 1u);
  EXPECT_EQ(looks(), witnessed + 2) << "and the reading before";
}

TEST_F(CardPresences, FindNobodyWhoIsErased) {
  Start();
  ASSERT_EQ(Word(vault_.EraseAs("officer.privacy", other_, 1)), "shown");
  EXPECT_EQ(Word(Witness(CardOf("phone", kPhone))), "not_available");
}

// More share the number than a family does.
TEST_F(CardPresences, FindNobodyAmongTooMany) {
  Start();
  std::string last;
  for (std::size_t i = 0; i <= access::kCardPeopleMax; ++i) {
    const std::string born = "1970-01-" + std::to_string(10 + i);
    last = Register("Many" + std::to_string(i), born, "0639981777");
    const Witnessed outcome = Witness(CardOf("phone", "0639981777", born));
    EXPECT_EQ(CodeOf(outcome), i < access::kCardPeopleMax ? last : "") << i;
  }
}

TEST_F(CardPresences, EndWithTheBudget) {
  Start();
  const auto own = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As(kReader)));
  const access::BudgetLeft& budget = *std::get<access::Capabilities>(*own).budget;
  const std::uint64_t room = budget.left[static_cast<std::size_t>(access::Counter::kGlimpsedOff)]
                                        [static_cast<std::size_t>(access::Window::kHour)];
  ASSERT_EQ(CodeOf(Witness(CardOf("phone", kFamilyPhone, kBorn))), parent_);
  for (std::uint64_t i = 1; i < room; ++i) {
    const Witnessed nobody = Witness(CardOf("phone", "06399" + std::to_string(10'000 + i)));
    ASSERT_EQ(Word(nobody), "not_available") << i;
  }
  EXPECT_EQ(Word(Witness(CardOf("phone", kPhone))), "budget_spent");
  EXPECT_EQ(Word(Witness(CardOf("phone", "0639981999"))), "budget_spent");
  EXPECT_EQ(OpenPhone(other_), "not_available");
  // Who was named before is not told by the answer either.
  for (const char* born : {"", kBorn, kChildBorn, "1988-03-01", "1988-03-02", "1988-03-03"}) {
    EXPECT_EQ(Word(Witness(CardOf("phone", kFamilyPhone, born))), "budget_spent") << born;
  }
}

// An agent may say why others open somebody, and is told no codes for it.
TEST_F(CardPresences, AreForApplicationsAlone) {
  Start(std::string(DemoPolicyToml()) +
        "\n[[role]]\nname = \"desk\"\nkind = \"agent\"\nclass = \"case-worker\"\n"
        "rights = [\"explain\"]\n");
  std::vector<access::PrincipalInfo> desk;
  desk.push_back(
      {DemoPrincipalId("desk.one"), OrganisationId(1), std::nullopt, "desk", "desk.one"});
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(desk), vault_.executor)).ok());
  std::vector<access::NewExplanation> by_code;
  by_code.push_back(
      {DemoPrincipalId(kAgent), other_, access::ExplanationKind::kPresence, std::nullopt, "card"});
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().explanations().Write(vault_.As("desk.one"),
                                                                std::move(by_code), {"k", {1}}))),
            "shown");
  for (const char* phone : {kPhone, "0639981999"}) {
    const Witnessed refused = Witness(CardOf("phone", phone), "desk.one");
    ASSERT_EQ(Word(refused), "no_right") << phone;
    EXPECT_EQ(RefusalOf(refused).rule, "explain/card");
  }
}

// A key that has expired, and that the store still has, is a new one.
TEST_F(CardPresences, AreSearchedForAgainWhenAKeyExpired) {
  Start();
  ASSERT_EQ(CodeOf(vault_.Wait(WitnessTask(CardOf("phone", kPhone), "old-key"))), other_);
  vault_.clock.Advance(base::kDayMs + base::kMinuteMs);
  EXPECT_EQ(CodeOf(vault_.Wait(WitnessTask(CardOf("phone", kPhone), "old-key"))), other_);
  EXPECT_EQ(OpenPhone(other_), "shown");
}

// The number moves to nobody while the card is read: whoever is named still had it at the entry.
TEST_F(CardPresences, HoldAtTheMomentOfTheEntry) {
  Start();
  int shown = 0, refused = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string email = "ada" + std::to_string(i) + "@race.example.org";
    const std::string code = Register("Ada" + std::to_string(i), kBorn, "0639981555", email);
    std::optional<Witnessed> witnessed;
    base::Detach([](Task<Witnessed> task, std::optional<Witnessed>& out) -> Task<void> {
      out.emplace(co_await std::move(task));
    }(WitnessTask(CardOf("email", email), "race-" + std::to_string(i)), witnessed));
    for (int steps = 0; steps < i; ++steps) (void)vault_.executor.Step();
    const auto changed = vault_.UpdateAs(kReader, code, 1, {{"contact.email", ""}});
    ASSERT_EQ(Word(changed), "shown");
    vault_.executor.RunAll();
    ASSERT_TRUE(witnessed.has_value());
    const std::uint64_t moved = std::get<access::Registered>(*changed).recorded.index;
    const bool named = Word(*witnessed) == "shown";
    if (named) {
      EXPECT_LT(std::get<Explanations::Witnessed>(**witnessed).recorded.index, moved) << i;
    } else {
      EXPECT_GT(RefusalOf(*witnessed).recorded->index, moved) << i;
    }
    (named ? shown : refused) += 1;
  }
  EXPECT_GT(shown, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace cloison::vault
