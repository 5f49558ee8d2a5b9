// The clients of a simulated world: sends requests through the gate and writes down what comes
// back. At the moment an answer comes its entries must be durable already.
#ifndef CLOISON_TESTS_SIM_WORLD_CLIENTS_H_
#define CLOISON_TESTS_SIM_WORLD_CLIENTS_H_

#include "tests/sim/sim_vault.h"
#include "tests/sim/world_ground.h"
#include "tests/sim/world_model.h"

namespace cloison::sim {

class Clients {
 public:
  // All outlive it.
  struct Parts {
    SimVault& vault;
    Model& model;
    const Power& power;
    const WorldStore& main;
  };
  explicit Clients(const Parts& parts) : parts_(parts) {}

  // Starts it; it ends while the executor runs. `op` is one of the model's.
  void Send(Op& op);

 private:
  Task<void> Run(Op& op);
  Task<void> RunChange(Op& op);
  Task<void> RunHousekeeping(Op& op);
  template <class T>
  void Take(Op& op, access::Outcome<T> outcome);
  void TakeStatus(Op& op, const Status& status);
  bool Heard(Op& op);  // false: the process was gone when the answer would have come
  void Shown(Op& op, access::Disclosed&& answer);
  void Shown(Op& op, access::LookedUp&& answer);
  void Shown(Op& op, access::Registered&& answer);
  void Shown(Op& op, access::Gate::Erased&& answer);
  void Shown(Op& op, access::Gate::Assigned&& answer);
  void Shown(Op& op, access::Gate::Froze&& answer);
  void Shown(Op& op, access::Trail&& answer);
  void Shown(Op& op, access::Capabilities&& answer);
  void Keep(Op& op, const ledger::Recorded& recorded);
  void KeepRecord(Op& op, access::ShownRecord&& record);

  const Actor& ActorOf(const Op& op) { return parts_.model.actors()[op.actor]; }
  access::Gate& gate() { return parts_.vault.vault().gate(); }
  access::Caller CallerOf(const Op& op);

  Parts parts_;
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_WORLD_CLIENTS_H_
