#include "access/internal/alarm_box.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace cloison::access::internal {

namespace {

constexpr char kAlarm = '\2', kNumbers = '\3';
constexpr std::uint8_t kNumbersVersion = 1;
constexpr Error kBadNumbers{Code::kCorrupt, "the numbers of the alarms do not parse"};

constexpr std::size_t kNameBytes = 1 + 8;

// Else it is a row that nobody here writes: it stands for no alarm and stops none.
bool IsAlarm(const store::KeyedRow& row) {
  return row.key.size() == kNameBytes;
}

// In the place of one that was altered or damaged: it silences none of those behind it.
Alarm Unreadable(std::uint64_t number) {
  Alarm alarm;
  alarm.number = number;
  alarm.what = Alarm::What::kDamaged;
  alarm.why = "alarm_does_not_open";
  return alarm;
}

}  // namespace

store::Key AlarmKey(std::uint64_t number) {
  std::string key(1, kAlarm);
  key += AsText(base::BigU64(number));
  return {store::Family::kCases, std::move(key)};
}

store::Key AlarmNumbersKey() {
  return {store::Family::kCases, std::string(1, kNumbers)};
}

void AlarmBox::Put(commit::Staging& staging, store::Key key, ByteView plain) const {
  Bytes sealed = state_.Seal(key, plain);
  staging.Put(std::move(key), std::move(sealed));
}

Task<Result<std::uint64_t>> AlarmBox::Recover(store::Store& store) {
  const store::Key key = AlarmNumbersKey();
  std::vector<store::Key> keys{key};
  CLOISON_CO_TRY_ASSIGN(const std::vector<store::Row> rows,
                        co_await store.MultiGet(std::move(keys), store::ReadMode::kAny));
  if (!rows[0].present()) co_return 0;
  CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(key, rows[0].value));
  CLOISON_CO_TRY(ReadNumbers(plain.Reveal()));
  numbers_ = Bytes(plain.Reveal().begin(), plain.Reveal().end());
  bell_.Ring(last_);
  co_return co_await CountGone(store);
}

Status AlarmBox::ReadNumbers(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  first_ = reader.U64();
  last_ = reader.U64();
  const std::size_t tests = reader.U8();
  bool fit = version == kNumbersVersion && first_ >= 1 && first_ <= last_ &&
             last_ - first_ < kAlarmsKept && tests <= kAlarmTestsOfAll;
  tests_.clear();
  for (std::size_t i = 0; fit && i < tests; ++i) {
    const auto at_ms = static_cast<std::int64_t>(reader.U64());
    fit = at_ms >= 0;
    tests_.push_back({at_ms, PrincipalId(reader.Array<PrincipalId::kSize>())});
  }
  return fit && !reader.failed() && reader.empty() ? Ok() : Status(kBadNumbers);
}

Bytes AlarmBox::Numbers() const {
  Bytes row{kNumbersVersion};
  base::AppendU64(row, first_);
  base::AppendU64(row, last_);
  row.push_back(static_cast<std::uint8_t>(tests_.size()));
  for (const Tested& test : tests_) {
    base::AppendU64(row, static_cast<std::uint64_t>(test.at_ms));
    base::AppendBytes(row, test.by.bytes());
  }
  return row;
}

std::int64_t AlarmBox::MayTestIn(const PrincipalId& by, std::int64_t now_ms) const {
  // Of those within the hour the place that is free first is that of the oldest one too many.
  std::vector<std::int64_t> own, all;
  for (const Tested& test : tests_) {
    if (test.at_ms + base::kHourMs <= now_ms) continue;
    all.push_back(test.at_ms);
    if (test.by == by) own.push_back(test.at_ms);
  }
  for (const Raised& raised : raised_) {
    if (!raised.tested_by.has_value()) continue;
    all.push_back(now_ms);
    if (raised.tested_by == by) own.push_back(now_ms);
  }
  std::int64_t in_ms = 0;
  const auto wait = [&](std::vector<std::int64_t>& times, std::size_t most) {
    if (times.size() < most) return;
    std::ranges::sort(times);  // a time that was put back leaves later ones before it
    in_ms = std::max(in_ms, times[times.size() - most] + base::kHourMs - now_ms);
  };
  wait(own, kAlarmTestsOfOne);
  wait(all, kAlarmTestsOfAll);
  return in_ms;
}

// Whoever follows sees a gap when the next one comes; nobody would see that the newest are gone.
Task<Result<std::uint64_t>> AlarmBox::CountGone(store::Store& store) const {
  std::uint64_t there = 0;
  store::Range range{store::Family::kCases, AlarmKey(first_).bytes, AlarmKey(last_ + 1).bytes};
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await store.Scan(range, store::kScanRowsMax));
    there += static_cast<std::size_t>(std::ranges::count_if(page.rows, IsAlarm));
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  co_return last_ - first_ + 1 - there;
}

void AlarmBox::RaiseSoon(Alarm alarm) {
  const std::lock_guard lock(mutex_);
  const bool waits = std::ranges::any_of(
      soon_, [&alarm](const Alarm& one) { return one.what == alarm.what && one.why == alarm.why; });
  if (!waits && soon_.size() < kSoonMax) soon_.push_back(std::move(alarm));
}

Task<Result<std::vector<Alarm>>> AlarmBox::Read(store::Store& store, std::uint64_t after,
                                                std::size_t count) const {
  std::vector<Alarm> found;
  if (after == UINT64_MAX) co_return found;
  store::Range range{store::Family::kCases, AlarmKey(after + 1).bytes, std::string(1, kNumbers)};
  for (bool more = true; more && found.size() < count;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await store.Scan(range, count - found.size()));
    for (const store::KeyedRow& keyed : page.rows) {
      if (!IsAlarm(keyed)) continue;
      const store::Key key{store::Family::kCases, keyed.key};
      const std::uint64_t number = base::LoadBig(AsBytes(keyed.key).subspan(1, 8));
      const Result<crypto::SecretBytes> plain = state_.Open(key, keyed.row.value);
      Result<Alarm> alarm =
          plain.ok() ? ParseAlarm(plain->Reveal(), number) : Result<Alarm>(plain.error());
      if (!alarm.ok() && alarm.error().code() != Code::kCorrupt) co_return alarm.error();
      found.push_back(alarm.ok() ? std::move(*alarm) : Unreadable(number));
    }
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  co_return found;
}

void AlarmBox::TakeSoon(std::int64_t wall_ms) {
  const std::lock_guard lock(mutex_);
  for (Alarm& alarm : soon_) {
    const auto [said, first] = said_ms_.try_emplace(alarm.why, wall_ms);
    // A clock that was set back is no reason for silence.
    const bool quiet = !first && wall_ms >= said->second && wall_ms - said->second < kSoonQuietMs;
    if (quiet) continue;
    said->second = wall_ms;
    raised_.push_back({std::move(alarm), {}});
  }
  soon_.clear();
}

void AlarmBox::Close(commit::Staging& staging) {
  if (ledger_.Mark() == 0) {  // and so no anchor, which holds the numbers
    CLOISON_CHECK(raised_.empty());
    return;
  }
  TakeSoon(staging.time().wall_ms);
  if (raised_.empty()) return;
  const std::int64_t now_ms = staging.time().budget_ms;
  std::erase_if(tests_,
                [now_ms](const Tested& test) { return test.at_ms + base::kHourMs <= now_ms; });
  for (auto& [alarm, tested_by] : raised_) {
    if (tested_by.has_value()) tests_.push_back({now_ms, *tested_by});
    alarm.number = ++last_;
    alarm.wall_ms = staging.time().wall_ms;
    Put(staging, AlarmKey(last_), EncodeAlarm(alarm));
    if (last_ - first_ >= kAlarmsKept) staging.Delete(AlarmKey(first_++));
  }
  Bytes numbers = Numbers();
  Put(staging, AlarmNumbersKey(), numbers);
  ceilings_.Tie(numbers_, numbers);
  numbers_ = std::move(numbers);
}

}  // namespace cloison::access::internal
