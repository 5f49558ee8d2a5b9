// Builds the index pages of a register from its rows: after a restore, for no backup holds them.
//
// Threads  one caller, and nobody else has the stores. Cost: 30 us a person, 13 bytes of memory per
//          posting.
#ifndef CLOISON_RECORDS_REINDEX_H_
#define CLOISON_RECORDS_REINDEX_H_

#include "records/people.h"

namespace cloison::records {

struct Reindexed {
  std::uint64_t people = 0;   // that are posted
  std::uint64_t keyless = 0;  // rows whose keys are destroyed: erased while the backup was taken
  std::uint64_t postings = 0;
};
// Fails kConflict: there are pages; kInvalid: the store never had a commit; kCorrupt: a row does
// not open.
Task<Result<Reindexed>> Reindex(const People& people);

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_REINDEX_H_
