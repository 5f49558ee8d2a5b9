// The works of citizens.h, and the rows they keep (family credentials, beside the keys a principal
// was seen with; docs/format/state.md "Citizens"):
//
//   01 ‖ PRF("letter" ‖ locator)     a code sent by letter
//   02 ‖ PRF("tries" ‖ principal)    how often an identity tried
//   03 ‖ PRF("bound" ‖ person)       whom a person is bound to
//   04 ‖ PRF("letters" ‖ person)     the codes sent to a person lately
//   05                               how many codes all sent in a day: a tally (access/tally.h)
#ifndef CLOISON_ACCESS_INTERNAL_CITIZEN_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_CITIZEN_WORKS_H_

#include "access/citizens.h"
#include "access/internal/change_works.h"
#include "access/internal/credentials.h"
#include "access/internal/pair_edit.h"
#include "text/base32.h"

namespace cloison::access::internal {

inline constexpr std::size_t kLocatorDigits = 6;  // of a code: they find it, the rest proves it

struct Letter {
  PersonId person;
  crypto::Digest code{};  // keyed
  std::int64_t until_ms = 0;
  std::uint8_t tries = 0;
};
struct Tries {
  std::int64_t since_ms = 0;
  std::uint8_t count = 0;
};
// The codes that were sent to a person within kLetterDays, oldest first.
struct SentLetters {
  std::vector<std::int64_t> at_ms;  // at most kLettersOfPersonMax
  std::string newest;               // store key of its row; gone when it was used
};
Bytes EncodeLetter(const Letter& letter);
Result<Letter> ParseLetter(ByteView plain);  // kCorrupt; likewise below
Bytes EncodeTries(const Tries& tries);
Result<Tries> ParseTries(ByteView plain);
Bytes EncodeSent(const SentLetters& sent);
Result<SentLetters> ParseSent(ByteView plain);
Bytes EncodeBound(const PrincipalId& principal);
Result<PrincipalId> ParseBound(ByteView plain);

store::Key LetterKey(const commit::SealedState& state, const text::CodeDigits& code);
crypto::Digest LetterDigest(const commit::SealedState& state, const text::CodeDigits& code);
store::Key TriesKey(const commit::SealedState& state, const PrincipalId& principal);
store::Key SentKey(const commit::SealedState& state, const PersonId& person);
store::Key LettersDayKey();
store::Key BoundKey(const commit::SealedState& state, const PersonId& person);

// By the system: whoever asks is no principal yet.
class BindWork final : public GateWork {
 public:
  using Promise = std::variant<Citizens::Bound, Refusal>;
  struct Request {
    PrincipalInfo info;  // of the principal to be; its person is set here
    std::shared_ptr<const identity::Pivot> pivot;
    std::optional<PersonId> person;        // whom the agency's identifier names
    std::optional<text::CodeDigits> code;  // of a letter
    SeenKey key;                           // of the session that binds: known from then on
  };
  BindWork(Core& core, const Caller& by_system, Request request)
      : GateWork(core, by_system, Reason{"citizen", ""}), request_(std::move(request)) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Result<std::optional<Letter>> ReadLetter(const commit::Staging& staging) const;
  Result<bool> Fits(const commit::Staging& staging) const;
  Result<commit::Staged> RefuseTry(commit::Staging& staging, Tries tries);
  std::optional<PersonId> Named() const;

  Request request_;
  std::optional<Letter> letter_;
  std::optional<records::Sighting> sighting_;
  bool matches_ = false;
  std::optional<ledger::Pending> pending_;
};

class LetterWork final : public GateWork {
 public:
  using Promise = std::variant<Citizens::Lettered, Refusal>;
  LetterWork(Core& core, const Caller& caller, Reason reason, std::string named,
             std::optional<records::Sighting> person, const text::CodeDigits& code)
      : GateWork(core, caller, std::move(reason)),
        named_(std::move(named)),
        person_(std::move(person)),
        code_(code) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  bool Holds(const commit::Staging& staging) const;  // the person, as they were found
  // Nothing: the ceilings leave room for one more, which is counted.
  Result<std::optional<Refusal>> Count(commit::Staging& staging);
  Result<SentLetters> SentIn(const commit::Staging& staging) const;

  std::string named_;
  std::optional<records::Sighting> person_;
  text::CodeDigits code_;
  TallyCounts counts_;
  std::optional<ledger::Pending> pending_;
};

// Drops rows that are past their time; those that something has changed meanwhile stay. By the
// system principal.
class SweepCitizensWork final : public GateWork {
 public:
  using Promise = Status;
  SweepCitizensWork(Core& core, const Caller& caller, std::vector<store::Key> rows)
      : GateWork(core, caller, Reason{"sweep", ""}), rows_(std::move(rows)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  std::vector<store::Key> rows_;
};

// Whether a row of citizens (01, 02 or 04) is past its time.
Result<bool> IsPast(const commit::SealedState& state, const store::Key& key, ByteView sealed,
                    std::int64_t now_ms);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_CITIZEN_WORKS_H_
