// The keys and networks that a principal signed in with: one sealed row of family credentials,
// under PRF(principal).
//
//   01 | u8 count | (thumbprint[32] | u64 first seen)*      known keys, oldest first
//      | u8 count | (network[8] | u64 first seen)*          known networks, oldest first
//      | u8 count | (thumbprint[32] | u64 approval)*        keys that wait for a second person
//
// Times are budget time in ms. Source: docs/format/state.md "Credentials".
#ifndef CLOISON_ACCESS_INTERNAL_CREDENTIALS_H_
#define CLOISON_ACCESS_INTERNAL_CREDENTIALS_H_

#include "access/internal/gate_work.h"
#include "access/session_opened.h"

namespace cloison::access::internal {

struct Credentials {
  template <std::size_t N>
  struct Seen {
    ByteArray<N> what;
    std::uint64_t value;  // first seen; the approval of one that waits
    friend bool operator==(const Seen&, const Seen&) = default;
  };
  std::vector<Seen<32>> keys;
  std::vector<Seen<8>> networks;
  std::vector<Seen<32>> waiting;

  bool KnowsKey(const ByteArray<32>& thumbprint) const;
  bool KnowsNetwork(const ByteArray<8>& network) const;
  // The approval that this key waits for; nothing: none.
  std::optional<std::uint64_t> WaitsFor(const ByteArray<32>& thumbprint) const;
  // The oldest goes when there are too many. True: it was not there.
  bool AddKey(const SeenKey& key, std::int64_t now_ms);  // and its network; waits no longer
  bool AddNetwork(const ByteArray<8>& network, std::int64_t now_ms);
  void Wait(const ByteArray<32>& thumbprint, std::uint64_t approval);
  friend bool operator==(const Credentials&, const Credentials&) = default;
};

Bytes EncodeCredentials(const Credentials& credentials);
Result<Credentials> ParseCredentials(ByteView plain);  // kCorrupt

store::Key CredentialsKey(const Core& core, const PrincipalId& who);
// In Stage, after its key was loaded; empty: none were seen yet.
Result<Credentials> CredentialsIn(const Core& core, const commit::Staging& staging,
                                  const PrincipalId& who);
void PutCredentials(const Core& core, commit::Staging& staging, const PrincipalId& who,
                    const Credentials& credentials);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_CREDENTIALS_H_
