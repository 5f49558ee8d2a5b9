// Verifies a published log without asking its server for more than its files.
//
// Every entry is hashed, every tile of every level and the root are built anew from the entries and
// compared, byte by byte, with what is published; the root is the one that the log's key signed.
// So whoever trusts the key and the witnesses need trust nobody else.
//
// Source   C2SP tlog-tiles, tlog-checkpoint, tlog-cosignature; docs/format/ledger.md.
#ifndef CLOISON_VERIFY_LOG_H_
#define CLOISON_VERIFY_LOG_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tlog/note.h"
#include "tlog/tile.h"
#include "verify/report.h"
#include "verify/source.h"

namespace cloison::verify {

inline constexpr std::size_t kWitnessesMax = 64;
inline constexpr std::size_t kBundleBytesMax = tlog::kTileWidth * (2 + tlog::kEntryBytesMax);

// Sees the entries on their way, in order.
class EntryObserver {
 public:
  virtual ~EntryObserver() = default;
  virtual void OnEntry(std::uint64_t index, ByteView entry) = 0;
};

// A head that the log is said to have had, and who says so: "since", "/rows/3/proof".
struct KnownHead {
  tlog::Head head;
  std::string path;
  bool may_be_newer = false;  // else it is a rollback when the log is shorter
};

struct LogOptions {
  tlog::VerifierKey key;                          // of the log; type kSignature
  std::vector<tlog::VerifierKey> witnesses = {};  // of type kCosignature, each once
  std::optional<std::size_t> quorum = {};         // how many of them must have signed; nothing: all
  // A checkpoint of this log that was verified before: only what came since is read, and that it
  // continues that one is part of the verdict.
  std::optional<std::string> since = {};
  // Heads that the log is said to have had: each is compared on the way. With `since`, only those
  // above its size.
  std::vector<KnownHead> heads = {};
  EntryObserver* observer = nullptr;
  std::function<void(std::uint64_t entries)> progress = {};  // after each bundle
};

// Gives    a report with the first fault in the order of reading: the checkpoint, then bundle by
//          bundle with the tiles that each completes, then the partial tiles, then the root. Where
//          an entry and a tile contradict each other, the signed root says which is wrong.
// Fails    kInvalid: keys of the wrong type or twice, a quorum above the witnesses given, more than
//          kWitnessesMax
// Threads  one per source. Memory: one bundle and one tile per level, whatever the log's size.
// Cost     4 blocks of SHA-256 per entry of 98 bytes, and two reads per 256 entries; with `since`,
//          of the entries since, and a tile per level.
Result<Report> VerifyLog(Source& source, const LogOptions& options);

}  // namespace cloison::verify

#endif  // CLOISON_VERIFY_LOG_H_
