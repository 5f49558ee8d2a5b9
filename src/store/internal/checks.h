// The checks every adapter makes before it touches its rows, so that all refuse the same calls with
// the same codes.
#ifndef CLOISON_STORE_INTERNAL_CHECKS_H_
#define CLOISON_STORE_INTERNAL_CHECKS_H_

#include "store/store.h"

namespace cloison::store::internal {

// Rows of kMeta that belong to the store (docs/format/store.md). Callers may not name them, and a
// scan does not show them.
inline constexpr std::string_view kFenceRow = "fence";
inline constexpr std::string_view kLastVersionRow = "last_version";

bool IsReserved(Family family, std::string_view key);

// kInvalid: unknown family, key too long or reserved.
Status CheckKey(const Key& key);
// kExhausted above kMultiGetKeysMax; else as CheckKey.
Status CheckKeys(const std::vector<Key>& keys);
// kInvalid: unknown family, a bound too long.
Status CheckRange(const Range& range);
// kInvalid: what CheckKey says of any key, a value or the whole too large, a key twice over puts
// and deletes, a range delete that ends before it begins or covers a reserved row.
// Cost: a comparison per put, a search per delete; a hash of each when they are not sorted.
Status CheckWrites(const WriteSet& writes);

// Nothing lies in the range.
inline bool IsEmptyRange(const Range& range) {
  return !range.end.empty() && range.end <= range.begin;
}

}  // namespace cloison::store::internal

#endif  // CLOISON_STORE_INTERNAL_CHECKS_H_
