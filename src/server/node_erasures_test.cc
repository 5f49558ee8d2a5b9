// A running server asks whoever must say yes to an erasure, and does what was said.
#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "access/approvals.h"
#include "access/erasures.h"
#include "net/server.h"
#include "server/erasure_tending.h"
#include "server/testing/node_world.h"

namespace cloison::server {
namespace {

using access::Approvals;
using testing::NodeTest;

class Approver final : public net::Handler {
 public:
  Task<net::Response> Handle(net::Request request) override {
    const nlohmann::json asked = nlohmann::json::parse(request.body, nullptr, false);
    const std::string approval = asked.value("approval", "");
    std::unique_lock lock(mutex_);
    ++came_;
    if (meanwhile_) meanwhile_(approval);
    changed_.wait(lock, [this] { return !hangs_; });
    const bool answers = !answer_.empty() && (only_.empty() || approval == only_);
    net::Response response;
    response.status = answers ? 200 : 503;
    response.body =
        nlohmann::json{{"id", asked.value("id", "")}, {"approval", approval}, {"answer", answer_}}
            .dump();
    co_return response;
  }
  void Answer(const std::string& answer) {
    const std::lock_guard lock(mutex_);
    answer_ = answer;
  }
  // To all others there is no answer yet.
  void Only(std::uint64_t approval) {
    const std::lock_guard lock(mutex_);
    only_ = "apr_" + std::to_string(approval);
  }
  // Takes the question, and says nothing until it no longer does.
  void Hang(bool hangs) {
    const std::lock_guard lock(mutex_);
    hangs_ = hangs;
    changed_.notify_all();
  }
  // Before it answers.
  void Meanwhile(std::function<void(const std::string&)> what) {
    const std::lock_guard lock(mutex_);
    meanwhile_ = std::move(what);
  }
  int came() {
    const std::lock_guard lock(mutex_);
    return came_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void(const std::string&)> meanwhile_;
  std::string answer_, only_;
  int came_ = 0;
  bool hangs_ = false;
};

class NodeErasures : public NodeTest {
 protected:
  // People whose erasure two officers agreed to, and which waits for a yes: the last of them is
  // person_, and number_ is theirs.
  void Prepare(int people = 1) {
    Create();
    WithVault([this, people](vault::Vault& vault) {
      home_ = &vault.environment().home;
      std::vector<access::PrincipalInfo> infos;
      for (const auto& [name, role] : {std::pair("app.case", "case-application"),
                                       std::pair("officer.privacy", "privacy-officer"),
                                       std::pair("officer.privacy.b", "privacy-officer")}) {
        infos.push_back({vault::DemoPrincipalId(name), OrganisationId(1), std::nullopt, role, name,
                         false, std::nullopt});
      }
      ASSERT_TRUE(base::SyncWait(vault.gate().Enrol(std::move(infos), *home_)).ok());
      for (int n = 0; n < people; ++n) AgreeToOne(vault, std::to_string(n));
    });
    listener_ = std::move(*net::Server::Start({}, approver_, clock_));
    config_.erasure_hook = "http://127.0.0.1:" + std::to_string(listener_->port()) + "/erasures";
    config_.erasure_hook_key = directory_.path() + "/hook.key";
    const std::string key(32, 'k');
    ASSERT_TRUE(base::WriteWhole(files_, config_.erasure_hook_key, AsBytes(key), 0600).ok());
  }
  void AgreeToOne(vault::Vault& vault, const std::string& key) {
    const records::Schema& schema = vault.schema();
    records::Values values;
    for (const auto& [name, text] :
         {std::pair("identity.birth_name", "Exemple"), std::pair("identity.first_name", "Anne")}) {
      const records::FieldSpec* field = schema.Find(name);
      values.push_back({field->id, std::move(*schema.Canonical(*field, text, true))});
    }
    std::ranges::sort(values, {}, &records::Value::field);
    const auto made = base::SyncWait(vault.gate().Register(As("app.case"), std::move(values),
                                                           {"register", ""}, {"k" + key, {}}));
    const std::string code = std::get<access::Registered>(*made).code.Text();
    person_ = *vault.codes().Decode(OrganisationId(1), code);
    vault.gate().erasures().Rule(0, true);
    const auto asked = base::SyncWait(vault.gate().approvals().AskErase(
        As("officer.privacy"), code, 1, {"erase", "case-1"}, {"e" + key, {}}));
    number_ = std::get<Approvals::Shown>(*asked).approval.number;
    const auto agreed =
        base::SyncWait(vault.gate().approvals().Approve(As("officer.privacy.b"), number_));
    ASSERT_TRUE(std::holds_alternative<Approvals::Shown>(*agreed));
    EXPECT_TRUE(std::get<Approvals::Shown>(*agreed).approval.waits());
  }
  access::Caller As(const std::string& name) {
    return {vault::DemoPrincipalId(name), SessionId(ByteArray<16>{7}), ClientId(1), *home_,
            identity::Assurance::Internal()};
  }
  // Until what was answered is done: a stop takes back what is under way.
  static void Rest(Node& node) {
    int ticks = 0;
    EXPECT_TRUE(Comes(node, [&ticks] { return ++ticks > 200; }));
  }
  // Of a register that no node serves.
  std::pair<bool, approvals::State> Found() {
    std::pair<bool, approvals::State> found;
    WithVault([&](vault::Vault& vault) {
      home_ = &vault.environment().home;
      found.first = base::SyncWait(vault.people().Sight(person_)).ok();
      const auto read =
          base::SyncWait(vault.gate().approvals().Read(As("officer.privacy"), number_));
      found.second = std::get<Approvals::Shown>(*read).approval.state;
    });
    return found;
  }

  Approver approver_;
  std::unique_ptr<net::Server> listener_;
  base::Executor* home_ = nullptr;
  PersonId person_{ByteArray<8>{}};
  std::uint64_t number_ = 0;
};

TEST_F(NodeErasures, WithoutAnAnswerNothingAndWithAYesDone) {
  Prepare();
  {
    const auto node = Start();
    ASSERT_TRUE(node.ok());
    EXPECT_TRUE(Comes(**node, [&] { return approver_.came() >= 2; })) << "asked again and again";
    ASSERT_TRUE((*node)->Stop().ok());
  }
  EXPECT_EQ(Found(), std::pair(true, approvals::State::kApproved));
  const int before = approver_.came();
  approver_.Answer("yes");
  {
    const auto node = Start();
    ASSERT_TRUE(node.ok());
    EXPECT_TRUE(Comes(**node, [&] { return approver_.came() > before; })) << "after a restart too";
    Rest(**node);
    EXPECT_EQ(approver_.came(), before + 1) << "once it is said";
    ASSERT_TRUE((*node)->Stop().ok());
  }
  EXPECT_EQ(events_.Count("erasure_done"), 1);
  EXPECT_EQ(Found(), std::pair(false, approvals::State::kUsed));
}

TEST_F(NodeErasures, ANoIsTheEndOfIt) {
  Prepare();
  approver_.Answer("no");
  {
    const auto node = Start();
    ASSERT_TRUE(node.ok());
    EXPECT_TRUE(Comes(**node, [&] { return approver_.came() >= 1; }));
    Rest(**node);
    ASSERT_TRUE((*node)->Stop().ok());
  }
  EXPECT_EQ(Found(), std::pair(true, approvals::State::kDenied));
  EXPECT_EQ(events_.Count("erasure_refused_outside"), 1);
  const auto node = Start();
  ASSERT_TRUE(node.ok());
  for (int tick = 0; tick < 200; ++tick) (*node)->Tick();
  EXPECT_EQ(approver_.came(), 1) << "and nobody asks again";
  ASSERT_TRUE((*node)->Stop().ok());
}

// Whom a server that does not run serves: the erasures are tended by hand.
class TendedErasures : public NodeErasures {
 protected:
  template <class Body>
  void Tended(Body body) {
    const std::unique_ptr<Ground> ground = MakeGround();
    ASSERT_TRUE(ground->OpenStores().ok());
    ASSERT_TRUE(ground->OpenKeyObjects(false).ok());
    auto vault = base::SyncWait(vault::Vault::Open(ground->environment(), ground->settings([] {})));
    ASSERT_TRUE(vault.ok());
    home_ = &(*vault)->environment().home;
    {
      auto tending = ErasureTending::Start(*ground, **vault, problems_);
      ASSERT_TRUE(tending.ok());
      body(**vault, **tending);
    }
    ASSERT_TRUE(base::SyncWait((*vault)->Stop()).ok());
  }
  approvals::Document Read(vault::Vault& vault, std::uint64_t number) {
    const auto read = base::SyncWait(vault.gate().approvals().Read(As("officer.privacy"), number));
    CLOISON_CHECK(read.ok());
    return std::get<Approvals::Shown>(*read).approval;
  }
  template <class Condition>
  static bool Comes(ErasureTending& tending, Condition condition) {
    for (int i = 0; i < 1'000; ++i) {
      if (condition()) return true;
      tending.Look();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
};

// One whom nobody answers holds up the asking, and nobody's word.
TEST_F(TendedErasures, PeopleAreToldWhileSomebodyIsAsked) {
  Prepare();
  approver_.Hang(true);
  Tended([this](vault::Vault& vault, ErasureTending& tending) {
    EXPECT_TRUE(Comes(tending, [this] { return approver_.came() == 1; }));
    ASSERT_NO_FATAL_FAILURE(AgreeToOne(vault, "later"));
    const std::uint64_t later = number_;
    EXPECT_TRUE(Comes(tending, [&] { return Read(vault, later).told_ms != 0; }));
    EXPECT_EQ(approver_.came(), 1) << "who was asked says nothing yet";
    approver_.Hang(false);
  });
}

// What an officer stopped while the answer came is neither done nor refused by it.
TEST_F(TendedErasures, AnAnswerThatComesTooLateIsNoEvent) {
  for (const char* answer : {"yes", "no"}) {
    SCOPED_TRACE(answer);
    if (listener_ == nullptr) Prepare();
    approver_.Answer("");
    Tended([&](vault::Vault& vault, ErasureTending& tending) {
      if (answer[0] == 'n') {
        ASSERT_NO_FATAL_FAILURE(AgreeToOne(vault, answer));
      }
      std::atomic<int> stopped = 0;
      approver_.Answer(answer);
      approver_.Meanwhile([&](const std::string&) {
        const auto denied =
            base::SyncWait(vault.gate().approvals().Deny(As("officer.privacy.b"), number_));
        stopped += denied.ok() && std::holds_alternative<Approvals::Shown>(*denied) ? 1 : 0;
      });
      EXPECT_TRUE(Comes(tending, [&] { return stopped == 1; }));
      const int came = approver_.came();
      for (int i = 0; i < 100; ++i) {
        tending.Look();
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
      EXPECT_EQ(approver_.came(), came) << "nobody is asked any more";
      EXPECT_EQ(Read(vault, number_).state, approvals::State::kDenied);
    });
    approver_.Meanwhile(nullptr);
    EXPECT_EQ(events_.Count("erasure_done"), 0);
    EXPECT_EQ(events_.Count("erasure_refused_outside"), 0);
  }
}

// Who takes the address out of the configuration gives no yes by it.
TEST_F(TendedErasures, WithoutTheHookItStays) {
  Prepare();
  config_.erasure_hook = "";
  Tended([this](vault::Vault& vault, ErasureTending& tending) {
    EXPECT_TRUE(Comes(tending, [this] { return events_.Count("erasure_without_hook") >= 2; }));
    EXPECT_EQ(Read(vault, number_).state, approvals::State::kApproved);
  });
  EXPECT_EQ(events_.Count("erasure_done"), 0);
  EXPECT_EQ(approver_.came(), 0);
  EXPECT_EQ(Found(), std::pair(true, approvals::State::kApproved));
}

TEST_F(NodeErasures, OnesThatNobodyAnswersKeepUpNobodyElse) {
  Prepare(ErasureTending::kAsksWithoutAnswer + 1);
  approver_.Answer("yes");
  approver_.Only(number_);
  {
    const auto node = Start();
    ASSERT_TRUE(node.ok());
    EXPECT_TRUE(
        Comes(**node, [&] { return approver_.came() > 3 * ErasureTending::kAsksWithoutAnswer; }));
    ASSERT_TRUE((*node)->Stop().ok());
  }
  EXPECT_EQ(Found(), std::pair(false, approvals::State::kUsed));
}

TEST_F(NodeErasures, AHookWithFaultsKeepsTheServerFromStarting) {
  Prepare();
  const std::string good = config_.erasure_hook;
  const auto says = [this](const char* what) {
    problems_.clear();
    const auto node = Start();
    EXPECT_FALSE(node.ok());
    EXPECT_TRUE(std::ranges::any_of(problems_, [what](const std::string& line) {
      return line.find(what) != std::string::npos;
    })) << what;
  };
  config_.erasure_hook = "http://hooks.example/erasures";
  says("erasure.hook: an https URL");
  config_.erasure_hook = good;
  const std::string key = config_.erasure_hook_key;
  config_.erasure_hook_key = directory_.path() + "/nowhere";
  says("erasure.hook_key");
  config_.erasure_hook_key = key;
  config_.erasure_hook_ca = directory_.path() + "/nowhere.pem";
  says("cannot be read");
  EXPECT_EQ(approver_.came(), 0);
  EXPECT_EQ(Found(), std::pair(true, approvals::State::kApproved));
}

}  // namespace
}  // namespace cloison::server
