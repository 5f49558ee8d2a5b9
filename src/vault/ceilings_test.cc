// Ceilings through the whole gate: who counts below which, restarts, and rows that were put back.
#include <gtest/gtest.h>

#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Scope;
using store::Family;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

std::string Ceiling(const char* scope, int cap) {
  return std::string("\n[[ceiling]]\nscope = \"") + scope +
         "\"\nbucket_minutes = 60\nbuckets = 24\nopened = " + std::to_string(cap) + "\n";
}

class CeilingsInTheGate : public ::testing::Test {
 protected:
  void Start(const std::string& ceilings) {
    std::vector<std::string> problems;
    auto policy =
        access::Policy::Parse(std::string(DemoPolicyToml()) + ceilings, *DemoSchema({}), &problems);
    for (const std::string& problem : problems) ADD_FAILURE() << problem;
    ASSERT_TRUE(policy.ok());
    vault_.policy = *policy;
    ASSERT_TRUE(vault_.Start().ok());
  }
  access::Outcome<access::Disclosed> Open(std::string_view who, std::size_t i,
                                          std::uint32_t client = 1) {
    access::Caller caller = vault_.As(who);
    caller.client = ClientId(client);
    access::DisclosureRequest request{{vault_.CodeFor(who, vault_.CaseloadOf(who)[i])},
                                      vault_.Fields({"contact.phone"}),
                                      {"support", "A-1"}};
    return vault_.Wait(vault_.gate().Disclose(caller, std::move(request)));
  }
  void ExpectScope(const access::Outcome<access::Disclosed>& outcome, Scope scope) {
    ASSERT_EQ(Word(outcome), "budget_spent");
    ASSERT_TRUE(RefusalOf(outcome).spent.has_value());
    EXPECT_EQ(RefusalOf(outcome).spent->scope, scope);
    EXPECT_EQ(RefusalOf(outcome).rule,
              "budget/" + std::string(access::Name(scope)) + "/opened/day");
    EXPECT_GT(RefusalOf(outcome).retry_after_ms, 0);
    EXPECT_LE(RefusalOf(outcome).retry_after_ms, base::kHourMs) << "the bucket's end, no more";
  }

  TestVault vault_;
};

TEST_F(CeilingsInTheGate, AnOrganisationsAccountsTogether) {
  Start(Ceiling("organisation", 4));
  ASSERT_EQ(Word(Open("adviser.ft", 0)), "shown");
  ASSERT_EQ(Word(Open("adviser.ft", 1)), "shown");
  ASSERT_EQ(Word(Open("adviser.ft.002", 0)), "shown");
  ASSERT_EQ(Word(Open("adviser.ft.002", 1)), "shown");
  ExpectScope(Open("adviser.ft", 2), Scope::kOrganisation);
  ExpectScope(Open("adviser.ft.002", 2), Scope::kOrganisation);
  EXPECT_EQ(Word(Open("adviser.ft", 0)), "shown") << "who is counted is free";
  EXPECT_EQ(Word(Open("adviser.ce", 0)), "shown") << "another organisation";
  ASSERT_TRUE(vault_.Reopen().ok());
  ExpectScope(Open("adviser.ft", 2), Scope::kOrganisation);
  vault_.clock.Advance(24 * base::kHourMs);
  ExpectScope(Open("adviser.ft", 2), Scope::kOrganisation);  // the bucket that began then
  vault_.clock.Advance(base::kHourMs);
  EXPECT_EQ(Word(Open("adviser.ft", 2)), "shown");
}

TEST_F(CeilingsInTheGate, OfficesClientsAndTheRegister) {
  Start(Ceiling("office", 2) + Ceiling("client", 3) + Ceiling("register", 5));
  ASSERT_EQ(Word(Open("adviser.ft", 0)), "shown");
  ASSERT_EQ(Word(Open("adviser.ft", 1)), "shown");
  ExpectScope(Open("adviser.ft", 2), Scope::kOffice);
  ASSERT_EQ(Word(Open("adviser.ce", 0)), "shown");
  ExpectScope(Open("adviser.ce", 1), Scope::kClient);
  ASSERT_EQ(Word(Open("adviser.ce", 1, 2)), "shown");
  const DemoPrincipal& first = vault_.Principal("adviser.ft");
  // Somebody of the other office of the first organisation.
  for (const DemoPrincipal& one : vault_.world().principals) {
    if (one.role != "adviser" || one.organisation != first.organisation) continue;
    if (one.office == first.office) continue;
    ASSERT_EQ(Word(Open(one.name, 0, 3)), "shown");
    ExpectScope(Open(one.name, 1, 3), Scope::kRegister);
    return;
  }
  FAIL() << "the world has one office";
}

// An older row, or one that is gone, would give room back: it is noticed when the register opens.
TEST_F(CeilingsInTheGate, RowsThatWerePutBackAreNoticed) {
  Start(Ceiling("organisation", 3));
  ASSERT_EQ(Word(Open("adviser.ft", 0)), "shown");
  const std::vector<store::KeyedRow> old = vault_.Rows(Family::kCeilings);
  ASSERT_EQ(old.size(), 1u);
  ASSERT_EQ(Word(Open("adviser.ft", 1)), "shown");
  ASSERT_EQ(Word(Open("adviser.ft", 2)), "shown");
  const std::vector<store::KeyedRow> whole = vault_.Rows(Family::kCeilings);
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Overwrite(Family::kCeilings, old);
  Status opened = vault_.Open();
  ASSERT_FALSE(opened.ok()) << "two people would not count";
  EXPECT_EQ(opened.error().code(), Code::kCorrupt);
  vault_.Delete(Family::kCeilings, whole[0].key);
  opened = vault_.Open();
  ASSERT_FALSE(opened.ok()) << "nobody would count";
  EXPECT_EQ(opened.error().code(), Code::kCorrupt);
  vault_.Overwrite(Family::kCeilings, whole);
  ASSERT_TRUE(vault_.Open().ok()) << "as it was";
  ExpectScope(Open("adviser.ft", 3), Scope::kOrganisation);
}

}  // namespace
}  // namespace cloison::vault
