// The words of cloison detectors: bounds by what a register's own accounts did.
#ifndef CLOISON_CLI_DETECTOR_WORDS_H_
#define CLOISON_CLI_DETECTOR_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

struct DetectorOptions {
  std::uint32_t days = 90;
  bool dry_run = false;
};
ExitCode Calibrate(const DetectorOptions& options, const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class DetectorWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  std::optional<SharedWords> shared_;
  DetectorOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_DETECTOR_WORDS_H_
