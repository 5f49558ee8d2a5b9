// A running server takes its backups by itself.
#include <filesystem>
#include <set>

#include "backup/take.h"
#include "base/task.h"
#include "server/backups.h"
#include "server/testing/node_world.h"

namespace cloison::server {
namespace {

using testing::NodeTest;

TEST_F(NodeTest, TakesABackupWhenTheNewestIsOld) {
  config_.backup_directory = directory_.path() + "/backups";
  config_.backup_every_hours = 24;
  Create();
  const auto sizes = [this] {
    std::multiset<std::uintmax_t> found;
    const auto names = backup::List(files_, config_.backup_directory);
    for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
      found.insert(std::filesystem::file_size(
          backup::PathOf(config_.backup_directory, name, backup::Database::kMain)));
    }
    return found;
  };
  // All but the newest tick of a minute pass without one.
  const auto age = [this](std::chrono::hours by) {
    for (const auto& file : std::filesystem::directory_iterator(config_.backup_directory)) {
      std::filesystem::last_write_time(file.path(), file.last_write_time() - by);
    }
  };
  {
    const auto node = Start();
    ASSERT_TRUE(node.ok());
    EXPECT_TRUE(Comes(**node, [&] { return sizes().size() == 1; })) << "there was none";
    for (int tick = 0; tick < 200; ++tick) (*node)->Tick();
    EXPECT_EQ(sizes().size(), 1u) << "it is new";
    age(std::chrono::hours(23));
    for (int tick = 0; tick < 200; ++tick) (*node)->Tick();
    EXPECT_EQ(sizes().size(), 1u) << "not a day old";
    age(std::chrono::hours(1));
    Miss(**node);
    EXPECT_TRUE(Comes(**node, [&] { return sizes().size() == 2; })) << "a day has passed";
    ASSERT_TRUE((*node)->Stop().ok());
  }
  EXPECT_LT(*sizes().begin(), *sizes().rbegin()) << "the second has what changed alone";
  age(std::chrono::hours(25));
  const auto node = Start();
  ASSERT_TRUE(node.ok());
  EXPECT_TRUE(Comes(**node, [&] { return sizes().size() == 3; })) << "soon after a start";
  ASSERT_TRUE((*node)->Stop().ok());
}

// While a backup is being taken no superseded key goes: it has the main database as it was, and
// copies the keys that those rows are under.
TEST_F(NodeTest, NoKeyGoesWhileABackupIsTaken) {
  config_.backup_directory = directory_.path() + "/backups";
  config_.backup_every_hours = 24;
  Create();
  const std::unique_ptr<Ground> ground = MakeGround();
  ASSERT_TRUE(ground->OpenStores().ok());
  ASSERT_TRUE(ground->OpenKeyObjects(false).ok());
  base::Executor& home = ground->environment().home;
  ASSERT_TRUE(backup::EnsureIncarnation(ground->environment().main_store, ground->random()).ok());
  auto vault = base::SyncWait(vault::Vault::Open(ground->environment(), ground->settings([] {})));
  ASSERT_TRUE(vault.ok());
  keys::PersonKeys& keys = (*vault)->person_keys();
  const auto made = base::SyncWait(keys.Create(home));
  ASSERT_TRUE(made.ok());
  const PersonId person = made->person();
  int kept = 0;
  {
    Backups backups(*ground, keys);
    const auto taken = [&] { return backup::List(files_, config_.backup_directory); };
    backups.Look();
    for (int i = 0; i < 100'000 && !(taken().ok() && !taken()->empty()); ++i) {
      const ::cloison::Status gone = base::SyncWait(keys.DestroySuperseded(person, 1, home));
      kept += !gone.ok() && gone.error().code() == Code::kConflict ? 1 : 0;
    }
    EXPECT_EQ(taken()->size(), 1u);
  }
  EXPECT_GT(kept, 0);
  EXPECT_TRUE(base::SyncWait(keys.DestroySuperseded(person, 1, home)).ok()) << "and after it";
  ASSERT_TRUE(base::SyncWait((*vault)->Stop()).ok());
}

}  // namespace
}  // namespace cloison::server
