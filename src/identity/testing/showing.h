// A request's credentials with nothing but an Authorization header.
#ifndef CLOISON_IDENTITY_TESTING_SHOWING_H_
#define CLOISON_IDENTITY_TESTING_SHOWING_H_

#include "identity/sign_in.h"

namespace cloison::identity::testing {

inline Presented Showing(std::string_view authorization, const net::Peer& peer) {
  return {authorization, {}, {}, net::Method::kGet, "/", peer};
}

}  // namespace cloison::identity::testing

#endif  // CLOISON_IDENTITY_TESTING_SHOWING_H_
