// Why an agent may open a person, written through the gate: explanations, presences, emergencies
// and their reviews; and what an agent is told of its own caseload.
//
// Threads  any; answers come back on `caller.home`.
// Fails    as the calls of Gate do: refusals are answers with their entry.
// Source   docs/design/0019-explained.md, docs/format/state.md "Pairs".
#ifndef CLOISON_ACCESS_EXPLANATIONS_H_
#define CLOISON_ACCESS_EXPLANATIONS_H_

#include <string>
#include <vector>

#include "access/approvals.h"

namespace cloison::access {

inline constexpr std::size_t kExplanationsPerRequestMax = 500;
inline constexpr std::size_t kOverviewPeopleMax = 350;
inline constexpr std::size_t kReviewsListedMax = 100;
inline constexpr std::size_t kReviewsScannedMax = 1'000;  // for one list
inline constexpr std::int64_t kReviewDueMs = 7 * base::kDayMs;

// What somebody says of an agent of the organisation and a person.
struct NewExplanation {
  PrincipalId agent;
  std::string person;  // code of the caller's organisation
  ExplanationKind kind;
  std::optional<std::int64_t> until_ms;  // no later than the kind lasts
  std::string reference;                 // of the ticket, say; at most ledger::kCaseRefBytesMax
};

// Whom a card, or an address that a one-time code went to, names: one identifier and, where several
// people share it (children their parent's card), the birth date.
struct Card {
  records::Criterion number;
  struct Birth {
    FieldId field;
    crypto::SecretBytes date;  // in the form it is stored in
  };
  std::optional<Birth> birth;
};
// How many may share a number; of more nobody is found.
inline constexpr std::size_t kCardPeopleMax = 20;

// A person stands before an agent of the organisation, with a card.
struct CardPresence {
  PrincipalId agent;
  Card card;
  std::optional<std::int64_t> until_ms;
  std::string reference;  // at most ledger::kCaseRefBytesMax
};

// An explanation of a kind that the policy has reviewed, that nobody has looked at yet.
struct Review {
  std::uint64_t place = 0;  // of its entry
  ExplanationKind kind = ExplanationKind::kEmergency;
  PrincipalId agent{ByteArray<16>{}};
  OrganisationId organisation{0};
  std::int64_t at_ms = 0;  // budget time
  ByteArray<16> code{};    // of the person, as the organisation names them
  std::string reason;
};

class Explanations {
 public:
  explicit Explanations(internal::Core& core) : core_(core) {}

  struct Explained {
    std::size_t count;
    ledger::Recorded recorded;  // the last entry
  };
  // All of them or none, one entry for each that says something new. kInvalid: an emergency, or a
  // kind that only an approval writes (second_person, transfer).
  Task<Outcome<Explained>> Write(Caller caller, std::vector<NewExplanation> explanations,
                                 Gate::Once once);
  // A presence of whoever the card names: exactly one person, or kNotAvailable as for a code that
  // is nobody's, charged as one. That there is one, and under which code, is told: a glimpse off
  // the caller's caseload. Nobody is looked for before it is known that the caller may explain.
  struct Witnessed {
    records::PersonCode code;
    ledger::Recorded recorded;
    base::Indirect<BudgetLeft> budget;
  };
  Task<Outcome<Witnessed>> WitnessCard(Caller caller, CardPresence presence, Gate::Once once);
  // The caller's own: at most five a day, with a fresh proof of who it is (Role::step_up_s), looked
  // at by somebody else afterwards.
  struct Declared {
    std::int64_t until_ms;  // budget time
    ledger::Recorded recorded;
    base::Indirect<BudgetLeft> budget;
  };
  Task<Outcome<Declared>> DeclareEmergency(Caller caller, std::string person, std::string reason,
                                           Gate::Once once);
  // The oldest kReviewsListedMax of the caller's organisation, but for what the caller, or another
  // account of the same human, reads by or wrote.
  struct Reviews {
    std::vector<Review> pending;
    ledger::Recorded recorded;
  };
  Task<Outcome<Reviews>> ListReviews(Caller caller);
  struct Closed {
    ledger::Recorded recorded;
  };
  // kNotAvailable: nothing to review under that place, or the caller's own. Gone once it is closed:
  // what was found is in the entry.
  Task<Outcome<Closed>> CloseReview(Caller caller, std::uint64_t place, bool justified);

  // Asks for a person who is not available: an approval of kind "access". The answer is the same
  // whoever that is; charged as a miss, kAccessRequestsPerDayMax a day.
  Task<Outcome<Approvals::Shown>> AskAccess(Caller caller, std::string person, std::string reason,
                                            Gate::Once once);

  // Masked identities of those whom the caller follows for certain, at most kOverviewPeopleMax; an
  // entry for each. Has a budget of its own: twice a day, the second time with a fresh proof
  // (Role::step_up_s).
  struct Overview {
    std::vector<ShownRecord> people;
    base::Indirect<BudgetLeft> budget;
  };
  Task<Outcome<Overview>> OwnCaseload(Caller caller);

  // Drops what has ended of one twenty-fourth of all pairs, by the hour; and says which emergencies
  // nobody has looked at within kReviewDueMs. Each hour.
  Task<Status> Sweep(base::Executor& home);

 private:
  Task<Status> RemindOfReviews(std::int64_t now_ms);

  internal::Core& core_;
  std::int64_t reminded_ms_ = 0;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_EXPLANATIONS_H_
