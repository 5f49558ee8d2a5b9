#include "records/index.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/testing/seeded_random.h"
#include "crypto/testing/fixed_random.h"
#include "records/testing/samples.h"

namespace cloison::records {
namespace {

using base::testing::SeededRandom;
using testing::CountedKey;

nlohmann::json Vectors() {
  return nlohmann::json::parse(testing::ReadText("tests/vectors/cloison-formats.json"));
}
Bytes Hex(const nlohmann::json& text) {
  return *base::FromHex(text.get<std::string>());
}
Page PageOf(const nlohmann::json& vector) {
  Page page{.page_seq = vector["page_seq"].get<std::uint64_t>(),
            .more = vector["more"].get<int>() == 1,
            .postings = {}};
  for (const auto& posting : vector["postings"]) {
    const Bytes bytes = Hex(posting);
    page.postings.push_back(Posting{bytes[0], *PersonId::FromBytes(ByteView(bytes).subspan(1))});
  }
  return page;
}

struct Keys {
  crypto::Secret<32> idx = CountedKey(0x60);
  crypto::Secret<32> pg = CountedKey(0xa0);
  IndexKeys keys{testing::kVectorRegister, idx, pg};
};

void ExpectPage(const IndexKeys& keys, const Slot& slot, std::uint16_t overflow,
                const nlohmann::json& vector) {
  const Page page = PageOf(vector);
  crypto::testing::FixedRandom random(Hex(vector["rnd"]));
  const Bytes sealed = keys.SealPage(slot, overflow, page, random);
  EXPECT_EQ(base::ToHex(sealed), vector["bytes"].get<std::string>());
  EXPECT_EQ(
      base::ToHex(AsBytes(keys.PageKey(slot.index, slot.generation, slot.page, overflow).bytes)),
      vector["key"].get<std::string>());
  const Result<Page> opened = keys.OpenPage(slot, overflow, Hex(vector["bytes"]));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->postings, page.postings);
  EXPECT_EQ(opened->more, page.more);
  EXPECT_EQ(opened->page_seq, page.page_seq);
}

TEST(IndexVectors, EveryByte) {
  Keys all;
  const nlohmann::json vectors = Vectors()["index"];
  for (const auto& vector : vectors) {
    const Slot slot = all.keys.SlotOf(
        vector["index"].get<std::uint16_t>(), vector["generation"].get<std::uint32_t>(),
        vector["page_bits"].get<std::uint8_t>(), Hex(vector["canonical"]));
    EXPECT_EQ(slot.page << 4 | slot.low, vector["slot"].get<std::uint32_t>());
    EXPECT_EQ(slot.page, vector["page"].get<std::uint32_t>());
    ExpectPage(all.keys, slot, 0, vector);
    if (vector.contains("overflow_1")) ExpectPage(all.keys, slot, 1, vector["overflow_1"]);
  }
}

// Keys of the generation in use are kept; the others' are derived, and are others.
TEST(IndexKeys, EveryIndexAndGenerationHasItsOwnKey) {
  Keys all;
  std::set<std::pair<std::uint32_t, std::uint8_t>> slots;
  for (const std::uint16_t index : kIndexes) {
    for (std::uint32_t generation = 0; generation < 4; ++generation) {
      const Slot slot = all.keys.SlotOf(index, generation, kPageBitsMax, AsBytes("same"));
      EXPECT_TRUE(slots.emplace(slot.page, slot.low).second) << index << " " << generation;
    }
  }
}

Page SomePage(std::size_t postings, std::uint64_t seed) {
  SeededRandom random(seed);
  Page page{.page_seq = seed, .more = seed % 2 == 0, .postings = {}};
  for (std::size_t i = 0; i < postings; ++i) {
    page.postings.push_back(
        Posting{static_cast<std::uint8_t>(random.Below(16)), PersonId(random.Draw<8>())});
  }
  std::sort(page.postings.begin(), page.postings.end());
  return page;
}

TEST(IndexPage, RoundTripsAtEveryFill) {
  Keys all;
  SeededRandom random(1);
  const Slot slot{1, 1, 77, 3};
  for (std::size_t n = 0; n <= kPostingsPerPage; ++n) {
    const Page page = SomePage(n, n);
    const Bytes sealed = all.keys.SealPage(slot, 0, page, random);
    ASSERT_EQ(sealed.size(), kPageBytes);
    const Result<Page> opened = all.keys.OpenPage(slot, 0, sealed);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->postings, page.postings);
  }
}

TEST(IndexPage, OpensInItsPlaceAlone) {
  Keys all;
  SeededRandom random(1);
  const Slot slot{1, 1, 77, 3};
  const Bytes sealed = all.keys.SealPage(slot, 0, SomePage(50, 1), random);
  const IndexKeys elsewhere(RegisterId(8), all.idx, all.pg);
  const struct {
    const char* why;
    const IndexKeys& keys;
    Slot slot;
    std::uint16_t overflow;
    bool opens;
  } rows[] = {
      {"its place", all.keys, slot, 0, true},
      {"the low bits are the value's, not the page's", all.keys, {1, 1, 77, 9}, 0, true},
      {"another index", all.keys, {2, 1, 77, 3}, 0, false},
      {"another generation", all.keys, {1, 2, 77, 3}, 0, false},
      {"another page", all.keys, {1, 1, 78, 3}, 0, false},
      {"an overflow page", all.keys, slot, 1, false},
      {"another register", elsewhere, slot, 0, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(row.keys.OpenPage(row.slot, row.overflow, sealed).ok(), row.opens);
  }
}

TEST(IndexPage, EveryByteChangedIsRefused) {
  Keys all;
  SeededRandom random(1);
  const Slot slot{1, 1, 77, 3};
  const Bytes sealed = all.keys.SealPage(slot, 0, SomePage(50, 1), random);
  Bytes changed = sealed;
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    ASSERT_FALSE(all.keys.OpenPage(slot, 0, changed).ok()) << bit;
    changed[bit / 8] = sealed[bit / 8];
  }
  changed.push_back(0);
  EXPECT_FALSE(all.keys.OpenPage(slot, 0, changed).ok());
  EXPECT_FALSE(all.keys.OpenPage(slot, 0, ByteView(sealed).first(kPageBytes - 1)).ok());
  EXPECT_FALSE(all.keys.OpenPage(slot, 0, {}).ok());
}

TEST(IndexPage, WellSealedButWronglyFormedIsRefused) {
  const crypto::SecretBytes made = internal::EncodePage(SomePage(3, 1));
  const Bytes good = base::ToBytes(made.Reveal());
  const auto with = [&good](std::size_t at, std::uint8_t value) {
    Bytes changed = good;
    changed[at] = value;
    return changed;
  };
  Bytes unsorted = good;
  std::swap_ranges(unsorted.begin() + 12, unsorted.begin() + 21, unsorted.begin() + 30);
  const struct {
    const char* why;
    Bytes plain;
    bool opens;
  } rows[] = {
      {"as it should be", good, true},
      {"more set", with(2, 1), true},
      {"more neither 0 nor 1", with(2, 2), false},
      {"the spare byte used", with(3, 1), false},
      {"109 postings", with(1, 109), false},
      {"65,283 postings", with(0, 255), false},
      {"one posting fewer counted than there are", with(1, 2), false},
      {"a low of 16", with(30, 16), false},
      {"not sorted", unsorted, false},
      {"something behind the postings", with(39, 1), false},
      {"something at the end", with(good.size() - 1, 1), false},
      {"a byte short", Bytes(good.begin(), good.end() - 1), false},
      {"empty", {}, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(internal::ParsePage(row.plain).ok(), row.opens);
  }
}

TEST(IndexPage, KeysOfOverflowTellNothing) {
  Keys all;
  std::set<std::string> seen;
  for (std::uint32_t page = 0; page < 50; ++page) {
    for (std::uint16_t overflow = 0; overflow <= kOverflowPagesMax; ++overflow) {
      const store::Key key = all.keys.PageKey(1, 1, page, overflow);
      EXPECT_EQ(key.bytes.size(), overflow == 0 ? 10u : 22u);
      EXPECT_TRUE(seen.insert(key.bytes).second);
    }
  }
}

TEST(IndexSlot, DependsOnIndexGenerationAndLength) {
  Keys all;
  const ByteView value = AsBytes("+33639981234");
  const Slot slot = all.keys.SlotOf(2, 1, 28, value);
  EXPECT_NE(slot.page, all.keys.SlotOf(3, 1, 28, value).page);
  EXPECT_NE(slot.page, all.keys.SlotOf(2, 2, 28, value).page);
  EXPECT_NE(slot.page, all.keys.SlotOf(2, 1, 28, value.first(11)).page);
  for (std::uint8_t bits = kPageBitsMin; bits <= kPageBitsMax; ++bits) {
    const Slot narrow = all.keys.SlotOf(2, 1, bits, value);
    EXPECT_EQ(narrow.page, slot.page >> (28 - bits)) << "fewer bits are the top ones";
    EXPECT_LT(narrow.low, 16);
  }
}

}  // namespace
}  // namespace cloison::records
