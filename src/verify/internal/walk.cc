#include "verify/internal/walk.h"

#include <algorithm>
#include <utility>

#include "verify/internal/blame.h"
#include "verify/internal/published_tree.h"

namespace cloison::verify::internal {
namespace {

constexpr std::size_t kHashBytes = sizeof(Hash);
constexpr std::size_t kLengthBytes = 2;  // before each entry of a bundle

ByteView BytesOf(std::span<const Hash> hashes) {
  return {hashes.empty() ? nullptr : hashes.front().data(), hashes.size() * kHashBytes};
}

std::string BundlePath(std::uint64_t index, std::uint64_t size) {
  return tlog::TilePath({tlog::TileId::Kind::kEntries, 0, index, tlog::WidthAt(0, index, size)});
}

std::uint64_t FirstEntryOf(const TileBuilder::Tile& tile, unsigned place) {
  return (tile.index * tlog::kTileWidth + place) << tile.level * tlog::kTileHeight;
}

}  // namespace

bool Walk::Put(Fault fault) {
  report_.fault = std::move(fault);
  return false;
}

bool Walk::Read(const std::string& path, std::size_t bytes_max, Bytes& out, std::uint64_t entry) {
  const Status read = source_.Read(path, bytes_max, out);
  ++report_.objects;
  if (read.ok()) return true;
  const Error& error = read.error();
  if (error.code() == Code::kNotFound) {
    return Put({FaultKind::kMissing, path, entry, 0, "the log must publish it, and does not"});
  }
  if (error.code() == Code::kExhausted) {
    return Put({FaultKind::kLength, path, entry, bytes_max, "it is longer than it can be"});
  }
  return Put({FaultKind::kUnreadable, path, entry, 0, error.text()});
}

void Walk::HashEntries(unsigned width) {
  Tile& leaves = builder_.leaves();
  const ByteView bundle(bundle_);
  std::size_t at = 0;
  leaves.width = 0;
  offsets_[0] = 0;
  while (leaves.width < width && bundle.size() - at >= kLengthBytes) {
    const std::size_t size = base::LoadBig(bundle.subspan(at, kLengthBytes));
    at += kLengthBytes;
    if (bundle.size() - at < size) break;
    leaves.hashes[leaves.width++] = tlog::LeafHash(bundle.subspan(at, size));
    at += size;
    offsets_[leaves.width] = static_cast<std::uint32_t>(at);
  }
  report_.entries += leaves.width;
}

// `byte` is the first that differs.
bool Walk::Differs(const Tile& built, std::span<const Hash> published, std::uint64_t byte) {
  const auto place = static_cast<unsigned>(byte / kHashBytes);
  const std::uint64_t entry = FirstEntryOf(built, place);
  const std::string path = tlog::TilePath({tlog::TileId::Kind::kHashes, built.level, built.index,
                                           static_cast<unsigned>(published.size())});
  const std::uint64_t bundle = entry / tlog::kTileWidth;
  const std::uint64_t offset = built.level == 0 ? offsets_[place] : 0;
  const Fault entries{FaultKind::kEntry, BundlePath(bundle, report_.head.size), entry, offset,
                      "not the entry that was signed"};
  if (built.width < published.size()) return Put(entries);  // they end too early anyhow
  switch (Accuse(source_, report_.head, built, published, place)) {
    case Blame::kEntries: return Put(entries);
    case Blame::kTile:
      return Put({FaultKind::kTile, path, entry, byte, "not the hash of what is below it"});
    case Blame::kUnknown: break;
  }
  return Put({FaultKind::kTile, path, entry, byte,
              "it contradicts what is below it, and the signed root is that of neither"});
}

bool Walk::CheckTile(const Tile& built) {
  const std::uint64_t entry = FirstEntryOf(built, 0);
  const unsigned width = tlog::WidthAt(built.level, built.index, report_.head.size);
  const std::string path =
      tlog::TilePath({tlog::TileId::Kind::kHashes, built.level, built.index, width});
  if (!Read(path, width * kHashBytes, tile_, entry)) return false;
  if (tile_.size() != width * kHashBytes) {
    return Put({FaultKind::kLength, path,
                FirstEntryOf(built, static_cast<unsigned>(tile_.size() / kHashBytes)), tile_.size(),
                "the tile ends too early"});
  }
  const ByteView ours = BytesOf(built.view());
  if (base::Equal(ours, ByteView(tile_).first(ours.size()))) return true;
  const auto differs = std::mismatch(ours.begin(), ours.end(), tile_.begin());
  std::vector<Hash> published(width);
  for (unsigned i = 0; i < width; ++i) {
    std::copy_n(tile_.begin() + i * kHashBytes, kHashBytes, published[i].begin());
  }
  return Differs(built, published, static_cast<std::uint64_t>(differs.first - ours.begin()));
}

bool Walk::CheckAgainstPrefix(const std::string& path) {
  const Tile& leaves = builder_.leaves();
  const std::size_t common = std::min<std::size_t>(prefix_.size(), leaves.width);
  for (std::size_t i = 0; i < common; ++i) {
    if (leaves.hashes[i] == prefix_[i]) continue;
    return Put({FaultKind::kEntry, path, leaves.index * tlog::kTileWidth + i, offsets_[i],
                "not the entry that was signed"});
  }
  prefix_.clear();
  return true;
}

// Heads inside this bundle, its end included.
bool Walk::CheckHeads() {
  const Tile& leaves = builder_.leaves();
  const std::uint64_t first = leaves.index * tlog::kTileWidth;
  while (!heads_.empty() && heads_.back().head.size <= first + leaves.width) {
    const KnownHead known = std::move(heads_.back());
    heads_.pop_back();
    if (known.head.size <= first) continue;    // of the empty log
    if (known.head == report_.head) continue;  // the end says
    if (builder_.Root(static_cast<unsigned>(known.head.size - first)) == known.head.root) continue;
    return Put({FaultKind::kFork, known.path, {}, 0, "the log never had this root at this size"});
  }
  return true;
}

bool Walk::Bundle(std::uint64_t index) {
  const unsigned width = tlog::WidthAt(0, index, report_.head.size);
  const std::string path = BundlePath(index, report_.head.size);
  const std::uint64_t first = index * tlog::kTileWidth;
  if (!Read(path, width * (kLengthBytes + tlog::kEntryBytesMax), bundle_, first)) return false;
  HashEntries(width);
  const Tile& leaves = builder_.leaves();
  if (!CheckAgainstPrefix(path) || !CheckTile(leaves)) return false;
  const std::uint64_t end = offsets_[leaves.width];
  if (leaves.width < width) {
    return Put({FaultKind::kLength, path, first + leaves.width, end, "the bundle ends too early"});
  }
  if (end != bundle_.size()) {
    return Put({FaultKind::kLength, path, first + width, end, "something follows the entries"});
  }
  if (options_.observer != nullptr) {
    for (unsigned i = 0; i < width; ++i) {
      const std::size_t begin = offsets_[i] + kLengthBytes;
      options_.observer->OnEntry(first + i,
                                 ByteView(bundle_).subspan(begin, offsets_[i + 1] - begin));
    }
  }
  if (!CheckHeads()) return false;
  if (options_.progress) options_.progress(first + width);
  return builder_.Complete([this](const Tile& full) { return CheckTile(full); });
}

bool Walk::CheckTiles() {
  for (const Tile& tile : builder_.tiles()) {
    if (tile.level > 0 && tile.width > 0 && !CheckTile(tile)) return false;
  }
  return true;
}

void Walk::Bundles(std::uint64_t first) {
  const std::uint64_t bundles = (report_.head.size + tlog::kTileWidth - 1) / tlog::kTileWidth;
  for (std::uint64_t index = first; index < bundles; ++index) {
    if (!Bundle(index)) return;
  }
  if (!CheckTiles()) return;
  if (builder_.Root(builder_.leaves().width) == report_.head.root) return;
  Put({FaultKind::kRoot, "checkpoint", {}, 0, "signed is another root than that of the entries"});
}

void Walk::Whole(std::vector<KnownHead> heads) {
  heads_ = std::move(heads);
  builder_.StartAt(0);
  Bundles(0);
}

bool Walk::ReadPrefixes(std::uint64_t size) {
  for (unsigned level = 0; level < kTileLevels; ++level) {
    const std::uint64_t nodes = size >> level * tlog::kTileHeight;
    const unsigned width = static_cast<unsigned>(nodes % tlog::kTileWidth);
    if (width == 0) continue;
    const auto tile = ReadTile(source_, level, nodes / tlog::kTileWidth, report_.head.size);
    ++report_.objects;
    if (!tile.ok()) return false;
    builder_.PutPrefix(level, std::span(*tile).first(width));
  }
  return true;
}

bool Walk::From(const tlog::Head& since, std::vector<KnownHead> heads) {
  heads_ = std::move(heads);
  builder_.StartAt(since.size);
  if (!ReadPrefixes(since.size)) return false;
  Tile& leaves = builder_.leaves();
  if (builder_.Root(leaves.width) != since.root) return false;
  prefix_.assign(leaves.view().begin(), leaves.view().end());
  leaves.width = 0;
  Bundles(since.size / tlog::kTileWidth);
  return true;
}

}  // namespace cloison::verify::internal
