#include "cli/facts.h"

#include <gtest/gtest.h>

namespace cloison::cli {
namespace {

std::vector<std::string> Facts(std::string_view json, bool plain = false) {
  const auto document = codec::JsonDocument::Parse(AsBytes(json));
  CLOISON_CHECK(document.ok());
  return FactsOf(document->root(), plain);
}

using Lines = std::vector<std::string>;

// Whoever agrees to an enrolment sees all of it.
TEST(Facts, LeaveNothingOut) {
  constexpr std::string_view kWhat =
      R"({"principal":"agents:m2","role":"manager","office":101,"human":"HR-9","same_as":null,)"
      R"("caps":[{"counter":"opened","cap":300},{"counter":"glimpsed","cap":9}],)"
      R"("founders":[{"principal":"a:b"}],"rights":["read","enrol"],"frozen":false,"share":0.5})";
  EXPECT_EQ(Facts(kWhat),
            (Lines{"principal     agents:m2", "role          manager", "office        101",
                   "human         HR-9", "caps.1.counter opened", "caps.1.cap    300",
                   "caps.2.counter glimpsed", "caps.2.cap    9", "founders.1.principal a:b",
                   "rights        read enrol", "frozen        no", "share         0.500000"}));
  EXPECT_EQ(Facts(R"({"role":"manager"})", true), Lines{"role\tmanager"});
}

TEST(Facts, AreOneLineEach) {
  EXPECT_EQ(Facts("{\"reason\":\"a\\nb\\tc\\u001b[2J\"}"), Lines{"reason        a b c [2J"});
}

}  // namespace
}  // namespace cloison::cli
