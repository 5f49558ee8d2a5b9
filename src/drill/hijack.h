// The theft of December 2025 (missions locales): the account of somebody who manages accounts is
// taken over and makes accounts of its own, which sign in and read.
#ifndef CLOISON_DRILL_HIJACK_H_
#define CLOISON_DRILL_HIJACK_H_

#include "drill/world.h"

namespace cloison::drill {

// `options.accounts` accounts are asked for, again and again for `options.days`: agreed to by the
// manager's own account and by each of those asked for, who all ask for people meanwhile. The
// thief has no second human. The bound is 0.
Result<Report> HijackManager(World& world, const Options& options);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_HIJACK_H_
