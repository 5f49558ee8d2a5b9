#include "cli/command_line.h"

int main(int argc, char** argv) {
  const cloison::cli::Terminal terminal;
  return static_cast<int>(cloison::cli::RunCommandLine(argc, argv, terminal));
}
