// Everybody's keys move to the next epoch while people come and go; then the old one is destroyed,
// and whoever was erased before is unreadable in every copy of the database ever made.
#include "keys/epochs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "keys/internal/person_rows.h"
#include "keys/testing/key_world.h"

namespace cloison::keys {
namespace {

using internal::EpochOf;
using internal::KeyName;
using internal::WkKey;
using store::Family;
using store::testing::Call;
using store::testing::Fault;
using testing::KeyWorld;

constexpr std::int64_t kKeepMs = 35 * base::kDayMs;

class EpochsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(world.Start().ok());
    ASSERT_TRUE(Open().ok());
  }
  // As a process does at its start.
  Status Open() {
    epochs = std::make_unique<Epochs>(world.ring(), world.store, world.committer(), world.state());
    return world.Wait(epochs->Load(now_ms, world.random, world.executor));
  }
  Status Restart() {
    epochs.reset();
    CLOISON_TRY(world.Restart());
    return Open();
  }
  std::vector<PersonKey> CreateMany(std::size_t count) {
    std::vector<PersonKey> made;
    while (made.size() < count) made.push_back(world.Create());
    return made;
  }
  Status Begin() { return world.Wait(epochs->Begin(now_ms, world.executor)); }
  Result<Epochs::Pass> Slice() { return world.Wait(epochs->Rewrap(now_ms, world.executor)); }
  // To the end of the pass, `between` after each slice.
  Result<Epochs::Pass> Rewrap(const std::function<void()>& between = [] {}) {
    while (true) {
      CLOISON_TRY_ASSIGN(const Epochs::Pass pass, Slice());
      if (pass.whole) return pass;
      between();
    }
  }
  Status Destroy(std::uint32_t epoch) { return world.Wait(epochs->Destroy(epoch, world.executor)); }
  std::set<std::uint32_t> Used() {
    std::set<std::uint32_t> used;
    for (const Family family : {Family::kPersonKeys, Family::kAud}) {
      for (const store::KeyedRow& row : world.Rows(family)) used.insert(*EpochOf(row.row.value));
    }
    return used;
  }
  bool Opens(const PersonKey& key) {
    const auto loaded = world.Wait(world.persons().Load(key.person()));
    if (!loaded.ok()) return false;
    EXPECT_EQ(base::ToBytes(loaded->RowKey().Reveal()), base::ToBytes(key.RowKey().Reveal()));
    const auto person = world.Wait(world.persons().PersonOf(key.aud()));
    EXPECT_TRUE(person.ok() && *person == key.person()) << "its AUD row has died";
    return true;
  }

  KeyWorld world;
  std::int64_t now_ms = 1'000;
  std::unique_ptr<Epochs> epochs;
};

TEST_F(EpochsTest, EverybodyMovesToTheNextOne) {
  std::vector<PersonKey> people;
  for (int i = 0; i < 5; ++i) {
    for (PersonKey& key : CreateMany(1'000)) people.push_back(std::move(key));
  }
  for (PersonKey& key : CreateMany(700)) people.push_back(std::move(key));
  EXPECT_EQ(epochs->document().current, 1u);
  EXPECT_EQ(epochs->document().begun_ms, 1'000);
  now_ms += 7 * base::kDayMs;
  ASSERT_TRUE(Begin().ok());
  EXPECT_EQ(epochs->document().begun_ms, now_ms);
  EXPECT_EQ(Used(), std::set<std::uint32_t>{1}) << "nothing has moved yet";
  const PersonKey late = std::move(CreateMany(1).front());
  EXPECT_EQ(Used(), (std::set<std::uint32_t>{1, 2})) << "who comes now is under the new one";
  now_ms += base::kHourMs;
  const auto pass = Rewrap();
  ASSERT_TRUE(pass.ok());
  EXPECT_EQ(pass->rewrapped, 2u * 5'700);
  EXPECT_EQ(pass->lost, 0u);
  EXPECT_EQ(Used(), std::set<std::uint32_t>{2});
  EXPECT_EQ(epochs->document().clear_ms.at(1), now_ms);
  for (const PersonKey& key : people) ASSERT_TRUE(Opens(key));
  EXPECT_TRUE(Opens(late));
  const store::Version version = world.store.last_version();
  EXPECT_TRUE(Slice()->whole);
  EXPECT_EQ(world.store.last_version(), version) << "a whole pass is not made again";
}

TEST_F(EpochsTest, AnOldOneIsDestroyedWhenNothingThatIsKeptNeedsIt) {
  const std::vector<PersonKey> people = CreateMany(10);
  ASSERT_TRUE(Begin().ok());
  EXPECT_EQ(Destroy(1).error().code(), Code::kConflict) << "not clear";
  EXPECT_EQ(Destroy(2).error().code(), Code::kConflict) << "in use";
  ASSERT_TRUE(Rewrap().ok());
  const std::int64_t clear_ms = now_ms;
  now_ms = clear_ms + kKeepMs - 1;
  EXPECT_TRUE(epochs->Due(now_ms, kKeepMs).empty());
  now_ms = clear_ms + kKeepMs;
  EXPECT_EQ(epochs->Due(now_ms, kKeepMs), std::vector<std::uint32_t>{1});
  // After a restart nothing is destroyed before this process has looked itself.
  ASSERT_TRUE(Restart().ok());
  EXPECT_EQ(epochs->document().clear_ms.at(1), clear_ms);
  EXPECT_TRUE(epochs->Due(now_ms, kKeepMs).empty());
  EXPECT_EQ(Destroy(1).error().code(), Code::kConflict);
  ASSERT_TRUE(Rewrap().ok());
  EXPECT_EQ(epochs->document().clear_ms.at(1), clear_ms) << "since when stays";
  ASSERT_TRUE(Destroy(1).ok());
  ASSERT_TRUE(Destroy(1).ok()) << "again: the same";
  EXPECT_EQ(world.ring().Epoch(1).error().code(), Code::kNotFound);
  EXPECT_TRUE(epochs->Due(now_ms, 0).empty());
  for (const PersonKey& key : people) EXPECT_TRUE(Opens(key));
  ASSERT_TRUE(Restart().ok());
  EXPECT_EQ(world.ring().Epoch(1).error().code(), Code::kNotFound);
  for (const PersonKey& key : people) EXPECT_TRUE(Opens(key));
}

// G6: a copy of the whole key database of before, wrapped keys included, tells nothing of who was
// erased.
TEST_F(EpochsTest, WhoWasErasedIsUnreadableInEveryCopy) {
  const std::vector<PersonKey> people = CreateMany(3);
  const PersonId erased = people[0].person();
  const std::vector<store::KeyedRow> copy = world.Rows(Family::kPersonKeys);
  ASSERT_TRUE(world.Wait(world.persons().Destroy(erased, people[0].aud(), world.executor)).ok());
  const auto opens = [&](const PersonId& person) {
    const std::string key = WkKey(person, 1).bytes;
    const auto row = std::ranges::find(copy, key, &store::KeyedRow::key);
    CLOISON_CHECK(row != copy.end());
    const KeyName name{world.register_id, person, 1};
    return internal::UnwrapWk(name, world.ring(), row->row.value).ok();
  };
  EXPECT_TRUE(opens(erased)) << "as long as the epoch lives, the copy opens";
  ASSERT_TRUE(Begin().ok());
  ASSERT_TRUE(Rewrap().ok());
  EXPECT_TRUE(opens(erased));
  now_ms += kKeepMs;
  ASSERT_TRUE(Destroy(1).ok());
  EXPECT_FALSE(opens(erased));
  EXPECT_FALSE(Opens(people[0]));
  EXPECT_TRUE(Opens(people[1]));
}

// Between a slice's reading and its commit.
TEST_F(EpochsTest, WhoIsErasedMeanwhileStaysForgotten) {
  for (int steps = 0; steps < 40; ++steps) {
    SCOPED_TRACE(steps);
    const std::vector<PersonKey> people = CreateMany(20);
    ASSERT_TRUE(Begin().ok());
    std::optional<Result<Epochs::Pass>> sliced;
    base::Detach([](Epochs& of, std::int64_t at_ms, base::Executor& home,
                    std::optional<Result<Epochs::Pass>>& out) -> Task<void> {
      out = co_await of.Rewrap(at_ms, home);
    }(*epochs, now_ms, world.executor, sliced));
    for (int i = 0; i < steps && !sliced.has_value(); ++i) (void)world.executor.Step();
    for (std::size_t i = 0; i < 10; ++i) {
      ASSERT_TRUE(
          world.Wait(world.persons().Destroy(people[i].person(), people[i].aud(), world.executor))
              .ok());
    }
    world.executor.RunAll();
    ASSERT_TRUE(sliced.has_value() && sliced->ok());
    ASSERT_TRUE(Rewrap().ok());
    for (std::size_t i = 0; i < people.size(); ++i) EXPECT_EQ(Opens(people[i]), i >= 10);
    EXPECT_EQ(Used().size(), 1u);
  }
}

TEST_F(EpochsTest, APassIsBegunAnewByTheNextEpoch) {
  for (int i = 0; i < 5; ++i) (void)CreateMany(1'000);
  ASSERT_TRUE(Begin().ok());
  ASSERT_FALSE(Slice()->whole);
  ASSERT_TRUE(Begin().ok());
  ASSERT_TRUE(Rewrap().ok());
  EXPECT_EQ(Used(), std::set<std::uint32_t>{3});
  EXPECT_EQ(epochs->document().clear_ms.size(), 2u);
}

// A restored database may have keys under an epoch that is no more.
TEST_F(EpochsTest, WhatIsUnderADestroyedOneIsLeftAndCounted) {
  const std::vector<PersonKey> people = CreateMany(2);
  const store::Key key = WkKey(people[0].person(), 1);
  const Bytes old = world.Rows(Family::kPersonKeys).front().row.value;
  const std::string old_key = world.Rows(Family::kPersonKeys).front().key;
  ASSERT_TRUE(Begin().ok());
  ASSERT_TRUE(Rewrap().ok());
  now_ms += kKeepMs;
  ASSERT_TRUE(Destroy(1).ok());
  world.Overwrite(store::Key{Family::kPersonKeys, old_key}, old);
  ASSERT_TRUE(Restart().ok());
  const auto pass = Rewrap();
  ASSERT_TRUE(pass.ok());
  EXPECT_EQ(pass->lost, 1u);
  EXPECT_EQ(pass->rewrapped, 0u);
}

TEST_F(EpochsTest, ARowThatDoesNotOpenHoldsItsEpochBack) {
  const std::vector<PersonKey> people = CreateMany(2);
  const store::Key key = WkKey(people[0].person(), 1);
  Bytes row;
  for (const store::KeyedRow& one : world.Rows(Family::kPersonKeys)) {
    if (one.key == key.bytes) row = one.row.value;
  }
  Bytes altered = row;
  altered.back() ^= 1;
  world.Overwrite(key, altered);
  ASSERT_TRUE(Restart().ok());
  ASSERT_TRUE(Begin().ok());
  const auto held = Rewrap();
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(held->damaged, 1u);
  EXPECT_EQ(held->held, 1u);
  EXPECT_TRUE(epochs->document().clear_ms.empty());
  EXPECT_TRUE(Opens(people[1]));
  EXPECT_EQ(Used(), (std::set<std::uint32_t>{1, 2})) << "all others have moved";
  world.Overwrite(key, row);
  ASSERT_TRUE(Restart().ok());
  EXPECT_TRUE(Rewrap().ok());
  EXPECT_TRUE(Opens(people[0]));
  // One under a later epoch holds back that one alone, also when it is altered after its epoch was
  // clear.
  ASSERT_TRUE(Begin().ok());
  ASSERT_TRUE(Rewrap().ok());
  row[7] = 2;
  row.back() ^= 1;
  world.Overwrite(key, row);
  ASSERT_TRUE(Restart().ok());
  ASSERT_TRUE(Rewrap().ok());
  now_ms += kKeepMs;
  EXPECT_EQ(epochs->Due(now_ms, kKeepMs), std::vector<std::uint32_t>{1});
  EXPECT_EQ(Destroy(2).error().code(), Code::kConflict);
  EXPECT_TRUE(Destroy(1).ok());
}

TEST_F(EpochsTest, TheRowOfEpochsIsReadBackOrRefused) {
  const EpochDocument document{5, 77, {{1, 10}, {4, 30}}};
  const Bytes bytes = EncodeEpochs(document);
  EXPECT_EQ(base::ToHex(bytes),
            "01"
            "00000005"
            "000000000000004d"
            "0002"
            "00000001"
            "000000000000000a"
            "00000004"
            "000000000000001e");
  const auto parsed = ParseEpochs(bytes);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(EncodeEpochs(*parsed), bytes);
  const struct {
    const char* why;
    EpochDocument document;
  } kRows[] = {
      {"none is current", {0, 1, {}}},
      {"begun before time", {1, -1, {}}},
      {"the current one is not clear", {5, 1, {{5, 1}}}},
      {"nor a later one", {5, 1, {{6, 1}}}},
      {"clear before time", {5, 1, {{4, -1}}}},
      {"no such epoch", {5, 1, {{0, 1}}}},
  };
  for (const auto& row : kRows)
    EXPECT_FALSE(ParseEpochs(EncodeEpochs(row.document)).ok()) << row.why;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ParseEpochs(ByteView(bytes).first(size)).ok()) << size;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(ParseEpochs(longer).ok());
}

// Whatever call of the store fails, applied or not, a new process goes on and all is as it should
// be; the object is never gone while somebody needs it.
TEST(EpochsFaultTest, EveryFaultOnTheWay) {
  int faults = 0;
  for (const Call call : {Call::kRead, Call::kCommit}) {
    for (const Fault fault : {Fault::kNotApplied, Fault::kAppliedButReported}) {
      for (int nth = 1;; ++nth) {
        KeyWorld world(static_cast<std::uint64_t>(nth) + 1);
        ASSERT_TRUE(world.Start().ok());
        std::vector<PersonKey> made;
        for (int i = 0; i < 30; ++i) made.push_back(world.Create());
        const auto live = [&]() -> Status {
          Epochs epochs(world.ring(), world.store, world.committer(), world.state());
          CLOISON_TRY(world.Wait(epochs.Load(1, world.random, world.executor)));
          if (epochs.document().current == 1) {
            CLOISON_TRY(world.Wait(epochs.Begin(1, world.executor)));
          }
          for (bool whole = false; !whole;) {
            CLOISON_TRY_ASSIGN(const Epochs::Pass pass,
                               world.Wait(epochs.Rewrap(2, world.executor)));
            whole = pass.whole;
          }
          for (const std::uint32_t epoch : epochs.Due(10, 5)) {
            CLOISON_TRY(world.Wait(epochs.Destroy(epoch, world.executor)));
          }
          return Ok();
        };
        world.store.Arm(call, nth, fault);
        const bool failed = !live().ok();
        faults += failed ? 1 : 0;
        world.Disarm();
        ASSERT_TRUE(world.Restart().ok());
        const auto all_open = [&] {
          for (const PersonKey& key : made) {
            if (!world.Wait(world.persons().Load(key.person())).ok()) return false;
          }
          return true;
        };
        ASSERT_TRUE(all_open()) << "call " << nth;
        ASSERT_TRUE(live().ok());
        ASSERT_TRUE(all_open());
        EXPECT_EQ(world.ring().Epoch(1).error().code(), Code::kNotFound);
        if (!failed) break;
      }
    }
  }
  EXPECT_GT(faults, 12);
}

}  // namespace
}  // namespace cloison::keys
