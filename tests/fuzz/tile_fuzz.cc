// A path of a tile that is accepted prints as itself, and what a larger log has there is no
// narrower; a bundle that is accepted is written again byte for byte, and no other width reads it.
//
//   input   0 ‖ u64 size ‖ path        1 ‖ width less 1 ‖ bundle
#include "tlog/tile.h"

namespace {

using namespace cloison;

void CheckPath(base::Reader& input) {
  const std::uint64_t size = input.U64();
  const auto tile = tlog::ParseTilePath(AsText(input.rest()));
  if (!tile.ok()) return;
  CLOISON_CHECK(tlog::TilePath(*tile) == AsText(input.rest()));
  CLOISON_CHECK(tile->level == 0 || tile->kind == tlog::TileId::Kind::kHashes);
  const unsigned width = tlog::WidthAt(tile->level, tile->index, size);
  CLOISON_CHECK(width <= tlog::kTileWidth);
  // What a larger log has at this place is no narrower.
  if (size > 0) CLOISON_CHECK(tlog::WidthAt(tile->level, tile->index, size - 1) <= width);
}

void CheckBundle(base::Reader& input) {
  const unsigned width = input.U8() + 1u;
  const auto entries = tlog::ParseBundle(input.rest(), width);
  if (!entries.ok()) return;
  CLOISON_CHECK(entries->size() == width);
  Bytes again;
  for (const ByteView entry : *entries) tlog::AppendToBundle(entry, again);
  CLOISON_CHECK(base::Equal(again, input.rest()));
  CLOISON_CHECK(!tlog::ParseBundle(input.rest(), width - 1).ok());
  CLOISON_CHECK(!tlog::ParseBundle(input.rest(), width + 1).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Reader input({data, size});
  if (input.U8() % 2 == 0) {
    CheckPath(input);
  } else {
    CheckBundle(input);
  }
  return 0;
}
