// WK, AUD row and intent row, byte for byte (docs/format/keys.md).
#ifndef CLOISON_KEYS_INTERNAL_PERSON_ROWS_H_
#define CLOISON_KEYS_INTERNAL_PERSON_ROWS_H_

#include "keys/key_ring.h"
#include "store/store.h"

namespace cloison::keys::internal {

inline constexpr std::uint32_t kFirstPkv = 1;

// Whose key, and which of their keys.
struct KeyName {
  RegisterId register_id;
  PersonId person;
  std::uint32_t pkv;
};
// The epoch that wraps.
struct Under {
  std::uint32_t epoch;
  const EpochKeys& keys;
};

store::Key WkKey(const PersonId& person, std::uint32_t pkv);
store::Range WkRange(const PersonId& person);          // every pkv of one person
Result<std::uint32_t> PkvOf(std::string_view wk_key);  // kCorrupt: not such a key
store::Key AudKey(const Aud& aud);
store::Key IntentKey(const PersonId& person);
store::Range IntentRange();
Result<PersonId> PersonOfIntent(std::string_view intent_key);

// `secret` is PDK ‖ PLK.
Bytes WrapWk(const KeyName& name, const Under& under, const crypto::Secret<64>& secret,
             base::Random& random);
// kNotFound: its epoch was destroyed; kCorrupt: anything else.
Result<crypto::Secret<64>> UnwrapWk(const KeyName& name, const KeyRing& ring, ByteView wrapped);

// The epoch that a WK or an AUD row is under. kCorrupt: the head is not ours.
Result<std::uint32_t> EpochOf(ByteView row);

Bytes SealAudRow(const PersonId& person, const Aud& aud, RegisterId register_id, const Under& under,
                 base::Random& random);
Result<PersonId> OpenAudRow(const Aud& aud, const KeyRing& ring, ByteView row);

}  // namespace cloison::keys::internal

#endif  // CLOISON_KEYS_INTERNAL_PERSON_ROWS_H_
