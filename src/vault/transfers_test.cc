// A caseload goes from one agent to another, when two agree.
#include "vault/testing/explained_world.h"

namespace cloison::vault {
namespace {

using access::Assignment;
using access::Counter;
using access::Window;
using testing::Explained;
using testing::kAgent;
using testing::Word;

TEST_F(Explained, AWholeCaseloadGoesToOthersWhenTwoAgree) {
  const std::vector<PersonId> people = vault_.CaseloadOf(kAgent);
  ASSERT_EQ(people.size(), 150u);
  access::TransferRequest request{
      DemoPrincipalId(kAgent),
      {DemoPrincipalId("adviser.ft.002"), DemoPrincipalId("adviser.ft.003")}};
  const auto ask = [&](std::string_view who) {
    access::Approvals::Request wanted{"transfer", access::Encode(request), "leaves"};
    return vault_.Wait(vault_.gate().approvals().Ask(vault_.As(who), std::move(wanted), Once()));
  };
  EXPECT_EQ(Word(ask(kAgent)), "no_right");
  const auto asked = ask("manager.a");
  ASSERT_EQ(Word(asked), "shown");
  const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
  const auto approve = [&](std::string_view who) {
    return Word(vault_.Wait(vault_.gate().approvals().Approve(vault_.As(who), number)));
  };
  EXPECT_EQ(approve("manager.a"), "no_right") << "who asked";
  ASSERT_EQ(Open(people[0]), "shown");
  ASSERT_EQ(approve("manager.b"), "shown");
  std::size_t second = 0, third = 0;
  for (const PersonId& person : people) {
    const access::Caseload caseload(vault_.vault().state());
    const auto agents = vault_.Wait(caseload.AgentsOf(vault_.main_store, person, 10));
    ASSERT_TRUE(agents.ok());
    EXPECT_EQ(std::ranges::count(*agents, DemoPrincipalId(kAgent)), 0);
    second +=
        static_cast<std::size_t>(std::ranges::count(*agents, DemoPrincipalId("adviser.ft.002")));
    third +=
        static_cast<std::size_t>(std::ranges::count(*agents, DemoPrincipalId("adviser.ft.003")));
  }
  EXPECT_EQ(second + third, 150u);
  EXPECT_EQ(second, third);
  EXPECT_EQ(Open(people[0]), "not_available");
  std::size_t opened = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    opened += Open(people[i], "adviser.ft.002") == "shown" ? 1 : 0;
  }
  EXPECT_GT(opened, 0u);
  EXPECT_EQ(OffToday("adviser.ft.002"), 0u) << "settled from the start";
}

// A quarantine is nobody's to shorten: not by the transfer that two agree to either.
TEST_F(Explained, ATransferredPairStaysInQuarantine) {
  constexpr char kTaker[] = "adviser.ft.002";
  ASSERT_EQ(Assign("app.case", stranger_), "shown");
  vault_.clock.Advance(base::kDayMs);
  const access::TransferRequest request{DemoPrincipalId(kAgent), {DemoPrincipalId(kTaker)}};
  access::Approvals::Request wanted{"transfer", access::Encode(request), "leaves"};
  const auto asked =
      vault_.Wait(vault_.gate().approvals().Ask(vault_.As("manager.a"), std::move(wanted), Once()));
  ASSERT_EQ(Word(asked), "shown");
  const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
  ASSERT_EQ(Word(vault_.ApproveAs("manager.b", number)), "shown");
  ASSERT_EQ(Open(stranger_, kTaker), "shown");
  EXPECT_EQ(OffToday(kTaker), 1u) << "a day old";
  vault_.clock.Advance(6 * base::kDayMs);
  ASSERT_EQ(Open(stranger_, kTaker), "shown");
  EXPECT_EQ(OffToday(kTaker), 0u) << "settled when it would have been with who had it";
}

}  // namespace
}  // namespace cloison::vault
