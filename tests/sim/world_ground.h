// What outlives a process in a simulated world: two stores, files, clocks. Everything fails here,
// and nowhere else: the power goes at any change or between two jobs, single calls fail both ways,
// a disk takes nothing any more.
//
// Threads  one. All is decided by the Random handed in.
#ifndef CLOISON_TESTS_SIM_WORLD_GROUND_H_
#define CLOISON_TESTS_SIM_WORLD_GROUND_H_

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/testing/manual_clock.h"
#include "base/testing/seeded_executor.h"
#include "ledger/entry.h"
#include "store/memory/memory_store.h"
#include "store/testing/fault_store.h"

namespace cloison::sim {

// One switch for stores and files together. A process without it can change nothing: what it does
// from then on nobody sees.
class Power {
 public:
  enum class Fate : std::uint8_t { kHappens, kLost, kUnheard };

  explicit Power(base::Random& random) : random_(random) {}
  bool on() const { return on_; }
  void Off() { on_ = false; }
  void On();
  void OffAfter(std::uint64_t changes) { left_ = changes; }  // so many more happen
  // Of one change: the one at which the power goes has happened or not, and nobody hears of it.
  Fate Change();

 private:
  base::Random& random_;
  bool on_ = true;
  std::uint64_t left_ = std::numeric_limits<std::uint64_t>::max();
};

// Boot clock and wall clock, and the real time that neither of them is.
class WorldTime {
 public:
  WorldTime() { Mark(); }
  base::testing::ManualClock& clock() { return clock_; }
  std::int64_t real_ms() const { return real_ms_; }
  void Advance(std::int64_t ms);
  void StepWall(std::int64_t ms) { clock_.StepWall(ms); }
  void Reboot(std::int64_t down_ms);
  // When a boot clock said this.
  std::int64_t RealOf(const ByteArray<16>& boot_id, std::int64_t boot_ms) const;

 private:
  void Mark() { zero_[clock_.boot_id()] = real_ms_ - clock_.boot_ms(); }

  base::testing::ManualClock clock_;
  std::int64_t real_ms_ = 0;
  std::map<ByteArray<16>, std::int64_t> zero_;
};

// A commit of the main store that brought entries, as the store saw it go by.
struct SeenBatch {
  std::uint64_t first = 0;
  std::size_t count = 0;
  Bytes clock_row;  // sealed
};

// A MemoryStore whose every call is a job of the executor: two for a commit, so that a crash finds
// it before, between and after.
class WorldStore final : public store::Store {
 public:
  WorldStore(Power& power, base::Executor& executor);

  // The nth such call from now fails. None does after Disarm.
  void Arm(store::testing::Call call, int nth, store::testing::Fault how);
  void Disarm();
  bool fired() const { return faults_->fired(); }
  // No commit is taken any more: each fails, and nothing of it is written.
  void SetFull(bool full) { full_ = full; }
  bool full() const { return full_; }

  // The log as it became durable, from the frames that went by. Holes are a problem.
  const std::vector<ledger::Leaf>& leaves() const { return leaves_; }
  const std::vector<SeenBatch>& batches() const { return batches_; }
  const std::vector<std::string>& problems() const { return problems_; }

  // Puts another store in the place of this one's rows and gives what was there.
  std::unique_ptr<store::MemoryStore> Exchange(std::unique_ptr<store::MemoryStore> rows);

  Task<Result<std::vector<store::Row>>> MultiGet(std::vector<store::Key> keys,
                                                 store::ReadMode mode) override;
  Task<Result<store::ScanPage>> Scan(store::Range range, std::size_t limit) override;
  Task<Result<store::Version>> Commit(store::WriteSet writes) override;
  Result<std::unique_ptr<store::BulkLoader>> LoadBulk(store::Family family) override;
  Result<std::unique_ptr<store::BulkLoader>> LoadRun(store::Family family, store::Version version,
                                                     store::Pace pace) override;
  Status Checkpoint(const std::string& path) override { return rows_->Checkpoint(path); }
  store::Version last_version() const override { return rows_->last_version(); }
  store::Health health() const override { return {!full_, 0}; }

 private:
  class Loader;
  struct Noted {
    std::string frame_key;
    Bytes frame, clock_row;
  };
  static Noted NoteOf(const store::WriteSet& writes);
  void Take(Noted noted);
  Power::Fate Change() { return full_ ? Power::Fate::kLost : power_.Change(); }

  Power& power_;
  base::Executor& executor_;
  std::unique_ptr<store::MemoryStore> rows_;
  std::unique_ptr<store::testing::FaultStore> faults_;
  bool full_ = false;
  std::vector<ledger::Leaf> leaves_;
  std::vector<SeenBatch> batches_;
  std::vector<std::string> problems_;
};

// The files of one process after the other, with the same faults; an append that fails may have
// written its first bytes. What a power cut leaves of them is the target's affair.
class WorldFiles final : public base::Files {
 public:
  WorldFiles(base::Files& target, Power& power, base::Random& random)
      : target_(target), power_(power), random_(random) {}

  void Arm(store::testing::Call call, int nth, store::testing::Fault how);
  void Disarm() { left_ = 0; }
  bool fired() const { return fired_; }

  Result<std::unique_ptr<base::WritableFile>> Create(const std::string& path,
                                                     unsigned mode) override;
  Result<std::unique_ptr<base::WritableFile>> OpenAppend(const std::string& path) override;
  Result<Bytes> Read(const std::string& path) override;
  Result<Bytes> ReadAt(const std::string& path, std::uint64_t offset, std::size_t size) override;
  Status Truncate(const std::string& path, std::uint64_t size) override;
  Result<base::FileInfo> Stat(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status MakeDirectory(const std::string& path, unsigned mode) override;
  Status SyncDirectory(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& path) override;

 private:
  class File;
  bool Fires(store::testing::Call call);
  template <class Outcome, class Do>
  Outcome Change(const Error& failed, Do change);
  template <class Outcome, class Do>
  Outcome Look(Do look);

  base::Files& target_;
  Power& power_;
  base::Random& random_;
  store::testing::Call call_ = store::testing::Call::kRead;
  store::testing::Fault how_ = store::testing::Fault::kNotApplied;
  int left_ = 0;
  bool fired_ = false;
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_WORLD_GROUND_H_
