// Another key for a person, because the one they have may be known: what is written from then on
// does not open with the old one, whatever fails in between, whoever else is at work on the record,
// and whatever old copy is put back.
#include <gtest/gtest.h>

#include <algorithm>

#include "keys/epochs.h"
#include "store/testing/fault_store.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using approvals::State;
using store::Family;
using store::testing::Call;
using store::testing::Fault;
using testing::TestVault;
using testing::Word;

constexpr int kCallsMax = 300;

std::vector<store::KeyedRow> KeysOf(TestVault& vault, const PersonId& person) {
  const auto page = vault.Wait(vault.key_store.Scan(
      {Family::kPersonKeys, std::string(AsText(person.bytes())), ""}, store::kScanRowsMax));
  CLOISON_CHECK(page.ok());
  std::vector<store::KeyedRow> rows = page->rows;
  std::erase_if(rows, [&person](const store::KeyedRow& row) {
    return !row.key.starts_with(AsText(person.bytes()));
  });
  return rows;
}

void Put(TestVault& vault, store::Store& store, Family family,
         const std::vector<store::KeyedRow>& rows) {
  store::WriteSet writes;
  for (const store::KeyedRow& row : rows) {
    writes.puts.push_back(store::Put{{family, row.key}, row.row.value});
  }
  CLOISON_CHECK(vault.Wait(store.Commit(std::move(writes))).ok());
}

void Remove(TestVault& vault, store::Store& store, Family family,
            const std::vector<store::KeyedRow>& rows) {
  store::WriteSet writes;
  for (const store::KeyedRow& row : rows) writes.deletes.push_back({family, row.key});
  CLOISON_CHECK(vault.Wait(store.Commit(std::move(writes))).ok());
}

access::Outcome<Approvals::Shown> Ask(TestVault& vault, std::string_view who,
                                      const std::string& code, const std::string& key) {
  access::Gate::Once once{key, base::ToBytes(AsBytes(code))};
  return vault.Wait(
      vault.gate().approvals().AskRekey(vault.As(who), code, {"rekey", "INC-7"}, std::move(once)));
}

std::uint64_t NumberOf(const access::Outcome<Approvals::Shown>& asked) {
  return std::get<Approvals::Shown>(*asked).approval.number;
}

records::Sighting Sight(TestVault& vault, const PersonId& person) {
  auto sighting = vault.Wait(vault.vault().people().Sight(person));
  CLOISON_CHECK(sighting.ok());
  return std::move(*sighting);
}

bool Opens(TestVault& vault, const keys::PersonKey& key, ByteView row) {
  return records::internal::OpenWholeRow(vault.vault().schema(), key, row).ok();
}

std::size_t RekeysIn(const access::Trail& trail) {
  return static_cast<std::size_t>(std::ranges::count_if(trail.looks, [](const access::Look& one) {
    return one.kind == ledger::Kind::kChange && one.purpose == "rekey";
  }));
}

// Re-keys that the ledger tells of, from there on.
std::size_t RekeysSince(TestVault& vault, std::uint64_t from) {
  const ledger::Ledger& log = vault.vault().ledger();
  std::size_t count = 0;
  for (std::uint64_t n = from; n < log.size(); ++n) {
    const auto records = vault.Wait(log.ReadRecords(n, 1));
    CLOISON_CHECK(records.ok());
    count += records->front().rule == "rekey" ? 1 : 0;
  }
  return count;
}

void ExpectSound(TestVault& vault) {
  ASSERT_TRUE(vault.Stop().ok());
  const auto report = vault.Audit();
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->fault.has_value()) << report->fault->text << " " << report->fault->place;
  ASSERT_TRUE(vault.Open().ok());
}

TEST(Rekey, TwoOfficersGiveAPersonAnotherKey) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const DemoPerson person = vault.world().citizen_one;
  const std::string code = vault.CodeFor("officer.security", person.person);
  const records::Sighting before = Sight(vault, person.person);
  const std::vector<store::KeyedRow> old_keys = KeysOf(vault, person.person);
  const std::size_t pairs = vault.Rows(Family::kCaseload).size();
  const std::vector<store::KeyedRow> pages = vault.Rows(Family::kIndex);
  const auto asked = Ask(vault, "officer.security", code, "k1");
  ASSERT_EQ(Word(asked), "shown");
  EXPECT_EQ(Sight(vault, person.person).header.pkv, 1u) << "asking changes nothing";
  const auto agreed = vault.ApproveAs("officer.security.b", NumberOf(asked));
  ASSERT_EQ(Word(agreed), "shown");
  EXPECT_EQ(std::get<Approvals::Shown>(*agreed).approval.state, State::kUsed);

  const records::Sighting after = Sight(vault, person.person);
  EXPECT_EQ(after.header.pkv, 2u);
  EXPECT_EQ(after.header.seq, before.header.seq + 1);
  EXPECT_EQ(after.key.aud(), before.key.aud()) << "the name in the ledger stays";
  EXPECT_TRUE(Opens(vault, after.key, after.row));
  EXPECT_FALSE(Opens(vault, before.key, after.row)) << "the old key opens nothing new";
  EXPECT_NE(base::ToBytes(before.key.RowKey().Reveal()),
            base::ToBytes(after.key.RowKey().Reveal()));
  const std::vector<store::KeyedRow> new_keys = KeysOf(vault, person.person);
  ASSERT_EQ(new_keys.size(), 1u) << "the old one is gone";
  EXPECT_NE(new_keys[0].key, old_keys[0].key);

  // What hangs on other keys stays as it was.
  EXPECT_EQ(vault.CodeFor("officer.security", person.person), code);
  EXPECT_EQ(vault.Rows(Family::kCaseload).size(), pairs);
  const std::vector<store::KeyedRow> pages_now = vault.Rows(Family::kIndex);
  ASSERT_EQ(pages_now.size(), pages.size());
  for (std::size_t i = 0; i < pages.size(); ++i) {
    EXPECT_EQ(pages_now[i].row.value, pages[i].row.value);
  }
  EXPECT_EQ(
      std::get<access::LookedUp>(*vault.LookUpAs("adviser.ft", "nir", person.nir, "reception"))
          .rows.size(),
      1u);
  EXPECT_EQ(Word(vault.DiscloseOwn("citizen.one", {"contact.phone"})), "shown");
  const auto trail = vault.TrailOf("citizen.one");
  ASSERT_EQ(Word(trail), "shown");
  EXPECT_EQ(RekeysIn(std::get<access::Trail>(*trail)), 1u) << "the person sees it";
  ExpectSound(vault);
  EXPECT_EQ(Word(vault.DiscloseOwn("citizen.one", {"contact.phone"})), "shown");
  EXPECT_EQ(KeysOf(vault, person.person).size(), 1u);
  // Updates go on under the new key, and an erasure takes that one too.
  EXPECT_EQ(Word(vault.UpdateAs("app.case", code, 1, {{"contact.phone", "0639980077"}})),
            "changed");
  EXPECT_EQ(Word(vault.UpdateAs("app.case", code, 2, {{"contact.phone", "0639980077"}})), "shown");
  ASSERT_EQ(Word(vault.EraseAs("officer.privacy", code, 3)), "shown");
  EXPECT_TRUE(KeysOf(vault, person.person).empty());
  ExpectSound(vault);
}

TEST(Rekey, TakesTwoWithTheRightAndTheKeyThatTheyMeant) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const std::string code = vault.CodeFor("officer.security", person);
  struct Row {
    const char* why;
    const char* who;
    std::string code;
    std::string_view want;
  };
  const Row rows[] = {
      {"an adviser", "adviser.ft", code, "no_right"},
      {"an application", "app.case", code, "no_right"},
      {"another officer", "officer.privacy", code, "no_right"},
      {"nobody", "officer.security", "not a code", "not_available"},
      {"nobody's code", "officer.security",
       vault.CodeFor("officer.security", PersonId(ByteArray<8>{9, 9, 9, 9})), "not_available"},
  };
  int key = 0;
  for (const Row& row : rows) {
    EXPECT_EQ(Word(Ask(vault, row.who, row.code, std::to_string(++key))), row.want) << row.why;
  }
  const auto first = Ask(vault, "officer.security", code, "first");
  const auto second = Ask(vault, "officer.security", code, "second");
  ASSERT_EQ(Word(first), "shown");
  ASSERT_EQ(Word(second), "shown");
  EXPECT_EQ(Word(vault.ApproveAs("officer.security", NumberOf(first))), "no_right") << "alone";
  // Whoever changes the record meanwhile is no reason not to.
  ASSERT_EQ(Word(vault.UpdateAs("app.case", code, 1, {{"contact.phone", "0639980077"}})), "shown");
  EXPECT_EQ(Sight(vault, person).header.pkv, 1u) << "an update keeps the key";
  EXPECT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(first))), "shown");
  EXPECT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(second))), "changed")
      << "the key that it was about is gone";
  EXPECT_EQ(Sight(vault, person).header.pkv, 2u);
  const auto again = Ask(vault, "officer.security", code, "again");
  EXPECT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(again))), "shown");
  EXPECT_EQ(Sight(vault, person).header.pkv, 3u);
  EXPECT_EQ(KeysOf(vault, person).size(), 1u);
  ExpectSound(vault);
}

// An old backup brings back the row under the exposed key, and that key: the start takes the person
// off it again, from the journal, before anybody is served.
// `restored`: both databases are of then, so that the number of the next key is drawn again; else
// the newer key is still there.
void ExpectTakenOff(bool restored) {
  SCOPED_TRACE(restored);
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const std::string code = vault.CodeFor("officer.security", person);
  const std::vector<store::KeyedRow> old_people = vault.Rows(Family::kPeople);
  const std::vector<store::KeyedRow> old_keys = KeysOf(vault, person);
  const records::Sighting before = Sight(vault, person);
  const auto asked = Ask(vault, "officer.security", code, "k1");
  ASSERT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(asked))), "shown");
  const std::vector<store::KeyedRow> new_keys = KeysOf(vault, person);
  ASSERT_TRUE(vault.Stop().ok());
  vault.Overwrite(Family::kPeople, old_people);
  Put(vault, vault.key_store, Family::kPersonKeys, old_keys);
  if (restored) Remove(vault, vault.key_store, Family::kPersonKeys, new_keys);
  ASSERT_TRUE(vault.Open().ok());
  const records::Sighting after = Sight(vault, person);
  EXPECT_GT(after.header.pkv, 1u);
  EXPECT_TRUE(Opens(vault, after.key, after.row));
  EXPECT_FALSE(Opens(vault, before.key, after.row));
  const std::vector<store::KeyedRow> keys = KeysOf(vault, person);
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_NE(keys[0].key, old_keys[0].key);
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "shown");
  const std::uint64_t size = vault.vault().ledger().size();
  ASSERT_TRUE(vault.Reopen().ok());
  EXPECT_EQ(vault.vault().ledger().size(), size) << "once is enough";
}

TEST(Rekey, AnOldCopyIsTakenOffTheOldKeyAtStart) {
  ExpectTakenOff(false);
  ExpectTakenOff(true);
}

// What became of one person's rows and keys, in the order of the commits.
class WatchedStore final : public store::Store {
 public:
  explicit WatchedStore(store::Store& under) : under_(under) {}
  Task<Result<std::vector<store::Row>>> MultiGet(std::vector<store::Key> keys,
                                                 store::ReadMode mode) override {
    const bool* const until = holds;
    const bool held = until != nullptr && keys.size() == 1 && keys.front() == held_key;
    waiting += held ? 1 : 0;
    while (held && *until) co_await executor->Schedule();
    const auto place = std::ranges::find(keys, broken);
    const std::ptrdiff_t at = place == keys.end() ? -1 : place - keys.begin();
    auto rows = co_await under_.MultiGet(std::move(keys), mode);
    if (at >= 0 && rows.ok() && (*rows)[at].present()) (*rows)[at].value.back() ^= 1;
    if (held && rows.ok() && !rows->front().present()) ++missed;
    co_return rows;
  }
  Task<Result<store::ScanPage>> Scan(store::Range range, std::size_t limit) override {
    co_return co_await under_.Scan(std::move(range), limit);
  }
  Task<Result<store::Version>> Commit(store::WriteSet writes) override {
    for (const store::Put& put : writes.puts) puts += put.key == watched ? 1 : 0;
    co_return co_await under_.Commit(std::move(writes));
  }
  Result<std::unique_ptr<store::BulkLoader>> LoadBulk(Family family) override {
    return under_.LoadBulk(family);
  }
  Result<std::unique_ptr<store::BulkLoader>> LoadRun(Family family,
                                                     store::Version version) override {
    return under_.LoadRun(family, version);
  }
  Status Checkpoint(const std::string& path) override { return under_.Checkpoint(path); }
  store::Version last_version() const override { return under_.last_version(); }
  store::Health health() const override { return under_.health(); }

  store::Key broken{Family::kMeta, ""};   // what is read of it alone does not open
  store::Key watched{Family::kMeta, ""};  // how often it was put
  int puts = 0;
  const bool* holds = nullptr;             // while it is true a read of `held_key` alone waits
  store::Key held_key{Family::kMeta, ""};  // of those that waited, how many found nothing
  int waiting = 0, missed = 0;
  base::Executor* executor = nullptr;

 private:
  store::Store& under_;
};

store::Key KeyOf(const PersonId& person, std::uint32_t pkv) {
  store::Key key{Family::kPersonKeys, std::string(AsText(person.bytes()))};
  base::AppendU32(key.bytes, pkv);
  return key;
}

// What a re-key that was cut short left behind is nobody's key, and opens or not: the person is
// read by their own.
TEST(Rekey, AnUnusedKeyThatDoesNotOpenIsNoMatter) {
  TestVault vault;
  WatchedStore keys(vault.key_store);
  vault.over_keys = &keys;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const std::string code = vault.CodeFor("officer.security", person);
  const auto asked = Ask(vault, "officer.security", code, "k1");
  {
    const keys::PersonKeys::Hold hold(vault.vault().person_keys());  // the older key stays
    ASSERT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(asked))), "shown");
  }
  ASSERT_EQ(KeysOf(vault, person).size(), 2u);
  keys.broken = KeyOf(person, 1);
  EXPECT_EQ(Sight(vault, person).header.pkv, 2u);
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "shown");
  const auto again = Ask(vault, "officer.security", code, "k2");
  ASSERT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(again))), "shown");
  EXPECT_EQ(Sight(vault, person).header.pkv, 3u);
  EXPECT_EQ(KeysOf(vault, person).size(), 1u) << "and it goes";
  ExpectSound(vault);
}

// A backup has the main database as it was: the key that its rows are under must be in its copy of
// the keys.
TEST(Rekey, AKeyThatABackupNeedsStaysUntilItIsTaken) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const std::string code = vault.CodeFor("officer.security", person);
  const auto asked = Ask(vault, "officer.security", code, "k1");
  {
    const keys::PersonKeys::Hold hold(vault.vault().person_keys());
    const auto agreed = vault.ApproveAs("officer.security.b", NumberOf(asked));
    ASSERT_EQ(Word(agreed), "shown");
    EXPECT_EQ(std::get<Approvals::Shown>(*agreed).approval.state, State::kApproved);
    for (const char* event : {"rekey_not_finished", "approval_not_finished"}) {
      EXPECT_EQ(vault.events.Count(event), 1u) << event;
      EXPECT_EQ(vault.events.Count(event, base::Severity::kError), 0u) << event << ": no error";
    }
    EXPECT_EQ(Sight(vault, person).header.pkv, 2u) << "the record does not wait";
    EXPECT_EQ(KeysOf(vault, person).size(), 2u);
    EXPECT_FALSE(vault.Wait(vault.gate().RetryErasures(vault.executor)).ok());
    EXPECT_EQ(KeysOf(vault, person).size(), 2u);
    EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "shown")
        << "the row says which key is its own";
  }
  EXPECT_TRUE(vault.Wait(vault.gate().RetryErasures(vault.executor)).ok());
  EXPECT_EQ(KeysOf(vault, person).size(), 1u);
  EXPECT_TRUE(vault.Wait(vault.gate().approvals().Finish(vault.executor)).ok());
  const auto read =
      vault.Wait(vault.gate().approvals().Read(vault.As("officer.security"), NumberOf(asked)));
  EXPECT_EQ(std::get<Approvals::Shown>(*read).approval.state, State::kUsed);
  EXPECT_EQ(Sight(vault, person).header.pkv, 2u);
  ExpectSound(vault);
}

// ---- faults: every call of both stores, both ways

class RekeyLife {
 public:
  RekeyLife() {
    CLOISON_CHECK(test_.Start().ok());
    person_ = test_.world().citizen_one.person;
    const auto asked =
        Ask(test_, "officer.security", test_.CodeFor("officer.security", person_), "k1");
    CLOISON_CHECK(Word(asked) == "shown");
    number_ = NumberOf(asked);
    old_.emplace(Sight(test_, person_));
    CLOISON_CHECK(test_.Stop().ok());
  }

  bool Run(bool of_keys, Call call, int nth, Fault how) {
    store::testing::FaultStore main(test_.main_store), keys(test_.key_store);
    store::testing::FaultStore& faulty = of_keys ? keys : main;
    {
      const Environment base = test_.MakeEnvironment();
      const Environment environment{
          main,        keys,         base.objects,       base.files,        base.clock,
          base.random, base.events,  base.main_executor, base.key_executor, base.background,
          base.home,   base.builders};
      bool fatal = false;
      Settings settings = test_.MakeSettings();
      settings.on_fatal = [&fatal] { fatal = true; };
      auto vault = test_.Wait(Vault::Open(environment, std::move(settings)));
      CLOISON_CHECK(vault.ok());
      faulty.Arm(call, nth, how);
      const auto outcome =
          test_.Wait((*vault)->gate().approvals().Approve(test_.As("officer.security.b"), number_));
      told_used_ = Word(outcome) == "shown" &&
                   std::get<Approvals::Shown>(*outcome).approval.state == State::kUsed;
      fired_ = faulty.fired();
      faulty.Arm(Call::kRead, INT32_MAX, Fault::kNotApplied);
      if (!fatal) {
        EXPECT_TRUE(test_.Wait((*vault)->Stop()).ok());
      }
      test_.executor.RunAll();
    }
    CLOISON_CHECK(test_.Open().ok());
    return fired_;
  }

  void Audit() {
    // Whoever was told nothing asks again; what was decided is finished by the start.
    EXPECT_EQ(Word(test_.ApproveAs("officer.security.b", number_)), "shown");
    const auto read =
        test_.Wait(test_.gate().approvals().Read(test_.As("officer.security"), number_));
    EXPECT_EQ(std::get<Approvals::Shown>(*read).approval.state, State::kUsed) << told_used_;
    const records::Sighting now = Sight(test_, person_);
    EXPECT_GT(now.header.pkv, 1u);
    EXPECT_TRUE(Opens(test_, now.key, now.row));
    EXPECT_FALSE(Opens(test_, old_->key, now.row));
    EXPECT_EQ(now.header.seq, old_->header.seq + 1) << "written once";
    EXPECT_EQ(KeysOf(test_, person_).size(), 1u) << "no key is left but the row's";
    const auto trail = test_.TrailOf("citizen.one");
    EXPECT_EQ(RekeysIn(std::get<access::Trail>(*trail)), 1u);
    ExpectSound(test_);
  }

 private:
  TestVault test_;
  PersonId person_{ByteArray<8>{}};
  std::uint64_t number_ = 0;
  std::optional<records::Sighting> old_;
  bool told_used_ = false, fired_ = false;
};

TEST(RekeyFaults, EachCallOfBothStoresFailsOnce) {
  for (const bool of_keys : {false, true}) {
    for (const Call call : {Call::kRead, Call::kCommit}) {
      for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
        if (call == Call::kRead && how != Fault::kNotApplied) continue;
        int nth = 1;
        for (bool fired = true; fired && nth < kCallsMax; ++nth) {
          SCOPED_TRACE(std::string(of_keys ? "keys" : "main") +
                       (call == Call::kRead ? " read " : " commit ") + std::to_string(nth) +
                       (how == Fault::kNotApplied ? "" : " applied"));
          RekeyLife life;
          fired = life.Run(of_keys, call, nth, how);
          life.Audit();
          ASSERT_FALSE(::testing::Test::HasFailure());
        }
        EXPECT_GT(nth, 2) << "no call was met";
      }
    }
  }
}

// ---- races

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

TEST(Rekey, RacedAgainstUpdateReadsRewrapAndErasure) {
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
TEST(Rekey, AReaderWhoMeetsTheMomentReadsAgain) {
  TestVault vault;
  WatchedStore keys(vault.key_store);
  vault.over_keys = &keys;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const std::string code = vault.CodeFor("officer.security", person);
  const auto first = Ask(vault, "officer.security", code, "k1");
  {
    // The older key stays, so a reader goes by steps.
    const keys::PersonKeys::Hold hold(vault.vault().person_keys());
    ASSERT_EQ(Word(vault.ApproveAs("officer.security.b", NumberOf(first))), "shown");
  }
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

}  // namespace
}  // namespace cloison::vault
