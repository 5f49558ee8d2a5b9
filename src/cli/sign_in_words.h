// The words of cloison sign-in and sign-out.
#ifndef CLOISON_CLI_SIGN_IN_WORDS_H_
#define CLOISON_CLI_SIGN_IN_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

// Outlives the parsing and the command that was asked for.
class SignInWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  std::optional<SharedWords> shared_;
  SignInOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_SIGN_IN_WORDS_H_
