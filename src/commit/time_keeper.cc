#include "commit/time_keeper.h"

#include <algorithm>

namespace cloison::commit {

namespace {

constexpr std::uint8_t kVersion = 1;
// The end of the year 9999: far from where sums of times no longer fit.
constexpr std::int64_t kTimeMsMax = 253'402'300'799'999;

bool IsTime(std::int64_t ms) {
  return ms >= 0 && ms <= kTimeMsMax;
}

bool SameBoot(ByteView a, ByteView b) {
  const ByteArray<16> unknown{};
  return base::Equal(a, b) && !base::Equal(a, unknown);
}

}  // namespace

TimeKeeper::TimeKeeper(base::Clock& clock, Times times, bool confirmed, Since since)
    : clock_(&clock),
      base_budget_ms_(times.budget_ms),
      base_boot_ms_(clock.boot_ms()),
      last_budget_ms_(times.budget_ms),
      last_wall_ms_(times.wall_ms),
      row_boot_ms_(base_boot_ms_),
      confirmed_(confirmed),
      since_(since) {}

TimeKeeper::TimeKeeper(TimeKeeper&& other) noexcept
    : clock_(other.clock_),
      base_budget_ms_(other.base_budget_ms_.load()),
      base_boot_ms_(other.base_boot_ms_),
      last_budget_ms_(other.last_budget_ms_.load()),
      last_wall_ms_(other.last_wall_ms_.load()),
      row_boot_ms_(other.row_boot_ms_),
      confirmed_(other.confirmed_.load()),
      since_(other.since_.load()) {}

Result<TimeKeeper> TimeKeeper::Open(base::Clock& clock, ByteView row) {
  if (row.empty()) {
    const std::int64_t now_ms = clock.wall_ms();
    return TimeKeeper(clock, {now_ms, now_ms}, true, Since::kDecided);
  }
  base::Reader reader(row);
  const std::uint8_t version = reader.U8();
  const std::uint8_t confirmed = reader.U8();
  const auto budget_ms = static_cast<std::int64_t>(reader.U64());
  const auto wall_ms = static_cast<std::int64_t>(reader.U64());
  const auto boot_ms = static_cast<std::int64_t>(reader.U64());
  const ByteArray<16> boot_id = reader.Array<16>();
  if (reader.failed() || !reader.empty() || version != kVersion || confirmed > 1 ||
      !IsTime(budget_ms) || !IsTime(wall_ms) || !IsTime(boot_ms)) {
    return Error{Code::kCorrupt, "the clock row cannot be read"};
  }
  if (!SameBoot(boot_id, clock.boot_id())) {
    return TimeKeeper(clock, {budget_ms, wall_ms}, false, Since::kReboot);
  }
  const std::int64_t gone_ms = std::max<std::int64_t>(0, clock.boot_ms() - boot_ms);
  return TimeKeeper(clock, {budget_ms + gone_ms, wall_ms}, confirmed == 1, Since::kDecided);
}

BatchTime TimeKeeper::PeekAt(std::int64_t boot_ms) const {
  const std::int64_t budget_ms = base_budget_ms_.load() + (boot_ms - base_boot_ms_);
  return BatchTime{std::max(budget_ms, last_budget_ms_.load()),
                   std::max(clock_->wall_ms(), last_wall_ms_.load())};
}

BatchTime TimeKeeper::Peek() const {
  return PeekAt(clock_->boot_ms());
}

BatchTime TimeKeeper::Next() {
  if (since_.load() == Since::kReboot) {
    const std::lock_guard lock(confirming_);
    since_.store(Since::kDecided);
  }
  row_boot_ms_ = clock_->boot_ms();
  const BatchTime now = PeekAt(row_boot_ms_);
  last_budget_ms_.store(now.budget_ms);
  last_wall_ms_.store(now.wall_ms);
  return now;
}

Bytes TimeKeeper::Row() const {
  Bytes row;
  base::AppendU8(row, kVersion);
  base::AppendU8(row, confirmed_.load() ? 1 : 0);
  base::AppendU64(row, static_cast<std::uint64_t>(last_budget_ms_.load()));
  base::AppendU64(row, static_cast<std::uint64_t>(last_wall_ms_.load()));
  base::AppendU64(row, static_cast<std::uint64_t>(row_boot_ms_));
  base::AppendBytes(row, clock_->boot_id());
  return row;
}

bool TimeKeeper::confirmed() const {
  return confirmed_.load();
}

void TimeKeeper::Confirm(std::int64_t down_ms) {
  CLOISON_CHECK(down_ms >= 0);
  // The time first: whoever sees the confirmation must also see the time it brought.
  const std::lock_guard lock(confirming_);
  if (confirmed_.load()) return;
  if (since_.load() == Since::kReboot) base_budget_ms_.fetch_add(down_ms);
  confirmed_.store(true);
}

void TimeKeeper::ConfirmAt(std::int64_t trusted_wall_ms) {
  // What the boot clock has counted since the start is in budget time already.
  const std::int64_t counted_ms = clock_->boot_ms() - base_boot_ms_;
  Confirm(std::max<std::int64_t>(0, trusted_wall_ms - last_wall_ms_.load() - counted_ms));
}

}  // namespace cloison::commit
