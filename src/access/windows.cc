#include "access/windows.h"

#include <algorithm>
#include <set>

#include "base/check.h"

namespace cloison::access {

std::string_view Name(Counter counter) {
  static constexpr std::string_view kNames[] = {"opened", "opened_off_caseload", "sensitive",
                                                "glimpsed", "glimpsed_off_caseload"};
  return kNames[static_cast<std::size_t>(counter)];
}

std::string_view Name(Window window) {
  static constexpr std::string_view kNames[] = {"hour", "day", "week", "month"};
  return kNames[static_cast<std::size_t>(window)];
}

Caps Divided(const Caps& caps, std::uint32_t by) {
  CLOISON_CHECK(by > 0);
  Caps part = caps;
  for (auto& windows : part.of) {
    for (std::uint32_t& cap : windows) cap /= by;
  }
  return part;
}

std::string_view Name(Scope scope) {
  static constexpr std::string_view kNames[] = {"principal", "office", "organisation", "client",
                                                "register"};
  return kNames[static_cast<std::size_t>(scope)];
}

std::string_view Name(ShowingFamily family) {
  static constexpr std::string_view kNames[] = {"class", "overview", "presence"};
  return kNames[static_cast<std::size_t>(family)];
}

const Caps& CapsOf(ShowingFamily family) {
  // In the order of the counters: opened, off the caseload, sensitive, glimpsed, off the caseload.
  // A desk where 150 people a day come in; nobody is off the caseload who stands there.
  static constexpr Caps kPresence{{{{40, 150, 700, 2'500},
                                    {0, 0, 0, 0},
                                    {40, 150, 700, 2'500},
                                    {60, 250, 1'100, 4'000},
                                    {0, 0, 0, 0}}}};
  // Calls, twice a day.
  static constexpr Caps kOverview{
      {{{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {2, 2, 14, 62}, {0, 0, 0, 0}}}};
  CLOISON_CHECK(family != ShowingFamily::kClass);
  return family == ShowingFamily::kPresence ? kPresence : kOverview;
}

std::uint64_t Bound(const Caps& caps, Counter counter, std::int64_t duration_ms) {
  CLOISON_CHECK(duration_ms > 0);
  std::uint64_t least = UINT64_MAX;
  for (std::size_t w = 0; w < kWindows; ++w) {
    const auto times = static_cast<std::uint64_t>((duration_ms + kWindowMs[w] - 1) / kWindowMs[w]);
    least = std::min(least, times * caps.of[static_cast<std::size_t>(counter)][w]);
  }
  return least;
}

std::uint32_t Windows::Count(std::size_t counter, std::int64_t from_ms) const {
  const std::vector<std::int64_t>& times = times_[counter];
  return static_cast<std::uint32_t>(times.end() -
                                    std::lower_bound(times.begin(), times.end(), from_ms));
}

std::optional<Spent> Windows::WouldPass(std::int64_t now_ms,
                                        std::span<const Showing> showings) const {
  const SeenTimes* const first = showings.empty() ? nullptr : Find(showings.front().who);
  for (std::size_t c = 0; c < kCounters; ++c) {
    const auto counter = static_cast<Counter>(c);
    std::array<std::uint32_t, kWindows> fresh{};
    std::set<SeenId> counted;
    for (const Showing& showing : showings) {
      if (!showing.counters.Has(counter)) continue;
      if (showings.size() > 1 && !counted.insert(showing.who).second) continue;
      const SeenTimes* times = &showing == &showings.front() ? first : Find(showing.who);
      const std::int64_t last = times != nullptr ? (*times)[c] : 0;
      for (std::size_t w = 0; w < kWindows; ++w) {
        if (last == 0 || last < now_ms - kWindowMs[w]) ++fresh[w];
      }
    }
    for (std::size_t w = 0; w < kWindows; ++w) {
      if (fresh[w] == 0) continue;
      if (IsSpent(w, now_ms) || Count(c, now_ms - kWindowMs[w]) + fresh[w] > caps_.of[c][w]) {
        return Spent{counter, static_cast<Window>(w)};
      }
    }
  }
  return std::nullopt;
}

namespace {

// What the latest showings of all counters have in common once these are made from `seat`.
Seat Joined(std::int64_t now_ms, const Seen& before, CounterSet counters, Seat seat) {
  for (std::size_t c = 0; c < kCounters; ++c) {
    const bool stays = before.times[c] != 0 && before.times[c] >= now_ms - kSeenKeptMs;
    if (!stays || counters.Has(static_cast<Counter>(c))) continue;
    if (before.seat.office != seat.office) seat.office = kManySeats;
    if (before.seat.client != seat.client) seat.client = kManySeats;
  }
  return seat;
}

}  // namespace

void Windows::Debit(std::int64_t now_ms, std::span<const Showing> showings, Seat seat) {
  for (const Showing& showing : showings) Debit(now_ms, showing, seat);
}

const Seen& Windows::Debit(std::int64_t now_ms, const Showing& showing, Seat seat) {
  CLOISON_CHECK(now_ms > 0);
  Seen& known = seen_.At(showing.who);
  known.seat = Joined(now_ms, known, showing.counters, seat);
  SeenTimes& seen = known.times;
  for (std::size_t c = 0; c < kCounters; ++c) {
    if (!showing.counters.Has(static_cast<Counter>(c)) || seen[c] == now_ms) continue;
    std::vector<std::int64_t>& times = times_[c];
    CLOISON_CHECK(times.empty() || times.back() <= now_ms);
    // Gone already when Prune dropped it for being older than kSeenKeptMs.
    const auto old = std::lower_bound(times.begin(), times.end(), seen[c]);
    if (old != times.end() && *old == seen[c]) times.erase(old);
    times.push_back(now_ms);
    seen[c] = now_ms;
  }
  return known;
}

std::uint32_t Windows::Left(Counter counter, Window window, std::int64_t now_ms) const {
  if (IsSpent(static_cast<std::size_t>(window), now_ms)) return 0;
  const std::uint32_t cap = caps_.cap(counter, window);
  const std::uint32_t used = Count(static_cast<std::size_t>(counter),
                                   now_ms - kWindowMs[static_cast<std::size_t>(window)]);
  return used >= cap ? 0 : cap - used;
}

std::int64_t Windows::FreesIn(Counter counter, Window window, std::int64_t now_ms) const {
  const std::vector<std::int64_t>& times = times_[static_cast<std::size_t>(counter)];
  const std::uint32_t cap = caps_.cap(counter, window);
  const std::int64_t length = kWindowMs[static_cast<std::size_t>(window)];
  if (cap == 0) return length;
  const std::int64_t spent = spent_ms_ == 0 ? 0 : spent_ms_ + length + 1 - now_ms;
  const std::int64_t known =
      times.size() < cap ? 0 : times[times.size() - cap] + length + 1 - now_ms;
  return std::max<std::int64_t>({0, spent, known});
}

const Seen* Windows::FindSeen(const SeenId& who) const {
  return seen_.Find(who);
}

const SeenTimes* Windows::Find(const SeenId& who) const {
  const Seen* const seen = FindSeen(who);
  return seen == nullptr ? nullptr : &seen->times;
}

void Windows::Restore(const SeenId& who, const Seen& seen) {
  CLOISON_CHECK(std::ranges::all_of(seen.times, [](std::int64_t time) { return time >= 0; }));
  const std::size_t before = seen_.size();
  seen_.At(who) = seen;
  CLOISON_CHECK(seen_.size() == before + 1);
  for (std::size_t c = 0; c < kCounters; ++c) {
    if (seen.times[c] != 0) times_[c].push_back(seen.times[c]);
  }
}

void Windows::Settle() {
  for (std::vector<std::int64_t>& times : times_) std::sort(times.begin(), times.end());
}

std::vector<std::pair<SeenId, Seen>> Windows::Prune(std::int64_t now_ms, std::size_t most) {
  const std::int64_t oldest = now_ms - kSeenKeptMs;
  std::vector<std::pair<SeenId, Seen>> gone;
  seen_.ForEach([&](const SeenId& who, const Seen& seen) {
    const bool holds =
        std::ranges::any_of(seen.times, [oldest](std::int64_t t) { return t >= oldest; });
    if (!holds && gone.size() < most) gone.emplace_back(who, seen);
    return gone.size() < most;
  });
  for (const auto& [who, seen] : gone) seen_.Erase(who);
  for (std::vector<std::int64_t>& times : times_) {
    times.erase(times.begin(), std::lower_bound(times.begin(), times.end(), oldest));
  }
  return gone;
}

}  // namespace cloison::access
