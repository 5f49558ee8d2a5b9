// People who are given another key, seen from outside: their keys, what the ledger tells of them,
// and a store that says what was written to it, and holds a reader up.
#ifndef CLOISON_VAULT_TESTING_REKEY_WORLD_H_
#define CLOISON_VAULT_TESTING_REKEY_WORLD_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "vault/testing/test_vault.h"

namespace cloison::vault::testing {

inline std::vector<store::KeyedRow> KeysOf(TestVault& vault, const PersonId& person) {
  const auto page = vault.Wait(vault.key_store.Scan(
      {store::Family::kPersonKeys, std::string(AsText(person.bytes())), ""}, store::kScanRowsMax));
  CLOISON_CHECK(page.ok());
  std::vector<store::KeyedRow> rows = page->rows;
  std::erase_if(rows, [&person](const store::KeyedRow& row) {
    return !row.key.starts_with(AsText(person.bytes()));
  });
  return rows;
}

inline access::Outcome<access::Approvals::Shown> Ask(TestVault& vault, std::string_view who,
                                                     const std::string& code,
                                                     const std::string& key) {
  access::Gate::Once once{key, base::ToBytes(AsBytes(code))};
  return vault.Wait(
      vault.gate().approvals().AskRekey(vault.As(who), code, {"rekey", "INC-7"}, std::move(once)));
}

inline std::uint64_t NumberOf(const access::Outcome<access::Approvals::Shown>& asked) {
  return std::get<access::Approvals::Shown>(*asked).approval.number;
}

inline records::Sighting Sight(TestVault& vault, const PersonId& person) {
  auto sighting = vault.Wait(vault.vault().people().Sight(person));
  CLOISON_CHECK(sighting.ok());
  return std::move(*sighting);
}

inline bool Opens(TestVault& vault, const keys::PersonKey& key, ByteView row) {
  return records::internal::OpenWholeRow(vault.vault().schema(), key, row).ok();
}

// Re-keys that the ledger tells of, from there on.
inline std::size_t RekeysSince(TestVault& vault, std::uint64_t from) {
  const ledger::Ledger& log = vault.vault().ledger();
  std::size_t count = 0;
  for (std::uint64_t n = from; n < log.size(); ++n) {
    const auto records = vault.Wait(log.ReadRecords(n, 1));
    CLOISON_CHECK(records.ok());
    count += records->front().rule == "rekey" ? 1 : 0;
  }
  return count;
}

inline void ExpectSound(TestVault& vault) {
  ASSERT_TRUE(vault.Stop().ok());
  const auto report = vault.Audit();
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->fault.has_value()) << report->fault->text << " " << report->fault->place;
  ASSERT_TRUE(vault.Open().ok());
}

inline store::Key KeyOf(const PersonId& person, std::uint32_t pkv) {
  store::Key key{store::Family::kPersonKeys, std::string(AsText(person.bytes()))};
  base::AppendU32(key.bytes, pkv);
  return key;
}

// Puts a row past everybody who counts, as a running vault's own writes go: in its turn.
class PutWork final : public commit::Work {
 public:
  using Promise = bool;
  explicit PutWork(store::Put put) : put_(std::move(put)) {}
  Task<Status> Load(commit::Staging& staging) override {
    std::vector<store::Key> keys(1, put_.key);
    co_return co_await staging.Load(std::move(keys));
  }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    staging.Put(put_.key, put_.value);
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable&) { return true; }

 private:
  store::Put put_;
};

// A key of the person's that opens nothing, as one that a re-key was cut short behind, and that was
// damaged since.
inline void PutDamagedKey(TestVault& vault, const PersonId& person, std::uint32_t pkv) {
  store::Put put{KeyOf(person, pkv), KeysOf(vault, person).at(0).row.value};
  put.value.back() ^= 1;
  auto work = std::make_unique<PutWork>(std::move(put));
  const auto done =
      vault.Wait(vault.vault().key_committer().Submit(std::move(work), vault.executor));
  CLOISON_CHECK(done.ok());
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
    auto rows = co_await under_.MultiGet(std::move(keys), mode);
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
  Result<std::unique_ptr<store::BulkLoader>> LoadBulk(store::Family family) override {
    return under_.LoadBulk(family);
  }
  Result<std::unique_ptr<store::BulkLoader>> LoadRun(store::Family family, store::Version version,
                                                     store::Pace pace) override {
    return under_.LoadRun(family, version, pace);
  }
  Status Checkpoint(const std::string& path) override { return under_.Checkpoint(path); }
  store::Version last_version() const override { return under_.last_version(); }
  store::Health health() const override { return under_.health(); }

  store::Key watched{store::Family::kMeta, ""};  // how often it was put
  int puts = 0;
  const bool* holds = nullptr;  // while it is true a read of `held_key` alone waits
  store::Key held_key{store::Family::kMeta, ""};  // of those that waited, how many found nothing
  int waiting = 0, missed = 0;
  base::Executor* executor = nullptr;

 private:
  store::Store& under_;
};

}  // namespace cloison::vault::testing

#endif  // CLOISON_VAULT_TESTING_REKEY_WORLD_H_
