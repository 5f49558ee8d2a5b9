// What others read of an alarm, byte for byte: the events are those that tests/outside/run ocsf
// holds against the schema of OCSF.
#include "sinks/alarm_text.h"

#include <gtest/gtest.h>

#include <fstream>

namespace cloison::sinks {
namespace {

using access::Alarm;
using access::Rung;

constexpr std::string_view kOrigin = "cloison.example/job-seekers";

Alarm Make(std::uint64_t number, Alarm::What what) {
  Alarm alarm;
  alarm.number = number;
  alarm.wall_ms = 1'700'000'000'123 + static_cast<std::int64_t>(number);
  alarm.what = what;
  return alarm;
}

Alarm OfRung(std::uint64_t number, Rung from, Rung to, std::string why) {
  Alarm alarm = Make(number, Alarm::What::kRung);
  alarm.from = from;
  alarm.to = to;
  alarm.why = std::move(why);
  alarm.organisation = OrganisationId(1);
  return alarm;
}

// One of each kind, and of each rung.
std::vector<Alarm> Examples() {
  std::vector<Alarm> all;
  all.push_back(Make(1, Alarm::What::kTest));
  all.push_back(OfRung(2, Rung::kNone, Rung::kStepUp, "budget"));
  all.push_back(OfRung(3, Rung::kStepUp, Rung::kSecondPerson, "decoy"));
  all.back().file = access::CaseId{0xca, 0x01};
  all.push_back(OfRung(4, Rung::kSecondPerson, Rung::kFrozen, "D1/day"));
  all.back().file = access::CaseId{0xca, 0x01};
  all.push_back(OfRung(5, Rung::kNone, Rung::kPool, "D9"));
  all.back().pool = access::PoolKey{1, 3};
  all.back().file = access::CaseId{0xca, 0x02};
  all.push_back(Make(6, Alarm::What::kCaseClosed));
  all.back().from = Rung::kFrozen;
  all.back().file = access::CaseId{0xca, 0x01};
  all.push_back(Make(7, Alarm::What::kFrozen));
  all.back().organisation = OrganisationId(2);
  all.push_back(Make(8, Alarm::What::kDamaged));
  all.back().why = "record_does_not_open";
  all.push_back(Make(9, Alarm::What::kProviderOut));
  all.back().organisation = OrganisationId(0);
  all.back().why = "agents";
  all.push_back(Make(10, Alarm::What::kProviderOut));
  all.back().why = "agents/lies";
  all.push_back(Make(11, Alarm::What::kErasuresFull));
  return all;
}

TEST(AlarmText, EventsAreThoseOfTheVectors) {
  std::ifstream file("tests/vectors/ocsf/alarms.jsonl");
  for (const Alarm& alarm : Examples()) {
    std::string line;
    ASSERT_TRUE(std::getline(file, line)) << alarm.number;
    EXPECT_EQ(OcsfEvent(alarm, kOrigin), line);
  }
  std::string more;
  EXPECT_FALSE(std::getline(file, more)) << more;
}

TEST(AlarmText, AUidIsOfOneAlarm) {
  const Alarm alarm = Make(7, Alarm::What::kTest);
  EXPECT_EQ(AlarmUid(alarm, kOrigin), "cloison.example/job-seekers/alarms/7/1700000000130");
  Alarm other = alarm;
  other.wall_ms += 1;  // the number once more, after a restore
  EXPECT_NE(AlarmUid(other, kOrigin), AlarmUid(alarm, kOrigin));
  EXPECT_NE(AlarmUid(alarm, "another.example/register"), AlarmUid(alarm, kOrigin));
}

TEST(AlarmText, SyslogMessagesHaveTheFormOfRfc5424) {
  const std::vector<Alarm> all = Examples();
  const char* const heads[] = {
      "<110>1 2023-11-14T22:13:20.124Z vault-1 cloisond - test [meta sequenceId=\"1\"] {",
      "<109>1 2023-11-14T22:13:20.125Z vault-1 cloisond - rung [meta sequenceId=\"2\"] {",
      "<107>1 2023-11-14T22:13:20.126Z vault-1 cloisond - rung [meta sequenceId=\"3\"] {",
      "<106>1 2023-11-14T22:13:20.127Z vault-1 cloisond - rung [meta sequenceId=\"4\"] {",
      "<106>1 2023-11-14T22:13:20.128Z vault-1 cloisond - rung [meta sequenceId=\"5\"] {",
      "<110>1 2023-11-14T22:13:20.129Z vault-1 cloisond - case_closed [meta sequenceId=\"6\"] {",
      "<108>1 2023-11-14T22:13:20.130Z vault-1 cloisond - frozen [meta sequenceId=\"7\"] {",
      "<106>1 2023-11-14T22:13:20.131Z vault-1 cloisond - damaged [meta sequenceId=\"8\"] {",
      "<107>1 2023-11-14T22:13:20.132Z vault-1 cloisond - provider_out [meta sequenceId=\"9\"] {",
      "<107>1 2023-11-14T22:13:20.133Z vault-1 cloisond - provider_out [meta sequenceId=\"10\"] {",
      "<107>1 2023-11-14T22:13:20.134Z vault-1 cloisond - erasures_full [meta sequenceId=\"11\"] {",
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string message = SyslogMessage(all[i], kOrigin, "vault-1");
    EXPECT_TRUE(message.starts_with(heads[i])) << message;
    EXPECT_TRUE(message.ends_with(OcsfEvent(all[i], kOrigin)));
  }
  struct Row {
    const char* why;
    std::uint64_t number;
    const char* says;
  };
  const Row rows[] = {
      {"the highest of RFC 5424", kSequenceMax, "sequenceId=\"2147483647\""},
      {"then it begins again", kSequenceMax + 1, "sequenceId=\"1\""},
  };
  for (const Row& row : rows) {
    const std::string message = SyslogMessage(Make(row.number, Alarm::What::kTest), kOrigin, "");
    EXPECT_NE(message.find(row.says), std::string::npos) << row.why;
    EXPECT_NE(message.find("Z - cloisond - test "), std::string::npos) << "no name of a host";
  }
}

}  // namespace
}  // namespace cloison::sinks
