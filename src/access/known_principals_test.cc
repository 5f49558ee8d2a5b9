#include "access/internal/known_principals.h"

#include <gtest/gtest.h>

#include "base/testing/seeded_random.h"

namespace cloison::access::internal {
namespace {

PrincipalId IdOf(std::uint8_t number) {
  ByteArray<16> bytes{};
  bytes[15] = number;
  return PrincipalId(bytes);
}

PrincipalInfo InfoOf(std::uint8_t number, std::uint32_t organisation) {
  return {IdOf(number), OrganisationId(organisation), {}, "adviser", "", false, {}};
}

class KnownPrincipalsTest : public ::testing::Test {
 protected:
  base::testing::SeededRandom random_{1};
  commit::SealedState state_{RegisterId(1), 1, crypto::Secret<32>(random_), random_};
  Caseload caseload_{state_};
};

TEST_F(KnownPrincipalsTest, NobodyIsKnownWhoWasNotRead) {
  KnownPrincipals known(caseload_);
  EXPECT_FALSE(known.Find(IdOf(1)).has_value());
  known.Keep(InfoOf(1, 7));
  EXPECT_FALSE(known.Find(IdOf(2)).has_value());
}

TEST_F(KnownPrincipalsTest, EachIsWhoTheyAre) {
  KnownPrincipals known(caseload_);
  for (std::uint8_t i = 0; i < 200; ++i) known.Keep(InfoOf(i, 1'000u + i));
  for (std::uint8_t i = 0; i < 200; ++i) {
    const std::optional<KnownPrincipal> found = known.Find(IdOf(i));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->organisation, OrganisationId(1'000u + i));
    EXPECT_FALSE(found->person.has_value());
    const PersonId person(ByteArray<8>{i});
    EXPECT_EQ(caseload_.PairKey(found->pairs, person), caseload_.PairKey(IdOf(i), person));
  }
  PrincipalInfo citizen = InfoOf(3, 1);
  citizen.person = Aud(ByteArray<16>{5});
  known.Keep(citizen);
  EXPECT_EQ(known.Find(IdOf(3))->person, citizen.person);
}

TEST_F(KnownPrincipalsTest, NoMoreThanTheLimit) {
  KnownPrincipals known(caseload_, 4);
  for (std::uint8_t i = 0; i < 100; ++i) {
    known.Keep(InfoOf(i, i));
    ASSERT_LE(known.size(), 4u);
    ASSERT_TRUE(known.Find(IdOf(i)).has_value());
  }
  const std::size_t full = known.size();
  known.Keep(InfoOf(99, 99));
  EXPECT_EQ(known.size(), full) << "known already";
}

}  // namespace
}  // namespace cloison::access::internal
