// A register is backed up while it serves, and comes back from the backup alone: what was known,
// who was forgotten, and nobody's budget.
#include <gtest/gtest.h>

#include <filesystem>

#include "backup/restore.h"
#include "vault/decoy_inventor.h"
#include "vault/epoch_life.h"
#include "vault/testing/recovery_world.h"

namespace cloison::vault {
namespace {

using access::Counter;
using access::Window;
using testing::Word;

class Backup : public testing::RecoveryWorld {
 protected:
  Backup() {
    CLOISON_CHECK(files_.MakeDirectory(directory_.path() + "/to", 0700).ok());
    Incarnate(1);
  }
  // As a server does before it opens a register that has none.
  void Incarnate(std::uint8_t byte) {
    CLOISON_CHECK(vault_.Stop().ok());
    const store::Key key{store::Family::kMeta, backup::kIncarnationRow};
    const auto row = vault_.Wait(vault_.main_store.MultiGet({key}, store::ReadMode::kAny));
    CLOISON_CHECK(row.ok());
    if (!row->front().present()) {
      store::WriteSet writes;
      writes.puts.push_back({key, Bytes(16, byte)});
      CLOISON_CHECK(vault_.Wait(vault_.main_store.Commit(std::move(writes))).ok());
    }
    CLOISON_CHECK(vault_.Open().ok());
  }

  std::string Directory() { return directory_.path() + "/to"; }
  backup::Snapshot CopyOf(store::Store& from, const char* name) {
    return [this, &from, name]() -> Result<std::unique_ptr<store::Store>> {
      const std::string path = directory_.path() + "/" + name + std::to_string(++copies_);
      CLOISON_TRY(from.Checkpoint(path));
      CLOISON_TRY_ASSIGN(std::unique_ptr<store::MemoryStore> copy,
                         store::MemoryStore::OpenCheckpoint(path));
      return std::unique_ptr<store::Store>(std::move(copy));
    };
  }
  std::string TakeBackup(const std::string& parent = "") {
    const Result<backup::Taken> taken = Take(parent);
    EXPECT_TRUE(taken.ok()) << (taken.ok() ? "" : taken.error().text());
    return taken.ok() ? taken->name : "";
  }
  Result<backup::Taken> Take(const std::string& parent) {
    const backup::Source source{CopyOf(vault_.main_store, "main"),
                                CopyOf(vault_.key_store, "keys"),
                                vault_.objects,
                                files_,
                                random_,
                                vault_.vault().schema().register_id()};
    return backup::Take(source, Directory(), parent);
  }
  using RecoveryWorld::Take;
  struct Machine {  // an empty one
    store::MemoryStore main, keys;
    base::ThreadPool main_executor{1}, key_executor{1}, home{1};
  };
  Result<backup::Restored> RestoreTo(Machine& machine, const std::string& name) {
    const backup::Target target{
        machine.main,          machine.keys,         vault_.objects, files_,   clock_,     random_,
        machine.main_executor, machine.key_executor, machine.home,   *schema_, Directory()};
    return base::SyncWait(backup::Restore(target, Directory(), name, &bad_));
  }
  // The stopped register's databases become those of the machine.
  void MoveIn(Machine& machine) {
    const auto image = [](store::Store& from, std::span<const store::Family> families) {
      testing::Image rows;
      for (const store::Family family : families) {
        store::Range range{family, "", ""};
        rows[family] = {};
        while (true) {
          Result<store::ScanPage> page = base::SyncWait(from.Scan(range, store::kScanRowsMax));
          CLOISON_CHECK(page.ok());
          for (store::KeyedRow& row : page->rows) rows[family].push_back(std::move(row));
          if (!page->next.has_value()) break;
          range.begin = *page->next;
        }
      }
      return rows;
    };
    PutBack(vault_.main_store, image(machine.main, store::kMainFamilies));
    PutBack(vault_.key_store, image(machine.keys, store::kKeyFamilies));
  }
  void StopAndRestore(const std::string& name) {
    schema_ = DemoSchema(testing::SmallWorld());
    ASSERT_TRUE(vault_.Stop().ok());
    Machine machine;
    const Result<backup::Restored> restored = RestoreTo(machine, name);
    ASSERT_TRUE(restored.ok()) << restored.error().text();
    EXPECT_GE(restored->index.people, 1'999u);
    MoveIn(machine);
  }
  // How many wrapped keys of the person all these backups have, and how many of them open.
  std::pair<int, int> KeysIn(const std::vector<std::string>& names, const PersonId& person) {
    const std::string prefix(AsText(person.bytes()));
    std::pair<int, int> rows_and_open{0, 0};
    for (const std::string& name : names) {
      auto reader = backup::ArchiveReader::Open(
          files_, PathOf(Directory(), name, backup::Database::kKeys), vault_.objects);
      CLOISON_CHECK(reader.ok());
      while (true) {
        auto row = (*reader)->Next();
        CLOISON_CHECK(row.ok());
        if (!row->has_value()) break;
        auto& [key, value] = **row;
        const bool theirs = key.family == store::Family::kPersonKeys && value.has_value();
        if (!theirs || !key.bytes.starts_with(prefix)) continue;
        store::MemoryStore copy;
        store::WriteSet writes;
        writes.puts.push_back({std::move(key), std::move(*value)});
        CLOISON_CHECK(base::SyncWait(copy.Commit(std::move(writes))).ok());
        const keys::PersonKeys keys(vault_.vault().ring(), copy, vault_.vault().key_committer(),
                                    vault_.vault().state(), LogId(ByteArray<8>{}), random_);
        ++rows_and_open.first;
        rows_and_open.second += base::SyncWait(keys.Load(person)).ok() ? 1 : 0;
      }
    }
    return rows_and_open;
  }
  // All of a backup in an empty machine, wrapped keys included: of how many of these people a row
  // and a wrapped key are there, and how many records open.
  struct After {
    std::size_t there = 0, readable = 0;
    friend bool operator==(const After&, const After&) = default;
  };
  After Restoring(const std::string& name, const std::vector<PersonId>& people) {
    schema_ = DemoSchema(testing::SmallWorld());
    Machine machine;
    (void)RestoreTo(machine, name);  // of a backup whose keys are gone it fails, having written
    const keys::PersonKeys keys(vault_.vault().ring(), machine.keys, vault_.vault().key_committer(),
                                vault_.vault().state(), LogId(ByteArray<8>{}), random_);
    After after;
    for (const PersonId& person : people) {
      const Result<keys::PersonKey> key = base::SyncWait(keys.LoadAny(person));
      const auto row =
          base::SyncWait(machine.main.MultiGet({records::RowKeyOf(person)}, store::ReadMode::kAny));
      CLOISON_CHECK(row.ok());
      const bool has_key = key.ok() || key.error().code() != Code::kNotFound;
      if (!has_key || !row->front().present()) continue;
      ++after.there;
      if (!key.ok()) continue;
      const Status whole = records::internal::CheckForm(*schema_, *key, row->front().value);
      after.readable += whole.ok() ? 1 : 0;
    }
    return after;
  }
  std::size_t FoundByNir(const DemoPerson& person) {
    const auto found = vault_.LookUpAs("adviser.ft", "nir", person.nir, "support");
    if (Word(found) != "shown") return 99;
    return std::get<access::LookedUp>(*found).rows.size();
  }

  store::testing::TempDirectory directory_;
  base::SystemFiles files_;
  base::SystemRandom random_;
  base::SystemClock clock_;
  std::shared_ptr<const records::Schema> schema_;
  std::string bad_;
  int copies_ = 0;
};

TEST_F(Backup, BringsTheRegisterBackWithBudgetsSpent) {
  ASSERT_TRUE(vault_.Reopen().ok());
  const DemoPerson person = vault_.world().of_adviser_ft;
  const std::string name = TakeBackup();
  ASSERT_EQ(Look(Citizen()), "shown") << "the server goes on";
  const testing::Image index = Take(vault_.main_store, std::vector{store::Family::kIndex});
  StopAndRestore(name);
  ExpectRefused("the ledger is shorter than what was signed");
  Ceremony();
  EXPECT_EQ(Left(Counter::kOpened, Window::kHour), 0u);
  vault_.clock.Advance(32 * base::kDayMs);
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(FoundByNir(person), 1u) << "the index was built from the rows";
  EXPECT_EQ(Rows(vault_.main_store, store::Family::kIndex).size(),
            index.at(store::Family::kIndex).size());
  EXPECT_EQ(Look(person.person), "shown");
  ASSERT_TRUE(vault_.Stop().ok());
  const Result<StoreReport> audit = vault_.Audit();
  ASSERT_TRUE(audit.ok()) << audit.error().text();
}

// G6: the journal lies outside of every backup, and is replayed.
TEST_F(Backup, WhoWasErasedAfterwardsStaysForgotten) {
  ASSERT_TRUE(vault_.Reopen().ok());
  const DemoPerson person = vault_.world().of_adviser_ft;
  const std::string name = TakeBackup();
  const auto erased =
      vault_.EraseAs("officer.privacy", vault_.CodeFor("officer.privacy", person.person), 1);
  ASSERT_EQ(Word(erased), "shown");
  StopAndRestore(name);
  const std::string key(AsText(person.person.bytes()));
  const auto row = [&] {
    return vault_.Wait(
        vault_.main_store.MultiGet({{store::Family::kPeople, key}}, store::ReadMode::kAny));
  };
  ASSERT_TRUE(row()->front().present()) << "the backup has the person";
  Ceremony();
  EXPECT_FALSE(row()->front().present());
  for (const store::KeyedRow& wrapped : Rows(vault_.key_store, store::Family::kPersonKeys)) {
    EXPECT_FALSE(wrapped.key.starts_with(key)) << "a wrapped key came back";
  }
  vault_.clock.Advance(32 * base::kDayMs);
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(FoundByNir(person), 0u);
  EXPECT_NE(Look(person.person), "shown");
  EXPECT_EQ(Look(Citizen()), "shown") << "the others are there";
}

// A version that somebody read, and that is lost, does not come again with another text.
TEST_F(Backup, WhatIsChangedAfterwardsIsNumberedFarOff) {
  ASSERT_TRUE(vault_.Reopen().ok());
  const std::string code = vault_.CodeFor("app.case", vault_.world().of_adviser_ft.person);
  const auto update = [&](std::uint64_t version, const std::string& phone) -> std::uint64_t {
    const auto done = vault_.UpdateAs("app.case", code, version, {{"contact.phone", phone}});
    return Word(done) == "shown" ? std::get<access::Registered>(*done).version : 0;
  };
  ASSERT_EQ(update(1, "0639980011"), 2u);
  const std::string name = TakeBackup();
  ASSERT_EQ(update(2, "0639980012"), 3u) << "and is lost";
  StopAndRestore(name);
  Ceremony();
  vault_.clock.Advance(32 * base::kDayMs);
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(update(3, "0639980013"), 0u) << "what was lost";
  const std::uint64_t next = 2 + records::kSeqJump;
  EXPECT_EQ(update(2, "0639980014"), next);
  EXPECT_EQ(update(next, "0639980015"), next + 1) << "once";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(update(next + 1, "0639980016"), next + 2);
  ASSERT_TRUE(vault_.Stop().ok());
  const Result<StoreReport> audit = vault_.Audit();
  ASSERT_TRUE(audit.ok()) << audit.error().text();
  EXPECT_FALSE(audit->fault.has_value()) << audit->fault->text;
}

// Who is a decoy is on the list that came back, and on no other.
TEST_F(Backup, DecoysComeBackAsDecoys) {
  vault_.inventor = std::make_shared<GeneratedDecoys>(
      DemoSchema(testing::SmallWorld()), testing::SmallWorld().seed, DecoyNumbers{}, vault_.random);
  ASSERT_TRUE(vault_.Reopen().ok());
  ASSERT_EQ(vault_.TendDecoys(1'000)->made, 20u);
  const std::string name = TakeBackup();
  ASSERT_EQ(vault_.TendDecoys(2'000)->made, 20u);
  StopAndRestore(name);
  Ceremony();
  vault_.clock.Advance(32 * base::kDayMs);
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(vault_.Decoys().size(), 20u);
  const auto tended = vault_.Wait(vault_.gate().decoys().Tend(vault_.executor));
  ASSERT_TRUE(tended.ok());
  EXPECT_EQ(tended->people, 2'000u) << "none of them is taken for a person";
  EXPECT_EQ(tended->made + tended->retired, 0u) << "the share came back";
}

TEST_F(Backup, AnIncrementalOneHasWhatChangedAndWhatWent) {
  const std::string first = TakeBackup();
  const DemoPerson person = vault_.world().of_adviser_ft;
  ASSERT_EQ(Word(vault_.RegisterAs(
                "app.case", {{"identity.birth_name", "Nouvelle"}, {"identity.first_name", "Anne"}},
                "key-1")),
            "shown");
  ASSERT_EQ(
      Word(vault_.EraseAs("officer.privacy", vault_.CodeFor("officer.privacy", person.person), 1)),
      "shown");
  ASSERT_EQ(Look(Citizen()), "shown");
  const std::string second = TakeBackup(first);
  const auto size = [this](const std::string& name) {
    return std::filesystem::file_size(PathOf(Directory(), name, backup::Database::kMain));
  };
  EXPECT_LT(size(second) * 3, size(first)) << "an increment is small";
  ASSERT_EQ(Look(Citizen()), "shown");
  const std::string third = TakeBackup(second);
  const testing::Image main = TakeMain();
  const testing::Image keys = Take(vault_.key_store, store::kKeyFamilies);
  schema_ = DemoSchema(testing::SmallWorld());
  Machine machine;
  const auto restored = RestoreTo(machine, third);
  ASSERT_TRUE(restored.ok()) << restored.error().text() << bad_;
  for (const auto& [family, rows] : main) {
    if (family == store::Family::kIndex || family == store::Family::kMeta) continue;
    std::vector<store::KeyedRow> there;
    store::Range range{family, "", ""};
    while (true) {
      auto page = base::SyncWait(machine.main.Scan(range, store::kScanRowsMax));
      for (store::KeyedRow& row : page->rows) there.push_back(std::move(row));
      if (!page->next.has_value()) break;
      range.begin = *page->next;
    }
    ASSERT_EQ(there.size(), rows.size()) << store::FamilyName(family);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ASSERT_EQ(there[i].key, rows[i].key);
      ASSERT_EQ(there[i].row.value, rows[i].row.value) << store::FamilyName(family);
    }
  }
}

// A fold writes its rows under the number of a commit that was made before.
TEST_F(Backup, AnIncrementHasWhatAFoldWrote) {
  ASSERT_EQ(Look(Citizen()), "shown");
  const std::string first = TakeBackup();
  ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
  const auto trail = Rows(vault_.main_store, store::Family::kTrail);
  ASSERT_FALSE(trail.empty());
  const std::string second = TakeBackup(first);
  schema_ = DemoSchema(testing::SmallWorld());
  Machine machine;
  const auto restored = RestoreTo(machine, second);
  ASSERT_TRUE(restored.ok()) << restored.error().text();
  const auto there = base::SyncWait(
      machine.main.Scan(store::Range{store::Family::kTrail, "", ""}, store::kScanRowsMax));
  ASSERT_EQ(there->rows.size(), trail.size());
  for (std::size_t i = 0; i < trail.size(); ++i) {
    EXPECT_EQ(there->rows[i].row.value, trail[i].row.value);
  }
}

TEST_F(Backup, RefusesWhatDoesNotFit) {
  const std::string first = TakeBackup();
  const std::string second = TakeBackup(first);
  schema_ = DemoSchema(testing::SmallWorld());
  {
    Machine machine;
    store::WriteSet some;
    some.puts.push_back({{store::Family::kMeta, "x"}, Bytes{1}});
    ASSERT_TRUE(base::SyncWait(machine.main.Commit(std::move(some))).ok());
    EXPECT_EQ(RestoreTo(machine, first).error().code(), Code::kConflict) << "not empty";
  }
  const auto main_of = [this](const std::string& name) {
    return PathOf(Directory(), name, backup::Database::kMain);
  };
  const Bytes whole = *files_.Read(main_of(first));
  Bytes altered = whole;
  altered[altered.size() / 2] ^= 1;
  ASSERT_TRUE(base::WriteWhole(files_, main_of(first), altered).ok());
  {
    Machine machine;
    const auto refused = RestoreTo(machine, second);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), Code::kCorrupt);
    EXPECT_EQ(bad_, main_of(first)) << "names the file";
    EXPECT_GT(refused.error().detail(), 0) << "and the place";
    EXPECT_EQ(machine.main.last_version(), 0u) << "nothing was written";
  }
  ASSERT_TRUE(base::WriteWhole(files_, main_of(first), *files_.Read(main_of(second))).ok());
  {
    Machine machine;
    EXPECT_EQ(RestoreTo(machine, first).error().code(), Code::kConflict) << "another one's file";
  }
  ASSERT_TRUE(files_.Remove(main_of(first)).ok());
  {
    Machine machine;
    EXPECT_EQ(RestoreTo(machine, second).error().code(), Code::kNotFound);
    EXPECT_EQ(bad_, main_of(first));
  }
  EXPECT_EQ(backup::List(files_, Directory())->size(), 1u) << "half a pair is no backup";
}

// Commits are counted anew in restored databases: what is newer than a backup of before cannot be
// told.
TEST_F(Backup, AfterARestoreTheNextIsAFullOne) {
  const std::string before = TakeBackup();
  const store::Version taken_at = vault_.main_store.last_version();
  ASSERT_EQ(Look(Citizen()), "shown") << "and is lost";
  StopAndRestore(before);
  Ceremony();
  vault_.clock.Advance(32 * base::kDayMs);  // budgets began spent
  Incarnate(2);
  while (vault_.main_store.last_version() <= taken_at) ASSERT_EQ(Look(Citizen()), "shown");
  const Result<backup::Taken> refused = Take(before);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kConflict);
  const std::string full = TakeBackup();
  EXPECT_NE(TakeBackup(full), "") << "and what follows it";
}

// G6, to its end: everything ever backed up, wrapped keys included, once the epochs are destroyed.
TEST_F(Backup, WhoWasErasedIsUnreadableInEveryBackupEverTaken) {
  const DemoPerson person = vault_.world().of_adviser_ft;
  std::vector<std::string> names{TakeBackup()};
  ASSERT_EQ(
      Word(vault_.EraseAs("officer.privacy", vault_.CodeFor("officer.privacy", person.person), 1)),
      "shown");
  names.push_back(TakeBackup(names.back()));
  EpochLife life(vault_.vault(), EpochRules{});
  const auto advance = [&] { return vault_.Wait(life.Advance()); };
  const auto epoch = [&] { return vault_.vault().ring().current_epoch(); };
  ASSERT_TRUE(advance().ok());
  vault_.clock.Advance(7 * base::kDayMs - 1);
  ASSERT_TRUE(advance().ok());
  EXPECT_EQ(epoch(), 1u);
  vault_.clock.Advance(1);
  for (int call = 0; call < 4; ++call) ASSERT_TRUE(advance().ok());
  EXPECT_EQ(epoch(), 2u);
  names.push_back(TakeBackup(names.back()));
  names.push_back(TakeBackup());
  EXPECT_EQ(Look(Citizen()), "shown") << "under the new one";
  const auto found = [&] { return KeysIn(names, person.person); };
  EXPECT_EQ(found(), std::pair(1, 1)) << "the first backup has the key, and it opens";
  EXPECT_EQ(Restoring(names.front(), {person.person}), (After{1, 1})) << "so far";
  vault_.clock.Advance(35 * base::kDayMs - 1);
  ASSERT_TRUE(advance().ok());
  EXPECT_TRUE(vault_.vault().ring().Epoch(1).ok());
  vault_.clock.Advance(1);
  for (int call = 0; call < 4; ++call) ASSERT_TRUE(advance().ok());
  EXPECT_FALSE(vault_.vault().ring().Epoch(1).ok());
  EXPECT_EQ(found(), std::pair(1, 0)) << "it opens no more";
  // Everything ever backed up: the first two are older than the epoch that is left.
  const std::vector<PersonId> erased{person.person};
  const std::vector<PersonId> others = vault_.CaseloadOf("adviser.ce");
  ASSERT_GT(others.size(), 10u);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t all = others.size();
    EXPECT_EQ(Restoring(names[i], erased), (After{i == 0 ? 1u : 0u, 0})) << i;
    EXPECT_EQ(Restoring(names[i], others), (After{all, i < 2 ? 0 : all})) << i;
  }
  // The others are read on, here and after a restore of the newest, and the ledger holds.
  EXPECT_EQ(Look(Citizen()), "shown");
  names.push_back(TakeBackup());
  EXPECT_EQ(Look(Citizen()), "shown") << "and is lost";
  StopAndRestore(names.back());
  Ceremony();
  vault_.clock.Advance(32 * base::kDayMs);
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(Look(Citizen()), "shown");
  EXPECT_EQ(FoundByNir(person), 0u);
  ASSERT_TRUE(vault_.Stop().ok());
  const Result<StoreReport> audit = vault_.Audit();
  ASSERT_TRUE(audit.ok()) << audit.error().text();
}

// The same, when an older copy of the files is put back and two officers go on from there.
TEST_F(Backup, AfterACeremonyTheNextIsAFullOne) {
  const testing::Image main = TakeMain();
  const testing::Image keys = Take(vault_.key_store, store::kKeyFamilies);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Look(Citizen()), "shown");
  const std::string before = TakeBackup();
  const store::Version taken_at = vault_.main_store.last_version();
  ASSERT_TRUE(vault_.Stop().ok());
  PutBack(vault_.main_store, main);
  PutBack(vault_.key_store, keys);
  Ceremony();
  vault_.clock.Advance(32 * base::kDayMs);
  Incarnate(2);
  while (vault_.main_store.last_version() <= taken_at) ASSERT_EQ(Look(Citizen()), "shown");
  EXPECT_EQ(Take(before).error().code(), Code::kConflict);
  EXPECT_NE(TakeBackup(), "");
}

// A backup that was killed leaves files that are no backup, and the next one removes them.
TEST_F(Backup, ABrokenOffOneIsNone) {
  const std::string name = TakeBackup();
  const std::string partial = Directory() + "/00.main.partial";
  ASSERT_TRUE(base::WriteWhole(files_, partial, Bytes{1, 2, 3}).ok());
  EXPECT_EQ(*backup::List(files_, Directory()), std::vector<std::string>{name});
  (void)TakeBackup();
  EXPECT_FALSE(files_.Stat(partial).ok());
  EXPECT_EQ(backup::List(files_, Directory())->size(), 2u);
}

}  // namespace
}  // namespace cloison::vault
