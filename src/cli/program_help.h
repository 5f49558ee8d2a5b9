// What the program says of itself: examples first.
#ifndef CLOISON_CLI_PROGRAM_HELP_H_
#define CLOISON_CLI_PROGRAM_HELP_H_

namespace CLI {
class App;
}

namespace cloison::cli {

// Of the whole program; its commands lead with their own examples.
void UseProgramHelp(CLI::App& app);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_PROGRAM_HELP_H_
