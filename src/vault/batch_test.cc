// What happens to a batch as a whole: closed by several threads, or dropped.
#include <gtest/gtest.h>

#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using testing::TestVault;

constexpr char kAdvisers[][16] = {"adviser.ft", "adviser.ce"};

constexpr std::size_t kRounds = 20;

// Every adviser asks for the same people of a caseload at once, several times: some are shown, some
// refused, and all of it is decided in a few batches.
std::size_t AskAllAtOnce(TestVault& vault, std::size_t people) {
  std::vector<std::string> words;
  const auto ask = [](TestVault& in, std::string_view who, std::string code,
                      std::vector<std::string>& out) -> Task<void> {
    access::DisclosureRequest request{
        {std::move(code)}, in.Fields({"contact.phone"}), {"support", "case-1"}};
    const auto outcome = co_await in.gate().Disclose(in.As(who), std::move(request));
    out.emplace_back(testing::Word(outcome));
  };
  for (std::size_t round = 0; round < kRounds; ++round) {
    for (const std::string_view who : kAdvisers) {
      const std::vector<PersonId> caseload = vault.CaseloadOf(who);
      for (std::size_t i = 0; i < std::min(people, caseload.size()); ++i) {
        base::Detach(ask(vault, who, vault.CodeFor(who, caseload[i]), words));
      }
    }
  }
  vault.executor.RunAll();
  EXPECT_EQ(std::count(words.begin(), words.end(), "error"), 0);
  return static_cast<std::size_t>(std::count(words.begin(), words.end(), "shown"));
}

TEST(Batch, ClosedBySeveralThreadsItIsAsWhole) {
  base::ThreadPool pool(3);
  TestVault vault;
  vault.builders = base::Parallel(&pool, 3);
  ASSERT_TRUE(vault.Start().ok());
  const std::uint64_t before = vault.vault().ledger().size();
  const std::uint64_t batches = vault.vault().committer().stats().batches.value();
  const std::size_t shown = AskAllAtOnce(vault, 40);
  EXPECT_EQ(shown, 2 * 40 * kRounds) << "two advisers, 40 people of their own each";
  EXPECT_EQ(vault.vault().ledger().size(), before + shown);
  const std::uint64_t made = vault.vault().committer().stats().batches.value() - batches;
  EXPECT_GT(shown / made, 100u) << "else batches are too small to be shared";
  // At start every principal's row, seen rows, the anchor and the tree are held against each other.
  ASSERT_TRUE(vault.Reopen().ok());
  EXPECT_EQ(AskAllAtOnce(vault, 40), shown) << "and the seen rows fit when they are loaded";
}

// Charges without showing anybody, and is dropped after all.
class DroppedWork final : public commit::Work {
 public:
  using Promise = std::monostate;
  DroppedWork(access::Principals& principals, PrincipalId who, bool freezes)
      : principals_(principals), who_(who), freezes_(freezes) {}
  commit::Lane lane() const override { return commit::Lane::kCaseload; }
  Task<Status> Load(commit::Staging& staging) override {
    co_return co_await principals_.Load(staging, who_);
  }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    access::PrincipalState& principal = principals_.Get(who_);
    if (freezes_) principals_.SetFrozen(principal, true);
    principals_.Charge(staging, principal, ClientId(1), 1, {});
    return Error{Code::kDenied, "dropped after all"};
  }
  Promise Take(const commit::Durable&) { return {}; }

 private:
  access::Principals& principals_;
  PrincipalId who_;
  bool freezes_;
};

TEST(Batch, WhatIsDroppedHidesNothingThatComesLater) {
  for (const bool freezes : {false, true}) {
    TestVault vault;
    ASSERT_TRUE(vault.Start().ok());
    const PrincipalId who = vault.Principal("adviser.ft").id;
    auto work = std::make_unique<DroppedWork>(vault.gate().principals(), who, freezes);
    const auto dropped =
        vault.Wait(vault.vault().committer().Submit(std::move(work), vault.executor));
    ASSERT_EQ(dropped.error().code(), Code::kDenied);
    const PersonId person = vault.CaseloadOf("adviser.ft")[0];
    const auto shown = vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support");
    EXPECT_EQ(testing::Word(shown), "shown") << "a freeze that was dropped is none";
    ASSERT_TRUE(vault.Reopen().ok());
    const auto again = vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support");
    EXPECT_EQ(testing::Word(again), "shown") << "the row was written with the entry";
  }
}

// What a policy lets somebody be charged for is loaded again, however much it is.
TEST(Batch, AnAccountWithManyRowsIsLoadedAgain) {
  TestVault vault;
  std::string toml = vault.policy->document();
  for (const std::string_view line :
       {"glimpsed = [120, 300, 800, 1_600]", "glimpsed_off_caseload = [60, 150, 400, 800]"}) {
    const std::size_t at = toml.find(line);
    ASSERT_NE(at, std::string::npos) << line;
    const std::string name(line.substr(0, line.find('[')));
    toml.replace(at, line.size(), name + "[20_000, 30_000, 30_000, 30_000]");
  }
  std::vector<std::string> problems;
  auto policy = access::Policy::Parse(toml, *DemoSchema(testing::SmallWorld()), &problems);
  ASSERT_TRUE(policy.ok());
  vault.policy = *policy;
  ASSERT_TRUE(vault.Start().ok());
  constexpr int kRows = 16'400;  // more than one scan of the store gives, many times
  for (int i = 0; i < kRows;) {
    std::vector<std::string> codes;
    for (int k = 0; k < 50 && i < kRows; ++k, ++i) codes.push_back("nobody-" + std::to_string(i));
    const auto missed = vault.DiscloseCodesAs("adviser.ft", codes, {"contact.phone"}, "support");
    ASSERT_EQ(testing::Word(missed), "not_available");
  }
  ASSERT_TRUE(vault.Reopen().ok());
  const auto own = vault.CodeFor("adviser.ft", vault.CaseloadOf("adviser.ft")[0]);
  EXPECT_EQ(testing::Word(vault.DiscloseCodesAs("adviser.ft", {own}, {"contact.phone"}, "support")),
            "shown");
}

}  // namespace
}  // namespace cloison::vault
