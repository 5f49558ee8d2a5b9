// The works of decoys (access/decoys.h): the list, a record that is made, a record that lives.
#ifndef CLOISON_ACCESS_INTERNAL_DECOY_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_DECOY_WORKS_H_

#include "access/decoys.h"
#include "access/internal/gate_work.h"

namespace cloison::access::internal {

// On the committer.
bool IsDecoy(const Core& core, const records::Sighting& sighting);

// Changes the list, or only reads it; by the system principal. A commit of its own: no row of a
// person is written with the list.
class DecoyListWork final : public GateWork {
 public:
  struct Now {
    std::vector<Decoy> decoys;
    std::uint32_t share;
  };
  using Promise = std::variant<Now, Refusal>;
  DecoyListWork(Core& core, const Caller& caller, std::vector<Decoy> add, std::vector<Decoy> remove)
      : GateWork(core, caller, Reason{"set-up", ""}),
        add_(std::move(add)),
        remove_(std::move(remove)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable& durable);

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::vector<Decoy> add_, remove_;
  std::optional<Now> now_;
};

// A registration or a change by the system principal, as any application's would be: entry, number,
// row, postings.
template <class Record>
class DecoyRecordWork final : public GateWork {
 public:
  using Promise = std::variant<std::monostate, Refusal>;
  DecoyRecordWork(Core& core, const Caller& caller, Record record)
      : GateWork(core, caller, Reason{"set-up", ""}), record_(std::move(record)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable& durable) {
    if (refused()) return TakeRefusal(durable);
    return std::monostate{};
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  Record record_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_DECOY_WORKS_H_
