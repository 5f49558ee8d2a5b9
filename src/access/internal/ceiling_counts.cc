#include "access/internal/ceiling_counts.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace cloison::access::internal {

namespace {

constexpr std::uint8_t kCeilingRowVersion = 3;
// The byte of the scope has the family's number above.
constexpr unsigned kFamilyShift = 4;
constexpr std::uint8_t kFirstBit = 0x80;
// Above any cap, and far from what a slot can hold.
constexpr std::uint64_t kCarriedMax = std::uint64_t{1} << 31;

bool IsWhole(const ScopeKey& key) {
  const bool has_office = key.scope == Scope::kOffice;
  const bool has_organisation = has_office || key.scope == Scope::kOrganisation;
  const bool has_client = key.scope == Scope::kClient;
  const bool family = key.family == ShowingFamily::kClass || key.family == ShowingFamily::kPresence;
  return family && key.scope != Scope::kPrincipal &&
         static_cast<std::size_t>(key.scope) < kScopes && (has_office || key.office == 0) &&
         (has_organisation || key.organisation == 0) && (has_client || key.client == 0);
}

}  // namespace

ByteArray<13> Serialise(const ScopeKey& key) {
  ByteArray<13> out;
  out[0] = static_cast<std::uint8_t>(static_cast<unsigned>(key.scope) |
                                     static_cast<unsigned>(key.family) << kFamilyShift);
  auto place = out.begin() + 1;
  for (const std::uint32_t part : {key.organisation, key.office, key.client}) {
    const ByteArray<4> big = base::BigU32(part);
    place = std::copy(big.begin(), big.end(), place);
  }
  return out;
}

BucketCounts::BucketCounts(std::int64_t bucket_ms, std::uint32_t buckets, std::int64_t since_ms)
    : bucket_ms_(bucket_ms),
      buckets_(buckets),
      since_ms_(since_ms),
      newest_(since_ms / bucket_ms),
      slots_(buckets + 1),
      caps_since_ms_(since_ms) {
  CLOISON_CHECK(bucket_ms >= kBucketMsMin && bucket_ms <= kBucketMsMax && buckets > 0 &&
                buckets <= kBucketsMax);
  CLOISON_CHECK(since_ms >= 0);
  ClearCaps();
}

void BucketCounts::LowerCaps(const std::array<std::optional<std::uint32_t>, kCounters>& caps) {
  for (std::size_t c = 0; c < kCounters; ++c) {
    if (caps[c].has_value()) caps_[c] = std::min(caps_[c], *caps[c]);
  }
}

void BucketCounts::FollowCaps(const BucketCounts& before, std::int64_t now_ms) {
  bool lower = false;
  for (std::size_t c = 0; c < kCounters; ++c) lower |= caps_[c] < before.caps_[c];
  caps_since_ms_ = lower ? now_ms : before.caps_since_ms_;
}

void BucketCounts::Advance(std::int64_t now_ms) {
  const std::int64_t now = BucketOf(now_ms);
  const std::int64_t whole = static_cast<std::int64_t>(buckets_) + 1;
  for (std::int64_t gone = std::max(newest_ + 1, now - whole + 1); gone <= now; ++gone) {
    auto& slot = slots_[SlotOf(gone)];
    for (std::size_t c = 0; c < kCounters; ++c) totals_[c] -= slot[c];
    slot = {};
  }
  newest_ = std::max(newest_, now);
}

bool BucketCounts::Holds(std::int64_t last_ms) const {
  return last_ms != 0 && last_ms >= since_ms_ &&
         BucketOf(last_ms) >= newest_ - static_cast<std::int64_t>(buckets_);
}

void BucketCounts::Change(std::int64_t bucket, std::size_t counter, bool add) {
  std::uint32_t& count = slots_[SlotOf(bucket)][counter];
  if (add) {
    ++count;
    ++totals_[counter];
  } else {
    --count;
    --totals_[counter];
  }
}

void BucketCounts::CarryTo(std::size_t counter, std::uint64_t total) {
  if (total <= totals_[counter]) return;
  const std::uint64_t more = std::min<std::uint64_t>(total - totals_[counter], kCarriedMax);
  slots_[SlotOf(newest_)][counter] += static_cast<std::uint32_t>(more);
  totals_[counter] += more;
}

void BucketCounts::Fill(std::size_t counter) {
  filled_ = static_cast<std::uint8_t>(filled_ | 1u << counter);
  CarryTo(counter, caps_[counter]);
}

void BucketCounts::Add(std::size_t counter) {
  Change(newest_, counter, true);
}

bool BucketCounts::Take(std::size_t counter, std::int64_t last_ms) {
  const std::int64_t bucket = BucketOf(last_ms);
  if (slots_[SlotOf(bucket)][counter] == 0) return false;
  Change(bucket, counter, false);
  return true;
}

// u64 bucket ms | u8 buckets | u64 since ms | u64 newest | kCounters × u32 cap | u64 caps since ms
// | (buckets + 1) × kCounters × u32, the oldest bucket first
void Append(Bytes& out, const BucketCounts& counts) {
  base::AppendU64(out, static_cast<std::uint64_t>(counts.bucket_ms_));
  out.push_back(static_cast<std::uint8_t>(counts.buckets_));
  base::AppendU64(out, static_cast<std::uint64_t>(counts.since_ms_));
  base::AppendU64(out, static_cast<std::uint64_t>(counts.newest_));
  for (const std::uint32_t cap : counts.caps_) base::AppendU32(out, cap);
  base::AppendU64(out, static_cast<std::uint64_t>(counts.caps_since_ms_));
  out.push_back(counts.filled_ | (counts.first_ ? kFirstBit : 0));
  const std::int64_t whole = static_cast<std::int64_t>(counts.buckets_) + 1;
  for (std::int64_t i = 1; i <= whole; ++i) {  // the slot behind the newest is the oldest
    for (const std::uint32_t count : counts.slots_[counts.SlotOf(counts.newest_ + i)]) {
      base::AppendU32(out, count);
    }
  }
}

Result<BucketCounts> TakeCounts(base::Reader& reader) {
  constexpr Error kWrong{Code::kCorrupt, "a ceiling's row does not parse"};
  const std::uint64_t bucket_ms = reader.U64();
  const std::uint8_t buckets = reader.U8();
  const std::uint64_t since_ms = reader.U64();
  const std::uint64_t newest = reader.U64();
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
  const bool sized = bucket_ms >= static_cast<std::uint64_t>(kBucketMsMin) &&
                     bucket_ms <= static_cast<std::uint64_t>(kBucketMsMax) && buckets > 0 &&
                     buckets <= kBucketsMax && since_ms < kMost && newest < kMost / bucket_ms;
  if (reader.failed() || !sized || newest < since_ms / bucket_ms) return kWrong;
  BucketCounts counts(static_cast<std::int64_t>(bucket_ms), buckets,
                      static_cast<std::int64_t>(since_ms));
  counts.newest_ = static_cast<std::int64_t>(newest);
  for (std::uint32_t& cap : counts.caps_) cap = reader.U32();
  const std::uint64_t caps_since_ms = reader.U64();
  if (caps_since_ms < since_ms || caps_since_ms >= kMost) return kWrong;
  counts.caps_since_ms_ = static_cast<std::int64_t>(caps_since_ms);
  const std::uint8_t flags = reader.U8();
  counts.first_ = (flags & kFirstBit) != 0;
  counts.filled_ = flags & static_cast<std::uint8_t>(~kFirstBit);
  if (counts.filled_ >= 1u << kCounters) return kWrong;
  for (std::int64_t i = 1; i <= std::int64_t{buckets} + 1; ++i) {
    auto& slot = counts.slots_[counts.SlotOf(counts.newest_ + i)];
    for (std::size_t c = 0; c < kCounters; ++c) {
      slot[c] = reader.U32();
      counts.totals_[c] += slot[c];
    }
  }
  if (reader.failed()) return kWrong;
  return counts;
}

Bytes Serialise(const CeilingRow& row) {
  Bytes out{kCeilingRowVersion};
  const ByteArray<13> key = Serialise(row.key);
  out.insert(out.end(), key.begin(), key.end());
  out.push_back(static_cast<std::uint8_t>(row.counts.size()));
  for (const BucketCounts& counts : row.counts) Append(out, counts);
  return out;
}

Result<CeilingRow> ParseCeilingRow(ByteView plain) {
  constexpr Error kWrong{Code::kCorrupt, "a ceiling's row does not parse"};
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  const unsigned what = reader.U8();
  CeilingRow row{{static_cast<Scope>(what & ((1u << kFamilyShift) - 1)), reader.U32(), reader.U32(),
                  reader.U32(), static_cast<ShowingFamily>(what >> kFamilyShift)},
                 {}};
  const std::size_t size = reader.U8();
  if (reader.failed() || version != kCeilingRowVersion || !IsWhole(row.key)) return kWrong;
  for (std::size_t i = 0; i < size; ++i) {
    CLOISON_TRY_ASSIGN(BucketCounts counts, TakeCounts(reader));
    const std::pair order{counts.bucket_ms(), counts.buckets()};
    const bool in_order = row.counts.empty() || std::pair(row.counts.back().bucket_ms(),
                                                          row.counts.back().buckets()) < order;
    if (!in_order) return kWrong;
    row.counts.push_back(std::move(counts));
  }
  if (!reader.empty()) return kWrong;
  return row;
}

}  // namespace cloison::access::internal
