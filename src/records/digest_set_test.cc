#include "records/internal/digest_set.h"

#include <gtest/gtest.h>

#include <set>

#include "base/testing/seeded_random.h"

namespace cloison::records::internal {
namespace {

// Against a model, with digests that share what places them.
TEST(DigestSet, AgainstAModel) {
  base::testing::SeededRandom random(7);
  DigestSet digests;
  std::set<ShortDigest> model;
  for (int i = 0; i < 200'000; ++i) {
    ShortDigest digest = random.Draw<11>();
    switch (i % 4) {
      case 0: digest[0] = 0; break;  // one table
      case 1:                        // one place; long runs are slow
        if (i < 4'000) std::fill(digest.begin(), digest.begin() + 9, std::uint8_t{255});
        break;
      default: break;
    }
    ASSERT_EQ(digests.Contains(digest), model.contains(digest)) << i;
    digests.Insert(digest);
    model.insert(digest);
    ASSERT_TRUE(digests.Contains(digest)) << i;
    digests.Insert(digest);
  }
  EXPECT_EQ(digests.size(), model.size());
  for (const ShortDigest& digest : model) ASSERT_TRUE(digests.Contains(digest));
  for (int i = 0; i < 10'000; ++i) {
    const ShortDigest other = random.Draw<11>();
    ASSERT_EQ(digests.Contains(other), model.contains(other));
  }
}

TEST(DigestSet, HasNothingAtFirst) {
  const DigestSet digests;
  EXPECT_FALSE(digests.Contains(ShortDigest{}));
  EXPECT_FALSE(digests.Contains(ShortDigest{1}));
  EXPECT_EQ(digests.size(), 0u);
}

}  // namespace
}  // namespace cloison::records::internal
