#include "identity/development.h"

#include <algorithm>

namespace cloison::identity {

namespace {

// "Bearer <token>", the scheme in any case (RFC 9110 section 11.1); nothing for the rest.
std::string_view BearerOf(std::string_view authorization) {
  static constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    const char c = authorization[i];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower != kScheme[i]) return {};
  }
  return authorization.substr(kScheme.size());
}

Status CheckTimes(const Claims& claims, std::int64_t now_s) {
  if (claims.expires_s + kSkewSeconds <= now_s) return Error{Code::kDenied, "the token expired"};
  if (claims.not_before_s > now_s + kSkewSeconds) {
    return Error{Code::kDenied, "the token is not valid yet"};
  }
  if (claims.issued_s > now_s + kSkewSeconds) {
    return Error{Code::kDenied, "the token comes from the future"};
  }
  if (claims.expires_s <= claims.issued_s ||
      claims.expires_s - claims.issued_s > kDevelopmentTokenSeconds) {
    return Error{Code::kDenied, "the token lives too long"};
  }
  return Ok();
}

}  // namespace

PrincipalId DevelopmentPrincipalId(std::string_view name) {
  const crypto::Digest digest = crypto::Sha256({AsBytes("cloison-dev/"), AsBytes(name)});
  return PrincipalId(crypto::Truncate<16>(digest));
}

bool IsDevelopmentName(std::string_view name) {
  return !name.empty() && name.size() <= kSubjectBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

Result<std::string> DevelopmentIssuer::Issue(std::string_view name,
                                             const crypto::Digest& certificate) const {
  if (!IsDevelopmentName(name)) return Error{Code::kInvalid, "not the name of a principal"};
  const std::int64_t now_s = clock_.wall_ms() / 1000;
  Claims claims;
  claims.issuer = kDevelopmentIssuer;
  claims.subject = name;
  claims.audience = kDevelopmentAudience;
  claims.issued_s = now_s;
  claims.not_before_s = now_s;
  claims.expires_s = now_s + kDevelopmentTokenSeconds;
  claims.session = SessionId(random_.Draw<16>());
  claims.certificate = certificate;
  return SignToken(claims, signer_);
}

Result<SignedIn> DevelopmentSignIn::Verify(const Presented& presented) {
  const net::Peer& peer = presented.peer;
  if (peer.address != net::AddressClass::kLoopback) {
    return Error{Code::kDenied, "development sign-in is for the loopback alone"};
  }
  if (!peer.certificate_sha256.has_value()) {
    return Error{Code::kDenied, "a client certificate is needed"};
  }
  const std::string_view token = BearerOf(presented.authorization);
  if (token.empty()) return Error{Code::kDenied, "a bearer token is needed"};
  if (token.size() > kTokenBytesMax) return Error{Code::kDenied, "the token is too long"};
  const crypto::Digest& certificate = *peer.certificate_sha256;
  const crypto::Digest name = crypto::Sha256({AsBytes(token), certificate});
  const std::int64_t now_s = clock_.wall_ms() / 1000;
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(name);
    if (known != known_.end() && known->second.expires_s + kSkewSeconds > now_s) {
      return known->second.who;
    }
  }
  CLOISON_TRY_ASSIGN(const Known known, VerifyNew(token, certificate, now_s));
  Remember(name, known, now_s);
  return known.who;
}

Result<DevelopmentSignIn::Known> DevelopmentSignIn::VerifyNew(std::string_view token,
                                                              const crypto::Digest& certificate,
                                                              std::int64_t now_s) const {
  CLOISON_TRY_ASSIGN(const Claims claims, ReadToken(token, issuer_));
  if (claims.issuer != kDevelopmentIssuer) return Error{Code::kDenied, "an unknown issuer"};
  if (claims.audience != kDevelopmentAudience) {
    return Error{Code::kDenied, "the token is for another audience"};
  }
  CLOISON_TRY(CheckTimes(claims, now_s));
  if (!crypto::EqualConstantTime(claims.certificate, certificate)) {
    return Error{Code::kDenied, "the token is bound to another certificate"};
  }
  CLOISON_TRY_ASSIGN(const PrincipalId principal, Named(claims.subject));
  const ClientId client(static_cast<std::uint32_t>(base::LoadBig({certificate.data(), 4})));
  return Known{{principal, claims.session, client, Assurance::Development()}, claims.expires_s};
}

void DevelopmentSignIn::Remember(const crypto::Digest& name, const Known& known,
                                 std::int64_t now_s) {
  const std::lock_guard lock(mutex_);
  if (known_.size() >= cached_max_) {
    std::erase_if(known_, [now_s](const auto& entry) { return entry.second.expires_s <= now_s; });
  }
  // Full of living tokens: forgetting them all costs a signature check each, nothing else.
  if (known_.size() >= cached_max_) known_.clear();
  known_.insert_or_assign(name, known);
}

std::size_t DevelopmentSignIn::cached() const {
  const std::lock_guard lock(mutex_);
  return known_.size();
}

Result<PrincipalId> DevelopmentSignIn::Named(std::string_view name) const {
  if (!IsDevelopmentName(name)) return Error{Code::kDenied, "not the name of a principal"};
  return DevelopmentPrincipalId(name);
}

}  // namespace cloison::identity
