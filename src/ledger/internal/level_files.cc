#include "ledger/internal/level_files.h"

#include <algorithm>
#include <utility>

namespace cloison::ledger::internal {

namespace {

constexpr unsigned kDirectoryMode = 0700;
constexpr Error kFewer{Code::kUnavailable, "a level file has fewer hashes"};

ByteView ViewOf(std::span<const tlog::Hash> hashes) {
  return {reinterpret_cast<const std::uint8_t*>(hashes.data()), hashes.size_bytes()};
}

}  // namespace

LevelFiles::LevelFiles(base::Files& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

std::string LevelFiles::PathOf(unsigned level) const {
  return directory_ + "/level-" + std::to_string(level);
}

Status LevelFiles::Open(std::uint64_t size) {
  CLOISON_TRY(base::MakeDirectoryDurably(files_, directory_, kDirectoryMode));
  for (unsigned level = 0; level < kTileLevels; ++level) {
    CLOISON_TRY(OpenLevel(level, NodesAt(level, size)));
  }
  // An earlier process may have made a name and not lived to sync it.
  names_dirty_ = true;
  return Ok();
}

Status LevelFiles::OpenLevel(unsigned number, std::uint64_t nodes) {
  Level& level = levels_[number];
  level = Level{};
  const Result<base::FileInfo> info = files_.Stat(PathOf(number));
  if (!info.ok() && info.error().code() == Code::kNotFound) return Ok();
  if (!info.ok()) return info.error();
  level.count = std::min<std::uint64_t>(info->size / kHashBytes, nodes);
  level.dirty = true;
  if (info->size == level.count * kHashBytes) return Ok();
  return files_.Truncate(PathOf(number), level.count * kHashBytes);
}

Result<Bytes> LevelFiles::Read(unsigned level, std::uint64_t first, std::size_t count) const {
  Result<Bytes> bytes = files_.ReadAt(PathOf(level), first * kHashBytes, count * kHashBytes);
  if (bytes.ok() && bytes->size() != count * kHashBytes) return kFewer;
  if (!bytes.ok() && bytes.error().code() == Code::kNotFound) return kFewer;
  return bytes;
}

Status LevelFiles::PrepareAppend(unsigned number) {
  Level& level = levels_[number];
  if (level.torn) {
    level.file.reset();
    CLOISON_TRY(files_.Truncate(PathOf(number), level.count * kHashBytes));
    level.torn = false;
  }
  if (level.file != nullptr) return Ok();
  if (level.count == 0) names_dirty_ = true;
  CLOISON_TRY_ASSIGN(level.file, files_.OpenAppend(PathOf(number)));
  return Ok();
}

Status LevelFiles::Append(unsigned number, std::span<const tlog::Hash> hashes) {
  if (hashes.empty()) return Ok();
  Level& level = levels_[number];
  CLOISON_TRY(PrepareAppend(number));
  level.dirty = true;
  const Status appended = level.file->Append(ViewOf(hashes));
  level.torn = !appended.ok();
  if (appended.ok()) level.count += hashes.size();
  return appended;
}

Status LevelFiles::Sync() {
  for (unsigned number = 0; number < kTileLevels; ++number) {
    Level& level = levels_[number];
    if (!level.dirty) continue;
    CLOISON_TRY(PrepareAppend(number));
    CLOISON_TRY(level.file->Sync());
    level.dirty = false;
  }
  if (!names_dirty_) return Ok();
  CLOISON_TRY(files_.SyncDirectory(directory_));
  names_dirty_ = false;
  return Ok();
}

Status LevelFiles::Clear() {
  for (unsigned number = 0; number < kTileLevels; ++number) {
    levels_[number] = Level{};
    const Status removed = files_.Remove(PathOf(number));
    if (!removed.ok() && removed.error().code() != Code::kNotFound) return removed;
  }
  return files_.SyncDirectory(directory_);
}

}  // namespace cloison::ledger::internal
