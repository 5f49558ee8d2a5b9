#include "backup/archive.h"

#include <gtest/gtest.h>

#include "backup/restore.h"
#include "base/testing/seeded_random.h"
#include "keys/testing/memory_key_objects.h"
#include "store/memory/memory_store.h"
#include "store/testing/temp_directory.h"

namespace cloison::backup {
namespace {

using store::Family;

constexpr PairId kPair{1, 2, 3}, kParent{9};
constexpr Incarnation kIncarnation{4};

Bytes BytesOf(std::string_view text) {
  return Bytes(text.begin(), text.end());
}

class Archive : public ::testing::Test {
 protected:
  Archive() { CLOISON_CHECK(objects_.Create("root-7").ok()); }

  std::string Write(const std::vector<ArchiveRow>& rows) {
    const std::string path = directory_.path() + "/one";
    const ArchiveHeader header{Database::kMain, RegisterId(7), kPair, kParent, kIncarnation, 5, 12};
    auto writer = ArchiveWriter::Create(files_, path, objects_, random_, header);
    CLOISON_CHECK(writer.ok());
    for (const ArchiveRow& row : rows) CLOISON_CHECK((*writer)->Add(row).ok());
    CLOISON_CHECK((*writer)->Finish().ok());
    return path;
  }
  // Everything, or the first error.
  Result<std::vector<ArchiveRow>> Read(const std::string& path) {
    auto reader = ArchiveReader::Open(files_, path, objects_);
    if (!reader.ok()) return reader.error();
    std::vector<ArchiveRow> rows;
    while (true) {
      CLOISON_TRY_ASSIGN(std::optional<ArchiveRow> row, (*reader)->Next());
      if (!row.has_value()) return rows;
      rows.push_back(std::move(*row));
    }
  }
  void Put(const std::string& path, const Bytes& bytes) {
    CLOISON_CHECK(base::WriteWhole(files_, path, bytes).ok());
  }

  store::testing::TempDirectory directory_;
  base::SystemFiles files_;
  base::SystemRandom random_;
  keys::testing::MemoryKeyObjects objects_{random_};
};

std::vector<ArchiveRow> SomeRows() {
  std::vector<ArchiveRow> rows;
  rows.push_back({{Family::kMeta, "clock"}, BytesOf("now")});
  rows.push_back({{Family::kPeople, "aaaaaaaa"}, Bytes(700'000, 1)});
  rows.push_back({{Family::kPeople, "bbbbbbbb"}, std::nullopt});
  rows.push_back({{Family::kPeople, "cccccccc"}, Bytes(700'000, 2)});
  rows.push_back({{Family::kSeen, "x"}, Bytes()});
  return rows;
}

TEST_F(Archive, ReadsBackWhatWasWritten) {
  for (const std::vector<ArchiveRow>& rows : {std::vector<ArchiveRow>{}, SomeRows()}) {
    const std::string path = Write(rows);
    const auto reader = ArchiveReader::Open(files_, path, objects_);
    ASSERT_TRUE(reader.ok());
    EXPECT_EQ((*reader)->header().pair, kPair);
    EXPECT_EQ((*reader)->header().parent, kParent);
    EXPECT_EQ((*reader)->header().from, 5u);
    EXPECT_EQ((*reader)->header().to, 12u);
    EXPECT_FALSE((*reader)->header().full());
    const auto read = Read(path);
    ASSERT_TRUE(read.ok());
    ASSERT_EQ(read->size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ((*read)[i].key, rows[i].key);
      EXPECT_EQ((*read)[i].value, rows[i].value);
    }
  }
}

// Any byte altered, any end cut off, two chunks swapped: refused, and never with more than was
// there before the place.
TEST_F(Archive, RefusesWhatIsNotWhole) {
  const std::string path = Write(SomeRows());
  const Bytes whole = *files_.Read(path);
  std::vector<std::size_t> places;
  for (std::size_t at = 0; at < 300; ++at) places.push_back(at);
  for (std::size_t at = 300; at < whole.size(); at += 9'973) places.push_back(at);
  for (std::size_t back = 1; back < 80; ++back) places.push_back(whole.size() - back);
  for (const std::size_t at : places) {
    Bytes altered = whole;
    altered[at] ^= 1;
    Put(path, altered);
    EXPECT_FALSE(Read(path).ok()) << "byte " << at << " altered";
    Put(path, Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(at)));
    const auto cut = Read(path);
    ASSERT_FALSE(cut.ok()) << "cut at " << at;
    if (at > 300) {
      EXPECT_EQ(cut.error().code(), Code::kCorrupt);
      EXPECT_GT(cut.error().detail(), 0) << "names the place";
      EXPECT_LE(cut.error().detail(), static_cast<std::int64_t>(at));
    }
  }
  Bytes longer = whole;
  longer.push_back(0);
  Put(path, longer);
  EXPECT_FALSE(Read(path).ok()) << "a byte after the end";
}

TEST_F(Archive, NeedsTheRegistersKeys) {
  const std::string path = Write(SomeRows());
  keys::testing::MemoryKeyObjects others(random_);
  ASSERT_TRUE(others.Create("root-7").ok());
  const auto reader = ArchiveReader::Open(files_, path, others);
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.error().code(), Code::kDenied);
  keys::testing::MemoryKeyObjects none(random_);
  EXPECT_EQ(ArchiveReader::Open(files_, path, none).error().code(), Code::kDenied);
  EXPECT_EQ(ArchiveReader::Open(files_, path + "-not-there", objects_).error().code(),
            Code::kNotFound);
}

// What is read to its end is also held against the one before it.
class Chain : public Archive {
 protected:
  struct Part {
    PairId pair, parent;
    store::Version from, to;
    std::vector<ArchiveRow> rows;
    Incarnation incarnation = kIncarnation;
  };
  void Write(const Part& part) {
    for (const Database database : {Database::kMain, Database::kKeys}) {
      const ArchiveHeader header{database,         RegisterId(7), part.pair, part.parent,
                                 part.incarnation, part.from,     part.to};
      const std::string path = PathOf(directory_.path(), base::ToHex(part.pair), database);
      auto writer = ArchiveWriter::Create(files_, path, objects_, random_, header);
      CLOISON_CHECK(writer.ok());
      if (database == Database::kMain) {
        for (const ArchiveRow& row : part.rows) CLOISON_CHECK((*writer)->Add(row).ok());
      }
      CLOISON_CHECK((*writer)->Finish().ok());
    }
  }
  // Nothing: it is good.
  std::optional<Code> CheckLast(const Part& first, const Part& second) {
    Write(first);
    Write(second);
    std::string bad;
    const Status status =
        Check(files_, objects_, directory_.path(), base::ToHex(second.pair), &bad);
    return status.ok() ? std::nullopt : std::optional(status.error().code());
  }
  static ArchiveRow Here(Family family, std::string key) {
    return {{family, std::move(key)}, BytesOf("value")};
  }
  static ArchiveRow AsBefore(Family family, std::string key) {
    return {{family, std::move(key)}, std::nullopt};
  }
};

TEST_F(Chain, IsCheckedRowByRow) {
  const Part full{
      kPair,
      {},
      0,
      12,
      {Here(Family::kPeople, "a"), Here(Family::kPeople, "c"), Here(Family::kSeen, "b")}};
  const Part good{
      kParent,
      kPair,
      12,
      20,
      {Here(Family::kPeople, "a"), AsBefore(Family::kPeople, "c"), AsBefore(Family::kSeen, "b")}};
  const auto with = [&](auto change) {
    Part part = good;
    change(part);
    return part;
  };
  const struct {
    const char* why;
    Part part;
    std::optional<Code> want;
  } kRows[] = {
      {"as it should be", good, std::nullopt},
      {"names nothing: all went", with([](Part& p) { p.rows.clear(); }), std::nullopt},
      {"a row that was never there", with([](Part& p) { p.rows[1].key.bytes = "b"; }),
       Code::kConflict},
      {"one after the last", with([](Part& p) { p.rows[2].key.bytes = "c"; }), Code::kConflict},
      {"of another family", with([](Part& p) { p.rows[2].key.family = Family::kTrail; }),
       Code::kConflict},
      {"twice", with([](Part& p) { p.rows[1] = p.rows[0]; }), Code::kConflict},
      {"not ascending", with([](Part& p) { std::swap(p.rows[0], p.rows[1]); }), Code::kConflict},
      {"commits between are missing", with([](Part& p) { p.from = 13; }), Code::kConflict},
      {"of the databases before a restore", with([](Part& p) { p.incarnation[0] ^= 1; }),
       Code::kConflict},
  };
  for (const auto& row : kRows) EXPECT_EQ(CheckLast(full, row.part), row.want) << row.why;
}

TEST_F(Archive, DatabasesHaveOneIncarnation) {
  store::MemoryStore store;
  ASSERT_TRUE(EnsureIncarnation(store, random_).ok());
  EXPECT_EQ(store.last_version(), 0u) << "no register has begun here";
  store::WriteSet first;
  first.puts.push_back({{Family::kMeta, "clock"}, BytesOf("now")});
  ASSERT_TRUE(base::SyncWait(store.Commit(std::move(first))).ok());
  ASSERT_TRUE(EnsureIncarnation(store, random_).ok());
  const store::Version made = store.last_version();
  ASSERT_TRUE(EnsureIncarnation(store, random_).ok());
  EXPECT_EQ(made, 2u);
  EXPECT_EQ(store.last_version(), made) << "it is there";
  store::WriteSet writes;
  writes.puts.push_back({{Family::kMeta, kIncarnationRow}, BytesOf("short")});
  ASSERT_TRUE(base::SyncWait(store.Commit(std::move(writes))).ok());
  EXPECT_EQ(EnsureIncarnation(store, random_).error().code(), Code::kCorrupt);
}

// The head as docs/format/backup.md gives it.
TEST_F(Archive, HasThisHead) {
  const Bytes whole = *files_.Read(Write({}));
  EXPECT_EQ(base::ToHex(ByteView(whole).first(87)),
            "636c6f69736f6e2f312f6261636b757000"  // cloison/1/backup
            "01"
            "01"
            "00000007"                          // version, main, register
            "01020300000000000000000000000000"  // pair
            "09000000000000000000000000000000"  // parent
            "04000000000000000000000000000000"  // incarnation
            "0000000000000005"
            "000000000000000c");  // from, to
}

}  // namespace
}  // namespace cloison::backup
