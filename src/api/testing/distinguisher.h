// How well somebody who only sees answers can tell apart what was asked: a classifier that learns
// on one half of the observations and guesses the other half, and the other way round.
//
// It looks at how long an answer took (a histogram of equally filled bins) and at everything else
// of it (exact equality), and guesses the likeliest kind (naive Bayes: of all that looks at these
// two, nothing guesses better when they are independent).
//
// Source   The advantage of a distinguisher: the share of right guesses, beyond what chance gives.
//          Each kind counts alike, however often it was asked, so chance is one in `kinds`. The
//          interval is the normal one of a proportion.
#ifndef CLOISON_API_TESTING_DISTINGUISHER_H_
#define CLOISON_API_TESTING_DISTINGUISHER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cloison::api::testing {

struct Observation {
  int kind;         // 0 ...: what was asked; what is to be guessed
  std::int64_t us;  // how long the answer took
  int rest;         // a number for everything else in it: the same number, the same text
};

struct Advantage {
  double value = 0;       // 0: as chance; below it by chance alone
  double half_width = 0;  // of the 95 % interval around it
  std::size_t guesses = 0;
};

// Takes `kinds` kinds in random order; halves are every other observation. Cost: sorts.
Advantage Distinguish(const std::vector<Observation>& all, int kinds);
// The same for two kinds alone.
Advantage DistinguishPair(const std::vector<Observation>& all, int one, int other);

}  // namespace cloison::api::testing

#endif  // CLOISON_API_TESTING_DISTINGUISHER_H_
