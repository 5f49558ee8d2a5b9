// The works of holds and of the retention of records, and the rows they keep (family incidents):
//
//   "next"        u32: the number of the next hold
//   u32 number    a hold's document
#ifndef CLOISON_ACCESS_INTERNAL_HOLD_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_HOLD_WORKS_H_

#include "access/holds.h"
#include "access/internal/change_works.h"

namespace cloison::access::internal {

store::Key HoldRowKey(std::uint32_t number);
store::Key NextHoldKey();
Bytes EncodeHold(const HoldDocument& hold);
Result<HoldDocument> ParseHold(ByteView plain);  // fails kCorrupt
Result<std::uint32_t> ParseNextHold(ByteView plain);
// Opens a row of the family; fails kCorrupt.
Result<HoldDocument> OpenHold(const commit::SealedState& state, std::uint32_t number,
                              const store::Row& row);

// A released hold's key goes for ever, then what was sealed under it. Safe to repeat.
Task<Status> ForgetHold(Core& core, std::uint32_t number, base::Executor& home);

class BeginHoldWork final : public GateWork {
 public:
  using Promise = std::variant<Holds::Begun, Refusal>;
  BeginHoldWork(Core& core, const Caller& caller, Holds::Request request, const Gate::Once& once)
      : GateWork(core, caller, Reason{"hold", request.reason}),
        request_(std::move(request)),
        once_(core, caller.principal, once) {}
  commit::Lane lane() const override { return commit::Lane::kUrgent; }
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Result<std::uint32_t> NextNumber(const commit::Staging& staging) const;

  Holds::Request request_;
  OnceBook once_;
  bool known_ = true;
  std::optional<Holds::Begun> done_;
  std::optional<ledger::Pending> pending_;
};

// Shows a hold, or releases it.
class UseHoldWork final : public GateWork {
 public:
  using Promise = std::variant<Holds::Shown, Refusal>;
  UseHoldWork(Core& core, const Caller& caller, std::uint32_t number, bool release)
      : GateWork(core, caller, Reason{"hold", ""}), number_(number), release_(release) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::uint32_t number_;
  bool release_;
  std::optional<HoldDocument> hold_;
  std::optional<ledger::Pending> pending_;
};

// A principal's own key and how far its entries go, for reading back what it did.
struct Peeked {
  std::shared_ptr<const ledger::ActorKey> key;
  std::uint64_t end;                  // the place of its next entry
  std::vector<std::uint64_t> closed;  // those behind its last ones in closed logs
  std::int64_t wall_ms;
};
class PeekWork final : public commit::Work {
 public:
  using Promise = Peeked;
  PeekWork(Core& core, PrincipalId id) : core_(core), id_(id) {}
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Promise Take(const commit::Durable&) { return std::move(*found_); }

 private:
  Core& core_;
  PrincipalId id_;
  std::optional<Promise> found_;
};

// The entry by which an officer reads what a principal did, and what it is read with.
class ActivityWork final : public GateWork {
 public:
  struct Granted {
    Peeked who;
    ledger::Recorded recorded;
  };
  using Promise = std::variant<Granted, Refusal>;
  ActivityWork(Core& core, const Caller& caller, const ActivityRequest& request)
      : GateWork(core, caller, Reason{"hold", ""}), who_(request.who), request_(request) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  const PrincipalId who_;
  const ActivityRequest request_;
  bool known_ = true;
  std::optional<Peeked> found_;
  std::optional<ledger::Pending> pending_;
};

// Keeps one page of a hold's entries and moves its row on; kConflict when it was released, or moved
// on, meanwhile.
class KeepWork final : public commit::Work {
 public:
  using Promise = std::monostate;
  KeepWork(Core& core, HoldDocument before, HoldDocument after, std::vector<store::Put> puts)
      : core_(core), before_(before), after_(after), puts_(std::move(puts)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Promise Take(const commit::Durable&) { return {}; }

 private:
  Core& core_;
  HoldDocument before_, after_;
  std::vector<store::Put> puts_;
};

// The entry that says a month's records expire; kConflict when a hold began since `next_hold`.
class ExpireWork final : public GateWork {
 public:
  using Promise = Status;
  ExpireWork(Core& core, const Caller& caller, std::uint32_t month, std::string reason,
             std::uint32_t next_hold)
      : GateWork(core, caller, Reason{"retention", std::move(reason)}),
        month_(month),
        next_hold_(next_hold) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::uint32_t month_;
  std::uint32_t next_hold_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_HOLD_WORKS_H_
