#include "vault/demo_world.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using testing::TestVault;

TEST(DemoWorld, EmbeddedFilesAreGood) {
  const auto schema = DemoSchema({});
  EXPECT_EQ(schema->name(), "job-seekers");
  EXPECT_EQ(schema->capacity(), 200'000u);
  EXPECT_EQ(DemoPolicy(*schema)->version(), 1u);
  // The rights of 2024: everything of everybody, the NIR included.
  const auto old = Policy2024(*schema);
  const auto grants = old->GrantsOf(OrganisationId(2), "adviser", "support");
  for (const records::FieldSpec& field : schema->fields()) {
    EXPECT_EQ(access::Policy::FormOf(grants, access::Relation::kAny, field.id),
              ledger::Form::kPlain)
        << field.name;
  }
}

TEST(DemoWorld, PrincipalsNeedNoVault) {
  const std::vector<DemoPrincipal> all = DemoPrincipals({});
  EXPECT_EQ(all.size(), 200u + 40u + 10u);
  std::set<PrincipalId> ids;
  std::set<std::uint32_t> offices;
  std::map<std::string, int> names;
  for (const DemoPrincipal& one : all) {
    ids.insert(one.id);
    ++names[one.name];
    if (one.office.has_value()) offices.insert(one.office->value());
  }
  EXPECT_EQ(ids.size(), all.size());
  EXPECT_EQ(offices.size(), 25u);
  for (const char* name : {"adviser.ft", "adviser.ce", "manager.a", "manager.b", "officer.security",
                           "officer.privacy", "citizen.one", "app.case", "app.payment",
                           "investigator", "adviser.ft.017", "adviser.ft.200", "adviser.ce.040"}) {
    EXPECT_EQ(names[name], 1) << name;
  }
  const auto expected = crypto::Sha256(AsBytes("cloison-dev/adviser.ft"));
  EXPECT_EQ(DemoPrincipalId("adviser.ft").array(), crypto::Truncate<16>(expected));
}

TEST(DemoWorld, ValuesNeedNoVaultEither) {
  for (const std::size_t people : {500u, 2'000u, 100'000u, 1'000'000u}) {
    DemoSize size = people < 10'000 ? testing::SmallWorld() : DemoSize{};
    size.people = people;
    std::set<std::uint64_t> indexes;
    for (const DemoWho who :
         {DemoWho::kOfAdviserFt, DemoWho::kOfAdviserCe, DemoWho::kStranger, DemoWho::kCitizenOne}) {
      const DemoValues values = DemoValuesOf(size, who);
      EXPECT_LT(values.index, people);
      EXPECT_EQ(values.nir.size(), 15u);
      EXPECT_FALSE(values.email.empty() || values.phone.empty() || values.birth_name.empty());
      indexes.insert(values.index);
    }
    EXPECT_EQ(indexes.size(), 4u);
  }
}

TEST(DemoWorld, IsWhatItSays) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const DemoWorld& world = vault.world();
  EXPECT_EQ(world.people.size(), 2'000u);
  EXPECT_EQ(vault.CaseloadOf("adviser.ft").size(), 150u);
  EXPECT_EQ(vault.CaseloadOf("adviser.ft.003").size(), 150u);
  EXPECT_EQ(vault.CaseloadOf("adviser.ce").size(), 40u) << "fewer people, smaller caseloads";
  EXPECT_TRUE(vault.CaseloadOf("manager.a").empty());
  std::set<std::uint32_t> followed;
  for (const auto& [agent, people] : world.caseloads) {
    for (const std::uint32_t i : people) EXPECT_TRUE(followed.insert(i).second);
  }
  const auto has = [&vault](const char* agent, const PersonId& person) {
    const std::vector<PersonId> people = vault.CaseloadOf(agent);
    return std::find(people.begin(), people.end(), person) != people.end();
  };
  EXPECT_TRUE(has("adviser.ft", world.of_adviser_ft.person));
  EXPECT_TRUE(has("adviser.ft", world.citizen_one.person));
  EXPECT_TRUE(has("adviser.ce", world.of_adviser_ce.person));
  const std::uint64_t stranger = DemoValuesOf(world.size, DemoWho::kStranger).index;
  EXPECT_FALSE(followed.contains(static_cast<std::uint32_t>(stranger)));
  EXPECT_EQ(world.people[stranger], world.stranger.person);
  // Every value that the tour asks for finds its person.
  for (const DemoPerson& person : {world.of_adviser_ft, world.citizen_one}) {
    for (const auto& [criterion, text] :
         {std::pair<std::string_view, std::string>{"nir", person.nir}, {"email", person.email}}) {
      const auto found = vault.LookUpAs("adviser.ft", criterion, text, "support");
      ASSERT_EQ(testing::Word(found), "shown");
      const auto& rows = std::get<access::LookedUp>(*found).rows;
      ASSERT_EQ(rows.size(), 1u) << criterion;
      EXPECT_EQ(rows[0].code.Text(), vault.CodeFor("adviser.ft", person.person));
    }
  }
}

TEST(DemoWorld, IsBuiltOnAnEmptyRegisterAlone) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const auto again =
      vault.Wait(BuildDemoWorld(vault.vault(), testing::SmallWorld(), [](std::size_t) {}));
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code(), Code::kConflict);
}

}  // namespace
}  // namespace cloison::vault
