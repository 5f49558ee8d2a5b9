#include "base/bytes.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace cloison::base {

bool Equal(ByteView a, ByteView b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

namespace {

// One load or store and a swap: g++ makes a loop over bytes of its own.
template <class Int>
Int Swapped(Int value) {
  if constexpr (std::endian::native == std::endian::big) return value;
  if constexpr (sizeof(Int) == 8) return __builtin_bswap64(value);
  if constexpr (sizeof(Int) == 4) return __builtin_bswap32(value);
  return __builtin_bswap16(static_cast<std::uint16_t>(value));
}

template <class Int>
Int Load(ByteView bytes) {
  Int value;
  std::memcpy(&value, bytes.data(), sizeof(value));
  return Swapped(value);
}

template <class Int>
ByteArray<sizeof(Int)> Big(Int value) {
  return std::bit_cast<ByteArray<sizeof(Int)>>(Swapped(value));
}

}  // namespace

std::uint64_t LoadBig(ByteView bytes) {
  CLOISON_CHECK(bytes.size() <= 8);
  if (bytes.size() == 8) return Load<std::uint64_t>(bytes);
  if (bytes.size() == 4) return Load<std::uint32_t>(bytes);
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}
}  // namespace

ByteArray<2> BigU16(std::uint16_t value) {
  return Big(value);
}
ByteArray<4> BigU32(std::uint32_t value) {
  return Big(value);
}
ByteArray<8> BigU64(std::uint64_t value) {
  return Big(value);
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
