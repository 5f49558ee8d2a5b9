// The publisher between threads, as in a server: entries come in, are published, read and proven at
// once. Whatever is given out fits together; the thread sanitizer looks at the rest.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "ledger/publisher.h"
#include "ledger/testing/ledger_world.h"
#include "tlog/checkpoint.h"

namespace cloison::ledger {
namespace {

constexpr std::uint64_t kEntries = 3'000;
constexpr std::uint64_t kWaiting = 64;  // entries under way at a time

crypto::Secret<32> KeyOf(std::uint8_t tag) {
  crypto::Secret<32> key;
  key.Reveal()[0] = tag;
  return key;
}

// An entry about nobody.
class NobodyWork final : public commit::Work {
 public:
  using Promise = std::monostate;
  NobodyWork(Ledger& ledger, const ActorKey& key, std::uint64_t& n)
      : ledger_(ledger), key_(key), n_(n) {}
  Task<Status> Load(commit::Staging&) override { co_return Ok(); }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    staging.Put({store::Family::kPrincipals, "n"}, base::ToBytes(base::BigU64(n_)));
    const EntryDraft::Actor actor{PrincipalId({1}), &key_, n_++, {}, {}, "system"};
    EntryDraft draft{Kind::kAggregate, {}, actor, Decision::kAllow, "", "", {}, {}, "", 0};
    pending_.emplace(ledger_.Stage(std::move(draft)));
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable& durable) {
    (void)ledger_.Redeem(std::move(*pending_), durable);
    return {};
  }

 private:
  Ledger& ledger_;
  const ActorKey& key_;
  std::uint64_t& n_;  // the committer's thread alone
  std::optional<Pending> pending_;
};

class House {
 public:
  explicit House(int readers = 2) : readers_(readers) {
    const Ledger::Options options{"log.test/threads", RegisterId(7), directory_.path() + "/signed",
                                  256};
    const Ledger::Parts parts{store_, state_, signer_, months_,
                              files_, clock_, random_, background_};
    ledger = std::move(*base::SyncWait(Ledger::Open(options, parts)));
    committer_ = std::move(*base::SyncWait(commit::Committer::Open(store_, main_, clock_, {})));
    publisher = std::make_unique<Publisher>(
        Publisher::Options{directory_.path() + "/tiles", 512, 700},
        Publisher::Parts{*ledger, files_, clock_, home_, background_, &readers_});
    ledger->Attach(*committer_, publisher.get());
    CLOISON_CHECK(ledger->Publish().ok());
    key_.emplace(ledger->log_id(), KeyOf(3));
  }
  ~House() { (void)base::SyncWait(Stop()); }
  // Waits while too many are under way.
  void Append() {
    while (waiting_ >= kWaiting) std::this_thread::yield();
    ++waiting_;
    base::Detach(AppendOne());
  }
  void WaitForAll() {
    while (waiting_ > 0) std::this_thread::yield();
  }

  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<Publisher> publisher;
  base::Executor& readers() { return readers_; }

 private:
  Task<void> AppendOne() {
    auto work = std::make_unique<NobodyWork>(*ledger, *key_, n_);
    const auto done = co_await committer_->Submit(std::move(work), callers_);
    CLOISON_CHECK(done.ok());
    --waiting_;
  }
  Task<Status> Stop() {
    co_await ledger->Stop();
    co_await committer_->Stop();
    co_await publisher->Stop();
    co_return Ok();
  }

  store::testing::TempDirectory directory_;
  store::MemoryStore store_;
  base::SystemFiles files_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  testing::FakeMonthKeys months_;
  commit::SealedState state_{RegisterId(7), 1, KeyOf(1), random_};
  crypto::Ed25519Signer signer_{KeyOf(2)};
  std::optional<ActorKey> key_;
  std::uint64_t n_ = 0;
  std::atomic<std::uint64_t> waiting_{0};
  std::unique_ptr<commit::Committer> committer_;
  // Whoever posts to another ends before it: the last is destroyed first.
  base::ThreadPool readers_, background_{1}, home_{1}, callers_{1}, main_{1};
};

// Everything by what is given out: checkpoint, last tile, last entry and a proof of it.
void ReadOnce(House& house, const tlog::VerifierKey& key) {
  const std::string note = house.publisher->checkpoint();
  if (note.empty()) return;
  const auto checkpoint = tlog::OpenCheckpoint(note, key);
  ASSERT_TRUE(checkpoint.ok());
  const tlog::Head head = checkpoint->head;
  if (head.size == 0) return;
  const std::uint64_t index = head.size - 1;
  const std::uint64_t tile = index / tlog::kTileWidth;
  const unsigned width = tlog::WidthAt(0, tile, head.size);
  const auto hashes =
      base::SyncWait(house.publisher->ReadTile({tlog::TileId::Kind::kHashes, 0, tile, width}));
  ASSERT_TRUE(hashes.ok()) << hashes.error().text();
  const auto bundle =
      base::SyncWait(house.publisher->ReadTile({tlog::TileId::Kind::kEntries, 0, tile, width}));
  ASSERT_TRUE(bundle.ok()) << bundle.error().text();
  const auto entries = tlog::ParseBundle(*bundle, width);
  ASSERT_TRUE(entries.ok());
  const tlog::Leaf leaf{index, tlog::LeafHash(entries->back())};
  EXPECT_TRUE(base::Equal(ByteView(*hashes).last(32), leaf.hash));
  const auto proof = base::SyncWait(house.publisher->ProveInclusion(index, head.size));
  // Nothing is proven while the files are brought forward.
  if (!proof.ok() && proof.error().code() == Code::kUnavailable) return;
  ASSERT_TRUE(proof.ok()) << proof.error().text();
  EXPECT_TRUE(tlog::VerifyInclusion(leaf, head, *proof).ok());
}

TEST(PublisherBetweenThreads, GivesOutWhatFitsTogether) {
  House house;
  const tlog::VerifierKey key = *tlog::VerifierKey::Parse(house.ledger->vkey());
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  threads.emplace_back([&] {
    while (!stop) EXPECT_TRUE(base::SyncWait(house.publisher->Publish()).ok());
  });
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      while (!stop) ReadOnce(house, key);
    });
  }
  threads.emplace_back([&] {
    while (!stop) {
      const std::uint64_t size = house.ledger->size();
      if (size > 1) (void)base::SyncWait(house.publisher->ProveConsistency(size / 2, size));
      house.publisher->AddCosignatures(tlog::ParseNote(house.ledger->checkpoint())->text,
                                       {{"witness", 1, Bytes(72, 1)}});
      EXPECT_GE(house.publisher->lag_ms(), 0);
    }
  });
  for (std::uint64_t i = 0; i < kEntries; ++i) house.Append();
  house.WaitForAll();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  while (house.publisher->size() != kEntries) {
    ASSERT_TRUE(base::SyncWait(house.publisher->Publish()).ok());
  }
  ReadOnce(house, key);
}

Task<std::thread::id> WhereItIsGiven(const Publisher& publisher, tlog::TileId tile) {
  const Result<Bytes> bytes = co_await publisher.ReadTile(tile);
  EXPECT_TRUE(bytes.ok());
  co_return std::this_thread::get_id();
}

Task<std::thread::id> ThreadOf(base::Executor& executor) {
  co_await executor.Schedule();
  co_return std::this_thread::get_id();
}

// What is done with a tile next, as packing it, is no work of the store's threads.
TEST(PublisherBetweenThreads, TilesAndBundlesAreGivenOnTheReadersThreads) {
  House house(1);
  house.Append();
  house.WaitForAll();
  ASSERT_TRUE(base::SyncWait(house.publisher->Publish()).ok());
  for (const auto kind : {tlog::TileId::Kind::kHashes, tlog::TileId::Kind::kEntries}) {
    const std::thread::id at = base::SyncWait(WhereItIsGiven(*house.publisher, {kind, 0, 0, 1}));
    EXPECT_EQ(at, base::SyncWait(ThreadOf(house.readers()))) << static_cast<int>(kind);
  }
}

}  // namespace
}  // namespace cloison::ledger
