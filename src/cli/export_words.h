// The words about exports: export key, ask, list, status, stop, run, open.
#ifndef CLOISON_CLI_EXPORT_WORDS_H_
#define CLOISON_CLI_EXPORT_WORDS_H_

#include "cli/export.h"
#include "cli/shared_words.h"

namespace cloison::cli {

// Outlives the parsing and the command that was asked for.
class ExportWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  using Command = ExitCode (*)(const JobOptions&, const Common&, const Terminal&);
  void Runs(CLI::App* word, Command command);
  void AddFiles(CLI::App& parent);
  void AddAsk(CLI::App& parent);
  void AddOthers(CLI::App& parent);

  std::optional<SharedWords> shared_;
  JobOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_EXPORT_WORDS_H_
