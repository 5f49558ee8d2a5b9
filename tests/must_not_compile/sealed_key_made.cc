// Only the oversight key makes the key of a person's sealed accesses.
#include "ledger/entry.h"

namespace ledger = cloison::ledger;

ledger::SealedKey Make(const ledger::OversightKey& oversight, const cloison::Aud& person,
                       const cloison::crypto::Secret<32>& key) {
#ifdef MUST_NOT_COMPILE
  return ledger::SealedKey(key, person);  // BAD
#endif
  static_cast<void>(key);
  return oversight.Of(cloison::LogId(cloison::ByteArray<8>{}), person);
}
