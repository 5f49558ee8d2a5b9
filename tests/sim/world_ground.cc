#include "tests/sim/world_ground.h"

#include <algorithm>

#include "commit/time_keeper.h"

namespace cloison::sim {

namespace {

using store::testing::Call;
using store::testing::Fault;

constexpr Error kOff{Code::kUnavailable, "the world outside does not answer"};
constexpr Error kUnsure{Code::kUnknownOutcome, "the world outside did not say what it did"};
constexpr std::size_t kFrameHead = 4;  // 01 | 00 | u16 n (docs/format/ledger.md)

}  // namespace

void Power::On() {
  on_ = true;
  left_ = std::numeric_limits<std::uint64_t>::max();
}

Power::Fate Power::Change() {
  if (!on_) return Fate::kLost;
  if (left_ > 0) {
    --left_;
    return Fate::kHappens;
  }
  on_ = false;
  return random_.Below(2) == 0 ? Fate::kLost : Fate::kUnheard;
}

void WorldTime::Advance(std::int64_t ms) {
  clock_.Advance(ms);
  real_ms_ += ms;
}

void WorldTime::Reboot(std::int64_t down_ms) {
  clock_.Reboot(down_ms);
  real_ms_ += down_ms;
  Mark();
}

std::int64_t WorldTime::RealOf(const ByteArray<16>& boot_id, std::int64_t boot_ms) const {
  return zero_.at(boot_id) + boot_ms;
}

// ---- stores

class WorldStore::Loader final : public store::BulkLoader {
 public:
  Loader(WorldStore& store, std::unique_ptr<store::BulkLoader> target)
      : store_(store), target_(std::move(target)) {}
  Status Add(ByteView key, ByteView value) override { return target_->Add(key, value); }
  Status Finish(store::Version version) override {
    const Power::Fate fate = store_.Change();
    if (fate == Power::Fate::kLost) return kUnsure;
    const Status done = target_->Finish(version);
    return fate == Power::Fate::kUnheard ? Status(kUnsure) : done;
  }

 private:
  WorldStore& store_;
  std::unique_ptr<store::BulkLoader> target_;
};

WorldStore::WorldStore(Power& power, base::Executor& executor)
    : power_(power), executor_(executor) {
  (void)Exchange(std::make_unique<store::MemoryStore>());
}

std::unique_ptr<store::MemoryStore> WorldStore::Exchange(std::unique_ptr<store::MemoryStore> rows) {
  rows_.swap(rows);
  faults_ = std::make_unique<store::testing::FaultStore>(*rows_);
  return rows;
}

void WorldStore::Arm(Call call, int nth, Fault how) {
  faults_->Arm(call, nth, how);
}

void WorldStore::Disarm() {
  faults_->Arm(Call::kRead, std::numeric_limits<int>::max(), Fault::kNotApplied);
}

WorldStore::Noted WorldStore::NoteOf(const store::WriteSet& writes) {
  Noted noted;
  for (const store::Put& put : writes.puts) {
    if (put.key.family == store::Family::kFrames) {
      noted.frame_key = put.key.bytes;
      noted.frame = put.value;
    }
    if (put.key == store::Key{store::Family::kMeta, commit::kClockRow}) noted.clock_row = put.value;
  }
  return noted;
}

void WorldStore::Take(Noted noted) {
  if (noted.frame.size() < kFrameHead) return;
  const std::uint64_t first = base::LoadBig(AsBytes(noted.frame_key));
  if (first != leaves_.size()) problems_.emplace_back("G8: a batch does not follow the last one");
  const ByteView leaves = ByteView(noted.frame).subspan(kFrameHead);
  const std::size_t count = leaves.size() / ledger::kLeafBytes;
  for (std::size_t i = 0; i < count; ++i) {
    ledger::Leaf leaf;
    std::ranges::copy(leaves.subspan(i * leaf.size(), leaf.size()), leaf.begin());
    leaves_.push_back(leaf);
  }
  batches_.push_back({first, count, std::move(noted.clock_row)});
}

Task<Result<std::vector<store::Row>>> WorldStore::MultiGet(std::vector<store::Key> keys,
                                                           store::ReadMode mode) {
  co_await executor_.Schedule();
  if (!power_.on()) co_return kOff;
  co_return co_await faults_->MultiGet(std::move(keys), mode);
}

Task<Result<store::ScanPage>> WorldStore::Scan(store::Range range, std::size_t limit) {
  co_await executor_.Schedule();
  if (!power_.on()) co_return kOff;
  co_return co_await faults_->Scan(std::move(range), limit);
}

Task<Result<store::Version>> WorldStore::Commit(store::WriteSet writes) {
  co_await executor_.Schedule();
  const Power::Fate fate = Change();
  if (fate == Power::Fate::kLost) co_return kUnsure;
  Noted noted = NoteOf(writes);
  const store::Version before = rows_->last_version();
  const Result<store::Version> version = co_await faults_->Commit(std::move(writes));
  if (rows_->last_version() != before) Take(std::move(noted));
  co_await executor_.Schedule();
  if (fate == Power::Fate::kUnheard) co_return kUnsure;
  co_return version;
}

Result<std::unique_ptr<store::BulkLoader>> WorldStore::LoadBulk(store::Family family) {
  CLOISON_TRY_ASSIGN(std::unique_ptr<store::BulkLoader> target, faults_->LoadBulk(family));
  return std::unique_ptr<store::BulkLoader>(std::make_unique<Loader>(*this, std::move(target)));
}

Result<std::unique_ptr<store::BulkLoader>> WorldStore::LoadRun(store::Family family,
                                                               store::Version version,
                                                               store::Pace pace) {
  CLOISON_TRY_ASSIGN(std::unique_ptr<store::BulkLoader> target,
                     faults_->LoadRun(family, version, pace));
  return std::unique_ptr<store::BulkLoader>(std::make_unique<Loader>(*this, std::move(target)));
}

// ---- files

void WorldFiles::Arm(Call call, int nth, Fault how) {
  call_ = call;
  left_ = nth;
  how_ = how;
  fired_ = false;
}

bool WorldFiles::Fires(Call call) {
  if (call != call_ || left_ == 0 || --left_ != 0) return false;
  fired_ = true;
  return true;
}

template <class Outcome, class Do>
Outcome WorldFiles::Change(const Error& failed, Do change) {
  const Power::Fate fate = power_.Change();
  const bool fires = fate != Power::Fate::kLost && Fires(Call::kCommit);
  if (fate == Power::Fate::kLost || (fires && how_ == Fault::kNotApplied)) return failed;
  Outcome out = change();
  if (fires || fate == Power::Fate::kUnheard) return failed;
  return out;
}

template <class Outcome, class Do>
Outcome WorldFiles::Look(Do look) {
  if (!power_.on() || Fires(Call::kRead)) return kOff;
  return look();
}

class WorldFiles::File final : public base::WritableFile {
 public:
  File(WorldFiles& files, std::unique_ptr<base::WritableFile> target)
      : files_(files), target_(std::move(target)) {}

  Status Append(ByteView bytes) override {
    const bool was_on = files_.power_.on();
    bool tried = false;
    const Status done = files_.Change<Status>(kOff, [&] {
      tried = true;
      return target_->Append(bytes);
    });
    // A write that fails may have written some of it.
    if (was_on && !tried && files_.random_.Below(2) == 0) {
      (void)target_->Append(bytes.first(files_.random_.Below(bytes.size() + 1)));
    }
    return done;
  }
  Status Sync() override {
    return files_.Change<Status>(kUnsure, [this] { return target_->Sync(); });
  }

 private:
  WorldFiles& files_;
  std::unique_ptr<base::WritableFile> target_;
};

Result<std::unique_ptr<base::WritableFile>> WorldFiles::Create(const std::string& path,
                                                               unsigned mode) {
  using Opened = Result<std::unique_ptr<base::WritableFile>>;
  CLOISON_TRY_ASSIGN(std::unique_ptr<base::WritableFile> file,
                     Change<Opened>(kOff, [&] { return target_.Create(path, mode); }));
  return std::unique_ptr<base::WritableFile>(std::make_unique<File>(*this, std::move(file)));
}

Result<std::unique_ptr<base::WritableFile>> WorldFiles::OpenAppend(const std::string& path) {
  using Opened = Result<std::unique_ptr<base::WritableFile>>;
  CLOISON_TRY_ASSIGN(std::unique_ptr<base::WritableFile> file,
                     Change<Opened>(kOff, [&] { return target_.OpenAppend(path); }));
  return std::unique_ptr<base::WritableFile>(std::make_unique<File>(*this, std::move(file)));
}

Result<Bytes> WorldFiles::Read(const std::string& path) {
  return Look<Result<Bytes>>([&] { return target_.Read(path); });
}

Result<Bytes> WorldFiles::ReadAt(const std::string& path, std::uint64_t offset, std::size_t size) {
  return Look<Result<Bytes>>([&] { return target_.ReadAt(path, offset, size); });
}

Status WorldFiles::Truncate(const std::string& path, std::uint64_t size) {
  return Change<Status>(kOff, [&] { return target_.Truncate(path, size); });
}

Result<base::FileInfo> WorldFiles::Stat(const std::string& path) {
  return Look<Result<base::FileInfo>>([&] { return target_.Stat(path); });
}

Status WorldFiles::Rename(const std::string& from, const std::string& to) {
  return Change<Status>(kOff, [&] { return target_.Rename(from, to); });
}

Status WorldFiles::Remove(const std::string& path) {
  return Change<Status>(kOff, [&] { return target_.Remove(path); });
}

Status WorldFiles::MakeDirectory(const std::string& path, unsigned mode) {
  return Change<Status>(kOff, [&] { return target_.MakeDirectory(path, mode); });
}

Status WorldFiles::SyncDirectory(const std::string& path) {
  return Change<Status>(kUnsure, [&] { return target_.SyncDirectory(path); });
}

Result<std::vector<std::string>> WorldFiles::List(const std::string& path) {
  return Look<Result<std::vector<std::string>>>([&] { return target_.List(path); });
}

}  // namespace cloison::sim
