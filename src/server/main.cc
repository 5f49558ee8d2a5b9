// cloisond: the server. Its modes are in <mode>_mode.cc, its command line in command_line.cc.
#include <cstdio>

#include "crypto/process.h"
#include "server/modes.h"

int main(int argc, char** argv) {
  if (!cloison::crypto::HardenProcess().ok()) {
    std::fprintf(stderr, "cloisond: the kernel does not protect this process\n");
    return cloison::server::kExitFailure;
  }
  return cloison::server::RunCommandLine(argc, argv);
}
