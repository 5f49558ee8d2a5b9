// The words of cloison decoys: how many records nobody has a reason to open.
#ifndef CLOISON_CLI_DECOY_WORDS_H_
#define CLOISON_CLI_DECOY_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

struct DecoyOptions {
  std::uint32_t per_100000 = 0;
  std::string reason;
  bool dry_run = false;
};
ExitCode Decoys(const DecoyOptions& options, const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class DecoyWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  std::optional<SharedWords> shared_;
  DecoyOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_DECOY_WORDS_H_
