#include "tlog/inclusion_text.h"

#include <algorithm>
#include <charconv>

#include "crypto/base64.h"

namespace cloison::tlog {
namespace {

constexpr Error kBad{Code::kInvalid, "not the text of a proof"};
constexpr Error kTooLarge{Code::kExhausted, "the text of a proof above the limit"};
constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1\n";
constexpr std::string_view kExtraMark = "extra ";
constexpr std::string_view kIndexMark = "index ";

// The head of a text ends with an empty line, so each of its lines has an end.
std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(line.size() + 1);
  return line;
}

Result<Hash> ParseHash(std::string_view line) {
  const Result<Bytes> bytes = crypto::FromBase64(line);
  Hash hash;
  if (!bytes.ok() || bytes->size() != hash.size()) return kBad;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

// The lines between the first and the empty one, the latter's line feed included.
Result<InclusionText> ParseHead(std::string_view lines) {
  InclusionText out;
  std::string_view line = TakeLine(lines);
  if (line.starts_with(kExtraMark)) {
    const Result<Bytes> extra = crypto::FromBase64(line.substr(kExtraMark.size()));
    if (!extra.ok() || extra->empty()) return kBad;
    if (extra->size() > kInclusionExtraBytesMax) return kTooLarge;
    out.extra = *extra;
    if (lines.empty()) return kBad;
    line = TakeLine(lines);
  }
  if (!line.starts_with(kIndexMark)) return kBad;
  line.remove_prefix(kIndexMark.size());
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), out.index);
  if (error != std::errc() || end != line.data() + line.size()) return kBad;
  if (line != std::to_string(out.index) || out.index >= kTreeSizeMax) return kBad;
  while (!lines.empty()) {
    if (out.proof.size() == kProofHashesMax) return kBad;
    CLOISON_TRY_ASSIGN(const Hash hash, ParseHash(TakeLine(lines)));
    out.proof.push_back(hash);
  }
  return out;
}

}  // namespace

std::string Print(const InclusionText& text) {
  CLOISON_CHECK(text.index < kTreeSizeMax && text.proof.size() <= kProofHashesMax);
  std::string out(kFirstLine);
  if (text.extra) {
    CLOISON_CHECK(!text.extra->empty() && text.extra->size() <= kInclusionExtraBytesMax);
    out.append(kExtraMark).append(crypto::ToBase64(*text.extra)).append("\n");
  }
  out.append(kIndexMark).append(std::to_string(text.index)).append("\n");
  for (const Hash& hash : text.proof) out.append(crypto::ToBase64(hash)).append("\n");
  return out.append("\n").append(text.checkpoint);
}

Result<InclusionText> ParseInclusionText(std::string_view text) {
  if (text.size() > kInclusionTextBytesMax) return kTooLarge;
  if (!text.starts_with(kFirstLine)) return kBad;
  text.remove_prefix(kFirstLine.size());
  const std::size_t empty_line = text.find("\n\n");
  if (empty_line == std::string_view::npos) return kBad;
  CLOISON_TRY_ASSIGN(InclusionText out, ParseHead(text.substr(0, empty_line + 1)));
  out.checkpoint = text.substr(empty_line + 2);
  CLOISON_TRY(ParseNote(out.checkpoint));
  return out;
}

}  // namespace cloison::tlog
