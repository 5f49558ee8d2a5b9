// A person's own key does not reach the space of sealed accesses.
#include "ledger/ledger.h"

namespace ledger = cloison::ledger;

auto Walk(ledger::Ledger& log, const ledger::SubjectKey& key) {
#ifdef MUST_NOT_COMPILE
  (void)log.ReadSealedTrail(key, 1, 1);  // BAD
#endif
  return log.ReadTrail(key, 1, 1);
}
