// A development register in a directory of its own, and the node that serves it.
#ifndef CLOISON_SERVER_TESTING_NODE_WORLD_H_
#define CLOISON_SERVER_TESTING_NODE_WORLD_H_

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "net/client.h"
#include "server/node.h"
#include "store/testing/temp_directory.h"
#include "vault/demo_world.h"

namespace cloison::server::testing {

// How often each event came.
class CountedEvents final : public base::EventSink {
 public:
  void Emit(base::Severity, Literal name, std::initializer_list<base::EventField>) override {
    const std::lock_guard lock(mutex_);
    ++counts_[std::string(name.view())];
  }
  int Count(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

class NodeTest : public ::testing::Test {
 protected:
  NodeTest() {
    config_.mode = "development";
    config_.data = directory_.path() + "/data";
    config_.key_objects = directory_.path() + "/key-objects";
    config_.credentials = directory_.path() + "/credentials";
    config_.port = 0;
    config_.management_port = 0;
    config_.threads = 1;
    config_.cache_mib = 8;
  }

  std::unique_ptr<Ground> MakeGround() {
    std::vector<std::string> problems;
    Result<std::unique_ptr<Ground>> ground = Ground::Make(config_, events_, problems);
    CLOISON_CHECK(ground.ok());
    return std::move(*ground);
  }

  // A register with two officers' and an adviser's accounts, and no people.
  void Create() {
    const std::unique_ptr<Ground> ground = MakeGround();
    ASSERT_TRUE(ground->MakeDirectories().ok());
    ASSERT_TRUE(ground->OpenStores().ok());
    ASSERT_TRUE(ground->OpenKeyObjects(true).ok());
    const auto settings = ground->settings([] {});
    ASSERT_TRUE(base::SyncWait(vault::Vault::Create(ground->environment(), settings)).ok());
    const auto again = base::SyncWait(vault::Vault::Create(ground->environment(), settings));
    EXPECT_EQ(again.error().code(), Code::kConflict);
    auto vault = base::SyncWait(vault::Vault::Open(ground->environment(), settings));
    ASSERT_TRUE(vault.ok());
    std::vector<access::PrincipalInfo> infos;
    for (const auto& [name, role] :
         {std::pair("officer.security", "security-officer"), std::pair("adviser.ft", "adviser")}) {
      infos.push_back({vault::DemoPrincipalId(name), OrganisationId(1), std::nullopt, role, name,
                       false, std::nullopt});
    }
    base::Executor& home = ground->environment().home;
    ASSERT_TRUE(base::SyncWait((*vault)->gate().Enrol(std::move(infos), home)).ok());
    ASSERT_TRUE(base::SyncWait((*vault)->Stop()).ok());
  }

  // The vault itself, while no node runs.
  template <class Body>
  void WithVault(Body body) {
    const std::unique_ptr<Ground> ground = MakeGround();
    ASSERT_TRUE(ground->OpenStores().ok());
    ASSERT_TRUE(ground->OpenKeyObjects(false).ok());
    const auto settings = ground->settings([] {});
    auto vault = base::SyncWait(vault::Vault::Open(ground->environment(), settings));
    ASSERT_TRUE(vault.ok());
    body(**vault);
    ASSERT_TRUE(base::SyncWait((*vault)->Stop()).ok());
  }

  Result<std::unique_ptr<Node>> Start() {
    return Node::Start(MakeGround(), {"officer.security", "adviser.ft"}, problems_);
  }

  std::string Read(const std::string& name) {
    base::SystemFiles files;
    const auto bytes = files.Read(config_.credentials + "/" + name);
    return bytes.ok() ? std::string(AsText(*bytes)) : std::string();
  }

  net::Response Send(const Node& node, const std::string& who, const std::string& path,
                     const std::string& body = "") {
    net::ClientOptions options;
    options.port = node.port();
    options.ca_pem = Read("ca.pem");
    options.certificate_pem = Read(who + ".pem");
    options.private_key_pem = Read(who + ".key");
    net::HttpClient client(options, clock_);
    net::Request request =
        net::MakeRequest(body.empty() ? net::Method::kGet : net::Method::kPost, path, body);
    request.headers.Add("authorization", "Bearer " + Read(who + ".token"));
    request.headers.Add("content-type", "application/json");
    request.headers.Add("idempotency-key", "k" + std::to_string(++sent_));
    const auto response = client.Send(request);
    return response.ok() ? *response : net::Response{0, {}, {}, false};
  }

  net::Response Manage(const Node& node, const std::string& path) {
    net::ClientOptions options;
    options.port = node.management_port();
    options.plain = true;
    net::HttpClient client(options, clock_);
    const auto response = client.Send(net::MakeRequest(net::Method::kGet, path));
    return response.ok() ? *response : net::Response{0, {}, {}, false};
  }
  int Ready(const Node& node) { return Manage(node, "/readyz").status; }

  nlohmann::json Status(const Node& node) {
    return nlohmann::json::parse(Send(node, "adviser.ft", "/v1/status").body, nullptr, false);
  }
  // A decision about a person who is not there: an entry like every other.
  void Miss(const Node& node) {
    const net::Response missed =
        Send(node, "adviser.ft", "/v1/disclosures",
             R"({"person":"3F8N-0WRB-6Y4S-PKA9","fields":["identity.birth_name"],)"
             R"("purpose":"support","case_ref":"t-1"})");
    EXPECT_EQ(missed.status, 404) << missed.body;
  }
  void Watch(const std::string& lines, const std::string& quorum) {
    config_.witness_policy = directory_.path() + "/witnesses";
    config_.witness_interval_ms = 10;
    const std::string policy = lines + "quorum " + quorum + "\n";
    CLOISON_CHECK(base::WriteWhole(files_, config_.witness_policy, AsBytes(policy)).ok());
  }
  // Until it holds, the node ticking meanwhile.
  template <class Condition>
  static ::testing::AssertionResult Comes(Node& node, Condition condition) {
    for (int i = 0; i < 2'000; ++i) {
      if (condition()) return ::testing::AssertionSuccess();
      node.Tick();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return ::testing::AssertionFailure() << "it never came";
  }

  std::string CodeOf(const net::Response& response) {
    return nlohmann::json::parse(response.body, nullptr, false).value("code", "");
  }

  int sent_ = 0;
  base::SystemFiles files_;
  base::SystemClock clock_;
  CountedEvents events_;
  store::testing::TempDirectory directory_;
  Config config_;
  std::vector<std::string> problems_;
};

}  // namespace cloison::server::testing

#endif  // CLOISON_SERVER_TESTING_NODE_WORLD_H_
