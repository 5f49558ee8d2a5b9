#include "drill/drill.h"

#include <algorithm>
#include <ostream>
#include <set>

#include "drill/hijack.h"
#include "drill/thief.h"

namespace cloison::drill {

namespace {

constexpr int kHistoryDays = 30;
constexpr std::int64_t kReadMs = 1;         // A1: what a request takes
constexpr std::int64_t kReadMsOf2024 = 67;  // fifteen a second, over all accounts
constexpr std::size_t kAccountsOf2024 = 10;
constexpr std::size_t kAccountsOf2025 = 2;
constexpr int kDaysOf2024 = 29;
constexpr std::uint64_t kReadsADayMin = 5, kReadsADaySpread = 20;
constexpr std::int64_t kOfficeOpensMs = 9 * base::kHourMs, kOfficeHoursMs = 8 * base::kHourMs;
constexpr int kWeekdays = 5, kWeek = 7;

using Thieves = std::vector<std::unique_ptr<Thief>>;

Status CheckOptions(const Options& options) {
  if (options.name != kScrape && options.name != kReplay2024 && options.name != kReplay2025) {
    return Error{Code::kInvalid, "no such attack"};
  }
  if (options.accounts == 0 || options.accounts > kAccountsMax) {
    return Error{Code::kInvalid, "a drill has 1 to 200 accounts"};
  }
  if (options.people == 0 || options.people > kPeopleMax) {
    return Error{Code::kInvalid, "a drill has 1 to 1,000,000 people"};
  }
  if (options.days <= 0 || options.days > kDaysMax) {
    return Error{Code::kInvalid, "a drill has 1 to 365 days"};
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

double Ratio(std::uint64_t shown, std::uint64_t bound) {
  if (shown == 0) return 0;
  // A showing where none is allowed is as wrong as can be, and still a number.
  if (bound == 0) return static_cast<double>(shown) + 1;
  return static_cast<double>(shown) / static_cast<double>(bound);
}

CounterReport Count(const World& world, const Thieves& thieves, access::Counter counter,
                    std::int64_t begin_ms, std::int64_t duration_ms) {
  CounterReport report;
  for (const auto& thief : thieves) {
    const access::Caps& caps = world.CapsOf(thief->account());
    const std::uint64_t shown = thief->book().People(counter, begin_ms);
    const std::uint64_t bound = access::Bound(caps, counter, duration_ms);
    report.shown += shown;
    report.bound += bound;
    report.ratio = std::max(report.ratio, Ratio(shown, bound));
    for (std::size_t w = 0; w < access::kWindows; ++w) {
      const auto window = static_cast<access::Window>(w);
      const std::uint64_t most = thief->book().MostWithin(counter, window);
      report.ratio = std::max(report.ratio, Ratio(most, caps.cap(counter, window)));
    }
  }
  report.ratio = std::max(report.ratio, Ratio(report.shown, report.bound));
  return report;
}

Status CompareScopes(World& world, const Thieves& thieves, Report& report) {
  for (const auto& thief : thieves) {
    CLOISON_TRY_ASSIGN(const std::vector<ScopeEntry> scope,
                       world.executor().Wait(ScopeOf(world.vault(), thief->account().session)));
    const ScopeDifference difference = thief->book().Compare(scope);
    report.scope.missing += difference.missing;
    report.scope.extra += difference.extra;
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
  CLOISON_TRY(CompareScopes(world, thieves, report));
  report.entries = world.vault().ledger().size();
  return report;
}

}  // namespace

Result<Report> Run(const Options& options, const Ground& ground) {
  CLOISON_TRY(CheckOptions(options));
  CLOISON_TRY_ASSIGN(const std::unique_ptr<World> world, World::Open(options, ground));
  if (options.name == kReplay2025) return HijackManager(*world, options);
  Draw draw(options.seed);
  Thieves thieves;
  for (std::size_t i = 0; i < options.accounts; ++i) {
    thieves.push_back(std::make_unique<Thief>(*world, i, options));
  }
  CLOISON_TRY(LiveHonestly(*world, thieves, draw));
  for (const auto& thief : thieves) thief->Begin(draw);
  const std::int64_t begin_ms = world->clock().wall_ms();
  const std::int64_t read_ms = options.name == kReplay2024 ? kReadMsOf2024 : kReadMs;
  CLOISON_TRY(StealUntil(*world, thieves, begin_ms + options.days * base::kDayMs, read_ms));
  return Summarise(options, *world, thieves, begin_ms);
}

namespace {

std::vector<Options> Planned(const Arguments& arguments) {
  Options options;
  options.people = arguments.people;
  options.seed = arguments.seed;
  options.hammer = arguments.hammer;
  options.days = arguments.days.value_or(kDaysOf2024);
  std::vector<Options> planned;
  const bool both = !arguments.attack.has_value() && !arguments.replay.has_value();
  if (both || arguments.attack.has_value()) {
    options.name = arguments.attack.value_or(kScrape);
    options.accounts = arguments.accounts.value_or(1);
    planned.push_back(options);
  }
  if (both || arguments.replay.has_value()) {
    options.name = arguments.replay.value_or(kReplay2024);
    const bool hijack = options.name == kReplay2025;
    options.accounts = arguments.accounts.value_or(hijack ? kAccountsOf2025 : kAccountsOf2024);
    planned.push_back(options);
  }
  return planned;
}

bool KnownNames(const Arguments& arguments) {
  const std::string replay = arguments.replay.value_or(kReplay2024);
  return arguments.attack.value_or(kScrape) == kScrape &&
         (replay == kReplay2024 || replay == kReplay2025);
}

}  // namespace

int Main(const Arguments& arguments, const Ground& ground, std::ostream& out, std::ostream& err) {
  if (!KnownNames(arguments)) {
    err << "drill: attacks: " << kScrape << "; replays: " << kReplay2024 << ", " << kReplay2025
        << "\n";
    return 2;
  }
  std::vector<Report> reports;
  for (const Options& options : Planned(arguments)) {
    Ground own = ground;
    own.directory += "/" + options.name;
    Status made = ground.files.MakeDirectory(own.directory, 0700);
    Result<Report> report = made.ok() ? Run(options, own) : Result<Report>(made.error());
    if (!report.ok()) {
      err << "drill: " << report.error().text() << "\n";
      return report.error().code() == Code::kInvalid ? 2 : 3;
    }
    reports.push_back(std::move(*report));
  }
  if (arguments.json) {
    out << ToJson(reports) << "\n";
  } else {
    out << ToTable(reports);
  }
  const bool held = std::ranges::all_of(reports, [](const Report& r) { return r.passed(); });
  return held ? 0 : 1;
}

}  // namespace cloison::drill
