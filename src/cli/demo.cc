// cloison demo: the demo world on this machine. Starts cloisond, walks the tour, stays up.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/process.h"
#include "cli/tour.h"

namespace cloison::cli {

namespace {

constexpr std::int64_t kReadyMsMax = 600'000;

// A port of the loopback that nobody listens on: `wanted`, or any; 0 when there is none.
int FreePort(int wanted) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(wanted));
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = bind(fd, generic, size) == 0 && getsockname(fd, generic, &size) == 0;
  close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

// Lines of the daemon until the one that says it is ready.
class Readiness {
 public:
  explicit Readiness(const Terminal& terminal) : terminal_(terminal) {}

  void Line(const std::string& line) {
    constexpr std::string_view kReady = "ready port=";
    if (!line.starts_with(kReady)) {
      terminal_.Progress(line);
      return;
    }
    int port = 0;
    std::from_chars(line.data() + kReady.size(), line.data() + line.size(), port);
    const std::lock_guard lock(mutex_);
    ready_ = true;
    port_ = port;
    changed_.notify_all();
  }
  int port() const { return port_; }  // once Await gave true
  // False when the child ended first, somebody asked us to end, or nothing came in time.
  bool Await(Child& child) {
    std::unique_lock lock(mutex_);
    for (std::int64_t waited = 0; !ready_ && waited < kReadyMsMax; waited += 100) {
      if (EndIsAsked()) return false;
      changed_.wait_for(lock, std::chrono::milliseconds(100));
      if (ready_) break;
      // The reader may be about to call Line, which wants the lock.
      lock.unlock();
      const bool ended = child.Poll() >= 0;
      lock.lock();
      if (ended && !ready_) return false;
    }
    return ready_;
  }

 private:
  const Terminal& terminal_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;
  int port_ = 0;
};

int ChoosePort(const DemoOptions& options, const Terminal& terminal) {
  int port = FreePort(options.port);
  if (port != 0) return port;
  port = FreePort(0);
  if (port != 0) {
    terminal.Line("Port " + std::to_string(options.port) + " is taken; using " +
                  std::to_string(port) + ".");
  }
  return port;
}

// The people of the world in `data`, as cloisond noted them; 0: there is none.
std::uint64_t PeopleThere(const std::string& data) {
  base::SystemFiles files;
  const Result<Bytes> text = files.Read(data + "/world");
  std::uint64_t people = 0;
  if (!text.ok()) return people;
  const std::string_view digits = AsText(*text);
  std::from_chars(digits.data(), digits.data() + digits.size(), people);
  return people;
}

// The log of the daemon, for whoever wonders.
std::string LogOf(const DemoOptions& options) {
  return options.data + "/cloisond.log";
}

ChildOptions DaemonOf(const DemoOptions& options, const std::string& daemon, int port) {
  ChildOptions child;
  child.arguments = {daemon,     "demo",
                     "--data",   options.data,
                     "--people", std::to_string(options.people),
                     "--port",   std::to_string(port)};
  child.log_path = LogOf(options);
  return child;
}

bool MakeDirectory(const std::string& path, const Terminal& terminal) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) {
    terminal.Complain("cannot make " + path);
    return false;
  }
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, failed);
  return true;
}

// Starts the daemon, walks the tour, and, unless it is to be once, stays.
ExitCode RunWorld(const DemoOptions& options, const std::string& daemon, int wanted_port,
                  const Terminal& terminal) {
  base::SystemClock clock;
  const std::int64_t began_us = clock.mono_us();
  Readiness readiness(terminal);
  ChildOptions wanted = DaemonOf(options, daemon, wanted_port);
  wanted.on_line = [&readiness](const std::string& line) { readiness.Line(line); };
  terminal.Line("The demo world: " + Grouped(options.people) +
                " invented people, two organisations, in " + options.data + ".");
  Result<std::unique_ptr<Child>> child = Child::Start(wanted);
  if (!child.ok()) {
    terminal.Complain(child.error().text());
    return ExitCode::kFailure;
  }
  const bool ready = readiness.Await(**child);
  terminal.EndProgress();
  if (!ready) {
    const int exit = (*child)->Stop();
    terminal.Complain("cloisond did not come up (exit code " + std::to_string(exit) + "); see " +
                      LogOf(options));
    return ExitCode::kFailure;
  }
  const std::string server = "https://127.0.0.1:" + std::to_string(readiness.port());
  terminal.Line("Ready after " + Grouped((clock.mono_us() - began_us) / 1'000'000) + " s on " +
                server + ".");

  TourOptions tour_options;
  tour_options.server = server;
  tour_options.credentials = options.data + "/credentials";
  tour_options.daemon = daemon;
  tour_options.size.people = options.people;
  tour_options.drill_people = options.drill_people;
  if (!WriteCurlFiles(tour_options.credentials).ok()) {
    terminal.Complain("cannot write beside the credentials in " + tour_options.credentials);
    return ExitCode::kFailure;
  }
  Tour tour(tour_options, terminal, clock);
  if (!tour.Run()) return ExitCode::kFailure;
  if (options.once) {
    terminal.Line("");
    terminal.Line("Every step gave what it should.");
    return (*child)->Stop() == 0 ? ExitCode::kDone : ExitCode::kFailure;
  }
  tour.PrintInvitation();
  const auto note = [&terminal](std::string_view text) { terminal.Note(text); };
  const int exit = Supervise(wanted, std::move(*child), note);
  return exit == 0 ? ExitCode::kDone : ExitCode::kFailure;
}

}  // namespace

ExitCode Demo(const DemoOptions& asked, const Terminal& terminal) {
  HoldSignals();
  DemoOptions options = asked;
  if (options.people == 0) options.people = PeopleThere(options.data);
  if (options.people == 0) options.people = kDemoPeopleDefault;
  const Result<std::string> daemon = DaemonPath();
  if (!daemon.ok()) {
    terminal.Complain(daemon.error().text());
    return ExitCode::kFailure;
  }
  if (!MakeDirectory(options.data, terminal)) return ExitCode::kFailure;
  const int port = ChoosePort(options, terminal);
  if (port == 0) {
    terminal.Complain("no port of the loopback is free");
    return ExitCode::kUnavailable;
  }
  return RunWorld(options, *daemon, port, terminal);
}

}  // namespace cloison::cli
