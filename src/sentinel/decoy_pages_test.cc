#include "sentinel/decoy_pages.h"

#include <gtest/gtest.h>

namespace cloison::sentinel {
namespace {

access::Decoy DecoyOf(std::uint8_t n) {
  ByteArray<PersonId::kSize> person{n};
  ByteArray<Aud::kSize> aud{n, n};
  return {PersonId(person), Aud(aud), 0x0102030405060700u + n};
}

Bytes PageOf(std::uint32_t number, std::uint32_t share, std::size_t decoys) {
  DecoyPage page{number, share, {}};
  for (std::size_t i = 0; i < decoys; ++i) {
    page.decoys.push_back(DecoyOf(static_cast<std::uint8_t>(i + 1)));
  }
  return Serialise(page);
}

TEST(DecoyPage, HasOneSize) {
  EXPECT_EQ(PageOf(0, 100, 0).size(), 4'107u);
  EXPECT_EQ(PageOf(3, 0, kDecoysPerPage).size(), 4'107u);
}

TEST(DecoyPage, KnownAnswer) {
  const Bytes page = PageOf(0, 100, 1);
  EXPECT_EQ(base::ToHex(ByteView(page).first(11 + 32 + 1)),
            "02"
            "00000000"
            "00000064"
            "0001"
            "0100000000000000"
            "01010000000000000000000000000000"
            "0102030405060701"
            "00");
}

TEST(DecoyPage, IsReadAsItWasWritten) {
  const Result<DecoyPage> page = ParseDecoyPage(PageOf(2, 0, 5));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->number, 2u);
  ASSERT_EQ(page->decoys.size(), 5u);
  EXPECT_EQ(page->decoys[4].aud, DecoyOf(5).aud);
  EXPECT_EQ(page->decoys[4].person, DecoyOf(5).person);
  EXPECT_EQ(page->decoys[4].origin, DecoyOf(5).origin);
}

TEST(DecoyPage, RefusesWhatIsNone) {
  const auto changed = [](std::size_t at, std::uint8_t to) {
    Bytes page = PageOf(1, 0, 2);
    page[at] = to;
    return page;
  };
  Bytes longer = PageOf(0, 0, 0), shorter = longer;
  longer.push_back(0);
  shorter.pop_back();
  const struct {
    const char* why;
    Bytes page;
  } rows[] = {
      {"empty", {}},
      {"another version", changed(0, 1)},
      {"a page that there cannot be", changed(2, 0xff)},
      {"a share in a page that is not the first", changed(8, 1)},
      {"more than fit", changed(10, 129)},
      {"something after those that are used", changed(11 + 3 * 32, 1)},
      {"fewer used than are there", changed(10, 1)},
      {"a byte more", longer},
      {"a byte less", shorter},
  };
  for (const auto& row : rows) {
    const Result<DecoyPage> page = ParseDecoyPage(row.page);
    ASSERT_FALSE(page.ok()) << row.why;
    EXPECT_EQ(page.error().code(), Code::kCorrupt) << row.why;
  }
}

TEST(DecoyPages, AddAndRemoveFillTheGaps) {
  DecoyPages pages;
  std::vector<access::Decoy> some;
  for (std::uint8_t n = 1; n <= 200; ++n) some.push_back(DecoyOf(n));
  pages.Add(some);
  pages.Add(some);
  EXPECT_EQ(pages.All().size(), 200u);
  EXPECT_TRUE(pages.Has(DecoyOf(1).aud));
  EXPECT_FALSE(pages.Has(DecoyOf(201).aud));
  pages.Remove({some.begin(), some.begin() + 100});
  EXPECT_FALSE(pages.Has(DecoyOf(100).aud));
  EXPECT_TRUE(pages.Has(DecoyOf(101).aud));
  pages.Remove({some.begin(), some.begin() + 100});
  pages.Add({some.begin(), some.begin() + 50});
  EXPECT_EQ(pages.All().size(), 150u);
  EXPECT_EQ(pages.share(), 0u);
  pages.SetShare(250);
  EXPECT_EQ(pages.share(), 250u);
}

}  // namespace
}  // namespace cloison::sentinel
