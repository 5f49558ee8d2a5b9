// Checkpoints: a log's signed statement of its size and root.
//
// The text of the note is three lines: origin, size in decimal, root in base64. The origin is the
// log's name, the URL of its public prefix without scheme or trailing slash; it is also the name of
// the log's key.
//
// Threads  values; no shared state. Source: C2SP tlog-checkpoint v1.0.0.
#ifndef CLOISON_TLOG_CHECKPOINT_H_
#define CLOISON_TLOG_CHECKPOINT_H_

#include <string>
#include <string_view>

#include "base/ids.h"
#include "crypto/ed25519.h"
#include "tlog/note.h"
#include "tlog/proof.h"

namespace cloison::tlog {

struct Checkpoint {
  std::string origin;
  Head head;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// SHA-256(vkey text)[0..8): the log's name in leaves, tags and records.
LogId LogIdOf(const VerifierKey& key);

std::string PrintCheckpoint(const Checkpoint& checkpoint);

// Fails    kInvalid unless `text` is exactly what PrintCheckpoint gives: no extension line (our
// logs
//          write none, and nothing checks what they would say), no leading zero, size at most
//          kTreeSizeMax, a canonical root of 32 bytes; for size 0 the empty root.
Result<Checkpoint> ParseCheckpoint(std::string_view text);

// A note of the checkpoint, signed by the log's own key. The caller answers for the one rule that
// matters: never two checkpoints of one log that are not consistent.
//
// Fails    kInvalid when the origin is not the key's name; else as Sign.
Result<Note> SignCheckpoint(const Checkpoint& checkpoint, const VerifierKey& key,
                            const crypto::Signer& signer);

// Opens a checkpoint against the log's key; other signatures (witnesses') are not looked at.
//
// Fails    kInvalid when it does not parse, kDenied when its origin is not the key's name or the
// key
//          did not sign, kCorrupt when the signature is wrong.
Result<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key);

}  // namespace cloison::tlog

#endif  // CLOISON_TLOG_CHECKPOINT_H_
