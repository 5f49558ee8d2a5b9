// The theft of January 2026 (Urssaf, declarations of hirings): the credential of a partner's
// machine is stolen and used from elsewhere.
#ifndef CLOISON_DRILL_MACHINE_H_
#define CLOISON_DRILL_MACHINE_H_

#include "drill/world.h"

namespace cloison::drill {

// Every day the thief tries it twice. From elsewhere, with what travels (the session's token, the
// certificate) and a key of its own: it does not come in. Then as if it had the key as well: it is
// the application, and asks at every door, and registers people who are there already, as fast as
// its budget lets it. An application alone is shown nobody. That somebody is registered is told to
// whoever registers them and knows their number: a glimpse, within the class's caps. The payment
// program's credential is stolen too (drill/payments.h): what its job was agreed to is sealed to
// the bank, and the thief reads nobody.
Result<Report> StealMachine(World& world, const Options& options);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_MACHINE_H_
