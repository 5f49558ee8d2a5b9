#include "keys/person_keys.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "keys/internal/person_rows.h"
#include "keys/testing/key_world.h"

namespace cloison::keys {
namespace {

using internal::AudKey;
using internal::IntentKey;
using internal::KeyName;
using internal::WkKey;
using testing::KeyWorld;

class PersonKeysTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(world.Start().ok()); }
  Code LoadError(const PersonId& person) {
    const auto loaded = world.Wait(world.persons().Load(person));
    CLOISON_CHECK(!loaded.ok());
    return loaded.error().code();
  }
  Bytes Value(const store::Key& key) {
    for (const store::KeyedRow& row : world.Rows(key.family)) {
      if (row.key == key.bytes) return row.row.value;
    }
    ADD_FAILURE() << "no such row";
    return {};
  }
  // What a re-key will write.
  void PutVersion(const PersonKey& key, std::uint32_t pkv) {
    const KeyName name{world.register_id, key.person(), pkv};
    const std::uint32_t epoch = world.ring().current_epoch();
    const auto keys = world.ring().Epoch(epoch);
    const KeyName first{world.register_id, key.person(), 1};
    const auto secret = internal::UnwrapWk(first, world.ring(), Value(WkKey(key.person(), 1)));
    ASSERT_TRUE(secret.ok());
    world.Overwrite(WkKey(key.person(), pkv),
                    internal::WrapWk(name, internal::Under{epoch, **keys}, *secret, world.random));
  }
  static Bytes RowKeyOf(const PersonKey& key) { return base::ToBytes(key.RowKey().Reveal()); }

  KeyWorld world;
};

TEST_F(PersonKeysTest, WhicheverOpensSaysWhoItIs) {
  const PersonKey made = world.Create();
  const PersonId& person = made.person();
  PutVersion(made, 2);
  const auto flip = [&](std::uint32_t pkv) {
    Bytes wk = Value(WkKey(person, pkv));
    wk.back() ^= 1;
    world.Overwrite(WkKey(person, pkv), wk);
  };
  const auto any = [&] { return world.Wait(world.persons().LoadAny(person)); };
  EXPECT_EQ(any()->aud(), made.aud());
  flip(1);
  ASSERT_TRUE(any().ok()) << "another opens";
  EXPECT_EQ(any()->aud(), made.aud());
  flip(2);
  EXPECT_EQ(any().error().code(), Code::kCorrupt);
  flip(1);
  EXPECT_EQ(any()->pkv(), 1u);
  const auto of_nobody = world.Wait(world.persons().LoadAny(PersonId(ByteArray<8>{9})));
  EXPECT_EQ(of_nobody.error().code(), Code::kNotFound);
}

TEST_F(PersonKeysTest, WhatIsCreatedLoadsAlsoAfterARestart) {
  const PersonKey made = world.Create();
  EXPECT_EQ(made.pkv(), 1u);
  for (int start = 0; start < 2; ++start) {
    const auto loaded = world.Wait(world.persons().Load(made.person()));
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(RowKeyOf(*loaded), RowKeyOf(made));
    EXPECT_EQ(loaded->aud(), made.aud());
    EXPECT_EQ(*world.Wait(world.persons().PersonOf(made.aud())), made.person());
    ASSERT_TRUE(world.Restart().ok());
  }
}

TEST_F(PersonKeysTest, PeopleShareNothing) {
  const PersonKey a = world.Create();
  const PersonKey b = world.Create();
  EXPECT_NE(a.person(), b.person());
  EXPECT_NE(a.aud(), b.aud());
  EXPECT_NE(RowKeyOf(a), RowKeyOf(b));
}

TEST_F(PersonKeysTest, NobodyIsNotFound) {
  const PersonId nobody(ByteArray<8>{1});
  EXPECT_EQ(LoadError(nobody), Code::kNotFound);
  EXPECT_EQ(world.Wait(world.persons().LoadVersion(nobody, 1)).error().code(), Code::kNotFound);
  EXPECT_EQ(world.Wait(world.persons().PersonOf(Aud(ByteArray<16>{1}))).error().code(),
            Code::kNotFound);
}

TEST_F(PersonKeysTest, ARenewedKeyIsAnotherKeyOfTheSameName) {
  const PersonKey first = world.Create();
  const auto second = world.Wait(world.persons().Renew(first.person(), 1, world.executor));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->pkv(), 2u);
  EXPECT_EQ(second->aud(), first.aud());
  EXPECT_NE(RowKeyOf(*second), RowKeyOf(first));
  EXPECT_EQ(world.Wait(world.persons().Load(first.person()))->pkv(), 1u) << "both are there";
  const auto third = world.Wait(world.persons().Renew(first.person(), 1, world.executor));
  ASSERT_TRUE(third.ok());
  EXPECT_EQ(third->pkv(), 3u) << "one that was cut short is never used again";
  EXPECT_NE(RowKeyOf(*third), RowKeyOf(*second));
  ASSERT_TRUE(world.Restart().ok());
  const auto loaded = world.Wait(world.persons().LoadVersion(first.person(), 3));
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(RowKeyOf(*loaded), RowKeyOf(*third));
  EXPECT_EQ(*world.Wait(world.persons().PersonOf(first.aud())), first.person());
}

TEST_F(PersonKeysTest, WhatIsSupersededGoesButForTheRowsOwn) {
  const PersonKey key = world.Create();
  const PersonId person = key.person();
  const PersonKey other = world.Create();
  ASSERT_TRUE(world.Wait(world.persons().Renew(person, 1, world.executor)).ok());
  ASSERT_TRUE(world.Wait(world.persons().Renew(person, 1, world.executor)).ok());
  const auto destroy = [this, &person](std::uint32_t current) {
    const Status done =
        world.Wait(world.persons().DestroySuperseded(person, current, world.executor));
    return done.ok() ? std::optional<Code>() : std::optional(done.error().code());
  };
  const auto count = [this] { return world.Rows(store::Family::kPersonKeys).size(); };
  EXPECT_EQ(destroy(4), Code::kNotFound) << "the one that is to stay is not there";
  EXPECT_EQ(count(), 4u);
  {
    const PersonKeys::Hold hold(world.persons());
    const PersonKeys::Hold another(world.persons());
    EXPECT_EQ(destroy(2), Code::kConflict) << "a backup copies them";
    EXPECT_EQ(count(), 4u);
  }
  EXPECT_EQ(destroy(2), std::nullopt);
  EXPECT_EQ(destroy(2), std::nullopt) << "again is fine";
  EXPECT_EQ(count(), 2u) << "an older one and a later one that was cut short";
  EXPECT_EQ(world.Wait(world.persons().Load(person))->pkv(), 2u);
  EXPECT_TRUE(world.Wait(world.persons().Load(other.person())).ok());
  EXPECT_EQ(world.Wait(world.persons().Renew(person, 1, world.executor)).error().code(),
            Code::kNotFound)
      << "there is none under that number any more";
  ASSERT_TRUE(world.Wait(world.persons().Destroy(person, key.aud(), world.executor)).ok());
  EXPECT_EQ(world.Wait(world.persons().Renew(person, 2, world.executor)).error().code(),
            Code::kNotFound)
      << "an erased person gets no key";
  EXPECT_EQ(destroy(2), Code::kNotFound);
  EXPECT_EQ(count(), 1u);
}

// A re-wrap, a re-key and an erasure at once: whoever is erased has no key left.
TEST_F(PersonKeysTest, ARenewalThatMeetsAnErasureLeavesNothing) {
  for (int round = 0; round < 40; ++round) {
    const PersonKey key = world.Create();
    std::optional<Code> renewed, destroyed;
    const auto renew = [](KeyWorld& at, PersonId person, std::optional<Code>& out) -> Task<void> {
      const auto made = co_await at.persons().Renew(person, 1, at.executor);
      out = made.ok() ? Code::kInvalid : made.error().code();  // kInvalid: made
    };
    const auto destroy = [](KeyWorld& at, PersonId person, Aud aud,
                            std::optional<Code>& out) -> Task<void> {
      const Status done = co_await at.persons().Destroy(person, aud, at.executor);
      out = done.ok() ? Code::kInvalid : done.error().code();
    };
    base::Detach(renew(world, key.person(), renewed));
    base::Detach(destroy(world, key.person(), key.aud(), destroyed));
    world.executor.RunAll();
    EXPECT_EQ(destroyed, Code::kInvalid);
    EXPECT_TRUE(renewed == Code::kInvalid || renewed == Code::kNotFound);
    EXPECT_TRUE(world.Rows(store::Family::kPersonKeys).empty());
  }
}

TEST_F(PersonKeysTest, EveryFlippedByteIsFound) {
  const PersonKey made = world.Create();
  const store::Key keys[] = {WkKey(made.person(), 1), AudKey(made.aud()), IntentKey(made.person())};
  for (const store::Key& key : keys) {
    const Bytes good = Value(key);
    for (std::size_t at = 0; at < good.size(); ++at) {
      Bytes flipped = good;
      flipped[at] ^= static_cast<std::uint8_t>(1u << (at % 8));
      world.Overwrite(key, flipped);
      const bool opens = key.family == store::Family::kPersonKeys
                             ? world.Wait(world.persons().Load(made.person())).ok()
                         : key.family == store::Family::kAud
                             ? world.Wait(world.persons().PersonOf(made.aud())).ok()
                             : world.Wait(world.persons().Intents()).ok();
      EXPECT_FALSE(opens) << store::FamilyName(key.family) << " byte " << at;
    }
    world.Overwrite(key, good);
  }
  EXPECT_TRUE(world.Wait(world.persons().Load(made.person())).ok());
}

TEST_F(PersonKeysTest, LoadRefuses) {
  const struct {
    const char* why;
    std::function<Bytes(const Bytes& mine, const Bytes& theirs)> row;
  } rows[] = {
      {"another person's key", [](const Bytes&, const Bytes& theirs) { return theirs; }},
      {"a byte more",
       [](Bytes mine, const Bytes&) {
         mine.push_back(0);
         return mine;
       }},
      {"a byte less",
       [](Bytes mine, const Bytes&) {
         mine.pop_back();
         return mine;
       }},
      {"empty", [](const Bytes&, const Bytes&) { return Bytes{}; }},
      {"the next version of the format",
       [](Bytes mine, const Bytes&) {
         mine[0] = 2;
         return mine;
       }},
      {"another suite",
       [](Bytes mine, const Bytes&) {
         mine[1] = 2;
         return mine;
       }},
      {"an epoch not begun",
       [](Bytes mine, const Bytes&) {
         mine[7] = 2;
         return mine;
       }},
      {"another pkv",
       [](Bytes mine, const Bytes&) {
         mine[11] = 2;
         return mine;
       }},
  };
  const PersonKey mine = world.Create();
  const PersonKey theirs = world.Create();
  const store::Key key = WkKey(mine.person(), 1);
  const Bytes good = Value(key);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    world.Overwrite(key, row.row(good, Value(WkKey(theirs.person(), 1))));
    EXPECT_EQ(LoadError(mine.person()), Code::kCorrupt);
  }
  world.Overwrite(AudKey(mine.aud()), Value(AudKey(theirs.aud())));
  EXPECT_EQ(world.Wait(world.persons().PersonOf(mine.aud())).error().code(), Code::kCorrupt);
}

TEST_F(PersonKeysTest, AForeignKeyUnderALaterPkvIsRefused) {
  const PersonKey made = world.Create();
  world.Overwrite(WkKey(made.person(), 2), Value(WkKey(made.person(), 1)));
  EXPECT_EQ(world.Wait(world.persons().LoadVersion(made.person(), 2)).error().code(),
            Code::kCorrupt);
}

TEST_F(PersonKeysTest, TheLatestIsFoundWhenTheFirstIsGone) {
  const PersonKey made = world.Create();
  PutVersion(made, 2);
  PutVersion(made, 300);
  EXPECT_EQ(world.Wait(world.persons().Load(made.person()))->pkv(), 1u);
  EXPECT_EQ(world.Wait(world.persons().LoadVersion(made.person(), 2))->pkv(), 2u);
  world.Erase(WkKey(made.person(), 1));
  const auto latest = world.Wait(world.persons().Load(made.person()));
  ASSERT_TRUE(latest.ok());
  EXPECT_EQ(latest->pkv(), 300u);
  EXPECT_EQ(latest->aud(), made.aud());
  EXPECT_NE(RowKeyOf(*latest), RowKeyOf(made));
  ASSERT_TRUE(world.Restart().ok());
  ASSERT_TRUE(world.Wait(world.persons().Destroy(made.person(), made.aud(), world.executor)).ok());
  EXPECT_TRUE(world.Rows(store::Family::kPersonKeys).empty());
}

TEST_F(PersonKeysTest, ManyAtOnce) {
  std::vector<PersonKey> made;
  std::vector<PersonId> persons;
  for (int i = 0; i < 300; ++i) {
    made.push_back(world.Create());
    persons.push_back(made.back().person());
  }
  EXPECT_EQ(std::set<PersonId>(persons.begin(), persons.end()).size(), persons.size());
  ASSERT_TRUE(world.Wait(world.persons().Destroy(persons[1], made[1].aud(), world.executor)).ok());
  world.Overwrite(WkKey(persons[2], 1), Bytes(kWrappedPersonKeyBytes, 0));
  const auto loaded = world.Wait(world.persons().LoadMany(persons));
  ASSERT_TRUE(loaded.ok());
  ASSERT_EQ(loaded->size(), persons.size());
  for (std::size_t i = 0; i < persons.size(); ++i) {
    if (i == 1 || i == 2) continue;
    ASSERT_TRUE((*loaded)[i].ok());
    EXPECT_EQ((*loaded)[i]->person(), persons[i]);
    EXPECT_EQ((*loaded)[i]->aud(), made[i].aud());
  }
  EXPECT_EQ((*loaded)[1].error().code(), Code::kNotFound);
  EXPECT_EQ((*loaded)[2].error().code(), Code::kCorrupt);
}

TEST_F(PersonKeysTest, Limits) {
  const std::vector<PersonId> many(store::kMultiGetKeysMax + 1, PersonId(ByteArray<8>{}));
  EXPECT_EQ(world.Wait(world.persons().LoadMany(many)).error().code(), Code::kExhausted);
}

TEST_F(PersonKeysTest, ATakenIdIsDrawnAgain) {
  base::testing::SeededRandom first(99), second(99), third(99);
  PersonKeys one(world.ring(), world.store, world.committer(), world.state(), world.log_id, first);
  PersonKeys two(world.ring(), world.store, world.committer(), world.state(), world.log_id, second);
  const auto a = world.Wait(one.Create(world.executor));
  const auto b = world.Wait(two.Create(world.executor));
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_NE(a->person(), b->person());
  EXPECT_EQ(RowKeyOf(*world.Wait(world.persons().Load(a->person()))), RowKeyOf(*a));
  // Taken also when only a later pkv is left.
  PutVersion(*a, 2);
  world.Erase(WkKey(a->person(), 1));
  ASSERT_TRUE(world.Restart().ok());
  PersonKeys three(world.ring(), world.store, world.committer(), world.state(), world.log_id,
                   third);
  const auto c = world.Wait(three.Create(world.executor));
  ASSERT_TRUE(c.ok());
  EXPECT_NE(c->person(), a->person());
}

TEST_F(PersonKeysTest, AGeneratorThatRepeatsItselfGivesUpAndReplacesNobody) {
  class Stuck final : public base::Random {
   public:
    void Fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, 7); }
  };
  Stuck stuck;
  PersonKeys persons(world.ring(), world.store, world.committer(), world.state(), world.log_id,
                     stuck);
  const auto a = world.Wait(persons.Create(world.executor));
  ASSERT_TRUE(a.ok());
  EXPECT_EQ(world.Wait(persons.Create(world.executor)).error().code(), Code::kConflict);
  EXPECT_EQ(world.Rows(store::Family::kPersonKeys).size(), 1u);
}

Task<void> CreateInto(PersonKeys& persons, base::Executor& home, std::vector<PersonId>& out) {
  const auto made = co_await persons.Create(home);
  EXPECT_TRUE(made.ok());
  if (made.ok()) out.push_back(made->person());
}

Task<void> BeginEpochIn(KeyRing& ring) {
  const Status begun = co_await ring.BeginEpoch();
  EXPECT_TRUE(begun.ok());
}

TEST(PersonKeysConcurrency, SixtyFourCreatesAndAnEpochOnASeededExecutor) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    KeyWorld world(seed);
    ASSERT_TRUE(world.Start().ok());
    std::vector<PersonId> persons;
    for (int i = 0; i < 64; ++i) {
      base::Detach(CreateInto(world.persons(), world.executor, persons));
      if (i == 31) base::Detach(BeginEpochIn(world.ring()));
      if (i % 8 == 0) world.executor.Step();
    }
    world.executor.RunAll();
    EXPECT_EQ(std::set<PersonId>(persons.begin(), persons.end()).size(), 64u);
    const store::Version epoch_began = [&] {
      for (const auto& row : world.Rows(store::Family::kWrappedKeys)) {
        if (row.key == "kek-2") return row.row.version;
      }
      return store::kAbsent;
    }();
    for (const store::KeyedRow& row : world.Rows(store::Family::kPersonKeys)) {
      const bool is_old = row.row.value[7] == 1;
      EXPECT_FALSE(is_old && row.row.version > epoch_began) << "an old WK after the new epoch";
    }
    for (const PersonId& person : persons) {
      EXPECT_TRUE(world.Wait(world.persons().Load(person)).ok());
    }
  }
}

// Both look before either has written: the committer decides.
TEST(PersonKeysConcurrency, OneIdDrawnByTwoAtOnceIsOnes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    KeyWorld world(seed);
    ASSERT_TRUE(world.Start().ok());
    base::testing::SeededRandom first(99), second(99);
    PersonKeys one(world.ring(), world.store, world.committer(), world.state(), world.log_id,
                   first);
    PersonKeys two(world.ring(), world.store, world.committer(), world.state(), world.log_id,
                   second);
    std::vector<PersonId> persons;
    base::Detach(CreateInto(one, world.executor, persons));
    base::Detach(CreateInto(two, world.executor, persons));
    world.executor.RunAll();
    ASSERT_EQ(persons.size(), 2u);
    EXPECT_NE(persons[0], persons[1]);
    EXPECT_EQ(world.Rows(store::Family::kPersonKeys).size(), 2u);
    EXPECT_EQ(world.Rows(store::Family::kAud).size(), 2u);
  }
}

// A committer may go only when nothing of it runs any more.
Task<bool> Stopped(commit::Committer& committer) {
  co_await committer.Stop();
  co_return true;
}

TEST(PersonKeysConcurrency, ThreadsCreateAndLoad) {
  base::SystemRandom random;
  testing::MemoryKeyObjects objects(random);
  base::testing::ManualClock clock;
  store::MemoryStore store;
  base::ThreadPool committer_thread(1), home(2);
  const RegisterId register_id(7);
  auto committer =
      std::move(*base::SyncWait(commit::Committer::Open(store, committer_thread, clock, {})));
  ASSERT_TRUE(base::SyncWait(KeyRing::Create(objects, *committer, register_id, random, home)).ok());
  auto ring = std::move(
      *base::SyncWait(KeyRing::Open(objects, store, *committer, register_id, random, home)));
  const commit::SealedState state(register_id, 1, ring->state().Duplicate(), random);
  PersonKeys persons(*ring, store, *committer, state, LogId(ByteArray<8>{1}), random);
  std::vector<std::vector<PersonId>> made(4);
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&] {
      for (int i = 0; i < 16; ++i) {
        auto key = base::SyncWait(persons.Create(home));
        ASSERT_TRUE(key.ok());
        persons.Adopted(key->person());
        mine.push_back(key->person());
        EXPECT_EQ(base::SyncWait(persons.Load(key->person()))->aud(), key->aud());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<PersonId> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 64u);
  ASSERT_TRUE(base::SyncWait(persons.Flush(home)).ok());
  EXPECT_TRUE(base::SyncWait(persons.Intents())->empty());
  EXPECT_TRUE(base::SyncWait(Stopped(*committer)));
}

}  // namespace
}  // namespace cloison::keys
