// The row that says which generation of the indexes is in force: its bytes, and what it means.
#include "records/generations.h"

#include <gtest/gtest.h>

#include "records/testing/samples.h"

namespace cloison::records {
namespace {

using testing::JobSeekers;
using testing::kVectorPerson;
using testing::kVectorRegister;

IndexState Building() {
  IndexState state = IndexState::First(*JobSeekers(kVectorRegister, 50'000'000));
  state.in_force.generation = 3;
  state.last = 5;
  state.next = Layout::Of(*JobSeekers(kVectorRegister, 120'000'000), 5);
  state.built = kVectorPerson;
  state.dropped = {2, 4};
  state.refused = 1'000;
  return state;
}

// docs/format/index.md has the same.
TEST(IndexStateVectors, EveryByte) {
  EXPECT_EQ(base::ToHex(EncodeIndexState(IndexState::First(*JobSeekers(kVectorRegister, 1'000)))),
            "01"
            "00000001"
            "00000000000003e8"
            "05050505040505050505"
            "00000001"
            "00"
            "00"
            "00"
            "0000000000000000");
  EXPECT_EQ(base::ToHex(EncodeIndexState(Building())),
            "01"
            "00000003"
            "0000000002faf080"
            "14151414041514151515"
            "00000005"
            "01"
            "00000005"
            "0000000007270e00"
            "16161616041616161616"
            "01"
            "a0a1a2a3a4a5a6a7"
            "02"
            "0000000200000004"
            "00000000000003e8");
}

TEST(IndexStateRow, IsReadAsItIsWritten) {
  for (const IndexState& state :
       {IndexState::First(*JobSeekers(kVectorRegister, 1)), Building(), Building().Switched(),
        Building().GivenUp(IndexState::Why::kFull)}) {
    const Result<IndexState> read = ParseIndexState(EncodeIndexState(state));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, state);
  }
}

TEST(IndexStateRow, OfAnotherFormIsRefused) {
  const Bytes good = EncodeIndexState(Building());
  constexpr std::size_t kLayoutBytes = 22, kNextAt = 1 + kLayoutBytes + 4;
  constexpr std::size_t kBuiltAt = kNextAt + 1 + kLayoutBytes, kDroppedAt = kBuiltAt + 1 + 8;
  const struct {
    const char* why;
    std::size_t at;
    Bytes put;
  } rows[] = {
      {"another version", 0, {2}},
      {"generation 0", 1, {0, 0, 0, 0}},
      {"a number above the last", 1, {0, 0, 0, 6}},
      {"no capacity", 5, {0, 0, 0, 0, 0, 0, 0, 0}},
      {"a capacity beyond the largest", 5, {1}},
      {"too few page bits", 13, {3}},
      {"too many page bits", 13, {29}},
      {"a last number below the next one", kNextAt - 4, {0, 0, 0, 4}},
      {"neither yes nor no", kNextAt, {2}},
      {"a next one that is in force", kNextAt + 1, {0, 0, 0, 3}},
      {"a next one before it", kNextAt + 1, {0, 0, 0, 1}},
      {"a flag of another form", kBuiltAt, {255}},
      {"more than can be dropped", kDroppedAt, {9}},
      {"fewer are dropped than there are", kDroppedAt, {1}},
      {"dropped: the one in force", kDroppedAt + 1, {0, 0, 0, 3}},
      {"dropped: the next one", kDroppedAt + 5, {0, 0, 0, 5}},
      {"dropped: twice the same", kDroppedAt + 5, {0, 0, 0, 2}},
      {"dropped: out of order", kDroppedAt + 1, {0, 0, 0, 4}},
      {"dropped: 0", kDroppedAt + 1, {0, 0, 0, 0}},
  };
  for (const auto& row : rows) {
    Bytes bytes = good;
    ASSERT_LE(row.at + row.put.size(), bytes.size());
    std::ranges::copy(row.put, bytes.begin() + static_cast<std::ptrdiff_t>(row.at));
    EXPECT_FALSE(ParseIndexState(bytes).ok()) << row.why;
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(ParseIndexState(ByteView(good).first(size)).ok()) << size;
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(ParseIndexState(longer).ok()) << "something behind it";
  IndexState no_next = Building().Switched();
  Bytes built_of_none = EncodeIndexState(no_next);
  built_of_none[kNextAt + 1] = 1;
  built_of_none.insert(built_of_none.begin() + kNextAt + 2, 8, 0xa0);
  EXPECT_FALSE(ParseIndexState(built_of_none).ok()) << "people in a generation that is none";
}

TEST(IndexState, WhoIsInTheNextOne) {
  const ByteArray<8> before{0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa6};
  const ByteArray<8> behind{0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa8};
  IndexState state = Building();
  EXPECT_TRUE(state.IsBuiltFor(PersonId(before)));
  EXPECT_TRUE(state.IsBuiltFor(kVectorPerson)) << "the last one is in it";
  EXPECT_FALSE(state.IsBuiltFor(PersonId(behind)));
  EXPECT_NEAR(state.Share(), 0.6275, 0.0001);
  state.built.reset();
  EXPECT_FALSE(state.IsBuiltFor(PersonId(ByteArray<8>{}))) << "nobody is, yet";
  EXPECT_EQ(state.Share(), 0);
  EXPECT_EQ(Building().Switched().Share(), 1);
}

TEST(IndexState, ASwitchAndWhatIsGivenUp) {
  const IndexState switched = Building().Switched();
  EXPECT_EQ(switched.in_force, *Building().next);
  EXPECT_FALSE(switched.next.has_value());
  EXPECT_FALSE(switched.built.has_value());
  EXPECT_EQ(switched.dropped, (std::vector<std::uint32_t>{2, 3, 4}));
  EXPECT_EQ(switched.last, 5u);
  const IndexState given_up = Building().GivenUp(IndexState::Why::kFull);
  EXPECT_EQ(given_up.in_force, Building().in_force);
  EXPECT_FALSE(given_up.next.has_value());
  EXPECT_EQ(given_up.dropped, (std::vector<std::uint32_t>{2, 4, 5}));
  EXPECT_EQ(given_up.refused, 120'000'000u);
  EXPECT_EQ(Building().GivenUp(IndexState::Why::kDamaged).refused, Building().refused)
      << "it is begun anew";
  EXPECT_EQ(given_up.last, 5u) << "its number is not given again";
  for (const std::uint32_t known : {2u, 3u, 4u, 5u}) EXPECT_TRUE(Building().Knows(known));
  for (const std::uint32_t unknown : {0u, 1u, 6u}) EXPECT_FALSE(Building().Knows(unknown));
}

}  // namespace
}  // namespace cloison::records
