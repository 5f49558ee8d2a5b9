// Proofs of possession (DPoP): a JWT per request, signed with the key that the token is bound to.
//
// A proof is good once, on this node, for kProofSlotSeconds to twice that: it carries a nonce of
// this node (DpopNonces), and the book of the nonce's slot (DpopProofs) takes each jti of a key
// once. Slots are counted by the boot clock and their key is drawn at start, so neither a step of
// the wall clock nor a restart lets a proof in again.
//
// Threads  all: any, at once. Cost: the proof's signature (ES256: 70 us) and 1 us.
// Source   RFC 9449 sections 4.2, 4.3, 7, 8, 9, 11.1; RFC 3986 section 6.2.2 and 6.2.3 (htu).
#ifndef CLOISON_IDENTITY_DPOP_H_
#define CLOISON_IDENTITY_DPOP_H_

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/clock.h"
#include "base/random.h"
#include "crypto/mac.h"
#include "net/http.h"

namespace cloison::identity {

inline constexpr std::size_t kProofBytesMax = 4u << 10;
inline constexpr std::size_t kProofIdBytesMax = 128;        // jti
inline constexpr std::size_t kProofsPerSlotMax = 1u << 20;  // above: refused, kUnavailable
inline constexpr std::int64_t kProofSlotSeconds = 60;

// Nonces of this node: slot ‖ HMAC(key, slot), base64url. No state but the key.
class DpopNonces {
 public:
  DpopNonces(base::Random& random, const base::Clock& clock);
  std::string Current() const;
  // The slot of a nonce that is current or the one before; nothing otherwise.
  std::optional<std::uint64_t> SlotOf(std::string_view nonce) const;

 private:
  std::string Of(std::uint64_t slot) const;
  std::uint64_t slot() const;
  crypto::HmacKey key_;
  const base::Clock& clock_;
};

// The jti of each proof that was taken, per slot: exact, and bounded.
class DpopProofs {
 public:
  explicit DpopProofs(std::size_t per_slot_max = kProofsPerSlotMax) : per_slot_max_(per_slot_max) {}
  // kDenied: taken before. kUnavailable: the slot's book is full; nothing is let in unrecorded.
  Status Take(std::uint64_t slot, const crypto::Digest& key, std::string_view id);
  std::size_t size() const;

 private:
  struct DigestHash {
    std::size_t operator()(const ByteArray<16>& digest) const {
      return base::LoadBig({digest.data(), 8});
    }
  };
  struct Book {
    std::uint64_t slot = 0;
    std::unordered_set<ByteArray<16>, DigestHash> taken;
  };
  const std::size_t per_slot_max_;
  mutable std::mutex mutex_;     // guards books_
  std::array<Book, 2> books_{};  // of slot at slot % 2
};

struct DpopRequest {
  std::string_view proof;  // the DPoP header
  net::Method method;
  std::string_view url;  // configured scheme, host and port, and the path: never the Host header
  std::optional<std::string_view> access_token;  // presented with it: ath must be its digest
};

struct DpopParts {
  const DpopNonces& nonces;
  DpopProofs& proofs;
  const base::Clock& clock;
};

// A proof whose signature, htm, htu, iat (kSkewSeconds either way), ath and nonce are good. Whether
// it is the first of its jti is asked by Take, last: after everything else about the request was
// found good.
class DpopProof {
 public:
  // Fails  kDenied, RemedyOf (identity/sign_in.h) kDpopNonce when the nonce is absent or over: the
  //        client is to be told another and may try again; kDpopProof for the rest.
  static Result<DpopProof> Check(const DpopRequest& request, const DpopParts& parts);

  const crypto::Digest& key() const { return key_; }  // the thumbprint (jkt) of the proving key
  // kDenied: a replay. kUnavailable: the book is full.
  Status Take(DpopProofs& proofs) const { return proofs.Take(slot_, key_, id_); }

 private:
  DpopProof() = default;
  crypto::Digest key_{};
  std::uint64_t slot_ = 0;
  std::string id_;
};

// Check and Take: the jkt.
Result<crypto::Digest> CheckDpop(const DpopRequest& request, const DpopParts& parts);

// Two URLs are the same target when this is the same: scheme and host in lower case, the scheme's
// own port left out, dot segments resolved, escapes of unreserved characters undone and others in
// upper case, query and fragment dropped. kInvalid: not a URL.
Result<std::string> NormalTarget(std::string_view url);

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_DPOP_H_
