// Rows of watches and pools: what is written is read as it was, and nothing else is.
#include "sentinel/watch.h"

#include <gtest/gtest.h>

#include "base/testing/seeded_random.h"
#include "sentinel/pools.h"
#include "sentinel/sentinel.h"

namespace cloison::sentinel {
namespace {

using base::testing::SeededRandom;

void Fill(SeededRandom& random, TailState& state, std::uint32_t first) {
  if (random.Below(2) == 0) return;
  state.block = first + static_cast<std::uint32_t>(random.Below(400));
  state.score = static_cast<std::uint32_t>(random.Below(90));
  state.marked = state.score == 0 || random.Below(2) == 0;
  if (!state.marked) return;
  for (float& m : state.m) m = static_cast<float>(random.Below(1'000'000)) / 7.0F;
}

std::unique_ptr<PrincipalWatch> AnyWatch(SeededRandom& random) {
  auto watch =
      std::make_unique<PrincipalWatch>(static_cast<std::uint32_t>(random.Below(1'000'000)));
  for (std::size_t i = 0; i < watch->scores.size(); ++i) {
    Fill(random, watch->scores[i], watch->scores[i].block);
  }
  watch->acts = random.Below(2) == 0;
  watch->told = static_cast<Rung>(random.Below(5));
  watch->hour = static_cast<std::uint32_t>(random.Below(1u << 31));
  watch->in_hour = static_cast<std::uint32_t>(random.Below(500));
  const std::size_t asked = random.Below(kQueriesKept + 1);
  for (std::size_t i = 0; i < asked; ++i) watch->queries[i] = 1 + random.Below(UINT64_MAX);
  watch->strange_day = static_cast<std::uint32_t>(random.Below(30'000));
  watch->strange = static_cast<std::uint8_t>(random.Below(4));
  watch->cap_ms = static_cast<std::int64_t>(random.Below(1u << 30));
  watch->decoy_ms = static_cast<std::int64_t>(random.Below(1u << 30));
  watch->worn = static_cast<Rung>(random.Below(3));
  watch->worn_until_ms = static_cast<std::int64_t>(random.Below(1u << 30));
  watch->proven_since_ms = static_cast<std::int64_t>(random.Below(1u << 30));
  if (random.Below(2) == 0) {
    watch->held = Held{Rung::kSecondPerson, 7, 0, random.Draw<16>()};
    if (random.Below(2) == 0) {
      watch->held->rung = Rung::kFrozen;
      watch->held->frozen_ms = 9;
    }
  }
  return watch;
}

Bytes RowOf(const PrincipalWatch& watch) {
  ByteArray<access::kWatchBytesMax> row;
  const std::size_t size = watch.Write(row);
  return Bytes(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(size));
}

TEST(Watch, ReadsAsItWasWritten) {
  SeededRandom random(3);
  for (int i = 0; i < 2'000; ++i) {
    const auto watch = AnyWatch(random);
    const Bytes row = RowOf(*watch);
    const auto again = PrincipalWatch::Parse(row);
    ASSERT_TRUE(again.ok()) << i;
    EXPECT_EQ(RowOf(**again), row);
    EXPECT_EQ((*again)->held, watch->held);
    EXPECT_EQ((*again)->scores, watch->scores);
  }
}

TEST(Watch, OfAnIdleAgentIsSmall) {
  PrincipalWatch watch(20'000);
  EXPECT_LE(RowOf(watch).size(), 72u);
  watch.scores.back().score = 1;
  EXPECT_LE(RowOf(watch).size(), 81u);
}

TEST(Watch, RefusesWhatItDidNotWrite) {
  SeededRandom random(4);
  for (int i = 0; i < 300; ++i) {
    const auto watch = AnyWatch(random);
    Bytes row = RowOf(*watch);
    Bytes longer = row, shorter = row;
    longer.push_back(0);
    shorter.pop_back();
    EXPECT_FALSE(PrincipalWatch::Parse(longer).ok());
    EXPECT_FALSE(PrincipalWatch::Parse(shorter).ok());
    row[0] = 1;
    EXPECT_FALSE(PrincipalWatch::Parse(row).ok());
    row[0] = 2;
    row[1] = 4;
    EXPECT_FALSE(PrincipalWatch::Parse(row).ok());
  }
  EXPECT_FALSE(PrincipalWatch::Parse({}).ok());
}

TEST(Watch, GoldenRow) {
  PrincipalWatch watch(0x4e20);
  watch.acts = true;
  watch.told = Rung::kSecondPerson;
  watch.queries = {0xa1, 0xb2};
  watch.held = Held{Rung::kSecondPerson, 0x0102, 0, [] {
                      access::CaseId id;
                      id.fill(0xaa);
                      return id;
                    }()};
  watch.scores[0] = {0x4e21, 6, true, {1.0F, 2.0F, 0.5F}};
  EXPECT_EQ(base::ToHex(RowOf(watch)),
            "0203"
            "00004e20"
            "03"
            "00000000"
            "00000000"
            "02"
            "00000000000000a1"
            "00000000000000b2"
            "00000000"
            "00"
            "0000000000000000"
            "0000000000000000"
            "00"
            "0000000000000000"
            "0000000000000000"
            "03"
            "0000000000000102"
            "0000000000000000"
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "0001"
            "00004e21"
            "00000006"
            "01"
            "3f800000"
            "40000000"
            "3f000000");
}

TEST(Watch, AnotherCaseLetsNobodyGo) {
  Sentinel sentinel;
  PrincipalWatch watch(20'000);
  const access::CaseId file{1}, older{2};
  watch.held = Held{Rung::kFrozen, 7, 9, file};
  sentinel.EndCase(watch, older, 20'001 * base::kDayMs);
  EXPECT_TRUE(watch.held.has_value());
  sentinel.EndCase(watch, file, 20'001 * base::kDayMs);
  EXPECT_FALSE(watch.held.has_value());
}

TEST(Pool, ReadsAsItWasWritten) {
  SeededRandom random(5);
  for (int i = 0; i < 200; ++i) {
    Pool pool;
    pool.key = {static_cast<std::uint32_t>(1 + random.Below(9)),
                static_cast<std::uint32_t>(random.Below(3))};
    pool.Restart(static_cast<std::uint32_t>(random.Below(1'000'000)));
    for (TailState& state : pool.scores) Fill(random, state, state.block);
    for (int p = 0; p < 50; ++p) pool.day.Add(random.Draw<16>());
    pool.acts = random.Below(2) == 0;
    pool.told = random.Below(2) == 0;
    if (random.Below(2) == 0) pool.held = random.Draw<16>();
    const Bytes row = Serialise(pool);
    const auto again = ParsePool(row);
    ASSERT_TRUE(again.ok()) << i;
    EXPECT_EQ(Serialise(*again), row);
    Bytes shorter = row;
    shorter.pop_back();
    EXPECT_FALSE(ParsePool(shorter).ok());
    Bytes wrong = row;
    wrong.back() = 200;
    EXPECT_FALSE(ParsePool(wrong).ok()) << "no such register";
  }
}

}  // namespace
}  // namespace cloison::sentinel
