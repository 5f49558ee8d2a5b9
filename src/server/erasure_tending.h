// Erasures of a running server that wait (access/erasures.h): each minute those whom it concerns
// are told, on a thread of its own that waits for nobody outside; and on another whoever must say
// yes is asked, and what may be is done.
//
// After kAsksWithoutAnswer of one round the next goes on behind them, and comes back to them when
// all others were asked: one that nobody answers keeps up nobody else. How it went is an event.
#ifndef CLOISON_SERVER_ERASURE_TENDING_H_
#define CLOISON_SERVER_ERASURE_TENDING_H_

#include <atomic>
#include <functional>
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
  // To be called once a minute, by one caller: begins each of the two when the last is done.
  void Look();

 private:
  ErasureTending(vault::Vault& vault, std::unique_ptr<sinks::Consent> consent)
      : vault_(vault), consent_(std::move(consent)) {}
  // What goes on beside the caller, one at a time.
  class Beside {
   public:
    ~Beside() { Join(); }
    void Begin(std::function<void()> body);  // unless the last is under way
    void Join();

   private:
    std::thread thread_;
    std::atomic<bool> running_ = false;
  };
  void Tell();
  void Round();
  void NotTended(const Error& error);
  // Whether the round goes on.
  bool Settle(const access::Erasures::Waiting& one, int& without_answer);

  vault::Vault& vault_;
  std::unique_ptr<sinks::Consent> consent_;  // null: nobody is asked
  std::uint64_t above_ = 0;                  // of the round: where the next begins
  std::atomic<bool> stops_ = false;
  Beside telling_, asking_;
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_ERASURE_TENDING_H_
