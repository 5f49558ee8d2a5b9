// Who is told of the entries of a log as they become durable: the publisher.
#ifndef CLOISON_LEDGER_DURABLE_LEAVES_H_
#define CLOISON_LEDGER_DURABLE_LEAVES_H_

#include <vector>

#include "tlog/tree.h"

namespace cloison::ledger {

class DurableLeaves {
 public:
  virtual ~DurableLeaves() = default;
  // The hashes of the leaves from `first_index` on, which are durable: in order, without a gap,
  // before the ledger gives out a checkpoint that covers them. On the committer's executor, which
  // waits for it: takes them and returns.
  virtual void Add(std::uint64_t first_index, std::vector<tlog::Hash> hashes) = 0;
};

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_DURABLE_LEAVES_H_
