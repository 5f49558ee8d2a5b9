// The words about approved jobs: job key, ask, run, status, cancel, stop, open.
#ifndef CLOISON_CLI_JOB_WORDS_H_
#define CLOISON_CLI_JOB_WORDS_H_

#include "cli/job.h"
#include "cli/shared_words.h"

namespace cloison::cli {

// Outlives the parsing and the command that was asked for.
class JobWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  using Command = ExitCode (*)(const JobOptions&, const Common&, const Terminal&);
  void Runs(CLI::App* word, Command command);
  void AddKeys(CLI::App& job);
  void AddRequests(CLI::App& job);
  void AddRun(CLI::App& job);

  std::optional<SharedWords> shared_;
  JobOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_JOB_WORDS_H_
