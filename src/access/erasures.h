// Erasures that wait: agreed to by two, and not before some days have passed, nor before somebody
// outside has said yes, where the configuration asks for that (docs/design/0029-erasure-waits.md).
//
//   approved --Due--> the person's trail says so --days--> Due gives it --yes--> Proceed: erased
//      |                                                     |
//      +-- stopped: by either officer, who could have agreed, right "hold" (Approvals::Deny), the
//          person (Object), somebody outside (Refuse) ------+
//
// What waits is in its approval's row, so a restart changes nothing; nothing here opens by itself:
// what does not happen leaves the person as they are. A delay that is changed is for what is agreed
// to from then on.
//
// Threads  Object: any. Due, Proceed, Refuse: one caller at a time.
// Fails    as the calls of Gate do.
#ifndef CLOISON_ACCESS_ERASURES_H_
#define CLOISON_ACCESS_ERASURES_H_

#include <string>
#include <vector>

#include "access/gate.h"

namespace cloison::access {

inline constexpr std::int64_t kErasureDelayDaysMax = 90;
inline constexpr std::size_t kErasuresDueMax = 100;  // of one call

class Erasures {
 public:
  explicit Erasures(internal::Core& core) : core_(core) {}

  // Before anybody is served. What is agreed to from now on waits so long; with `asks_consent` for
  // Proceed in any case. Neither: it is done at once.
  void Rule(std::int64_t delay_ms, bool asks_consent);

  // Nothing of the person: `reason` is in the words of who asked, a file.
  struct Waiting {
    std::uint64_t number = 0;  // of the approval
    OrganisationId organisation{0};
    std::string reason;
    std::int64_t asked_ms = 0, decided_ms = 0, due_ms = 0;  // budget time
  };
  // Writes into the trail of everybody whom it concerns that their erasure waits, once; gives those
  // whose time has come, oldest first, at most kErasuresDueMax of numbers above `above`.
  Task<Result<std::vector<Waiting>>> Due(std::uint64_t above, base::Executor& home);
  // Ends the waiting, in a commit of its own, and erases. Fine when it was stopped, or is done.
  // kInvalid: its time has not come.
  Task<Status> Proceed(std::uint64_t number, base::Executor& home);
  // Somebody outside said no: it is denied. Fine as above.
  Task<Status> Refuse(std::uint64_t number, base::Executor& home);

  struct Objected {
    ledger::Recorded recorded;
  };
  // By the citizen whose record it is: all that wait for them are denied. Refusal kNotAvailable: no
  // erasure of theirs waits that they were told of; kNoRight: not a citizen's account. An error
  // after some were denied: again is fine. `recorded`: of the last.
  Task<Outcome<Objected>> Object(Caller caller);

 private:
  internal::Core& core_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_ERASURES_H_
