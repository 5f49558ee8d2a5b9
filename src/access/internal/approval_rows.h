// The rows of approvals (family approvals), within works:
//
//   "next"                     u64 number of the next one ‖ u32 how many are open
//   01 ‖ u64 number            a document (approvals/document.h)
//   02 ‖ u64 number            open: pending, or approved and not done yet. No value.
//   03 ‖ PRF(principal)        u32: how many of the open ones this principal asked for
//   04 ‖ u64 number            open, a citizen's. No value.
//   05 ‖ u32 organisation      u32: how many of the open ones its staff asked for
//   06                         u32: how many of them citizens did
//
// Source   docs/format/state.md "Approvals".
#ifndef CLOISON_ACCESS_INTERNAL_APPROVAL_ROWS_H_
#define CLOISON_ACCESS_INTERNAL_APPROVAL_ROWS_H_

#include "access/internal/gate_work.h"

namespace cloison::access::internal {

// Whom an approval's quota is of: citizens ask for nothing but keys of their own.
enum class Whose : std::uint8_t { kStaff, kCitizens };
Whose WhoseIs(std::string_view kind);

class ApprovalRows {
 public:
  explicit ApprovalRows(Core& core) : core_(core) {}

  // In Load, before Add of one by this asker, of this organisation and kind.
  Task<Status> LoadForAdd(commit::Staging& staging, const Approval& wanted) const;
  // In Load, before Get and Move.
  Task<Status> Load(commit::Staging& staging, std::uint64_t number) const;
  // In Load, after Load: what Move needs of whoever asked. Nothing to do when it is not there.
  Task<Status> LoadForMove(commit::Staging& staging, std::uint64_t number) const;

  Result<std::optional<Approval>> Get(const commit::Staging& staging, std::uint64_t number) const;
  // The number that Add will give it. kExhausted: too many in the register, open, or of this asker.
  Result<std::uint64_t> NextNumber(const commit::Staging& staging, const Approval& wanted) const;
  // With the number that NextNumber just gave.
  void Add(commit::Staging& staging, const Approval& approval) const;
  // Writes the document again; what is open no longer leaves the counts.
  Status Move(commit::Staging& staging, const Approval& approval) const;

  // Outside works: the open ones above a number, in order, at most `most` looked at.
  struct Open {
    std::vector<Approval> items;
    std::optional<std::uint64_t> next;  // the last that was looked at, when there may be more
  };
  Task<Result<Open>> ReadOpen(store::Store& store, Whose whose, std::uint64_t above,
                              std::size_t most) const;

 private:
  struct Counts {
    std::uint64_t next = 1;
    std::uint32_t open = 0;
  };
  store::Key AskedKey(const PrincipalId& asker) const;
  Result<Counts> CountsIn(const commit::Staging& staging) const;
  Result<std::uint32_t> CountIn(const commit::Staging& staging, const store::Key& key) const;
  void PutCounts(commit::Staging& staging, const Counts& counts) const;
  void PutCount(commit::Staging& staging, store::Key key, std::uint32_t count) const;
  Result<Approval> OpenRow(std::uint64_t number, const store::Row& row) const;
  void PutDocument(commit::Staging& staging, const Approval& approval) const;

  Core& core_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_APPROVAL_ROWS_H_
