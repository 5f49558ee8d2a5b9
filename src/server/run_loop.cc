#include "server/run_loop.h"

#include <unistd.h>

#include <ctime>
#include <initializer_list>

namespace cloison::server {

RunLoop::RunLoop() {
  sigemptyset(&signals_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file at its limit is a full disk, told by the write
}

Wake RunLoop::Wait(std::int64_t wait_ms) {
  timespec limit{};
  limit.tv_sec = wait_ms / 1000;
  limit.tv_nsec = wait_ms % 1000 * 1'000'000;
  const int signal = sigtimedwait(&signals_, nullptr, &limit);
  if (signal == SIGUSR1) return Wake::kFatal;
  const bool stop = signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
  return stop ? Wake::kStop : Wake::kTick;
}

void RunLoop::WakeFatal() {
  kill(getpid(), SIGUSR1);
}

}  // namespace cloison::server
