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

namespace cloison::access::internal {

store::Key WaitingKey(const Core& core, const PersonId& person);
Result<std::uint64_t> ParseWaiting(ByteView plain);  // kCorrupt

// By the system: tells the person. Nothing happens when it waits no more, or was told.
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

// By the system: what waited begins, or is denied because somebody outside said no.
class EndWaitWork final : public ApprovalWork {
 public:
  enum class To { kBegin, kRefuse };
  using Promise =
      Result<std::optional<Approval>>;  // begun by this or an earlier call; else nothing
  EndWaitWork(Core& core, const Caller& caller, std::uint64_t number, To to)
      : ApprovalWork(core, caller, ""), number_(number), to_(to) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    if (refused()) return Error{Code::kDenied, "the system principal is not enrolled"};
    return std::move(begun_);
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::uint64_t number_;
  To to_;
  std::optional<Approval> begun_;
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
