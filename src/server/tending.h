// What goes through a whole register while it serves, each on a thread of its own: it takes minutes
// or hours, and nothing else waits for it. Decoys are tended (access/decoys.h); index pages are
// built anew when the schema asks for others (vault/index_life.h). Threads: one caller.
#ifndef CLOISON_SERVER_TENDING_H_
#define CLOISON_SERVER_TENDING_H_

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "vault/index_life.h"

namespace cloison::server {

class Tending {
 public:
  // After a step of the indexes it rests this many times as long as the step took: on a busy
  // committer, where a step takes long, it rests long.
  static constexpr std::int64_t kRestsPerStep = 3;
  static constexpr std::int64_t kRestAfterErrorMs = 60'000;

  explicit Tending(vault::Vault& vault) : vault_(vault), indexes_(vault) {}
  ~Tending();  // before the vault stops
  // To be called once an hour: begins when it is due and the last is done. How it ended is an
  // event.
  void LookAtDecoys();
  // To be called each second: the same.
  void LookAtIndexes();

 private:
  void BuildIndexes();
  bool Rest(std::int64_t ms);  // false: it is to stop

  vault::Vault& vault_;
  std::thread decoys_thread_;
  std::atomic<bool> decoys_running_ = false;

  vault::IndexLife indexes_;
  std::thread indexes_thread_;
  std::atomic<bool> indexes_running_ = false;
  std::mutex mutex_;  // guards stops_
  std::condition_variable changed_;
  bool stops_ = false;
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_TENDING_H_
