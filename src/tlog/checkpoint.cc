#include "tlog/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "crypto/base64.h"
#include "crypto/mac.h"

namespace cloison::tlog {
namespace {

constexpr Error kBad{Code::kInvalid, "not a checkpoint"};

// Takes a line from the front, without its line feed; empty when there is none.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return {};
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

LogId LogIdOf(const VerifierKey& key) {
  return LogId(crypto::Truncate<LogId::kSize>(crypto::Sha256(AsBytes(key.Text()))));
}

std::string PrintCheckpoint(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.head.size) + "\n" +
         crypto::ToBase64(checkpoint.head.root) + "\n";
}

Result<Checkpoint> ParseCheckpoint(std::string_view text) {
  std::string_view rest = text;
  Checkpoint out;
  out.origin = TakeLine(rest);
  const std::string_view size = TakeLine(rest);
  const std::string_view root = TakeLine(rest);
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), out.head.size);
  if (out.origin.empty() || error != std::errc() || end != size.data() + size.size()) return kBad;
  const Result<Bytes> bytes = crypto::FromBase64(root);
  if (!bytes.ok() || bytes->size() != out.head.root.size()) return kBad;
  std::copy(bytes->begin(), bytes->end(), out.head.root.begin());
  // One comparison refuses every other spelling: leading zeros, padding, further lines.
  if (PrintCheckpoint(out) != text || out.head.size > kTreeSizeMax) return kBad;
  if (out.head.size == 0 && out.head.root != EmptyRoot()) return kBad;
  return out;
}

Result<Note> SignCheckpoint(const Checkpoint& checkpoint, const VerifierKey& key,
                            const crypto::Signer& signer) {
  if (checkpoint.origin != key.name()) {
    return Error{Code::kInvalid, "the origin is not the key's name"};
  }
  Note note{PrintCheckpoint(checkpoint), {}};
  CLOISON_TRY(Sign(note, key, signer));
  return note;
}

Result<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key) {
  CLOISON_TRY_ASSIGN(const Note parsed, ParseNote(note));
  CLOISON_TRY(Verify(parsed, std::span(&key, 1)));
  CLOISON_TRY_ASSIGN(Checkpoint checkpoint, ParseCheckpoint(parsed.text));
  if (checkpoint.origin != key.name()) {
    return Error{Code::kDenied, "a checkpoint of another log"};
  }
  return checkpoint;
}

}  // namespace cloison::tlog
