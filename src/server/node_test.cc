// The server as a process sees it: from init to a refusing start, over its own listeners.
#include "server/node.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "identity/principal_name.h"
#include "ledger/testing/witness_server.h"
#include "ledger/unfreeze_statement.h"
#include "net/client.h"
#include "server/freeze_file.h"
#include "server/log.h"
#include "server/modes.h"
#include "server/testing/node_world.h"
#include "store/testing/temp_directory.h"
#include "vault/demo_world.h"

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

TEST_F(NodeTest, AFreezeGivenWithoutALedgerHoldsAndBecomesAnEntry) {
  Create();
  {  // The officer is known since the ledger showed the right.
    auto node = Start();
    ASSERT_TRUE(node.ok());
    EXPECT_EQ(Send(**node, "officer.security", "/v1/me/capabilities").status, 200);
    EXPECT_TRUE((*node)->Stop().ok());
  }
  const std::string main = config_.data + "/main", away = config_.data + "/away";
  std::filesystem::rename(main, away);
  base::SystemFiles files;
  ASSERT_TRUE(base::WriteWhole(files, main, AsBytes("not a directory")).ok());
  {  // The store cannot be opened: the daemon stays up and refuses.
    auto node = Start();
    ASSERT_TRUE(node.ok()) << node.error().text();
    EXPECT_EQ(Ready(**node), 503);
    EXPECT_EQ(CodeOf(Send(**node, "adviser.ft", "/v1/me/capabilities")), "ledger_unavailable");
    const std::string body = R"({"principal":"adviser.ft"})";
    EXPECT_EQ(Send(**node, "adviser.ft", "/v1/principals:freeze", body).status, 403);
    EXPECT_EQ(Send(**node, "officer.security", "/v1/principals:freeze", body).status, 202);
    EXPECT_EQ(CodeOf(Send(**node, "adviser.ft", "/v1/principals:freeze", body)),
              "principal_frozen");
    EXPECT_TRUE((*node)->Stop().ok());
  }
  std::filesystem::remove(main);
  std::filesystem::rename(away, main);
  auto node = Start();
  ASSERT_TRUE(node.ok());
  const net::Response refused = Send(**node, "adviser.ft", "/v1/me/capabilities");
  EXPECT_EQ(CodeOf(refused), "principal_frozen");
  EXPECT_NE(refused.body.find("frozen"), std::string::npos);
  const auto file = FreezeFile::Open(files, config_.data + "/freezes");
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE((*file)->waiting().empty()) << "it is an entry now";
  EXPECT_TRUE((*node)->Stop().ok());
}

// It was told to hold by one who had the right: that they have left since changes nothing.
TEST_F(NodeTest, AFreezeHoldsWhateverBecameOfWhoGaveIt) {
  Create();
  const std::string line = "freeze " + base::ToHex(vault::DemoPrincipalId("officer.gone").bytes()) +
                           " " + base::ToHex(vault::DemoPrincipalId("adviser.ft").bytes()) + "\n";
  base::SystemFiles files;
  ASSERT_TRUE(
      base::WriteWhole(files, config_.data + "/freezes", AsBytes("cloison freezes 2\n" + line))
          .ok());
  auto node = Start();
  ASSERT_TRUE(node.ok());
  EXPECT_EQ(CodeOf(Send(**node, "adviser.ft", "/v1/me/capabilities")), "principal_frozen");
  const auto file = FreezeFile::Open(files, config_.data + "/freezes");
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE((*file)->waiting().empty());
  EXPECT_TRUE((*node)->Stop().ok());
}

// What has become an entry and stays in the file would freeze again whom two people unfroze.
TEST_F(NodeTest, AFreezeThatDoesNotLeaveItsFileKeepsTheRegisterShut) {
  Create();
  const std::string path = config_.data + "/freezes", partly = path + ".new";
  const std::string line = "freeze " +
                           base::ToHex(vault::DemoPrincipalId("officer.security").bytes()) + " " +
                           base::ToHex(vault::DemoPrincipalId("adviser.ft").bytes()) + "\n";
  base::SystemFiles files;
  ASSERT_TRUE(base::WriteWhole(files, path, AsBytes("cloison freezes 2\n" + line)).ok());
  std::filesystem::create_directory(partly);
  for (const bool serves : {false, true}) {
    auto node = Start();
    ASSERT_TRUE(node.ok());
    EXPECT_EQ((*node)->serving(), serves);
    EXPECT_TRUE((*node)->Stop().ok());
    std::filesystem::remove(partly);
  }
}

class SignedFreezeNodeTest : public NodeTest {
 protected:
  SignedFreezeNodeTest() {
    config_.recovery_officers = directory_.path() + "/officers";
    Officers({KeyOf("anna", 1), KeyOf("bruno", 2)});
  }
  void Officers(const std::vector<tlog::VerifierKey>& keys) {
    std::string text;
    for (const tlog::VerifierKey& key : keys) text += key.Text() + "\n";
    CLOISON_CHECK(base::WriteWhole(files_, config_.recovery_officers, AsBytes(text)).ok());
  }
  static crypto::Ed25519Signer SignerOf(std::uint8_t byte) {
    crypto::Secret<32> seed;
    seed.Reveal()[0] = byte;
    return crypto::Ed25519Signer(seed);
  }
  static tlog::VerifierKey KeyOf(const char* name, std::uint8_t byte) {
    return *tlog::VerifierKey::Make(name, tlog::KeyType::kSignature, SignerOf(byte).public_key());
  }
  std::string NoteBy(const char* name, std::uint8_t byte, std::int64_t ago_s) {
    const std::int64_t time_s = clock_.wall_ms() / 1'000 - ago_s;
    tlog::Note note{
        Print(ledger::FreezeStatement{config_.origin, "https://login.example", "alice", time_s}),
        {}};
    CLOISON_CHECK(tlog::Sign(note, KeyOf(name, byte), SignerOf(byte)).ok());
    return PrintNote(note);
  }
  // By these, each by name and byte, of alice's account.
  std::string LiftBy(const std::vector<std::pair<const char*, std::uint8_t>>& officers,
                     std::int64_t ago_s, const std::string& origin) {
    const std::int64_t time_s = clock_.wall_ms() / 1'000 - ago_s;
    tlog::Note note{
        Print(ledger::UnfreezeStatement{origin, time_s, {{"https://login.example", "alice"}}}), {}};
    for (const auto& [name, byte] : officers) {
      CLOISON_CHECK(tlog::Sign(note, KeyOf(name, byte), SignerOf(byte)).ok());
    }
    return PrintNote(note);
  }
  int Post(const Node& node, const char* path, const std::string& note) {
    net::ClientOptions options;
    options.port = node.management_port();
    options.plain = true;
    net::HttpClient client(options, clock_);
    return client.Send(net::MakeRequest(net::Method::kPost, path, note))->status;
  }
  int Freeze(const Node& node, const std::string& note) { return Post(node, "/freezes", note); }
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
  // Alice's freeze by Anna waits; nobody else's does.
  void FreezeWithoutALedger() {
    Create();
    WithVault([this](vault::Vault& vault) {
      std::vector<access::PrincipalInfo> infos;
      infos.push_back({alice_, OrganisationId(1), std::nullopt, "adviser", "agents:alice"});
      base::Executor& home = vault.environment().home;
      ASSERT_TRUE(base::SyncWait(vault.gate().Enrol(std::move(infos), home)).ok());
    });
    const std::string main = config_.data + "/main", away = config_.data + "/away";
    std::filesystem::rename(main, away);
    ASSERT_TRUE(base::WriteWhole(files_, main, AsBytes("not a directory")).ok());
    auto node = Start();
    ASSERT_TRUE(node.ok()) << node.error().text();
    EXPECT_EQ(Ready(**node), 503);
    EXPECT_EQ(Freeze(**node, NoteBy("stranger", 1, 0)), 403);
    EXPECT_EQ(Freeze(**node, NoteBy("anna", 1, 7'200)), 403) << "kept for two hours";
    EXPECT_EQ(Freeze(**node, "freeze alice"), 400);
    EXPECT_EQ(Freeze(**node, NoteBy("anna", 1, 0)), 202);
    EXPECT_TRUE((*node)->Stop().ok());
    std::filesystem::remove(main);
    std::filesystem::rename(away, main);
  }
  // Whether a start serves.
  bool Serves() {
    auto node = Start();
    CLOISON_CHECK(node.ok());
    const bool serves = (*node)->serving() && Ready(**node) == 200;
    CLOISON_CHECK((*node)->Stop().ok());
    return serves;
  }
  bool IsFrozen() {
    bool frozen = false;
    WithVault(
        [&](vault::Vault& vault) { frozen = base::SyncWait(vault.gate().Find(alice_))->frozen; });
    return frozen;
  }

  PrincipalId alice_ = identity::PrincipalIdOf("https://login.example", "alice");
};

// In production nobody can sign in to freeze after a restart without a ledger: sessions are gone
// and no gate opens one.
TEST_F(SignedFreezeNodeTest, HoldsWithoutALedgerAfterARestartAndBecomesAnEntry) {
  FreezeWithoutALedger();
  {
    auto node = Start();
    ASSERT_TRUE(node.ok());
    EXPECT_TRUE((*node)->serving());
    EXPECT_EQ(Freeze(**node, NoteBy("anna", 1, 0)), 409) << "there is a ledger: sign in";
    EXPECT_TRUE((*node)->Stop().ok());
  }
  WithVault([this](vault::Vault& vault) {
    EXPECT_TRUE(base::SyncWait(vault.gate().Find(alice_))->frozen);
    const auto records = base::SyncWait(vault.ledger().ReadRecords(0, 100));
    ASSERT_TRUE(records.ok());
    const auto named = [this](const ledger::Record& record) {
      return record.rule == "freeze/officer-key" &&
             record.case_ref.starts_with(base::ToHex(alice_.bytes()) + " ");
    };
    EXPECT_EQ(std::ranges::count_if(*records, named), 1) << "recorded, and once";
  });
}

// Whoever has frozen those who could undo it is undone by the keys of two officers.
TEST_F(SignedFreezeNodeTest, IsLiftedByTwoKeysWhileTheRegisterServes) {
  FreezeWithoutALedger();
  auto node = Start();
  ASSERT_TRUE(node.ok());
  const std::string& origin = config_.origin;
  const auto lift = [&](const std::string& note) { return Post(**node, "/unfreezes", note); };
  EXPECT_EQ(lift("unfreeze alice"), 400);
  EXPECT_EQ(lift(NoteBy("anna", 1, 0)), 400) << "a freeze lifts nothing";
  EXPECT_EQ(lift(LiftBy({{"anna", 1}}, 0, origin)), 403) << "one key";
  EXPECT_EQ(lift(LiftBy({{"anna", 1}, {"carla", 3}}, 0, origin)), 403) << "no officer's";
  EXPECT_EQ(lift(LiftBy({{"anna", 1}, {"bruno", 2}}, 7'200, origin)), 403) << "kept for two hours";
  EXPECT_EQ(lift(LiftBy({{"anna", 1}, {"bruno", 2}}, 0, "log.example/other")), 409);
  EXPECT_EQ(lift(LiftBy({{"anna", 1}, {"bruno", 2}}, 0, origin)), 200);
  EXPECT_TRUE((*node)->Stop().ok());
  node->reset();
  EXPECT_FALSE(IsFrozen());
}

TEST_F(SignedFreezeNodeTest, NothingIsLiftedWithoutALedger) {
  FreezeWithoutALedger();
  Officers({KeyOf("bruno", 2), KeyOf("carla", 3)});
  auto node = Start();
  ASSERT_TRUE(node.ok());
  EXPECT_EQ(Post(**node, "/unfreezes", LiftBy({{"bruno", 2}, {"carla", 3}}, 0, config_.origin)),
            503);
  EXPECT_TRUE((*node)->Stop().ok());
}

// The operator may mend the configuration in the middle of it all: what Anna was told to hold is
// not forgotten because she is no officer any more.
TEST_F(SignedFreezeNodeTest, OfAnOfficerWhoLeftStaysAndKeepsTheRegisterShut) {
  FreezeWithoutALedger();
  Officers({KeyOf("bruno", 2), KeyOf("carla", 3)});
  EXPECT_FALSE(Serves());
  EXPECT_FALSE(Serves()) << "nor at the next start";
  EXPECT_FALSE(IsFrozen()) << "nobody vouches for it";
  Officers({KeyOf("anna", 1), KeyOf("bruno", 2)});
  EXPECT_TRUE(Serves());
  EXPECT_TRUE(IsFrozen());
}

// What has become an entry and stays in the file would freeze again whom two people unfroze.
TEST_F(SignedFreezeNodeTest, ThatDoesNotLeaveItsFileKeepsTheRegisterShut) {
  FreezeWithoutALedger();
  const std::string partly = config_.data + "/signed-freezes.new";
  std::filesystem::create_directory(partly);
  EXPECT_FALSE(Serves());
  EXPECT_TRUE(IsFrozen());
  std::filesystem::remove(partly);
  EXPECT_TRUE(Serves());
  EXPECT_TRUE(Serves());
}

}  // namespace
}  // namespace cloison::server
