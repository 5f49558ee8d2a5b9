// The rules, on the tree as it is.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "tests/tidy/rules.h"

namespace cloison::tidy {
namespace {

// Where a rule makes the code worse: the one list, each with its reason. One that excuses nothing
// any more fails too.
struct Exception {
  std::string_view rule;
  std::string_view path;
  std::string_view reason;
};
const std::vector<Exception>& Exceptions() {
  static const std::vector<Exception> exceptions = {};
  return exceptions;
}

struct Rule {
  const char* name;
  Findings (*find)(const Tree&);
};
void PrintTo(const Rule& rule, std::ostream* out) {
  *out << rule.name;
}
constexpr Rule kRules[] = {
    {"Columns", Columns},
    {"FileLengths", FileLengths},
    {"FunctionLengths", FunctionLengths},
    {"Layers", Layers},
    {"ThirdParty", ThirdParty},
    {"BannedCalls", BannedCalls},
    {"AwaitedBraces", AwaitedBraces},
    {"Unused", Unused},
    {"Unfinished", Unfinished},
    {"Undescribed", Undescribed},
};

const Tree& OurTree() {
  static const Tree tree = LoadTree(".");
  return tree;
}

bool Excuses(const Exception& exception, const Finding& finding) {
  return exception.rule == finding.rule && exception.path == finding.path;
}

class House : public ::testing::TestWithParam<Rule> {};

TEST_P(House, Holds) {
  ASSERT_GT(OurTree().size(), 50u) << "not at the root of the project";
  std::string broken;
  for (const Finding& finding : GetParam().find(OurTree())) {
    const bool excused =
        std::any_of(Exceptions().begin(), Exceptions().end(),
                    [&](const Exception& exception) { return Excuses(exception, finding); });
    if (excused) continue;
    broken += finding.path + ":" + std::to_string(finding.line) + ": " + finding.what + "\n";
  }
  EXPECT_TRUE(broken.empty()) << broken;
}

INSTANTIATE_TEST_SUITE_P(Rules, House, ::testing::ValuesIn(kRules),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Exceptions, AreAllStillNeeded) {
  Findings all;
  for (const Rule& rule : kRules) {
    for (Finding& finding : rule.find(OurTree())) all.push_back(std::move(finding));
  }
  for (const Exception& exception : Exceptions()) {
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Finding& finding) {
      return Excuses(exception, finding);
    })) << exception.path;
  }
}

}  // namespace
}  // namespace cloison::tidy
