// The options of cloison import.
#ifndef CLOISON_CLI_IMPORT_WORDS_H_
#define CLOISON_CLI_IMPORT_WORDS_H_

#include "cli/commands.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cloison::cli {

// `options` outlives the command.
void AddImportOptions(CLI::App& command, ImportCommandOptions& options);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_IMPORT_WORDS_H_
