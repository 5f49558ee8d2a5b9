// cloison assess: its options, and which files it takes and makes.
#ifndef CLOISON_CLI_ASSESS_WORDS_H_
#define CLOISON_CLI_ASSESS_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

struct AssessOptions {
  std::string log, map;  // FILE; of the log "-" too
  std::string policy, schema, budget_class = "case-worker";
  std::string html, rejects;    // FILE to write
  std::string scope, scope_to;  // which; FILE, or "-"
  std::string temporary;        // DIR
  std::uint64_t people = 0, threads = 0, memory_mb = 256;
  bool include_values = false, names = false;
  std::uint64_t example = 0;  // lines of an invented log instead
};
ExitCode Assess(const AssessOptions& options, const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class AssessWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  std::optional<SharedWords> shared_;
  AssessOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_ASSESS_WORDS_H_
