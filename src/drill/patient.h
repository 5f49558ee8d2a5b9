// Thefts without haste: low and slow (A2), the insider (A6), guessed codes (A4), the oracle (A9).
#ifndef CLOISON_DRILL_PATIENT_H_
#define CLOISON_DRILL_PATIENT_H_

#include <memory>
#include <vector>

#include "drill/thief.h"

namespace cloison::drill {

using Thieves = std::vector<std::unique_ptr<Thief>>;

// `options.strangers_a_day` strangers each working day and account, in office hours, one behind the
// other at human gaps (lognormal, median 109 s). Where OwnerWorks, five to twenty-four of the
// account's own people a day between, and as many strangers as its owner's work needs.
Status StealSlowly(World& world, Thieves& thieves, const Options& options, Draw& draw);
// Somebody goes on working at the account: its honest strangers, in the month before as well, count
// in its budgets and detectors beside the stolen ones. A2, A6 and A11, unless the owner is away.
bool OwnerWorks(const Options& options);

// As fast as the register answers, until the theft ends: the code after one of its own people's,
// one a stride further, a random one; each with every check symbol.
Status GuessCodes(World& world, Thieves& thieves, const Options& options, Draw& draw);

// Asks in random turns for strangers and for codes of nobody, by a door that shows neither, as
// often as budgets let it.
Result<OracleTold> AskTheOracle(World& world, Thieves& thieves, const Options& options, Draw& draw);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_PATIENT_H_
