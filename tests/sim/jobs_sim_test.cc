// Approved jobs as random schedules: runs that begin whenever they may and when they may not,
// batches, again and out of turn, restarts, clocks that jump. Allowed exactly when a dull model
// allows it; and whatever was allowed, no interval shows more people than the bound.
#include <gtest/gtest.h>

#include <set>

#include "access/jobs.h"
#include "tests/sim/seeds.h"
#include "vault/testing/test_vault.h"

namespace cloison::sim {
namespace {

using access::JobItem;
using access::Jobs;
using vault::DemoPrincipalId;
using vault::testing::TestVault;
using vault::testing::Word;

constexpr std::size_t kSteps = 150;

class JobWorld {
 public:
  explicit JobWorld(std::uint64_t seed)
      : random_(seed), vault_(vault::testing::SmallWorld(), seed) {
    CLOISON_CHECK(vault_.Start().ok());
    for (const PersonId& person : vault_.CaseloadOf("adviser.ft")) {
      codes_.push_back(vault_.CodeFor("adviser.ft", person));
    }
    began_ms_ = NowMs();
    request_.label = "sim";
    request_.application = DemoPrincipalId("app.payment");
    request_.purpose = "payment";
    request_.fields = vault_.Fields({"bank.iban"});
    request_.recipient = bank_.key().bytes();
    request_.people_max = static_cast<std::uint32_t>(3 + random_.Below(12));
    request_.runs = static_cast<std::uint32_t>(1 + random_.Below(5));
    request_.pause_days = static_cast<std::uint32_t>(1 + random_.Below(20));
    request_.expires_ms =
        began_ms_ + static_cast<std::int64_t>(20 + random_.Below(60)) * base::kDayMs;
    const auto asked = vault_.AskAs("officer.privacy", "job", Encode(request_));
    number_ = std::get<access::Approvals::Shown>(*asked).approval.number;
    CLOISON_CHECK(Word(vault_.ApproveAs("officer.privacy.b", number_)) == "shown");
  }

  void Step() {
    vault_.clock.Advance(static_cast<std::int64_t>(
        random_.Below(3) == 0 ? random_.Below(8 * base::kDayMs) : random_.Below(base::kHourMs)));
    if (random_.Below(40) == 0) {
      ASSERT_TRUE(vault_.Reopen().ok());
    }
    if (random_.Below(4) == 0) return Begin();
    Seal();
  }

  std::size_t refused() const { return refused_; }
  std::size_t people() const { return shown_.size(); }
  // Empty, or the first interval that shows more people than the bound.
  std::string Broken() const {
    for (const std::int64_t length :
         {base::kHourMs, base::kDayMs, 7 * base::kDayMs, 20 * base::kDayMs, 100 * base::kDayMs}) {
      for (const auto& [from_ms, ignored] : shown_) {
        std::set<std::string> inside;
        for (const auto& [at_ms, person] : shown_) {
          if (at_ms >= from_ms && at_ms < from_ms + length) inside.insert(person);
        }
        if (inside.size() <= JobBound(request_, length)) continue;
        return std::to_string(inside.size()) + " people in " + std::to_string(length) + " ms";
      }
    }
    return "";
  }

 private:
  std::int64_t NowMs() { return vault_.vault().committer().Now().budget_ms; }
  bool Over() { return NowMs() >= request_.expires_ms; }

  void Begin() {
    const auto people = static_cast<std::uint32_t>(1 + random_.Below(request_.people_max + 2));
    const std::int64_t now_ms = NowMs();
    const bool due = runs_ == 0 || now_ms >= last_began_ms_ + request_.pause_days * base::kDayMs;
    const bool may = !Over() && people <= request_.people_max && runs_ < request_.runs && due;
    const auto outcome = vault_.Wait(vault_.gate().jobs().Begin(
        vault_.As("app.payment"), number_, people, {"run-" + std::to_string(++keys_), {}}));
    EXPECT_EQ(Word(outcome) == "shown", may) << Word(outcome);
    if (!may) {
      ++refused_;
      return;
    }
    ++runs_;
    last_began_ms_ = now_ms;
    asked_ = batches_ = 0;
  }

  void Seal() {
    if (runs_ == 0) return;
    const bool again = batches_ > 0 && random_.Below(4) == 0;
    std::vector<JobItem> items = last_;
    if (!again) {
      items.clear();
      for (std::uint64_t i = 1 + random_.Below(4); i > 0; --i) {
        items.push_back(
            {codes_[random_.Below(codes_.size())], false, std::to_string(random_.Below(9))});
      }
    }
    std::uint32_t batch = again ? batches_ : batches_ + 1;
    const bool astray = random_.Below(8) == 0;
    if (astray) batch += 1 + static_cast<std::uint32_t>(random_.Below(3));
    const bool fits = again || asked_ + items.size() <= request_.people_max;
    const bool same = again && astray && batch == batches_ + 1;  // the last people as a next batch
    const bool may =
        !Over() && (same ? asked_ + items.size() <= request_.people_max : !astray && fits);
    const std::int64_t now_ms = NowMs();
    const auto outcome = vault_.Wait(
        vault_.gate().jobs().Seal(vault_.As("app.payment"), number_, runs_, batch, items));
    EXPECT_EQ(Word(outcome) == "shown", may) << Word(outcome);
    if (Word(outcome) != "shown") {
      ++refused_;
      return;
    }
    for (const JobItem& item : items) shown_.emplace_back(now_ms, item.person);
    if (again && !same) return;
    asked_ += items.size();
    batches_ += 1;
    last_ = items;
  }

  base::testing::SeededRandom random_;
  TestVault vault_;
  crypto::RecipientSecret bank_{random_};
  access::JobRequest request_;
  std::uint64_t number_ = 0;
  std::vector<std::string> codes_;
  std::int64_t began_ms_ = 0, last_began_ms_ = 0;
  std::uint32_t runs_ = 0, batches_ = 0;
  std::size_t asked_ = 0, refused_ = 0;
  std::uint64_t keys_ = 0;
  std::vector<JobItem> last_;
  std::vector<std::pair<std::int64_t, std::string>> shown_;
};

TEST(JobsSim, AllowsExactlyWhatTheModelAllowsAndNeverMoreThanTheBound) {
  std::size_t people = 0, refused = 0;
  for (const std::uint64_t seed : Seeds(6, 300)) {
    SCOPED_TRACE(Replay(seed));
    JobWorld world(seed);
    for (std::size_t i = 0; i < kSteps && !testing::Test::HasFailure(); ++i) world.Step();
    EXPECT_EQ(world.Broken(), "");
    ASSERT_FALSE(testing::Test::HasFailure());
    people += world.people();
    refused += world.refused();
  }
  EXPECT_GT(people, 20u);
  EXPECT_GT(refused, 50u);
}

}  // namespace
}  // namespace cloison::sim
