#include "drill/drill.h"

#include <algorithm>
#include <fstream>
#include <ostream>
#include <set>

#include "drill/counter.h"
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
constexpr int kDaysOf2024 = 29;
constexpr std::uint64_t kReadsADayMin = 5, kReadsADaySpread = 20;
constexpr std::int64_t kOfficeOpensMs = 9 * base::kHourMs, kOfficeHoursMs = 8 * base::kHourMs;
constexpr int kWeekdays = 5, kWeek = 7;

struct Attack {
  const char* name;
  bool replay;
  std::size_t accounts;  // as many as are stolen unless somebody says otherwise
};
constexpr Attack kAttacks[] = {
    {kScrape, false, 1},    {kSlow, false, 1},       {kColluding, false, 20},
    {kGuessing, false, 1},  {kInsider, false, 1},    {kOracle, false, 1},
    {kAware, false, 1},     {kReplay2024, true, 10}, {kReplayCounter, true, 1},
    {kReplay2025, true, 2}, {kReplay2026, true, 1},
};

const Attack* Find(std::string_view name) {
  const auto found = std::ranges::find(kAttacks, name, &Attack::name);
  return found == std::end(kAttacks) ? nullptr : found;
}

Status CheckOptions(const Options& options) {
  if (Find(options.name) == nullptr) return Error{Code::kInvalid, "no such attack"};
  if (options.accounts == 0 || options.accounts > kAccountsMax) {
    return Error{Code::kInvalid, "a drill has 1 to 200 accounts"};
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
    return Error{Code::kInvalid, "a drill has at most 200 agents, who follow two people or more"};
  }
  return Ok();
}

// The month before, in the order of time: office hours, five days a week, now more, now less.
Status LiveHonestly(World& world, Thieves& thieves, Draw& draw) {
  std::vector<std::pair<std::int64_t, std::size_t>> reads;
  const std::int64_t begin_ms = world.clock().wall_ms();
  for (int day = 0; day < kHistoryDays; ++day) {
    if (day % kWeek >= kWeekdays) continue;
    for (std::size_t i = 0; i < thieves.size(); ++i) {
      const std::uint64_t count = kReadsADayMin + draw.Below(kReadsADaySpread);
      for (std::uint64_t read = 0; read < count; ++read) {
        const auto at_ms = kOfficeOpensMs + static_cast<std::int64_t>(draw.Below(kOfficeHoursMs));
        reads.emplace_back(begin_ms + day * base::kDayMs + at_ms, i);
      }
    }
  }
  std::sort(reads.begin(), reads.end());
  for (const auto& [at_ms, i] : reads) {
    world.clock().GoTo(at_ms);
    CLOISON_TRY(thieves[i]->WorkHonestly(draw));
  }
  world.clock().GoTo(begin_ms + kHistoryDays * base::kDayMs);
  return Ok();
}

// All accounts share one line to the register: a request takes its time, whoever asks.
Status StealUntil(World& world, Thieves& thieves, std::int64_t end_ms, std::int64_t read_ms) {
  std::vector<std::int64_t> next_ms(thieves.size(), world.clock().wall_ms());
  while (true) {
    const auto first = std::min_element(next_ms.begin(), next_ms.end());
    const std::int64_t at_ms = std::max(*first, world.clock().wall_ms());
    if (at_ms >= end_ms) return Ok();
    world.clock().GoTo(at_ms);
    const auto i = static_cast<std::size_t>(first - next_ms.begin());
    CLOISON_TRY_ASSIGN(*first, thieves[i]->Steal());
    if (*first > at_ms) continue;  // nothing was asked
    world.clock().GoTo(at_ms + read_ms);
    *first = at_ms + read_ms;
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

Status CompareScopes(World& world, const Thieves& thieves, Report& report) {
  report.scope.emplace();
  for (const auto& thief : thieves) {
    CLOISON_TRY_ASSIGN(const ScopeDifference difference,
                       CompareScope(world.stage(), thief->account().session, thief->book()));
    report.scope->Add(difference);
  }
  return Ok();
}

Result<Report> Summarise(const Options& options, World& world, const Thieves& thieves,
                         std::int64_t begin_ms) {
  Report report;
  report.options = options;
  std::set<PersonId> once;
  for (const auto& thief : thieves) {
    report.requests += thief->stolen().requests;
    report.refused += thief->stolen().refused;
    report.honest_reads += thief->honest().requests;
    report.honest_refused += thief->honest().refused;
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
  report.curve = CurveOf(books, policy->ceilings(), begin_ms, options.days);
  report.benign = {static_cast<double>(thieves.size()) * kHistoryDays / kDaysPerYear,
                   report.honest_reads,
                   report.honest_refused,
                   {},
                   {},
                   {}};
  CLOISON_TRY(CompareScopes(world, thieves, report));
  report.entries = world.vault().ledger().size();
  return report;
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
  CLOISON_TRY(LiveHonestly(*world, thieves, draw));
  for (const auto& thief : thieves) thief->Begin(draw);
  const std::int64_t begin_ms = world->clock().wall_ms();
  std::optional<double> advantage;
  if (options.name == kSlow || options.name == kInsider) {
    CLOISON_TRY(StealSlowly(*world, thieves, options, draw, options.name == kInsider));
  } else if (options.name == kGuessing) {
    CLOISON_TRY(GuessCodes(*world, thieves, options, draw));
  } else if (options.name == kOracle) {
    CLOISON_TRY_ASSIGN(advantage, AskTheOracle(*world, thieves, options, draw));
  } else {
    const std::int64_t read_ms = options.name == kReplay2024 ? kReadMsOf2024 : kReadMs;
    CLOISON_TRY(StealUntil(*world, thieves, begin_ms + options.days * base::kDayMs, read_ms));
  }
  CLOISON_TRY_ASSIGN(Report report, Summarise(options, *world, thieves, begin_ms));
  report.advantage = advantage;
  return report;
}

std::optional<std::size_t> AccountsOf(std::string_view attack) {
  const Attack* const found = Find(attack);
  return found == nullptr ? std::nullopt : std::optional(found->accounts);
}

bool IsReplay(std::string_view attack) {
  const Attack* const found = Find(attack);
  return found != nullptr && found->replay;
}

std::string AttackNames() {
  std::string names;
  for (const bool replay : {false, true}) {
    names += replay ? "; replays:" : "attacks:";
    for (const Attack& attack : kAttacks) {
      if (attack.replay == replay) names += std::string(" ") + attack.name;
    }
  }
  return names;
}

}  // namespace cloison::drill
