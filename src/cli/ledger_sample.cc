// cloison ledger sample: a synthetic log for auditors.
#include "base/clock.h"
#include "base/files.h"
#include "cli/commands.h"
#include "verify/sample.h"

namespace cloison::cli {

ExitCode LedgerSample(const LedgerSampleOptions& options, const Terminal& terminal) {
  base::SystemFiles files;
  verify::SampleOptions sample{options.entries, options.seed, options.out, {}};
  sample.progress = [&terminal](std::uint64_t entries) {
    terminal.Progress(Grouped(entries) + " entries");
  };
  const Status written = verify::WriteSample(files, sample);
  terminal.EndProgress();
  if (written.ok()) return ExitCode::kDone;
  switch (written.error().code()) {
    case Code::kInvalid:
      terminal.Complain("--entries: " + Grouped(verify::kSampleEntriesMax) + " at most");
      return ExitCode::kUsage;
    case Code::kConflict:
      terminal.Complain("--out: " + options.out + " is not empty");
      return ExitCode::kUsage;
    default:
      terminal.Complain("cannot write " + options.out + ": " + std::string(written.error().text()));
      return ExitCode::kFailure;
  }
}

}  // namespace cloison::cli
