// Whole assessments of small logs: held against a count by hand, the same however the log is read,
// a golden report, and what must never stand in one.
#include "assess/assess.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "assess/example_log.h"
#include "assess/judge.h"
#include "assess/report.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/testing/memory_files.h"
#include "codec/gzip.h"
#include "text/date.h"
#include "vault/embedded.h"

namespace cloison::assess {
namespace {

using access::Counter;

// Gives a text in pieces, as a pipe does.
class TextSource final : public ByteSource {
 public:
  TextSource(std::string text, std::size_t piece) : text_(std::move(text)), piece_(piece) {}
  Result<std::size_t> Read(std::span<char> out) override {
    const std::size_t size = std::min({out.size(), piece_, text_.size() - at_});
    std::copy_n(text_.data() + at_, size, out.data());
    at_ += size;
    return size;
  }

 private:
  const std::string text_;
  const std::size_t piece_;
  std::size_t at_ = 0;
};

std::unique_ptr<ByteSource> Source(const std::string& text, std::size_t piece = 1u << 20) {
  return MaybeUnpacked(std::make_unique<TextSource>(text, piece));
}

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

Options OptionsFor(std::string_view map = {}) {
  std::vector<std::string> problems;
  const auto schema = records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems);
  Options options;
  options.policy = *access::Policy::Parse(vault::DemoPolicyToml(), **schema, &problems);
  if (!map.empty()) options.map = LogMap::Parse(map, &problems).value();
  EXPECT_TRUE(problems.empty());
  return options;
}

Result<Findings> Assess(const std::string& log, const Options& options) {
  std::vector<std::string> problems;
  return assess::Run(Source(log), options, &problems);
}

// ---- against a count by hand

// Numbers of a seed.
class Draws {
 public:
  explicit Draws(unsigned seed) : engine_(seed) {}
  unsigned operator()() { return static_cast<unsigned>(engine_()); }

 private:
  std::mt19937 engine_;
};

struct Look {
  std::int64_t at_ms;
  std::string account, office, role, person;
  int kind;  // 1 glimpse, 2 open, 3 sensitive
  bool own;
};

struct World {
  std::string csv;
  std::vector<Look> looks;  // in the order of time
  bool told;
};

// Busy accounts, so that budgets refuse; lines out of order, broken ones between, agents that move.
World MakeWorld(unsigned seed) {
  Draws random(seed);
  World world;
  world.told = seed % 2 == 0;
  world.csv = world.told ? "person,time,agent,office,role,action,caseload\n"
                         : "person,time,agent,office,role,action\n";
  std::int64_t now_ms = 1'707'177'600'000;
  for (int i = 0; i < 2'000; ++i) {
    now_ms += static_cast<std::int64_t>(random() % (i % 200 == 0 ? 90'000'000 : 120'000));
    const std::int64_t at_ms = now_ms - static_cast<std::int64_t>(random() % 5 == 0 ? 400'000 : 0);
    const unsigned agent = random() % 6;
    Look look{at_ms,
              "a" + std::to_string(agent),
              "o" + std::to_string(random() % 50 == 0 ? 9 : agent / 2),
              agent % 3 == 0 ? "manager" : "adviser",
              "p" + std::to_string(random() % 300),
              static_cast<int>(1 + random() % 3),
              random() % 2 == 0};
    if (random() % 40 == 0) world.csv += "p1,never," + look.account + ",o,adviser,open\n";
    static constexpr const char* kActions[] = {"", "glimpse", "open", "sensitive"};
    world.csv += look.person + "," + text::FormatUtcMs(at_ms) + "," + look.account + "," +
                 look.office + "," + look.role + "," + kActions[look.kind];
    if (world.told) world.csv += look.own ? ",yes" : ",no";
    world.csv += i % 3 == 0 ? "\r\n" : "\n";
    world.looks.push_back(std::move(look));
  }
  std::ranges::stable_sort(world.looks, {}, &Look::at_ms);
  return world;
}

access::SeenId IdOf(const std::string& person) {
  access::SeenId id{};
  std::copy(person.begin(), person.end(), id.begin());
  return id;
}

struct Counted {
  std::uint64_t accesses = 0;
  std::set<std::string> accounts;
  std::set<std::pair<std::string, std::int64_t>> days;
  std::array<std::uint32_t, access::kWindows> most{};
  std::array<std::uint64_t, kViews> refused{};
  std::array<std::set<std::string>, kViews> refused_accounts;
  std::array<std::set<std::pair<std::string, std::int64_t>>, kViews> refused_days;
};

// Groups by "role r", "office o" and "all".
std::map<std::string, Counted> CountByHand(const World& world, const access::Policy& policy) {
  std::map<std::string, Counted> groups;
  std::map<std::string, std::vector<std::pair<std::int64_t, std::string>>> shown;
  std::array<std::map<std::string, access::Windows>, kViews> windows;
  for (const Look& look : world.looks) {
    const access::Role* role = policy.FindRole(look.role);
    const access::Caps caps = policy.ClassOf(role->name).value()->caps;
    auto& of = shown[look.account];
    of.emplace_back(look.at_ms, look.person);
    for (const std::string& name :
         {"role " + look.role, "office " + look.office, std::string("all")}) {
      Counted& counted = groups[name];
      ++counted.accesses;
      counted.accounts.insert(look.account);
      counted.days.emplace(look.account, look.at_ms / base::kDayMs);
      for (std::size_t w = 0; w < access::kWindows; ++w) {
        std::set<std::string> people;
        for (auto at = of.rbegin(); at != of.rend(); ++at) {
          if (at->first < look.at_ms - access::kWindowMs[w]) break;
          people.insert(at->second);
        }
        counted.most[w] = std::max(counted.most[w], static_cast<std::uint32_t>(people.size()));
      }
    }
    for (std::size_t v = 0; v < (world.told ? 1 : kViews); ++v) {
      access::Windows& mine = windows[v].emplace(look.account, access::Windows(caps)).first->second;
      mine.SetCaps(caps);
      const bool off = world.told ? !look.own : v == 1;
      const access::Showing showing{IdOf(look.person),
                                    CountersOf(look.kind > 1, look.kind > 2, off)};
      if (!mine.WouldPass(look.at_ms, {&showing, 1}).has_value()) {
        mine.Debit(look.at_ms, {&showing, 1});
        continue;
      }
      for (const std::string& name :
           {"role " + look.role, "office " + look.office, std::string("all")}) {
        ++groups[name].refused[v];
        groups[name].refused_accounts[v].insert(look.account);
        groups[name].refused_days[v].emplace(look.account, look.at_ms / base::kDayMs);
      }
    }
  }
  return groups;
}

void ExpectSame(const GroupTally& got, const Counted& want, const std::string& name) {
  EXPECT_EQ(got.accesses, want.accesses) << name;
  EXPECT_EQ(got.accounts, want.accounts.size()) << name;
  EXPECT_EQ(got.account_days, want.days.size()) << name;
  EXPECT_EQ(got.most, want.most) << name;
  for (std::size_t v = 0; v < kViews; ++v) {
    EXPECT_EQ(got.views[v].accesses, want.refused[v]) << name << v;
    EXPECT_EQ(got.views[v].accounts, want.refused_accounts[v].size()) << name << v;
    EXPECT_EQ(got.views[v].account_days, want.refused_days[v].size()) << name << v;
  }
}

TEST(Assess, CountsWhatAReaderByHandCounts) {
  const Options options = OptionsFor();
  std::uint64_t refused = 0;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    const World world = MakeWorld(seed);
    const std::map<std::string, Counted> want = CountByHand(world, *options.policy);
    const Result<Findings> findings = Assess(world.csv, options);
    ASSERT_TRUE(findings.ok());
    EXPECT_EQ(findings->told, world.told);
    ExpectSame(findings->all, want.at("all"), "all");
    refused += findings->all.views[0].accesses;
    EXPECT_EQ(findings->roles.size(), 2u);
    for (const Row& row : findings->roles) {
      ExpectSame(row.tally, want.at("role " + row.role), row.role);
    }
    for (const Row& row : findings->offices) {
      ExpectSame(row.tally, want.at("office " + row.office), row.office);
    }
    EXPECT_EQ(findings->counts.lines,
              findings->counts.accesses + findings->counts.ignored + findings->counts.broken());
    EXPECT_GT(findings->counts.broken(), 0u);
  }
  EXPECT_GT(refused, 0u) << "worlds in which a budget never refuses test nothing";
}

// ---- ceilings, by their definition

TEST(Assess, CountsPairsAsCeilingsDo) {
  for (const unsigned seed : {2u, 3u}) {
    const World world = MakeWorld(seed);
    const Result<Findings> findings = Assess(world.csv, OptionsFor());
    ASSERT_TRUE(findings.ok());
    ASSERT_EQ(findings->bucket_ms, base::kHourMs);
    // The highest sum of a day: at each hour, pairs whose latest showing (place and all) is in it
    // or one of the 24 before.
    std::map<std::pair<std::string, std::int64_t>, std::uint64_t> most;
    const std::int64_t first = world.looks.front().at_ms / base::kDayMs * 24;
    const std::int64_t last = world.looks.back().at_ms / base::kHourMs;
    std::map<std::pair<std::string, std::string>, std::pair<std::int64_t, std::string>> latest;
    auto look = world.looks.begin();
    for (std::int64_t hour = first; hour <= last; ++hour) {
      for (; look != world.looks.end() && look->at_ms / base::kHourMs == hour; ++look) {
        if (look->kind < 2) continue;  // the counter opened
        latest[{look->account, look->person}] = {hour, look->office};
      }
      std::map<std::string, std::uint64_t> sums;
      for (const auto& [pair, at] : latest) {
        if (at.first >= hour - 24) ++sums[at.second], ++sums[""];
      }
      for (const auto& [office, sum] : sums) {
        std::uint64_t& of = most[{office, hour / 24}];
        of = std::max(of, sum);
      }
    }
    std::map<std::string, std::vector<PairCounts::Day>> days;
    for (const auto& [of, value] : most) days[of.first].push_back({of.second, value});
    std::size_t seen = 0;
    for (const CeilingRow& row : findings->ceilings) {
      if (row.counter != Counter::kOpened) continue;
      const Proposal want = Propose(days[row.name]);
      EXPECT_EQ(row.proposal.ordinary_most, want.ordinary_most) << row.name;
      EXPECT_EQ(row.proposal.median, want.median) << row.name;
      EXPECT_EQ(row.proposal.ceiling, want.ceiling) << row.name;
      EXPECT_EQ(row.proposal.left_out, want.left_out) << row.name;
      ++seen;
    }
    EXPECT_EQ(seen, days.size()) << "the register and each office";
  }
}

std::vector<PairCounts::Day> Days(std::vector<std::uint64_t> values) {
  std::vector<PairCounts::Day> days;
  for (const std::uint64_t value : values) {
    days.push_back({static_cast<std::int64_t>(days.size()), value});
  }
  return days;
}

TEST(Propose, LeavesOutDaysFarAboveTheOthers) {
  const std::vector<std::uint64_t> ten = {100, 104, 98, 101, 99, 103, 97, 102, 100, 105};
  const auto with = [&](std::vector<std::uint64_t> more) {
    more.insert(more.begin(), ten.begin(), ten.end());
    return Days(more);
  };
  const struct {
    const char* why;
    std::vector<PairCounts::Day> days;
    std::uint64_t ceiling, ordinary;
    std::size_t left_out;
  } rows[] = {
      {"ordinary days", with({}), 140, 105, 0},
      {"a theft", with({5'000}), 140, 105, 1},
      {"a theft of days", with({900, 5'000, 5'000}), 140, 105, 3},
      {"a busy day is no theft", with({140}), 180, 140, 0},
      {"weekends do not pull it down", with({3, 0, 2, 4, 0, 1}), 140, 105, 0},
      {"too few days", Days({100, 100, 100}), 0, 100, 0},
      {"nothing ever", Days({0, 0, 0}), 0, 0, 0},
      {"no days", {}, 0, 0, 0},
      {"one pair a day", Days({1, 1, 1, 1, 1, 1, 1, 1, 1, 1}), 2, 1, 0},
  };
  for (const auto& row : rows) {
    const Proposal got = Propose(row.days);
    EXPECT_EQ(got.ceiling, row.ceiling) << row.why;
    EXPECT_EQ(got.ordinary_most, row.ordinary) << row.why;
    EXPECT_EQ(got.left_out.size(), row.left_out) << row.why;
  }
}

// ---- the same however it is read

TEST(Assess, IsTheSameInPiecesThreadsAndPackedOnDisk) {
  const World world = MakeWorld(5);
  const Options options = OptionsFor();
  const std::string want = ToJson(*Assess(world.csv, options), {});
  const struct {
    const char* why;
    std::size_t threads, block_bytes, memory_bytes;
    bool packed;
  } rows[] = {
      {"one thread", 1, kBlockBytes, 1u << 28, false},
      {"blocks of a line or two", 1, 100, 1u << 28, false},
      {"four threads, small blocks", 4, 300, 1u << 28, false},
      {"all of it in the file", 3, 1'000, 0, false},
      {"gzip", 2, 1'000, 1u << 28, true},
  };
  for (const auto& row : rows) {
    Options how = options;
    how.threads = row.threads;
    how.block_bytes = row.block_bytes;
    how.memory_bytes = row.memory_bytes;
    std::vector<std::string> problems;
    const auto findings =
        assess::Run(Source(row.packed ? codec::Gzip(world.csv) : world.csv, 777), how, &problems);
    ASSERT_TRUE(findings.ok()) << row.why;
    EXPECT_EQ(ToJson(*findings, {}), want) << row.why;
    EXPECT_EQ(findings->spilled_bytes > 0, row.memory_bytes == 0) << row.why;
  }
}

TEST(Assess, BrokenLinesAreToldWithTheirPlace) {
  const std::string log =
      "\xef\xbb\xbftime,agent,person\n"
      "2024-02-06T08:00:00Z,a,p1\n"
      "\n"
      "soon,a,p2\n"
      "2024-02-06T08:00:01Z,a\n" +
      std::string(900, 'x') + "\n2024-02-06T08:00:02Z,,=p3\n2024-02-06T08:00:03Z,a,p1";
  for (const std::size_t block : {std::size_t{64}, kBlockBytes}) {
    for (const bool values : {false, true}) {
      base::testing::MemoryFiles files;
      Options options = OptionsFor();
      options.block_bytes = block;
      options.include_values = values;
      auto rejects = files.Create("r", 0600).value();
      options.rejects = rejects.get();
      const auto findings = Assess(log, options);
      ASSERT_TRUE(findings.ok());
      EXPECT_EQ(findings->counts.lines, 6u);
      EXPECT_EQ(findings->counts.accesses, 2u);
      const std::string text(base::AsText(*files.Read("r")));
      const std::string fault = block == 64 ? "6,too_long" : "6,columns";
      if (!values) {
        EXPECT_EQ(text, "line,reason\r\n4,time\r\n5,columns\r\n" + fault + "\r\n7,agent\r\n");
      } else {
        EXPECT_NE(text.find("4,time,\"soon,a,p2\""), std::string::npos) << text;
      }
    }
  }
}

TEST(Assess, RefusesWhatIsNoLog) {
  const struct {
    const char* why;
    const char* log;
    const char* says;
  } rows[] = {
      {"nothing", "", "empty"},
      {"a header alone", "time,agent,person\n", "no line says when"},
      {"another header", "when,agent,person\n2024-02-06T08:00:00Z,a,p\n", "no column 'time'"},
      {"a quote in the header", "ti\"me,agent,person\n", "quote"},
      {"no line is good", "time,agent,person\n2024-02-06T08:00:00Z,,p\n", "no line of the log"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> problems;
    const auto findings = assess::Run(Source(row.log), OptionsFor(), &problems);
    ASSERT_FALSE(findings.ok()) << row.why;
    EXPECT_EQ(findings.error().code(), Code::kInvalid) << row.why;
    ASSERT_FALSE(problems.empty()) << row.why;
    EXPECT_NE(problems[0].find(row.says), std::string::npos) << row.why << ": " << problems[0];
  }
  std::vector<std::string> problems;
  Options options = OptionsFor();
  options.default_class = "case-wroker";
  EXPECT_FALSE(
      assess::Run(Source("time,agent,person\n2024-02-06T08:00:00Z,a,p\n"), options, &problems)
          .ok());
  const std::string cut = codec::Gzip("time,agent,person\n2024-02-06T08:00:00Z,a,p\n");
  const auto damaged = assess::Run(Source(cut.substr(0, cut.size() - 9)), OptionsFor(), &problems);
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().code(), Code::kCorrupt);
}

// ---- scope

TEST(Assess, TheScopeIsExact) {
  const World world = MakeWorld(4);
  std::vector<std::string> problems;
  // It begins with an access and ends right behind one.
  const auto of = [&](std::size_t first, const char* account) {
    while (world.looks[first].account != account) ++first;
    return world.looks[first].at_ms;
  };
  const std::int64_t from = of(500, "a1"), until = of(1'500, "a4") + 1;
  const auto query = ScopeQuery::Parse(
      "agent=a1,agent=a4,from=" + text::FormatUtcMs(from) + ",until=" + text::FormatUtcMs(until),
      Zone(), &problems);
  ASSERT_TRUE(query.ok());
  std::map<std::string, int> want;
  std::uint64_t accesses = 0;
  for (const Look& look : world.looks) {
    if ((look.account != "a1" && look.account != "a4") || look.at_ms < from ||
        look.at_ms >= until) {
      continue;
    }
    ++want[look.person];
    ++accesses;
  }
  ScopeList scope(*query);
  Options options = OptionsFor();
  options.scope = &scope;
  options.block_bytes = 500;
  ASSERT_TRUE(Assess(world.csv, options).ok());
  EXPECT_EQ(scope.people(), want.size());
  EXPECT_EQ(scope.accesses(), accesses);
  std::istringstream lines(scope.Csv());
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "person,first,last,accesses,opened,sensitive\r");
  for (const auto& [person, times] : want) {
    std::getline(lines, line);
    EXPECT_TRUE(line.starts_with(person + ",2024-")) << line;
    EXPECT_NE(line.find("Z," + std::to_string(times) + ","), std::string::npos) << line;
  }
  EXPECT_FALSE(std::getline(lines, line)) << "nobody else";
}

TEST(ScopeQuery, RefusesWhatItDoesNotKnow) {
  const Zone paris = Zone::Parse("Europe/Paris").value();
  std::vector<std::string> problems;
  const auto days =
      ScopeQuery::Parse("office=o,from=2024-02-06,until=2024-02-06", paris, &problems);
  ASSERT_TRUE(days.ok());
  EXPECT_EQ(text::FormatUtcMs(days->from_ms), "2024-02-05T23:00:00.000Z");
  EXPECT_EQ(text::FormatUtcMs(days->until_ms), "2024-02-06T23:00:00.000Z") << "the whole day";
  for (const char* wrong : {"", "agent", "agent=", "from=2024-02-06", "agent=a,from=06/02/2024",
                            "agent=a,who=b", "agent=a,from=2024-02-07,until=2024-02-05"}) {
    problems.clear();
    EXPECT_FALSE(ScopeQuery::Parse(wrong, paris, &problems).ok()) << wrong;
    EXPECT_FALSE(problems.empty()) << wrong;
  }
}

// ---- reports

constexpr char kSmall[] = "tests/vectors/assess/small.csv",
               kSmallMap[] = "tests/vectors/assess/small.toml",
               kSmallJson[] = "tests/vectors/assess/small.json";

TEST(Report, TheSmallLogIsAsItWas) {
  const auto findings = Assess(TextOf(kSmall), OptionsFor(TextOf(kSmallMap)));
  ASSERT_TRUE(findings.ok());
  EXPECT_EQ(ToJson(*findings, {}) + "\n", TextOf(kSmallJson));
}

TEST(Report, NamesNobodyUnlessAskedTo) {
  std::string log;
  ExampleSize size;
  size.lines = 4'000;
  const ExampleLog example(size);
  example.AppendHeader(log);
  for (std::uint64_t i = 0; i < size.lines; ++i) example.AppendLine(log, i);
  const auto findings = Assess(log, OptionsFor());
  ASSERT_TRUE(findings.ok());
  const auto has = [](const std::string& text, const char* what) {
    return text.find(what) != std::string::npos;
  };
  for (const auto to : {ToJson, ToText, ToHtml}) {
    const std::string plain = to(*findings, {});
    EXPECT_FALSE(has(plain, "agent-00"));
    EXPECT_FALSE(has(plain, "p0000"));
    EXPECT_FALSE(has(to(*findings, {.names = true, .scope = {}}), "p0000"));
  }
  EXPECT_TRUE(has(ToJson(*findings, {.names = true, .scope = {}}), "agent-000007"));
  EXPECT_TRUE(has(ToHtml(*findings, {.names = true, .scope = {}}), "agent-000007"));
  Options other = OptionsFor();
  other.key[0] = 1;
  EXPECT_NE(Assess(log, other)->top[0].pseudonym, findings->top[0].pseudonym)
      << "another run, another pseudonym";
  EXPECT_TRUE(has(findings->top[0].pseudonym, "account-"));
  EXPECT_EQ(findings->top[0].account.agent, "agent-000007") << "the thief stands first";
}

TEST(Report, ThePageHoldsNamesOfTheLogAsText) {
  const std::string log =
      "time,agent,person,office,role\n"
      "2024-02-06T08:00:00Z,a,p,<script>1</script>,\"\"\" onload=\"\"x\"\n";
  const auto findings = Assess(log, OptionsFor());
  ASSERT_TRUE(findings.ok());
  const std::string html = ToHtml(*findings, {});
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("\" onload=\""), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;1&lt;/script&gt;"), std::string::npos);
}

TEST(Report, WhatOneAccountCouldTake) {
  // Sixty people in one minute by one account of a register of 10,000.
  std::string log = "time,agent,person,role\n";
  for (int i = 0; i < 60; ++i) {
    log +=
        text::FormatUtcMs(1'707'207'000'000 + i * 999) + ",a,p" + std::to_string(i) + ",adviser\n";
  }
  Options options = OptionsFor();
  options.register_people = 10'000;
  const auto findings = Assess(log, options);
  ASSERT_TRUE(findings.ok());
  const Reach reach = ReachOf(findings->roles.at(0), *findings);
  EXPECT_EQ(reach.seen_hour, 60u);
  EXPECT_EQ(reach.rate_hour, 3'600u);
  EXPECT_EQ(reach.rate_day, 10'000u) << "at most everybody";
  EXPECT_EQ(reach.opened[0], 60u);
  EXPECT_EQ(reach.opened[1], 150u);
  EXPECT_EQ(reach.opened_off[1], 30u);
}

TEST(Sketch, IsWithinTwoPercent) {
  const crypto::ShortHash hash(ByteArray<16>{});
  for (const std::uint64_t people : {10u, 1'000u, 30'000u, 1'000'000u}) {
    Sketch half, rest;
    for (std::uint64_t i = 0; i < people; ++i) {
      Sketch& of = i % 2 == 0 ? half : rest;
      of.Add(hash.Of(base::BigU64(i)));
      of.Add(hash.Of(base::BigU64(i)));
    }
    half.Add(rest);
    EXPECT_NEAR(static_cast<double>(half.Estimate()), static_cast<double>(people),
                static_cast<double>(people) * 0.02);
  }
}

}  // namespace
}  // namespace cloison::assess
