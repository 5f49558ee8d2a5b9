// A person is given another key while others are at work on the record: they read, change, wrap
// anew and erase, and nobody takes the living for gone.
#include <gtest/gtest.h>

#include "keys/epochs.h"
#include "vault/testing/rekey_world.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using store::Family;
using testing::Ask;
using testing::ExpectSound;
using testing::KeyOf;
using testing::KeysOf;
using testing::NumberOf;
using testing::Opens;
using testing::PutDamagedKey;
using testing::RekeysSince;
using testing::Sight;
using testing::TestVault;
using testing::WatchedStore;
using testing::Word;

struct Raced {
  bool rekeyed = false, updated = false, erased = false;
  int looks = 0, refused = 0;
};

Task<void> RunApprove(TestVault& vault, std::string_view who, std::uint64_t number, bool& done) {
  const auto outcome = co_await vault.gate().approvals().Approve(vault.As(who), number);
  done = Word(outcome) == "shown";
}

Task<void> RunUpdate(TestVault& vault, std::string code, Raced& raced) {
  std::vector<records::FieldChange> changes;
  changes.push_back(
      {vault.Fields({"contact.phone"})[0], crypto::SecretBytes::CopyOf(AsBytes("+33639980077"))});
  const access::Reason reason{"update", "case-1"};
  const auto outcome =
      co_await vault.gate().Update(vault.As("app.case"), code, 1, std::move(changes), reason);
  raced.updated = Word(outcome) == "shown";
}

Task<void> RunLook(TestVault& vault, std::string code, Raced& raced) {
  access::DisclosureRequest request{{code}, vault.Fields({"contact.phone"}), {"support", "case-1"}};
  const auto outcome = co_await vault.gate().Disclose(vault.As("adviser.ft"), std::move(request));
  ++(Word(outcome) == "shown" ? raced.looks : raced.refused);
}

Task<void> RunRewrap(TestVault& vault, bool& done) {
  keys::Epochs epochs(vault.vault().ring(), vault.key_store, vault.vault().key_committer(),
                      vault.vault().state());
  const std::int64_t now_ms = vault.vault().committer().Now().wall_ms;
  if (!(co_await epochs.Load(now_ms, vault.random, vault.executor)).ok()) co_return;
  if (!(co_await epochs.Begin(now_ms, vault.executor)).ok()) co_return;
  while (true) {
    const auto pass = co_await epochs.Rewrap(now_ms, vault.executor);
    if (!pass.ok()) co_return;
    if (pass->whole) break;
  }
  done = true;
}

// Of the seeds with an erasure: how often it won though the re-key had begun, and how often the
// re-key's row was there before it.
struct Won {
  int begun_in_vain = 0, rekeyed_first = 0;
};

void Race(std::uint64_t seed, bool with_erasure, Won& won) {
  SCOPED_TRACE("seed " + std::to_string(seed) + (with_erasure ? " erased" : ""));
  TestVault vault(testing::SmallWorld(), seed);
  WatchedStore keys(vault.key_store);
  vault.over_keys = &keys;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  keys.watched = KeyOf(person, 2);
  const std::string code = vault.CodeFor("officer.security", person);
  const records::Sighting before = Sight(vault, person);
  const auto asked = Ask(vault, "officer.security", code, "k1");
  access::Gate::Once once{"e1", {}};
  const auto erase = vault.Wait(vault.gate().approvals().AskErase(
      vault.As("officer.privacy"), code, 1, {"erase", "case-1"}, std::move(once)));
  Raced raced;
  bool rewrapped = false;
  base::Detach(RunApprove(vault, "officer.security.b", NumberOf(asked), raced.rekeyed));
  base::Detach(RunUpdate(vault, code, raced));
  base::Detach(RunRewrap(vault, rewrapped));
  if (with_erasure) {
    base::Detach(RunApprove(vault, "officer.privacy.b", NumberOf(erase), raced.erased));
  }
  for (int i = 0; i < 12; ++i) base::Detach(RunLook(vault, code, raced));
  const std::uint64_t ledger_from = vault.vault().ledger().size();
  vault.executor.RunAll();
  EXPECT_TRUE(rewrapped);
  EXPECT_EQ(raced.looks + raced.refused, 12);
  if (raced.erased && keys.puts > 0) {
    ++(RekeysSince(vault, ledger_from) > 0 ? won.rekeyed_first : won.begun_in_vain);
  }
  if (!raced.erased) {
    EXPECT_TRUE(raced.rekeyed);
    EXPECT_EQ(raced.refused, 0) << "a living person is never nobody";
    const records::Sighting after = Sight(vault, person);
    EXPECT_EQ(after.header.pkv, 2u);
    EXPECT_FALSE(Opens(vault, before.key, after.row));
    EXPECT_EQ(KeysOf(vault, person).size(), 1u);
    EXPECT_EQ(after.header.seq, raced.updated ? 3u : 2u);
  } else {
    EXPECT_FALSE(vault.Wait(vault.vault().people().Sight(person)).ok());
    EXPECT_TRUE(KeysOf(vault, person).empty()) << "erased: no key of theirs comes back";
  }
  ExpectSound(vault);
  EXPECT_EQ(KeysOf(vault, person).size(), raced.erased ? 0u : 1u);
  ASSERT_TRUE(vault.Stop().ok());  // while its store is there
}

TEST(RekeyRaces, RacedAgainstUpdateReadsRewrapAndErasure) {
  Won won;
  for (std::uint64_t seed = 1; seed <= 24; ++seed) {
    if (seed <= 12) Race(seed, false, won);
    Race(seed, true, won);
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
  EXPECT_GT(won.begun_in_vain, 0) << "no erasure came between a new key and the row under it";
  EXPECT_GT(won.rekeyed_first, 0);
}

// Between the row and the key that it names the person is given another: whoever reads reads
// again, and finds them.
TEST(RekeyRaces, AReaderWhoMeetsTheMomentReadsAgain) {
  TestVault vault;
  WatchedStore keys(vault.key_store);
  vault.over_keys = &keys;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const std::string code = vault.CodeFor("officer.security", person);
  const auto first = Ask(vault, "officer.security", code, "k1");
  ASSERT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(first))), "shown");
  PutDamagedKey(vault, person, 3);  // a reader goes by steps
  const auto second = Ask(vault, "officer.security", code, "k2");
  bool holds = true;
  keys.executor = &vault.executor;
  keys.held_key = KeyOf(person, 2);
  keys.holds = &holds;
  Raced raced;
  base::Detach(RunLook(vault, code, raced));
  for (int step = 0; step < 10'000 && keys.waiting == 0; ++step) (void)vault.executor.Step();
  ASSERT_EQ(keys.waiting, 1) << "the row is read, and the key is asked for";
  // The re-key's own reads of that key go on.
  keys.holds = nullptr;
  bool rekeyed = false;
  base::Detach(RunApprove(vault, "officer.security.b", NumberOf(second), rekeyed));
  for (int step = 0; step < 100'000 && KeysOf(vault, person).size() != 1; ++step) {
    (void)vault.executor.Step();
  }
  holds = false;
  vault.executor.RunAll();
  EXPECT_TRUE(rekeyed);
  EXPECT_EQ(keys.missed, 1) << "that key was gone";
  EXPECT_EQ(raced.looks, 1) << "and the person was not";
  EXPECT_EQ(raced.refused, 0);
  ASSERT_TRUE(vault.Stop().ok());
}

// What a re-key that was cut short left behind is nobody's key, and opens or not: the person is
// read by their own.
TEST(RekeyRaces, AnUnusedKeyThatDoesNotOpenIsNoMatter) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const std::string code = vault.CodeFor("officer.security", person);
  const auto asked = Ask(vault, "officer.security", code, "k1");
  ASSERT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(asked))), "shown");
  PutDamagedKey(vault, person, 3);
  EXPECT_EQ(Sight(vault, person).header.pkv, 2u);
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "shown");
  const auto again = Ask(vault, "officer.security", code, "k2");
  ASSERT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(again))), "shown");
  EXPECT_EQ(Sight(vault, person).header.pkv, 4u) << "its number is skipped";
  EXPECT_EQ(KeysOf(vault, person).size(), 1u) << "and it goes";
  ExpectSound(vault);
}

}  // namespace
}  // namespace cloison::vault
