// Decoys of a running server, tended on a thread of their own: going through a register takes
// minutes, and nothing else waits for it (access/decoys.h). Threads: one caller.
#ifndef CLOISON_SERVER_TENDING_H_
#define CLOISON_SERVER_TENDING_H_

#include <atomic>
#include <thread>

#include "vault/vault.h"

namespace cloison::server {

class Tending {
 public:
  explicit Tending(vault::Vault& vault) : vault_(vault) {}
  ~Tending();  // before the vault stops
  // To be called once an hour: begins when it is due and the last is done. How it ended is an
  // event.
  void Look();

 private:
  vault::Vault& vault_;
  std::thread thread_;
  std::atomic<bool> running_ = false;
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_TENDING_H_
