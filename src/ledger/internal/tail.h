// The entries that are durable but not folded yet, by tag and by person.
//
// Two generations: the current one grows with each batch; a fold freezes it and, once what it made
// is durable, drops it whole. Threads: its owner locks; a frozen generation is read by anybody.
#ifndef CLOISON_LEDGER_INTERNAL_TAIL_H_
#define CLOISON_LEDGER_INTERNAL_TAIL_H_

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "ledger/internal/segment.h"
#include "store/store.h"
#include "tlog/tree.h"

namespace cloison::ledger::internal {

// A table by tag: open addressing, since tags and PRFs are random already and nothing is ever taken
// out. Cost: one or two cache misses; 3 slots at most for each row.
template <class Value>
class ByTag {
 public:
  std::optional<Value> Find(const ByteArray<16>& tag) const {
    if (slots_.empty()) return std::nullopt;
    const Slot& slot = slots_[Place(tag)];
    return slot.used ? std::optional<Value>(slot.value) : std::nullopt;
  }
  void Set(const ByteArray<16>& tag, const Value& value) {
    if (3 * (size_ + 1) > 2 * slots_.size()) Grow(std::max<std::size_t>(64, 2 * slots_.size()));
    Slot& slot = slots_[Place(tag)];
    size_ += slot.used ? 0 : 1;
    slot = Slot{tag, value, true};
  }
  // Room for `rows` without growing on the way.
  void Reserve(std::size_t rows) {
    if (3 * rows > 2 * slots_.size()) Grow(std::bit_ceil(3 * rows / 2 + 1));
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // All rows, in the order of their tags.
  std::vector<std::pair<ByteArray<16>, Value>> Sorted() const {
    std::vector<std::pair<ByteArray<16>, Value>> rows;
    rows.reserve(size_);
    for (const Slot& slot : slots_) {
      if (slot.used) rows.emplace_back(slot.tag, slot.value);
    }
    std::ranges::sort(rows, {}, [](const auto& row) -> const auto& { return row.first; });
    return rows;
  }

 private:
  struct Slot {
    ByteArray<16> tag{};
    Value value{};
    bool used = false;
  };
  // Where the tag is, or would go. The table always has a free slot.
  std::size_t Place(const ByteArray<16>& tag) const {
    std::size_t at;
    std::memcpy(&at, tag.data(), sizeof at);
    const std::size_t mask = slots_.size() - 1;
    for (at &= mask; slots_[at].used && slots_[at].tag != tag; at = (at + 1) & mask) {
    }
    return at;
  }
  void Grow(std::size_t slots) {
    std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
    for (const Slot& slot : old) {
      if (slot.used) slots_[Place(slot.tag)] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of 2 of them
  std::size_t size_ = 0;
};

struct Generation {
  ByTag<Place> trail;
  ByTag<Place> activity;
  ByTag<std::uint64_t> heads;  // a person's next running number
  std::size_t entries = 0;
  // Of the last batch in it.
  store::Version version = 0;
  tlog::Frontier frontier;

  // An empty one with room for as many entries: growing step by step moves every row several times.
  // Cost: some ms for 65,536, so not under the lock that the committer waits for (a tail that
  // outgrows its room grows there).
  static std::shared_ptr<Generation> WithRoom(std::size_t entries);
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
  // now, with `next` in its place. Null: there is nothing.
  std::shared_ptr<const Generation> Freeze(std::shared_ptr<Generation> next);
  void DropFrozen();

 private:
  // Shared with the fold, which reads the frozen one while readers do.
  std::shared_ptr<Generation> current_ = std::make_shared<Generation>();
  std::shared_ptr<const Generation> frozen_;
};

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_TAIL_H_
