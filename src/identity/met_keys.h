// Which key-bound tokens of issuers the gate has met: the first request by a principal with a key
// from a network asks the gate (access/session_opened.h); those that follow within a session's life
// do not.
//
// In memory alone: after a restart each is met once more. What is full is forgotten whole, which
// costs each an entry and nothing else.
//
// Threads  any. Cost: a look into a table, 0.2 us.
#ifndef CLOISON_IDENTITY_MET_KEYS_H_
#define CLOISON_IDENTITY_MET_KEYS_H_

#include <mutex>
#include <unordered_map>

#include "base/clock.h"
#include "base/ids.h"
#include "crypto/mac.h"
#include "identity/sessions.h"

namespace cloison::identity {

inline constexpr std::size_t kMetKeysMax = 200'000;
inline constexpr std::int64_t kMetMs = kSessionMs;

class MetKeys {
 public:
  explicit MetKeys(const base::Clock& clock, std::size_t most = kMetKeysMax)
      : clock_(clock), most_(most) {}

  struct One {
    PrincipalId principal;
    crypto::Digest thumbprint;
    ByteArray<8> network;
  };
  bool Knows(const One& one) const;
  // The gate let it in.
  void Add(const One& one);
  std::size_t size() const;

 private:
  struct DigestHash {
    std::size_t operator()(const crypto::Digest& digest) const {
      return base::LoadBig({digest.data(), 8});
    }
  };
  const base::Clock& clock_;
  const std::size_t most_;
  mutable std::mutex mutex_;  // guards met_: by all three, since when (boot clock)
  std::unordered_map<crypto::Digest, std::int64_t, DigestHash> met_;
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_MET_KEYS_H_
