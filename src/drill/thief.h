// Who sits at a stolen account: first its owner, who works honestly for a month, then the thief.
#ifndef CLOISON_DRILL_THIEF_H_
#define CLOISON_DRILL_THIEF_H_

#include <set>
#include <string>
#include <vector>

#include "drill/book.h"
#include "drill/simulation.h"
#include "drill/world.h"
#include "ingest/generator.h"

namespace cloison::drill {

// A way to be shown somebody, as the policy gives it.
struct Door {
  std::string purpose;
  std::vector<FieldId> fields;  // all in plain form; none: a look-up, masked
  bool strangers = false;       // else the account's own caseload
  bool sensitive = false;
};

// One account. Threads: one.
class Thief {
 public:
  // `number`: which of the world's accounts. All references outlive it.
  Thief(World& world, std::size_t number, const Options& options);

  // The owner's work: opens one person of the caseload, mostly without sensitive fields.
  Status WorkHonestly(Draw& draw);

  // The theft begins: doors are tried from the widest to the narrowest, each person once by each.
  void Begin(Draw& draw);
  // One request at the clock's time. Gives when the next one has a chance: the same moment, or when
  // a place is free; INT64_MAX when there is nothing left to take.
  Result<std::int64_t> Steal();

  const Book& book() const { return book_; }
  const Account& account() const { return account_; }
  const Tally& honest() const { return honest_; }
  const Tally& stolen() const { return stolen_; }

 private:
  struct Way {
    Door door;
    std::size_t next = 0;  // in the list of its people
    std::int64_t ready_ms = 0;
    int again = 0;                    // hammering: requests left before the thief waits
    std::uint64_t left = UINT64_MAX;  // people it may still take
  };
  // What a request gave: nothing when it was refused, then `retry_ms` says when to come back.
  struct Answer {
    bool shown = false;
    std::int64_t retry_ms = 0;
  };

  void FindDoors();
  std::uint64_t LookUpsToSpare(int days) const;
  access::Caller CallerNow();
  std::optional<std::uint32_t> NextPerson(Way& way);
  Result<Answer> Ask(const Door& door, std::uint32_t person, Tally& tally);
  Result<Answer> Open(const Door& door, const PersonId& person, Tally& tally);
  Result<Answer> LookUp(const Door& door, std::uint32_t person, Tally& tally);
  Answer Note(const Door& door, std::vector<access::ShownRecord> records);
  static Answer Refused(const access::Refusal& refusal, Tally& tally);

  World& world_;
  const Account& account_;
  const bool hammer_;
  ingest::Generator generator_;  // what the thief knows of everybody: national numbers
  std::set<std::uint32_t> caseload_;
  std::vector<Way> ways_;
  std::vector<std::uint32_t> strangers_, own_;  // in the order in which they are taken
  std::set<std::uint32_t> opened_;              // strangers that are in the book already
  Book book_;
  Tally honest_, stolen_;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_THIEF_H_
