#include "cli/program_help.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

namespace cloison::cli {

namespace {

constexpr const char* kProgramHelp =
    "cloison: a register you can ask, on the record, within a limit.\n"
    "\n"
    "Examples\n"
    "  cloison demo                                     a whole world on this machine, in seconds\n"
    "  cloison lookup --as adviser.ft --nir - --purpose support --case 2024-117\n"
    "  cloison disclose CODE --as adviser.ft --fields contact.phone --purpose support --case A1\n"
    "  cloison import people.csv --as app.case --rejects rejects.csv\n"
    "  cloison drill --replay france-travail-2024 --accounts 10\n"
    "\n"
    "Exit codes\n"
    "  0 done  1 failure  2 usage  3 refused by policy  4 waiting for approval  5 not found\n"
    "  6 conflict  7 budget spent  69 unavailable or sealed  75 try again";

// Help that leads with examples.
class Help final : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    const bool command = mode != CLI::AppFormatMode::Sub && !app->get_name().empty();
    if (!command) return Formatter::make_help(app, name, mode);
    std::string out = make_description(app);
    if (!app->get_footer().empty()) out += "\n" + app->get_footer() + "\n\n";
    return out + make_usage(app, name) + make_positionals(app) + make_groups(app, mode) +
           make_subcommands(app, mode);
  }
};

}  // namespace

void UseProgramHelp(CLI::App& app) {
  app.description(kProgramHelp);
  const auto help = std::make_shared<Help>();
  help->column_width(34);
  app.formatter(help);
}

}  // namespace cloison::cli
