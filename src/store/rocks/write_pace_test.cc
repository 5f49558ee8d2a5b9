#include "store/rocks/internal/write_pace.h"

#include <gtest/gtest.h>
#include <rocksdb/rate_limiter.h>

#include <thread>
#include <vector>

namespace cloison::store::internal {
namespace {

constexpr std::int64_t kRate = 1'000'000;  // a byte a microsecond
constexpr std::int64_t kTurnUs = 1'000;

TEST(WritePace, EachWriterWaitsForWhatWasTaken) {
  WritePace pace(kRate, kTurnUs);
  EXPECT_EQ(pace.turn_bytes(), 1'000);
  const struct {
    const char* why;
    std::int64_t now_us, bytes, wait_us;
  } rows[] = {
      {"the first at once", 50, 1'000, 0},
      {"the next when that is written", 50, 1'000, 1'000},
      {"a third behind both", 550, 500, 1'500},
      {"nothing costs nothing, in its turn", 2'550, 0, 0},
      {"late: at once", 9'000, 1'000, 0},
      {"what was not used before is no credit", 9'100, 1'000, 900},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(pace.Take(row.bytes, row.now_us), row.wait_us) << row.why;
  }
}

TEST(WritePace, AnotherRateCountsFromThenOn) {
  WritePace pace(kRate, kTurnUs);
  EXPECT_EQ(pace.Take(1'000, 0), 0);
  pace.set_bytes_per_second(2 * kRate);
  EXPECT_EQ(pace.turn_bytes(), 2'000);
  EXPECT_EQ(pace.Take(1'000, 0), 1'000) << "what was taken before";
  EXPECT_EQ(pace.Take(1'000, 0), 1'500);
}

// RocksDB's own leaves one of several asleep now and then.
TEST(RateLimiter, ManyWritersAllEnd) {
  const auto limiter = MakeRateLimiter(1'000 * kRate, 100);
  constexpr int kWriters = 8, kTurns = 2'000;
  const std::int64_t bytes = limiter->GetSingleBurstBytes() / 10;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&limiter, bytes, i] {
      const auto priority = i % 2 == 0 ? rocksdb::Env::IO_HIGH : rocksdb::Env::IO_LOW;
      for (int turn = 0; turn < kTurns; ++turn) {
        limiter->Request(bytes, priority, nullptr, rocksdb::RateLimiter::OpType::kWrite);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(limiter->GetTotalRequests(), kWriters * kTurns);
  EXPECT_EQ(limiter->GetTotalBytesThrough(), kWriters * kTurns * bytes);
}

}  // namespace
}  // namespace cloison::store::internal
