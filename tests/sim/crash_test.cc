// Crashes: the power goes between any two changes of the disk, or the process is killed; then the
// register is opened again and audited against what its clients know.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>

#include "base/testing/manual_clock.h"
#include "store/rocks/rocks_store.h"
#include "store/testing/power_cut.h"
#include "store/testing/temp_directory.h"
#include "tests/sim/crash_audit.h"
#include "tests/sim/crash_load.h"
#include "tests/sim/seeds.h"

namespace cloison::sim {
namespace {

constexpr std::size_t kClients = 8;

// The long run, of every seed.
bool AllSeeds() {
  return IsLong() && std::getenv("CLOISON_SEED") == nullptr;
}
constexpr int kCutsPerWorld = 5;

std::size_t RekeysIn(const Facts& facts) {
  return static_cast<std::size_t>(std::ranges::count_if(
      facts.lines(), [](const std::string& line) { return line.starts_with("rekey! "); }));
}

struct Stores {
  std::unique_ptr<store::Store> main, keys;

  Status Open(const std::string& root, bool sync, std::shared_ptr<rocksdb::FileSystem> disk) {
    store::RocksOptions options;
    options.sync = sync;
    options.file_system = std::move(disk);
    options.write_buffer_bytes = 1u << 20;  // files are flushed and merged even in a short life
    options.path = root + "/main";
    options.families = store::kMainFamilies;
    CLOISON_TRY_ASSIGN(main, store::RocksStore::Open(options));
    options.path = root + "/keys";
    options.families = store::kKeyFamilies;
    CLOISON_TRY_ASSIGN(keys, store::RocksStore::Open(options));
    return Ok();
  }
  void Close() {
    main.reset();
    keys.reset();
  }
};

// One register that loses its power again and again.
class PowerWorld {
 public:
  PowerWorld(std::uint64_t seed, bool sync)
      : random_(seed),
        keys_random_(seed + 1'000'000),
        sync_(sync),
        cut_(directory_.path(), random_),
        seeded_(seed),
        vault_({cut_.files(), keys_random_, clock_, directory_.path() + "/vault", &seeded_},
               WideCaps()) {}
  ~PowerWorld() { PowerOff(); }

  Status Start() {
    CLOISON_TRY(stores_.Open(cut_.root(), true, cut_.rocks_files()));
    CLOISON_TRY(vault_.Create(*stores_.main, *stores_.keys));
    CLOISON_TRY(vault_.Open(*stores_.main, *stores_.keys));
    CLOISON_TRY(vault_.Enrol());
    if (sync_) return Ok();
    CLOISON_TRY(vault_.Stop());
    PowerOff();
    return PowerOn();
  }

  // Some time of work, a cut, the way back, the audit.
  std::vector<std::string> Round() {
    cut_.CutAfter(random_.Below(500));
    std::vector<std::string> problems = Work();
    cut_.Cut();
    while (true) {
      PowerOff();
      if (!cut_.Restore().ok()) problems.push_back("the directory was not restored");
      clock_.Reboot(static_cast<std::int64_t>(random_.Below(10 * base::kMinuteMs)));
      // Sometimes it goes again while the register comes back.
      if (random_.Below(3) == 0) cut_.CutAfter(random_.Below(80));
      const Status opened = PowerOn();
      if (cut_.is_cut()) continue;
      if (opened.ok()) break;
      if (refused_) return problems;
      problems.push_back("the register does not open: " + std::string(opened.error().text()));
      return problems;
    }
    cut_.CutAfter(UINT64_MAX);
    for (std::string& problem : Audit(vault_, *stores_.main, *stores_.keys, facts_)) {
      problems.push_back(std::move(problem));
    }
    return problems;
  }

  const Facts& facts() const { return facts_; }
  // RocksDB 7.8 refuses a directory whose MANIFEST has a torn end (docs/format/store.md "Power
  // cuts"). It says so, and guesses nothing; this world can't be audited any further.
  bool refused() const { return refused_; }
  bool opened() const { return vault_.open(); }

 private:
  std::vector<std::string> Work() {
    Load load(vault_, facts_, random_);
    load.Start(kClients, 40);
    while (seeded_.Step()) {
      if (random_.Below(16) == 0) clock_.Advance(static_cast<std::int64_t>(random_.Below(5'000)));
      if (random_.Below(64) == 0) base::Detach(Publish());
    }
    CLOISON_CHECK(load.ended());
    return load.problems();
  }

  Task<void> Publish() { (void)co_await vault_.vault().publisher().Publish(); }

  Status PowerOn() {
    const Status opened = stores_.Open(cut_.root(), sync_, cut_.rocks_files());
    refused_ = !opened.ok() && opened.error().code() == Code::kCorrupt;
    CLOISON_TRY(opened);
    return vault_.Open(*stores_.main, *stores_.keys);
  }
  void PowerOff() {
    vault_.Drop();
    stores_.Close();
  }

  store::testing::TempDirectory directory_;
  base::testing::SeededRandom random_;
  base::testing::SeededRandom keys_random_;
  const bool sync_;
  store::testing::PowerCut cut_;
  base::testing::ManualClock clock_;
  base::testing::SeededExecutor seeded_;
  SimVault vault_;
  Stores stores_;
  Facts facts_;
  bool refused_ = false;
};

TEST(Crash, NothingPromisedIsLostWithThePower) {
  std::size_t reads = 0, people = 0, rekeys = 0, cuts = 0, refusals = 0;
  for (const std::uint64_t seed : Seeds(6, 220)) {
    SCOPED_TRACE(Replay(seed));
    PowerWorld world(seed, true);
    ASSERT_TRUE(world.Start().ok());
    for (int cut = 0; cut < kCutsPerWorld && !world.refused(); ++cut, ++cuts) {
      ASSERT_EQ(world.Round(), std::vector<std::string>()) << "cut " << cut;
    }
    if (world.refused()) ++refusals;
    reads += world.facts().reads().size();
    people += world.facts().people().size();
    rekeys += RekeysIn(world.facts());
  }
  RecordProperty("cuts", static_cast<int>(cuts));
  EXPECT_GE(cuts, AllSeeds() ? 1'000u : 1u);
  RecordProperty("refusals", static_cast<int>(refusals));
  EXPECT_LE(refusals * 4, cuts);
  EXPECT_GT(reads, 20u);
  EXPECT_GT(people, 10u);
  RecordProperty("rekeys", static_cast<int>(rekeys));
  EXPECT_GT(rekeys, AllSeeds() ? 100u : 0u);
}

// The audit can fail: a store that answers before it has synced is found out. Where its signed size
// was published in between, the ledger itself refuses to open; elsewhere it is the audit that finds
// what is lost.
TEST(Crash, AStoreWithoutSyncsIsFoundOut) {
  constexpr std::uint64_t kWorlds = 20;
  std::size_t by_audit = 0;
  for (std::uint64_t seed = 1; seed <= kWorlds && by_audit == 0; ++seed) {
    PowerWorld world(seed, false);
    ASSERT_TRUE(world.Start().ok());
    std::vector<std::string> problems;
    for (int cut = 0; cut < kCutsPerWorld && problems.empty() && !world.refused(); ++cut) {
      problems = world.Round();
    }
    if (!problems.empty() && world.opened()) ++by_audit;
  }
  EXPECT_GT(by_audit, 0u) << "no violation in " << kWorlds << " worlds";
}

// ---- kill -9

constexpr int kFactsFd = 3;
constexpr char kChildFlag[] = "--child";

struct KilledWorld {
  base::SystemFiles files;
  base::SystemRandom random;
  base::SystemClock clock;
  Stores stores;

  SimVault::Ground GroundAt(const std::string& root) {
    return {files, random, clock, root + "/vault", nullptr};
  }
};

std::string FactsFile(const std::string& root) {
  return root + "/facts";
}

// In a process of its own: opens the register, works until it is killed. Tells the facts that it
// learns on kFactsFd; those of earlier lives are in a file.
int RunChild(const std::string& root, std::uint64_t seed) {
  KilledWorld world;
  if (!world.stores.Open(root, true, nullptr).ok()) return 10;
  SimVault vault(world.GroundAt(root), WideCaps());
  if (!vault.Open(*world.stores.main, *world.stores.keys).ok()) return 11;
  Facts facts(kFactsFd);
  std::ifstream known(FactsFile(root));
  for (std::string line; std::getline(known, line);) facts.Recall(line);
  base::testing::SeededRandom random(seed);
  Load load(vault, facts, random);
  load.Start(kClients, 100'000);
  while (!load.ended()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return load.problems().empty() ? 0 : 12;
}

class Child {
 public:
  Child(const std::string& root, std::uint64_t seed) {
    int ends[2];
    CLOISON_CHECK(pipe(ends) == 0);
    const std::string number = std::to_string(seed);
    pid_ = fork();
    CLOISON_CHECK(pid_ >= 0);
    if (pid_ == 0) {
      dup2(ends[1], kFactsFd);
      if (ends[0] != kFactsFd) close(ends[0]);
      if (ends[1] != kFactsFd) close(ends[1]);
      execl("/proc/self/exe", "crash_test", kChildFlag, root.c_str(), number.c_str(), nullptr);
      _exit(13);
    }
    close(ends[1]);
    pipe_ = ends[0];
  }
  ~Child() { close(pipe_); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Takes what the child tells, until it has told for `ms`; then kills it, and takes the rest.
  void ListenThenKill(int ms) {
    bool first = true;
    auto begin = std::chrono::steady_clock::now();  // of its telling: a slow start is not counted
    const auto gone_ms = [&begin] {
      return std::chrono::duration_cast<std::chrono::milliseconds>(
                 std::chrono::steady_clock::now() - begin)
          .count();
    };
    while (first || gone_ms() < ms) {
      pollfd wait{pipe_, POLLIN, 0};
      if (poll(&wait, 1, first ? 30'000 : 5) == 0 && first) break;
      if ((wait.revents & (POLLIN | POLLHUP)) != 0 && !Take()) break;
      if (std::exchange(first, false)) begin = std::chrono::steady_clock::now();
    }
    kill(pid_, SIGKILL);
    while (Take()) {
    }
    int status = 0;
    CLOISON_CHECK(waitpid(pid_, &status, 0) == pid_);
    killed_ = WIFSIGNALED(status);
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  }

  bool killed() const { return killed_; }  // else it ended by itself, with status()
  int status() const { return status_; }
  // Whole lines; a torn one was never told.
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    std::size_t from = 0;
    for (std::size_t to; (to = told_.find('\n', from)) != std::string::npos; from = to + 1) {
      lines.push_back(told_.substr(from, to - from));
    }
    return lines;
  }

 private:
  bool Take() {
    char buffer[65'536];
    const ssize_t size = read(pipe_, buffer, sizeof buffer);
    if (size <= 0) return false;
    told_.append(buffer, static_cast<std::size_t>(size));
    return true;
  }

  pid_t pid_;
  int pipe_;
  std::string told_;
  bool killed_ = false;
  int status_ = 0;
};

void SaveFacts(const std::string& root, const Facts& facts) {
  std::ofstream file(FactsFile(root), std::ios::trunc);
  for (const std::string& line : facts.lines()) file << line << "\n";
  ASSERT_TRUE(file.flush().good());
}

// A register whose process is killed again and again. A new one after kKillsPerWorld: an audit
// reads all that was ever told.
class KilledRegister {
 public:
  void Create() {
    SimVault vault(world_.GroundAt(root()), WideCaps());
    ASSERT_TRUE(world_.stores.Open(root(), true, nullptr).ok());
    ASSERT_TRUE(vault.Create(*world_.stores.main, *world_.stores.keys).ok());
    ASSERT_TRUE(vault.Open(*world_.stores.main, *world_.stores.keys).ok());
    ASSERT_TRUE(vault.Enrol().ok());
    ASSERT_TRUE(vault.Stop().ok());
    world_.stores.Close();
  }

  void Kill(std::uint64_t seed) {
    SaveFacts(root(), facts_);
    base::testing::SeededRandom random(seed);
    Child child(root(), seed);
    child.ListenThenKill(static_cast<int>(random.Below(150)));
    ASSERT_TRUE(child.killed()) << "it ended by itself: " << child.status();
    for (const std::string& line : child.Lines()) facts_.Note(line);
    ASSERT_TRUE(world_.stores.Open(root(), true, nullptr).ok());
    {
      SimVault vault(world_.GroundAt(root()), WideCaps());
      const Status opened = vault.Open(*world_.stores.main, *world_.stores.keys);
      ASSERT_TRUE(opened.ok()) << opened.error().text();
      EXPECT_EQ(Audit(vault, *world_.stores.main, *world_.stores.keys, facts_),
                std::vector<std::string>());
    }
    world_.stores.Close();
  }

  const Facts& facts() const { return facts_; }

 private:
  const std::string& root() const { return directory_.path(); }

  store::testing::TempDirectory directory_;
  KilledWorld world_;
  Facts facts_;
};

TEST(Crash, NothingPromisedIsLostWhenTheProcessIsKilled) {
  constexpr std::size_t kKillsPerWorld = 20;
  std::unique_ptr<KilledRegister> killed;
  std::size_t kills = 0, told = 0;
  for (const std::uint64_t seed : Seeds(6, 1'000)) {
    SCOPED_TRACE(Replay(seed));
    if (kills % kKillsPerWorld == 0) {
      if (killed != nullptr) told += killed->facts().reads().size();
      killed.reset();
      killed = std::make_unique<KilledRegister>();
      killed->Create();
    }
    killed->Kill(seed);
    ASSERT_FALSE(testing::Test::HasFailure());
    ++kills;
  }
  told += killed->facts().reads().size() + killed->facts().people().size();
  RecordProperty("kills", static_cast<int>(kills));
  EXPECT_GE(kills, AllSeeds() ? 1'000u : 1u);
  EXPECT_GT(told, 5u);
}

}  // namespace
}  // namespace cloison::sim

int main(int argc, char** argv) {
  if (argc == 4 && std::string(argv[1]) == cloison::sim::kChildFlag) {
    return cloison::sim::RunChild(argv[2], std::stoull(argv[3]));
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
