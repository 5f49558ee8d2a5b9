#include "access/internal/erasure_count.h"

#include <algorithm>
#include <numeric>

namespace cloison::access::internal {

namespace {

constexpr store::Family kFamily = store::Family::kOperations;

std::uint64_t HourOf(std::int64_t now_ms) {
  return static_cast<std::uint64_t>(now_ms / base::kHourMs);
}

}  // namespace

store::Key ErasureCountKey(const Core& core, OrganisationId organisation) {
  const ByteArray<4> number = base::BigU32(organisation.value());
  return {kFamily, core.parts.state.Prf(kFamily, {AsBytes("erased/"), number})};
}

Result<ErasureCount> ErasureCount::Parse(ByteView plain, std::int64_t now_ms) {
  base::Reader reader(plain);
  ErasureCount count;
  count.hour_ = reader.U64();
  count.alarm_ = reader.U64();
  for (std::uint32_t& one : count.counts_) one = reader.U32();
  if (reader.failed() || !reader.empty()) {
    return Error{Code::kCorrupt, "a count of erasures does not parse"};
  }
  // Budget time does not go back but by an older clock row: then its hour stays the newest.
  const std::uint64_t now = HourOf(now_ms);
  if (now <= count.hour_) return count;
  const auto passed = std::min<std::uint64_t>(now - count.hour_, kHours);
  const auto kept = static_cast<std::ptrdiff_t>(kHours - passed);
  std::copy_backward(count.counts_.begin(), count.counts_.begin() + kept, count.counts_.end());
  std::fill_n(count.counts_.begin(), passed, 0);
  count.hour_ = now;
  return count;
}

Bytes ErasureCount::Encode() const {
  Bytes out;
  base::AppendU64(out, hour_);
  base::AppendU64(out, alarm_);
  for (const std::uint32_t one : counts_) base::AppendU32(out, one);
  return out;
}

ErasureCount ErasureCount::Of(const Core& core, const commit::Staging& staging,
                              OrganisationId organisation) {
  const store::Key key = ErasureCountKey(core, organisation);
  return OfRow(core, key, staging.Get(key), staging.time().budget_ms);
}

ErasureCount ErasureCount::OfRow(const Core& core, const store::Key& key, const store::Row& row,
                                 std::int64_t now_ms) {
  ErasureCount none;
  none.hour_ = HourOf(now_ms);
  if (!row.present()) return none;
  const Result<crypto::SecretBytes> plain = core.parts.state.Open(key, row.value);
  if (plain.ok()) {
    const Result<ErasureCount> count = Parse(plain->Reveal(), now_ms);
    if (count.ok()) return *count;
  }
  none.counts_[0] = core.erasures.per_day;
  none.was_damaged_ = true;
  return none;
}

bool ErasureCount::TakeAlarm() {
  if (alarm_ != 0 && hour_ < alarm_ + 24) return false;
  alarm_ = hour_;
  return true;
}

std::uint64_t ErasureCount::Sum() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

void ErasureCount::Stage(const Core& core, commit::Staging& staging,
                         OrganisationId organisation) const {
  const store::Key key = ErasureCountKey(core, organisation);
  staging.Put(key, core.parts.state.Seal(key, Encode()));
}

void NoteDamaged(Core& core, const ErasureCount& count) {
  if (!count.was_damaged()) return;
  NoteCorrupt(core, Error{Code::kCorrupt, "a count of erasures does not open"},
              "state_does_not_open");
}

}  // namespace cloison::access::internal
