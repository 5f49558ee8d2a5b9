// What happens between two steps of a request: somebody else's change after the reading, the answer
// before the last write.
#include <gtest/gtest.h>

#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using testing::TestVault;
using testing::Word;

constexpr std::size_t kPeople = 60;

// What one request came to, and under which number of the ledger.
struct Ended {
  std::string word;
  std::uint64_t index = 0;
  std::uint64_t version = 0;
};

Task<void> Read(TestVault& vault, PersonId person, Ended& out) {
  access::DisclosureRequest request{
      {vault.CodeFor("adviser.ft", person)}, vault.Fields({"contact.phone"}), {"support", ""}};
  const auto outcome = co_await vault.gate().Disclose(vault.As("adviser.ft"), std::move(request));
  out.word = Word(outcome);
  if (out.word != "shown") co_return;
  const access::ShownRecord& record = std::get<access::Disclosed>(*outcome).records.at(0);
  out.index = record.recorded.at(0).index;
  out.version = record.version;
}

Task<void> Update(TestVault& vault, PersonId person, Ended& out) {
  std::vector<records::FieldChange> changes;
  for (records::Value& value : vault.ValuesOf({{"contact.phone", "0639980001"}})) {
    changes.push_back({value.field, std::move(value.text)});
  }
  access::Reason reason{"update", ""};
  const auto outcome =
      co_await vault.gate().Update(vault.As("app.case"), vault.CodeFor("app.case", person), 1,
                                   std::move(changes), std::move(reason));
  out.word = Word(outcome);
  if (out.word == "shown") out.index = std::get<access::Registered>(*outcome).recorded.index;
}

Task<void> TakeOff(TestVault& vault, PersonId person, Ended& out) {
  std::vector<access::Assignment> all{
      {DemoPrincipalId("adviser.ft"), vault.CodeFor("app.case", person), std::nullopt, true}};
  access::Gate::Once once{base::ToHex(person.bytes()), {1}};
  const auto outcome =
      co_await vault.gate().Assign(vault.As("app.case"), std::move(all), std::move(once));
  out.word = Word(outcome);
  if (out.word == "shown") out.index = std::get<access::Gate::Assigned>(*outcome).recorded.index;
}

Task<void> Erase(TestVault& vault, PersonId person, Ended& out) {
  std::string code = vault.CodeFor("officer.privacy", person);
  access::Reason reason{"erase", ""};
  const auto outcome = co_await vault.gate().Erase(vault.As("officer.privacy"), std::move(code), 1,
                                                   std::move(reason));
  out.word = Word(outcome);
}

// The ledger says who came first; what is shown is what was so then.
TEST(Gate, WhatChangedSinceItWasReadIsReadAgain) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const std::vector<PersonId> followed = vault.CaseloadOf("adviser.ft");
  std::size_t read_first = 0, changed_first = 0, taken_first = 0;
  for (std::size_t i = 0; i < 2 * kPeople; ++i) {
    SCOPED_TRACE(i);
    vault.clock.Advance(base::kHourMs);
    const bool updates = i % 2 == 0;
    Ended read, change;
    base::Detach(Read(vault, followed[i], read));
    for (std::size_t step = 0; step < i % 12; ++step) (void)vault.executor.Step();
    base::Detach(updates ? Update(vault, followed[i], change)
                         : TakeOff(vault, followed[i], change));
    vault.executor.RunAll();
    ASSERT_EQ(change.word, "shown");
    if (read.word != "shown") {
      ASSERT_FALSE(updates) << read.word;
      EXPECT_EQ(read.word, "not_available");
      ++taken_first;
    } else if (updates) {
      EXPECT_EQ(read.version, read.index < change.index ? 1u : 2u);
      ++(read.index < change.index ? read_first : changed_first);
    } else {
      EXPECT_LT(read.index, change.index) << "no more on the caseload";
    }
  }
  EXPECT_GT(read_first, 0u);
  EXPECT_GT(changed_first, 0u);
  EXPECT_GT(taken_first, 0u);
}

TEST(Gate, AnErasureIsAnsweredWhenTheKeyIsGone) {
  TestVault vault;
  vault.two_people = false;
  ASSERT_TRUE(vault.Start().ok());
  const std::vector<PersonId> followed = vault.CaseloadOf("adviser.ft");
  for (std::size_t i = 0; i < kPeople; ++i) {
    SCOPED_TRACE(i);
    vault.executor.RunAll();
    const store::Version before = vault.key_store.last_version();
    Ended erased;
    base::Detach(Erase(vault, followed[i], erased));
    while (erased.word.empty() && vault.executor.Step()) {
    }
    ASSERT_EQ(erased.word, "shown");
    EXPECT_GT(vault.key_store.last_version(), before) << "told before the key was destroyed";
  }
}

// Of who followed them too, and of who follows them no more.
TEST(Gate, ErasedPeopleArePairsOfNobodyInMemory) {
  TestVault vault;
  vault.two_people = false;
  ASSERT_TRUE(vault.Start().ok());
  const std::vector<PersonId> followed = vault.CaseloadOf("adviser.ft");
  const auto run = [&vault](auto begin, PersonId person) {
    Ended ended;
    base::Detach(begin(vault, person, ended));
    vault.executor.RunAll();
    ASSERT_EQ(ended.word, "shown");
  };
  for (std::size_t i = 0; i < 3; ++i) run(Read, followed[i]);
  ASSERT_EQ(vault.gate().pairs_kept(), 3u);
  run(TakeOff, followed[0]);
  run(Erase, followed[0]);
  EXPECT_EQ(vault.gate().pairs_kept(), 2u) << "who has left the caseload since the look";
  run(Erase, followed[1]);
  EXPECT_EQ(vault.gate().pairs_kept(), 1u);
}

}  // namespace
}  // namespace cloison::vault
