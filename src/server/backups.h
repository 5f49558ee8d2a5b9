// Backups of the register of a ground, taken while it serves or stopped (docs/operate/backup.md).
#ifndef CLOISON_SERVER_BACKUPS_H_
#define CLOISON_SERVER_BACKUPS_H_

#include <atomic>
#include <string>
#include <thread>

#include "backup/take.h"
#include "server/node.h"

namespace cloison::server {

// Of open stores. Copies of both databases stand in DATA/snapshot meanwhile: links to their files,
// so little room is taken.
Result<backup::Taken> TakeBackup(Ground& ground, const std::string& directory,
                                 const std::string& parent);

// Those of a running server: every so many hours one, on a thread of its own; a full one first, and
// after kIncrementsMax of what changed. Threads: one caller.
class Backups {
 public:
  static constexpr int kIncrementsMax = 6;
  explicit Backups(Ground& ground) : ground_(ground) {}
  ~Backups();
  // Begins one, unless the last is not done. How it ended is an event.
  void Begin();

 private:
  Ground& ground_;
  std::thread thread_;
  std::atomic<bool> running_ = false;
  std::string parent_;  // the thread's while it runs
  int increments_ = 0;
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_BACKUPS_H_
