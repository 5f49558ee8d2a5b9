#include <gtest/gtest.h>

#include "codec/toml_reader.h"

namespace cloison::codec {
namespace {

constexpr std::string_view kText = R"(# an operator's file
name = "job seekers"
version = 3
ratio = 0.5
live = true
since = 2024-02-06
tags = ["a", "b"]

[retention]
days = 100

[[field]]
id = 1
name = "nir"

[[field]]
id = 2
naem = "phone"
)";

TEST(TomlReaderTest, ReadsTypesAndLines) {
  Diagnostics problems;
  const std::optional<TomlTable> file = ParseToml(kText, problems);
  ASSERT_TRUE(file.has_value()) << problems.Text("x");
  const struct {
    const char* key;
    TomlType type;
    int line;
  } rows[] = {{"name", TomlType::kString, 2},     {"version", TomlType::kInt, 3},
              {"ratio", TomlType::kNumber, 4},    {"live", TomlType::kBool, 5},
              {"since", TomlType::kTime, 6},      {"tags", TomlType::kArray, 7},
              {"retention", TomlType::kTable, 9}, {"field", TomlType::kArray, 12}};
  ASSERT_EQ(file->members().size(), std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    const TomlTable::Member& member = file->members()[i];
    EXPECT_EQ(member.key, rows[i].key);
    EXPECT_EQ(member.value.type(), rows[i].type) << rows[i].key;
    EXPECT_EQ(member.line, rows[i].line) << rows[i].key;
  }
  EXPECT_EQ(*file->Find("since")->AsTime(), "2024-02-06");
  EXPECT_EQ(*file->Find("version")->AsNumber(), 3.0);
  EXPECT_EQ(*file->Find("ratio")->AsNumber(), 0.5);
  EXPECT_EQ(*file->Find("live")->AsBool(), true);
  EXPECT_EQ(file->Find("version")->AsString(), nullptr);
  EXPECT_EQ(file->Find("since")->AsString(), nullptr);
  EXPECT_EQ(file->Find("absent"), nullptr);
  EXPECT_EQ(ReadTable(*file, "retention", Need::kRequired, problems)->Find("days")->AsInt(), 100);
  EXPECT_EQ(ReadStrings(*file, "tags", Need::kRequired, problems)->size(), 2u);
  EXPECT_EQ(ReadTables(*file, "field", problems).size(), 2u);
  EXPECT_TRUE(ReadTables(*file, "absent", problems).empty());
  EXPECT_TRUE(problems.empty());
}

TEST(TomlReaderTest, NamesLineAndNearestKey) {
  Diagnostics problems;
  const std::optional<TomlTable> file = ParseToml(kText, problems);
  ASSERT_TRUE(file.has_value());
  const std::vector<const TomlTable*> fields = ReadTables(*file, "field", problems);
  const std::string_view allowed[] = {"id", "name", "index"};
  EXPECT_TRUE(CheckKeys(*fields[0], allowed, problems));
  EXPECT_FALSE(CheckKeys(*fields[1], allowed, problems));
  EXPECT_EQ(problems.Text("s.toml"), "s.toml:18: unknown key 'naem'; the nearest is 'name'\n");
}

TEST(TomlReaderTest, TypedReadersSayWhatIsWrong) {
  Diagnostics problems;
  const std::optional<TomlTable> file = ParseToml(kText, problems);
  ASSERT_TRUE(file.has_value());
  EXPECT_FALSE(ReadString(*file, "version", Need::kOptional, problems).has_value());
  EXPECT_FALSE(ReadInt(*file, "name", Need::kOptional, {0, 9}, problems).has_value());
  EXPECT_FALSE(ReadInt(*file, "version", Need::kOptional, {4, 9}, problems).has_value());
  EXPECT_FALSE(ReadBool(*file, "ratio", Need::kOptional, problems).has_value());
  EXPECT_FALSE(ReadStrings(*file, "field", Need::kOptional, problems).has_value());
  EXPECT_EQ(ReadTable(*file, "tags", Need::kOptional, problems), nullptr);
  EXPECT_TRUE(ReadTables(*file, "tags", problems).empty());
  EXPECT_FALSE(ReadString(*file, "purpose", Need::kRequired, problems).has_value());
  EXPECT_FALSE(ReadString(*file, "purpose", Need::kOptional, problems).has_value());
  const char* want[] = {
      "'version' must be a string, not a whole number",
      "'name' must be a whole number, not a string",
      "'version' must be from 4 to 9",
      "'ratio' must be true or false, not a number",
      "'field' must hold strings only",
      "'tags' must be a table, not an array",
      "'tags' must hold tables only ([[tags]])",
      "'tags' must hold tables only ([[tags]])",
      "missing key 'purpose'",
  };
  ASSERT_EQ(problems.entries().size(), std::size(want));
  for (std::size_t i = 0; i < std::size(want); ++i) {
    EXPECT_EQ(problems.entries()[i].message, want[i]);
  }
}

TEST(TomlReaderTest, Refuses) {
  const std::string deep = [] {
    std::string text = "a = ";
    for (int i = 0; i < 40; ++i) text += "[";
    for (int i = 0; i < 40; ++i) text += "]";
    return text;
  }();
  const std::string dotted = [] {
    std::string text = "[a";
    for (int i = 0; i < 40; ++i) text += ".a";
    return text + "]\nx = 1\n";
  }();
  const struct {
    const char* why;
    std::string text;
    int line;
  } rows[] = {
      {"no value", "a = 1\nb =\n", 2},
      {"key twice", "a = 1\nb = 2\na = 3\n", 3},
      {"table twice", "[t]\n[t]\n", 2},
      {"unclosed string", "a = \"x\n", 1},
      {"unclosed table", "a = 1\n[t\n", 2},
      {"no such date", "a = 2024-02-30\n", 1},
      {"not UTF-8", "a = 1\nb = \"\xff\"\n", 2},
      {"too deep, arrays", deep, 1},
      {"too deep, dotted", dotted, 1},
      {"a line too long", "a = 1\nb = \"" + std::string(kTomlLineBytesMax, 'x') + "\"\n", 2},
      {"a file too large", std::string(kTomlBytesMax + 1, '\n'), 0},
  };
  for (const auto& row : rows) {
    Diagnostics problems;
    EXPECT_FALSE(ParseToml(row.text, problems).has_value()) << row.why;
    ASSERT_EQ(problems.entries().size(), 1u) << row.why;
    EXPECT_EQ(problems.entries()[0].line, row.line)
        << row.why << ": " << problems.entries()[0].message;
  }
}

TEST(TomlReaderTest, DiagnosticsAreBounded) {
  Diagnostics problems;
  for (std::size_t i = 0; i < 2 * kDiagnosticsMax; ++i) problems.Add(1, "x");
  EXPECT_EQ(problems.entries().size(), kDiagnosticsMax);
}

}  // namespace
}  // namespace cloison::codec
