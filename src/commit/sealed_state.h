// State that decides is sealed too: rows of principals, seen, caseload, segments, heads ... and
// store keys that tell nothing (docs/format/state.md; vectors "state", "seen_key").
//
//   row   = 01 | 01 | u32 gen | Box(HX(STATE[gen], L("st") ‖ u32 register ‖ family ‖ 0x00 ‖ store
//   key, 64),
//           L("state") ‖ u32 register ‖ u32 gen ‖ family ‖ 0x00 ‖ store key, value)
//   digest(label, x) = HMAC(HX(STATE, L("digest") ‖ u32 register ‖ label ‖ 0x00, 32), x)
//   PRF_f(x) = HMAC(HX(STATE, L("prf") ‖ u32 register ‖ family ‖ 0x00, 32), x)[0..16)
// Threads: any. Cost: seal about 1.1 us (0.8 with a kept RowSealer), open 0.6 us, Prf 0.12 us (its
// key is kept per family); some more for each further kilobyte.
#ifndef CLOISON_COMMIT_SEALED_STATE_H_
#define CLOISON_COMMIT_SEALED_STATE_H_

#include <array>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "crypto/box.h"
#include "store/store.h"

namespace cloison::commit {

// Labels of Digest whose keys are kept: those that entries, look-ups and changes use.
inline constexpr std::array<std::string_view, 4> kKeptLabels = {"seen-set", "actors", "query",
                                                                "idempotency"};

// The key of one row, for who writes that row again and again: its derivation is a quarter of a
// short row's price. Move-only, wiped.
class RowSealer {
 public:
  const store::Key& key() const { return key_; }

 private:
  friend class SealedState;
  RowSealer(store::Key key, crypto::BoxKey box) : key_(std::move(key)), box_(std::move(box)) {}

  store::Key key_;
  crypto::BoxKey box_;
};

class SealedState {
 public:
  SealedState(RegisterId register_id, std::uint32_t generation, const crypto::Secret<32>& state_key,
              base::Random& random);

  Bytes Seal(const store::Key& key, ByteView value) const;
  RowSealer SealerOf(store::Key key) const;
  Bytes Seal(const RowSealer& row, ByteView value) const;  // the same as by its key
  // kCorrupt: not sealed by us for this very key, or of an unknown generation.
  Result<crypto::SecretBytes> Open(const store::Key& key, ByteView sealed) const;

  // 16 bytes, to be a store key or a part of one.
  std::string Prf(store::Family family, std::initializer_list<ByteView> parts) const;
  ByteArray<16> PrfBytes(store::Family family, std::initializer_list<ByteView> parts) const;
  // A keyed digest of 32 bytes under a label of its own (set hashes, idempotency, query digests).
  // Cost: 0.12 us for a label of kKeptLabels, three times that for others.
  crypto::Digest Digest(Literal label, std::initializer_list<ByteView> parts) const;

  RegisterId register_id() const { return register_id_; }

 private:
  crypto::Secret<32> DigestKey(std::string_view label) const;
  crypto::BoxKey BoxOf(const store::Key& key) const;
  Bytes Seal(const store::Key& key, const crypto::BoxKey& box, ByteView value) const;

  RegisterId register_id_;
  std::uint32_t generation_;
  crypto::HmacKey key_;
  base::Random& random_;
  std::vector<std::optional<crypto::HmacKey>> prf_keys_;  // by number of the family
  std::vector<crypto::HmacKey> digest_keys_;              // of kKeptLabels
};

}  // namespace cloison::commit

#endif  // CLOISON_COMMIT_SEALED_STATE_H_
