// The people that a request names, on their way through a work: what was read of them before the
// committer, whether it still holds there, how they stand to who asks.
#ifndef CLOISON_ACCESS_INTERNAL_TARGETS_H_
#define CLOISON_ACCESS_INTERNAL_TARGETS_H_

#include "access/internal/gate_work.h"

namespace cloison::access::internal {

// A person as a request names one, and what was read of them before the committer.
struct Target {
  std::string named;                          // the code as given, for the digest of a miss
  std::optional<PersonId> person;             // nothing: a code of nobody
  std::optional<records::PersonCode> code;    // the caller's organisation's, once it is known
  std::optional<records::Sighting> sighting;  // nothing: nobody
  std::optional<Error> failed;  // there, but cannot be read: told to whom the person may be shown
  bool own = false;             // the caller's own record
  std::shared_ptr<const records::Criterion> criterion;  // found by it outside; null: by their code
  std::optional<ledger::SealedKey> sealed;              // of a sealed access: set by RefreshTargets
  store::Row pair;                                      // the caller's caseload pair
  std::optional<Pair> known;         // what it says; nothing: there is none, or it is damaged
  std::optional<SeenId> seen;        // the person to the caller, in the class's family
  store::Key row_key{}, pair_key{};  // of a person: set by SightTargets
  std::optional<ledger::PrefetchedHead> head;
  store::Version snapshot = 0;  // what row and pair were read after
};

// One text for all spellings of what reads as a code, whether or not it is anybody's; else itself.
std::string CanonicalCode(std::string_view named);

// Reads rows, keys and pairs of all targets, for the agent who asks.
Task<Status> SightTargets(Core& core, PairsOfAgent caller, std::vector<Target>& targets);
// In Load: reads again what changed since; makes the running numbers of the subjects known, in the
// space that the purpose asks for.
Task<Status> RefreshTargets(Core& core, PrincipalId caller, std::string_view purpose,
                            commit::Staging& staging, std::vector<Target>& targets);
// The person as the entry names them.
ledger::EntryDraft::Subject SubjectOf(const Target& target, std::vector<FieldId> fields,
                                      ledger::Form form, std::optional<ByteArray<16>> code);
// In Stage: false when an earlier work of the batch changed something: the work must go again.
bool TargetsHold(const commit::Staging& staging, const std::vector<Target>& targets);
// What a caseload pair says; of none: strangers.
Result<Standing> StandingByPair(const Core& core, const store::Key& key, const store::Row& pair,
                                std::int64_t now_ms);
Result<Standing> StandingByPair(const Core& core, const Target& target, std::int64_t now_ms);
// How this principal and this person stand to each other now, and what a showing counts as.
Result<Standing> RelationTo(Core& core, const PrincipalState& principal, const Target& target,
                            std::int64_t now_ms);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_TARGETS_H_
