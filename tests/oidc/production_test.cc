// A production register from its first day, as docs/operate/production.md tells an operator to: the
// real programs, a certified provider, and nobody who is there without two people's word.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "crypto/base64.h"
#include "crypto/certificate.h"
#include "tests/e2e/e2e.h"
#include "tests/oidc/world.h"
#include "text/date.h"

namespace cloison::oidc {
namespace {

using e2e::Contains;
using e2e::Ended;
using e2e::ReadFile;
using e2e::WriteFile;

constexpr int kPollsMax = 1'500;  // of 20 ms
constexpr char kPolicy[] = "examples/france-travail/policy.toml";
constexpr std::int64_t kDeadWithinUs = 5'000'000;

template <class Condition>
bool Until(Condition condition) {
  for (int i = 0; i < kPollsMax; ++i) {
    if (condition()) return true;
    usleep(20'000);
  }
  return false;
}

// The operator's directory, the provider, and the people at their machines.
class Production {
 public:
  Production() {
    const auto write = [this](const char* name, const std::string& text) {
      WriteFile(folder_.path(name), text);
    };
    const net::testing::Certificate server = authority_.Server();
    const net::testing::Certificate app = authority_.Client("case");
    const std::string key = authority_.Client("vault").private_key_pem;
    const crypto::SigningKey client_key = std::move(*crypto::SigningKey::FromPem(AsBytes(key)));
    json jwk = json::parse(identity::PublicJwk(client_key));
    jwk["alg"] = "ES256";
    jwk["use"] = "sig";
    provider_ = std::make_unique<Provider>(folder_.path(), json{{"vault", url_},
                                                                {"resource", url_},
                                                                {"agents_algorithm", "ES256"},
                                                                {"client_jwk", jwk},
                                                                {"client_secret", "a secret"},
                                                                {"signed_userinfo", false},
                                                                {"people", json::object()}});
    write("ca.pem", authority_.ca_pem());
    write("server.pem", server.certificate_pem);
    write("server.key", server.private_key_pem);
    write("case.pem", app.certificate_pem);
    write("case.key", app.private_key_pem);
    write("vault.key", key);
    write("issuers.toml", IssuersToml(crypto::ToBase64Url(
                              *crypto::CertificateThumbprint(AsBytes(app.certificate_pem)))));
  }
  ~Production() {
    if (server_ != nullptr) server_->Stop();
  }

  std::string path(const std::string& name) const { return folder_.path(name); }

  // In the operator's directory.
  Ended Run(const std::string& command) {
    return e2e::Shell("cd '" + folder_.path() + "' && " + command);
  }
  void Expect(const std::string& command, int exit, const std::string& says = "") {
    const Ended ended = Run(command);
    EXPECT_EQ(ended.exit, exit) << command << "\n" << ended.out << ended.err;
    EXPECT_TRUE(Contains(ended.out + ended.err, says)) << command << "\n" << ended.out << ended.err;
  }
  // As somebody who has signed in.
  Ended As(const std::string& sub, const std::string& words) {
    return Run("\"$cloison\" " + words + " --session " + sub + ".session");
  }
  Ended AsApplication(const std::string& words) {
    return Run("\"$cloison\" " + words + " --server " + url_ +
               " --ca ca.pem --cert case.pem --key case.key");
  }
  // Asked by anna, agreed to by bruno.
  void Enrol(const std::string& account, const std::string& words) {
    const Ended asked = As("anna", "principal enrol " + account + " " + words + " --json");
    ASSERT_EQ(asked.exit, 4) << asked.out << asked.err;
    const std::string approval = json::parse(asked.out).value("approval", "");
    EXPECT_EQ(As("anna", "approval approve " + approval).exit, 3) << "not alone";
    const Ended agreed = As("bruno", "approval approve " + approval);
    ASSERT_EQ(agreed.exit, 0) << agreed.out << agreed.err;
  }

  void Serve() {
    server_ =
        e2e::ShellInBackground("exec \"$cloison\" serve --config '" + path("r/cloison.toml") + "'",
                               path("serve.out"), path("serve.err"));
    ASSERT_TRUE(Until([this] { return Contains(ReadFile(path("serve.out")), "ready port="); }))
        << ReadFile(path("serve.err"));
  }

  // At their machine: the command line begins, the browser goes to the provider and comes back.
  // Gives the command's exit code; what it said is in `said`.
  int SignIn(const std::string& sub, const std::string& words = "", const Person& how = {}) {
    const std::string out = path(sub + ".out"), err = path(sub + ".err");
    std::filesystem::remove(out);  // of the last time
    const auto child = e2e::ShellInBackground(
        "exec \"$cloison\" sign-in --issuer agents --server " + url_ + " --ca '" + path("ca.pem") +
            "' --session '" + path(sub + ".session") + "' --no-browser --json " + words,
        out, err);
    std::string start;
    const bool began = Until([&] {
      const auto lines = e2e::LinesOf(ReadFile(out));
      if (!lines.empty() && ReadFile(out).ends_with('\n')) start = lines.front();
      return !start.empty() || child->Poll() >= 0;
    });
    if (began && !start.empty()) {
      Person person = how;
      person.sub = sub;
      const auto port_of = [](const std::string& url) { return net::ParseUrl(url)->port; };
      Browser browser(
          {{port_, authority_.ca_pem()}, {port_of(provider_->agents()), provider_->ca_pem()}});
      const std::string back = browser.SignIn(start, person, "http://127.0.0.1:");
      if (!Return(back)) {
        ADD_FAILURE() << back;
        return child->Stop();
      }
    }
    const int exit = child->Wait();
    said = ReadFile(out) + ReadFile(err);
    return exit;
  }
  std::string said;

  std::string founder(const std::string& name, const std::string& role) const {
    return "\n[[principal]]\naccount = \"agents:" + name + "\"\norganisation = 1\nrole = \"" +
           role + "\"\nhuman = \"HR-" + name + "\"\nexpires = \"" + expires_ + "\"\n";
  }
  const std::string& url() const { return url_; }
  const std::string& expires() const { return expires_; }
  std::string Metrics() const {
    const std::string ready = ReadFile(path("serve.out"));
    constexpr std::string_view kManagement = "management=";
    net::ClientOptions options;
    options.port = static_cast<std::uint16_t>(
        std::stoi(ready.substr(ready.find(kManagement) + kManagement.size())));
    options.plain = true;
    base::SystemClock clock;
    net::HttpClient client(std::move(options), clock);
    const auto answer = client.Send(net::MakeRequest(net::Method::kGet, "/metrics"));
    return answer.ok() ? answer->body : "";
  }
  std::uint16_t port() const { return port_; }

 private:
  // The loopback address that the browser is sent to at last.
  static bool Return(const std::string& url) {
    const auto parsed = net::ParseUrl(url);
    if (!parsed.ok()) return false;
    net::ClientOptions options;
    options.host = parsed->host;
    options.port = parsed->port;
    options.plain = true;
    net::Request request = net::MakeRequest(net::Method::kGet, parsed->path);
    request.query = parsed->query;
    base::SystemClock clock;
    net::HttpClient client(std::move(options), clock);
    const auto answer = client.Send(request);
    return answer.ok() && answer->status == 200;
  }
  std::string IssuersToml(const std::string& thumbprint) const {
    return "version = 1\n[[issuer]]\nalias = \"agents\"\nkind = \"agents\"\nurl = \"" +
           provider_->agents() + "\"\nalgorithms = [\"ES256\"]\nca_file = \"" +
           provider_->ca_path() +
           "\"\n[issuer.client]\nid = \"vault\"\nauthentication = \"private_key_jwt\"\n"
           "algorithm = \"ES256\"\nkey_file = \"" +
           path("vault.key") +
           "\"\nscopes = [\"openid\"]\ndpop = true\n"
           "claims = '{\"id_token\":{\"acr\":null,\"amr\":null,\"auth_time\":null}}'\n"
           "[[client]]\nname = \"cli\"\npublic = true\n"
           "return_urls = [\"http://127.0.0.1/signed-in\"]\n"
           "[[client]]\nname = \"case\"\ncertificate = \"" +
           thumbprint +
           "\"\nreturn_urls = [\"https://case.example/back\"]\n"
           "principal = \"agents:case\"\n";
  }
  static std::string HalfAYearOn() {
    base::SystemClock clock;
    return text::FormatDate(text::DateOfDays(clock.wall_ms() / base::kDayMs + 180));
  }

  e2e::Folder folder_;
  net::testing::Authority authority_;
  std::uint16_t port_ = FreePort();
  std::string url_ = "https://127.0.0.1:" + std::to_string(port_);
  std::string expires_ = HalfAYearOn();
  std::unique_ptr<Provider> provider_;
  std::unique_ptr<cli::Child> server_;
};

void Begin(Production& world) {
  for (const std::string name : {"anna", "bruno", "zoe"}) {
    world.Expect("\"$cloison\" ledger officer-key --name officer." + name + " --out " + name +
                     ".key > " + name + ".pub",
                 0);
  }
  const auto line = [&world](const char* name) {
    return e2e::LinesOf(ReadFile(world.path(name))).front();
  };
  WriteFile(world.path("founders.toml"),
            "officers = [\"" + line("anna.pub") + "\", \"" + line("bruno.pub") + "\"]\n" +
                world.founder("anna", "manager") + world.founder("bruno", "manager") +
                world.founder("carla", "security-officer"));
  const std::string policy = std::filesystem::absolute(kPolicy).string();
  world.Expect("\"$cloison\" init statement r --plan founders.toml --policy '" + policy +
                   "' --issuers issuers.toml --certificate server.pem --private-key server.key "
                   "--client-ca ca.pem --out bootstrap.txt --set identity.public_url=" +
                   world.url() + " --set listen.port=" + std::to_string(world.port()) +
                   " --set management.port=0 --set store.cache_mib=16",
               0, "officer officer.anna SHA256:");
  world.Expect("\"$cloison\" init --production --note bootstrap.txt r", 2, "not a signed note");
  world.Expect("\"$cloison\" init sign --key anna.key bootstrap.txt", 0);
  world.Expect("\"$cloison\" init --production --note bootstrap.txt r", 1,
               "two different officers");
  world.Expect("\"$cloison\" init sign --key zoe.key bootstrap.txt", 3, "does not name");
  world.Expect("\"$cloison\" init sign --key bruno.key bootstrap.txt", 0);
  world.Expect(
      "sed s/HR-carla/HR-mallory/ bootstrap.txt > other.txt && "
      "\"$cloison\" init --production --note other.txt r",
      1, "signature");
  world.Expect("\"$cloison\" init --production --note bootstrap.txt r", 0, "created");
  world.Expect("cat anna.pub bruno.pub | diff - r/officers", 0);
  world.Expect("\"$cloison\" init --production --note bootstrap.txt r", 6, "exists already");
}

constexpr char kLook[] = "lookup --nir 182019935011424 --purpose reception --case A-1";

// Whoever is no founder is nobody yet, and the provider's word is looked at.
void FoundersSignIn(Production& world) {
  EXPECT_EQ(world.SignIn("alice"), 3) << world.said;
  EXPECT_TRUE(Contains(world.said, "not_enrolled")) << world.said;
  EXPECT_EQ(world.SignIn("anna", "", {.sub = "anna", .denies = true}), 3) << world.said;
  EXPECT_EQ(world.SignIn("anna", "", {.sub = "anna", .acr = "eidas1"}), 3) << "a level too low";
  for (const char* name : {"anna", "bruno", "carla"}) {
    ASSERT_EQ(world.SignIn(name), 0) << world.said;
    EXPECT_TRUE(Contains(world.said, std::string("\"agents:") + name + "\"")) << world.said;
    EXPECT_FALSE(Contains(world.said, "cls_")) << "the token stays in its file";
  }
  world.Expect("stat -c %a anna.session", 0, "600");
}

// The application registers somebody; the adviser finds them and opens what her work needs.
void AliceWorks(Production& world) {
  world.Expect("\"$cloison\" generate --people 1 --out people.csv", 0);
  const Ended registered = world.AsApplication("import people.csv");
  ASSERT_EQ(registered.exit, 0) << registered.out << registered.err;
  ASSERT_EQ(world.SignIn("alice"), 0) << world.said;
  const Ended found = world.As("alice", std::string(kLook) + " --json");
  ASSERT_EQ(found.exit, 0) << found.out << found.err;
  const std::string code = json::parse(found.out)["rows"][0].value("person", "");
  ASSERT_NE(code, "");
  const std::string open =
      "disclose " + code + " --fields contact.email --purpose support --case A-1";
  EXPECT_NE(world.As("alice", open).exit, 0) << "nobody she follows";
  const Ended assigned = world.AsApplication("caseload assign " + code + " --agent agents:alice");
  ASSERT_EQ(assigned.exit, 0) << assigned.out << assigned.err;
  const Ended opened = world.As("alice", open);
  ASSERT_EQ(opened.exit, 0) << opened.out << opened.err;
  EXPECT_TRUE(Contains(opened.out, "guy.kukram.0@example.org")) << opened.out;
}

// Who enrols or freezes sees what an account may do; nobody else does, and each look is recorded.
void StandingsAreShown(Production& world) {
  const Ended founder = world.As("carla", "principal show agents:anna --json");
  ASSERT_EQ(founder.exit, 0) << founder.out << founder.err;
  const json anna = json::parse(founder.out);
  EXPECT_EQ(anna.value("founder", false), true) << founder.out;
  // Kept in budget time, whose milliseconds are not the wall clock's.
  const auto ends = text::ParseUtcMs(anna.value("expires", ""));
  const auto asked = text::ParseUtcMs(world.expires() + "T00:00:00Z");
  ASSERT_TRUE(ends.ok() && asked.ok()) << founder.out;
  EXPECT_LT(std::abs(*ends - *asked), base::kMinuteMs) << founder.out;
  EXPECT_FALSE(anna.contains("enrolled"));
  EXPECT_FALSE(Contains(founder.out, "HR-")) << "a reference of a human is told nobody";
  const Ended alice = world.As("anna", "principal show agents:alice --plain");
  ASSERT_EQ(alice.exit, 0) << alice.err;
  for (const char* line : {"role\tadviser\n", "office\t101\n", "manager\tagents:anna\n",
                           "founder\tno\n", "frozen\tno\n"}) {
    EXPECT_TRUE(Contains(alice.out, line)) << line << alice.out;
  }
  EXPECT_TRUE(Contains(alice.out, "reduced_until\t")) << alice.out;
  EXPECT_EQ(world.As("alice", "principal show agents:anna").exit, 3) << "an adviser";
  EXPECT_EQ(world.As("anna", "principal show agents:nobody").exit, 5);
}

// A session is worth nothing without its key, nor from a file that others may read.
void TokensAloneOpenNothing(Production& world) {
  const std::string alice = ReadFile(world.path("alice.session"));
  const std::string bruno = ReadFile(world.path("bruno.session"));
  WriteFile(world.path("thief.session"),
            bruno.substr(0, bruno.find("\ntoken ")) + alice.substr(alice.find("\ntoken ")));
  world.Expect("chmod 600 thief.session", 0);
  EXPECT_EQ(world.As("thief", kLook).exit, 3);
  world.Expect("chmod 640 bruno.session", 0);
  const Ended open_file = world.As("bruno", "approval list");
  EXPECT_EQ(open_file.exit, 2);
  EXPECT_TRUE(Contains(open_file.err, "0600")) << open_file.err;
  world.Expect("chmod 600 bruno.session", 0);
}

// One officer stops a stolen account, and it is dead within five seconds.
void CarlaFreezes(Production& world) {
  const Ended frozen = world.As("carla", "principal freeze agents:alice");
  ASSERT_EQ(frozen.exit, 0) << frozen.out << frozen.err;
  base::SystemClock clock;
  const std::int64_t until_us = clock.mono_us() + kDeadWithinUs;
  while (world.As("alice", kLook).exit != 3 && clock.mono_us() < until_us) {
  }
  const Ended dead = world.As("alice", kLook);
  EXPECT_EQ(dead.exit, 3) << dead.out << dead.err;
  EXPECT_TRUE(Contains(dead.err, "401")) << "the session itself: " << dead.err;
  EXPECT_EQ(world.SignIn("alice"), 3) << "nor by signing in again";
}

// What an operator sees of all this: counts by issuer and outcome, and nobody's name.
void MetricsNameNobody(Production& world) {
  const std::string metrics = world.Metrics();
  const auto has = [&metrics](const std::string& line) {
    EXPECT_TRUE(Contains(metrics, "\ncloison_" + line)) << line << "\n" << metrics;
  };
  const std::string ends = "sign_ins_total{issuer=\"agents\",outcome=";
  has(ends + "\"opened\"} 5\n");
  has(ends + "\"cancelled\"} 1\n");
  has(ends + "\"not_enrolled\"} 1\n");
  has(ends + "\"too_weak\"} 1\n");
  has(ends + "\"frozen\"} 1\n");
  has(ends + "\"refused\"} 0\n");
  has("sessions_open 3\n");
  has("sessions_killed_total 1\n");
  has("issuer_key_fetches_total{issuer=\"agents\",outcome=\"failed\"} 0\n");
  EXPECT_FALSE(Contains(metrics, "proofs_refused_total{reason=\"nonce\"} 0\n")) << metrics;
  EXPECT_FALSE(Contains(metrics, "outcome=\"came\"} 0\n")) << metrics;
  for (const char* name : {"alice", "anna", "bruno", "carla", "HR-", "127.0.0.1"}) {
    EXPECT_FALSE(Contains(metrics, name)) << name;
  }
}

TEST(ProductionTest, FromTheFirstDayToAFrozenAccount) {
  Production world;
  Begin(world);
  world.Serve();
  FoundersSignIn(world);
  world.Enrol("agents:alice",
              "--role adviser --office 101 --manager agents:anna --human HR-0042 --reason HR-12");
  world.Enrol("agents:case", "--role case-application --reason IT-3");
  AliceWorks(world);
  if (HasFatalFailure()) return;
  StandingsAreShown(world);
  TokensAloneOpenNothing(world);
  ASSERT_EQ(world.SignIn("anna", "--step-up"), 0) << world.said;
  EXPECT_EQ(world.As("anna", "approval list").exit, 0) << "the session goes on";
  CarlaFreezes(world);
  MetricsNameNobody(world);

  // Signed out: nothing is left here or there.
  const std::string kept = ReadFile(world.path("bruno.session"));
  world.Expect("\"$cloison\" sign-out --session bruno.session", 0, "Signed out");
  EXPECT_FALSE(std::filesystem::exists(world.path("bruno.session")));
  WriteFile(world.path("bruno.session"), kept);
  world.Expect("chmod 600 bruno.session", 0);
  EXPECT_EQ(world.As("bruno", "approval list").exit, 3);
}

}  // namespace
}  // namespace cloison::oidc
