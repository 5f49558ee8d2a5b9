// cloison keys status: which key objects there are.
#ifndef CLOISON_CLI_KEYS_STATUS_H_
#define CLOISON_CLI_KEYS_STATUS_H_

#include <string>

#include "cli/shared_words.h"

namespace cloison::cli {

struct KeysOptions {
  std::string directory;                // of files; "": they are in a token
  std::string module, token, pin_file;  // of a token, as cloisond's [pkcs11]
};
// Their names and kinds; their bytes are not read.
ExitCode KeysStatus(const KeysOptions& options, const Common& common, const Terminal& terminal);

// The words of cloison keys. Outlives the parsing and the command that was asked for.
class KeysWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  std::optional<SharedWords> shared_;
  KeysOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_KEYS_STATUS_H_
