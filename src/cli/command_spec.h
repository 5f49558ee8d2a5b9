// The commands as data: what the shells' completion is made of.
#ifndef CLOISON_CLI_COMMAND_SPEC_H_
#define CLOISON_CLI_COMMAND_SPEC_H_

#include <string>
#include <vector>

#include "base/result.h"

namespace cloison::cli {

struct OptionSpec {
  std::string name;  // "--people"
  bool takes_value = false;
  bool is_path = false;
  std::string help;
};

struct CommandSpec {
  std::string name;  // "schema check" for a command of a command; "" for the program itself
  std::string help;
  std::vector<OptionSpec> options;
};

// A completion script of `shell`: bash, zsh or fish. kInvalid: another shell.
Result<std::string> CompletionScript(const std::string& shell,
                                     const std::vector<CommandSpec>& commands);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_COMMAND_SPEC_H_
