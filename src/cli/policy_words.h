// The words of cloison policy: check, diff, sign, preview, propose, show.
#ifndef CLOISON_CLI_POLICY_WORDS_H_
#define CLOISON_CLI_POLICY_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

// Outlives the parsing and the command that was asked for.
class PolicyWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  using Command = ExitCode (*)(const PolicyOptions&, const Common&, const Terminal&);
  void AddFiles(CLI::App& policy);
  void AddSign(CLI::App& policy);
  void AddRequests(CLI::App& policy);
  void Runs(CLI::App* word, Command command);

  std::optional<SharedWords> shared_;
  PolicyOptions options_;
  PolicySignOptions sign_;
  std::string founders_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_POLICY_WORDS_H_
