// Who sits at a stolen account: first its owner, who works honestly for a month, then the thief.
#ifndef CLOISON_DRILL_THIEF_H_
#define CLOISON_DRILL_THIEF_H_

#include <functional>
#include <map>
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

// When the server did something of itself about an account.
struct Climbed {
  int rung;
  std::int64_t at_ms;
  std::uint64_t reads;  // requests of the theft until then; 0: honest work
  bool acts;            // else it would have been reached: shadow mode
};

// People whom an account does not follow, each once, in an order that a draw decides; made as far
// as it is asked for. Threads: one.
class Strangers {
 public:
  Strangers() = default;
  Strangers(std::size_t people, const std::set<std::uint32_t>& own, Draw& draw);
  std::size_t size() const { return size_; }
  // `i` < size().
  std::uint32_t at(std::size_t i);

 private:
  const std::set<std::uint32_t>* own_ = nullptr;
  std::size_t size_ = 0;
  std::uint64_t people_ = 0, next_ = 0, step_ = 0;
  std::vector<std::uint32_t> made_;
};

// One account. Threads: one.
class Thief {
 public:
  // `number`: which of the world's accounts. All references outlive it.
  Thief(World& world, std::size_t number, const Options& options);

  // The owner's work: opens one person of the caseload, mostly without sensitive fields.
  Status WorkHonestly(Draw& draw);
  // And a stranger whom the work brings, without sensitive fields.
  Status HelpStranger(Draw& draw);

  // The theft begins: doors are tried from the widest to the narrowest, each person once by each.
  void Begin(Draw& draw);
  // One request at the clock's time. Gives when the next one has a chance: the same moment, or when
  // a place is free; INT64_MAX when there is nothing left to take.
  Result<std::int64_t> Steal();

  // Whom a stolen application put on its caseload: reads all of them, the oldest first. As Steal.
  void Give(const std::vector<std::uint32_t>& people);
  Result<std::int64_t> ReadGiven();
  // A look-up, and whole whoever came of it. As Steal.
  Result<std::int64_t> Harvest(access::LookupRequest request);
  std::string LookUpPurpose() const;
  // From another device: a session of its own.
  void UseSession(SessionId session) { sessions_.push_back(session); }
  // Leaves out whom it takes for a decoy.
  void Avoid(std::function<bool(std::uint32_t)> suspects) { suspects_ = std::move(suspects); }

  // One person by number of the list that Begin made, without sensitive fields: honest work.
  Status OpenNumber(bool stranger, std::size_t number);
  std::size_t own_count() const { return own_.size(); }
  // One stranger who was not opened yet, by the widest door: a theft without haste.
  Status TakeStranger();
  // Asks by a code, maybe nobody's, as by the door of strangers. As Steal.
  Result<std::int64_t> Guess(const std::string& code);
  // Another stranger each time, as long as there are any.
  PersonId NextStranger();
  std::uint32_t NextStrangerNumber();
  // What a refusal tells of whoever this code names, by a door that shows no strangers: all an
  // agent sees of it, what is left of its budgets as what was taken.
  static constexpr char kSpent[] = "spent";
  Result<std::string> Probe(const std::string& code);

  const Book& book() const { return book_; }
  const Account& account() const { return account_; }
  const std::vector<SessionId>& sessions() const { return sessions_; }
  // Strangers whom the thief opened.
  std::uint64_t loot() const { return loot_; }
  const Tally& honest() const { return honest_; }  // before the theft
  const Tally& beside() const { return beside_; }  // of the owner, since it began
  int rung() const { return rung_; }               // that the account is told it stands on
  const Tally& stolen() const { return stolen_; }
  const std::vector<Climbed>& climbed() const { return climbed_; }

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
    bool failed = false;
  };

  void FindDoors();
  // Person `i` of the list that a door is for; nothing: it has no more.
  std::optional<std::uint32_t> PersonAt(bool stranger, std::size_t i);
  bool IsOwn(const PersonId& person) const;
  Result<bool> Take(const PersonId& person);  // by the widest door of strangers that opens
  void Listen();                              // to what the server says of itself
  std::uint64_t LookUpsToSpare(int days) const;
  access::Caller CallerNow();
  std::optional<std::uint32_t> NextPerson(Way& way);
  Result<Answer> Ask(const Door& door, std::uint32_t person, Tally& tally);
  Result<Answer> Open(const Door& door, const PersonId& person, Tally& tally);
  Result<Answer> LookUp(const Door& door, std::uint32_t person, Tally& tally);
  Answer Note(const Door& door, std::vector<access::ShownRecord> records);
  Answer Refused(const access::Refusal& refusal, Tally& tally);
  // The request came to no answer, because of a fault: it is asked again. Else the drill's end.
  // `people`: whom it may have shown at most.
  Result<Answer> Failed(const Error& error, std::optional<PersonId> person, std::size_t people);
  const Door* DoorTo(bool strangers, bool sensitive) const;
  // Of A10: when this showing would keep it below its own, lower caps; nothing: now.
  std::optional<std::int64_t> HoldsBack(const Door& door, std::uint32_t person) const;

  World& world_;
  const Account& account_;
  const bool hammer_;
  ingest::Generator generator_;  // what the thief knows of everybody: national numbers
  std::set<std::uint32_t> caseload_;
  std::vector<Way> ways_;
  Strangers strangers_;
  std::vector<std::uint32_t> own_;  // in the order in which they are taken
  std::size_t next_stranger_ = 0;
  std::set<std::uint32_t> opened_;          // strangers that are in the book already
  std::optional<access::Windows> held_;     // of A10: what it was shown, under 95 % of its caps
  std::optional<access::BudgetLeft> left_;  // as the last refusal said
  Book book_;
  Tally& Owners() { return begun_ ? beside_ : honest_; }

  Tally honest_, beside_, stolen_;
  bool begun_ = false;
  int rung_ = 0;
  std::vector<Climbed> climbed_;
  std::vector<SessionId> sessions_;  // the last one is used
  // Since when somebody counts as of its caseload.
  std::map<PersonId, std::int64_t> own_since_ms_;
  std::vector<std::uint32_t> given_;
  std::size_t next_given_ = 0;
  std::set<PersonId> taken_;
  std::uint64_t loot_ = 0;
  std::function<bool(std::uint32_t)> suspects_;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_THIEF_H_
