// What an audit of the store learns of rows and index pages: whether they hold, and where a person
// must stand. It gives no value, and shows nobody to anybody.
//
// Threads  any. Source: docs/format/record.md, index.md.
#ifndef CLOISON_RECORDS_AUDIT_H_
#define CLOISON_RECORDS_AUDIT_H_

#include <vector>

#include "records/people.h"

namespace cloison::records {

class Auditor {
 public:
  // Outlives it.
  explicit Auditor(const People& people) : people_(people) {}

  // Opens the whole row; the slots in which its indexed values must be posted: in the generation in
  // force, and in the one that is being built if the person is in it.
  // Fails kCorrupt: the row does not open, or not as one of this person's.
  Result<std::vector<Slot>> SlotsOf(const keys::PersonKey& key, ByteView row) const;
  // Whether the person is posted there. Fails kCorrupt: a page of the slot is missing or does not
  // open.
  Task<Result<bool>> IsPosted(Slot slot, PersonId person) const;

  // One page of a chain, as IndexKeys::PageKey names it.
  struct PageName {
    std::uint16_t index;
    std::uint32_t generation;
    std::uint32_t page;
    std::uint16_t overflow;
  };
  enum class Kind : std::uint8_t {
    kFirst,     // of a chain
    kOverflow,  // only its chain leads to it
    kLeftover,  // of a generation that is being dropped
  };
  struct Key {
    Kind kind;
    PageName name;  // kFirst
  };
  // Fails kCorrupt: the key is of no index, or of a generation that nothing tells of.
  Result<Key> ParseKey(std::string_view key) const;
  // Whether the page may have a posting of the person: in a generation that is being built nobody
  // is ahead of the walk.
  bool MayHold(const PageName& name, const PersonId& person) const;
  // Fails kCorrupt: the page is not there or does not open.
  Task<Result<Page>> Read(PageName name) const;

 private:
  const People& people_;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_AUDIT_H_
