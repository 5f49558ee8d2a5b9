#include "cli/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "cli/terminal.h"

namespace cloison::cli {

namespace {

sigset_t HeldSignals() {
  sigset_t held;
  sigemptyset(&held);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&held, signal);
  return held;
}

// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void BecomeProgram(char* const* arguments, int output, int log, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);  // we died before the line above
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (output >= 0) dup2(output, STDOUT_FILENO);
  if (log >= 0) dup2(log, STDERR_FILENO);
  execv(arguments[0], arguments);
  _exit(127);
}

// Calls `on_line` for each line until the other end is closed; closes `fd`.
void ReadLines(int fd, const std::function<void(std::string)>& on_line) {
  std::string waiting;
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t size = read(fd, piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    waiting.append(piece.data(), static_cast<std::size_t>(size));
    for (std::size_t end = waiting.find('\n'); end != std::string::npos; end = waiting.find('\n')) {
      on_line(waiting.substr(0, end));
      waiting.erase(0, end + 1);
    }
  }
  if (!waiting.empty()) on_line(waiting);
  close(fd);
}

int ExitOf(int status) {
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : -1;
}

// Waits for one of the held signals; 0 when `ms` pass without any.
int AwaitSignal(std::int64_t ms) {
  const sigset_t held = HeldSignals();
  const timespec limit{ms / 1000, (ms % 1000) * 1'000'000};
  const int signal = sigtimedwait(&held, nullptr, &limit);
  return std::max(signal, 0);
}

// Waits `ms`; true when somebody asks us to end.
bool Pause(std::int64_t ms) {
  const base::SystemClock clock;
  const std::int64_t until = clock.mono_us() / 1000 + ms;
  for (std::int64_t left = ms; left > 0; left = until - clock.mono_us() / 1000) {
    const int signal = AwaitSignal(left);
    if (signal != 0 && signal != SIGCHLD) return true;
  }
  return false;
}

}  // namespace

Result<std::string> DaemonPath() {
  std::string path = Environment("CLOISON_DAEMON").value_or("");
  if (path.empty()) {
    std::array<char, 4096> self;
    const ssize_t size = readlink("/proc/self/exe", self.data(), self.size());
    if (size <= 0) return Error{Code::kNotFound, "the path of this program is not known"};
    path.assign(self.data(), static_cast<std::size_t>(size));
    path = path.substr(0, path.rfind('/') + 1) + "cloisond";
  }
  if (access(path.c_str(), X_OK) != 0) {
    return Error{Code::kNotFound, "cloisond is not beside this program; CLOISON_DAEMON names it"};
  }
  return path;
}

void HoldSignals() {
  const sigset_t held = HeldSignals();
  sigprocmask(SIG_BLOCK, &held, nullptr);
}

bool EndIsAsked() {
  sigset_t waiting;
  if (sigpending(&waiting) != 0) return false;
  return sigismember(&waiting, SIGINT) == 1 || sigismember(&waiting, SIGTERM) == 1 ||
         sigismember(&waiting, SIGHUP) == 1;
}

Result<std::unique_ptr<Child>> Child::Start(ChildOptions options) {
  std::vector<char*> arguments;
  for (std::string& argument : options.arguments) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  int log = -1;
  if (!options.log_path.empty()) {
    log = open(options.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0) return Error{Code::kUnavailable, "the log file cannot be written"};
  }
  std::array<int, 2> pipe_ends = {-1, -1};
  if (options.on_line && pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
    if (log >= 0) close(log);
    return Error{Code::kUnavailable, "no pipe can be made"};
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) BecomeProgram(arguments.data(), pipe_ends[1], log, parent);
  if (log >= 0) close(log);
  if (pipe_ends[1] >= 0) close(pipe_ends[1]);
  if (pid < 0) {
    if (pipe_ends[0] >= 0) close(pipe_ends[0]);
    return Error{Code::kUnavailable, "no process can be started"};
  }
  std::unique_ptr<Child> child(new Child(pid));
  if (options.on_line) {
    child->reader_ = std::thread(ReadLines, pipe_ends[0], std::move(options.on_line));
  }
  return child;
}

Child::~Child() {
  Stop();
}

void Child::Signal(int signal) const {
  if (exit_ < 0) kill(pid_, signal);
}

int Child::Reap(int options) {
  int status = 0;
  pid_t got = 0;
  do {
    got = waitpid(pid_, &status, options);
  } while (got < 0 && errno == EINTR);
  if (got == 0) return -1;
  exit_ = got == pid_ ? ExitOf(status) : 1;
  if (reader_.joinable()) reader_.join();
  return exit_;
}

int Child::Wait() {
  return exit_ >= 0 ? exit_ : Reap(0);
}

int Child::Poll() {
  return exit_ >= 0 ? exit_ : Reap(WNOHANG);
}

int Child::Stop() {
  if (Poll() >= 0) return exit_;
  Signal(SIGTERM);
  const base::SystemClock clock;
  const std::int64_t until_us = clock.mono_us() + kStopMsMax * 1000;
  while (Poll() < 0 && clock.mono_us() < until_us) usleep(10'000);
  if (Poll() < 0) Signal(SIGKILL);
  return Wait();
}

int Supervise(const ChildOptions& options, std::unique_ptr<Child> child,
              const std::function<void(std::string_view)>& note) {
  const base::SystemClock clock;
  std::int64_t pause_ms = kRestartPauseMsMin;
  for (;;) {
    const std::int64_t began_us = clock.mono_us();
    if (child == nullptr) {
      Result<std::unique_ptr<Child>> started = Child::Start(options);
      if (!started.ok()) {
        note(started.error().text());
        return static_cast<int>(ExitCode::kFailure);
      }
      child = std::move(*started);
    }
    while (child->Poll() < 0) {
      const int signal = AwaitSignal(1'000);
      if (signal == 0 || signal == SIGCHLD) continue;
      child->Signal(signal);
      // The child has been told; what it says now is final.
      return child->Stop();
    }
    const int exit = child->Wait();
    if (exit != kRestartExit) return exit;
    child = nullptr;
    const bool calm = clock.mono_us() - began_us > kRestartCalmMs * 1000;
    pause_ms = calm ? kRestartPauseMsMin : std::min(pause_ms * 2, kRestartPauseMsMax);
    note("cloisond asked to be started again");
    if (Pause(pause_ms)) return static_cast<int>(ExitCode::kDone);
  }
}

}  // namespace cloison::cli
