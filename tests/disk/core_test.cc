// What a killed process leaves: no core, and in no file a value or a key. What is locked stays out
// of a core even where cores are on. Nobody of the same user reads a running server's memory.
//
// root can still read the memory of the live process: docs/threat_model.md "root on the running
// host" says so.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>

#include "base/random.h"
#include "crypto/process.h"
#include "crypto/secret.h"
#include "tests/disk/daemon.h"
#include "tests/disk/register_load.h"
#include "tests/e2e/e2e.h"
#include "vault/demo_world.h"

namespace cloison::disk {
namespace {

constexpr std::size_t kPeople = 1'000;
constexpr uid_t kNobody = 65'534;

// A sanitizer takes the signals itself, and its shadow memory makes a core of terabytes.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCoresTell = false;
#else
constexpr bool kCoresTell = true;
#endif

// Raises every limit on cores of `pid` that may be raised from outside.
void AllowCores(pid_t pid) {
  const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
  if (prlimit(pid, RLIMIT_CORE, &all, nullptr) == 0) return;
  rlimit limit{};
  ASSERT_EQ(prlimit(pid, RLIMIT_CORE, nullptr, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(prlimit(pid, RLIMIT_CORE, &limit, nullptr), 0);
}

// Runs `child` in a process of its own that may dump, in `directory`; its wait status.
template <class Run>
int InChild(const std::string& directory, Run child) {
  const pid_t pid = fork();
  if (pid == 0) {
    const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_CORE, &all) != 0 || chdir(directory.c_str()) != 0) _exit(9);
    child();
    _exit(0);
  }
  int status = -1;
  waitpid(pid, &status, 0);
  return status;
}

// A process that nothing protects leaves a core here, as a file beside it.
std::string CoreOfUnprotected(const std::string& directory) {
  const int status = InChild(directory, [] { abort(); });
  const std::vector<std::string> files = FilesBelow(directory);
  if (!WIFSIGNALED(status) || !WCOREDUMP(status) || files.size() != 1) return "";
  return files.front();
}

// RocksDB's log begins with the day it was compiled on, which may be a day of somebody's life too.
std::string WithoutBuildDay(std::string file) {
  const std::size_t line = file.find("Compile date ");
  if (line != std::string::npos) file.erase(line, file.find('\n', line) - line);
  return file;
}

class Leaves : public testing::TestWithParam<int> {};

TEST_P(Leaves, NoCoreNoValueNoKey) {
  const e2e::Folder control;
  if (!kCoresTell || CoreOfUnprotected(control.path()).empty()) {
    GTEST_SKIP() << "no process leaves a core here: kernel.core_pattern, a limit, a sanitizer";
  }
  const e2e::Folder folder;
  Daemon daemon(folder.path(), kPeople);
  ASSERT_TRUE(daemon.Start()) << e2e::ReadFile(daemon.log_path());
  RegisterLoad load(daemon, kPeople);
  load.Run();
  EXPECT_EQ(load.problems(), std::vector<std::string>());
  vault::DemoSize size;
  size.people = kPeople;
  const auto schema = vault::DemoSchema(size);
  RegisterTexts texts(*schema, kPeople);
  load.AddTo(texts, *schema);
  texts.AddText(daemon.As("adviser.ft").token());
  texts.Build();

  const std::vector<std::string> before = FilesBelow(daemon.directory());
  AllowCores(daemon.pid());
  const int status = daemon.End(GetParam());
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == GetParam());
  EXPECT_FALSE(WCOREDUMP(status)) << "a core was left";

  TextSearch keys;
  for (const std::string& path : FilesBelow(daemon.world() + "/key-objects")) {
    keys.Add(e2e::ReadFile(path));
  }
  keys.Add(e2e::ReadFile(daemon.world() + "/credentials/issuer.key"));
  keys.Build();
  ASSERT_GE(keys.size(), 4u);
  for (const std::string& path : FilesBelow(daemon.directory())) {
    const bool old = std::binary_search(before.begin(), before.end(), path);
    EXPECT_TRUE(old || path.starts_with(daemon.world() + "/data/")) << "left behind: " << path;
    const bool secret = path.find("/key-objects/") != std::string::npos ||
                        path.find("/credentials/") != std::string::npos;
    if (secret) continue;
    const std::string file = WithoutBuildDay(e2e::ReadFile(path));
    EXPECT_EQ(texts.whole().Count(AsBytes(file)), 0u) << path;
    EXPECT_EQ(keys.Count(AsBytes(file)), 0u) << path;
  }
}

INSTANTIATE_TEST_SUITE_P(Killed, Leaves, testing::Values(SIGSEGV, SIGABRT, SIGBUS),
                         [](const auto& signal) {
                           return std::string(sigabbrev_np(signal.param));
                         });

// A text's second half before its first: so it is nowhere in memory but where PutTurned put it.
std::string Turned(const std::string& text) {
  return text.substr(text.size() / 2) + text.substr(0, text.size() / 2);
}
void PutTurned(const std::string& text, std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(text[(i + text.size() / 2) % text.size()]);
  }
}

// Were dumps on (a debugger's habit, a kernel's setting), keys and values would be left out still.
TEST(Locked, IsNotInACore) {
  const e2e::Folder control;
  if (!kCoresTell || CoreOfUnprotected(control.path()).empty()) {
    GTEST_SKIP() << "no process leaves a core here: kernel.core_pattern, a limit, a sanitizer";
  }
  const e2e::Folder folder;
  base::SystemRandom random;
  const std::string key = base::ToHex(random.Draw<16>()), value = base::ToHex(random.Draw<16>());
  const std::string large = base::ToHex(random.Draw<16>()), open = base::ToHex(random.Draw<16>());
  const int status = InChild(folder.path(), [&] {
    static crypto::Secret<32> secret;
    static crypto::SecretBytes bytes(100), many(100'000);
    static std::vector<std::uint8_t> ordinary(100);
    PutTurned(key, secret.Reveal());
    PutTurned(value, bytes.Reveal());
    PutTurned(large, many.Reveal());
    PutTurned(open, ordinary);
    abort();
  });
  ASSERT_TRUE(WIFSIGNALED(status) && WCOREDUMP(status));
  const std::vector<std::string> files = FilesBelow(folder.path());
  ASSERT_EQ(files.size(), 1u);
  const std::string core = e2e::ReadFile(files.front());
  EXPECT_TRUE(e2e::Contains(core, Turned(open))) << "the core is not whole";
  EXPECT_FALSE(e2e::Contains(core, Turned(key)));
  EXPECT_FALSE(e2e::Contains(core, Turned(value)));
  EXPECT_FALSE(e2e::Contains(core, Turned(large)));
}

// ---- the same user

struct Reached {
  bool memory, traced;
};

// In a process of the same user: can it read the memory of `pid`, can it trace it?
Reached ReachFromOutside(pid_t pid) {
  const int status = InChild("/", [pid] {
    if (geteuid() == 0 && setuid(kNobody) != 0) _exit(9);
    const std::string path = "/proc/" + std::to_string(pid) + "/mem";
    const bool memory = open(path.c_str(), O_RDONLY) >= 0;
    const bool traced = ptrace(PTRACE_ATTACH, pid, nullptr, nullptr) == 0;
    _exit((memory ? 1 : 0) | (traced ? 2 : 0));
  });
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 9;
  EXPECT_LE(code, 3);
  return {(code & 1) != 0, (code & 2) != 0};
}

// A process of that user, protected as cloisond is or not at all, for as long as this lives.
class Sleeper {
 public:
  explicit Sleeper(bool hardened) {
    int ends[2];
    CLOISON_CHECK(pipe(ends) == 0);
    pid_ = fork();
    if (pid_ == 0) {
      if (geteuid() == 0 && setuid(kNobody) != 0) _exit(9);
      prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // as after exec
      prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
      if (hardened && !crypto::HardenProcess().ok()) _exit(9);
      (void)!write(ends[1], "x", 1);
      while (true) pause();
    }
    char ready = 0;
    CLOISON_CHECK(read(ends[0], &ready, 1) == 1);
    close(ends[0]);
    close(ends[1]);
  }
  ~Sleeper() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

TEST(Memory, IsOutOfReachForTheSameUser) {
  const Sleeper open(false), hardened(true);
  const Reached control = ReachFromOutside(open.pid());
  if (!control.memory && !control.traced) GTEST_SKIP() << "nobody traces anything here";
  const Reached reached = ReachFromOutside(hardened.pid());
  EXPECT_FALSE(reached.memory);
  EXPECT_FALSE(reached.traced);
}

}  // namespace
}  // namespace cloison::disk
