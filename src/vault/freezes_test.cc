// One account freezes at once, but never so many, and never those without whom nobody could undo
// it: what a stolen officer's account does to a register, and how it comes back.
#include "access/freezes.h"

#include <gtest/gtest.h>

#include "access/approvals.h"
#include "access/principal_requests.h"
#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::UnfreezeRequest;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

constexpr char kThief[] = "officer.security";  // whose account is stolen

class FreezesTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(vault_.Start().ok()); }
  access::PrincipalInfo Of(const std::string& name, std::string role,
                           std::uint32_t organisation = 1) {
    return {DemoPrincipalId(name), OrganisationId(organisation), {}, std::move(role), name};
  }
  void Enrol(std::vector<access::PrincipalInfo> infos) {
    ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  }
  std::string Freeze(std::string_view who, std::string_view whom) {
    const auto outcome = vault_.FreezeAs(who, whom, true);
    const std::string_view word = Word(outcome);
    return word == "approval_required" ? RefusalOf(outcome).rule : std::string(word);
  }
  bool IsFrozen(std::string_view who) {
    const auto info = vault_.Wait(vault_.gate().Find(DemoPrincipalId(who)));
    CLOISON_CHECK(info.ok());
    return info->frozen;
  }
  auto AskFor(std::string_view kind, std::string_view by, std::string_view whom) {
    return vault_.AskAs(by, std::string(kind), Encode(UnfreezeRequest{DemoPrincipalId(whom)}));
  }
  static std::uint64_t NumberOf(const access::Outcome<access::Approvals::Shown>& asked) {
    CLOISON_CHECK(Word(asked) == "shown");
    return std::get<access::Approvals::Shown>(*asked).approval.number;
  }
  Result<bool> Lift(const std::string& statement, const std::vector<const char*>& names) {
    std::vector<PrincipalId> who;
    for (const char* const name : names) who.push_back(DemoPrincipalId(name));
    return vault_.Wait(vault_.gate().freezes().Lift(statement, who, vault_.executor));
  }
  bool MayFreeze(std::string_view name) {
    const auto may =
        vault_.Wait(vault_.gate().freezes().WhoMay({DemoPrincipalId(name)}, vault_.executor));
    CLOISON_CHECK(may.ok());
    return !may->empty();
  }

  TestVault vault_;
};

TEST_F(FreezesTest, TheLastWhoCouldUndoItAreNotFrozenByOne) {
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "approval/freeze/last");
  EXPECT_FALSE(IsFrozen("officer.security.b"));
  Enrol({Of("officer.c", "security-officer")});
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "approval/freeze/last")
      << "besides these two there is one";
  access::PrincipalInfo two[] = {Of("officer.d", "security-officer"),
                                 Of("officer.e", "security-officer", 2)};
  two[0].human = access::HumanId{7};
  Enrol({two[0], two[1]});
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "shown") << "two are left";
  EXPECT_EQ(Freeze(kThief, "officer.c"), "approval/freeze/last");
  EXPECT_EQ(Freeze(kThief, "officer.d"), "approval/freeze/last");
  EXPECT_EQ(Freeze(kThief, "officer.e"), "approval/freeze/last") << "of another organisation";
  // Those who are left undo it without the thief.
  EXPECT_EQ(Word(AskFor("unfreeze", "officer.c", "officer.security.b")), "shown");
}

// Who may not agree does not count.
TEST_F(FreezesTest, ATeamUnderOneHeadDoesNotUndoIt) {
  access::PrincipalInfo head = Of("officer.c", "security-officer"),
                        below = Of("officer.d", "security-officer");
  below.manager = head.id;
  Enrol({head, below});
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "approval/freeze/last");
  Enrol({Of("officer.e", "security-officer")});
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "shown");
}

TEST_F(FreezesTest, WhoIsNewDoesNotUndoIt) {
  access::PrincipalInfo head = Of("officer.c", "security-officer");
  std::vector<access::PrincipalInfo> infos{head};
  for (const char* const name : {"officer.d", "officer.e"}) {
    infos.push_back(Of(name, "security-officer"));
    infos.back().manager = head.id;
    infos.back().enrolled_ms = vault_.vault().committer().Now().budget_ms;
  }
  Enrol(std::move(infos));
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "approval/freeze/last");
  vault_.clock.Advance(31 * base::kDayMs);
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "shown") << "they are no longer new";
}

TEST_F(FreezesTest, ManagersDoNotHideTheOfficers) {
  std::vector<access::PrincipalInfo> many;
  for (int i = 0; i < 60; ++i) many.push_back(Of("manager.more." + std::to_string(i), "manager"));
  for (int i = 0; i < 60; ++i) {  // nor do officers who have left
    many.push_back(Of("officer.gone." + std::to_string(i), "security-officer"));
    many.back().expires_ms = vault_.vault().committer().Now().budget_ms + 1;
  }
  many.push_back(Of("officer.c", "security-officer"));
  many.push_back(Of("officer.d", "security-officer"));
  Enrol(std::move(many));
  vault_.clock.Advance(base::kSecondMs);
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "shown");
}

TEST_F(FreezesTest, TwoAccountsOfOneHumanAreNotTwoWhoAreLeft) {
  access::PrincipalInfo one = Of("officer.c", "security-officer"),
                        other = Of("officer.d", "security-officer");
  one.human = other.human = access::HumanId{7};
  Enrol({one, other});
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "approval/freeze/last");
  access::PrincipalInfo gone = Of("officer.e", "security-officer");
  gone.expires_ms = vault_.vault().committer().Now().budget_ms + 1;
  Enrol({gone});
  vault_.clock.Advance(base::kSecondMs);
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "approval/freeze/last") << "who has left";
}

TEST_F(FreezesTest, AManagerIsLeftWhoAgreesToFreezeTheThief) {
  EXPECT_EQ(Freeze(kThief, "manager.a"), "shown") << "as in December 2025, at once";
  EXPECT_EQ(Freeze(kThief, "manager.b"), "approval/freeze/last");
  const std::uint64_t number = NumberOf(AskFor("freeze", "officer.security.b", kThief));
  EXPECT_EQ(Word(vault_.ApproveAs(kThief, number)), "not_available");
  EXPECT_EQ(Word(vault_.ApproveAs("officer.security.b", number)), "no_right");
  EXPECT_EQ(Word(vault_.ApproveAs("manager.b", number)), "shown");
  EXPECT_TRUE(IsFrozen(kThief));
  EXPECT_EQ(Freeze(kThief, "adviser.ft"), "frozen");
  const auto again = AskFor("freeze", "officer.security.b", kThief);
  ASSERT_EQ(Word(again), "decided");
  EXPECT_EQ(RefusalOf(again).rule, "freeze/frozen");
  EXPECT_EQ(Word(AskFor("freeze", "adviser.ft", "manager.b")), "no_right");
}

TEST_F(FreezesTest, ADayOfOneOfficerHasAnEnd) {
  std::vector<access::PrincipalInfo> many;
  const auto name = [](std::uint32_t i) { return "adviser.many." + std::to_string(i); };
  for (std::uint32_t i = 0; i <= access::kFreezesAloneMax + 1; ++i) {
    many.push_back(Of(name(i), "adviser"));
  }
  Enrol(std::move(many));
  for (std::uint32_t i = 0; i < access::kFreezesAloneMax; ++i) {
    ASSERT_EQ(Freeze(kThief, name(i)), "shown") << i;
    ASSERT_EQ(Freeze(kThief, name(i)), "shown") << "again is no other one";
  }
  const std::string next = name(access::kFreezesAloneMax);
  EXPECT_EQ(Freeze(kThief, next), "approval/freeze/many");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Freeze(kThief, next), "approval/freeze/many") << "a restart forgets nothing";
  EXPECT_EQ(Freeze("officer.security.b", next), "shown") << "another officer has their own";
  const std::string last = name(access::kFreezesAloneMax + 1);
  const std::uint64_t number = NumberOf(AskFor("freeze", kThief, last));
  EXPECT_EQ(Word(vault_.ApproveAs("manager.a", number)), "shown");
  EXPECT_TRUE(IsFrozen(last));
  vault_.clock.Advance(25 * base::kHourMs);
  EXPECT_EQ(Freeze(kThief, "adviser.ft"), "shown");
}

// Who came and whose role changed count at once, and after a restart.
TEST_F(FreezesTest, WhoCameLaterIsLeftToo) {
  Enrol({Of("officer.c", "security-officer"), Of("later", "adviser")});
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "approval/freeze/last");
  access::ChangeRequest role;
  role.who = DemoPrincipalId("later");
  role.role = "security-officer";
  const std::uint64_t number = NumberOf(vault_.AskAs("manager.a", "change", Encode(role)));
  ASSERT_EQ(Word(vault_.ApproveAs("manager.b", number)), "shown");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Freeze(kThief, "officer.security.b"), "shown");
}

// Whom the sentinel mistrusts stops nobody alone, with a ledger or without: here an adviser who may
// freeze, and has opened a decoy.
TEST(FreezesByWhomItHolds, TakeASecondPerson) {
  std::string document(DemoPolicyToml());
  const std::string role = "name = \"adviser\"\n";
  ASSERT_NE(document.find(role), std::string::npos);
  document.insert(document.find(role) + role.size(), "rights = [\"freeze\"]\n");
  document += "\n[detectors]\nact = true\n";
  TestVault vault;
  const auto policy = access::Policy::Parse(document, *DemoSchema(testing::SmallWorld()), nullptr);
  ASSERT_TRUE(policy.ok());
  vault.policy = *policy;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId decoy = vault.CaseloadOf("adviser.ce")[0];
  vault.decoys.push_back(vault.Wait(vault.vault().people().Sight(decoy))->key.aud());
  ASSERT_TRUE(vault.Reopen().ok());
  const auto may = [&vault] {
    const PrincipalId who = DemoPrincipalId("adviser.ft");
    return vault.Wait(vault.gate().freezes().WhoMay({who}, vault.executor))->size();
  };
  EXPECT_EQ(may(), 1u);
  EXPECT_EQ(Word(vault.FreezeAs("adviser.ft", "officer.privacy", true)), "shown");
  ASSERT_EQ(Word(vault.DiscloseCodesAs("adviser.ft", {vault.CodeFor("adviser.ft", decoy)},
                                       {"identity.birth_name"}, "reception")),
            "shown");
  const auto frozen = vault.FreezeAs("adviser.ft", "adviser.ce", true);
  ASSERT_EQ(Word(frozen), "approval_required");
  EXPECT_EQ(RefusalOf(frozen).rule, "approval/freeze/held");
  EXPECT_EQ(may(), 0u);
}

// What is left to go by when nobody can be asked is as of now.
TEST_F(FreezesTest, WhoMayIsAsTheRegisterHasItNow) {
  EXPECT_FALSE(MayFreeze("adviser.ft"));
  EXPECT_FALSE(MayFreeze("no.body"));
  access::PrincipalInfo leaving = Of("officer.c", "security-officer");
  leaving.expires_ms = vault_.vault().committer().Now().budget_ms + base::kSecondMs;
  Enrol({leaving, Of("officer.d", "security-officer"), Of("officer.e", "security-officer")});
  EXPECT_TRUE(MayFreeze("officer.c"));
  vault_.clock.Advance(2 * base::kSecondMs);
  EXPECT_FALSE(MayFreeze("officer.c")) << "who has left";
  ASSERT_EQ(Freeze(kThief, "officer.security.b"), "shown");
  EXPECT_FALSE(MayFreeze("officer.security.b")) << "who is frozen";
  const auto may = vault_.Wait(vault_.gate().freezes().WhoMay(
      {DemoPrincipalId("officer.d"), DemoPrincipalId("adviser.ft"), DemoPrincipalId(kThief)},
      vault_.executor));
  ASSERT_TRUE(may.ok());
  ASSERT_EQ(may->size(), 2u);
  EXPECT_EQ((*may)[1].id, DemoPrincipalId(kThief));
  const access::Role* const role = vault_.vault().policy()->FindRole("security-officer");
  EXPECT_EQ((*may)[0].levels, role->levels);
  EXPECT_EQ((*may)[0].methods, role->methods);
}

TEST_F(FreezesTest, LiftedByAStatementOnce) {
  ASSERT_EQ(Freeze(kThief, "manager.a"), "shown");
  ASSERT_EQ(Freeze(kThief, "adviser.ft"), "shown");
  const Result<bool> nobody = Lift("one", {"manager.a", "no.body"});
  ASSERT_FALSE(nobody.ok());
  EXPECT_EQ(nobody.error().code(), Code::kNotFound);
  EXPECT_TRUE(IsFrozen("manager.a")) << "all or none";
  const std::uint64_t before = vault_.vault().ledger().size();
  EXPECT_EQ(*Lift("two", {"manager.a", "adviser.ft"}), true);
  EXPECT_EQ(vault_.vault().ledger().size(), before + 4);
  EXPECT_FALSE(IsFrozen("manager.a"));
  EXPECT_FALSE(IsFrozen("adviser.ft"));
  ASSERT_EQ(Freeze(kThief, "adviser.ft"), "shown");
  EXPECT_EQ(*Lift("two", {"manager.a", "adviser.ft"}), false);
  EXPECT_TRUE(IsFrozen("adviser.ft")) << "frozen since: what was signed before says nothing of it";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(*Lift("two", {"manager.a", "adviser.ft"}), false);
  EXPECT_TRUE(IsFrozen("adviser.ft"));
  EXPECT_TRUE(Lift("three", {"adviser.ft"}).ok());
  EXPECT_FALSE(IsFrozen("adviser.ft"));
  const auto records = vault_.Wait(vault_.vault().ledger().ReadRecords(before, 100));
  ASSERT_TRUE(records.ok());
  const auto named = [](const ledger::Record& record) {
    return record.rule == "unfreeze/officer-keys" &&
           record.case_ref.starts_with(base::ToHex(DemoPrincipalId("adviser.ft").bytes()) + " ");
  };
  EXPECT_EQ(std::ranges::count_if(*records, named), 2);
}

}  // namespace
}  // namespace cloison::vault
