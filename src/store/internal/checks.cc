#include "store/internal/checks.h"

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

Status CheckOnce(const Key& key, KeySet& seen) {
  CLOISON_TRY(CheckKey(key));
  if (!seen.insert(&key).second) return Error{Code::kInvalid, "a key is written twice"};
  return Ok();
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
  KeySet seen;
  seen.reserve(writes.puts.size() + writes.deletes.size());
  std::size_t total = 0;
  for (const Put& put : writes.puts) {
    CLOISON_TRY(CheckOnce(put.key, seen));
    if (put.value.size() > kValueBytesMax) return Error{Code::kInvalid, "a value is too large"};
    total += put.key.bytes.size() + put.value.size();
  }
  for (const Key& key : writes.deletes) {
    CLOISON_TRY(CheckOnce(key, seen));
    total += key.bytes.size();
  }
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
