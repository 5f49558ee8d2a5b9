// The theft of January 2024 (Viamedis, Almerys): the account of a health professional, one counter
// of a third-party payer, is phished and used to copy the register.
#ifndef CLOISON_DRILL_COUNTER_H_
#define CLOISON_DRILL_COUNTER_H_

#include "drill/drill.h"

namespace cloison::drill {

// A payer's register under examples/third-party-payer: `options.accounts` pharmacies, each with its
// card reader. People come in, their cards are read, the pharmacist asks whether they are covered,
// a month long. Then the pharmacists' accounts are stolen and work goes on beside: the thief takes
// every answer there is about whoever stands there, and asks by every door for everybody else.
// Fails as Run does.
Result<Report> StealCounters(const Options& options, const Ground& ground);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_COUNTER_H_
