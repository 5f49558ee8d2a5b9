// Secrets: keys and plain values of people while they are in memory.
//
// Secret<N> holds exactly N bytes, SecretBytes any number. Both live in the locked arena (mlock'ed,
// left out of core dumps, between guard pages), are wiped when destroyed, moved from or shrunk, and
// can only be moved: no copy, no ==, no <<, no conversion. The bytes are reached by Reveal() alone,
// a name to look for in reviews.
//
// Threads  a value belongs to one thread at a time. Cost: 20-40 ns to make (a free list per thread
// and size). Limits   kArenaBytesMax; past it memory that is not locked is used and counted
// (UnlockedBytes()), since refusing
//          to serve would be worse: the server warns.
#ifndef CLOISON_CRYPTO_SECRET_H_
#define CLOISON_CRYPTO_SECRET_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"

namespace cloison::crypto {

inline constexpr std::size_t kArenaBytesMax = 256u << 20;

namespace internal {
// Memory for a secret: zero-filled; Free wipes. size 0 gives nullptr.
std::uint8_t* AllocateSecret(std::size_t size);
void FreeSecret(std::uint8_t* bytes, std::size_t size);
}  // namespace internal

// How much secret memory could not be locked so far (RLIMIT_MEMLOCK).
std::size_t UnlockedBytes();

// Inline, so that small ones are a few stores: most secrets are keys of 32 or 64 bytes.
inline void Wipe(std::span<std::uint8_t> bytes) {
  if (bytes.empty()) return;
  std::memset(bytes.data(), 0, bytes.size());
  // The compiler must assume that this reads the bytes, so the stores stay, although nobody reads
  // them again. As BoringSSL's OPENSSL_cleanse does it.
  __asm__ __volatile__("" : : "r"(bytes.data()) : "memory");
}
bool EqualConstantTime(ByteView a, ByteView b);  // false at once only when the lengths differ

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size)
      : bytes_(internal::AllocateSecret(size)), size_(size), capacity_(size) {}
  // Copies `bytes`; the caller wipes its own.
  static SecretBytes CopyOf(ByteView bytes);
  SecretBytes(SecretBytes&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      internal::FreeSecret(bytes_, capacity_);
      bytes_ = std::exchange(other.bytes_, nullptr);
      size_ = std::exchange(other.size_, 0);
      capacity_ = std::exchange(other.capacity_, 0);
    }
    return *this;
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { internal::FreeSecret(bytes_, capacity_); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ByteView Reveal() const { return {bytes_, size_}; }
  std::span<std::uint8_t> Reveal() { return {bytes_, size_}; }

  // Grows by a copy into new secret memory (the old is wiped); what AppendBytes and friends need.
  using value_type = std::uint8_t;
  void push_back(std::uint8_t byte) { Append({&byte, 1}); }
  void Append(ByteView bytes);
  void Shrink(std::size_t size);  // wipes the tail

 private:
  std::uint8_t* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

template <std::size_t N>
class Secret {
 public:
  // Zero bytes, to be filled through Reveal.
  Secret() : bytes_(N) {}
  explicit Secret(base::Random& random) : bytes_(N) { random.Fill(bytes_.Reveal()); }
  static Result<Secret> FromBytes(ByteView bytes) {
    if (bytes.size() != N) return Error{Code::kCorrupt, "a key has the wrong length"};
    Secret out;
    std::copy(bytes.begin(), bytes.end(), out.bytes_.Reveal().begin());
    return out;
  }
  Secret Duplicate() const {  // rare, and easy to find
    Secret out;
    const ByteView from = Reveal();
    std::copy(from.begin(), from.end(), out.bytes_.Reveal().begin());
    return out;
  }

  ByteView Reveal() const { return bytes_.Reveal(); }
  std::span<std::uint8_t, N> Reveal() { return std::span<std::uint8_t, N>(bytes_.Reveal()); }

 private:
  SecretBytes bytes_;
};

}  // namespace cloison::crypto

#endif  // CLOISON_CRYPTO_SECRET_H_
