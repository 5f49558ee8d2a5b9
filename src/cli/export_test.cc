// cloison export against a real server in this process, and back: what comes out of one register
// goes into another with `cloison import`, value for value.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "api/testing/api_world.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "codec/json_reader.h"
#include "crypto/base64.h"
#include "vault/testing/exports_world.h"

namespace cloison::cli {
namespace {

using api::testing::ApiWorld;
using Words = std::vector<std::string>;

constexpr std::size_t kPeople = 600;

struct Ran {
  ExitCode exit;
  std::string out;
};

Ran RunWords(const Words& words) {
  std::vector<const char*> argv{"cloison"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  ::testing::internal::CaptureStdout();
  const ExitCode exit = RunCommandLine(static_cast<int>(argv.size()), argv.data(), Terminal());
  return {exit, ::testing::internal::GetCapturedStdout()};
}

api::testing::ApiWorldOptions House(std::uint64_t seed) {
  api::testing::ApiWorldOptions options;
  options.size.people = kPeople;
  options.size.seed = seed;
  options.policy = vault::testing::ExportPolicyToml();
  options.more_names = {"app.move"};
  return options;
}

std::string ReadAll(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The beginning of that day, as RFC 3339 has it.
std::string DayOf(std::int64_t unix_ms) {
  const std::chrono::year_month_day day(
      std::chrono::sys_days(std::chrono::days(unix_ms / base::kDayMs)));
  char text[32];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02uT00:00:00Z", int{day.year()},
                unsigned{day.month()}, unsigned{day.day()});
  return text;
}

// A line without the person, what is attached, the version and the entry: the values alone.
std::string ValuesOf(std::string line) {
  for (int i = 0; i < 4; ++i) line.erase(0, line.find(',') + 1);
  return line;
}

class ExportTest : public ::testing::Test {
 protected:
  explicit ExportTest() : folder_(::testing::TempDir() + "cloison-export/") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    for (ApiWorld* const world : {&old_, &fresh_}) {
      std::vector<access::PrincipalInfo> infos{{vault::DemoPrincipalId("app.move"),
                                                OrganisationId(1),
                                                {},
                                                "export-application",
                                                "app.move"}};
      CLOISON_CHECK(
          base::SyncWait(world->vault().gate().Enrol(std::move(infos), world->home())).ok());
    }
  }
  Ran As(ApiWorld& world, const std::string& who, Words words) {
    const Words more = {"--server",      "https://127.0.0.1:" + std::to_string(world.port()),
                        "--credentials", world.credentials(),
                        "--as",          who,
                        "--plain"};
    words.insert(words.end(), more.begin(), more.end());
    return RunWords(words);
  }
  std::string At(const std::string& name) const { return folder_ + name; }
  // "exp_12", agreed to by both officers, with fields of the schema that are named or all.
  std::string Approved(ApiWorld& world, const std::string& key) {
    const Ran made = RunWords({"export", "key", "--plain", "--out", At(key)});
    EXPECT_EQ(made.exit, ExitCode::kDone);
    const std::int64_t now_ms = world.vault().committer().Now().wall_ms;
    const Ran asked =
        As(world, "officer.privacy",
           {"export", "ask", "--label", "move", "--application", "app.move", "--purpose",
            "migration", "--recipient", made.out.substr(0, made.out.find('\t')), "--people",
            "100000", "--expires", DayOf(now_ms + 10 * base::kDayMs), "--reason", "MIG-1"});
    EXPECT_EQ(asked.exit, ExitCode::kWaiting) << "for another officer";
    const std::string approval = asked.out.substr(0, asked.out.find('\t'));
    EXPECT_EQ(As(world, "officer.privacy.b", {"approval", "approve", approval}).exit,
              ExitCode::kDone);
    return "exp_" + approval.substr(4);
  }
  Ran RunIt(ApiWorld& world, const std::string& id, const std::string& file) {
    return As(world, "app.move", {"export", "run", id, "--out", At(file), "--retry", "1"});
  }
  std::vector<std::string> Opened(const std::string& file, const std::string& key) {
    std::filesystem::remove(At("people.csv"));
    const Ran opened =
        RunWords({"export", "open", At(file), "--key", At(key), "--out", At("people.csv")});
    EXPECT_EQ(opened.exit, ExitCode::kDone);
    return LinesOf(ReadAll(At("people.csv")));
  }

  std::string folder_;
  ApiWorld old_{House(1)}, fresh_{House(2)};
};

TEST_F(ExportTest, OutOfOneRegisterIntoAnother) {
  const std::string id = Approved(old_, "house.key");
  EXPECT_EQ(RunIt(old_, id, "move.exp").exit, ExitCode::kConflict) << "it waits";
  EXPECT_FALSE(std::filesystem::exists(At("move.exp")));
  EXPECT_NE(As(old_, "officer.security", {"export", "status", id}).out.find("waiting"),
            std::string::npos);
  old_.clock().Advance(access::kExportDelayMinMs);
  EXPECT_EQ(RunIt(old_, "exp_99", "none.exp").exit, ExitCode::kNotFound);
  const Ran ran = RunIt(old_, id, "move.exp");
  ASSERT_EQ(ran.exit, ExitCode::kDone);
  EXPECT_EQ(ran.out, id + "\t" + std::to_string(kPeople) + "\t0\t0\n");
  EXPECT_EQ(RunIt(old_, id, "move.exp").exit, ExitCode::kConflict) << "whole already";
  const std::vector<std::string> lines = Opened("move.exp", "house.key");
  ASSERT_EQ(lines.size(), kPeople + 1);
  ASSERT_TRUE(lines[0].starts_with("person,attached,version,entry,identity.birth_name,"));
  // Nothing of a value in the file, nor in what the server tells.
  const vault::DemoPerson& known = old_.world().of_adviser_ft;
  EXPECT_NE(ReadAll(At("people.csv")).find(known.nir), std::string::npos);
  EXPECT_EQ(ReadAll(At("move.exp")).find(known.nir), std::string::npos);
  EXPECT_EQ(old_.events().text().find(known.birth_name), std::string::npos);

  std::ofstream(At("map.toml"))
      << "ignore = [\"person\", \"attached\", \"version\", \"entry\"]\n[columns]\n";
  const Ran imported = As(fresh_, "app.case",
                          {"import", At("people.csv"), "--map", At("map.toml"), "--rejects",
                           At("rejects.csv"), "--id", "move"});
  EXPECT_EQ(imported.exit, ExitCode::kDone) << ReadAll(At("rejects.csv"));
  // Exported again, the other register has the same values, beside its own people's.
  const std::string back = Approved(fresh_, "back.key");
  fresh_.clock().Advance(access::kExportDelayMinMs);
  ASSERT_EQ(RunIt(fresh_, back, "back.exp").exit, ExitCode::kDone);
  std::multiset<std::string> there;
  for (const std::string& line : Opened("back.exp", "back.key")) there.insert(ValuesOf(line));
  EXPECT_EQ(there.size(), 2 * kPeople + 1);
  for (const std::string& line : lines) {
    EXPECT_TRUE(there.contains(ValuesOf(line))) << "somebody is not there, or is another";
  }
}

// Whose first answers were lost has no file: begun again, it has them again.
TEST_F(ExportTest, ALostAnswerIsHadAgain) {
  const std::string id = Approved(old_, "house.key");
  old_.clock().Advance(access::kExportDelayMinMs);
  const auto step = [&](const std::string& what, const std::string& rest) {
    return old_.Send({"app.move", net::Method::kPost, "/v1/exports:" + what,
                      R"({"export":")" + id + "\"" + rest + "}"});
  };
  ASSERT_EQ(step("begin", "").status, 200);
  ASSERT_EQ(step("seal", R"(,"part":1)").status, 200);
  ASSERT_EQ(RunIt(old_, id, "move.exp").exit, ExitCode::kDone);
  EXPECT_EQ(Opened("move.exp", "house.key").size(), kPeople + 1);
  std::filesystem::remove(At("move.exp"));
  EXPECT_EQ(RunIt(old_, id, "move.exp").exit, ExitCode::kConflict) << "a whole file that was lost";
}

// Cut in a frame: what is not whole is cut off, and asked for again.
TEST_F(ExportTest, HalfAFrameIsCutOff) {
  const std::string id = Approved(old_, "house.key");
  old_.clock().Advance(access::kExportDelayMinMs);
  const auto step = [&](const std::string& what, const std::string& rest) {
    return old_.Send({"app.move", net::Method::kPost, "/v1/exports:" + what,
                      R"({"export":")" + id + "\"" + rest + "}"});
  };
  const auto member = [](const net::Response& response, const char* key) {
    const auto shown = codec::JsonDocument::Parse(
        AsBytes(response.body), {.bytes_max = 1u << 26, .string_bytes_max = 1u << 26});
    CLOISON_CHECK(shown.ok());
    const auto bytes = crypto::FromBase64Url(shown->root().Find(key)->string());
    CLOISON_CHECK(bytes.ok());
    return std::string(AsText(*bytes));
  };
  const std::string header = member(step("begin", ""), "header");
  const std::string one = member(step("seal", R"(,"part":1)"), "frame");
  const std::string two = member(step("seal", R"(,"part":2)"), "frame");
  std::ofstream(At("half.exp"), std::ios::binary) << header << one << two.substr(0, two.size() / 2);
  ASSERT_EQ(RunIt(old_, id, "half.exp").exit, ExitCode::kDone);
  EXPECT_TRUE(ReadAll(At("half.exp")).starts_with(header + one));
  EXPECT_EQ(Opened("half.exp", "house.key").size(), kPeople + 1);
  // Of another export nothing is gone on with.
  const std::string other = Approved(old_, "other.key");
  old_.clock().Advance(access::kExportDelayMinMs);
  std::ofstream(At("mixed.exp"), std::ios::binary) << header << one;
  EXPECT_EQ(RunIt(old_, other, "mixed.exp").exit, ExitCode::kConflict);
}

TEST_F(ExportTest, StoppedByOneOfficer) {
  const std::string id = Approved(old_, "house.key");
  EXPECT_EQ(As(old_, "adviser.ft", {"export", "stop", id}).exit, ExitCode::kNotFound);
  ASSERT_EQ(As(old_, "officer.security", {"export", "stop", id}).exit, ExitCode::kDone);
  old_.clock().Advance(access::kExportDelayMinMs);
  EXPECT_EQ(RunIt(old_, id, "move.exp").exit, ExitCode::kConflict);
  const Ran listed = As(old_, "officer.security", {"export", "list"});
  EXPECT_TRUE(listed.out.starts_with(id + "\tstopped\tmove\tapp.move\t")) << listed.out;
}

}  // namespace
}  // namespace cloison::cli
