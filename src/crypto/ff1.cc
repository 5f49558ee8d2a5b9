#include "crypto/ff1.h"

#include <openssl/evp.h>

#include <algorithm>

namespace cloison::crypto {
namespace {

constexpr int kRounds = 10;
constexpr std::size_t kBlock = 16;
constexpr std::uint32_t kRadixMax = 65536;
constexpr std::size_t kHalfMax = kFf1DigitsMax / 2;
// A half of 28 digits of 16 bits, as a number: 56 bytes. S is at most 4 * ceil(56 / 4) + 4.
constexpr std::size_t kHalfBytesMax = 56;
constexpr std::size_t kStreamMax = 64;

using Block = ByteArray<kBlock>;
using Digits = std::vector<std::uint16_t>;

// A half of the digits, most significant first.
struct Half {
  std::array<std::uint16_t, kHalfMax> digits{};
  std::size_t size = 0;
};

const EVP_CIPHER* AesEcb(std::size_t key_size) {
  static const EVP_CIPHER* const ciphers[] = {EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr),
                                              EVP_CIPHER_fetch(nullptr, "AES-192-ECB", nullptr),
                                              EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr)};
  return ciphers[key_size / 8 - 2];
}

// The bare block cipher under one key, in this thread's context for that key size.
class Aes {
 public:
  explicit Aes(ByteView key) : context_(ContextOf(key.size())) {
    CLOISON_CHECK(EVP_EncryptInit_ex2(context_, nullptr, key.data(), nullptr, nullptr) == 1);
  }
  void Encrypt(Block& block) const {
    int written = 0;
    CLOISON_CHECK(EVP_EncryptUpdate(context_, block.data(), &written, block.data(), kBlock) == 1);
  }

 private:
  struct Holder {
    explicit Holder(std::size_t key_size) : context(EVP_CIPHER_CTX_new()) {
      CLOISON_CHECK(context != nullptr);
      CLOISON_CHECK(EVP_EncryptInit_ex2(context, AesEcb(key_size), nullptr, nullptr, nullptr) == 1);
      CLOISON_CHECK(EVP_CIPHER_CTX_set_padding(context, 0) == 1);
    }
    ~Holder() { EVP_CIPHER_CTX_free(context); }
    EVP_CIPHER_CTX* context;
  };
  static EVP_CIPHER_CTX* ContextOf(std::size_t key_size) {
    thread_local Holder contexts[] = {Holder(16), Holder(24), Holder(32)};
    return contexts[key_size / 8 - 2].context;
  }

  EVP_CIPHER_CTX* context_;
};

// CBC-MAC over whole blocks: PRF of 38G (algorithm 6), fed in pieces.
class Prf {
 public:
  explicit Prf(const Aes& aes) : aes_(aes) {}
  void Add(ByteView bytes) {
    for (const std::uint8_t byte : bytes) {
      state_[filled_++] ^= byte;
      if (filled_ < kBlock) continue;
      aes_.Encrypt(state_);
      filled_ = 0;
    }
  }
  const Block& Finish() const {
    CLOISON_CHECK(filled_ == 0);
    return state_;
  }

 private:
  const Aes& aes_;
  Block state_{};
  std::size_t filled_ = 0;
};

std::size_t HalfBytes(std::uint32_t radix, std::size_t digits) {
  // ceil(ceil(digits * log2(radix)) / 8): the bytes of radix^digits - 1.
  ByteArray<kHalfBytesMax + 1> number{};
  for (std::size_t i = 0; i < digits; ++i) {
    std::uint32_t carry = radix - 1;
    for (auto byte = number.rbegin(); byte != number.rend(); ++byte) {
      carry += *byte * radix;
      *byte = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
  }
  const auto first = std::find_if(number.begin(), number.end(), [](int byte) { return byte != 0; });
  return static_cast<std::size_t>(number.end() - first);
}

// NUM_radix(half) as `bytes` big-endian bytes.
void ToNumber(const Half& half, std::uint32_t radix, std::span<std::uint8_t> bytes) {
  std::array<std::uint32_t, kHalfBytesMax / 4> limbs{};  // least significant first
  const std::size_t count = (bytes.size() + 3) / 4;
  for (std::size_t i = 0; i < half.size; ++i) {
    std::uint64_t carry = half.digits[i];
    for (std::size_t j = 0; j < count; ++j) {
      carry += std::uint64_t{limbs[j]} * radix;
      limbs[j] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[bytes.size() - 1 - i] = static_cast<std::uint8_t>(limbs[i / 4] >> (i % 4 * 8));
  }
}

// The low half.size digits of the number `stream`: NUM(S) mod radix^m, without the big modulus.
void LowDigits(ByteView stream, std::uint32_t radix, Half& half) {
  std::array<std::uint32_t, kStreamMax / 4> limbs{};  // most significant first
  const std::size_t count = stream.size() / 4;
  for (std::size_t i = 0; i < count; ++i) {
    limbs[i] = static_cast<std::uint32_t>(base::LoadBig(stream.subspan(i * 4, 4)));
  }
  for (std::size_t digit = half.size; digit-- > 0;) {
    std::uint64_t rest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      rest = rest << 32 | limbs[i];
      limbs[i] = static_cast<std::uint32_t>(rest / radix);
      rest %= radix;
    }
    half.digits[digit] = static_cast<std::uint16_t>(rest);
  }
}

void AddModulo(Half& to, const Half& y, std::uint32_t radix) {
  std::uint32_t carry = 0;
  for (std::size_t i = to.size; i-- > 0;) {
    carry += std::uint32_t{to.digits[i]} + y.digits[i];
    to.digits[i] = static_cast<std::uint16_t>(carry % radix);
    carry /= radix;
  }
}

void SubtractModulo(Half& from, const Half& y, std::uint32_t radix) {
  std::uint32_t borrow = 0;
  for (std::size_t i = from.size; i-- > 0;) {
    const std::uint32_t take = y.digits[i] + borrow;
    borrow = from.digits[i] < take ? 1 : 0;
    from.digits[i] = static_cast<std::uint16_t>(from.digits[i] + borrow * radix - take);
  }
}

// One message: the parts of 38G algorithms 7 and 8 that its rounds share.
class Rounds {
 public:
  Rounds(ByteView key, std::uint32_t radix, ByteView tweak, std::size_t digits)
      : aes_(key),
        prefix_(aes_),
        radix_(radix),
        half_bytes_(HalfBytes(radix, digits - digits / 2)) {
    const auto length = static_cast<std::uint32_t>(digits);
    Block start = {1, 2, 1, 0, 0, 0, 10, static_cast<std::uint8_t>(digits / 2)};
    start[3] = static_cast<std::uint8_t>(radix >> 16);
    start[4] = static_cast<std::uint8_t>(radix >> 8);
    start[5] = static_cast<std::uint8_t>(radix);
    std::ranges::copy(base::BigU32(length), start.begin() + 8);
    std::ranges::copy(base::BigU32(static_cast<std::uint32_t>(tweak.size())), start.begin() + 12);
    const Block zeros{};
    prefix_.Add(start);
    prefix_.Add(tweak);
    const std::size_t last = (tweak.size() + half_bytes_ + 1) % kBlock;
    prefix_.Add(ByteView(zeros).first((kBlock - last) % kBlock));
  }

  // y of round i for the half `b`: half.size digits of it.
  void Y(int round, const Half& b, Half& y) const {
    ByteArray<1 + kHalfBytesMax> tail;
    tail[0] = static_cast<std::uint8_t>(round);
    ToNumber(b, radix_, std::span(tail).subspan(1, half_bytes_));
    Prf prf = prefix_;
    prf.Add(ByteView(tail).first(1 + half_bytes_));
    const Block& r = prf.Finish();

    const std::size_t wanted = 4 * ((half_bytes_ + 3) / 4) + 4;
    ByteArray<kStreamMax> stream;
    std::ranges::copy(r, stream.begin());
    for (std::size_t j = 1; j * kBlock < wanted; ++j) {
      Block block = r;
      block[kBlock - 1] ^= static_cast<std::uint8_t>(j);
      aes_.Encrypt(block);
      std::ranges::copy(block, stream.begin() + j * kBlock);
    }
    LowDigits(ByteView(stream).first(wanted), radix_, y);
  }

 private:
  Aes aes_;
  Prf prefix_;  // has taken P, the tweak and the padding
  std::uint32_t radix_;
  std::size_t half_bytes_;
};

Status CheckMessage(std::uint32_t radix, ByteView tweak, const Digits& digits) {
  if (digits.size() < kFf1DigitsMin || digits.size() > kFf1DigitsMax) {
    return Error{Code::kInvalid, "FF1 takes 2 to 56 digits"};
  }
  if (tweak.size() > kFf1TweakBytesMax) return Error{Code::kInvalid, "the FF1 tweak is too long"};
  std::uint64_t domain = 1;
  for (const std::uint16_t digit : digits) {
    if (digit >= radix) return Error{Code::kInvalid, "a digit is not below the radix"};
    if (domain < kFf1DomainMin) domain *= radix;
  }
  if (domain < kFf1DomainMin) return Error{Code::kInvalid, "the FF1 domain is too small"};
  return Ok();
}

Half HalfOf(const Digits& digits, std::size_t from, std::size_t size) {
  Half half;
  half.size = size;
  std::copy_n(digits.begin() + static_cast<std::ptrdiff_t>(from), size, half.digits.begin());
  return half;
}

Digits Join(const Half& a, const Half& b) {
  Digits out(a.digits.begin(), a.digits.begin() + a.size);
  out.insert(out.end(), b.digits.begin(), b.digits.begin() + b.size);
  return out;
}

}  // namespace

struct Ff1::State {
  SecretBytes key;
  std::uint32_t radix;
};

Ff1::Ff1(ByteView key, std::uint32_t radix)
    : state_(std::make_unique<State>(State{SecretBytes::CopyOf(key), radix})) {
  CLOISON_CHECK(key.size() == 16 || key.size() == 24 || key.size() == 32);
  CLOISON_CHECK(radix >= 2 && radix <= kRadixMax);
}
Ff1::~Ff1() = default;
Ff1::Ff1(Ff1&&) noexcept = default;
Ff1& Ff1::operator=(Ff1&&) noexcept = default;

Result<Digits> Ff1::Encrypt(ByteView tweak, const Digits& digits) const {
  CLOISON_TRY(CheckMessage(state_->radix, tweak, digits));
  const std::size_t u = digits.size() / 2;
  Half a = HalfOf(digits, 0, u);
  Half b = HalfOf(digits, u, digits.size() - u);
  const Rounds rounds(state_->key.Reveal(), state_->radix, tweak, digits.size());
  for (int round = 0; round < kRounds; ++round) {
    Half y;
    y.size = a.size;
    rounds.Y(round, b, y);
    AddModulo(a, y, state_->radix);
    std::swap(a, b);
  }
  return Join(a, b);
}

Result<Digits> Ff1::Decrypt(ByteView tweak, const Digits& digits) const {
  CLOISON_TRY(CheckMessage(state_->radix, tweak, digits));
  const std::size_t u = digits.size() / 2;
  Half a = HalfOf(digits, 0, u);
  Half b = HalfOf(digits, u, digits.size() - u);
  const Rounds rounds(state_->key.Reveal(), state_->radix, tweak, digits.size());
  for (int round = kRounds - 1; round >= 0; --round) {
    std::swap(a, b);
    Half y;
    y.size = a.size;
    rounds.Y(round, b, y);
    SubtractModulo(a, y, state_->radix);
  }
  return Join(a, b);
}

}  // namespace cloison::crypto
