// The file of the alarms: whole lines, none twice, whatever was left of it.
#include "sinks/line_file.h"

#include <gtest/gtest.h>

#include "base/testing/memory_files.h"
#include "sinks/alarm_text.h"

namespace cloison::sinks {
namespace {

constexpr char kPath[] = "log/alarms.jsonl";
constexpr char kOrigin[] = "cloison.example/job-seekers";

access::Alarm Numbered(std::uint64_t number) {
  access::Alarm alarm;
  alarm.number = number;
  alarm.wall_ms = 1'700'000'000'000 + static_cast<std::int64_t>(number);
  return alarm;
}
std::string LineOf(std::uint64_t number) {
  return OcsfEvent(Numbered(number), kOrigin) + "\n";
}

class LineFileTest : public ::testing::Test {
 protected:
  std::string Text() { return std::string(AsText(files_.contents[kPath])); }
  void Set(std::string_view text) {
    const ByteView bytes = AsBytes(text);
    files_.contents[kPath] = Bytes(bytes.begin(), bytes.end());
  }

  base::testing::MemoryFiles files_;
  LineFile file_{files_, kPath, kOrigin};
};

TEST_F(LineFileTest, KnowsItsLastLine) {
  EXPECT_FALSE(file_.Reached().has_value());
  for (std::uint64_t number : {1u, 2u, 3u}) ASSERT_TRUE(file_.Give(Numbered(number)).ok());
  EXPECT_EQ(Text(), LineOf(1) + LineOf(2) + LineOf(3));
  LineFile again(files_, kPath, kOrigin);
  EXPECT_EQ(again.Reached(), (Position{3, 1'700'000'000'003}));
  LineFile of_another(files_, kPath, "another.example/register");
  EXPECT_FALSE(of_another.Reached().has_value());
}

TEST_F(LineFileTest, GoesOnWhateverWasLeft) {
  struct Row {
    const char* why;
    std::string left;
    std::optional<std::uint64_t> reached;
    std::string then;
  };
  const Row rows[] = {
      {"nothing", "", std::nullopt, LineOf(9)},
      {"one line", LineOf(7), 7, LineOf(7) + LineOf(9)},
      {"half a line behind one", LineOf(7) + LineOf(8).substr(0, 40), 7, LineOf(7) + LineOf(9)},
      {"a line without its end", LineOf(7) + OcsfEvent(Numbered(8), kOrigin), 7,
       LineOf(7) + LineOf(9)},
      {"half a line alone", LineOf(8).substr(0, 40), std::nullopt, LineOf(9)},
      {"somebody else's lines", "one\ntwo\n", std::nullopt, "one\ntwo\n" + LineOf(9)},
      {"an empty line", "\n", std::nullopt, "\n" + LineOf(9)},
      {"a number that is none", "{\"time\":1,\"metadata\":{\"sequence\":-1}}\n", std::nullopt,
       "{\"time\":1,\"metadata\":{\"sequence\":-1}}\n" + LineOf(9)},
  };
  for (const Row& row : rows) {
    Set(row.left);
    const std::optional<Position> reached = file_.Reached();
    EXPECT_EQ(reached.has_value(), row.reached.has_value()) << row.why;
    if (reached.has_value() && row.reached.has_value()) {
      EXPECT_EQ(reached->number, *row.reached) << row.why;
    }
    EXPECT_TRUE(file_.Give(Numbered(9)).ok()) << row.why;
    EXPECT_EQ(Text(), row.then) << row.why;
  }
}

TEST_F(LineFileTest, LeavesAloneWhatHasNoLines) {
  Set(std::string(3 * kLineBytesMax, 'x'));
  EXPECT_EQ(file_.Give(Numbered(9)).error().code(), Code::kCorrupt);
  EXPECT_EQ(Text().size(), 3 * kLineBytesMax);
}

TEST_F(LineFileTest, ARenamedFileIsLeftToWhoRenamedIt) {
  ASSERT_TRUE(file_.Give(Numbered(1)).ok());
  ASSERT_TRUE(files_.Rename(kPath, "log/alarms.1").ok());
  ASSERT_TRUE(file_.Give(Numbered(2)).ok());
  EXPECT_EQ(Text(), LineOf(2));
  EXPECT_EQ(std::string(AsText(files_.contents["log/alarms.1"])), LineOf(1));
}

}  // namespace
}  // namespace cloison::sinks
