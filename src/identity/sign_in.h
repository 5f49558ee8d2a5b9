// Sign-in: from what a request carries to the principal that asks. One implementation per way of
// signing in; the API knows this interface alone.
//
// Whether the principal is enrolled, frozen or entitled, and whether the assurance is enough for
// its role, is not asked here: the gate decides it.
#ifndef CLOISON_IDENTITY_SIGN_IN_H_
#define CLOISON_IDENTITY_SIGN_IN_H_

#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/task.h"
#include "identity/assurance.h"
#include "net/http.h"

namespace cloison::identity {

inline constexpr std::int64_t kSkewSeconds = 60;  // how far another's clock may be off ours

struct SignedIn {
  PrincipalId principal;
  SessionId session;
  ClientId client;  // the certificate or application the session is bound to
  Assurance assurance;
  // Of a human with an issuer's own token: what it is bound to. The gate has not met it, as it has
  // the key of a session (met_keys.h).
  std::optional<ByteArray<32>> token_key = {};
};

// What a request shows of who sent it. Views live as long as the request.
struct Presented {
  std::string_view authorization;  // header; "" when absent
  std::string_view dpop;           // header: a proof of possession (RFC 9449)
  std::string_view cookie;         // header
  net::Method method = net::Method::kGet;
  std::string_view path;  // without query, as it came: htu's
  const net::Peer& peer;
  // Headers by which a browser says which page sent it: looked at beside a cookie alone.
  std::string_view origin = {};
  std::string_view fetch_site = {};  // sec-fetch-site
  std::string_view form_token = {};  // x-cloison-form
};

// What whoever was refused may do about it: the detail of a refusal of sign-in.
enum class Remedy : std::uint8_t {
  kNone,
  kDpopNonce,  // send the request again with a proof that carries the nonce of the answer
  kDpopProof,  // the proof is not good
  kRefresh,    // the issuer's keys are being fetched: wait for Refreshed, and verify once more
};
// `subject` is for the sign-in that made it (which issuer).
inline std::int64_t DetailOf(Remedy remedy, std::uint32_t subject = 0) {
  return static_cast<std::int64_t>(remedy) | std::int64_t{subject} << 8;
}
inline Remedy RemedyOf(const Error& error) {
  return static_cast<Remedy>(error.detail() & 0xff);
}

class SignIn {
 public:
  virtual ~SignIn() = default;
  // Fails  kDenied with a literal reason that may be shown: nothing in it tells whether the
  //        principal exists. kUnavailable: it cannot be said (an issuer out of reach).
  // Threads  any, at once, and never waits for another machine. Cost: 1 us for a token seen before,
  //        80 us for a new one or a proof.
  virtual Result<SignedIn> Verify(const Presented& presented) = 0;
  // The principal that an organisation calls `name`; whether it is enrolled is not looked at.
  // kInvalid: no name can look so.
  virtual Result<PrincipalId> Named(std::string_view name) const = 0;
  // The nonce that the next proof is to carry (RFC 9449 section 8); "" where none is taken.
  virtual std::string DpopNonce() const { return {}; }
  // After a refusal with Remedy::kRefresh: ends once the keys were fetched, or cannot be, within 2
  // seconds; on any thread. Verify may then be called once more.
  virtual Task<void> Refreshed(Error refusal) {
    static_cast<void>(refusal);
    co_return;
  }
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_SIGN_IN_H_
