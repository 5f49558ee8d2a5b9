// There is no way back from a receipt that seals to one that opens.
#include <utility>

#include "records/job_sealer.h"

using namespace cloison;

records::SealOnlyReceipt Kept(records::SealOnlyReceipt receipt) {
#ifdef MUST_NOT_COMPILE
  ledger::Receipt back = std::move(receipt.receipt_);  // BAD
#endif
  return receipt;
}
