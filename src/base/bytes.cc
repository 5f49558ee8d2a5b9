#include "base/bytes.h"

#include <algorithm>

namespace cloison::base {

bool Equal(ByteView a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::uint64_t LoadBig(ByteView bytes) {
  CLOISON_CHECK(bytes.size() <= 8);
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

namespace {
template <std::size_t N>
ByteArray<N> Big(std::uint64_t value) {
  ByteArray<N> out{};
  for (std::size_t i = N; i-- > 0; value >>= 8) out[i] = static_cast<std::uint8_t>(value);
  return out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

ByteArray<2> BigU16(std::uint16_t value) {
  return Big<2>(value);
}
ByteArray<4> BigU32(std::uint32_t value) {
  return Big<4>(value);
}
ByteArray<8> BigU64(std::uint64_t value) {
  return Big<8>(value);
}

std::uint64_t Reader::Big(std::size_t size) {
  const ByteView view = Take(size);
  return view.size() == size ? LoadBig(view) : 0;
}

ByteView Reader::Take(std::size_t size) {
  if (failed_ || size > left_.size()) {
    failed_ = true;
    return {};
  }
  const ByteView taken = left_.first(size);
  left_ = left_.subspan(size);
  return taken;
}

std::string ToHex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

Result<Bytes> FromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return Error{Code::kInvalid, "hex text has an odd length"};
  Bytes out;
  out.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = HexDigit(hex[i]);
    const int low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) return Error{Code::kInvalid, "not a hex digit", static_cast<int>(i)};
    out.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return out;
}

}  // namespace cloison::base
