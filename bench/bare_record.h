// The bytes of a sealed record made and opened by OpenSSL's calls alone: the baseline of the bench
// `record`. The same sequence of HKDF, HMAC and GCM calls as docs/format/record.md asks for, with
// contexts that are made once and used again, and nothing else: no types, no wiping, no checks of
// what is inside, no memory taken per call.
#ifndef CLOISON_BENCH_BARE_RECORD_H_
#define CLOISON_BENCH_BARE_RECORD_H_

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"

namespace cloison::bench {

// Which of OpenSSL 3.0's functions hash.
//   kDirect  SHA256_Init, _Update, _Final; HMAC by hand from the two states behind its pads. The
//            fastest there is (no provider's dispatch), though deprecated since 3.0.
//   kEvp     EVP_MAC "HMAC" and EVP_Digest, fetched once: what the deprecation note points to.
// AES-256-GCM is EVP in both: OpenSSL 3.0 exports no other.
enum class Hashing : std::uint8_t { kDirect, kEvp };

struct BareNames {
  std::uint32_t register_id;
  ByteArray<8> person;
  std::uint32_t pkv;
};
// A compartment's padded plain text.
struct BarePlain {
  std::uint16_t compartment;
  Bytes text;
};

// One person's record. Threads: one at a time, and all of one thread share its contexts.
class BareRecord {
 public:
  BareRecord(Hashing hashing, const BareNames& names, ByteView pdk);
  ~BareRecord();
  BareRecord(BareRecord&&) noexcept;

  // Into `row`, whose memory is used again. `plains` ascending.
  void Seal(std::uint64_t seq, const std::vector<BarePlain>& plains, base::Random& random,
            Bytes& row);
  // Checks the seal, then decrypts the wanted compartments one after the other into `out`, whose
  // memory is used again. False when anything is wrong.
  bool Open(ByteView row, std::span<const std::uint16_t> wanted, Bytes& out);

 private:
  template <class Key>
  class Calls;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_BARE_RECORD_H_
