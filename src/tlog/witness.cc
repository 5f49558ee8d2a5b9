#include "tlog/witness.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "crypto/base64.h"
#include "crypto/mac.h"

namespace cloison::tlog {
namespace {

constexpr std::string_view kOld = "old ";
// A text to hang signature lines on, so that one parser reads them everywhere.
constexpr std::string_view kStandIn = "answer\n";

constexpr Error kBadRequest{Code::kInvalid, "not an add-checkpoint request"};
constexpr Error kBadAnswer{Code::kCorrupt, "a witness's answer cannot be read"};

// All of `text` as a decimal number without leading zeros.
std::optional<std::uint64_t> ParseNumber(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (std::to_string(number) != text) return std::nullopt;
  return number;
}

// Takes a line from the front, without its line feed; nothing when there is none.
std::optional<std::string_view> TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

Result<Hash> ParseHash(std::string_view line) {
  const Result<Bytes> bytes = crypto::FromBase64(line);
  Hash hash{};
  if (!bytes.ok() || bytes->size() != hash.size()) return kBadRequest;
  std::ranges::copy(*bytes, hash.begin());
  return hash;
}

// "text/x.tlog.size", maybe with parameters behind.
bool IsSizeType(std::string_view content_type) {
  if (!content_type.starts_with(kSizeContentType)) return false;
  content_type.remove_prefix(kSizeContentType.size());
  return content_type.empty() || content_type.front() == ';' || content_type.front() == ' ';
}

Result<WitnessAnswer> ParseCosigned(std::string_view body) {
  const Result<Note> note = ParseNote(std::string(kStandIn) + "\n" + std::string(body));
  if (!note.ok() || note->text != kStandIn) return kBadAnswer;
  return WitnessAnswer{WitnessVerdict::kCosigned, note->signatures, 0};
}

Result<WitnessAnswer> ParseOtherSize(std::string_view content_type, std::string_view body) {
  if (!IsSizeType(content_type) || !body.ends_with('\n')) return kBadAnswer;
  body.remove_suffix(1);
  const std::optional<std::uint64_t> size = ParseNumber(body);
  if (!size) return kBadAnswer;
  return WitnessAnswer{WitnessVerdict::kOtherSize, {}, *size};
}

}  // namespace

std::string PrintAddCheckpoint(const AddCheckpoint& request) {
  std::string body = std::string(kOld) + std::to_string(request.old_size) + "\n";
  for (const Hash& hash : request.proof) body += crypto::ToBase64(hash) + "\n";
  return body + "\n" + request.checkpoint;
}

Result<AddCheckpoint> ParseAddCheckpoint(std::string_view body) {
  if (body.size() > kWitnessRequestBytesMax) {
    return Error{Code::kExhausted, "an add-checkpoint request above the limit"};
  }
  AddCheckpoint request;
  std::optional<std::string_view> line = TakeLine(body);
  if (!line || !line->starts_with(kOld)) return kBadRequest;
  const std::optional<std::uint64_t> size = ParseNumber(line->substr(kOld.size()));
  if (!size) return kBadRequest;
  request.old_size = *size;
  for (line = TakeLine(body); line && !line->empty(); line = TakeLine(body)) {
    if (request.proof.size() == kWitnessProofHashesMax) {
      return Error{Code::kExhausted, "a proof of too many hashes"};
    }
    CLOISON_TRY_ASSIGN(const Hash hash, ParseHash(*line));
    request.proof.push_back(hash);
  }
  if (!line || body.empty()) return kBadRequest;
  request.checkpoint = body;
  return request;
}

Result<WitnessAnswer> ParseWitnessAnswer(int status, std::string_view content_type,
                                         std::string_view body) {
  switch (status) {
    case 200: return ParseCosigned(body);
    case 409: return ParseOtherSize(content_type, body);
    case 404: return WitnessAnswer{WitnessVerdict::kUnknownLog};
    case 403: return WitnessAnswer{WitnessVerdict::kNotSigned};
    case 422: return WitnessAnswer{WitnessVerdict::kInconsistent};
    case 400: return WitnessAnswer{WitnessVerdict::kBadRequest};
    default: return WitnessAnswer{WitnessVerdict::kNotNow};
  }
}

std::string PrintSignatures(const std::vector<NoteSignature>& signatures) {
  const std::string note = PrintNote(Note{std::string(kStandIn), signatures});
  return note.substr(kStandIn.size() + 1);
}

std::string PrintSize(std::uint64_t size) {
  return std::to_string(size) + "\n";
}

std::string WitnessedPath(std::string_view origin) {
  return "/" + base::ToHex(crypto::Sha256(AsBytes(origin))) + "/checkpoint";
}

}  // namespace cloison::tlog
