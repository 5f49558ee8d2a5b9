// The tour of the demo, whole, on a small world: what `make demo ONCE=1` runs.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

constexpr int kPollsMax = 2'400;  // of 50 ms
constexpr char kDemo[] = "\"$cloison\" demo --once --people 3000 --drill-people 2000 --data ";

TEST(DemoTest, OnceWalksEveryStepAndEnds) {
  const Folder folder;
  const Ended first = Shell(kDemo + folder.path("demo"));
  ASSERT_EQ(first.exit, 0) << first.out << first.err << ReadFile(folder.path("demo/cloisond.log"));
  std::size_t good = 0;
  for (const std::string& line : LinesOf(first.out)) good += Contains(line, "✓") ? 1u : 0u;
  EXPECT_EQ(good, 7u) << first.out;
  EXPECT_TRUE(Contains(first.out, "36,800,000")) << first.out;
  EXPECT_FALSE(Contains(first.out, "\033[")) << "colour in a pipe";
  // The world is there: the second run builds nothing, and finds its trail.
  const Ended second = Shell(kDemo + folder.path("demo"));
  EXPECT_EQ(second.exit, 0) << second.out << second.err;
}

TEST(DemoTest, StaysUpAndItsCurlCommandsWorkAsPasted) {
  if (Shell("command -v curl").exit != 0) GTEST_SKIP() << "no curl here";
  const Folder folder;
  const auto demo = ShellInBackground(
      "exec \"$cloison\" demo --people 3000 --drill-people 2000 --data " + folder.path("demo"),
      folder.path("out"), folder.path("err"));
  ASSERT_NE(demo, nullptr);
  const auto said = [&folder] { return ReadFile(folder.path("out")); };
  for (int i = 0; i < kPollsMax && demo->Poll() < 0 && !Contains(said(), "Ctrl-C"); ++i) {
    usleep(50'000);
  }
  int pasted = 0;
  for (const std::string& line : LinesOf(said())) {
    if (!line.starts_with("  curl ")) continue;
    const Ended answer = Shell(line + " --fail");
    EXPECT_EQ(answer.exit, 0) << line << answer.err;
    EXPECT_NE(answer.out, "") << line;
    ++pasted;
  }
  EXPECT_EQ(pasted, 5) << said() << ReadFile(folder.path("err"));
  EXPECT_EQ(demo->Stop(), 0) << "asked to end, it ends well";
}

TEST(DemoTest, FailsWhenTheServerDoesNotComeUp) {
  const Folder folder;
  const Ended ended =
      Shell("CLOISON_DAEMON=/bin/false " + std::string(kDemo) + folder.path("demo"));
  EXPECT_EQ(ended.exit, 1) << ended.out;
  EXPECT_TRUE(Contains(ended.err, "did not come up")) << ended.err;
}

}  // namespace
}  // namespace cloison::e2e
