// A receipt opens once: it can be handed on, not copied.
#include <utility>

#include "ledger/receipt.h"

namespace ledger = cloison::ledger;

ledger::Receipt HandOn(ledger::Receipt& receipt) {
#ifdef MUST_NOT_COMPILE
  return receipt;  // BAD
#endif
  return std::move(receipt);
}
