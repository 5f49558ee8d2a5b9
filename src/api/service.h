// What the API stands on, and in which state it is: shared by the API, the management listener and
// the server that owns both.
#ifndef CLOISON_API_SERVICE_H_
#define CLOISON_API_SERVICE_H_

#include <atomic>
#include <span>

#include "access/freezes.h"
#include "api/alarm_outputs.h"
#include "api/sign_in_desk.h"
#include "identity/sign_in.h"
#include "ledger/witnesses.h"
#include "vault/vault.h"

namespace cloison::api {

enum class ServiceState : std::uint8_t {
  kServing,
  kSealed,    // a key object is out of reach
  kRefusing,  // nothing can be recorded: store or ledger cannot be used
  kStopping,  // requests in flight are answered; no new ones come
};
std::string_view Name(ServiceState state);  // "serving", "sealed", "refusing", "stopping"

// Freezes given while nothing can be recorded: they hold at once, and become entries when there is
// a ledger again. Threads: any.
class EmergencyFreezes {
 public:
  virtual ~EmergencyFreezes() = default;
  virtual bool IsFrozen(const PrincipalId& who) const = 0;
  // Durable when it returns. kDenied: `by` was not known to have the right when the ledger was last
  // there, or has not proven what it takes. kConflict: one who has it, and fewer than two others
  // would be left; kExhausted: as many as one gives: it takes an officer's key.
  // kUnavailable: cannot be written, and holds until the process ends all the same; or there are as
  // many as are kept.
  virtual Status Freeze(const PrincipalId& by, const identity::Assurance& proven,
                        const PrincipalId& who) = 0;
  // The ledger just recorded a freeze or unfreeze of `who`: what is here no longer decides, and
  // `who` gives none.
  virtual void Forget(const PrincipalId& who) = 0;
};

struct ApiStats {
  base::Counter requests, answered_2xx, answered_4xx, answered_5xx, unauthenticated;
  base::Counter at_first_tick, at_later_tick;  // answers that gave nothing
};

// 0 turns it off: for tests, and for measuring what it hides.
inline constexpr std::int64_t kAnswerTickMsDefault = 50, kAnswerTickMsMax = 1'000;

// All references outlive it, and it outlives the listeners. `vault` is null while there is none.
struct Service {
  identity::SignIn& sign_in;
  base::Clock& clock;
  base::Random& random;
  vault::Vault* vault = nullptr;
  EmergencyFreezes* freezes = nullptr;
  bool development = false;
  std::atomic<ServiceState> state{ServiceState::kServing};
  // Whatever the gate does not give is answered a whole number of these after the request came
  // (docs/design/0012-answer-tick.md).
  std::int64_t answer_tick_ms = 0;
  ApiStats stats{};
  SignInDesk* desk = nullptr;                   // null: nobody signs in through a browser
  ledger::Witnesses* witnesses = nullptr;       // null: none are configured, or there is no ledger
  const AlarmOutputs* alarm_outputs = nullptr;  // null: none are configured, or there is no ledger
};

}  // namespace cloison::api

#endif  // CLOISON_API_SERVICE_H_
