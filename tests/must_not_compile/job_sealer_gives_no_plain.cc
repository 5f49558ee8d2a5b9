// What was put into a frame comes out of it sealed, and in no other way.
#include "records/job_sealer.h"

using namespace cloison;

Bytes Frame(records::JobSealer& sealer, base::Random& random) {
#ifdef MUST_NOT_COMPILE
  return base::ToBytes(sealer.plain_.Reveal());  // BAD
#endif
  return sealer.Finish(1, 200, random);
}
