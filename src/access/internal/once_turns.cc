#include "access/internal/once_turns.h"

#include <optional>

namespace cloison::access::internal {

struct OnceTurns::Wait {
  OnceTurns& turns;
  const std::string& key;
  base::Executor& home;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> self) {
    const std::lock_guard lock(turns.mutex_);
    const auto [place, is_first] = turns.under_way_.try_emplace(key);
    if (!is_first) place->second.push_back({self, &home});
    return !is_first;
  }
  void await_resume() const noexcept {}
};

Task<OnceTurns::Turn> OnceTurns::Take(std::string key, base::Executor& home) {
  Wait wait{*this, key, home};
  co_await wait;
  co_return Turn(*this, std::move(key));
}

// The next one has it before it runs: nobody comes in between.
void OnceTurns::End(const std::string& key) {
  std::optional<Waiter> next;
  {
    const std::lock_guard lock(mutex_);
    const auto place = under_way_.find(key);
    CLOISON_CHECK(place != under_way_.end());
    if (place->second.empty()) {
      under_way_.erase(place);
      return;
    }
    next = place->second.front();
    place->second.pop_front();
  }
  next->home->Post([handle = next->handle] { handle.resume(); });
}

}  // namespace cloison::access::internal
