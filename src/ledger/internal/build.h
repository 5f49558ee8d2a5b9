// What an entry becomes when its batch is closed: until then it is only noted down, so that the
// cryptography of a whole batch is done by several threads at once, once, and not at all for what
// is dropped again.
//
// Threads: BuildEntries is called by the committer's executor; its slices run where Parallel puts
// them.
#ifndef CLOISON_LEDGER_INTERNAL_BUILD_H_
#define CLOISON_LEDGER_INTERNAL_BUILD_H_

#include <memory>
#include <vector>

#include "base/parallel.h"
#include "ledger/internal/segment.h"
#include "ledger/ledger.h"
#include "tlog/tree.h"

namespace cloison::ledger {

// The entries of one batch as those who staged them will redeem them. Each slot is its own
// entry's; the batch is shared, by Pending and the ledger, until the last is gone.
struct BuiltBatch {
  std::vector<Recorded> entries;
  std::shared_ptr<SignedBatch> signed_batch = std::make_shared<SignedBatch>();
};

namespace internal {

struct Drafted {
  EntryDraft draft;
  HeadKey head;         // of the subject, if there is one
  std::uint64_t n = 0;  // the subject's running number
};

// What all entries of a batch have in common.
struct Ground {
  RegisterId register_id;
  LogId log_id;
  std::int64_t time_ms;
  std::uint64_t first_index;
  const crypto::HmacKey& month_key;
  base::Random& random;
};

struct Built {
  std::vector<SegmentEntry> segment;
  std::vector<tlog::Hash> hashes;  // of the leaves
  Bytes leaves;                    // end to end
  Bytes records;                   // (u32 size | sealed record)*
};

// Fills `entries` (as many as `drafts`, whose texts are used up).
Built BuildEntries(const Ground& ground, std::vector<Drafted>& drafts,
                   std::vector<Recorded>& entries, const base::Parallel& parallel);

}  // namespace internal
}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_INTERNAL_BUILD_H_
