// Proofs of a log's tree: that a leaf is in it, and that a later tree continues an earlier one.
//
// Threads  values; no shared state. Source: RFC 9162 sections 2.1.3 and 2.1.4. The verifiers give
// the published verdict on every vector of tests/vectors/merkle.
#ifndef CLOISON_TLOG_PROOF_H_
#define CLOISON_TLOG_PROOF_H_

#include <span>
#include <vector>

#include "tlog/tree.h"

namespace cloison::tlog {

// Hashes from the leaf up (inclusion), or as RFC 9162 orders them (consistency).
using Proof = std::vector<Hash>;

// An inclusion proof has at most one hash per level; a consistency proof one more.
inline constexpr std::size_t kProofHashesMax = kTreeLevelMax + 1;

// A leaf at its place.
struct Leaf {
  std::uint64_t index;
  Hash hash;
};

// A tree as a checkpoint states it.
struct Head {
  std::uint64_t size;
  Hash root;
  friend bool operator==(const Head&, const Head&) = default;
};

// Ok: the tree `head` holds `leaf` at its index.
//
// Fails    kInvalid  the index is not below the size, or a size is above kTreeSizeMax
//          kCorrupt  the proof has the wrong length, or does not lead to the root
// Cost     one node hash per hash of the proof.
Status VerifyInclusion(const Leaf& leaf, const Head& head, std::span<const Hash> proof);

// Ok: the tree `newer` begins with exactly the leaves of `older`.
//
// Fails    kInvalid  older.size is 0 (every tree continues the empty one, so a proof would say
//                    nothing; the caller decides), or above newer.size, or above kTreeSizeMax
//          kCorrupt  the proof has the wrong length, or does not lead to both roots
// Equal sizes need an empty proof and equal roots. Cost: two node hashes per hash of the proof.
Status VerifyConsistency(const Head& older, const Head& newer, std::span<const Hash> proof);

// Where proofs are made from: gives the full node at (level, index). Asked only for nodes that are
// full in the tree for which a proof is made.
class HashReader {
 public:
  virtual ~HashReader() = default;
  virtual Result<Hash> Node(unsigned level, std::uint64_t index) = 0;
};

// The root of the first `size` leaves. Fails with what the reader fails with; kInvalid above
// kTreeSizeMax. Cost: one read per set bit of the size.
Result<Hash> RootAt(HashReader& reader, std::uint64_t size);

// Proofs that the verifiers above accept.
//
// Fails    kInvalid where the verifier says kInvalid; else with what the reader fails with
// Cost     at most two reads per level.
Result<Proof> ProveInclusion(HashReader& reader, std::uint64_t index, std::uint64_t size);
Result<Proof> ProveConsistency(HashReader& reader, std::uint64_t older, std::uint64_t newer);

}  // namespace cloison::tlog

#endif  // CLOISON_TLOG_PROOF_H_
