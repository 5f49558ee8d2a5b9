// Frames, records, segments and places: what is written is read; everything else is refused.
#include <gtest/gtest.h>

#include <map>

#include "base/testing/seeded_random.h"
#include "ledger/internal/frame.h"
#include "ledger/internal/head_cache.h"
#include "ledger/internal/months.h"
#include "ledger/internal/segment.h"
#include "ledger/internal/tail.h"

namespace cloison::ledger::internal {
namespace {

Bytes LeavesOf(std::size_t count) {
  Bytes leaves;
  for (std::size_t i = 0; i < count; ++i) {
    const auto digest = crypto::Sha256(base::BigU64(i));
    base::AppendBytes(leaves, MakeLeaf(digest, digest, Tag{}, Tag{}));
  }
  return leaves;
}

SegmentEntry EntryNumber(std::uint64_t i) {
  SegmentEntry entry{{}, {static_cast<std::uint8_t>(i), 1}, i};
  if (i % 3 != 0) {
    entry.subject = SegmentEntry::Subject{
        {static_cast<std::uint8_t>(i), 2}, {static_cast<std::uint8_t>(i % 4), 3}, i / 4};
  }
  return entry;
}

// No prefix, no longer form and no other header of `good` may be read.
template <class Parse>
void ExpectStrict(const Bytes& good, Parse parse) {
  ASSERT_TRUE(parse(good).ok());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(
        parse(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))).error().code(),
        Code::kCorrupt)
        << "cut at " << size;
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(parse(longer).ok());
  for (std::size_t i = 0; i < 4; ++i) {
    Bytes other = good;
    other[i] ^= 1;
    EXPECT_FALSE(parse(other).ok()) << "header byte " << i;
  }
}

TEST(Frame, IsReadAsWrittenAndNotOtherwise) {
  for (const std::size_t count : {1, 2, 7}) {
    const Bytes leaves = LeavesOf(count);
    const Bytes frame = EncodeFrame(leaves);
    EXPECT_EQ(frame.size(), 4 + count * kLeafBytes);
    const auto parse = [](const Bytes& bytes) { return ParseFrame(bytes); };
    EXPECT_EQ(base::ToBytes(*parse(frame)), leaves);
    ExpectStrict(frame, parse);
  }
  Bytes bad = EncodeFrame(LeavesOf(2));
  bad[4 + kLeafBytes] = 2;
  EXPECT_FALSE(ParseFrame(bad).ok()) << "a leaf of another version";
  EXPECT_FALSE(ParseFrame(Bytes{1, 0, 0, 0}).ok()) << "no leaves";
}

TEST(Frame, KeysOrderAsIndexes) {
  EXPECT_LT(BatchKey(255), BatchKey(256));
  EXPECT_EQ(*ParseBatchKey(BatchKey(123456789)), 123456789u);
  EXPECT_FALSE(ParseBatchKey("1234567").ok());
  EXPECT_FALSE(ParseBatchKey("123456789").ok());
}

TEST(Records, AreReadAsWrittenAndNotOtherwise) {
  Bytes sized;
  for (const std::string_view record : {"one", "", "three"}) {
    base::AppendU32(sized, static_cast<std::uint32_t>(record.size()));
    base::AppendBytes(sized, AsBytes(record));
  }
  const Bytes bytes = EncodeRecords(24'290, 3, sized);
  const auto parse = [](const Bytes& from) { return ParseRecords(from); };
  const Result<RecordsView> view = parse(bytes);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->month, 24'290u);
  ASSERT_EQ(view->sealed.size(), 3u);
  EXPECT_EQ(AsText(view->sealed[2]), "three");
  ExpectStrict(bytes, parse);
  Bytes large;
  base::AppendU32(large, kSealedRecordBytesMax + 1);
  large.resize(4 + kSealedRecordBytesMax + 1);
  EXPECT_FALSE(ParseRecords(EncodeRecords(1, 1, large)).ok()) << "a record over the limit";
}

TEST(Segment, IsReadAsWrittenAndNotOtherwise) {
  std::vector<SegmentEntry> entries;
  for (std::uint64_t i = 0; i < 7; ++i) entries.push_back(EntryNumber(i));
  const Bytes bytes = EncodeSegment(entries);
  const auto parse = [](const Bytes& from) { return ParseSegment(from); };
  EXPECT_EQ(*parse(bytes), entries);
  ExpectStrict(bytes, parse);
  Bytes bad = bytes;
  bad[4] = 2;
  EXPECT_FALSE(ParseSegment(bad).ok()) << "neither with nor without a subject";
  EXPECT_FALSE(ParseSegment(Bytes{1, 0, 0, 0}).ok()) << "no entries";
}

TEST(Months, SayWhereEachBegins) {
  Months months;
  EXPECT_TRUE(months.Fits(0));
  EXPECT_FALSE(months.Fits(1));
  months.Add(24'300, 0);
  months.Add(24'302, 7);
  EXPECT_FALSE(months.Begins(24'302));
  EXPECT_FALSE(months.Begins(24'301)) << "time does not go back";
  EXPECT_TRUE(months.Begins(24'303));
  EXPECT_FALSE(months.Fits(7));
  const Result<Months> read = Months::Parse(months.Serialise());
  ASSERT_TRUE(read.ok());
  EXPECT_TRUE(read->Fits(8));
  EXPECT_EQ(read->MonthOf(0), 24'300u);
  EXPECT_EQ(read->MonthOf(6), 24'300u);
  EXPECT_EQ(read->MonthOf(7), 24'302u);
  EXPECT_EQ(read->MonthOf(700), 24'302u);
}

TEST(Months, AreNotReadOtherwise) {
  struct Row {
    const char* why;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> starts;
  };
  const Row kRows[] = {{"none", {}},
                       {"not from the start", {{24'300, 1}}},
                       {"a month twice", {{24'300, 0}, {24'300, 5}}},
                       {"months fall", {{24'300, 0}, {24'299, 5}}},
                       {"indexes stay", {{24'300, 0}, {24'301, 0}}},
                       {"indexes fall", {{24'300, 0}, {24'301, 5}, {24'302, 4}}}};
  for (const Row& row : kRows) {
    Bytes bytes{1};
    for (const auto& [month, first] : row.starts) {
      base::AppendU32(bytes, month);
      base::AppendU64(bytes, first);
    }
    EXPECT_FALSE(Months::Parse(bytes).ok()) << row.why;
  }
  EXPECT_FALSE(Months::Parse({}).ok());
  EXPECT_FALSE(Months::Parse(Bytes{2}).ok()) << "another version";
  EXPECT_FALSE(Months::Parse(Bytes(12, 1)).ok()) << "cut off";
}

TEST(Place, IsReadAsWrittenAndNotOtherwise) {
  const Place place{300, 44};
  EXPECT_EQ(*ParsePlace(EncodePlace(place)), place);
  EXPECT_EQ(place.first_index(), 256u);
  EXPECT_FALSE(ParsePlace(EncodePlace({3, 4})).ok()) << "before the first entry";
  EXPECT_FALSE(ParsePlace(Bytes(9)).ok());
  EXPECT_FALSE(ParsePlace(Bytes(11)).ok());
}

ByteArray<16> TagNumber(std::uint64_t i, bool same_slot) {
  ByteArray<16> tag{};
  const ByteArray<8> big = base::BigU64(i);
  std::ranges::copy(big, tag.begin() + 8);
  if (!same_slot) std::ranges::copy(crypto::Truncate<8>(crypto::Sha256(big)), tag.begin());
  return tag;
}

TEST(ByTag, HoldsWhatAMapHolds) {
  for (const bool same_slot : {false, true}) {  // all in one slot: every search walks
    ByTag<std::uint64_t> table;
    std::map<ByteArray<16>, std::uint64_t> want;
    EXPECT_FALSE(table.Find(TagNumber(0, same_slot))) << "of an empty table";
    if (same_slot) table.Reserve(10);
    for (std::uint64_t i = 0; i < 600; ++i) {
      const std::uint64_t key = i % 500;  // the last hundred replace
      table.Set(TagNumber(key, same_slot), i);
      want[TagNumber(key, same_slot)] = i;
    }
    EXPECT_EQ(table.size(), want.size());
    for (std::uint64_t i = 0; i < 600; ++i) {
      const auto found = want.find(TagNumber(i, same_slot));
      const std::optional<std::uint64_t> value = table.Find(TagNumber(i, same_slot));
      EXPECT_EQ(value.has_value(), found != want.end()) << i;
      if (value) {
        EXPECT_EQ(*value, found->second);
      }
    }
    const auto sorted = table.Sorted();
    EXPECT_TRUE(std::ranges::equal(sorted, want, [](const auto& a, const auto& b) {
      return a.first == b.first && a.second == b.second;
    }));
  }
}

HeadKey OfOneSet(std::uint8_t person) {
  return HeadKey{7, 8, 9, 0, person};
}

TEST(HeadCache, OfAFullSetWhoeverWasSetLongestAgoGoes) {
  HeadCache cache;
  EXPECT_FALSE(cache.Find(OfOneSet(0)));
  for (std::uint8_t person = 0; person < 4; ++person) {
    cache.Set(OfOneSet(person), 10u + person);
    EXPECT_FALSE(cache.Find(OfOneSet(person + 1))) << "another person of that set";
  }
  cache.Set(OfOneSet(0), 20);
  for (std::uint8_t person = 1; person < 4; ++person) {
    EXPECT_EQ(cache.Find(OfOneSet(person)), 10u + person);
  }
  cache.Set(OfOneSet(4), 14);
  EXPECT_EQ(cache.Find(OfOneSet(0)), 20u) << "set anew since";
  EXPECT_FALSE(cache.Find(OfOneSet(1))) << "longest ago";
  EXPECT_EQ(cache.Find(OfOneSet(2)), 12u);
  EXPECT_EQ(cache.Find(OfOneSet(3)), 13u);
  EXPECT_EQ(cache.Find(OfOneSet(4)), 14u);
}

TEST(HeadCache, AnUpdateBringsNobodyIn) {
  HeadCache cache;
  cache.Update(OfOneSet(0), 3);
  EXPECT_FALSE(cache.Find(OfOneSet(0)));
  for (std::uint8_t person = 0; person < 4; ++person) cache.Set(OfOneSet(person), 3);
  cache.Update(OfOneSet(4), 9);
  EXPECT_EQ(cache.Find(OfOneSet(0)), 3u) << "nor puts anybody out";
  cache.Update(OfOneSet(0), 4);
  EXPECT_EQ(cache.Find(OfOneSet(0)), 4u);
}

TEST(HeadCache, WhatDoesNotFitIsNotKept) {
  HeadCache cache;
  cache.Set(OfOneSet(0), UINT32_MAX);
  EXPECT_EQ(cache.Find(OfOneSet(0)), UINT32_MAX);
  cache.Set(OfOneSet(0), std::uint64_t{UINT32_MAX} + 1);
  EXPECT_FALSE(cache.Find(OfOneSet(0))) << "the number before it must not be told";
  cache.Set(OfOneSet(0), 0);
  EXPECT_FALSE(cache.Find(OfOneSet(0))) << "who has no entry";
}

// Against a map, of people whose keys differ in one part or two.
TEST(HeadCache, NeverTellsAnybodyElsesNumber) {
  base::testing::SeededRandom random(11);
  HeadCache cache;
  std::map<HeadKey, std::uint64_t> newest;
  std::vector<HeadKey> drawn;
  std::size_t found = 0;
  for (std::uint64_t i = 1; i <= 100'000; ++i) {
    const ByteArray<6> draw = random.Draw<6>();
    HeadKey key{};
    key[draw[0] % 16] = draw[1] % 8;
    key[draw[2] % 16] = draw[3] % 8;
    key[3] = 0;  // tells nobody apart
    cache.Set(key, i);
    newest[key] = i;
    drawn.push_back(key);
    const HeadKey& other = drawn[(std::size_t{draw[4]} << 8 | draw[5]) % drawn.size()];
    const std::optional<std::uint64_t> next = cache.Find(other);
    if (!next) continue;
    EXPECT_EQ(*next, newest[other]);
    ++found;
  }
  EXPECT_GT(found, 5'000u);
}

TEST(Tail, FindsInBothGenerationsUntilDropped) {
  Tail tail;
  EXPECT_EQ(tail.Freeze(std::make_shared<Generation>()), nullptr) << "nothing to fold";
  tail.Add(100, {EntryNumber(1), EntryNumber(2)});
  tail.EndBatch(7, {});
  const auto frozen = tail.Freeze(std::make_shared<Generation>());
  ASSERT_NE(frozen, nullptr);
  EXPECT_EQ(frozen->version, 7u);
  tail.Add(102, {EntryNumber(5)});
  EXPECT_EQ(tail.Freeze(std::make_shared<Generation>()), frozen) << "an unfinished fold goes first";
  EXPECT_EQ(tail.unfrozen(), 1u);
  EXPECT_EQ(tail.FindTrail(EntryNumber(2).subject->tag), (Place{101, 1}));
  EXPECT_EQ(tail.FindActivity(EntryNumber(5).actor_tag), (Place{102, 0}));
  EXPECT_EQ(tail.NextOf(EntryNumber(5).subject->head), 2u) << "the current one wins";
  tail.DropFrozen();
  EXPECT_FALSE(tail.FindTrail(EntryNumber(2).subject->tag).has_value());
  EXPECT_TRUE(tail.FindActivity(EntryNumber(5).actor_tag).has_value());
}

}  // namespace
}  // namespace cloison::ledger::internal
