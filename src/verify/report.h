// What a verification found: the first fault with its exact place, or none.
//
// Threads  values; no shared state.
#ifndef CLOISON_VERIFY_REPORT_H_
#define CLOISON_VERIFY_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_writer.h"
#include "tlog/proof.h"

namespace cloison::verify {

enum class FaultKind : std::uint8_t {
  kUnreadable,   // it could not be read; nothing is said about what it holds
  kMissing,      // the log must publish it and does not
  kLength,       // too short or too long
  kNote,         // not a signed checkpoint of this log
  kSignature,    // the log's own signature is missing or wrong
  kCosignature,  // a witness's signature is wrong
  kQuorum,       // too few witnesses signed
  kEntry,        // an entry is not the one that the signed root holds
  kTile,         // a tile of hashes is not that of the entries
  kRoot,         // entries and tiles fit together, but the root signed is another
  kRolledBack,   // shorter than a checkpoint that was signed before
  kFork,         // does not continue a checkpoint that was signed before
  kForm,         // a file of opened entries is not what docs/format/ledger.md says
  kOpening,      // an opened part is not what its leaf commits to
  kProof,        // an inclusion proof does not hold
  kTag,          // a leaf does not carry the tag that it must
  kGap,          // a running number is missing
  kLater,        // the log holds an entry that the file leaves out
  kScope,        // an entry of the period is not in it, or its neighbours do not close it
  kStore,        // a row of the store is not what the log says last
};
std::string_view FaultName(FaultKind kind);  // "unreadable", "rolled_back" ...

// Where it is. `byte` counts from the start of the object; of an entry it is where the entry
// begins in its bundle, since which of its bytes is wrong nobody can know.
struct Fault {
  FaultKind kind;
  std::string path;  // of the object: "checkpoint", "tile/0/x001/234"; or of a value in a file
  std::optional<std::uint64_t> entry;  // the first one that it is about
  std::uint64_t byte = 0;
  std::string_view text;  // a literal
  friend bool operator==(const Fault&, const Fault&) = default;
};

struct Cosigned {
  std::string name;
  std::uint64_t time_s;
};

struct Report {
  std::string origin;
  tlog::Head head{};               // of the checkpoint; size 0 until it was read
  std::string checkpoint;          // as it was read, once the log's signature held
  std::vector<Cosigned> cosigned;  // by whom of the witnesses given
  std::uint64_t entries = 0;       // read and hashed
  std::uint64_t objects = 0;       // files or answers read
  std::optional<Fault> fault;

  bool ok() const { return !fault.has_value(); }
};

// The members of an object, without its braces: ok, origin, size, root, entries, objects, cosigned,
// fault.
void WriteReport(const Report& report, codec::JsonWriter& json);
// "tile/0/000, byte 37, entry 1: a tile ... (tile)".
std::string Describe(const Fault& fault);

}  // namespace cloison::verify

#endif  // CLOISON_VERIFY_REPORT_H_
