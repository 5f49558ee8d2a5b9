#include "tlog/note.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "crypto/base64.h"
#include "crypto/mac.h"

namespace cloison::tlog {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // U+2014 and a space
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kEd25519Bytes = 64;

constexpr Error kBadKey{Code::kInvalid, "not a verifier key"};
constexpr Error kBadNote{Code::kInvalid, "not a signed note"};
constexpr Error kTooLarge{Code::kExhausted, "a note above the limit"};

// Takes one code point from the front of `text`; nothing when it is not well-formed UTF-8
// (Unicode 15, table 3-7).
std::optional<char32_t> TakeCodePoint(std::string_view& text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.size() < size) return std::nullopt;
  char32_t point = size == 1 ? lead : lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if ((byte & 0xc0) != 0x80) return std::nullopt;
    point = point << 6 | (byte & 0x3fu);
  }
  if (size == 3 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff))) return std::nullopt;
  if (size == 4 && (point < 0x10000 || point > 0x10ffff)) return std::nullopt;
  text.remove_prefix(size);
  return point;
}

// The code points with Unicode's property White_Space.
bool IsSpace(char32_t point) {
  switch (point) {
    case 0x20:
    case 0x85:
    case 0xa0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202f:
    case 0x205f:
    case 0x3000: return true;
    default: return (point >= 0x09 && point <= 0x0d) || (point >= 0x2000 && point <= 0x200a);
  }
}

bool IsName(std::string_view name) {
  if (name.empty() || name.size() > kKeyNameBytesMax) return false;
  while (!name.empty()) {
    const std::optional<char32_t> point = TakeCodePoint(name);
    if (!point.has_value() || *point < 0x20 || *point == '+' || IsSpace(*point)) return false;
  }
  return true;
}

bool IsText(std::string_view text) {
  if (text.empty() || text.back() != '\n') return false;
  while (!text.empty()) {
    const std::optional<char32_t> point = TakeCodePoint(text);
    if (!point.has_value() || (*point < 0x20 && *point != '\n')) return false;
  }
  return true;
}

Result<NoteSignature> ParseSignature(std::string_view line) {
  if (!line.starts_with(kDash)) return kBadNote;
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !IsName(line.substr(0, space))) return kBadNote;
  const Result<Bytes> bytes = crypto::FromBase64(line.substr(space + 1));
  if (!bytes.ok() || bytes->size() <= kKeyIdBytes) return kBadNote;
  base::Reader reader(*bytes);
  const std::uint32_t key_id = reader.U32();
  return NoteSignature{std::string(line.substr(0, space)), key_id, base::ToBytes(reader.rest())};
}

std::string CosignedMessage(std::string_view text, std::uint64_t time_s) {
  return "cosignature/v1\ntime " + std::to_string(time_s) + "\n" + std::string(text);
}

Status AddSignature(Note& note, const VerifierKey& key, const crypto::Signer& signer,
                    std::optional<std::uint64_t> time_s) {
  if (!IsText(note.text)) return kBadNote;
  if (note.signatures.size() >= kNoteSignaturesMax) return kTooLarge;
  if (signer.public_key() != key.public_key()) {
    return Error{Code::kInvalid, "the key is not the signer's"};
  }
  const std::string message = time_s.has_value() ? CosignedMessage(note.text, *time_s) : note.text;
  CLOISON_TRY_ASSIGN(const crypto::Ed25519Signature signature, signer.Sign(AsBytes(message)));
  Bytes blob;
  if (time_s.has_value()) base::AppendU64(blob, *time_s);
  base::AppendBytes(blob, signature);
  note.signatures.push_back({key.name(), key.id(), std::move(blob)});
  if (PrintNote(note).size() > kNoteBytesMax) {
    note.signatures.pop_back();
    return kTooLarge;
  }
  return Ok();
}

// The time of a good signature (0 for a plain one); nothing when it is bad.
std::optional<std::uint64_t> CheckSignature(const VerifierKey& key, std::string_view text,
                                            const NoteSignature& signature) {
  base::Reader reader(signature.blob);
  std::uint64_t time_s = 0;
  std::string message(text);
  if (key.type() == KeyType::kCosignature) {
    time_s = reader.U64();
    message = CosignedMessage(text, time_s);
  }
  if (reader.failed() || reader.rest().size() != kEd25519Bytes) return std::nullopt;
  if (!crypto::VerifyEd25519(key.public_key(), AsBytes(message), reader.rest())) {
    return std::nullopt;
  }
  return time_s;
}

bool SameSigner(const VerifierKey& key, std::string_view name, std::uint32_t id) {
  return key.id() == id && key.name() == name;
}

bool Ambiguous(std::span<const VerifierKey> keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (SameSigner(keys[i], keys[j].name(), keys[j].id()) && !(keys[i] == keys[j])) return true;
    }
  }
  return false;
}

}  // namespace

VerifierKey::VerifierKey(std::string_view name, KeyType type,
                         const crypto::Ed25519PublicKey& public_key)
    : name_(name), type_(type), public_key_(public_key) {
  const std::uint8_t separator_and_type[] = {'\n', static_cast<std::uint8_t>(type)};
  const crypto::Digest digest =
      crypto::Sha256({AsBytes(name_), ByteView(separator_and_type), public_key_});
  id_ = static_cast<std::uint32_t>(base::LoadBig(ByteView(digest).first(kKeyIdBytes)));
}

Result<VerifierKey> VerifierKey::Make(std::string_view name, KeyType type,
                                      const crypto::Ed25519PublicKey& public_key) {
  if (!IsName(name)) return kBadKey;
  return VerifierKey(name, type, public_key);
}

Result<VerifierKey> VerifierKey::Parse(std::string_view vkey) {
  // Base64 may hold a '+': only the first two separate.
  const std::size_t first = vkey.find('+');
  if (first == std::string_view::npos) return kBadKey;
  const std::size_t second = vkey.find('+', first + 1);
  if (second == std::string_view::npos) return kBadKey;
  const Result<Bytes> bytes = crypto::FromBase64(vkey.substr(second + 1));
  if (!bytes.ok()) return kBadKey;
  base::Reader reader(*bytes);
  const std::uint8_t type = reader.U8();
  const auto public_key = reader.Array<32>();
  if (reader.failed() || !reader.empty()) return kBadKey;
  if (type != static_cast<std::uint8_t>(KeyType::kSignature) &&
      type != static_cast<std::uint8_t>(KeyType::kCosignature)) {
    return Error{Code::kInvalid, "a verifier key of an unknown type", type};
  }
  CLOISON_TRY_ASSIGN(VerifierKey key,
                     Make(vkey.substr(0, first), static_cast<KeyType>(type), public_key));
  if (key.Text() != vkey) return kBadKey;
  return key;
}

std::string VerifierKey::Text() const {
  Bytes typed{static_cast<std::uint8_t>(type_)};
  base::AppendBytes(typed, public_key_);
  return name_ + "+" + base::ToHex(base::BigU32(id_)) + "+" + crypto::ToBase64(typed);
}

Result<Note> ParseNote(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax) return kTooLarge;
  const std::size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos) return kBadNote;
  Note note;
  note.text = bytes.substr(0, split + 1);
  std::string_view lines = bytes.substr(split + 2);
  if (!IsText(note.text) || lines.empty()) return kBadNote;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) return kBadNote;
    if (note.signatures.size() == kNoteSignaturesMax) return kTooLarge;
    CLOISON_TRY_ASSIGN(NoteSignature signature, ParseSignature(lines.substr(0, end)));
    note.signatures.push_back(std::move(signature));
    lines.remove_prefix(end + 1);
  }
  return note;
}

std::string PrintNote(const Note& note) {
  std::string out = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) {
    Bytes bytes;
    base::AppendU32(bytes, signature.key_id);
    base::AppendBytes(bytes, signature.blob);
    out.append(kDash)
        .append(signature.name)
        .append(" ")
        .append(crypto::ToBase64(bytes))
        .append("\n");
  }
  return out;
}

Status Sign(Note& note, const VerifierKey& key, const crypto::Signer& signer) {
  if (key.type() != KeyType::kSignature) return kBadKey;
  return AddSignature(note, key, signer, std::nullopt);
}

Status Cosign(Note& note, const VerifierKey& key, const crypto::Signer& signer,
              std::uint64_t time_s) {
  if (key.type() != KeyType::kCosignature) return kBadKey;
  return AddSignature(note, key, signer, time_s);
}

Result<std::vector<VerifiedSignature>> Verify(const Note& note, std::span<const VerifierKey> keys) {
  if (Ambiguous(keys)) return Error{Code::kInvalid, "two keys share a name and an id"};
  std::vector<VerifiedSignature> good;
  for (const NoteSignature& signature : note.signatures) {
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const VerifierKey& candidate) {
      return SameSigner(candidate, signature.name, signature.key_id);
    });
    if (key == keys.end()) continue;
    const std::optional<std::uint64_t> time_s = CheckSignature(*key, note.text, signature);
    if (!time_s.has_value()) return Error{Code::kCorrupt, "a signature does not verify"};
    const auto index = static_cast<std::size_t>(key - keys.begin());
    const bool seen = std::any_of(good.begin(), good.end(), [&](const VerifiedSignature& other) {
      return other.key == index;
    });
    if (!seen) good.push_back({index, *time_s});
  }
  if (good.empty()) return Error{Code::kDenied, "no known key signed the note"};
  return good;
}

}  // namespace cloison::tlog
