// The words of cloison me, and of cloison organisation: what a caller may know of themself and of
// the house.
#ifndef CLOISON_CLI_ME_WORDS_H_
#define CLOISON_CLI_ME_WORDS_H_

#include "cli/shared_words.h"

namespace cloison::cli {

struct MeOptions {
  std::string proofs;  // DIR for the pages of the trail; empty: no proofs are asked for
  bool dry_run = false;
};
ExitCode MeShow(const MeOptions& options, const Common& common, const Terminal& terminal);
ExitCode MeSession(const MeOptions& options, const Common& common, const Terminal& terminal);
ExitCode MeDisclosures(const MeOptions& options, const Common& common, const Terminal& terminal);
ExitCode MeObject(const MeOptions& options, const Common& common, const Terminal& terminal);
ExitCode OrganisationList(const MeOptions& options, const Common& common, const Terminal& terminal);

// Outlives the parsing and the command that was asked for.
class MeWords {
 public:
  void AddTo(CLI::App& app, SharedWords shared);

 private:
  using Command = ExitCode (*)(const MeOptions&, const Common&, const Terminal&);
  CLI::App* Add(CLI::App& parent, const char* name, const char* help, const char* examples,
                Command command);

  std::optional<SharedWords> shared_;
  MeOptions options_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_ME_WORDS_H_
