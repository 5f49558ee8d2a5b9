#include "tests/disk/statistics.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace cloison::disk {

namespace {

// Regularised upper incomplete gamma function, by its series and its continued fraction
// (Abramowitz and Stegun 6.5.29, 6.5.31).
double GammaQ(double a, double x) {
  if (x <= 0) return 1;
  const double scale = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (double k = a + 1; term > sum * 1e-16; ++k) sum += term *= x / k;
    return std::max(0.0, 1 - sum * scale);
  }
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a, c = 1 / kTiny, d = 1 / b, h = d;
  for (int i = 1; i < 10'000; ++i) {
    const double an = -i * (i - a);
    b += 2;
    d = an * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + an / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1 / d;
    h *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return std::min(1.0, h * scale);
}

// Of a normal variable, both tails.
double NormalP(double z) {
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

template <std::size_t kBins>
double EvenP(const std::array<std::uint64_t, kBins>& counts) {
  double total = 0;
  for (const std::uint64_t count : counts) total += static_cast<double>(count);
  const double expected = total / kBins;
  double statistic = 0;
  for (const std::uint64_t count : counts) {
    const double off = static_cast<double>(count) - expected;
    statistic += off * off / expected;
  }
  return ChiSquareP(statistic, kBins - 1);
}

double Ones(ByteView bytes) {
  std::uint64_t ones = 0;
  for (const std::uint8_t byte : bytes) ones += static_cast<unsigned>(std::popcount(byte));
  return static_cast<double>(ones);
}

}  // namespace

double ChiSquareP(double statistic, double freedom) {
  return GammaQ(freedom / 2, statistic / 2);
}

double MonobitP(ByteView bytes) {
  const double bits = 8 * static_cast<double>(bytes.size());
  return NormalP((2 * Ones(bytes) - bits) / std::sqrt(bits));
}

double RunsP(ByteView bytes) {
  const double bits = 8 * static_cast<double>(bytes.size());
  const double share = Ones(bytes) / bits;
  // Runs of bits so uneven follow another law (SP 800-22, 2.3.4): as improbable as their share is.
  // One of 16,000 is so by chance.
  if (std::abs(share - 0.5) >= 2 / std::sqrt(bits)) return MonobitP(bytes);
  std::uint64_t runs = 1;
  unsigned last = bytes.front() >> 7;
  for (const std::uint8_t byte : bytes) {
    // A bit that differs from the one before it begins a run.
    const unsigned changes = (byte ^ ((last << 7) | (byte >> 1))) & 0xffu;
    runs += static_cast<unsigned>(std::popcount(changes));
    last = byte & 1u;
  }
  const double even = share * (1 - share);
  const double off = static_cast<double>(runs) - 2 * bits * even;
  return std::erfc(std::abs(off) / (2 * std::sqrt(2 * bits) * even));
}

double SerialP(ByteView bytes) {
  const auto n = static_cast<double>(bytes.size());
  double sum = 0, squares = 0, products = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const double byte = bytes[i];
    sum += byte;
    squares += byte * byte;
    products += byte * bytes[(i + 1) % bytes.size()];
  }
  const double spread = n * squares - sum * sum;
  if (spread <= 0) return 0;
  const double correlation = (n * products - sum * sum) / spread;
  return NormalP((correlation + 1 / (n - 1)) * std::sqrt(n));
}

double BytesP(ByteView bytes) {
  if (bytes.size() >= 256 * kBytesPerBin) {
    std::array<std::uint64_t, 256> counts{};
    for (const std::uint8_t byte : bytes) ++counts[byte];
    return EvenP(counts);
  }
  std::array<std::uint64_t, 16> upper{}, lower{};
  for (const std::uint8_t byte : bytes) {
    ++upper[byte >> 4];
    ++lower[byte & 15u];
  }
  return std::min(1.0, 2 * std::min(EvenP(upper), EvenP(lower)));
}

double PoissonTail(double expected, std::uint64_t count) {
  if (count == 0) return 1;
  // P(X >= k) is the lower incomplete gamma function; small ones are summed, to be exact.
  double term = std::exp(static_cast<double>(count) * std::log(expected) - expected -
                         std::lgamma(static_cast<double>(count) + 1));
  if (static_cast<double>(count) < expected) {
    return 1 - GammaQ(static_cast<double>(count), expected);
  }
  double sum = 0;
  for (auto k = static_cast<double>(count); term > sum * 1e-17; term *= expected / ++k) {
    sum += term;
  }
  return sum;
}

std::uint64_t PoissonBound(double expected, double p) {
  auto count = static_cast<std::uint64_t>(expected);
  while (PoissonTail(expected, count) >= p) ++count;
  return count;
}

std::vector<Verdict> NoiseTests(ByteView bytes) {
  CLOISON_CHECK(bytes.size() >= kNoiseBytesMin);
  return {{"monobit", MonobitP(bytes)},
          {"runs", RunsP(bytes)},
          {"bytes", BytesP(bytes)},
          {"serial", SerialP(bytes)}};
}

double PrefixP(std::span<const std::string> keys) {
  std::vector<std::string> prefixes;
  for (const std::string& key : keys) prefixes.push_back(key.substr(0, 4));
  std::sort(prefixes.begin(), prefixes.end());
  std::uint64_t pairs = 0, same = 0;
  for (std::size_t i = 1; i < prefixes.size(); ++i) {
    same = prefixes[i] == prefixes[i - 1] ? same + 1 : 0;
    pairs += same;
  }
  const auto n = static_cast<double>(prefixes.size());
  return PoissonTail(n * (n - 1) / 2 / 4294967296.0, pairs);
}

}  // namespace cloison::disk
