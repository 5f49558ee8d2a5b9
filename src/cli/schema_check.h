// The words of cloison schema.
#ifndef CLOISON_CLI_SCHEMA_CHECK_H_
#define CLOISON_CLI_SCHEMA_CHECK_H_

#include "cli/shared_words.h"

namespace cloison::cli {

// What is wrong with the schema in `file`, all of it, by line.
ExitCode SchemaCheck(const std::string& file, const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class SchemaWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  std::optional<SharedWords> shared_;
  std::string file_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_SCHEMA_CHECK_H_
