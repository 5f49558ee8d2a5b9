#include "server/config.h"

#include <gtest/gtest.h>

#include <map>

namespace cloison::server {
namespace {

struct Given {
  std::string file;
  std::map<std::string, std::string> environment;
  Overrides flags;
};

Result<Config> Make(const Given& given, std::string& problems) {
  std::vector<std::string> lines;
  const auto environment = [&given](const std::string& name) -> std::optional<std::string> {
    const auto value = given.environment.find(name);
    if (value == given.environment.end()) return std::nullopt;
    return value->second;
  };
  Result<Config> config = MakeConfig("test.toml", given.file, environment, given.flags, lines);
  for (const std::string& line : lines) problems += line + "\n";
  return config;
}

constexpr const char* kDevelopment = "mode = \"development\"\ncredentials = \"c\"\n";

TEST(Config, FlagsGoBeforeEnvironmentBeforeFileBeforeBuiltIn) {
  struct Row {
    const char* why;
    Given given;
    std::int64_t want;
  };
  const Row rows[] = {
      {"built-in", {"", {}, {}}, 8443},
      {"the file", {"[listen]\nport = 1\n", {}, {}}, 1},
      {"the environment", {"[listen]\nport = 1\n", {{"CLOISON_LISTEN_PORT", "2"}}, {}}, 2},
      {"a flag",
       {"[listen]\nport = 1\n", {{"CLOISON_LISTEN_PORT", "2"}}, {{"listen.port", "3"}}},
       3},
      {"the last flag", {"", {}, {{"listen.port", "3"}, {"listen.port", "4"}}}, 4},
  };
  for (const Row& row : rows) {
    std::string problems;
    const Result<Config> config = Make(row.given, problems);
    ASSERT_TRUE(config.ok()) << row.why << problems;
    EXPECT_EQ(config->port, row.want) << row.why;
  }
}

// Each section, one key of each: a section that the file has and nobody reads is a setting that
// silently isn't one.
TEST(Config, EverySectionOfTheFileCounts) {
  std::string problems;
  const Result<Config> config =
      Make({std::string(kDevelopment) + "data = \"d\"\n[listen]\nport = 1\n[identity]\n"
                                        "issuers = \"i\"\n[management]\nport = 2\n[public]\n"
                                        "port = 3\n[ledger]\nrecord_months = 7\n[backup]\n"
                                        "every_hours = 4\n[alarms]\nsyslog = \"local:/l\"\n"
                                        "[erasure]\ndelay_days = 6\n"
                                        "[export]\ndelay_hours = 48\n"
                                        "[keys]\nepoch_days = 5\n[store]\ncache_mib = 9\n",
            {},
            {}},
           problems);
  ASSERT_TRUE(config.ok()) << problems;
  EXPECT_EQ(config->data, "d");
  EXPECT_EQ(config->port, 1);
  EXPECT_EQ(config->issuers, "i");
  EXPECT_EQ(config->management_port, 2);
  EXPECT_EQ(config->public_port, 3);
  EXPECT_EQ(config->record_months, 7);
  EXPECT_EQ(config->backup_every_hours, 4);
  EXPECT_EQ(config->alarms_syslog, "local:/l");
  EXPECT_EQ(config->erasure_delay_days, 6);
  EXPECT_EQ(config->export_delay_hours, 48);
  EXPECT_EQ(config->epoch_days, 5);
  EXPECT_EQ(config->cache_mib, 9);
}

TEST(Config, WhatIsWrongIsNamed) {
  struct Row {
    const char* why;
    Given given;
    const char* says;
  };
  const Row rows[] = {
      {"no TOML", {"mode = ", {}, {}}, "test.toml:1"},
      {"an unknown key", {"orign = \"x\"\n", {}, {}}, "the nearest is 'origin'"},
      {"an unknown key of a section", {"[listen]\nprt = 1\n", {}, {}}, "the nearest is 'port'"},
      {"an unknown section", {"[lisen]\nport = 1\n", {}, {}}, "the nearest is 'listen'"},
      {"text for a number", {"[listen]\nport = \"1\"\n", {}, {}}, "test.toml:2"},
      {"a number for text", {"data = 1\n", {}, {}}, "test.toml:1"},
      {"a port too large", {"[listen]\nport = 65536\n", {}, {}}, "test.toml:2"},
      {"an unknown flag", {"", {}, {{"listen.prt", "1"}}}, "the nearest is 'listen.port'"},
      {"a flag without value", {"", {}, {{"listen.port", ""}}}, "listen.port is a whole number"},
      {"a flag that is no number", {"", {}, {{"listen.port", "8x"}}}, "whole number"},
      {"an environment that is no number",
       {"", {{"CLOISON_LISTEN_THREADS", "many"}}, {}},
       "CLOISON_LISTEN_THREADS"},
      {"another mode", {"mode = \"test\"\n", {}, {}}, "development or production"},
      {"development for everybody",
       {std::string(kDevelopment) + "[listen]\naddress = \"0.0.0.0\"\n", {}, {}},
       "the loopback alone"},
      {"development on a network",
       {kDevelopment, {}, {{"listen.address", "192.0.2.1"}}},
       "the loopback alone"},
      {"development, its ledger on a network",
       {kDevelopment, {}, {{"public.address", "192.0.2.1"}}},
       "public listener on the loopback alone"},
      {"a ledger in the open on a network",
       {"", {}, {{"public.address", "192.0.2.1"}, {"public.tls", "0"}}},
       "public.tls is 0 on the loopback alone"},
      {"a public port below none", {"[public]\nport = -2\n", {}, {}}, "test.toml:2"},
      {"development without credentials",
       {"mode = \"development\"\n", {}, {}},
       "needs credentials"},
      {"no data", {"data = \"\"\n", {}, {}}, "are directories"},
      {"a quote from the file", {"origin = 'a\"b'\n", {}, {}}, "origin is UTF-8 without quotes"},
      {"a line end from the file", {"data = \"a\\nb\"\n", {}, {}}, "data is UTF-8 without"},
      {"a backslash from a flag", {"", {}, {{"origin", "a\\b"}}}, "origin is UTF-8 without"},
      {"no UTF-8 from a flag", {"", {}, {{"origin", "a\xff"}}}, "origin is UTF-8 without"},
      {"an export without a night", {"[export]\ndelay_hours = 23\n", {}, {}}, "test.toml:2"},
      {"a tick longer than a second", {"[listen]\nanswer_tick_ms = 1001\n", {}, {}}, "test.toml:2"},
      {"a negative tick", {"", {}, {{"listen.answer_tick_ms", "-1"}}}, "whole number"},
      {"no tick in production",
       {"[listen]\nanswer_tick_ms = 0\n", {}, {}},
       "development mode alone"},
  };
  for (const Row& row : rows) {
    std::string problems;
    EXPECT_FALSE(Make(row.given, problems).ok()) << row.why;
    EXPECT_NE(problems.find(row.says), std::string::npos) << row.why << ": " << problems;
  }
}

TEST(Config, DevelopmentListensOnAnyLoopback) {
  for (const char* address : {"127.0.0.1", "127.1.2.3", "::1"}) {
    std::string problems;
    EXPECT_TRUE(Make({kDevelopment, {}, {{"listen.address", address}}}, problems).ok()) << problems;
  }
}

TEST(Config, TheWrittenFileReadsBackTheSame) {
  Config config;
  config.mode = "development";
  config.credentials = "/tmp/credentials";
  config.data = "/tmp/data";
  config.port = 1;
  config.cache_mib = 64;
  std::string problems;
  const Result<Config> again = Make({ConfigText(config), {}, {}}, problems);
  ASSERT_TRUE(again.ok()) << problems << ConfigText(config);
  EXPECT_EQ(ConfigText(*again), ConfigText(config));
}

}  // namespace
}  // namespace cloison::server
