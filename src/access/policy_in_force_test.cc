// Another policy decides from the next work on, and is taken back with the work that brought it.
#include "access/policy_in_force.h"

#include <gtest/gtest.h>

#include "base/files.h"

namespace cloison::access {
namespace {

std::string TextOf(const std::string& path) {
  base::SystemFiles files;
  const Result<Bytes> bytes = files.Read(path);
  CLOISON_CHECK(bytes.ok());
  return std::string(AsText(*bytes));
}

TEST(PolicyInForce, IsTakenBackWithItsWork) {
  std::vector<std::string> problems;
  const auto schema = *records::Schema::Parse(TextOf("schemas/job-seekers.toml"), &problems);
  std::string toml = TextOf("examples/demo/policy.toml");
  const auto first = *Policy::Parse(toml, *schema, &problems);
  toml.replace(toml.find("version = 1"), 11, "version = 2");
  const auto second = *Policy::Parse(toml, *schema, &problems);

  PolicyInForce in_force(first, 1);
  const std::uint64_t serial = in_force.serial();
  const std::size_t mark = in_force.Mark();
  in_force.Take(second);
  EXPECT_EQ(&in_force.Now(), second.get());
  EXPECT_EQ(in_force.stored(), 2u);
  EXPECT_EQ(in_force.Current(), first) << "it is not durable";
  const std::uint64_t taken = in_force.serial();
  EXPECT_NE(taken, serial);
  in_force.Rollback(mark);
  EXPECT_EQ(&in_force.Now(), first.get());
  EXPECT_EQ(in_force.stored(), 1u);
  EXPECT_NE(in_force.serial(), taken) << "what was made of the second is old";
  EXPECT_NE(in_force.serial(), serial);
  in_force.Rollback(mark);
  EXPECT_EQ(&in_force.Now(), first.get());
}

}  // namespace
}  // namespace cloison::access
