#include "assess/account_replay.h"

#include <algorithm>

#include "base/clock.h"

namespace cloison::assess {

namespace {

constexpr std::size_t kPeopleFew = 1u << 12;  // what is kept for the next account

void AddDay(std::vector<std::int64_t>& days, std::int64_t day) {
  if (days.empty() || days.back() != day) days.push_back(day);
}

std::size_t Distinct(std::vector<std::int64_t> days) {
  std::ranges::sort(days);
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days.size();
}

}  // namespace

std::uint32_t PeopleNumbers::Of(std::uint64_t hash) {
  if ((size_ + 1) * 2 > keys_.size()) Grow();
  if (hash == 0) hash = 1;
  std::size_t at = hash & (keys_.size() - 1);
  while (keys_[at] != 0 && keys_[at] != hash) at = (at + 1) & (keys_.size() - 1);
  if (keys_[at] == 0) {
    keys_[at] = hash;
    numbers_[at] = static_cast<std::uint32_t>(size_++);
  }
  return numbers_[at];
}

void PeopleNumbers::Grow() {
  const std::vector<std::uint64_t> keys = std::move(keys_);
  const std::vector<std::uint32_t> numbers = std::move(numbers_);
  const std::size_t room = std::max<std::size_t>(64, keys.size() * 2);
  keys_.assign(room, 0);
  numbers_.assign(room, 0);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == 0) continue;
    std::size_t at = keys[i] & (room - 1);
    while (keys_[at] != 0) at = (at + 1) & (room - 1);
    keys_[at] = keys[i];
    numbers_[at] = numbers[i];
  }
}

void PeopleNumbers::Clear() {
  size_ = 0;
  if (keys_.size() > kPeopleFew) {
    keys_ = {};
    numbers_ = {};
  }
  std::ranges::fill(keys_, 0);
}

AccountReplay::AccountReplay(const ReplayGround& ground)
    : ground_(ground),
      tally_(ground.accounts, ground.grouping),
      place_number_(ground.accounts.places().size()) {}

void AccountReplay::Run(std::vector<Record>& records) {
  const std::vector<Seat>& seats = ground_.accounts.seats();
  std::ranges::sort(records, [&seats](const Record& a, const Record& b) {
    if (a.seat != b.seat) {
      const std::uint32_t left = seats[a.seat].account, right = seats[b.seat].account;
      if (left != right) return left < right;
    }
    return a.order != b.order ? a.order < b.order : a.detail < b.detail;
  });
  for (std::size_t begin = 0; begin < records.size();) {
    const std::uint32_t account = seats[records[begin].seat].account;
    std::size_t end = begin + 1;
    while (end < records.size() && seats[records[end].seat].account == account) ++end;
    RunAccount(std::span(records).subspan(begin, end - begin));
    begin = end;
  }
}

void AccountReplay::RunAccount(std::span<const Record> records) {
  std::size_t minute_begin = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Record& record = records[i];
    while (records[minute_begin].time_ms() <= record.time_ms() - base::kMinuteMs) ++minute_begin;
    AtPlace& at = PlaceOf(record);
    at.tally.most_per_minute =
        std::max(at.tally.most_per_minute, static_cast<std::uint32_t>(i - minute_begin + 1));
    const std::uint32_t person = people_.Of(record.person);
    Count(record, at, person);
    JudgeIt(record, at, person);
    if (ground_.pairs.usable()) CountPair(record, person);
  }
  AddAccount(ground_.accounts.seats()[records[0].seat].account);
  EndPairs();
  people_.Clear();
  shown_.Clear();
  for (Judge& judge : judges_) judge.Clear();
  for (const AtPlace& at : at_places_) place_number_[at.place] = 0;
  at_places_.clear();
}

AccountReplay::AtPlace& AccountReplay::PlaceOf(const Record& record) {
  const std::uint32_t place = ground_.accounts.seats()[record.seat].place;
  std::uint32_t& number = place_number_[place];
  if (number == 0) {
    at_places_.push_back({place, {}, {}, {}});
    number = static_cast<std::uint32_t>(at_places_.size());
  }
  return at_places_[number - 1];
}

void AccountReplay::Count(const Record& record, AtPlace& at, std::uint32_t person) {
  ++at.tally.accesses;
  AddDay(at.days, ground_.zone.DayOf(record.time_ms()));
  shown_.Advance(record.time_ms());
  shown_.Show(record.time_ms(), person);
  for (std::size_t w = 0; w < access::kWindows; ++w) {
    at.tally.most[w] = std::max(at.tally.most[w], shown_.counts()[w]);
  }
  tally_.people.Add(record.person);
  if (!tally_.role_people.empty()) {
    tally_.role_people[ground_.grouping.role_of[at.place]].Add(record.person);
  }
}

void AccountReplay::JudgeIt(const Record& record, AtPlace& at, std::uint32_t person) {
  const std::size_t views = ground_.told ? 1 : kViews;
  for (std::size_t v = 0; v < views; ++v) {
    const bool off = ground_.told ? record.follows() == Follows::kNo : v == 1;
    const access::CounterSet counters =
        CountersOf(record.action() != Action::kGlimpse, record.action() == Action::kSensitive, off);
    const std::optional<access::Spent> spent =
        judges_[v].Show(ground_.caps[at.place], record.time_ms(), person, counters);
    if (!spent.has_value()) continue;
    Refusals& refusals = at.tally.views[v];
    ++refusals.accesses;
    ++refusals
          .by[static_cast<std::size_t>(spent->counter)][static_cast<std::size_t>(spent->window)];
    AddDay(at.refused_days[v], ground_.zone.DayOf(record.time_ms()));
  }
}

void AccountReplay::CountPair(const Record& record, std::uint32_t person) {
  PairCounts& pairs = ground_.pairs;
  const std::vector<Seat>& seats = ground_.accounts.seats();
  const std::size_t offices = ground_.accounts.offices().size();
  const std::uint32_t bucket = pairs.BucketOf(record.time_ms());
  const access::CounterSet counters =
      CountersOf(record.action() != Action::kGlimpse, record.action() == Action::kSensitive,
                 record.follows() == Follows::kNo);
  if (person >= pairs_.size()) pairs_.resize(person + 1);
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    if (!counters.Has(static_cast<access::Counter>(c))) continue;
    Counted& counted = pairs_[person][c];
    const Seat& now = seats[record.seat];
    const bool known = counted.seat != UINT32_MAX;
    const Seat before = known ? seats[counted.seat] : now;
    // It stays counted until n buckets after its latest showing, or moves with this one.
    const std::uint32_t end = counted.bucket + pairs.buckets() + 1;
    const bool stays = known && bucket < end;
    const std::uint32_t leaves = stays ? bucket : end;
    const auto move = [&](std::size_t from, std::size_t to) {
      if (stays && from == to) return;
      if (known) pairs.Leave(from, c, leaves);
      pairs.Enter(to, c, bucket);
    };
    move(before.office, now.office);
    move(offices + before.client, offices + now.client);
    counted = {bucket, record.seat};
  }
}

void AccountReplay::EndPairs() {
  PairCounts& pairs = ground_.pairs;
  const std::size_t offices = ground_.accounts.offices().size();
  for (const auto& of : pairs_) {
    for (std::size_t c = 0; c < access::kCounters; ++c) {
      if (of[c].seat == UINT32_MAX) continue;
      const Seat& seat = ground_.accounts.seats()[of[c].seat];
      pairs.Leave(seat.office, c, of[c].bucket + pairs.buckets() + 1);
      pairs.Leave(offices + seat.client, c, of[c].bucket + pairs.buckets() + 1);
    }
  }
  pairs_.clear();
}

// Where an account was at several places of one group, its days count once.
void AccountReplay::AddGroup(std::span<const AtPlace* const> parts, GroupTally& into) const {
  GroupTally sum;
  std::vector<std::int64_t> days;
  std::array<std::vector<std::int64_t>, kViews> refused;
  for (const AtPlace* part : parts) {
    sum.Add(part->tally);
    days.insert(days.end(), part->days.begin(), part->days.end());
    for (std::size_t v = 0; v < kViews; ++v) {
      refused[v].insert(refused[v].end(), part->refused_days[v].begin(),
                        part->refused_days[v].end());
    }
  }
  sum.accounts = 1;
  sum.account_days = Distinct(std::move(days));
  for (std::size_t v = 0; v < kViews; ++v) {
    sum.views[v].accounts = refused[v].empty() ? 0 : 1;
    sum.views[v].account_days = Distinct(std::move(refused[v]));
  }
  into.Add(sum);
}

void AccountReplay::AddAccount(std::uint32_t account) {
  constexpr auto kDay = static_cast<std::size_t>(access::Window::kDay);
  const auto add = [&](const auto& group_of, std::vector<GroupTally>& groups) {
    std::vector<std::uint32_t> done;
    for (const AtPlace& first : at_places_) {
      const std::uint32_t group = group_of(first.place);
      if (std::ranges::find(done, group) != done.end()) continue;
      done.push_back(group);
      std::vector<const AtPlace*> parts;
      for (const AtPlace& at : at_places_) {
        if (group_of(at.place) == group) parts.push_back(&at);
      }
      AddGroup(parts, groups[group]);
    }
  };
  add([](std::uint32_t place) { return place; }, tally_.places);
  add([this](std::uint32_t place) { return ground_.grouping.role_of[place]; }, tally_.roles);
  add([this](std::uint32_t place) { return ground_.grouping.office_of[place]; }, tally_.offices);
  std::vector<const AtPlace*> parts;
  for (const AtPlace& at : at_places_) parts.push_back(&at);
  GroupTally whole;
  AddGroup(parts, whole);
  tally_.all.Add(whole);
  const auto most = std::ranges::max_element(at_places_, {},
                                             [](const AtPlace& at) { return at.tally.most[kDay]; });
  tally_.AddTop({account,
                 most->place,
                 whole.most,
                 whole.accesses,
                 {whole.views[0].accesses, whole.views[1].accesses}});
}

}  // namespace cloison::assess
