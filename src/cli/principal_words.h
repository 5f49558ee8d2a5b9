// The words of cloison principal: who may use the register, and how much.
#ifndef CLOISON_CLI_PRINCIPAL_WORDS_H_
#define CLOISON_CLI_PRINCIPAL_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

struct PrincipalOptions {
  enum class Verb { kEnrol, kChange, kFreeze, kUnfreeze, kExpire, kShow, kActivity, kRaise };
  Verb verb = Verb::kFreeze;
  std::string principal, role, manager, expires, human, reason;  // empty: not said
  std::string from, until;                                       // of an activity
  std::vector<std::string> caps;                                 // of a raise: "opened/day=300"
  std::uint64_t office = 0;                                      // 0: not said
  bool dry_run = false;
};
ExitCode Principal(const PrincipalOptions& options, const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class PrincipalWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  CLI::App* AddVerb(const char* name, const char* help, const char* example,
                    PrincipalOptions::Verb verb);
  void AddStanding(CLI::App* command);
  void AddRequests();
  void AddRaise();
  void AddActivity();

  std::optional<SharedWords> shared_;
  CLI::App* principal_ = nullptr;
  PrincipalOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_PRINCIPAL_WORDS_H_
