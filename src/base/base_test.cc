#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/files.h"
#include "base/ids.h"
#include "base/indirect.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/testing/manual_clock.h"
#include "base/testing/seeded_executor.h"
#include "base/testing/seeded_random.h"

namespace cloison::base {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return Error{Code::kInvalid, "odd", n};
  return n / 2;
}

Result<int> Quarter(int n) {
  CLOISON_TRY_ASSIGN(const int half, Half(n));
  return Half(half);
}

TEST(Result, TryPassesTheErrorOn) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_EQ(Quarter(6).error().detail(), 3);
  EXPECT_EQ(Quarter(6).error().code(), Code::kInvalid);
  EXPECT_EQ(Quarter(6).error().text(), "odd");
}

TEST(ResultDeathTest, TheValueOfAnErrorIsABug) {
  EXPECT_DEATH((void)Half(1).value(), "check failed");
}

TEST(Bytes, BigEndianBothWays) {
  Bytes out;
  AppendU8(out, 1);
  AppendU16(out, 0x0203);
  AppendU32(out, 0x04050607);
  AppendU64(out, 0x08090a0b0c0d0e0f);
  EXPECT_EQ(ToHex(out), "0102030405060708090a0b0c0d0e0f");
  Reader reader(out);
  EXPECT_EQ(reader.U8(), 1);
  EXPECT_EQ(reader.U16(), 0x0203);
  EXPECT_EQ(reader.U32(), 0x04050607u);
  EXPECT_EQ(reader.U64(), 0x08090a0b0c0d0e0fu);
  EXPECT_TRUE(reader.empty());
  EXPECT_FALSE(reader.failed());
}

TEST(Bytes, AReaderNeverRunsPastTheEnd) {
  const Bytes three = {1, 2, 3};
  Reader reader(three);
  EXPECT_EQ(reader.U32(), 0u);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.U8(), 0) << "once failed, always failed";
}

TEST(Bytes, Hex) {
  struct Row {
    const char* why;
    const char* hex;
    bool ok;
  };
  const Row rows[] = {{"empty is fine", "", true},     {"lower case", "aaff09", true},
                      {"upper case", "AAFF09", false}, {"odd length", "abc", false},
                      {"not a digit", "0g", false},    {"no prefix is taken", "0x00", false}};
  for (const Row& row : rows) EXPECT_EQ(FromHex(row.hex).ok(), row.ok) << row.why;
  EXPECT_EQ(ToHex(*FromHex("00aaff09")), "00aaff09");
}

TEST(Random, BelowCoversItsRangeAndNothingElse) {
  SystemRandom random;
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i) ++seen.at(random.Below(7));
  for (const int count : seen) EXPECT_GT(count, 700);
}

TEST(Random, PoolNeverRepeats) {
  SystemRandom random;
  std::vector<ByteArray<16>> drawn;
  for (int i = 0; i < 2000; ++i) drawn.push_back(random.Draw<16>());
  std::sort(drawn.begin(), drawn.end());
  EXPECT_EQ(std::adjacent_find(drawn.begin(), drawn.end()), drawn.end());
}

TEST(Random, ASeedDecidesAll) {
  testing::SeededRandom one(7), same(7), other(8);
  EXPECT_EQ(one.Draw<32>(), same.Draw<32>());
  EXPECT_NE(one.Draw<32>(), other.Draw<32>());
}

Task<int> Add(Executor& executor, int a, int b) {
  co_await executor.Schedule();
  co_return a + b;
}

Task<int> AddThrice(Executor& executor) {
  int sum = 0;
  for (int i = 0; i < 3; ++i) sum = co_await Add(executor, sum, i);
  co_return sum;
}

TEST(Task, HopsBetweenThreads) {
  ThreadPool pool(2);
  EXPECT_EQ(SyncWait(AddThrice(pool)), 3);
}

TEST(Task, RunsOnASeed) {
  testing::SeededExecutor executor(1);
  EXPECT_EQ(executor.Wait(AddThrice(executor)), 3);
}

TEST(Task, DeepChainsDoNotGrowTheStack) {
  struct Chain {
    static Task<int> Down(int left) {
      if (left == 0) co_return 0;
      const int below = co_await Down(left - 1);
      co_return below + 1;
    }
  };
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  constexpr int kDepth = 1'000;  // the sanitizers keep the compiler from making tail calls
#else
  constexpr int kDepth = 1'000'000;
#endif
  EXPECT_EQ(SyncWait(Chain::Down(kDepth)), kDepth);
}

TEST(Parallel, EverySliceRunsOnceWhateverTheShape) {
  struct Case {
    const char* why;
    std::size_t n, size, helpers;
  };
  constexpr Case kCases[] = {
      {"nothing to do", 0, 8, 2},
      {"less than a slice", 3, 8, 2},
      {"exactly one slice", 8, 8, 2},
      {"a short last slice", 17, 8, 2},
      {"more slices than hands", 999, 1, 3},
      {"more hands than slices", 2, 1, 7},
      {"alone", 100, 7, 0},
  };
  ThreadPool pool(3);
  for (const Case& c : kCases) {
    for (int round = 0; round < 50; ++round) {
      std::vector<int> ran(c.n, 0);  // each slot its own index's: a race would be TSan's to find
      const Parallel::Slice count = [&ran](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++ran[i];
      };
      Parallel(c.helpers == 0 ? nullptr : &pool, c.helpers).ForSlices(c.n, c.size, count);
      EXPECT_EQ(std::count(ran.begin(), ran.end(), 1), static_cast<std::ptrdiff_t>(c.n)) << c.why;
    }
  }
}

TEST(Parallel, AHelperThatComesTooLateTouchesNothing) {
  testing::SeededExecutor late(1);  // runs nothing until it is told to
  std::size_t ran = 0;
  {
    const Parallel::Slice count = [&ran](std::size_t begin, std::size_t end) {
      ran += end - begin;
    };
    Parallel(&late, 2).ForSlices(100, 10, count);
  }
  EXPECT_EQ(ran, 100u) << "the caller did it all";
  late.RunAll();
  EXPECT_EQ(ran, 100u);
}

TEST(Files, WriteWholeReplacesAndKeepsTheMode) {
  SystemFiles files;
  const std::string directory = ::testing::TempDir() + "/cloison_files";
  ASSERT_TRUE(files.MakeDirectory(directory, 0700).ok());
  const std::string path = directory + "/one";
  ASSERT_TRUE(WriteWhole(files, path, AsBytes("first")).ok());
  ASSERT_TRUE(WriteWhole(files, path, AsBytes("second")).ok());
  EXPECT_EQ(AsText(*files.Read(path)), "second");
  EXPECT_EQ(files.Stat(path)->mode, 0600u);
  EXPECT_EQ(files.List(directory)->size(), 1u);
  EXPECT_TRUE(RemoveDurably(files, path).ok());
  EXPECT_EQ(files.Read(path).error().code(), Code::kNotFound);
}

TEST(Clock, OneBootHasOneId) {
  SystemClock a, b;
  EXPECT_EQ(a.boot_id(), b.boot_id());
  EXPECT_LE(a.boot_ms(), b.boot_ms());
}

struct Large {
  int number = 7;
  std::array<std::uint8_t, 300> rest = {};
};
Large LargeOf(int number) {
  Large large;
  large.number = number;
  return large;
}

TEST(Indirect, IsAValueThatCopiesShare) {
  static_assert(sizeof(Indirect<Large>) <= 2 * sizeof(void*));
  static_assert(std::is_nothrow_move_constructible_v<Indirect<Large>>);
  Indirect<Large> none;
  EXPECT_EQ(none->number, 7) << "of nothing: a Large of its own making";
  Indirect<Large> one = LargeOf(1);
  const Indirect<Large> copy = one;
  EXPECT_EQ(&*copy, &*one);
  Indirect<Large> moved = std::move(one);
  EXPECT_EQ(moved->number, 1);
  EXPECT_EQ(one->number, 7) << "moved from: a value all the same";
  Indirect<Large> assigned = LargeOf(3);
  assigned = std::move(moved);
  EXPECT_EQ(assigned->number, 1);
  EXPECT_EQ(moved->number, 7) << "nothing of what was there before";
  moved = assigned;
  none = moved;
  moved = LargeOf(2);
  EXPECT_EQ(none->number, 1);
  EXPECT_EQ(moved->number, 2);
  EXPECT_EQ(copy->number, 1);
}

TEST(Ids, WrongLengthIsCorrupt) {
  EXPECT_FALSE(PersonId::FromBytes(Bytes(7)).ok());
  EXPECT_TRUE(PersonId::FromBytes(Bytes(8)).ok());
}

}  // namespace
}  // namespace cloison::base
