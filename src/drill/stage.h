// A whole vault on simulated time and one thread: what every drill stands on.
#ifndef CLOISON_DRILL_STAGE_H_
#define CLOISON_DRILL_STAGE_H_

#include <memory>

#include "drill/book.h"
#include "drill/drill.h"
#include "drill/heard.h"
#include "drill/simulation.h"
#include "vault/vault.h"

namespace cloison::drill {

// Threads: one.
class Stage {
 public:
  struct Register {
    std::string origin;
    std::shared_ptr<const records::Schema> schema;
    std::shared_ptr<const access::Policy> policy;
  };
  // An empty register. `ground` outlives it. Fails with what the vault fails with.
  static Result<std::unique_ptr<Stage>> Open(const Ground& ground, Register of);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  vault::Vault& vault() { return *vault_; }
  const vault::Vault& vault() const { return *vault_; }
  SimulatedClock& clock() { return clock_; }
  base::Random& random() { return ground_.random; }
  // Stops, and opens what is stored, with these decoys. What the vault gave before is gone.
  Status Reopen(std::vector<Aud> decoys);
  QueueExecutor& executor() { return executor_; }
  Heard& heard() { return heard_; }
  template <class T>
  T Wait(Task<T> task) {
    return executor_.Wait(std::move(task));
  }

 private:
  explicit Stage(const Ground& ground);
  vault::Environment Around();
  Status OpenStores();
  Status OpenVault(Register of);

  const Ground& ground_;
  SimulatedClock clock_;
  QueueExecutor executor_;
  Heard heard_;
  vault::Settings settings_;
  std::unique_ptr<store::Store> main_store_, key_store_;
  std::unique_ptr<keys::FileKeyObjects> objects_;
  std::unique_ptr<vault::Vault> vault_;
};

// What the ledger's scope of a session and the book of whoever held it say of one another.
Result<ScopeDifference> CompareScope(Stage& stage, SessionId session, const Book& book);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_STAGE_H_
