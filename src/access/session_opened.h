// What the gate says of a key that somebody signs in with.
//
// The register remembers the keys (certificate, DPoP key) and the networks that a principal signed
// in with. The first key of an enrolment is taken as it is, within kFirstKeyMs of it. Another one
// is what a help desk that was talked into a reset gives, and so is the first one of an account
// that nobody used for long: it needs a proof of who it is within the last five minutes (kStepUp),
// works at a third of the budgets for a day, and its manager is told. An unseen key from an unseen
// network waits for a second person (kApprovalRequired, an approval of kind "key"; of a citizen
// "citizen_key", which others than their organisation's answer: they have none).
//
// Source   docs/format/state.md "Credentials".
#ifndef CLOISON_ACCESS_SESSION_OPENED_H_
#define CLOISON_ACCESS_SESSION_OPENED_H_

#include <cstdint>

#include "access/principals.h"

namespace cloison::access {

inline constexpr std::size_t kKnownKeysMax = 8;      // of one principal; the oldest goes
inline constexpr std::size_t kKnownNetworksMax = 8;  // as well
inline constexpr std::int64_t kStepUpFreshS = 300;   // how old a proof of who it is may be
inline constexpr std::int64_t kFirstKeyMs = 7 * base::kDayMs;  // a first key later is an unseen one

// The key that a session will be bound to.
struct SeenKey {
  ByteArray<32> thumbprint;  // SHA-256 of the certificate, or of the DPoP key (RFC 7638)
  ByteArray<8> network;      // net::Peer::network
  friend bool operator==(const SeenKey&, const SeenKey&) = default;
};

struct SessionOpened {
  PrincipalInfo info;
  bool unseen_key = false;  // since it was not known: a third of the budgets for a day
  ledger::Recorded recorded;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_SESSION_OPENED_H_
