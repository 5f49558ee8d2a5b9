// SHA256_* are deprecated since OpenSSL 3.0; one of the two baselines is made of them.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "bench/bare_record.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

namespace cloison::bench {
namespace {

constexpr std::size_t kHead = 16, kSeal = 32, kBlobHead = 4, kNonce = 12, kTag = 16;

// HMAC-SHA-256 and SHA-256 by SHA256_*.
class DirectKey {
 public:
  void Set(ByteView key) {
    Start(key, 0x36, inner_);
    Start(key, 0x5c, outer_);
  }
  void Mac(std::initializer_list<ByteView> parts, std::uint8_t* out) const {
    SHA256_CTX context = inner_;
    for (const ByteView part : parts) SHA256_Update(&context, part.data(), part.size());
    SHA256_Final(out, &context);
    context = outer_;
    SHA256_Update(&context, out, 32);
    SHA256_Final(out, &context);
  }
  static void Hash(ByteView bytes, std::uint8_t* out) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes.data(), bytes.size());
    SHA256_Final(out, &context);
  }

 private:
  static void Start(ByteView key, std::uint8_t pad, SHA256_CTX& context) {
    ByteArray<64> block;
    block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= key[i];
    SHA256_Init(&context);
    SHA256_Update(&context, block.data(), block.size());
  }
  SHA256_CTX inner_, outer_;
};

// The same by EVP.
class EvpKey {
 public:
  EvpKey() : context_(EVP_MAC_CTX_new(HmacAlgorithm())) {
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    CLOISON_CHECK(EVP_MAC_CTX_set_params(context_, params) == 1);
  }
  ~EvpKey() { EVP_MAC_CTX_free(context_); }
  EvpKey(const EvpKey&) = delete;
  EvpKey& operator=(const EvpKey&) = delete;

  void Set(ByteView key) {
    CLOISON_CHECK(EVP_MAC_init(context_, key.data(), key.size(), nullptr) == 1);
  }
  void Mac(std::initializer_list<ByteView> parts, std::uint8_t* out) const {
    std::size_t written = 0;
    for (const ByteView part : parts) EVP_MAC_update(context_, part.data(), part.size());
    EVP_MAC_final(context_, out, &written, 32);
    EVP_MAC_init(context_, nullptr, 0, nullptr);  // the same key again
  }
  static void Hash(ByteView bytes, std::uint8_t* out) {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    static EVP_MD_CTX* const context = EVP_MD_CTX_new();
    EVP_DigestInit_ex2(context, algorithm, nullptr);
    EVP_DigestUpdate(context, bytes.data(), bytes.size());
    EVP_DigestFinal_ex(context, out, nullptr);
  }

 private:
  static EVP_MAC* HmacAlgorithm() {
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    return algorithm;
  }
  EVP_MAC_CTX* context_;
};

EVP_CIPHER_CTX* CipherFor(int encrypt) {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  CLOISON_CHECK(EVP_CipherInit_ex2(context, cipher, nullptr, nullptr, encrypt, nullptr) == 1);
  return context;
}

void GcmSeal(ByteView key, ByteView aad, ByteView plain, std::uint8_t* box) {
  static EVP_CIPHER_CTX* const context = CipherFor(1);
  int written = 0;
  std::uint8_t* const text = box + kNonce;
  EVP_EncryptInit_ex2(context, nullptr, key.data(), box, nullptr);
  EVP_EncryptUpdate(context, nullptr, &written, aad.data(), static_cast<int>(aad.size()));
  EVP_EncryptUpdate(context, text, &written, plain.data(), static_cast<int>(plain.size()));
  EVP_EncryptFinal_ex(context, text + plain.size(), &written);
  const OSSL_PARAM tag[] = {
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, text + plain.size(), kTag),
      OSSL_PARAM_construct_end()};
  EVP_CIPHER_CTX_get_params(context, const_cast<OSSL_PARAM*>(tag));
}

bool GcmOpen(ByteView key, ByteView aad, ByteView box, std::uint8_t* plain) {
  static EVP_CIPHER_CTX* const context = CipherFor(0);
  int written = 0;
  const std::size_t size = box.size() - kNonce - kTag;
  const OSSL_PARAM tag[] = {
      OSSL_PARAM_construct_octet_string(
          OSSL_CIPHER_PARAM_AEAD_TAG, const_cast<std::uint8_t*>(box.data()) + kNonce + size, kTag),
      OSSL_PARAM_construct_end()};
  std::uint8_t none[kTag];
  EVP_DecryptInit_ex2(context, nullptr, key.data(), box.data(), tag);
  EVP_DecryptUpdate(context, nullptr, &written, aad.data(), static_cast<int>(aad.size()));
  EVP_DecryptUpdate(context, plain, &written, box.data() + kNonce, static_cast<int>(size));
  return EVP_DecryptFinal_ex(context, none, &written) == 1;
}

Bytes Label(std::string_view label, const BareNames& names) {
  Bytes out = base::ToBytes(AsBytes("cloison/1/"));
  base::AppendBytes(out, AsBytes(label));
  base::AppendU8(out, 0);
  base::AppendU32(out, names.register_id);
  base::AppendBytes(out, names.person);
  base::AppendU32(out, names.pkv);
  return out;
}

void Put(std::uint64_t value, std::size_t size, std::uint8_t* out) {
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
  }
}

}  // namespace

struct BareRecord::State {
  virtual ~State() = default;
  virtual void Seal(std::uint64_t seq, const std::vector<BarePlain>& plains, base::Random& random,
                    Bytes& row) = 0;
  virtual bool Open(ByteView row, std::span<const std::uint16_t> wanted, Bytes& out) = 0;
};

template <class Key>
class BareRecord::Calls final : public State {
 public:
  Calls(const BareNames& names, ByteView pdk)
      : pkv_(names.pkv),
        ck_(Label("ck", names)),
        rk_(Label("row", names)),
        aad_(Label("field", names)) {
    pdk_.Set(pdk);
    ck_.resize(ck_.size() + 2);
    aad_.resize(aad_.size() + 8 + kBlobHead);
  }

  void Seal(std::uint64_t seq, const std::vector<BarePlain>& plains, base::Random& random,
            Bytes& row) override {
    std::size_t size = kHead + kSeal;
    for (const BarePlain& plain : plains) size += kBlobHead + kNonce + plain.text.size() + kTag;
    row.resize(size);
    Put(0x0101, 2, row.data());
    Put(plains.size(), 2, row.data() + 2);
    Put(pkv_, 4, row.data() + 4);
    Put(seq, 8, row.data() + 8);
    std::uint8_t* at = row.data() + kHead + kSeal;
    StartSealed(row);
    for (const BarePlain& plain : plains) {
      SealOne(seq, plain, random, at);
      const std::size_t whole = kBlobHead + kNonce + plain.text.size() + kTag;
      AddSealed({at, whole});
      at += whole;
    }
    SealOver(row.data() + kHead);
  }

  bool Open(ByteView row, std::span<const std::uint16_t> wanted, Bytes& out) override {
    StartSealed(row);
    for (ByteView left = row.subspan(kHead + kSeal); !left.empty();) {
      const std::size_t whole = BlobSize(left);
      AddSealed(left.first(whole));
      left = left.subspan(whole);
    }
    ByteArray<kSeal> seal;
    SealOver(seal.data());
    if (CRYPTO_memcmp(seal.data(), row.data() + kHead, kSeal) != 0) return false;
    const std::uint64_t seq = base::LoadBig(row.subspan(8, 8));
    out.clear();
    for (ByteView left = row.subspan(kHead + kSeal); !left.empty();) {
      const std::size_t whole = BlobSize(left);
      const auto id = static_cast<std::uint16_t>(base::LoadBig(left.first(2)));
      if (std::find(wanted.begin(), wanted.end(), id) != wanted.end() &&
          !OpenOne(seq, left.first(whole), out)) {
        return false;
      }
      left = left.subspan(whole);
    }
    return true;
  }

 private:
  static std::size_t BlobSize(ByteView blob) {
    return kBlobHead + kNonce + static_cast<std::size_t>(base::LoadBig(blob.subspan(2, 2))) + kTag;
  }
  void StartSealed(ByteView row) { sealed_.assign(row.begin(), row.begin() + kHead); }
  void AddSealed(ByteView blob) {
    base::AppendBytes(sealed_, blob.first(kBlobHead + kNonce));
    base::AppendBytes(sealed_, blob.last(kTag));
  }
  // HKDF-Expand of 32 bytes, then HMAC with a key used once.
  void SealOver(std::uint8_t* out) {
    ByteArray<32> key;
    const std::uint8_t one = 1;
    pdk_.Mac({rk_, {&one, 1}}, key.data());
    fresh_.Set(key);
    fresh_.Mac({sealed_}, out);
  }
  // HKDF-Expand of 64 bytes.
  void CompartmentKey(ByteView id, ByteArray<64>& key) {
    std::copy_n(id.begin(), 2, ck_.end() - 2);
    const std::uint8_t one = 1, two = 2;
    pdk_.Mac({ck_, {&one, 1}}, key.data());
    pdk_.Mac({ByteView(key).first(32), ck_, {&two, 1}}, key.data() + 32);
  }
  void BindTo(std::uint64_t seq, ByteView blob_head) {
    Put(seq, 8, aad_.data() + aad_.size() - 8 - kBlobHead);
    std::copy_n(blob_head.begin(), kBlobHead, aad_.end() - kBlobHead);
  }
  void SealOne(std::uint64_t seq, const BarePlain& plain, base::Random& random,
               std::uint8_t* blob) {
    Put(plain.compartment, 2, blob);
    Put(plain.text.size(), 2, blob + 2);
    ByteArray<64> key;
    CompartmentKey({blob, 2}, key);
    BindTo(seq, {blob, kBlobHead});
    ByteArray<80> hashed;
    random.Fill(std::span(hashed).first(16));
    Key::Hash(aad_, hashed.data() + 16);
    Key::Hash(plain.text, hashed.data() + 48);
    ByteArray<32> nonce;
    fresh_.Set(ByteView(key).last(32));
    fresh_.Mac({hashed}, nonce.data());
    std::copy_n(nonce.begin(), kNonce, blob + kBlobHead);
    GcmSeal(ByteView(key).first(32), aad_, plain.text, blob + kBlobHead);
  }
  bool OpenOne(std::uint64_t seq, ByteView blob, Bytes& out) {
    ByteArray<64> key;
    CompartmentKey(blob.first(2), key);
    BindTo(seq, blob.first(kBlobHead));
    const std::size_t at = out.size();
    out.resize(at + blob.size() - kBlobHead - kNonce - kTag);
    return GcmOpen(ByteView(key).first(32), aad_, blob.subspan(kBlobHead), out.data() + at);
  }

  std::uint32_t pkv_;
  Key pdk_;
  Key fresh_;
  Bytes ck_, rk_, aad_;  // labels and names; what changes is written at their ends
  Bytes sealed_;
};

BareRecord::BareRecord(Hashing hashing, const BareNames& names, ByteView pdk) {
  if (hashing == Hashing::kDirect) {
    state_ = std::make_unique<Calls<DirectKey>>(names, pdk);
  } else {
    state_ = std::make_unique<Calls<EvpKey>>(names, pdk);
  }
}
BareRecord::~BareRecord() = default;
BareRecord::BareRecord(BareRecord&&) noexcept = default;

void BareRecord::Seal(std::uint64_t seq, const std::vector<BarePlain>& plains, base::Random& random,
                      Bytes& row) {
  state_->Seal(seq, plains, random, row);
}
bool BareRecord::Open(ByteView row, std::span<const std::uint16_t> wanted, Bytes& out) {
  return state_->Open(row, wanted, out);
}

}  // namespace cloison::bench
