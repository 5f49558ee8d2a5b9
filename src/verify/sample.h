// A synthetic log for auditors to try their tools on. Nothing in it is about anybody, and its key
// is no secret: who knows the seed can make it.
#ifndef CLOISON_VERIFY_SAMPLE_H_
#define CLOISON_VERIFY_SAMPLE_H_

#include <functional>
#include <string>

#include "base/files.h"

namespace cloison::verify {

inline constexpr std::uint64_t kSampleEntriesMax = 1'000'000'000;

struct SampleOptions {
  std::uint64_t entries = 1'000;
  std::uint64_t seed = 1;
  std::string directory;
  std::function<void(std::uint64_t entries)> progress;  // now and then
  std::uint32_t generation = 1;                         // of the log: its origin says so
  std::uint32_t sealed_generation = 1;  // of the log that the unseal names; another: a lie
};

// Writes tiles, bundles, `checkpoint`, `key.pub` (the log's vkey) and `witness.pub` (that of a
// witness who cosigned it); and `person.json` and `officer.json`, which open the entries of one
// person and one account (docs/format/ledger.md). The same for the same number and seed.
//
// Fails    kInvalid above kSampleEntriesMax; kConflict when the directory has something in it;
//          else as base::Files
// Cost     about 1 us per entry. Memory: bounded.
Status WriteSample(base::Files& files, const SampleOptions& options);

}  // namespace cloison::verify

#endif  // CLOISON_VERIFY_SAMPLE_H_
