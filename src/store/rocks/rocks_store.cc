#include "store/rocks/rocks_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <mutex>

#include "base/files.h"
#include "store/internal/checks.h"
#include "store/rocks/internal/rocks_loader.h"
#include "store/rocks/internal/rocks_options.h"
#include "store/rocks/internal/row_cache.h"

namespace cloison::store {

namespace {

using internal::FromRocks;

constexpr std::size_t kVersionBytes = 8;
constexpr int kCacheShardBits = 4;
constexpr int kNiceness = 5;  // of RocksDB's threads: a third of the weight of the others
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

Result<Row> DecodeRow(ByteView stored) {
  base::Reader reader(stored);
  const Version version = reader.U64();
  if (reader.failed() || version == kAbsent) return Error{Code::kCorrupt, "a row has no version"};
  return Row{version, base::ToBytes(reader.rest())};
}

Status SyncDirectory(rocksdb::FileSystem& files, const std::string& path) {
  const rocksdb::IOOptions options;
  std::unique_ptr<rocksdb::FSDirectory> directory;
  rocksdb::IOStatus status = files.NewDirectory(path, options, &directory, nullptr);
  if (status.ok()) status = directory->FsyncWithDirOptions(options, nullptr, {});
  return status.ok() ? Ok() : Status(FromRocks(status));
}

// Flushes and compactions go after the commits, for everybody waits for those: on two busy cores a
// tenth more entries. Not far after: a flood of junk must leave them a share of a core, or commits
// would wait for flushes. (RocksDB's own lowering is to the last priority there is.)
void GoAfterCommits(rocksdb::Env& env) {
  for (const auto pool : {rocksdb::Env::Priority::LOW, rocksdb::Env::Priority::HIGH}) {
    env.Schedule([](void*) { static_cast<void>(setpriority(PRIO_PROCESS, 0, kNiceness)); }, nullptr,
                 pool);  // 0: the thread that runs it, the only one of its pool
  }
}

}  // namespace

class RocksStore::Impl {
 public:
  explicit Impl(const Options& options) : options_(options), row_cache_(options.row_cache_bytes) {}
  ~Impl();

  Status Open();
  // Nothing: it would have to wait for the disk.
  Result<std::optional<std::vector<Row>>> Read(const std::vector<Key>& keys, bool cache_only);
  // The same for readers outside of a commit: one row may come from the cache of rows.
  Result<std::optional<std::vector<Row>>> ReadKept(const std::vector<Key>& keys, bool cache_only);
  Result<std::optional<ScanPage>> ReadRange(const Range& range, std::size_t limit, bool cache_only);
  Result<Version> Commit(const WriteSet& writes);
  Result<std::unique_ptr<BulkLoader>> LoadBulk(Family family);
  Result<std::unique_ptr<BulkLoader>> LoadRun(Family family, Version version);
  Status Checkpoint(const std::string& path);
  Status Flush();
  Health health() const;

  base::Executor* disk_pool() const { return options_.disk_pool; }
  Version last_version() const { return last_version_; }
  Status CheckUsable() const {
    if (failed_) return Error{Code::kUnavailable, "the store has failed and must be opened again"};
    return Ok();
  }
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
  Status OpenDatabase();
  Status Recover();
  Result<Row> ReadOwn(std::string_view name);
  Result<std::optional<std::vector<Row>>> ReadOne(const Key& key, bool cache_only);
  Status CheckFamilies(const WriteSet& writes) const;
  Status CheckExpects(const WriteSet& writes);
  rocksdb::Status Fill(const WriteSet& writes, Version version);
  void ForgetRows(const WriteSet& writes);
  Status Adopt(Family family, Version version, const std::vector<std::string>& runs);
  Status Ingest(Family family, const std::vector<std::string>& runs);
  rocksdb::WriteOptions HowToWrite() const;
  Error Fail(Literal text, const rocksdb::Status& status);

  const Options options_;
  std::shared_ptr<rocksdb::FileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
  std::shared_ptr<rocksdb::Cache> cache_;
  internal::RowCache row_cache_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* unused_ = nullptr;  // RocksDB's own "default" family, empty
  std::array<rocksdb::ColumnFamilyHandle*, 256> handles_{};
  std::mutex commit_mutex_;
  rocksdb::WriteBatch batch_;  // under commit_mutex_; keeps its memory
  std::uint64_t fence_ = 0;    // under commit_mutex_
  std::atomic<Version> last_version_{0};
  std::atomic<bool> failed_{false};
};

RocksStore::Impl::~Impl() {
  if (!db_) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
  db_->DestroyColumnFamilyHandle(unused_).PermitUncheckedError();
  db_->Close().PermitUncheckedError();
}

// Unknown outcome, and the end of this object's use.
Error RocksStore::Impl::Fail(Literal text, const rocksdb::Status& status) {
  failed_ = true;
  return Error{Code::kUnknownOutcome, text, status.code()};
}

rocksdb::WriteOptions RocksStore::Impl::HowToWrite() const {
  rocksdb::WriteOptions out;
  out.sync = options_.sync;
  return out;
}

Status RocksStore::Impl::Open() {
  files_ = options_.file_system ? options_.file_system : rocksdb::FileSystem::Default();
  env_ = rocksdb::NewCompositeEnv(files_);
  GoAfterCommits(*env_);
  cache_ = rocksdb::NewLRUCache(options_.cache_bytes, kCacheShardBits, false, kCacheHighPriority);
  CLOISON_TRY(PrepareDirectories());
  CLOISON_TRY(OpenDatabase());
  return Recover();
}

Status RocksStore::Impl::PrepareDirectories() {
  const rocksdb::IOOptions io;
  for (const std::string& path : {options_.path, BulkDirectory()}) {
    const rocksdb::IOStatus status = files_->CreateDirIfMissing(path, io, nullptr);
    if (!status.ok()) return FromRocks(status);
    CLOISON_TRY(SyncDirectory(*files_, base::DirectoryOf(path)));
  }
  // Runs of a load that did not end.
  std::vector<std::string> names;
  const rocksdb::IOStatus status = files_->GetChildren(BulkDirectory(), io, &names, nullptr);
  if (!status.ok()) return FromRocks(status);
  for (const std::string& name : names) {
    if (!name.ends_with(".run")) continue;
    files_->DeleteFile(BulkDirectory() + "/" + name, io, nullptr).PermitUncheckedError();
  }
  return Ok();
}

Status RocksStore::Impl::OpenDatabase() {
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
  wanted.emplace_back(rocksdb::kDefaultColumnFamilyName,
                      internal::FamilyOptions(Family::kMeta, options_, cache_));
  for (const Family family : options_.families) {
    const std::string_view name = FamilyName(family);
    if (name.empty()) return Error{Code::kInvalid, "no such family"};
    wanted.emplace_back(std::string(name), internal::FamilyOptions(family, options_, cache_));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::DBOptions how = internal::DatabaseOptions(options_, env_.get());
  const rocksdb::Status status = rocksdb::DB::Open(how, options_.path, wanted, &handles, &db);
  if (!status.ok()) return FromRocks(status);
  db_.reset(db);
  unused_ = handles[0];
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
  return DecodeRow(ViewOf(stored));
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

// Most reads are of one key: no tables for it.
Result<std::optional<std::vector<Row>>> RocksStore::Impl::ReadOne(const Key& key, bool cache_only) {
  rocksdb::ReadOptions how;
  if (cache_only) how.read_tier = rocksdb::kBlockCacheTier;
  rocksdb::PinnableSlice stored;
  const rocksdb::Status status = db_->Get(how, HandleOf(key.family), SliceOf(key.bytes), &stored);
  if (status.IsIncomplete()) return std::optional<std::vector<Row>>();
  std::vector<Row> rows(1);
  if (status.IsNotFound()) return std::optional(std::move(rows));
  if (!status.ok()) return FromRocks(status);
  CLOISON_TRY_ASSIGN(rows[0], DecodeRow(ViewOf(stored)));
  return std::optional(std::move(rows));
}

Result<std::optional<std::vector<Row>>> RocksStore::Impl::Read(const std::vector<Key>& keys,
                                                               bool cache_only) {
  const std::size_t count = keys.size();
  if (count == 1) return ReadOne(keys.front(), cache_only);
  std::vector<rocksdb::ColumnFamilyHandle*> families(count);
  std::vector<rocksdb::Slice> names(count);
  for (std::size_t i = 0; i < count; ++i) {
    families[i] = HandleOf(keys[i].family);
    names[i] = SliceOf(keys[i].bytes);
  }
  std::vector<rocksdb::PinnableSlice> values(count);
  std::vector<rocksdb::Status> statuses(count);
  rocksdb::ReadOptions how;
  if (cache_only) {
    // MultiGet of RocksDB 7.8 reads from the disk even when it is told not to; Get does not.
    rocksdb::ManagedSnapshot one_moment(db_.get());
    how.snapshot = one_moment.snapshot();
    how.read_tier = rocksdb::kBlockCacheTier;
    for (std::size_t i = 0; i < count; ++i) {
      statuses[i] = db_->Get(how, families[i], names[i], &values[i]);
      if (statuses[i].IsIncomplete()) return std::optional<std::vector<Row>>();
    }
  } else if (count > 0) {
    db_->MultiGet(how, count, families.data(), names.data(), values.data(), statuses.data());
  }
  std::vector<Row> rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (statuses[i].IsNotFound()) continue;
    if (!statuses[i].ok()) return FromRocks(statuses[i]);
    CLOISON_TRY_ASSIGN(rows[i], DecodeRow(ViewOf(values[i])));
  }
  return std::optional(std::move(rows));
}

Result<std::optional<std::vector<Row>>> RocksStore::Impl::ReadKept(const std::vector<Key>& keys,
                                                                   bool cache_only) {
  if (keys.size() != 1 || !internal::RowCache::Takes(keys.front().family)) {
    return Read(keys, cache_only);
  }
  std::uint64_t mark = 0;
  std::optional<Row> kept = row_cache_.Find(keys.front(), mark);
  if (kept.has_value()) {
    std::vector<Row> rows;
    rows.push_back(std::move(*kept));
    return std::optional(std::move(rows));
  }
  CLOISON_TRY_ASSIGN(std::optional<std::vector<Row>> rows, ReadOne(keys.front(), cache_only));
  if (rows.has_value()) row_cache_.Keep(keys.front(), rows->front(), mark);
  return rows;
}

Result<std::optional<ScanPage>> RocksStore::Impl::ReadRange(const Range& range, std::size_t limit,
                                                            bool cache_only) {
  ScanPage page;
  if (internal::IsEmptyRange(range)) return std::optional(std::move(page));
  limit = std::min(limit, kScanRowsMax);
  rocksdb::ReadOptions how;
  if (cache_only) how.read_tier = rocksdb::kBlockCacheTier;
  const rocksdb::Slice end = SliceOf(range.end);
  if (!range.end.empty()) how.iterate_upper_bound = &end;
  how.total_order_seek = !internal::IsWithinOnePrefix(range.begin, range.end);
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(how, HandleOf(range.family)));
  std::size_t bytes = 0;
  for (at->Seek(SliceOf(range.begin)); at->Valid(); at->Next()) {
    std::string key = at->key().ToString();
    if (internal::IsReserved(range.family, key)) continue;
    if (page.rows.size() >= limit || bytes >= kScanBytesMax) {
      page.next = std::move(key);
      break;
    }
    CLOISON_TRY_ASSIGN(Row row, DecodeRow(ViewOf(at->value())));
    bytes += key.size() + row.value.size();
    page.rows.push_back(KeyedRow{std::move(key), std::move(row)});
  }
  if (at->status().IsIncomplete()) return std::optional<ScanPage>();
  if (!at->status().ok()) return FromRocks(at->status());
  return std::optional(std::move(page));
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
  const Result<std::optional<std::vector<Row>>> rows = Read(keys, false);
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

rocksdb::Status RocksStore::Impl::Fill(const WriteSet& writes, Version version) {
  batch_.Clear();
  const ByteArray<kVersionBytes> prefix = base::BigU64(version);
  rocksdb::Status status;
  for (const Range& range : writes.range_deletes) {
    if (internal::IsEmptyRange(range) || !status.ok()) continue;
    const std::string& end = range.end.empty() ? AboveAllKeys() : range.end;
    status = batch_.DeleteRange(HandleOf(range.family), SliceOf(range.begin), SliceOf(end));
  }
  for (const Key& key : writes.deletes) {
    if (status.ok()) status = batch_.Delete(HandleOf(key.family), SliceOf(key.bytes));
  }
  const auto put = [this, &prefix, &status](Family family, std::string_view key, ByteView value) {
    const rocksdb::Slice name = SliceOf(key);
    const rocksdb::Slice parts[2] = {SliceOf(ByteView(prefix)), SliceOf(value)};
    const rocksdb::SliceParts stored(parts, 2);
    if (status.ok()) status = batch_.Put(HandleOf(family), rocksdb::SliceParts(&name, 1), stored);
  };
  for (const Put& one : writes.puts) put(one.key.family, one.key.bytes, one.value);
  if (writes.fence > fence_) put(Family::kMeta, internal::kFenceRow, base::BigU64(writes.fence));
  put(Family::kMeta, internal::kLastVersionRow, {});
  return status;
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
  CLOISON_TRY(CheckUsable());
  CLOISON_TRY(internal::CheckWrites(writes));
  CLOISON_TRY(CheckFamilies(writes));
  const std::lock_guard lock(commit_mutex_);
  CLOISON_TRY(CheckExpects(writes));
  const Version version = last_version_ + 1;
  rocksdb::Status status = Fill(writes, version);
  if (status.ok()) status = db_->Write(HowToWrite(), &batch_);
  if (!status.ok()) return Fail("a commit may or may not be written", status);
  ForgetRows(writes);
  fence_ = std::max(fence_, writes.fence);
  last_version_ = version;
  return version;
}

Result<std::unique_ptr<BulkLoader>> RocksStore::Impl::LoadBulk(Family family) {
  CLOISON_TRY(CheckUsable());
  CLOISON_TRY(CheckFamily(family));
  if (family == Family::kMeta) return Error{Code::kInvalid, "a family that cannot be loaded"};
  CLOISON_TRY_ASSIGN(const std::optional<ScanPage> page,
                     ReadRange(Range{family, {}, {}}, 1, false));
  if (!page->rows.empty()) return Error{Code::kConflict, "the family is not empty"};
  const rocksdb::Options how(internal::DatabaseOptions(options_, env_.get()),
                             internal::FamilyOptions(family, options_, cache_));
  std::string prefix = BulkDirectory() + "/" + std::string(FamilyName(family)) + "-";
  return std::unique_ptr<BulkLoader>(std::make_unique<internal::RocksLoader>(
      how, HandleOf(family), std::move(prefix), last_version_ + 1,
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
  rocksdb::Status status = Fill(WriteSet{}, version);
  if (status.ok()) status = db_->Write(HowToWrite(), &batch_);
  if (!status.ok()) return Fail("a load may or may not be written", status);
  last_version_ = version;
  return Ingest(family, runs);
}

Result<std::unique_ptr<BulkLoader>> RocksStore::Impl::LoadRun(Family family, Version version) {
  CLOISON_TRY(CheckUsable());
  CLOISON_TRY(CheckFamily(family));
  if (family == Family::kMeta) return Error{Code::kInvalid, "a family that cannot be loaded"};
  if (version == kAbsent || version > last_version_) {
    return Error{Code::kInvalid, "no commit has this version"};
  }
  const rocksdb::Options how(internal::DatabaseOptions(options_, env_.get()),
                             internal::FamilyOptions(family, options_, cache_));
  std::string prefix = BulkDirectory() + "/" + std::string(FamilyName(family)) + "-run-";
  return std::unique_ptr<BulkLoader>(std::make_unique<internal::RocksLoader>(
      how, HandleOf(family), std::move(prefix), version,
      [this, family](Version, const std::vector<std::string>& runs) {
        return CheckUsable().ok() ? Ingest(family, runs) : CheckUsable();
      }));
}

// Not under the lock of Commit: a run changes no row that a commit looks at.
Status RocksStore::Impl::Ingest(Family family, const std::vector<std::string>& runs) {
  if (runs.empty()) return Ok();
  rocksdb::IngestExternalFileOptions how;
  how.move_files = true;
  how.write_global_seqno = false;
  const rocksdb::Status status = db_->IngestExternalFile(HandleOf(family), runs, how);
  if (!status.ok()) return Fail("a load may or may not be written", status);
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
  if (status.ok()) status = checkpoint->CreateCheckpoint(path);
  if (!status.ok()) return Error{Code::kUnavailable, "no checkpoint was made", status.code()};
  return SyncDirectory(*files_, base::DirectoryOf(path));
}

Status RocksStore::Impl::Flush() {
  CLOISON_TRY(CheckUsable());
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
  return Health{!failed_, bytes};
}

RocksStore::RocksStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RocksStore::~RocksStore() = default;

Result<std::unique_ptr<RocksStore>> RocksStore::Open(const Options& options) {
  auto impl = std::make_unique<Impl>(options);
  CLOISON_TRY(impl->Open());
  return std::unique_ptr<RocksStore>(new RocksStore(std::move(impl)));
}

Task<Result<std::vector<Row>>> RocksStore::MultiGet(std::vector<Key> keys, ReadMode mode) {
  CLOISON_CO_TRY(impl_->CheckUsable());
  CLOISON_CO_TRY(internal::CheckKeys(keys));
  for (const Key& key : keys) {
    CLOISON_CO_TRY(impl_->CheckFamily(key.family));
  }
  const bool may_wait_here = mode == ReadMode::kAny && impl_->disk_pool() == nullptr;
  CLOISON_CO_TRY_ASSIGN(std::optional<std::vector<Row>> rows,
                        impl_->ReadKept(keys, !may_wait_here));
  if (rows.has_value()) co_return std::move(*rows);
  if (mode == ReadMode::kCacheOnly) co_return Error{Code::kUnavailable, "a row is not in memory"};
  co_await impl_->disk_pool()->Schedule();
  // All again: rows of two moments must not mix.
  CLOISON_CO_TRY_ASSIGN(rows, impl_->ReadKept(keys, false));
  co_return std::move(*rows);
}

Task<Result<ScanPage>> RocksStore::Scan(Range range, std::size_t limit) {
  CLOISON_CO_TRY(impl_->CheckUsable());
  CLOISON_CO_TRY(internal::CheckRange(range));
  CLOISON_CO_TRY(impl_->CheckFamily(range.family));
  const bool may_wait_here = impl_->disk_pool() == nullptr;
  CLOISON_CO_TRY_ASSIGN(std::optional<ScanPage> page,
                        impl_->ReadRange(range, limit, !may_wait_here));
  if (page.has_value()) co_return std::move(*page);
  co_await impl_->disk_pool()->Schedule();
  CLOISON_CO_TRY_ASSIGN(page, impl_->ReadRange(range, limit, false));
  co_return std::move(*page);
}

Task<Result<Version>> RocksStore::Commit(WriteSet writes) {
  co_return impl_->Commit(writes);
}

Result<std::unique_ptr<BulkLoader>> RocksStore::LoadBulk(Family family) {
  return impl_->LoadBulk(family);
}
Result<std::unique_ptr<BulkLoader>> RocksStore::LoadRun(Family family, Version version) {
  return impl_->LoadRun(family, version);
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
