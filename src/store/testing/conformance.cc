#include "store/testing/conformance.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <thread>

#include "base/testing/seeded_random.h"

namespace cloison::store::testing {

namespace {

constexpr std::size_t kAllRows = std::numeric_limits<std::size_t>::max();
const Key kA{Family::kPeople, "a"};
const Key kB{Family::kSeen, "b"};

std::string Numbered(int i) {
  return std::string(AsText(base::BigU32(static_cast<std::uint32_t>(i))));
}

}  // namespace

WriteSet Puts(std::vector<Put> puts) {
  WriteSet out;
  out.puts = std::move(puts);
  return out;
}

WriteSet Expecting(std::vector<Expect> expects, std::vector<Put> puts) {
  WriteSet out = Puts(std::move(puts));
  out.expects = std::move(expects);
  return out;
}

Bytes BytesOf(std::string_view text) {
  return base::ToBytes(AsBytes(text));
}

std::string StoreCaseName(const ::testing::TestParamInfo<StoreCase>& info) {
  return info.param.name;
}

StoreConformance::StoreConformance() : harness_(GetParam().make()) {}

Result<Version> StoreConformance::Commit(WriteSet writes) {
  return base::SyncWait(store().Commit(std::move(writes)));
}

Version StoreConformance::MustCommit(WriteSet writes) {
  const Result<Version> version = Commit(std::move(writes));
  EXPECT_TRUE(version.ok()) << version.error().text();
  return version.ok() ? *version : 0;
}

Row StoreConformance::Get(const Key& key) {
  Result<std::vector<Row>> rows = base::SyncWait(store().MultiGet({key}, ReadMode::kAny));
  EXPECT_TRUE(rows.ok());
  return rows.ok() ? (*rows)[0] : Row{};
}

ScanPage StoreConformance::Scan(const Range& range, std::size_t limit) {
  Result<ScanPage> page = base::SyncWait(store().Scan(range, limit));
  EXPECT_TRUE(page.ok());
  return page.ok() ? std::move(*page) : ScanPage{};
}

std::vector<std::string> StoreConformance::KeysOf(const Range& range) {
  std::vector<std::string> keys;
  for (KeyedRow& row : Scan(range, kAllRows).rows) keys.push_back(std::move(row.key));
  return keys;
}

// Tests of other modules link this library for its fault store alone.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreConformance);

TEST_P(StoreConformance, AnEmptyStoreHasNoRows) {
  EXPECT_EQ(store().last_version(), 0u);
  EXPECT_TRUE(store().health().writable);
  EXPECT_FALSE(Get(kA).present());
  const ScanPage page = Scan({Family::kPeople, "", ""}, 10);
  EXPECT_TRUE(page.rows.empty());
  EXPECT_FALSE(page.next.has_value());
}

TEST_P(StoreConformance, ReadsSeeCommitsInTheOrderOfTheirKeys) {
  EXPECT_EQ(MustCommit(Puts({{kA, BytesOf("one")}, {kB, BytesOf("two")}})), 1u);
  const std::vector<Key> keys = {kB, {Family::kPeople, "none"}, kA, kB};
  Result<std::vector<Row>> rows = base::SyncWait(store().MultiGet(keys, ReadMode::kAny));
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 4u);
  EXPECT_EQ((*rows)[0].value, BytesOf("two"));
  EXPECT_FALSE((*rows)[1].present());
  EXPECT_TRUE((*rows)[1].value.empty());
  EXPECT_EQ((*rows)[2].value, BytesOf("one"));
  EXPECT_EQ((*rows)[3].version, 1u);
}

TEST_P(StoreConformance, WhatWasJustWrittenIsReadWithoutTheDisk) {
  MustCommit(Puts({{kA, BytesOf("one")}}));
  Result<std::vector<Row>> rows = base::SyncWait(store().MultiGet({kA}, ReadMode::kCacheOnly));
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ((*rows)[0].value, BytesOf("one"));
}

TEST_P(StoreConformance, ReadingNothingGivesNothing) {
  Result<std::vector<Row>> rows = base::SyncWait(store().MultiGet({}, ReadMode::kAny));
  ASSERT_TRUE(rows.ok());
  EXPECT_TRUE(rows->empty());
}

TEST_P(StoreConformance, VersionsAreDenseAndOfTheRowsOwnCommit) {
  EXPECT_EQ(MustCommit(Puts({{kA, BytesOf("1")}, {kB, BytesOf("1")}})), 1u);
  EXPECT_EQ(MustCommit(Puts({{kA, BytesOf("2")}})), 2u);
  EXPECT_EQ(MustCommit(WriteSet{}), 3u);
  EXPECT_EQ(store().last_version(), 3u);
  EXPECT_EQ(Get(kA).version, 2u);
  EXPECT_EQ(Get(kB).version, 1u);
}

TEST_P(StoreConformance, FamiliesAreApart) {
  MustCommit(Puts({{{Family::kPeople, "k"}, BytesOf("p")}, {{Family::kIndex, "k"}, BytesOf("i")}}));
  EXPECT_EQ(Get({Family::kPeople, "k"}).value, BytesOf("p"));
  EXPECT_EQ(Get({Family::kIndex, "k"}).value, BytesOf("i"));
  EXPECT_FALSE(Get({Family::kSeen, "k"}).present());
}

TEST_P(StoreConformance, AnEmptyValueIsNotAbsent) {
  MustCommit(Puts({{kA, {}}}));
  EXPECT_TRUE(Get(kA).present());
  EXPECT_TRUE(Get(kA).value.empty());
}

TEST_P(StoreConformance, DeletedRowsAreAbsent) {
  MustCommit(Puts({{kA, BytesOf("1")}}));
  WriteSet writes;
  writes.deletes = {kA, kB};  // one that is not there, too
  MustCommit(writes);
  EXPECT_FALSE(Get(kA).present());
  EXPECT_TRUE(KeysOf({Family::kPeople, "", ""}).empty());
}

// A store that keeps what was read must forget it in time, however it was written over.
TEST_P(StoreConformance, ARowReadBeforeIsReadAnew) {
  const auto see = [this](const Key& key) {
    Get(key);  // once for a cache to keep, once to be answered from it
    return Get(key).value;
  };
  for (const Family family : {Family::kPeople, Family::kIndex}) {
    const Key key{family, "k"}, other{family, "l"};
    EXPECT_EQ(see(key), Bytes());
    MustCommit(Puts({{key, BytesOf("1")}, {other, BytesOf("x")}}));
    EXPECT_EQ(see(key), BytesOf("1"));
    MustCommit(Puts({{key, BytesOf("2")}}));
    EXPECT_EQ(see(key), BytesOf("2"));
    WriteSet gone;
    gone.deletes = {key};
    MustCommit(gone);
    EXPECT_EQ(see(key), Bytes());
    EXPECT_EQ(see(other), BytesOf("x"));
    MustCommit(Puts({{key, BytesOf("3")}}));
    EXPECT_EQ(see(key), BytesOf("3"));
    WriteSet all;
    all.range_deletes = {{family, "", ""}};
    all.puts = {{other, BytesOf("y")}};
    MustCommit(all);
    EXPECT_EQ(see(key), Bytes());
    EXPECT_EQ(see(other), BytesOf("y"));
    WriteSet refused;
    refused.puts = {{other, BytesOf("z")}};
    refused.expects = {{other, 1}};
    EXPECT_FALSE(base::SyncWait(store().Commit(refused)).ok());
    EXPECT_EQ(see(other), BytesOf("y"));
  }
}

TEST_P(StoreConformance, BinaryKeysInByteOrder) {
  const std::vector<std::string> keys = {std::string(1, '\0'),
                                         std::string(2, '\0'),
                                         std::string("\0\xff", 2),
                                         "\x7f",
                                         "\x80",
                                         "\xff",
                                         std::string(kKeyBytesMax, '\xff')};
  std::vector<Put> puts;
  for (auto at = keys.rbegin(); at != keys.rend(); ++at) {
    puts.push_back({{Family::kTrail, *at}, BytesOf("v")});
  }
  MustCommit(Puts(puts));
  EXPECT_EQ(KeysOf({Family::kTrail, "", ""}), keys);
  EXPECT_TRUE(Get({Family::kTrail, keys.back()}).present());
}

struct ExpectCase {
  std::string why;
  std::vector<Expect> expects;
  bool holds;
};

TEST_P(StoreConformance, CommitsOnlyWhatIsExpected) {
  MustCommit(Puts({{kA, BytesOf("1")}}));
  MustCommit(Puts({{kA, BytesOf("2")}}));
  const std::vector<ExpectCase> cases = {
      {"nothing expected", {}, true},
      {"the version", {{kA, 2}}, true},
      {"an absent row", {{kB, kAbsent}}, true},
      {"both", {{kA, 2}, {kB, kAbsent}}, true},
      {"an older version", {{kA, 1}}, false},
      {"a version to come", {{kA, 3}}, false},
      {"present, expected absent", {{kA, kAbsent}}, false},
      {"absent, expected present", {{kB, 1}}, false},
      {"one of two", {{kA, 2}, {kB, 2}}, false},
      {"the second of two", {{kB, kAbsent}, {kA, 1}}, false},
  };
  for (const ExpectCase& row : cases) {
    SCOPED_TRACE(row.why);
    const Version before = store().last_version();
    const Key fresh{Family::kHeads, row.why};
    const Result<Version> got = Commit(Expecting(row.expects, {{fresh, BytesOf("x")}}));
    EXPECT_EQ(got.ok(), row.holds);
    if (!got.ok()) {
      EXPECT_EQ(got.error().code(), Code::kConflict);
    }
    EXPECT_EQ(Get(fresh).present(), row.holds);
    EXPECT_EQ(store().last_version(), before + (row.holds ? 1 : 0));
  }
}

TEST_P(StoreConformance, ARefusedCommitLeavesNothingBehind) {
  MustCommit(Puts({{kA, BytesOf("1")}, {{Family::kPeople, "z"}, BytesOf("1")}}));
  WriteSet writes = Expecting({{kA, kAbsent}}, {{kB, BytesOf("2")}});
  writes.deletes = {kA};
  writes.range_deletes = {{Family::kPeople, "", ""}};
  writes.fence = 9;
  const Result<Version> refused = Commit(writes);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(KeysOf({Family::kPeople, "", ""}), (std::vector<std::string>{"a", "z"}));
  EXPECT_FALSE(Get(kB).present());
  WriteSet lower = Puts({{kB, BytesOf("3")}});
  lower.fence = 8;
  EXPECT_EQ(MustCommit(lower), 2u) << "the fence of a refused commit does not count";
}

struct RangeCase {
  std::string why;
  std::string begin;
  std::string end;
  std::vector<std::string> left;
};

TEST_P(StoreConformance, DeletesRangesBeforePuts) {
  const std::vector<RangeCase> cases = {
      {"the middle, end not included", "b", "d", {"a", "d", "e"}},
      {"an empty range", "b", "b", {"a", "b", "c", "d", "e"}},
      {"to the end of the family", "c", "", {"a", "b"}},
      {"everything", "", "", {}},
      {"from the beginning", "", "b", {"b", "c", "d", "e"}},
      {"between the keys", "bb", "bc", {"a", "b", "c", "d", "e"}},
  };
  for (const RangeCase& row : cases) {
    SCOPED_TRACE(row.why);
    WriteSet fill;
    fill.range_deletes = {{Family::kTrail, "", ""}};
    for (const char* key : {"a", "b", "c", "d", "e"}) {
      fill.puts.push_back({{Family::kTrail, key}, BytesOf("1")});
    }
    MustCommit(fill);
    WriteSet writes;
    writes.range_deletes = {{Family::kTrail, row.begin, row.end}};
    MustCommit(writes);
    EXPECT_EQ(KeysOf({Family::kTrail, "", ""}), row.left);
    WriteSet replace;
    replace.range_deletes = {{Family::kTrail, "", ""}};
    replace.puts = {{{Family::kTrail, "b"}, BytesOf("new")}};
    MustCommit(replace);
    EXPECT_EQ(KeysOf({Family::kTrail, "", ""}), std::vector<std::string>{"b"});
    EXPECT_EQ(Get({Family::kTrail, "b"}).value, BytesOf("new"));
  }
}

// A random commit over few keys, so that rows meet their older selves; done to `model`, too.
WriteSet DrawWrites(base::testing::SeededRandom& random, std::map<Key, std::string>& model) {
  static constexpr Family kFamilies[] = {Family::kPeople, Family::kPrincipals, Family::kSeen};
  const auto draw_key = [&random] {
    const std::string prefix(16, static_cast<char>('a' + random.Below(3)));
    const std::string last = std::to_string(random.Below(12));
    return Key{kFamilies[random.Below(3)], random.Below(8) == 0 ? last : prefix + last};
  };
  WriteSet writes;
  if (random.Below(6) == 0) {
    Range range{draw_key().family, draw_key().bytes, draw_key().bytes};
    if (range.end < range.begin) std::swap(range.begin, range.end);
    std::erase_if(model, [&range](const auto& row) {
      return row.first.family == range.family && range.begin <= row.first.bytes &&
             row.first.bytes < range.end;
    });
    writes.range_deletes.push_back(range);
  }
  std::set<Key> used;
  for (std::uint64_t i = random.Below(6); i > 0; --i) {
    Key key = draw_key();
    if (!used.insert(key).second) continue;
    if (random.Below(4) == 0) {
      model.erase(key);
      writes.deletes.push_back(std::move(key));
      continue;
    }
    const std::string value(random.Below(200), static_cast<char>('A' + random.Below(26)));
    model[key] = value;
    writes.puts.push_back({std::move(key), BytesOf(value)});
  }
  return writes;
}

TEST_P(StoreConformance, HoldsTheRowsThatAMapHolds) {
  base::testing::SeededRandom random(20240206);
  std::map<Key, std::string> model;
  for (int step = 0; step < 400; ++step) {
    SCOPED_TRACE(step);
    MustCommit(DrawWrites(random, model));
    if (random.Below(40) == 0) harness_->Reopen();
    for (const Family family : {Family::kPeople, Family::kPrincipals, Family::kSeen}) {
      SCOPED_TRACE(FamilyName(family));
      std::vector<std::string> want;
      for (const auto& [key, value] : model) {
        if (key.family == family) want.push_back(key.bytes);
      }
      EXPECT_EQ(KeysOf({family, "", ""}), want);
      const std::string prefix(16, 'b');
      std::erase_if(want, [&prefix](const std::string& key) { return !key.starts_with(prefix); });
      EXPECT_EQ(KeysOf({family, prefix, prefix + "\xff"}), want) << "of one prefix";
    }
    for (const auto& [key, value] : model) EXPECT_EQ(AsText(Get(key).value), value);
    if (HasFailure()) return;
  }
}

struct RefusalCase {
  std::string why;
  WriteSet writes;
};

std::vector<RefusalCase> Refusals() {
  const Key lone{Family::kPeople, std::string(kKeyBytesMax + 1, 'k')};
  const Key reserved{Family::kMeta, "last_version"};
  std::vector<RefusalCase> out = {
      {"a key put twice", Puts({{kA, {}}, {kB, {}}, {kA, BytesOf("2")}})},
      {"a key too long", Puts({{lone, {}}})},
      {"a value too large", Puts({{kA, Bytes(kValueBytesMax + 1)}})},
      {"no such family", Puts({{{static_cast<Family>(200), "k"}, {}}})},
      {"the store's own version", Puts({{reserved, {}}})},
      {"the store's own fence", Puts({{{Family::kMeta, "fence"}, {}}})},
      {"an expected key too long", Expecting({{lone, kAbsent}}, {})},
      {"an expected row of the store", Expecting({{reserved, 1}}, {})},
  };
  const auto add = [&out](std::string why, std::vector<Key> deletes, std::vector<Range> ranges) {
    WriteSet writes = Puts({{kA, {}}});
    writes.deletes = std::move(deletes);
    writes.range_deletes = std::move(ranges);
    out.push_back({std::move(why), std::move(writes)});
  };
  out.push_back({"a key put twice, in order", Puts({{kA, {}}, {kA, {}}})});
  add("a key put and deleted", {kA}, {});
  add("a key deleted twice, not in order", {kB, kA, kB}, {});
  add("a key deleted twice", {kB, kB}, {});
  add("a deleted key too long", {lone}, {});
  add("a row of the store deleted", {reserved}, {});
  add("a range that ends before it begins", {}, {{Family::kSeen, "b", "a"}});
  add("a bound too long", {}, {{Family::kSeen, "", lone.bytes}});
  add("a range of no family", {}, {{static_cast<Family>(200), "", ""}});
  add("a range over the rows of the store", {}, {{Family::kMeta, "", ""}});
  add("a range over one of them", {}, {{Family::kMeta, "fence", "g"}});
  return out;
}

TEST_P(StoreConformance, RefusesWhatIsOverALimit) {
  for (const RefusalCase& row : Refusals()) {
    SCOPED_TRACE(row.why);
    const Result<Version> got = Commit(row.writes);
    ASSERT_FALSE(got.ok());
    EXPECT_EQ(got.error().code(), Code::kInvalid);
    EXPECT_EQ(store().last_version(), 0u);
    EXPECT_FALSE(Get(kA).present());
  }
  const Key longest{Family::kPeople, std::string(kKeyBytesMax, 'k')};
  EXPECT_EQ(MustCommit(Puts({{longest, BytesOf("fits")}})), 1u);
}

TEST_P(StoreConformance, RefusesReadsOverALimit) {
  const Key lone{Family::kPeople, std::string(kKeyBytesMax + 1, 'k')};
  const auto get = [this](std::vector<Key> keys) {
    return base::SyncWait(store().MultiGet(std::move(keys), ReadMode::kAny));
  };
  EXPECT_EQ(get({lone}).error().code(), Code::kInvalid);
  EXPECT_EQ(get({kA, {static_cast<Family>(200), "k"}}).error().code(), Code::kInvalid);
  EXPECT_EQ(get({{Family::kMeta, "last_version"}}).error().code(), Code::kInvalid);
  EXPECT_TRUE(get(std::vector<Key>(kMultiGetKeysMax, kA)).ok());
  EXPECT_EQ(get(std::vector<Key>(kMultiGetKeysMax + 1, kA)).error().code(), Code::kExhausted);
  const Result<ScanPage> page = base::SyncWait(store().Scan({Family::kPeople, lone.bytes, ""}, 1));
  EXPECT_EQ(page.error().code(), Code::kInvalid);
}

TEST_P(StoreConformance, ScansInPagesThatJoin) {
  WriteSet writes;
  for (int i = 0; i < 25; ++i) writes.puts.push_back({{Family::kFrames, Numbered(i)}, Bytes(3)});
  MustCommit(writes);
  for (const std::size_t limit : {1u, 7u, 24u, 25u, 26u}) {
    SCOPED_TRACE(limit);
    std::vector<std::string> keys;
    Range range{Family::kFrames, Numbered(2), Numbered(24)};
    while (true) {
      ScanPage page = Scan(range, limit);
      EXPECT_LE(page.rows.size(), limit);
      for (KeyedRow& row : page.rows) keys.push_back(std::move(row.key));
      if (!page.next.has_value()) break;
      ASSERT_FALSE(page.rows.empty());
      ASSERT_LE(page.next->size(), kKeyBytesMax);
      range.begin = *page.next;
    }
    ASSERT_EQ(keys.size(), 22u);
    EXPECT_EQ(keys.front(), Numbered(2));
    EXPECT_EQ(keys.back(), Numbered(23));
    EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  }
  EXPECT_TRUE(KeysOf({Family::kFrames, Numbered(9), Numbered(9)}).empty());
  EXPECT_TRUE(KeysOf({Family::kFrames, Numbered(9), Numbered(3)}).empty());
}

TEST_P(StoreConformance, AScanEndsAtItsRowLimit) {
  const int count = static_cast<int>(kScanRowsMax) + 1;
  WriteSet writes;
  for (int i = 0; i < count; ++i) writes.puts.push_back({{Family::kFrames, Numbered(i)}, {}});
  MustCommit(writes);
  const ScanPage page = Scan({Family::kFrames, "", ""}, kAllRows);
  EXPECT_EQ(page.rows.size(), kScanRowsMax);
  EXPECT_EQ(page.next, Numbered(count - 1));
}

TEST_P(StoreConformance, AScanEndsAtItsByteLimit) {
  for (int i = 0; i < 3; ++i) {
    MustCommit(Puts({{{Family::kFrames, Numbered(i)}, Bytes(kScanBytesMax / 2)}}));
  }
  const ScanPage page = Scan({Family::kFrames, "", ""}, kAllRows);
  EXPECT_EQ(page.rows.size(), 2u);
  EXPECT_EQ(page.next, Numbered(2));
}

TEST_P(StoreConformance, ScansDoNotShowTheRowsOfTheStore) {
  WriteSet writes = Puts({{{Family::kMeta, "clock"}, BytesOf("1")}, {{Family::kMeta, "z"}, {}}});
  writes.fence = 3;
  MustCommit(writes);
  EXPECT_EQ(KeysOf({Family::kMeta, "", ""}), (std::vector<std::string>{"clock", "z"}));
}

TEST_P(StoreConformance, AFenceKeepsOlderWritersOut) {
  const auto write = [this](std::uint64_t fence) {
    WriteSet writes = Puts({{kA, BytesOf("x")}});
    writes.fence = fence;
    return Commit(writes);
  };
  EXPECT_TRUE(write(5).ok());
  EXPECT_TRUE(write(5).ok());
  EXPECT_EQ(write(4).error().code(), Code::kConflict);
  EXPECT_TRUE(write(0).ok()) << "no fence asked for";
  EXPECT_TRUE(write(7).ok());
  harness_->Reopen();
  EXPECT_EQ(write(6).error().code(), Code::kConflict);
  EXPECT_TRUE(write(7).ok());
}

TEST_P(StoreConformance, ReopeningKeepsRowsAndVersion) {
  MustCommit(Puts({{kA, BytesOf("1")}}));
  MustCommit(Puts({{kB, BytesOf("2")}}));
  MustCommit(WriteSet{});
  harness_->Reopen();
  EXPECT_EQ(store().last_version(), 3u);
  EXPECT_EQ(Get(kA).version, 1u);
  EXPECT_EQ(Get(kB).value, BytesOf("2"));
  EXPECT_EQ(MustCommit(Expecting({{kA, 1}}, {{kA, BytesOf("3")}})), 4u);
}

TEST_P(StoreConformance, LoadsInBulk) {
  MustCommit(Puts({{kA, BytesOf("1")}}));
  Result<std::unique_ptr<BulkLoader>> loader = store().LoadBulk(Family::kIndex);
  ASSERT_TRUE(loader.ok());
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE((*loader)->Add(AsBytes(Numbered(i)), AsBytes("value")).ok());
  }
  EXPECT_FALSE(Get({Family::kIndex, Numbered(7)}).present()) << "not before Finish";
  ASSERT_TRUE((*loader)->Finish(2).ok());
  EXPECT_EQ(store().last_version(), 2u);
  for (const bool reopened : {false, true}) {
    SCOPED_TRACE(reopened);
    if (reopened) harness_->Reopen();
    EXPECT_EQ(KeysOf({Family::kIndex, "", ""}).size(), 1000u);
    EXPECT_EQ(Get({Family::kIndex, Numbered(7)}).version, 2u);
    EXPECT_EQ(Get({Family::kIndex, Numbered(7)}).value, BytesOf("value"));
    EXPECT_EQ(Get(kA).version, 1u);
    EXPECT_EQ(store().last_version(), 2u);
  }
  EXPECT_EQ(MustCommit(Expecting({{{Family::kIndex, Numbered(7)}, 2}},
                                 {{{Family::kIndex, Numbered(7)}, BytesOf("new")}})),
            3u);
  EXPECT_EQ(Get({Family::kIndex, Numbered(7)}).value, BytesOf("new"));
}

TEST_P(StoreConformance, BulkLoadsRefuseWhatTheyCannotLoad) {
  MustCommit(Puts({{kA, BytesOf("1")}}));
  EXPECT_EQ(store().LoadBulk(Family::kPeople).error().code(), Code::kConflict) << "not empty";
  EXPECT_EQ(store().LoadBulk(Family::kMeta).error().code(), Code::kInvalid);
  EXPECT_EQ(store().LoadBulk(static_cast<Family>(200)).error().code(), Code::kInvalid);
  Result<std::unique_ptr<BulkLoader>> loader = store().LoadBulk(Family::kIndex);
  ASSERT_TRUE(loader.ok());
  ASSERT_TRUE((*loader)->Add(AsBytes("b"), {}).ok());
  EXPECT_EQ((*loader)->Add(AsBytes("b"), {}).error().code(), Code::kInvalid) << "the same key";
  EXPECT_EQ((*loader)->Add(AsBytes("a"), {}).error().code(), Code::kInvalid) << "a lower key";
  const std::string lone(kKeyBytesMax + 1, 'k');
  EXPECT_EQ((*loader)->Add(AsBytes(lone), {}).error().code(), Code::kInvalid);
  EXPECT_EQ((*loader)->Finish(1).error().code(), Code::kConflict) << "not the next version";
  EXPECT_EQ(store().last_version(), 1u);
  loader->reset();
  EXPECT_TRUE(KeysOf({Family::kIndex, "", ""}).empty()) << "dropped without Finish";
}

TEST_P(StoreConformance, MergesRuns) {
  MustCommit(Puts({{kA, BytesOf("1")}}));
  MustCommit(Puts({{kA, BytesOf("2")}}));
  for (const Version version : {1, 2}) {
    Result<std::unique_ptr<BulkLoader>> loader =
        store().LoadRun(Family::kHeads, version, Pace::kBesideCommits);
    ASSERT_TRUE(loader.ok());
    for (int i = 0; i < 100; ++i) {
      const std::string key = Numbered(static_cast<int>(version) * 50 + i);
      ASSERT_TRUE((*loader)->Add(AsBytes(key), base::BigU64(version)).ok());
    }
    MustCommit(Puts({{kB, BytesOf("beside")}}));
    ASSERT_TRUE((*loader)->Finish(version).ok());
  }
  for (const bool reopened : {false, true}) {
    SCOPED_TRACE(reopened);
    if (reopened) harness_->Reopen();
    EXPECT_EQ(store().last_version(), 4u) << "runs are no commits";
    EXPECT_EQ(KeysOf({Family::kHeads, "", ""}).size(), 150u);
    EXPECT_EQ(Get({Family::kHeads, Numbered(99)}).version, 1u);
    EXPECT_EQ(Get({Family::kHeads, Numbered(100)}).version, 2u) << "the later run wins";
    EXPECT_EQ(AsText(Get({Family::kHeads, Numbered(100)}).value), AsText(base::BigU64(2)));
  }
  EXPECT_EQ(store().LoadRun(Family::kHeads, 5, Pace::kAlone).error().code(), Code::kInvalid)
      << "not yet";
  EXPECT_EQ(store().LoadRun(Family::kHeads, kAbsent, Pace::kAlone).error().code(), Code::kInvalid);
  EXPECT_EQ(store().LoadRun(Family::kMeta, 1, Pace::kAlone).error().code(), Code::kInvalid);
  Result<std::unique_ptr<BulkLoader>> loader = store().LoadRun(Family::kHeads, 3, Pace::kAlone);
  ASSERT_TRUE(loader.ok());
  EXPECT_EQ((*loader)->Finish(4).error().code(), Code::kConflict) << "another version";
}

TEST_P(StoreConformance, RunsAtOnceWhereKeysLieApart) {
  constexpr int kRuns = 4, kRows = 200;
  MustCommit(Puts({{{Family::kFrames, "k"}, {}}}));
  std::vector<std::unique_ptr<BulkLoader>> loaders;
  for (int run = 0; run < kRuns; ++run) {
    loaders.push_back(*store().LoadRun(Family::kPeople, 1, Pace::kAlone));
    ASSERT_TRUE(loaders.back()->Add(AsBytes(Numbered(run * kRows)), {}).ok());
  }
  std::vector<std::thread> threads;
  for (int run = 0; run < kRuns; ++run) {
    threads.emplace_back([&loader = *loaders[static_cast<std::size_t>(run)], run] {
      for (int row = 1; row < kRows; ++row)
        EXPECT_TRUE(loader.Add(AsBytes(Numbered(run * kRows + row)), base::BigU32(7)).ok());
      EXPECT_TRUE(loader.Finish(1).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  harness_->Reopen();
  EXPECT_EQ(KeysOf({Family::kPeople, "", ""}).size(), 800u);
  EXPECT_EQ(AsText(Get({Family::kPeople, Numbered(777)}).value), AsText(base::BigU32(7)));
}

TEST_P(StoreConformance, ACheckpointIsACopyOfOneMoment) {
  MustCommit(Puts({{kA, BytesOf("1")}, {kB, BytesOf("1")}}));
  MustCommit(Puts({{kA, BytesOf("2")}}));
  const std::string path = harness_->FreshPath();
  ASSERT_TRUE(store().Checkpoint(path).ok());
  EXPECT_EQ(store().Checkpoint(path).error().code(), Code::kInvalid) << "there already";
  MustCommit(Puts({{kA, BytesOf("3")}}));
  const std::unique_ptr<Store> copy = harness_->OpenCheckpoint(path);
  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(copy->last_version(), 2u);
  Result<std::vector<Row>> rows = base::SyncWait(copy->MultiGet({kA, kB}, ReadMode::kAny));
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ((*rows)[0].value, BytesOf("2"));
  EXPECT_EQ((*rows)[0].version, 2u);
  EXPECT_EQ((*rows)[1].value, BytesOf("1"));
  const Result<Version> own = base::SyncWait(copy->Commit(Puts({{kB, BytesOf("own")}})));
  EXPECT_TRUE(own.ok()) << "the copy is a store of its own";
  EXPECT_EQ(Get(kB).value, BytesOf("1"));
}

}  // namespace cloison::store::testing
