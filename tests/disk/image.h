// What a thief of the files has: both databases as files and as rows, their write-ahead logs taken
// apart, and everything else that lies in the directory.
#ifndef CLOISON_TESTS_DISK_IMAGE_H_
#define CLOISON_TESTS_DISK_IMAGE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "store/store.h"

namespace cloison::disk {

using FamilyRows = std::map<store::Family, std::vector<store::KeyedRow>>;

// All rows of the database in `path`, which no process has open. Opening it rewrites its files.
FamilyRows RowsOf(const std::string& path, std::span<const store::Family> families);

// Folds the ledger of a stopped demo world: what lies in segments becomes rows of trail, activity
// and heads. `data`: its databases, or a copy of them.
Status FoldLedger(const std::string& data, const std::string& key_objects);

// One operation of a write-ahead log.
struct Logged {
  std::string_view key;
  std::string_view value;  // a put's; its version before it
  bool put;
};
// Every operation in a log file of RocksDB (its log and write-batch formats), in order; false when
// something in it is not understood. A torn end is none: preallocated space is zero.
bool ReadWriteAheadLog(ByteView file, const std::function<void(const Logged&)>& found);

// The paths of all write-ahead logs below `directory`.
std::vector<std::string> WriteAheadLogsBelow(const std::string& directory);

}  // namespace cloison::disk

#endif  // CLOISON_TESTS_DISK_IMAGE_H_
