#include "assess/sliding_people.h"

#include <algorithm>

#include "base/check.h"

namespace cloison::assess {

namespace {
constexpr std::size_t kCompactAt = 256;
}  // namespace

void SlidingPeople::Advance(std::int64_t now_ms) {
  // Whoever leaves a window has left the shorter ones before.
  for (std::size_t w = 0; w < access::kWindows; ++w) {
    const std::int64_t from_ms = now_ms - access::kWindowMs[w];
    std::uint64_t& passed = passed_[w];
    while (passed + 1 < first_ + queue_.size()) {
      const Shown& shown = queue_[static_cast<std::size_t>(passed + 1 - first_)];
      if (shown.at_ms >= from_ms) break;
      ++passed;
      if (latest_[shown.person] != passed) continue;
      --counts_[w];
      if (w + 1 == access::kWindows) latest_[shown.person] = 0;
    }
  }
}

void SlidingPeople::Show(std::int64_t now_ms, std::uint32_t person) {
  CLOISON_CHECK(queue_.empty() || queue_.back().at_ms <= now_ms);
  if (person >= latest_.size())
    latest_.resize(std::max<std::size_t>(person + 1, latest_.size() * 2));
  for (std::size_t w = 0; w < access::kWindows; ++w) {
    if (!IsIn(w, person)) ++counts_[w];
  }
  queue_.push_back({now_ms, person});
  latest_[person] = first_ + queue_.size() - 1;
  if (queue_.size() >= kCompactAt && queue_.size() == queue_.capacity()) Compact();
}

// Forgets what is nobody's latest showing, unless that is less than half.
void SlidingPeople::Compact() {
  if (counts_[access::kWindows - 1] > queue_.size() / 2) return;
  std::vector<Shown> kept;
  kept.reserve(queue_.capacity());
  std::array<std::uint64_t, access::kWindows> passed = passed_;
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    const std::uint64_t number = first_ + i;
    if (latest_[queue_[i].person] == number) {
      latest_[queue_[i].person] = first_ + kept.size();
      kept.push_back(queue_[i]);
    }
    for (std::size_t w = 0; w < access::kWindows; ++w) {
      if (number <= passed_[w]) passed[w] = first_ + kept.size() - 1;
    }
  }
  queue_ = std::move(kept);
  passed_ = passed;
}

void SlidingPeople::Clear() {
  queue_.clear();
  first_ = 1;
  latest_.clear();
  passed_.fill(0);
  counts_.fill(0);
}

}  // namespace cloison::assess
