#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/command_line.h"
#include "cli/command_spec.h"
#include "cli/connection.h"
#include "cli/exit_code.h"
#include "cli/process.h"
#include "cli/terminal.h"

namespace cloison::cli {
namespace {

TEST(ExitCodeTest, OfAnswers) {
  struct Row {
    const char* why;
    int status;
    const char* code;
    ExitCode want;
  };
  const Row rows[] = {
      {"read", 200, "", ExitCode::kDone},
      {"made", 201, "", ExitCode::kDone},
      {"somebody else has to agree", 202, "", ExitCode::kWaiting},
      {"the same, as a refusal", 403, "approval_required", ExitCode::kWaiting},
      {"bad JSON is our mistake", 400, "malformed_body", ExitCode::kUsage},
      {"a value that cannot be one", 422, "invalid_request", ExitCode::kUsage},
      {"If-Match forgotten", 428, "if_match_missing", ExitCode::kUsage},
      {"nobody signed in", 401, "unauthenticated", ExitCode::kRefused},
      {"a rule", 403, "purpose_refused", ExitCode::kRefused},
      {"frozen", 403, "principal_frozen", ExitCode::kRefused},
      {"nobody, or not yours", 404, "not_available", ExitCode::kNotFound},
      {"there no more", 410, "record_expired", ExitCode::kNotFound},
      {"exists", 409, "person_exists", ExitCode::kConflict},
      {"changed meanwhile", 412, "version_changed", ExitCode::kConflict},
      {"the window is full", 429, "budget_spent", ExitCode::kBudgetSpent},
      {"too fast, not too much", 429, "overloaded", ExitCode::kTryAgain},
      {"sealed", 503, "sealed", ExitCode::kUnavailable},
      {"no ledger", 503, "ledger_unavailable", ExitCode::kUnavailable},
      {"busy", 503, "overloaded", ExitCode::kTryAgain},
      {"too slow", 503, "deadline_exceeded", ExitCode::kTryAgain},
      {"a status of no other row", 503, "", ExitCode::kUnavailable},
      {"the server's bug", 500, "internal_error", ExitCode::kFailure},
      {"a redirect is nothing we follow", 302, "", ExitCode::kFailure},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(ExitCodeOf(row.status, row.code), row.want) << row.why;
  }
}

TEST(ExitCodeTest, OfErrors) {
  EXPECT_EQ(ExitCodeOf(Error{Code::kUnavailable, "no connection"}), ExitCode::kUnavailable);
  EXPECT_EQ(ExitCodeOf(Error{Code::kUnknownOutcome, "x"}), ExitCode::kTryAgain);
  EXPECT_EQ(ExitCodeOf(Error{Code::kInvalid, "x"}), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(Error{Code::kCorrupt, "x"}), ExitCode::kFailure);
}

TEST(ProblemTest, IsReadOrEmpty) {
  net::Response response;
  response.status = 422;
  response.body = R"({"title":"T","status":422,"code":"invalid_request","request_id":"req_1",)"
                  R"("retry_after_s":7,"errors":[{"pointer":"/fields/0","code":"c","detail":"d"},)"
                  R"({"pointer":"/x","code":"e"}]})";
  const Problem problem = ProblemOf(response);
  EXPECT_EQ(problem.code, "invalid_request");
  EXPECT_EQ(problem.retry_after_s, 7);
  EXPECT_EQ(problem.places, (std::vector<std::string>{"/fields/0: d", "/x: e"}));
  for (const char* body : {"", "<html>", "[]", "{\"code\":7}", "{\"errors\":{}}", "null"}) {
    response.body = body;
    EXPECT_EQ(ProblemOf(response).code, "") << body;
  }
}

// A refusal that names an approval says how it is asked for here.
TEST(ProblemTest, SaysWhatHelps) {
  const struct {
    const char* why;
    const char* decision;
    std::vector<const char*> says;
    const char* not_said;
  } rows[] = {
      {"one's own budget",
       R"({"rule":"b","budget":"opened/day","scope":"principal","approval":"raise"})",
       {"opened/day of this principal is spent", "cloison principal raise"},
       "no raise"},
      {"a ceiling",
       R"({"rule":"c","budget":"opened/hour","scope":"office","approval":"policy"})",
       {"opened/hour of this office is spent", "no raise helps"},
       "cloison principal raise"},
      {"what waits already",
       R"({"rule":"k","approval":"apr_12"})",
       {"approval apr_12"},
       "is spent"},
      {"a rule alone", R"({"rule":"purpose"})", {}, "approval"},
      {"no decision", "7", {}, "approval"},
  };
  for (const auto& row : rows) {
    net::Response response;
    response.status = 429;
    response.body = R"({"title":"T","status":429,"code":"budget_spent","decision":)" +
                    std::string(row.decision) + "}";
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(Explain(response, Terminal()), ExitCode::kBudgetSpent) << row.why;
    const std::string told = ::testing::internal::GetCapturedStderr();
    for (const char* text : row.says) {
      EXPECT_NE(told.find(text), std::string::npos) << row.why << told;
    }
    EXPECT_EQ(told.find(row.not_said), std::string::npos) << row.why << told;
  }
}

TEST(ConnectionTest, RefusesWhatCannotBeMeant) {
  struct Row {
    const char* why;
    const char* server;
    const char* token;
  };
  const std::string token = testing::TempDir() + "/cloison-cli-token";
  std::ofstream(token) << "a.b.c\n";
  const Row rows[] = {
      {"no scheme", "127.0.0.1:8443", ""},
      {"another scheme", "ftp://127.0.0.1", ""},
      {"a path", "https://127.0.0.1/v1", ""},
      {"a query", "https://127.0.0.1/?a=b", ""},
      {"a token without TLS", "http://127.0.0.1:1", token.c_str()},
      {"a file that is not there", "https://127.0.0.1", "/nonexistent/token"},
  };
  base::SystemClock clock;
  for (const Row& row : rows) {
    ConnectionOptions options;
    options.server = row.server;
    options.token = row.token;
    std::string problem;
    EXPECT_FALSE(Connection::Open(options, clock, &problem).ok()) << row.why;
    EXPECT_NE(problem, "") << row.why;
  }
  std::filesystem::remove(token);
}

TEST(TerminalTest, Groups) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1'000), "1,000");
  EXPECT_EQ(Grouped(36'800'000), "36,800,000");
}

TEST(CompletionTest, NamesEveryCommandAndOption) {
  const std::vector<CommandSpec> commands = {
      {"demo", "runs", {{"--people", true, false, "how many"}, {"--once", false, false, "once"}}},
      {"schema check", "it's checked", {{"--json", false, false, "JSON"}}},
      {"import", "takes", {{"--map", true, true, "FILE"}}},
  };
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Result<std::string> script = CompletionScript(shell, commands);
    ASSERT_TRUE(script.ok()) << shell;
    for (const char* word :
         {"demo", "schema", "check", "import", "people", "once", "json", "map"}) {
      EXPECT_NE(script->find(word), std::string::npos) << shell << " " << word;
    }
    EXPECT_EQ(script->find("it's"), std::string::npos) << shell << ": an open quote";
  }
  EXPECT_FALSE(CompletionScript("csh", commands).ok());
  EXPECT_FALSE(CompletionScript("", commands).ok());
}

TEST(LedgerUnsealTest, AsksForAnEntryOfTheLogThatIsNamed) {
  const struct {
    const char* why;
    std::vector<const char*> more;
    ExitCode exit;
    const char* body;
  } rows[] = {
      {"the newest", {}, ExitCode::kDone, R"({"index":12,"reason":"TJ-1"})"},
      {"a closed log",
       {"--log", "cloison.example/a"},
       ExitCode::kDone,
       R"({"index":12,"log":"cloison.example/a","reason":"TJ-1"})"},
      {"a log without a name", {"--log"}, ExitCode::kUsage, ""},
  };
  for (const auto& row : rows) {
    std::vector<const char*> words = {"cloison", "ledger", "unseal",   "--dry-run",
                                      "--index", "12",     "--reason", "TJ-1"};
    words.insert(words.end(), row.more.begin(), row.more.end());
    ::testing::internal::CaptureStdout();
    const ExitCode exit = RunCommandLine(static_cast<int>(words.size()), words.data(), Terminal());
    const std::string said = ::testing::internal::GetCapturedStdout();
    EXPECT_EQ(exit, row.exit) << row.why;
    const std::string want = *row.body == 0 ? "" : std::string(row.body) + "\n";
    EXPECT_EQ(said.substr(said.find('\n') + 1), want) << row.why;
  }
}

// What is sent; of a value that is compared, not even to whoever looks on.
TEST(QuestionsTest, AskWhatTheirDoorsTake) {
  const struct {
    const char* why;
    std::vector<const char*> words;
    ExitCode exit;
    const char* said;
  } rows[] = {
      {"a match",
       {"match", "7KQ2", "--field", "contact.phone", "--value", "+33612345678", "--purpose", "p",
        "--case", "A1"},
       ExitCode::kDone,
       R"({"person":"7KQ2","field":"contact.phone","value":"...","purpose":"p","case_ref":"A1"})"},
      {"a match without a value",
       {"match", "7KQ2", "--field", "contact.phone", "--purpose", "p", "--case", "A1"},
       ExitCode::kUsage,
       ""},
      {"a decision by code",
       {"decide", "7KQ2", "--fields", "a.b,a.c", "--purpose", "p", "--case", "A1"},
       ExitCode::kDone,
       R"({"persons":["7KQ2"],"fields":["a.b","a.c"],"purpose":"p","case_ref":"A1"})"},
      {"decisions by reference",
       {"decide", "1", "2", "--reference", "--fields", "a.b", "--purpose", "p", "--case", "A1"},
       ExitCode::kDone,
       R"({"references":["1","2"],"fields":["a.b"],"purpose":"p","case_ref":"A1"})"},
      {"whether there is a value",
       {"disclose", "7KQ2", "--exists", "--fields", "a.b", "--purpose", "p", "--case", "A1"},
       ExitCode::kDone,
       R"({"person":"7KQ2","fields":["a.b"],"form":"exists","purpose":"p","case_ref":"A1"})"},
  };
  for (const auto& row : rows) {
    std::vector<const char*> words = {"cloison"};
    words.insert(words.end(), row.words.begin(), row.words.end());
    words.push_back("--dry-run");
    ::testing::internal::CaptureStdout();
    const ExitCode exit = RunCommandLine(static_cast<int>(words.size()), words.data(), Terminal());
    const std::string said = ::testing::internal::GetCapturedStdout();
    EXPECT_EQ(exit, row.exit) << row.why;
    const std::string want = *row.said == 0 ? "" : std::string(row.said) + "\n";
    EXPECT_EQ(said.substr(said.find('\n') + 1), want) << row.why;
  }
}

TEST(ExplainedTest, AsksForWhatIsMeant) {
  const struct {
    const char* why;
    std::vector<const char*> words;
    ExitCode exit;
    const char* body;
  } rows[] = {
      {"on a caseload",
       {"caseload", "assign", "A-1", "B-2", "--agent", "x"},
       ExitCode::kDone,
       R"({"assignments":[{"agent":"x","person":"A-1"},{"agent":"x","person":"B-2"}]})"},
      {"off it",
       {"caseload", "assign", "A-1", "--agent", "x", "--remove"},
       ExitCode::kDone,
       R"({"assignments":[{"agent":"x","person":"A-1","remove":true}]})"},
      {"for nobody", {"caseload", "assign", "A-1"}, ExitCode::kUsage, ""},
      {"confirmed",
       {"caseload", "confirm", "A-1", "--agent", "x"},
       ExitCode::kDone,
       R"({"pairs":[{"agent":"x","person":"A-1"}]})"},
      {"explained",
       {"explain", "A-1", "--agent", "x", "--kind", "ticket", "--reference", "T"},
       ExitCode::kDone,
       R"({"explanations":[{"agent":"x","person":"A-1","kind":"ticket","reference":"T"}]})"},
      {"without a kind", {"explain", "A-1", "--agent", "x"}, ExitCode::kUsage, ""},
      {"an emergency",
       {"emergency", "declare", "A-1", "--reason", "r"},
       ExitCode::kDone,
       R"({"person":"A-1","reason":"r"})"},
      {"without a reason", {"emergency", "declare", "A-1"}, ExitCode::kUsage, ""},
      {"looked at",
       {"emergency", "close", "rev_12", "--unjustified"},
       ExitCode::kDone,
       R"({"review":"rev_12","justified":false})"},
      {"access",
       {"access", "ask", "A-1", "--reason", "r"},
       ExitCode::kDone,
       R"({"person":"A-1","reason":"r"})"},
      {"the own caseload", {"caseload", "show"}, ExitCode::kDone, ""},
  };
  for (const auto& row : rows) {
    std::vector<const char*> words = {"cloison"};
    words.insert(words.end(), row.words.begin(), row.words.end());
    words.push_back("--dry-run");
    ::testing::internal::CaptureStdout();
    const ExitCode exit = RunCommandLine(static_cast<int>(words.size()), words.data(), Terminal());
    const std::string said = ::testing::internal::GetCapturedStdout();
    EXPECT_EQ(exit, row.exit) << row.why;
    const std::string want = *row.body == 0 ? "" : std::string(row.body) + "\n";
    EXPECT_EQ(exit == ExitCode::kUsage ? "" : said.substr(said.find('\n') + 1), want) << row.why;
  }
}

int RunShell(const std::string& script, std::vector<std::string>* lines = nullptr) {
  ChildOptions options;
  options.arguments = {"/bin/sh", "-c", script};
  if (lines != nullptr) options.on_line = [lines](std::string line) { lines->push_back(line); };
  Result<std::unique_ptr<Child>> child = Child::Start(options);
  return child.ok() ? (*child)->Wait() : -1;
}

TEST(AssessTest, EndsAsTheInputIs) {
  const std::string folder = testing::TempDir() + "assess-" + std::to_string(getpid());
  std::filesystem::create_directory(folder);
  const std::string good = folder + "/good.csv", map = folder + "/map.toml";
  std::ofstream(good) << "time,agent,person\n2024-02-06T08:00:00Z,a,p1\nsoon,a,p2\n";
  std::ofstream(folder + "/bad.csv") << "when,agent,person\n2024-02-06T08:00:00Z,a,p\n";
  std::ofstream(map) << "[colums]\n";
  const std::string rejects = folder + "/rejects.csv", scope = folder + "/scope.csv";
  const struct {
    const char* why;
    std::vector<std::string> words;
    ExitCode want;
  } rows[] = {
      {"a log", {"--log", good, "--rejects", rejects}, ExitCode::kDone},
      {"with a scope", {"--log", good, "--scope", "agent=a", "--scope-to", scope}, ExitCode::kDone},
      {"no log", {}, ExitCode::kUsage},
      {"no such log", {"--log", folder + "/none.csv"}, ExitCode::kUsage},
      {"another header", {"--log", folder + "/bad.csv"}, ExitCode::kUsage},
      {"a map with a slip", {"--log", good, "--map", map}, ExitCode::kUsage},
      {"no such policy", {"--log", good, "--policy", folder + "/none.toml"}, ExitCode::kUsage},
      {"no such class", {"--log", good, "--class", "worker"}, ExitCode::kUsage},
      {"a scope of nobody",
       {"--log", good, "--scope", "from=2024-02-06", "--scope-to", scope},
       ExitCode::kUsage},
      {"a scope for the terminal, unasked",
       {"--log", good, "--scope", "agent=a"},
       ExitCode::kUsage},
      {"nowhere to write",
       {"--log", good, "--html", folder + "/none/report.html"},
       ExitCode::kFailure},
      {"a folder", {"--log", folder}, ExitCode::kFailure},
  };
  const Terminal terminal;
  for (const auto& row : rows) {
    std::vector<const char*> words = {"cloison", "assess"};
    for (const std::string& word : row.words) words.push_back(word.c_str());
    testing::internal::CaptureStdout();
    const ExitCode code = RunCommandLine(static_cast<int>(words.size()), words.data(), terminal);
    const std::string said = testing::internal::GetCapturedStdout();
    EXPECT_EQ(static_cast<int>(code), static_cast<int>(row.want)) << row.why;
    EXPECT_EQ(said.find("p1"), std::string::npos) << row.why << ": a person on the terminal";
  }
  for (const std::string& made : {rejects, scope}) {
    EXPECT_EQ(std::filesystem::status(made).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  std::filesystem::remove_all(folder);
}

TEST(ChildTest, ExitsAndLines) {
  std::vector<std::string> lines;
  EXPECT_EQ(RunShell("echo one; echo; printf two; exit 3", &lines), 3);
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "", "two"}));
  EXPECT_EQ(RunShell("kill -9 $$"), 128 + 9);
  ChildOptions absent;
  absent.arguments = {"/nonexistent/program"};
  Result<std::unique_ptr<Child>> child = Child::Start(absent);
  ASSERT_TRUE(child.ok());
  EXPECT_EQ((*child)->Wait(), 127);
}

TEST(ChildTest, StopEndsIt) {
  ChildOptions options;
  options.arguments = {"/bin/sh", "-c", "exec sleep 600"};
  Result<std::unique_ptr<Child>> child = Child::Start(options);
  ASSERT_TRUE(child.ok());
  EXPECT_EQ((*child)->Poll(), -1);
  EXPECT_NE((*child)->Stop(), 0);
}

// 75 asks for another start, whatever else ends it; each run leaves a mark.
TEST(SuperviseTest, StartsAgainOnlyWhenAsked) {
  HoldSignals();
  struct Row {
    const char* why;
    int exit_of_first;
    int want;
    std::size_t runs;
  };
  const Row rows[] = {
      {"asked to start again", kRestartExit, 0, 2},
      {"done", 0, 0, 1},
      {"failed: nobody hides it", 1, 1, 1},
  };
  for (const Row& row : rows) {
    const std::string mark = testing::TempDir() + "/cloison-supervise";
    std::filesystem::remove(mark);
    ChildOptions options;
    options.arguments = {"/bin/sh", "-c",
                         "echo run >> " + mark + "; [ $(wc -l < " + mark +
                             ") -gt 1 ] && exit 0; exit " + std::to_string(row.exit_of_first)};
    std::size_t notes = 0;
    EXPECT_EQ(Supervise(options, nullptr, [&notes](std::string_view) { ++notes; }), row.want)
        << row.why;
    EXPECT_EQ(notes, row.runs - 1) << row.why;
    EXPECT_EQ(std::filesystem::file_size(mark), 4 * row.runs) << row.why;
    std::filesystem::remove(mark);
  }
}

}  // namespace
}  // namespace cloison::cli
