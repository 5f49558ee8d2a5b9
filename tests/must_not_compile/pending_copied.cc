// One staged entry makes one receipt.
#include <utility>

#include "ledger/receipt.h"

namespace ledger = cloison::ledger;

ledger::Pending HandOn(ledger::Pending& pending) {
#ifdef MUST_NOT_COMPILE
  return pending;  // BAD
#endif
  return std::move(pending);
}
