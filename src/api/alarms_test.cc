// Alarms over HTTP: the list, the stream as it comes, and who may hear.
#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "access/cases.h"
#include "api/testing/api_world.h"

namespace cloison::api {
namespace {

using net::Method;
using nlohmann::json;
using testing::ApiWorld;

constexpr char kOfficer[] = "officer.security", kOther[] = "officer.security.b";

class AlarmsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = std::make_unique<ApiWorld>(); }
  static void TearDownTestSuite() { world_.reset(); }

  static net::Response Get(const std::string& who, const std::string& path) {
    return world_->Send({who, Method::kGet, path});
  }
  static std::uint64_t Raise() {
    const net::Response raised = world_->Send({kOfficer, Method::kPost, "/v1/alarms:test", "{}"});
    EXPECT_EQ(raised.status, 200) << raised.body;
    return json::parse(raised.body).at("number").get<std::uint64_t>();
  }
  static std::string After(std::uint64_t number) {
    return "/v1/alarms/stream?after=" + std::to_string(number);
  }
  static std::string IdLine(std::uint64_t number) {
    return "\nid: " + std::to_string(number) + "\nevent: alarm\ndata: {\"number\":";
  }

  static std::unique_ptr<ApiWorld> world_;
};
std::unique_ptr<ApiWorld> AlarmsTest::world_;

TEST_F(AlarmsTest, TheStreamGoesOnBehindTheLastEvent) {
  const std::uint64_t first = Raise();
  ASSERT_EQ(Raise(), first + 1);
  const net::Response all = Get(kOfficer, After(first - 1));
  EXPECT_EQ(all.status, 200);
  EXPECT_EQ(all.headers.get("content-type"), "text/event-stream");
  EXPECT_TRUE(all.body.starts_with("retry: ")) << all.body;
  EXPECT_NE(all.body.find(IdLine(first)), std::string::npos);
  EXPECT_NE(all.body.find(IdLine(first + 1)), std::string::npos);
  // Last-Event-ID goes before the query, which an EventSource repeats.
  const net::Response rest = world_->Send(
      {kOfficer, Method::kGet, After(first - 1), {}, {{"last-event-id", std::to_string(first)}}});
  EXPECT_EQ(rest.body.find(IdLine(first)), std::string::npos);
  EXPECT_NE(rest.body.find(IdLine(first + 1)), std::string::npos);
  for (const char* path : {"?after=x", "?after=-1", "?page_size=0", "?page_size=101", "?x=1"}) {
    EXPECT_EQ(Get(kOfficer, std::string("/v1/alarms/stream") + path).status, 400) << path;
    EXPECT_EQ(Get(kOfficer, std::string("/v1/alarms") + path).status, 400) << path;
  }
}

TEST_F(AlarmsTest, WhoListensHearsTheNextOne) {
  const std::uint64_t last = Raise();
  access::AlarmBell& bell = world_->vault().gate().cases().alarms().bell();
  const std::unique_ptr<testing::ApiClient> client = world_->NewClient(kOther);
  auto heard = std::async(std::launch::async, [&client, last] {
    return client->Send({kOther, Method::kGet, After(last)});
  });
  while (bell.waiting() == 0) std::this_thread::yield();
  ASSERT_EQ(Raise(), last + 1);
  const net::Response answer = heard.get();
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find(IdLine(last + 1)), std::string::npos) << answer.body;
  EXPECT_TRUE(answer.body.starts_with("retry: 50\n")) << answer.body;
}

TEST_F(AlarmsTest, WhoHearsNothingGetsAComment) {
  const net::Response quiet = Get(kOfficer, After(Raise()));
  EXPECT_EQ(quiet.status, 200);
  EXPECT_EQ(quiet.body, "retry: 50\n\n: nothing new\n\n");
}

TEST_F(AlarmsTest, AreForWhoMayFreeze) {
  for (const char* who : {"adviser.ft", "manager.a", "app.case", "citizen.one"}) {
    for (const char* path : {"/v1/alarms", "/v1/alarms/stream", "/v1/alarms/outputs"}) {
      EXPECT_EQ(Get(who, path).status, 403) << who << path;
    }
    EXPECT_EQ(world_->Send({who, Method::kPost, "/v1/alarms:test", "{}"}).status, 403) << who;
  }
  EXPECT_EQ(Get("", "/v1/alarms/stream").status, 401);
}

TEST_F(AlarmsTest, ToldHowFarOutputsAre) {
  class Two final : public AlarmOutputs {
    std::vector<AlarmOutput> Standings() const override {
      return {{"syslog", 7, 0, true, ""}, {"webhook", 9, 2, false, "whpk_x"}};
    }
  };
  const std::uint64_t last = Raise();
  const std::string none = R"({"last":)" + std::to_string(last) + R"(,"items":[]})";
  EXPECT_EQ(Get(kOfficer, "/v1/alarms/outputs").body, none);
  const Two two;
  world_->service().alarm_outputs = &two;
  const json told = json::parse(Get(kOfficer, "/v1/alarms/outputs").body);
  world_->service().alarm_outputs = nullptr;
  EXPECT_EQ(told.at("items"), json::parse(R"([
      {"name": "syslog", "delivered": 7, "set_aside": 0, "failing": true},
      {"name": "webhook", "delivered": 9, "set_aside": 2, "failing": false, "key": "whpk_x"}])"));
}

// The last: from here on nobody waits.
TEST_F(AlarmsTest, ZHushedAtAStop) {
  const std::uint64_t last = Raise();
  access::AlarmBell& bell = world_->vault().gate().cases().alarms().bell();
  bell.Hush();
  EXPECT_EQ(Get(kOfficer, After(last)).body, "retry: 5000\n\n: nothing new\n\n");
}

}  // namespace
}  // namespace cloison::api
