// Signed notes and the keys that verify them.
//
// A note is text that ends with a line feed, an empty line, and one line per signature:
//   — <name> <base64 of: key id[4] ‖ signature>
// A verifier key (vkey) is  name+<key id in hex>+<base64 of: type ‖ public key>  with
// key id = SHA-256(name ‖ 0A ‖ type ‖ public key)[0..4).
//
// Two types are known, both over Ed25519: a signature signs the text; a cosignature (of a witness)
// carries a time and signs "cosignature/v1\ntime <seconds>\n" ‖ text.
//
// Threads  values; no shared state. Source: C2SP signed-note v1.0.0, tlog-cosignature v1.0.1.
#ifndef CLOISON_TLOG_NOTE_H_
#define CLOISON_TLOG_NOTE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "crypto/ed25519.h"

namespace cloison::tlog {

inline constexpr std::size_t kNoteBytesMax = 65'536;
inline constexpr std::size_t kNoteSignaturesMax = 100;
inline constexpr std::size_t kKeyNameBytesMax = 255;

// The type byte of a key.
enum class KeyType : std::uint8_t { kSignature = 0x01, kCosignature = 0x04 };

// A name and a public key: what a reader needs to trust a signer.
class VerifierKey {
 public:
  // Fails    kInvalid for a name that is empty, too long, not UTF-8, or holds a space, a '+' or a
  //          control character.
  static Result<VerifierKey> Make(std::string_view name, KeyType type,
                                  const crypto::Ed25519PublicKey& public_key);
  // Fails    kInvalid unless `vkey` is exactly what Text() gives for a key of a known type; so a
  //          key id that does not match is refused.
  static Result<VerifierKey> Parse(std::string_view vkey);

  std::string Text() const;
  const std::string& name() const { return name_; }
  std::uint32_t id() const { return id_; }
  KeyType type() const { return type_; }
  const crypto::Ed25519PublicKey& public_key() const { return public_key_; }
  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;

 private:
  VerifierKey(std::string_view name, KeyType type, const crypto::Ed25519PublicKey& public_key);

  std::string name_;
  KeyType type_;
  crypto::Ed25519PublicKey public_key_;
  std::uint32_t id_;
};

struct NoteSignature {
  std::string name;
  std::uint32_t key_id;
  Bytes blob;  // what follows the key id: never empty
  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

struct Note {
  std::string text;  // ends with a line feed
  std::vector<NoteSignature> signatures;
  friend bool operator==(const Note&, const Note&) = default;
};

// Fails    kInvalid unless the text is UTF-8 without control characters but the line feed, ends
//          with one, and every signature line is well formed and there is at least one;
//          kExhausted above kNoteBytesMax or kNoteSignaturesMax.
Result<Note> ParseNote(std::string_view bytes);
std::string PrintNote(const Note& note);

// Adds the signature line of `key`, which must be the signer's own key and of type kSignature.
//
// Fails    kInvalid when key and signer differ or the text cannot be a note's; kExhausted when the
//          note is full; kUnavailable when the signer is out of reach. The note is unchanged then.
Status Sign(Note& note, const VerifierKey& key, const crypto::Signer& signer);
// The same for a key of type kCosignature, as a witness does it at `time_s` (POSIX seconds).
Status Cosign(Note& note, const VerifierKey& key, const crypto::Signer& signer,
              std::uint64_t time_s);

// A signature that was found good.
struct VerifiedSignature {
  std::size_t key;       // index into the keys given to Verify
  std::uint64_t time_s;  // of a cosignature; 0 for a signature
};

// Which of `keys` signed the note. Signatures of unknown keys (name and id) are ignored; one of a
// known key that does not verify rejects the note. A key counts once.
//
// Gives    at least one, in the order of the note's lines.
// Fails    kCorrupt when a known key's signature does not verify, kDenied when no known key signed,
//          kInvalid when two different keys given share name and id.
// Cost     about 50 us per signature of a known key.
Result<std::vector<VerifiedSignature>> Verify(const Note& note, std::span<const VerifierKey> keys);

}  // namespace cloison::tlog

#endif  // CLOISON_TLOG_NOTE_H_
