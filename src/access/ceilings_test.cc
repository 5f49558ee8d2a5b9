// Ceilings against the dullest model there is: every showing ever, and counting.
#include "access/ceilings.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/testing/seeded_executor.h"
#include "base/testing/seeded_random.h"
#include "store/memory/memory_store.h"

namespace cloison::access {
namespace {

constexpr std::int64_t kBegin = 100 * base::kDayMs;

SeenId Person(std::uint32_t principal, std::uint32_t person) {
  SeenId id{};
  const ByteArray<8> bytes = base::BigU64((std::uint64_t{principal} << 32 | person) + 1);
  std::copy(bytes.begin(), bytes.end(), id.begin());
  return id;
}

CounterSet Opened() {
  return CounterSet().Add(Counter::kGlimpsed).Add(Counter::kOpened);
}
CounterSet Glimpsed() {
  return CounterSet().Add(Counter::kGlimpsed);
}

CeilingSpec Spec(Scope scope, std::int64_t bucket_ms, std::uint32_t buckets, std::uint32_t cap) {
  CeilingSpec spec{scope, {}, {}, bucket_ms, buckets, {}};
  spec.caps.fill(cap);
  return spec;
}

// What all showings there ever were say of one scope and counter.
class Model {
 public:
  struct Shown {
    std::int64_t at_ms;
    SeenId pair;
  };
  using ScopeName = std::tuple<Scope, std::uint32_t, std::uint32_t>;

  static std::optional<ScopeName> NameOf(Scope scope, const Asker& asker) {
    switch (scope) {
      case Scope::kOffice: return ScopeName{scope, asker.organisation.value(), asker.seat.office};
      case Scope::kOrganisation: return ScopeName{scope, asker.organisation.value(), 0};
      case Scope::kClient: return ScopeName{scope, 0, asker.seat.client};
      default: return ScopeName{scope, 0, 0};
    }
  }
  void Show(std::int64_t at_ms, const Asker& asker, const Showing& showing) {
    for (std::size_t s = 1; s < kScopes; ++s) {
      const auto name = NameOf(static_cast<Scope>(s), asker);
      for (std::size_t c = 0; c < kCounters; ++c) {
        if (showing.counters.Has(static_cast<Counter>(c)))
          shown_[{*name, c}].push_back({at_ms, showing.who});
      }
    }
  }
  // Pairs whose latest showing lies in the last n + 1 buckets.
  std::set<SeenId> Counted(const ScopeName& name, std::size_t counter, const CeilingSpec& spec,
                           std::int64_t now_ms) const {
    std::set<SeenId> pairs;
    const auto found = shown_.find({name, counter});
    if (found == shown_.end()) return pairs;
    for (const Shown& one : found->second) {
      const std::int64_t age = now_ms / spec.bucket_ms - one.at_ms / spec.bucket_ms;
      if (age <= spec.buckets) pairs.insert(one.pair);
    }
    return pairs;
  }
  // The most pairs in any interval [a, a + n * d).
  std::size_t Most(const CeilingSpec& spec) const {
    std::size_t most = 0;
    for (const auto& [name, shown] : shown_) {
      if (std::get<0>(name.first) != spec.scope) continue;
      std::map<SeenId, std::size_t> inside;
      std::size_t end = 0;
      for (std::size_t begin = 0; begin < shown.size(); ++begin) {
        const std::int64_t until = shown[begin].at_ms + spec.bucket_ms * spec.buckets;
        for (; end < shown.size() && shown[end].at_ms < until; ++end) ++inside[shown[end].pair];
        most = std::max(most, inside.size());
        if (const auto it = inside.find(shown[begin].pair); --it->second == 0) inside.erase(it);
      }
    }
    return most;
  }

 private:
  std::map<std::pair<ScopeName, std::size_t>, std::vector<Shown>> shown_;
};

class CeilingsTest : public testing::Test {
 protected:
  CeilingsTest() { Restart({}); }

  template <class T>
  T Wait(Task<T> task) {
    std::optional<T> out = executor_.Wait(std::move(task));
    EXPECT_TRUE(out.has_value());
    return std::move(*out);
  }
  void Restart(std::optional<std::int64_t> began_ms) {
    ceilings_ = std::make_unique<Ceilings>(state_);
    EXPECT_TRUE(Wait(ceilings_->Recover(store_, began_ms)).ok());
    ceilings_->SetSpecs(specs_);
  }
  void SetSpecs(std::vector<CeilingSpec> specs) {
    specs_ = std::move(specs);
    ceilings_->SetSpecs(specs_);
  }
  commit::Staging Batch() {
    return {store_, recent_, ++version_, commit::BatchTime{now_ms_, now_ms_}};
  }
  void Write(commit::Staging& staging) {
    ceilings_->Close(staging);
    EXPECT_TRUE(Wait(store_.Commit(staging.TakeWrites())).ok());
  }
  struct Account {
    Asker asker{OrganisationId(1), {1, 1}};
    Windows windows{NoCaps()};
  };
  static Caps NoCaps() {
    Caps caps;
    for (auto& of : caps.of) of.fill(UINT32_MAX / 2);
    return caps;
  }
  std::optional<Spent> Would(const Account& account, std::span<const Showing> showings) {
    return ceilings_->WouldPass(now_ms_, account.asker, account.windows, showings);
  }
  void Charge(Account& account, std::span<const Showing> showings) {
    for (const Showing& showing : showings) {
      ceilings_->Move(now_ms_, account.asker, account.windows.FindSeen(showing.who), showing);
      account.windows.Debit(now_ms_, {&showing, 1}, account.asker.seat);
    }
  }
  // One work in a batch of its own.
  std::optional<Spent> Show(Account& account, std::vector<Showing> showings) {
    commit::Staging staging = Batch();
    ceilings_->Begin(staging);
    const auto spent = Would(account, showings);
    if (!spent.has_value()) Charge(account, showings);
    Write(staging);
    return spent;
  }

  base::testing::SeededExecutor executor_{1};
  base::testing::SeededRandom random_{1};
  store::MemoryStore store_;
  commit::RecentChanges recent_;
  commit::SealedState state_{RegisterId(1), 1, crypto::Secret<32>{}, random_};
  std::vector<CeilingSpec> specs_;
  std::unique_ptr<Ceilings> ceilings_;
  std::int64_t now_ms_ = kBegin;
  store::Version version_ = 0;
};

TEST_F(CeilingsTest, EachScopeHasItsOwn) {
  struct Row {
    const char* why;
    Scope scope;
    Asker other;
    bool shares;
  };
  const Row rows[] = {
      {"another office of the same organisation",
       Scope::kOffice,
       {OrganisationId(1), {2, 1}},
       false},
      {"an office of that number elsewhere", Scope::kOffice, {OrganisationId(2), {1, 1}}, false},
      {"a colleague", Scope::kOffice, {OrganisationId(1), {1, 2}}, true},
      {"no office", Scope::kOffice, {OrganisationId(1), {kManySeats, 1}}, false},
      {"the organisation counts its offices",
       Scope::kOrganisation,
       {OrganisationId(1), {2, 2}},
       true},
      {"not those of another", Scope::kOrganisation, {OrganisationId(2), {1, 1}}, false},
      {"a client counts all that use it", Scope::kClient, {OrganisationId(2), {2, 1}}, true},
      {"not those of another client", Scope::kClient, {OrganisationId(1), {1, 2}}, false},
      {"the register counts everybody", Scope::kRegister, {OrganisationId(2), {2, 2}}, true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    ceilings_ = std::make_unique<Ceilings>(state_);
    SetSpecs({Spec(row.scope, base::kHourMs, 24, 1)});
    Account first, second;
    second.asker = row.other;
    EXPECT_EQ(Show(first, {{Person(1, 1), Opened()}}), std::nullopt);
    const auto spent = Show(second, {{Person(2, 1), Opened()}});
    EXPECT_EQ(spent.has_value(), row.shares);
    if (spent.has_value()) {
      EXPECT_EQ(*spent, (Spent{Counter::kOpened, Window::kDay, row.scope}));
    }
  }
}

TEST_F(CeilingsTest, TheStrictestOfSeveralHolds) {
  CeilingSpec own = Spec(Scope::kOrganisation, base::kHourMs, 24, 1);
  own.organisation = OrganisationId(2);
  CeilingSpec glimpsed = Spec(Scope::kRegister, base::kHourMs, 24, 9);
  glimpsed.caps = {};
  glimpsed.caps[static_cast<std::size_t>(Counter::kGlimpsed)] = 4;
  SetSpecs({Spec(Scope::kOrganisation, base::kHourMs, 24, 3), own, glimpsed});
  Account first, second;
  second.asker.organisation = OrganisationId(2);
  EXPECT_EQ(Show(second, {{Person(2, 1), Opened()}}), std::nullopt);
  EXPECT_EQ(Show(second, {{Person(2, 2), Opened()}})->scope, Scope::kOrganisation);
  for (std::uint32_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(Show(first, {{Person(1, i), Opened()}}), std::nullopt);
  }
  const auto full = Show(first, {{Person(1, 4), Glimpsed()}});
  EXPECT_EQ(full, (Spent{Counter::kGlimpsed, Window::kDay, Scope::kOrganisation}));
}

TEST_F(CeilingsTest, ARequestIsCheckedAsOne) {
  SetSpecs({Spec(Scope::kRegister, base::kHourMs, 24, 2)});
  Account account;
  EXPECT_TRUE(
      Show(account, {{Person(1, 1), Opened()}, {Person(1, 2), Opened()}, {Person(1, 3), Opened()}})
          .has_value());
  EXPECT_FALSE(
      Show(account,
           {{Person(1, 1), Opened()}, {Person(1, 2), Glimpsed()}, {Person(1, 1), Glimpsed()}})
          .has_value());
}

// A pair that cannot be told from one counted elsewhere is counted again: never too few.
TEST_F(CeilingsTest, WhoMovesCountsInBoth) {
  SetSpecs({Spec(Scope::kOffice, base::kHourMs, 24, 2), Spec(Scope::kClient, base::kHourMs, 24, 2),
            Spec(Scope::kRegister, base::kHourMs, 24, 1)});
  Account account;
  EXPECT_EQ(Show(account, {{Person(1, 1), Opened()}}), std::nullopt);
  account.asker.seat = {2, 2};
  now_ms_ += base::kHourMs;
  EXPECT_EQ(Show(account, {{Person(1, 1), Opened()}}), std::nullopt);  // the register's one pair
  const Spent office{Counter::kOpened, Window::kDay, Scope::kOffice};
  const Spent client{Counter::kOpened, Window::kDay, Scope::kClient};
  for (const std::uint32_t seat : {1u, 2u}) {
    const Asker asker{OrganisationId(1), {seat, seat}};
    EXPECT_EQ(ceilings_->Counted(office, asker, now_ms_), 1u);
    EXPECT_EQ(ceilings_->Counted(client, asker, now_ms_), 1u);
  }
  // A glimpse alone from a third seat: the opening stays where it was, and nobody takes it away.
  account.asker.seat = {3, 2};
  now_ms_ += base::kHourMs;
  EXPECT_EQ(Show(account, {{Person(1, 1), Glimpsed()}}), std::nullopt);
  account.asker.seat = {2, 2};
  EXPECT_EQ(Show(account, {{Person(1, 1), Opened()}}), std::nullopt);
  EXPECT_EQ(ceilings_->Counted(office, {OrganisationId(1), {2, 2}}, now_ms_), 2u);
  EXPECT_EQ(ceilings_->Counted(client, {OrganisationId(1), {2, 2}}, now_ms_), 1u);
  const Spent all{Counter::kOpened, Window::kDay, Scope::kRegister};
  EXPECT_EQ(ceilings_->Counted(all, account.asker, now_ms_), 1u);
}

TEST_F(CeilingsTest, AfterACeremonyNobodyKnowsWhatWasShown) {
  SetSpecs({Spec(Scope::kOrganisation, base::kHourMs, 24, 5)});
  Account account;
  EXPECT_EQ(Show(account, {{Person(1, 1), Opened()}}), std::nullopt);
  Restart(now_ms_);
  EXPECT_EQ(Show(account, {{Person(1, 1), Opened()}}), std::nullopt);
  const std::int64_t ceremony_ms = now_ms_;
  for (; now_ms_ < ceremony_ms + base::kDayMs; now_ms_ += base::kHourMs) {
    EXPECT_TRUE(Show(account, {{Person(1, 2), Opened()}}).has_value());
  }
  now_ms_ += base::kHourMs;
  EXPECT_EQ(Show(account, {{Person(1, 2), Opened()}}), std::nullopt);
}

TEST_F(CeilingsTest, ANewCeilingCountsFromThenOn) {
  Account account;
  EXPECT_EQ(Show(account, {{Person(1, 1), Opened()}, {Person(1, 2), Opened()}}), std::nullopt);
  now_ms_ += 1;
  SetSpecs({Spec(Scope::kRegister, base::kHourMs, 24, 1)});
  // Counted again, though it was shown before the ceiling came: the other pair must not be free.
  EXPECT_EQ(Show(account, {{Person(1, 1), Opened()}}), std::nullopt);
  EXPECT_TRUE(Show(account, {{Person(1, 2), Opened()}}).has_value());
  SetSpecs({Spec(Scope::kRegister, base::kHourMs, 24, 2)});  // another cap, the same count
  EXPECT_EQ(Show(account, {{Person(1, 2), Opened()}}), std::nullopt);
  EXPECT_TRUE(Show(account, {{Person(1, 3), Opened()}}).has_value());
  EXPECT_EQ(ceilings_->FreesIn({Counter::kOpened, Window::kDay, Scope::kRegister}, now_ms_),
            base::kHourMs - 1);
}

TEST_F(CeilingsTest, PresencesCountForThemselves) {
  CeilingSpec present = Spec(Scope::kOffice, base::kHourMs, 24, 2);
  present.family = ShowingFamily::kPresence;
  SetSpecs({Spec(Scope::kOffice, base::kHourMs, 24, 1), present});
  Account account, others;  // windows of two families
  const auto there = [](std::uint32_t person) {
    return Showing{Person(2, person), Opened(), ShowingFamily::kPresence};
  };
  EXPECT_EQ(Show(account, {{Person(1, 1), Opened()}}), std::nullopt);
  EXPECT_TRUE(Show(account, {{Person(1, 2), Opened()}}).has_value());
  EXPECT_EQ(Show(others, {there(1)}), std::nullopt);
  EXPECT_EQ(Show(others, {there(2)}), std::nullopt);
  EXPECT_EQ(Show(others, {there(1)}), std::nullopt);  // counted from this seat already
  const Spent spent{Counter::kOpened, Window::kDay, Scope::kOffice, ShowingFamily::kPresence};
  EXPECT_EQ(Show(others, {there(3)}), spent);
  EXPECT_EQ(ceilings_->Counted(spent, others.asker, now_ms_), 2u);
  specs_ = {present};
  Restart({});
  EXPECT_EQ(Show(others, {there(3)}), spent);
  EXPECT_EQ(Show(account, {{Person(1, 2), Opened()}}), std::nullopt);
}

// What a ceiling of other buckets begins with.
TEST_F(CeilingsTest, OtherBucketsBeginWithWhatMayHaveBeenShown) {
  using Specs = std::vector<CeilingSpec>;
  const auto of = [](std::int64_t bucket_ms, std::uint32_t buckets, std::uint32_t cap) {
    return Spec(Scope::kRegister, bucket_ms, buckets, cap);
  };
  const auto hour = base::kHourMs, day = base::kDayMs;
  struct Row {
    const char* why;
    std::int64_t days;  // that `before` has been in force
    Specs before, after;
    std::uint32_t left;  // after three were shown
  };
  const Row rows[] = {
      {"the same buckets go on", 8, {of(hour, 24, 9)}, {of(hour, 24, 5)}, 2},
      {"a day in other buckets", 8, {of(hour, 24, 9)}, {of(hour / 2, 48, 9)}, 6},
      {"an hour: all of the day may have been in it",
       8,
       {of(hour, 24, 9)},
       {of(hour / 4, 4, 9)},
       6},
      {"a week: six days of nine before", 8, {of(hour, 24, 9)}, {of(day, 7, 60)}, 3},
      {"a week that is full already", 8, {of(hour, 24, 9)}, {of(day, 7, 50)}, 0},
      {"a week, and nobody knows of more than three days",
       3,
       {of(hour, 24, 9)},
       {of(day, 7, 60)},
       0},
      {"beside the one that stays", 8, {of(hour, 24, 9)}, {of(hour, 24, 9), of(day, 7, 50)}, 6},
      {"which is lower now", 8, {of(hour, 24, 9)}, {of(hour, 24, 8), of(day, 7, 50)}, 5},
      {"which is higher now", 8, {of(hour, 24, 9)}, {of(hour, 24, 10), of(day, 7, 60)}, 3},
      {"there was none", 8, {}, {of(day, 7, 5)}, 5},
  };
  for (const Row& row : rows) {
    for (const bool restarts : {false, true}) {
      SCOPED_TRACE(row.why);
      now_ms_ += 40 * base::kDayMs;
      SetSpecs({});
      Account account, other;
      EXPECT_EQ(Show(account, {{Person(9, 1), Opened()}}), std::nullopt);
      SetSpecs(row.before);
      EXPECT_EQ(Show(account, {{Person(9, 2), Opened()}}), std::nullopt);
      now_ms_ += row.days * base::kDayMs;
      for (std::uint32_t i = 0; i < 3; ++i) {
        EXPECT_EQ(Show(account, {{Person(1, i), Opened()}}), std::nullopt);
      }
      now_ms_ += base::kMinuteMs;
      specs_ = row.after;
      restarts ? Restart({}) : SetSpecs(specs_);
      std::uint32_t shown = 0;
      while (!Show(other, {{Person(2, shown), Opened()}}).has_value()) ++shown;
      EXPECT_EQ(shown, row.left);
    }
  }
}

// What a third policy finds: counts that the second began, which say nothing of before it.
TEST_F(CeilingsTest, AYoungCountSaysNothingOfBefore) {
  using Specs = std::vector<CeilingSpec>;
  const auto of = [](std::int64_t bucket_ms, std::uint32_t buckets, std::uint32_t cap) {
    return Spec(Scope::kRegister, bucket_ms, buckets, cap);
  };
  const auto hour = base::kHourMs, day = base::kDayMs;
  struct Row {
    const char* why;
    Specs first, second, third;
    std::uint32_t left;  // after all nine of the first
  };
  const Row rows[] = {
      {"a week beside the day, then the day in other buckets",
       {of(hour, 24, 9)},
       {of(hour, 24, 9), of(day, 7, 50)},
       {of(2 * hour, 12, 9), of(day, 7, 50)},
       0},
      {"a week beside the day, then the week alone",
       {of(hour, 24, 9)},
       {of(hour, 24, 9), of(day, 7, 50)},
       {of(day, 7, 50)},
       0},
      {"a month, then a strict week beside it, then the month in other buckets",
       {of(day, 31, 9)},
       {of(day, 31, 9), of(day, 7, 2)},
       {of(day / 2, 62, 9)},
       0},
      {"a day of many, then of few, then a week: the days before were of many",
       {of(hour, 24, 9)},
       {of(hour, 24, 1)},
       {of(day, 7, 40)},
       0},
      {"a strict day, then the first again in a longer week: nobody knows how many were shown",
       {of(hour, 24, 9)},
       {of(hour / 2, 48, 2), of(day, 31, 5)},
       {of(hour / 2, 48, 9), of(day, 31, 60)},
       0},
      {"the day stays: it bounds who was shown before",
       {of(hour, 24, 9)},
       {of(hour, 24, 9), of(day, 7, 50)},
       {of(hour, 24, 9), of(day, 7, 60)},
       0},
  };
  for (const Row& row : rows) {
    for (const bool restarts : {false, true}) {
      SCOPED_TRACE(row.why);
      now_ms_ += 80 * base::kDayMs;
      SetSpecs({});
      Account account, other;
      EXPECT_EQ(Show(account, {{Person(9, 1), Opened()}}), std::nullopt);
      SetSpecs(row.first);
      EXPECT_EQ(Show(account, {{Person(9, 2), Opened()}}), std::nullopt);
      now_ms_ += 40 * base::kDayMs;
      for (std::uint32_t i = 0; i < 9; ++i) {
        EXPECT_EQ(Show(account, {{Person(1, i), Opened()}}), std::nullopt);
      }
      for (const Specs& specs : {row.second, row.third}) {
        now_ms_ += base::kMinuteMs;
        specs_ = specs;
        restarts ? Restart({}) : SetSpecs(specs_);
        std::uint32_t shown = 0;
        while (!Show(other, {{Person(2, shown), Opened()}}).has_value()) ++shown;
        EXPECT_EQ(shown, row.left);
      }
    }
  }
}

// While a ceiling is away nobody is counted: what its row still says must not make them free.
TEST_F(CeilingsTest, ACeilingThatComesBackBeginsAnew) {
  const std::vector<CeilingSpec> specs{Spec(Scope::kRegister, base::kHourMs, 24, 2)};
  for (const bool restarts : {false, true}) {
    SCOPED_TRACE(restarts);
    now_ms_ += 40 * base::kDayMs;
    SetSpecs(specs);
    Account account;
    EXPECT_EQ(Show(account, {{Person(1, 1), Opened()}}), std::nullopt);
    now_ms_ += base::kMinuteMs;
    SetSpecs({});
    if (restarts) Restart({});
    for (std::uint32_t i = 2; i < 6; ++i) {
      EXPECT_EQ(Show(account, {{Person(1, i), Opened()}}), std::nullopt);
    }
    now_ms_ += base::kMinuteMs;
    specs_ = specs;
    if (restarts) {
      Restart({});
    } else {
      SetSpecs(specs);
    }
    EXPECT_EQ(Show(account, {{Person(1, 2), Opened()}}), std::nullopt);
    EXPECT_EQ(Show(account, {{Person(1, 3), Opened()}}), std::nullopt);
    EXPECT_TRUE(Show(account, {{Person(1, 4), Opened()}}).has_value());
  }
}

TEST_F(CeilingsTest, WhatIsRolledBackWasNeverCounted) {
  SetSpecs(
      {Spec(Scope::kRegister, base::kHourMs, 24, 2), Spec(Scope::kOffice, base::kDayMs, 7, 2)});
  Account account;
  EXPECT_EQ(Show(account, {{Person(1, 1), Opened()}}), std::nullopt);
  now_ms_ += base::kHourMs;
  commit::Staging staging = Batch();
  ceilings_->Begin(staging);
  const std::size_t mark = ceilings_->Mark();
  Account lost = account;
  Charge(lost, std::vector<Showing>{{Person(1, 1), Opened()}, {Person(1, 2), Opened()}});
  EXPECT_NE(ceilings_->Mark(), mark);
  ceilings_->Rollback(mark);
  EXPECT_EQ(ceilings_->Mark(), mark);
  ceilings_->Close(staging);
  EXPECT_EQ(staging.staged_rows(), 0u);
  EXPECT_EQ(Show(account, {{Person(1, 3), Opened()}}), std::nullopt);
  EXPECT_TRUE(Show(account, {{Person(1, 4), Opened()}}).has_value());
  now_ms_ += 24 * base::kHourMs;  // the first pair lies where it lay
  EXPECT_EQ(Show(account, {{Person(1, 4), Glimpsed()}})->scope, Scope::kOffice);
}

TEST_F(CeilingsTest, ScopesHaveALimit) {
  SetSpecs({Spec(Scope::kClient, base::kHourMs, 24, 2)});
  commit::Staging staging = Batch();
  ceilings_->Begin(staging);
  const Windows nobody(NoCaps());
  const Showing showing{Person(1, 1), Opened()};
  Asker asker{OrganisationId(1), {1, 0}};
  for (; asker.seat.client < kCeilingScopesMax; ++asker.seat.client) {
    ASSERT_EQ(ceilings_->WouldPass(now_ms_, asker, nobody, {&showing, 1}), std::nullopt);
  }
  EXPECT_EQ(ceilings_->WouldPass(now_ms_, asker, nobody, {&showing, 1})->scope, Scope::kClient);
}

TEST_F(CeilingsTest, ARowIsReadInItsPlaceAlone) {
  SetSpecs({Spec(Scope::kOffice, base::kHourMs, 24, 9)});
  Account first, second;
  second.asker.seat.office = 2;
  (void)Show(first, {{Person(1, 1), Opened()}});
  (void)Show(second, {{Person(2, 1), Opened()}});
  const LaneSum sum = ceilings_->sum();
  Restart({});
  EXPECT_EQ(ceilings_->sum(), sum);
  const auto page =
      Wait(store_.Scan(store::Range{store::Family::kCeilings, "", ""}, store::kScanRowsMax));
  ASSERT_EQ(page->rows.size(), 2u);
  store::WriteSet writes;
  writes.puts.push_back({{store::Family::kCeilings, page->rows[0].key}, page->rows[1].row.value});
  ASSERT_TRUE(Wait(store_.Commit(std::move(writes))).ok());
  Ceilings again(state_);
  EXPECT_EQ(Wait(again.Recover(store_, {})).error().code(), Code::kCorrupt);
}

// All schedules of up to five showings of three pairs, at pauses around the edges of a bucket.
TEST_F(CeilingsTest, SmallWorlds) {
  constexpr std::int64_t kD = base::kMinuteMs;
  constexpr std::int64_t kPauses[] = {0, 1, kD - 1, kD};
  constexpr std::uint32_t kPairs = 3;
  constexpr std::size_t kLength = 5;
  constexpr std::uint64_t kChoices = std::size(kPauses) * kPairs;
  std::size_t refused = 0;
  for (const auto& [buckets, cap] : {std::pair(1u, 1u), std::pair(1u, 2u), std::pair(2u, 2u)}) {
    const CeilingSpec spec = Spec(Scope::kRegister, kD, buckets, cap);
    for (std::uint64_t world = 0; world < kChoices * kChoices * kChoices * kChoices * kChoices;
         ++world) {
      Ceilings ceilings(state_);
      ceilings.SetSpecs({spec});
      Account account;
      Model model;
      now_ms_ = 10 * kD;
      commit::Staging staging = Batch();
      ceilings.Begin(staging);
      std::uint64_t left = world;
      for (std::size_t i = 0; i < kLength; ++i, left /= kChoices) {
        now_ms_ += kPauses[left % std::size(kPauses)];
        const std::uint64_t pair = left / std::size(kPauses) % kPairs;
        const Showing showing{Person(1, static_cast<std::uint32_t>(pair)), Glimpsed()};
        const auto name = *Model::NameOf(Scope::kRegister, account.asker);
        std::set<SeenId> counted = model.Counted(name, 3, spec, now_ms_);
        const bool want = counted.contains(showing.who) || counted.size() < cap;
        const auto spent =
            ceilings.WouldPass(now_ms_, account.asker, account.windows, {&showing, 1});
        ASSERT_EQ(!spent.has_value(), want) << "world " << world;
        if (spent.has_value()) {
          ++refused;
          continue;
        }
        ceilings.Move(now_ms_, account.asker, account.windows.FindSeen(showing.who), showing);
        account.windows.Debit(now_ms_, {&showing, 1}, account.asker.seat);
        model.Show(now_ms_, account.asker, showing);
      }
      ASSERT_LE(model.Most(spec), cap) << "world " << world;
    }
  }
  EXPECT_GT(refused, 100'000u);
}

}  // namespace
}  // namespace cloison::access
