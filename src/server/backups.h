// Backups of the register of a ground, taken while it serves or stopped (docs/operate/backup.md).
#ifndef CLOISON_SERVER_BACKUPS_H_
#define CLOISON_SERVER_BACKUPS_H_

#include <atomic>
#include <string>
#include <thread>

#include "backup/take.h"
#include "keys/person_keys.h"
#include "server/node.h"

namespace cloison::server {

// Of open stores. Copies of both databases stand in DATA/snapshot meanwhile: links to their files,
// so little room is taken.
Result<backup::Taken> TakeBackup(Ground& ground, const std::string& directory,
                                 const std::string& parent);

// Those of a running server, on a thread of its own: one when the newest in the directory is older
// than the configuration says; a full one first, and after kIncrementsMax of what changed. After
// one that failed an hour passes. While one is taken no key that a re-key left goes: the copy of
// the rows may be under it. Threads: one caller.
class Backups {
 public:
  static constexpr int kIncrementsMax = 6;
  // Both outlive it.
  Backups(Ground& ground, keys::PersonKeys& keys) : ground_(ground), keys_(keys) {}
  ~Backups();
  // To be called once a minute: begins one when it is due and the last is done. How it ended is an
  // event.
  void Look();

 private:
  static constexpr int kLooksAfterFailure = 60;
  bool IsDue() const;
  void Run();

  Ground& ground_;
  keys::PersonKeys& keys_;
  std::thread thread_;
  std::atomic<bool> running_ = false;
  std::string parent_;  // the thread's while it runs
  int increments_ = 0;
  std::atomic<int> rest_ = 0;  // looks that begin none
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_BACKUPS_H_
