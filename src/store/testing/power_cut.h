// A directory whose power can be cut between any two changes.
//
// What is written through it (RocksDB through rocks_files(), our own files through files()) goes to
// a real directory, and is followed in a model of what is durable (disk_model.h). Cut, and every
// later change fails, as seen by a program whose machine is gone. Restore, after the program's
// objects are destroyed, puts the directory into one state that the cut may have left; then open
// again and audit. The change at which the power goes may or may not have happened.
//
// Not followed: files made behind its back, and RocksDB's own LOG and LOCK.
// Threads: any, but Restore alone. Cost: all file contents are also held in memory; syncs are free.
#ifndef CLOISON_STORE_TESTING_POWER_CUT_H_
#define CLOISON_STORE_TESTING_POWER_CUT_H_

#include <memory>
#include <mutex>
#include <string>

#include "base/files.h"
#include "base/random.h"
#include "store/testing/disk_model.h"

namespace rocksdb {
class FileSystem;
}

namespace cloison::store::testing {

class PowerCut {
 public:
  // `root` exists, is empty, and all paths are below it. `random` decides what survives; borrowed.
  PowerCut(std::string root, base::Random& random);
  ~PowerCut();
  PowerCut(const PowerCut&) = delete;
  PowerCut& operator=(const PowerCut&) = delete;

  const std::string& root() const { return root_; }
  base::Files& files();
  // For RocksOptions::file_system; must not outlive this object.
  std::shared_ptr<rocksdb::FileSystem> rocks_files();

  void Cut();                            // now
  void CutAfter(std::uint64_t changes);  // so many more succeed, the next one meets the cut
  bool is_cut() const;
  std::uint64_t changes() const;  // so far: writes, syncs, names; to know where to cut

  // Power comes back. Nothing that was opened before may still be open.
  Status Restore();

  // For the two faces. Runs `real` and then notes the change in the model. After the cut: `off`.
  template <class Outcome, class Real, class Note>
  Outcome Change(const Outcome& off, Real real, Note note) {
    const std::lock_guard lock(mutex_);
    ++changes_;
    if (is_cut_) return off;
    if (left_ == 0) {
      is_cut_ = true;
      if (random_.Below(2) == 0) note(model_);
      return off;
    }
    Outcome out = real();
    if (!out.ok()) return out;
    --left_;
    note(model_);
    return out;
  }

 private:
  class OurFiles;

  const std::string root_;
  base::Random& random_;
  mutable std::mutex mutex_;
  DiskModel model_;
  bool is_cut_ = false;
  std::uint64_t left_;
  std::uint64_t changes_ = 0;
  std::unique_ptr<base::Files> files_;
};

}  // namespace cloison::store::testing

#endif  // CLOISON_STORE_TESTING_POWER_CUT_H_
