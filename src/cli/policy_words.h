// The words of cloison policy: check, diff, sign, preview, propose, show.
#ifndef CLOISON_CLI_POLICY_WORDS_H_
#define CLOISON_CLI_POLICY_WORDS_H_

#include <functional>

#include "cli/commands.h"

namespace CLI {
class App;
}

namespace cloison::cli {

// Outlives the parsing and the command that was asked for.
class PolicyWords {
 public:
  // What is the whole command line's; all outlive this.
  struct Shared {
    const Common& common;
    const Terminal& terminal;
    std::function<ExitCode()>& run;  // set when one of the words was given
    std::function<void(CLI::App*)> add_output, add_connection;
  };
  void AddTo(CLI::App& app, Shared shared);

 private:
  using Command = ExitCode (*)(const PolicyOptions&, const Common&, const Terminal&);
  void AddFiles(CLI::App& policy);
  void AddSign(CLI::App& policy);
  void AddRequests(CLI::App& policy);
  void Runs(CLI::App* word, Command command);

  std::optional<Shared> shared_;
  PolicyOptions options_;
  PolicySignOptions sign_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_POLICY_WORDS_H_
