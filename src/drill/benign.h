// Honest work through the gate: what of it was refused, per agent and year.
#ifndef CLOISON_DRILL_BENIGN_H_
#define CLOISON_DRILL_BENIGN_H_

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace cloison::drill {

struct Ground;

inline constexpr std::size_t kBenignLinesMax = 2'000'000;

// The 95 % interval of a Poisson mean of which `count` were seen: exact (Garwood 1936).
struct Interval {
  double low = 0, high = 0;
};
Interval PoissonInterval(std::uint64_t count);

// Rungs are counted where detectors set them: nothing while there are none.
struct Benign {
  double agent_years = 0;
  std::uint64_t accesses = 0, refused = 0;
  std::optional<std::uint64_t> r2, r3, r4;
};

// One line of a log of honest work.
struct BenignLook {
  std::int64_t at_ms;
  std::string agent, office, person;
  bool own;  // on the agent's caseload: no reason but that
};

// CSV with a header: time (RFC 3339), agent, office, person, and maybe reason: empty or "caseload"
// is the caseload, everything else a stranger. kInvalid: `problems` (never null) says which line is
// wrong; kExhausted above kBenignLinesMax.
Result<std::vector<BenignLook>> ReadBenign(std::istream& in, std::vector<std::string>* problems);

// Replays a log in a world of as many advisers and people as it names: each agent's own people are
// of the adviser's caseload, since before the log begins, the others are strangers. In the order of
// time, through the gate. Fails as Run does; kExhausted: more than kAccountsMax agents, or more
// people than a register of the drill has.
Result<Benign> ReplayBenign(std::vector<BenignLook> looks, std::uint64_t seed,
                            const Ground& ground);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_BENIGN_H_
