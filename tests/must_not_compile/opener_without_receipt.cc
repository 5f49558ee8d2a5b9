// Values are given to somebody against a receipt, and nothing else.
#include <utility>

#include "records/people.h"

using cloison::records::OpenedValue;

cloison::Result<std::vector<OpenedValue>> Show(const cloison::records::Opener& opener,
                                               const cloison::records::Sighting& sighting,
                                               cloison::ledger::Receipt receipt) {
#ifdef MUST_NOT_COMPILE
  return opener.Open(sighting);  // BAD
#endif
  return opener.Open(sighting, std::move(receipt));
}
