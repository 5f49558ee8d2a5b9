// Erasures that wait: agreed to by two, and not before some days have passed, nor before somebody
// outside has said yes, where the configuration asks for that (docs/design/0029-erasure-waits.md).
//
//   approved --Tell--> the person's trail says so --days--> Due gives it --yes--> Proceed: erased
//      |                                                      |
//      +-- stopped: by either officer, who could have agreed, right "hold" (Approvals::Deny), the
//          person (Object), somebody outside (Refuse) -------+
//
// The days are counted from when the person was told. What waits is in its approval's row, so a
// restart changes nothing; after a restore, in another log, the person is told again and the days
// begin again, one at least. Nothing here opens by itself: what does not happen leaves the person
// as they are. A delay that is changed is for what is agreed to from then on.
//
// Threads  Object: any. Tell: one caller at a time. Due, Proceed, Refuse: one caller at a time.
// Fails    as the calls of Gate do.
#ifndef CLOISON_ACCESS_ERASURES_H_
#define CLOISON_ACCESS_ERASURES_H_

#include <string>
#include <vector>

#include "access/gate.h"

namespace cloison::access {

inline constexpr std::int64_t kErasureDelayDaysMax = 90;
inline constexpr std::uint32_t kErasuresPerDay = 200;  // unless configured
inline constexpr std::uint32_t kErasuresPerDayMax = 1'000'000;
inline constexpr std::size_t kErasuresDueMax = 100;  // of one call

class Erasures {
 public:
  explicit Erasures(internal::Core& core) : core_(core) {}

  // Before anybody is served. What is agreed to from now on waits so long; with `asks_consent` for
  // a yes in any case. Neither: it is done at once. Of one organisation at most `per_day` begin
  // within 24 hours; what is agreed to beyond waits for room, and can be stopped meanwhile.
  void Rule(std::int64_t delay_ms, bool asks_consent, std::uint32_t per_day = kErasuresPerDay);

  // Writes into the trail of everybody whom it concerns that their erasure waits, once. One who
  // cannot be told is passed over, with an event: nothing of theirs is due.
  Task<Status> Tell(base::Executor& home);

  // Nothing of the person: `reason` is in the words of who asked, a file.
  struct Waiting {
    std::uint64_t number = 0;  // of the approval
    OrganisationId organisation{0};
    std::string reason;
    std::int64_t asked_ms = 0, decided_ms = 0, due_ms = 0;  // budget time
  };
  // Those whose time has come, whose people know, and for which the day has room, by number, at
  // most kErasuresDueMax above `above`. Of those without room an event says how many.
  Task<Result<std::vector<Waiting>>> Due(std::uint64_t above, base::Executor& home);

  enum class Became : std::uint8_t {
    kDone,    // by this call: erased, or denied
    kBefore,  // it was stopped, or done, before
    kWaits,   // as it was; an event says why, where somebody has to do something
  };
  enum class Said : std::uint8_t { kNothing, kYes };  // somebody outside
  // Ends the waiting, in a commit of its own, and erases. It goes on waiting while the person does
  // not know; while a yes is needed (Rule, when it was agreed to) and nobody said it; while who
  // asked or who agreed is frozen, held back, expired or without the right; while the day is full.
  // kInvalid: its time has not come.
  Task<Result<Became>> Proceed(std::uint64_t number, Said said, base::Executor& home);
  // Somebody outside said no: it is denied.
  Task<Result<Became>> Refuse(std::uint64_t number, base::Executor& home);

  struct Objected {
    ledger::Recorded recorded;
  };
  // By the citizen whose record it is: all that wait for them are denied. Refusal kNotAvailable: no
  // erasure of theirs waits that they were told of, and none was denied by this call; kNoRight: not
  // a citizen's account. An error after some were denied: again is fine. `recorded`: of the last.
  Task<Outcome<Objected>> Object(Caller caller);

 private:
  internal::Core& core_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_ERASURES_H_
