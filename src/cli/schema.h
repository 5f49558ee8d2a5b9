// The words of cloison schema: check, ask, status, print.
#ifndef CLOISON_CLI_SCHEMA_H_
#define CLOISON_CLI_SCHEMA_H_

#include "cli/shared_words.h"

namespace cloison::cli {

// What is wrong with the schema in `file`, all of it, by line.
ExitCode SchemaCheck(const std::string& file, const Common& common, const Terminal& terminal);

struct SchemaOptions {
  std::string file, reason;
  bool dry_run = false;
};
// Asks for the schema in a file to follow the one in force. Ends with kWaiting: somebody else has
// to approve.
ExitCode SchemaAsk(const SchemaOptions& options, const Common& common, const Terminal& terminal);
// Which is in force, which was agreed to, how far the rows are.
ExitCode SchemaStatus(const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class SchemaWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  void AddCheck(CLI::App& schema);
  void AddRequests(CLI::App& schema);
  void AddPrint(CLI::App& schema);

  std::optional<SharedWords> shared_;
  SchemaOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_SCHEMA_H_
