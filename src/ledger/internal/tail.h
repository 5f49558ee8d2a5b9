// The entries that are durable but not folded yet, by tag and by person.
//
// Two generations: the current one grows with each batch; a fold freezes it and, once what it made
// is durable, drops it whole. Threads: its owner locks; a frozen generation is read by anybody.
#ifndef CLOISON_LEDGER_INTERNAL_TAIL_H_
#define CLOISON_LEDGER_INTERNAL_TAIL_H_

#include <cstring>
#include <memory>
#include <unordered_map>

#include "ledger/internal/segment.h"
#include "store/store.h"
#include "tlog/tree.h"

namespace cloison::ledger::internal {

// Tags and PRFs are random already.
struct TagHash {
  std::size_t operator()(const ByteArray<16>& tag) const {
    std::size_t value;
    std::memcpy(&value, tag.data(), sizeof value);
    return value;
  }
};
template <class Value>
using ByTag = std::unordered_map<ByteArray<16>, Value, TagHash>;

struct Generation {
  ByTag<Place> trail;
  ByTag<Place> activity;
  ByTag<std::uint64_t> heads;  // a person's next running number
  std::size_t entries = 0;
  // Of the last batch in it.
  store::Version version = 0;
  tlog::Frontier frontier;
};

class Tail {
 public:
  void Add(std::uint64_t first_index, const std::vector<SegmentEntry>& entries);
  void EndBatch(store::Version version, const tlog::Frontier& frontier);

  std::optional<Place> FindTrail(const Tag& tag) const;
  std::optional<Place> FindActivity(const Tag& tag) const;
  std::optional<std::uint64_t> NextOf(const HeadKey& head) const;
  std::size_t unfrozen() const { return current_->entries; }

  // What is to be folded: what an earlier fold left frozen, else the current generation, frozen
  // now. Null: there is nothing.
  std::shared_ptr<const Generation> Freeze();
  void DropFrozen();

 private:
  // Shared with the fold, which reads the frozen one while readers do.
  std::shared_ptr<Generation> current_ = std::make_shared<Generation>();
  std::shared_ptr<const Generation> frozen_;
};

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_TAIL_H_
