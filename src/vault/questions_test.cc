// Yes or no, decisions for another system, and proving again who one is, through the whole gate.
#include "access/questions.h"

#include <gtest/gtest.h>

#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Counter;
using access::Questions;
using access::Window;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

constexpr const char* kPhone = "contact.phone";
constexpr const char* kWrongPhone = "+33612345678";

// Organisation 2 asks about its own people alone.
constexpr const char* kMore = R"(
[[grant]]
organisation = 2
role = "adviser"
purpose = "verification"
relation = "caseload"
form = "matches"
fields = ["contact.phone", "contact.email"]
)";

std::shared_ptr<const access::Policy> PolicyOf(const std::string& toml,
                                               const records::Schema& schema) {
  std::vector<std::string> problems;
  auto policy = access::Policy::Parse(toml, schema, &problems);
  CLOISON_CHECK(policy.ok());
  return *policy;
}

std::uint32_t LeftOf(const access::BudgetLeft& budget, Counter counter) {
  return budget.left[static_cast<std::size_t>(counter)][static_cast<std::size_t>(Window::kDay)];
}

class QuestionsTest : public ::testing::Test {
 protected:
  QuestionsTest() {
    vault_.policy = PolicyOf(std::string(DemoPolicyToml()) + kMore, *DemoSchema({}));
    EXPECT_TRUE(vault_.Start().ok());
  }

  access::Outcome<Questions::Matched> Match(std::string_view who, const std::string& code,
                                            const std::string& value, const char* field = kPhone) {
    const records::FieldSpec& spec = *vault_.vault().schema().Find(field);
    Questions::Match match{code,
                           spec.id,
                           *vault_.vault().schema().Canonical(spec, value, true),
                           {"verification", "A-1"}};
    return vault_.Wait(vault_.gate().questions().Matches(vault_.As(who), std::move(match)));
  }
  access::Outcome<Questions::Existing> Exist(std::string_view who,
                                             const std::vector<std::string>& codes) {
    Questions::Existence existence{
        codes, vault_.Fields({kPhone, "contact.email"}), {"verification", "A-1"}};
    return vault_.Wait(vault_.gate().questions().Exist(vault_.As(who), std::move(existence)));
  }
  // In a vault where the person is on the caseload of `who`.
  std::string PhoneOf(std::string_view who, const PersonId& person) {
    const auto shown = vault_.DiscloseAs(who, person, {kPhone}, "support");
    const auto& values = std::get<access::Disclosed>(*shown).records.at(0).values;
    return values.empty() ? "" : std::string(AsText(values[0].text.Reveal()));
  }
  std::string CodeOf(std::string_view who, const PersonId& person) {
    return vault_.CodeFor(who, person);
  }
  // Somebody of the caseload who has a telephone.
  std::pair<PersonId, std::string> WithPhone(std::string_view who) {
    for (const PersonId& person : vault_.CaseloadOf(who)) {
      if (const std::string phone = PhoneOf(who, person); !phone.empty()) return {person, phone};
    }
    CLOISON_CHECK(false);
    return {PersonId(ByteArray<8>{}), ""};
  }
  static const Questions::Matched& Answer(const access::Outcome<Questions::Matched>& outcome) {
    return std::get<Questions::Matched>(*outcome);
  }

  TestVault vault_;
};

TEST_F(QuestionsTest, AMatchIsSaidAndEverythingElseIsNo) {
  const auto [person, phone] = WithPhone("adviser.ce");
  const auto [stranger, strange_phone] = WithPhone("adviser.ft");
  struct Row {
    const char* why;
    std::string code, value;
    bool matches;
  };
  const Row rows[] = {
      {"theirs", CodeOf("adviser.ce", person), phone, true},
      {"theirs, asked again", CodeOf("adviser.ce", person), phone, true},
      {"another", CodeOf("adviser.ce", person), kWrongPhone, false},
      {"right, but not on the caseload", CodeOf("adviser.ce", stranger), strange_phone, false},
      {"a code of nobody", "0000-0000-0000-0000", phone, false},
      {"no code at all", "somebody", phone, false},
      {"another organisation's code", CodeOf("adviser.ft", person), phone, false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto outcome = Match("adviser.ce", row.code, row.value);
    ASSERT_EQ(Word(outcome), "shown");
    EXPECT_EQ(Answer(outcome).matches, row.matches);
  }
}

// Each value of a person is a glimpse, hit or miss; what is not theirs to ask, off the caseload.
TEST_F(QuestionsTest, HitAndMissCostTheSame) {
  const auto [person, phone] = WithPhone("adviser.ft");
  const auto [stranger, strange_phone] = WithPhone("adviser.ft.002");
  ASSERT_FALSE(std::ranges::count(vault_.CaseloadOf("adviser.ft"), stranger));
  const auto cost = [this](const std::string& code, const std::string& value) {
    const auto own = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As("adviser.ft")));
    const access::BudgetLeft before = *std::get<access::Capabilities>(*own).budget;
    const auto outcome = Match("adviser.ft", code, value);
    EXPECT_EQ(Word(outcome), "shown");
    const access::BudgetLeft& after = *Answer(outcome).budget;
    std::vector<std::uint32_t> spent;
    for (std::size_t c = 0; c < access::kCounters; ++c) {
      const auto counter = static_cast<Counter>(c);
      spent.push_back(LeftOf(before, counter) - LeftOf(after, counter));
    }
    return spent;
  };
  const std::vector<std::uint32_t> own{0, 0, 0, 1, 0}, off{0, 0, 0, 1, 1}, nothing(5, 0);
  const std::string code = CodeOf("adviser.ft", person);
  const std::string strange = CodeOf("adviser.ft", stranger);
  EXPECT_EQ(cost(code, phone), own);
  EXPECT_EQ(cost(code, phone), nothing) << "the same again";
  EXPECT_EQ(cost(code, kWrongPhone), own);
  EXPECT_EQ(cost(code, kWrongPhone), nothing);
  EXPECT_EQ(cost(strange, strange_phone), off);
  EXPECT_EQ(cost(strange, kWrongPhone), off);
  EXPECT_EQ(cost("0000-0000-0000-0000", kWrongPhone), off);
}

TEST_F(QuestionsTest, ThreeWrongValuesAPersonAndDay) {
  const auto [person, phone] = WithPhone("adviser.ft");
  const auto [other, others_phone] = WithPhone("adviser.ft.002");
  for (const std::string& code :
       {CodeOf("adviser.ft", person), std::string("0000-0000-0000-0000")}) {
    SCOPED_TRACE(code);
    const std::int64_t begun_ms = vault_.vault().committer().Now().budget_ms;
    for (const char* const wrong : {"+33612345671", "+33612345672", "+33612345673"}) {
      const auto outcome = Match("adviser.ft", code, wrong);
      ASSERT_EQ(Word(outcome), "shown");
      EXPECT_FALSE(Answer(outcome).matches);
      vault_.clock.Advance(base::kHourMs);
    }
    const auto before = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As("adviser.ft")));
    for (const std::string& value : {std::string("+33612345674"), phone}) {
      const auto outcome = Match("adviser.ft", code, value);
      ASSERT_EQ(Word(outcome), "budget_spent");
      EXPECT_EQ(RefusalOf(outcome).rule, "matches/wrong");
      EXPECT_EQ(RefusalOf(outcome).retry_after_ms,
                begun_ms + base::kDayMs + 1 - vault_.vault().committer().Now().budget_ms);
      EXPECT_EQ(RefusalOf(outcome).budget->left,
                std::get<access::Capabilities>(*before).budget->left)
          << "it costs nothing";
    }
    EXPECT_EQ(Word(Match("adviser.ft", code, "+33612345671")), "shown") << "known already";
    ASSERT_TRUE(vault_.Reopen().ok());
    EXPECT_EQ(Word(Match("adviser.ft", code, "+33612345674")), "budget_spent") << "after a start";
    EXPECT_EQ(Word(Match("adviser.ft", CodeOf("adviser.ft", other), kWrongPhone)), "shown")
        << "of another person";
    EXPECT_EQ(Word(Match("adviser.ft.002", code, kWrongPhone)), "shown") << "by another adviser";
    vault_.clock.Advance(base::kDayMs);
    EXPECT_EQ(Word(Match("adviser.ft", code, "+33612345674")), "shown") << "a day later";
    vault_.clock.Advance(2 * base::kDayMs);
  }
}

// A code in another spelling is the same code, whoever's it is or nobody's.
TEST_F(QuestionsTest, SpellingsOfACodeAreOne) {
  const auto [person, phone] = WithPhone("adviser.ft");
  const auto plain = [](std::string code) {
    std::erase(code, '-');
    for (char& c : code) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return code;
  };
  for (const std::string& code :
       {CodeOf("adviser.ft", person), std::string("0000-0000-0000-0000")}) {
    SCOPED_TRACE(code);
    for (const char* const wrong : {"+33612345671", "+33612345672", "+33612345673"}) {
      ASSERT_EQ(Word(Match("adviser.ft", code, wrong)), "shown");
      ASSERT_EQ(Word(Match("adviser.ft", plain(code), wrong)), "shown") << "known already";
    }
    EXPECT_EQ(Word(Match("adviser.ft", plain(code), phone)), "budget_spent");
  }
  const auto left = [this](const std::string& code) {
    const auto outcome = vault_.DiscloseCodesAs("adviser.ft", {code}, {kPhone}, "support");
    return RefusalOf(outcome).budget->left;
  };
  EXPECT_EQ(left("0000-0000-0000-000A"), left("000000000000000a")) << "a miss is charged once";
}

TEST_F(QuestionsTest, WhatIsThereIsSaidOfOnesOwnAlone) {
  const auto [person, phone] = WithPhone("adviser.ft");
  const auto [stranger, strange_phone] = WithPhone("adviser.ft.002");
  const auto outcome = Exist("adviser.ft", {CodeOf("adviser.ft", person),
                                            CodeOf("adviser.ft", stranger), "0000-0000-0000-0000"});
  ASSERT_EQ(Word(outcome), "shown");
  const auto& existing = std::get<Questions::Existing>(*outcome);
  ASSERT_EQ(existing.persons.size(), 3u);
  const FieldId field = vault_.Fields({kPhone})[0];
  EXPECT_TRUE(std::ranges::count(existing.persons[0].fields, field));
  EXPECT_TRUE(existing.persons[1].fields.empty()) << "somebody else's";
  EXPECT_TRUE(existing.persons[2].fields.empty()) << "nobody";
  EXPECT_EQ(existing.persons[1].recorded.actor_part.size(),
            existing.persons[2].recorded.actor_part.size());
}

// The person sees who asked, a wrong value included.
TEST_F(QuestionsTest, QuestionsAreOnTheTrail) {
  const PersonId& person = vault_.world().citizen_one.person;
  const std::size_t before = std::get<access::Trail>(*vault_.TrailOf("citizen.one")).looks.size();
  ASSERT_EQ(Word(Match("adviser.ft", CodeOf("adviser.ft", person), kWrongPhone)), "shown");
  ASSERT_EQ(Word(Exist("adviser.ft", {CodeOf("adviser.ft", person)})), "shown");
  const auto trail = vault_.TrailOf("citizen.one");
  const auto& looks = std::get<access::Trail>(*trail).looks;
  ASSERT_GE(looks.size(), before + 2);
}

TEST_F(QuestionsTest, APurposeThatDoesNotAnswerSaysSo) {
  const auto [person, phone] = WithPhone("adviser.ft");
  const auto outcome =
      Match("adviser.ft", CodeOf("adviser.ft", person), "a@example.org", "contact.email");
  ASSERT_EQ(Word(outcome), "purpose_refused");
  // Being shown a field is not being asked about it, and the other way round.
  EXPECT_EQ(Word(vault_.DiscloseAs("adviser.ft", person, {kPhone}, "verification")),
            "purpose_refused");
}

TEST_F(QuestionsTest, AnApplicationIsToldNothing) {
  access::Caller alone = vault_.As("adviser.ft");
  alone.assurance.actor = identity::Actor::kApplication;
  const auto [person, phone] = WithPhone("adviser.ft");
  const records::FieldSpec& spec = *vault_.vault().schema().Find(kPhone);
  Questions::Match match{CodeOf("adviser.ft", person),
                         spec.id,
                         *vault_.vault().schema().Canonical(spec, phone, true),
                         {"verification", "A-1"}};
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().questions().Matches(alone, std::move(match)))),
            "no_right");
  Questions::Existence existence{
      {CodeOf("adviser.ft", person)}, vault_.Fields({kPhone}), {"verification", "A-1"}};
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().questions().Exist(alone, std::move(existence)))),
            "no_right");
}

// A decision is a disclosure that opens nothing.
TEST_F(QuestionsTest, ADecisionCostsAndSaysWhatADisclosureWould) {
  const PersonId person = vault_.CaseloadOf("adviser.ft")[0];
  const PersonId other = vault_.CaseloadOf("adviser.ft")[1];
  const std::vector<std::string> fields{"identity.birth_name", "civil_number.nir"};
  const auto decide = [&](const std::vector<std::string>& codes) {
    Questions::Decision decision{codes, {}, vault_.Fields(fields), {"support", "A-1"}};
    return vault_.Wait(
        vault_.gate().questions().Decide(vault_.As("adviser.ft"), std::move(decision)));
  };
  const auto outcome = decide({CodeOf("adviser.ft", person)});
  ASSERT_EQ(Word(outcome), "shown");
  const auto& decided = std::get<Questions::Decided>(*outcome);
  ASSERT_EQ(decided.persons.size(), 1u);
  EXPECT_EQ(decided.persons[0].code.Text(), CodeOf("adviser.ft", person));
  EXPECT_EQ(decided.persons[0].plain, vault_.Fields({"identity.birth_name"}));
  EXPECT_EQ(decided.persons[0].masked, vault_.Fields({"civil_number.nir"}));
  EXPECT_EQ(decided.persons[0].recorded.size(), 2u);
  const auto shown = vault_.DiscloseAs("adviser.ft", other, fields, "support");
  const access::BudgetLeft& after = *std::get<access::Disclosed>(*shown).budget;
  for (const Counter counter : {Counter::kOpened, Counter::kGlimpsed, Counter::kOpenedOff}) {
    const std::uint32_t cost = counter == Counter::kOpenedOff ? 0 : 1;
    EXPECT_EQ(LeftOf(*decided.budget, counter) - LeftOf(after, counter), cost);
  }
  EXPECT_EQ(Word(decide({CodeOf("adviser.ft", vault_.world().stranger.person)})), "not_available");
  EXPECT_EQ(Word(decide({"0000-0000-0000-0000"})), "not_available");
  Questions::Decision named{{}, {"4711"}, vault_.Fields(fields), {"support", "A-1"}};
  const auto refused =
      vault_.Wait(vault_.gate().questions().Decide(vault_.As("adviser.ft"), std::move(named)));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kInvalid) << "the schema has no references";
}

// From 70 % of a day on whoever is shown somebody has proven who they are within the hour.
TEST(StepUp, AtSeventyPercentOfADay) {
  TestVault vault;
  std::string toml(DemoPolicyToml());
  const std::string caps = "opened = [60, 150, 400, 800]";
  toml.replace(toml.find(caps), caps.size(), "opened = [10, 10, 10, 10]");
  vault.policy = PolicyOf(toml, *DemoSchema({}));
  ASSERT_TRUE(vault.Start().ok());
  const std::vector<PersonId> people = vault.CaseloadOf("adviser.ft");
  const auto ask = [&](std::size_t person, std::int64_t age_s, const char* purpose,
                       const char* field) {
    access::Caller caller = vault.As("adviser.ft");
    caller.assurance = {identity::Actor::kHuman, "eidas2", {}, 0, "test"};
    caller.assurance.methods.Add(identity::Method::kHardware);
    caller.assurance.auth_time_s = vault.vault().committer().Now().wall_ms / 1000 - age_s;
    access::DisclosureRequest request{
        {vault.CodeFor("adviser.ft", people[person])}, vault.Fields({field}), {purpose, "A-1"}};
    return vault.Wait(vault.gate().Disclose(caller, std::move(request)));
  };
  constexpr std::int64_t kStale = 3'601, kFresh = 3'599;
  for (std::size_t i = 0; i < 7; ++i) {
    ASSERT_EQ(Word(ask(i, kStale, "support", kPhone)), "shown") << i;
  }
  const std::uint64_t size = vault.vault().ledger().size();
  const auto stale = ask(7, kStale, "support", kPhone);
  ASSERT_EQ(Word(stale), "step_up");
  EXPECT_EQ(RefusalOf(stale).rule, "step-up/opened/day");
  EXPECT_EQ(vault.vault().ledger().size(), size + 1) << "on the record";
  EXPECT_EQ(LeftOf(*RefusalOf(stale).budget, Counter::kOpened), 3u) << "and free";
  EXPECT_EQ(Word(ask(0, kStale, "support", kPhone)), "step_up") << "who is in the window, too";
  EXPECT_EQ(Word(ask(7, kStale, "support", "civil_number.nir")), "shown") << "masked: a glimpse";
  EXPECT_EQ(Word(ask(7, kFresh, "support", kPhone)), "shown");
  // Nobody has less proof to give than who has none to renew.
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", people[8], {kPhone}, "support")), "shown");
  vault.clock.Advance(25 * base::kHourMs);
  EXPECT_EQ(Word(ask(9, kStale, "support", kPhone)), "shown") << "the day is over";
}

}  // namespace
}  // namespace cloison::vault
