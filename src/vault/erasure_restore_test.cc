// Erasures that waited when a copy was made that is put back later, in the next log: whatever
// became of them since, they wait anew, the person is told anew, and who stopped one can do so
// again.
#include <gtest/gtest.h>

#include "access/erasures.h"
#include "vault/testing/recovery_world.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using access::Erasures;
using approvals::State;
using testing::Word;

class ErasureRestore : public testing::RecoveryWorld {
 protected:
  Erasures& Gate() { return vault_.gate().erasures(); }
  void Agree(std::int64_t delay_ms) {
    Gate().Rule(delay_ms, delay_ms == 0);
    access::Gate::Once once{"e", {}};
    const auto asked = vault_.Wait(vault_.gate().approvals().AskErase(
        vault_.As("officer.privacy"), vault_.CodeFor("officer.privacy", Citizen()), 1,
        {"erase", "case-1"}, std::move(once)));
    ASSERT_EQ(Word(asked), "shown");
    number_ = std::get<Approvals::Shown>(*asked).approval.number;
    ASSERT_EQ(Word(vault_.ApproveAs("officer.privacy.b", number_)), "shown");
  }
  bool Tell() { return vault_.Wait(Gate().Tell(vault_.executor)).ok(); }
  std::size_t Due() {
    const auto due = vault_.Wait(Gate().Due(0, vault_.executor));
    CLOISON_CHECK(due.ok());
    return due->size();
  }
  std::string_view Object() { return Word(vault_.Wait(Gate().Object(vault_.As("citizen.one")))); }
  // The person objects; the copy of before comes back, long after the day that it names.
  void ObjectAndRestore() {
    ASSERT_TRUE(vault_.Reopen().ok());
    const testing::Image image = TakeMain();
    ASSERT_EQ(Object(), "shown");
    ASSERT_TRUE(vault_.Stop().ok());
    PutBack(vault_.main_store, image);
    vault_.clock.Advance(30 * base::kDayMs);
    Ceremony();
    // What was measured up to the copy goes on; the days of the machine that is gone come back
    // with the time.
    vault_.clock.Advance(30 * base::kDayMs);
  }

  std::uint64_t number_ = 0;
};

TEST_F(ErasureRestore, WhatWasStoppedSinceIsNotDoneAtTheStart) {
  Agree(7 * base::kDayMs);
  ASSERT_TRUE(Tell());
  ObjectAndRestore();
  EXPECT_EQ(Due(), 0u) << "before anybody is told";
  const auto became = vault_.Wait(Gate().Proceed(number_, Erasures::Said::kYes, vault_.executor));
  ASSERT_TRUE(became.ok());
  EXPECT_EQ(*became, Erasures::Became::kWaits);
  ASSERT_TRUE(Tell());
  EXPECT_EQ(Due(), 0u);
  vault_.clock.Advance(7 * base::kDayMs - 60'000);
  ASSERT_TRUE(Tell());
  EXPECT_EQ(Due(), 0u) << "the whole time again";
  EXPECT_EQ(Object(), "shown");
  const auto read =
      vault_.Wait(vault_.gate().approvals().Read(vault_.As("officer.privacy"), number_));
  EXPECT_EQ(std::get<Approvals::Shown>(*read).approval.state, State::kDenied);
  vault_.clock.Advance(120'000);
  EXPECT_EQ(Due(), 0u);
  EXPECT_TRUE(vault_.Wait(vault_.vault().people().Sight(Citizen())).ok());
}

TEST_F(ErasureRestore, ADayAtLeast) {
  Agree(0);
  ASSERT_TRUE(Tell());
  EXPECT_EQ(Due(), 1u);
  ObjectAndRestore();
  ASSERT_TRUE(Tell());
  EXPECT_EQ(Due(), 0u);
  vault_.clock.Advance(base::kDayMs - 60'000);
  EXPECT_EQ(Due(), 0u);
  vault_.clock.Advance(120'000);
  EXPECT_EQ(Due(), 1u) << "nobody stopped it again";
  const auto became = vault_.Wait(Gate().Proceed(number_, Erasures::Said::kYes, vault_.executor));
  ASSERT_TRUE(became.ok());
  EXPECT_EQ(*became, Erasures::Became::kDone);
}

}  // namespace
}  // namespace cloison::vault
