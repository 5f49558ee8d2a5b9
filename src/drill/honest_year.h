// A year of honest work of many agents, in front of the budgets and detectors alone: what they
// would have asked of people who did nothing wrong.
//
// The code that decides is the register's own (access::Windows, sentinel::Sentinel with its rows'
// watches), called as the gate calls it; there is no store, no ledger, no opening, and nobody is
// looked for. So 60,000 agents take minutes. Not in it: ceilings, pools (D9), decoys, look-ups'
// further rows, the families of presence and overview.
//
// The world is this file's invention. Of each agent, by a seed: a habit of its own (own people 25 a
// working day on average, negative binomial of shape 4; strangers 1.2, shape 0.7; each times 0.75
// to 1.25, or 0.8 to 1.2), answers of "not available" (0.5 a day), a code of nobody on one day in
// ten thousand, an evening after nine on one day in three hundred. And of all:
//   bursts          an office has three times its work, twice its strangers, on one day in fifty
//   holidays        eleven public ones, twenty-five days of leave, most in summer; who stays then
//                   has a quarter more
//   reorganisation  of each office once in the year, for ten working days: 30 % more work; the
//                   files that change hands are declared before, but in one office of ten, where
//                   three more strangers a day come of it
//   growth          20 % more work at the year's end than at its begin, 10 % more strangers
// Who asks by a rung for a reason or a proof gets it. A case is closed a day after it came; until
// then strangers are refused.
//
// Threads  as many as there are cores. Cost: 10 ms an agent.
#ifndef CLOISON_DRILL_HONEST_YEAR_H_
#define CLOISON_DRILL_HONEST_YEAR_H_

#include <memory>

#include "access/policy.h"
#include "drill/benign.h"

namespace cloison::drill {

inline constexpr std::size_t kYearAgentsMax = 1'000'000;

// Detectors act by the bounds of the policy, whatever its `act` says. kInvalid: no agent or more
// than kYearAgentsMax; the policy has no role "adviser".
Result<Benign> LiveAYear(std::size_t agents, std::uint64_t seed,
                         std::shared_ptr<const access::Policy> policy, base::Random& random);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_HONEST_YEAR_H_
