// SHA-256 is OpenSSL's own functions, not EVP: the same code and instructions of the same library,
// without a provider's dispatch, which costs more than the one or two blocks of a key derivation
// (docs/design/0002-libraries.md). They are deprecated since 3.0 in favour of EVP, hence the macro.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/mac.h"

#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace cloison::crypto {
namespace {

constexpr std::size_t kBlock = SHA256_CBLOCK;
constexpr std::size_t kDigest = SHA256_DIGEST_LENGTH;
constexpr std::size_t kPadding = 9;  // at least: one bit and the length
constexpr std::size_t kShort = 2 * kBlock - kPadding;
constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;

// The state between two blocks.
using State = decltype(SHA256_CTX::h);
static_assert(sizeof(State) == kDigest);

constexpr bool kSwaps =
    std::endian::native == std::endian::little;  // to the most significant first

// One SHA-256 on the stack, wiped: it may be keyed, or hash what a short value is guessed by.
class Sha256Run {
 public:
  Sha256Run() { CLOISON_CHECK(SHA256_Init(&context_) == 1); }
  // Goes on after one block. The context is filled by hand: its buffer is empty, so what lies in it
  // does not matter.
  explicit Sha256Run(ByteView state) {
    std::memcpy(context_.h, state.data(), sizeof(State));
    context_.Nl = 8 * kBlock;  // in bits
    context_.Nh = 0;
    context_.num = 0;
    context_.md_len = kDigest;
  }
  ~Sha256Run() { Wipe({reinterpret_cast<std::uint8_t*>(&context_), sizeof(context_)}); }
  Sha256Run(const Sha256Run&) = delete;
  Sha256Run& operator=(const Sha256Run&) = delete;

  Sha256Run& Add(ByteView bytes) {
    CLOISON_CHECK(SHA256_Update(&context_, bytes.data(), bytes.size()) == 1);
    return *this;
  }
  void Finish(std::uint8_t* out) { CLOISON_CHECK(SHA256_Final(out, &context_) == 1); }
  // The rest, and the end; nothing was added but whole blocks. A short rest is padded here: Update
  // and Final cost as much again as its one or two blocks.
  void FinishWith(std::initializer_list<ByteView> parts, std::uint8_t* out) {
    std::size_t size = 0;
    for (const ByteView part : parts) size += part.size();
    if (size > kShort) {
      for (const ByteView part : parts) Add(part);
      return Finish(out);
    }
    const std::size_t used = size + kPadding > kBlock ? 2 * kBlock : kBlock;
    ByteArray<2 * kBlock> blocks;
    std::uint8_t* at = blocks.data();
    for (const ByteView part : parts) {
      if (!part.empty()) std::memcpy(at, part.data(), part.size());
      at += part.size();
    }
    *at++ = 0x80;
    const std::uint64_t length = context_.Nl + 8 * size;
    const std::uint64_t bits = kSwaps ? __builtin_bswap64(length) : length;
    std::uint8_t* const length_at = blocks.data() + used - sizeof(bits);
    std::memset(at, 0, static_cast<std::size_t>(length_at - at));
    std::memcpy(length_at, &bits, sizeof(bits));
    for (std::size_t done = 0; done < used; done += kBlock) {
      SHA256_Transform(&context_, blocks.data() + done);
    }
    for (const std::uint32_t word : context_.h) {
      const std::uint32_t big = kSwaps ? __builtin_bswap32(word) : word;
      std::memcpy(out, &big, sizeof(big));
      out += sizeof(big);
    }
    Wipe(std::span(blocks).first(used));
  }
  // Of a fresh run: the state after one block, for the other constructor.
  void AfterBlock(const ByteArray<kBlock>& block, std::uint8_t* out) {
    SHA256_Transform(&context_, block.data());
    std::memcpy(out, context_.h, sizeof(State));
  }

 private:
  SHA256_CTX context_;
};

void StateAfterPad(ByteView key, std::uint8_t pad, std::uint8_t* out) {
  ByteArray<kBlock> block;
  block.fill(pad);
  for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
  Sha256Run().AfterBlock(block, out);
  Wipe(block);
}

// What HMAC needs of a key: inner state ‖ outer state.
void StatesOf(ByteView key, std::span<std::uint8_t, 2 * kDigest> out) {
  ByteArray<kDigest> hashed;
  if (key.size() > kBlock) {
    Sha256Run().FinishWith({key}, hashed.data());
    key = hashed;
  }
  StateAfterPad(key, kInnerPad, out.data());
  StateAfterPad(key, kOuterPad, out.data() + kDigest);
  Wipe(hashed);
}

void MacInto(ByteView states, std::initializer_list<ByteView> parts, std::uint8_t* out) {
  CLOISON_CHECK(states.size() == 2 * kDigest);  // a moved-from key has none
  ByteArray<kDigest> inner;
  Sha256Run(states.first(kDigest)).FinishWith(parts, inner.data());
  Sha256Run(states.last(kDigest)).FinishWith({inner}, out);
  Wipe(inner);
}

void ExpandFrom(ByteView states, ByteView info, std::span<std::uint8_t> out) {
  CLOISON_CHECK(out.size() <= 255 * kDigest);
  ByteArray<kDigest> block;
  ByteView previous;
  std::uint8_t counter = 0;
  for (std::size_t at = 0; at < out.size(); at += kDigest) {
    ++counter;
    MacInto(states, {previous, info, {&counter, 1}}, block.data());
    previous = block;
    std::copy_n(block.begin(), std::min(kDigest, out.size() - at), out.begin() + at);
  }
  Wipe(block);
}

// A key that is used once: its states on the stack.
class StackKey {
 public:
  explicit StackKey(ByteView key) { StatesOf(key, states_); }
  ~StackKey() { Wipe(states_); }
  StackKey(const StackKey&) = delete;
  StackKey& operator=(const StackKey&) = delete;
  ByteView states() const { return states_; }

 private:
  ByteArray<2 * kDigest> states_;
};

}  // namespace

Digest Sha256(std::initializer_list<ByteView> parts) {
  Digest out;
  Sha256Run().FinishWith(parts, out.data());
  return out;
}

HmacKey::HmacKey(const Secret<32>& key) {
  CLOISON_CHECK(key.Reveal().size() == 32);  // else it was moved from
  StatesOf(key.Reveal(), states_.Reveal());
}

Digest HmacKey::Mac(std::initializer_list<ByteView> parts) const {
  Digest out;
  MacInto(states_.Reveal(), parts, out.data());
  return out;
}

void HmacKey::ExpandInto(ByteView info, std::span<std::uint8_t> out) const {
  ExpandFrom(states_.Reveal(), info, out);
}

Digest Hmac(const Secret<32>& key, std::initializer_list<ByteView> parts) {
  return HmacRaw(key.Reveal(), parts);
}

Digest HmacRaw(ByteView key, std::initializer_list<ByteView> parts) {
  Digest out;
  MacInto(StackKey(key).states(), parts, out.data());
  return out;
}

void ExpandInto(ByteView key, ByteView info, std::span<std::uint8_t> out) {
  ExpandFrom(StackKey(key).states(), info, out);
}

void HkdfInto(ByteView salt, ByteView key, ByteView info, std::span<std::uint8_t> out) {
  Digest extracted = HmacRaw(salt, {key});  // an absent salt pads to the same block as 32 zeros
  ExpandInto(extracted, info, out);
  Wipe(extracted);
}

}  // namespace cloison::crypto
