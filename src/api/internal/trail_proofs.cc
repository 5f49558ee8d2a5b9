#include "api/internal/trail_proofs.h"

namespace cloison::api::internal {

const PageProofs::One* PageProofs::Find(std::uint64_t index) const {
  const auto found = by_index_.find(index);
  return found == by_index_.end() ? nullptr : &found->second;
}

void PageProofs::Add(std::uint64_t index, One one) {
  bytes_ += 2 * one.text.size();
  by_index_.insert_or_assign(index, std::move(one));
}

Task<Result<PageProofs>> ProvePage(const Call&, const access::Trail&) {
  co_return PageProofs{};
}

}  // namespace cloison::api::internal
