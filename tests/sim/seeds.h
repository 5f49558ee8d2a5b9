// Which seeds a simulation runs: a few with every `make test`, many with CLOISON_LONG=1, or the one
// that CLOISON_SEED names. A failure says how to run its seed alone.
#ifndef CLOISON_TESTS_SIM_SEEDS_H_
#define CLOISON_TESTS_SIM_SEEDS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace cloison::sim {

inline bool IsLong() {
  const char* value = std::getenv("CLOISON_LONG");
  return value != nullptr && std::string(value) == "1";
}

inline std::vector<std::uint64_t> Seeds(std::uint64_t usual, std::uint64_t many) {
  if (const char* one = std::getenv("CLOISON_SEED"); one != nullptr) {
    return {std::strtoull(one, nullptr, 10)};
  }
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t seed = 1; seed <= (IsLong() ? many : usual); ++seed) seeds.push_back(seed);
  return seeds;
}

// For SCOPED_TRACE: what to type to see this failure again.
inline std::string Replay(std::uint64_t seed) {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  std::error_code ignored;
  const std::filesystem::path program =
      std::filesystem::relative(std::filesystem::read_symlink("/proc/self/exe", ignored), ignored);
  return "seed " + std::to_string(seed) + "; again: CLOISON_SEED=" + std::to_string(seed) + " " +
         program.string() + " --gtest_filter=" + info->test_suite_name() + "." + info->name();
}

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_SEEDS_H_
