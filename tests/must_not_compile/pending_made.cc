// An entry is pending because the ledger staged it, and for no other reason.
#include "ledger/receipt.h"

namespace ledger = cloison::ledger;

ledger::Pending HandOn(ledger::Pending pending) {
#ifdef MUST_NOT_COMPILE
  return ledger::Pending();  // BAD
#endif
  return pending;
}
