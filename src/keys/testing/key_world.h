// A key database with its committer, key objects, ring and person keys, on a seeded executor: what
// tests of this module and of those above it start from.
//
//   KeyWorld world;   ASSERT_TRUE(world.Start().ok());
//   Result<PersonKey> key = world.Wait(world.persons().Create(world.executor));
#ifndef CLOISON_KEYS_TESTING_KEY_WORLD_H_
#define CLOISON_KEYS_TESTING_KEY_WORLD_H_

#include <limits>

#include "base/testing/manual_clock.h"
#include "base/testing/seeded_executor.h"
#include "base/testing/seeded_random.h"
#include "keys/person_keys.h"
#include "keys/testing/memory_key_objects.h"
#include "store/memory/memory_store.h"
#include "store/testing/fault_store.h"

namespace cloison::keys::testing {

class KeyWorld {
 public:
  explicit KeyWorld(std::uint64_t seed = 1) : executor(seed), random(seed) {}
  ~KeyWorld() { Stop(); }

  // What a process does at its start: committer, ring (made when there is none), person keys.
  Status Start() {
    CLOISON_TRY(StartCommitter());
    const Status made = Wait(KeyRing::Create(objects, committer(), register_id, random, executor));
    if (!made.ok() && made.error().code() != Code::kConflict) return made;
    return OpenRing();
  }
  Status StartCommitter() {
    CLOISON_TRY_ASSIGN(committer_, Wait(commit::Committer::Open(store, executor, clock, {})));
    return Ok();
  }
  Status OpenRing() {
    CLOISON_TRY_ASSIGN(
        ring_, Wait(KeyRing::Open(objects, store, committer(), register_id, random, executor)));
    state_ = std::make_unique<commit::SealedState>(register_id, ring_->state_generation(),
                                                   ring_->state().Duplicate(), random);
    persons_ = std::make_unique<PersonKeys>(*ring_, store, committer(), *state_, log_id, random);
    return Ok();
  }
  // The end of the process, clean or not. What was written stays in `disk`.
  void Stop() {
    executor.RunAll();
    persons_.reset();
    state_.reset();
    ring_.reset();
    committer_.reset();
  }
  Status Restart() {
    Stop();
    return Start();
  }

  template <class T>
  T Wait(Task<T> task) {
    std::optional<T> out = executor.Wait(std::move(task));
    CLOISON_CHECK(out.has_value());
    return std::move(*out);
  }

  PersonKey Create() {
    Result<PersonKey> made = Wait(persons().Create(executor));
    CLOISON_CHECK(made.ok());
    return std::move(*made);
  }
  commit::Committer& committer() { return *committer_; }
  KeyRing& ring() { return *ring_; }
  const commit::SealedState& state() { return *state_; }
  PersonKeys& persons() { return *persons_; }

  // A fault that has not fired yet never will.
  void Disarm() {
    store.Arm(store::testing::Call::kRead, std::numeric_limits<int>::max(),
              store::testing::Fault::kNotApplied);
  }

  // Behind everybody's back: the committer, whose count of commits is then wrong, must be started
  // again (Restart) before it writes.
  std::vector<store::KeyedRow> Rows(store::Family family) {
    auto page = Wait(disk.Scan(store::Range{family, "", ""}, store::kScanRowsMax));
    CLOISON_CHECK(page.ok());
    return std::move(page->rows);
  }
  void Overwrite(store::Key key, Bytes value) {
    store::WriteSet writes;
    writes.puts.push_back(store::Put{std::move(key), std::move(value)});
    CLOISON_CHECK(Wait(disk.Commit(std::move(writes))).ok());
  }
  void Erase(store::Key key) {
    store::WriteSet writes;
    writes.deletes.push_back(std::move(key));
    CLOISON_CHECK(Wait(disk.Commit(std::move(writes))).ok());
  }

  const RegisterId register_id{7};
  const LogId log_id{ByteArray<8>{0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18}};
  base::testing::SeededExecutor executor;
  base::testing::SeededRandom random;
  base::testing::ManualClock clock;
  MemoryKeyObjects objects{random};
  store::MemoryStore disk{&executor};
  store::testing::FaultStore store{disk};

 private:
  std::unique_ptr<commit::Committer> committer_;
  std::unique_ptr<KeyRing> ring_;
  std::unique_ptr<commit::SealedState> state_;
  std::unique_ptr<PersonKeys> persons_;
};

}  // namespace cloison::keys::testing

#endif  // CLOISON_KEYS_TESTING_KEY_WORLD_H_
