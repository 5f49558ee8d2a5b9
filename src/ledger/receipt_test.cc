// What a pending entry is not redeemed for. These end the process: they would be bugs of ours.
#include "ledger/receipt.h"

#include <gtest/gtest.h>

#include "ledger/testing/ledger_world.h"

namespace cloison::ledger {
namespace {

using testing::LedgerWorld;

// Leaves its entry with whoever submits it.
class LeaveWork final : public commit::Work {
 public:
  using Promise = commit::Durable;
  LeaveWork(LedgerWorld& world, Decision decision, std::optional<Pending>& pending)
      : world_(world), decision_(decision), pending_(pending) {}

  Task<Status> Load(commit::Staging&) override {
    co_return co_await world_.ledger->LoadHead(world_.person_key(0));
  }
  Result<commit::Staged> Stage(commit::Staging&) override {
    const ByteArray<8> person{1};
    const ByteArray<16> agent{2};
    EntryDraft draft{
        Kind::kDisclosure,
        EntryDraft::Subject{
            PersonId(person), &world_.person_key(0), 1, {FieldId(0x101)}, Form::kPlain, {}},
        {PrincipalId(agent), &world_.agent_key(0), n_++, OrganisationId(5), {}, "adviser"},
        decision_,
        "support",
        "",
        {},
        {},
        "support/caseload",
        1};
    pending_.emplace(world_.ledger->Stage(std::move(draft)));
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable& durable) { return durable; }

 private:
  static inline std::uint64_t n_ = 0;
  LedgerWorld& world_;
  Decision decision_;
  std::optional<Pending>& pending_;
};

commit::Durable Leave(LedgerWorld& world, Decision decision, std::optional<Pending>& pending) {
  auto work = std::make_unique<LeaveWork>(world, decision, pending);
  const auto durable =
      world.executor.Wait(world.committer->Submit(std::move(work), world.executor));
  CLOISON_CHECK(durable.has_value() && durable->ok());
  return **durable;
}

TEST(ReceiptDeathTest, AnotherCommitRedeemsNothing) {
  LedgerWorld world(1);
  ASSERT_TRUE(world.Open().ok());
  std::optional<Pending> first, second;
  const commit::Durable before = Leave(world, Decision::kAllow, first);
  const commit::Durable after = Leave(world, Decision::kAllow, second);
  EXPECT_DEATH((void)world.ledger->RedeemReceipt(std::move(*second), before), "version_");
  EXPECT_DEATH((void)world.ledger->RedeemReceipt(std::move(*first), after), "version_");
  EXPECT_EQ(world.ledger->RedeemReceipt(std::move(*second), after).recorded().index, 1u);
}

TEST(ReceiptDeathTest, ARefusalGivesNone) {
  LedgerWorld world(2);
  ASSERT_TRUE(world.Open().ok());
  std::optional<Pending> pending;
  const commit::Durable durable = Leave(world, Decision::kRefuse, pending);
  EXPECT_DEATH((void)world.ledger->RedeemReceipt(std::move(*pending), durable), "allowed_");
  EXPECT_EQ(world.ledger->Redeem(std::move(*pending), durable).index, 0u) << "an entry it is";
}

TEST(ReceiptDeathTest, AnEntryIsRedeemedOnce) {
  LedgerWorld world(3);
  ASSERT_TRUE(world.Open().ok());
  std::optional<Pending> pending;
  const commit::Durable durable = Leave(world, Decision::kAllow, pending);
  EXPECT_EQ(world.ledger->RedeemReceipt(std::move(*pending), durable).seq(), 1u);
  EXPECT_DEATH((void)world.ledger->RedeemReceipt(std::move(*pending), durable), "batch_");
}

}  // namespace
}  // namespace cloison::ledger
