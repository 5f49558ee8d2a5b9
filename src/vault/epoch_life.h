// When epochs begin, and when they are destroyed: a little at each call, beside everything else.
//
//   epoch_days after its beginning an epoch is followed by the next; keep_days after nothing was
//   left under it, when no backup that is kept has anything under it either, it is destroyed. Both
//   are said in the ledger before they are done (kind 9, `epoch/begin/<n>`, `epoch/destroy/<n>`).
//
// So whoever is erased is unreadable in every backup ever taken after epoch_days + keep_days and
// the re-wrap at most. What time it is, is told by the lesser of wall clock and budget time; after
// a reboot nothing is destroyed until a witness has confirmed the time, which is an event each day:
// nobody forgets by setting a clock.
//
// Threads  one caller at a time; resumes on `home`. Cost: at most kSlicesPerCall slices
//          (keys/epochs.h) a call, some 150 ms when everybody's keys are to be wrapped anew.
#ifndef CLOISON_VAULT_EPOCH_LIFE_H_
#define CLOISON_VAULT_EPOCH_LIFE_H_

#include <limits>

#include "keys/epochs.h"
#include "vault/vault.h"

namespace cloison::vault {

struct EpochRules {
  std::int64_t epoch_days = keys::kEpochDays;  // 0: no new ones begin
  std::int64_t keep_days = 35;                 // how long backups are kept
};

class EpochLife {
 public:
  static constexpr int kSlicesPerCall = 5;

  // The vault outlives it.
  EpochLife(Vault& vault, EpochRules rules);

  // Fails as keys::Epochs and the gate do; what was left is done by the next call.
  Task<Status> Advance();

 private:
  Task<Status> MaybeBegin(std::int64_t now_ms);
  Task<Status> MaybeDestroy(std::int64_t now_ms);

  Vault& vault_;
  EpochRules rules_;
  keys::Epochs epochs_;
  bool loaded_ = false;
  bool told_ = false;  // that a pass is whole
  std::int64_t waiting_told_ms_ = std::numeric_limits<std::int64_t>::min() / 2;
};

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_EPOCH_LIFE_H_
