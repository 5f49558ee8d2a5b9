#include "identity/production_sign_in.h"

#include <algorithm>

#include "crypto/base64.h"

namespace cloison::identity {

namespace {

constexpr Error Denied(Literal why) {
  return Error{Code::kDenied, why};
}

// What follows "<scheme> ", the scheme in any case (RFC 9110 section 11.1); "" for the rest.
std::string_view CredentialsOf(std::string_view authorization, std::string_view scheme) {
  if (authorization.size() <= scheme.size() + 1 || authorization[scheme.size()] != ' ') return {};
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  };
  if (!std::equal(scheme.begin(), scheme.end(), authorization.begin(),
                  [&](char want, char is) { return same(is, want); })) {
    return {};
  }
  return authorization.substr(scheme.size() + 1);
}

bool IsSessionToken(std::string_view token) {
  return token.starts_with(kSessionTokenPrefix);
}

}  // namespace

std::string_view CookieNamed(std::string_view header, std::string_view name) {
  std::string_view found;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    std::string_view pair = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (!pair.starts_with(name) || pair.size() <= name.size() || pair[name.size()] != '=') continue;
    if (!found.empty()) return {};
    found = pair.substr(name.size() + 1);
  }
  return found;
}

std::string FormTokenOf(std::string_view token) {
  return crypto::ToBase64Url(crypto::Sha256({AsBytes("cloison-form/"), AsBytes(token)}));
}

Result<SignedIn> ProductionSignIn::Verify(const Presented& presented) {
  const std::string_view authorization = presented.authorization;
  if (!authorization.empty()) {
    for (const std::string_view scheme : {"dpop", "bearer"}) {
      const std::string_view token = CredentialsOf(authorization, scheme);
      if (IsSessionToken(token)) return VerifySession(token, Carrier::kHeader, presented);
    }
    return parts_.tokens.Verify(presented);
  }
  const std::string_view cookie = CookieNamed(presented.cookie, kSessionCookie);
  if (!cookie.empty()) return VerifySession(cookie, Carrier::kCookie, presented);
  return Application(presented);
}

Result<SignedIn> ProductionSignIn::VerifySession(std::string_view token, Carrier carrier,
                                                 const Presented& presented) {
  constexpr Error kEnded = Denied("the session has ended");
  if (token.size() != kSessionTokenBytes) return kEnded;
  const crypto::Digest digest = Sessions::DigestOf(token);
  const std::optional<Session> session = parts_.sessions.Find(digest);
  if (!session.has_value() || session->carrier != carrier) return kEnded;
  CLOISON_TRY(CheckKey(*session, token, presented));
  parts_.sessions.Touch(digest);
  return SignedIn{session->principal, session->id, session->client, session->assurance};
}

Status ProductionSignIn::CheckKey(const Session& session, std::string_view token,
                                  const Presented& presented) {
  switch (session.key.how) {
    case Bound::kDpop: {
      CLOISON_TRY_ASSIGN(const crypto::Digest key, Proof(presented, token));
      if (key != session.key.thumbprint) return Denied("the session is bound to another key");
      return Ok();
    }
    case Bound::kCertificate: {
      const auto& certificate = presented.peer.certificate_sha256;
      if (!certificate.has_value() || *certificate != session.key.thumbprint) {
        return Denied("the session is bound to another certificate");
      }
      return Ok();
    }
    case Bound::kNothing: return CheckPage(token, presented);
  }
  return Denied("the session is bound to nothing known");
}

// A cookie goes with every request of the browser, whoever's page made it.
Status ProductionSignIn::CheckPage(std::string_view token, const Presented& presented) const {
  const std::string_view site = presented.fetch_site;
  if (!site.empty() && site != "same-origin" && site != "none") {
    return Denied("the request comes from another site");
  }
  if (presented.method == net::Method::kGet || presented.method == net::Method::kHead) return Ok();
  if (presented.origin != public_url_) return Denied("the request comes from another origin");
  if (!crypto::EqualConstantTime(AsBytes(presented.form_token), AsBytes(FormTokenOf(token)))) {
    return Denied("the form token is not the session's");
  }
  return Ok();
}

Result<SignedIn> ProductionSignIn::Application(const Presented& presented) const {
  const auto& certificate = presented.peer.certificate_sha256;
  const RegisteredClient* client =
      certificate.has_value() ? parts_.issuers.FindClientByCertificate(*certificate) : nullptr;
  if (client == nullptr || !client->principal.has_value()) return Denied("nobody is signed in");
  CLOISON_TRY_ASSIGN(const PrincipalId principal, Named(ToText(*client->principal)));
  return SignedIn{principal,
                  SessionId(crypto::Truncate<16>(*certificate)),
                  client->id,
                  {Actor::kApplication, {}, {}, 0, client->principal->alias}};
}

Result<crypto::Digest> ProductionSignIn::Proof(const Presented& presented,
                                               std::optional<std::string_view> token) {
  if (presented.dpop.empty()) {
    return Error{Code::kDenied, "a proof of possession is needed", DetailOf(Remedy::kDpopNonce)};
  }
  const std::string url = public_url_ + std::string(presented.path);
  return CheckDpop({presented.dpop, presented.method, url, token},
                   {parts_.nonces, token.has_value() ? parts_.proofs : strangers_, parts_.clock});
}

Result<BoundKey> ProductionSignIn::ProveKey(const Presented& presented) {
  const auto& certificate = presented.peer.certificate_sha256;
  if (presented.dpop.empty() && certificate.has_value()) {
    return BoundKey{Bound::kCertificate, *certificate};
  }
  CLOISON_TRY_ASSIGN(const crypto::Digest key, Proof(presented, std::nullopt));
  return BoundKey{Bound::kDpop, key};
}

}  // namespace cloison::identity
