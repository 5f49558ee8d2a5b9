// Ceilings above the principals: what all accounts of an office, an organisation, a client or the
// register may be shown together (docs/design/0016-ceilings.md; spec: the promise).
//
// A (principal, person) pair is counted, per counter, in the bucket of its latest showing; a new
// showing moves it. With n buckets of d the sum of the last n + 1 stays at most C, so any interval
// of n * d shows at most C pairs: it touches n + 1 buckets, and whoever was shown in it lies in one
// of them when its last showing is decided. A pair that lies in one already is free.
//
// Where a pair lies is known from its latest showing (Windows), if that was made from the same seat
// and after this counting began. Else it is counted again and never taken away: too many, never too
// few. After a recovery ceremony nobody knows what was shown: full until a window has passed.
//
// One sealed row per scope that was touched (family ceilings), put once per batch when it is
// closed, and read whole at start. The anchor of the principals holds the sum of the rows' keyed
// digests beside the size of the ledger: an older row, or one that is gone, is noticed at start.
//
// Threads  the committer's executor. Cost: 0.1 us per scope and decision; 2 us per row and batch.
#ifndef CLOISON_ACCESS_CEILINGS_H_
#define CLOISON_ACCESS_CEILINGS_H_

#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "access/ceiling_spec.h"
#include "access/lanes.h"
#include "commit/committer.h"
#include "commit/sealed_state.h"

namespace cloison::access {

inline constexpr std::size_t kCeilingScopesMax = 65'536;
inline constexpr std::size_t kCeilingSpecsMax = 256;

// Who is shown somebody, as ceilings see them.
struct Asker {
  OrganisationId organisation;
  Seat seat;
};

class Ceilings final : public commit::Participant {
 public:
  explicit Ceilings(const commit::SealedState& state);
  ~Ceilings() override;

  // Before the first work. `began_ms`: budget time of the last ceremony, 0: there was none.
  // kCorrupt: a row does not open or parse. Gives the sum that the anchor must hold.
  Task<Result<LaneSum>> Recover(store::Store& store, std::int64_t began_ms);
  // The ceilings that hold from now on; those of one scope and bucket share a count. What a new one
  // counts begins now. On the committer's executor, outside a batch or in Stage.
  void SetSpecs(std::vector<CeilingSpec> specs);

  // In Stage: the first ceiling that showing all of `showings` now would pass; nothing: allowed.
  // `windows` are the asker's. The same person may appear twice.
  std::optional<Spent> WouldPass(std::int64_t now_ms, const Asker& asker, const Windows& windows,
                                 std::span<const Showing> showings);
  // In Stage: moves one pair to the bucket of now; before the windows are debited.
  void Move(std::int64_t now_ms, const Asker& asker, const Windows& windows,
            const Showing& showing);
  // How long until a bucket of the ceiling that `spent` names goes, in ms: tells nothing of
  // anybody.
  std::int64_t FreesIn(const Spent& spent, std::int64_t now_ms) const;
  // Pairs counted in the last n + 1 buckets of this scope (statistics, tests); 0: not counted.
  std::uint64_t Counted(Scope scope, const Asker& asker, const Spent& of, std::int64_t now_ms);

  // Of all rows as they are when the batch is closed.
  const LaneSum& sum() const { return sum_; }

  Task<Status> Prepare(commit::Staging& staging) override;
  void Begin(const commit::Staging& staging) override;
  std::size_t Mark() const override;
  void Rollback(std::size_t mark) override;
  void Close(commit::Staging& staging) override;
  void Committed(const commit::Durable& durable) override;

 private:
  class Account;
  const commit::SealedState& state_;
  LaneSum sum_{};
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_CEILINGS_H_
