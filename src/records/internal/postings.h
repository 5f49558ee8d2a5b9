// Postings of people in the index pages, as a batch sees them, and the check that a unique value is
// nobody else's.
//
// A page is overflow 0 of a chain; `more` says that the next exists. Pages stay when their postings
// go. Who is in the generation that is being built is posted there too (records/generations.h).
// Threads: the committer's executor, as the Staging given.
#ifndef CLOISON_RECORDS_INTERNAL_POSTINGS_H_
#define CLOISON_RECORDS_INTERNAL_POSTINGS_H_

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "commit/committer.h"
#include "records/generations.h"
#include "records/index.h"
#include "records/row.h"

namespace cloison::records {

class People;

namespace internal {

// One indexed value of a person.
struct Posted {
  bool unique;
  Criterion criterion;
};

Slot SlotOf(const Layout& layout, const IndexKeys& keys, const Criterion& criterion);
// Nothing: the field is not indexed.
std::optional<Posted> PostedOf(const Schema& schema, FieldId field, ByteView stored);

// What a search by name finds the record under; none where the schema has no search. Not unique.
Result<std::vector<Posted>> SearchPostedOf(const Schema& schema, const Values& values);

// All that a record is posted under.
Result<std::vector<Posted>> AllPostedOf(const Schema& schema, const Values& values);

// kInvalid: a required field has no value.
Status CheckRequired(const Schema& schema, const Values& values);

// Puts a posting into its place in an open page.
void Insert(Page& page, Posting posting);

// Makes every page of the slot readable by Staging::Get: 8 reads at most, of 65 pages together.
Task<Status> LoadChain(const IndexKeys& keys, commit::Staging& staging, Slot slot);

// Everybody in the slot, once each. Nothing: a page that an earlier work made known is not loaded.
Result<std::optional<std::vector<PersonId>>> PeopleIn(const IndexKeys& keys,
                                                      const commit::Staging& staging,
                                                      const Slot& slot);

// Stages one posting more. kAgain as above. Where the chain is full (kOverflowPagesMax): kExhausted
// of an exact index; of one of a search nothing, for a name so common is found by no such key.
Result<commit::Staged> AddPosting(const IndexKeys& keys, base::Random& random,
                                  commit::Staging& staging, const Slot& slot,
                                  const PersonId& person);
// Stages one posting less; fine when there is none.
Result<commit::Staged> RemovePosting(const IndexKeys& keys, base::Random& random,
                                     commit::Staging& staging, const Slot& slot,
                                     const PersonId& person);

// What one work changes of a person's postings.
struct Reposting {
  std::vector<Posted> removed, added;
};

// The first pages of new postings in the generation in force: read, and dropped. They are as many
// whoever is there, and nobody is looked at before the gate has looked at the request.
Task<void> ReadAhead(const People& people, const std::vector<Posted>& added);
// In Load: the row of generations, the person's row, and the chains of every slot in each
// generation that the person is in.
Task<Status> LoadPostings(const People& people, commit::Staging& staging, PersonId person,
                          const Reposting& change);
// In Stage, with the person's row: the change, in each generation that the person is in. kAgain as
// above. Where the next generation has no room it is given up, and the change goes on without it.
Result<commit::Staged> StagePostings(const People& people, commit::Staging& staging,
                                     const PersonId& person, const Reposting& change);

// Why what was staged in the next generation ends it. Nothing: it does not.
std::optional<IndexState::Why> GivesUp(const Result<commit::Staged>& staged);

// Whether the unique ones of some values belong to somebody else. People who share a slot are
// opened and compared in Load; Stage then only looks whether the slot or one of them changed since.
class Uniqueness {
 public:
  // Needs LoadPostings of them. kExhausted: a slot over kSlotPostingsMax.
  Task<Status> Compare(const People& people, commit::Staging& staging,
                       const std::vector<Posted>& posted, PersonId self);
  // kConflict: somebody has a value; existing() names them.
  Result<commit::Staged> Check(const People& people, const commit::Staging& staging,
                               const std::vector<Posted>& posted, const PersonId& self) const;
  const std::optional<PersonId>& existing() const { return existing_; }

 private:
  Task<Status> CompareOne(const People& people, commit::Staging& staging, const Posted& posted,
                          PersonId self);

  std::set<std::pair<std::uint16_t, PersonId>> cleared_;  // compared and found different
  std::optional<PersonId> existing_;
};

}  // namespace internal
}  // namespace cloison::records

#endif  // CLOISON_RECORDS_INTERNAL_POSTINGS_H_
