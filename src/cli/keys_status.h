// cloison keys status: which key objects there are.
#ifndef CLOISON_CLI_KEYS_STATUS_H_
#define CLOISON_CLI_KEYS_STATUS_H_

#include <string>

#include "cli/commands.h"

namespace cloison::cli {

struct KeysOptions {
  std::string directory;                // of files; "": they are in a token
  std::string module, token, pin_file;  // of a token, as cloisond's [pkcs11]
};
// Their names and kinds; their bytes are not read.
ExitCode KeysStatus(const KeysOptions& options, const Common& common, const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_KEYS_STATUS_H_
