// The protocol between the two databases: what a start after a crash finds, and makes good.
#include <gtest/gtest.h>

#include <set>

#include "keys/internal/person_rows.h"
#include "keys/testing/key_world.h"

namespace cloison::keys {
namespace {

using store::testing::Call;
using store::testing::Fault;
using testing::KeyWorld;

// The register's side: its people, and who is being erased (what the journal and the ledger keep).
struct Main {
  struct Erased {
    PersonId person;
    Aud aud;
  };
  std::set<PersonId> people;
  std::vector<Erased> journal;
};

class Vault {
 public:
  explicit Vault(std::uint64_t seed) : world(seed) { CLOISON_CHECK(world.Start().ok()); }

  std::optional<PersonKey> Create() {
    auto made = world.Wait(world.persons().Create(world.executor));
    if (!made.ok()) return std::nullopt;
    return std::move(*made);
  }
  bool Register(std::vector<PersonKey>& out) {
    std::optional<PersonKey> key = Create();
    if (!key.has_value()) return false;
    main.people.insert(key->person());
    world.persons().Adopted(key->person());
    out.push_back(std::move(*key));
    return true;
  }
  bool Erase(const PersonKey& key) {
    main.journal.push_back(Main::Erased{key.person(), key.aud()});
    main.people.erase(key.person());
    return Destroy(main.journal.back());
  }
  bool Destroy(const Main::Erased& who) {
    return world.Wait(world.persons().Destroy(who.person, who.aud, world.executor)).ok();
  }
  // A new process on what the disk holds.
  void Recover() {
    ASSERT_TRUE(world.Restart().ok());
    for (const Main::Erased& who : main.journal) ASSERT_TRUE(Destroy(who));
    const auto intents = world.Wait(world.persons().Intents());
    ASSERT_TRUE(intents.ok());
    for (const PersonId& person : *intents) {
      if (main.people.contains(person)) {
        world.persons().Adopted(person);
      } else {
        ASSERT_TRUE(world.Wait(world.persons().Abandon(person, world.executor)).ok());
      }
    }
    ASSERT_TRUE(world.Wait(world.persons().Flush(world.executor)).ok());
  }
  // The people of the two databases are the same, and nothing else is left.
  void Audit() {
    EXPECT_EQ(world.Rows(store::Family::kPersonKeys).size(), main.people.size());
    EXPECT_EQ(world.Rows(store::Family::kAud).size(), main.people.size());
    EXPECT_TRUE(world.Wait(world.persons().Intents())->empty());
    for (const PersonId& person : main.people) {
      const auto key = world.Wait(world.persons().Load(person));
      ASSERT_TRUE(key.ok());
      EXPECT_EQ(*world.Wait(world.persons().PersonOf(key->aud())), person);
    }
    for (const Main::Erased& who : main.journal) {
      EXPECT_EQ(world.Wait(world.persons().Load(who.person)).error().code(), Code::kNotFound);
      EXPECT_EQ(world.Wait(world.persons().PersonOf(who.aud)).error().code(), Code::kNotFound);
    }
  }

  KeyWorld world;
  Main main;
};

// Register two, take one back, load some at once, erase one; ends at the first failure.
void Script(Vault& vault) {
  std::vector<PersonKey> keys;
  if (!vault.Register(keys)) return;
  if (!vault.Register(keys)) return;
  const std::optional<PersonKey> orphan = vault.Create();
  if (!orphan.has_value()) return;
  const PersonId lost = orphan->person();
  if (!vault.world.Wait(vault.world.persons().Abandon(lost, vault.world.executor)).ok()) return;
  if (!vault.Erase(keys.front())) return;
  if (!vault.Register(keys)) return;
  (void)vault.world.Wait(vault.world.persons().Flush(vault.world.executor));
}

TEST(PersonKeysCrash, EveryCommitFailsOnceBothWays) {
  for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
    bool fired = true;
    int nth = 1;
    for (; fired; ++nth) {
      SCOPED_TRACE(nth);
      Vault vault(static_cast<std::uint64_t>(nth));
      vault.world.store.Arm(Call::kCommit, nth, how);
      Script(vault);
      fired = vault.world.store.fired();
      vault.world.Disarm();
      vault.Recover();
      vault.Audit();
    }
    EXPECT_GT(nth, 6) << "the sweep met too few commits";
  }
}

TEST(PersonKeysCrash, EveryReadFailsOnce) {
  bool fired = true;
  for (int nth = 1; fired; ++nth) {
    SCOPED_TRACE(nth);
    Vault vault(static_cast<std::uint64_t>(nth));
    vault.world.store.Arm(Call::kRead, nth, Fault::kNotApplied);
    Script(vault);
    fired = vault.world.store.fired();
    vault.world.Disarm();
    vault.Recover();
    vault.Audit();
  }
}

TEST(PersonKeysCrash, AnOrphanIsSweptAndAnAdoptedPersonIsNot) {
  Vault vault(1);
  const std::optional<PersonKey> orphan = vault.Create();
  const std::optional<PersonKey> adopted = vault.Create();
  ASSERT_TRUE(orphan.has_value() && adopted.has_value());
  vault.main.people.insert(adopted->person());  // durable there; Adopted was never called
  const std::set<PersonId> want{orphan->person(), adopted->person()};
  vault.world.Stop();
  ASSERT_TRUE(vault.world.Start().ok());
  const auto intents = vault.world.Wait(vault.world.persons().Intents());
  ASSERT_TRUE(intents.ok());
  EXPECT_EQ(std::set<PersonId>(intents->begin(), intents->end()), want);
  vault.Recover();
  vault.Audit();
}

TEST(PersonKeysCrash, AbandonIsDoneOnceAndNeverToAnAdoptedPerson) {
  Vault vault(1);
  PersonKeys& persons = vault.world.persons();
  base::Executor& home = vault.world.executor;
  std::vector<PersonKey> keys;
  ASSERT_TRUE(vault.Register(keys));
  const PersonId adopted = keys.front().person();
  EXPECT_EQ(vault.world.Wait(persons.Abandon(adopted, home)).error().code(), Code::kConflict);
  ASSERT_TRUE(vault.world.Wait(persons.Flush(home)).ok());
  EXPECT_EQ(vault.world.Wait(persons.Abandon(adopted, home)).error().code(), Code::kConflict);
  vault.Audit();
  const std::optional<PersonKey> orphan = vault.Create();
  EXPECT_TRUE(vault.world.Wait(persons.Abandon(orphan->person(), home)).ok());
  EXPECT_TRUE(vault.world.Wait(persons.Abandon(orphan->person(), home)).ok());
  vault.Audit();
}

TEST(PersonKeysCrash, AForgedIntentRowLeadsToNothing) {
  Vault vault(1);
  std::vector<PersonKey> keys;
  ASSERT_TRUE(vault.Register(keys));
  ASSERT_TRUE(vault.world.Wait(vault.world.persons().Flush(vault.world.executor)).ok());
  const PersonId person = keys.front().person();
  vault.world.Overwrite(internal::IntentKey(person), Bytes(50, 1));
  ASSERT_TRUE(vault.world.Restart().ok());
  PersonKeys& persons = vault.world.persons();
  EXPECT_EQ(vault.world.Wait(persons.Intents()).error().code(), Code::kCorrupt);
  EXPECT_EQ(vault.world.Wait(persons.Abandon(person, vault.world.executor)).error().code(),
            Code::kCorrupt);
  EXPECT_TRUE(vault.world.Wait(persons.Load(person)).ok());
}

TEST(PersonKeysCrash, AnAdoptedIntentGoesWithTheNextCreate) {
  Vault vault(1);
  std::vector<PersonKey> keys;
  ASSERT_TRUE(vault.Register(keys));
  ASSERT_TRUE(vault.Create().has_value());
  std::size_t intents = 0;
  for (const store::KeyedRow& row : vault.world.Rows(store::Family::kMeta)) {
    if (row.key.starts_with("intent/")) ++intents;
  }
  EXPECT_EQ(intents, 1u);
}

TEST(PersonKeysCrash, AnIdDrawnAgainSurvivesTheReplayOfAnOldErasure) {
  Vault vault(1);
  KeyWorld& world = vault.world;
  base::testing::SeededRandom draw(5);
  PersonKeys first(world.ring(), world.store, world.committer(), world.state(), world.log_id, draw);
  const auto old_key = world.Wait(first.Create(world.executor));
  ASSERT_TRUE(old_key.ok());
  ASSERT_TRUE(vault.Erase(*old_key));
  // The same id under other keys: the id comes first of what a Create draws.
  class SameId final : public base::Random {
   public:
    SameId(const PersonId& id, base::Random& rest) : id_(id), rest_(rest) {}
    void Fill(std::span<std::uint8_t> out) override {
      rest_.Fill(out);
      if (out.size() == PersonId::kSize) std::ranges::copy(id_.bytes(), out.begin());
    }

   private:
    PersonId id_;
    base::Random& rest_;
  };
  SameId same(old_key->person(), world.random);
  PersonKeys second(world.ring(), world.store, world.committer(), world.state(), world.log_id,
                    same);
  const auto new_key = world.Wait(second.Create(world.executor));
  ASSERT_TRUE(new_key.ok());
  ASSERT_EQ(new_key->person(), old_key->person());
  ASSERT_TRUE(vault.Destroy(vault.main.journal.front()));
  EXPECT_TRUE(world.Wait(world.persons().Load(new_key->person())).ok());
  EXPECT_EQ(world.Wait(world.persons().Intents())->size(), 1u);
  EXPECT_EQ(world.Wait(world.persons().PersonOf(old_key->aud())).error().code(), Code::kNotFound);
}

TEST(PersonKeysCrash, ErasedStaysErasedWhenABackupIsRestored) {
  Vault vault(1);
  std::vector<PersonKey> keys;
  ASSERT_TRUE(vault.Register(keys));
  ASSERT_TRUE(vault.Register(keys));
  const auto backup_keys = vault.world.Rows(store::Family::kPersonKeys);
  const auto backup_auds = vault.world.Rows(store::Family::kAud);
  ASSERT_TRUE(vault.Erase(keys.front()));
  for (const auto& row : backup_keys) {
    vault.world.Overwrite({store::Family::kPersonKeys, row.key}, row.row.value);
  }
  for (const auto& row : backup_auds) {
    vault.world.Overwrite({store::Family::kAud, row.key}, row.row.value);
  }
  vault.Recover();
  vault.Audit();
}

TEST(PersonKeysCrash, ErasureWinsOverARowThatDoesNotOpen) {
  Vault vault(1);
  std::vector<PersonKey> keys;
  ASSERT_TRUE(vault.Register(keys));
  vault.world.Overwrite(internal::WkKey(keys.front().person(), 1), Bytes(104, 9));
  ASSERT_TRUE(vault.world.Restart().ok());
  EXPECT_TRUE(vault.Erase(keys.front()));
  EXPECT_TRUE(vault.Erase(keys.front()));
  vault.Recover();
  vault.Audit();
}

}  // namespace
}  // namespace cloison::keys
