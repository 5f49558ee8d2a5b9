#include "crypto/box.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include <algorithm>
#include <climits>

#include "crypto/internal/gcm.h"

namespace cloison::crypto {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

const EVP_CIPHER* Aes256Gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  CLOISON_CHECK(cipher != nullptr);
  return cipher;
}

// A context that knows its cipher already; each use gives it a key and a nonce. The schedule of the
// last key stays in it until the next use.
struct CipherContext {
  explicit CipherContext(int encrypt) : context(EVP_CIPHER_CTX_new()) {
    CLOISON_CHECK(context != nullptr);
    CLOISON_CHECK(EVP_CipherInit_ex2(context, Aes256Gcm(), nullptr, nullptr, encrypt, nullptr) ==
                  1);
  }
  ~CipherContext() { EVP_CIPHER_CTX_free(context); }
  CipherContext(const CipherContext&) = delete;
  CipherContext& operator=(const CipherContext&) = delete;
  EVP_CIPHER_CTX* context;
};

int IntSize(std::size_t size) {
  CLOISON_CHECK(size <= INT_MAX);
  return static_cast<int>(size);
}

// The tag as a parameter: EVP_CIPHER_CTX_ctrl would build the same one, after comparing its way to
// it.
struct TagParam {
  explicit TagParam(std::uint8_t* tag)
      : params{OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, kTag),
               OSSL_PARAM_construct_end()} {}
  OSSL_PARAM params[2];
};

// Aad, text. OpenSSL takes a null `out` for aad, so empty texts must not reach it.
bool Feed(EVP_CIPHER_CTX* context, ByteView aad, ByteView in, std::uint8_t* out) {
  int written = 0;
  if (!aad.empty() &&
      EVP_CipherUpdate(context, nullptr, &written, aad.data(), IntSize(aad.size())) != 1) {
    return false;
  }
  return in.empty() || EVP_CipherUpdate(context, out, &written, in.data(), IntSize(in.size())) == 1;
}

constexpr Error kWrongLength{Code::kCorrupt, "a sealed box has a wrong length"};

bool HasBoxLength(ByteView sealed) {
  return sealed.size() >= kBoxOverhead && sealed.size() <= INT_MAX;
}

// Up to here libsodium's costs less, on the machines that were measured.
constexpr std::size_t kShortBytesMax = 768;

bool HasSodiumGcm() {
  static const bool has = sodium_init() >= 0 && crypto_aead_aes256gcm_is_available() == 1;
  return has;
}

internal::GcmBy FasterFor(std::size_t text_bytes) {
  const bool is_short = text_bytes <= kShortBytesMax && HasSodiumGcm();
  return is_short ? internal::GcmBy::kSodium : internal::GcmBy::kOpenSsl;
}

void OpenSslSeal(ByteView key, ByteView nonce, ByteView aad, ByteView plain,
                 std::uint8_t* ct_and_tag) {
  thread_local CipherContext sealing(1);
  EVP_CIPHER_CTX* const context = sealing.context;
  int written = 0;
  CLOISON_CHECK(EVP_EncryptInit_ex2(context, nullptr, key.data(), nonce.data(), nullptr) == 1);
  CLOISON_CHECK(Feed(context, aad, plain, ct_and_tag));
  std::uint8_t* const tag = ct_and_tag + plain.size();
  CLOISON_CHECK(EVP_EncryptFinal_ex(context, tag, &written) == 1);
  CLOISON_CHECK(EVP_CIPHER_CTX_get_params(context, TagParam(tag).params) == 1);
}

bool OpenSslOpen(ByteView key, ByteView nonce, ByteView aad, ByteView ct, ByteView tag,
                 std::uint8_t* plain) {
  thread_local CipherContext opening(0);
  EVP_CIPHER_CTX* const context = opening.context;
  ByteArray<kTag> expected_tag;
  std::copy_n(tag.begin(), kTag, expected_tag.begin());
  const TagParam expected(expected_tag.data());
  CLOISON_CHECK(EVP_DecryptInit_ex2(context, nullptr, key.data(), nonce.data(), expected.params) ==
                1);
  CLOISON_CHECK(Feed(context, aad, ct, plain));
  std::uint8_t none[kTag];
  int written = 0;
  return EVP_DecryptFinal_ex(context, none, &written) == 1;
}

}  // namespace

namespace internal {

bool HasGcm(GcmBy by) {
  return by == GcmBy::kOpenSsl || HasSodiumGcm();
}

void GcmSeal(GcmBy by, ByteView key, ByteView nonce, ByteView aad, ByteView plain,
             std::uint8_t* ct_and_tag) {
  CLOISON_CHECK(key.size() == 32 && nonce.size() == kNonce && HasGcm(by));
  if (by == GcmBy::kOpenSsl) return OpenSslSeal(key, nonce, aad, plain, ct_and_tag);
  std::uint8_t* const tag = ct_and_tag + plain.size();
  CLOISON_CHECK(crypto_aead_aes256gcm_encrypt_detached(ct_and_tag, tag, nullptr, plain.data(),
                                                       plain.size(), aad.data(), aad.size(),
                                                       nullptr, nonce.data(), key.data()) == 0);
}

bool GcmOpen(GcmBy by, ByteView key, ByteView nonce, ByteView aad, ByteView ct_and_tag,
             std::uint8_t* plain) {
  CLOISON_CHECK(key.size() == 32 && nonce.size() == kNonce && HasGcm(by));
  if (ct_and_tag.size() < kTag) return false;
  const ByteView ct = ct_and_tag.first(ct_and_tag.size() - kTag), tag = ct_and_tag.last(kTag);
  if (by == GcmBy::kOpenSsl) return OpenSslOpen(key, nonce, aad, ct, tag, plain);
  return crypto_aead_aes256gcm_decrypt_detached(plain, nullptr, ct.data(), ct.size(), tag.data(),
                                                aad.data(), aad.size(), nonce.data(),
                                                key.data()) == 0;
}

void GcmSeal(ByteView key, ByteView nonce, ByteView aad, ByteView plain, std::uint8_t* ct_and_tag) {
  GcmSeal(FasterFor(plain.size()), key, nonce, aad, plain, ct_and_tag);
}

bool GcmOpen(ByteView key, ByteView nonce, ByteView aad, ByteView ct_and_tag, std::uint8_t* plain) {
  return GcmOpen(FasterFor(ct_and_tag.size()), key, nonce, aad, ct_and_tag, plain);
}

}  // namespace internal

void BoxKey::Seal(ByteView aad, ByteView plain, base::Random& random, Bytes& out) const {
  const ByteView key = key_.Reveal();
  const ByteArray<16> drawn = random.Draw<16>();
  const Digest aad_hash = Sha256(aad);
  Digest plain_hash = Sha256(plain);  // tells a short plain text to who can guess it
  const Digest nonce = HmacRaw(key.last(32), {drawn, aad_hash, plain_hash});
  Wipe(plain_hash);
  const std::size_t at = out.size();
  out.resize(at + plain.size() + kBoxOverhead);
  std::copy_n(nonce.begin(), kNonce, out.begin() + static_cast<std::ptrdiff_t>(at));
  internal::GcmSeal(key.first(32), ByteView(nonce).first(kNonce), aad, plain,
                    out.data() + at + kNonce);
}

Status BoxKey::OpenAt(ByteView aad, ByteView sealed, std::uint8_t* plain) const {
  if (internal::GcmOpen(key_.Reveal().first(32), sealed.first(kNonce), aad, sealed.subspan(kNonce),
                        plain)) {
    return Ok();
  }
  return Error{Code::kCorrupt, "a sealed box does not open"};
}

Result<SecretBytes> BoxKey::Open(ByteView aad, ByteView sealed) const {
  if (!HasBoxLength(sealed)) return kWrongLength;
  SecretBytes plain(sealed.size() - kBoxOverhead);
  CLOISON_TRY(OpenAt(aad, sealed, plain.Reveal().data()));
  return plain;
}

Status BoxKey::OpenInto(ByteView aad, ByteView sealed, Bytes& out) const {
  if (!HasBoxLength(sealed)) return kWrongLength;
  const std::size_t at = out.size();
  out.resize(at + sealed.size() - kBoxOverhead);
  const Status opened = OpenAt(aad, sealed, out.data() + at);
  if (!opened.ok()) {
    Wipe(std::span(out).subspan(at));
    out.resize(at);
  }
  return opened;
}

}  // namespace cloison::crypto
