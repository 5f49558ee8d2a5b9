#include "verify/internal/tag_watch.h"

#include <algorithm>

namespace cloison::verify::internal {

TagWatch::TagWatch(Side side, const crypto::HmacKey& key, std::uint64_t first, std::uint64_t end,
                   const std::map<std::uint64_t, Claimed>& claims)
    : side_(side), claims_(claims), next_(claims.begin()) {
  for (std::uint64_t n = first; n < end; ++n) tags_.emplace(TagOf(key, n), n);
}

void TagWatch::OnEntry(std::uint64_t index, ByteView entry) {
  if (next_ != claims_.end() && next_->first == index) {
    if (!fault_ && !base::Equal(entry, next_->second.leaf)) {
      fault_ = Fault{FaultKind::kEntry, next_->second.path, index, 0,
                     "the log holds another entry at this index"};
    }
    ++next_;
  }
  if (entry.size() != ledger::kLeafBytes) return;  // no entry of ours
  ledger::Leaf leaf;
  std::ranges::copy(entry, leaf.begin());
  const auto tag = tags_.find(side_ == Side::kSubject ? SubjectTagOf(leaf) : ActorTagOf(leaf));
  if (tag == tags_.end()) return;
  if (found_.emplace(tag->second, index).second || fault_) return;
  fault_ = Fault{FaultKind::kTag, "n=" + std::to_string(tag->second), index, 0,
                 "the log holds two entries of one number"};
}

}  // namespace cloison::verify::internal
