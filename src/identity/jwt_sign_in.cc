#include "identity/jwt_sign_in.h"

#include <algorithm>

namespace cloison::identity {

namespace {

struct Credential {
  bool dpop;  // the scheme is DPoP, not Bearer
  std::string_view token;
};

// The scheme in any case (RFC 9110 section 11.1), one space, the token.
std::optional<Credential> CredentialIn(std::string_view authorization) {
  const std::size_t space = authorization.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  std::string scheme(authorization.substr(0, space));
  std::ranges::transform(scheme, scheme.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::string_view token = authorization.substr(space + 1);
  if (token.empty() || (scheme != "dpop" && scheme != "bearer")) return std::nullopt;
  return Credential{scheme == "dpop", token};
}

// RFC 9068 section 4: typ at+jwt and nothing else, unless the entry says that this issuer makes
// others.
bool IsAccessToken(std::string_view type, AccessTokens accepted) {
  switch (accepted) {
    case AccessTokens::kNone: return false;
    case AccessTokens::kAtJwt: return type == "at+jwt";
    case AccessTokens::kJwt: break;
  }
  return type == "jwt" || type.empty();
}

SessionId SessionOf(const IssuerSpec& issuer, const JwtClaims& claims) {
  static constexpr std::uint8_t kBetween[] = {0};
  const std::string_view of = claims.session.empty() ? claims.id : claims.session;
  const crypto::Digest digest = crypto::Sha256(
      {AsBytes("cloison-token-session/"), AsBytes(issuer.issuer), kBetween, AsBytes(of)});
  return SessionId(crypto::Truncate<16>(digest));
}

std::string_view ClientIn(const IssuerSpec& issuer, const JwtClaims& claims) {
  const bool as_keycloak = issuer.access_tokens == AccessTokens::kJwt && claims.client.empty();
  return as_keycloak ? claims.authorized_party : claims.client;
}

Status CheckClaims(const IssuerSpec& issuer, const JwtClaims& claims, std::int64_t now_s) {
  if (claims.issuer != issuer.issuer) return Error{Code::kDenied, "the token is another issuer's"};
  const auto is_ours = [&claims](const std::string& audience) { return claims.IsFor(audience); };
  if (std::ranges::none_of(issuer.audiences, is_ours)) {
    return Error{Code::kDenied, "the token is for another audience"};
  }
  // Keycloak's ID, refresh and logout tokens have the same header as its access tokens.
  if (issuer.access_tokens == AccessTokens::kJwt && claims.type != "Bearer" &&
      claims.type != "DPoP") {
    return Error{Code::kDenied, "the token is no access token"};
  }
  CLOISON_TRY(CheckTimes(claims, now_s));
  if (!claims.issued_s.has_value()) return Error{Code::kDenied, "the token has no iat"};
  if (claims.auth_time_s.value_or(0) > now_s + kSkewSeconds) {
    return Error{Code::kDenied, "the token's auth_time is to come"};
  }
  const std::int64_t life_s = *claims.expires_s - *claims.issued_s;
  if (life_s <= 0 || life_s > issuer.token_life_s_max) {
    return Error{Code::kDenied, "the token lives too long"};
  }
  if (!IsSub(claims.sub)) return Error{Code::kDenied, "the token has no sub that is one"};
  if (claims.id.empty()) return Error{Code::kDenied, "the token has no jti"};
  const std::string_view client = ClientIn(issuer, claims);
  if (std::ranges::find(issuer.token_clients, client) == issuer.token_clients.end()) {
    return Error{Code::kDenied, "the token is of a client that is not registered"};
  }
  if (!claims.bound_key.has_value() && !claims.bound_certificate.has_value()) {
    return Error{Code::kDenied, "the token is bound to no key"};
  }
  return Ok();
}

// A registered application is known by its key too: a stolen credential of it, bound to a key of
// the thief's own, is nobody's.
bool IsItsKey(const RegisteredClient& client, const JwtClaims& claims) {
  const bool key_fits = client.key.has_value() && client.key == claims.bound_key;
  const bool certificate_fits =
      client.certificate.has_value() && client.certificate == claims.bound_certificate;
  return key_fits || certificate_fits;
}

}  // namespace

Result<SignedIn> JwtSignIn::Verify(const Presented& presented) {
  const std::optional<Credential> shown = CredentialIn(presented.authorization);
  if (!shown.has_value()) return Error{Code::kDenied, "an access token is needed"};
  if (shown->token.size() > kJwsBytesMax) return Error{Code::kDenied, "the token is too long"};
  const crypto::Digest name = crypto::Sha256(AsBytes(shown->token));
  const std::int64_t now_s = parts_.clock.wall_ms() / 1000;
  std::optional<Known> known = Remembered(name, now_s);
  if (!known.has_value()) {
    CLOISON_TRY_ASSIGN(known, VerifyNew(shown->token, now_s));
    Remember(name, *known, now_s);
  }
  // RFC 9449 section 7.1: a token that is bound to a key is not taken as a bearer.
  if (shown->dpop != known->key.has_value()) {
    return Error{Code::kDenied, "the token is not of this scheme"};
  }
  CLOISON_TRY(CheckBinding(*known, presented, shown->token));
  return known->who;
}

Status JwtSignIn::CheckBinding(const Known& known, const Presented& presented,
                               std::string_view token) const {
  if (known.certificate.has_value() && known.certificate != presented.peer.certificate_sha256) {
    return Error{Code::kDenied, "the token is bound to another certificate"};
  }
  if (!known.key.has_value()) return Ok();
  const std::string url = parts_.origin + std::string(presented.path);
  const DpopRequest request{presented.dpop, presented.method, url, token};
  CLOISON_TRY_ASSIGN(const DpopProof proof,
                     DpopProof::Check(request, {parts_.nonces, parts_.proofs, parts_.clock}));
  if (proof.key() != *known.key) {
    return Error{Code::kDenied, "the token is bound to another key", DetailOf(Remedy::kDpopProof)};
  }
  return proof.Take(parts_.proofs);
}

Result<JwtSignIn::Known> JwtSignIn::VerifyNew(std::string_view token, std::int64_t now_s) const {
  CLOISON_TRY_ASSIGN(const UnverifiedJws shown, UnverifiedJws::Parse(token));
  CLOISON_TRY_ASSIGN(const std::string claimed, shown.ClaimedIssuer());
  const IssuerSpec* const issuer = parts_.issuers.FindByUrl(claimed);
  if (issuer == nullptr || issuer->access_tokens == AccessTokens::kNone) {
    return Error{Code::kDenied, "no access token of this issuer is taken"};
  }
  if (!IsAccessToken(shown.header().type, issuer->access_tokens)) {
    return Error{Code::kDenied, "the token is no access token"};
  }
  const JwsHeader& header = shown.header();
  if (std::ranges::find(issuer->algorithms, header.algorithm) == issuer->algorithms.end()) {
    return Error{Code::kDenied, "the token's algorithm is not the issuer's"};
  }
  // Before the key is taken, so that a set replaced in between makes this token be verified anew.
  const std::uint64_t generation = parts_.keys.Generation(*issuer);
  CLOISON_TRY_ASSIGN(const Jwk key, parts_.keys.Find(*issuer, header.key_id, header.algorithm));
  CLOISON_TRY_ASSIGN(const VerifiedJws proven, shown.Verify(key, issuer->algorithms));
  CLOISON_TRY_ASSIGN(Known known, Judge(*issuer, proven, now_s));
  known.generation = generation;
  return known;
}

Result<JwtSignIn::Known> JwtSignIn::Judge(const IssuerSpec& issuer, const VerifiedJws& proven,
                                          std::int64_t now_s) const {
  CLOISON_TRY_ASSIGN(const JwtClaims claims, ReadClaims(proven));
  CLOISON_TRY(CheckClaims(issuer, claims, now_s));
  CLOISON_TRY_ASSIGN(const SignedIn who, WhoIs(issuer, claims));
  return Known{who, &issuer, 0, *claims.expires_s, claims.bound_key, claims.bound_certificate};
}

Result<SignedIn> JwtSignIn::WhoIs(const IssuerSpec& issuer, const JwtClaims& claims) const {
  const PrincipalName name{issuer.alias, claims.sub};
  const std::string_view client = ClientIn(issuer, claims);
  const RegisteredClient* const application = parts_.issuers.FindClientOf(name);
  if (application != nullptr && !IsItsKey(*application, claims)) {
    return Error{Code::kDenied, "the token is bound to a key that is not the application's"};
  }
  // RFC 9068 section 2.2: with client credentials the client is the sub.
  if (application == nullptr && claims.sub == client) {
    return Error{Code::kDenied, "the application is not registered"};
  }
  const bool human = application == nullptr;
  SignedIn who{PrincipalIdOf(issuer.issuer, claims.sub),
               SessionOf(issuer, claims),
               human ? ClientIdOf(client) : application->id,
               {human ? Actor::kHuman : Actor::kApplication, issuer.LevelOf(claims.acr),
                issuer.MethodsOf(claims.amr), claims.auth_time_s.value_or(0), issuer.alias}};
  // An application that people work in counts as itself, whatever its issuer calls it.
  const RegisteredClient* known = nullptr;
  if (human) {
    who.token_key = parts_.issuers.SeenKeyOf(claims.bound_key.has_value()
                                                 ? *claims.bound_key
                                                 : *claims.bound_certificate);
  }
  if (claims.bound_certificate) {
    known = parts_.issuers.FindClientByCertificate(*claims.bound_certificate);
  }
  if (known != nullptr) who.client = known->id;
  return who;
}

std::optional<JwtSignIn::Known> JwtSignIn::Remembered(const crypto::Digest& name,
                                                      std::int64_t now_s) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(name);
  if (found == known_.end() || found->second.expires_s + kSkewSeconds <= now_s ||
      found->second.generation != parts_.keys.Generation(*found->second.issuer)) {
    return std::nullopt;
  }
  return found->second;
}

void JwtSignIn::Remember(const crypto::Digest& name, const Known& known, std::int64_t now_s) {
  const std::lock_guard lock(mutex_);
  if (known_.size() >= cached_max_) {
    std::erase_if(known_, [now_s](const auto& entry) { return entry.second.expires_s <= now_s; });
  }
  // Full of living tokens: forgetting them all costs a signature check each, nothing else.
  if (known_.size() >= cached_max_) known_.clear();
  known_.insert_or_assign(name, known);
}

std::size_t JwtSignIn::cached() const {
  const std::lock_guard lock(mutex_);
  return known_.size();
}

Task<void> JwtSignIn::Refreshed(Error refusal) {
  const auto index = static_cast<std::size_t>(refusal.detail() >> 8);
  if (RemedyOf(refusal) != Remedy::kRefresh || index >= parts_.issuers.all().size()) co_return;
  co_await parts_.keys.Refreshed(parts_.issuers.all()[index]);
}

}  // namespace cloison::identity
