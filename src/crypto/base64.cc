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

std::string Encode(ByteView bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t held = 0;
  int bits = 0;
  for (const std::uint8_t byte : bytes) {
    held = (held << 8 | byte) & 0xffff;
    for (bits += 8; bits >= 6; bits -= 6) out.push_back(alphabet[held >> (bits - 6) & 63]);
  }
  if (bits > 0) out.push_back(alphabet[held << (6 - bits) & 63]);
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
