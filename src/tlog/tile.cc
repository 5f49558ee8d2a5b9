#include "tlog/tile.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace cloison::tlog {
namespace {

constexpr Error kBadPath{Code::kInvalid, "not the path of a tile"};
constexpr Error kBadBundle{Code::kCorrupt, "a bundle does not hold its entries"};
constexpr std::string_view kTilePrefix = "tile/";
constexpr std::string_view kEntriesPrefix = "entries/";
constexpr std::string_view kPartialMark = ".p/";
constexpr std::size_t kPathBytesMax = 64;  // the longest: 2 of a level, 7 groups, a width

bool IsPossible(const TileId& tile) {
  const bool leveled =
      tile.kind == TileId::Kind::kHashes ? tile.level <= kTileLevelMax : tile.level == 0;
  return leveled && tile.width >= 1 && tile.width <= kTileWidth;
}

template <class Int>
std::optional<Int> ParseDecimal(std::string_view digits) {
  Int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// Only what it gives for a good path is used: another spelling is refused by printing it back.
std::optional<std::uint64_t> ParseIndex(std::string_view groups) {
  std::string digits;
  for (const char c : groups) {
    if (c != 'x' && c != '/') digits.push_back(c);
  }
  return ParseDecimal<std::uint64_t>(digits);
}

std::string PrintIndex(std::uint64_t index) {
  std::string digits = std::to_string(index);
  digits.insert(0, (3 - digits.size() % 3) % 3, '0');
  std::string out;
  for (std::size_t at = 0; at < digits.size(); at += 3) {
    const bool last = at + 3 == digits.size();
    out.append(last ? "" : "x").append(digits, at, 3).append(last ? "" : "/");
  }
  return out;
}

}  // namespace

Result<TileId> ParseTilePath(std::string_view path) {
  if (path.size() > kPathBytesMax || !path.starts_with(kTilePrefix)) return kBadPath;
  std::string_view rest = path.substr(kTilePrefix.size());
  TileId tile{TileId::Kind::kHashes, 0, 0, kTileWidth};
  if (rest.starts_with(kEntriesPrefix)) {
    tile.kind = TileId::Kind::kEntries;
    rest.remove_prefix(kEntriesPrefix.size());
  } else {
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return kBadPath;
    const std::optional<unsigned> level = ParseDecimal<unsigned>(rest.substr(0, slash));
    if (!level) return kBadPath;
    tile.level = *level;
    rest.remove_prefix(slash + 1);
  }
  if (const std::size_t mark = rest.find(kPartialMark); mark != std::string_view::npos) {
    const auto width = ParseDecimal<unsigned>(rest.substr(mark + kPartialMark.size()));
    if (!width) return kBadPath;
    tile.width = *width;
    rest = rest.substr(0, mark);
  }
  const std::optional<std::uint64_t> index = ParseIndex(rest);
  if (!index) return kBadPath;
  tile.index = *index;
  if (!IsPossible(tile) || TilePath(tile) != path) return kBadPath;
  return tile;
}

std::string TilePath(const TileId& tile) {
  CLOISON_CHECK(IsPossible(tile));
  std::string out(kTilePrefix);
  if (tile.kind == TileId::Kind::kEntries) {
    out.append(kEntriesPrefix);
  } else {
    out.append(std::to_string(tile.level)).append("/");
  }
  out.append(PrintIndex(tile.index));
  if (tile.width < kTileWidth) out.append(kPartialMark).append(std::to_string(tile.width));
  return out;
}

unsigned WidthAt(unsigned level, std::uint64_t index, std::uint64_t size) {
  if (level * kTileHeight >= std::numeric_limits<std::uint64_t>::digits) return 0;
  const std::uint64_t nodes = size >> (level * kTileHeight);
  if (index > nodes / kTileWidth) return 0;
  return static_cast<unsigned>(std::min<std::uint64_t>(nodes - index * kTileWidth, kTileWidth));
}

void AppendToBundle(ByteView entry, Bytes& bundle) {
  CLOISON_CHECK(entry.size() <= kEntryBytesMax);
  base::AppendU16(bundle, static_cast<std::uint16_t>(entry.size()));
  base::AppendBytes(bundle, entry);
}

Result<std::vector<ByteView>> ParseBundle(ByteView bundle, unsigned width) {
  if (width > kTileWidth) return kBadBundle;
  std::vector<ByteView> entries;
  entries.reserve(width);
  base::Reader reader(bundle);
  for (unsigned i = 0; i < width; ++i) entries.push_back(reader.Take(reader.U16()));
  if (reader.failed() || !reader.empty()) return kBadBundle;
  return entries;
}

}  // namespace cloison::tlog
