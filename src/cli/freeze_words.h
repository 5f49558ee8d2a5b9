// The words of cloison freeze: by officers' keys, for when nobody can sign in.
#ifndef CLOISON_CLI_FREEZE_WORDS_H_
#define CLOISON_CLI_FREEZE_WORDS_H_

#include "cli/freeze.h"
#include "cli/shared_words.h"

namespace cloison::cli {

// Outlives the parsing and the command that was asked for.
class FreezeWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  void AddLift(CLI::App& freeze);

  std::optional<SharedWords> shared_;
  FreezeOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_FREEZE_WORDS_H_
