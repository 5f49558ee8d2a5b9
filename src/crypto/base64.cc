#include "crypto/base64.h"

namespace cloison::crypto {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNone = 0xff;

using Table = std::array<std::uint8_t, 256>;

constexpr Table Invert(std::string_view alphabet) {
  Table table{};
  table.fill(kNone);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}
constexpr Table kStandardValues = Invert(kStandard);
constexpr Table kUrlValues = Invert(kUrl);

// Three bytes at a time; the last one or two have two or three characters.
std::string Encode(ByteView bytes, std::string_view alphabet) {
  const std::size_t whole = bytes.size() / 3, rest = bytes.size() % 3;
  std::string out(whole * 4 + (rest == 0 ? 0 : rest + 1), '\0');
  auto place = out.begin();
  for (std::size_t at = 0; at < whole * 3; at += 3) {
    const std::uint32_t held =
        std::uint32_t{bytes[at]} << 16 | std::uint32_t{bytes[at + 1]} << 8 | bytes[at + 2];
    for (int shift = 18; shift >= 0; shift -= 6) *place++ = alphabet[held >> shift & 63];
  }
  if (rest == 0) return out;
  std::uint32_t held = std::uint32_t{bytes[whole * 3]} << 16;
  if (rest == 2) held |= std::uint32_t{bytes[whole * 3 + 1]} << 8;
  for (int shift = 18; place != out.end(); shift -= 6) *place++ = alphabet[held >> shift & 63];
  return out;
}

Result<Bytes> Decode(std::string_view text, const Table& values) {
  if (text.size() % 4 == 1) return Error{Code::kInvalid, "base64 of an impossible length"};
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const std::uint8_t value = values[static_cast<std::uint8_t>(c)];
    if (value == kNone) return Error{Code::kInvalid, "a character that is not base64"};
    held = (held << 6 | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<std::uint8_t>(held >> bits));
  }
  if ((held & ((1u << bits) - 1)) != 0) {
    return Error{Code::kInvalid, "base64 that is not canonical"};
  }
  return out;
}

}  // namespace

std::string ToBase64(ByteView bytes) {
  std::string out = Encode(bytes, kStandard);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

Result<Bytes> FromBase64(std::string_view text) {
  if (text.size() % 4 != 0) return Error{Code::kInvalid, "base64 of an impossible length"};
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return Decode(text, kStandardValues);
}

std::string ToBase64Url(ByteView bytes) {
  return Encode(bytes, kUrl);
}

Result<Bytes> FromBase64Url(std::string_view text) {
  return Decode(text, kUrlValues);
}

}  // namespace cloison::crypto
