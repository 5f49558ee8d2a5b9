#include "drill/drill.h"

#include <algorithm>
#include <fstream>
#include <ostream>
#include <set>

#include "drill/chance.h"
#include "drill/counter.h"
#include "drill/cunning.h"
#include "drill/hijack.h"
#include "drill/machine.h"
#include "drill/patient.h"
#include "drill/plan.h"

namespace cloison::drill {

namespace {

constexpr int kHistoryDays = 30;
constexpr double kDaysPerYear = 365;
constexpr std::int64_t kReadMs = 1;         // A1: what a request takes
constexpr std::int64_t kReadMsOf2024 = 67;  // fifteen a second, over all accounts
constexpr std::uint64_t kReadsADayMin = 5, kReadsADaySpread = 20;
constexpr std::int64_t kOfficeOpensMs = 9 * base::kHourMs, kOfficeHoursMs = 8 * base::kHourMs;
constexpr int kWeekdays = 5, kWeek = 7;

struct Form {
  const char* name;
  bool replay;
  std::size_t accounts;  // as many as are stolen unless somebody says otherwise
};
constexpr Form kAttacks[] = {
    {kScrape, false, 1},     {kSlow, false, 1},         {kColluding, false, 20},
    {kGuessing, false, 1},   {kHarvest, false, 1},      {kInsider, false, 1},
    {kLaunder, false, 1},    {kDevices, false, 1},      {kOracle, false, 1},
    {kAware, false, 1},      {kDecoyAware, false, 1},   {kPoison, false, 4},
    {kReplay2024, true, 10}, {kReplayCounter, true, 1}, {kReplay2025, true, 2},
    {kReplay2026, true, 1},
};

const Form* Find(std::string_view name) {
  const auto found = std::ranges::find(kAttacks, name, &Form::name);
  return found == std::end(kAttacks) ? nullptr : found;
}

Status CheckOptions(const Options& options) {
  if (Find(options.name) == nullptr) return Error{Code::kInvalid, "no such attack"};
  if (options.accounts == 0 || options.accounts > kAccountsMax) {
    return Error{Code::kInvalid, "a drill has 1 to 1,000 accounts"};
  }
  // The demo world's own people are taken from its first caseloads.
  if (options.people < kPeopleMin || options.people > kPeopleMax) {
    return Error{Code::kInvalid, "a drill has 1,000 to 1,000,000 people"};
  }
  if (options.days <= 0 || options.days > kDaysMax) {
    return Error{Code::kInvalid, "a drill has 1 to 365 days"};
  }
  if (options.strangers_a_day <= 0 || options.strangers_a_day > kStrangersADayMax) {
    return Error{Code::kInvalid, "a drill takes 1 to 1,000 strangers a day"};
  }
  if (options.agents > kAccountsMax || options.caseload < kCaseloadMin) {
    return Error{Code::kInvalid, "a drill has at most 1,000 agents, who follow two people or more"};
  }
  return Ok();
}

// The month before, in the order of time: office hours, five days a week, now more, now less.
Status LiveHonestly(World& world, Thieves& thieves, const Options& options, Draw& draw) {
  struct Read {
    std::int64_t at_ms;
    std::size_t who;
    bool stranger;
    auto operator<=>(const Read&) const = default;
  };
  std::vector<Read> reads;
  const std::int64_t begin_ms = world.clock().now_ms();
  for (int day = 0; day < kHistoryDays; ++day) {
    if (day % kWeek >= kWeekdays) continue;
    for (std::size_t i = 0; i < thieves.size(); ++i) {
      const std::uint64_t own = kReadsADayMin + draw.Below(kReadsADaySpread);
      const std::uint64_t strangers = OwnerWorks(options) ? CountOf(kHonestStrangers, draw) : 0;
      for (std::uint64_t read = 0; read < own + strangers; ++read) {
        const auto at_ms = kOfficeOpensMs + static_cast<std::int64_t>(draw.Below(kOfficeHoursMs));
        reads.push_back({begin_ms + day * base::kDayMs + at_ms, i, read >= own});
      }
    }
  }
  std::sort(reads.begin(), reads.end());
  for (const Read& read : reads) {
    world.clock().GoTo(read.at_ms);
    Thief& owner = *thieves[read.who];
    CLOISON_TRY(read.stranger ? owner.HelpStranger(draw) : owner.WorkHonestly(draw));
  }
  world.clock().GoTo(begin_ms + kHistoryDays * base::kDayMs);
  return Ok();
}

// All accounts share one line to the register: a request takes its time, whoever asks.
Status StealUntil(World& world, Thieves& thieves, std::int64_t end_ms, std::int64_t read_ms) {
  std::set<std::pair<std::int64_t, std::size_t>> next;  // when who
  for (std::size_t i = 0; i < thieves.size(); ++i) next.emplace(world.clock().now_ms(), i);
  while (true) {
    const auto [due_ms, i] = *next.begin();
    const std::int64_t at_ms = std::max(due_ms, world.clock().now_ms());
    if (at_ms >= end_ms) return Ok();
    world.clock().GoTo(at_ms);
    CLOISON_TRY_ASSIGN(std::int64_t ready_ms, thieves[i]->Steal());
    if (ready_ms <= at_ms) {  // it asked
      world.clock().GoTo(at_ms + read_ms);
      ready_ms = at_ms + read_ms;
    }
    next.erase(next.begin());
    next.emplace(ready_ms, i);
  }
}

// What all accounts of an organisation were shown together against the ceilings above them.
void HoldAgainstCeilings(World& world, const Thieves& thieves, access::Counter counter,
                         std::int64_t duration_ms, CounterReport& report) {
  std::vector<const Book*> books;
  for (const auto& thief : thieves) books.push_back(&thief->book());
  for (const access::CeilingSpec& ceiling : world.vault().policy()->ceilings()) {
    const std::optional<std::uint32_t> cap = ceiling.caps[static_cast<std::size_t>(counter)];
    if (!cap.has_value()) continue;
    const std::int64_t length_ms = ceiling.bucket_ms * ceiling.buckets;
    const auto times = static_cast<std::uint64_t>((duration_ms + length_ms - 1) / length_ms);
    report.bound = std::min(report.bound, *cap * times);
    const std::uint64_t most = Book::MostPairsWithin(books, counter, length_ms);
    report.ratio = std::max(report.ratio, RatioOf(most, *cap));
  }
}

CounterReport Count(World& world, const Thieves& thieves, access::Counter counter,
                    std::int64_t begin_ms, std::int64_t duration_ms) {
  CounterReport report;
  for (const auto& thief : thieves) {
    const CounterReport own =
        thief->book().Against(world.CapsOf(thief->account()), counter, begin_ms, duration_ms);
    report.shown += own.shown;
    report.bound += own.bound;
    report.ratio = std::max(report.ratio, own.ratio);
  }
  HoldAgainstCeilings(world, thieves, counter, duration_ms, report);
  report.ratio = std::max(report.ratio, RatioOf(report.shown, report.bound));
  return report;
}

// What the server did of itself: since the theft began, and in the honest month.
void CountRungs(const Thieves& thieves, std::int64_t begin_ms, Report& report) {
  std::array<std::uint64_t, kRungMax + 1> honest{};
  std::optional<std::int64_t> pool_ms;
  std::vector<std::optional<std::int64_t>> held_ms(thieves.size());
  const auto days = [begin_ms](std::int64_t at_ms) {
    return static_cast<double>(at_ms - begin_ms) / static_cast<double>(base::kDayMs);
  };
  for (int rung = kRungMin; rung <= kRungMax; ++rung) {
    RungReached reached{rung, 0, 0, 0};
    std::int64_t first_ms = INT64_MAX;
    for (std::size_t i = 0; i < thieves.size(); ++i) {
      const auto& climbed = thieves[i]->climbed();
      const auto to = [rung](const Climbed& one) {
        const bool pool = one.rung == kRungMax || rung == kRungMax;
        return pool ? one.rung == rung : one.rung >= rung;
      };
      honest[static_cast<std::size_t>(rung)] += static_cast<std::uint64_t>(std::ranges::count_if(
          climbed, [&](const Climbed& one) { return one.rung == rung && one.reads == 0; }));
      const auto found = std::ranges::find_if(
          climbed, [&](const Climbed& one) { return to(one) && one.reads > 0; });
      if (found == climbed.end()) continue;
      ++reached.accounts;
      reached.acts = found->acts;
      if (rung == 3 && found->acts) held_ms[i] = found->at_ms;
      if (rung == kRungMax && found->acts)
        pool_ms = std::min(pool_ms.value_or(INT64_MAX), found->at_ms);
      if (found->at_ms >= first_ms) continue;
      first_ms = found->at_ms;
      reached.days = days(first_ms);
      reached.reads = found->reads;
    }
    if (reached.accounts > 0) report.rungs.push_back(reached);
  }
  report.benign.r2 = honest[2];
  report.benign.r3 = honest[3];
  report.benign.r4 = honest[4];
  std::int64_t contained_ms = 0;
  for (std::size_t i = 0; i < thieves.size(); ++i) {
    if (thieves[i]->stolen().requests == 0) continue;  // an innocent
    contained_ms = std::max(contained_ms,
                            std::min(held_ms[i].value_or(INT64_MAX), pool_ms.value_or(INT64_MAX)));
  }
  if (contained_ms != INT64_MAX) report.days_to_contained = days(contained_ms);
}

Status CompareScopes(World& world, const Thieves& thieves, Report& report) {
  report.scope.emplace();
  std::set<SessionId> sessions;
  for (const auto& thief : thieves) {
    sessions.insert(thief->sessions().begin(), thief->sessions().end());
  }
  CLOISON_TRY_ASSIGN(const Scopes scopes,
                     world.stage().Wait(ScopesOf(world.vault(), std::move(sessions))));
  for (const auto& thief : thieves) {
    std::vector<ScopeEntry> all;
    for (const SessionId& session : thief->sessions()) {
      const std::vector<ScopeEntry>& of = scopes.at(session);
      all.insert(all.end(), of.begin(), of.end());
    }
    report.scope->Add(thief->book().Compare(all));
  }
  return Ok();
}

Result<Report> Summarise(const Options& options, World& world, const Thieves& thieves,
                         std::int64_t begin_ms) {
  Report report;
  report.options = options;
  std::set<PersonId> once;
  for (const auto& thief : thieves) {
    report.most_off = std::max(report.most_off.value_or(0), thief->loot());
    report.requests += thief->stolen().requests;
    report.refused += thief->stolen().refused;
    report.honest_reads += thief->honest().requests;
    report.honest_refused += thief->honest().refused;
    report.beside.requests += thief->beside().requests;
    report.beside.refused += thief->beside().refused;
    for (const BookLine& line : thief->book().lines()) {
      const bool opened = line.counters.Has(access::Counter::kOpened);
      if (opened && line.at_ms >= begin_ms) once.insert(line.person);
    }
  }
  report.people_once = once.size();
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    const auto counter = static_cast<access::Counter>(c);
    report.counters[c] = Count(world, thieves, counter, begin_ms, options.days * base::kDayMs);
    report.ratio = std::max(report.ratio, report.counters[c].ratio);
  }
  std::vector<BookOfAccount> books;
  for (const auto& thief : thieves) {
    books.push_back({&thief->book(), &world.CapsOf(thief->account())});
  }
  const auto policy = world.vault().policy();
  report.curve = CurveOf(books, policy->ceilings(), begin_ms, options.days * base::kDayMs);
  report.benign = {static_cast<double>(thieves.size()) * kHistoryDays / kDaysPerYear,
                   report.honest_reads,
                   report.honest_refused,
                   {},
                   {},
                   {}};
  CountRungs(thieves, begin_ms, report);
  report.faults = world.stage().EndFaults();
  CLOISON_TRY(world.CheckNewcomers());
  CLOISON_TRY(CompareScopes(world, thieves, report));
  report.entries = world.vault().ledger().size();
  return report;
}

// What an attack tells beside its accounts' books.
struct Told {
  Cunning beside;
  OracleTold oracle;
};

Result<Told> Attack(World& world, Thieves& thieves, const Options& options, Draw& draw) {
  const std::string& name = options.name;
  Told told;
  if (name == kSlow || name == kInsider) {
    CLOISON_TRY(StealSlowly(world, thieves, options, draw));
  } else if (name == kGuessing) {
    CLOISON_TRY(GuessCodes(world, thieves, options, draw));
  } else if (name == kHarvest) {
    CLOISON_TRY(HarvestInOrder(world, thieves, options, draw));
  } else if (name == kLaunder) {
    CLOISON_TRY_ASSIGN(told.beside, Launder(world, thieves, options, draw));
  } else if (name == kDevices) {
    CLOISON_TRY_ASSIGN(told.beside, UseTwoDevices(world, thieves, options, draw));
  } else if (name == kDecoyAware) {
    CLOISON_TRY(AvoidDecoys(world, thieves, options, draw));
  } else if (name == kPoison) {
    CLOISON_TRY_ASSIGN(told.beside, PoisonAlarms(world, thieves, options, draw));
  } else if (name == kOracle) {
    CLOISON_TRY_ASSIGN(told.oracle, AskTheOracle(world, thieves, options, draw));
  } else {
    const std::int64_t end_ms = world.clock().now_ms() + options.days * base::kDayMs;
    CLOISON_TRY(StealUntil(world, thieves, end_ms, name == kReplay2024 ? kReadMsOf2024 : kReadMs));
  }
  return told;
}

}  // namespace

Result<Report> Run(const Options& options, const Ground& ground) {
  CLOISON_TRY(CheckOptions(options));
  if (options.name == kReplayCounter) return StealCounters(options, ground);
  CLOISON_TRY_ASSIGN(const std::unique_ptr<World> world, World::Open(options, ground));
  if (options.name == kReplay2025) return HijackManager(*world, options);
  if (options.name == kReplay2026) return StealMachine(*world, options);
  Draw draw(options.seed);
  Thieves thieves;
  for (std::size_t i = 0; i < options.accounts; ++i) {
    thieves.push_back(std::make_unique<Thief>(*world, i, options));
  }
  CLOISON_TRY(LiveHonestly(*world, thieves, options, draw));
  for (const auto& thief : thieves) thief->Begin(draw);
  const std::int64_t begin_ms = world->clock().now_ms();
  world->stage().Befall(options, begin_ms);
  Told told;
  CLOISON_TRY_ASSIGN(told, Attack(*world, thieves, options, draw));
  CLOISON_TRY_ASSIGN(Report report, Summarise(options, *world, thieves, begin_ms));
  report.oracle = std::move(told.oracle);
  report.requests += told.beside.requests;
  report.refused += told.beside.refused;
  report.scope->Add(told.beside.scope);
  report.ratio = std::max(report.ratio, told.beside.ratio);
  return report;
}

std::optional<std::size_t> AccountsOf(std::string_view attack) {
  const Form* const found = Find(attack);
  return found == nullptr ? std::nullopt : std::optional(found->accounts);
}

bool IsReplay(std::string_view attack) {
  const Form* const found = Find(attack);
  return found != nullptr && found->replay;
}

std::string AttackNames() {
  std::string names;
  for (const bool replay : {false, true}) {
    names += replay ? "; replays:" : "attacks:";
    for (const Form& attack : kAttacks) {
      if (attack.replay == replay) names += std::string(" ") + attack.name;
    }
  }
  return names;
}

}  // namespace cloison::drill
