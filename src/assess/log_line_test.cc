#include "assess/log_line.h"

#include <gtest/gtest.h>

namespace cloison::assess {
namespace {

constexpr char kHeader[] = "time,agent,office,person,action,caseload";

LogLayout Layout(const LogMap& map) {
  std::vector<std::string_view> fields;
  std::string unquoted;
  EXPECT_TRUE(SplitLine(kHeader, ',', fields, unquoted));
  std::vector<std::string> problems;
  return LayoutOf(map, ',', {fields.begin(), fields.end()}, &problems).value();
}

TEST(LineReader, ReadsAndRefuses) {
  const std::string when = "2024-02-06T08:15:23Z,";
  const std::string long_name(kLogNameBytesMax + 1, 'x');
  const struct {
    const char* why;
    std::string line;
    LineFault want;
    Action action = Action::kOpen;
    Follows follows = Follows::kYes;
  } rows[] = {
      {"plain", when + "a,o,p,open,yes", LineFault::kNone},
      {"a glimpse at a stranger", when + "a,o,p,glimpse,no", LineFault::kNone, Action::kGlimpse,
       Follows::kNo},
      {"sensitive", when + "a,o,p,sensitive,1", LineFault::kNone, Action::kSensitive},
      {"an action of nobody's is an opening", when + "a,o,p,VIEW,own", LineFault::kNone},
      {"no office", when + "a,,p,open,yes", LineFault::kNone},
      {"spaces around", when + " a ,o,\tp ,open,yes", LineFault::kNone},
      {"quotes", when + "\"a\",\"of,fi\"\"ce\",p,open,yes", LineFault::kNone},
      {"what is ignored needs no person", when + ",,,ignore,", LineFault::kNone, Action::kIgnore,
       Follows::kUnknown},
      {"a column less", when + "a,o,p,open", LineFault::kColumns},
      {"a column more", when + "a,o,p,open,yes,", LineFault::kColumns},
      {"a quote that does not end", when + "a,o,\"p,open,yes", LineFault::kQuote},
      {"text behind a quote", when + "a,o,\"p\"x,open,yes", LineFault::kQuote},
      {"a quote inside", when + "a,o,p\"p,open,yes", LineFault::kQuote},
      {"no time", "soon,a,o,p,open,yes", LineFault::kTime},
      {"nobody looked", when + ",o,p,open,yes", LineFault::kAgent},
      {"an agent too long", when + long_name + ",o,p,open,yes", LineFault::kAgent},
      {"an agent that is not UTF-8", when + "a\xff,o,p,open,yes", LineFault::kAgent},
      {"an agent that moves cursors", when + "a\x1b[2J,o,p,open,yes", LineFault::kAgent},
      {"at nobody", when + "a,o,,open,yes", LineFault::kPerson},
      {"a person too long", when + "a,o," + long_name + ",open,yes", LineFault::kPerson},
      {"an office too long", when + "a," + long_name + ",p,open,yes", LineFault::kPlace},
      {"an office that is not UTF-8", when + "a,\xc3,p,open,yes", LineFault::kPlace},
      {"neither yes nor no", when + "a,o,p,open,perhaps", LineFault::kCaseload},
      {"a line too long", when + std::string(kLogLineBytesMax, 'x'), LineFault::kTooLong},
      {"nothing but a delimiter", ",", LineFault::kColumns},
  };
  const LogMap map;
  LineReader reader(map, Layout(map), LogTime(TimeForm::kYearMonthDay, Zone()));
  for (const auto& row : rows) {
    LogAccess access;
    EXPECT_EQ(Name(reader.Read(row.line, access)), Name(row.want)) << row.why;
    if (row.want != LineFault::kNone) continue;
    EXPECT_EQ(access.action, row.action) << row.why;
    EXPECT_EQ(access.follows, row.follows) << row.why;
    if (row.action == Action::kIgnore) continue;
    EXPECT_EQ(access.agent, "a") << row.why;
    EXPECT_EQ(access.person, "p") << row.why;
    EXPECT_EQ(access.time_ms, 1'707'207'323'000) << row.why;
  }
}

TEST(LineReader, AMapNamesActionsOrRefusesThem) {
  std::vector<std::string> problems;
  const auto map = LogMap::Parse(
      "[actions]\n\"CONSULT\" = \"sensitive\"\n\"LOGIN\" = \"ignore\"\n"
      "[caseload]\nyes = [\"O\"]\nno = [\"N\", \"\"]\n",
      &problems);
  ASSERT_TRUE(map.ok());
  LineReader reader(*map, Layout(*map), LogTime(TimeForm::kYearMonthDay, Zone()));
  LogAccess access;
  const std::string when = "2024-02-06T08:15:23Z,a,o,p,";
  EXPECT_EQ(reader.Read(when + "CONSULT,", access), LineFault::kNone);
  EXPECT_EQ(access.action, Action::kSensitive);
  EXPECT_EQ(access.follows, Follows::kNo);
  EXPECT_EQ(reader.Read(when + "LOGIN,?", access), LineFault::kNone);
  EXPECT_EQ(access.action, Action::kIgnore);
  EXPECT_EQ(reader.Read(when + "open,O", access), LineFault::kAction) << "ours is not theirs";
  EXPECT_EQ(reader.Read(when + "CONSULT,yes", access), LineFault::kCaseload);
}

TEST(LogMap, RefusesWhatItDoesNotKnow) {
  const struct {
    const char* why;
    const char* toml;
    const char* says;
  } rows[] = {
      {"an unknown key", "delimeter = \";\"\n", "'delimiter'"},
      {"an unknown column", "[columns]\nagents = \"Matricule\"\n", "'agent'"},
      {"another delimiter", "delimiter = \"|\"\n", "a delimiter is"},
      {"an unknown form", "[time]\nform = \"iso\"\n", "a form of times is"},
      {"an unknown zone", "[time]\nzone = \"Paris\"\n", "a zone is"},
      {"an unknown action", "[actions]\n\"X\" = \"read\"\n", "an action is"},
      {"an action that is no text", "[actions]\n\"X\" = 1\n", "an action is"},
      {"yes and no", "[caseload]\nyes = [\"1\"]\nno = [\"1\"]\n", "not both"},
      {"no no", "[caseload]\nyes = [\"1\"]\n", "'no'"},
      {"a class that is no text", "[classes]\nadviser = 3\n", "budget class"},
      {"no TOML", "columns = [\n", "line"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> problems;
    EXPECT_FALSE(LogMap::Parse(row.toml, &problems).ok()) << row.why;
    ASSERT_FALSE(problems.empty()) << row.why;
    EXPECT_NE(problems[0].find(row.says), std::string::npos) << row.why << ": " << problems[0];
  }
}

TEST(LogMap, TheHeaderHasWhatIsNeeded) {
  const struct {
    const char* why;
    std::vector<std::string> names;
    const char* says;  // "": it fits
  } rows[] = {
      {"the least", {"person", "agent", "time"}, ""},
      {"columns of others", {"person", "ip", "agent", "time", "browser"}, ""},
      {"nobody is looked at", {"agent", "time"}, "for person"},
      {"a slip", {"person", "agent", "tim"}, "'tim'"},
      {"one twice", {"person", "agent", "time", "agent"}, "twice"},
      {"too many", std::vector<std::string>(kLogColumnsMax + 1, "x"), "256"},
  };
  for (const auto& row : rows) {
    std::vector<std::string> problems;
    const auto layout = LayoutOf(LogMap(), ',', row.names, &problems);
    EXPECT_EQ(layout.ok(), *row.says == '\0') << row.why;
    if (layout.ok()) continue;
    EXPECT_NE(problems[0].find(row.says), std::string::npos) << problems[0];
  }
  std::vector<std::string> problems;
  LogMap named;
  named.named[static_cast<std::size_t>(LogColumn::kRole)] = true;
  EXPECT_FALSE(LayoutOf(named, ',', {"person", "agent", "time"}, &problems).ok())
      << "what the map names must be there";
  EXPECT_EQ(DelimiterOf(LogMap(), "a;b;c,d"), ';');
  EXPECT_EQ(DelimiterOf(LogMap(), "a\tb\tc"), '\t');
}

}  // namespace
}  // namespace cloison::assess
