#include "bench/child.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

extern char** environ;

namespace cloison::bench {

namespace {

// Those that run. A bench that gives up does so by std::exit, which destroys no local object.
std::set<pid_t>& Running() {
  static std::set<pid_t>& running = *new std::set<pid_t>;
  return running;
}

void EndRunning() {
  for (const pid_t pid : Running()) kill(pid, SIGTERM);
  for (const pid_t pid : Running()) waitpid(pid, nullptr, 0);
}

struct Times {
  pid_t parent = 0;
  double user = 0, system = 0, ended_user = 0, ended_system = 0;  // ticks
};

Times TimesOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::ostringstream whole;
  whole << file.rdbuf();
  const std::string text = whole.str();
  // The name, in brackets, may hold spaces; the parent is the 2nd after it, utime and stime the
  // 12th and 13th, then those of ended children.
  std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 2)));
  Times times;
  std::string skipped;
  fields >> skipped >> times.parent;
  for (int i = 0; i < 9; ++i) fields >> skipped;
  fields >> times.user >> times.system >> times.ended_user >> times.ended_system;
  return times;
}

[[noreturn]] void Give(const std::string& program, const char* why) {
  std::fprintf(stderr, "bench: %s %s\n", program.c_str(), why);
  std::exit(1);
}

}  // namespace

Child::Child(const std::vector<std::string>& words, const std::string& log) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) Give(words[0], "has no pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int failed = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed != 0) Give(words[0], "cannot be started: is it built?");
  static const int registered = std::atexit(EndRunning);
  if (registered != 0) Give(words[0], "could not be ended at exit");
  Running().insert(pid_);
  out_ = fdopen(ends[0], "r");
}

Child::~Child() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    Wait();
  }
  std::fclose(out_);
}

bool Child::ReadLine(std::string& line) {
  line.clear();
  for (int c = std::fgetc(out_); c != EOF; c = std::fgetc(out_)) {
    if (c == '\n') return true;
    line += static_cast<char>(c);
  }
  return !line.empty();
}

int Child::WaitUntilReady() {
  constexpr std::string_view kPort = " port=";
  std::string line;
  while (ReadLine(line)) {
    const std::size_t at = line.find(kPort);
    if (line.starts_with("ready") && at != std::string::npos) {
      return std::atoi(line.c_str() + at + kPort.size());
    }
  }
  return 0;
}

double Child::CpuSeconds() const {
  const Times times = TimesOf(pid_);
  return (times.user + times.system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double Child::CpuSecondsOfAll() const {
  const Times own = TimesOf(pid_);
  double ticks = own.user + own.system + own.ended_user + own.ended_system;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    const Times times = pid > 0 ? TimesOf(pid) : Times{};
    if (pid > 0 && times.parent == pid_) ticks += times.user + times.system;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

int Child::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  Running().erase(pid_);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string LastLineOf(const std::vector<std::string>& words, const std::string& log) {
  Child child(words, log);
  std::string line, last;
  while (child.ReadLine(line)) last = line;
  if (child.Wait() != 0) Give(words[0], "failed: see its log");
  return last;
}

double PeakMbOfChildren() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1'024;
}

double CpuSecondsOfChildren() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace cloison::bench
