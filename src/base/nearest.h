// The nearest known name to a mistyped one, for "unknown key; the nearest is ..." in an operator's
// own files and commands. Never for values of people.
#ifndef CLOISON_BASE_NEAREST_H_
#define CLOISON_BASE_NEAREST_H_

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace cloison::base {

// Names longer than this are compared by their first kNearestBytesMax bytes.
inline constexpr std::size_t kNearestBytesMax = 128;

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, counted in
// bytes (optimal string alignment). Cost: |a| times |b|, three short rows.
inline std::size_t EditDistance(std::string_view a, std::string_view b) {
  a = a.substr(0, kNearestBytesMax);
  b = b.substr(0, kNearestBytesMax);
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t differs = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + differs});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

// The known name with the smallest distance, the first of equals; empty when none is within a third
// of the longer length (a far guess misleads more than it helps).
inline std::string_view NearestName(std::string_view name,
                                    std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t best_distance = kNearestBytesMax + 1;
  for (const std::string_view candidate : known) {
    const std::size_t distance = EditDistance(name, candidate);
    const std::size_t allowed = (std::max(name.size(), candidate.size()) + 2) / 3;
    if (distance <= allowed && distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace cloison::base

#endif  // CLOISON_BASE_NEAREST_H_
