// Thefts that know the register's rules: harvest in order (A5), laundering (A7), a second device
// (A8), decoys left out (A11), innocents made to stumble (A12).
#ifndef CLOISON_DRILL_CUNNING_H_
#define CLOISON_DRILL_CUNNING_H_

#include "drill/patient.h"

namespace cloison::drill {

// What a theft tells beside its accounts' books.
struct Cunning {
  std::uint64_t requests = 0, refused = 0;  // of what stands beside the accounts
  ScopeDifference scope;                    // of its sessions
  double ratio = 0;                         // of a bound that is this theft's own
};

// A5. In turn a number after the other, up from one that is known, and a name after the other, in
// their order, of people who are there; whoever is shown is opened at once.
Status HarvestInOrder(World& world, Thieves& thieves, const Options& options, Draw& draw);

// A7. Each morning the stolen credential of the case application puts fifty strangers on the
// caseload of each account, which reads them as its own. What counts as of the caseload is what the
// rule of seven days says.
Result<Cunning> Launder(World& world, Thieves& thieves, const Options& options, Draw& draw);

// A8. What travels of a session is replayed from elsewhere each day: it comes in nowhere. An unseen
// key from an unseen network waits for somebody else. Then a second device, from a known network
// and with the second factor phished, scrapes beside the owner's work: its own bound is a third of
// the budgets in the first day.
Result<Cunning> UseTwoDevices(World& world, Thieves& thieves, const Options& options, Draw& draw);

// A11. One person in a thousand is a decoy, told apart by a classifier that is right hardly more
// often than not (area under its curve kDecoyAuc); half of all people are left out for it.
inline constexpr double kDecoyAuc = 0.52;
Status AvoidDecoys(World& world, Thieves& thieves, const Options& options, Draw& draw);

// A12. The first account scrapes. Each morning the stolen credential of the case application takes
// a dozen people off the caseloads of all the others, who work on and meet "not available".
Result<Cunning> PoisonAlarms(World& world, Thieves& thieves, const Options& options, Draw& draw);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_CUNNING_H_
