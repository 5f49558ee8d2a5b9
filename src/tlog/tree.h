// The hash tree of a log: leaf and node hashes, and the frontier that grows it.
//
// A log of n leaves has one root. Its node at level l, index i covers the leaves
// [i * 2^l, (i + 1) * 2^l); only full nodes have a place (level, index), and a full node never
// changes. The frontier holds the largest full nodes of a log, one for each set bit of its size:
// all that is needed to append and to know the root.
//
// Threads  values; no shared state. Source: RFC 6962 section 2.1, RFC 9162 section 2.1.
#ifndef CLOISON_TLOG_TREE_H_
#define CLOISON_TLOG_TREE_H_

#include <array>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "crypto/mac.h"

namespace cloison::tlog {

using Hash = crypto::Digest;

inline constexpr unsigned kTreeLevelMax = 40;  // five levels of tiles
inline constexpr std::uint64_t kTreeSizeMax = std::uint64_t{1} << kTreeLevelMax;

Hash EmptyRoot();                                    // SHA-256 of nothing
Hash LeafHash(ByteView leaf);                        // SHA-256(00 ‖ leaf)
Hash NodeHash(const Hash& left, const Hash& right);  // SHA-256(01 ‖ left ‖ right)

// A full node and its place in the tree.
struct Node {
  unsigned level;
  std::uint64_t index;
  Hash hash;
  friend bool operator==(const Node&, const Node&) = default;
};

class Frontier {
 public:
  Frontier() = default;

  std::uint64_t size() const { return size_; }

  // Appends leaf hashes, in order. Every full node that they complete, leaves included, is added to
  // `completed` (unless it is null), children before parents: what a publisher of tiles writes.
  //
  // Fails    kExhausted when the size would pass kTreeSizeMax; nothing is appended then.
  // Cost     at most one node hash per leaf on average; allocates only through `completed`.
  Status Append(std::span<const Hash> leaf_hashes, std::vector<Node>* completed = nullptr);
  Status Append(const Hash& leaf_hash) { return Append(std::span(&leaf_hash, 1)); }

  // EmptyRoot() for no leaves. Cost: at most one node hash per set bit of the size.
  Hash Root() const;

  // The hash of the frontier's node at `level`; bit `level` of size() must be set.
  const Hash& At(unsigned level) const;

  // u64 size ‖ one hash for each set bit of the size, highest bit first (docs/format/ledger.md).
  Bytes Serialise() const;
  // Fails    kCorrupt unless the bytes are exactly what Serialise gives for a size within the
  // limit.
  static Result<Frontier> Parse(ByteView bytes);

  friend bool operator==(const Frontier& a, const Frontier& b);

 private:
  std::uint64_t size_ = 0;
  // nodes_[l] means something only while bit l of size_ is set.
  std::array<Hash, kTreeLevelMax + 1> nodes_{};
};

}  // namespace cloison::tlog

#endif  // CLOISON_TLOG_TREE_H_
