// Only the ledger makes a receipt, out of what is durable.
#include "ledger/receipt.h"

namespace ledger = cloison::ledger;

ledger::Receipt Keep(ledger::Receipt receipt, ledger::Recorded recorded) {
#ifdef MUST_NOT_COMPILE
  return ledger::Receipt(recorded, receipt.principal(), receipt.person());  // BAD
#endif
  static_cast<void>(recorded);
  return receipt;
}
