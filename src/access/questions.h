// Answers of yes or no about people, and decisions about records that lie elsewhere (gate mode).
// Nothing of a record leaves: what is compared is compared inside (records::Matcher).
//
// A person who is nobody, somebody else's, or whose value is another gets the same answer, entry
// and charge: no. A hit and a miss are a glimpse alike; a value that is tried is charged as a
// person of its own, and kWrongTriesMax wrong ones of a person and day are the last.
//
// Threads  any; answers come back on `caller.home`.
// Fails    as the calls of Gate do (access/gate.h).
// Source   docs/design/0018-gate-mode.md; spec: budgets, "a matches answer".
#ifndef CLOISON_ACCESS_QUESTIONS_H_
#define CLOISON_ACCESS_QUESTIONS_H_

#include <string>
#include <vector>

#include "access/gate.h"

namespace cloison::access {

inline constexpr std::size_t kWrongTriesMax = 3;
inline constexpr std::size_t kReferenceBytesMax = 128;

class Questions {
 public:
  explicit Questions(internal::Core& core) : core_(core) {}

  // Whether a person has a value of each field.
  struct Existence {
    std::vector<std::string> persons;  // codes of the caller's organisation, 1..50
    std::vector<FieldId> fields;
    Reason reason;
  };
  struct Existing {
    struct One {
      std::vector<FieldId> fields;  // that have a value; of nobody, none
      ledger::Recorded recorded;
    };
    std::vector<One> persons;    // in the order asked
    std::vector<FieldId> asked;  // ascending
    base::Indirect<BudgetLeft> budget;
  };
  Task<Outcome<Existing>> Exist(Caller caller, Existence request);

  // Whether a person's field has this value.
  struct Match {
    std::string person;
    FieldId field;
    crypto::SecretBytes value;  // as the schema stores it (Schema::Canonical)
    Reason reason;
  };
  struct Matched {
    bool matches;
    ledger::Recorded recorded;
    base::Indirect<BudgetLeft> budget;
  };
  // After kWrongTriesMax: kBudgetSpent, rule "matches/wrong", nothing charged.
  Task<Outcome<Matched>> Matches(Caller caller, Match request);

  // Decides, debits and records as a disclosure of the same fields would, and opens nothing: the
  // values lie in another system, which asks this first.
  struct Decision {
    std::vector<std::string> persons;     // codes; or
    std::vector<std::string> references;  // what that system calls them; 1..50 of one or the other
    std::vector<FieldId> fields;
    Reason reason;
  };
  struct Decided {
    struct One {
      records::PersonCode code;
      std::vector<FieldId> plain, masked;  // what may be shown, and how
      std::vector<ledger::Recorded> recorded;
    };
    std::vector<One> persons;  // in the order asked
    base::Indirect<BudgetLeft> budget;
  };
  // A reference that nobody has yet becomes a person without any other value, if the role has the
  // right `decide` and a grant for everybody gives all the fields; else it is not available, as
  // anybody's.
  // kInvalid: the register's schema has no field of type reference.
  Task<Outcome<Decided>> Decide(Caller caller, Decision request);

 private:
  internal::Core& core_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_QUESTIONS_H_
