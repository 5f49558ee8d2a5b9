// Ceilings above the principals: what all accounts of an office, an organisation, a client or the
// register may be shown together (docs/design/0017-ceilings.md; spec: the promise).
//
// A (principal, person) pair is counted, per counter, in the bucket of its latest showing; a new
// showing moves it. With n buckets of d the sum of the last n + 1 stays at most C, so any interval
// of n * d shows at most C pairs: it touches n + 1 buckets, and whoever was shown in it lies in one
// of them when its last showing is decided. A pair that lies in one already is free.
//
// Each family of showings (windows.h) has counts of its own; the overview has none.
//
// Where a pair lies is known from its latest showing (Windows), if that was made from the same seat
// and after this counting began. Else it is counted again and never taken away: too many, never too
// few. After a recovery ceremony nobody knows what was shown: full until a window has passed.
//
// One sealed row per scope that was touched (family ceilings), put once per batch when it is
// closed, and read whole at start. The anchor of the principals holds the sum of the rows' keyed
// digests beside the size of the ledger: an older row, or one that is gone, is noticed at start.
// The rows of approved jobs (access/jobs.h), of an observer's pools and of its list of decoys are
// in that sum too, and so are the numbers of the alarms.
//
// Threads  the committer's executor. Cost: 0.1 us per scope and decision; 2 us per row and batch.
#ifndef CLOISON_ACCESS_CEILINGS_H_
#define CLOISON_ACCESS_CEILINGS_H_

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "access/internal/ceiling_counts.h"
#include "access/lanes.h"
#include "access/policy_in_force.h"
#include "commit/committer.h"
#include "commit/sealed_state.h"

namespace cloison::access {

inline constexpr std::size_t kCeilingScopesMax = 65'536;

// Who is shown somebody, as ceilings see them.
struct Asker {
  OrganisationId organisation;
  Seat seat;
  bool by_job = false;  // bounded by the job's own ceiling, and by those of the register alone
};

class Ceilings final : public commit::Participant {
 public:
  explicit Ceilings(const commit::SealedState& state);
  ~Ceilings() override;

  // The ceilings of the policy in force hold, from the next batch on when another one comes.
  void Follow(const PolicyInForce& policy) { policy_ = &policy; }

  // Before the first work. `began_ms`: budget time of the last ceremony; nothing: there was none.
  // kCorrupt: a row does not open or parse.
  Task<Status> Recover(store::Store& store, std::optional<std::int64_t> began_ms);
  // The ceilings that hold from the next batch on: before the first work, or in Stage. Those of one
  // scope with the same buckets share a count. What a new one counts begins then, with as many as
  // may have been shown within its length as far as those of before can tell, unless all of them
  // still hold: an interval of that length across a change shows no more than the larger of both
  // bounds.
  void SetSpecs(std::vector<CeilingSpec> specs);

  // In Stage: the first ceiling that showing all of `showings` now would pass; nothing: allowed.
  // All are of one family, whose `windows` of the asker are given. The same person may appear
  // twice.
  std::optional<Spent> WouldPass(std::int64_t now_ms, const Asker& asker, const Windows& windows,
                                 std::span<const Showing> showings);
  // In Stage: moves one pair to the bucket of now. `seen`: what the windows know of who is shown,
  // before they are debited; null: nothing.
  void Move(std::int64_t now_ms, const Asker& asker, const Seen* seen, const Showing& showing);
  // In Stage: a row of an approved job, which holds a ceiling of its own, becomes `after`. Nothing
  // before: it is new. The row is put by who calls. In Close too, of a participant that comes
  // before: a row of an observer's.
  void Tie(const std::optional<Bytes>& before, ByteView after);
  // How long until the next bucket of what `spent` names begins, in ms: it tells nothing of
  // anybody.
  std::int64_t FreesIn(const Spent& spent, std::int64_t now_ms) const;
  // Pairs that count against the ceiling of this window at the moment; nothing: there is no such
  // ceiling, or nobody was shown below it yet.
  std::optional<std::uint64_t> Counted(const Spent& of, const Asker& asker, std::int64_t now_ms);

  // Of all rows as they are when the batch is closed: what the anchor holds.
  const LaneSum& sum() const { return sum_; }

  Task<Status> Prepare(commit::Staging& staging) override;
  void Begin(const commit::Staging& staging) override;
  std::size_t Mark() const override;
  void Rollback(std::size_t mark) override;
  void Close(commit::Staging& staging) override;
  void Committed(const commit::Durable& durable) override;

 private:
  struct Account;
  struct Change {                    // of one count, in the batch now made
    internal::BucketCounts* counts;  // null: a showing under ceilings that rows do not have yet
    std::int64_t bucket;
    std::size_t counter;
    bool added;
    bool tied = false;  // the last of tied_
  };
  using Accounts = std::array<Account*, kScopes>;
  struct Below {  // who asks, in a family of showings
    const Asker& asker;
    ShowingFamily family;
  };

  Task<Status> RecoverTied(store::Store& store, store::Range range);
  bool Applies(const CeilingSpec& spec, const internal::ScopeKey& key) const;
  bool Resolve(Account& account, std::int64_t now_ms);
  void TakeSpecs(std::int64_t now_ms);
  Account* Find(std::int64_t now_ms, const internal::ScopeKey& key);
  // Those of the asker's scopes that have ceilings. False: there are kCeilingScopesMax already.
  std::optional<Spent> FindAll(std::int64_t now_ms, const Below& below, Accounts& out);
  bool IsLost(const internal::BucketCounts& counts) const;
  // A showing, and what the asker's windows know of who it is.
  struct Asked {
    CounterSet counters;
    const Seen* seen;
  };
  std::optional<Spent> WouldPass(const Account& account, const Asker& asker,
                                 std::span<const Asked> asked) const;

  const commit::SealedState& state_;
  const PolicyInForce* policy_ = nullptr;  // null: what SetSpecs said
  std::optional<std::uint32_t> version_;   // of the policy that specs_ are of
  std::vector<CeilingSpec> specs_;
  std::optional<std::vector<CeilingSpec>> next_specs_;
  std::array<std::array<bool, kScopes>, kShowingFamilies> has_scope_{};
  std::optional<std::int64_t> began_ms_;
  std::map<internal::ScopeKey, std::unique_ptr<Account>> accounts_;
  struct Tied {  // digests of a job's row, in the batch now made
    std::optional<crypto::Digest> before;
    crypto::Digest after;
  };
  std::vector<Change> changes_;
  std::vector<Tied> tied_;  // each has a change without counts
  std::vector<Account*> dirty_;
  std::vector<Account*> stale_;  // whose rows have counts of other ceilings
  LaneSum sum_{};
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_CEILINGS_H_
