// Reading what is published, and proofs: out of the files, and out of memory where they end.
#include <algorithm>
#include <utility>

#include "ledger/internal/publishing.h"

namespace cloison::ledger {

namespace {

constexpr Error kNoSuchTile{Code::kInvalid, "no log has such a tile"};
constexpr Error kBeyond{Code::kNotFound, "the published log does not reach so far"};
constexpr Error kNotWhole{Code::kUnavailable, "the tiles are being made"};
constexpr Error kAboveLog{Code::kInvalid, "the log does not reach so far"};

// One tile to load: what is in its file, then what is in memory.
struct Piece {
  tlog::TileId tile;
  std::size_t in_file;
  Bytes fresh;
};

Piece PieceOf(const internal::Growth& growth, const tlog::TileId& tile) {
  const std::uint64_t first = tile.index * tlog::kTileWidth;
  const std::uint64_t end = first + tile.width;
  const std::uint64_t in_files = growth.in_files(tile.level);
  Piece piece{tile, 0, {}};
  if (in_files > first) piece.in_file = std::min(in_files, end) - first;
  for (std::uint64_t i = first + piece.in_file; i < end; ++i) {
    base::AppendBytes(piece.fresh, growth.fresh(tile.level)[i - in_files]);
  }
  return piece;
}

}  // namespace

Task<Result<Bytes>> Publisher::State::ReadBundle(tlog::TileId tile) const {
  const auto leaves = co_await parts.ledger.ReadLeaves(tile.index * tlog::kTileWidth, tile.width);
  if (!leaves.ok()) co_return leaves.error();
  // The store's own threads are for those who read a person.
  if (parts.readers != nullptr) co_await parts.readers->Schedule();
  Bytes bundle;
  bundle.reserve(leaves->size() * (kLeafBytes + 2));
  for (const Leaf& leaf : *leaves) tlog::AppendToBundle(leaf, bundle);
  co_return bundle;
}

Task<Result<Bytes>> Publisher::ReadTile(tlog::TileId tile) const {
  const bool leveled = tile.kind == tlog::TileId::Kind::kHashes || tile.level == 0;
  if (!leveled || tile.width == 0 || tile.width > tlog::kTileWidth) co_return kNoSuchTile;
  if (tile.width > tlog::WidthAt(tile.level, tile.index, size())) co_return kBeyond;
  if (tile.kind == tlog::TileId::Kind::kEntries) co_return co_await state_->ReadBundle(tile);
  if (state_->parts.readers != nullptr) co_await state_->parts.readers->Schedule();
  co_return state_->files.Read(tile.level, tile.index * tlog::kTileWidth, tile.width);
}

Task<Status> Publisher::State::LoadTiles(internal::TileNodes& nodes, std::uint64_t upto) {
  std::vector<Piece> pieces;
  {
    const std::lock_guard lock(mutex);
    if (!whole || !Absorb()) co_return kNotWhole;
    if (upto > growth.size()) co_return kAboveLog;
    for (const tlog::TileId& tile : nodes.Wanted()) pieces.push_back(PieceOf(growth, tile));
  }
  if (parts.readers != nullptr) co_await parts.readers->Schedule();
  for (const Piece& piece : pieces) {
    Bytes hashes;
    if (piece.in_file > 0) {
      CLOISON_CO_TRY_ASSIGN(
          hashes, files.Read(piece.tile.level, piece.tile.index * tlog::kTileWidth, piece.in_file));
    }
    base::AppendBytes(hashes, piece.fresh);
    nodes.Load(piece.tile, hashes);
  }
  co_return Ok();
}

Task<Result<tlog::Hash>> Publisher::State::RootAt(std::uint64_t tree_size) {
  internal::TileNodes nodes(tree_size);
  CLOISON_CO_TRY(tlog::RootAt(nodes, tree_size));
  CLOISON_CO_TRY(co_await LoadTiles(nodes, tree_size));
  co_return tlog::RootAt(nodes, tree_size);
}

Task<Result<std::vector<tlog::Proof>>> Publisher::ProveInclusions(
    std::vector<std::uint64_t> indices, std::uint64_t tree_size) const {
  internal::TileNodes nodes(tree_size);
  for (const std::uint64_t index : indices) {
    CLOISON_CO_TRY(tlog::ProveInclusion(nodes, index, tree_size));
  }
  CLOISON_CO_TRY(co_await state_->LoadTiles(nodes, tree_size));
  std::vector<tlog::Proof> proofs;
  proofs.reserve(indices.size());
  for (const std::uint64_t index : indices) {
    CLOISON_CO_TRY_ASSIGN(tlog::Proof proof, tlog::ProveInclusion(nodes, index, tree_size));
    proofs.push_back(std::move(proof));
  }
  co_return proofs;
}

Task<Result<tlog::Proof>> Publisher::ProveInclusion(std::uint64_t index,
                                                    std::uint64_t tree_size) const {
  std::vector<std::uint64_t> one(1, index);
  auto proofs = co_await ProveInclusions(std::move(one), tree_size);
  if (!proofs.ok()) co_return proofs.error();
  co_return std::move(proofs->front());
}

Task<Result<tlog::Proof>> Publisher::ProveConsistency(std::uint64_t older,
                                                      std::uint64_t newer) const {
  internal::TileNodes nodes(newer);
  CLOISON_CO_TRY(tlog::ProveConsistency(nodes, older, newer));
  CLOISON_CO_TRY(co_await state_->LoadTiles(nodes, newer));
  co_return tlog::ProveConsistency(nodes, older, newer);
}

}  // namespace cloison::ledger
