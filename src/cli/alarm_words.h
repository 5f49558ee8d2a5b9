// The words of cloison alarms: what an operator must hear of.
#ifndef CLOISON_CLI_ALARM_WORDS_H_
#define CLOISON_CLI_ALARM_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

struct AlarmOptions {
  enum class Do : std::uint8_t { kList, kFollow, kOutputs, kTest } what = Do::kList;
  std::uint64_t after = 0;
  std::uint64_t count = 0;   // of those to follow; 0: until it is stopped
  std::int64_t wait_s = 30;  // for the outputs, of a test
  bool dry_run = false;
};
ExitCode Alarms(const AlarmOptions& options, const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class AlarmWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  std::optional<SharedWords> shared_;
  AlarmOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_ALARM_WORDS_H_
