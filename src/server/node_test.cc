// The server as a process sees it: from init to a refusing start, over its own listeners.
#include "server/node.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "access/approvals.h"
#include "access/schemas.h"
#include "ledger/testing/witness_server.h"
#include "net/client.h"
#include "server/modes.h"
#include "server/testing/node_world.h"
#include "store/testing/temp_directory.h"

namespace cloison::server {
namespace {

using testing::NodeTest;

TEST_F(NodeTest, ServesStopsAndServesAgain) {
  Create();
  for (int i = 0; i < 2; ++i) {
    auto node = Start();
    ASSERT_TRUE(node.ok()) << node.error().text();
    EXPECT_TRUE((*node)->serving());
    EXPECT_EQ(Ready(**node), 200);
    EXPECT_EQ(Send(**node, "adviser.ft", "/v1/me/capabilities").status, 200);
    (*node)->Tick();
    EXPECT_TRUE((*node)->Stop().ok());
  }
}

// A store is read while all threads that make tiles and proofs are busy.
TEST_F(NodeTest, StrangersTakeNoThreadOfTheStores) {
  const std::unique_ptr<Ground> ground = MakeGround();
  ASSERT_TRUE(ground->MakeDirectories().ok());
  ASSERT_TRUE(ground->OpenStores().ok());
  ASSERT_TRUE(ground->OpenKeyObjects(true).ok());
  const vault::Environment environment = ground->environment();
  std::promise<void> done;
  const std::shared_future<void> busy = done.get_future().share();
  for (int i = 0; i < 2 * kDiskThreads; ++i) {
    environment.disk->Post([busy] { busy.wait(); });
  }
  auto read = std::async(std::launch::async, [&environment] {
    return base::SyncWait(environment.main_store.Scan({store::Family::kFrames, "", ""}, 1)).ok();
  });
  const bool came = read.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  done.set_value();
  EXPECT_TRUE(came);
  EXPECT_TRUE(read.get());
}

TEST_F(NodeTest, StrangersHaveAListenerOfTheirOwn) {
  Create();
  for (const bool tls : {true, false}) {
    config_.public_port = 0;
    config_.public_tls = tls ? 1 : 0;
    auto node = Start();
    ASSERT_TRUE(node.ok()) << node.error().text();
    ASSERT_NE((*node)->public_port(), 0);
    net::ClientOptions options;
    options.port = (*node)->public_port();
    options.plain = !tls;
    options.ca_pem = Read("ca.pem");
    net::HttpClient stranger(options, clock_);  // no certificate, no token
    const auto status = [&](const char* path) {
      const auto response = stranger.Send(net::MakeRequest(net::Method::kGet, path));
      return response.ok() ? response->status : 0;
    };
    EXPECT_EQ(status("/ledger/checkpoint"), 200);
    EXPECT_EQ(status("/ledger/tile/entries/000.p/1"), 200);
    EXPECT_EQ(status("/v1/status"), 200);
    EXPECT_EQ(status("/v1/me/capabilities"), 404);
    EXPECT_EQ(status("/metrics"), 404);
    EXPECT_TRUE((*node)->Stop().ok());
  }
  config_.public_port = -1;
  auto node = Start();
  ASSERT_TRUE(node.ok());
  EXPECT_EQ((*node)->public_port(), 0);
  EXPECT_TRUE((*node)->Stop().ok());
}

TEST_F(NodeTest, WithoutARegisterItDoesNotStart) {
  ASSERT_TRUE(MakeGround()->MakeDirectories().ok());
  std::filesystem::create_directories(config_.key_objects);
  std::filesystem::permissions(config_.key_objects, std::filesystem::perms::owner_all);
  const auto node = Start();
  ASSERT_FALSE(node.ok());
  EXPECT_EQ(node.error().code(), Code::kNotFound);
}

// No other file of the schema; one that two agreed to, and rows that follow it.
TEST_F(NodeTest, TheSchemaIsTheOneThatWasAgreedTo) {
  Create();
  std::string next;
  WithVault([&next](vault::Vault& vault) { next = vault.schema().document(); });
  next.replace(next.find("version = 1"), 11, "version = 2");
  next += "\n[[compartment]]\nid = 20\nname = \"training\"\nleast = 64\n";
  const std::string before = std::exchange(config_.schema, directory_.path() + "/schema.toml");
  ASSERT_TRUE(base::WriteWhole(files_, config_.schema, AsBytes(next)).ok());
  {
    const auto node = Start();
    ASSERT_FALSE(node.ok());
    EXPECT_TRUE(records::IsSchemaConflict(node.error())) << node.error().text();
    ASSERT_FALSE(problems_.empty());
    EXPECT_NE(problems_.back().find("cloison schema ask"), std::string::npos);
  }
  const std::string after = std::exchange(config_.schema, before);
  WithVault([&next](vault::Vault& vault) {
    base::Executor& home = vault.environment().home;
    std::vector<access::PrincipalInfo> second;
    second.push_back({vault::DemoPrincipalId("officer.privacy"), OrganisationId(1), std::nullopt,
                      "privacy-officer", "officer.privacy", false, std::nullopt});
    ASSERT_TRUE(base::SyncWait(vault.gate().Enrol(std::move(second), home)).ok());
    const auto as = [&home](const char* who) {
      return access::Caller{vault::DemoPrincipalId(who), SessionId(ByteArray<16>{7}), ClientId(1),
                            home, identity::Assurance::Internal()};
    };
    access::Schemas::Request request{next, "ticket-9"};
    const auto asked = base::SyncWait(vault.gate().schemas().Propose(
        as("officer.security"), std::move(request), {"schema-1", {}}));
    ASSERT_TRUE(asked.ok() && std::holds_alternative<access::Approvals::Shown>(*asked));
    const auto agreed =
        base::SyncWait(vault.gate().approvals().Approve(as("officer.privacy"), 1));
    ASSERT_TRUE(agreed.ok() && std::holds_alternative<access::Approvals::Shown>(*agreed));
  });
  config_.schema = after;
  auto node = Start();
  ASSERT_TRUE(node.ok()) << node.error().text();
  EXPECT_TRUE((*node)->serving());
  const auto has = [&](const std::string& metric) {
    return Manage(**node, "/metrics").body.find(metric + "\n") != std::string::npos;
  };
  EXPECT_TRUE(has("cloison_schema_version 2"));
  EXPECT_TRUE(has("cloison_schema_rewritten_ratio 0"));
  (*node)->Tick();
  EXPECT_TRUE(has("cloison_schema_rewritten_ratio 1")) << "a tick goes on with it";
  EXPECT_TRUE((*node)->Stop().ok());
}

TEST_F(NodeTest, WithoutItsKeysItIsSealed) {
  Create();
  std::filesystem::rename(config_.key_objects, config_.key_objects + ".away");
  auto node = Start();
  ASSERT_TRUE(node.ok()) << node.error().text();
  EXPECT_EQ(Ready(**node), 503);
  const net::Response refused = Send(**node, "adviser.ft", "/v1/me/capabilities");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(CodeOf(refused), "sealed");
  EXPECT_EQ(Send(**node, "adviser.ft", "/v1/status").status, 200);
  EXPECT_TRUE((*node)->Stop().ok());
}

// A witness that holds more than is here: the ledger was rolled back, or so it says.
TEST_F(NodeTest, BehindItsWitnessNothingIsSignedOrServed) {
  Create();
  const std::string signed_path = config_.data + "/ledger/signed-size";
  const auto kept = files_.Read(signed_path);
  ledger::testing::WitnessServer witness("w.example", 1, directory_.path());
  Watch(witness.PolicyLine("authority"), "authority");
  witness.Break(ledger::testing::WitnessFault::kSaysSize, 99);
  {
    const std::unique_ptr<Ground> ground = MakeGround();
    ASSERT_TRUE(ground->OpenStores().ok());
    ASSERT_TRUE(ground->OpenKeyObjects(false).ok());
    const auto opened =
        base::SyncWait(vault::Vault::Open(ground->environment(), ground->settings([] {})));
    ASSERT_FALSE(opened.ok()) << "whatever opens it to sign asks";
    EXPECT_EQ(opened.error().code(), Code::kCorrupt);
  }
  {
    auto node = Start();
    ASSERT_TRUE(node.ok()) << node.error().text();
    EXPECT_FALSE((*node)->serving());
    EXPECT_EQ(Ready(**node), 503);
    const net::Response refused = Send(**node, "adviser.ft", "/v1/me/capabilities");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(CodeOf(refused), "ledger_unavailable");
    EXPECT_TRUE((*node)->Stop().ok());
  }
  EXPECT_EQ(*files_.Read(signed_path), *kept);
  witness.Break(ledger::testing::WitnessFault::kNone);
  auto node = Start();
  ASSERT_TRUE(node.ok()) << node.error().text();
  EXPECT_TRUE((*node)->serving());
  EXPECT_TRUE((*node)->Stop().ok());
}

// Of a node whose witness cosigned what it published: what status and metrics say, and what happens
// when the data of an older day is put back.
TEST_F(NodeTest, AnOlderCopyIsFoundByTheWitness) {
  Create();
  ledger::testing::WitnessServer witness("w.example", 1, directory_.path());
  Watch(witness.PolicyLine("authority"), "authority");
  std::filesystem::copy(config_.data, config_.data + ".old",
                        std::filesystem::copy_options::recursive);
  std::uint64_t size = 0;
  {
    auto node = Start();
    ASSERT_TRUE(node.ok()) << node.error().text();
    witness.Trust(*tlog::VerifierKey::Parse(Status(**node)["ledger"]["key"].get<std::string>()));
    Miss(**node);
    size = Status(**node)["ledger"]["size"];
    EXPECT_TRUE(Comes(**node, [&] { return witness.size(config_.origin) == size; }));
    EXPECT_TRUE(Comes(**node, [&] { return Status(**node)["witnesses"]["quorum_size"] == size; }));
    const nlohmann::json said = Status(**node)["witnesses"];
    EXPECT_EQ(said["quorum"], true);
    EXPECT_EQ(said["asked"][0]["name"], "authority");
    EXPECT_EQ(said["asked"][0]["state"], "cosigned");
    EXPECT_EQ(said["asked"][0]["size"], size);
    EXPECT_GE(said["asked"][0]["age_s"], 0);
    const std::string metrics = Manage(**node, "/metrics").body;
    EXPECT_NE(metrics.find("cloison_witness_quorum 1"), std::string::npos);
    EXPECT_NE(metrics.find("cloison_witness_cosigned_size{witness=\"authority\"} " +
                           std::to_string(size)),
              std::string::npos)
        << metrics;
    EXPECT_TRUE((*node)->Stop().ok());
  }
  std::filesystem::rename(config_.data, config_.data + ".new");
  std::filesystem::rename(config_.data + ".old", config_.data);
  const auto kept = files_.Read(config_.data + "/ledger/signed-size");
  {
    auto node = Start();
    ASSERT_TRUE(node.ok()) << node.error().text();
    EXPECT_FALSE((*node)->serving());
    EXPECT_EQ(Ready(**node), 503);
    (*node)->Tick();
    EXPECT_TRUE((*node)->Stop().ok());
  }
  EXPECT_EQ(*files_.Read(config_.data + "/ledger/signed-size"), *kept);
  EXPECT_EQ(witness.size(config_.origin), size);
}

// It could not be asked at the start: then it is found when it answers.
TEST_F(NodeTest, AWitnessThatIsAheadStopsARunningNode) {
  Create();
  ledger::testing::WitnessServer witness("w.example", 1, directory_.path());
  Watch(witness.PolicyLine("authority"), "authority");
  witness.Break(ledger::testing::WitnessFault::kStatus, 503);
  auto node = Node::Start(MakeGround(), {"officer.security", "adviser.ft", "manager.a"}, problems_);
  ASSERT_TRUE(node.ok()) << node.error().text();
  ASSERT_TRUE((*node)->serving());
  Miss(**node);
  // Somebody without an account: an aggregate entry, at a minute's tick.
  EXPECT_EQ(Send(**node, "manager.a", "/v1/me/capabilities").status, 403);
  const std::uint64_t size = Status(**node)["ledger"]["size"];
  witness.Break(ledger::testing::WitnessFault::kSaysSize, size + 1);
  EXPECT_TRUE(Comes(**node, [&] { return !(*node)->serving(); }));
  EXPECT_EQ(Ready(**node), 503);
  const net::Response refused = Send(**node, "adviser.ft", "/v1/me/capabilities");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(CodeOf(refused), "ledger_unavailable");
  const nlohmann::json said = Status(**node);
  EXPECT_EQ(said["state"], "refusing");
  EXPECT_EQ(said["witnesses"]["asked"][0]["state"], "ahead");
  EXPECT_EQ(said["witnesses"]["quorum"], false);
  // Nor is anything signed that nobody asked for.
  const auto size_line = [&] {
    const std::string metrics = Manage(**node, "/metrics").body;
    return metrics.substr(metrics.find("\ncloison_ledger_size "), 30);
  };
  const std::string before = size_line();
  for (int i = 0; i < 61; ++i) (*node)->Tick();
  EXPECT_EQ(size_line(), before);
  EXPECT_TRUE((*node)->Stop().ok());
  (*node).reset();

  // Nor after a restart at which the witness is away again.
  witness.Break(ledger::testing::WitnessFault::kStatus, 503);
  const auto kept = files_.Read(config_.data + "/ledger/signed-size");
  auto again = Start();
  ASSERT_TRUE(again.ok()) << again.error().text();
  EXPECT_FALSE((*again)->serving());
  EXPECT_EQ(CodeOf(Send(**again, "adviser.ft", "/v1/me/capabilities")), "ledger_unavailable");
  EXPECT_TRUE((*again)->Stop().ok());
  EXPECT_EQ(*files_.Read(config_.data + "/ledger/signed-size"), *kept);
}

// What an export has beside its entries is what was kept before anybody could see it: not the head
// of what a crash left behind that.
TEST_F(NodeTest, AnExportEndsWithTheKeptCheckpoint) {
  Create();
  const std::string signed_path = config_.data + "/ledger/signed-size";
  const Bytes older = *files_.Read(signed_path);
  {
    auto node = Start();
    ASSERT_TRUE(node.ok()) << node.error().text();
    Miss(**node);
    EXPECT_TRUE((*node)->Stop().ok());
  }
  const Bytes newer = *files_.Read(signed_path);
  ASSERT_NE(newer, older);
  ExportArguments arguments;
  arguments.config_file = directory_.path() + "/cloison.toml";
  ASSERT_TRUE(
      base::WriteWhole(files_, arguments.config_file, AsBytes(ConfigText(config_)), 0644).ok());
  const auto checkpoint = [&](const char* out, std::optional<std::uint64_t> size) {
    arguments.out = directory_.path() + "/" + out;
    arguments.size = size;
    EXPECT_EQ(RunExport(arguments), 0) << out;
    const auto bytes = files_.Read(arguments.out + "/checkpoint");
    return bytes.ok() ? *bytes : Bytes{};
  };
  const std::uint64_t size = tlog::ParseCheckpoint(tlog::ParseNote(AsText(newer))->text)->head.size;
  EXPECT_EQ(checkpoint("all", std::nullopt), newer);
  EXPECT_EQ(checkpoint("less", size - 1), Bytes{});
  ASSERT_TRUE(base::WriteWhole(files_, signed_path, older).ok());
  EXPECT_EQ(checkpoint("kept", std::nullopt), older);
  EXPECT_EQ(checkpoint("more", size), Bytes{}) << "which nobody was given";
  EXPECT_EQ(*files_.Read(signed_path), older);
}

// What is decided about people waits for no witness: here all of them hang.
TEST_F(NodeTest, HangingWitnessesHoldUpNobody) {
  Create();
  const ledger::testing::SilentServer silent[2];
  std::string lines;
  for (int i = 0; i < 2; ++i) {
    const ledger::testing::WitnessServer key("w.example/" + std::to_string(i),
                                             static_cast<std::uint8_t>(i), directory_.path());
    lines +=
        "witness w" + std::to_string(i) + " " + key.key().Text() + " " + silent[i].url() + "\n";
  }
  Watch(lines + "group both all w0 w1\n", "both");
  config_.witness_start_ms = 50;
  auto node = Start();
  ASSERT_TRUE(node.ok()) << node.error().text();
  ASSERT_TRUE((*node)->serving());
  const std::uint64_t before = Status(**node)["ledger"]["size"];
  for (int i = 0; i < 5; ++i) {
    Miss(**node);
    (*node)->Tick();
  }
  const nlohmann::json said = Status(**node);
  EXPECT_GE(said["ledger"]["size"], before + 5);
  EXPECT_EQ(said["witnesses"]["quorum"], false);
  EXPECT_EQ(said["witnesses"]["asked"][0]["state"], "new");
  EXPECT_TRUE((*node)->Stop().ok());
}

}  // namespace
}  // namespace cloison::server
