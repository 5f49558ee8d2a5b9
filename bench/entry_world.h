// A vault on RocksDB as the ledger's benchmarks fill it: 60,000 principals, 1,000,000 people, and
// entries that are each what a disclosure leaves: a principal's row, a seen row, a leaf, a sealed
// record, tags. And callers at a fixed rate.
#ifndef CLOISON_BENCH_ENTRY_WORLD_H_
#define CLOISON_BENCH_ENTRY_WORLD_H_

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "store/rocks/rocks_store.h"
#include "vault/vault.h"

namespace cloison::bench {

using Steady = std::chrono::steady_clock;

inline constexpr std::uint64_t kPrincipals = 60'000;
inline constexpr std::uint64_t kPeople = 1'000'000;

class EntryWorld {
 public:
  // In build/bench-data/<name>. `kNew` and `kNewKept` empty it first and fill it with
  // principals; `kOld` takes it up as it was left; all but `kNewKept` remove it at the end. Ends
  // the process when it cannot be made.
  enum class Is : std::uint8_t { kNew, kNewKept, kOld };
  explicit EntryWorld(const std::string& name, Is is = Is::kNew);
  ~EntryWorld();

  // One caller: draws a principal and a person, waits for the receipt. Whether there was one.
  Task<bool> Once(std::uint64_t draw);
  // Shows `people` people to one principal at once, with one entry. Whether it could be recorded.
  Task<bool> Show(std::uint64_t principal, std::size_t people);
  base::Executor& callers() { return callers_; }
  base::Random& random() { return random_; }
  base::Clock& clock() { return clock_; }
  vault::Vault& vault() { return *vault_; }
  std::uint64_t batches() const { return vault_->committer().stats().batches.value(); }

 private:
  Task<Status> Open(bool create);
  void EnrolAll();
  Task<void> Enrol(std::vector<access::PrincipalInfo> infos, std::atomic<std::uint64_t>& enrolled);

  const Is is_;
  std::filesystem::path directory_;
  base::SystemFiles files_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  base::NullEventSink events_;
  // As cloisond has them.
  base::ThreadPool committer_{1}, key_committer_{1}, home_{1};
  base::ThreadPool background_{1, base::ThreadPool::kLast}, callers_{1};
  base::ThreadPool builders_{1};
  std::unique_ptr<store::RocksStore> main_store_, key_store_;
  std::unique_ptr<keys::FileKeyObjects> objects_;
  std::shared_ptr<const records::Schema> schema_;
  std::shared_ptr<const access::Policy> policy_;
  std::unique_ptr<vault::Vault> vault_;
};

// Calls at a fixed rate, whether earlier ones have ended or not; latency from the intended start.
struct Latencies {
  // ms, by the second in which the call was due.
  std::vector<std::vector<double>> by_second;
  std::uint64_t failed = 0;  // the queue was full

  std::vector<double> All() const;
};
Latencies OpenLoop(EntryWorld& world, int per_second, double seconds);

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_ENTRY_WORLD_H_
