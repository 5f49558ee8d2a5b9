// Proofs as text: that an entry is in a log, for whoever holds the entry and the log's key, without
// a network.
//
//   c2sp.org/tlog-proof@v1
//   extra <base64>            (may be missing)
//   index <decimal>
//   <base64 of a hash>        (for each hash of the proof, from the leaf up)
//
//   <a signed checkpoint, as it is>
//
// Threads  values; no shared state. Source: C2SP tlog-proof.
#ifndef CLOISON_TLOG_INCLUSION_TEXT_H_
#define CLOISON_TLOG_INCLUSION_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

#include "tlog/note.h"
#include "tlog/proof.h"

namespace cloison::tlog {

inline constexpr std::size_t kInclusionExtraBytesMax = 4'096;
inline constexpr std::size_t kInclusionTextBytesMax = kNoteBytesMax + 8'192;

struct InclusionText {
  std::optional<Bytes> extra;  // proven by nothing; never empty
  std::uint64_t index;
  Proof proof;
  std::string checkpoint;  // a note
};

// CHECKs that the extra is not empty and that index, proof and extra are within their limits.
std::string Print(const InclusionText& text);

// Reads the form alone: the caller opens the checkpoint with the log's key and verifies the proof.
//
// Fails    kInvalid unless `text` is exactly what Print gives, with a checkpoint that is a signed
//          note, an index below kTreeSizeMax and at most kProofHashesMax hashes;
//          kExhausted above kInclusionTextBytesMax, kInclusionExtraBytesMax or a limit of notes.
Result<InclusionText> ParseInclusionText(std::string_view text);

}  // namespace cloison::tlog

#endif  // CLOISON_TLOG_INCLUSION_TEXT_H_
