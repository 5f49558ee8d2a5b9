#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "codec/json_reader.h"
#include "codec/toml_reader.h"
#include "crypto/base64.h"
#include "identity/issuers.h"
#include "identity/provider_http.h"
#include "net/url.h"

namespace cloison::identity {

namespace {

using codec::Need;
using codec::TomlTable;

constexpr std::int64_t kTokenLifeSecondsMin = 60;
constexpr std::size_t kListMax = 32;
constexpr std::size_t kLevelBytesMax = 32;
constexpr std::size_t kClaimsRequestBytesMax = 8u << 10;
constexpr std::string_view kKinds[] = {"agents", "citizens"};
constexpr std::string_view kAccessTokens[] = {"none", "at+jwt", "JWT"};
constexpr std::string_view kAuthentications[] = {"private_key_jwt", "client_secret_basic",
                                                 "client_secret_post"};
constexpr std::string_view kAlgorithms[] = {"ES256", "ES384", "RS256", "PS256", "EdDSA"};
constexpr std::string_view kMethods[] = {"pwd", "mail", "sms", "otp", "pin", "hwk",
                                         "swk", "pop",  "sc",  "fpt", "face"};

bool IsLevel(std::string_view text) {
  return !text.empty() && text.size() <= kLevelBytesMax && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// eidas0 and eidas1, with or without "-mfa": an e-mail code is enough for the latter (ProConnect,
// until 2027), so no map may make more of them.
bool IsWeakLevel(std::string_view text) {
  return text.starts_with("eidas0") || text.starts_with("eidas1");
}

bool IsVisible(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

class IssuersReader {
 public:
  IssuersReader(IssuersRules rules, codec::Diagnostics& problems)
      : rules_(rules), problems_(problems) {}

  Issuers Read(std::string_view toml) {
    if (toml.size() > kIssuersBytesMax) {
      problems_.Add(0, "the file is larger than 256 KiB");
      return {};
    }
    const std::optional<TomlTable> file = codec::ParseToml(toml, problems_);
    if (!file.has_value()) return {};
    static constexpr std::string_view kKeys[] = {"version", "issuer", "client"};
    codec::CheckKeys(*file, kKeys, problems_);
    codec::ReadInt(*file, "version", Need::kRequired, {1, 1}, problems_);
    const auto issuers = codec::ReadTables(*file, "issuer", problems_);
    const auto clients = codec::ReadTables(*file, "client", problems_);
    if (issuers.size() > kIssuersMax) problems_.Add(0, "more than 32 issuers");
    if (clients.size() > kClientsMax) problems_.Add(0, "more than 1000 clients");
    if (!problems_.empty()) return {};
    for (const TomlTable* table : issuers) ReadIssuer(*table);
    for (const TomlTable* table : clients) ReadClient(*table);
    return std::move(out_);
  }

 private:
  void Problem(const TomlTable& table, std::string_view key, const std::string& text) {
    const codec::TomlValue* const value = table.Find(key);
    problems_.Add(value != nullptr ? value->line() : table.line(), std::string(key) + ": " + text);
  }

  std::string Text(const TomlTable& table, std::string_view key, Need need) {
    return codec::ReadString(table, key, need, problems_).value_or("");
  }

  std::vector<std::string> List(const TomlTable& table, std::string_view key, Need need) {
    auto list =
        codec::ReadStrings(table, key, need, problems_).value_or(std::vector<std::string>{});
    if (list.size() > kListMax) Problem(table, key, "more than 32 entries");
    if (std::ranges::any_of(list, [](const std::string& text) { return text.empty(); })) {
      Problem(table, key, "an empty text");
    }
    return list;
  }

  // The place of a word in a closed list; the first, and a problem that names the nearest, when it
  // is not there.
  template <std::size_t N>
  std::size_t Word(const TomlTable& table, std::string_view key, std::string_view word,
                   const std::string_view (&known)[N]) {
    const auto found = std::ranges::find(known, word);
    if (found != std::end(known)) return static_cast<std::size_t>(found - std::begin(known));
    std::string text = "'" + std::string(word) + "' is not known here";
    const std::string_view nearest = base::NearestName(word, known);
    if (!nearest.empty()) text += "; the nearest is '" + std::string(nearest) + "'";
    if (nearest.empty()) {
      text += "; known are";
      for (const std::string_view one : known) text += " '" + std::string(one) + "'";
    }
    Problem(table, key, text);
    return 0;
  }

  // "" when it is absent and may be.
  std::string UrlOf(const TomlTable& table, std::string_view key, Need need) {
    std::string text = Text(table, key, need);
    if (text.empty()) return text;
    CheckUrl(table, key, text);
    return text;
  }

  void CheckUrl(const TomlTable& table, std::string_view key, const std::string& text) {
    const Result<net::Url> url = net::ParseUrl(text);
    if (!url.ok() || text.size() > kIssuerUrlBytesMax) {
      Problem(table, key, "not a URL of at most 256 bytes");
    } else if (!url->https && !(rules_.loopback_http && IsLoopbackHttp(text))) {
      Problem(table, key, "the URL must be https");
    }
  }

  JwsAlgorithm Algorithm(const TomlTable& table, std::string_view key, const std::string& name) {
    return *JwsAlgorithmNamed(kAlgorithms[Word(table, key, name, kAlgorithms)]);
  }

  void ReadIssuer(const TomlTable& table) {
    static constexpr std::string_view kKeys[] = {
        "alias",         "url",           "kind",         "algorithms", "audiences",
        "access_tokens", "token_clients", "token_life_s", "discovery",  "ca_file",
        "levels",        "methods",       "endpoints",    "client"};
    codec::CheckKeys(table, kKeys, problems_);
    IssuerSpec spec;
    spec.alias = Text(table, "alias", Need::kRequired);
    if (!IsAlias(spec.alias)) {
      Problem(table, "alias", "1 to 32 lower-case letters, digits and '-', a letter first");
    }
    spec.issuer = UrlOf(table, "url", Need::kRequired);
    if (spec.issuer.find_first_of("?#") != std::string::npos) {
      Problem(table, "url", "an issuer has no query");
    }
    if (out_.Find(spec.alias) != nullptr) Problem(table, "alias", "given twice");
    if (out_.FindByUrl(spec.issuer) != nullptr) Problem(table, "url", "given twice");
    spec.kind =
        static_cast<IssuerKind>(Word(table, "kind", Text(table, "kind", Need::kRequired), kKinds));
    for (const std::string& name : List(table, "algorithms", Need::kRequired)) {
      spec.algorithms.push_back(Algorithm(table, "algorithms", name));
    }
    if (spec.algorithms.empty()) Problem(table, "algorithms", "at least one is needed");
    spec.ca_file = Text(table, "ca_file", Need::kOptional);
    ReadTokens(table, spec);
    ReadLevels(table, spec);
    ReadMethods(table, spec);
    ReadOwnClient(table, spec);
    ReadEndpoints(table, spec);
    if (spec.kind == IssuerKind::kCitizens && !spec.client.has_value()) {
      Problem(table, "client", "citizens sign in through the browser: a client is needed");
    }
    if (!spec.client.has_value() && spec.access_tokens == AccessTokens::kNone) {
      Problem(table, "client", "neither a client nor access tokens: nobody could sign in");
    }
    out_.issuers_.push_back(std::move(spec));
  }

  void ReadTokens(const TomlTable& table, IssuerSpec& spec) {
    if (table.Find("access_tokens") != nullptr) {
      spec.access_tokens = static_cast<AccessTokens>(Word(
          table, "access_tokens", Text(table, "access_tokens", Need::kOptional), kAccessTokens));
    }
    const bool taken = spec.access_tokens != AccessTokens::kNone;
    const Need need = taken ? Need::kRequired : Need::kOptional;
    spec.audiences = List(table, "audiences", need);
    spec.token_clients = List(table, "token_clients", need);
    spec.token_life_s_max = codec::ReadInt(table, "token_life_s", Need::kOptional,
                                           {kTokenLifeSecondsMin, kTokenLifeSecondsMax}, problems_)
                                .value_or(kTokenLifeSecondsMax);
    if (taken && spec.kind == IssuerKind::kCitizens) {
      Problem(table, "access_tokens", "citizens have sessions of the vault alone");
    }
    if (taken && spec.audiences.empty()) Problem(table, "audiences", "at least one is needed");
    if (taken && spec.token_clients.empty()) {
      Problem(table, "token_clients", "at least one is needed");
    }
  }

  // The members of a table of texts, each told to `take`.
  template <class F>
  void ReadMap(const TomlTable& table, std::string_view key, F take) {
    const TomlTable* const map = codec::ReadTable(table, key, Need::kOptional, problems_);
    if (map == nullptr) return;
    if (map->members().size() > kMappingsMax) return Problem(table, key, "more than 64 entries");
    for (const TomlTable::Member& member : map->members()) {
      const std::string* const to = member.value.AsString();
      if (to == nullptr) {
        Problem(*map, member.key, "must be a text");
      } else {
        take(*map, member.key, *to);
      }
    }
  }

  void ReadLevels(const TomlTable& table, IssuerSpec& spec) {
    const auto take = [this, &spec](const TomlTable& map, const std::string& acr,
                                    const std::string& level) {
      if (acr.empty()) {
        Problem(map, acr, "no acr is no level");
      } else if (!IsLevel(level)) {
        Problem(map, acr, "a level has 1 to 32 lower-case letters, digits and '-'");
      } else if (IsWeakLevel(acr) && !IsWeakLevel(level)) {
        Problem(map, acr, "a code by e-mail may be behind it: it stands for no higher level");
      }
      spec.levels.emplace(acr, level);
    };
    ReadMap(table, "levels", take);
  }

  void ReadMethods(const TomlTable& table, IssuerSpec& spec) {
    const auto take = [this, &spec](const TomlTable& map, const std::string& amr,
                                    const std::string& name) {
      const Method method = *MethodNamed(kMethods[Word(map, amr, name, kMethods)]);
      const std::optional<Method> known = MethodNamed(amr);
      if (known.has_value() && *known != method) {
        Problem(map, amr, "this name has a meaning of its own (RFC 8176)");
      }
      spec.methods.emplace(amr, method);
    };
    ReadMap(table, "methods", take);
  }

  void ReadEndpoints(const TomlTable& table, IssuerSpec& spec) {
    spec.discovery = codec::ReadBool(table, "discovery", Need::kOptional, problems_).value_or(true);
    const TomlTable* const named = codec::ReadTable(table, "endpoints", Need::kOptional, problems_);
    if (named != nullptr) {
      static constexpr std::string_view kKeys[] = {"jwks", "authorization", "token", "userinfo",
                                                   "end_session"};
      codec::CheckKeys(*named, kKeys, problems_);
      spec.endpoints = {
          UrlOf(*named, "jwks", Need::kOptional), UrlOf(*named, "authorization", Need::kOptional),
          UrlOf(*named, "token", Need::kOptional), UrlOf(*named, "userinfo", Need::kOptional),
          UrlOf(*named, "end_session", Need::kOptional)};
    }
    if (spec.discovery) return;
    const IssuerEndpoints& ends = spec.endpoints;
    const bool enough =
        !ends.jwks.empty() &&
        (!spec.client.has_value() || (!ends.authorization.empty() && !ends.token.empty()));
    if (!enough) {
      Problem(table, "endpoints", "without discovery each endpoint that is used must be named");
    }
  }

  void ReadOwnClient(const TomlTable& table, IssuerSpec& spec) {
    const TomlTable* const own = codec::ReadTable(table, "client", Need::kOptional, problems_);
    if (own == nullptr) return;
    static constexpr std::string_view kKeys[] = {
        "id",     "authentication", "algorithm", "key_file", "secret_file", "scopes",
        "claims", "acr_values",     "max_age",   "pkce",     "dpop",        "key_id"};
    codec::CheckKeys(*own, kKeys, problems_);
    IssuerClient client;
    client.id = Text(*own, "id", Need::kRequired);
    if (!IsVisible(client.id) || client.id.size() > kSubBytesMax) {
      Problem(*own, "id", "1 to 255 visible ASCII characters");
    }
    client.authentication = static_cast<ClientAuthentication>(Word(
        *own, "authentication", Text(*own, "authentication", Need::kRequired), kAuthentications));
    const bool by_key = client.authentication == ClientAuthentication::kPrivateKeyJwt;
    client.file = Text(*own, by_key ? "key_file" : "secret_file", Need::kRequired);
    const std::string_view other = by_key ? "secret_file" : "key_file";
    if (own->Find(other) != nullptr) Problem(*own, other, "not used with this authentication");
    if (own->Find("algorithm") != nullptr) {
      client.algorithm = Algorithm(*own, "algorithm", Text(*own, "algorithm", Need::kOptional));
    }
    client.scopes = List(*own, "scopes", Need::kRequired);
    if (std::ranges::find(client.scopes, "openid") == client.scopes.end()) {
      Problem(*own, "scopes", "'openid' must be among them");
    }
    if (!std::ranges::all_of(client.scopes, IsVisible)) Problem(*own, "scopes", "not a scope");
    client.acr_values = List(*own, "acr_values", Need::kOptional);
    if (!std::ranges::all_of(client.acr_values, IsVisible)) {
      Problem(*own, "acr_values", "a level of the issuer has no space");
    }
    client.max_age = codec::ReadBool(*own, "max_age", Need::kOptional, problems_).value_or(true);
    client.pkce = codec::ReadBool(*own, "pkce", Need::kOptional, problems_).value_or(true);
    client.dpop = codec::ReadBool(*own, "dpop", Need::kOptional, problems_).value_or(false);
    client.key_id = Text(*own, "key_id", Need::kOptional);
    if (!client.key_id.empty() && !by_key) Problem(*own, "key_id", "not used without a key");
    client.claims = ClaimsRequest(*own);
    spec.client = std::move(client);
  }

  std::string ClaimsRequest(const TomlTable& own) {
    std::string text = Text(own, "claims", Need::kOptional);
    if (text.empty()) return text;
    const auto json =
        codec::JsonDocument::Parse(AsBytes(text), {.bytes_max = kClaimsRequestBytesMax});
    if (!json.ok() || !json->root().is_object()) Problem(own, "claims", "not a JSON object");
    return text;
  }

  std::optional<crypto::Digest> DigestOf(const TomlTable& table, std::string_view key) {
    const std::string text = Text(table, key, Need::kOptional);
    if (table.Find(key) == nullptr) return std::nullopt;
    const Result<Bytes> bytes = crypto::FromBase64Url(text);
    crypto::Digest out{};
    if (!bytes.ok() || bytes->size() != out.size()) {
      Problem(table, key, "a SHA-256 in base64url, 43 characters");
      return std::nullopt;
    }
    std::ranges::copy(*bytes, out.begin());
    return out;
  }

  void ReadClient(const TomlTable& table) {
    static constexpr std::string_view kKeys[] = {"name",        "certificate", "key",
                                                 "return_urls", "principal",   "public"};
    codec::CheckKeys(table, kKeys, problems_);
    const std::string name = Text(table, "name", Need::kRequired);
    if (!IsAlias(name)) {
      Problem(table, "name", "1 to 32 lower-case letters, digits and '-', a letter first");
    }
    RegisteredClient client{name,
                            ClientIdOf(name),
                            DigestOf(table, "certificate"),
                            DigestOf(table, "key"),
                            List(table, "return_urls", Need::kOptional),
                            std::nullopt};
    const bool keyless = !client.certificate.has_value() && !client.key.has_value();
    const bool is_public =
        codec::ReadBool(table, "public", Need::kOptional, problems_).value_or(false);
    if (keyless && !is_public) {
      Problem(table, "certificate", "a certificate, a key, or both are needed; or public = true");
    }
    if (!keyless && is_public) Problem(table, "public", "has a key of its own");
    if (client.return_urls.size() > kReturnUrlsMax) {
      Problem(table, "return_urls", "more than 16 entries");
    }
    for (const std::string& url : client.return_urls) {
      if (!IsLoopbackHttp(url)) CheckUrl(table, "return_urls", url);  // RFC 8252 section 7.3
    }
    ReadPrincipal(table, client);
    if (is_public && client.principal.has_value()) {
      Problem(table, "principal", "a public client is nobody by itself");
    }
    const auto same = [&client](const RegisteredClient& known) {
      return known.id == client.id ||
             (known.certificate.has_value() && known.certificate == client.certificate) ||
             (known.key.has_value() && known.key == client.key) ||
             (known.principal.has_value() && known.principal == client.principal);
    };
    if (std::ranges::any_of(out_.clients_, same)) {
      Problem(table, "name", "another client has this name, certificate, key or principal");
    }
    out_.clients_.push_back(std::move(client));
  }

  void ReadPrincipal(const TomlTable& table, RegisteredClient& client) {
    const std::string text = Text(table, "principal", Need::kOptional);
    if (table.Find("principal") == nullptr) return;
    const Result<PrincipalName> name = ParsePrincipalName(text);
    if (!name.ok() || out_.Find(name->alias) == nullptr) {
      return Problem(table, "principal", "alias:sub, the alias of an issuer above");
    }
    client.principal = *name;
  }

  const IssuersRules rules_;
  codec::Diagnostics& problems_;
  Issuers out_;
};

Result<Issuers> ParseIssuers(std::string_view toml, IssuersRules rules,
                             std::vector<std::string>& problems) {
  codec::Diagnostics found;
  Issuers out = IssuersReader(rules, found).Read(toml);
  if (found.empty()) return out;
  for (const codec::Diagnostic& problem : found.entries()) {
    problems.push_back("line " + std::to_string(problem.line) + ": " + problem.message);
  }
  return Error{Code::kInvalid, "the issuers file is not valid"};
}

}  // namespace cloison::identity
