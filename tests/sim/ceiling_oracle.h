// What ceilings are, said again in the dullest way: every showing ever below each scope, and
// counting. Nothing of access::Ceilings is used.
#ifndef CLOISON_TESTS_SIM_CEILING_ORACLE_H_
#define CLOISON_TESTS_SIM_CEILING_ORACLE_H_

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "access/ceiling_spec.h"

namespace cloison::sim {

class CeilingOracle {
 public:
  using Pair = std::pair<std::uint64_t, std::uint64_t>;  // principal, person
  struct From {                                          // who asked, and from where
    std::uint64_t principal;
    std::uint32_t organisation, office, client;
    bool by_job = false;  // counts below the register alone
  };
  struct Shown {
    std::uint64_t person;
    access::CounterSet counters;
  };

  explicit CeilingOracle(std::vector<access::CeilingSpec> specs) : specs_(std::move(specs)) {}

  // By the rule: pairs whose latest showing below the scope lies in the last n + 1 buckets count.
  bool Allows(std::int64_t now_ms, const From& from, const std::vector<Shown>& batch) const {
    return Fits(now_ms, from, batch, false);
  }
  // The same where each showing counts for itself, as if nobody could be told from anybody: what is
  // refused may at most be what this refuses.
  bool AllowsAtWorst(std::int64_t now_ms, const From& from, const std::vector<Shown>& batch) const {
    return Fits(now_ms, from, batch, true);
  }

  // Times never go back.
  void Show(std::int64_t now_ms, const From& from, const std::vector<Shown>& batch) {
    for (const Shown& shown : batch) {
      for (std::size_t c = 0; c < access::kCounters; ++c) {
        if (!shown.counters.Has(static_cast<access::Counter>(c))) continue;
        for (std::size_t s = 1; s < access::kScopes; ++s) {
          if (from.by_job && static_cast<access::Scope>(s) != access::Scope::kRegister) continue;
          showings_[{NameOf(static_cast<access::Scope>(s), from), c}].push_back(
              {now_ms, {from.principal, shown.person}});
        }
      }
    }
    count_ += batch.size();
  }

  // Empty, or the first promise that was broken: more pairs than the cap in some interval
  // [a, a + n * d). It is enough to look at those that begin at a showing.
  std::string Broken() const {
    for (const access::CeilingSpec& spec : specs_) {
      for (const auto& [name, showings] : showings_) {
        if (std::get<0>(name.first) != spec.scope || !spec.caps[name.second]) continue;
        const std::size_t most = Most(showings, spec.bucket_ms * spec.buckets);
        if (most <= *spec.caps[name.second]) continue;
        return std::string(access::Name(spec.scope)) + "/" +
               std::string(access::Name(static_cast<access::Counter>(name.second))) + ": " +
               std::to_string(most) + " pairs under a ceiling of " +
               std::to_string(*spec.caps[name.second]);
      }
    }
    return "";
  }
  std::size_t count() const { return count_; }

 private:
  using Name = std::tuple<access::Scope, std::uint32_t, std::uint32_t>;
  struct One {
    std::int64_t at_ms;
    Pair pair;
  };

  static Name NameOf(access::Scope scope, const From& from) {
    switch (scope) {
      case access::Scope::kOffice: return {scope, from.organisation, from.office};
      case access::Scope::kOrganisation: return {scope, from.organisation, 0};
      case access::Scope::kClient: return {scope, 0, from.client};
      default: return {scope, 0, 0};
    }
  }
  bool Fits(std::int64_t now_ms, const From& from, const std::vector<Shown>& batch,
            bool worst) const {
    for (const access::CeilingSpec& spec : specs_) {
      if (from.by_job && spec.scope != access::Scope::kRegister) continue;
      for (std::size_t c = 0; c < access::kCounters; ++c) {
        if (!spec.caps[c].has_value()) continue;
        std::set<Pair> inside, fresh;
        std::size_t showings = 0;
        if (const auto all = showings_.find({NameOf(spec.scope, from), c});
            all != showings_.end()) {
          for (auto it = all->second.rbegin(); it != all->second.rend(); ++it) {
            if (it->at_ms / spec.bucket_ms < now_ms / spec.bucket_ms - spec.buckets) break;
            inside.insert(it->pair);
            ++showings;
          }
        }
        for (const Shown& shown : batch) {
          const Pair pair{from.principal, shown.person};
          const bool counts = shown.counters.Has(static_cast<access::Counter>(c));
          if (counts && (worst || !inside.contains(pair))) fresh.insert(pair);
        }
        const std::size_t count = worst ? showings : inside.size();
        if (!fresh.empty() && count + fresh.size() > *spec.caps[c]) return false;
      }
    }
    return true;
  }
  static std::size_t Most(const std::vector<One>& all, std::int64_t length_ms) {
    std::map<Pair, std::size_t> inside;
    std::size_t most = 0, end = 0;
    for (std::size_t begin = 0; begin < all.size(); ++begin) {
      for (; end < all.size() && all[end].at_ms < all[begin].at_ms + length_ms; ++end) {
        ++inside[all[end].pair];
      }
      most = std::max(most, inside.size());
      if (const auto it = inside.find(all[begin].pair); --it->second == 0) inside.erase(it);
    }
    return most;
  }

  std::vector<access::CeilingSpec> specs_;
  std::map<std::pair<Name, std::size_t>, std::vector<One>> showings_;
  std::size_t count_ = 0;
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_CEILING_ORACLE_H_
