// The rows of approvals (family approvals), within works:
//
//   "next"                     u64 number of the next one ‖ u32 how many are open
//   01 ‖ u64 number            a document (approvals/document.h)
//   02 ‖ u64 number            open: pending, or approved and not done yet. No value.
//   03 ‖ PRF(principal)        u32: how many of the open ones this principal asked for
//
// Source   docs/format/state.md "Approvals".
#ifndef CLOISON_ACCESS_INTERNAL_APPROVAL_ROWS_H_
#define CLOISON_ACCESS_INTERNAL_APPROVAL_ROWS_H_

#include "access/internal/gate_work.h"

namespace cloison::access::internal {

class ApprovalRows {
 public:
  explicit ApprovalRows(Core& core) : core_(core) {}

  // In Load, before Add by this asker.
  Task<Status> LoadForAdd(commit::Staging& staging, PrincipalId asker) const;
  // In Load, before Get and Move.
  Task<Status> Load(commit::Staging& staging, std::uint64_t number) const;
  // In Load, after Load: what Move needs of whoever asked. Nothing to do when it is not there.
  Task<Status> LoadForMove(commit::Staging& staging, std::uint64_t number) const;

  Result<std::optional<Approval>> Get(const commit::Staging& staging, std::uint64_t number) const;
  // The number that Add will give. kExhausted: too many in the register, open, or of this asker.
  Result<std::uint64_t> NextNumber(const commit::Staging& staging, PrincipalId asker) const;
  // With the number that NextNumber just gave.
  void Add(commit::Staging& staging, const Approval& approval) const;
  // Writes the document again; what is open no longer leaves the counts.
  Status Move(commit::Staging& staging, const Approval& approval) const;

  // Outside works: the open ones above a number, in order, at most `most`.
  Task<Result<std::vector<Approval>>> ReadOpen(store::Store& store, std::uint64_t above,
                                               std::size_t most) const;

 private:
  struct Counts {
    std::uint64_t next = 1;
    std::uint32_t open = 0;
  };
  store::Key AskedKey(const PrincipalId& asker) const;
  Result<Counts> CountsIn(const commit::Staging& staging) const;
  Result<std::uint32_t> AskedIn(const commit::Staging& staging, const PrincipalId& asker) const;
  void PutCounts(commit::Staging& staging, const Counts& counts) const;
  void PutAsked(commit::Staging& staging, const PrincipalId& asker, std::uint32_t count) const;
  Result<Approval> Open(std::uint64_t number, const store::Row& row) const;
  void PutDocument(commit::Staging& staging, const Approval& approval) const;

  Core& core_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_APPROVAL_ROWS_H_
