#include "access/tally.h"

#include "base/clock.h"

namespace cloison::access {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint32_t kHoursBack = 24;

std::uint32_t HourOf(std::int64_t now_ms) {
  return static_cast<std::uint32_t>(now_ms / base::kHourMs);
}
std::uint8_t KeyOf(std::uint8_t what, TallySide side) {
  return static_cast<std::uint8_t>(what << 1 | static_cast<std::uint8_t>(side));
}

}  // namespace

std::uint32_t Tally::InDay(std::uint8_t what, TallySide side, std::int64_t now_ms) const {
  const auto found = counts_.find(KeyOf(what, side));
  if (found == counts_.end()) return 0;
  std::uint32_t sum = 0;
  for (const auto& [hour, count] : found->second) {
    if (std::uint64_t{hour} + kHoursBack >= HourOf(now_ms)) sum += count;
  }
  return sum;
}

void Tally::Add(std::uint8_t what, TallySide side, std::int64_t now_ms, std::uint32_t count) {
  const std::uint32_t now = HourOf(now_ms);
  for (auto of = counts_.begin(); of != counts_.end();) {
    std::erase_if(of->second,
                  [now](const auto& one) { return std::uint64_t{one.first} + kHoursBack < now; });
    of = of->second.empty() ? counts_.erase(of) : std::next(of);
  }
  if (count != 0) counts_[KeyOf(what, side)][now] += count;
}

Bytes Tally::Serialise() const {
  Bytes out{kVersion};
  base::AppendU32(out, people);
  out.push_back(static_cast<std::uint8_t>(counts_.size()));
  for (const auto& [key, hours] : counts_) {
    out.push_back(key);
    out.push_back(static_cast<std::uint8_t>(hours.size()));
    for (const auto& [hour, count] : hours) {
      base::AppendU32(out, hour);
      base::AppendU32(out, count);
    }
  }
  return out;
}

Result<Tally> Tally::Parse(ByteView plain) {
  constexpr Error kBad{Code::kCorrupt, "a tally does not parse"};
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  Tally tally;
  tally.people = reader.U32();
  const std::size_t count = reader.U8();
  int key_before = -1;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t key = reader.U8();
    const std::size_t hours = reader.U8();
    if (key <= key_before || key >> 1 > kTallyLast || hours == 0 || hours > kHoursBack + 1) {
      return kBad;
    }
    key_before = key;
    std::int64_t hour_before = -1;
    for (std::size_t h = 0; h < hours; ++h) {
      const std::uint32_t hour = reader.U32(), of_hour = reader.U32();
      if (hour <= hour_before || of_hour == 0) return kBad;
      hour_before = hour;
      tally.counts_[key][hour] = of_hour;
    }
  }
  if (reader.failed() || !reader.empty() || version != kVersion) return kBad;
  return tally;
}

}  // namespace cloison::access
