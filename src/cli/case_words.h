// The words of cloison cases: what holds accounts back until a human has looked at it.
#ifndef CLOISON_CLI_CASE_WORDS_H_
#define CLOISON_CLI_CASE_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

struct CaseOptions {
  std::string shows;   // id; empty: another word
  std::string closes;  // id; empty: another word
  std::string reason;
  bool dry_run = false;
};
ExitCode Cases(const CaseOptions& options, const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class CaseWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  std::optional<SharedWords> shared_;
  CaseOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_CASE_WORDS_H_
