// Whether bytes look like noise, as p-values: the chance that true noise looks at least so unlike
// noise. A test of many asks each against its share of the risk (Bonferroni).
//
// Source  NIST SP 800-22 rev. 1a, sections 2.1 (monobit), 2.3 (runs); Knuth, TAOCP 2, 3.3.1
//         (chi-square), 3.3.2 (serial correlation).
#ifndef CLOISON_TESTS_DISK_STATISTICS_H_
#define CLOISON_TESTS_DISK_STATISTICS_H_

#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace cloison::disk {

double MonobitP(ByteView bytes);
double RunsP(ByteView bytes);
double SerialP(ByteView bytes);  // of neighbouring bytes
// 256 bins; of fewer than kBytesPerBin bytes a bin, 16 bins of the upper and the lower halves.
double BytesP(ByteView bytes);
inline constexpr std::size_t kBytesPerBin = 5;
// The upper tail of chi-square.
double ChiSquareP(double statistic, double freedom);
// P(X >= count) where `expected` are expected.
double PoissonTail(double expected, std::uint64_t count);
// The least count that is so improbable.
std::uint64_t PoissonBound(double expected, double p);

// All tests above but PoissonTail, by name. At least kNoiseBytesMin bytes.
inline constexpr std::size_t kNoiseBytesMin = 128;
struct Verdict {
  std::string test;
  double p;
};
std::vector<Verdict> NoiseTests(ByteView bytes);

// Equal prefixes of 4 bytes among distinct keys, against chance.
double PrefixP(std::span<const std::string> keys);

}  // namespace cloison::disk

#endif  // CLOISON_TESTS_DISK_STATISTICS_H_
