// examples/gate-mode, run: an old application in front of a real PostgreSQL asks before it reads.
// Skipped where PostgreSQL or Python is not there.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "api/testing/api_world.h"

namespace cloison::api {
namespace {

namespace fs = std::filesystem;
using net::Method;
using nlohmann::json;
using testing::ApiWorld;
using testing::ApiWorldOptions;

constexpr const char* kReference = R"(
[[compartment.field]]
id = 0x7001
name = "reference"
type = "reference"
index = "reference"
unique = true
)";

struct Ended {
  int exit;
  std::string out;
};

class Example : public ::testing::Test {
 protected:
  Example() {
    std::string name = "/tmp/cloison-gate-XXXXXX";
    CLOISON_CHECK(mkdtemp(name.data()) != nullptr);
    folder_ = name;
    fs::permissions(folder_, fs::perms::all);
  }
  ~Example() override {
    if (started_) (void)Shell(AsServer() + Programs() + "/pg_ctl -D " + folder_ + "/data stop");
    fs::remove_all(folder_);
  }

  static std::string Programs() {
    std::string newest;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
      const std::string bin = entry.path().string() + "/bin";
      if (fs::exists(bin + "/initdb")) newest = std::max(newest, bin);
    }
    return newest;
  }
  // The server refuses to run as root.
  static std::string AsServer() {
    return geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";
  }
  Ended Shell(const std::string& command) const {
    const std::string out = folder_ + "/out";
    const int status = std::system((command + " >" + out + " 2>" + folder_ + "/err").c_str());
    std::ostringstream text;
    text << std::ifstream(out).rdbuf();
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text.str()};
  }
  std::string Error() const {
    std::ostringstream text;
    text << std::ifstream(folder_ + "/err").rdbuf();
    return text.str();
  }
  void StartPostgres() {
    const std::string data = folder_ + "/data";
    ASSERT_EQ(Shell(AsServer() + Programs() + "/initdb -A trust -U postgres -D " + data).exit, 0)
        << Error();
    const std::string options = "-c listen_addresses= -k " + folder_;
    const std::string start = AsServer() + Programs() + "/pg_ctl -w -D " + data + " -l " + folder_ +
                              "/log -o '" + options + "' start";
    ASSERT_EQ(Shell(start).exit, 0) << Error();
    started_ = true;
    ASSERT_EQ(Shell(Psql() + " -f examples/gate-mode/schema.sql").exit, 0) << Error();
  }
  std::string Psql() const { return "PGHOST=" + folder_ + " PGUSER=postgres psql -X -q"; }
  // The register learns what the old database calls two people of the caseload, and a stranger.
  void Know(ApiWorld& world) const {
    const std::string last = world.vault().schema().compartments().back().name;
    std::vector<std::pair<std::string, PersonId>> known;
    for (const auto& [agent, people] : world.world().caseloads) {
      if (agent != vault::DemoPrincipalId("adviser.ft")) continue;
      for (const std::size_t i : {0u, 1u}) {
        known.emplace_back("K-" + std::to_string(i + 1), world.world().people[people[i]]);
      }
    }
    known.emplace_back("K-3", world.world().stranger.person);
    for (const auto& [key, person] : known) {
      const net::Response changed =
          world.Send({"app.case",
                      Method::kPatch,
                      "/v1/people",
                      R"({"person":")" + world.CodeFor("adviser.ft", person) + R"(","fields":{")" +
                          last + R"(.reference":")" + key + R"("}})",
                      {{"if-match", "\"1\""}}});
      ASSERT_EQ(changed.status, 200) << changed.body;
    }
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }

  std::string folder_;
  bool started_ = false;
};

TEST_F(Example, AnOldApplicationAsksBeforeItReads) {
  if (Programs().empty() || Shell("python3 -c 'import ssl' && psql --version").exit != 0) {
    GTEST_SKIP() << "PostgreSQL, psql or Python is not installed";
  }
  StartPostgres();
  if (HasFatalFailure()) return;
  ApiWorldOptions options;
  options.schema += kReference;
  ApiWorld world(options);
  Know(world);
  if (HasFatalFailure()) return;
  Write("ca.pem", world.Credential("ca.pem"));
  for (const char* const part : {".pem", ".key", ".token"}) {
    Write(std::string("agent") + part, world.Credential(std::string("adviser.ft") + part));
  }
  const std::string ask = "GATE=127.0.0.1:" + std::to_string(world.port()) +
                          " GATE_CA=" + folder_ + "/ca.pem GATE_AGENT=" + folder_ +
                          "/agent PGHOST=" + folder_ +
                          " PGUSER=postgres python3 examples/gate-mode/ask_first.py ";
  const std::string why = " --purpose support --case A-1";
  struct Row {
    const char* why;
    const char* asked;
    int exit;
    const char* out;
    const char* error;
  };
  const Row rows[] = {
      {"of the caseload", "K-1 contact.phone contact.email", 0,
       "contact.email\tk1@example.org\ncontact.phone\t+33 6 39 98 00 01\n", ""},
      {"a field to be masked is not read", "K-2 contact.phone bank.iban", 0,
       "contact.phone\t+33 6 39 98 00 02\n", ""},
      {"somebody else's", "K-3 contact.phone", 1, "", "refused: not_available"},
      {"nobody", "K-9 contact.phone", 1, "", "refused: not_available"},
      {"an attempt on the query", "\"K-1' OR '1'='1\" contact.phone", 1, "",
       "refused: not_available"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const std::uint64_t before = world.vault().ledger().size();
    const Ended ended = Shell(ask + row.asked + why);
    EXPECT_EQ(ended.exit, row.exit) << Error();
    std::vector<std::string> got, want;
    std::istringstream out(ended.out), wanted(row.out);
    for (std::string line; std::getline(out, line);) got.push_back(line);
    for (std::string line; std::getline(wanted, line);) want.push_back(line);
    std::ranges::sort(got);
    std::ranges::sort(want);
    EXPECT_EQ(got, want);
    EXPECT_NE(Error().find(row.error), std::string::npos) << Error();
    EXPECT_GT(world.vault().ledger().size(), before) << "on the record";
  }
}

}  // namespace
}  // namespace cloison::api
