#include "identity/met_keys.h"

namespace cloison::identity {

namespace {

crypto::Digest NameOf(const MetKeys::One& one) {
  return crypto::Sha256({one.principal.bytes(), one.thumbprint, one.network});
}

}  // namespace

bool MetKeys::Knows(const One& one) const {
  const crypto::Digest name = NameOf(one);
  const std::int64_t now_ms = clock_.boot_ms();
  const std::lock_guard lock(mutex_);
  const auto found = met_.find(name);
  return found != met_.end() && now_ms - found->second < kMetMs;
}

void MetKeys::Add(const One& one) {
  const crypto::Digest name = NameOf(one);
  const std::int64_t now_ms = clock_.boot_ms();
  const std::lock_guard lock(mutex_);
  if (met_.size() >= most_) {
    std::erase_if(met_, [now_ms](const auto& old) { return now_ms - old.second >= kMetMs; });
  }
  if (met_.size() >= most_) met_.clear();
  met_.insert_or_assign(name, now_ms);
}

std::size_t MetKeys::size() const {
  const std::lock_guard lock(mutex_);
  return met_.size();
}

}  // namespace cloison::identity
