#include "sentinel/sentinel.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace cloison::sentinel {

using access::Acting;
using access::Counter;
using access::Evidence;
using access::Hold;
using access::ObservedShowing;
using access::RungChange;
using access::Scale;

namespace {

constexpr std::uint8_t kOddHours = 1, kNewKey = 2;
constexpr std::uint32_t kStrangeFrom = 3;  // people opened off the caseload that day
constexpr std::int64_t kParisMs = base::kHourMs;
constexpr std::int64_t kMonthMs = access::kWindowMs[access::kWindows - 1];

std::uint32_t DayOf(std::int64_t now_ms) {
  return static_cast<std::uint32_t>(now_ms / base::kDayMs);
}

Rung RungOf(const access::RungThresholds& at, double weighed) {
  if (weighed >= at.frozen) return Rung::kFrozen;
  if (weighed >= at.second_person) return Rung::kSecondPerson;
  if (weighed >= at.step_up) return Rung::kStepUp;
  return weighed >= at.purpose_text ? Rung::kPurposeText : Rung::kNone;
}

}  // namespace

// Adds up one call.
struct Sentinel::Count {
  PrincipalWatch& watch;
  const ClassBounds& bounds;
  std::int64_t now_ms;
  bool crossed = false;  // a bound was reached: M is another
  bool decoy = false;

  void To(Score score, std::uint32_t value) {
    TailState& state = watch.scores[static_cast<std::size_t>(score)];
    if (value <= state.score) return;
    for (const TailBound& bound : *bounds.of[static_cast<std::size_t>(score)]) {
      crossed = crossed || (state.score < bound.at_least && bound.at_least <= value);
    }
    state.score = value;
  }
  void Add(Score score) { To(score, watch.scores[static_cast<std::size_t>(score)].score + 1); }
  // Nobody was shown them in the block that runs, as far as this counter goes.
  bool IsNew(const ObservedShowing& showing, Counter counter, std::int64_t block_ms) const {
    const std::int64_t before = showing.before[static_cast<std::size_t>(counter)];
    return before == 0 || before < now_ms / block_ms * block_ms;
  }
  void AddPeople(const ObservedShowing& showing) {
    constexpr Score kOff[] = {Score::kOffDay, Score::kOffWeek, Score::kOffMonth};
    constexpr Score kBeyond[] = {Score::kBeyondDay, Score::kBeyondWeek, Score::kBeyondMonth};
    for (std::size_t i = 0; i < access::kScales; ++i) {
      if (!IsNew(showing, Counter::kOpenedOff, access::kBlockMs[i])) continue;
      Add(kOff[i]);
      if (showing.marks.beyond()) Add(kBeyond[i]);
    }
  }
  // Up or down from one of the last ones; the same number twice is no step. What costs no budget
  // is passed over: it would be put between, as often as one likes.
  void AddStep(std::span<const ObservedShowing> showings) {
    const access::QuerySteps& steps = showings.front().steps;
    const bool charged = std::ranges::any_of(
        showings, [this](const ObservedShowing& showing) { return IsCharged(showing); });
    if (steps.query == 0 || !charged) return;
    const auto is_kept = [this](std::uint64_t query) {
      return query != 0 && std::ranges::find(watch.queries, query) != watch.queries.end();
    };
    if (is_kept(steps.before) || is_kept(steps.next)) Add(Score::kSuccessors);
    if (is_kept(steps.query)) return;
    std::shift_right(watch.queries.begin(), watch.queries.end(), 1);
    watch.queries.front() = steps.query;
  }
  bool IsCharged(const ObservedShowing& showing) const {
    const std::int64_t before = showing.before[static_cast<std::size_t>(Counter::kGlimpsed)];
    return before == 0 || before < now_ms - kMonthMs;
  }
  void AddToHour(const ObservedShowing& showing) {
    if (!IsNew(showing, Counter::kGlimpsed, base::kHourMs)) return;
    const auto hour = static_cast<std::uint32_t>(now_ms / base::kHourMs);
    if (watch.hour != hour) {
      watch.hour = hour;
      watch.in_hour = 0;
    }
    To(Score::kPerHour, ++watch.in_hour);
  }
  void AddDecoy(const ObservedShowing& showing) {
    const bool opened = showing.counters.Has(Counter::kOpened);
    if (opened && IsNew(showing, Counter::kOpened, base::kDayMs)) {
      Add(Score::kDecoys);
      decoy = true;
    } else if (!opened && IsNew(showing, Counter::kGlimpsed, base::kDayMs)) {
      Add(Score::kDecoyRows);
    }
  }
  void AddAbsent(const ObservedShowing& showing) {
    if (!IsNew(showing, Counter::kGlimpsed, base::kDayMs)) return;
    Add(Score::kAbsent);
    if (showing.marks.nobodys()) Add(Score::kNobodys);
  }
  void AddStrange(const Acting& acting, const access::DetectorsSpec& spec) {
    const std::uint32_t day = DayOf(now_ms);
    if (watch.strange_day != day) watch.strange = 0;
    watch.strange_day = day;
    const std::int64_t hour = (acting.time.wall_ms + kParisMs) % base::kDayMs / base::kHourMs;
    const bool odd = hour < spec.from_hour || hour >= spec.to_hour;
    if (odd) watch.strange = static_cast<std::uint8_t>(watch.strange | kOddHours);
    // A third of the budgets for a while, and not since it was enrolled: an unseen key.
    const access::PrincipalInfo& info = acting.info;
    const bool enrolled =
        info.reduced_until_ms == info.enrolled_ms + access::kReducedAfterEnrolmentMs;
    if (now_ms < info.reduced_until_ms && !enrolled) {
      watch.strange = static_cast<std::uint8_t>(watch.strange | kNewKey);
    }
    const auto off = watch.scores[static_cast<std::size_t>(Score::kOffDay)].score;
    if (off >= kStrangeFrom) {
      To(Score::kStrange, static_cast<std::uint32_t>(std::popcount(watch.strange)));
    }
  }
};

void Sentinel::Stand(const Ground& ground) {
  CLOISON_CHECK(!ground_.has_value());
  ground_.emplace(ground);
  pools_.Stand(*ground_);
  decoys_.Stand(*ground_);
  learnt_.Stand(*ground_);
}

Task<Status> Sentinel::Recover(store::Store& store) {
  CLOISON_CO_TRY(co_await decoys_.Recover(store));
  CLOISON_CO_TRY(co_await learnt_.Recover(store));
  co_return co_await pools_.Recover(store);
}

std::unique_ptr<access::Watch> Sentinel::NewWatch(std::int64_t now_ms) {
  auto watch = std::make_unique<PrincipalWatch>(DayOf(now_ms));
  watch->acts = spec().act;
  return watch;
}

Result<std::unique_ptr<access::Watch>> Sentinel::Read(ByteView bytes) {
  CLOISON_TRY_ASSIGN(std::unique_ptr<PrincipalWatch> watch, PrincipalWatch::Parse(bytes));
  return std::unique_ptr<access::Watch>(std::move(watch));
}

const Sentinel::ClassBounds& Sentinel::BoundsOf(std::string_view budget_class) {
  if (serial_ != ground_->policy.serial()) classes_.clear();
  serial_ = ground_->policy.serial();
  for (const ClassBounds& one : classes_) {
    if (one.name == budget_class) return one;
  }
  ClassBounds made{std::string(budget_class), {}};
  for (std::size_t i = 0; i < made.of.size(); ++i) {
    made.of[i] = &spec().BoundsOf(budget_class, static_cast<Score>(i));
  }
  classes_.push_back(std::move(made));
  return classes_.back();
}

Tail Sentinel::TailOf(const PrincipalWatch& watch, const ClassBounds& bounds, Score score) {
  const Scale scale = access::ScaleOf(score);
  return Tail(*bounds.of[static_cast<std::size_t>(score)],
              access::kBlocksPerYear[static_cast<std::size_t>(scale)],
              BlockOfDay(watch.began_day, scale));
}

void Sentinel::Bring(PrincipalWatch& watch, const ClassBounds& bounds, std::int64_t now_ms) {
  const std::uint32_t day = DayOf(now_ms);
  if (watch.rolled_day == day && watch.serial == serial_) return;
  if (watch.acts != spec().act) {
    // Only a human closes a case: it holds again when the detectors act again.
    const std::optional<Held> held = watch.held;
    const std::int64_t proven_since_ms = held.has_value() ? watch.proven_since_ms : 0;
    watch.Restart(day);
    watch.held = held;
    watch.proven_since_ms = proven_since_ms;
    watch.acts = spec().act;
  }
  const BlocksNow now(now_ms);
  for (std::size_t i = 0; i < watch.scores.size(); ++i) {
    const auto score = static_cast<Score>(i);
    TailOf(watch, bounds, score).Roll(watch.scores[i], now.Of(access::ScaleOf(score)));
  }
  watch.rolled_day = day;
  watch.serial = serial_;
  Weigh(watch, bounds);
}

// Every one of them is a count, or the most of one, which only grows within its block.
void Sentinel::Weigh(PrincipalWatch& watch, const ClassBounds& bounds) const {
  double most = 0;
  for (std::size_t i = 0; i < watch.scores.size(); ++i) {
    const double m = TailOf(watch, bounds, static_cast<Score>(i)).Running(watch.scores[i]);
    const double weighed = access::DefaultScores()[i].weight * m;
    if (weighed > most) watch.strongest = i;
    most = std::max(most, weighed);
  }
  watch.by_evidence = RungOf(spec().thresholds, most);
}

void Sentinel::BringOf(const access::PrincipalInfo& info, PrincipalWatch& watch,
                       const ClassBounds& bounds, std::int64_t now_ms) {
  if (watch.rolled_day != DayOf(now_ms)) learnt_.Note({info.id, bounds.name}, watch, now_ms);
  Bring(watch, bounds, now_ms);
}

Hold Sentinel::HoldOn(const access::PrincipalInfo& info, std::string_view budget_class,
                      access::Watch& of, std::int64_t now_ms) {
  if (!spec().act) return {};
  auto& watch = static_cast<PrincipalWatch&>(of);
  BringOf(info, watch, BoundsOf(budget_class), now_ms);
  Hold hold;
  hold.pool = pools_.IsHeld(info);
  // From rung 3 on it holds because of a case, which the showing that opens it makes.
  hold.rung = std::min(watch.by_evidence, Rung::kStepUp);
  if (now_ms < watch.worn_until_ms) hold.rung = std::max(hold.rung, watch.worn);
  hold.proven_since_ms = watch.proven_since_ms;
  if (!watch.held.has_value()) return hold;
  hold.rung = watch.held->rung;
  hold.since_ms = watch.held->since_ms;
  hold.frozen_ms = watch.held->frozen_ms;
  return hold;
}

Sentinel::Wanted Sentinel::BudgetsAndDecoys(const Acting& acting, PrincipalWatch& watch,
                                            bool decoy) const {
  const std::int64_t now_ms = acting.time.budget_ms;
  Wanted wanted;
  if (acting.worn || acting.spent) {
    const Rung rung = acting.spent ? Rung::kStepUp : Rung::kPurposeText;
    const bool still = now_ms < watch.worn_until_ms;
    watch.worn = still ? std::max(watch.worn, rung) : rung;
    watch.worn_until_ms = now_ms + base::kDayMs;
    wanted.Raise(watch.worn, "budget");
  }
  // A fifth of a budget is soon spent: whoever is held by a case is not held for that again.
  if (acting.spent && !watch.held.has_value()) {
    const std::int64_t since = now_ms - watch.cap_ms;
    const bool again = watch.cap_ms != 0 && since >= base::kDayMs && since <= access::kCapAgainMs;
    if (again) wanted.Raise(Rung::kSecondPerson, "budget");
    if (watch.cap_ms == 0 || since >= base::kDayMs) watch.cap_ms = now_ms;
  }
  if (decoy) {
    const bool again = watch.decoy_ms != 0 && now_ms - watch.decoy_ms <= access::kDecoyAgainMs;
    wanted.Raise(again ? Rung::kFrozen : Rung::kSecondPerson, "decoy");
    watch.decoy_ms = now_ms;
  }
  return wanted;
}

std::optional<RungChange> Sentinel::Settle(const Acting& acting, PrincipalWatch& watch,
                                           Wanted wanted) {
  const std::int64_t now_ms = acting.time.budget_ms;
  wanted.Raise(watch.by_evidence, access::Name(static_cast<Score>(watch.strongest)));
  RungChange change{watch.told, wanted.rung, wanted.why, spec().act, {}, {}};
  const bool held = watch.held.has_value();
  const bool raises = change.acts && wanted.rung >= Rung::kSecondPerson &&
                      (!held || wanted.rung > watch.held->rung);
  if (raises) {
    if (!held) {
      watch.held = Held{wanted.rung, now_ms, 0, access::NewCaseId(now_ms, ground_->random)};
    }
    watch.held->rung = wanted.rung;
    if (wanted.rung == Rung::kFrozen) watch.held->frozen_ms = now_ms;
    change.file = watch.held->file;
  }
  if (change.acts && watch.held.has_value() && watch.held->rung > change.to) {
    change.to = watch.held->rung;
    change.why = "case";
  }
  if (now_ms < watch.worn_until_ms) change.to = std::max(change.to, watch.worn);
  if (change.to == change.from) return std::nullopt;
  const auto passes = [&change](Rung rung) { return change.from < rung && change.to >= rung; };
  if (passes(Rung::kStepUp) || passes(Rung::kFrozen)) watch.proven_since_ms = acting.time.wall_ms;
  if (change.to < change.from) change.why = "quiet";
  watch.told = change.to;
  return change;
}

std::vector<RungChange> Sentinel::See(const Acting& acting, access::Watch& of,
                                      std::span<const ObservedShowing> showings) {
  auto& watch = static_cast<PrincipalWatch&>(of);
  const ClassBounds& bounds = BoundsOf(acting.budget_class);
  BringOf(acting.info, watch, bounds, acting.time.budget_ms);
  Count count{watch, bounds, acting.time.budget_ms};
  std::vector<RungChange> changes;
  count.AddStep(showings);
  for (const ObservedShowing& showing : showings) {
    if (showing.family == access::ShowingFamily::kOverview) continue;
    count.AddToHour(showing);
    if (showing.marks.absent()) {
      count.AddAbsent(showing);
      continue;
    }
    if (decoys_.Has(Aud(showing.name))) count.AddDecoy(showing);
    if (!showing.counters.Has(Counter::kOpenedOff)) continue;
    const PooledOpening opening{showing.name,
                                count.IsNew(showing, Counter::kOpenedOff, base::kDayMs),
                                count.IsNew(showing, Counter::kOpenedOff, 7 * base::kDayMs)};
    count.AddPeople(showing);
    count.AddStrange(acting, spec());
    pools_.See(acting, opening, changes);
  }
  if (count.crossed) Weigh(watch, bounds);
  const Wanted wanted = BudgetsAndDecoys(acting, watch, count.decoy);
  const std::optional<RungChange> own = Settle(acting, watch, wanted);
  if (own.has_value()) changes.push_back(*own);
  said_.insert(said_.end(), changes.begin(), changes.end());
  return changes;
}

std::vector<Evidence> Sentinel::EvidenceOf(std::string_view budget_class, access::Watch& of,
                                           std::int64_t now_ms) {
  auto& watch = static_cast<PrincipalWatch&>(of);
  const ClassBounds& bounds = BoundsOf(budget_class);
  Bring(watch, bounds, now_ms);
  std::vector<Evidence> all;
  for (std::size_t i = 0; i < watch.scores.size(); ++i) {
    const auto score = static_cast<Score>(i);
    const double m = TailOf(watch, bounds, score).Running(watch.scores[i]);
    all.push_back(
        {access::Name(score), watch.scores[i].score, access::DefaultScores()[i].weight * m});
  }
  return all;
}

void Sentinel::EndCase(access::Watch& of, const access::CaseId& file, std::int64_t now_ms) {
  auto& watch = static_cast<PrincipalWatch&>(of);
  if (watch.held.has_value() && watch.held->file == file) watch.Restart(DayOf(now_ms));
}

void Sentinel::Begin(const commit::Staging&) {
  pools_.Begin();
  said_.clear();
}

void Sentinel::Committed(const commit::Durable&) {
  for (const RungChange& change : said_) {
    if (change.to <= change.from) continue;
    const std::int64_t rung = static_cast<std::int64_t>(change.to);
    if (change.acts) {
      ground_->events.Emit(base::Severity::kWarning, "rung_reached", {{"rung", rung}});
    } else {
      ground_->events.Emit(base::Severity::kInfo, "rung_would_be_reached", {{"rung", rung}});
    }
  }
  said_.clear();
}

}  // namespace cloison::sentinel
