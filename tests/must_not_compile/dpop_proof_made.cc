// Only a proof that was checked has a key.
#include "identity/dpop.h"

namespace identity = cloison::identity;

cloison::crypto::Digest KeyOf(const identity::DpopProof& proof) {
#ifdef MUST_NOT_COMPILE
  return identity::DpopProof().key();  // BAD
#endif
  return proof.key();
}
