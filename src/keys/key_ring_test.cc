#include "keys/key_ring.h"

#include <gtest/gtest.h>

#include "keys/testing/key_world.h"

namespace cloison::keys {
namespace {

using store::testing::Call;
using store::testing::Fault;
using testing::KeyWorld;

store::Key RowNamed(const std::string& name) {
  return store::Key{store::Family::kWrappedKeys, name};
}

Bytes RevealOf(const crypto::Secret<32>& secret) {
  return base::ToBytes(secret.Reveal());
}
// Of a key that does not show its bytes: two that give the same are the same.
Bytes MacOf(const crypto::HmacKey& key) {
  return base::ToBytes(key.Mac({}));
}

Bytes ValueOf(KeyWorld& world, const std::string& name) {
  for (const store::KeyedRow& row : world.Rows(store::Family::kWrappedKeys)) {
    if (row.key == name) return row.row.value;
  }
  ADD_FAILURE() << "no row " << name;
  return {};
}

// A ring with two epochs, a month and a partner.
class KeyRingTest : public ::testing::Test {
 protected:
  void SetUp() override { Fill(world); }
  static void Fill(KeyWorld& into) {
    ASSERT_TRUE(into.Start().ok());
    ASSERT_TRUE(into.Wait(into.ring().BeginEpoch()).ok());
    ASSERT_TRUE(into.Wait(into.ring().Ensure(24'312)).ok());
    ASSERT_TRUE(into.Wait(into.ring().EnsurePartner(OrganisationId(5), 1)).ok());
  }
  Status Reopen() {
    world.Stop();
    CLOISON_TRY(world.StartCommitter());
    return world.OpenRing();
  }
  KeyWorld world;
};

TEST_F(KeyRingTest, GivesTheSameKeysAfterARestart) {
  const KeyRing& before = world.ring();
  const std::vector<Bytes> keys{RevealOf(before.idx()),    RevealOf(before.pg()),
                                RevealOf(before.state()),  RevealOf(**before.Kek(1)),
                                RevealOf(**before.Kek(2)), MacOf(**world.ring().KeyOf(24'312))};
  const crypto::Ed25519PublicKey log = before.log_signer().public_key();
  const std::vector<std::uint16_t> digits(15, 3);
  const auto code = (*before.Partner(OrganisationId(5), 1))->Encrypt({}, digits);
  ASSERT_TRUE(code.ok());
  ASSERT_TRUE(Reopen().ok());
  const KeyRing& after = world.ring();
  const std::vector<Bytes> again{RevealOf(after.idx()),    RevealOf(after.pg()),
                                 RevealOf(after.state()),  RevealOf(**after.Kek(1)),
                                 RevealOf(**after.Kek(2)), MacOf(**world.ring().KeyOf(24'312))};
  EXPECT_EQ(again, keys);
  EXPECT_EQ(after.log_signer().public_key(), log);
  EXPECT_EQ(*(*after.Partner(OrganisationId(5), 1))->Encrypt({}, digits), *code);
  EXPECT_EQ(after.current_epoch(), 2u);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(keys[i], keys[j]);
  }
}

TEST_F(KeyRingTest, RowsHaveTheirNames) {
  std::vector<std::string> names;
  for (const store::KeyedRow& row : world.Rows(store::Family::kWrappedKeys)) {
    names.push_back(row.key);
  }
  const std::vector<std::string> want{"epoch",       "idx", "kek-1", "kek-2",   "log",
                                      "month-24312", "ovs", "pg",    "ppk-5-1", "state-1"};
  EXPECT_EQ(names, want);
  const std::vector<std::string> objects{"epoch-7-1", "epoch-7-2", "month-7-24312", "root-7"};
  EXPECT_EQ(*world.objects.List(), objects);
  EXPECT_EQ(ValueOf(world, "epoch"), (Bytes{0, 0, 0, 2}));
}

TEST_F(KeyRingTest, TheKeyOfAClosedLogIsForgotten) {
  const crypto::Ed25519PublicKey first = world.ring().log_signer(1).public_key();
  const Bytes first_row = ValueOf(world, "log");
  const auto second = world.Wait(world.ring().EnsureLog(2));
  ASSERT_TRUE(second.ok());
  EXPECT_NE(*second, first);
  EXPECT_EQ(*world.Wait(world.ring().EnsureLog(2)), *second) << "made once";
  ASSERT_TRUE(Reopen().ok());
  EXPECT_TRUE(world.ring().LogKeys()[0].signs) << "until the successor is in use";
  EXPECT_EQ(world.ring().log_signer(2).public_key(), *second);

  ASSERT_TRUE(world.Wait(world.ring().RetireLogs(2)).ok());
  ASSERT_TRUE(world.Wait(world.ring().RetireLogs(2)).ok()) << "and again";
  for (const bool put_back : {false, true}) {
    SCOPED_TRACE(put_back);
    if (put_back) world.Overwrite(RowNamed("log"), first_row);
    ASSERT_TRUE(Reopen().ok());
    const auto known = world.ring().LogKeys();
    ASSERT_EQ(known.size(), 2u);
    EXPECT_EQ(known[0].key, first);
    EXPECT_FALSE(known[0].signs);
    EXPECT_EQ(known[1].key, *second);
    EXPECT_TRUE(known[1].signs);
  }
  EXPECT_EQ(world.Wait(world.ring().EnsureLog(1)).error().code(), Code::kConflict);
  world.Stop();
  world.Erase(RowNamed("log-2"));
  ASSERT_TRUE(world.StartCommitter().ok());
  EXPECT_EQ(world.OpenRing().error().code(), Code::kCorrupt) << "no log can be signed";
}

TEST_F(KeyRingTest, CreateRefusesARingThatIsThere) {
  const auto again = world.Wait(KeyRing::Create(world.objects, world.committer(), world.register_id,
                                                world.random, world.executor));
  EXPECT_EQ(again.error().code(), Code::kConflict);
  EXPECT_TRUE(Reopen().ok());
}

TEST_F(KeyRingTest, CreateMakesNoRootBesideARingWhoseRootIsGone) {
  ASSERT_TRUE(world.objects.Destroy("root-7").ok());
  const auto again = world.Wait(KeyRing::Create(world.objects, world.committer(), world.register_id,
                                                world.random, world.executor));
  EXPECT_EQ(again.error().code(), Code::kConflict);
  EXPECT_EQ(Reopen().error().code(), Code::kUnavailable);
}

TEST_F(KeyRingTest, OpenRefuses) {
  const struct {
    const char* why;
    std::function<void(KeyWorld&)> spoil;
    Code want;
  } rows[] = {
      {"objects out of reach", [](KeyWorld& w) { w.objects.SetReachable(false); },
       Code::kUnavailable},
      {"ROOT is elsewhere", [](KeyWorld& w) { (void)w.objects.Destroy("root-7"); },
       Code::kUnavailable},
      {"the current EPOCH is elsewhere", [](KeyWorld& w) { (void)w.objects.Destroy("epoch-7-2"); },
       Code::kUnavailable},
      {"another ROOT",
       [](KeyWorld& w) {
         (void)w.objects.Destroy("root-7");
         (void)w.objects.Create("root-7");
       },
       Code::kCorrupt},
      {"IDX missing", [](KeyWorld& w) { w.Erase(RowNamed("idx")); }, Code::kCorrupt},
      {"LOG missing", [](KeyWorld& w) { w.Erase(RowNamed("log")); }, Code::kCorrupt},
      {"OVS missing", [](KeyWorld& w) { w.Erase(RowNamed("ovs")); }, Code::kCorrupt},
      {"the epoch missing", [](KeyWorld& w) { w.Erase(RowNamed("epoch")); }, Code::kCorrupt},
      {"the current KEK missing", [](KeyWorld& w) { w.Erase(RowNamed("kek-2")); }, Code::kCorrupt},
      {"the epoch set back", [](KeyWorld& w) { w.Overwrite(RowNamed("epoch"), {0, 0, 0, 1}); },
       Code::kCorrupt},
      {"the epoch set ahead", [](KeyWorld& w) { w.Overwrite(RowNamed("epoch"), {0, 0, 0, 3}); },
       Code::kCorrupt},
      {"the epoch of five bytes",
       [](KeyWorld& w) { w.Overwrite(RowNamed("epoch"), {0, 0, 0, 2, 0}); }, Code::kCorrupt},
      {"the epoch empty", [](KeyWorld& w) { w.Overwrite(RowNamed("epoch"), {}); }, Code::kCorrupt},
      {"PG under the name of IDX",
       [](KeyWorld& w) { w.Overwrite(RowNamed("idx"), ValueOf(w, "pg")); }, Code::kCorrupt},
      {"KEK 1 under the name of KEK 2",
       [](KeyWorld& w) { w.Overwrite(RowNamed("kek-2"), ValueOf(w, "kek-1")); }, Code::kCorrupt},
      {"a partner's key under another's name",
       [](KeyWorld& w) { w.Overwrite(RowNamed("ppk-6-1"), ValueOf(w, "ppk-5-1")); },
       Code::kCorrupt},
      {"a name nobody knows",
       [](KeyWorld& w) { w.Overwrite(RowNamed("state-2"), ValueOf(w, "state-1")); },
       Code::kCorrupt},
      {"a number with a zero in front",
       [](KeyWorld& w) { w.Overwrite(RowNamed("month-024312"), ValueOf(w, "month-24312")); },
       Code::kCorrupt},
      {"no ring",
       [](KeyWorld& w) {
         for (const auto& row : w.Rows(store::Family::kWrappedKeys)) w.Erase(RowNamed(row.key));
       },
       Code::kNotFound},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    KeyWorld spoilt(2);
    Fill(spoilt);
    spoilt.Stop();
    row.spoil(spoilt);
    ASSERT_TRUE(spoilt.StartCommitter().ok());
    const Status opened = spoilt.OpenRing();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), row.want);
  }
}

TEST_F(KeyRingTest, EveryFlippedByteOfAWrappedKeyIsFound) {
  for (const store::KeyedRow& row : world.Rows(store::Family::kWrappedKeys)) {
    for (std::size_t at = 0; at < row.row.value.size(); ++at) {
      Bytes flipped = row.row.value;
      flipped[at] ^= static_cast<std::uint8_t>(1u << (at % 8));
      world.Overwrite(RowNamed(row.key), flipped);
      const auto opened =
          world.Wait(KeyRing::Open(world.objects, world.store, world.committer(), world.register_id,
                                   world.random, world.executor));
      ASSERT_FALSE(opened.ok()) << row.key << " byte " << at;
      EXPECT_EQ(opened.error().code(), Code::kCorrupt) << row.key << " byte " << at;
    }
    world.Overwrite(RowNamed(row.key), row.row.value);
  }
  EXPECT_TRUE(Reopen().ok());
}

TEST_F(KeyRingTest, AnotherRegisterCannotOpenTheRing) {
  ASSERT_TRUE(world.objects.Create("root-8").ok());
  const auto opened = world.Wait(KeyRing::Open(world.objects, world.store, world.committer(),
                                               RegisterId(8), world.random, world.executor));
  EXPECT_EQ(opened.error().code(), Code::kCorrupt);
}

TEST_F(KeyRingTest, ADestroyedEpochIsForgottenAndTheRestServes) {
  ASSERT_TRUE(world.objects.Destroy("epoch-7-1").ok());
  ASSERT_TRUE(Reopen().ok());
  EXPECT_EQ(world.ring().Kek(1).error().code(), Code::kNotFound);
  EXPECT_TRUE(world.ring().Kek(2).ok());
  EXPECT_EQ(world.ring().Kek(0).error().code(), Code::kCorrupt);
  EXPECT_EQ(world.ring().Kek(3).error().code(), Code::kCorrupt);
}

TEST_F(KeyRingTest, TwoWhoBeginAnEpochBeginOne) {
  std::vector<Status> outcomes;
  struct Begin {
    static Task<void> Run(KeyRing& ring, std::vector<Status>& out) {
      Status begun = co_await ring.BeginEpoch();
      out.push_back(begun);
    }
  };
  base::Detach(Begin::Run(world.ring(), outcomes));
  base::Detach(Begin::Run(world.ring(), outcomes));
  world.executor.RunAll();
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_NE(outcomes[0].ok(), outcomes[1].ok());
  EXPECT_EQ(world.ring().current_epoch(), 3u);
  const Bytes kek = RevealOf(**world.ring().Kek(3));
  ASSERT_TRUE(Reopen().ok());
  EXPECT_EQ(RevealOf(**world.ring().Kek(3)), kek);
}

TEST_F(KeyRingTest, ADestroyedMonthNeverComesBack) {
  EXPECT_EQ(world.ring().DestroyMonth(24'313).error().code(), Code::kNotFound);
  ASSERT_TRUE(world.ring().DestroyMonth(24'312).ok());
  for (int start = 0; start < 2; ++start) {
    SCOPED_TRACE(start);
    EXPECT_EQ(world.ring().KeyOf(24'312).error().code(), Code::kNotFound);
    EXPECT_EQ(world.Wait(world.ring().Ensure(24'312)).error().code(), Code::kNotFound);
    EXPECT_TRUE(world.ring().DestroyMonth(24'312).ok());
    EXPECT_TRUE(world.Wait(world.ring().Ensure(24'313)).ok());
    ASSERT_TRUE(Reopen().ok());
  }
}

TEST_F(KeyRingTest, TwoWhoEnsureAMonthGetOneKey) {
  struct EnsureMonth {
    static Task<void> Run(KeyRing& ring, std::vector<Bytes>& out) {
      const Status ensured = co_await ring.Ensure(9);
      EXPECT_TRUE(ensured.ok());
      out.push_back(MacOf(**ring.KeyOf(9)));
    }
  };
  std::vector<Bytes> keys;
  for (int i = 0; i < 8; ++i) base::Detach(EnsureMonth::Run(world.ring(), keys));
  world.executor.RunAll();
  ASSERT_EQ(keys.size(), 8u);
  ASSERT_TRUE(Reopen().ok());
  for (const Bytes& key : keys) EXPECT_EQ(key, MacOf(**world.ring().KeyOf(9)));
}

// Each commit of a first start fails once, both ways; the next start must find or make a ring.
TEST(KeyRingFaults, AFirstStartThatFailsCanBeDoneAgain) {
  for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
    bool fired = true;
    for (int nth = 1; fired; ++nth) {
      SCOPED_TRACE(nth);
      KeyWorld world;
      world.store.Arm(Call::kCommit, nth, how);
      const Status first = world.Start();
      if (first.ok()) {
        (void)world.Wait(world.ring().BeginEpoch());
        (void)world.Wait(world.ring().Ensure(9));
        (void)world.Wait(world.ring().EnsurePartner(OrganisationId(5), 1));
      }
      fired = world.store.fired();
      world.Disarm();
      ASSERT_TRUE(world.Restart().ok());
      KeyRing& ring = world.ring();
      EXPECT_TRUE(ring.Kek(ring.current_epoch()).ok());
      if (ring.current_epoch() == 1) {
        EXPECT_TRUE(world.Wait(ring.BeginEpoch()).ok());
      }
      EXPECT_TRUE(world.Wait(ring.Ensure(9)).ok());
      EXPECT_TRUE(world.Wait(ring.EnsurePartner(OrganisationId(5), 1)).ok());
      EXPECT_EQ(ring.current_epoch(), 2u);
    }
  }
}

}  // namespace
}  // namespace cloison::keys
