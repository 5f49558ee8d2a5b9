// Somebody who can write to the files of a register puts old rows back, brings some in and takes
// some away, so that everything opens: the audit names each. Nothing is written by it.
#include "vault/audit.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using store::Family;
using testing::TestVault;
using testing::Word;

// A register of the demo's people, of whom some changed, one registered and one was erased.
class AuditTest : public ::testing::Test {
 protected:
  AuditTest() {
    EXPECT_TRUE(vault_.Start().ok());
    registered_ = Register({{"civil_number.nir", "284127645108993"}}, "first");
    before_ = vault_.Rows(Family::kPeople);
    index_before_ = vault_.Rows(Family::kIndex);
    EXPECT_EQ(Update(registered_, 1, "0639980001"), "shown");
    erased_ = Register({{"contact.phone", "0639980002"}}, "second");
    with_erased_ = vault_.Rows(Family::kPeople);
    keys_with_erased_ = KeyRows();
    const auto gone = vault_.EraseAs("officer.privacy", erased_, 1);
    EXPECT_EQ(Word(gone), "shown");
    EXPECT_TRUE(vault_.Stop().ok());
  }

  std::string Register(const TestVault::Texts& more, const char* key) {
    TestVault::Texts texts = {{"identity.birth_name", "Exemple"},
                              {"identity.first_name", "Anne"},
                              {"identity.birth_date", "1980-01-01"}};
    texts.insert(texts.end(), more.begin(), more.end());
    const auto made = vault_.RegisterAs("app.case", texts, key);
    EXPECT_EQ(Word(made), "shown") << key;
    const auto* done = std::get_if<access::Registered>(&*made);
    return done == nullptr ? "" : done->code.Text();
  }
  std::string_view Update(const std::string& code, std::uint64_t version, const char* phone) {
    return Word(vault_.UpdateAs("app.case", code, version, {{"contact.phone", phone}}));
  }
  std::vector<store::KeyedRow> KeyRows() {
    const auto page =
        vault_.Wait(vault_.key_store.Scan({Family::kPersonKeys, "", ""}, store::kScanRowsMax));
    return page->rows;
  }
  StoreReport Run(std::optional<tlog::Head> published = {}) {
    const auto report = vault_.Audit(std::move(published));
    EXPECT_TRUE(report.ok()) << report.error().text();
    return *report;
  }
  void Put(Family family, const store::KeyedRow& row) {
    store::WriteSet writes;
    writes.puts.push_back(store::Put{{family, row.key}, row.row.value});
    store::Store& store = family == Family::kPersonKeys
                              ? static_cast<store::Store&>(vault_.key_store)
                              : vault_.main_store;
    CLOISON_CHECK(vault_.Wait(store.Commit(std::move(writes))).ok());
  }
  // The rows of `then` that are gone or another now.
  std::vector<store::KeyedRow> ChangedSince(const std::vector<store::KeyedRow>& then,
                                            Family family) {
    std::map<std::string, Bytes> now;
    for (store::KeyedRow& row : vault_.Rows(family)) now[row.key] = std::move(row.row.value);
    std::vector<store::KeyedRow> changed;
    for (const store::KeyedRow& row : then) {
      const auto found = now.find(row.key);
      if (found == now.end() || found->second != row.row.value) changed.push_back(row);
    }
    return changed;
  }
  void ExpectFault(std::string_view text, bool has_entry) {
    const StoreReport report = Run();
    ASSERT_TRUE(report.fault.has_value()) << text;
    EXPECT_EQ(report.fault->text, text);
    EXPECT_EQ(report.fault->entry.has_value(), has_entry) << text;
  }

  TestVault vault_;
  std::string registered_, erased_;
  std::vector<store::KeyedRow> before_, index_before_, with_erased_, keys_with_erased_;
};

TEST_F(AuditTest, ATrueRegisterHoldsAndNothingIsWritten) {
  const store::Version main_version = vault_.main_store.last_version();
  const store::Version key_version = vault_.key_store.last_version();
  const StoreReport report = Run();
  EXPECT_FALSE(report.fault.has_value()) << report.fault->place << " " << report.fault->text;
  EXPECT_EQ(report.people, 1u);
  EXPECT_EQ(report.loaded, 2'000u);
  EXPECT_EQ(report.expired, 0u);
  EXPECT_GT(report.pages, 0u);
  EXPECT_GT(report.postings, 2'000u);
  EXPECT_EQ(vault_.main_store.last_version(), main_version);
  EXPECT_EQ(vault_.key_store.last_version(), key_version);
  // The published log is that of the store.
  EXPECT_FALSE(Run(report.head).fault.has_value());
  EXPECT_FALSE(Run(tlog::Head{0, tlog::EmptyRoot()}).fault.has_value());
  ASSERT_TRUE(vault_.Open().ok());
}

TEST_F(AuditTest, AnotherPublishedLogIsNamed) {
  tlog::Head head = Run().head;
  head.root[0] ^= 1;
  EXPECT_EQ(Run(head).fault->place, "entries");
  head.size += 1;
  EXPECT_EQ(Run(head).fault->entry, head.size - 1);
}

TEST_F(AuditTest, ARowPutBackIsNamedByTheEntryOfItsLastChange) {
  const auto changed = ChangedSince(before_, Family::kPeople);
  ASSERT_EQ(changed.size(), 1u);
  Put(Family::kPeople, changed.front());
  for (const store::KeyedRow& page : ChangedSince(index_before_, Family::kIndex)) {
    Put(Family::kIndex, page);  // with the pages of that time, so that it hangs together
  }
  ExpectFault("not the row that was written last", true);
  const StoreReport report = Run();
  EXPECT_TRUE(report.fault->place.starts_with("people#"));
  // The entry is the change's: the one before is the registration's.
  EXPECT_LT(*report.fault->entry, report.head.size);
}

TEST_F(AuditTest, SomebodyErasedWhoIsBackIsNamed) {
  const auto back = ChangedSince(with_erased_, Family::kPeople);
  ASSERT_EQ(back.size(), 1u);
  Put(Family::kPeople, back.front());
  ExpectFault("the row's wrapped key is not there", false);
  for (const store::KeyedRow& row : keys_with_erased_) {
    if (row.key.starts_with(back.front().key)) Put(Family::kPersonKeys, row);
  }
  ExpectFault("somebody who was erased has a row", true);
}

TEST_F(AuditTest, WhatIsTakenAwayIsNamed) {
  const auto changed = ChangedSince(before_, Family::kPeople);
  ASSERT_EQ(changed.size(), 1u);
  const std::string key = changed.front().key;
  vault_.Delete(Family::kPeople, key);
  ExpectFault("the row of this entry is not there", true);
}

TEST_F(AuditTest, ARowOfAnotherIsNamed) {
  const auto rows = vault_.Rows(Family::kPeople);
  Put(Family::kPeople, {rows[0].key, rows[1].row});
  ExpectFault("the row does not open", false);
}

TEST_F(AuditTest, AByteOfARowIsNamed) {
  store::KeyedRow row = vault_.Rows(Family::kPeople)[7];
  row.row.value.back() ^= 1;
  Put(Family::kPeople, row);
  ExpectFault("the row does not open", false);
  EXPECT_EQ(Run().fault->place, "people#7");
}

// One damaged record of many, or ten, hide nothing of the rest.
TEST_F(AuditTest, EachOfSeveralFaultsIsTold) {
  const auto rows = vault_.Rows(Family::kPeople);
  const auto changed = ChangedSince(before_, Family::kPeople);
  ASSERT_EQ(changed.size(), 1u);
  const auto damage = [&](std::size_t n) {
    store::KeyedRow row = rows[n];
    row.row.value.back() ^= 1;
    Put(Family::kPeople, row);
  };
  for (const std::size_t n : {3u, 7u, 900u}) damage(n);
  store::KeyedRow none = rows[12];
  none.row.value = {9, 9};
  Put(Family::kPeople, none);
  // Of the one who was registered: the change whose row tells nobody is not called lost.
  store::WriteSet writes;
  for (const store::KeyedRow& key : keys_with_erased_) {
    if (key.key.starts_with(changed.front().key)) {
      writes.deletes.push_back({Family::kPersonKeys, key.key});
    }
  }
  CLOISON_CHECK(vault_.Wait(vault_.key_store.Commit(std::move(writes))).ok());
  const StoreReport report = Run();
  std::map<std::string, std::string> told;
  told[report.fault->place] = report.fault->text;
  for (const StoreFault& fault : report.others) told[fault.place] = fault.text;
  EXPECT_EQ(report.faults, 5u);
  EXPECT_EQ(told.size(), 5u);
  for (const char* place : {"people#3", "people#7", "people#900"}) {
    EXPECT_EQ(told[place], "the row does not open") << place;
  }
  EXPECT_EQ(told["people#12"], "not a row");
  std::size_t keyless = 0;
  for (const auto& [place, text] : told) keyless += text == "the row's wrapped key is not there";
  EXPECT_EQ(keyless, 1u);
  // Beside them, one that is gone.
  Put(Family::kPeople, rows[12]);
  vault_.Delete(Family::kPeople, changed.front().key);
  const StoreReport lost = Run();
  ASSERT_GE(lost.others.size(), 3u);
  EXPECT_EQ(lost.others[2].text, "the row of this entry is not there");
  for (std::size_t n = 100; n < 300; ++n) damage(n);
  const StoreReport many = Run();
  EXPECT_GE(many.faults, 204u);
  EXPECT_EQ(many.others.size(), kStoreFaultsMax - 1);
}

TEST_F(AuditTest, AKeyTakenAwayIsNamed) {
  store::WriteSet writes;
  writes.deletes.push_back({Family::kPersonKeys, keys_with_erased_[3].key});
  CLOISON_CHECK(vault_.Wait(vault_.key_store.Commit(std::move(writes))).ok());
  ExpectFault("the row's wrapped key is not there", false);
}

TEST_F(AuditTest, ARowOfAFirstLoadThatIsTakenAwayLeavesAPostingOfNobody) {
  const auto loaded = vault_.Rows(Family::kPeople);
  const auto changed = ChangedSince(before_, Family::kPeople);
  const std::size_t other = loaded[0].key == changed.front().key ? 1 : 0;
  vault_.Delete(Family::kPeople, loaded[other].key);
  ExpectFault("a posting of nobody", false);
  EXPECT_TRUE(Run().fault->place.starts_with("index/"));
}

// Each batch of records flipped, taken away, put in place of another; the entry named is in it.
TEST_F(AuditTest, RecordsThatAreNotThoseOfTheirLeavesAreNamed) {
  const auto rows = vault_.Rows(Family::kRecords);
  ASSERT_GT(rows.size(), 4u);
  for (std::size_t i = 0; i < rows.size(); i += rows.size() / 8 + 1) {
    const std::uint64_t first = base::LoadBig(AsBytes(rows[i].key));
    const std::uint64_t end =
        i + 1 < rows.size() ? base::LoadBig(AsBytes(rows[i + 1].key)) : first + 65'536;
    const auto expect = [&](std::string_view why) {
      const StoreReport report = Run();
      ASSERT_TRUE(report.fault.has_value()) << why << i;
      EXPECT_EQ(report.fault->place, "records") << why << i;
      ASSERT_TRUE(report.fault->entry.has_value());
      EXPECT_GE(*report.fault->entry, first) << why;
      EXPECT_LT(*report.fault->entry, end) << why;
    };
    store::KeyedRow row = rows[i];
    row.row.value.back() ^= 1;
    Put(Family::kRecords, row);
    expect("flipped");
    vault_.Delete(Family::kRecords, row.key);
    expect("taken away");
    row.row.value = rows[i == 0 ? 1 : i - 1].row.value;
    Put(Family::kRecords, row);
    expect("another's");
    Put(Family::kRecords, rows[i]);
  }
  EXPECT_FALSE(Run().fault.has_value()) << "as it was";
}

// Of entries that are folded nothing reads the frames when the register opens.
TEST_F(AuditTest, FramesThatAreChangedAreNamed) {
  ASSERT_TRUE(vault_.Open().ok());
  ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
  ASSERT_TRUE(vault_.Stop().ok());
  const tlog::Head published = Run().head;
  const auto rows = vault_.Rows(Family::kFrames);
  store::KeyedRow row = rows[2];
  vault_.Delete(Family::kFrames, row.key);
  const StoreReport lost = Run();
  ASSERT_TRUE(lost.fault.has_value());
  EXPECT_EQ(lost.fault->place, "frames");
  EXPECT_EQ(lost.fault->entry, base::LoadBig(AsBytes(row.key)));
  row.row.value[6 + 34] ^= 1;  // C_actor of its first leaf
  Put(Family::kFrames, row);
  EXPECT_EQ(Run().fault->place, "records") << "the record tells";
  row = rows[2];
  row.row.value[6 + 66] ^= 1;  // tag_subj, which only the root tells of
  Put(Family::kFrames, row);
  EXPECT_EQ(Run(published).fault->place, "entries");
}

TEST_F(AuditTest, AnIndexRolledBackIsNamed) {
  std::set<std::string> then;
  for (const store::KeyedRow& page : index_before_) then.insert(page.key);
  for (const store::KeyedRow& page : ChangedSince(index_before_, Family::kIndex)) {
    Put(Family::kIndex, page);
  }
  for (const store::KeyedRow& page : vault_.Rows(Family::kIndex)) {
    if (!then.contains(page.key)) vault_.Delete(Family::kIndex, page.key);
  }
  ExpectFault("an index does not lead to the row, or to a value of it", false);
}

TEST_F(AuditTest, APageOfNothingIsNamed) {
  store::KeyedRow page = vault_.Rows(Family::kIndex).front();
  page.key = std::string("\x00\x01\x00\x00\x00\x01", 6) + std::string(16, 'x');
  Put(Family::kIndex, page);
  ExpectFault("a page that no chain leads to", false);
  page.key = "x";
  Put(Family::kIndex, page);
  ExpectFault("a page of no index", false);
}

}  // namespace
}  // namespace cloison::vault
