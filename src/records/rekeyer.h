// The fourth capability over people's records: seals a record again, as it is, under the person's
// next data key. It has no path to bytes: see tests/must_not_compile.
//
// What the old key opened stays open to whoever copied it together with the old row; what is
// written from here on does not open with it (docs/design/0028-re-key.md). Index pages and codes
// hang on other keys, and stay.
//
// Threads  any. Cost: about 6 us per compartment.
#ifndef CLOISON_RECORDS_REKEYER_H_
#define CLOISON_RECORDS_REKEYER_H_

#include "records/people.h"

namespace cloison::records {

class Rekeyer {
 public:
  explicit Rekeyer(const People& people) : people_(people) {}
  // The record under `fresh` (keys::PersonKeys::Renew) and the next seq, with its values and
  // postings as they were, but for what its history has kept long enough. CHECKs that `fresh` is a
  // later key of the same person.
  // Fails    kCorrupt: the row does not open; kExhausted as SealRow.
  Result<Change> Rekey(Sighting sighting, const keys::PersonKey& fresh) const;

 private:
  const People& people_;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_REKEYER_H_
