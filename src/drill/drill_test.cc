#include "drill/drill.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <sstream>

#include "drill/plan.h"
#include "store/testing/temp_directory.h"
#include "vault/embedded.h"

namespace cloison::drill {
namespace {

using access::Counter;
using access::CounterSet;
using access::Window;

constexpr std::size_t kPeople = 5'000;
constexpr std::uint64_t kHammerSeeds = 10;  // a refusal costs as much time as a reading

std::vector<std::uint64_t> Seeds() {
  if (const char* one = std::getenv("CLOISON_SEED"); one != nullptr) {
    return {std::strtoull(one, nullptr, 10)};
  }
  const char* wish = std::getenv("CLOISON_LONG");
  const bool many = wish != nullptr && std::string(wish) == "1";
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t seed = 1; seed <= (many ? 100u : 3u); ++seed) seeds.push_back(seed);
  return seeds;
}

// A hundred seeds have from 1 to 100 stolen accounts, most of them few; the first three 1, 4, 12.
std::size_t AccountsOf(std::uint64_t seed) {
  const std::uint64_t step = (seed - 1) * 27 % 100;
  return static_cast<std::size_t>(std::lround(std::pow(100.0, static_cast<double>(step) / 99)));
}

struct World {
  store::testing::TempDirectory directory;
  base::SystemFiles files;
  base::SystemRandom random;
  Ground ground{files, random, directory.path(), {}};
};

Result<Report> RunIt(const Options& options) {
  World world;
  return Run(options, world.ground);
}

TEST(Drill, NothingPassesTheBound) {
  struct Row {
    const char* why;
    const char* name;
    std::size_t accounts;  // 0: as many as the seed has
    bool hammer;
  };
  const Row rows[] = {
      {"one account, the policy in force", kScrape, 1, false},
      {"the same, not waiting for its turn", kScrape, 1, true},
      {"the theft of 2024", kReplay2024, 0, false},
      {"the same, not waiting for its turn", kReplay2024, 4, true},
  };
  for (const std::uint64_t seed : Seeds()) {
    for (const Row& row : rows) {
      if (row.hammer && seed > kHammerSeeds) continue;
      SCOPED_TRACE(std::string(row.why) + "; again: CLOISON_SEED=" + std::to_string(seed) +
                   " drill_test --gtest_filter=Drill.NothingPassesTheBound");
      Options options;
      options.name = row.name;
      options.accounts = row.accounts == 0 ? AccountsOf(seed) : row.accounts;
      options.people = kPeople;
      options.seed = seed;
      options.hammer = row.hammer;
      const Result<Report> report = RunIt(options);
      ASSERT_TRUE(report.ok()) << report.error().text();
      EXPECT_TRUE(report->passed()) << ToTable({*report});
      EXPECT_LE(report->ratio, 1);
      ASSERT_TRUE(report->scope.has_value());
      EXPECT_EQ(report->scope->missing + report->scope->extra, 0u);
      EXPECT_GE(report->scope->compared, report->honest_reads) << "history included";
      EXPECT_EQ(report->honest_refused, 0u);
      EXPECT_GT(report->honest_reads, 20 * options.accounts);
      // A thief who leaves room under the bound proves little: this one takes all there is of
      // strangers.
      EXPECT_EQ(report->of(Counter::kOpenedOff).shown, report->of(Counter::kOpenedOff).bound);
      EXPECT_GT(report->of(Counter::kGlimpsed).shown, report->of(Counter::kOpened).shown);
    }
  }
}

// A hijacked manager of accounts, alone: nobody is shown, whatever is asked.
TEST(Drill, TheTheftOf2025ShowsNobody) {
  for (const std::size_t accounts : {std::size_t{2}, std::size_t{8}}) {
    Options options;
    options.name = kReplay2025;
    options.people = kPeople;
    options.accounts = accounts;
    options.days = 9;  // beyond what an approval lasts
    const Result<Report> report = RunIt(options);
    ASSERT_TRUE(report.ok()) << report.error().text();
    EXPECT_TRUE(report->passed()) << ToTable({*report});
    for (const CounterReport& counter : report->counters) EXPECT_EQ(counter.shown, 0u);
    EXPECT_EQ(report->people_once, 0u);
    EXPECT_GT(report->requests, 20 * accounts * 9);
    EXPECT_LT(report->refused, report->requests) << "what it asked for waits";
    ASSERT_TRUE(report->scope.has_value());
    EXPECT_EQ(report->scope->compared, 0u);
  }
}

// A machine's credential: from elsewhere it does not come in, and with its key it is shown nobody.
// That those whom it registers are there already, it is told within its class's caps.
TEST(Drill, TheTheftOf2026ShowsNobody) {
  Options options;
  options.name = kReplay2026;
  options.people = kPeople;
  options.days = 9;
  const Result<Report> report = RunIt(options);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_TRUE(report->passed()) << ToTable({*report});
  EXPECT_EQ(report->people_once, 0u);
  EXPECT_EQ(report->of(Counter::kOpened).shown, 0u);
  EXPECT_LT(report->refused, report->requests) << "the job runs, whoever holds its key";
  EXPECT_GT(report->refused, 9u * 100);
  EXPECT_GT(report->of(Counter::kGlimpsedOff).shown, 100u) << "it is told that people are there";
  // The run that the program had begun, but for its first 50, and two more, each after the pause.
  ASSERT_TRUE(report->sealed.has_value());
  EXPECT_EQ(report->sealed->bound, 1'500u);
  EXPECT_EQ(report->sealed->shown, 1'450u) << "a thief who leaves room proves little";
  ASSERT_TRUE(report->scope.has_value());
  EXPECT_GE(report->scope->compared, report->of(Counter::kGlimpsedOff).shown)
      << "each of them is an entry";
  EXPECT_EQ(report->scope->missing + report->scope->extra, 0u);
}

// A counter is answered about whoever stands there, and about nobody else.
TEST(Drill, TheTheftOf2024FromACounter) {
  Options options;
  options.name = kReplayCounter;
  options.people = kPeople;
  options.accounts = 2;
  options.days = 4;
  const Result<Report> report = RunIt(options);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_TRUE(report->passed()) << ToTable({*report});
  EXPECT_EQ(report->of(Counter::kGlimpsedOff).shown, 0u) << "strangers";
  EXPECT_EQ(report->of(Counter::kOpened).shown, 0u);
  EXPECT_GT(report->of(Counter::kGlimpsed).shown, 500u) << "those who came in";
  EXPECT_EQ(report->honest_refused, 0u);
  EXPECT_GT(report->honest_reads, 2'000u);
  ASSERT_TRUE(report->scope.has_value());
  EXPECT_GT(report->scope->compared, 2'000u);
}

// A register that opens to a counter whoever stands there: the drill must say so, and that their
// entries are there.
TEST(Drill, ACounterThatOpensRecordsIsSeen) {
  Options options;
  options.name = kReplayCounter;
  options.people = kPeople;
  options.days = 1;
  options.policy_toml = std::string(vault::PayerPolicyToml()) +
                        "\n[[grant]]\norganisation = 2\nrole = \"pharmacist\"\n"
                        "purpose = \"rights\"\nrelation = \"explained\"\nform = \"plain\"\n"
                        "fields = [\"identity\", \"civil_number\"]\n";
  const Result<Report> report = RunIt(options);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_FALSE(report->passed()) << ToTable({*report});
  EXPECT_GT(report->of(Counter::kOpened).shown, 20u);
  EXPECT_GT(report->of(Counter::kSensitive).shown, 20u);
  EXPECT_EQ(report->of(Counter::kOpened).bound, 0u);
  EXPECT_EQ(report->scope->missing + report->scope->extra, 0u) << "opened, and on the record";
}

// Twenty accounts of one organisation are shown what its ceiling allows, not twenty times what one
// account may be shown.
TEST(Drill, AccountsOfOneOrganisationMeetItsCeiling) {
  Options options;
  options.name = kColluding;
  options.people = 10'000;
  options.accounts = 20;
  options.days = 3;
  const Result<Report> report = RunIt(options);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_TRUE(report->passed()) << ToTable({*report});
  const CounterReport& off = report->of(Counter::kOpenedOff);
  EXPECT_EQ(off.bound, 3u * 60) << "three strangers an agent and day";
  EXPECT_GT(off.shown, off.bound * 9 / 10) << "a thief who leaves room proves little";
  EXPECT_LT(off.shown, 20u * 80) << "their own budgets";
}

struct SlowRow {
  const char* why;
  const char* name;
  int strangers_a_day;
  std::uint64_t off_min, off_max;  // strangers opened
  bool refused;                    // whether it ever was
};

// Thefts without haste: what they take is what they wanted, or what budgets allow.
TEST(Drill, TheftsWithoutHaste) {
  const SlowRow rows[] = {
      {"two a working day", kSlow, 2, 38, 42, false},
      {"more than a month has room for", kSlow, 20, 200, 200, true},
      {"an insider who works as well", kInsider, 4, 76, 84, false},
      {"one that knows its budgets", kAware, 2, 160, 190, false},
  };
  for (const SlowRow& row : rows) {
    Options options;
    options.name = row.name;
    options.people = kPeople;
    options.strangers_a_day = row.strangers_a_day;
    options.owner_away = row.name == std::string_view(kSlow);
    const Result<Report> report = RunIt(options);
    ASSERT_TRUE(report.ok()) << row.why << ": " << report.error().text();
    EXPECT_TRUE(report->passed()) << row.why << "\n" << ToTable({*report});
    ASSERT_TRUE(report->most_off.has_value());
    EXPECT_GE(*report->most_off, row.off_min) << row.why;
    EXPECT_LE(*report->most_off, row.off_max) << row.why;
    EXPECT_EQ(report->refused > 0, row.refused) << row.why;
    EXPECT_EQ(report->honest_refused, 0u) << row.why;
  }
}

// Codes next to a known one, a stride further, random, with all check symbols: nobody, and each
// that is a code costs a glimpse.
TEST(Drill, GuessedCodesAreNobodys) {
  Options options;
  options.name = kGuessing;
  options.people = kPeople;
  options.days = 4;
  const Result<Report> report = RunIt(options);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_TRUE(report->passed()) << ToTable({*report});
  EXPECT_EQ(report->people_once, 0u);
  EXPECT_EQ(report->refused, report->requests);
  EXPECT_GT(report->requests, 300u);
  EXPECT_LT(report->requests, 100'000u) << "budgets must have stopped it";
}

TEST(Curve, StaysBelowItsBoundAndEndsWithTheReport) {
  Options options;
  options.people = kPeople;
  options.days = 9;
  const Result<Report> report = RunIt(options);
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->curve.size(), static_cast<std::size_t>(kCurvePoints) + 1);
  for (std::size_t i = 0; i < report->curve.size(); ++i) {
    const CurvePoint& point = report->curve[i];
    EXPECT_LE(point.opened, point.bound) << point.days;
    EXPECT_LE(point.opened_off, point.bound_off) << point.days;
    EXPECT_GE(point.opened, report->curve[i == 0 ? 0 : i - 1].opened);
  }
  EXPECT_EQ(report->curve.back().opened, report->of(Counter::kOpened).shown);
  EXPECT_EQ(report->curve.back().opened_off, report->of(Counter::kOpenedOff).shown);
  EXPECT_GT(report->curve[1].opened, 20u) << "an account that does not wait";
}

TEST(Poisson, IntervalsAreExact) {
  // Garwood's table, 95 %.
  const struct {
    std::uint64_t count;
    double low, high;
  } rows[] = {{0, 0, 3.689}, {1, 0.0253, 5.572}, {10, 4.795, 18.39}, {100, 81.36, 121.63}};
  for (const auto& row : rows) {
    const Interval got = PoissonInterval(row.count);
    EXPECT_NEAR(got.low, row.low, 0.006) << row.count;
    EXPECT_NEAR(got.high, row.high, 0.006) << row.count;
  }
}

Result<std::vector<BenignLook>> LooksOf(const std::string& csv,
                                        std::vector<std::string>& problems) {
  std::istringstream in(csv);
  return ReadBenign(in, &problems);
}

TEST(Benign, ALogIsReplayedThroughTheGate) {
  // Forty strangers of one agent within an hour, and forty of another's own people.
  std::string csv = "person,time,agent,office,reason\n";
  for (int i = 0; i < 40; ++i) {
    const std::string minute = (i < 10 ? "0" : "") + std::to_string(i);
    csv += "p" + std::to_string(i) + ",2024-02-06T09:" + minute + ":00Z,a,o,counter\n";
    csv += "q" + std::to_string(i) + ",2024-02-06T09:" + minute + ":30Z,b,o,\n";
  }
  std::vector<std::string> problems;
  Result<std::vector<BenignLook>> looks = LooksOf(csv, problems);
  ASSERT_TRUE(looks.ok());
  World world;
  const Result<Benign> benign = ReplayBenign(std::move(*looks), 1, world.ground);
  ASSERT_TRUE(benign.ok()) << benign.error().text();
  EXPECT_EQ(benign->accesses, 80u);
  EXPECT_EQ(benign->refused, 28u) << "twelve strangers an hour are the class's";
  EXPECT_NEAR(benign->agent_years, 2.0 / 365, 1e-9) << "a day at least";
}

TEST(Benign, RefusesWhatIsNoLog) {
  const struct {
    const char* why;
    const char* csv;
    const char* says;
  } rows[] = {
      {"nothing", "", "empty"},
      {"a header alone", "time,agent,office,person\n", "empty"},
      {"no person", "time,agent,office\n", "no column 'person'"},
      {"another time", "time,agent,office,person\n06/02/2024,a,o,p\n", "row 2 has no time"},
      {"nobody", "time,agent,office,person\n2024-02-06T09:00:00Z,,o,p\n", "row 2 names nobody"},
      {"a field less", "time,agent,office,person\n2024-02-06T09:00:00Z,a,o\n", "row 2 is no CSV"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> problems;
    EXPECT_FALSE(LooksOf(row.csv, problems).ok()) << row.why;
    ASSERT_FALSE(problems.empty()) << row.why;
    EXPECT_NE(problems[0].find(row.says), std::string::npos) << row.why << ": " << problems[0];
  }
}

TEST(Plan, ReadsAndRefuses) {
  const struct {
    const char* why;
    const char* toml;
    const char* says;  // "": read
  } rows[] = {
      {"all there is",
       "[world]\npeople = 9_000\nagents = 40\ncaseload = 50\nseed = 3\npolicy = \"p.toml\"\n"
       "[[attack]]\nname = \"A2\"\naccounts = 3\ndays = 9\nstrangers_a_day = 4\n"
       "hammer = true\n[benign]\nlog = \"b.csv\"\n",
       ""},
      {"a log alone", "[benign]\nlog = \"b.csv\"\n", ""},
      {"nothing to do", "[world]\npeople = 9_000\n", "neither"},
      {"an unknown key", "[world]\npeolpe = 9_000\n", "'people'"},
      {"an unknown key of an attack", "[[attack]]\nname = \"A1\"\naccount = 3\n", "'accounts'"},
      {"an unknown attack", "[[attack]]\nname = \"A13\"\n", "no attack 'A13'"},
      {"no name", "[[attack]]\ndays = 3\n", "'name'"},
      {"too many accounts", "[[attack]]\nname = \"A1\"\naccounts = 1001\n", "1000"},
      {"no day", "[[attack]]\nname = \"A1\"\ndays = 0\n", "365"},
      {"a register of a village", "[world]\npeople = 10\n", "1000"},
      {"nobody is followed", "[world]\ncaseload = 1\n", "caseload"},
      {"a log without a name", "[benign]\n", "'log'"},
      {"no TOML", "[[attack\n", "line"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> problems;
    const Result<Plan> plan = ParsePlan(row.toml, &problems);
    EXPECT_EQ(plan.ok(), *row.says == '\0') << row.why;
    if (plan.ok()) continue;
    ASSERT_FALSE(problems.empty()) << row.why;
    EXPECT_NE(problems[0].find(row.says), std::string::npos) << row.why << ": " << problems[0];
  }
  std::vector<std::string> problems;
  const Plan plan = *ParsePlan(rows[0].toml, &problems);
  const Options& options = plan.attacks.at(0);
  EXPECT_EQ(options.people, 9'000u);
  EXPECT_EQ(options.agents, 40u);
  EXPECT_EQ(options.caseload, 50u);
  EXPECT_EQ(options.seed, 3u);
  EXPECT_EQ(options.accounts, 3u);
  EXPECT_EQ(options.days, 9);
  EXPECT_EQ(options.strangers_a_day, 4);
  EXPECT_TRUE(options.hammer);
  EXPECT_EQ(plan.policy, "p.toml");
  EXPECT_EQ(plan.benign, "b.csv");
}

TEST(Book, PairsOfManyBooksCountEachAccountApart) {
  CounterSet opened;
  opened.Add(Counter::kOpened);
  Book one, two;
  const PersonId a(ByteArray<8>{1}), b(ByteArray<8>{2});
  one.Add({0, a, opened, {}, {}});
  two.Add({5, a, opened, {}, {}});
  one.Add({9, b, opened, {}, {}});
  two.Add({10, b, opened, {}, {}});
  const Book* const books[] = {&one, &two};
  EXPECT_EQ(Book::MostPairsWithin(books, Counter::kOpened, 10), 3u) << "half-open: not the last";
  EXPECT_EQ(Book::MostPairsWithin(books, Counter::kOpened, 11), 4u);
  EXPECT_EQ(Book::MostPairsWithin(books, Counter::kSensitive, 11), 0u);
}

TEST(Drill, AHundredSeedsHaveFromOneToAHundredAccounts) {
  std::size_t least = kAccountsMax, most = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    least = std::min(least, AccountsOf(seed));
    most = std::max(most, AccountsOf(seed));
  }
  EXPECT_EQ(least, 1u);
  EXPECT_EQ(most, 100u);
}

TEST(Drill, AShortTheftIsBoundedByShortWindows) {
  Options options;
  options.name = kReplay2024;
  options.people = kPeople;
  options.days = 1;
  const Result<Report> report = RunIt(options);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_TRUE(report->passed()) << ToTable({*report});
  EXPECT_LT(report->of(Counter::kOpened).bound, 800u);
  EXPECT_GT(report->of(Counter::kOpened).shown, 0u);
}

TEST(Drill, TheSameSeedGivesTheSameReport) {
  Options options;
  options.people = kPeople;
  options.days = 3;
  const Result<Report> one = RunIt(options), two = RunIt(options);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(ToJson({*one}), ToJson({*two}));
}

BookLine Line(std::int64_t at_ms, std::uint8_t person, std::vector<std::uint64_t> entries,
              std::vector<FieldId> fields) {
  CounterSet counters;
  counters.Add(Counter::kOpened);
  return {at_ms, PersonId(ByteArray<8>{person}), counters, std::move(entries), std::move(fields)};
}

ScopeEntry Entry(std::uint64_t index, std::uint8_t person, std::vector<FieldId> fields) {
  return {index, 1, PersonId(ByteArray<8>{person}), ledger::Form::kPlain, std::move(fields)};
}

TEST(Book, FindsWhatAScopeLacksOrInvents) {
  const FieldId name(0x0101), nir(0x0201), phone(0x0301);
  struct Row {
    const char* why;
    std::vector<ScopeEntry> scope;
    std::uint64_t missing, extra;
  };
  const Row rows[] = {
      {"exact", {Entry(7, 1, {name, nir}), Entry(9, 2, {phone})}, 0, 0},
      {"two entries for one answer", {Entry(7, 1, {name, nir}), Entry(9, 2, {phone})}, 0, 0},
      {"a field with no value came empty",
       {Entry(7, 1, {name, nir, phone}), Entry(9, 2, {phone})},
       0,
       0},
      {"an entry is missing", {Entry(7, 1, {name, nir})}, 1, 0},
      {"an entry names another person", {Entry(7, 3, {name, nir}), Entry(9, 2, {phone})}, 1, 0},
      {"an entry lacks a field", {Entry(7, 1, {name}), Entry(9, 2, {phone})}, 1, 0},
      {"an entry that nobody received",
       {Entry(7, 1, {name, nir}), Entry(8, 2, {phone}), Entry(9, 2, {phone})},
       0,
       1},
      {"nothing", {}, 2, 0},
  };
  Book book;
  book.Add(Line(1'000, 1, {7}, {name, nir}));
  book.Add(Line(2'000, 2, {9}, {phone}));
  for (const Row& row : rows) {
    const ScopeDifference difference = book.Compare(row.scope);
    EXPECT_EQ(difference.missing, row.missing) << row.why;
    EXPECT_EQ(difference.extra, row.extra) << row.why;
  }
  Book no_receipt;
  no_receipt.Add(Line(1'000, 1, {}, {name}));
  EXPECT_EQ(no_receipt.Compare({Entry(7, 1, {name})}).missing, 1u);
}

TEST(Book, CountsPeopleAndNotShowings) {
  Book book;
  const std::int64_t hour_ms = base::kHourMs;
  book.Add(Line(0, 1, {1}, {}));
  book.Add(Line(10, 1, {2}, {}));
  book.Add(Line(20, 2, {3}, {}));
  book.Add(Line(hour_ms, 3, {4}, {}));       // an hour after the first: another interval
  book.Add(Line(hour_ms + 19, 4, {5}, {}));  // the second is still in
  EXPECT_EQ(book.People(Counter::kOpened, 0), 4u);
  EXPECT_EQ(book.People(Counter::kOpened, 11), 3u);
  EXPECT_EQ(book.People(Counter::kSensitive, 0), 0u);
  EXPECT_EQ(book.MostWithin(Counter::kOpened, Window::kHour), 3u);
  EXPECT_EQ(book.MostWithin(Counter::kOpened, Window::kDay), 4u);
}

TEST(Report, ABrokenPromiseIsSeen) {
  struct Row {
    const char* why;
    double ratio;
    std::optional<ScopeDifference> scope;
    bool want;
    const char* text;
  };
  const ScopeDifference exact{};
  const Row rows[] = {
      {"held", 1, exact, true, "\"ratio\":1,"},
      {"by one in a million people", 1.000001, exact, false, "\"ratio\":1.0001,"},
      {"a showing that the ledger does not know", 0.5, ScopeDifference{1, 0}, false,
       "\"scope_missing\":1"},
      {"an entry for nothing", 0.5, ScopeDifference{0, 1}, false, "\"scope_extra\":1"},
      {"nobody looked", 0.5, {}, false, "\"scope_missing\":null"},
  };
  for (const Row& row : rows) {
    Report report;
    report.ratio = row.ratio;
    report.scope = row.scope;
    EXPECT_EQ(report.passed(), row.want) << row.why;
    EXPECT_NE(ToJson({report}).find(row.text), std::string::npos) << row.why;
    EXPECT_EQ(ToTable({report}).ends_with("BROKEN\n"), !row.want) << row.why;
  }
  Report report;
  EXPECT_NE(ToJson({report}).find("\"rungs\":[]"), std::string::npos);
  report.rungs.push_back({4, 1.5, 93});
  report.curve = {{0, 1, 1, 60, 12}, {29, 60, 12, 800, 200}};
  EXPECT_NE(ToJson({report}).find("\"rungs\":[{\"rung\":4,\"days\":1.5,\"reads\":93,\"accounts\":1,"
                                  "\"acts\":true}]"),
            std::string::npos);
  report.over_seeds = SummariseSeeds({report, report});
  report.options.faults.fill(1);
  report.faults.befell = {7, 8, 9, 10, 11, 12};
  report.benign.r2 = report.benign.r3 = report.benign.r4 = 5;
  const std::string page = ToHtml({report});
  EXPECT_NE(page.find("Over 2 seeds"), std::string::npos);
  EXPECT_NE(page.find("crash 7 lost 8"), std::string::npos);
  EXPECT_NE(page.find("4: frozen"), std::string::npos);
  EXPECT_NE(page.find("class=\"three\""), std::string::npos) << "the line of the bound";
  EXPECT_NE(page.find(">R4</text>"), std::string::npos) << "rungs stand in the picture";
  EXPECT_NE(page.find("<polyline"), std::string::npos);
  for (const char* never : {"http:", "https:", "<script", "src=", "url("}) {
    EXPECT_EQ(page.find(never), std::string::npos) << never;
  }
  EXPECT_NE(ToJson({Report{}}).find("\"reads_to_r4\":null,\"days_to_r4\":null"), std::string::npos);
}

TEST(Main, WrongArguments) {
  struct Row {
    const char* why;
    Arguments arguments;
  };
  std::vector<Row> rows(10);
  rows[0].why = "an attack that does not exist yet";
  rows[0].arguments.attack = "A13";
  rows[1].why = "a theft that nobody knows";
  rows[1].arguments.replay = "louvre-2025";
  rows[2].why = "no account";
  rows[2].arguments.accounts = 0;
  rows[3].why = "too many";
  rows[3].arguments.accounts = kAccountsMax + 1;
  rows[4].why = "no day";
  rows[4].arguments.days = 0;
  rows[5].why = "too few people to be followed";
  rows[5].arguments.people = kPeopleMin - 1;
  rows[6].why = "no such world";
  rows[6].arguments.world = "/nonexistent/world.toml";
  rows[7].why = "no such log";
  rows[7].arguments.benign = "/nonexistent/benign.csv";
  rows[8].why = "nothing a day";
  rows[8].arguments.strangers_a_day = 0;
  rows[9].why = "no seed";
  rows[9].arguments.seeds = 0;
  for (const Row& row : rows) {
    World world;
    std::ostringstream out, err;
    EXPECT_EQ(Main(row.arguments, world.ground, out, err), 2) << row.why;
    EXPECT_EQ(out.str(), "") << row.why;
    EXPECT_NE(err.str(), "") << row.why;
  }
}

TEST(Main, PrintsBothFirstForms) {
  World world;
  Arguments arguments;
  arguments.people = kPeople;
  arguments.accounts = 2;
  arguments.days = 1;
  arguments.json = true;
  arguments.html = world.directory.path() + "/report.html";
  std::ostringstream out, err;
  EXPECT_EQ(Main(arguments, world.ground, out, err), 0) << err.str();
  EXPECT_TRUE(world.files.Stat(arguments.html).ok());
  for (const char* key : {"\"attacks\":[{\"name\":\"A1\",\"accounts\":2,\"people\":5000,",
                          "{\"name\":\"france-travail-2024\",", "\"passed\":true",
                          "\"benign\":{\"agent_years\":", "\"r4\":0,\"refused\":0,"}) {
    EXPECT_NE(out.str().find(key), std::string::npos) << out.str();
  }
}

}  // namespace
}  // namespace cloison::drill
