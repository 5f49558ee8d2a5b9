// The tour of the demo, whole, on a small world: what `make demo ONCE=1` runs.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

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

TEST(DemoTest, TheCurlCommandsOfTheTourWorkAsPasted) {
  if (Shell("command -v curl").exit != 0) GTEST_SKIP() << "no curl here";
  World world(2'000);
  ASSERT_TRUE(world.Start()) << ReadFile(world.folder().path("log"));
  // The tour of a second, short-lived server writes the .curl files; tokens and ports differ, so
  // the command is taken from the text and asked of the server that runs.
  const std::string credentials = world.folder().path("world/credentials");
  const Ended shown = Shell("curl --silent --cacert " + credentials + "/ca.pem --cert " +
                            credentials + "/adviser.ft.pem --key " + credentials +
                            "/adviser.ft.key -H \"Authorization: Bearer $(cat " + credentials +
                            "/adviser.ft.token)\" " + world.server() + "/v1/me/capabilities");
  EXPECT_EQ(shown.exit, 0) << shown.err;
  EXPECT_TRUE(Contains(shown.out, "\"role\":\"adviser\"")) << shown.out;
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
