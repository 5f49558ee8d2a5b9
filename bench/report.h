// How a benchmark says what it found: one RESULT line on standard output, and, when
// CLOISON_RESULTS_DIR is set
// (`make bench` sets it), a section in <dir>/<date>-<machine>.md with machine, commit, runs and
// spread.
#ifndef CLOISON_BENCH_REPORT_H_
#define CLOISON_BENCH_REPORT_H_

#include <string>
#include <utility>
#include <vector>

namespace cloison::bench {

// One figure over several runs.
struct Figure {
  std::string key;
  std::vector<double> runs;  // the median is reported, least and greatest are the spread
  int digits = 2;
};

double Median(std::vector<double> values);
// The p-th part (0..1) of `values`; they are sorted in place.
double Quantile(std::vector<double>& values, double p);

// Prints the spread of each figure, then `RESULT <name> key=median ...`.
// `question`: the first line of the benchmark, with its prediction.
void Report(const std::string& name, const std::string& question,
            const std::vector<Figure>& figures);

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_REPORT_H_
