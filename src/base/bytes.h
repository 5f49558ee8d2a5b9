// Byte strings, big-endian integers, and a reader that cannot run past the end.
//
// All formats of the project are big-endian (docs/format). Bytes is for ciphertext, keys of rows
// and other public material; plain values of people and keys live in crypto::SecretBytes.
#ifndef CLOISON_BASE_BYTES_H_
#define CLOISON_BASE_BYTES_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cloison::base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

inline ByteView AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view AsText(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes ToBytes(ByteView view) {
  return Bytes(view.begin(), view.end());
}
bool Equal(ByteView a, ByteView b);  // not constant-time: for public bytes only

// Appends to any container of bytes (Bytes, SecretBytes' builder, std::string).
template <class Out>
void AppendBytes(Out& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}
template <class Out, class Int>
void AppendBig(Out& out, Int value) {
  for (int shift = static_cast<int>(sizeof(Int)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<typename Out::value_type>(value >> shift));
  }
}
template <class Out>
void AppendU8(Out& out, std::uint8_t value) {
  out.push_back(static_cast<typename Out::value_type>(value));
}
template <class Out>
void AppendU16(Out& out, std::uint16_t value) {
  AppendBig(out, value);
}
template <class Out>
void AppendU32(Out& out, std::uint32_t value) {
  AppendBig(out, value);
}
template <class Out>
void AppendU64(Out& out, std::uint64_t value) {
  AppendBig(out, value);
}

std::uint64_t LoadBig(ByteView bytes);  // 1 to 8 bytes
ByteArray<2> BigU16(std::uint16_t value);
ByteArray<4> BigU32(std::uint32_t value);
ByteArray<8> BigU64(std::uint64_t value);

// Reads from the front of a view. A read past the end sets failed() and gives zeros or an empty
// view; the caller looks once, at the end: `if (reader.failed() || !reader.empty()) return
// kCorrupt`.
class Reader {
 public:
  explicit Reader(ByteView bytes) : left_(bytes) {}

  std::uint8_t U8() { return static_cast<std::uint8_t>(Big(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Big(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Big(4)); }
  std::uint64_t U64() { return Big(8); }
  ByteView Take(std::size_t size);
  template <std::size_t N>
  ByteArray<N> Array() {
    ByteArray<N> out{};
    const ByteView view = Take(N);
    for (std::size_t i = 0; i < view.size(); ++i) out[i] = view[i];
    return out;
  }
  ByteView rest() const { return left_; }
  bool empty() const { return left_.empty(); }
  bool failed() const { return failed_; }

 private:
  std::uint64_t Big(std::size_t size);

  ByteView left_;
  bool failed_ = false;
};

// Lower-case hexadecimal, and back (kInvalid on an odd length or another character).
std::string ToHex(ByteView bytes);
Result<Bytes> FromHex(std::string_view hex);

}  // namespace cloison::base

namespace cloison {
using base::AsBytes;
using base::AsText;
using base::ByteArray;
using base::Bytes;
using base::ByteView;
}  // namespace cloison

#endif  // CLOISON_BASE_BYTES_H_
