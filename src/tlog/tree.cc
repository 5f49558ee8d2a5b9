#include "tlog/tree.h"

#include <bit>

namespace cloison::tlog {
namespace {

constexpr std::uint8_t kLeafPrefix[] = {0x00};
constexpr std::uint8_t kNodePrefix[] = {0x01};

bool Has(std::uint64_t size, unsigned level) {
  return (size >> level & 1) != 0;
}

}  // namespace

Hash EmptyRoot() {
  return crypto::Sha256(ByteView{});
}

Hash LeafHash(ByteView leaf) {
  return crypto::Sha256({ByteView(kLeafPrefix), leaf});
}

Hash NodeHash(const Hash& left, const Hash& right) {
  return crypto::Sha256({ByteView(kNodePrefix), left, right});
}

Status Frontier::Append(std::span<const Hash> leaf_hashes, std::vector<Node>* completed) {
  if (leaf_hashes.size() > kTreeSizeMax - size_) {
    return Error{Code::kExhausted, "the log is full"};
  }
  for (const Hash& leaf : leaf_hashes) {
    Hash hash = leaf;
    if (completed != nullptr) completed->push_back({0, size_, hash});
    unsigned level = 0;
    for (; Has(size_, level); ++level) {
      hash = NodeHash(nodes_[level], hash);
      if (completed != nullptr) completed->push_back({level + 1, size_ >> (level + 1), hash});
    }
    nodes_[level] = hash;
    ++size_;
  }
  return Ok();
}

Hash Frontier::Root() const {
  if (size_ == 0) return EmptyRoot();
  unsigned level = static_cast<unsigned>(std::countr_zero(size_));
  Hash root = nodes_[level];
  for (++level; level <= kTreeLevelMax; ++level) {
    if (Has(size_, level)) root = NodeHash(nodes_[level], root);
  }
  return root;
}

const Hash& Frontier::At(unsigned level) const {
  CLOISON_CHECK(level <= kTreeLevelMax && Has(size_, level));
  return nodes_[level];
}

Bytes Frontier::Serialise() const {
  Bytes out;
  out.reserve(8 + sizeof(Hash) * static_cast<std::size_t>(std::popcount(size_)));
  base::AppendU64(out, size_);
  for (unsigned level = kTreeLevelMax + 1; level-- > 0;) {
    if (Has(size_, level)) base::AppendBytes(out, nodes_[level]);
  }
  return out;
}

Result<Frontier> Frontier::Parse(ByteView bytes) {
  base::Reader reader(bytes);
  Frontier out;
  out.size_ = reader.U64();
  if (out.size_ > kTreeSizeMax) return Error{Code::kCorrupt, "a frontier above the limit"};
  for (unsigned level = kTreeLevelMax + 1; level-- > 0;) {
    if (Has(out.size_, level)) out.nodes_[level] = reader.Array<sizeof(Hash)>();
  }
  if (reader.failed() || !reader.empty()) {
    return Error{Code::kCorrupt, "a frontier of the wrong length"};
  }
  return out;
}

bool operator==(const Frontier& a, const Frontier& b) {
  if (a.size_ != b.size_) return false;
  for (unsigned level = 0; level <= kTreeLevelMax; ++level) {
    if (Has(a.size_, level) && a.nodes_[level] != b.nodes_[level]) return false;
  }
  return true;
}

}  // namespace cloison::tlog
