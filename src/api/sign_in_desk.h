// What sign-in through a browser stands on: there in production, absent in development.
#ifndef CLOISON_API_SIGN_IN_DESK_H_
#define CLOISON_API_SIGN_IN_DESK_H_

#include <string>

#include "base/events.h"
#include "identity/openid_client.h"
#include "identity/production_sign_in.h"
#include "identity/sign_ins.h"

namespace cloison::api {

struct SignInStats {
  base::Counter opened, refused, killed;  // sessions; sign-ins that a provider or the gate refused
};

// All references outlive it, and it outlives the listeners.
struct SignInDesk {
  identity::ProductionSignIn& verify;
  identity::OpenIdClient& client;
  identity::SignIns& under_way;
  identity::Sessions& sessions;
  std::string public_url;  // without a slash at its end
  SignInStats stats{};
};

}  // namespace cloison::api

#endif  // CLOISON_API_SIGN_IN_DESK_H_
