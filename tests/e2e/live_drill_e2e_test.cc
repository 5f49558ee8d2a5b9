// cloison drill --live with the real programs: accounts of a demo world that runs, stolen for some
// seconds.
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

constexpr int kPeople = 1'500;
constexpr int kTargets = 60;  // more than an hour's strangers

// The number behind "name": of a report.
long NumberOf(const std::string& json, const std::string& name) {
  const std::string key = "\"" + name + "\":";
  const std::size_t at = json.find(key);
  return at == std::string::npos ? -1 : std::atol(json.c_str() + at + key.size());
}
// Of a counter: "shown" or "bound".
long CounterOf(const std::string& json, const std::string& counter, const std::string& name) {
  const std::size_t at = json.find("{\"name\":\"" + counter + "\"");
  return at == std::string::npos ? -1 : NumberOf(json.substr(at), name);
}

class LiveDrillTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(world_.Start()) << ReadFile(path("log"));
    WriteTargets();
    ASSERT_EQ(nirs_.size(), static_cast<std::size_t>(kTargets));
  }
  std::string path(const std::string& name) const { return world_.folder().path(name); }
  std::string Server() const {
    return "--server " + world_.server() + " --credentials " + path("world/credentials");
  }
  std::string Words(const std::string& rest) const {
    return "exec \"$cloison\" drill --live " + Server() + " --targets " + path("targets") + " " +
           rest;
  }
  // The last people that the world's generator invents: most are on nobody's caseload.
  void WriteTargets() {
    const Ended people =
        Shell("\"$cloison\" generate --format jsonl --people " + std::to_string(kPeople));
    const std::string key = "\"civil_number.nir\":\"";
    const std::vector<std::string> lines = LinesOf(people.out);
    std::string text = "# invented\n";
    for (auto line = lines.rbegin(); line != lines.rend() && nirs_.size() < kTargets; ++line) {
      const std::size_t at = line->find(key);
      if (at == std::string::npos) continue;
      const std::string nir = line->substr(at + key.size(), 15);
      if (nir.find('"') != std::string::npos) continue;
      nirs_.push_back(nir);
      text += nir + "\n";
    }
    WriteFile(path("targets"), text);
  }
  static void ExpectHeld(const Ended& ended) {
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    EXPECT_TRUE(Contains(ended.out, "\"passed\":true")) << ended.out;
    EXPECT_EQ(NumberOf(ended.out, "scope_missing"), 0) << ended.out;
    EXPECT_EQ(NumberOf(ended.out, "scope_extra"), 0) << ended.out;
    EXPECT_GT(NumberOf(ended.out, "scope_entries"), 0) << ended.out;
    for (const char* counter :
         {"opened", "opened_off_caseload", "sensitive", "glimpsed", "glimpsed_off_caseload"}) {
      EXPECT_LE(CounterOf(ended.out, counter, "shown"), CounterOf(ended.out, counter, "bound"))
          << counter << ended.out;
    }
  }

  World world_{kPeople};
  std::vector<std::string> nirs_;
};

TEST_F(LiveDrillTest, TwoAccountsAreHeldAndTheLedgerKnowsAll) {
  // What an account did before is none of the run's.
  const Ended before = Shell("\"$cloison\" lookup --nir " + nirs_.front() +
                             " --purpose reception --case A1 " + world_.As("adviser.ft"));
  ASSERT_EQ(before.exit, 0) << before.err;
  const Ended ended =
      Shell(Words("--as adviser.ft --as adviser.ce --officer officer.security --seconds 60 "
                  "--reads-max 2000 --json --html " +
                  path("live.html")));
  ExpectHeld(ended);
  EXPECT_TRUE(ended.out.starts_with("{\"attacks\":[{\"name\":\"live\",\"accounts\":2,"))
      << ended.out;
  // Caseloads are small in so small a world: four people and one.
  EXPECT_GE(CounterOf(ended.out, "opened", "shown"), 5) << ended.out;
  EXPECT_EQ(CounterOf(ended.out, "opened", "bound"), 2 * 60) << "an hour's, of two accounts";
  EXPECT_GE(CounterOf(ended.out, "opened_off_caseload", "shown"), 1) << ended.out;
  EXPECT_GE(CounterOf(ended.out, "sensitive", "shown"), 1) << ended.out;
  EXPECT_GT(NumberOf(ended.out, "refused"), 100) << "it goes on";
  EXPECT_GE(NumberOf(ended.out, "alarms"), 0) << "the officer may hear";
  const std::string page = ReadFile(path("live.html"));
  EXPECT_TRUE(Contains(page, "live: held"));
  for (const std::string& nir : nirs_) {
    for (const std::string& text : {ended.out, ended.err, page, ReadFile(path("log"))}) {
      EXPECT_FALSE(Contains(text, nir)) << "nobody's number is told";
    }
  }

  // Once more: what is open already is free, and the bound is that of any hour.
  const Ended again = Shell(
      Words("--as adviser.ft --officer officer.security --seconds 20 --reads-max 500 --json"));
  ExpectHeld(again);
  // An overview has two calls a day: a third run cannot tell strangers apart, and says so.
  const Ended third = Shell(
      Words("--as adviser.ft --officer officer.security --seconds 20 --reads-max 500 --json"));
  EXPECT_EQ(third.exit, 3) << third.out;
  EXPECT_EQ(third.out, "");
  EXPECT_TRUE(Contains(third.err, "account 1: /v1/me/caseload: 429 budget_spent")) << third.err;
}

TEST_F(LiveDrillTest, AServerThatIsKilledMeanwhileIsHeldToo) {
  const auto run =
      ShellInBackground(Words("--as adviser.ft --officer officer.security --seconds 30 --json"),
                        path("live.json"), path("live.err"));
  std::this_thread::sleep_for(std::chrono::seconds(3));
  world_.Kill();
  ASSERT_TRUE(world_.Start()) << ReadFile(path("log"));
  Ended ended;
  ended.exit = run->Wait();
  ended.out = ReadFile(path("live.json"));
  ended.err = ReadFile(path("live.err"));
  ExpectHeld(ended);
  EXPECT_LE(NumberOf(ended.out, "unanswered"), 4) << "of each connection at most the one under way";
}

TEST_F(LiveDrillTest, WhoMayNotIsToldSo) {
  const Ended manager =
      Shell(Words("--as adviser.ce --officer manager.a --seconds 5 --reads-max 10"));
  EXPECT_EQ(manager.exit, 3);
  EXPECT_TRUE(Contains(manager.err, "the officer: /v1/principals:activity: 403 no_right"))
      << manager.err;
  const Ended twice = Shell(Words(
      "--as adviser.ce --as adviser.ce --officer officer.security --seconds 5 --reads-max 10"));
  EXPECT_EQ(twice.exit, 2) << twice.err;
  world_.Kill();
  const Ended gone =
      Shell(Words("--as adviser.ce --officer officer.security --seconds 5 --reads-max 10"));
  EXPECT_EQ(gone.exit, 3) << gone.err;
}

TEST(LiveDrillArguments, WhatItDoesNotDo) {
  const std::string live = "\"$cloison\" drill --live --as a --officer o --credentials /none ";
  const struct {
    const char* why;
    std::string command;
    const char* says;
  } rows[] = {
      {"a server elsewhere", live + "--server https://192.0.2.1:8443", "127.0.0.1"},
      {"a name, whatever it resolves to", live + "--server https://localhost:8443", "127.0.0.1"},
      {"an address in disguise", live + "--server https://127.1:8443", "127.0.0.1"},
      {"no URL", live + "--server nowhere", "URL"},
      {"nobody's account", "\"$cloison\" drill --live --officer o", "--as"},
      {"no officer", "\"$cloison\" drill --live --as a", "--officer"},
      {"two officers", live + "--officer-session /none", "--officer"},
      {"no time", live + "--seconds 0", "--seconds"},
      {"too long", live + "--seconds 601", "--seconds"},
      {"no request", live + "--reads-max 0", "--reads-max"},
      {"too many", live + "--reads-max 50001", "--reads-max"},
      {"no connection", live + "--connections 0", "--connections"},
      {"too many connections", live + "--connections 9", "--connections"},
      {"an attack of the simulated drill", live + "--attack A1", "--attack"},
      {"no such credentials", live, "/none"},
      {"no such targets", live + "--targets /none/t", "/none/t"},
      {"targets that are none",
       "echo Durand > targets.$$; " + live +
           "--targets targets.$$; code=$?; rm targets.$$; exit $code",
       "line 1"},
      {"no such schema", live + "--schema /none/s", "/none/s"},
  };
  for (const auto& row : rows) {
    const Ended ended = Shell(row.command);
    EXPECT_EQ(ended.exit, 2) << row.why << ended.err;
    EXPECT_EQ(ended.out, "") << row.why;
    EXPECT_TRUE(Contains(ended.err, row.says)) << row.why << ": " << ended.err;
    EXPECT_FALSE(Contains(ended.err, "Durand")) << row.why;
  }
  const Ended help = Shell("\"$cloison\" drill --live --help");
  EXPECT_EQ(help.exit, 0);
  EXPECT_TRUE(Contains(help.out, "Examples")) << help.out;
}

}  // namespace
}  // namespace cloison::e2e
