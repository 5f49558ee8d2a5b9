#include "records/strata.h"

#include <gtest/gtest.h>

#include "records/testing/world.h"

namespace cloison::records {
namespace {

TEST(Departement, OfAPostcode) {
  const struct {
    const char* why;
    const char* postcode;
    const char* want;
  } rows[] = {
      {"two digits", "69003", "69"},       {"with a zero", "01000", "01"},
      {"Ajaccio", "20000", "2A"},          {"Porto-Vecchio", "20137", "2A"},
      {"Bastia", "20200", "2B"},           {"Calvi", "20260", "2B"},
      {"overseas: three", "97400", "974"}, {"New Caledonia", "98800", "988"},
      {"too short", "6900", ""},           {"too long", "690030", ""},
      {"no digits", "AB123", ""},          {"none", "", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(DepartementOf(row.postcode), row.want) << row.why;
}

// What decoys are to have had as many of as people: versions, whatever they are numbered.
TEST(CountStrata, AJumpOfTheNumberIsOneVersion) {
  testing::World world;
  const testing::NamedTexts person = {{"identity.birth_name", "Nom"},
                                      {"identity.first_name", "Anne"},
                                      {"contact.phone", "+33639981234"}};
  const PersonId person_id = *world.Register(person);
  ASSERT_EQ(*world.Update(person_id, {{"identity.sex", "F"}}), 2u);
  world.Overwrite({store::Family::kMeta, kWentBackRow}, Bytes{1});
  world.Reopen(10'000);
  ASSERT_EQ(*world.Update(person_id, {{"identity.sex", "M"}}), 2 + kSeqJump);
  const auto count = base::SyncWait(
      CountStrata(*world.people, [](const Aud&) { return false; }, [] { return true; }));
  ASSERT_TRUE(count.ok());
  EXPECT_EQ(count->versions, (std::map<std::uint64_t, std::size_t>{{3, 1}}));
}

}  // namespace
}  // namespace cloison::records
