// What words in files of their own take of the command line.
#ifndef CLOISON_CLI_SHARED_WORDS_H_
#define CLOISON_CLI_SHARED_WORDS_H_

#include <functional>
#include <optional>

#include "cli/commands.h"

namespace CLI {
class App;
}

namespace cloison::cli {

// All of it is the whole command line's, and outlives who takes it.
struct SharedWords {
  const Common& common;
  const Terminal& terminal;
  std::function<ExitCode()>& run;  // set when one of the words was given
  std::function<void(CLI::App*)> add_output, add_connection;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_SHARED_WORDS_H_
