#include "records/bulk_register.h"

#include <gtest/gtest.h>

#include "records/testing/world.h"
#include "tlog/tree.h"

namespace cloison::records {
namespace {

using testing::NamedTexts;
using testing::NirOf;
using testing::World;

NamedTexts Person(unsigned n) {
  return {{"identity.birth_name", "Nom"},
          {"identity.first_name", "Prénom"},
          {"civil_number.nir", NirOf(n)},
          {"contact.phone", "+3363998" + std::to_string(1'000 + n % 3)}};
}

// The load of an empty register, after the first commit that a store has.
class BulkRegisterTest : public ::testing::Test {
 protected:
  explicit BulkRegisterTest() { world.Overwrite({store::Family::kMeta, "first"}, {1}); }
  World world{50};
};

TEST_F(BulkRegisterTest, IsFoundAsIfRegisteredOneByOne) {
  constexpr std::size_t kPeople = 2'300;
  BulkRegister bulk(*world.people);
  ASSERT_TRUE(base::SyncWait(bulk.CheckEmpty()).ok());
  std::vector<PersonId> persons;
  std::vector<Aud> auds;
  while (persons.size() < kPeople) {
    const std::size_t count = std::min(kPeople - persons.size(), keys::PersonKeys::kCreateMax);
    for (const keys::PersonKey& key : World::Must(world.persons->CreateMany(count, world.home))) {
      const auto values =
          testing::ValuesOf(*world.schema, Person(static_cast<unsigned>(persons.size())));
      ASSERT_TRUE(bulk.Add(key, values).ok());
      persons.push_back(key.person());
      auds.push_back(key.aud());
    }
  }
  const auto roots = bulk.Finish();
  ASSERT_TRUE(roots.ok());
  ASSERT_EQ(roots->size(), 3u) << "1,000, 1,000 and 300 people";
  for (std::size_t r = 0; r < roots->size(); ++r) {
    tlog::Frontier tree;
    for (std::size_t i = r * 1'000; i < std::min(kPeople, (r + 1) * 1'000); ++i) {
      ASSERT_TRUE(tree.Append(tlog::LeafHash(auds[i].bytes())).ok());
    }
    EXPECT_EQ((*roots)[r], tree.Root());
  }
  for (std::size_t n = 0; n < kPeople; n += 57) {
    const auto found = world.Find("civil_number.nir", NirOf(static_cast<unsigned>(n)));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(*found, std::vector<PersonId>{persons[n]});
    EXPECT_EQ(world.Read(persons[n]), Person(static_cast<unsigned>(n)));
  }
  EXPECT_EQ(world.Find("contact.phone", "+33639981000").error().code(), Code::kExhausted)
      << "a third of all share it";
  EXPECT_EQ(bulk.Finish().error().code(), Code::kInvalid) << "once";
  BulkRegister second(*world.people);
  EXPECT_EQ(base::SyncWait(second.CheckEmpty()).error().code(), Code::kConflict);
}

TEST_F(BulkRegisterTest, RefusalsLeaveTheRestAlone) {
  BulkRegister bulk(*world.people);
  std::vector<keys::PersonKey> keys = World::Must(world.persons->CreateMany(4, world.home));
  const auto values = [this](const NamedTexts& texts) {
    return testing::ValuesOf(*world.schema, texts);
  };
  ASSERT_TRUE(bulk.Add(keys[0], values(Person(1))).ok());
  EXPECT_EQ(bulk.Add(keys[1], values(Person(1))).error().code(), Code::kConflict) << "one number";
  EXPECT_EQ(bulk.Add(keys[0], values(Person(2))).error().code(), Code::kConflict) << "one person";
  EXPECT_EQ(bulk.Add(keys[2], {}).error().code(), Code::kInvalid) << "no name";
  ASSERT_TRUE(bulk.Add(keys[3], values(Person(2))).ok()) << "the number was not used up";
  ASSERT_TRUE(bulk.Finish().ok());
  EXPECT_EQ(world.Rows(store::Family::kPeople).size(), 2u);
  EXPECT_EQ(bulk.Add(keys[2], values(Person(3))).error().code(), Code::kInvalid) << "finished";
}

TEST_F(BulkRegisterTest, OfNobody) {
  BulkRegister bulk(*world.people);
  const auto roots = bulk.Finish();
  ASSERT_TRUE(roots.ok());
  EXPECT_TRUE(roots->empty());
}

}  // namespace
}  // namespace cloison::records
