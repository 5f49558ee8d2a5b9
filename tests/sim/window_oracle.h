// What a budget is, said again in the dullest way: every showing ever, and counting.
//
// Nothing of access::Windows is used but its names, so that a mistake there cannot hide here.
#ifndef CLOISON_TESTS_SIM_WINDOW_ORACLE_H_
#define CLOISON_TESTS_SIM_WINDOW_ORACLE_H_

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "access/windows.h"

namespace cloison::sim {

inline constexpr std::int64_t kOracleWindowMs[] = {3'600'000, 86'400'000, 604'800'000,
                                                   2'678'400'000};

class WindowOracle {
 public:
  using Person = std::uint64_t;
  struct Shown {
    Person person;
    access::CounterSet counters;
  };

  explicit WindowOracle(const access::Caps& caps) : caps_(caps) {}

  // Distinct people shown since `now_ms - W`, that moment included.
  std::set<Person> Within(std::size_t counter, std::size_t window, std::int64_t now_ms) const {
    std::set<Person> people;
    for (auto it = showings_[counter].rbegin(); it != showings_[counter].rend(); ++it) {
      if (it->first < now_ms - kOracleWindowMs[window]) break;
      people.insert(it->second);
    }
    return people;
  }

  bool Allows(std::int64_t now_ms, const std::vector<Shown>& batch) const {
    for (std::size_t c = 0; c < access::kCounters; ++c) {
      for (std::size_t w = 0; w < access::kWindows; ++w) {
        std::set<Person> people = Within(c, w, now_ms);
        const std::size_t before = people.size();
        for (const Shown& shown : batch) {
          if (shown.counters.Has(static_cast<access::Counter>(c))) people.insert(shown.person);
        }
        if (people.size() > before && people.size() > caps_.of[c][w]) return false;
      }
    }
    return true;
  }

  // Times never go back.
  void Show(std::int64_t now_ms, const std::vector<Shown>& batch) {
    for (const Shown& shown : batch) {
      for (std::size_t c = 0; c < access::kCounters; ++c) {
        if (!shown.counters.Has(static_cast<access::Counter>(c))) continue;
        showings_[c].emplace_back(now_ms, shown.person);
      }
    }
  }

  // The most distinct people in any interval [a, a + W). It is enough to look at intervals that
  // begin at a showing.
  std::size_t Most(std::size_t counter, std::size_t window) const {
    const auto& all = showings_[counter];
    std::map<Person, std::size_t> inside;
    std::size_t most = 0, end = 0;
    for (std::size_t begin = 0; begin < all.size(); ++begin) {
      for (; end < all.size() && all[end].first < all[begin].first + kOracleWindowMs[window];
           ++end) {
        ++inside[all[end].second];
      }
      most = std::max(most, inside.size());
      if (const auto it = inside.find(all[begin].second); --it->second == 0) inside.erase(it);
    }
    return most;
  }

  // Empty, or the first promise that was broken.
  std::string Broken() const {
    for (std::size_t c = 0; c < access::kCounters; ++c) {
      for (std::size_t w = 0; w < access::kWindows; ++w) {
        const std::size_t most = Most(c, w);
        if (most <= caps_.of[c][w]) continue;
        return std::string(access::Name(static_cast<access::Counter>(c))) + "/" +
               std::string(access::Name(static_cast<access::Window>(w))) + ": " +
               std::to_string(most) + " people under a cap of " + std::to_string(caps_.of[c][w]);
      }
    }
    return "";
  }

  const access::Caps& caps() const { return caps_; }
  std::size_t showings(std::size_t counter) const { return showings_[counter].size(); }

 private:
  access::Caps caps_;
  std::array<std::vector<std::pair<std::int64_t, Person>>, access::kCounters> showings_;
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_WINDOW_ORACLE_H_
