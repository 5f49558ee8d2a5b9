#include "drill/honest_year.h"

#include <gtest/gtest.h>

#include <sstream>

#include "drill/plan.h"
#include "store/testing/temp_directory.h"
#include "vault/embedded.h"

namespace cloison::drill {
namespace {

Result<Benign> LiveBy(const std::string& more, std::size_t agents, std::uint64_t seed = 1) {
  base::SystemRandom random;
  std::vector<std::string> problems;
  const auto schema = *records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems);
  const auto policy = access::Policy::Parse(
      std::string(vault::DemoPolicyToml()) + "\n[detectors]\nact = true\n" + more, *schema,
      &problems);
  EXPECT_TRUE(policy.ok()) << (problems.empty() ? "" : problems[0]);
  return LiveAYear(agents, seed, *policy, random);
}

// Honest work by the bounds that detectors begin with, and by bounds that it breaks: the second
// shows that the first was looked at.
TEST(HonestYear, BoundsThatHoldDisturbNobody) {
  constexpr std::size_t kAgents = 60;
  const Result<Benign> begins = LiveBy("", kAgents);
  ASSERT_TRUE(begins.ok());
  EXPECT_EQ(begins->agent_years, kAgents);
  EXPECT_GT(begins->accesses, kAgents * 4'000u);
  EXPECT_LT(begins->refused, begins->accesses / 200);
  EXPECT_EQ(begins->r4, 0u);
  const Result<Benign> tight =
      LiveBy("[[detectors.score]]\nscore = \"D1/day\"\nbounds = [[1, 0.00001]]\n", kAgents);
  ASSERT_TRUE(tight.ok());
  EXPECT_GT(*tight->r4, kAgents / 2);
  EXPECT_GE(*tight->r3, *tight->r4);
  EXPECT_GE(*tight->r2, *tight->r3);
  EXPECT_GT(tight->refused, begins->refused);
}

TEST(HonestYear, IsTheSeedsAndNotTheCores) {
  const Result<Benign> one = LiveBy("", 20, 3), again = LiveBy("", 20, 3),
                       other = LiveBy("", 20, 4);
  ASSERT_TRUE(one.ok() && again.ok() && other.ok());
  EXPECT_EQ(one->accesses, again->accesses);
  EXPECT_EQ(one->refused, again->refused);
  EXPECT_EQ(one->r2, again->r2);
  EXPECT_NE(one->accesses, other->accesses);
}

// examples/detectors: what an operator would switch on is the demo's policy, and detectors that
// act.
TEST(HonestYear, TheExampleActs) {
  base::SystemFiles files;
  const auto text = [&files](const char* path) {
    const Result<Bytes> bytes = files.Read(path);
    EXPECT_TRUE(bytes.ok()) << path;
    return bytes.ok() ? std::string(base::AsText(*bytes)) : std::string();
  };
  const std::string toml = text("examples/detectors/policy.toml");
  ASSERT_TRUE(toml.starts_with(vault::DemoPolicyToml())) << "the demo's, and more";
  std::vector<std::string> problems;
  const auto schema = *records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems);
  const auto policy = access::Policy::Parse(toml, *schema, &problems);
  ASSERT_TRUE(policy.ok()) << problems[0];
  EXPECT_TRUE((*policy)->detectors().act);
  EXPECT_EQ((*policy)->detectors().pools.size(), 2u);
  const Result<Plan> plan = ParsePlan(text("examples/detectors/world.toml"), &problems);
  ASSERT_TRUE(plan.ok()) << problems[0];
  EXPECT_EQ(plan->policy, "examples/detectors/policy.toml");
  base::SystemRandom random;
  const Result<Benign> benign = LiveAYear(20, 1, *policy, random);
  ASSERT_TRUE(benign.ok());
  EXPECT_EQ(benign->r4, 0u);
}

TEST(HonestYear, HasAgents) {
  EXPECT_EQ(LiveBy("", 0).error().code(), Code::kInvalid);
  EXPECT_EQ(LiveBy("", kYearAgentsMax + 1).error().code(), Code::kInvalid);
}

TEST(HonestYear, IsPrintedWithItsIntervals) {
  store::testing::TempDirectory directory;
  base::SystemFiles files;
  base::SystemRandom random;
  const Ground ground{files, random, directory.path(), {}};
  Arguments arguments;
  arguments.benign_year = 10;
  arguments.json = true;
  std::ostringstream out, err;
  EXPECT_EQ(Main(arguments, ground, out, err), 0) << err.str();
  EXPECT_NE(out.str().find("{\"attacks\":[],\"benign\":{\"agent_years\":10,"), std::string::npos)
      << out.str();
  EXPECT_NE(out.str().find("\"r4_per_agent_year\":{\"seen\":0,\"low\":0,\"high\":0.36"),
            std::string::npos)
      << out.str();
  arguments.benign = "log.csv";
  EXPECT_EQ(Main(arguments, ground, out, err), 2);
}

}  // namespace
}  // namespace cloison::drill
