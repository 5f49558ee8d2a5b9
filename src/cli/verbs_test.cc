// docs/operate/cli.md against docs/api/openapi.yaml and the program, and what the verbs send.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "cli/command_line.h"

namespace cloison::cli {
namespace {

using Words = std::vector<std::string>;
// By the first cell, what stands in the second.
using Table = std::map<std::string, std::string>;

std::vector<std::string> LinesOf(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// The rows below a heading: `first` cells in backquotes.
Table TableBelow(const std::string& heading) {
  Table table;
  bool here = false;
  for (const std::string& line : LinesOf("docs/operate/cli.md")) {
    if (line.starts_with("## ")) here = line == "## " + heading;
    if (!here || !line.starts_with("| `")) continue;
    const std::size_t end = line.find("` | ");
    if (end == std::string::npos) continue;
    const bool fresh = table.emplace(line.substr(3, end - 3), line.substr(end + 4)).second;
    EXPECT_TRUE(fresh) << line << ": twice";
  }
  return table;
}

// The commands that a cell names: "`cloison me show`" is "me show".
Words CommandsIn(const std::string& cell) {
  constexpr std::string_view kBegin = "`cloison ";
  Words commands;
  for (std::size_t at = cell.find(kBegin); at != std::string::npos;
       at = cell.find(kBegin, at + 1)) {
    const std::size_t from = at + kBegin.size();
    commands.push_back(cell.substr(from, cell.find('`', from) - from));
  }
  return commands;
}

struct Ran {
  ExitCode exit;
  std::string out;
};
Ran RunWords(const Words& words) {
  std::vector<const char*> arguments = {"cloison"};
  for (const std::string& word : words) arguments.push_back(word.c_str());
  ::testing::internal::CaptureStdout();
  const ExitCode exit =
      RunCommandLine(static_cast<int>(arguments.size()), arguments.data(), Terminal());
  return {exit, ::testing::internal::GetCapturedStdout()};
}

struct Known {
  std::set<std::string> commands;  // "me show"
  std::set<std::string> groups;    // "me"
};

// What there is, as completion has it.
Known KnownCommands() {
  std::istringstream script(RunWords({"completion", "bash"}).out);
  std::set<std::string> commands;
  for (std::string line; std::getline(script, line);) {
    const std::size_t begin = line.find("    '"), end = line.find("') choices=");
    if (begin != 0) continue;
    if (end != std::string::npos) commands.insert(line.substr(5, end - 5));
    const std::size_t alone = line.find(" '*) choices=");
    if (end == std::string::npos && alone != std::string::npos) {
      commands.insert(line.substr(5, alone - 5));
    }
  }
  std::set<std::string> groups;
  for (const std::string& command : commands) {
    if (command.find(' ') != std::string::npos) groups.insert(command.substr(0, command.find(' ')));
  }
  for (const std::string& group : groups) commands.erase(group);
  return {std::move(commands), std::move(groups)};
}

std::set<std::string> Commands() {
  return KnownCommands().commands;
}

// "POST /v1/presences": "witnessPresence", for every operation of the document.
Table Operations() {
  Table operations;
  std::string path, method;
  for (const std::string& line : LinesOf("docs/api/openapi.yaml")) {
    if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
    for (const char* one : {"get", "post", "patch", "put", "delete"}) {
      if (line == "    " + std::string(one) + ":") method = one;
    }
    constexpr std::string_view kId = "      operationId: ";
    if (!line.starts_with(kId)) continue;
    for (char& c : method) c = static_cast<char>(std::toupper(c));
    operations[method + " " + path] = line.substr(kId.size());
  }
  return operations;
}

// The kinds of the table of POST /v1/approvals.
std::set<std::string> Kinds() {
  std::set<std::string> kinds;
  bool here = false;
  for (const std::string& line : LinesOf("docs/api/openapi.yaml")) {
    const std::size_t begin = line.find("| ");
    const bool row = begin != std::string::npos && line.find_first_not_of(' ') == begin;
    if (row && line.find("| kind | what | who |") == begin) {
      here = true;
    } else if (here && line.find("|---") == std::string::npos) {
      if (!row) break;
      kinds.insert(line.substr(begin + 2, line.find(' ', begin + 2) - begin - 2));
    }
  }
  return kinds;
}

// A cell names commands that there are, or says why there is none.
void ExpectToldWell(const Table& table, const std::set<std::string>& commands) {
  for (const auto& [key, cell] : table) {
    const Words named = CommandsIn(cell);
    const bool reason = cell.starts_with("none: ") || cell.starts_with("by kind");
    EXPECT_TRUE(!named.empty() || reason) << key << ": neither a command nor a reason";
    if (cell.starts_with("none: ")) continue;
    for (const std::string& command : named) {
      EXPECT_TRUE(commands.contains(command)) << key << ": there is no cloison " << command;
    }
  }
}

TEST(VerbsTest, EveryOperationHasACommandOrAReason) {
  const Table told = TableBelow("From operation to command");
  std::set<std::string> operations;
  for (const auto& [request, id] : Operations()) operations.insert(id);
  ASSERT_GT(operations.size(), 60u) << "the document is not read any more";
  for (const std::string& id : operations) EXPECT_TRUE(told.contains(id)) << id << ": not told";
  for (const auto& [id, cell] : told) EXPECT_TRUE(operations.contains(id)) << id << ": is none";
  ExpectToldWell(told, Commands());
}

TEST(VerbsTest, EveryKindOfApprovalHasACommandOrAReason) {
  const Table told = TableBelow("From kind of approval to command");
  const std::set<std::string> kinds = Kinds();
  ASSERT_GT(kinds.size(), 10u) << "the table is not read any more";
  for (const std::string& kind : kinds) EXPECT_TRUE(told.contains(kind)) << kind << ": not told";
  for (const auto& [kind, cell] : told) EXPECT_TRUE(kinds.contains(kind)) << kind << ": is none";
  ExpectToldWell(told, Commands());
}

TEST(VerbsTest, EveryCommandIsOnThePage) {
  std::set<std::string> told;
  for (const std::string& line : LinesOf("docs/operate/cli.md")) {
    if (!line.starts_with("| `")) continue;
    for (const std::string& command : CommandsIn(line)) told.insert(command);
  }
  const auto [commands, groups] = KnownCommands();
  ASSERT_GT(commands.size(), 60u);
  for (const std::string& command : commands) {
    EXPECT_TRUE(told.contains(command)) << "cloison " << command << ": not told";
  }
  for (const std::string& command : told) {
    const bool known = commands.contains(command) || groups.contains(command);  // cloison init
    EXPECT_TRUE(known) << "cloison " << command << ": is none";
  }
}

struct Sent {
  const char* why;
  const char* command;
  Words words;
  const char* request;
  const char* rest;  // headers and body
};

Words Joined(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// `changes`: a file of a text and a null.
std::vector<Sent> SentBy(const std::string& changes) {
  const Words kRaise = {"principal", "raise", "adviser.ft", "--until", "T", "--reason", "r"};
  return {
      {"one cap", "principal raise", Joined(kRaise, {"--cap", "opened/day=300"}),
       "POST /v1/approvals",
       R"({"kind":"raise","reason":"r","what":{"principal":"adviser.ft","raises":)"
       R"([{"counter":"opened","window":"day","cap":300,"until":"T"}]}})"},
      {"two caps", "principal raise",
       Joined(kRaise, {"--cap", "opened/day=300", "--cap", "glimpsed_off_caseload/hour=9"}),
       "POST /v1/approvals",
       R"({"kind":"raise","reason":"r","what":{"principal":"adviser.ft","raises":)"
       R"([{"counter":"opened","window":"day","cap":300,"until":"T"},)"
       R"({"counter":"glimpsed_off_caseload","window":"hour","cap":9,"until":"T"}]}})"},
      {"a caseload to two",
       "caseload transfer",
       {"caseload", "transfer", "a", "--to", "b", "--to", "c", "--reason", "r"},
       "POST /v1/approvals",
       R"({"kind":"transfer","reason":"r","what":{"from":"a","to":["b","c"]}})"},
      {"a card",
       "presence",
       {"presence", "A-1", "--agent", "x", "--proof", "card"},
       "POST /v1/presences",
       R"({"agent":"x","person":"A-1","proof":"card"})"},
      {"what a card says",
       "presence",
       {"presence", "--nir", "1", "--birth-date", "2", "--agent", "x", "--proof", "card"},
       "POST /v1/presences",
       R"({"agent":"x","card":{"nir":"...","birth_date":"..."},"proof":"card"})"},
      {"a code, for a while",
       "presence",
       {"presence", "A-1", "--agent", "x", "--proof", "one_time_code", "--until", "T"},
       "POST /v1/presences",
       R"({"agent":"x","person":"A-1","proof":"one_time_code","until":"T"})"},
      {"erased, of one version",
       "person erase",
       {"person", "erase", "A-1", "--version", "2", "--reason", "RGPD"},
       "POST /v1/people:erase",
       "if-match: \"2\"\n{\"person\":\"A-1\",\"reason\":\"RGPD\"}"},
      {"another key, whatever the version",
       "person rekey",
       {"person", "rekey", "A-1", "--reason", "INC-7"},
       "POST /v1/people:rekey",
       R"({"person":"A-1","reason":"INC-7"})"},
      {"a word against one's erasure",
       "me object",
       {"me", "object"},
       "POST /v1/me/erasure:object",
       "{}"},
      {"changed, and no value is shown",
       "person update",
       {"person", "update", "A-1", "--version", "7", "--changes", changes, "--case", "D"},
       "PATCH /v1/people",
       "if-match: \"7\"\n"
       R"({"person":"A-1","fields":{"contact.phone":"...","contact.email":null},"case_ref":"D"})"},
      {"what an account did",
       "principal activity",
       {"principal", "activity", "adviser.ft", "--from", "T", "--until", "U"},
       "POST /v1/principals:activity",
       R"({"principal":"adviser.ft","from":"T","until":"U"})"},
      {"everybody, all fields",
       "export ask",
       {"export", "ask", "--label", "move", "--application", "app.move", "--purpose", "migration",
        "--recipient", "K", "--people", "9", "--expires", "T", "--reason", "MIG-1"},
       "POST /v1/approvals",
       R"({"kind":"export","reason":"MIG-1","what":{"label":"move","application":"app.move",)"
       R"("purpose":"migration","recipient":"K","people_max":9,"expires":"T"}})"},
      {"stopped",
       "export stop",
       {"export", "stop", "exp_12"},
       "POST /v1/exports:stop",
       R"({"export":"exp_12"})"},
      {"a letter",
       "citizen letter-code",
       {"citizen", "letter-code", "A-1", "--purpose", "support", "--case", "A1"},
       "POST /v1/letter-codes",
       R"({"person":"A-1","purpose":"support","case_ref":"A1"})"},
      {"bound by letter",
       "citizen bind",
       {"citizen", "bind", "--letter-code", "7KQ2"},
       "POST /v1/citizens:bind",
       R"({"letter_code":"..."})"},
      {"bound by identifier",
       "citizen bind",
       {"citizen", "bind", "--agency-id", "7KQ2"},
       "POST /v1/citizens:bind",
       R"({"agency_id":"..."})"},
  };
}

TEST(VerbsTest, SendWhatTheirOperationTakes) {
  const std::string changes = ::testing::TempDir() + "cloison-changes.json";
  std::ofstream(changes) << R"({"contact.phone":"+33639981234","contact.email":null})";
  const Table operations = Operations();
  const Table told = TableBelow("From operation to command");
  const Table kinds = TableBelow("From kind of approval to command");
  const std::string server = "https://127.0.0.1:8443";
  for (const Sent& row : SentBy(changes)) {
    const Ran ran = RunWords(Joined(row.words, {"--dry-run"}));
    EXPECT_EQ(ran.exit, ExitCode::kDone) << row.why;
    const std::string request = row.request;
    const std::size_t space = request.find(' ') + 1;
    EXPECT_EQ(ran.out,
              request.substr(0, space) + server + request.substr(space) + "\n" + row.rest + "\n")
        << row.why;
    ASSERT_TRUE(operations.contains(request)) << row.why;
    std::string cell = told.at(operations.at(request));
    constexpr std::string_view kKind = R"({"kind":")";
    const std::string rest = row.rest;
    if (rest.starts_with(kKind)) {
      cell = kinds.at(rest.substr(kKind.size(), rest.find('"', kKind.size()) - kKind.size()));
    }
    const Words named = CommandsIn(cell);
    EXPECT_EQ(std::count(named.begin(), named.end(), row.command), 1) << row.why;
  }
}

TEST(VerbsTest, RefuseWhatCannotBeMeant) {
  const std::string folder = ::testing::TempDir() + "cloison-verbs-";
  const std::string list = folder + "list.json", number = folder + "number.json";
  const std::string none = folder + "none.json", bad = folder + "bad.json";
  std::ofstream(list) << R"(["contact.phone"])";
  std::ofstream(number) << R"({"contact.phone":33639981234})";
  std::ofstream(none) << "{}";
  std::ofstream(bad) << "{";
  const Words raise = {"principal", "raise", "a", "--until", "T", "--reason", "r", "--cap"};
  const Words update = {"person", "update", "A-1", "--version", "1", "--changes"};
  const struct {
    const char* why;
    Words before;
    Words words;
  } rows[] = {
      {"no window", raise, {"opened=300"}},
      {"no counter", raise, {"/day=300"}},
      {"an empty window", raise, {"opened/=300"}},
      {"no number", raise, {"opened/day"}},
      {"an empty number", raise, {"opened/day="}},
      {"a word", raise, {"opened/day=many"}},
      {"less than nobody", raise, {"opened/day=-1"}},
      {"a number and more", raise, {"opened/day=300x"}},
      {"more than a number holds", raise, {"opened/day=99999999999999999999"}},
      {"the second is none", raise, {"opened/day=300", "--cap", "day"}},
      {"a period without an end", {"principal", "activity", "a"}, {"--from", "T"}},
      {"no end", {"principal", "raise", "a"}, {"--cap", "opened/day=3", "--reason", "r"}},
      {"no reason", {"principal", "raise", "a"}, {"--cap", "opened/day=3", "--until", "T"}},
      {"a transfer to nobody", {"caseload", "transfer", "a"}, {"--reason", "r"}},
      {"a transfer without a reason", {"caseload", "transfer", "a"}, {"--to", "b"}},
      {"a presence by word alone", {"presence", "A-1"}, {"--agent", "x", "--proof", "word"}},
      {"a presence without a proof", {"presence", "A-1"}, {"--agent", "x"}},
      {"a presence of two", {"presence", "A-1", "B-2"}, {"--agent", "x", "--proof", "card"}},
      {"a presence as an explanation", {"explain", "A-1"}, {"--agent", "x", "--kind", "presence"}},
      {"erased, of any version", {"person", "erase", "A-1"}, {"--reason", "r"}},
      {"erased, of no version", {"person", "erase", "A-1"}, {"--version", "0", "--reason", "r"}},
      {"erased for nothing", {"person", "erase", "A-1"}, {"--version", "1"}},
      {"another key for nobody", {"person", "rekey"}, {"--reason", "r"}},
      {"another key for nothing", {"person", "rekey"}, {"A-1"}},
      {"another key of a version", {"person", "rekey", "A-1"}, {"--version", "3", "--reason", "r"}},
      {"changes of a list", update, {list}},
      {"changes to a number", update, {number}},
      {"no changes", update, {none}},
      {"no JSON", update, {bad}},
      {"no such file", update, {folder + "absent.json"}},
      {"a value as an argument",
       {"person", "update", "A-1", "--version", "1"},
       {"--set", "contact.phone=1"}},
      {"bound by nothing", {"citizen", "bind"}, {}},
      {"bound by two", {"citizen", "bind"}, {"--letter-code", "a", "--agency-id", "b"}},
      {"a letter to nobody", {"citizen", "letter-code"}, {}},
      {"a path for a disclosure", {"ledger", "proof"}, {"acc_a/../../x"}},
      {"no disclosure", {"ledger", "proof"}, {"apr_1"}},
      {"the prefix alone", {"ledger", "proof"}, {"acc_"}},
      {"nothing of oneself", {"me"}, {}},
      {"nothing of the house", {"organisation"}, {}},
  };
  for (const auto& row : rows) {
    Words words = row.before;
    words.insert(words.end(), row.words.begin(), row.words.end());
    ::testing::internal::CaptureStderr();
    const Ran ran = RunWords(words);
    const std::string complaint = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(ran.exit, ExitCode::kUsage) << row.why << complaint;
    EXPECT_EQ(ran.out, "") << row.why;
    EXPECT_EQ(complaint.find("33639981234"), std::string::npos) << row.why << ": a value is told";
  }
}

}  // namespace
}  // namespace cloison::cli
