// The words about whom agents follow and may open: caseload, explain, presence,
// emergency, access.
#ifndef CLOISON_CLI_CASELOAD_WORDS_H_
#define CLOISON_CLI_CASELOAD_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

// Outlives the parsing and the command that was asked for.
class CaseloadWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  void Runs(CLI::App* command, ExplainedOptions::Does does);
  void AddPeople(CLI::App* command);
  void AddOnePerson(CLI::App* command);
  void AddCard(CLI::App* command, const char* name, const char* key, const char* help);
  void AddCaseload(CLI::App& app);
  void AddExplained(CLI::App& app);

  std::optional<SharedWords> shared_;
  ExplainedOptions explained_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_CASELOAD_WORDS_H_
