#include "tlog/proof.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace cloison::tlog {
namespace {

constexpr Error kWrongLength{Code::kCorrupt, "a proof of the wrong length"};
constexpr Error kWrongRoot{Code::kCorrupt, "a proof does not lead to the root"};
constexpr Error kOutside{Code::kInvalid, "no such proof in a tree of this size"};

bool Odd(std::uint64_t n) {
  return (n & 1) != 0;
}

// Both verifiers walk two indices up the tree together: fn of the node, sn of the last node.
struct Walk {
  std::uint64_t fn;
  std::uint64_t sn;

  void Up() {
    fn >>= 1;
    sn >>= 1;
  }
  // The node is a right child, or the last one: its sibling in the proof is on the left.
  bool sibling_is_left() const { return Odd(fn) || fn == sn; }
  // A last node without a right sibling is carried up unchanged to where it is a right child.
  void SkipCarried() {
    while (!Odd(fn) && fn != 0) Up();
  }
};

// The hash of the leaves [begin, end) of a tree, with begin a multiple of the next power of two of
// end - begin: RFC 9162's MTH(D[begin:end]) for every range that a proof names.
Result<Hash> RangeHash(HashReader& reader, std::uint64_t begin, std::uint64_t end) {
  std::uint64_t left = end - begin;
  std::uint64_t at = end;
  std::optional<Hash> hash;
  while (left != 0) {
    const unsigned level = static_cast<unsigned>(std::countr_zero(left));
    const std::uint64_t width = std::uint64_t{1} << level;
    at -= width;
    left -= width;
    CLOISON_TRY_ASSIGN(const Hash node, reader.Node(level, at >> level));
    hash = hash.has_value() ? NodeHash(node, *hash) : node;
  }
  CLOISON_CHECK(hash.has_value());
  return *hash;
}

// The largest power of two below n, for n >= 2: where RFC 9162 splits a tree of n leaves.
std::uint64_t Split(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

}  // namespace

Status VerifyInclusion(const Leaf& leaf, const Head& head, std::span<const Hash> proof) {
  if (leaf.index >= head.size || head.size > kTreeSizeMax) return kOutside;
  if (proof.size() > kProofHashesMax) return kWrongLength;
  Walk walk{leaf.index, head.size - 1};
  Hash root = leaf.hash;
  for (const Hash& sibling : proof) {
    if (walk.sn == 0) return kWrongLength;
    if (walk.sibling_is_left()) {
      root = NodeHash(sibling, root);
      walk.SkipCarried();
    } else {
      root = NodeHash(root, sibling);
    }
    walk.Up();
  }
  if (walk.sn != 0) return kWrongLength;
  if (root != head.root) return kWrongRoot;
  return Ok();
}

Status VerifyConsistency(const Head& older, const Head& newer, std::span<const Hash> proof) {
  if (older.size == 0 || older.size > newer.size || newer.size > kTreeSizeMax) return kOutside;
  if (older.size == newer.size) {
    if (!proof.empty()) return kWrongLength;
    if (older.root != newer.root) return kWrongRoot;
    return Ok();
  }
  if (proof.empty() || proof.size() > kProofHashesMax) return kWrongLength;
  // A full older tree is itself a node of the newer one, so the proof leaves it out.
  const bool full = std::has_single_bit(older.size);
  const Hash& seed = full ? older.root : proof.front();
  if (!full) proof = proof.subspan(1);
  Walk walk{older.size - 1, newer.size - 1};
  while (Odd(walk.fn)) walk.Up();
  Hash old_root = seed;
  Hash new_root = seed;
  for (const Hash& sibling : proof) {
    if (walk.sn == 0) return kWrongLength;
    if (walk.sibling_is_left()) {
      old_root = NodeHash(sibling, old_root);
      new_root = NodeHash(sibling, new_root);
      walk.SkipCarried();
    } else {
      new_root = NodeHash(new_root, sibling);
    }
    walk.Up();
  }
  if (walk.sn != 0) return kWrongLength;
  if (old_root != older.root || new_root != newer.root) return kWrongRoot;
  return Ok();
}

Result<Hash> RootAt(HashReader& reader, std::uint64_t size) {
  if (size > kTreeSizeMax) return kOutside;
  if (size == 0) return EmptyRoot();
  return RangeHash(reader, 0, size);
}

Result<Proof> ProveInclusion(HashReader& reader, std::uint64_t index, std::uint64_t size) {
  if (index >= size || size > kTreeSizeMax) return kOutside;
  Proof proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  // From the root down: each step names the half that does not hold the leaf.
  while (end - begin > 1) {
    const std::uint64_t middle = begin + Split(end - begin);
    const bool in_left = index < middle;
    CLOISON_TRY_ASSIGN(const Hash other,
                       in_left ? RangeHash(reader, middle, end) : RangeHash(reader, begin, middle));
    proof.push_back(other);
    (in_left ? end : begin) = middle;
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

Result<Proof> ProveConsistency(HashReader& reader, std::uint64_t older, std::uint64_t newer) {
  if (older == 0 || older > newer || newer > kTreeSizeMax) return kOutside;
  Proof proof;
  std::uint64_t begin = 0;
  std::uint64_t end = newer;
  while (end != older) {
    const std::uint64_t middle = begin + Split(end - begin);
    const bool in_left = older <= middle;
    CLOISON_TRY_ASSIGN(const Hash other,
                       in_left ? RangeHash(reader, middle, end) : RangeHash(reader, begin, middle));
    proof.push_back(other);
    (in_left ? end : begin) = middle;
  }
  // What is left is the older tree's last full part; the whole older tree is known to the reader.
  if (begin != 0) {
    CLOISON_TRY_ASSIGN(const Hash seed, RangeHash(reader, begin, end));
    proof.push_back(seed);
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

}  // namespace cloison::tlog
