#include "ledger/internal/tail.h"

#include <utility>

namespace cloison::ledger::internal {

void Tail::Add(std::uint64_t first_index, const std::vector<SegmentEntry>& entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const SegmentEntry& entry = entries[i];
    const Place place{first_index + i, static_cast<std::uint16_t>(i)};
    current_->activity.Set(entry.actor_tag, place);
    if (!entry.subject) continue;
    current_->trail.Set(entry.subject->tag, place);
    current_->heads.Set(entry.subject->head, entry.subject->n + 1);
  }
  current_->entries += entries.size();
}

void Tail::EndBatch(store::Version version, const tlog::Frontier& frontier) {
  current_->version = version;
  current_->frontier = frontier;
}

std::optional<Place> Tail::FindTrail(const Tag& tag) const {
  const std::optional<Place> place = current_->trail.Find(tag);
  return place || !frozen_ ? place : frozen_->trail.Find(tag);
}

std::optional<Place> Tail::FindActivity(const Tag& tag) const {
  const std::optional<Place> place = current_->activity.Find(tag);
  return place || !frozen_ ? place : frozen_->activity.Find(tag);
}

std::optional<std::uint64_t> Tail::NextOf(const HeadKey& head) const {
  const std::optional<std::uint64_t> next = current_->heads.Find(head);
  return next || !frozen_ ? next : frozen_->heads.Find(head);
}

std::shared_ptr<Generation> Generation::WithRoom(std::size_t entries) {
  auto generation = std::make_shared<Generation>();
  generation->trail.Reserve(entries);
  generation->activity.Reserve(entries);
  generation->heads.Reserve(entries);
  return generation;
}

std::shared_ptr<const Generation> Tail::Freeze(std::shared_ptr<Generation> next) {
  if (frozen_ == nullptr && current_->entries != 0) {
    frozen_ = std::exchange(current_, std::move(next));
  }
  return frozen_;
}

void Tail::DropFrozen() {
  frozen_.reset();
}

}  // namespace cloison::ledger::internal
