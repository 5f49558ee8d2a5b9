#include "api/testing/distinguisher.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace cloison::api::testing {

namespace {

constexpr std::size_t kBinsMin = 4, kBinsMax = 48;
constexpr std::size_t kPerBin = 150;  // observations of one half

// Counts of each kind, one more than seen: what was never seen is not impossible.
class Counts {
 public:
  explicit Counts(int kinds) : of_(static_cast<std::size_t>(kinds), 1.0) {}
  void Add(int kind) { of_[static_cast<std::size_t>(kind)] += 1; }
  double Of(int kind) const { return of_[static_cast<std::size_t>(kind)]; }

 private:
  std::vector<double> of_;
};

class Classifier {
 public:
  Classifier(const std::vector<Observation>& seen, int kinds) : kinds_(kinds), total_(kinds) {
    std::vector<std::int64_t> times;
    for (const Observation& one : seen) times.push_back(one.us);
    std::sort(times.begin(), times.end());
    const std::size_t bins = std::clamp(times.size() / kPerBin, kBinsMin, kBinsMax);
    for (std::size_t i = 1; i < bins; ++i) edges_.push_back(times[i * times.size() / bins]);
    bins_.assign(bins, Counts(kinds));
    for (const Observation& one : seen) {
      total_.Add(one.kind);
      bins_[BinOf(one.us)].Add(one.kind);
      rests_.try_emplace(one.rest, kinds).first->second.Add(one.kind);
    }
  }

  int Guess(const Observation& one) const {
    const Counts& bin = bins_[BinOf(one.us)];
    const auto rest = rests_.find(one.rest);
    int best = 0;
    double best_score = -INFINITY;
    for (int kind = 0; kind < kinds_; ++kind) {
      double score = std::log(bin.Of(kind) / total_.Of(kind));
      if (rest != rests_.end()) score += std::log(rest->second.Of(kind) / total_.Of(kind));
      if (score > best_score) best = kind;
      best_score = std::max(best_score, score);
    }
    return best;
  }

 private:
  std::size_t BinOf(std::int64_t us) const {
    const auto edge = std::upper_bound(edges_.begin(), edges_.end(), us);
    return static_cast<std::size_t>(edge - edges_.begin());
  }

  int kinds_;
  std::vector<std::int64_t> edges_;
  std::vector<Counts> bins_;
  std::map<int, Counts> rests_;
  Counts total_;
};

// Adds to `right` and `asked` of each kind.
void GuessAll(const std::vector<Observation>& learned, const std::vector<Observation>& guessed,
              std::vector<double>& right, std::vector<double>& asked) {
  const Classifier classifier(learned, static_cast<int>(right.size()));
  for (const Observation& one : guessed) {
    const auto kind = static_cast<std::size_t>(one.kind);
    asked[kind] += 1;
    if (classifier.Guess(one) == one.kind) right[kind] += 1;
  }
}

}  // namespace

Advantage Distinguish(const std::vector<Observation>& all, int kinds) {
  std::vector<Observation> halves[2];
  for (std::size_t i = 0; i < all.size(); ++i) halves[i % 2].push_back(all[i]);
  std::vector<double> right(static_cast<std::size_t>(kinds)), asked(right);
  GuessAll(halves[0], halves[1], right, asked);
  GuessAll(halves[1], halves[0], right, asked);
  double share = 0;
  for (std::size_t kind = 0; kind < right.size(); ++kind) share += right[kind] / asked[kind];
  share /= kinds;
  const double variance = share * (1 - share) / static_cast<double>(all.size());
  return {share - 1.0 / kinds, 1.96 * std::sqrt(variance), all.size()};
}

Advantage DistinguishPair(const std::vector<Observation>& all, int one, int other) {
  std::vector<Observation> pair;
  for (const Observation& seen : all) {
    if (seen.kind == one) pair.push_back({0, seen.us, seen.rest});
    if (seen.kind == other) pair.push_back({1, seen.us, seen.rest});
  }
  return Distinguish(pair, 2);
}

}  // namespace cloison::api::testing
