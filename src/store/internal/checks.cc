#include "store/internal/checks.h"

#include <algorithm>
#include <functional>
#include <unordered_set>

namespace cloison::store::internal {

namespace {

struct SameKeyHash {
  std::size_t operator()(const Key* key) const { return KeyHash{}(*key); }
};
struct SameKey {
  bool operator()(const Key* a, const Key* b) const { return *a == *b; }
};
using KeySet = std::unordered_set<const Key*, SameKeyHash, SameKey>;

const Key& KeyOf(const Put& put) {
  return put.key;
}
const Key& KeyOf(const Key& key) {
  return key;
}

bool Covers(const Range& range, std::string_view key) {
  return range.begin <= key && (range.end.empty() || key < range.end);
}

Status CheckRangeDelete(const Range& range) {
  CLOISON_TRY(CheckRange(range));
  if (!range.end.empty() && range.end < range.begin) {
    return Error{Code::kInvalid, "a range ends before it begins"};
  }
  if (range.family == Family::kMeta &&
      (Covers(range, kFenceRow) || Covers(range, kLastVersionRow))) {
    return Error{Code::kInvalid, "a range delete covers a row of the store"};
  }
  return Ok();
}

// Each key at most once over puts and deletes. The committer sorts both: then neighbours tell.
bool AreDistinct(const WriteSet& writes) {
  const auto below = [](const auto& a, const auto& b) { return KeyOf(a) < KeyOf(b); };
  const auto sorted = [&below](const auto& rows) {
    return std::ranges::adjacent_find(rows, std::not_fn(below)) == rows.end();
  };
  if (sorted(writes.puts) && sorted(writes.deletes)) {
    return std::ranges::none_of(writes.deletes, [&](const Key& key) {
      return std::ranges::binary_search(writes.puts, key, {}, &Put::key);
    });
  }
  KeySet seen;
  seen.reserve(writes.puts.size() + writes.deletes.size());
  return std::ranges::all_of(writes.puts,
                             [&](const Put& put) { return seen.insert(&put.key).second; }) &&
         std::ranges::all_of(writes.deletes,
                             [&](const Key& key) { return seen.insert(&key).second; });
}

}  // namespace

bool IsReserved(Family family, std::string_view key) {
  return family == Family::kMeta && (key == kFenceRow || key == kLastVersionRow);
}

Status CheckKey(const Key& key) {
  if (FamilyName(key.family).empty()) return Error{Code::kInvalid, "no such family"};
  if (key.bytes.size() > kKeyBytesMax) return Error{Code::kInvalid, "a key is too long"};
  if (IsReserved(key.family, key.bytes)) return Error{Code::kInvalid, "a row of the store"};
  return Ok();
}

Status CheckKeys(const std::vector<Key>& keys) {
  if (keys.size() > kMultiGetKeysMax) return Error{Code::kExhausted, "too many keys in one read"};
  for (const Key& key : keys) {
    CLOISON_TRY(CheckKey(key));
  }
  return Ok();
}

Status CheckRange(const Range& range) {
  if (FamilyName(range.family).empty()) return Error{Code::kInvalid, "no such family"};
  if (range.begin.size() > kKeyBytesMax || range.end.size() > kKeyBytesMax) {
    return Error{Code::kInvalid, "a bound of a range is too long"};
  }
  return Ok();
}

Status CheckWrites(const WriteSet& writes) {
  std::size_t total = 0;
  for (const Put& put : writes.puts) {
    CLOISON_TRY(CheckKey(put.key));
    if (put.value.size() > kValueBytesMax) return Error{Code::kInvalid, "a value is too large"};
    total += put.key.bytes.size() + put.value.size();
  }
  for (const Key& key : writes.deletes) {
    CLOISON_TRY(CheckKey(key));
    total += key.bytes.size();
  }
  if (!AreDistinct(writes)) return Error{Code::kInvalid, "a key is written twice"};
  for (const Range& range : writes.range_deletes) {
    CLOISON_TRY(CheckRangeDelete(range));
  }
  for (const Expect& expect : writes.expects) {
    CLOISON_TRY(CheckKey(expect.key));
  }
  if (total > kCommitBytesMax) return Error{Code::kInvalid, "a commit is too large"};
  return Ok();
}

}  // namespace cloison::store::internal
