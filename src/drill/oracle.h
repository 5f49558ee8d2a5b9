// What A9 is told: by answers, and by the rung that the account stands on.
#ifndef CLOISON_DRILL_ORACLE_H_
#define CLOISON_DRILL_ORACLE_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace cloison::drill {

// An account knows its rung (GET /v1/me/capabilities), and asks on all of them. So answers are
// compared among those that were given on the same one: a rung that a month of asking brought says
// nothing of the person asked for at that moment.
//
// What does: the rung that one answer raises. D4/nobody scores a code that is nobody's above one of
// somebody, so a rise may tell that it was. Each account has so few rungs to climb until a human
// closes its case, and that is how often it can be told so.
struct OracleTold {
  // By the rung before and what the answer said: times that somebody real was asked for, and
  // nobody.
  std::map<std::pair<int, std::string>, std::array<std::uint64_t, 2>> told;
  std::uint64_t rungs = 0;  // answers by which an account rose

  void Add(const OracleTold& other);
  // How much better than chance the answers tell the two apart: the distance in variation, on each
  // rung on which both were asked for, weighed by how often. Nothing: none were compared. Few
  // answers that vary by chance look like an advantage, never like less than there is.
  std::optional<double> Advantage() const;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_ORACLE_H_
