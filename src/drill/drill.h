// The drill: attacks on ourselves, on simulated time, through the gate, ledger and store that serve
// everybody else. What comes out is counted from the thief's side and compared with the arithmetic
// bound of the budgets and with the scope that the ledger gives.
//
//   A1                    one account scrapes as fast as it can, under the policy in force
//   A2                    low and slow: a few strangers a working day, at human gaps, beside the
//                         owner's work unless they are away
//   A3                    the same by k accounts of one organisation, under ceilings as it starts
//                         with (twenty agents, or k)
//   A4                    guesses codes: the next, a stride further, random, all check symbols
//   A5                    walks through numbers and names in their order, and opens who comes
//   A6                    an insider: honest work goes on, a few strangers a day between
//   A7                    a stolen application puts strangers on the accounts' caseloads
//   A8                    the session replayed from elsewhere, then a second device beside the
//                         owner
//   A9                    asks in turn for real strangers and for nobody, by doors that show
//                         neither, and compares what it is told; times are make test-timing's
//   A10                   knows its budgets, stops at 95 % of each window: it is never refused
//   A11                   a few strangers a day, but whom it takes for a decoy (one in a thousand)
//   A12                   a stolen application takes people off their agents' caseloads, so that
//                         innocents stumble, while one account scrapes
//   france-travail-2024   k adviser accounts, 29 days, 15 reads a second, with the rights of 2024:
//                         every field of everybody; nothing but the budgets is in the way
//   missions-locales-2025 the account of a manager of accounts makes k accounts, which read: 0
//   people
//   viamedis-2024         the account of one counter of a payer: whoever stands there, nobody else
//   urssaf-2026           the credentials of two machines, used from elsewhere: 0 people; of a
//                         payment program nobody either, and no more sealed to the bank than agreed
//
// Every account has a caseload and 30 days of honest history. The thief is stronger than the real
// one was: it knows the code and the national number of everybody, all caseloads and the policy,
// and wastes no request; when a window is full it comes back in the millisecond in which a place is
// free.
//
// Threads  one. Cost: 20,000 people, 10 accounts: some seconds.
// Source   docs/architecture.md "Budgets"; the facts of 2024: docs/threat_model.md.
#ifndef CLOISON_DRILL_DRILL_H_
#define CLOISON_DRILL_DRILL_H_

#include <algorithm>
#include <array>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/windows.h"
#include "base/files.h"
#include "base/random.h"
#include "drill/benign.h"
#include "drill/book.h"
#include "drill/curve.h"
#include "drill/faults.h"
#include "drill/oracle.h"
#include "drill/seeds.h"
#include "store/store.h"

namespace cloison::drill {

inline constexpr std::size_t kAccountsMax = 1'000;
inline constexpr std::size_t kPeopleMin = 1'000, kPeopleMax = 1'000'000;
inline constexpr std::size_t kCaseloadMin = 2;
inline constexpr int kDaysMax = 365;
inline constexpr int kStrangersADayMax = 1'000;
inline constexpr std::size_t kSeedsMax = 100;
inline constexpr double kAdvantageMax = 0.01;
inline constexpr char kScrape[] = "A1", kSlow[] = "A2", kColluding[] = "A3", kGuessing[] = "A4",
                      kHarvest[] = "A5", kInsider[] = "A6", kLaunder[] = "A7", kDevices[] = "A8",
                      kOracle[] = "A9", kAware[] = "A10", kDecoyAware[] = "A11", kPoison[] = "A12",
                      kReplay2024[] = "france-travail-2024", kReplayCounter[] = "viamedis-2024",
                      kReplay2025[] = "missions-locales-2025", kReplay2026[] = "urssaf-2026",
                      kLive[] = "live";

struct Options {
  std::string name = kScrape;  // the attack, or the theft that is replayed
  std::size_t accounts = 1;
  std::size_t people = 20'000;
  int days = 29;
  std::uint64_t seed = 1;
  bool hammer = false;      // asks 20 times more after each refusal, as fast as it can
  int strangers_a_day = 2;  // of A2, A6 and A11, per account
  std::size_t agents = 0;   // of the organisation; 0: twenty, or as many as are stolen
  std::size_t caseload = 150;
  bool detectors = false;   // act, with bounds for the organisation as a whole (D9)
  FaultSpec faults{};       // that befall the server during the theft
  bool owner_away = false;  // of A2, A6, A11: nobody works beside the thief
  std::string policy_toml;  // empty: the attack's own
};

// Opens an empty store. `name`: "main" or "keys".
using OpenStore = std::function<Result<std::unique_ptr<store::Store>>(
    const std::string& name, std::span<const store::Family> families)>;

struct Ground {  // what a drill stands on; all outlive it
  base::Files& files;
  base::Random& random;
  std::string directory;  // empty, there; for key objects and the signed size
  OpenStore open_store;   // empty: in memory
};

// What the server did of itself about the accounts, or would have done (shadow mode): when the
// first of them reached a rung, after how many requests of its own, and how many did.
struct RungReached {
  int rung;  // 1 to 5; 5: the organisation
  double days;
  std::uint64_t reads;
  std::uint64_t accounts = 1;
  bool acts = true;
};

// What befell the server.
struct FaultReport {
  std::array<std::uint64_t, kFaults> befell{};
  std::uint64_t keys = 0;        // of those lost and kept, commits of the key store
  std::uint64_t unanswered = 0;  // requests whose outcome nobody knows
};

// Of a drill on a server that runs (drill/live.h).
struct LiveFacts {
  double seconds = 0;
  std::size_t connections = 0;   // of all accounts
  std::uint64_t overview = 0;    // people of the accounts' own caseloads, shown masked
  std::uint64_t elsewhere = 0;   // entries of the accounts' other sessions, left out
  std::uint64_t unanswered = 0;  // requests that ended without an answer
  std::optional<std::uint64_t> alarms, rung_alarms;  // raised meanwhile; nothing: nobody may hear
};

struct Report {
  Options options;
  std::optional<LiveFacts> live;
  std::array<CounterReport, access::kCounters> counters;
  double ratio = 0;                     // the worst of all counters
  std::uint64_t people_once = 0;        // opened by at least one of the accounts
  std::optional<CounterReport> sealed;  // by a job, to somebody else's key: once in each run
  std::uint64_t requests = 0, refused = 0;
  std::uint64_t honest_reads = 0, honest_refused = 0;  // of the 30 days before
  // Over all accounts, history included. Nothing: it was not compared, which no attack passes.
  std::optional<ScopeDifference> scope;
  std::uint64_t entries = 0;      // size of the ledger afterwards
  std::vector<CurvePoint> curve;  // empty: nobody was ever opened
  Benign benign;                  // of the 30 days before
  FaultReport faults;
  OracleTold oracle;  // A9
  Tally beside;       // honest work at the accounts while they were stolen
  // Where there were many seeds; the rest is of the first.
  std::optional<OverSeeds> over_seeds;
  std::vector<RungReached> rungs;  // ascending
  // From then on every account was held to its caseload, by a rung of its own from 3 on or by its
  // organisation's; nothing: it never came to that.
  std::optional<double> days_to_contained;
  std::optional<std::uint64_t> most_off;  // strangers opened by the account that opened most

  const RungReached* rung(int number) const {
    const auto found = std::ranges::find(rungs, number, &RungReached::rung);
    return found == rungs.end() ? nullptr : &*found;
  }

  // Of who tells real people from nobody (A9).
  std::optional<double> advantage() const { return oracle.Advantage(); }
  const CounterReport& of(access::Counter counter) const {
    return counters[static_cast<std::size_t>(counter)];
  }
  bool passed() const {
    // An oracle whose answers could not be compared proves nothing.
    const bool told = options.name != kOracle || advantage().has_value();
    return ratio <= 1 && scope.has_value() && scope->missing == 0 && scope->extra == 0 && told &&
           advantage().value_or(0) <= kAdvantageMax &&
           (!over_seeds.has_value() || over_seeds->passed);
  }
};

// Fails    kInvalid an unknown name, a size of 0 or over its limit; kExhausted: fewer people than
//          the accounts' caseloads need; what the vault fails with.
Result<Report> Run(const Options& options, const Ground& ground);
// The same by that many seeds, from the options' own up, one after the other on each core. Fails as
// Run does. `ground.open_store` and its random are called by several threads.
Result<std::vector<Report>> RunSeeds(const Options& options, std::size_t seeds,
                                     const Ground& ground);

// `benign`: of a log that was replayed; else the months before the thefts stand for it.
std::string ToJson(const std::vector<Report>& reports,
                   const std::optional<Benign>& benign = {});  // one object, one line
std::string ToTable(const std::vector<Report>& reports,
                    const std::optional<Benign>& benign = {});  // for people
std::string ToHtml(const std::vector<Report>& reports,
                   const std::optional<Benign>& benign = {});  // one page, people against time
// What the reports' honest months make together.
Benign BenignOf(const std::vector<Report>& reports, const std::optional<Benign>& benign);

// What `cloisond drill` was asked for.
struct Arguments {
  std::optional<std::string> attack;  // neither: A1 and france-travail-2024
  std::optional<std::string> replay;
  std::optional<std::size_t> accounts;  // nothing: as many as the attack has
  std::size_t people = 20'000;
  std::optional<int> days;
  std::uint64_t seed = 1;
  std::size_t seeds = 1;
  std::string faults;  // as ParseFaults; empty: none
  bool hammer = false;
  bool detectors = false;
  bool owner_away = false;
  bool json = false;
  std::optional<int> strangers_a_day;
  std::size_t benign_year = 0;      // agents of an honest year (drill/honest_year.h); 0: none
  std::string world, benign, html;  // FILEs: of attacks (drill/plan.h), of a log, to write
};
// Runs and prints. Gives the exit code: 0 all held, 1 a promise was broken, 2 wrong arguments, 3
// the drill could not be run. Each attack has a new directory below `ground.directory`.
int Main(const Arguments& arguments, const Ground& ground, std::ostream& out, std::ostream& err);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_DRILL_H_
