// The publisher: the log as strangers read it. It keeps a flat file of hashes per level of tiles,
// gives out a checkpoint only when the files hold the whole tree that it signs, and makes proofs.
//
// New hashes come from the committer (DurableLeaves) and stay in memory until they are written; the
// files follow behind, so nothing on the path of an entry waits for them. They are derived: at
// start they are cut to a whole prefix and held against the roots that were signed, every byte, and
// made again from the frames when they differ or lack something. A log of more than kSliceEntries
// is held against them in the background, and nothing is published until they are whole.
//
// Order    hashes written and synced; the checkpoint kept as the signed size; the checkpoint given
//          out; then tiles up to exactly its size can be read.
// Threads  Publish, Stop: any, one after the other. Add: the committer's executor. The rest: any.
// Source   docs/format/ledger.md "What is published"; C2SP tlog-tiles.
#ifndef CLOISON_LEDGER_PUBLISHER_H_
#define CLOISON_LEDGER_PUBLISHER_H_

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/files.h"
#include "ledger/durable_leaves.h"
#include "ledger/ledger.h"
#include "tlog/note.h"
#include "tlog/proof.h"
#include "tlog/tile.h"

namespace cloison::ledger {

// Entries that one call of Publish brings files that lag behind forward, at least; what is left is
// done in the background.
inline constexpr std::size_t kSliceEntries = 65'536;
// Hashes kept in memory while they cannot be written; beyond they are read from the frames again.
inline constexpr std::size_t kTailEntriesMax = 1u << 20;

class Publisher final : public DurableLeaves {
 public:
  struct Options {
    std::string directory;  // of the level files; the one above is there
    std::size_t slice_entries = kSliceEntries;
    std::size_t tail_entries_max = kTailEntriesMax;
  };
  struct Parts {  // all outlive the publisher
    Ledger& ledger;
    base::Files& files;
    base::Clock& clock;
    base::Executor& home;               // where Publish works
    base::Executor& background;         // where files that lag far behind are brought forward
    base::Executor* readers = nullptr;  // where files are read; null: where the caller is
  };

  // Of an open ledger, before it is attached: `ledger.Attach(committer, &publisher)`.
  Publisher(Options options, Parts parts);
  ~Publisher() override;

  void Add(std::uint64_t first_index, std::vector<tlog::Hash> hashes) override;

  // Each second: writes what is new, then publishes the latest checkpoint. Ok, too, while files
  // that lag far behind are brought forward in the background; nothing is published then.
  //
  // Fails    kCorrupt         the frames are not the log that was signed: nothing is published any
  //                           more
  //          kUnknownOutcome  a sync failed; the files are made anew
  //          else as files and store do; the next call tries again.
  // Cost     one node hash and 32 bytes per new entry, three or four syncs.
  Task<Status> Publish();
  // Waits for what runs; nothing begins after it. Await it before destruction.
  Task<void> Stop();

  // The published checkpoint, with the cosignatures that came for it; empty: none is yet.
  std::string checkpoint() const;
  std::uint64_t size() const;  // of it
  // For how long the published checkpoint has not been the latest one.
  std::int64_t lag_ms() const;
  // Adds signatures to the published checkpoint while `checkpoint_text` is its text (the note's
  // text, tlog::Note::text); else, and those of a signer it has, they are dropped. The caller has
  // verified them.
  void AddCosignatures(const std::string& checkpoint_text,
                       std::vector<tlog::NoteSignature> signatures);

  // A tile of hashes, or a bundle of entries. A partial one is given as long as a published tree
  // has so many there.
  //
  // Fails    kInvalid      no log has such a tile
  //          kNotFound     beyond the published size
  //          kUnavailable  cannot be read now
  Task<Result<Bytes>> ReadTile(tlog::TileId tile) const;

  // Proofs for any sizes up to the ledger's, published or not. Those of one call share what they
  // read.
  //
  // Fails    as tlog::ProveInclusion and ProveConsistency; kInvalid above the ledger's size;
  //          kUnavailable while the files are not whole, or cannot be read.
  // Cost     three tiles for each index and three for the size (at 10 million entries), read and
  //          hashed once per call: some 60 us each.
  Task<Result<tlog::Proof>> ProveInclusion(std::uint64_t index, std::uint64_t size) const;
  Task<Result<std::vector<tlog::Proof>>> ProveInclusions(std::vector<std::uint64_t> indices,
                                                         std::uint64_t size) const;
  Task<Result<tlog::Proof>> ProveConsistency(std::uint64_t older, std::uint64_t newer) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_PUBLISHER_H_
