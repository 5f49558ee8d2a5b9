// One flat file of hashes per level of tiles: `level-<l>` holds the tree's full nodes at tree level
// 8 * l, 32 bytes each, end to end (docs/format/ledger.md "What is published"). A tile is a slice
// of it, so is any partial one.
//
// The files can be made again from the frames, and nothing is believed because it is in them: the
// publisher holds them against what was signed.
//
// Threads  Read: any, beside the rest, of what was appended or found. The rest: one at a time.
#ifndef CLOISON_LEDGER_INTERNAL_LEVEL_FILES_H_
#define CLOISON_LEDGER_INTERNAL_LEVEL_FILES_H_

#include <array>
#include <memory>
#include <span>
#include <string>

#include "base/files.h"
#include "tlog/tile.h"

namespace cloison::ledger::internal {

// Levels of tiles of the largest tree.
inline constexpr unsigned kTileLevels = tlog::kTreeLevelMax / tlog::kTileHeight + 1;
inline constexpr std::size_t kHashBytes = sizeof(tlog::Hash);

// The nodes that a log of `size` entries has at a level of tiles.
inline std::uint64_t NodesAt(unsigned level, std::uint64_t size) {
  return size >> (level * tlog::kTileHeight);
}

class LevelFiles {
 public:
  LevelFiles(base::Files& files, std::string directory);

  // Makes the directory, and cuts each file that is there back to whole hashes and to what a log of
  // `size` entries has.
  Status Open(std::uint64_t size);
  std::uint64_t count(unsigned level) const { return levels_[level].count; }

  // Exactly `count` hashes from `first` on. kUnavailable when the file has fewer, or is not there.
  Result<Bytes> Read(unsigned level, std::uint64_t first, std::size_t count) const;
  // After a failure the next call begins where this one did.
  Status Append(unsigned level, std::span<const tlog::Hash> hashes);
  // Makes durable what was found and appended. After a failure nobody knows what is on the disk,
  // and no second call would tell: Clear.
  Status Sync();
  // Removes all files: new ones are made by the next Append.
  Status Clear();

 private:
  struct Level {
    std::uint64_t count = 0;
    bool torn = false;   // there may be bytes after those that count
    bool dirty = false;  // not known to be durable
    std::unique_ptr<base::WritableFile> file;
  };
  std::string PathOf(unsigned level) const;
  Status OpenLevel(unsigned level, std::uint64_t nodes);
  Status PrepareAppend(unsigned level);

  base::Files& files_;
  const std::string directory_;
  std::array<Level, kTileLevels> levels_;
  bool names_dirty_ = false;
};

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_LEVEL_FILES_H_
