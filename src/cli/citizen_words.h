// The words of cloison citizen: how a citizen's sign-in comes to their own record.
#ifndef CLOISON_CLI_CITIZEN_WORDS_H_
#define CLOISON_CLI_CITIZEN_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

struct CitizenOptions {
  std::string person, purpose, case_ref;  // of a letter code
  std::string letter_code, agency_id;     // one second proof; "-": standard input
  bool dry_run = false;
};
ExitCode CitizenBind(const CitizenOptions& options, const Common& common, const Terminal& terminal);
ExitCode LetterCode(const CitizenOptions& options, const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class CitizenWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  using Command = ExitCode (*)(const CitizenOptions&, const Common&, const Terminal&);
  void Runs(CLI::App* word, Command command);

  std::optional<SharedWords> shared_;
  CitizenOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_CITIZEN_WORDS_H_
