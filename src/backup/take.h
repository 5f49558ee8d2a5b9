// A backup of a register that goes on serving: both databases as they were at one moment each, the
// main one first, then the keys; all rows, or those of commits since another backup.
//
//   DIRECTORY/<pair>.main, <pair>.keys       32 hex digits; written as .partial, then renamed, the
//                                            keys last: who has both has a backup
// Index pages are left out: a restore builds them. Key objects, erase journal and the signed size
// are kept elsewhere (docs/operate/backup.md).
//
// Threads  one caller. Cost: reads all of both databases; 1 us a row and what the disk takes.
#ifndef CLOISON_BACKUP_TAKE_H_
#define CLOISON_BACKUP_TAKE_H_

#include <functional>

#include "backup/archive.h"

namespace cloison::backup {

inline constexpr char kIncarnationRow[] = "incarnation";  // in store::Family::kMeta, in no backup

// Gives a copy of a database that no longer changes.
using Snapshot = std::function<Result<std::unique_ptr<store::Store>>()>;

struct Source {
  Snapshot main, keys;  // called in this order
  keys::KeyObjects& objects;
  base::Files& files;
  base::Random& random;
  RegisterId register_id;
};

struct Taken {
  std::string name;  // the pair's, in hex
  std::uint64_t main_rows = 0, key_rows = 0;
};
// Into a directory that is there. `parent`: a backup's name in that directory; empty: all rows.
// What a backup that was broken off left is removed.
// Fails kNotFound, kCorrupt, kDenied: the parent; kConflict: the parent is of another register, of
//       its databases before a restore, or of a later state; kCorrupt: the databases have no
//       incarnation; else as snapshots and files do.
Result<Taken> Take(const Source& source, const std::string& directory, const std::string& parent);

// The incarnation of a register's databases, in the main one; made when there is none yet, and a
// register has begun there. For whoever writes alone: before the register is opened.
// Fails kCorrupt: the row is damaged; else as the store does.
Status EnsureIncarnation(store::Store& main_store, base::Random& random);

// What ends an incarnation, in the commit that goes back (a ceremony over an older copy of the
// files): commits of before and after are not to be compared, and the next start draws another.
// Rows of before get their next number far off (records::kWentBackRow).
store::WriteSet EndOfIncarnation();

// The names of the backups in a directory.
Result<std::vector<std::string>> List(base::Files& files, const std::string& directory);
std::string PathOf(const std::string& directory, const std::string& name, Database database);

}  // namespace cloison::backup

#endif  // CLOISON_BACKUP_TAKE_H_
