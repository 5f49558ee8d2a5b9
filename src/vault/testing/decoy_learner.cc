#include "vault/testing/decoy_learner.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"

namespace cloison::vault::testing {

namespace {

constexpr std::size_t kBins = 64, kRounds = 60, kToldNames = 6;
constexpr double kStep = .3;

double NumberAt(const std::string& text, std::size_t from, std::size_t count) {
  if (text.size() < from + count) return -1;
  double number = 0;
  for (std::size_t i = from; i < from + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

// The last run of digits before an @, or at the end, as a number.
double CountIn(const std::string& text) {
  const std::size_t end = std::min(text.find('@'), text.size());
  std::size_t from = end;
  while (from > 0 && text[from - 1] >= '0' && text[from - 1] <= '9') --from;
  return from == end ? -1 : NumberAt(text, from, end - from);
}

double DomainOf(const std::string& text) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos) return -1;
  double domain = 0;
  for (const char c : text.substr(at)) domain = std::fmod(domain * 31 + c, 9'973);
  return domain;
}

struct Stump {
  std::size_t feature = 0, bin = 0;
  double below = 0, above = 0, gain = 0;
};
struct Sums {
  double gradient = 0, weight = 0;
  double Gain() const { return gradient * gradient / (weight + 1); }
  double Step() const { return kStep * gradient / (weight + 1); }
};

using Rows = std::vector<std::vector<double>>;
using Bins = std::vector<std::vector<std::uint8_t>>;  // by feature, then row

// In which of kBins parts, of about as many rows each, a row's number is: the parts are of those
// who teach.
Bins Binned(const Rows& rows, const std::vector<std::size_t>& teachers) {
  Bins bins(rows.front().size());
  for (std::size_t f = 0; f < bins.size(); ++f) {
    std::vector<double> values;
    for (const std::size_t i : teachers) values.push_back(rows[i][f]);
    std::ranges::sort(values);
    std::vector<double> cuts;
    for (std::size_t i = 1; i < kBins; ++i) cuts.push_back(values[i * values.size() / kBins]);
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    for (const std::vector<double>& row : rows) {
      bins[f].push_back(
          static_cast<std::uint8_t>(std::ranges::upper_bound(cuts, row[f]) - cuts.begin()));
    }
  }
  return bins;
}

// The best one for the rows of `among`; where none is better than none, the same step on both
// sides.
Stump BestStump(const Bins& bins, const std::vector<Sums>& each,
                const std::vector<std::size_t>& among) {
  Sums all;
  for (const std::size_t i : among) {
    all.gradient += each[i].gradient;
    all.weight += each[i].weight;
  }
  Stump best{0, 0, all.Step(), all.Step(), 0};
  const double before = all.Gain();
  for (std::size_t f = 0; f < bins.size(); ++f) {
    std::array<Sums, kBins> in{};
    for (const std::size_t i : among) {
      in[bins[f][i]].gradient += each[i].gradient;
      in[bins[f][i]].weight += each[i].weight;
    }
    Sums below;
    for (std::size_t bin = 0; bin + 1 < kBins; ++bin) {
      below.gradient += in[bin].gradient;
      below.weight += in[bin].weight;
      const Sums above{all.gradient - below.gradient, all.weight - below.weight};
      const double gain = below.Gain() + above.Gain() - before;
      if (gain <= best.gain) continue;
      best = {f, bin, below.Step(), above.Step(), gain};
    }
  }
  return best;
}

// A tree of two questions, of which the second depends on the answer to the first.
struct Tree {
  Stump first, below, above;
  double ValueOf(const Bins& bins, std::size_t row) const {
    const Stump& second = bins[first.feature][row] <= first.bin ? below : above;
    return bins[second.feature][row] <= second.bin ? second.below : second.above;
  }
};

Tree BestTree(const Bins& bins, const std::vector<Sums>& each,
              const std::vector<std::size_t>& teachers) {
  Tree tree;
  tree.first = BestStump(bins, each, teachers);
  std::vector<std::size_t> below, above;
  for (const std::size_t i : teachers) {
    (bins[tree.first.feature][i] <= tree.first.bin ? below : above).push_back(i);
  }
  tree.below = BestStump(bins, each, below);
  tree.above = BestStump(bins, each, above);
  return tree;
}

// How likely a decoy has the higher score of a decoy and a person.
double AreaOf(std::vector<std::pair<double, bool>> judged) {
  std::ranges::sort(judged);
  double area = 0, people = 0, found = 0;
  for (std::size_t i = 0; i < judged.size();) {
    double decoys_here = 0, people_here = 0;
    const double score = judged[i].first;
    for (; i < judged.size() && judged[i].first == score; ++i) {
      (judged[i].second ? decoys_here : people_here) += 1;
    }
    area += decoys_here * (people + people_here / 2);
    people += people_here;
    found += decoys_here;
  }
  return area / (people * found);
}

}  // namespace

void SeenRecord::Column(const std::string& name, const std::string& text) {
  columns_[name] = text;
  const auto count = [&](auto is) { return static_cast<double>(std::ranges::count_if(text, is)); };
  Number(name + "/length", static_cast<double>(text.size()));
  Number(name + "/digits", count([](char c) { return c >= '0' && c <= '9'; }));
  Number(name + "/spaces", count([](char c) { return c == ' ' || c == '-'; }));
  Number(name + "/first", text.empty() ? 0 : text.front());
  Number(name + "/last", text.empty() ? 0 : text.back());
  for (const std::size_t from : {0u, 1u, 3u, 5u, 7u, 10u}) {
    for (const std::size_t digits : {2u, 3u}) {
      const std::string where = std::to_string(from) + "x" + std::to_string(digits);
      Number(name + "/at" + where, NumberAt(text, from, digits));
    }
  }
  Number(name + "/count", CountIn(text));
  Number(name + "/domain", DomainOf(text));
}

std::map<std::string, double> SeenRecord::Numbers() const {
  std::map<std::string, double> all = numbers_;
  const auto column = [&](const std::string& name) {
    const auto found = columns_.find(name);
    return found == columns_.end() ? std::string() : found->second;
  };
  const std::string nir = column("civil_number.nir"), birth = column("identity.birth_date");
  const std::string phone = column("contact.phone"), second = column("contact.phone_2");
  all["nir year - birth year"] = NumberAt(nir, 1, 2) - NumberAt(birth, 2, 2);
  all["nir month - birth month"] = NumberAt(nir, 3, 2) - NumberAt(birth, 5, 2);
  all["nir place - postcode"] = NumberAt(nir, 5, 2) - NumberAt(column("address.postcode"), 0, 2);
  all["phones alike"] = phone.substr(0, 6) == second.substr(0, 6) ? 1 : 0;
  all["names alike"] = column("identity.birth_name") == column("identity.name_in_use") ? 1 : 0;
  double there = 0;
  for (const auto& [name, text] : columns_) there += text.empty() ? 0 : 1;
  all["columns"] = there;
  return all;
}

void DecoyLearner::Add(const SeenRecord& seen, bool is_decoy) {
  std::vector<std::string> names;
  std::vector<double> row;
  for (const auto& [name, value] : seen.Numbers()) {
    names.push_back(name);
    row.push_back(value);
  }
  if (names_.empty()) names_ = names;
  CLOISON_CHECK(names_ == names);
  rows_.push_back(std::move(row));
  decoys_.push_back(is_decoy);
}

// Every second of those who were seen teaches, beginning with `first`; the others are judged.
double DecoyLearner::AreaOfHalf(std::size_t first, std::map<std::string, double>& told) const {
  std::vector<std::size_t> teachers;
  for (std::size_t i = first; i < rows_.size(); i += 2) teachers.push_back(i);
  const Bins bins = Binned(rows_, teachers);
  std::vector<double> scores(rows_.size(), 0);
  for (std::size_t round = 0; round < kRounds; ++round) {
    std::vector<Sums> each(rows_.size());
    for (const std::size_t i : teachers) {
      const double p = 1 / (1 + std::exp(-scores[i]));
      each[i] = {(decoys_[i] ? 1 : 0) - p, p * (1 - p)};
    }
    const Tree tree = BestTree(bins, each, teachers);
    for (const Stump& one : {tree.first, tree.below, tree.above}) {
      told[names_[one.feature]] += one.gain;
    }
    for (std::size_t i = 0; i < rows_.size(); ++i) scores[i] += tree.ValueOf(bins, i);
  }
  std::vector<std::pair<double, bool>> judged;
  for (std::size_t i = 1 - first; i < rows_.size(); i += 2) {
    judged.emplace_back(scores[i], decoys_[i]);
  }
  return AreaOf(std::move(judged));
}

DecoyLearner::Learnt DecoyLearner::Learn() const {
  std::map<std::string, double> told;
  const double area = (AreaOfHalf(0, told) + AreaOfHalf(1, told)) / 2;
  std::vector<std::pair<double, std::string>> ranked;
  for (const auto& [name, gain] : told) ranked.emplace_back(gain, name);
  std::ranges::sort(ranked, std::greater<>());
  Learnt learnt{area, ""};
  for (std::size_t i = 0; i < std::min(ranked.size(), kToldNames); ++i) {
    learnt.by += (i == 0 ? "" : ", ") + ranked[i].second;
  }
  return learnt;
}

}  // namespace cloison::vault::testing
