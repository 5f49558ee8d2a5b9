// Codes by letter: who they make of a sign-in, how many there are, and how they end.
#include <gtest/gtest.h>

#include "access/citizens.h"
#include "ingest/generator.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Citizens;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

constexpr char kApplication[] = "app.case";
// The key and network that a citizen binds with, and a thief's.
constexpr access::SeenKey kOwn{{1}, {1}}, kThiefs{{2}, {2}};

class Letters : public ::testing::Test {
 protected:
  Letters() {
    CLOISON_CHECK(vault_.Start().ok());
    const DemoSize size = testing::SmallWorld();
    const std::uint64_t index = DemoValuesOf(size, DemoWho::kStranger).index;
    person_.emplace(ingest::Generator(size.seed).At(index));
  }

  std::shared_ptr<const identity::Pivot> PivotOf(std::string_view birth_date = "") {
    const auto text = [this](const char* field) { return std::string(person_->Text(field)); };
    auto pivot = std::make_shared<identity::Pivot>();
    const std::string others = text("identity.other_first_names");
    pivot->birth_name = text("identity.birth_name");
    pivot->given_names = text("identity.first_name") + (others.empty() ? "" : " " + others);
    pivot->gender = text("identity.sex") == "F" ? "female" : "male";
    pivot->birth_date = birth_date.empty() ? text("identity.birth_date") : birth_date;
    pivot->birth_place = text("identity.birth_place");
    pivot->birth_country = "99100";
    return pivot;
  }
  access::Outcome<Citizens::Lettered> Issue(std::string_view who, const std::string& code) {
    return vault_.Wait(
        vault_.gate().citizens().IssueCode(vault_.As(who), code, {"citizen", "L-1"}));
  }
  std::string Stranger() { return vault_.CodeFor(kApplication, vault_.world().stranger.person); }
  // A good one.
  std::string Code() {
    const auto issued = Issue(kApplication, Stranger());
    CLOISON_CHECK(Word(issued) == "shown");
    return std::get<Citizens::Lettered>(*issued).code;
  }
  std::string_view Bind(std::uint8_t identity, const std::string& code,
                        std::shared_ptr<const identity::Pivot> pivot = nullptr) {
    access::Caller caller = vault_.As(kApplication);
    caller.principal = PrincipalId(ByteArray<16>{0xc1, identity});
    return Word(vault_.Wait(
        vault_.gate().citizens().Bind(caller, "citizens:" + std::to_string(identity),
                                      pivot == nullptr ? PivotOf() : pivot, {"", code}, kOwn)));
  }
  static std::string Altered(std::string code, std::size_t at) {
    code[at] = code[at] == '2' ? '3' : '2';
    return code;
  }
  // Rows of letters and what counts them.
  std::size_t RowsOf(char kind) {
    std::size_t count = 0;
    for (const store::KeyedRow& row : vault_.Rows(store::Family::kCredentials)) {
      count += row.key.size() == 17 && row.key[0] == kind ? 1 : 0;
    }
    return count;
  }

  TestVault vault_;
  std::optional<ingest::GeneratedPerson> person_;
};

TEST_F(Letters, WhatBindsAndWhatDoesNot) {
  struct Row {
    const char* why;
    std::function<std::string(const std::string&)> code;
    std::int64_t after_ms;
    bool another_pivot;
    const char* word;
  };
  const auto same = [](const std::string& code) { return code; };
  const std::int64_t kLife = access::kLetterDays * base::kDayMs;
  const Row rows[] = {
      {"the last moment", same, kLife - 1, false, "shown"},
      {"too late", same, kLife, false, "not_available"},
      {"somebody else's identity", same, 0, true, "not_available"},
      {"a locator of nobody", [](const std::string& code) { return Altered(code, 0); }, 0, false,
       "not_available"},
      {"another digit", [](const std::string& code) { return Altered(code, 18); }, 0, false,
       "not_available"},
      {"too short", [](const std::string& code) { return code.substr(0, 15); }, 0, false,
       "not_available"},
      {"no code", [](const std::string&) { return std::string("0"); }, 0, false, "not_available"},
  };
  std::uint8_t identity = 0;
  bool bound = false;
  for (const bool good : {false, true}) {
    for (const Row& row : rows) {
      if ((std::string_view(row.word) == "shown") != good) continue;
      SCOPED_TRACE(row.why);
      vault_.clock.Advance(kLife + base::kDayMs);  // what was sent before no longer counts
      const std::string code = Code();
      vault_.clock.Advance(row.after_ms);
      const auto pivot = row.another_pivot ? PivotOf("1901-01-01") : PivotOf();
      EXPECT_EQ(Bind(++identity, row.code(code), pivot), row.word);
      bound = bound || good;
    }
  }
  ASSERT_TRUE(bound);
  EXPECT_EQ(Bind(++identity, Code()), "not_available") << "the person is bound";
}

TEST_F(Letters, ACodeIsGoodOnceAndTheNewestAlone) {
  const std::string first = Code(), second = Code();
  EXPECT_EQ(Bind(1, first), "not_available") << "another was sent";
  EXPECT_EQ(Bind(2, second), "shown");
  EXPECT_EQ(Bind(3, second), "not_available") << "it was used";
}

// However late: whoever comes with another key afterwards waits, and who bound does not.
TEST_F(Letters, TheKeyThatBindsIsTheOneThatIsKnown) {
  ASSERT_EQ(Bind(1, Code()), "shown");
  access::Caller caller = vault_.As(kApplication);
  caller.principal = PrincipalId(ByteArray<16>{0xc1, 1});
  for (const std::int64_t later_ms : {std::int64_t{0}, 90 * base::kDayMs}) {
    vault_.clock.Advance(later_ms);
    caller.assurance = {identity::Actor::kHuman, "eidas2", {}, 0, "idp"};
    caller.assurance.methods.Add(identity::Method::kHardware);
    caller.assurance.auth_time_s = vault_.clock.wall_ms() / 1000 - 10;
    EXPECT_EQ(Word(vault_.Wait(vault_.gate().OpenSession(caller, kThiefs))), "approval_required");
    const auto own = vault_.Wait(vault_.gate().OpenSession(caller, kOwn));
    ASSERT_EQ(Word(own), "shown");
    EXPECT_FALSE(std::get<access::SessionOpened>(*own).unseen_key);
  }
}

TEST_F(Letters, WrongTriesEndACodeAndAnIdentity) {
  const std::string code = Code();
  for (std::uint8_t i = 0; i < access::kBindTriesMax; ++i) {
    EXPECT_EQ(Bind(i, Altered(code, 18)), "not_available");
  }
  EXPECT_EQ(Bind(9, code), "not_available") << "five wrong tries, of whichever identity";
  const std::string another = Code();
  for (std::uint8_t i = 1; i < access::kBindTriesMax; ++i) {
    EXPECT_EQ(Bind(9, "0000-0000-0000-0000"), "not_available");
  }
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Bind(9, another), "not_available") << "five tries of one identity";
  vault_.clock.Advance(access::kLetterDays * base::kDayMs);
  EXPECT_EQ(Bind(9, Code()), "shown") << "a month later";
}

TEST_F(Letters, WhoMayHaveThemSent) {
  struct Row {
    const char* why;
    const char* who;
    std::string code;
    const char* word;
  };
  const Row rows[] = {
      {"a reader", "adviser.ft", Stranger(), "no_right"},
      {"a manager", "manager.a", Stranger(), "no_right"},
      {"the person", "citizen.one", Stranger(), "no_right"},
      {"to nobody", kApplication, "0000-0000-0000-0000", "not_available"},
      {"to no code", kApplication, "x", "not_available"},
      {"as it should be", kApplication, Stranger(), "shown"},
  };
  for (const Row& row : rows) EXPECT_EQ(Word(Issue(row.who, row.code)), row.word) << row.why;
}

TEST_F(Letters, SoManyToAPersonAndByOneInADay) {
  for (std::size_t i = 0; i < access::kLettersOfPersonMax; ++i) (void)Code();
  const auto more = Issue(kApplication, Stranger());
  ASSERT_EQ(Word(more), "budget_spent");
  EXPECT_EQ(RefusalOf(more).rule, "ceiling/letters/person");
  EXPECT_EQ(RefusalOf(more).retry_after_ms, access::kLetterDays * base::kDayMs);
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Word(Issue(kApplication, Stranger())), "budget_spent") << "after a start";
  // Others, up to the day's.
  std::vector<PersonId> people;
  for (const char* const agent : {"adviser.ft", "adviser.ft.002"}) {
    for (const PersonId& person : vault_.CaseloadOf(agent)) people.push_back(person);
  }
  std::size_t sent = access::kLettersOfPersonMax;
  std::string_view last = "shown";
  for (const PersonId& person : people) {
    const auto issued = Issue(kApplication, vault_.CodeFor(kApplication, person));
    last = Word(issued);
    if (last != "shown") {
      EXPECT_EQ(RefusalOf(issued).rule, "ceiling/letters/writer");
      break;
    }
    ++sent;
  }
  EXPECT_EQ(last, "budget_spent");
  EXPECT_EQ(sent, access::kLettersOfOneDayMax);
  vault_.clock.Advance(25 * base::kHourMs);
  EXPECT_EQ(Word(Issue(kApplication, vault_.CodeFor(kApplication, people.back()))), "shown");
  EXPECT_EQ(Word(Issue(kApplication, Stranger())), "budget_spent") << "a month to a person";
  vault_.clock.Advance(access::kLetterDays * base::kDayMs);
  EXPECT_EQ(Word(Issue(kApplication, Stranger())), "shown");
}

Task<void> IssueInto(TestVault& vault, std::string code, std::vector<std::string>& words) {
  access::Reason reason{"citizen", ""};
  const auto issued = co_await vault.gate().citizens().IssueCode(
      vault.As(kApplication), std::move(code), std::move(reason));
  words.emplace_back(Word(issued));
}

Task<void> ChangeInto(TestVault& vault, std::string code) {
  std::vector<records::FieldChange> changes;
  changes.push_back({vault.Fields({"contact.email"}).front(),
                     crypto::SecretBytes::CopyOf(AsBytes("new@example.org"))});
  access::Reason reason{"register", ""};
  (void)co_await vault.gate().Update(vault.As(kApplication), std::move(code), 1, std::move(changes),
                                     std::move(reason));
}

// Whoever is changed while the letter is on its way is there all the same.
TEST_F(Letters, AChangeMeanwhileIsNoAbsence) {
  const std::vector<PersonId> people = vault_.CaseloadOf("adviser.ft");
  std::vector<std::string> words;
  constexpr std::size_t kPeople = 60;
  for (std::size_t i = 0; i < kPeople; ++i) {
    const std::string code = vault_.CodeFor(kApplication, people[i]);
    base::Detach(ChangeInto(vault_, code));
    base::Detach(IssueInto(vault_, code, words));
    vault_.executor.RunAll();
  }
  EXPECT_EQ(std::ranges::count(words, "shown"), static_cast<std::ptrdiff_t>(kPeople));
}

TEST_F(Letters, WhatIsPastIsSwept) {
  (void)Bind(1, Altered(Code(), 18));
  const auto sweep = [this] {
    return vault_.Wait(vault_.gate().citizens().Sweep(vault_.executor)).ok();
  };
  ASSERT_TRUE(sweep());
  EXPECT_EQ(RowsOf(1) + RowsOf(2) + RowsOf(4), 3u);
  vault_.clock.Advance(access::kLetterDays * base::kDayMs - 1);
  ASSERT_TRUE(sweep());
  EXPECT_EQ(RowsOf(1) + RowsOf(2) + RowsOf(4), 3u) << "to the last moment";
  vault_.clock.Advance(1);
  ASSERT_TRUE(sweep());
  EXPECT_EQ(RowsOf(1) + RowsOf(2) + RowsOf(4), 0u);
  EXPECT_EQ(Bind(1, Code()), "shown");
  ASSERT_TRUE(sweep());
  EXPECT_EQ(RowsOf(3), 1u) << "whom a person is bound to stays";
}

TEST_F(Letters, NoneGoesToADecoyAndNobodyIsOne) {
  const std::string code = Code();
  const PersonId& decoy = vault_.world().stranger.person;
  vault_.decoys.push_back(vault_.Wait(vault_.vault().people().Sight(decoy))->key.aud());
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Word(Issue(kApplication, Stranger())), "not_available");
  EXPECT_NE(Bind(1, code), "shown") << "though the code was sent before";
}

}  // namespace
}  // namespace cloison::vault
