#include "identity/openid_client.h"

#include "codec/json_reader.h"
#include "codec/json_writer.h"
#include "crypto/base64.h"
#include "crypto/secret.h"
#include "identity/internal/id_token.h"
#include "net/url.h"

namespace cloison::identity {

namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::int64_t kAssertionSeconds = 60;
constexpr codec::JsonLimits kAnswerLimits{.bytes_max = kProviderBodyBytesMax, .depth_max = 8};

constexpr Error Denied(Literal why) {
  return Error{Code::kDenied, why};
}

void AddParameter(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form += net::PercentEncode(name) + "=" + net::PercentEncode(value);
}

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

bool IsJson(const net::Response& response, std::string_view type) {
  const std::string_view given = response.headers.get("content-type");
  return given.starts_with(type) && (given.size() == type.size() || given[type.size()] == ';');
}

std::string TextOf(const codec::JsonValue& object, std::string_view key) {
  const std::optional<codec::JsonValue> value = object.Find(key);
  return value.has_value() ? std::string(value->string()) : std::string();
}

// "use_dpop_nonce", in a body (token endpoint) or a challenge (resource).
bool AsksForNonce(const net::Response& response) {
  if (response.status == 401) {
    const std::string_view challenge = response.headers.get("www-authenticate");
    return challenge.find("use_dpop_nonce") != std::string_view::npos;
  }
  if (response.status != 400) return false;
  const Result<codec::JsonDocument> body =
      codec::JsonDocument::Parse(AsBytes(response.body), kAnswerLimits);
  return body.ok() && TextOf(body->root(), "error") == "use_dpop_nonce";
}

std::string WithoutQuery(std::string_view url) {
  return std::string(url.substr(0, url.find_first_of("?#")));
}

// The base64url of the digest: PKCE's S256.
std::string ChallengeOf(std::string_view verifier) {
  return crypto::ToBase64Url(crypto::Sha256(AsBytes(verifier)));
}

}  // namespace

struct OpenIdClient::Credential {
  std::unique_ptr<crypto::SigningKey> key;
  crypto::SecretBytes secret;
};

struct OpenIdClient::Tokens {
  ~Tokens() {
    net::WipeText(access);
    net::WipeText(id);
  }
  Tokens() = default;
  Tokens(Tokens&&) = default;
  Tokens& operator=(Tokens&&) = default;
  std::string access, id;
};

OpenIdClient::OpenIdClient(OpenIdParts parts, std::string public_url)
    : parts_(parts), public_url_(std::move(public_url)) {}
OpenIdClient::~OpenIdClient() = default;

Status OpenIdClient::Start(std::vector<std::string>& problems) {
  CLOISON_TRY_ASSIGN(crypto::SigningKey proving,
                     crypto::SigningKey::Generate(crypto::KeyKind::kP256));
  proving_ = std::make_unique<crypto::SigningKey>(std::move(proving));
  for (const IssuerSpec& issuer : parts_.issuers.all()) {
    if (!issuer.client.has_value()) continue;
    const std::string where = "issuers." + issuer.alias + ".client: " + issuer.client->file;
    Credential credential;
    Result<Bytes> bytes = parts_.files.Read(issuer.client->file);
    if (!bytes.ok()) {
      problems.push_back(where + ": cannot be read");
      continue;
    }
    if (issuer.client->authentication == ClientAuthentication::kPrivateKeyJwt) {
      Result<crypto::SigningKey> key = crypto::SigningKey::FromPem(*bytes);
      const auto wanted = crypto::KindFor(SchemeOf(issuer.client->algorithm));
      if (!key.ok() || key->kind() != wanted) {
        problems.push_back(where + ": not a private key of the client's algorithm");
      } else {
        credential.key = std::make_unique<crypto::SigningKey>(std::move(*key));
      }
    } else {
      while (!bytes->empty() && (bytes->back() == '\n' || bytes->back() == '\r')) bytes->pop_back();
      if (bytes->empty() || bytes->size() > kClientSecretBytesMax) {
        problems.push_back(where + ": a secret has 1 to 1,024 bytes");
      }
      credential.secret = crypto::SecretBytes::CopyOf(*bytes);
    }
    crypto::Wipe(*bytes);
    credentials_.emplace(issuer.alias, std::move(credential));
  }
  if (problems.empty()) return Ok();
  return Error{Code::kInvalid, "a client's key or secret cannot be used"};
}

std::string OpenIdClient::RedirectUri(std::string_view alias) const {
  return public_url_ + std::string(kCallbackPath) + std::string(alias);
}

std::string OpenIdClient::NewSecret() {
  return crypto::ToBase64Url(parts_.random.Draw<32>());
}

Result<OpenIdClient::Begun> OpenIdClient::Begin(std::string_view alias, bool step_up) {
  const IssuerSpec* issuer = parts_.issuers.Find(alias);
  if (issuer == nullptr || !issuer->client.has_value()) {
    return Error{Code::kNotFound, "nobody signs in there through a browser"};
  }
  const IssuerClient& client = *issuer->client;
  if (step_up && !client.max_age) {
    return Error{Code::kInvalid, "this provider cannot be made to ask again"};
  }
  CLOISON_TRY_ASSIGN(const IssuerEndpoints endpoints, parts_.keys.Endpoints(*issuer));
  Begun begun;
  begun.attempt = {issuer->alias, NewSecret(), NewSecret(),
                   NewSecret(),   step_up,     parts_.clock.wall_ms() / 1000};
  std::string query;
  AddParameter(query, "response_type", "code");
  AddParameter(query, "client_id", client.id);
  AddParameter(query, "redirect_uri", RedirectUri(issuer->alias));
  AddParameter(query, "scope", Joined(client.scopes));
  AddParameter(query, "state", begun.attempt.state);
  AddParameter(query, "nonce", begun.attempt.nonce);
  if (client.pkce) {
    AddParameter(query, "code_challenge", ChallengeOf(begun.attempt.verifier));
    AddParameter(query, "code_challenge_method", "S256");
  }
  if (!client.acr_values.empty()) AddParameter(query, "acr_values", Joined(client.acr_values));
  if (!client.claims.empty()) AddParameter(query, "claims", client.claims);
  if (step_up) AddParameter(query, "max_age", "0");
  const bool has_query = endpoints.authorization.find('?') != std::string::npos;
  begun.url = endpoints.authorization + (has_query ? "&" : "?") + query;
  return begun;
}

Task<void> OpenIdClient::Refreshed(std::string alias) {
  const IssuerSpec* issuer = parts_.issuers.Find(alias);
  if (issuer != nullptr) co_await parts_.keys.Refreshed(*issuer);
}

Status OpenIdClient::Authenticate(const IssuerSpec& issuer, ProviderRequest& request) {
  const auto found = credentials_.find(issuer.alias);
  if (found == credentials_.end()) return Error{Code::kUnavailable, "the client has no credential"};
  const Credential& credential = found->second;
  const IssuerClient& client = *issuer.client;
  const std::string_view secret = AsText(credential.secret.Reveal());
  if (client.authentication == ClientAuthentication::kSecretPost) {
    AddParameter(request.body, "client_id", client.id);
    AddParameter(request.body, "client_secret", secret);
    return Ok();
  }
  if (client.authentication == ClientAuthentication::kSecretBasic) {
    std::string pair = net::PercentEncode(client.id) + ":" + net::PercentEncode(secret);
    request.headers.Add("authorization", "Basic " + crypto::ToBase64(AsBytes(pair)));
    net::WipeText(pair);
    return Ok();
  }
  const std::int64_t now_s = parts_.clock.wall_ms() / 1000;
  std::string claims;
  codec::JsonWriter json(claims);
  json.BeginObject().Key("iss").String(client.id).Key("sub").String(client.id);
  json.Key("aud").String(issuer.issuer).Key("jti").String(NewSecret()).Key("iat").Int(now_s);
  json.Key("exp").Int(now_s + kAssertionSeconds).EndObject();
  std::string header = R"("typ":"JWT")";
  if (!client.key_id.empty()) {
    header += R"(,"kid":)";
    codec::AppendJsonString(header, client.key_id);
  }
  CLOISON_TRY_ASSIGN(const std::string assertion,
                     SignJws(client.algorithm, header, claims, *credential.key));
  AddParameter(request.body, "client_id", client.id);
  AddParameter(request.body, "client_assertion_type", kAssertionType);
  AddParameter(request.body, "client_assertion", assertion);
  return Ok();
}

Result<ProviderRequest> OpenIdClient::TokenRequest(const IssuerSpec& issuer, const Attempt& attempt,
                                                   const std::string& code) {
  CLOISON_TRY_ASSIGN(const IssuerEndpoints endpoints, parts_.keys.Endpoints(issuer));
  ProviderRequest request;
  request.url = endpoints.token;
  request.ca_pem = parts_.keys.CaPem(issuer);
  request.method = net::Method::kPost;
  request.headers.Add("content-type", kFormType);
  request.headers.Add("accept", "application/json");
  AddParameter(request.body, "grant_type", "authorization_code");
  AddParameter(request.body, "code", code);
  AddParameter(request.body, "redirect_uri", RedirectUri(issuer.alias));
  if (issuer.client->pkce) AddParameter(request.body, "code_verifier", attempt.verifier);
  CLOISON_TRY(Authenticate(issuer, request));
  return request;
}

Result<std::string> OpenIdClient::SignProof(const ProviderRequest& request, std::string_view nonce,
                                            std::string_view access_token) {
  std::string claims;
  codec::JsonWriter json(claims);
  json.BeginObject().Key("htm").String(net::MethodName(request.method));
  json.Key("htu").String(WithoutQuery(request.url)).Key("jti").String(NewSecret());
  json.Key("iat").Int(parts_.clock.wall_ms() / 1000);
  if (!nonce.empty()) json.Key("nonce").String(nonce);
  if (!access_token.empty()) json.Key("ath").String(ChallengeOf(access_token));
  json.EndObject();
  const std::string header = R"("typ":"dpop+jwt","jwk":)" + PublicJwk(*proving_);
  return SignJws(JwsAlgorithm::kEs256, header, claims, *proving_);
}

// With a proof where the provider binds its tokens; once more when it wants its nonce in it. Made
// anew each time: an assertion is good once.
Task<Result<net::Response>> OpenIdClient::SendProved(const IssuerSpec& issuer,
                                                     std::function<Result<ProviderRequest>()> make,
                                                     std::string access_token) {
  std::string nonce;
  for (int attempt = 0;; ++attempt) {
    CLOISON_CO_TRY_ASSIGN(ProviderRequest request, make());
    if (issuer.client->dpop) {
      CLOISON_CO_TRY_ASSIGN(const std::string proof, SignProof(request, nonce, access_token));
      request.headers.Add("dpop", proof);
    }
    Result<net::Response> answer = co_await parts_.calls.Send(issuer.alias, std::move(request));
    if (!answer.ok() || attempt > 0 || !issuer.client->dpop || !AsksForNonce(*answer)) {
      co_return answer;
    }
    nonce = answer->headers.get("dpop-nonce");
    if (nonce.empty()) co_return answer;
  }
}

Task<Result<OpenIdClient::Tokens>> OpenIdClient::Exchange(const IssuerSpec& issuer,
                                                          const Attempt& attempt,
                                                          const std::string& code) {
  std::function<Result<ProviderRequest>()> make = [this, &issuer, &attempt, &code] {
    return TokenRequest(issuer, attempt, code);
  };
  std::string none;
  Result<net::Response> answer = co_await SendProved(issuer, std::move(make), std::move(none));
  if (!answer.ok()) co_return answer.error();
  if (answer->status != 200) co_return Denied("the provider refused the code");
  const Result<codec::JsonDocument> body =
      codec::JsonDocument::Parse(AsBytes(answer->body), kAnswerLimits);
  net::WipeText(answer->body);
  Tokens tokens;
  if (body.ok() && IsJson(*answer, "application/json")) {
    tokens.access = TextOf(body->root(), "access_token");
    tokens.id = TextOf(body->root(), "id_token");
  }
  if (tokens.access.empty() || tokens.id.empty()) {
    co_return Lie(issuer, Denied("the provider's answer has no tokens"));
  }
  co_return tokens;
}

// The provider's keys may be older than the key that signed: then they are fetched, once.
Task<Result<VerifiedJws>> OpenIdClient::VerifyOf(const IssuerSpec& issuer, std::string compact) {
  const Result<UnverifiedJws> token = UnverifiedJws::Parse(compact);
  if (!token.ok()) co_return Lie(issuer, token.error());
  const JwsHeader& header = token->header();
  Result<Jwk> key = parts_.keys.Find(issuer, header.key_id, header.algorithm);
  const bool asked_anew = !key.ok() && RemedyOf(key.error()) == Remedy::kRefresh;
  if (asked_anew) {
    co_await parts_.keys.Refreshed(issuer);
    key = parts_.keys.Find(issuer, header.key_id, header.algorithm);
  }
  if (!key.ok()) {
    // A set that came just now has no such key. One that came before the token says nothing: the
    // key may be newer, and keys are not fetched again at once.
    const bool lies = asked_anew && key.error().code() == Code::kDenied;
    co_return lies ? Lie(issuer, key.error()) : key.error();
  }
  Result<VerifiedJws> proven = token->Verify(*key, issuer.algorithms);
  if (!proven.ok()) co_return Lie(issuer, proven.error());
  co_return proven;
}

// What an honest provider never says.
Error OpenIdClient::Lie(const IssuerSpec& issuer, Error error) const {
  parts_.calls.NoteLie(issuer.alias);
  return error;
}

// A pivot that is not whole is no lie: the provider does not know all of everybody.
Result<std::shared_ptr<const Pivot>> OpenIdClient::PivotIn(const IssuerSpec& issuer,
                                                           std::string_view json,
                                                           std::string_view sub) const {
  const Result<codec::JsonDocument> user_info = internal::ReadUserInfo(json, sub);
  if (!user_info.ok()) return Lie(issuer, user_info.error());
  return internal::ReadPivot(*user_info);
}

Task<Result<std::shared_ptr<const Pivot>>> OpenIdClient::UserInfo(const IssuerSpec& issuer,
                                                                  const Tokens& tokens,
                                                                  std::string sub) {
  CLOISON_CO_TRY_ASSIGN(const IssuerEndpoints endpoints, parts_.keys.Endpoints(issuer));
  ProviderRequest request;
  request.url = endpoints.userinfo;
  request.ca_pem = parts_.keys.CaPem(issuer);
  const std::string_view scheme = issuer.client->dpop ? "DPoP " : "Bearer ";
  request.headers.Add("authorization", std::string(scheme) + tokens.access);
  std::function<Result<ProviderRequest>()> make = [&request] {
    return Result<ProviderRequest>(request);
  };
  Result<net::Response> answer = co_await SendProved(issuer, std::move(make), tokens.access);
  if (!answer.ok()) co_return answer.error();
  if (answer->status != 200) co_return Denied("the provider does not say who it is");
  if (IsJson(*answer, "application/json")) {
    Result<std::shared_ptr<const Pivot>> pivot = PivotIn(issuer, answer->body, sub);
    net::WipeText(answer->body);
    co_return pivot;
  }
  if (!IsJson(*answer, "application/jwt")) {
    co_return Lie(issuer, Denied("user information of another type"));
  }
  Result<VerifiedJws> proven = co_await VerifyOf(issuer, std::move(answer->body));
  if (!proven.ok()) co_return proven.error();
  const Result<JwtClaims> claims = ReadClaims(*proven);
  if (!claims.ok()) co_return Lie(issuer, claims.error());
  if (claims->issuer != issuer.issuer || !claims->IsFor(issuer.client->id)) {
    co_return Lie(issuer, Denied("the user information is not for this client"));
  }
  co_return PivotIn(issuer, proven->payload(), sub);
}

Task<Result<Identified>> OpenIdClient::Finish(Attempt attempt, std::string code) {
  const IssuerSpec* issuer = parts_.issuers.Find(attempt.alias);
  if (issuer == nullptr || code.empty() || code.size() > kCodeBytesMax) {
    co_return Denied("not a code");
  }
  Result<Tokens> tokens = co_await Exchange(*issuer, attempt, code);
  net::WipeText(code);
  if (!tokens.ok()) co_return tokens.error();
  Result<VerifiedJws> proven = co_await VerifyOf(*issuer, tokens->id);
  Result<Identified> who = proven.ok() ? ReadIdentity(*issuer, attempt, *proven, tokens->access)
                                       : Result<Identified>(proven.error());
  if (!who.ok()) co_return who;
  if (issuer->kind == IssuerKind::kCitizens) {
    std::string sub = who->name.substr(issuer->alias.size() + 1);
    Result<std::shared_ptr<const Pivot>> pivot =
        co_await UserInfo(*issuer, *tokens, std::move(sub));
    if (!pivot.ok()) co_return pivot.error();
    who->pivot = std::move(*pivot);
  }
  parts_.calls.NoteGood(issuer->alias);
  co_return who;
}

Result<Identified> OpenIdClient::ReadIdentity(const IssuerSpec& issuer, const Attempt& attempt,
                                              const VerifiedJws& proven,
                                              std::string_view access_token) const {
  const Result<JwtClaims> read = ReadClaims(proven);
  if (!read.ok()) return Lie(issuer, read.error());
  const JwtClaims& claims = *read;
  const internal::Expected expected{issuer.issuer,
                                    issuer.client->id,
                                    attempt.nonce,
                                    access_token,
                                    attempt.step_up,
                                    attempt.began_s,
                                    parts_.clock.wall_ms() / 1000};
  const Status parties = internal::CheckParties(claims, expected);
  if (!parties.ok()) return Lie(issuer, parties.error());
  // A code that was slipped in gives another nonce, so what else may differ is not the provider's.
  CLOISON_TRY(internal::CheckIdToken(proven, claims, expected));
  return Identified{PrincipalIdOf(issuer.issuer, claims.sub),
                    ToText({issuer.alias, claims.sub}),
                    issuer.kind,
                    {Actor::kHuman, issuer.LevelOf(claims.acr), issuer.MethodsOf(claims.amr),
                     claims.auth_time_s.value_or(0), issuer.alias}};
}

}  // namespace cloison::identity
