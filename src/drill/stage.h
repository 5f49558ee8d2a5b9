// A whole vault on simulated time and one thread: what every drill stands on.
#ifndef CLOISON_DRILL_STAGE_H_
#define CLOISON_DRILL_STAGE_H_

#include <memory>

#include "drill/book.h"
#include "drill/drill.h"
#include "drill/faults.h"
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

  // From now on these befall what is asked by Try.
  void Befall(FaultPlan plan) { plan_ = std::move(plan); }
  // `call` starts a request of the vault as it is then: a fault that is due comes before it, or in
  // its midst, and after a commit of unknown outcome the vault has been opened anew. Fails as the
  // request does; and as Open does, when it cannot.
  template <class Call>
  auto Try(Call call) -> decltype(std::declval<QueueExecutor&>().Wait(call())) {
    const Status befallen = BreakWhatIsDue();
    if (!befallen.ok()) return befallen.error();
    auto outcome = executor_.Wait(call());
    if (!fatal_) return outcome;
    const Status again = Restart();
    if (!again.ok()) return again.error();
    return outcome;
  }
  // Nothing fails any more.
  void EndFaults();
  const std::array<std::uint64_t, kFaults>& befell() const { return befell_; }

 private:
  explicit Stage(const Ground& ground);
  vault::Environment Around();
  Status OpenStores();
  Status OpenVault(Register of);
  Status BreakWhatIsDue();
  Status Restart();  // as after a crash

  const Ground& ground_;
  SimulatedClock clock_;
  QueueExecutor executor_;
  Heard heard_;
  vault::Settings settings_;
  FaultPlan plan_;
  Draw faults_{1};
  std::array<std::uint64_t, kFaults> befell_{};
  bool fatal_ = false;  // a commit's outcome is unknown
  std::unique_ptr<FaultyStore> main_store_, key_store_;
  std::unique_ptr<keys::FileKeyObjects> objects_;
  std::unique_ptr<vault::Vault> vault_;
};

// What the ledger's scope of a session and the book of whoever held it say of one another.
Result<ScopeDifference> CompareScope(Stage& stage, SessionId session, const Book& book);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_STAGE_H_
