// Sign-in: from what a request carries to the principal that asks. One implementation per way of
// signing in; the API knows this interface alone.
//
// Whether the principal is enrolled, frozen or entitled is not asked here: the gate decides it.
#ifndef CLOISON_IDENTITY_SIGN_IN_H_
#define CLOISON_IDENTITY_SIGN_IN_H_

#include <string_view>

#include "base/ids.h"
#include "net/http.h"

namespace cloison::identity {

struct SignedIn {
  PrincipalId principal;
  SessionId session;
  ClientId client;  // the certificate or application the session is bound to
};

class SignIn {
 public:
  virtual ~SignIn() = default;
  // Takes  the value of the Authorization header ("" when absent) and where the connection comes
  //        from.
  // Fails  kDenied with a literal reason that may be shown: nothing in it tells whether the
  //        principal exists.
  // Threads  any, at once. Cost: 1 us for a token seen before, 80 us for a new one.
  virtual Result<SignedIn> Verify(std::string_view authorization, const net::Peer& peer) = 0;
  // The principal that an organisation calls `name`; whether it is enrolled is not looked at.
  // kInvalid: no name can look so.
  virtual Result<PrincipalId> Named(std::string_view name) const = 0;
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_SIGN_IN_H_
