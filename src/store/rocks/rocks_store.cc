#include "store/rocks/rocks_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "base/files.h"
#include "store/internal/checks.h"
#include "store/rocks/internal/background_watch.h"
#include "store/rocks/internal/rocks_loader.h"
#include "store/rocks/internal/rocks_log.h"
#include "store/rocks/internal/rocks_options.h"
#include "store/rocks/internal/rocks_reads.h"
#include "store/rocks/internal/row_cache.h"
#include "store/rocks/internal/tail_folder.h"

namespace cloison::store {

namespace {

using internal::FromRocks;
using internal::Rows;
using internal::RowTail;

constexpr std::size_t kTailBuffers = 1;  // write buffers that a generation of the tail may fill
constexpr Error kHasFailed{Code::kUnavailable, "the store has failed and must be opened again"};
constexpr Error kOlderFormat{Code::kInvalid,
                             "the directory is of an older version of Cloison: see CHANGELOG.md"};
constexpr int kCacheShardBits = 4;
constexpr double kCacheHighPriority = 0.3;  // for indexes and filters

// Nothing is above it: longer than any key, and of the largest byte.
const std::string& AboveAllKeys() {
  static const std::string key(kKeyBytesMax + 1, '\xff');
  return key;
}

rocksdb::Slice SliceOf(std::string_view text) {
  return {text.data(), text.size()};
}
rocksdb::Slice SliceOf(ByteView bytes) {
  return SliceOf(AsText(bytes));
}
ByteView ViewOf(const rocksdb::Slice& slice) {
  return AsBytes(std::string_view(slice.data(), slice.size()));
}

Status SyncDirectory(rocksdb::FileSystem& files, const std::string& path) {
  const rocksdb::IOOptions options;
  std::unique_ptr<rocksdb::FSDirectory> directory;
  rocksdb::IOStatus status = files.NewDirectory(path, options, &directory, nullptr);
  if (status.ok()) status = directory->FsyncWithDirOptions(options, nullptr, {});
  return status.ok() ? Ok() : Status(FromRocks(status));
}

}  // namespace

class RocksStore::Impl {
 public:
  explicit Impl(const Options& options) : options_(options), row_cache_(options.row_cache_bytes) {}
  ~Impl();

  Status Open();
  // For readers outside of a commit: one row may come from the cache of rows. Nothing: it would
  // have to wait for the disk.
  Result<Rows> Read(const std::vector<Key>& keys, bool cache_only, internal::Begun& begun);
  Result<ScanPage> ReadRange(const Range& range, std::size_t limit) {
    return reads_->Scan(range, limit);
  }
  Result<Version> Commit(const WriteSet& writes);
  Result<std::unique_ptr<BulkLoader>> LoadBulk(Family family);
  Result<std::unique_ptr<BulkLoader>> LoadRun(Family family, Version version, Pace pace);
  Status Checkpoint(const std::string& path);
  Status Flush();
  Health health() const;

  base::Executor* disk_pool() const { return options_.disk_pool; }
  Version last_version() const { return last_version_; }
  // What was committed is there whatever failed beside commits; the next commit says that it did.
  Status CheckReadable() const { return failed_ ? Status(kHasFailed) : Ok(); }
  Status CheckUsable() const { return background_failed_ ? Status(kHasFailed) : CheckReadable(); }
  Status CheckFamily(Family family) const {
    if (HandleOf(family) != nullptr) return Ok();
    return Error{Code::kInvalid, "a family that is not open"};
  }

 private:
  rocksdb::ColumnFamilyHandle* HandleOf(Family family) const {
    return handles_[static_cast<std::uint8_t>(family)];
  }
  std::string BulkDirectory() const { return options_.path + "/bulk"; }
  Status PrepareDirectories();
  Status RemoveLeftovers();
  Status OpenDatabase();
  Status Recover();
  Status RecoverTail();
  void MakeFolder();
  rocksdb::Options LoadOptions(Family family) const;
  Result<Row> ReadOwn(std::string_view name);
  Status CheckFamilies(const WriteSet& writes) const;
  Status CheckExpects(const WriteSet& writes);
  Status Fill(const WriteSet& writes, Version version);
  Status DeleteRangeOfTail(Range range);
  void ForgetRows(const WriteSet& writes);
  Status Adopt(Family family, Version version, const std::vector<std::string>& runs);
  Status Ingest(Family family, const std::vector<std::string>& runs);
  rocksdb::WriteOptions HowToWrite() const;
  Error Fail(Literal text, std::int64_t detail);

  const Options options_;
  base::SystemFiles log_files_;  // not the injected ones: RocksDB's log is no part of the state
  std::shared_ptr<rocksdb::FileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  std::shared_ptr<rocksdb::Cache> cache_;
  internal::RowCache row_cache_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* log_ = nullptr;  // RocksDB's own "default" family: of the tail
  internal::Handles handles_{};
  std::mutex commit_mutex_;
  rocksdb::WriteBatch batch_;  // under commit_mutex_; keeps its memory
  Bytes tail_log_;             // under commit_mutex_: of the rows that go to the tail
  std::uint64_t fence_ = 0;    // under commit_mutex_
  std::atomic<Version> last_version_{0};
  std::atomic<bool> failed_{false};
  std::atomic<std::uint64_t> runs_begun_{0};    // their files have names of their own
  std::atomic<bool> background_failed_{false};  // the next commit says so
  RowTail tail_;
  std::unique_ptr<internal::RocksReads> reads_;
  std::unique_ptr<internal::TailFolder> folder_;
};

RocksStore::Impl::~Impl() {
  folder_.reset();
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  db_->DestroyColumnFamilyHandle(log_).PermitUncheckedError();
  db_->Close().PermitUncheckedError();
}

// Unknown outcome, and the end of this object's use.
Error RocksStore::Impl::Fail(Literal text, std::int64_t detail) {
  failed_ = true;
  return Error{Code::kUnknownOutcome, text, detail};
}

rocksdb::WriteOptions RocksStore::Impl::HowToWrite() const {
  rocksdb::WriteOptions out;
  out.sync = options_.sync;
  return out;
}

Status RocksStore::Impl::Open() {
  files_ = options_.file_system ? options_.file_system : rocksdb::FileSystem::Default();
  env_ = rocksdb::NewCompositeEnv(files_);
  cache_ = rocksdb::NewLRUCache(options_.cache_bytes, kCacheShardBits, false, kCacheHighPriority);
  CLOISON_TRY(PrepareDirectories());
  CLOISON_TRY(OpenDatabase());
  CLOISON_TRY(RemoveLeftovers());
  reads_ = std::make_unique<internal::RocksReads>(*db_, handles_, tail_);
  CLOISON_TRY(Recover());
  CLOISON_TRY(RecoverTail());
  MakeFolder();
  return Ok();
}

rocksdb::Options RocksStore::Impl::LoadOptions(Family family) const {
  return {internal::DatabaseOptions(options_, env_.get()),
          internal::FamilyOptions(family, options_, cache_)};
}

void RocksStore::Impl::MakeFolder() {
  folder_ = std::make_unique<internal::TailFolder>(
      tail_,
      internal::TailFolder::Ground{
          *db_, *log_, [this](Family family) { return HandleOf(family); },
          [this](Family family) { return LoadOptions(family); }, BulkDirectory() + "/",
          kTailBuffers * options_.write_buffer_bytes, [this] { background_failed_ = true; }});
}

Status RocksStore::Impl::PrepareDirectories() {
  const rocksdb::IOOptions io;
  for (const std::string& path : {options_.path, BulkDirectory()}) {
    const rocksdb::IOStatus status = files_->CreateDirIfMissing(path, io, nullptr);
    if (!status.ok()) return FromRocks(status);
    CLOISON_TRY(SyncDirectory(*files_, base::DirectoryOf(path)));
  }
  return Ok();
}

// Runs of a load that did not end, and what it put aside. Once the database is open: until then
// they may be those of the process that has it.
Status RocksStore::Impl::RemoveLeftovers() {
  const rocksdb::IOOptions io;
  std::vector<std::string> names;
  const rocksdb::IOStatus status = files_->GetChildren(BulkDirectory(), io, &names, nullptr);
  if (!status.ok()) return FromRocks(status);
  for (const std::string& name : names) {
    if (!name.ends_with(".run") && !name.ends_with(".spill")) continue;
    const rocksdb::IOStatus removed = files_->DeleteFile(BulkDirectory() + "/" + name, io, nullptr);
    if (!removed.ok()) return FromRocks(removed);
  }
  return Ok();
}

Status RocksStore::Impl::OpenDatabase() {
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
  wanted.emplace_back(rocksdb::kDefaultColumnFamilyName,
                      internal::TailLogOptions(options_, cache_));
  for (const Family family : options_.families) {
    const std::string_view name = FamilyName(family);
    if (name.empty()) return Error{Code::kInvalid, "no such family"};
    wanted.emplace_back(std::string(name), internal::FamilyOptions(family, options_, cache_));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::DBOptions how = internal::DatabaseOptions(options_, env_.get());
  how.info_log = internal::MakeRocksLog(log_files_, options_.path);
  how.listeners.push_back(internal::WatchBackground([this] { background_failed_ = true; }));
  const rocksdb::Status status = rocksdb::DB::Open(how, options_.path, wanted, &handles, &db);
  if (!status.ok()) return FromRocks(status);
  db_.reset(db);
  log_ = handles[0];
  for (std::size_t i = 0; i < options_.families.size(); ++i) {
    handles_[static_cast<std::uint8_t>(options_.families[i])] = handles[i + 1];
  }
  return CheckFamily(Family::kMeta);
}

Result<Row> RocksStore::Impl::ReadOwn(std::string_view name) {
  rocksdb::PinnableSlice stored;
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), HandleOf(Family::kMeta), SliceOf(name), &stored);
  if (status.IsNotFound()) return Row{};
  if (!status.ok()) return FromRocks(status);
  // Versions were eight bytes, the highest first, before docs/format/store.md "Rows".
  if (stored.size() == sizeof(Version) && stored[0] == 0) return kOlderFormat;
  return internal::DecodeRow(ViewOf(stored));
}

Status RocksStore::Impl::Recover() {
  CLOISON_TRY_ASSIGN(const Row last, ReadOwn(internal::kLastVersionRow));
  CLOISON_TRY_ASSIGN(const Row fence, ReadOwn(internal::kFenceRow));
  last_version_ = last.version;
  if (!fence.present()) return Ok();
  if (fence.value.size() != sizeof(fence_)) return Error{Code::kCorrupt, "the fence is damaged"};
  fence_ = base::LoadBig(fence.value);
  return Ok();
}

// What was committed and not folded yet. Its order is that of the commits.
Status RocksStore::Impl::RecoverTail() {
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions(), log_));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const ByteView key = ViewOf(at->key());
    if (key.size() != sizeof(Version)) return Error{Code::kCorrupt, "a log of rows has no version"};
    CLOISON_TRY(tail_.Apply(base::LoadBig(key), ViewOf(at->value())));
  }
  return at->status().ok() ? Ok() : Status(FromRocks(at->status()));
}

Result<Rows> RocksStore::Impl::Read(const std::vector<Key>& keys, bool cache_only,
                                    internal::Begun& begun) {
  if (keys.size() != 1) {
    const bool some = std::ranges::any_of(keys, RowTail::Takes, &Key::family);
    const bool all = std::ranges::all_of(keys, RowTail::Takes, &Key::family);
    // A commit is in RocksDB a moment before it is in the tail: rows of both wait for its end.
    std::unique_lock<std::mutex> lock(commit_mutex_, std::defer_lock);
    if (some && !all && cache_only && !lock.try_lock()) return Rows();
    if (some && !all && !cache_only) lock.lock();
    return reads_->Several(keys, cache_only, begun);
  }
  if (!internal::RowCache::Takes(keys.front().family)) return reads_->One(keys.front(), cache_only);
  std::uint64_t mark = 0;
  std::optional<Row> kept = row_cache_.Find(keys.front(), mark);
  if (kept.has_value()) {
    std::vector<Row> rows;
    rows.push_back(std::move(*kept));
    return Rows(std::move(rows));
  }
  CLOISON_TRY_ASSIGN(Rows rows, reads_->One(keys.front(), cache_only));
  if (rows.has_value()) row_cache_.Keep(keys.front(), rows->front(), mark);
  return rows;
}

Status RocksStore::Impl::CheckFamilies(const WriteSet& writes) const {
  for (const Put& put : writes.puts) {
    CLOISON_TRY(CheckFamily(put.key.family));
  }
  for (const Key& key : writes.deletes) {
    CLOISON_TRY(CheckFamily(key.family));
  }
  for (const Range& range : writes.range_deletes) {
    CLOISON_TRY(CheckFamily(range.family));
  }
  for (const Expect& expect : writes.expects) {
    CLOISON_TRY(CheckFamily(expect.key.family));
  }
  return Ok();
}

Status RocksStore::Impl::CheckExpects(const WriteSet& writes) {
  if (writes.fence != 0 && writes.fence < fence_) {
    return Error{Code::kConflict, "a newer writer has taken over"};
  }
  if (writes.expects.empty()) return Ok();
  std::vector<Key> keys;
  keys.reserve(writes.expects.size());
  for (const Expect& expect : writes.expects) keys.push_back(expect.key);
  internal::Begun nothing;
  const Result<Rows> rows = reads_->Several(keys, false, nothing);
  if (!rows.ok()) {
    failed_ = true;
    return Error{Code::kUnknownOutcome, "an expected row cannot be read", rows.error().detail()};
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if ((**rows)[i].version != writes.expects[i].version) {
      return Error{Code::kConflict, "a row has changed"};
    }
  }
  return Ok();
}

// What is folded is deleted row by row: a run that is on its way would come after the range.
Status RocksStore::Impl::DeleteRangeOfTail(Range range) {
  std::size_t rows = 0;
  for (bool more = true; more;) {
    CLOISON_TRY_ASSIGN(const ScanPage page, ReadRange(range, kScanRowsMax));
    rows += page.rows.size();
    if (rows > kFoldedRangeRowsMax) {
      return Error{Code::kExhausted, "a range of folded rows is too large to delete at once"};
    }
    for (const KeyedRow& row : page.rows) RowTail::AppendDelete({range.family, row.key}, tail_log_);
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  return Ok();
}

Status RocksStore::Impl::Fill(const WriteSet& writes, Version version) {
  batch_.Clear();
  tail_log_.clear();
  Bytes prefix;
  internal::AppendVersion(prefix, version);
  rocksdb::Status status;
  for (const Range& range : writes.range_deletes) {
    if (internal::IsEmptyRange(range) || !status.ok()) continue;
    if (RowTail::Takes(range.family)) {
      CLOISON_TRY(DeleteRangeOfTail(range));
      continue;
    }
    const std::string& end = range.end.empty() ? AboveAllKeys() : range.end;
    status = batch_.DeleteRange(HandleOf(range.family), SliceOf(range.begin), SliceOf(end));
  }
  for (const Key& key : writes.deletes) {
    if (RowTail::Takes(key.family)) {
      RowTail::AppendDelete(key, tail_log_);
    } else if (status.ok()) {
      status = batch_.Delete(HandleOf(key.family), SliceOf(key.bytes));
    }
  }
  const auto put = [this, &prefix, &status](Family family, std::string_view key, ByteView value) {
    const rocksdb::Slice name = SliceOf(key);
    const rocksdb::Slice parts[2] = {SliceOf(ByteView(prefix)), SliceOf(value)};
    const rocksdb::SliceParts stored(parts, 2);
    if (status.ok()) status = batch_.Put(HandleOf(family), rocksdb::SliceParts(&name, 1), stored);
  };
  for (const Put& one : writes.puts) {
    if (RowTail::Takes(one.key.family)) {
      RowTail::AppendPut(one, tail_log_);
    } else {
      put(one.key.family, one.key.bytes, one.value);
    }
  }
  if (writes.fence > fence_) put(Family::kMeta, internal::kFenceRow, base::BigU64(writes.fence));
  put(Family::kMeta, internal::kLastVersionRow, {});
  if (!tail_log_.empty() && status.ok()) {
    status = batch_.Put(log_, SliceOf(internal::TailLogKey(version)), SliceOf(ByteView(tail_log_)));
  }
  return status.ok() ? Ok() : Status(FromRocks(status));
}

void RocksStore::Impl::ForgetRows(const WriteSet& writes) {
  for (const Put& put : writes.puts) {
    if (internal::RowCache::Takes(put.key.family)) row_cache_.Drop(put.key);
  }
  for (const Key& key : writes.deletes) {
    if (internal::RowCache::Takes(key.family)) row_cache_.Drop(key);
  }
  for (const Range& range : writes.range_deletes) {
    if (internal::RowCache::Takes(range.family)) row_cache_.DropAll();
  }
}

Result<Version> RocksStore::Impl::Commit(const WriteSet& writes) {
  if (background_failed_ && !failed_) return Fail("a fold, a flush or a merge has failed", 0);
  CLOISON_TRY(CheckUsable());
  CLOISON_TRY(internal::CheckWrites(writes));
  CLOISON_TRY(CheckFamilies(writes));
  const std::lock_guard lock(commit_mutex_);
  CLOISON_TRY(CheckExpects(writes));
  const Version version = last_version_ + 1;
  const Status filled = Fill(writes, version);
  if (!filled.ok() && filled.error().code() == Code::kExhausted) return filled.error();
  if (!filled.ok()) return Fail("a commit cannot be written", filled.error().detail());
  const rocksdb::Status status = db_->Write(HowToWrite(), &batch_);
  if (!status.ok()) return Fail("a commit may or may not be written", status.code());
  if (!tail_log_.empty()) CLOISON_CHECK(tail_.Apply(version, tail_log_).ok());  // written above
  ForgetRows(writes);
  fence_ = std::max(fence_, writes.fence);
  last_version_ = version;
  folder_->AfterCommit();
  return version;
}

Result<std::unique_ptr<BulkLoader>> RocksStore::Impl::LoadBulk(Family family) {
  CLOISON_TRY(CheckUsable());
  CLOISON_TRY(CheckFamily(family));
  if (family == Family::kMeta) return Error{Code::kInvalid, "a family that cannot be loaded"};
  const Version next = last_version_ + 1;  // a commit that comes later is a conflict in Adopt
  // What the tail says of deleted rows would hide those that are loaded.
  CLOISON_TRY(folder_->FoldAll());
  CLOISON_TRY_ASSIGN(const ScanPage page, ReadRange(Range{family, {}, {}}, 1));
  if (!page.rows.empty()) return Error{Code::kConflict, "the family is not empty"};
  std::string prefix = BulkDirectory() + "/" + std::string(FamilyName(family)) + "-";
  return std::unique_ptr<BulkLoader>(std::make_unique<internal::RocksLoader>(
      LoadOptions(family), HandleOf(family), std::move(prefix), next,
      [this, family](Version version, const std::vector<std::string>& runs) {
        return Adopt(family, version, runs);
      }));
}

Status RocksStore::Impl::Adopt(Family family, Version version,
                               const std::vector<std::string>& runs) {
  CLOISON_TRY(CheckUsable());
  const std::lock_guard lock(commit_mutex_);
  if (version != last_version_ + 1) return Error{Code::kConflict, "not the next version"};
  // The number before the rows: a crash in between leaves a number without rows, never two commits
  // under one number.
  const Status filled = Fill(WriteSet{}, version);
  if (!filled.ok()) return Fail("a load cannot be written", filled.error().detail());
  const rocksdb::Status status = db_->Write(HowToWrite(), &batch_);
  if (!status.ok()) return Fail("a load may or may not be written", status.code());
  last_version_ = version;
  return Ingest(family, runs);
}

Result<std::unique_ptr<BulkLoader>> RocksStore::Impl::LoadRun(Family family, Version version,
                                                              Pace pace) {
  CLOISON_TRY(CheckUsable());
  CLOISON_TRY(CheckFamily(family));
  if (family == Family::kMeta || RowTail::Takes(family)) {
    return Error{Code::kInvalid, "a family that cannot be loaded"};
  }
  if (version == kAbsent || version > last_version_) {
    return Error{Code::kInvalid, "no commit has this version"};
  }
  std::string prefix = BulkDirectory() + "/" + std::string(FamilyName(family)) + "-run-" +
                       std::to_string(runs_begun_++) + "-";
  auto loader = std::make_unique<internal::RocksLoader>(
      LoadOptions(family), HandleOf(family), std::move(prefix), version,
      [this, family](Version, const std::vector<std::string>& runs) {
        return CheckUsable().ok() ? Ingest(family, runs) : CheckUsable();
      });
  if (pace == Pace::kBesideCommits) loader->RestAfterTurns();
  return std::unique_ptr<BulkLoader>(std::move(loader));
}

// Not under the lock of Commit: a run changes no row that a commit looks at.
Status RocksStore::Impl::Ingest(Family family, const std::vector<std::string>& runs) {
  if (runs.empty()) return Ok();
  rocksdb::IngestExternalFileOptions how;
  how.move_files = true;
  how.write_global_seqno = false;
  const rocksdb::Status status = db_->IngestExternalFile(HandleOf(family), runs, how);
  if (!status.ok()) return Fail("a load may or may not be written", status.code());
  if (internal::RowCache::Takes(family)) row_cache_.DropAll();
  return Ok();
}

Status RocksStore::Impl::Checkpoint(const std::string& path) {
  CLOISON_TRY(CheckUsable());
  if (files_->FileExists(path, rocksdb::IOOptions(), nullptr).ok()) {
    return Error{Code::kInvalid, "the directory is there already"};
  }
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(db_.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (!status.ok()) return Error{Code::kUnavailable, "no checkpoint was made", status.code()};
  CLOISON_TRY(Flush());  // little is left to be copied while commits wait
  // RocksDB lists its tables first and its log later: a fold, ours or the ledger's, that takes over
  // runs and deletes what the log said of them in between would be in the copy by half.
  const std::lock_guard commits(commit_mutex_);
  const auto folds = folder_->Pause();
  constexpr std::uint64_t kWithoutFlush = UINT64_MAX;
  status = checkpoint->CreateCheckpoint(path, kWithoutFlush);
  if (!status.ok()) return Error{Code::kUnavailable, "no checkpoint was made", status.code()};
  return SyncDirectory(*files_, base::DirectoryOf(path));
}

Status RocksStore::Impl::Flush() {
  CLOISON_TRY(CheckUsable());
  CLOISON_TRY(folder_->FoldAll());
  std::vector<rocksdb::ColumnFamilyHandle*> all;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle != nullptr) all.push_back(handle);
  }
  const rocksdb::Status status = db_->Flush(rocksdb::FlushOptions(), all);
  if (!status.ok()) return Error{Code::kUnavailable, "the store cannot be flushed", status.code()};
  return Ok();
}

Health RocksStore::Impl::health() const {
  std::uint64_t bytes = 0;
  for (const char* property : {"rocksdb.total-sst-files-size", "rocksdb.cur-size-all-mem-tables"}) {
    std::uint64_t size = 0;
    if (db_->GetAggregatedIntProperty(property, &size)) bytes += size;
  }
  return Health{CheckUsable().ok(), bytes};
}

RocksStore::RocksStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RocksStore::~RocksStore() = default;

Result<std::unique_ptr<RocksStore>> RocksStore::Open(const Options& options) {
  auto impl = std::make_unique<Impl>(options);
  CLOISON_TRY(impl->Open());
  return std::unique_ptr<RocksStore>(new RocksStore(std::move(impl)));
}

Task<Result<std::vector<Row>>> RocksStore::MultiGet(std::vector<Key> keys, ReadMode mode) {
  CLOISON_CO_TRY(impl_->CheckReadable());
  CLOISON_CO_TRY(internal::CheckKeys(keys));
  for (const Key& key : keys) {
    CLOISON_CO_TRY(impl_->CheckFamily(key.family));
  }
  const bool may_wait_here = mode == ReadMode::kAny && impl_->disk_pool() == nullptr;
  internal::Begun begun;
  CLOISON_CO_TRY_ASSIGN(Rows rows, impl_->Read(keys, !may_wait_here, begun));
  if (rows.has_value()) co_return std::move(*rows);
  if (mode == ReadMode::kCacheOnly) co_return Error{Code::kUnavailable, "a row is not in memory"};
  co_await impl_->disk_pool()->Schedule();
  CLOISON_CO_TRY_ASSIGN(rows, impl_->Read(keys, false, begun));
  co_return std::move(*rows);
}

Task<Result<ScanPage>> RocksStore::Scan(Range range, std::size_t limit) {
  CLOISON_CO_TRY(impl_->CheckReadable());
  CLOISON_CO_TRY(internal::CheckRange(range));
  CLOISON_CO_TRY(impl_->CheckFamily(range.family));
  // Not from memory first: RocksDB 7.8 loses rows, in silence, when a range that something was
  // deleted from as a range is read without the disk (docs/format/store.md "Settings").
  if (impl_->disk_pool() != nullptr) co_await impl_->disk_pool()->Schedule();
  co_return impl_->ReadRange(range, limit);
}

Task<Result<Version>> RocksStore::Commit(WriteSet writes) {
  co_return impl_->Commit(writes);
}

Result<std::unique_ptr<BulkLoader>> RocksStore::LoadBulk(Family family) {
  return impl_->LoadBulk(family);
}
Result<std::unique_ptr<BulkLoader>> RocksStore::LoadRun(Family family, Version version, Pace pace) {
  return impl_->LoadRun(family, version, pace);
}
Status RocksStore::Checkpoint(const std::string& path) {
  return impl_->Checkpoint(path);
}
Status RocksStore::Flush() {
  return impl_->Flush();
}
Version RocksStore::last_version() const {
  return impl_->last_version();
}
Health RocksStore::health() const {
  return impl_->health();
}

}  // namespace cloison::store
