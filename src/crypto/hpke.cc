#include "crypto/hpke.h"

#include <openssl/evp.h>

#include <climits>
#include <memory>
#include <optional>

#include "crypto/base64.h"
#include "crypto/box.h"

namespace cloison::crypto {

namespace {

constexpr std::size_t kKey = 32, kEnc = 32;
constexpr std::string_view kVersion = "HPKE-v1";
constexpr ByteArray<5> kKemSuite = {'K', 'E', 'M', 0x00, 0x20};

template <auto F>
struct Freer {
  template <class T>
  void operator()(T* what) const {
    F(what);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;

Key PrivateOf(ByteView scalar) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, scalar.data(), scalar.size()));
  CLOISON_CHECK(key != nullptr);
  return key;
}

// X25519; nothing: all zeros came out, so the peer's key is of small order.
std::optional<Secret<32>> DiffieHellman(const Secret<32>& own, ByteView peer) {
  const Key mine = PrivateOf(own.Reveal());
  const Key theirs(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()));
  const KeyContext context(EVP_PKEY_CTX_new(mine.get(), nullptr));
  CLOISON_CHECK(theirs != nullptr && context != nullptr);
  CLOISON_CHECK(EVP_PKEY_derive_init(context.get()) == 1);
  CLOISON_CHECK(EVP_PKEY_derive_set_peer(context.get(), theirs.get()) == 1);
  Secret<32> out;
  std::size_t size = kKey;
  const bool derived = EVP_PKEY_derive(context.get(), out.Reveal().data(), &size) == 1;
  static constexpr ByteArray<kKey> kZeros{};
  if (!derived || EqualConstantTime(out.Reveal(), kZeros)) return std::nullopt;
  CLOISON_CHECK(size == kKey);
  return out;
}

ByteArray<10> SuiteOf(std::uint16_t aead) {
  return {'H',
          'P',
          'K',
          'E',
          0x00,
          0x20,
          0x00,
          0x01,
          static_cast<std::uint8_t>(aead >> 8),
          static_cast<std::uint8_t>(aead)};
}

// Of a secret: the digest is one too.
Secret<32> LabeledExtract(ByteView salt, ByteView suite, std::string_view label, ByteView ikm) {
  Digest digest = HmacRaw(salt, {AsBytes(kVersion), suite, AsBytes(label), ikm});
  Result<Secret<32>> out = Secret<32>::FromBytes(digest);
  Wipe(digest);
  return std::move(*out);
}

void LabeledExpand(const Secret<32>& prk, ByteView suite, std::string_view label, ByteView info,
                   std::span<std::uint8_t> out) {
  Bytes labeled = base::ToBytes(base::BigU16(static_cast<std::uint16_t>(out.size())));
  base::AppendBytes(labeled, AsBytes(kVersion));
  base::AppendBytes(labeled, suite);
  base::AppendBytes(labeled, AsBytes(label));
  base::AppendBytes(labeled, info);
  ExpandInto(prk.Reveal(), labeled, out);
}

ByteArray<32> PublicOf(const Secret<32>& scalar) {
  const Key key = PrivateOf(scalar.Reveal());
  ByteArray<32> out;
  std::size_t size = out.size();
  CLOISON_CHECK(EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) == 1 && size == kKey);
  return out;
}

}  // namespace

Result<RecipientKey> RecipientKey::FromBytes(ByteView bytes) {
  if (bytes.size() != kKey) return Error{Code::kInvalid, "a recipient's key has 32 bytes"};
  Secret<32> any;
  any.Reveal()[0] = 8;
  if (!DiffieHellman(any, bytes).has_value()) {
    return Error{Code::kInvalid, "nothing can be sealed to this key"};
  }
  ByteArray<32> key;
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return RecipientKey(key);
}

std::string RecipientKey::Fingerprint() const {
  return "SHA256:" + ToBase64Url(Sha256(bytes_));
}

RecipientSecret::RecipientSecret(Secret<32> scalar)
    : scalar_(std::move(scalar)), key_(PublicOf(scalar_)) {}

namespace internal {

std::optional<Secret<32>> HpkeShared(const RecipientSecret& own, ByteView peer, ByteView enc,
                                     ByteView recipient) {
  const std::optional<Secret<32>> dh = DiffieHellman(own.scalar(), peer);
  if (!dh.has_value()) return std::nullopt;
  const Secret<32> prk = LabeledExtract({}, kKemSuite, "eae_prk", dh->Reveal());
  Bytes context = base::ToBytes(enc);
  base::AppendBytes(context, recipient);
  Secret<32> shared;
  LabeledExpand(prk, kKemSuite, "shared_secret", context, shared.Reveal());
  return shared;
}

HpkeKeys HpkeSchedule(const Secret<32>& shared, ByteView info, std::uint16_t aead,
                      std::size_t key_bytes) {
  const ByteArray<10> suite = SuiteOf(aead);
  Bytes context{0};  // mode_base
  base::AppendBytes(context, LabeledExtract({}, suite, "psk_id_hash", {}).Reveal());
  base::AppendBytes(context, LabeledExtract({}, suite, "info_hash", info).Reveal());
  const Secret<32> secret = LabeledExtract(shared.Reveal(), suite, "secret", {});
  HpkeKeys keys{SecretBytes(key_bytes), {}};
  LabeledExpand(secret, suite, "key", context, keys.key.Reveal());
  LabeledExpand(secret, suite, "base_nonce", context, keys.nonce);
  return keys;
}

void HpkeSealWith(const RecipientSecret& ephemeral, const RecipientKey& to, ByteView info,
                  ByteView aad, ByteView plain, Bytes& out) {
  const ByteArray<32>& enc = ephemeral.key().bytes();
  const std::optional<Secret<32>> shared = HpkeShared(ephemeral, to.bytes(), enc, to.bytes());
  CLOISON_CHECK(shared.has_value());  // a RecipientKey was looked at
  const HpkeKeys keys = HpkeSchedule(*shared, info, kHpkeAes256Gcm, kKey);
  const std::size_t at = out.size();
  out.resize(at + plain.size() + kHpkeOverhead);
  std::copy(enc.begin(), enc.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  GcmSeal(keys.key.Reveal(), keys.nonce, aad, plain, out.data() + at + kEnc);
}

}  // namespace internal

void HpkeSeal(const RecipientKey& to, ByteView info, ByteView aad, ByteView plain,
              base::Random& random, Bytes& out) {
  internal::HpkeSealWith(RecipientSecret(random), to, info, aad, plain, out);
}

Result<SecretBytes> HpkeOpen(const RecipientSecret& by, ByteView info, ByteView aad,
                             ByteView sealed) {
  constexpr Error kNot{Code::kCorrupt, "a sealed message does not open"};
  if (sealed.size() < kHpkeOverhead || sealed.size() > INT_MAX) return kNot;
  const ByteView enc = sealed.first(kEnc);
  const std::optional<Secret<32>> shared = internal::HpkeShared(by, enc, enc, by.key().bytes());
  if (!shared.has_value()) return kNot;
  const internal::HpkeKeys keys =
      internal::HpkeSchedule(*shared, info, internal::kHpkeAes256Gcm, kKey);
  SecretBytes plain(sealed.size() - kHpkeOverhead);
  const bool opened = internal::GcmOpen(keys.key.Reveal(), keys.nonce, aad, sealed.subspan(kEnc),
                                        plain.Reveal().data());
  if (!opened) return kNot;
  return plain;
}

}  // namespace cloison::crypto
