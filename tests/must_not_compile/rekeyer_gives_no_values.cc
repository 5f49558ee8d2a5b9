// A re-key seals a record again; what is in it is nobody's to read.
#include "records/rekeyer.h"

cloison::Result<cloison::records::Change> Renewed(const cloison::records::Rekeyer& rekeyer,
                                                  cloison::records::Sighting sighting,
                                                  const cloison::keys::PersonKey& fresh) {
  auto change = rekeyer.Rekey(std::move(sighting), fresh);
#ifdef MUST_NOT_COMPILE
  if (change.ok()) return Renewed(rekeyer, change->values(), fresh);  // BAD
#endif
  return change;
}
