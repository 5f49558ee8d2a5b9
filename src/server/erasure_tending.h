// Erasures of a running server that wait (access/erasures.h): each minute, on a thread of its own,
// those whom it concerns are told, whoever must say yes is asked, and what may be is done.
//
// After kAsksWithoutAnswer of one round the next goes on behind them, and comes back to them when
// all others were asked: one that nobody answers keeps up nobody else. How it went is an event.
#ifndef CLOISON_SERVER_ERASURE_TENDING_H_
#define CLOISON_SERVER_ERASURE_TENDING_H_

#include <atomic>
#include <memory>
#include <thread>

#include "access/erasures.h"
#include "server/node.h"
#include "sinks/consent.h"
#include "vault/vault.h"

namespace cloison::server {

class ErasureTending {
 public:
  static constexpr int kAsksWithoutAnswer = 4;
  // Sets the rules of the vault: before anybody is served. kInvalid: `problems` says why.
  static Result<std::unique_ptr<ErasureTending>> Start(Ground& ground, vault::Vault& vault,
                                                       std::vector<std::string>& problems);
  ~ErasureTending();  // before the vault stops
  // To be called once a minute, by one caller: begins a round when the last is done.
  void Look();

 private:
  ErasureTending(vault::Vault& vault, std::unique_ptr<sinks::Consent> consent)
      : vault_(vault), consent_(std::move(consent)) {}
  void Round();
  // Whether the round goes on.
  bool Settle(const access::Erasures::Waiting& one, int& without_answer);

  vault::Vault& vault_;
  std::unique_ptr<sinks::Consent> consent_;  // null: nobody is asked
  std::thread thread_;
  std::uint64_t above_ = 0;  // the thread's: where the next round begins
  std::atomic<bool> running_ = false, stops_ = false;
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_ERASURE_TENDING_H_
