// How a citizen's sign-in becomes a person: once, and never by a name alone.
//
// The identity that a citizens' provider vouches for must be the record's, exactly, and a second
// proof must name the record: the agency's own identifier, or a code that was sent by letter. Then
// the sign-in is enrolled as a principal of role "citizen" with that person as its own record, in
// the commit that says so, and the key of that sign-in's session is the first that it is known by
// (access/session_opened.h). This is the one enrolment that no second human agrees to: what it
// gives is one's own record alone, and the letter, or the identifier, is the other pair of eyes.
//
// Whatever does not fit gives one and the same refusal (kNotAvailable: go to a counter): no such
// person, another identity, a homonym, a code that was used, a person who is bound already, five
// tries. Each is an entry and a try; after kBindTriesMax within kLetterDays nothing is looked at.
//
// Threads  any.
// Source   docs/operate/sign_in.md, docs/format/state.md "Citizens".
#ifndef CLOISON_ACCESS_CITIZENS_H_
#define CLOISON_ACCESS_CITIZENS_H_

#include <memory>
#include <string>

#include "access/gate.h"
#include "access/session_opened.h"
#include "identity/pivot.h"

namespace cloison::access {

inline constexpr std::uint8_t kBindTriesMax = 5;  // of one identity, and of one code
inline constexpr std::int64_t kLetterDays = 30;
// Codes that are sent: to a person within kLetterDays, of which the newest alone is good; by one
// principal, and by all, in a day.
inline constexpr std::size_t kLettersOfPersonMax = 3;
inline constexpr std::uint32_t kLettersOfOneDayMax = 200;
inline constexpr std::uint32_t kLettersOfAllDayMax = 20'000;
inline constexpr char kCitizenRole[] = "citizen";

class Citizens {
 public:
  explicit Citizens(internal::Core& core) : core_(core) {}

  // One of the two.
  struct SecondProof {
    std::string agency_id;
    std::string letter_code;
  };
  struct Bound {
    ledger::Recorded recorded;  // in the trail of the person
  };
  // `name`: alias:sub. `key`: of the session that asks; whoever binds ends the principal's other
  // sessions, of which nobody asked about the key. kConflict: this identity is a principal already.
  // kInvalid: no proof, or two.
  Task<Outcome<Bound>> Bind(Caller caller, std::string name,
                            std::shared_ptr<const identity::Pivot> pivot, SecondProof proof,
                            SeenKey key);

  struct Lettered {
    std::string code;  // XXXX-XXXX-XXXX-XXXX: shown once, kept as a digest
    ledger::Recorded recorded;
  };
  // A code to be sent by letter to a person of the caller's organisation, good for kLetterDays.
  // The one before is good no longer. Needs the right "explain". Refusals: kNotAvailable: no such
  // person, charged; kBudgetSpent: kLettersOfPersonMax, ...OfOneDayMax, ...OfAllDayMax.
  Task<Outcome<Lettered>> IssueCode(Caller caller, std::string person, Reason reason);

  // Drops codes and tries that are past their time. Each hour.
  Task<Status> Sweep(base::Executor& home);

 private:
  internal::Core& core_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_CITIZENS_H_
