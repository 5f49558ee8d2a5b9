// Gate mode: a register that has nothing but the keys of another system's people.
#include <gtest/gtest.h>

#include "access/questions.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Counter;
using access::Questions;
using access::Window;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

constexpr const char* kSchema = R"(
name = "references"
register = 9
version = 1
capacity = 1_000

[[compartment]]
id = 1
name = "identity"
least = 64

[[compartment.field]]
id = 1
name = "reference"
type = "reference"
index = "reference"
unique = true
required = true

[[compartment.field]]
id = 2
name = "name"
type = "name"

[[compartment]]
id = 2
name = "account"
least = 64
sensitive = true

[[compartment.field]]
id = 3
name = "iban"
type = "iban"
)";

constexpr const char* kPolicy = R"(
version = 1

[[organisation]]
id = 1
name = "Agency"

[[class]]
name = "desk"
opened = [3, 6, 6, 6]
opened_off_caseload = [3, 6, 6, 6]
sensitive = [1, 2, 2, 2]
glimpsed = [9, 9, 9, 9]
glimpsed_off_caseload = [9, 9, 9, 9]

[[class]]
name = "none"
opened = [0, 0, 0, 0]
opened_off_caseload = [0, 0, 0, 0]
sensitive = [0, 0, 0, 0]
glimpsed = [9, 9, 9, 9]
glimpsed_off_caseload = [9, 9, 9, 9]

[[role]]
name = "clerk"
kind = "agent"
class = "desk"
rights = ["decide"]

[[role]]
name = "guest"
kind = "agent"
class = "desk"

[[role]]
name = "application"
kind = "application"
class = "none"
rights = ["register", "assign"]

[[role]]
name = "system"
kind = "system"
class = "none"

[[purpose]]
name = "desk"
text_fr = "Servir."
text_en = "Serve."

[[purpose]]
name = "follow"
text_fr = "Suivre."
text_en = "Follow."

[[grant]]
role = "clerk"
purpose = "desk"
relation = "any"
form = "plain"
fields = ["identity.name", "account"]

[[grant]]
role = "guest"
purpose = "desk"
relation = "any"
form = "plain"
fields = ["identity.name", "account"]

[[grant]]
role = "clerk"
purpose = "follow"
relation = "caseload"
form = "plain"
fields = ["identity.name"]
)";

class GateMode : public ::testing::Test {
 protected:
  GateMode() {
    std::vector<std::string> problems;
    auto schema = records::Schema::Parse(kSchema, &problems);
    CLOISON_CHECK(schema.ok());
    auto policy = access::Policy::Parse(kPolicy, **schema, &problems);
    for (const std::string& problem : problems) ADD_FAILURE() << problem;
    CLOISON_CHECK(policy.ok());
    vault_.SetRegister(*schema, *policy);
    CLOISON_CHECK(vault_.Create().ok() && vault_.Open().ok());
    CLOISON_CHECK(vault_.Wait(vault_.vault().EnrolOrganisation(OrganisationId(1))).ok());
    std::vector<access::PrincipalInfo> infos;
    for (const char* const name : {"clerk.one", "clerk.two"}) {
      infos.push_back({DemoPrincipalId(name), OrganisationId(1), {}, "clerk", name, false, {}});
    }
    infos.push_back({DemoPrincipalId("guest"), OrganisationId(1), {}, "guest", "guest", false, {}});
    infos.push_back(
        {DemoPrincipalId("app"), OrganisationId(1), {}, "application", "app", false, {}});
    CLOISON_CHECK(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  }

  access::Outcome<Questions::Decided> Decide(std::string_view who,
                                             std::vector<std::string> references,
                                             const char* purpose = "desk",
                                             const char* field = "identity.name") {
    Questions::Decision decision{
        {}, std::move(references), vault_.Fields({field}), {purpose, "A-1"}};
    return vault_.Wait(vault_.gate().questions().Decide(vault_.As(who), std::move(decision)));
  }
  static std::string CodeOf(const access::Outcome<Questions::Decided>& outcome) {
    return std::get<Questions::Decided>(*outcome).persons.at(0).code.Text();
  }
  std::size_t People() { return vault_.Rows(store::Family::kPeople).size(); }

  TestVault vault_;
};

TEST_F(GateMode, AReferenceIsAPersonFromItsFirstUseOn) {
  const auto first = Decide("clerk.one", {"K-4711"});
  ASSERT_EQ(Word(first), "shown");
  EXPECT_EQ(People(), 1u);
  EXPECT_EQ(CodeOf(Decide("clerk.one", {"K-4711"})), CodeOf(first));
  EXPECT_EQ(CodeOf(Decide("clerk.two", {" K-4711 "})), CodeOf(first)) << "spaces are no part of it";
  EXPECT_EQ(People(), 1u);
  const auto other = Decide("clerk.one", {"K-4712"});
  EXPECT_NE(CodeOf(other), CodeOf(first));
  EXPECT_EQ(People(), 2u);
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(CodeOf(Decide("clerk.one", {"K-4711"})), CodeOf(first)) << "after a start";
  EXPECT_EQ(People(), 2u);
}

TEST_F(GateMode, BudgetsBoundReferencesAsPeople) {
  ASSERT_EQ(Word(Decide("clerk.one", {"1", "2"})), "shown");
  EXPECT_EQ(Word(Decide("clerk.one", {"1"})), "shown") << "again is free";
  ASSERT_EQ(Word(Decide("clerk.one", {"3"})), "shown");
  const std::size_t people = People();
  // A reference that is new, and one that another clerk has asked about: refused alike.
  ASSERT_EQ(Word(Decide("clerk.two", {"known"})), "shown");
  const auto fresh = Decide("clerk.one", {"new"});
  const auto known = Decide("clerk.one", {"known"});
  ASSERT_EQ(Word(fresh), "budget_spent");
  ASSERT_EQ(Word(known), "budget_spent");
  EXPECT_EQ(RefusalOf(fresh).rule, RefusalOf(known).rule);
  EXPECT_EQ(RefusalOf(fresh).budget->left, RefusalOf(known).budget->left);
  EXPECT_EQ(People(), people + 1) << "nobody was made of the one that was refused";
  EXPECT_EQ(Word(Decide("clerk.two", {"x"}, "desk", "account.iban")), "shown");
  EXPECT_EQ(Word(Decide("clerk.two", {"y"}, "desk", "account.iban")), "budget_spent")
      << "sensitive, by the schema";
}

// Keys of people are made for who may have them put in, and for all of a request or for none.
TEST_F(GateMode, WhoMayNotAskAnyMoreMakesNoKeys) {
  const store::Version before = vault_.key_store.last_version();
  EXPECT_EQ(Word(Decide("clerk.one", {"1", "2", "3", "4"})), "budget_spent") << "one too many";
  EXPECT_EQ(People(), 0u);
  EXPECT_EQ(vault_.key_store.last_version(), before);
  ASSERT_EQ(Word(Decide("clerk.one", {"1", "2", "3"})), "shown");
  const store::Version spent = vault_.key_store.last_version();
  EXPECT_GT(spent, before);
  EXPECT_EQ(Word(Decide("clerk.one", {"new"})), "budget_spent");
  EXPECT_EQ(Word(Decide("app", {"new"})), "no_right");
  EXPECT_EQ(vault_.key_store.last_version(), spent);
}

TEST_F(GateMode, WithoutTheRightNobodyIsMadeOfAReference) {
  EXPECT_EQ(Word(Decide("guest", {"K-1"})), "not_available");
  EXPECT_EQ(People(), 0u);
  ASSERT_EQ(Word(Decide("clerk.one", {"K-1"})), "shown");
  EXPECT_EQ(Word(Decide("guest", {"K-1"})), "shown") << "who is there is anybody's";
}

// For a purpose of one's own people a reference of nobody is as somebody else's.
TEST_F(GateMode, NobodyIsMadeOfWhatIsNotAvailable) {
  ASSERT_EQ(Word(Decide("clerk.two", {"known"})), "shown");
  const std::size_t people = People();
  const auto nobody = Decide("clerk.one", {"nobody"}, "follow");
  const auto known = Decide("clerk.one", {"known"}, "follow");
  ASSERT_EQ(Word(nobody), "not_available");
  ASSERT_EQ(Word(known), "not_available");
  EXPECT_EQ(RefusalOf(nobody).rule, RefusalOf(known).rule);
  EXPECT_EQ(People(), people);
  const auto line_break = Decide("clerk.one", {"a\nb"});
  EXPECT_EQ(Word(line_break), "not_available") << "what cannot be a reference is nobody's";
}

// The application registers by reference and assigns by code; the rest is as for any person.
TEST_F(GateMode, TheCaseloadIsKeyedByTheReferencesPerson) {
  const auto registered = vault_.RegisterAs("app", {{"identity.reference", "K-1"}}, "key-1");
  ASSERT_EQ(Word(registered), "shown");
  const std::string code = std::get<access::Registered>(*registered).code.Text();
  ASSERT_EQ(Word(Decide("clerk.one", {"K-1"}, "follow")), "not_available");
  std::vector<access::Assignment> assignments{
      {DemoPrincipalId("clerk.one"), code, std::nullopt, false}};
  access::Gate::Once once{"key-2", Bytes{1}};
  const auto assigned =
      vault_.Wait(vault_.gate().Assign(vault_.As("app"), std::move(assignments), std::move(once)));
  ASSERT_EQ(Word(assigned), "shown");
  vault_.clock.Advance(8 * base::kDayMs);  // fresh pairs may count as none
  const auto decided = Decide("clerk.one", {"K-1"}, "follow");
  ASSERT_EQ(Word(decided), "shown");
  EXPECT_EQ(CodeOf(decided), code);
  EXPECT_EQ(Word(Decide("clerk.two", {"K-1"}, "follow")), "not_available");
}

TEST_F(GateMode, AnApplicationAloneIsToldNothing) {
  access::Caller alone = vault_.As("clerk.one");
  alone.assurance.actor = identity::Actor::kApplication;
  Questions::Decision decision{{}, {"K-9"}, vault_.Fields({"identity.name"}), {"desk", "A-1"}};
  const auto refused = vault_.Wait(vault_.gate().questions().Decide(alone, std::move(decision)));
  EXPECT_EQ(Word(refused), "no_right");
  EXPECT_EQ(People(), 0u);
}

}  // namespace
}  // namespace cloison::vault
