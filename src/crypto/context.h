// What a key or a box is bound to: a label and fixed-width fields, byte for byte as docs/format
// writes them.
//
//   Context("ck").U32(register.value()).Bytes(person.bytes()).U32(pkv).U16(compartment)
//   = "cloison/1/ck" 00 ‖ u32 ‖ 8 bytes ‖ u32 ‖ u16
#ifndef CLOISON_CRYPTO_CONTEXT_H_
#define CLOISON_CRYPTO_CONTEXT_H_

#include <algorithm>

#include "base/bytes.h"

namespace cloison::crypto {

class Context {
 public:
  static constexpr std::size_t kBytesMax = 512;

  explicit Context(Literal label) {
    Raw(AsBytes("cloison/1/"));
    Raw(AsBytes(label.view()));
    U8(0);
  }
  // Of the bytes in use alone: chains of calls end in a copy.
  Context(const Context& other) : size_(other.size_) {
    std::copy_n(other.bytes_.begin(), size_, bytes_.begin());
  }
  Context& operator=(const Context& other) {
    size_ = other.size_;
    std::copy_n(other.bytes_.begin(), size_, bytes_.begin());
    return *this;
  }
  Context& U8(std::uint8_t value) {
    CLOISON_CHECK(size_ < kBytesMax);
    bytes_[size_++] = value;
    return *this;
  }
  Context& U16(std::uint16_t value) { return Raw(base::BigU16(value)); }
  Context& U32(std::uint32_t value) { return Raw(base::BigU32(value)); }
  Context& U64(std::uint64_t value) { return Raw(base::BigU64(value)); }
  Context& Raw(ByteView bytes) {
    CLOISON_CHECK(bytes.size() <= kBytesMax - size_);
    std::copy(bytes.begin(), bytes.end(), bytes_.data() + size_);
    size_ += bytes.size();
    return *this;
  }
  // ASCII text and a zero byte, for names of variable length.
  Context& Name(std::string_view text) { return Raw(AsBytes(text)).U8(0); }

  ByteView view() const { return {bytes_.data(), size_}; }

 private:
  ByteArray<kBytesMax> bytes_;
  std::size_t size_ = 0;
};

}  // namespace cloison::crypto

#endif  // CLOISON_CRYPTO_CONTEXT_H_
