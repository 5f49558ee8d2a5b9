#include "store/memory/memory_store.h"

#include <algorithm>

#include "store/internal/checks.h"

namespace cloison::store {

namespace {

constexpr std::string_view kMagic = "cloison memory store 1\n";

std::string CheckpointFile(const std::string& path) {
  return path + "/rows";
}

}  // namespace

class MemoryStore::Loader final : public BulkLoader {
 public:
  // `run_version`: of a run; nothing for a load of an empty family.
  Loader(MemoryStore& store, Family family, std::optional<Version> run_version)
      : store_(store), family_(family), run_version_(run_version) {}

  Status Add(ByteView key, ByteView value) override {
    if (finished_) return Error{Code::kInvalid, "the load is finished"};
    std::string name(AsText(key));
    CLOISON_TRY(internal::CheckKey(Key{family_, name}));
    if (value.size() > kValueBytesMax) return Error{Code::kInvalid, "a value is too large"};
    if (!rows_.empty() && name <= rows_.rbegin()->first) {
      return Error{Code::kInvalid, "the keys of a load are not ascending"};
    }
    rows_.emplace_hint(rows_.end(), std::move(name), Row{0, base::ToBytes(value)});
    return Ok();
  }
  Status Finish(Version version) override {
    if (finished_) return Error{Code::kInvalid, "the load is finished"};
    if (run_version_ && version != *run_version_) {
      return Error{Code::kConflict, "not the version of the run"};
    }
    for (auto& [key, row] : rows_) row.version = version;
    CLOISON_TRY(run_version_ ? store_.Merge(family_, rows_, version)
                             : store_.Adopt(family_, rows_, version));
    finished_ = true;
    rows_.clear();
    return Ok();
  }

 private:
  MemoryStore& store_;
  Family family_;
  std::optional<Version> run_version_;
  Rows rows_;
  bool finished_ = false;
};

Task<Result<std::vector<Row>>> MemoryStore::MultiGet(std::vector<Key> keys, ReadMode) {
  if (executor_ != nullptr) co_await executor_->Schedule();
  co_return ReadNow(keys);
}

Task<Result<ScanPage>> MemoryStore::Scan(Range range, std::size_t limit) {
  if (executor_ != nullptr) co_await executor_->Schedule();
  co_return ScanNow(range, limit);
}

Task<Result<Version>> MemoryStore::Commit(WriteSet writes) {
  if (executor_ != nullptr) co_await executor_->Schedule();
  Result<Version> version = CommitNow(std::move(writes));
  if (executor_ != nullptr) co_await executor_->Schedule();
  co_return version;
}

Result<std::vector<Row>> MemoryStore::ReadNow(const std::vector<Key>& keys) const {
  CLOISON_TRY(internal::CheckKeys(keys));
  std::vector<Row> rows(keys.size());
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto family = families_.find(keys[i].family);
    if (family == families_.end()) continue;
    const auto found = family->second.find(keys[i].bytes);
    if (found != family->second.end()) rows[i] = found->second;
  }
  return rows;
}

Result<ScanPage> MemoryStore::ScanNow(const Range& range, std::size_t limit) const {
  CLOISON_TRY(internal::CheckRange(range));
  ScanPage page;
  const std::lock_guard lock(mutex_);
  const auto family = families_.find(range.family);
  if (family == families_.end() || internal::IsEmptyRange(range)) return page;
  limit = std::min(limit, kScanRowsMax);
  std::size_t bytes = 0;
  for (auto at = family->second.lower_bound(range.begin); at != family->second.end(); ++at) {
    if (!range.end.empty() && at->first >= range.end) break;
    if (page.rows.size() >= limit || bytes >= kScanBytesMax) {
      page.next = at->first;
      break;
    }
    bytes += at->first.size() + at->second.value.size();
    page.rows.push_back(KeyedRow{at->first, at->second});
  }
  return page;
}

Status MemoryStore::CheckExpectsLocked(const WriteSet& writes) const {
  if (writes.fence != 0 && writes.fence < fence_) {
    return Error{Code::kConflict, "a newer writer has taken over"};
  }
  for (const Expect& expect : writes.expects) {
    Version version = kAbsent;
    const auto family = families_.find(expect.key.family);
    if (family != families_.end()) {
      const auto row = family->second.find(expect.key.bytes);
      if (row != family->second.end()) version = row->second.version;
    }
    if (version != expect.version) return Error{Code::kConflict, "a row has changed"};
  }
  return Ok();
}

void MemoryStore::DeleteRangeLocked(const Range& range) {
  if (internal::IsEmptyRange(range)) return;
  Rows& rows = families_[range.family];
  const auto end = range.end.empty() ? rows.end() : rows.lower_bound(range.end);
  rows.erase(rows.lower_bound(range.begin), end);
}

Result<Version> MemoryStore::CommitNow(WriteSet writes) {
  CLOISON_TRY(internal::CheckWrites(writes));
  const std::lock_guard lock(mutex_);
  CLOISON_TRY(CheckExpectsLocked(writes));
  const Version version = ++last_version_;
  fence_ = std::max(fence_, writes.fence);
  for (const Range& range : writes.range_deletes) DeleteRangeLocked(range);
  for (const Key& key : writes.deletes) families_[key.family].erase(key.bytes);
  for (Put& put : writes.puts) {
    families_[put.key.family].insert_or_assign(std::move(put.key.bytes),
                                               Row{version, std::move(put.value)});
  }
  return version;
}

Status MemoryStore::Adopt(Family family, Rows rows, Version version) {
  const std::lock_guard lock(mutex_);
  if (version != last_version_ + 1) return Error{Code::kConflict, "not the next version"};
  if (!families_[family].empty()) return Error{Code::kConflict, "the family is not empty"};
  last_version_ = version;
  families_[family] = std::move(rows);
  return Ok();
}

Result<std::unique_ptr<BulkLoader>> MemoryStore::LoadBulk(Family family) {
  if (FamilyName(family).empty() || family == Family::kMeta) {
    return Error{Code::kInvalid, "a family that cannot be loaded"};
  }
  const std::lock_guard lock(mutex_);
  if (!families_[family].empty()) return Error{Code::kConflict, "the family is not empty"};
  return std::unique_ptr<BulkLoader>(std::make_unique<Loader>(*this, family, std::nullopt));
}

Result<std::unique_ptr<BulkLoader>> MemoryStore::LoadRun(Family family, Version version, Pace) {
  if (FamilyName(family).empty() || family == Family::kMeta) {
    return Error{Code::kInvalid, "a family that cannot be loaded"};
  }
  const std::lock_guard lock(mutex_);
  if (version == kAbsent || version > last_version_) {
    return Error{Code::kInvalid, "no commit has this version"};
  }
  return std::unique_ptr<BulkLoader>(std::make_unique<Loader>(*this, family, version));
}

Status MemoryStore::Merge(Family family, Rows rows, Version version) {
  const std::lock_guard lock(mutex_);
  CLOISON_CHECK(version <= last_version_);
  Rows& into = families_[family];
  for (auto& [key, row] : rows) into.insert_or_assign(key, std::move(row));
  return Ok();
}

Status MemoryStore::Checkpoint(const std::string& path) {
  base::SystemFiles files;
  if (files.Stat(path).ok()) return Error{Code::kInvalid, "the directory is there already"};
  Bytes out;
  {
    const std::lock_guard lock(mutex_);
    base::AppendBytes(out, AsBytes(kMagic));
    base::AppendU64(out, last_version_);
    base::AppendU64(out, fence_);
    for (const auto& [family, rows] : families_) {
      for (const auto& [key, row] : rows) {
        base::AppendU8(out, static_cast<std::uint8_t>(family));
        base::AppendU16(out, static_cast<std::uint16_t>(key.size()));
        base::AppendBytes(out, AsBytes(key));
        base::AppendU64(out, row.version);
        base::AppendU32(out, static_cast<std::uint32_t>(row.value.size()));
        base::AppendBytes(out, row.value);
      }
    }
  }
  CLOISON_TRY(files.MakeDirectory(path, 0700));
  CLOISON_TRY(base::WriteWhole(files, CheckpointFile(path), out));
  return files.SyncDirectory(base::DirectoryOf(path));
}

Result<std::unique_ptr<MemoryStore>> MemoryStore::OpenCheckpoint(const std::string& path,
                                                                 base::Executor* executor) {
  base::SystemFiles files;
  CLOISON_TRY_ASSIGN(const Bytes bytes, files.Read(CheckpointFile(path)));
  auto store = std::make_unique<MemoryStore>(executor);
  CLOISON_TRY(store->Decode(bytes));
  return store;
}

Status MemoryStore::Decode(ByteView bytes) {
  constexpr Error kBad{Code::kCorrupt, "not a checkpoint of a memory store"};
  base::Reader reader(bytes);
  if (AsText(reader.Take(kMagic.size())) != kMagic) return kBad;
  const std::lock_guard lock(mutex_);
  last_version_ = reader.U64();
  fence_ = reader.U64();
  while (!reader.empty() && !reader.failed()) {
    Key key{static_cast<Family>(reader.U8()), {}};
    key.bytes = AsText(reader.Take(reader.U16()));
    const Version version = reader.U64();
    const ByteView value = reader.Take(reader.U32());
    if (reader.failed() || !internal::CheckKey(key).ok()) return kBad;
    if (version == kAbsent || version > last_version_) return kBad;
    families_[key.family].insert_or_assign(std::move(key.bytes),
                                           Row{version, base::ToBytes(value)});
  }
  return reader.failed() ? Status(kBad) : Ok();
}

Version MemoryStore::last_version() const {
  const std::lock_guard lock(mutex_);
  return last_version_;
}

Health MemoryStore::health() const {
  return Health{true, 0};
}

}  // namespace cloison::store
