// One pass over a published log, bundle by bundle.
#ifndef CLOISON_VERIFY_INTERNAL_WALK_H_
#define CLOISON_VERIFY_INTERNAL_WALK_H_

#include "verify/internal/builder.h"
#include "verify/log.h"

namespace cloison::verify::internal {

class Walk {
 public:
  // All outlive it. `report` has the head that the log must come to.
  Walk(Source& source, const LogOptions& options, Report& report)
      : source_(source), options_(options), report_(report) {}

  // From the first entry. `heads` must be the log's at their sizes; they are sorted.
  void Whole(std::vector<KnownHead> heads);
  // From the head `since`, which was verified before; nothing is done, and false given, when the
  // tiles do not lead to it.
  bool From(const tlog::Head& since, std::vector<KnownHead> heads);

 private:
  using Tile = TileBuilder::Tile;

  bool ReadPrefixes(std::uint64_t size);
  void Bundles(std::uint64_t first);
  bool Bundle(std::uint64_t index);
  // Hashes the entries of bundle_ into the leaves, as many as are well formed.
  void HashEntries(unsigned width);
  bool CheckAgainstPrefix(const std::string& path);
  bool CheckHeads();
  bool CheckTile(const Tile& built);
  bool CheckTiles();
  bool Read(const std::string& path, std::size_t bytes_max, Bytes& out, std::uint64_t entry);
  bool Differs(const Tile& built, std::span<const Hash> published, std::uint64_t byte);
  bool Put(Fault fault);

  Source& source_;
  const LogOptions& options_;
  Report& report_;
  TileBuilder builder_;
  std::vector<KnownHead> heads_;
  std::vector<Hash> prefix_;  // of the leaves of the first bundle: known to be right
  Bytes bundle_, tile_;       // as read
  std::array<std::uint32_t, tlog::kTileWidth + 1> offsets_{};  // of entries in the bundle
};

}  // namespace cloison::verify::internal

#endif  // CLOISON_VERIFY_INTERNAL_WALK_H_
