#include "access/internal/pair_cache.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/testing/seeded_random.h"

namespace cloison::access::internal {
namespace {

class PairCacheTest : public ::testing::Test {
 protected:
  static PrincipalId AgentOf(std::uint8_t number) { return PrincipalId(ByteArray<16>{number, 1}); }
  static PersonId PersonOf(std::uint8_t number) { return PersonId(ByteArray<8>{number, 2}); }
  static Pair PairSince(std::int64_t since_ms) {
    Pair pair{Aud(ByteArray<16>{9}), CaseloadPair{since_ms}, {}};
    pair.explanations.push_back({ExplanationKind::kTicket, since_ms, since_ms + 1, {}, 7});
    return pair;
  }
  store::Row RowOf(const store::Key& key, store::Version version, std::int64_t since_ms) {
    return {version, state_.Seal(key, EncodePair(PairSince(since_ms)))};
  }

  base::testing::SeededRandom random_{1};
  commit::SealedState state_{RegisterId(1), 1, crypto::Secret<32>(random_), random_};
  Caseload caseload_{state_};
};

TEST_F(PairCacheTest, SaysWhatTheRowSays) {
  PairCache cache;
  const store::Key key = caseload_.PairKey(AgentOf(1), PersonOf(1));
  for (int again = 0; again < 3; ++again) {
    const Result<Pair> pair = cache.Open(caseload_, key, RowOf(key, 5, 100));
    ASSERT_TRUE(pair.ok());
    EXPECT_EQ(pair->caseload->since_ms, 100);
    ASSERT_EQ(pair->explanations.size(), 1u);
    EXPECT_EQ(pair->explanations.front().place, 7u);
  }
}

TEST_F(PairCacheTest, ALaterRowIsOpenedAnew) {
  PairCache cache;
  const store::Key key = caseload_.PairKey(AgentOf(1), PersonOf(1));
  ASSERT_TRUE(cache.Open(caseload_, key, RowOf(key, 5, 100)).ok());
  EXPECT_EQ(cache.Open(caseload_, key, RowOf(key, 6, 200))->caseload->since_ms, 200);
  EXPECT_EQ(cache.Open(caseload_, key, RowOf(key, 5, 100))->caseload->since_ms, 100)
      << "a reader of before";
}

TEST_F(PairCacheTest, ADamagedRowIsNoPair) {
  PairCache cache;
  const store::Key key = caseload_.PairKey(AgentOf(1), PersonOf(1));
  const store::Row row = RowOf(key, 5, 100);
  for (const bool known : {false, true}) {
    for (std::size_t at = 0; at < row.value.size(); ++at) {
      store::Row damaged = row;
      damaged.value[at] ^= 1;
      ASSERT_FALSE(cache.Open(caseload_, key, damaged).ok()) << at << " known: " << known;
    }
    store::Row shorter = row;
    shorter.value.pop_back();
    EXPECT_FALSE(cache.Open(caseload_, key, shorter).ok());
    EXPECT_TRUE(cache.Open(caseload_, key, row).ok());
  }
  EXPECT_FALSE(cache.Open(caseload_, caseload_.PairKey(AgentOf(2), PersonOf(2)), {5, {}}).ok());
}

TEST_F(PairCacheTest, ARowInAnothersPlaceIsDamaged) {
  PairCache cache(1);
  const store::Key key = caseload_.PairKey(AgentOf(1), PersonOf(1));
  const store::Row row = RowOf(key, 5, 100);
  ASSERT_TRUE(cache.Open(caseload_, key, row).ok());
  const store::Key another = caseload_.PairKey(AgentOf(2), PersonOf(1));
  EXPECT_EQ(cache.Open(caseload_, another, row).error().code(), Code::kCorrupt);
}

TEST_F(PairCacheTest, LongOnesAreOpenedEachTime) {
  PairCache cache;
  const store::Key key = caseload_.PairKey(AgentOf(1), PersonOf(1));
  Pair pair = PairSince(100);
  pair.explanations.push_back({ExplanationKind::kCover, 1, 2, {}, 8});
  pair.explanations.push_back({ExplanationKind::kEmergency, 1, 2, {}, 9});
  const store::Row row{5, state_.Seal(key, EncodePair(pair))};
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(cache.Open(caseload_, key, row)->explanations.size(), 3u);
    EXPECT_EQ(cache.size(), 0u);
  }
}

// One place for all: none is taken for another, whatever the versions are.
TEST_F(PairCacheTest, OfOnePlaceEachIsItsOwn) {
  PairCache cache(1);
  for (std::uint8_t round = 0; round < 3; ++round) {
    for (std::uint8_t agent = 0; agent < 4; ++agent) {
      for (std::uint8_t person = 0; person < 4; ++person) {
        const store::Key key = caseload_.PairKey(AgentOf(agent), PersonOf(person));
        const std::int64_t since_ms = 1'000 * agent + person + 1;
        const Result<Pair> pair = cache.Open(caseload_, key, RowOf(key, 5, since_ms));
        ASSERT_TRUE(pair.ok());
        EXPECT_EQ(pair->caseload->since_ms, since_ms);
      }
    }
  }
}

TEST_F(PairCacheTest, ForgetsWhoIsErased) {
  PairCache cache;
  const auto open = [&](std::uint8_t agent, std::uint8_t person) {
    const store::Key key = caseload_.PairKey(AgentOf(agent), PersonOf(person));
    Pair pair = PairSince(100);
    pair.person = Aud(ByteArray<16>{person});
    ASSERT_TRUE(cache.Open(caseload_, key, {5, state_.Seal(key, EncodePair(pair))}).ok());
  };
  for (std::uint8_t agent = 1; agent <= 3; ++agent) {
    open(agent, 1);
    open(agent, 2);
  }
  ASSERT_EQ(cache.size(), 6u);
  cache.ForgetPerson(Aud(ByteArray<16>{1}));
  EXPECT_EQ(cache.size(), 3u) << "of all agents, of one person";
  cache.ForgetPerson(Aud(ByteArray<16>{}));
  EXPECT_EQ(cache.size(), 3u) << "of nobody: free places have no person";
}

TEST_F(PairCacheTest, ForgetsARowThatIsGone) {
  PairCache cache(1);
  const store::Key key = caseload_.PairKey(AgentOf(1), PersonOf(1));
  cache.Forget(key);
  EXPECT_EQ(cache.size(), 0u);
  ASSERT_TRUE(cache.Open(caseload_, key, RowOf(key, 5, 100)).ok());
  cache.Forget(caseload_.PairKey(AgentOf(1), PersonOf(2)));
  EXPECT_EQ(cache.size(), 1u) << "another's";
  cache.Forget(key);
  EXPECT_EQ(cache.size(), 0u);
}

TEST_F(PairCacheTest, ByManyThreads) {
  PairCache cache(3);
  std::vector<std::pair<store::Key, store::Row>> rows;
  for (std::uint8_t i = 0; i < 12; ++i) {
    const store::Key key = caseload_.PairKey(AgentOf(i), PersonOf(i));
    rows.emplace_back(key, RowOf(key, 5, i + 1));
  }
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 6'000; ++i) {
        const std::size_t at = static_cast<std::size_t>(i) % rows.size();
        const Result<Pair> pair = cache.Open(caseload_, rows[at].first, rows[at].second);
        const auto want = static_cast<std::int64_t>(at) + 1;
        if (!pair.ok() || pair->caseload->since_ms != want) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace cloison::access::internal
