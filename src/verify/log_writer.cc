#include "verify/log_writer.h"

#include <set>
#include <utility>

#include "tlog/tile.h"
#include "verify/internal/builder.h"

namespace cloison::verify {

using internal::TileBuilder;
using Kind = tlog::TileId::Kind;

struct LogWriter::State {
  base::Files& files;
  std::string directory;
  TileBuilder builder;
  Bytes bundle;
  std::uint64_t size = 0;
  std::set<std::string> made = {};  // directories; one for 1,000 tiles

  Status MakeParents(const std::string& path) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      std::string parent = path.substr(0, slash);
      if (made.contains(parent)) continue;
      CLOISON_TRY(files.MakeDirectory(directory + "/" + parent, 0755));
      made.insert(std::move(parent));
    }
    return Ok();
  }
  Status Write(const std::string& path, ByteView bytes) {
    CLOISON_TRY(MakeParents(path));
    CLOISON_TRY_ASSIGN(const auto file, files.Create(directory + "/" + path, 0644));
    return file->Append(bytes);
  }
  Status WriteTile(const TileBuilder::Tile& tile) {
    const ByteView bytes(tile.hashes.front().data(), tile.width * sizeof(tlog::Hash));
    return Write(tlog::TilePath({Kind::kHashes, tile.level, tile.index, tile.width}), bytes);
  }
  Status WriteBundle() {
    const TileBuilder::Tile& leaves = builder.leaves();
    CLOISON_TRY(Write(tlog::TilePath({Kind::kEntries, 0, leaves.index, leaves.width}), bundle));
    bundle.clear();
    return WriteTile(leaves);
  }
};

LogWriter::LogWriter(base::Files& files, std::string directory)
    : state_(new State{files, std::move(directory), {}, {}}) {
  state_->builder.StartAt(0);
}
LogWriter::~LogWriter() = default;

Status LogWriter::Append(ByteView entry) {
  TileBuilder::Tile& leaves = state_->builder.leaves();
  tlog::AppendToBundle(entry, state_->bundle);
  leaves.hashes[leaves.width++] = tlog::LeafHash(entry);
  ++state_->size;
  if (leaves.width < tlog::kTileWidth) return Ok();
  CLOISON_TRY(state_->WriteBundle());
  Status written = Ok();
  state_->builder.Complete([&](const TileBuilder::Tile& full) {
    written = state_->WriteTile(full);
    return written.ok();
  });
  return written;
}

Result<tlog::Head> LogWriter::Finish() {
  const TileBuilder& builder = state_->builder;
  const unsigned width = state_->builder.leaves().width;
  if (width > 0) {
    CLOISON_TRY(state_->WriteBundle());
  }
  for (const TileBuilder::Tile& tile : builder.tiles()) {
    if (tile.level == 0 || tile.width == 0) continue;
    CLOISON_TRY(state_->WriteTile(tile));
  }
  return tlog::Head{state_->size, builder.Root(width)};
}

Status LogWriter::WriteFile(const std::string& name, ByteView bytes) {
  return state_->Write(name, bytes);
}

}  // namespace cloison::verify
