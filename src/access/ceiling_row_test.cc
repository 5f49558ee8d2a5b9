// The row that keeps what is counted below a ceiling.
#include <gtest/gtest.h>

#include "access/internal/ceiling_counts.h"
#include "base/bytes.h"

namespace cloison::access {
namespace {

constexpr std::int64_t kBegin = 100 * base::kDayMs;

// The row of docs/format/state.md.
TEST(CeilingRow, GoldenBytes) {
  internal::BucketCounts counts(base::kMinuteMs, 2, 6'000'000);
  counts.Add(0);
  counts.Advance(6'070'000);
  counts.Add(0);
  counts.Add(3);
  counts.LowerCaps({9, {}, {}, {}, {}});
  internal::CeilingRow row{{Scope::kOffice, 1, 7, 0}, {counts}};
  const std::string zeros(40, '0');
  EXPECT_EQ(base::ToHex(Serialise(row)),
            "03"
            "01"
            "00000001"
            "00000007"
            "00000000"
            "01"
            "000000000000ea60"
            "02"
            "00000000005b8d80"
            "0000000000000065"
            "00000009"
            "ffffffff"
            "ffffffff"
            "ffffffff"
            "ffffffff"
            "00000000005b8d80"
            "00" +
                zeros +
                "00000001"
                "00000000"
                "00000000"
                "00000000"
                "00000000"
                "00000001"
                "00000000"
                "00000000"
                "00000001"
                "00000000");
  EXPECT_EQ(Serialise(*internal::ParseCeilingRow(Serialise(row))), Serialise(row));
  row.key.family = ShowingFamily::kPresence;
  EXPECT_EQ(Serialise(row)[1], 0x21);
  EXPECT_EQ(internal::ParseCeilingRow(Serialise(row))->key, row.key);
}

TEST(CeilingRow, AnythingElseIsCorrupt) {
  internal::BucketCounts hours(base::kHourMs, 24, kBegin);
  const Bytes good = Serialise(internal::CeilingRow{{Scope::kOffice, 1, 7, 0}, {hours}});
  struct Row {
    const char* why;
    std::size_t at;
    std::uint8_t value;
  };
  const Row rows[] = {
      {"another version", 0, 1},
      {"no scope", 1, 0},
      {"a scope nobody knows", 1, 5},
      {"a family that has none", 1, 0x11},
      {"a family nobody knows", 1, 0x31},
      {"an organisation has no office", 1, 2},
      {"the register has no organisation", 1, 4},
      {"an office has no client", 13, 1},
      {"more counts than there are", 14, 2},
      {"fewer", 14, 0},
      {"buckets of no length", 15 + 7, 0},
      {"more buckets", 15 + 8, 25},
      {"no buckets", 15 + 8, 0},
      {"newest before it began", 15 + 8 + 1 + 8 + 7, 0},
      {"newest beyond all time", 15 + 8 + 1 + 8 + 1, 0x10},
      {"caps of before it began", 15 + 8 + 1 + 8 + 8 + 20 + 6, 0},
      {"full of a counter nobody knows", 15 + 8 + 1 + 8 + 8 + 20 + 8, 0x20},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    Bytes bad = good;
    bad[row.at] = row.value;
    if (row.at == 22) bad[20] = bad[21] = 0;
    EXPECT_EQ(internal::ParseCeilingRow(bad).error().code(), Code::kCorrupt);
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(internal::ParseCeilingRow(ByteView(good).first(size)).ok());
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(internal::ParseCeilingRow(longer).ok());
  const Bytes twice = Serialise(internal::CeilingRow{{Scope::kOffice, 1, 7, 0}, {hours, hours}});
  EXPECT_FALSE(internal::ParseCeilingRow(twice).ok());
}

}  // namespace
}  // namespace cloison::access
