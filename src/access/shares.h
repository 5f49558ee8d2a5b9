// How much of something each principal has under way at once: so that one account, however many
// connections it has, takes no more than its share of what everybody waits for.
//
//   const Shares::Place place = shares.Take(caller.principal, kAtOnceMax);
//   if (!place) return refused;   // and it is given back when `place` goes
//
// Threads  any. Cost: two look-ups under a lock.
#ifndef CLOISON_ACCESS_SHARES_H_
#define CLOISON_ACCESS_SHARES_H_

#include <cstddef>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/ids.h"

namespace cloison::access {

inline constexpr std::size_t kSearchesOfOneMax = 2;  // by name, of one principal

class Shares {
 public:
  class Place {
   public:
    Place(Place&& other) noexcept
        : shares_(std::exchange(other.shares_, nullptr)), of_(other.of_) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (shares_ != nullptr) shares_->GiveBack(of_);
    }
    explicit operator bool() const { return shares_ != nullptr; }

   private:
    friend class Shares;
    Place(Shares* shares, const PrincipalId& of) : shares_(shares), of_(of) {}
    Shares* shares_;
    PrincipalId of_;
  };

  Shares() = default;
  Shares(const Shares&) = delete;
  Shares& operator=(const Shares&) = delete;

  // False when `most` are taken already. The shares outlive the place.
  Place Take(const PrincipalId& who, std::size_t most) {
    const std::lock_guard lock(mutex_);
    std::size_t& taken = taken_[who];
    if (taken >= most) return {nullptr, who};
    ++taken;
    return {this, who};
  }
  // Who has something under way.
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return taken_.size();
  }

 private:
  void GiveBack(const PrincipalId& who) {
    const std::lock_guard lock(mutex_);
    const auto found = taken_.find(who);
    if (--found->second == 0) taken_.erase(found);
  }

  mutable std::mutex mutex_;  // guards what follows
  std::unordered_map<PrincipalId, std::size_t, IdHash> taken_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_SHARES_H_
