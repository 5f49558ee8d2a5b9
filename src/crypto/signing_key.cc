#include "crypto/signing_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <optional>

namespace cloison::crypto {
namespace {

constexpr std::size_t kPemBytesMax = 64u << 10;

template <auto free_function>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

Error Failed() {
  const unsigned long number = ERR_get_error();
  ERR_clear_error();
  return Error{Code::kUnavailable, "OpenSSL could not sign", static_cast<std::int64_t>(number)};
}

int NoPassPhrase(char*, int, int, void*) {
  return -1;
}

std::optional<KeyKind> KindOf(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return KeyKind::kRsa;
    case EVP_PKEY_ED25519: return KeyKind::kEd25519;
    case EVP_PKEY_EC: break;
    default: return std::nullopt;
  }
  char group[32] = {};
  if (EVP_PKEY_get_group_name(key, group, sizeof(group), nullptr) != 1) return std::nullopt;
  const std::string_view name = group;
  if (name == "prime256v1" || name == "P-256") return KeyKind::kP256;
  if (name == "secp384r1" || name == "P-384") return KeyKind::kP384;
  return std::nullopt;
}

// A number of the key, big-endian, filled up on the left to `bytes` (0: as short as it is).
Bytes NumberOf(const EVP_PKEY* key, const char* name, std::size_t bytes) {
  BIGNUM* number = nullptr;
  CLOISON_CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  Bytes out(bytes == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : bytes);
  CLOISON_CHECK(BN_bn2binpad(number, out.data(), static_cast<int>(out.size())) >= 0);
  BN_free(number);
  return out;
}

PublicParts PartsOf(const EVP_PKEY* key, KeyKind kind) {
  if (kind == KeyKind::kEd25519) {
    PublicParts parts{kind, Bytes(32), {}};
    std::size_t size = 32;
    CLOISON_CHECK(EVP_PKEY_get_raw_public_key(key, parts.first.data(), &size) == 1 && size == 32);
    return parts;
  }
  if (kind == KeyKind::kRsa) {
    return {kind, NumberOf(key, OSSL_PKEY_PARAM_RSA_N, 0), NumberOf(key, OSSL_PKEY_PARAM_RSA_E, 0)};
  }
  const std::size_t bytes = kind == KeyKind::kP256 ? 32 : 48;
  return {kind, NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_X, bytes),
          NumberOf(key, OSSL_PKEY_PARAM_EC_PUB_Y, bytes)};
}

Result<PublicKey> PublicOf(const PublicParts& parts) {
  switch (parts.kind) {
    case KeyKind::kP256: return PublicKey::P256(parts.first, parts.second);
    case KeyKind::kP384: return PublicKey::P384(parts.first, parts.second);
    case KeyKind::kRsa: return PublicKey::Rsa(parts.first, parts.second);
    case KeyKind::kEd25519: break;
  }
  return PublicKey::Ed25519(parts.first);
}

// OpenSSL's DER as r ‖ s.
Result<Bytes> PlainOf(ByteView der, std::size_t half) {
  const std::uint8_t* at = der.data();
  const Signature both(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  Bytes out(2 * half);
  const int size = static_cast<int>(half);
  if (!both || BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), out.data(), size) != size ||
      BN_bn2binpad(ECDSA_SIG_get0_s(both.get()), out.data() + half, size) != size) {
    return Failed();
  }
  return out;
}

}  // namespace

struct SigningKey::Impl {
  Key key;
  KeyKind kind;
  PublicParts parts;
  PublicKey public_key;
};

SigningKey::SigningKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

Result<SigningKey> SigningKey::FromPem(ByteView pem) {
  Key key;
  if (pem.size() <= kPemBytesMax) {
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassPhrase, nullptr));
    const Key second(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassPhrase, nullptr));
    if (second) key.reset();
  }
  ERR_clear_error();
  const std::optional<KeyKind> kind = key ? KindOf(key.get()) : std::nullopt;
  if (!kind.has_value()) return Error{Code::kInvalid, "not one private key of a known kind"};
  PublicParts parts = PartsOf(key.get(), *kind);
  CLOISON_TRY_ASSIGN(PublicKey public_key, PublicOf(parts));
  return SigningKey(
      std::make_unique<Impl>(Impl{std::move(key), *kind, std::move(parts), std::move(public_key)}));
}

Result<SigningKey> SigningKey::Generate(KeyKind kind) {
  Key key;
  switch (kind) {
    case KeyKind::kP256: key.reset(EVP_EC_gen("P-256")); break;
    case KeyKind::kP384: key.reset(EVP_EC_gen("P-384")); break;
    case KeyKind::kRsa: key.reset(EVP_RSA_gen(kRsaBitsMin)); break;
    case KeyKind::kEd25519: key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); break;
  }
  if (!key) return Failed();
  PublicParts parts = PartsOf(key.get(), kind);
  CLOISON_TRY_ASSIGN(PublicKey public_key, PublicOf(parts));
  return SigningKey(
      std::make_unique<Impl>(Impl{std::move(key), kind, std::move(parts), std::move(public_key)}));
}

KeyKind SigningKey::kind() const {
  return impl_->kind;
}

PublicParts SigningKey::public_parts() const {
  return impl_->parts;
}

PublicKey SigningKey::public_key() const {
  return impl_->public_key;
}

Result<Bytes> SigningKey::Sign(SignatureScheme scheme, ByteView message) const {
  if (KindFor(scheme) != impl_->kind) {
    return Error{Code::kInvalid, "the key is not for this algorithm"};
  }
  const EVP_MD* const digest = scheme == SignatureScheme::kEd25519 ? nullptr
                               : scheme == SignatureScheme::kEs384 ? EVP_sha384()
                                                                   : EVP_sha256();
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* inner = nullptr;
  if (!context ||
      EVP_DigestSignInit(context.get(), &inner, digest, nullptr, impl_->key.get()) != 1) {
    return Failed();
  }
  if (scheme == SignatureScheme::kPs256 &&
      (EVP_PKEY_CTX_set_rsa_padding(inner, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(inner, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return Failed();
  }
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) != 1) {
    return Failed();
  }
  Bytes out(size);
  if (EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1) {
    return Failed();
  }
  out.resize(size);
  if (impl_->kind == KeyKind::kP256) return PlainOf(out, 32);
  if (impl_->kind == KeyKind::kP384) return PlainOf(out, 48);
  return out;
}

}  // namespace cloison::crypto
