// The issuers file: what it gives, and what is wrong with it, said with its line.
#include "identity/issuers.h"

#include <gtest/gtest.h>

#include "base/files.h"

namespace cloison::identity {
namespace {

constexpr std::string_view kGood = R"(version = 1

[[issuer]]
alias = "proconnect"
url = "https://proconnect.example/api/v2"
kind = "agents"
algorithms = ["RS256", "ES256"]
ca_file = "/etc/cloison/state-ca.pem"
[issuer.levels]
eidas2 = "eidas2"
eidas3 = "eidas3"
eidas1-mfa = "eidas1"
[issuer.methods]
totp = "otp"
webauthn = "hwk"
[issuer.client]
id = "vault"
authentication = "private_key_jwt"
algorithm = "ES256"
key_file = "/etc/cloison/proconnect.pem"
scopes = ["openid", "uid"]
claims = '{"id_token":{"acr":{"essential":true},"amr":null}}'
acr_values = ["eidas2", "eidas3"]
max_age = false

[[issuer]]
alias = "kc"
url = "https://sso.example/realms/agents"
kind = "agents"
algorithms = ["ES256"]
audiences = ["cloison"]
access_tokens = "at+jwt"
token_clients = ["case-app"]
token_life_s = 300
discovery = false
[issuer.endpoints]
jwks = "https://sso.example/certs"

[[client]]
name = "case-app"
certificate = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
return_urls = ["https://case.example/return"]
principal = "kc:svc-1"
)";

Result<Issuers> Parse(std::string_view toml, std::string* problem = nullptr,
                      bool loopback = false) {
  std::vector<std::string> problems;
  auto issuers = ParseIssuers(toml, {loopback}, problems);
  EXPECT_EQ(issuers.ok(), problems.empty());
  if (problem != nullptr) {
    for (const std::string& one : problems) *problem += one + "\n";
  }
  return issuers;
}

std::string Replaced(std::string_view from, std::string_view to) {
  std::string out(kGood);
  const std::size_t at = out.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) out.replace(at, from.size(), to);
  return out;
}

TEST(Issuers, Reads) {
  std::string problem;
  const auto issuers = Parse(kGood, &problem);
  ASSERT_TRUE(issuers.ok()) << problem;
  ASSERT_EQ(issuers->all().size(), 2u);
  const IssuerSpec& state = *issuers->Find("proconnect");
  EXPECT_EQ(issuers->FindByUrl("https://proconnect.example/api/v2"), &state);
  EXPECT_EQ(state.access_tokens, AccessTokens::kNone);
  EXPECT_TRUE(state.discovery);
  EXPECT_EQ(state.algorithms, (std::vector{JwsAlgorithm::kRs256, JwsAlgorithm::kEs256}));
  ASSERT_TRUE(state.client.has_value());
  EXPECT_EQ(state.client->authentication, ClientAuthentication::kPrivateKeyJwt);
  EXPECT_EQ(state.client->file, "/etc/cloison/proconnect.pem");
  EXPECT_EQ(state.client->scopes, (std::vector<std::string>{"openid", "uid"}));
  EXPECT_FALSE(state.client->max_age);
  EXPECT_EQ(state.LevelOf("eidas3"), "eidas3");
  EXPECT_EQ(state.LevelOf("eidas1-mfa"), "eidas1");
  EXPECT_EQ(state.LevelOf("eidas4"), "");
  EXPECT_EQ(state.MethodsOf({"totp", "webauthn", "what", "pwd"}),
            Methods().Add(Method::kOtp).Add(Method::kHardware).Add(Method::kPassword));
  const IssuerSpec& keycloak = *issuers->Find("kc");
  EXPECT_EQ(keycloak.access_tokens, AccessTokens::kAtJwt);
  EXPECT_EQ(keycloak.token_life_s_max, 300);
  EXPECT_EQ(keycloak.LevelOf("eidas2"), "eidas2") << "without a map";
  EXPECT_EQ(keycloak.LevelOf("eidas1"), "");
  EXPECT_EQ(keycloak.LevelOf("1"), "");
  const RegisteredClient* const client = issuers->FindClient("case-app");
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(client->id, ClientIdOf("case-app"));
  EXPECT_EQ(issuers->FindClientOf({"kc", "svc-1"}), client);
  EXPECT_EQ(issuers->FindClientByCertificate(*client->certificate), client);
  EXPECT_EQ(*issuers->Named("kc:svc-1"),
            PrincipalIdOf("https://sso.example/realms/agents", "svc-1"));
  EXPECT_FALSE(issuers->Named("nobody:svc-1").ok());
}

TEST(Issuers, SaysWhatIsWrong) {
  struct Row {
    const char* from;
    const char* to;
    const char* problem;
  };
  const Row rows[] = {
      {"version = 1", "version = 2", "line 1: 'version' must be from 1 to 1"},
      {"version = 1", "", "version"},
      {"algorithms = [\"RS", "algoritms = [\"RS",
       "line 7: unknown key 'algoritms'; the nearest is 'algorithms'"},
      {"\"RS256\", \"ES256\"", "\"RS265\"",
       "line 7: algorithms: 'RS265' is not known here; the nearest is 'RS256'"},
      {"\"RS256\", \"ES256\"", "\"none\"", "line 7: algorithms: 'none' is not known here"},
      {"\"RS256\", \"ES256\"", "\"HS256\"", "line 7: algorithms: 'HS256' is not known here"},
      {"\"RS256\", \"ES256\"", "", "line 7: algorithms: at least one is needed"},
      {"kind = \"agents\"", "kind = \"agent\"",
       "line 6: kind: 'agent' is not known here; the nearest is 'agents'"},
      {"alias = \"proconnect\"", "alias = \"ProConnect\"", "line 4: alias"},
      {"alias = \"kc\"", "alias = \"proconnect\"", "alias: given twice"},
      {"https://sso.example/realms/agents\"", "https://proconnect.example/api/v2\"",
       "url: given twice"},
      {"https://proconnect", "http://proconnect", "line 5: url: the URL must be https"},
      {"example/api/v2", "example/api/v2?a=b", "line 5: url: an issuer has no query"},
      {"https://proconnect.example/api/v2", "proconnect", "line 5: url: not a URL"},
      {"eidas1-mfa = \"eidas1\"", "eidas1-mfa = \"eidas2\"",
       "line 12: eidas1-mfa: a code by e-mail may be behind it"},
      {"eidas1-mfa = \"eidas1\"", "eidas1-mfa = \"EIDAS\"", "line 12: eidas1-mfa: a level has"},
      {"eidas1-mfa = \"eidas1\"", "\"\" = \"eidas2\"", "line 12: : no acr is no level"},
      {"eidas1-mfa = \"eidas1\"", "eidas1-mfa = 1", "eidas1-mfa: must be a text"},
      {"totp = \"otp\"", "mail = \"otp\"", "line 14: mail: this name has a meaning of its own"},
      {"totp = \"otp\"", "totp = \"opt\"",
       "line 14: totp: 'opt' is not known here; the nearest is 'otp'"},
      {"\"private_key_jwt\"", "\"none\"", "authentication: 'none' is not known here"},
      {"key_file = \"/etc/cloison/proconnect.pem\"", "", "key_file"},
      {"key_file = \"/etc/cloison/proconnect.pem\"", "secret_file = \"/s\"", "key_file"},
      {"[\"openid\", \"uid\"]", "[\"uid\"]", "scopes: 'openid' must be among them"},
      {"[\"openid\", \"uid\"]", "[\"openid\", \"a b\"]", "scopes: not a scope"},
      {"'{\"id_token\"", "'{\"id_token", "claims: not a JSON object"},
      {"max_age = false", "max_age = 1", "max_age"},
      {"id = \"vault\"", "id = \"\"", "id: 1 to 255"},
      {"audiences = [\"cloison\"]", "", "audiences"},
      {"audiences = [\"cloison\"]", "audiences = []", "audiences: at least one is needed"},
      {"token_clients = [\"case-app\"]", "", "token_clients"},
      {"token_life_s = 300", "token_life_s = 3601", "token_life_s"},
      {"access_tokens = \"at+jwt\"", "access_tokens = \"jwt\"",
       "line 32: access_tokens: 'jwt' is not known here; known are 'none' 'at+jwt' 'JWT'"},
      {"access_tokens = \"at+jwt\"", "access_tokens = \"none\"",
       "client: neither a client nor access tokens"},
      {"kind = \"agents\"\nalgorithms = [\"ES256\"]",
       "kind = \"citizens\"\nalgorithms = [\"ES256\"]",
       "access_tokens: citizens have sessions of the vault alone"},
      {"jwks = \"https://sso.example/certs\"", "jwks = \"http://127.0.0.1/certs\"",
       "jwks: the URL must be https"},
      {"jwks = \"https://sso.example/certs\"", "token = \"https://sso.example/t\"",
       "without discovery each endpoint"},
      {"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "AAEC",
       "certificate: a SHA-256 in base64url"},
      {"certificate = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"", "",
       "certificate: a certificate, a key, or both are needed"},
      {"https://case.example/return", "http://case.example/return", "return_urls: the URL must be"},
      {"kc:svc-1", "nobody:svc-1", "principal: alias:sub"},
      {"name = \"case-app\"", "name = \"Case App\"", "name: 1 to 32"},
      {"[[client]]", "[client]", "client"},
  };
  for (const Row& row : rows) {
    std::string problem;
    EXPECT_FALSE(Parse(Replaced(row.from, row.to), &problem).ok()) << row.to;
    EXPECT_NE(problem.find(row.problem), std::string::npos) << row.to << "\n" << problem;
  }
}

TEST(Issuers, TwoClientsShareNothing) {
  const std::string key = R"(
[[client]]
name = "other"
key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
)";
  EXPECT_TRUE(Parse(std::string(kGood) + key).ok()) << "a key is no certificate";
  for (const char* more : {"principal = \"kc:svc-1\"\n",
                           "certificate = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"\n"}) {
    EXPECT_FALSE(Parse(std::string(kGood) + key + more).ok()) << more;
  }
  EXPECT_FALSE(Parse(std::string(kGood) + key + key).ok());
}

TEST(Issuers, LoopbackIsForDevelopment) {
  const std::string local = Replaced("https://sso.example/certs", "http://127.0.0.1:8080/certs");
  EXPECT_FALSE(Parse(local).ok());
  EXPECT_TRUE(Parse(local, nullptr, true).ok());
  const std::string outside = Replaced("https://sso.example/certs", "http://sso.example/certs");
  EXPECT_FALSE(Parse(outside, nullptr, true).ok());
}

std::string TextOf(const std::string& path) {
  base::SystemFiles files;
  const Result<Bytes> bytes = files.Read(path);
  CLOISON_CHECK(bytes.ok());
  return std::string(AsText(*bytes));
}

// What the reader knows, as its source lists it, stands in the document, in the tables it belongs
// to, so that nobody has to read the source.
TEST(Issuers, TheDocumentShowsEveryKeyOfTheReader) {
  const std::string reader = TextOf("src/identity/issuers_reader.cc");
  const std::string document = TextOf("docs/format/issuers.md");
  constexpr std::string_view kList = "kKeys[] = {";
  std::size_t keys = 0;
  for (std::size_t at = reader.find(kList); at != std::string::npos; at = reader.find(kList, at)) {
    const std::size_t end = reader.find("};", at);
    for (at = reader.find('"', at); at < end; at = reader.find('"', at)) {
      const std::size_t close = reader.find('"', at + 1);
      const std::string key = reader.substr(at + 1, close - at - 1);
      const bool shown = document.find("\n" + key + " = ") != std::string::npos ||
                         document.find("\n[issuer." + key + "]") != std::string::npos ||
                         document.find("\n[[" + key + "]]") != std::string::npos ||
                         document.find(" # " + key) != std::string::npos ||
                         document.find(" # or " + key) != std::string::npos ||
                         document.find(", " + key) != std::string::npos;
      EXPECT_TRUE(shown) << key;
      ++keys;
      at = close + 1;
    }
    at = end;
  }
  EXPECT_GE(keys, 40u) << "the lists are found";
}

TEST(Issuers, Limits) {
  EXPECT_FALSE(Parse(std::string(kGood) + std::string(kIssuersBytesMax, '\n')).ok());
  std::string many = "version = 1\n";
  for (std::size_t i = 0; i <= kIssuersMax; ++i) {
    many += "[[issuer]]\nalias = \"a" + std::to_string(i) + "\"\n";
  }
  std::string problem;
  EXPECT_FALSE(Parse(many, &problem).ok());
  EXPECT_NE(problem.find("more than 32 issuers"), std::string::npos);
  EXPECT_FALSE(Parse("version = [").ok());
  EXPECT_TRUE(Parse("version = 1\n").ok()) << "nobody, so nobody signs in";
}

// A certificate that is renewed is no unseen key of those who work in the application.
TEST(Issuers, AnApplicationsKeyIsRememberedByItsName) {
  constexpr std::string_view kBefore = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  std::string renewed_file(kGood);
  renewed_file.replace(renewed_file.find(kBefore), 1, "B");
  const Result<Issuers> old_file = Parse(kGood), new_file = Parse(renewed_file);
  ASSERT_TRUE(old_file.ok() && new_file.ok());
  const crypto::Digest before = *old_file->FindClient("case-app")->certificate;
  const crypto::Digest renewed = *new_file->FindClient("case-app")->certificate;
  ASSERT_NE(before, renewed);
  EXPECT_EQ(old_file->SeenKeyOf(before), new_file->SeenKeyOf(renewed));
  EXPECT_EQ(old_file->SeenKeyOf(before), ClientKeyName("case-app"));
  EXPECT_NE(ClientKeyName("case-app"), ClientKeyName("case-app2"));
  EXPECT_EQ(new_file->SeenKeyOf(before), before) << "of nobody who is registered: as it is";
}

}  // namespace
}  // namespace cloison::identity
