// What a citizen reads of their own trail (docs/format/ledger.md, "What a citizen sees"), and what
// proves it ("A trail with proofs").
//
// Threads  values; no shared state. Openings and the trail key are for the citizen alone.
#ifndef CLOISON_ACCESS_TRAIL_H_
#define CLOISON_ACCESS_TRAIL_H_

#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.h"

namespace cloison::access {

enum class TrailDetail : std::uint8_t { kLooks, kProofs };

// What makes an entry's leaf, by its citizen's side.
struct LookProof {
  ledger::Leaf leaf;
  Bytes subject_part;
  crypto::Secret<32> subject_randomness;  // r_s
  Bytes actor_part;
  std::optional<crypto::Digest> actor_randomness;  // r_a; nothing: of an entry of earlier versions
};

// Never the agent, the case, session, client or rule, but for the number of an approved job or an
// export.
struct LookFacts {
  std::uint32_t generation;  // of its log, which its numbers count in
  std::uint64_t index;
  std::int64_t time_ms;
  ledger::Kind kind;
  std::optional<OrganisationId> organisation;
  std::optional<OfficeId> office;
  std::string role, purpose;
  std::vector<FieldId> fields;
  ledger::Form form;
  ledger::Decision decision;
  std::optional<LookProof> proof;  // with TrailDetail::kProofs
  // That was shown them, and its values went to a recipient.
  std::optional<std::uint64_t> job = {}, exported = {};
};

// One look at one's own record.
struct Look : LookFacts {
  std::uint64_t n;  // of the entries that name the person; one that is not there is a gap in them
  // Of an unseal: the sealed access that it brings to light. Nothing: its record has expired.
  std::optional<LookFacts> unsealed;
};

// What all proofs of a page are checked with.
struct TrailProofs {
  std::uint32_t generation;  // a page is of one log
  LogId log_id;
  Aud aud;
  crypto::Secret<32> trail_key;
  std::uint64_t first, end;  // the page answers for the numbers first <= n < end
  std::vector<ledger::TrailPage::Expired> expired;
};

struct Trail {
  std::vector<Look> looks;            // newest first
  std::optional<std::uint64_t> next;  // the place to go on below (ledger/logs.h)
  ledger::Recorded recorded;          // reading it is an entry too
  std::optional<TrailProofs> proofs;  // with TrailDetail::kProofs
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_TRAIL_H_
