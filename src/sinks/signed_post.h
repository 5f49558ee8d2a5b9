// A signed HTTPS request, as Standard Webhooks have it; what webhook.h says of headers.
#ifndef CLOISON_SINKS_SIGNED_POST_H_
#define CLOISON_SINKS_SIGNED_POST_H_

#include <atomic>
#include <string>

#include "base/clock.h"
#include "crypto/ed25519.h"
#include "net/client.h"
#include "net/url.h"

namespace cloison::sinks {

inline constexpr std::size_t kAnswerBytesMax = 64u << 10;
inline constexpr std::int64_t kAnswerMsMax = 15'000;

struct PostPlace {
  net::Url url;                               // https, or on the loopback
  std::string ca_pem;                         // the system's authorities when empty
  std::int64_t answer_ms_max = kAnswerMsMax;  // connection and answer together
};
// Of one whose answer is waited for no longer once `stopped` is true.
net::ClientOptions ClientTo(const PostPlace& place, const std::atomic<bool>& stopped);

// What is sent, under an id that is the same however often it is tried.
struct PostMessage {
  std::string id, body;
};
// Each on a connection of its own: they are rare, and a POST on one that the receiver closed
// meanwhile would have failed. Fails as Signer and HttpClient do. Threads: one caller of a client.
Result<net::Response> PostSigned(net::HttpClient& client, const PostPlace& place,
                                 crypto::Signer& signer, const base::Clock& clock,
                                 PostMessage message);

}  // namespace cloison::sinks

#endif  // CLOISON_SINKS_SIGNED_POST_H_
