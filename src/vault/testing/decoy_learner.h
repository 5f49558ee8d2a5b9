// Learns to tell decoys from people by what an agent sees of them: boosted trees of two questions
// over numbers that are made of every column. Half of those who were seen teach it and the other
// half judges, then the other way round.
#ifndef CLOISON_VAULT_TESTING_DECOY_LEARNER_H_
#define CLOISON_VAULT_TESTING_DECOY_LEARNER_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cloison::vault::testing {

// What was seen of one person.
class SeenRecord {
 public:
  void Number(std::string_view name, double value) { numbers_[std::string(name)] = value; }
  double NumberOf(const std::string& name) const { return numbers_.at(name); }
  // Whether it is there, how long it is, what it begins and ends with, what its digits say, how
  // often each kind of character comes; and what two columns say of each other.
  void Column(const std::string& name, const std::string& text);
  // All of them, by name: the same names for every record.
  std::map<std::string, double> Numbers() const;

 private:
  std::map<std::string, std::string> columns_;
  std::map<std::string, double> numbers_;
};

class DecoyLearner {
 public:
  // In an order that says nothing.
  void Add(const SeenRecord& seen, bool is_decoy);
  struct Learnt {
    double area;     // under the curve, of those who did not teach: 0.5 is a guess
    std::string by;  // what told them apart most, the strongest first
  };
  Learnt Learn() const;

 private:
  double AreaOfHalf(std::size_t first, std::map<std::string, double>& told) const;

  std::vector<std::string> names_;
  std::vector<std::vector<double>> rows_;
  std::vector<bool> decoys_;
};

}  // namespace cloison::vault::testing

#endif  // CLOISON_VAULT_TESTING_DECOY_LEARNER_H_
