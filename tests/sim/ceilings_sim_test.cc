// Ceilings and windows together: many principals of many offices and clients over random clocks and
// restarts, against the oracle. Never more pairs than a ceiling in any interval; refused exactly
// when the oracle refuses while everybody keeps their seat, and never without a reason when not.
#include <gtest/gtest.h>

#include "access/ceilings.h"
#include "base/testing/seeded_executor.h"
#include "base/testing/seeded_random.h"
#include "store/memory/memory_store.h"
#include "tests/sim/ceiling_oracle.h"
#include "tests/sim/seeds.h"
#include "tests/sim/window_oracle.h"

namespace cloison::sim {
namespace {

using access::Asker;
using access::CeilingSpec;
using access::Counter;
using access::CounterSet;
using access::kCounters;
using access::Scope;
using access::Showing;
using access::Windows;

constexpr std::size_t kSteps = 1'200;
constexpr std::size_t kPrincipals = 6;

struct Account {
  CeilingOracle::From from;
  Windows windows;
  WindowOracle oracle;
};

class CeilingWorld {
 public:
  CeilingWorld(std::uint64_t seed, bool moves) : random_(seed), moves_(moves), specs_(DrawSpecs()) {
    ceilings_.SetSpecs(specs_);
    for (std::uint32_t i = 0; i < kPrincipals; ++i) {
      access::Caps caps;
      for (auto& of : caps.of) {
        auto cap = static_cast<std::uint32_t>(3 + random_.Below(10));
        for (std::uint32_t& one : of) one = cap += static_cast<std::uint32_t>(random_.Below(9));
      }
      accounts_.push_back(
          {{i, 1 + i % 2, 1 + i % 3, 1 + i % 2}, Windows(caps), WindowOracle(caps)});
    }
  }

  void Step() {
    now_ms_ += DrawPause();
    if (random_.Below(60) == 0) Restart();
    if (random_.Below(25) == 0) return RunJob();
    Account& account = accounts_[random_.Below(accounts_.size())];
    if (moves_ && random_.Below(10) == 0) {
      account.from.office = static_cast<std::uint32_t>(1 + random_.Below(3));
      account.from.client = static_cast<std::uint32_t>(1 + random_.Below(2));
    }
    std::vector<CeilingOracle::Shown> batch;
    const std::uint64_t size = random_.Below(4) == 0 ? 1 + random_.Below(5) : 1;
    for (std::uint64_t i = 0; i < size; ++i) batch.push_back({random_.Below(12), DrawSet()});
    Ask(account, batch);
  }

  std::string Broken() const {
    for (const Account& account : accounts_) {
      if (const std::string broken = account.oracle.Broken(); !broken.empty()) return broken;
    }
    return oracle_.Broken();
  }
  std::size_t shown() const { return oracle_.count(); }
  std::size_t refused() const { return refused_; }

 private:
  std::vector<CeilingSpec> DrawSpecs() {
    static constexpr std::pair<std::int64_t, std::uint32_t> kBuckets[] = {
        {15 * base::kMinuteMs, 4}, {base::kHourMs, 24}, {base::kDayMs, 7}, {base::kDayMs, 31}};
    std::vector<CeilingSpec> specs;
    for (std::size_t s = 1; s < access::kScopes; ++s) {
      for (const auto& [bucket_ms, buckets] : kBuckets) {
        if (random_.Below(2) == 0) continue;
        CeilingSpec spec{static_cast<Scope>(s), {}, {}, bucket_ms, buckets, {}};
        for (auto& cap : spec.caps) {
          if (random_.Below(4) != 0) cap = static_cast<std::uint32_t>(4 + random_.Below(20));
        }
        specs.push_back(spec);
      }
    }
    return specs;
  }
  // The edges of buckets come often.
  std::int64_t DrawPause() {
    switch (random_.Below(9)) {
      case 0: return 0;
      case 1: return base::kHourMs - now_ms_ % base::kHourMs - 1;
      case 2: return base::kHourMs - now_ms_ % base::kHourMs;
      case 3: return static_cast<std::int64_t>(random_.Below(2 * base::kDayMs));
      case 4: return random_.Below(20) == 0 ? 33 * base::kDayMs : 1;
      default: return static_cast<std::int64_t>(random_.Below(20 * base::kMinuteMs));
    }
  }
  CounterSet DrawSet() {
    CounterSet set;
    for (std::size_t c = 0; c < kCounters; ++c) {
      if (random_.Below(2) == 0) set.Add(static_cast<Counter>(c));
    }
    return set;
  }
  static access::SeenId IdOf(std::uint64_t principal, std::uint64_t person) {
    access::SeenId id{};
    const ByteArray<8> bytes = base::BigU64((principal << 32 | person) * 0x9e3779b97f4a7c15u);
    std::copy(bytes.begin(), bytes.end(), id.begin());
    id[15] = 1;
    return id;
  }

  void Ask(Account& account, const std::vector<CeilingOracle::Shown>& batch) {
    std::vector<Showing> showings;
    std::vector<WindowOracle::Shown> alone;
    for (const CeilingOracle::Shown& shown : batch) {
      showings.push_back({IdOf(account.from.principal, shown.person), shown.counters});
      alone.push_back({shown.person, shown.counters});
    }
    const Asker asker{OrganisationId(account.from.organisation),
                      {account.from.office, account.from.client}};
    commit::Staging staging(store_, recent_, ++version_, {now_ms_, now_ms_});
    ceilings_.Begin(staging);
    if (random_.Below(8) == 0) DropOne(asker, account.windows, showings);
    const bool own = !account.windows.WouldPass(now_ms_, showings).has_value();
    const bool above = !ceilings_.WouldPass(now_ms_, asker, account.windows, showings).has_value();
    EXPECT_EQ(own, account.oracle.Allows(now_ms_, alone));
    if (!moves_) {
      EXPECT_EQ(above, oracle_.Allows(now_ms_, account.from, batch));
    } else if (!above) {
      EXPECT_FALSE(oracle_.AllowsAtWorst(now_ms_, account.from, batch));
    }
    if (!own || !above) {
      ++refused_;
      return;
    }
    for (const Showing& showing : showings) {
      ceilings_.Move(now_ms_, asker, account.windows.FindSeen(showing.who), showing);
      account.windows.Debit(now_ms_, {&showing, 1}, asker.seat);
    }
    ceilings_.Close(staging);
    ASSERT_TRUE(executor_.Wait(store_.Commit(staging.TakeWrites()))->ok());
    oracle_.Show(now_ms_, account.from, batch);
    account.oracle.Show(now_ms_, alone);
  }
  // A batch of an approved job: nobody is free, the register alone counts, and its row is tied.
  void RunJob() {
    const CounterSet set = DrawSet();
    std::vector<CeilingOracle::Shown> batch(1 + random_.Below(4), {0, set});
    std::vector<Showing> showings;
    for (CeilingOracle::Shown& shown : batch) {
      shown.person = ++job_people_;
      showings.push_back({IdOf(kPrincipals, shown.person), set});
    }
    const CeilingOracle::From from{kPrincipals, 1, 1, 1, true};
    const Asker asker{OrganisationId(1), {}, true};
    const Windows nobody{access::Caps{}};
    commit::Staging staging(store_, recent_, ++version_, {now_ms_, now_ms_});
    ceilings_.Begin(staging);
    const bool above = !ceilings_.WouldPass(now_ms_, asker, nobody, showings).has_value();
    if (!moves_) {
      EXPECT_EQ(above, oracle_.Allows(now_ms_, from, batch));
    } else if (!above) {
      EXPECT_FALSE(oracle_.AllowsAtWorst(now_ms_, from, batch));
    }
    if (!above) {
      ++refused_;
      return;
    }
    for (const Showing& showing : showings) ceilings_.Move(now_ms_, asker, nullptr, showing);
    const std::size_t mark = ceilings_.Mark();
    ceilings_.Tie(job_row_, Bytes{9, 9});  // of a work that is dropped after all
    ceilings_.Rollback(mark);
    const Bytes row = base::ToBytes(base::BigU64(job_people_));
    ceilings_.Tie(job_row_, row);
    job_row_ = row;
    const store::Key key{store::Family::kJobs, "job"};
    staging.Put(key, state_.Seal(key, row));
    ceilings_.Close(staging);
    ASSERT_TRUE(executor_.Wait(store_.Commit(staging.TakeWrites()))->ok());
    oracle_.Show(now_ms_, from, batch);
  }
  // A work of the same batch that is dropped after all.
  void DropOne(const Asker& asker, const Windows& windows, const std::vector<Showing>& showings) {
    const std::size_t mark = ceilings_.Mark();
    if (ceilings_.WouldPass(now_ms_, asker, windows, showings).has_value()) return;
    for (const Showing& showing : showings)
      ceilings_.Move(now_ms_, asker, windows.FindSeen(showing.who), showing);
    ceilings_.Rollback(mark);
  }
  // As after a crash: from what the rows hold.
  void Restart() {
    const access::LaneSum sum = ceilings_.sum();
    ASSERT_TRUE(executor_.Wait(ceilings_.Recover(store_, {}))->ok());
    EXPECT_EQ(ceilings_.sum(), sum);
    ceilings_.SetSpecs(specs_);
    for (Account& account : accounts_) {
      Windows again(account.windows.caps());
      for (std::uint64_t person = 0; person < 12; ++person) {
        const access::SeenId id = IdOf(account.from.principal, person);
        if (const access::Seen* seen = account.windows.FindSeen(id)) again.Restore(id, *seen);
      }
      again.Settle();
      (void)again.Prune(now_ms_);
      account.windows = std::move(again);
    }
  }

  base::testing::SeededRandom random_;
  base::testing::SeededExecutor executor_{1};
  const bool moves_;
  std::vector<CeilingSpec> specs_;
  store::MemoryStore store_;
  commit::RecentChanges recent_;
  commit::SealedState state_{RegisterId(1), 1, crypto::Secret<32>{}, random_};
  access::Ceilings ceilings_{state_};
  CeilingOracle oracle_{specs_};
  std::vector<Account> accounts_;
  std::int64_t now_ms_ = 1'700'000'000'000;
  store::Version version_ = 0;
  std::size_t refused_ = 0;
  std::uint64_t job_people_ = 1'000;
  std::optional<Bytes> job_row_;
};

void RunWorlds(bool moves, std::uint64_t usual, std::uint64_t many) {
  std::size_t shown = 0, refused = 0;
  for (const std::uint64_t seed : Seeds(usual, many)) {
    SCOPED_TRACE(Replay(seed));
    CeilingWorld world(seed, moves);
    for (std::size_t i = 0; i < kSteps && !testing::Test::HasFailure(); ++i) world.Step();
    EXPECT_EQ(world.Broken(), "");
    ASSERT_FALSE(testing::Test::HasFailure());
    shown += world.shown();
    refused += world.refused();
  }
  EXPECT_GT(shown, 300u);
  EXPECT_GT(refused, 100u);
}

TEST(CeilingsSim, AllowsExactlyWhatTheOracleAllows) {
  RunWorlds(false, 30, 2'000);
}
TEST(CeilingsSim, NeverTooFewWhenPeopleMove) {
  RunWorlds(true, 30, 2'000);
}

// The most pairs that the ceilings of a policy allow in any interval of this length.
std::uint64_t BoundOf(const std::vector<CeilingSpec>& specs, std::int64_t length_ms) {
  std::uint64_t least = UINT64_MAX;
  for (const CeilingSpec& spec : specs) {
    const std::int64_t all_ms = spec.bucket_ms * spec.buckets;
    const auto times = static_cast<std::uint64_t>((length_ms + all_ms - 1) / all_ms);
    least = std::min(least, times * *spec.caps[0]);
  }
  return least;
}

// A thief takes whatever is given, under one policy and then others.
class ChangeWorld {
 public:
  explicit ChangeWorld(std::uint64_t seed) : random_(seed) {
    for (std::uint64_t left = 2 + random_.Below(3); left > 0; --left) {
      policies_.push_back(policies_.empty() || random_.Below(3) != 0 ? Draw() : Edited());
    }
  }

  void Run() {
    for (const std::vector<CeilingSpec>& policy : policies_) {
      if (random_.Below(2) == 0) {  // as after a crash: from what the rows hold
        EXPECT_TRUE(executor_.Wait(ceilings_.Recover(store_, {}))->ok());
      }
      ceilings_.SetSpecs(policy);
      began_ms_.push_back(now_ms_ + 1);  // a batch of that time was the last before
      for (std::int64_t end_ms = now_ms_ + DrawPhase(); now_ms_ < end_ms;) Take();
    }
  }
  // Empty, or the first interval as long as a ceiling of the policy in force at its end that shows
  // more than the largest of: that ceiling; what it showed before that policy came; what a ceiling
  // allows that held in all of it.
  std::string Broken() const {
    for (std::size_t k = 1; k < policies_.size(); ++k) {
      for (const CeilingSpec& spec : policies_[k]) {
        const std::string broken = Broken(k, spec);
        if (!broken.empty()) return broken;
      }
    }
    return "";
  }
  bool Crosses() const {  // something was shown soon before and soon after the last change
    const std::int64_t changed_ms = began_ms_.back();
    const auto near = [this](std::int64_t from, std::int64_t to) {
      return std::ranges::any_of(shown_, [=](std::int64_t at) { return at >= from && at < to; });
    };
    return near(changed_ms - 7 * base::kDayMs, changed_ms) &&
           near(changed_ms, changed_ms + 7 * base::kDayMs);
  }

 private:
  static std::string Said(const std::vector<CeilingSpec>& specs) {
    std::string said;
    for (const CeilingSpec& spec : specs) {
      said += std::to_string(*spec.caps[0]) + " in " + std::to_string(spec.buckets) + " x " +
              std::to_string(spec.bucket_ms / base::kMinuteMs) + " min, ";
    }
    return said;
  }
  std::string Broken(std::size_t k, const CeilingSpec& spec) const {
    const std::int64_t length_ms = spec.bucket_ms * spec.buckets;
    const std::int64_t reign_ends_ms = k + 1 < began_ms_.size() ? began_ms_[k + 1] : INT64_MAX;
    std::size_t end = 0;
    for (std::size_t begin = 0; begin < shown_.size(); ++begin) {
      const std::int64_t ends_ms = std::min(shown_[begin] + length_ms, reign_ends_ms);
      while (end < shown_.size() && shown_[end] < ends_ms) ++end;
      if (end <= begin || shown_[end - 1] < began_ms_[k]) continue;
      const auto first = shown_.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto before = std::lower_bound(first, shown_.end(), began_ms_[k]) - first;
      const std::uint64_t most =
          std::max({std::uint64_t{*spec.caps[0]}, static_cast<std::uint64_t>(before),
                    StillHeld(shown_[begin], k, length_ms)});
      if (end - begin <= most) continue;
      std::string said = std::to_string(end - begin) + " above " + std::to_string(most) + " in " +
                         std::to_string(length_ms / base::kMinuteMs) + " min";
      for (std::size_t i = 0; i <= k; ++i) said += "; " + Said(policies_[i]);
      return said;
    }
    return "";
  }
  bool ShowsUnder(std::size_t policy) const {
    const auto first = std::lower_bound(shown_.begin(), shown_.end(), began_ms_[policy]);
    return first != shown_.end() && *first < began_ms_[policy + 1];
  }
  // What the ceilings allow within `length_ms` that are in every policy from the one at `from_ms`
  // to the `last`, but for those under which nobody was shown. 0: there is none.
  std::uint64_t StillHeld(std::int64_t from_ms, std::size_t last, std::int64_t length_ms) const {
    std::size_t first = last;
    while (first > 0 && began_ms_[first] > from_ms) --first;
    std::vector<CeilingSpec> held = policies_[first];
    for (std::size_t i = first + 1; i <= last; ++i) {
      if (i < last && !ShowsUnder(i)) continue;
      std::erase_if(held, [&](CeilingSpec& one) {
        const auto same = std::ranges::find_if(policies_[i], [&one](const CeilingSpec& other) {
          return other.bucket_ms == one.bucket_ms && other.buckets == one.buckets;
        });
        if (same == policies_[i].end()) return true;
        one.caps[0] = std::max(*one.caps[0], *same->caps[0]);
        return false;
      });
    }
    return held.empty() ? 0 : BoundOf(held, length_ms);
  }
  // The last policy with some ceilings left out, added, made lower or higher.
  std::vector<CeilingSpec> Edited() {
    std::vector<CeilingSpec> specs = policies_.back();
    for (const CeilingSpec& more : Draw()) {
      const bool known = std::ranges::any_of(specs, [&more](const CeilingSpec& one) {
        return one.bucket_ms == more.bucket_ms && one.buckets == more.buckets;
      });
      if (!known && random_.Below(2) == 0) specs.push_back(more);
    }
    for (CeilingSpec& one : specs) {
      if (random_.Below(3) == 0) one.caps[0] = 1 + *one.caps[0] / 2;
      if (random_.Below(6) == 0) one.caps[0] = *one.caps[0] + 2;
    }
    if (specs.size() > 1 && random_.Below(2) == 0) {
      specs.erase(specs.begin() + static_cast<std::ptrdiff_t>(random_.Below(specs.size())));
    }
    return specs;
  }
  std::vector<CeilingSpec> Draw() {
    static constexpr std::pair<std::int64_t, std::uint32_t> kBuckets[] = {
        {15 * base::kMinuteMs, 4}, {10 * base::kMinuteMs, 6},  {base::kHourMs, 24},
        {3 * base::kHourMs, 8},    {30 * base::kMinuteMs, 48}, {base::kDayMs, 7}};
    std::vector<CeilingSpec> specs;
    while (specs.empty()) {
      for (const auto& [bucket_ms, buckets] : kBuckets) {
        if (random_.Below(3) != 0) continue;
        CeilingSpec spec{Scope::kRegister, {}, {}, bucket_ms, buckets, {}};
        spec.caps[0] = static_cast<std::uint32_t>(
            3 + random_.Below(static_cast<std::uint64_t>(4 + bucket_ms * buckets / base::kHourMs)));
        specs.push_back(spec);
      }
    }
    return specs;
  }
  std::int64_t DrawPhase() {
    return static_cast<std::int64_t>(base::kHourMs + random_.Below(9 * base::kDayMs));
  }
  void Take() {
    now_ms_ += static_cast<std::int64_t>(
        random_.Below(random_.Below(9) == 0 ? 2 * base::kHourMs : base::kHourMs / 4));
    commit::Staging staging(store_, recent_, ++version_, {now_ms_, now_ms_});
    ceilings_.Begin(staging);
    for (std::uint64_t tries = 1 + random_.Below(4); tries > 0; --tries) {
      access::SeenId who{};
      const ByteArray<8> bytes = base::BigU64(++people_);
      std::copy(bytes.begin(), bytes.end(), who.begin());
      const Showing showing{who, CounterSet().Add(Counter::kOpened)};
      if (ceilings_.WouldPass(now_ms_, kAsker, windows_, {&showing, 1}).has_value()) break;
      ceilings_.Move(now_ms_, kAsker, windows_.FindSeen(showing.who), showing);
      shown_.push_back(now_ms_);
    }
    ceilings_.Close(staging);
    ASSERT_TRUE(executor_.Wait(store_.Commit(staging.TakeWrites()))->ok());
  }

  static constexpr Asker kAsker{OrganisationId(1), {1, 1}};
  base::testing::SeededRandom random_;
  base::testing::SeededExecutor executor_{1};
  std::vector<std::vector<CeilingSpec>> policies_;
  std::vector<std::int64_t> began_ms_;  // of each policy
  store::MemoryStore store_;
  commit::RecentChanges recent_;
  commit::SealedState state_{RegisterId(1), 1, crypto::Secret<32>{}, random_};
  access::Ceilings ceilings_{state_};
  Windows windows_{access::Caps{}};
  std::vector<std::int64_t> shown_;
  std::int64_t now_ms_ = 1'700'000'000'000;
  std::uint64_t people_ = 0;
  store::Version version_ = 0;
};

TEST(CeilingsSim, AChangeNeverGivesMoreThanTheLargerBound) {
  std::size_t across = 0;
  for (const std::uint64_t seed : Seeds(100, 5'000)) {
    SCOPED_TRACE(Replay(seed));
    ChangeWorld world(seed);
    world.Run();
    ASSERT_EQ(world.Broken(), "");
    across += world.Crosses() ? 1 : 0;
  }
  EXPECT_GT(across, 30u);
}

// The oracle itself can say no.
TEST(CeilingsSim, TheOracleFindsABrokenPromise) {
  CeilingSpec spec{Scope::kOffice, {}, {}, base::kHourMs, 24, {}};
  spec.caps.fill(2);
  CeilingOracle oracle({spec});
  const CounterSet opened = CounterSet().Add(Counter::kOpened);
  for (std::uint64_t principal = 0; principal < 3; ++principal) {
    oracle.Show(1'000, {principal, 1, 1, 1}, {{7, opened}});
  }
  EXPECT_FALSE(oracle.Allows(2'000, {4, 1, 1, 1}, {{7, opened}}));
  EXPECT_TRUE(oracle.Allows(2'000, {4, 1, 2, 1}, {{7, opened}}));
  EXPECT_EQ(oracle.Broken(), "office/opened: 3 pairs under a ceiling of 2");
}

// What the table's rates are for: an organisation of honest advisers is never refused by ceilings
// of its start values (spec/access.md section 4: 40 opened an agent and day). A day is 24 buckets
// of an hour and the one that has begun, so 25 hours count: a day's people and those of the busiest
// hour together may be 40 an agent. docs/operate/budgets.md says so.
TEST(CeilingsSim, HonestSchedulesAreNeverRefused) {
  constexpr std::uint32_t kAgents = 20;
  struct Row {
    const char* why;
    std::vector<std::pair<std::int64_t, std::uint32_t>> day;  // from midnight, people
  };
  const Row rows[] = {
      {"eight hours of four",
       {{8 * base::kHourMs, 4},
        {9 * base::kHourMs, 4},
        {10 * base::kHourMs, 4},
        {11 * base::kHourMs, 4},
        {13 * base::kHourMs, 4},
        {14 * base::kHourMs, 4},
        {15 * base::kHourMs, 4},
        {16 * base::kHourMs, 4}}},
      {"thirty, of them ten at noon",
       {{9 * base::kHourMs, 7},
        {12 * base::kHourMs, 10},
        {15 * base::kHourMs, 7},
        {17 * base::kHourMs, 6}}},
      {"all in one hour", {{9 * base::kHourMs, 20}}},
      {"all of it in the last minute of the day", {{24 * base::kHourMs - base::kMinuteMs, 20}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    base::testing::SeededRandom random(1);
    commit::SealedState state(RegisterId(1), 1, crypto::Secret<32>{}, random);
    store::MemoryStore store;
    commit::RecentChanges recent;
    access::Ceilings ceilings(state);
    CeilingSpec spec{Scope::kOrganisation, {}, {}, base::kHourMs, 24, {}};
    spec.caps[static_cast<std::size_t>(Counter::kOpened)] = 40 * kAgents;
    ceilings.SetSpecs({spec});
    access::Caps wide;
    for (auto& of : wide.of) of.fill(1'000'000);
    std::vector<Windows> windows(kAgents, Windows(wide));
    for (std::int64_t day = 20'000; day < 20'010; ++day) {
      for (const auto& [at_ms, people] : row.day) {
        const std::int64_t now_ms = day * base::kDayMs + at_ms;
        commit::Staging staging(store, recent, 1, {now_ms, now_ms});
        ceilings.Begin(staging);
        for (std::uint32_t agent = 0; agent < kAgents; ++agent) {
          const Asker asker{OrganisationId(1), {agent % 4, 1}};
          for (std::uint32_t i = 0; i < people; ++i) {
            access::SeenId who{};
            const auto person = base::BigU64(random.Below(UINT32_MAX));
            std::copy(person.begin(), person.end(), who.begin());
            const Showing showing{who, CounterSet().Add(Counter::kOpened)};
            ASSERT_FALSE(
                ceilings.WouldPass(now_ms, asker, windows[agent], {&showing, 1}).has_value());
            ceilings.Move(now_ms, asker, windows[agent].FindSeen(showing.who), showing);
            windows[agent].Debit(now_ms, {&showing, 1}, asker.seat);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace cloison::sim
