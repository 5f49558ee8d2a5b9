// What walks sealed accesses is no person's own key: neither space is read in place of the other.
#include "ledger/ledger.h"

namespace ledger = cloison::ledger;

auto Walk(ledger::Ledger& log, const ledger::SealedKey& key) {
#ifdef MUST_NOT_COMPILE
  (void)log.ReadTrail(key, 1, 1);  // BAD
#endif
  return log.ReadSealedTrail(key, 1, 1);
}
