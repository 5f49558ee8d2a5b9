// Where the tiles of a log lie, and what is in them.
//
// A log is read by strangers as plain files. A tile of hashes at level l holds up to 256 full nodes
// of the tree's level 8 * l, in order; a bundle of entries holds the 256 entries below a tile of
// level 0. The last tile of a level may be partial: `width` says how many it holds. A partial tile
// is a prefix of the tile that it grows into, at every level, bundles included.
//
//   tile/<level>/<index>[.p/<width>]     tile/entries/<index>[.p/<width>]
//
// <index> is in groups of three digits, all but the last with an x before them: 1234067 is
// x001/x234/067.
//
// Threads  values; no shared state. Source: C2SP tlog-tiles v1.0.0; Tessera's log of
// tests/vectors/tlog-tiles is read by it.
#ifndef CLOISON_TLOG_TILE_H_
#define CLOISON_TLOG_TILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "tlog/tree.h"

namespace cloison::tlog {

inline constexpr unsigned kTileHeight = 8;
inline constexpr unsigned kTileWidth = 1u << kTileHeight;
inline constexpr unsigned kTileLevelMax = 63;  // of a path; a tree within kTreeSizeMax ends at 5
inline constexpr std::size_t kEntryBytesMax = 65'535;

struct TileId {
  enum class Kind : std::uint8_t { kHashes, kEntries };
  Kind kind;
  unsigned level;  // 0 for entries
  std::uint64_t index;
  unsigned width;  // 1 to kTileWidth
  friend bool operator==(const TileId&, const TileId&) = default;
};

// Fails    kInvalid unless `path` is exactly what TilePath gives for a level of at most
//          kTileLevelMax: no leading slash or zero, no width of 0 or 256, nothing after it.
Result<TileId> ParseTilePath(std::string_view path);
// CHECKs that the width and the level are possible.
std::string TilePath(const TileId& tile);

// How wide tile `index` of `level` is in a log of `size` entries: 0 (it is not there) to
// kTileWidth. A bundle is as wide as the tile of level 0 with its index.
unsigned WidthAt(unsigned level, std::uint64_t index, std::uint64_t size);

// u16 length ‖ entry. CHECKs that the entry is at most kEntryBytesMax.
void AppendToBundle(ByteView entry, Bytes& bundle);
// The entries of a bundle, as views of it.
//
// Fails    kCorrupt unless the bundle holds exactly `width` entries and nothing more.
Result<std::vector<ByteView>> ParseBundle(ByteView bundle, unsigned width);

}  // namespace cloison::tlog

#endif  // CLOISON_TLOG_TILE_H_
