// Postings of people in the index pages, as a batch sees them, and the check that a unique value is
// nobody else's.
//
// A page is overflow 0 of a chain; `more` says that the next exists. Pages stay when their postings
// go. Who is in the generation that is being built is posted there too (records/generations.h).
// Threads: the committer's executor, as the Staging given.
#ifndef CLOISON_RECORDS_INTERNAL_POSTINGS_H_
#define CLOISON_RECORDS_INTERNAL_POSTINGS_H_

#include <map>
#include <optional>
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

// The first pages of new postings in the generation in force, as they were at one moment before the
// work was submitted: the committer, which loads one work after the other, need not read them.
class PagesAhead {
 public:
  // Keeps nothing where a page cannot be read: that is Load's to tell. Threads: goes on on any.
  static Task<PagesAhead> Read(const People& people, const std::vector<Posted>& added);
  // In Load, once: they are given away.
  void OfferTo(commit::Staging& staging);
  // The people in the slot of a posting, by its place in `added`; none where the page does not
  // open.
  std::vector<PersonId> PeopleIn(const IndexKeys& keys, std::size_t place) const;

 private:
  struct Kept {
    Slot slot;
    store::Key key;
    store::Row row;
  };
  store::Version snapshot_ = 0;
  std::vector<Kept> pages_;  // one for each posting, or none
};
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
// opened and compared outside, or in Load; who was found different stays so as long as their row
// does not change.
class Uniqueness {
 public:
  // Before the work is submitted: whoever shares a slot of a unique value in its first page.
  // Decides nothing; what fails is Compare's to tell. Threads: goes on on any.
  Task<void> CompareAhead(const People& people, const std::vector<Posted>& posted,
                          const PagesAhead& pages);
  // In Load. Needs LoadPostings of them. kExhausted: a slot over kSlotPostingsMax.
  Task<Status> Compare(const People& people, commit::Staging& staging,
                       const std::vector<Posted>& posted, PersonId self);
  // kConflict: somebody has a value; existing() names them.
  Result<commit::Staged> Check(const People& people, const commit::Staging& staging,
                               const std::vector<Posted>& posted, const PersonId& self) const;
  const std::optional<PersonId>& existing() const { return existing_; }

 private:
  struct Sharer {  // of the slot
    const Posted* posted;
    PersonId person;
  };
  Task<Status> CompareWith(const People& people, std::vector<Sharer> sharers);
  bool IsCleared(const commit::Staging& staging, const Posted& posted,
                 const PersonId& person) const;

  // Of an index: who was compared and found different, as of which version.
  std::map<std::pair<std::uint16_t, PersonId>, store::Version> cleared_;
  std::optional<PersonId> existing_;
  store::Version existing_snapshot_ = 0;
};

}  // namespace internal
}  // namespace cloison::records

#endif  // CLOISON_RECORDS_INTERNAL_POSTINGS_H_
