// The words of cloison person: what changes the record of one person, or its key.
#ifndef CLOISON_CLI_PERSON_WORDS_H_
#define CLOISON_CLI_PERSON_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

struct PersonOptions {
  std::string person;         // code
  std::uint64_t version = 0;  // that is to be changed or erased
  std::string changes;        // FILE of a JSON object, "-": standard input
  std::string purpose, case_ref, reason;
  bool dry_run = false;
};
ExitCode PersonUpdate(const PersonOptions& options, const Common& common, const Terminal& terminal);
ExitCode PersonErase(const PersonOptions& options, const Common& common, const Terminal& terminal);
ExitCode PersonRekey(const PersonOptions& options, const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class PersonWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  using Command = ExitCode (*)(const PersonOptions&, const Common&, const Terminal&);
  void Runs(CLI::App* word, Command command);
  void OfVersion(CLI::App* word);

  std::optional<SharedWords> shared_;
  PersonOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_PERSON_WORDS_H_
