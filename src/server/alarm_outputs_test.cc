// Alarms leave a running server: by what its configuration names, and go on after a restart.
#include "server/alarm_outputs.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "access/cases.h"
#include "net/server.h"
#include "server/testing/node_world.h"

namespace cloison::server {
namespace {

using nlohmann::json;
using testing::NodeTest;

class Receiver final : public net::Handler {
 public:
  Task<net::Response> Handle(net::Request) override {
    ++came;
    co_return net::Response{};
  }
  std::atomic<int> came = 0;
};

class AlarmOutputsTest : public NodeTest {
 protected:
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  void Write(const std::string& path, const std::string& text, unsigned mode) {
    base::SystemFiles files;
    ASSERT_TRUE(base::WriteWhole(files, path, AsBytes(text), mode).ok());
  }
  // Until all outputs have all there is.
  json AwaitDelivered(Node& node) {
    while (true) {
      const json told = json::parse(Send(node, "officer.security", "/v1/alarms/outputs").body);
      bool all = true;
      for (const json& one : told.at("items")) all = all && one.at("delivered") == told.at("last");
      if (all) return told;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  void Raise(Node& node) {
    const net::Response raised = Send(node, "officer.security", "/v1/alarms:test", "{}");
    ASSERT_EQ(raised.status, 200) << raised.body;
  }
  std::vector<json> Lines() {
    std::ifstream file(config_.alarms_ocsf_file);
    std::vector<json> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(json::parse(line));
    return lines;
  }
  std::string Problems() {
    std::vector<std::string> problems;
    const Result<std::unique_ptr<Node>> node = Node::Start(MakeGround(), {}, problems);
    EXPECT_EQ(node.ok() ? Code::kNotFound : node.error().code(), Code::kInvalid);
    std::string all;
    for (const std::string& line : problems) all += line + "\n";
    return all;
  }
};

TEST_F(AlarmOutputsTest, EachGetsEachOnce) {
  Create();
  Receiver receiver;
  base::SystemClock clock;
  const auto listener = net::Server::Start({}, receiver, clock);
  ASSERT_TRUE(listener.ok());
  config_.alarms_ocsf_file = Path("alarms.jsonl");
  config_.alarms_webhook = "http://127.0.0.1:" + std::to_string((*listener)->port()) + "/alarms";
  config_.alarms_webhook_key = Path("webhook.key");
  Write(config_.alarms_webhook_key, std::string(32, 'k'), 0600);
  for (int round = 1; round <= 2; ++round) {
    auto node = Start();
    ASSERT_TRUE(node.ok()) << node.error().text();
    Raise(**node);
    Raise(**node);
    const json told = AwaitDelivered(**node);
    ASSERT_EQ(told.at("items").size(), 2u);
    EXPECT_EQ(told.at("items")[0].at("name"), "ocsf_file");
    EXPECT_TRUE(told.at("items")[1].at("key").get<std::string>().starts_with("whpk_"));
    EXPECT_TRUE((*node)->Stop().ok());
    EXPECT_EQ(receiver.came, 2 * round);
  }
  const std::vector<json> lines = Lines();
  ASSERT_EQ(lines.size(), 4u);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].at("metadata").at("sequence"), i + 1);
    EXPECT_EQ(lines[i].at("metadata").at("tenant_uid"), config_.origin);
  }
}

// The positions are lost, as after a restore onto another machine: the file knows where it was.
TEST_F(AlarmOutputsTest, TheFileKnowsWhereItWas) {
  Create();
  config_.alarms_ocsf_file = Path("alarms.jsonl");
  for (int round = 1; round <= 2; ++round) {
    auto node = Start();
    ASSERT_TRUE(node.ok());
    Raise(**node);
    AwaitDelivered(**node);
    EXPECT_TRUE((*node)->Stop().ok());
    base::SystemFiles files;
    ASSERT_TRUE(base::RemoveDurably(files, config_.data + "/alarms/ocsf_file").ok());
  }
  EXPECT_EQ(Lines().size(), 2u);
}

TEST_F(AlarmOutputsTest, FaultsAreNamedAtTheStart) {
  Create();
  config_.alarms_syslog = "udp:127.0.0.1:514";
  config_.alarms_ocsf_file = "alarms.jsonl";
  config_.alarms_webhook = "http://hooks.example/alarms";
  std::string said = Problems();
  EXPECT_NE(said.find("alarms.syslog: a syslog is local:PATH"), std::string::npos) << said;
  EXPECT_NE(said.find("alarms.ocsf_file: a whole path"), std::string::npos) << said;
  EXPECT_NE(said.find("alarms.webhook: an https URL"), std::string::npos) << said;
  config_.alarms_syslog = config_.alarms_ocsf_file = "";
  config_.alarms_webhook = "https://hooks.example/alarms";
  config_.alarms_webhook_key = Path("webhook.key");
  EXPECT_NE(Problems().find("alarms.webhook_key: a file of 32"), std::string::npos) << "none";
  Write(config_.alarms_webhook_key, std::string(32, 'k'), 0644);
  EXPECT_NE(Problems().find("alarms.webhook_key: a file of 32"), std::string::npos)
      << "all read it";
  Write(config_.alarms_webhook_key, std::string(31, 'k'), 0600);
  EXPECT_NE(Problems().find("alarms.webhook_key: has 32 bytes"), std::string::npos);
  Write(config_.alarms_webhook_key, std::string(32, 'k'), 0600);
  config_.alarms_webhook_ca = Path("nowhere.pem");
  EXPECT_NE(Problems().find("nowhere.pem: cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace cloison::server
