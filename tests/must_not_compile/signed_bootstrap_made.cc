// Check alone makes what a register may begin with.
#include "ledger/bootstrap_statement.h"

namespace ledger = cloison::ledger;

ledger::SignedBootstrap Keep(ledger::SignedBootstrap proven, std::string note) {
#ifdef MUST_NOT_COMPILE
  return ledger::SignedBootstrap(proven.statement(), note);  // BAD
#endif
  static_cast<void>(note);
  return proven;
}
