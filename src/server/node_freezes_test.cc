// Freezes that are given while nothing can be recorded, as a process sees them: they hold, and
// become entries at the next start.
#include <gtest/gtest.h>

#include <filesystem>

#include "identity/principal_name.h"
#include "ledger/unfreeze_statement.h"
#include "net/client.h"
#include "server/freeze_file.h"
#include "server/node.h"
#include "server/testing/node_world.h"
#include "vault/demo_world.h"

namespace cloison::server {
namespace {

using testing::NodeTest;

TEST_F(NodeTest, AFreezeGivenWithoutALedgerHoldsAndBecomesAnEntry) {
  Create();
  {  // The officer asked for nothing: it is their role that is known.
    auto node = Start();
    ASSERT_TRUE(node.ok());
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

// Whose state does not open is given nothing anyway, so nobody else waits for their freeze.
TEST_F(NodeTest, AFreezeOfWhoseStateDoesNotOpenShutsNothing) {
  Create();
  {
    auto node = Start();
    ASSERT_TRUE(node.ok());
    Miss(**node);
    EXPECT_TRUE((*node)->Stop().ok());
  }
  WithVault([](vault::Vault& vault) {  // Somebody makes what adviser.ft has used thinner.
    store::Store& main = vault.environment().main_store;
    const auto seen = base::SyncWait(main.Scan({store::Family::kSeen, "", ""}, 10));
    ASSERT_TRUE(seen.ok());
    ASSERT_EQ(seen->rows.size(), 1u);
    store::WriteSet gone;
    gone.deletes.push_back({store::Family::kSeen, seen->rows[0].key});
    ASSERT_TRUE(base::SyncWait(main.Commit(std::move(gone))).ok());
  });
  base::SystemFiles files;
  std::string text = "cloison freezes 4\n";
  for (const char* const who : {"adviser.ft", "officer.security"}) {
    text += "freeze " + base::ToHex(vault::DemoPrincipalId("officer.gone").bytes()) + " " +
            base::ToHex(vault::DemoPrincipalId(who).bytes()) + "\n";
  }
  ASSERT_TRUE(base::WriteWhole(files, config_.data + "/freezes", AsBytes(text)).ok());
  auto node = Start();
  ASSERT_TRUE(node.ok());
  EXPECT_TRUE((*node)->serving());
  EXPECT_EQ(CodeOf(Send(**node, "officer.security", "/v1/me/capabilities")), "principal_frozen");
  EXPECT_EQ(CodeOf(Send(**node, "adviser.ft", "/v1/me/capabilities")), "principal_frozen");
  const auto file = FreezeFile::Open(files, config_.data + "/freezes");
  ASSERT_TRUE(file.ok());
  ASSERT_EQ((*file)->waiting().size(), 1u) << "it goes on holding";
  EXPECT_EQ((*file)->waiting()[0].who, vault::DemoPrincipalId("adviser.ft"));
  EXPECT_TRUE((*node)->Stop().ok());
}

// The file follows the register: nobody freezes without a ledger who could not with one.
TEST_F(NodeTest, AnOfficerWhoWasFrozenIsNoneWithoutALedger) {
  Create();
  base::SystemFiles files;
  const auto officers = [&] {
    return (*FreezeFile::Open(files, config_.data + "/freezes"))->officers();
  };
  WithVault([](vault::Vault& vault) {
    std::vector<access::PrincipalInfo> infos;
    for (const auto& [name, role] :
         {std::pair("officer.security.b", "security-officer"), std::pair("manager.a", "manager")}) {
      infos.push_back({vault::DemoPrincipalId(name), OrganisationId(1), {}, role, name});
    }
    base::Executor& home = vault.environment().home;
    ASSERT_TRUE(base::SyncWait(vault.gate().Enrol(std::move(infos), home)).ok());
  });
  const std::vector<std::string> names{"officer.security", "officer.security.b", "manager.a"};
  auto node = Node::Start(MakeGround(), names, problems_);
  ASSERT_TRUE(node.ok());
  EXPECT_EQ(officers().size(), 2u) << "who asked for nothing yet";
  // A manager agrees: no call of the freezing kind, so nothing but the register tells.
  const auto asked =
      Send(**node, "officer.security", "/v1/approvals",
           R"({"kind":"freeze","what":{"principal":"officer.security.b"},"reason":"INC-7"})");
  ASSERT_EQ(asked.status, 202) << asked.body;
  ASSERT_EQ(Send(**node, "manager.a", "/v1/approvals:approve", R"({"approval":"apr_1"})").status,
            200);
  for (int i = 0; i < 5; ++i) (*node)->Tick();
  EXPECT_EQ(officers(), std::vector<PrincipalId>{vault::DemoPrincipalId("officer.security")});
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
