// The works of erasures that wait (access/erasures.h).
//
//   family operations   PRF("erasing/" ‖ person_id)   u64 number of the approval that waits, sealed
//
// The row comes with the entry that tells the person, and goes in the commit that ends the waiting.
//
// Source   docs/format/state.md "Erasures that wait".
#ifndef CLOISON_ACCESS_INTERNAL_ERASURE_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_ERASURE_WORKS_H_

#include "access/erasures.h"
#include "access/internal/approval_works.h"
#include "access/internal/erasure_count.h"

namespace cloison::access::internal {

store::Key WaitingKey(const Core& core, const PersonId& person);
Result<std::uint64_t> ParseWaiting(ByteView plain);  // kCorrupt

// By the system: tells the person, and has it wait its whole delay from then: nobody is told of
// what is done before they can say a word. In a log that is not the one it waited in, after a
// restore, they are told again, and it waits a day at least: who stopped it since can stop it once
// more. Nothing happens when it waits no more, or they were told and can object.
class AnnounceWork final : public ApprovalWork {
 public:
  using Promise = Status;
  AnnounceWork(Core& core, const Caller& caller, std::uint64_t number, records::Sighting person)
      : ApprovalWork(core, caller, ""), number_(number), person_(std::move(person)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::uint64_t number_;
  records::Sighting person_;
};

// Whether the person was told in this log: before that nothing of it is due.
bool IsTold(const Core& core, const Approval& approval);

// By the system: what waited begins, or is denied because somebody outside said no.
class EndWaitWork final : public ApprovalWork {
 public:
  enum class To { kBegin, kBeginWithYes, kRefuse };
  // Why one whose time has come goes on waiting.
  enum class Why { kNotTold, kNoYes, kOfficers, kCeiling };
  struct Ended {
    std::optional<Approval> begun;  // by this or an earlier call, and not at its end
    bool denied = false;            // by this call
    std::optional<Why> waits;
  };
  using Promise = Result<Ended>;
  EndWaitWork(Core& core, const Caller& caller, std::uint64_t number, To to)
      : ApprovalWork(core, caller, ""), number_(number), to_(to) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    if (refused()) return Error{Code::kDenied, "the system principal is not enrolled"};
    return std::move(ended_);
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  std::optional<Why> MayNotBegin(const commit::Staging& staging, const Approval& approval,
                                 const ErasureCount& count);
  static bool IsThere(const commit::Staging& staging, const Approval& approval);
  // Whether who asked, or agreed, could do so now.
  bool Stands(PrincipalId id, const ApprovalKind& kind, Side side, std::int64_t now_ms);

  std::uint64_t number_;
  To to_;
  bool both_known_ = false;  // who asked and who agreed are principals of this register
  Ended ended_;
};

// By the person.
class ObjectWork final : public ApprovalWork {
 public:
  using Promise = std::variant<Erasures::Objected, Refusal>;
  ObjectWork(Core& core, const Caller& caller, records::Sighting own)
      : ApprovalWork(core, caller, ""), own_(std::move(own)) {}
  commit::Lane lane() const override { return commit::Lane::kNormal; }
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  // Which approval waits for this person, as the row says.
  Result<std::optional<std::uint64_t>> Number(const commit::Staging& staging) const;

  records::Sighting own_;
  std::optional<std::uint64_t> number_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_ERASURE_WORKS_H_
