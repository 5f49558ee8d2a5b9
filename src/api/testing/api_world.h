// The API over real TLS, in this process: a vault on stores in memory with a small demo world, and
// a client per principal with its own certificate and token.
#ifndef CLOISON_API_TESTING_API_WORLD_H_
#define CLOISON_API_TESTING_API_WORLD_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "api/handler.h"
#include "api/production_desk.h"
#include "base/testing/manual_clock.h"
#include "identity/development.h"
#include "keys/testing/memory_key_objects.h"
#include "net/client.h"
#include "store/memory/memory_store.h"
#include "store/testing/temp_directory.h"
#include "vault/demo_world.h"
#include "vault/embedded.h"

namespace cloison::api::testing {

// Keeps the names and numbers of all events as text.
class RecordingSink final : public base::EventSink {
 public:
  void Emit(base::Severity, Literal name, std::initializer_list<base::EventField> fields) override;
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// One request as a test writes it. `who` empty: no certificate, no token.
struct Ask {
  std::string who;
  net::Method method = net::Method::kPost;
  std::string path;
  std::string body = {};
  HeaderList headers = {};  // content-type is set for a body unless it is given
};

// A connection with one principal's certificate and token. Threads: one at a time.
class ApiClient {
 public:
  ApiClient(net::ClientOptions options, std::string token, base::Clock& clock)
      : token_(std::move(token)), http_(std::move(options), clock) {}
  net::Response Send(const Ask& ask);

 private:
  std::string token_;
  net::HttpClient http_;
};

// 1,500 people, 3 advisers of organisation 1 with 100 each, 2 of organisation 2 with 20 each.
vault::DemoSize SmallWorld();

class ApiWorld;

struct ApiWorldOptions {
  vault::DemoSize size = SmallWorld();
  std::string schema = std::string(vault::JobSeekersSchemaToml());
  std::string policy = std::string(vault::DemoPolicyToml());
  std::vector<tlog::VerifierKey> officers = {};  // who sign policies
  std::vector<std::string> more_names = {};      // who sign in beside the demo's; not enrolled
  int threads = 1;                               // of the listener
  std::int64_t answer_tick_ms = 0;
  std::uint16_t port = 0;
  // Sign-in of production instead of development's. Called once the credentials are there.
  std::function<ProductionDesk::Options(ApiWorld&)> production = nullptr;
};

class ApiWorld {
 public:
  // Ends the process when the world cannot be made.
  explicit ApiWorld(const ApiWorldOptions& options = {});
  ~ApiWorld();

  // On a connection that is kept for each principal. Threads: one.
  net::Response Send(const Ask& ask);
  // Agrees, as `who`, to the approval that `asked` gave.
  net::Response Agree(const std::string& who, const net::Response& asked);
  std::unique_ptr<ApiClient> NewClient(const std::string& who);  // threads: any
  // The code by which the principal's organisation knows the person.
  std::string CodeFor(std::string_view principal, const PersonId& person);
  // Takes the signed size away, and goes on after a recovery ceremony. Gives the signed statement.
  std::string RecoverLedger();
  // Budgets are whole again.
  void NextMonth() { clock_.Advance(32 * base::kDayMs); }
  // A file of the credentials' directory: "ca.pem", "issuer.key", "adviser.ft.token".
  std::string Credential(const std::string& name);
  std::string credentials() const { return directory_.path() + "/credentials"; }
  std::uint16_t port() const { return server_->port(); }
  std::string FreshKey() { return "key-" + std::to_string(++keys_); }

  vault::Vault& vault() { return *vault_; }
  base::testing::ManualClock& clock() { return clock_; }  // of budgets, and of sessions' ages
  ProductionDesk& production() { return *production_; }
  base::Executor& home() { return home_; }
  const vault::DemoWorld& world() const { return *world_; }
  const vault::DemoSize& size() const { return world_->size; }
  Service& service() { return *service_; }
  Api& api() { return *api_; }
  const RecordingSink& events() const { return events_; }
  store::Store& main_store() { return main_store_; }
  store::Store& key_store() { return key_store_; }

 private:
  vault::Environment MakeEnvironment();
  void MakeVault(const ApiWorldOptions& options);
  void MakeServer(const ApiWorldOptions& options);

  base::SystemClock system_clock_;  // certificates and tokens live in real time
  base::testing::ManualClock clock_{system_clock_.wall_ms()};  // budgets do not
  base::SystemRandom random_;
  base::SystemFiles files_;
  RecordingSink events_;
  store::testing::TempDirectory directory_;
  keys::testing::MemoryKeyObjects objects_{random_};
  store::MemoryStore main_store_, key_store_;
  base::ThreadPool background_{1}, home_{1}, main_committer_{1}, key_committer_{1};
  vault::Settings settings_;
  std::unique_ptr<vault::Vault> vault_;
  std::optional<vault::DemoWorld> world_;
  std::unique_ptr<identity::DevelopmentSignIn> sign_in_;
  std::unique_ptr<ProductionDesk> production_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<net::Server> server_;
  std::map<std::string, std::unique_ptr<ApiClient>> clients_;
  std::uint64_t keys_ = 0;
};

}  // namespace cloison::api::testing

#endif  // CLOISON_API_TESTING_API_WORLD_H_
