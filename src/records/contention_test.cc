// Many at once on one value, and many at once on few pages.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "records/testing/world.h"

namespace cloison::records {
namespace {

using testing::NamedTexts;
using testing::NirOf;
using testing::World;

NamedTexts Person(unsigned n) {
  return {{"identity.birth_name", "Nom"},
          {"identity.first_name", "Prénom"},
          {"civil_number.nir", NirOf(n)},
          {"contact.email", "person" + std::to_string(n) + "@example.org"}};
}

// One registration as the gate makes it, loaded ahead or not.
Task<Result<PersonId>> RegisterOne(World& world, unsigned number, bool ahead) {
  co_await world.home.Schedule();
  Result<keys::PersonKey> key = co_await world.persons->Create(world.home);
  if (!key.ok()) co_return key.error();
  Result<Registration> made =
      world.people->Register(std::move(*key), testing::ValuesOf(*world.schema, Person(number)));
  if (!made.ok()) co_return made.error();
  if (ahead) co_await made->LoadAhead();
  auto work = std::make_unique<testing::RegisterWork>(std::move(*made), nullptr);
  co_return co_await world.committer->Submit(std::move(work), world.home);
}

// What ends without a word to its caller; waited for by number.
class Ends {
 public:
  void One() {
    const std::lock_guard lock(mutex_);
    ++ended_;
    changed_.notify_all();
  }
  void WaitFor(int all) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, all] { return ended_ == all; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int ended_ = 0;
};

TEST(Contention, OfSixtyFourOneGetsTheNumberAThousandTimes) {
  constexpr int kParallel = 64;
  // ThreadSanitizer follows GCC's coroutines badly: with each one that goes on in another's place
  // its stack of calls grows, and thousands of them end it.
#if defined(__SANITIZE_THREAD__)
  constexpr unsigned kTimes = 20;
#else
  constexpr unsigned kTimes = 1'000;
#endif
  World world(kTimes);
  for (unsigned number = 0; number < kTimes; ++number) {
    std::atomic<int> made{0}, taken{0};
    Ends ends;
    const auto one = [](World& all, unsigned nir, bool ahead, std::atomic<int>& yes,
                        std::atomic<int>& no, Ends& ended) -> Task<void> {
      const Result<PersonId> outcome = co_await RegisterOne(all, nir, ahead);
      if (outcome.ok()) ++yes;
      if (!outcome.ok() && outcome.error().code() == Code::kConflict) ++no;
      ended.One();
    };
    for (int i = 0; i < kParallel; ++i) {
      base::Detach(one(world, number, i % 2 == 0, made, taken, ends));
    }
    ends.WaitFor(kParallel);
    ASSERT_EQ(made, 1) << number;
    ASSERT_EQ(taken, kParallel - 1) << number;
    ASSERT_EQ(world.Find("civil_number.nir", NirOf(number))->size(), 1u) << number;
  }
  EXPECT_EQ(world.Rows(store::Family::kPeople).size(), kTimes);
}

// People whose numbers and addresses lie on 8 pages of each index (the fewest are 16), and whose
// names lie on one.
std::vector<unsigned> OnEightPages(World& world, std::size_t count) {
  const Layout& layout = world.people->generations().Current()->in_force;
  const auto page = [&](const std::string& field, const std::string& text) {
    const Criterion criterion = world.CriterionOf(field, text);
    return internal::SlotOf(layout, world.people->index_keys(), criterion).page;
  };
  std::vector<unsigned> numbers;
  for (unsigned n = 0; numbers.size() < count; ++n) {
    const NamedTexts person = Person(n);
    const bool all =
        page(person[2].first, person[2].second) < 8 && page(person[3].first, person[3].second) < 8;
    if (all) numbers.push_back(n);
  }
  return numbers;
}

// Whoever has to wait goes first in the next batch, so no client falls behind the others.
TEST(Contention, OnAFewPagesNobodyStarves) {
#if defined(__SANITIZE_THREAD__)
  constexpr int kClients = 32, kEach = 16, kLeast = 1;  // it slows threads unevenly
#else
  constexpr int kClients = 128, kEach = 16, kLeast = kEach / 2;
#endif
  World world(1);
  const std::vector<unsigned> numbers = OnEightPages(world, kClients * kEach);
  std::array<std::atomic<int>, kClients> done{};
  std::atomic<int> least_when_first{-1}, failed{0};
  Ends ends;
  const auto client = [&](int mine) -> Task<void> {
    for (int i = 0; i < kEach; ++i) {
      const unsigned number = numbers[static_cast<std::size_t>(mine * kEach + i)];
      const Result<PersonId> outcome = co_await RegisterOne(world, number, i % 2 == 0);
      if (!outcome.ok()) ++failed;
      if (++done[static_cast<std::size_t>(mine)] < kEach) continue;
      int none = -1;
      const int least =
          std::ranges::min_element(done, {}, [](const auto& d) { return d.load(); })->load();
      least_when_first.compare_exchange_strong(none, least);
    }
    ends.One();
  };
  for (int i = 0; i < kClients; ++i) base::Detach(client(i));
  ends.WaitFor(kClients);
  EXPECT_EQ(failed, 0);
  EXPECT_GE(least_when_first, kLeast) << "the slowest, when the first had done its " << kEach;
  EXPECT_GT(world.committer->stats().again.value(), 0u) << "or nobody was in anybody's way";
  EXPECT_EQ(world.Rows(store::Family::kPeople).size(), static_cast<std::size_t>(kClients * kEach));
}

}  // namespace
}  // namespace cloison::records
