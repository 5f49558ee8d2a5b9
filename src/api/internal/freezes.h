// What operations tell the file of freezes that are given while nothing can be recorded.
#ifndef CLOISON_API_INTERNAL_FREEZES_H_
#define CLOISON_API_INTERNAL_FREEZES_H_

#include "api/internal/call.h"

namespace cloison::api::internal {

// Whether the caller may freeze alone, as the ledger has it now. Of callers with the right.
Task<void> LearnWhoFreezes(Call& call);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_FREEZES_H_
