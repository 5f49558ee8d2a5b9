// The commands about exports (docs/operate/export.md).
#ifndef CLOISON_CLI_EXPORT_H_
#define CLOISON_CLI_EXPORT_H_

#include "cli/job.h"

namespace cloison::cli {

// Of the options those of a job: without fields all of the schema; `id` is "exp_12".
ExitCode ExportAsk(const JobOptions& options, const Common& common, const Terminal& terminal);
ExitCode ExportsList(const JobOptions& options, const Common& common, const Terminal& terminal);
ExitCode ExportStatus(const JobOptions& options, const Common& common, const Terminal& terminal);
ExitCode ExportStop(const JobOptions& options, const Common& common, const Terminal& terminal);
// Begins it, or goes on where the file ends.
ExitCode ExportRun(const JobOptions& options, const Common& common, const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_EXPORT_H_
