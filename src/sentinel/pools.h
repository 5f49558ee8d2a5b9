// D9: what all accounts of an office, an organisation or the register open off their caseloads.
//
// Only pools of which the policy declares bounds are kept: one row each (family pools), put once
// per batch that touched it, its digest in the anchor's sum. A pool that fires is held to its
// caseloads until a human has closed its case.
//
// Threads  the committer's. Cost: 0.2 us per opening off the caseload; 3 us per row and batch.
// Source   docs/format/state.md "Pools".
#ifndef CLOISON_SENTINEL_POOLS_H_
#define CLOISON_SENTINEL_POOLS_H_

#include <map>
#include <memory>
#include <vector>

#include "access/observer.h"
#include "sentinel/distinct.h"
#include "sentinel/tail.h"

namespace cloison::sentinel {

using access::PoolKey;
using access::PoolScore;

struct Pool {
  PoolKey key;
  std::uint32_t began_day = 0;
  bool acts = false;
  std::array<TailState, access::kPoolScores> scores{};
  Distinct day, week;                  // of the blocks that run
  bool told = false;                   // in shadow mode: that it would be held
  std::optional<access::CaseId> held;  // its case
  void Restart(std::uint32_t day);
};
Bytes Serialise(const Pool& pool);
Result<Pool> ParsePool(ByteView plain);  // kCorrupt

// An opening off the caseload.
struct PooledOpening {
  ByteArray<16> person;
  bool new_today, new_this_week;  // for this account
};

class Pools {
 public:
  void Stand(const access::Observer::Ground& ground) { ground_ = &ground; }
  Task<Status> Recover(store::Store& store);

  bool IsHeld(const access::PrincipalInfo& info) const;
  void See(const access::Acting& acting, const PooledOpening& opening,
           std::vector<access::RungChange>& changes);
  std::vector<access::Evidence> EvidenceOf(const PoolKey& key, std::int64_t now_ms);
  void Close(const PoolKey& key, const access::CaseId& file, std::int64_t now_ms);

  void Begin() { dirty_.clear(); }
  void PutRows(commit::Staging& staging);

 private:
  struct Kept {
    Pool pool;
    std::string row_key;
    std::optional<Bytes> stored;  // its row as the anchor has it
  };
  const access::DetectorsSpec& spec() const;
  Kept& Find(const PoolKey& key, std::uint32_t day);
  void Roll(Pool& pool, std::int64_t now_ms) const;
  std::optional<std::string_view> Fires(const Pool& pool) const;
  std::vector<access::Evidence> EvidenceOf(const Pool& pool) const;
  void Touch(Kept& kept);

  const access::Observer::Ground* ground_ = nullptr;
  std::map<PoolKey, std::unique_ptr<Kept>> pools_;
  std::vector<Kept*> dirty_;
  std::size_t held_ = 0;
};

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_POOLS_H_
