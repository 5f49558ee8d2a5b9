// What becomes of decoys while time goes on: tending reads none of them apart from everybody else.
#include <gtest/gtest.h>

#include <map>

#include "access/decoys.h"
#include "vault/decoy_inventor.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using testing::TestVault;
using testing::Word;

// How often each row was asked for by its key.
class ReadingsStore final : public store::Store {
 public:
  explicit ReadingsStore(store::Store& under) : under_(under) {}
  Task<Result<std::vector<store::Row>>> MultiGet(std::vector<store::Key> keys,
                                                 store::ReadMode mode) override {
    for (const store::Key& key : keys) ++readings[key];
    co_return co_await under_.MultiGet(std::move(keys), mode);
  }
  Task<Result<store::ScanPage>> Scan(store::Range range, std::size_t limit) override {
    co_return co_await under_.Scan(std::move(range), limit);
  }
  Task<Result<store::Version>> Commit(store::WriteSet writes) override {
    co_return co_await under_.Commit(std::move(writes));
  }
  Result<std::unique_ptr<store::BulkLoader>> LoadBulk(store::Family family) override {
    return under_.LoadBulk(family);
  }
  Result<std::unique_ptr<store::BulkLoader>> LoadRun(store::Family family,
                                                     store::Version version) override {
    return under_.LoadRun(family, version);
  }
  Status Checkpoint(const std::string& path) override { return under_.Checkpoint(path); }
  store::Version last_version() const override { return under_.last_version(); }
  store::Health health() const override { return under_.health(); }

  std::map<store::Key, std::size_t> readings;

 private:
  store::Store& under_;
};

class DecoysLifeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    vault_.inventor = std::make_shared<GeneratedDecoys>(schema_, testing::SmallWorld().seed,
                                                        DecoyNumbers{}, vault_.random);
    vault_.over_main = &main_;
    vault_.over_keys = &keys_;
    ASSERT_TRUE(vault_.Start().ok());
  }
  void TearDown() override { EXPECT_TRUE(vault_.Stop().ok()); }  // while its stores are there
  access::Decoys::Tended Tend(std::uint32_t per_100000) {
    const auto tended = vault_.TendDecoys(per_100000);
    EXPECT_TRUE(tended.ok()) << (tended.ok() ? "" : tended.error().text());
    return tended.ok() ? *tended : access::Decoys::Tended{};
  }
  // One more version of every `nth` of the register's own people.
  void ChangeEach(std::size_t nth, const std::string& note) {
    for (std::size_t i = 0; i < vault_.world().people.size(); i += nth) {
      const PersonId& person = vault_.world().people[i];
      const auto sighting = vault_.Wait(vault_.vault().people().Sight(person));
      ASSERT_TRUE(sighting.ok());
      const auto done = vault_.UpdateAs("app.case", vault_.CodeFor("app.case", person),
                                        sighting->header.seq, {{"notes.adviser", note}});
      ASSERT_EQ(Word(done), "shown");
    }
  }

  TestVault vault_;
  ReadingsStore main_{vault_.main_store}, keys_{vault_.key_store};
  std::shared_ptr<const records::Schema> schema_ = DemoSchema(testing::SmallWorld());
};

// Whoever sees how fast a first look is answered learns what was read lately.
TEST_F(DecoysLifeTest, TendingReadsNoDecoyOnItsOwn) {
  Tend(5'000);
  ChangeEach(2, "moved");
  EXPECT_GT(Tend(5'000).moved, 10u) << "they have lives";
  const std::vector<PersonId> decoys = vault_.Decoys();
  ASSERT_GT(decoys.size(), 90u);
  main_.readings.clear();
  keys_.readings.clear();
  const access::Decoys::Tended tended = Tend(5'000);
  ASSERT_EQ(tended.made + tended.retired + tended.moved, 0u) << "nobody had to be changed";
  std::map<std::size_t, std::size_t> rows, keys;  // how many were read so often
  for (const auto& [key, readings] : main_.readings) {
    if (key.family == store::Family::kPeople) ++rows[readings];
  }
  for (const auto& [key, readings] : keys_.readings) {
    if (key.family == store::Family::kPersonKeys) ++keys[readings];
  }
  EXPECT_EQ(rows, (decltype(rows){{1, 2'000 + decoys.size()}})) << "everybody's once, and alike";
  EXPECT_LE(keys.size(), 1u) << "so are their keys";
}

// And of those that are changed no other is read with them.
TEST_F(DecoysLifeTest, OnlyWhoIsChangedIsReadApart) {
  Tend(5'000);
  ChangeEach(2, "moved");
  main_.readings.clear();
  const std::size_t moved = Tend(5'000).moved;
  ASSERT_GT(moved, 10u);
  std::size_t apart = 0;
  for (const auto& [key, readings] : main_.readings) {
    if (key.family == store::Family::kPeople && readings > 1) ++apart;
  }
  EXPECT_EQ(apart, moved);
}

}  // namespace
}  // namespace cloison::vault
