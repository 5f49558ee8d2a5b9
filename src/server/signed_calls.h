// Whom the configuration has us call with signed requests: an address, a key, authorities.
#ifndef CLOISON_SERVER_SIGNED_CALLS_H_
#define CLOISON_SERVER_SIGNED_CALLS_H_

#include <memory>
#include <string>
#include <vector>

#include "server/node.h"
#include "sinks/signed_post.h"

namespace cloison::server {

struct SignedCallNames {
  std::string url, key, ca;  // values of the configuration
  std::string name;          // of the URL's key: "alarms.webhook"
};
struct SignedCall {
  sinks::PostPlace place;
  std::unique_ptr<crypto::Ed25519Signer> signer;
};
// Reads key and authorities. Nothing: `problems` has a line for each fault.
std::optional<SignedCall> ReadSignedCall(Ground& ground, const SignedCallNames& names,
                                         std::vector<std::string>& problems);

}  // namespace cloison::server

#endif  // CLOISON_SERVER_SIGNED_CALLS_H_
