#include "crypto/ff1.h"

#include <openssl/evp.h>

#include <algorithm>
#include <atomic>
#include <bit>

namespace cloison::crypto {
namespace {

constexpr int kRounds = 10;
constexpr std::size_t kBlock = 16;
constexpr std::uint32_t kRadixMax = 65536;
constexpr std::size_t kHalfMax = kFf1DigitsMax / 2;
// A half of 28 digits of 16 bits, as a number: 56 bytes. S is at most 4 * ceil(56 / 4) + 4.
constexpr std::size_t kHalfBytesMax = 56;
constexpr std::size_t kStreamMax = 64;
// Halves of up to 7 bytes, as those of our codes are, are integers of 64 bits and their S one
// of 96.
constexpr std::size_t kNarrowBytesMax = 7;

static_assert(4 * ((kNarrowBytesMax + 3) / 4) + 4 <= 12);
__extension__ using Wide = unsigned __int128;

// Of keys, never used twice in a process.
constexpr std::uint64_t kNoKey = 0;
std::atomic<std::uint64_t> last_serial{kNoKey};

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

// The bare block cipher under one key, in this thread's context for that key size. `serial` names
// the key: a context that was keyed for it last still is.
class Aes {
 public:
  Aes(ByteView key, std::uint64_t serial) {
    Holder& holder = HolderOf(key.size());
    context_ = holder.context;
    if (holder.serial == serial) return;
    holder.serial = kNoKey;
    CLOISON_CHECK(EVP_EncryptInit_ex2(context_, nullptr, key.data(), nullptr, nullptr) == 1);
    holder.serial = serial;
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
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    EVP_CIPHER_CTX* context;
    std::uint64_t serial = kNoKey;
  };
  static Holder& HolderOf(std::size_t key_size) {
    thread_local Holder holders[] = {Holder(16), Holder(24), Holder(32)};
    return holders[key_size / 8 - 2];
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

// radix^digits when numbers below it are narrow, else 0.
std::uint64_t NarrowPower(std::uint32_t radix, std::size_t digits) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << (8 * kNarrowBytesMax);
  std::uint64_t power = 1;
  for (std::size_t i = 0; i < digits; ++i) {
    if (power > kMost / radix) return 0;
    power *= radix;
  }
  return power;
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

// 38G, step 3 and 4 of algorithms 7 and 8: what the length alone decides. Powers are 0 when wide.
struct Shape {
  Shape(std::uint32_t radix_of, std::size_t digits_of)
      : radix(radix_of),
        digits(digits_of),
        u(digits / 2),
        power_v(NarrowPower(radix, digits - u)),
        power_u(power_v != 0 ? NarrowPower(radix, u) : 0),
        half_bytes(narrow() ? (static_cast<std::size_t>(std::bit_width(power_v - 1)) + 7) / 8
                            : HalfBytes(radix, digits - u)) {}
  bool narrow() const { return power_v != 0; }
  // Of the half that a round changes.
  std::uint64_t PowerOf(int round) const { return round % 2 == 0 ? power_u : power_v; }

  std::uint32_t radix;
  std::size_t digits;
  std::size_t u;  // of the first half; the other has this many or one more
  std::uint64_t power_v;
  std::uint64_t power_u;
  std::size_t half_bytes;
};

// One message: the parts of 38G algorithms 7 and 8 that its rounds share.
class Rounds {
 public:
  Rounds(const Aes& aes, const Shape& shape, ByteView tweak)
      : aes_(aes), prefix_(aes), shape_(shape) {
    Block start = {1, 2, 1, 0, 0, 0, 10, static_cast<std::uint8_t>(shape.u)};
    start[3] = static_cast<std::uint8_t>(shape.radix >> 16);
    start[4] = static_cast<std::uint8_t>(shape.radix >> 8);
    start[5] = static_cast<std::uint8_t>(shape.radix);
    std::ranges::copy(base::BigU32(static_cast<std::uint32_t>(shape.digits)), start.begin() + 8);
    std::ranges::copy(base::BigU32(static_cast<std::uint32_t>(tweak.size())), start.begin() + 12);
    const Block zeros{};
    prefix_.Add(start);
    prefix_.Add(tweak);
    const std::size_t last = (tweak.size() + shape.half_bytes + 1) % kBlock;
    prefix_.Add(ByteView(zeros).first((kBlock - last) % kBlock));
  }

  // y of round i for the half `b`: half.size digits of it.
  void Y(int round, const Half& b, Half& y) const {
    ByteArray<1 + kHalfBytesMax> tail;
    tail[0] = static_cast<std::uint8_t>(round);
    ToNumber(b, shape_.radix, std::span(tail).subspan(1, shape_.half_bytes));
    const Block r = Mac(ByteView(tail).first(1 + shape_.half_bytes));

    const std::size_t wanted = StreamBytes();
    ByteArray<kStreamMax> stream;
    std::ranges::copy(r, stream.begin());
    for (std::size_t j = 1; j * kBlock < wanted; ++j) {
      Block block = r;
      block[kBlock - 1] ^= static_cast<std::uint8_t>(j);
      aes_.Encrypt(block);
      std::ranges::copy(block, stream.begin() + j * kBlock);
    }
    LowDigits(ByteView(stream).first(wanted), shape_.radix, y);
  }

  // The same for a narrow half: y modulo `power`, from the first block alone.
  std::uint64_t NarrowY(int round, std::uint64_t b, std::uint64_t power) const {
    ByteArray<1 + 8> tail;
    const std::size_t unused = 8 - shape_.half_bytes;
    std::ranges::copy(base::BigU64(b), tail.begin() + 1);
    tail[unused] = static_cast<std::uint8_t>(round);
    const Block r = Mac(ByteView(tail).subspan(unused));
    Wide stream = base::LoadBig(ByteView(r).first(8));
    if (StreamBytes() > 8) stream = stream << 32 | base::LoadBig(ByteView(r).subspan(8, 4));
    return static_cast<std::uint64_t>(stream % power);
  }

 private:
  Block Mac(ByteView tail) const {
    Prf prf = prefix_;
    prf.Add(tail);
    return prf.Finish();
  }
  std::size_t StreamBytes() const { return 4 * ((shape_.half_bytes + 3) / 4) + 4; }

  const Aes& aes_;
  Prf prefix_;  // has taken P, the tweak and the padding
  const Shape& shape_;
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

// A message of narrow halves, as numbers.
std::uint64_t NumberOf(std::uint32_t radix, std::span<const std::uint16_t> digits) {
  std::uint64_t number = 0;
  for (const std::uint16_t digit : digits) number = number * radix + digit;
  return number;
}

void PutNumber(std::uint64_t number, std::uint32_t radix, std::span<std::uint16_t> digits) {
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    *digit = static_cast<std::uint16_t>(number % radix);
    number /= radix;
  }
}

Digits NarrowEncrypt(const Rounds& rounds, const Shape& shape, const Digits& digits) {
  std::uint64_t a = NumberOf(shape.radix, std::span(digits).first(shape.u));
  std::uint64_t b = NumberOf(shape.radix, std::span(digits).subspan(shape.u));
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t power = shape.PowerOf(round);
    a += rounds.NarrowY(round, b, power);
    if (a >= power) a -= power;
    std::swap(a, b);
  }
  Digits out(digits.size());
  PutNumber(a, shape.radix, std::span(out).first(shape.u));
  PutNumber(b, shape.radix, std::span(out).subspan(shape.u));
  return out;
}

Digits NarrowDecrypt(const Rounds& rounds, const Shape& shape, const Digits& digits) {
  std::uint64_t a = NumberOf(shape.radix, std::span(digits).first(shape.u));
  std::uint64_t b = NumberOf(shape.radix, std::span(digits).subspan(shape.u));
  for (int round = kRounds - 1; round >= 0; --round) {
    std::swap(a, b);
    const std::uint64_t power = shape.PowerOf(round);
    const std::uint64_t y = rounds.NarrowY(round, b, power);
    a = a >= y ? a - y : a + power - y;
  }
  Digits out(digits.size());
  PutNumber(a, shape.radix, std::span(out).first(shape.u));
  PutNumber(b, shape.radix, std::span(out).subspan(shape.u));
  return out;
}

Digits WideEncrypt(const Rounds& rounds, const Shape& shape, const Digits& digits) {
  Half a = HalfOf(digits, 0, shape.u);
  Half b = HalfOf(digits, shape.u, digits.size() - shape.u);
  for (int round = 0; round < kRounds; ++round) {
    Half y;
    y.size = a.size;
    rounds.Y(round, b, y);
    AddModulo(a, y, shape.radix);
    std::swap(a, b);
  }
  return Join(a, b);
}

Digits WideDecrypt(const Rounds& rounds, const Shape& shape, const Digits& digits) {
  Half a = HalfOf(digits, 0, shape.u);
  Half b = HalfOf(digits, shape.u, digits.size() - shape.u);
  for (int round = kRounds - 1; round >= 0; --round) {
    std::swap(a, b);
    Half y;
    y.size = a.size;
    rounds.Y(round, b, y);
    SubtractModulo(a, y, shape.radix);
  }
  return Join(a, b);
}

}  // namespace

struct Ff1::State {
  SecretBytes key;
  std::uint32_t radix;
  std::uint64_t serial;
};

Ff1::Ff1(ByteView key, std::uint32_t radix)
    : state_(std::make_unique<State>(State{SecretBytes::CopyOf(key), radix, ++last_serial})) {
  CLOISON_CHECK(key.size() == 16 || key.size() == 24 || key.size() == 32);
  CLOISON_CHECK(radix >= 2 && radix <= kRadixMax);
}
Ff1::~Ff1() = default;
Ff1::Ff1(Ff1&&) noexcept = default;
Ff1& Ff1::operator=(Ff1&&) noexcept = default;

Result<Digits> Ff1::Encrypt(ByteView tweak, const Digits& digits) const {
  CLOISON_TRY(CheckMessage(state_->radix, tweak, digits));
  const Aes aes(std::as_const(state_->key).Reveal(), state_->serial);
  const Shape shape(state_->radix, digits.size());
  const Rounds rounds(aes, shape, tweak);
  return shape.narrow() ? NarrowEncrypt(rounds, shape, digits) : WideEncrypt(rounds, shape, digits);
}

Result<Digits> Ff1::Decrypt(ByteView tweak, const Digits& digits) const {
  CLOISON_TRY(CheckMessage(state_->radix, tweak, digits));
  const Aes aes(std::as_const(state_->key).Reveal(), state_->serial);
  const Shape shape(state_->radix, digits.size());
  const Rounds rounds(aes, shape, tweak);
  return shape.narrow() ? NarrowDecrypt(rounds, shape, digits) : WideDecrypt(rounds, shape, digits);
}

}  // namespace cloison::crypto
