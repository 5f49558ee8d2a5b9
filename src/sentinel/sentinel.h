// The sentinel: detectors over what every account is shown, and the rungs that follow
// (docs/design/0021-sentinel.md, docs/operate/detectors.md).
//
//   showing -> scores of the blocks that run -> evidence M of each -> the highest w * M -> rung
//
// It acts when the policy in force says so; else it counts, and says what it would have done
// (shadow mode). What it counted in one mode is forgotten in the other, but an open case.
//
// Threads  as access::Observer. Cost: 0.3 us per showing, 1 us where a bound is crossed.
#ifndef CLOISON_SENTINEL_SENTINEL_H_
#define CLOISON_SENTINEL_SENTINEL_H_

#include <vector>

#include "access/observer.h"
#include "access/policy_in_force.h"
#include "sentinel/decoy_pages.h"
#include "sentinel/learnt.h"
#include "sentinel/pools.h"
#include "sentinel/watch.h"

namespace cloison::sentinel {

class Sentinel final : public access::Observer {
 public:
  // Records that are decoys beside those on the list: of simulations. Before the first work.
  void AlsoDecoys(const std::vector<Aud>& decoys) { decoys_.Also(decoys); }
  void InventDecoysBy(access::DecoyInventor* inventor) { decoys_.InventBy(inventor); }

  void Stand(const Ground& ground) override;
  Task<Status> Recover(store::Store& store) override;
  std::unique_ptr<access::Watch> NewWatch(std::int64_t now_ms) override;
  Result<std::unique_ptr<access::Watch>> Read(ByteView bytes) override;
  access::Hold HoldOn(const access::PrincipalInfo& info, std::string_view budget_class,
                      access::Watch& watch, std::int64_t now_ms) override;
  std::vector<access::RungChange> See(const access::Acting& acting, access::Watch& watch,
                                      std::span<const access::ObservedShowing> showings) override;
  std::vector<access::Evidence> EvidenceOf(std::string_view budget_class, access::Watch& watch,
                                           std::int64_t now_ms) override;
  std::vector<access::Evidence> EvidenceOf(const PoolKey& pool, std::int64_t now_ms) override {
    return pools_.EvidenceOf(pool, now_ms);
  }
  void EndCase(access::Watch& watch, const access::CaseId& file, std::int64_t now_ms) override;
  void EndCase(const PoolKey& pool, const access::CaseId& file, std::int64_t now_ms) override {
    pools_.Close(pool, file, now_ms);
  }
  access::DecoyList& decoys() override { return decoys_; }
  void KeepLearnt() override { learnt_.Keep(); }
  Task<Result<access::Calibration>> Calibrate(ToCalibrate of) override;

  Task<Status> Prepare(commit::Staging&) override { co_return Ok(); }
  void Begin(const commit::Staging& staging) override;
  std::size_t Mark() const override {
    return 0;
  }  // a work is seen last, and nothing fails after it
  void Rollback(std::size_t) override {}
  void Close(commit::Staging& staging) override {
    pools_.PutRows(staging);
    decoys_.PutRows(staging);
    learnt_.PutRows(staging);
  }
  void Committed(const commit::Durable& durable) override;

 private:
  struct ClassBounds {
    std::string name;
    std::array<const std::vector<TailBound>*, access::kScores> of;
  };
  struct Count;  // of one call of See
  struct Wanted {
    Rung rung = Rung::kNone;
    std::string_view why;
    void Raise(Rung to, std::string_view because) {
      if (to <= rung) return;
      rung = to;
      why = because;
    }
  };
  const access::DetectorsSpec& spec() const { return ground_->policy.Now().detectors(); }
  const ClassBounds& BoundsOf(std::string_view budget_class);
  static Tail TailOf(const PrincipalWatch& watch, const ClassBounds& bounds, Score score);
  // Up to the blocks of now.
  void Bring(PrincipalWatch& watch, const ClassBounds& bounds, std::int64_t now_ms);
  // The same; what has ended is learnt from.
  void BringOf(const access::PrincipalInfo& info, PrincipalWatch& watch, const ClassBounds& bounds,
               std::int64_t now_ms);
  void Weigh(PrincipalWatch& watch, const ClassBounds& bounds) const;
  Wanted BudgetsAndDecoys(const access::Acting& acting, PrincipalWatch& watch, bool decoy) const;
  std::optional<access::RungChange> Settle(const access::Acting& acting, PrincipalWatch& watch,
                                           Wanted wanted);

  std::optional<Ground> ground_;
  std::uint64_t serial_ = 0;  // of the policy that classes_ are of
  std::vector<ClassBounds> classes_;
  DecoyPages decoys_;
  Learnt learnt_;
  Pools pools_;
  std::vector<access::RungChange> said_;  // in the batch now made
};

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_SENTINEL_H_
