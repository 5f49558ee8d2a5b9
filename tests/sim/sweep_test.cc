// Every call of the main store, of the key store and of our files fails once, in every way in which
// it can, in the life of a whole register; then the register is opened again and audited:
//
//   who was told of something has it: people, changes, erasures, freezes, assignments, entries
//   nobody received a value without its entry; no budget is below what was shown
//   the ledger is the one whose checkpoints were given out; no trail has a gap
//   it opens, and works
//
// With `make test` every kStride-th call fails, in the long run all of them.
#include <gtest/gtest.h>

#include "tests/sim/seeds.h"
#include "tests/sim/sweep_world.h"

namespace cloison::sim {
namespace {

constexpr int kStride = 5;  // short runs: of no period that the life has
constexpr int kCallsMax = 10'000;

struct Kind {
  const char* why;
  FaultWhere where;
  bool reads;
  FileFault how;
  int least;  // a life has at least so many such calls
};

// How many calls of this kind a life has; -1: something was broken.
int Sweep(const Kind& kind, int first, int stride) {
  std::size_t restarts = 0;
  int nth = first;
  for (; nth < kCallsMax; nth += stride) {
    SweepWorld world({kind.where, kind.reads, kind.how, nth});
    world.Run();
    EXPECT_EQ(world.problems(), std::vector<std::string>()) << kind.why << ", call " << nth;
    if (testing::Test::HasFailure()) return -1;
    restarts += world.restarts();
    if (!world.fired()) break;
  }
  const bool ends_the_process = !kind.reads && kind.where != FaultWhere::kFiles;
  EXPECT_TRUE(!ends_the_process || restarts > 0) << "a failed commit ended nothing";
  return nth;
}

TEST(Sweep, EachCallFailsOnce) {
  using enum FaultWhere;
  const Kind kinds[] = {
      {"a read of the main store", kMainStore, true, FileFault::kNotApplied, 80},
      {"a commit of the main store, nothing written", kMainStore, false, FileFault::kNotApplied,
       20},
      {"a commit of the main store, written", kMainStore, false, FileFault::kAppliedButReported,
       20},
      {"a read of the key store", kKeyStore, true, FileFault::kNotApplied, 30},
      {"a commit of the key store, nothing written", kKeyStore, false, FileFault::kNotApplied, 10},
      {"a commit of the key store, written", kKeyStore, false, FileFault::kAppliedButReported, 10},
      {"a read of a file", kFiles, true, FileFault::kNotApplied, 20},
      {"a change of a file, not made", kFiles, false, FileFault::kNotApplied, 30},
      {"a change of a file, made in part", kFiles, false, FileFault::kInPart, 30},
      {"a change of a file, made", kFiles, false, FileFault::kAppliedButReported, 30},
  };
  int first = 1;
  for (const Kind& kind : kinds) {
    const int calls = Sweep(kind, IsLong() ? 1 : first++, IsLong() ? 1 : kStride);
    EXPECT_GE(calls, kind.least) << kind.why;
    RecordProperty(kind.why, calls);
    std::printf("%-45s %4d calls\n", kind.why, calls);
  }
}

// A life without a fault is whole, and does what the sweep is there for.
TEST(Sweep, ALifeWithoutFaults) {
  SweepWorld world({FaultWhere::kFiles, true, FileFault::kNotApplied, kCallsMax});
  world.Run();
  EXPECT_EQ(world.problems(), std::vector<std::string>());
  EXPECT_FALSE(world.fired());
  EXPECT_EQ(world.restarts(), 0u);
  EXPECT_GE(world.facts().reads().size(), 7u);
  EXPECT_EQ(world.facts().people().size(), 4u);
}

}  // namespace
}  // namespace cloison::sim
