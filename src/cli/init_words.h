// The words of cloison init: a register's directory, the statement that begins it, its signatures.
#ifndef CLOISON_CLI_INIT_WORDS_H_
#define CLOISON_CLI_INIT_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

// Outlives the parsing and the command that was asked for.
class InitWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  void AddStatement(CLI::App& init);
  void AddSign(CLI::App& init);

  std::optional<SharedWords> shared_;
  InitOptions options_;
  InitStatementOptions statement_;
  InitSignOptions sign_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_INIT_WORDS_H_
