#include "ledger/internal/months.h"

#include <algorithm>

#include "base/check.h"

namespace cloison::ledger::internal {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr Error kBad{Code::kCorrupt, "the row of months cannot be read"};

}  // namespace

Result<Months> Months::Parse(ByteView bytes) {
  base::Reader reader(bytes);
  if (reader.U8() != kVersion || reader.failed()) return kBad;
  Months months;
  while (!reader.empty()) {
    const std::uint32_t month = reader.U32();
    const std::uint64_t first = reader.U64();
    const bool follows = months.starts_.empty()
                             ? first == 0
                             : months.Begins(month) && months.starts_.back().first < first;
    if (reader.failed() || !follows || months.starts_.size() >= kMonthsMax) return kBad;
    months.starts_.push_back(Start{month, first});
  }
  if (months.starts_.empty()) return kBad;
  return months;
}

Bytes Months::Serialise() const {
  Bytes out{kVersion};
  for (const Start& start : starts_) {
    base::AppendU32(out, start.month);
    base::AppendU64(out, start.first);
  }
  return out;
}

void Months::Add(std::uint32_t month, std::uint64_t first) {
  CLOISON_CHECK(Begins(month));
  CLOISON_CHECK(starts_.empty() ? first == 0 : starts_.back().first < first);
  starts_.push_back(Start{month, first});
}

std::uint32_t Months::MonthOf(std::uint64_t place) const {
  const auto after =
      std::ranges::upper_bound(starts_, place, {}, [](const Start& start) { return start.first; });
  CLOISON_CHECK(after != starts_.begin());
  return std::prev(after)->month;
}

std::vector<std::uint32_t> Months::All() const {
  std::vector<std::uint32_t> months;
  for (const Start& start : starts_) months.push_back(start.month);
  return months;
}

std::optional<std::uint64_t> Months::EndOf(std::uint32_t month) const {
  const auto found = std::ranges::find(starts_, month, &Start::month);
  if (found == starts_.end() || std::next(found) == starts_.end()) return std::nullopt;
  return std::next(found)->first;
}

}  // namespace cloison::ledger::internal
