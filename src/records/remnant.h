// What is left of a record that does not open, when its person is to be forgotten all the same: a
// key that lives because a row is damaged would open every good copy of it in the backups
// (docs/design/0004-two-databases.md). It has no path to bytes.
//
// Threads  any. Cost: as People::Sight, and a read of all the person's keys.
#ifndef CLOISON_RECORDS_REMNANT_H_
#define CLOISON_RECORDS_REMNANT_H_

#include "records/people.h"

namespace cloison::records {

class Remnant {
 public:
  explicit Remnant(const People& people) : people_(people) {}
  // The row as it lies there, and whichever key of the person's opens: of all keys of one person
  // the name in the ledger is the same. `header` is zero where the row's cannot be read. To tell
  // the person of, and for Erase, nothing else.
  // Fails kNotFound: no row; kCorrupt: no key of theirs opens, or there is none.
  Task<Result<Sighting>> Sight(PersonId person) const;
  // The end of the row, which is not opened. What was posted of it stays: a posting without a row
  // is a hint, and goes when pages are made anew.
  Change Erase(Sighting sighting) const;

 private:
  const People& people_;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_REMNANT_H_
