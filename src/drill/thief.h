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

  // One person by number of the list that Begin made, without sensitive fields: honest work.
  Status OpenNumber(bool stranger, std::size_t number);
  std::size_t own_count() const { return own_.size(); }
  // One stranger who was not opened yet, by the widest door: a theft without haste.
  Status TakeStranger();
  // Asks by a code, maybe nobody's, as by the door of strangers. As Steal.
  Result<std::int64_t> Guess(const std::string& code);
  // Another stranger each time, as long as there are any.
  PersonId NextStranger();
  // What a refusal tells of whoever this code names, by a door that shows no strangers: all an
  // agent sees of it, what is left of its budgets as what was taken.
  static constexpr char kSpent[] = "spent";
  Result<std::string> Probe(const std::string& code);

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
  const Door* DoorTo(bool strangers, bool sensitive) const;
  // Of A10: when this showing would keep it below its own, lower caps; nothing: now.
  std::optional<std::int64_t> HoldsBack(const Door& door, std::uint32_t person) const;

  World& world_;
  const Account& account_;
  const bool hammer_;
  ingest::Generator generator_;  // what the thief knows of everybody: national numbers
  std::set<std::uint32_t> caseload_;
  std::vector<Way> ways_;
  std::vector<std::uint32_t> strangers_, own_;  // in the order in which they are taken
  std::size_t next_stranger_ = 0;
  std::set<std::uint32_t> opened_;          // strangers that are in the book already
  std::optional<access::Windows> held_;     // of A10: what it was shown, under 95 % of its caps
  std::optional<access::BudgetLeft> left_;  // as the last refusal said
  Book book_;
  Tally honest_, stolen_;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_THIEF_H_
