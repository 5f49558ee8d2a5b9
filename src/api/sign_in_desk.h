// What sign-in through a browser stands on: there in production, absent in development.
#ifndef CLOISON_API_SIGN_IN_DESK_H_
#define CLOISON_API_SIGN_IN_DESK_H_

#include <array>
#include <string>
#include <string_view>

#include "access/refusal.h"
#include "base/events.h"
#include "identity/met_keys.h"
#include "identity/openid_client.h"
#include "identity/production_sign_in.h"
#include "identity/provider_keys.h"
#include "identity/sign_ins.h"

namespace cloison::api {

// How a sign-in ended.
enum class SignInEnd : std::uint8_t {
  kOpened,       // a session
  kCancelled,    // by its user, at the provider
  kRefused,      // what the provider gave was not as it must be
  kUnavailable,  // the provider did not answer
  kNotEnrolled,  // by the gate from here on
  kTooWeak,
  kFrozen,
  kExpired,
  kByGate,  // for another reason
};
inline constexpr std::size_t kSignInEnds = 9;
std::string_view Name(SignInEnd end);       // "opened", "cancelled" ...: a label of metrics
SignInEnd EndOf(access::RefusalCode code);  // what the gate said

// Counts alone: of no principal, and by issuers that the file names.
struct SignInStats {
  std::array<std::array<base::Counter, kSignInEnds>, identity::kIssuersMax> ends;
  base::Counter handles_refused;  // nobody knows of which issuer
  base::Counter proofs_without_nonce, proofs_refused;
  base::Counter killed;  // sessions of who was frozen
};

// All references outlive it, and it outlives the listeners.
struct SignInDesk {
  identity::ProductionSignIn& verify;
  identity::OpenIdClient& client;
  identity::SignIns& under_way;
  identity::Sessions& sessions;
  const identity::ProviderKeys& keys;
  identity::MetKeys& met;
  std::string public_url;  // without a slash at its end
  SignInStats stats{};

  // `name`: an alias, or "alias:sub".
  void Count(std::string_view name, SignInEnd end);
  void CountProof(const Error& refused);  // of a proof of possession, or of something else
};

}  // namespace cloison::api

#endif  // CLOISON_API_SIGN_IN_DESK_H_
