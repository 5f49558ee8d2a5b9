// What a log says to a witness, and what the witness answers: the texts of add-checkpoint.
//
//   request   old <size>\n   one base64 hash of the proof per line   an empty line   the checkpoint
//   answer    200  signature lines, cosignatures of the checkpoint
//             409  the size that the witness holds, in decimal, and a line feed; text/x.tlog.size
//             404  no such log here    403  not signed by the log's key    422  the proof is wrong
//             400  the request is wrong        anything else: not now
//
// Threads  values; no shared state. Source: C2SP tlog-witness v1.0.0.
#ifndef CLOISON_TLOG_WITNESS_H_
#define CLOISON_TLOG_WITNESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "tlog/note.h"
#include "tlog/proof.h"

namespace cloison::tlog {

inline constexpr std::size_t kWitnessProofHashesMax = 63;
inline constexpr std::size_t kWitnessRequestBytesMax = kNoteBytesMax + 4'096;

struct AddCheckpoint {
  std::uint64_t old_size = 0;  // what the witness holds, as far as the caller knows
  Proof proof;                 // from old_size to the checkpoint's; empty when old_size is 0
  std::string checkpoint;      // the note, signed by the log
  friend bool operator==(const AddCheckpoint&, const AddCheckpoint&) = default;
};

std::string PrintAddCheckpoint(const AddCheckpoint& request);

// What a witness reads. Whether the checkpoint is one is not looked at.
//
// Fails    kInvalid unless `body` is exactly what PrintAddCheckpoint gives; kExhausted above
//          kWitnessProofHashesMax hashes or kWitnessRequestBytesMax bytes.
Result<AddCheckpoint> ParseAddCheckpoint(std::string_view body);

enum class WitnessVerdict : std::uint8_t {
  kCosigned,      // 200
  kOtherSize,     // 409: the witness holds another size than the request says
  kUnknownLog,    // 404
  kNotSigned,     // 403
  kInconsistent,  // 422: what it holds is not what our proof begins with
  kBadRequest,    // 400
  kNotNow,        // everything else: a limit, a fault, a proxy
};

struct WitnessAnswer {
  WitnessVerdict verdict;
  std::vector<NoteSignature> signatures = {};  // of kCosigned: well formed, not verified
  std::uint64_t size = 0;                      // of kOtherSize
};

// Fails    kCorrupt when a 200 has anything but signature lines, none, or more than a note may
//          have; when a 409 has another
//          type, or not one number without leading zeros and a line feed.
Result<WitnessAnswer> ParseWitnessAnswer(int status, std::string_view content_type,
                                         std::string_view body);

// The body of a 200 and of a 409, as a witness writes them.
std::string PrintSignatures(const std::vector<NoteSignature>& signatures);
std::string PrintSize(std::uint64_t size);
inline constexpr std::string_view kSizeContentType = "text/x.tlog.size";

// "/<hex of SHA-256 of the origin>/checkpoint": where a witness may show, under its prefix, the
// newest checkpoint that it holds of a log.
std::string WitnessedPath(std::string_view origin);

}  // namespace cloison::tlog

#endif  // CLOISON_TLOG_WITNESS_H_
