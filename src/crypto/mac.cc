#include "crypto/mac.h"

#include <openssl/evp.h>

#include <algorithm>

namespace cloison::crypto {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kDigest = 32;
constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;

// One SHA-256 at a time in this thread's context. A new HMAC key costs two compressions this way;
// EVP_MAC's own re-keying costs three times the whole HMAC.
class Sha256Run {
 public:
  Sha256Run() { CLOISON_CHECK(EVP_DigestInit_ex2(context(), nullptr, nullptr) == 1); }
  Sha256Run& Add(ByteView bytes) {
    if (!bytes.empty()) {
      CLOISON_CHECK(EVP_DigestUpdate(context(), bytes.data(), bytes.size()) == 1);
    }
    return *this;
  }
  void Finish(std::uint8_t* out) {
    CLOISON_CHECK(EVP_DigestFinal_ex(context(), out, nullptr) == 1);
  }

 private:
  static EVP_MD_CTX* context() {
    thread_local Holder holder;
    return holder.context;
  }
  struct Holder {
    Holder() : context(EVP_MD_CTX_new()) {
      static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
      CLOISON_CHECK(context != nullptr && sha256 != nullptr);
      CLOISON_CHECK(EVP_DigestInit_ex2(context, sha256, nullptr) == 1);
    }
    ~Holder() { EVP_MD_CTX_free(context); }
    EVP_MD_CTX* context;
  };
};

// The two padded key blocks, wiped when done.
class HmacKey {
 public:
  explicit HmacKey(ByteView key) {
    ByteArray<kDigest> hashed;
    if (key.size() > kBlock) {
      Sha256Run().Add(key).Finish(hashed.data());
      key = hashed;
    }
    inner_.fill(kInnerPad);
    outer_.fill(kOuterPad);
    for (std::size_t i = 0; i < key.size(); ++i) {
      inner_[i] ^= key[i];
      outer_[i] ^= key[i];
    }
    Wipe(hashed);
  }
  ~HmacKey() {
    Wipe(inner_);
    Wipe(outer_);
  }
  HmacKey(const HmacKey&) = delete;
  HmacKey& operator=(const HmacKey&) = delete;

  void Finish(std::initializer_list<ByteView> parts, std::uint8_t* out) const {
    ByteArray<kDigest> inner;
    Sha256Run run;
    run.Add(inner_);
    for (const ByteView part : parts) run.Add(part);
    run.Finish(inner.data());
    Sha256Run().Add(outer_).Add(inner).Finish(out);
    Wipe(inner);
  }

 private:
  ByteArray<kBlock> inner_;
  ByteArray<kBlock> outer_;
};

}  // namespace

Digest Sha256(std::initializer_list<ByteView> parts) {
  Digest out;
  Sha256Run run;
  for (const ByteView part : parts) run.Add(part);
  run.Finish(out.data());
  return out;
}

Digest Hmac(const Secret<32>& key, std::initializer_list<ByteView> parts) {
  return HmacRaw(key.Reveal(), parts);
}

Digest HmacRaw(ByteView key, std::initializer_list<ByteView> parts) {
  Digest out;
  HmacKey(key).Finish(parts, out.data());
  return out;
}

void ExpandInto(ByteView key, ByteView info, std::span<std::uint8_t> out) {
  CLOISON_CHECK(out.size() <= 255 * kDigest);
  const HmacKey hmac(key);
  ByteArray<kDigest> block;
  ByteView previous;
  std::uint8_t counter = 0;
  for (std::size_t at = 0; at < out.size(); at += kDigest) {
    ++counter;
    hmac.Finish({previous, info, {&counter, 1}}, block.data());
    previous = block;
    std::copy_n(block.begin(), std::min(kDigest, out.size() - at), out.begin() + at);
  }
  Wipe(block);
}

void HkdfInto(ByteView salt, ByteView key, ByteView info, std::span<std::uint8_t> out) {
  Digest extracted = HmacRaw(salt, {key});  // an absent salt pads to the same block as 32 zeros
  ExpandInto(extracted, info, out);
  Wipe(extracted);
}

}  // namespace cloison::crypto
