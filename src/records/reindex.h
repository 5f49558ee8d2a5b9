// Builds the index pages of a register from its rows: after a restore, for no backup holds them.
//
// They are laid out for the schema as it is now. Where that is another layout than the rows' own,
// or generations were being built or dropped when the backup was taken, they get a number that was
// never given, and nothing is being built or dropped any more.
//
// Threads  one caller, and nobody else has the stores; rows are also opened and pages written on
//          those of `parallel`. Cost: 30 us a person. Memory: two bytes per index page, a tenth of
//          the place's, as much for each index whose pages run over, and a part of the postings of
//          each thread.
#ifndef CLOISON_RECORDS_REINDEX_H_
#define CLOISON_RECORDS_REINDEX_H_

#include "base/parallel.h"
#include "records/people.h"
#include "records/spill_place.h"

namespace cloison::records {

struct Reindexed {
  std::uint64_t people = 0;   // that are posted
  std::uint64_t keyless = 0;  // rows whose keys are destroyed: erased while the backup was taken
  // Records that open in no form, as they were when the backup was taken: nothing finds them.
  std::uint64_t damaged = 0;
  std::uint64_t postings = 0;
};
// Fails kConflict: there are pages; kInvalid: the store never had a commit; kCorrupt: a tenth
// of the rows or more does not open, which is no damage but other keys or another schema; a row has
// the key of nobody.
// Takes    people as People::Open left them, and the committer that they joined.
Task<Result<Reindexed>> Reindex(const People& people, commit::Committer& committer,
                                base::Executor& home, SpillPlace place, base::Parallel parallel);

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_REINDEX_H_
