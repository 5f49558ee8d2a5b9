// The words of cloison alerts: what somebody must be told of, and that somebody was.
#ifndef CLOISON_CLI_ALERT_WORDS_H_
#define CLOISON_CLI_ALERT_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

struct AlertOptions {
  std::string acknowledges;  // id; empty: the list
  bool dry_run = false;
};
ExitCode Alerts(const AlertOptions& options, const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class AlertWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  std::optional<SharedWords> shared_;
  AlertOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_ALERT_WORDS_H_
