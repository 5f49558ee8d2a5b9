// The commands about approved jobs (docs/operate/jobs.md).
#ifndef CLOISON_CLI_JOB_H_
#define CLOISON_CLI_JOB_H_

#include "cli/commands.h"
#include "crypto/hpke.h"

namespace cloison::cli {

struct JobOptions {
  std::string id;  // "job_12", or of a run: "op_12.1"
  // ask
  std::string label, application, purpose, recipient, expires, reason;
  std::vector<std::string> fields;
  std::uint64_t people = 0, runs = 1, pause_days = 0;
  // files
  std::string list, out, key, file;
  std::uint64_t retry_s = 30;
  bool dry_run = false;
};
ExitCode JobKey(const JobOptions& options, const Common& common, const Terminal& terminal);
ExitCode JobAsk(const JobOptions& options, const Common& common, const Terminal& terminal);
// Begins a run, or goes on with the one whose file is there.
ExitCode JobRun(const JobOptions& options, const Common& common, const Terminal& terminal);
ExitCode JobsList(const JobOptions& options, const Common& common, const Terminal& terminal);
ExitCode JobStatus(const JobOptions& options, const Common& common, const Terminal& terminal);
ExitCode JobCancel(const JobOptions& options, const Common& common, const Terminal& terminal);
ExitCode JobStop(const JobOptions& options, const Common& common, const Terminal& terminal);
// At the recipient's: reads a file without a server.
ExitCode JobOpen(const JobOptions& options, const Common& common, const Terminal& terminal);

// A recipient's secret: a file of one line that only its owner can read (0600). kDenied: others
// can.
Result<crypto::RecipientSecret> ReadJobKey(const std::string& path);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_JOB_H_
