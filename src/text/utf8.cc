#include "text/utf8.h"

#include <string.h>  // explicit_bzero
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstdint>

namespace cloison::text {
namespace {

using base::Utf8SequenceLength;

std::uint8_t ByteAt(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

// Of a well-formed sequence.
UChar32 Decode(std::string_view sequence) {
  const std::uint8_t lead = ByteAt(sequence, 0);
  if (sequence.size() == 1) return lead;
  UChar32 value = lead & (0x7f >> sequence.size());
  for (std::size_t i = 1; i < sequence.size(); ++i)
    value = value << 6 | (ByteAt(sequence, i) & 0x3f);
  return value;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<std::uint8_t>(c) < 0x80; });
}

Status CheckText(std::string_view text) {
  if (text.size() > kTextBytesMax) return Error{Code::kExhausted, "a text is too long"};
  const std::optional<std::size_t> bad = FirstInvalidUtf8(text);
  if (bad.has_value()) {
    return Error{Code::kInvalid, "a text is not UTF-8", static_cast<std::int64_t>(*bad)};
  }
  return Ok();
}

std::string AsciiLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

icu::UnicodeString ToUnicode(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

// ICU's own buffer holds the value too; it is overwritten before it is freed.
Result<std::string> Normal(icu::UnicodeString& text,
                           const icu::Normalizer2* (*instance)(UErrorCode&)) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* form = instance(code);
  if (U_FAILURE(code)) return Error{Code::kUnavailable, "ICU has no normalisation data"};
  icu::UnicodeString composed = form->normalize(text, code);
  std::string out;
  composed.toUTF8String(out);
  for (icu::UnicodeString* used : {&text, &composed}) {
    for (std::int32_t i = 0; i < used->length(); ++i) used->setCharAt(i, 0);
  }
  if (U_FAILURE(code)) return Error{Code::kInvalid, "a text has no normal form"};
  return out;
}

Result<std::string> Compose(icu::UnicodeString& text) {
  return Normal(text, icu::Normalizer2::getNFCInstance);
}

}  // namespace

std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xc0) != 0x80;
  }));
}

std::string_view FirstCharacter(std::string_view text) {
  if (text.empty()) return {};
  return text.substr(0, Utf8SequenceLength(text, 0));
}

bool HasControl(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (const std::uint8_t byte = ByteAt(text, at); byte < 0x80) {  // most of them
      if (byte < 0x20 || byte == 0x7f) return true;
      ++at;
      continue;
    }
    const std::size_t length = Utf8SequenceLength(text, at);
    if (length == 0) return true;
    if (u_charType(Decode(text.substr(at, length))) == U_CONTROL_CHAR) return true;
    at += length;
  }
  return false;
}

std::string_view Trim(std::string_view text) {
  const auto is_space = [](UChar32 c) {
    if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
    return u_isUWhiteSpace(c) || c == 0xfeff;
  };
  while (!text.empty()) {
    const std::size_t length = Utf8SequenceLength(text, 0);
    if (length == 0 || !is_space(Decode(text.substr(0, length)))) break;
    text.remove_prefix(length);
  }
  while (!text.empty()) {
    std::size_t at = text.size() - 1;
    while (at > 0 && (ByteAt(text, at) & 0xc0) == 0x80) --at;
    const std::size_t length = Utf8SequenceLength(text, at);
    if (length != text.size() - at || !is_space(Decode(text.substr(at)))) break;
    text.remove_suffix(length);
  }
  return text;
}

Result<std::string> Nfc(std::string_view text) {
  CLOISON_TRY(CheckText(text));
  if (IsAscii(text)) return std::string(text);
  icu::UnicodeString wide = ToUnicode(text);
  return Compose(wide);
}

Result<std::string> Nfkd(std::string_view text) {
  CLOISON_TRY(CheckText(text));
  if (IsAscii(text)) return std::string(text);
  icu::UnicodeString unicode = ToUnicode(text);
  return Normal(unicode, icu::Normalizer2::getNFKDInstance);
}

Result<std::string> LowerCase(std::string_view text) {
  CLOISON_TRY(CheckText(text));
  if (IsAscii(text)) return AsciiLower(text);
  icu::UnicodeString wide = ToUnicode(text);
  wide.toLower(icu::Locale::getRoot());
  return Compose(wide);
}

Result<std::string> UpperCase(std::string_view text) {
  CLOISON_TRY(CheckText(text));
  icu::UnicodeString wide = ToUnicode(text);
  wide.toUpper(icu::Locale::getRoot());
  return Compose(wide);
}

Result<std::string> FoldCase(std::string_view text) {
  CLOISON_TRY(CheckText(text));
  if (IsAscii(text)) return AsciiLower(text);
  icu::UnicodeString wide = ToUnicode(text);
  wide.foldCase(U_FOLD_CASE_DEFAULT);
  return Compose(wide);
}

void WipeText(std::string& text) {
  text.resize(text.capacity());
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace cloison::text
