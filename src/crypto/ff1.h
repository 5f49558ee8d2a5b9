// FF1 format-preserving encryption with AES-256 (NIST SP 800-38G): digits in, as many digits of the
// same radix out. Used for the codes of people (docs/format/code.md).
#ifndef CLOISON_CRYPTO_FF1_H_
#define CLOISON_CRYPTO_FF1_H_

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace cloison::crypto {

inline constexpr std::size_t kFf1DigitsMin = 2;
inline constexpr std::size_t kFf1DigitsMax = 56;
inline constexpr std::uint64_t kFf1DomainMin = 1'000'000;  // 38G revision 1
inline constexpr std::size_t kFf1TweakBytesMax = 256;

// One key and one radix. Threads: any. Cost: about 0.55 us for 15 digits, 0.1 us more when the
// thread used another key last; more where half the digits are above 56 bits.
// Takes    radix 2..65536; 2..56 digits, each below the radix, radix^digits >= 1,000,000 (38G
//          revision 1); a tweak of at most 256 bytes.
// Fails    kInvalid outside these (a wrong key size or radix is the caller's bug).
class Ff1 {
 public:
  Ff1(ByteView key, std::uint32_t radix);  // key of 16, 24 or 32 bytes
  ~Ff1();
  Ff1(Ff1&&) noexcept;
  Ff1& operator=(Ff1&&) noexcept;
  Result<std::vector<std::uint16_t>> Encrypt(ByteView tweak,
                                             const std::vector<std::uint16_t>& digits) const;
  Result<std::vector<std::uint16_t>> Decrypt(ByteView tweak,
                                             const std::vector<std::uint16_t>& digits) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cloison::crypto

#endif  // CLOISON_CRYPTO_FF1_H_
