// The words of the command line: what each command takes, its help, and which one to run.
#ifndef CLOISON_CLI_COMMAND_LINE_H_
#define CLOISON_CLI_COMMAND_LINE_H_

#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace cloison::cli {

// Parses and runs. Help goes to standard output with kDone; a mistake to standard error with
// kUsage.
ExitCode RunCommandLine(int argc, const char* const* argv, const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_COMMAND_LINE_H_
