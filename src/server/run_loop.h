// The main thread's part of a running server: signals, ticks, and the end.
#ifndef CLOISON_SERVER_RUN_LOOP_H_
#define CLOISON_SERVER_RUN_LOOP_H_

#include <csignal>
#include <cstdint>

namespace cloison::server {

enum class Wake : std::uint8_t { kTick, kStop, kFatal };

class RunLoop {
 public:
  // Blocks SIGTERM, SIGINT and its own signal for this thread and all made after: before the first
  // thread. SIGPIPE and SIGXFSZ are ignored.
  RunLoop();
  // Until a signal, or `wait_ms`.
  Wake Wait(std::int64_t wait_ms);
  // Threads: any. The next Wait gives kFatal.
  static void WakeFatal();

 private:
  sigset_t signals_{};
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_RUN_LOOP_H_
