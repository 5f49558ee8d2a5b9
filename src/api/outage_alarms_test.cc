// A provider that went out is told of once, in a numbered alarm with an entry.
#include "api/outage_alarms.h"

#include <gtest/gtest.h>

#include <thread>

#include "access/cases.h"
#include "api/testing/token_desk.h"

namespace cloison::api {
namespace {

using access::Alarm;
using vault::testing::TestVault;

class OutageAlarmsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(vault_.Start().ok()); }
  access::Alarms Alarms() { return vault_.gate().cases().alarms(); }
  // The providers of all alarms so far, in their order.
  std::vector<std::string> Told() {
    std::vector<std::string> told;
    const auto alarms = vault_.Wait(Alarms().Stored(0, 100));
    CLOISON_CHECK(alarms.ok());
    for (const Alarm& alarm : *alarms) {
      EXPECT_EQ(alarm.what, Alarm::What::kProviderOut);
      EXPECT_EQ(alarm.organisation, OrganisationId(0));
      told.push_back(alarm.why);
    }
    return told;
  }

  TestVault vault_;
};

TEST_F(OutageAlarmsTest, OneAnOutage) {
  using Names = std::vector<std::string>;
  constexpr std::int64_t kHour = kOutageQuietMs;
  const struct {
    const char* why;
    std::int64_t at_ms;
    std::set<std::string> out;
    Names told;
  } kLooks[] = {
      {"all well", 0, {}, {}},
      {"one goes out", 1'000, {"agents"}, {"agents"}},
      {"it stays out", 2'000, {"agents"}, {"agents"}},
      {"so does another", 3'000, {"agents", "citizens"}, {"agents", "citizens"}},
      {"one is back", 4'000, {"citizens"}, {"agents", "citizens"}},
      {"and out again too soon to be told", kHour, {"agents", "citizens"}, {"agents", "citizens"}},
      {"still out when the hour is over, which is told",
       kHour + 1'000,
       {"agents", "citizens"},
       {"agents", "citizens", "agents"}},
      {"an outage of days is one", 90 * kHour, {"citizens"}, {"agents", "citizens", "agents"}},
      {"all back", 91 * kHour, {}, {"agents", "citizens", "agents"}},
      {"another", 92 * kHour, {"citizens"}, {"agents", "citizens", "agents", "citizens"}},
  };
  OutageAlarms alarms;
  const std::uint64_t entries = vault_.vault().ledger().size();
  for (const auto& look : kLooks) {
    ASSERT_TRUE(vault_.Wait(alarms.Tell(look.out, look.at_ms, Alarms(), vault_.executor)).ok());
    EXPECT_EQ(Told(), look.told) << look.why;
  }
  EXPECT_EQ(vault_.vault().ledger().size(), entries + 4) << "each has its entry";
}

// A whole desk, whose provider listens nowhere.
TEST_F(OutageAlarmsTest, OfAProviderThatIsGone) {
  const auto desk = testing::MakeTokenDesk(vault_, "http://127.0.0.1:1");
  ASSERT_TRUE(desk->Start().ok());
  for (int tries = 0; tries < 3'000 && Told().empty(); ++tries) {
    ASSERT_TRUE(vault_.Wait(desk->TellOutages(Alarms(), vault_.executor)).ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_TRUE(vault_.Wait(desk->TellOutages(Alarms(), vault_.executor)).ok());
  EXPECT_EQ(Told(), std::vector<std::string>{"agents"});
}

}  // namespace
}  // namespace cloison::api
