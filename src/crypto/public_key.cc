#include "crypto/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <optional>

#include "crypto/ed25519.h"

namespace cloison::crypto {
namespace {

constexpr std::uint64_t kExponentMin = 3;
constexpr std::size_t kExponentBytesMax = 4;

template <auto free_function>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

Number NumberOf(ByteView bytes) {
  return Number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

Key FromParams(const char* algorithm, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return Key(made);
}

// The curves have cofactor 1, so a point on the curve that is not at infinity is in the group.
Key PointKey(const char* curve, ByteView x, ByteView y) {
  Bytes point = {4};
  base::AppendBytes(point, x);
  base::AppendBytes(point, y);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  Key key = FromParams("EC", builder.get());
  if (!key) return nullptr;
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  if (!check || EVP_PKEY_public_check_quick(check.get()) != 1) return nullptr;
  return key;
}

// Moduli of chips whose primes were powers of 65537 modulo small primes: they are factored in days.
// The modulus shows it, being such a power too. By chance one in 10^8 does.
// Source   Nemec et al., "The Return of Coppersmith's Attack", CCS 2017 (CVE-2017-15361).
bool IsRoca(const BIGNUM* modulus) {
  static constexpr std::uint16_t kPrimes[] = {
      3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
      73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
  return std::ranges::all_of(kPrimes, [modulus](std::uint16_t prime) {
    const BN_ULONG rest = BN_mod_word(modulus, prime);
    std::uint64_t power = 1;
    do {
      if (power == rest) return true;
      power = power * 65537 % prime;
    } while (power != 1);
    return false;
  });
}

Key RsaKey(ByteView modulus, ByteView exponent) {
  const Number n = NumberOf(modulus);
  const Number e = NumberOf(exponent);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || IsRoca(n.get()) ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return FromParams("RSA", builder.get());
}

std::size_t BitsOf(ByteView number) {
  if (number.empty()) return 0;
  std::size_t bits = number.size() * 8;
  for (std::uint8_t mask = 0x80; mask != 0 && (number[0] & mask) == 0; mask >>= 1) --bits;
  return bits;
}

const EVP_MD* DigestOf(SignatureScheme scheme) {
  return scheme == SignatureScheme::kEs384 ? EVP_sha384() : EVP_sha256();
}

std::optional<Bytes> DigestFor(SignatureScheme scheme, ByteView message) {
  Bytes digest(static_cast<std::size_t>(EVP_MD_get_size(DigestOf(scheme))));
  unsigned size = 0;
  if (EVP_Digest(message.data(), message.size(), digest.data(), &size, DigestOf(scheme), nullptr) !=
      1) {
    return std::nullopt;
  }
  return digest;
}

// r ‖ s as the DER that OpenSSL takes; empty when the length is not the curve's.
Bytes DerOf(ByteView signature, std::size_t half) {
  if (signature.size() != 2 * half) return {};
  const Signature both(ECDSA_SIG_new());
  Number r = NumberOf(signature.first(half));
  Number s = NumberOf(signature.subspan(half));
  if (!both || !r || !s || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) return {};
  r.release();
  s.release();
  Bytes der(static_cast<std::size_t>(std::max(i2d_ECDSA_SIG(both.get(), nullptr), 0)));
  std::uint8_t* at = der.data();
  if (der.empty() || i2d_ECDSA_SIG(both.get(), &at) != static_cast<int>(der.size())) return {};
  return der;
}

bool SetPadding(EVP_PKEY_CTX* context, SignatureScheme scheme) {
  if (scheme == SignatureScheme::kRs256) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  if (scheme != SignatureScheme::kPs256) return true;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

struct PublicKey::Impl {
  KeyKind kind;
  Key key;                      // but for kEd25519
  Ed25519PublicKey ed25519{};   // of kEd25519 alone
  std::size_t signature_bytes;  // of RSA: the modulus's
};

KeyKind KindFor(SignatureScheme scheme) {
  switch (scheme) {
    case SignatureScheme::kEs256: return KeyKind::kP256;
    case SignatureScheme::kEs384: return KeyKind::kP384;
    case SignatureScheme::kRs256:
    case SignatureScheme::kPs256: return KeyKind::kRsa;
    case SignatureScheme::kEd25519: break;
  }
  return KeyKind::kEd25519;
}

Result<PublicKey> PublicKey::P256(ByteView x, ByteView y) {
  Key key = x.size() == 32 && y.size() == 32 ? PointKey("P-256", x, y) : nullptr;
  ERR_clear_error();
  if (!key) return Error{Code::kInvalid, "not a point of P-256"};
  return PublicKey(std::make_shared<Impl>(Impl{KeyKind::kP256, std::move(key), {}, 64}));
}

Result<PublicKey> PublicKey::P384(ByteView x, ByteView y) {
  Key key = x.size() == 48 && y.size() == 48 ? PointKey("P-384", x, y) : nullptr;
  ERR_clear_error();
  if (!key) return Error{Code::kInvalid, "not a point of P-384"};
  return PublicKey(std::make_shared<Impl>(Impl{KeyKind::kP384, std::move(key), {}, 96}));
}

Result<PublicKey> PublicKey::Rsa(ByteView modulus, ByteView exponent) {
  const std::size_t bits = BitsOf(modulus);
  if (bits < kRsaBitsMin || bits > kRsaBitsMax || modulus[0] == 0 || (modulus.back() & 1) == 0) {
    return Error{Code::kInvalid, "not an RSA modulus of 2048 to 8192 bits"};
  }
  if (exponent.empty() || exponent.size() > kExponentBytesMax || exponent[0] == 0 ||
      (exponent.back() & 1) == 0 || base::LoadBig(exponent) < kExponentMin) {
    return Error{Code::kInvalid, "not an RSA exponent"};
  }
  Key key = RsaKey(modulus, exponent);
  ERR_clear_error();
  if (!key) return Error{Code::kInvalid, "not an RSA key"};
  return PublicKey(std::make_shared<Impl>(Impl{KeyKind::kRsa, std::move(key), {}, modulus.size()}));
}

Result<PublicKey> PublicKey::Ed25519(ByteView key) {
  if (key.size() != 32 || !IsEd25519PublicKey(key)) {
    return Error{Code::kInvalid, "not an Ed25519 key"};
  }
  Impl impl{KeyKind::kEd25519, nullptr, {}, 64};
  std::copy(key.begin(), key.end(), impl.ed25519.begin());
  return PublicKey(std::make_shared<Impl>(std::move(impl)));
}

KeyKind PublicKey::kind() const {
  return impl_->kind;
}

bool PublicKey::Verify(SignatureScheme scheme, ByteView message, ByteView signature) const {
  if (KindFor(scheme) != impl_->kind || signature.size() != impl_->signature_bytes) return false;
  if (impl_->kind == KeyKind::kEd25519) return VerifyEd25519(impl_->ed25519, message, signature);
  const bool rsa = impl_->kind == KeyKind::kRsa;
  const Bytes der = rsa ? base::ToBytes(signature) : DerOf(signature, signature.size() / 2);
  const std::optional<Bytes> digest = DigestFor(scheme, message);
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, impl_->key.get(), nullptr));
  const bool good =
      !der.empty() && digest.has_value() && context && EVP_PKEY_verify_init(context.get()) == 1 &&
      EVP_PKEY_CTX_set_signature_md(context.get(), DigestOf(scheme)) == 1 &&
      SetPadding(context.get(), scheme) &&
      EVP_PKEY_verify(context.get(), der.data(), der.size(), digest->data(), digest->size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace cloison::crypto
