// Child processes: cloisond, found beside our own binary, started, watched, started again.
//
// A child never outlives us (PR_SET_PDEATHSIG), which holds while the thread that started it lives:
// all calls come from the main thread.
// Source   prctl(2), sigwaitinfo(2); docs/architecture.md "Start, stop, failure".
#ifndef CLOISON_CLI_PROCESS_H_
#define CLOISON_CLI_PROCESS_H_

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"

namespace cloison::cli {

inline constexpr int kRestartExit = 75;  // cloisond asks to be started again
inline constexpr std::int64_t kRestartPauseMsMin = 100;
inline constexpr std::int64_t kRestartPauseMsMax = 10'000;
// A child that ran longer than this is started again without a pause.
inline constexpr std::int64_t kRestartCalmMs = 60'000;
inline constexpr std::int64_t kStopMsMax = 20'000;  // then SIGKILL

// The path of cloisond: $CLOISON_DAEMON, or the file beside our own binary. kNotFound.
Result<std::string> DaemonPath();

// Holds back SIGINT, SIGTERM, SIGHUP and SIGCHLD in this thread and those it starts, so that they
// can be waited for. Children get them back. Call before any thread starts.
void HoldSignals();
// A signal that asks us to end has come and is still held.
bool EndIsAsked();

struct ChildOptions {
  std::vector<std::string> arguments;  // the program first
  // Where the child's standard error goes, appended; empty: to ours.
  std::string log_path;
  // Lines of its standard output, on a thread of ours; without it the output is ours.
  std::function<void(std::string)> on_line;
};

class Child {
 public:
  static Result<std::unique_ptr<Child>> Start(ChildOptions options);
  ~Child();  // Stop
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void Signal(int signal) const;
  // Waits for its end and for the last line of its output; its exit code, or 128 and the signal
  // that ended it.
  int Wait();
  // The same when it has ended already; -1: it has not.
  int Poll();
  // SIGTERM, and SIGKILL after kStopMsMax. Gives the exit code.
  int Stop();

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  int Reap(int options);

  pid_t pid_;
  int exit_ = -1;
  std::thread reader_;
};

// Runs `options` until it ends otherwise than by kRestartExit, or until we are told to end: passes
// the signal on and waits. `child`, when given, runs already. Gives the exit code.
int Supervise(const ChildOptions& options, std::unique_ptr<Child> child,
              const std::function<void(std::string_view)>& note);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_PROCESS_H_
