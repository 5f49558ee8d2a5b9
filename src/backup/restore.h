// A restore: the two databases of a register, out of a full backup and those that follow it, into
// stores where nothing is; then the index pages, from the rows.
//
// The register that comes of it does not open by itself: its ledger is shorter than what was
// signed. Two officers bring it back in a log of its own (docs/operate/recovery.md), with budgets
// spent; the erase journal, which is kept outside of every backup, is replayed then, so whoever was
// erased after the backup stays forgotten.
//
// Threads  one caller. Cost: 3 us a row, and 30 us a person for the index.
#ifndef CLOISON_BACKUP_RESTORE_H_
#define CLOISON_BACKUP_RESTORE_H_

#include <vector>

#include "backup/take.h"
#include "records/reindex.h"

namespace cloison::backup {

struct Target {  // all outlive the call; nobody else has them
  store::Store& main_store;
  store::Store& key_store;
  keys::KeyObjects& objects;
  base::Files& files;
  base::Clock& clock;
  base::Random& random;
  base::Executor& main_executor;  // one job at a time each, as in a vault
  base::Executor& key_executor;
  base::Executor& home;
  const records::Schema& schema;
  std::string directory;         // of the register: what memory does not hold is put aside there
  base::Parallel parallel = {};  // who builds the index beside the caller
};

struct Restored {
  std::uint64_t main_rows = 0, key_rows = 0;
  records::Reindexed index;
};

// Reads the backup `name` and those before it to their ends, and writes nothing.
// Fails kNotFound: a file is missing; kDenied: of other keys; kCorrupt: altered or cut off, with
//       the offset in the file named by `bad`; kConflict: they do not fit together.
Status Check(base::Files& files, keys::KeyObjects& objects, const std::string& directory,
             const std::string& name, std::string* bad);

// Restores to the state of `name`. What is refused by Check is refused before anything is written.
// kConflict: the stores are not empty. A restore that ended otherwise is begun again on empty
// stores.
Task<Result<Restored>> Restore(Target target, std::string directory, std::string name,
                               std::string* bad);

}  // namespace cloison::backup

#endif  // CLOISON_BACKUP_RESTORE_H_
