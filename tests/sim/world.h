// One world: one seed, one thread. A register, its clients and everything that may befall them,
// step by step; after each step all promises are checked.
//
// What a world is made of: docs/design/0010-seeded-worlds.md.
#ifndef CLOISON_TESTS_SIM_WORLD_H_
#define CLOISON_TESTS_SIM_WORLD_H_

#include <deque>

#include "store/testing/power_cut.h"
#include "store/testing/temp_directory.h"
#include "tests/sim/world_audit.h"
#include "tests/sim/world_clients.h"
#include "tests/sim/world_draw.h"

namespace cloison::sim {

// What happened in a world: that it does happen is a test of its own.
struct WorldCounts {
  std::uint64_t requests = 0, shown = 0, spent = 0, entries = 0, people = 0, erased = 0;
  std::uint64_t failed = 0, unheard = 0;                  // requests
  std::uint64_t kills = 0, power_cuts = 0, restarts = 0;  // ends of a process
  std::uint64_t faults = 0, refused_openings = 0, tampered = 0;
  void Add(const WorldCounts& other);
};

class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();

  // The whole life of the world; ends at the first broken promise.
  void Run();
  const std::vector<std::string>& problems() const { return model_.problems(); }
  const WorldCounts& counts() const { return counts_; }
  // Of all that happened, in order.
  const crypto::Digest& digest() const { return digest_; }
  // The last things that happened, in numbers and kinds.
  const std::deque<std::string>& last() const { return last_; }

 private:
  enum class End : std::uint8_t { kClean, kKill, kPowerCut };

  bool broken() const { return !model_.problems().empty(); }
  std::uint64_t Draw(std::uint64_t bound) { return random_.Below(bound); }
  bool Chance(std::uint64_t of) { return Draw(of) == 0; }
  void Note(const std::string& what);

  void Begin();
  bool CreateOnce();
  bool EnrolAll();
  Status EnrolOne(std::size_t actor);
  void FirstPeople();
  void Step();
  void PassTime();
  void DrawWeather();
  void ArmFault(bool files_only);
  void Disarm();
  bool Fired() const;
  void SendOne();
  void Pump();
  void Settle();
  void NoteAnswers();
  void EndProcess(End how);
  void Reopen();
  bool OpenOnce(int attempt);
  void MaybeConfirm();
  void KeepCopy();
  void LastActs();
  void MustRefuse(const std::string& what);
  void PutOldCopyBack();
  void TakeSignedSizeAway();
  void Check();

  base::testing::SeededRandom random_;        // what happens
  base::testing::SeededRandom vault_random_;  // the register's own
  store::testing::TempDirectory directory_, copies_;
  store::testing::PowerCut disk_;
  Power power_;
  WorldFiles files_;
  WorldTime time_;
  base::testing::SeededExecutor executor_;
  WorldStore main_, keys_;
  Rules rules_;
  Model model_;
  SimVault vault_;
  WorldAudit audit_;
  Clients clients_;
  WorldDraw draw_;

  // The temper of this world.
  const bool stormy_, restless_;
  const std::size_t steps_;

  bool reopened_ = true, power_goes_ = false;
  std::int64_t lost_ms_ = 0;      // how long the last reboot took
  std::uint64_t kill_after_ = 0;  // jobs; 0: not
  std::size_t full_for_ = 0;      // steps that a disk stays full
  std::size_t step_ = 0, noted_ops_ = 0, noted_leaves_ = 0;
  std::optional<std::uint64_t> copy_size_;
  WorldCounts counts_;
  crypto::Digest digest_{};
  std::deque<std::string> last_;
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_WORLD_H_
