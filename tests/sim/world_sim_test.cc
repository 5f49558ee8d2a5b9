// Whole registers in seeded worlds: many clients, crashes, faults, clocks that are set, recovery,
// on one thread; after each step every promise is checked (docs/design/0010-seeded-worlds.md).
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/sim/seeds.h"
#include "tests/sim/world.h"

namespace cloison::sim {
namespace {

constexpr std::uint64_t kUsual = 100;
constexpr std::size_t kFailuresMax = 4;  // more would say the same
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kMany = 1'000;  // each costs many times as much
#else
constexpr std::uint64_t kMany = 10'000;
#endif

std::string Story(const World& world) {
  std::string out;
  for (const std::string& problem : world.problems()) out += problem + "\n";
  out += "the last of it:\n";
  for (const std::string& step : world.last()) out += "  " + step + "\n";
  return out;
}

std::string Sum(std::size_t worlds, const WorldCounts& all) {
  const std::pair<const char*, std::uint64_t> parts[] = {{"requests", all.requests},
                                                         {"entries", all.entries},
                                                         {"shown", all.shown},
                                                         {"spent", all.spent},
                                                         {"people", all.people},
                                                         {"erased", all.erased},
                                                         {"failed", all.failed},
                                                         {"unheard", all.unheard},
                                                         {"kills", all.kills},
                                                         {"power_cuts", all.power_cuts},
                                                         {"restarts", all.restarts},
                                                         {"faults", all.faults},
                                                         {"refused", all.refused_openings},
                                                         {"tampered", all.tampered}};
  std::string out = "worlds=" + std::to_string(worlds);
  for (const auto& [name, count] : parts)
    out += std::string(" ") + name + "=" + std::to_string(count);
  return out;
}

// CLOISON_SHARD=i/n: every n-th seed, from the i-th on.
bool IsOurs(std::uint64_t seed) {
  const char* shard = std::getenv("CLOISON_SHARD");
  if (shard == nullptr || std::getenv("CLOISON_SEED") != nullptr) return true;
  char* slash = nullptr;
  const std::uint64_t which = std::strtoull(shard, &slash, 10);
  return seed % std::strtoull(slash + 1, nullptr, 10) == which;
}

TEST(World, KeepsEveryPromise) {
  WorldCounts all;
  std::size_t worlds = 0, failures = 0;
  for (const std::uint64_t seed : Seeds(kUsual, kMany)) {
    if (!IsOurs(seed)) continue;
    World world(seed);
    world.Run();
    all.Add(world.counts());
    ++worlds;
    if (world.problems().empty()) continue;
    ADD_FAILURE() << Replay(seed) << "\n" << Story(world);
    if (++failures == kFailuresMax) break;
  }
  std::printf("%s\n", Sum(worlds, all).c_str());
  if (std::getenv("CLOISON_SEED") != nullptr) return;
  // All of it does happen.
  EXPECT_GT(all.shown, worlds);
  EXPECT_GT(all.spent, worlds);
  EXPECT_GT(all.erased, worlds / 4);
  EXPECT_GT(all.unheard, worlds / 4);
  EXPECT_GT(all.failed, worlds / 4);
  EXPECT_GT(all.kills + all.power_cuts, worlds);
  EXPECT_GT(all.faults, worlds / 4);
  EXPECT_GT(all.refused_openings, worlds / 20);
  EXPECT_GT(all.tampered, worlds / 2);
}

TEST(World, IsTheSameForTheSameSeed) {
  crypto::Digest last{};
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World once(seed), again(seed);
    once.Run();
    again.Run();
    EXPECT_EQ(base::ToHex(once.digest()), base::ToHex(again.digest())) << "seed " << seed;
    EXPECT_EQ(once.last(), again.last());
    EXPECT_NE(once.digest(), last) << "two seeds are one world";
    last = once.digest();
  }
}

}  // namespace
}  // namespace cloison::sim
