#include "ledger/internal/tail.h"

#include <utility>

namespace cloison::ledger::internal {

namespace {

template <class Value>
std::optional<Value> Find(const ByTag<Value>& map, const ByteArray<16>& tag) {
  const auto found = map.find(tag);
  if (found == map.end()) return std::nullopt;
  return found->second;
}

}  // namespace

void Tail::Add(std::uint64_t first_index, const std::vector<SegmentEntry>& entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const SegmentEntry& entry = entries[i];
    const Place place{first_index + i, static_cast<std::uint16_t>(i)};
    current_->activity.insert_or_assign(entry.actor_tag, place);
    if (!entry.subject) continue;
    current_->trail.insert_or_assign(entry.subject->tag, place);
    current_->heads.insert_or_assign(entry.subject->head, entry.subject->n + 1);
  }
  current_->entries += entries.size();
}

void Tail::EndBatch(store::Version version, const tlog::Frontier& frontier) {
  current_->version = version;
  current_->frontier = frontier;
}

std::optional<Place> Tail::FindTrail(const Tag& tag) const {
  const std::optional<Place> place = Find(current_->trail, tag);
  return place || !frozen_ ? place : Find(frozen_->trail, tag);
}

std::optional<Place> Tail::FindActivity(const Tag& tag) const {
  const std::optional<Place> place = Find(current_->activity, tag);
  return place || !frozen_ ? place : Find(frozen_->activity, tag);
}

std::optional<std::uint64_t> Tail::NextOf(const HeadKey& head) const {
  const std::optional<std::uint64_t> next = Find(current_->heads, head);
  return next || !frozen_ ? next : Find(frozen_->heads, head);
}

std::shared_ptr<const Generation> Tail::Freeze() {
  if (frozen_ == nullptr && current_->entries != 0) {
    frozen_ = std::exchange(current_, std::make_shared<Generation>());
    // The next one grows about as large: growing step by step moves every row several times.
    current_->trail.reserve(frozen_->trail.size());
    current_->activity.reserve(frozen_->activity.size());
    current_->heads.reserve(frozen_->heads.size());
  }
  return frozen_;
}

void Tail::DropFrozen() {
  frozen_.reset();
}

}  // namespace cloison::ledger::internal
