// When entries and a tile contradict each other: which of them the signed root is built on.
#ifndef CLOISON_VERIFY_INTERNAL_BLAME_H_
#define CLOISON_VERIFY_INTERNAL_BLAME_H_

#include <span>

#include "tlog/proof.h"
#include "verify/internal/builder.h"
#include "verify/source.h"

namespace cloison::verify::internal {

enum class Blame : std::uint8_t {
  kTile,     // the signed root holds what the entries give
  kEntries,  // it holds what the tile says
  kUnknown,  // neither, or other tiles that are needed to tell are wrong as well
};

// `built` is what the entries give for a tile, `published` what it says, as wide; they differ at
// `place` first. Reads a tile per level.
Blame Accuse(Source& source, const tlog::Head& head, const TileBuilder::Tile& built,
             std::span<const Hash> published, unsigned place);

}  // namespace cloison::verify::internal

#endif  // CLOISON_VERIFY_INTERNAL_BLAME_H_
