// What the operations of sign-in and of sessions share.
#ifndef CLOISON_API_INTERNAL_SESSIONS_H_
#define CLOISON_API_INTERNAL_SESSIONS_H_

#include <string>

#include "api/internal/call.h"
#include "api/sign_in_desk.h"

namespace cloison::api::internal {

// "name=value; Path=/; Secure; HttpOnly; SameSite=...; Max-Age=..." (a __Host- cookie has no
// domain); an age of 0 removes it, a negative one lasts as long as the browser.
std::string CookieOf(std::string_view name, std::string_view value, std::string_view same_site,
                     std::int64_t age_s);

// 401 with what to prove: a proof of possession and its nonce.
net::Response RefuseKey(const Call& call, const Error& error);

// A citizen's session without a key: its cookie, and a page that goes on to the return URL.
Task<net::Response> OpenCookieSession(Call& call, identity::SignIns::Redeemed redeemed);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_SESSIONS_H_
