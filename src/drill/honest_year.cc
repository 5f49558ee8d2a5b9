#include "drill/honest_year.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "access/ceilings.h"
#include "access/observer.h"
#include "access/policy_in_force.h"
#include "base/events.h"
#include "drill/chance.h"
#include "sentinel/sentinel.h"

namespace cloison::drill {

namespace {

using access::Counter;
using access::Window;

constexpr std::int64_t kBeginMs = 1'704'672'000'000;  // 2024-01-08, a Monday
constexpr int kDays = 365, kWeek = 7, kWeekdays = 5;
constexpr int kLeaveDays = 25, kSummerFrom = 175, kSummerTo = 235, kReorganisedDays = 14;
constexpr std::size_t kAgentsPerOffice = 10, kCaseload = 150;
constexpr Counts kOwnPeople{25, 4}, kAbsences{0.5, 0.5};
constexpr double kDeclaredMore = 3;
constexpr std::int64_t kOpensMs = 9 * base::kHourMs, kHoursMs = 8 * base::kHourMs;
constexpr std::int64_t kEveningMs = 21 * base::kHourMs;  // 22 by Paris winter time
constexpr std::int64_t kClosedAfterMs = base::kDayMs;
constexpr int kPublicHolidays[] = {84, 114, 121, 122, 133, 181, 188, 219, 297, 308, 352};
constexpr char kAdviser[] = "adviser";

// What every agent of an office has alike.
struct Office {
  Office(std::uint64_t seed, std::size_t number) : draw(seed * 1'000'003 + number) {
    constexpr std::uint64_t kBurstsIn = 50, kUndeclaredIn = 10;
    for (bool& day : burst) day = draw.Below(kBurstsIn) == 0;
    reorganised = static_cast<int>(draw.Below(kDays - kReorganisedDays));
    undeclared = draw.Below(kUndeclaredIn) == 0;
  }
  bool IsReorganised(int day) const {
    return day >= reorganised && day < reorganised + kReorganisedDays;
  }
  Draw draw;
  std::array<bool, kDays> burst{};
  int reorganised = 0;
  bool undeclared = false;
};

struct Look {
  enum class What { kOwn, kStranger, kAbsent, kNobody };
  std::int64_t at_ms;
  What what;
};

// The detectors of one thread.
class Watching {
 public:
  Watching(std::shared_ptr<const access::Policy> policy, base::Random& random)
      : state_(RegisterId(1), 1, crypto::Secret<32>(random), random),
        ceilings_(state_),
        policy_(std::move(policy)) {
    sentinel_.Stand({policy_, state_, ceilings_, random, events_});
  }
  sentinel::Sentinel& sentinel() { return sentinel_; }
  const access::Policy& policy() const { return policy_.Now(); }

 private:
  base::NullEventSink events_;
  commit::SealedState state_;
  access::Ceilings ceilings_;
  access::PolicyInForce policy_;
  sentinel::Sentinel sentinel_;
};

// One agent, and what was asked of it.
class Agent {
 public:
  Agent(Watching& watching, const access::BudgetClass& of, std::uint64_t seed, std::size_t number,
        Benign& sum)
      : sentinel_(watching.sentinel()),
        class_(of),
        draw_(seed * 7'919 + number),
        office_(seed, number / kAgentsPerOffice),
        windows_(of.caps),
        sum_(sum) {
    info_.role = kAdviser;
    watch_ = sentinel_.NewWatch(kBeginMs);
    own_habit_ = 0.75 + Uniform(draw_) / 2;
    stranger_habit_ = 0.8 + Uniform(draw_) * 0.4;
    // Two of three days of leave in summer, in one piece.
    constexpr int kInSummer = 16;
    const int from = kSummerFrom + static_cast<int>(draw_.Below(kSummerTo - kSummerFrom - 23));
    for (int i = 0; i < kInSummer * kWeek / kWeekdays; ++i) leave_[from + i] = true;
    for (int i = 0; i < kLeaveDays - kInSummer; ++i) leave_[draw_.Below(kDays)] = true;
  }

  void Live() {
    for (int day = 0; day < kDays; ++day) {
      const bool works = day % kWeek < kWeekdays && !leave_[day] &&
                         std::ranges::find(kPublicHolidays, day) == std::end(kPublicHolidays);
      if (!works) continue;
      for (const Look& look : LooksOf(day)) Take(look);
      (void)windows_.Prune(now_ms_);
    }
    sum_.agent_years += 1;
  }

 private:
  std::vector<Look> LooksOf(int day) {
    const double year = static_cast<double>(day) / kDays;
    double own = kOwnPeople.mean * own_habit_ * (1 + 0.2 * year);
    double strangers = kHonestStrangers.mean * stranger_habit_ * (1 + 0.1 * year);
    if (office_.burst[day]) own *= 3, strangers *= 2;
    if (day >= kSummerFrom && day < kSummerTo) own *= 1.25, strangers *= 1.25;
    if (office_.IsReorganised(day)) {
      own *= 1.3;
      strangers += office_.undeclared ? kDeclaredMore : 0;
    }
    constexpr std::uint64_t kNobodyIn = 10'000, kEveningIn = 300;
    const bool evening = draw_.Below(kEveningIn) == 0;
    std::vector<Look> looks;
    const auto add = [&](std::uint64_t count, Look::What what) {
      for (std::uint64_t i = 0; i < count; ++i) looks.push_back({TimeOf(day, evening), what});
    };
    add(CountOf({own, kOwnPeople.shape}, draw_), Look::What::kOwn);
    add(CountOf({strangers, kHonestStrangers.shape}, draw_), Look::What::kStranger);
    add(CountOf(kAbsences, draw_), Look::What::kAbsent);
    add(draw_.Below(kNobodyIn) == 0 ? 1 : 0, Look::What::kNobody);
    std::ranges::sort(looks, {}, &Look::at_ms);
    return looks;
  }

  std::int64_t TimeOf(int day, bool evening) {
    constexpr std::uint64_t kEveningShare = 10;
    const std::int64_t day_ms = kBeginMs + day * base::kDayMs;
    if (evening && draw_.Below(kEveningShare) == 0) {
      return day_ms + kEveningMs + static_cast<std::int64_t>(draw_.Below(base::kHourMs / 2));
    }
    return day_ms + kOpensMs + static_cast<std::int64_t>(draw_.Below(kHoursMs));
  }

  void Take(const Look& look) {
    now_ms_ = look.at_ms;
    ++sum_.accesses;
    if (case_.has_value() && now_ms_ >= closes_ms_) {
      sentinel_.EndCase(*watch_, *case_, now_ms_);
      case_.reset();
    }
    const access::Hold hold = sentinel_.HoldOn(info_, class_.name, *watch_, now_ms_);
    const bool held = hold.rung >= access::Rung::kSecondPerson;
    windows_.SetCaps(held ? access::Divided(class_.caps, access::kBudgetsDividedBy) : class_.caps);
    if (held && look.what != Look::What::kOwn) {
      ++sum_.refused;
      return;
    }
    access::ObservedShowing showing = ShowingOf(look);
    const access::Showing charged{showing.name, showing.counters};
    if (windows_.WouldPass(now_ms_, {&charged, 1}).has_value()) {
      ++sum_.refused;
      return;
    }
    if (const access::SeenTimes* const before = windows_.Find(showing.name)) {
      showing.before = *before;
    }
    windows_.Debit(now_ms_, {&charged, 1});
    See(showing);
  }

  access::ObservedShowing ShowingOf(const Look& look) {
    access::ObservedShowing showing{};
    const bool own = look.what == Look::What::kOwn;
    const std::uint64_t person = own ? draw_.Below(kCaseload) : kCaseload + ++strangers_;
    std::ranges::copy(base::BigU64(person), showing.name.begin());
    showing.counters.Add(Counter::kGlimpsed);
    if (!own) showing.counters.Add(Counter::kGlimpsedOff);
    if (own || look.what == Look::What::kStranger) showing.counters.Add(Counter::kOpened);
    if (look.what == Look::What::kStranger) showing.counters.Add(Counter::kOpenedOff);
    constexpr std::uint64_t kSensitiveIn = 10;
    if (own && draw_.Below(kSensitiveIn) == 0) showing.counters.Add(Counter::kSensitive);
    if (look.what == Look::What::kAbsent) showing.marks = access::Marks::Absent();
    if (look.what == Look::What::kNobody) showing.marks = access::Marks::Nobodys();
    return showing;
  }

  // As access::Principals tells its observer (principals_watch.cc).
  void See(const access::ObservedShowing& showing) {
    access::Acting acting{info_, class_.name, {}};
    acting.time.budget_ms = acting.time.wall_ms = now_ms_;
    for (std::size_t c = 0; c < access::kCounters; ++c) {
      const auto counter = static_cast<Counter>(c);
      const std::uint64_t cap = windows_.caps().cap(counter, Window::kDay);
      if (!showing.counters.Has(counter) || cap == 0) continue;
      const std::uint64_t left = windows_.Left(counter, Window::kDay, now_ms_);
      acting.spent = acting.spent || left == 0;
      acting.worn = acting.worn || (cap - std::min(left, cap)) * 100 >= cap * access::kWornPercent;
    }
    for (const access::RungChange& change : sentinel_.See(acting, *watch_, {&showing, 1})) {
      if (change.pool.has_value()) continue;  // agents live one after the other: there is no pool
      const auto rose = [&change](access::Rung rung) {
        return change.from < rung && change.to >= rung ? 1 : 0;
      };
      sum_.r2 = *sum_.r2 + rose(access::Rung::kStepUp);
      sum_.r3 = *sum_.r3 + rose(access::Rung::kSecondPerson);
      sum_.r4 = *sum_.r4 + rose(access::Rung::kFrozen);
      if (!change.file.has_value() || case_.has_value()) continue;
      case_ = change.file;
      closes_ms_ = now_ms_ + kClosedAfterMs;
    }
  }

  sentinel::Sentinel& sentinel_;
  const access::BudgetClass& class_;
  Draw draw_;
  const Office office_;
  access::Windows windows_;
  Benign& sum_;
  access::PrincipalInfo info_{PrincipalId(ByteArray<16>{1}), OrganisationId(1), {}, "", "", false};
  std::unique_ptr<access::Watch> watch_;
  double own_habit_ = 1, stranger_habit_ = 1;
  std::array<bool, kDays> leave_{};
  std::int64_t now_ms_ = kBeginMs, closes_ms_ = 0;
  std::optional<access::CaseId> case_;
  std::uint64_t strangers_ = 0;
};

}  // namespace

Result<Benign> LiveAYear(std::size_t agents, std::uint64_t seed,
                         std::shared_ptr<const access::Policy> policy, base::Random& random) {
  if (agents == 0 || agents > kYearAgentsMax) {
    return Error{Code::kInvalid, "a year has 1 to 1,000,000 agents"};
  }
  CLOISON_TRY_ASSIGN(const access::BudgetClass* const of, policy->ClassOf(kAdviser));
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  std::atomic<std::size_t> next{0};
  std::vector<Benign> sums(cores);
  for (Benign& sum : sums) sum.r2 = sum.r3 = sum.r4 = 0;
  std::vector<std::jthread> threads;
  for (std::size_t core = 0; core < cores; ++core) {
    threads.emplace_back([&, core] {
      Watching watching(policy, random);
      for (std::size_t i = next++; i < agents; i = next++) {
        Agent(watching, *of, seed, i, sums[core]).Live();
      }
    });
  }
  threads.clear();
  Benign all;
  all.r2 = all.r3 = all.r4 = 0;
  for (const Benign& sum : sums) {
    all.agent_years += sum.agent_years;
    all.accesses += sum.accesses;
    all.refused += sum.refused;
    all.r2 = *all.r2 + *sum.r2;
    all.r3 = *all.r3 + *sum.r3;
    all.r4 = *all.r4 + *sum.r4;
  }
  return all;
}

}  // namespace cloison::drill
