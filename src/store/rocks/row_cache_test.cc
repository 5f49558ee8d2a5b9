#include "store/rocks/internal/row_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace cloison::store::internal {
namespace {

Key KeyOf(int number, Family family = Family::kPeople) {
  return {family, "row " + std::to_string(number)};
}
Row RowOf(Version version, std::size_t size = 8) {
  return {version, Bytes(size, static_cast<std::uint8_t>(version))};
}
// What a reader does that found `row` in the store.
void Read(RowCache& cache, const Key& key, const Row& row) {
  std::uint64_t mark = 0;
  if (!cache.Find(key, mark).has_value()) cache.Keep(key, row, mark);
}
Version Kept(RowCache& cache, const Key& key) {
  std::uint64_t mark = 0;
  const std::optional<Row> row = cache.Find(key, mark);
  return row.has_value() ? row->version : kAbsent;
}

TEST(RowCache, GivesWhatWasReadUntilItIsDropped) {
  RowCache cache(1u << 20);
  for (int i = 0; i < 100; ++i) Read(cache, KeyOf(i), RowOf(static_cast<Version>(i) + 1));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Kept(cache, KeyOf(i)), static_cast<Version>(i) + 1);
  EXPECT_EQ(Kept(cache, KeyOf(1, Family::kCaseload)), kAbsent) << "of another family";
  cache.Drop(KeyOf(7));
  EXPECT_EQ(Kept(cache, KeyOf(7)), kAbsent);
  EXPECT_EQ(Kept(cache, KeyOf(8)), 9u);
  cache.DropAll();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(Kept(cache, KeyOf(i)), kAbsent);
  EXPECT_EQ(cache.bytes(), 0u);
}

// A commit between a reader's look into the store and its Keep.
TEST(RowCache, DoesNotKeepWhatWasWrittenMeanwhile) {
  const struct {
    const char* why;
    void (*meanwhile)(RowCache&);
    Version kept;
  } rows[] = {
      {"nothing happened", [](RowCache&) {}, 1},
      {"the row was written", [](RowCache& cache) { cache.Drop(KeyOf(1)); }, kAbsent},
      {"all was dropped", [](RowCache& cache) { cache.DropAll(); }, kAbsent},
      {"written, and read anew by another",
       [](RowCache& cache) {
         cache.Drop(KeyOf(1));
         Read(cache, KeyOf(1), RowOf(2));
       },
       2},
  };
  for (const auto& row : rows) {
    RowCache cache(1u << 20);
    std::uint64_t mark = 0;
    ASSERT_FALSE(cache.Find(KeyOf(1), mark).has_value());
    row.meanwhile(cache);
    cache.Keep(KeyOf(1), RowOf(1), mark);
    EXPECT_EQ(Kept(cache, KeyOf(1)), row.kept) << row.why;
  }
}

TEST(RowCache, DoesNotKeepTheAbsent) {
  RowCache cache(1u << 20);
  Read(cache, KeyOf(1), Row{});
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(RowCache, KeepsNoMoreThanItsLimit) {
  for (const std::size_t limit : {std::size_t{0}, std::size_t{64} << 10, std::size_t{1} << 20}) {
    RowCache cache(limit);
    for (int i = 0; i < 4'000; ++i) {
      Read(cache, KeyOf(i), RowOf(1, 600));
      ASSERT_LE(cache.bytes(), limit) << i;
    }
    Read(cache, KeyOf(-1), RowOf(1, limit));
    EXPECT_EQ(Kept(cache, KeyOf(-1)), kAbsent) << "larger than its part of the cache";
    EXPECT_EQ(cache.bytes() > limit / 4, limit > 0);
  }
}

TEST(RowCache, WhatIsAskedForStays) {
  RowCache cache(256u << 10);
  Read(cache, KeyOf(-1), RowOf(9));
  for (int i = 0; i < 4'000; ++i) {
    Read(cache, KeyOf(i), RowOf(1, 600));
    ASSERT_EQ(Kept(cache, KeyOf(-1)), 9u) << i;
  }
  EXPECT_EQ(Kept(cache, KeyOf(0)), kAbsent);
}

TEST(RowCache, AFullCacheOfWantedRowsTakesNewOnes) {
  RowCache cache(64u << 10);
  for (int i = 0; i < 2'000; ++i) {
    Read(cache, KeyOf(i), RowOf(1, 600));
    ASSERT_EQ(Kept(cache, KeyOf(i)), 1u) << i << ": every row has been asked for";
  }
}

// One writer, readers beside it: nobody reads what was before a write that has ended.
TEST(RowCache, NeverGivesAnOlderRow) {
  RowCache cache(1u << 20);
  std::atomic<Version> stored{1}, ended{1};
  std::atomic<bool> stale{false};
  std::vector<std::thread> readers;
  for (int r = 0; r < 2; ++r) {
    readers.emplace_back([&cache, &stored, &ended, &stale] {
      while (ended < 20'000) {
        const Version before = ended;
        std::uint64_t mark = 0;
        std::optional<Row> row = cache.Find(KeyOf(1), mark);
        if (!row.has_value()) {
          row = RowOf(stored);
          cache.Keep(KeyOf(1), *row, mark);
        }
        if (row->version < before) stale = true;
      }
    });
  }
  while (ended < 20'000) {
    const Version next = stored + 1;
    stored = next;
    cache.Drop(KeyOf(1));
    ended = next;
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_FALSE(stale);
}

}  // namespace
}  // namespace cloison::store::internal
