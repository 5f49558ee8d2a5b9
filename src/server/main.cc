// cloisond: the server. Its modes are in <mode>_mode.cc, its command line in command_line.cc.
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdio>

#include "crypto/process.h"
#include "server/modes.h"

int main(int argc, char** argv) {
  umask(077);  // what RocksDB makes is nobody else's to read
  // Connections and the store share the descriptors: as many as the system lets us have.
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
  }
  if (!cloison::crypto::HardenProcess().ok()) {
    std::fprintf(stderr, "cloisond: the kernel does not protect this process\n");
    return cloison::server::kExitFailure;
  }
  return cloison::server::RunCommandLine(argc, argv);
}
