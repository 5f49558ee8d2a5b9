// Postings of people in the index pages, as a batch sees them, and the check that a unique value is
// nobody else's.
//
// A page is overflow 0 of a chain; `more` says that the next exists. Pages stay when their postings
// go. Threads: the committer's executor, as the Staging given.
#ifndef CLOISON_RECORDS_INTERNAL_POSTINGS_H_
#define CLOISON_RECORDS_INTERNAL_POSTINGS_H_

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "commit/committer.h"
#include "records/index.h"
#include "records/row.h"

namespace cloison::records {

class People;

namespace internal {

// One indexed value of a person.
struct Posted {
  Slot slot;
  bool unique;
  Criterion criterion;
};

Slot SlotOf(const Schema& schema, const IndexKeys& keys, const Criterion& criterion);
// Nothing: the field is not indexed.
std::optional<Posted> PostedOf(const Schema& schema, const IndexKeys& keys, FieldId field,
                               ByteView stored);

// What a search by name finds the record under; none where the schema has no search. Not unique.
Result<std::vector<Posted>> SearchPostedOf(const Schema& schema, const IndexKeys& keys,
                                           const Values& values);

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

// Whether the unique ones of some values belong to somebody else. People who share a slot are
// opened and compared in Load; Stage then only looks whether the slot or one of them changed since.
class Uniqueness {
 public:
  // Needs LoadChain of every slot. kExhausted: a slot over kSlotPostingsMax.
  Task<Status> Compare(const People& people, commit::Staging& staging,
                       const std::vector<Posted>& posted, PersonId self);
  // kConflict: somebody has a value; existing() names them.
  Result<commit::Staged> Check(const IndexKeys& keys, const commit::Staging& staging,
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
