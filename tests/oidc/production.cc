#include "tests/oidc/production.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "crypto/base64.h"
#include "crypto/certificate.h"
#include "text/date.h"

namespace cloison::oidc {

using e2e::Contains;
using e2e::Ended;
using e2e::ReadFile;
using e2e::WriteFile;

namespace {

constexpr char kPolicy[] = "examples/france-travail/policy.toml";
constexpr char kSchema[] = "schemas/job-seekers.toml";

std::string HalfAYearOn() {
  base::SystemClock clock;
  return text::FormatDate(text::DateOfDays(clock.wall_ms() / base::kDayMs + 180));
}

// The loopback address that the browser is sent to at last.
bool Return(const std::string& url) {
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

}  // namespace

Production::Production() : expires_(HalfAYearOn()) {
  const auto write = [this](const std::string& name, const std::string& text) {
    WriteFile(folder_.path(name), text);
  };
  const net::testing::Certificate server = authority_.Server();
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
  write("vault.key", key);
  std::map<std::string, std::string> thumbprints;
  for (const std::string name : {"case", "hr"}) {
    const net::testing::Certificate app = authority_.Client(name);
    write(name + ".pem", app.certificate_pem);
    write(name + ".key", app.private_key_pem);
    thumbprints[name] =
        crypto::ToBase64Url(*crypto::CertificateThumbprint(AsBytes(app.certificate_pem)));
  }
  write("issuers.toml", IssuersToml(thumbprints));
}

Production::~Production() {
  if (server_ != nullptr) server_->Stop();
}

Ended Production::Run(const std::string& command) {
  return e2e::Shell("cd '" + folder_.path() + "' && " + command);
}

void Production::Expect(const std::string& command, int exit, const std::string& says) {
  const Ended ended = Run(command);
  EXPECT_EQ(ended.exit, exit) << command << "\n" << ended.out << ended.err;
  EXPECT_TRUE(Contains(ended.out + ended.err, says)) << command << "\n" << ended.out << ended.err;
}

Ended Production::As(const std::string& sub, const std::string& words) {
  return Run("\"$cloison\" " + words + " --session " + sub + ".session");
}

Ended Production::AsApplication(const std::string& words, const std::string& name) {
  return Run("\"$cloison\" " + words + " --server " + url_ + " --ca ca.pem --cert " + name +
             ".pem --key " + name + ".key");
}

void Production::Enrol(const std::string& account, const std::string& words) {
  const Ended asked = As("anna", "principal enrol " + account + " " + words + " --json");
  ASSERT_EQ(asked.exit, 4) << asked.out << asked.err;
  const std::string approval = json::parse(asked.out).value("approval", "");
  EXPECT_EQ(As("anna", "approval approve " + approval).exit, 3) << "not alone";
  const Ended agreed = As("bruno", "approval approve " + approval);
  ASSERT_EQ(agreed.exit, 0) << agreed.out << agreed.err;
}

void Production::Serve() {
  server_ =
      e2e::ShellInBackground("exec \"$cloison\" serve --config '" + path("r/cloison.toml") + "'",
                             path("serve.out"), path("serve.err"));
  ASSERT_TRUE(Until([this] { return Contains(ReadFile(path("serve.out")), "ready port="); }))
      << ReadFile(path("serve.err"));
}

Browser Production::NewBrowser() const {
  const auto port_of = [](const std::string& url) { return net::ParseUrl(url)->port; };
  return Browser({{port_, authority_.ca_pem()},
                  {desk_port_, authority_.ca_pem()},
                  {port_of(provider_->agents()), provider_->ca_pem()}});
}

int Production::SignIn(const std::string& sub, const std::string& words, const Person& how) {
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
    Browser browser = NewBrowser();
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

std::string Production::Founder(const std::string& name, const std::string& role) const {
  return "\n[[principal]]\naccount = \"agents:" + name + "\"\norganisation = 1\nrole = \"" + role +
         "\"\nhuman = \"HR-" + name + "\"\nexpires = \"" + expires_ + "\"\n";
}

std::string Production::Metrics() const {
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

std::string Production::IssuersToml(const std::map<std::string, std::string>& thumbprints) const {
  return "version = 1\n[[issuer]]\nalias = \"agents\"\nkind = \"agents\"\nurl = \"" +
         provider_->agents() + "\"\nalgorithms = [\"ES256\"]\nca_file = \"" + provider_->ca_path() +
         "\"\n[issuer.client]\nid = \"vault\"\nauthentication = \"private_key_jwt\"\n"
         "algorithm = \"ES256\"\nkey_file = \"" +
         path("vault.key") +
         "\"\nscopes = [\"openid\"]\ndpop = true\n"
         "claims = '{\"id_token\":{\"acr\":null,\"amr\":null,\"auth_time\":null}}'\n"
         "[[client]]\nname = \"cli\"\npublic = true\n"
         "return_urls = [\"http://127.0.0.1/signed-in\"]\n"
         "[[client]]\nname = \"case\"\ncertificate = \"" +
         thumbprints.at("case") + "\"\nreturn_urls = [\"" + desk_url() +
         "/signed-in\"]\nprincipal = \"agents:case\"\n"
         "[[client]]\nname = \"hr\"\ncertificate = \"" +
         thumbprints.at("hr") + "\"\nprincipal = \"agents:hr\"\n";
}

void Production::Begin() {
  for (const std::string name : {"anna", "bruno", "zoe"}) {
    Expect("\"$cloison\" ledger officer-key --name officer." + name + " --out " + name + ".key > " +
               name + ".pub",
           0);
  }
  const auto line = [this](const char* name) { return e2e::LinesOf(ReadFile(path(name))).front(); };
  WriteFile(path("founders.toml"),
            "officers = [\"" + line("anna.pub") + "\", \"" + line("bruno.pub") + "\"]\n" +
                Founder("anna", "manager") + Founder("bruno", "manager") +
                Founder("carla", "security-officer") + Founder("dora", "privacy-officer"));
  const std::string policy = std::filesystem::absolute(kPolicy).string();
  Expect("\"$cloison\" init statement r --plan founders.toml --policy '" + policy +
             "' --issuers issuers.toml --certificate server.pem --private-key server.key "
             "--client-ca ca.pem --out bootstrap.txt --set identity.public_url=" +
             url() + " --set listen.port=" + std::to_string(port()) +
             " --set management.port=0 --set store.cache_mib=16",
         0, "officer officer.anna SHA256:");
  Expect("\"$cloison\" init --production --note bootstrap.txt r", 2, "not a signed note");
  const std::string schema = "'" + std::filesystem::absolute(kSchema).string() + "'";
  const auto sign = [](const std::string& who, const std::string& with) {
    return "\"$cloison\" init sign --key " + who + ".key " + with + " bootstrap.txt";
  };
  const std::string both = "--policy '" + policy + "' --schema " + schema;
  Expect("sed 's/^version = 1$/version = 1 # other/' '" + policy + "' > other.toml && " +
             sign("anna", "--policy other.toml --schema " + schema + " --yes"),
         6, "another policy");
  Expect(sign("anna", "--policy '" + policy + "' --schema other.toml --yes"), 6, "another schema");
  Expect(sign("anna", both), 2, "nothing was signed");
  Expect(sign("anna", both), 2, "role manager gains");
  Expect("\"$cloison\" init --production --note bootstrap.txt r", 2, "not a signed note");
  Expect(sign("anna", both + " --yes"), 0);
  Expect("\"$cloison\" init --production --note bootstrap.txt r", 1, "two different officers");
  Expect(sign("zoe", both + " --yes"), 3, "does not name");
  Expect(sign("bruno", both + " --yes"), 0);
  Expect(
      "sed s/HR-carla/HR-mallory/ bootstrap.txt > other.txt && "
      "\"$cloison\" init --production --note other.txt r",
      1, "signature");
  Expect("\"$cloison\" init --production --note bootstrap.txt r", 0, "created");
  Expect("cat anna.pub bruno.pub | diff - r/officers", 0);
  Expect("\"$cloison\" init --production --note bootstrap.txt r", 6, "exists already");
}

}  // namespace cloison::oidc
