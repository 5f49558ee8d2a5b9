// What the keys of rows tell somebody who has the disk and no keys: nothing that joins.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using testing::TestVault;
using testing::Word;

constexpr std::size_t kMark = 16;  // the last bytes of a key: of one person under one principal

// A person who is followed by two agents, looked at by both and asked for by a third.
TEST(StoreKeys, OfOnePersonHaveNothingInCommon) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  std::vector<access::Assignment> all{
      {DemoPrincipalId("adviser.ft.002"), vault.CodeFor("app.case", person), std::nullopt, false}};
  access::Gate::Once once{"a1", {1}};
  ASSERT_EQ(
      Word(vault.Wait(vault.gate().Assign(vault.As("app.case"), std::move(all), std::move(once)))),
      "shown");
  for (const char* who : {"adviser.ft", "adviser.ft.002"}) {
    ASSERT_EQ(Word(vault.DiscloseAs(who, person, {"contact.phone"}, "support")), "shown");
  }
  ASSERT_EQ(Word(vault.DiscloseAs("adviser.ft.003", person, {"identity.first_name"}, "reception")),
            "shown");
  for (const store::Family family : {store::Family::kCaseload, store::Family::kSeen}) {
    SCOPED_TRACE(store::FamilyName(family));
    std::map<std::string, std::size_t> marks;
    const std::vector<store::KeyedRow> rows = vault.Rows(family);
    ASSERT_GE(rows.size(), 3u);
    for (const store::KeyedRow& row : rows) ++marks[row.key.substr(row.key.size() - kMark)];
    EXPECT_EQ(marks.size(), rows.size()) << "a mark that stands under two principals";
  }
  // Nor is a person's own key, or their name in the ledger, part of any other.
  std::set<std::string> names{records::RowKeyOf(person).bytes};
  const auto sighting = vault.Wait(vault.vault().people().Sight(person));
  names.emplace(AsText(sighting->key.aud().bytes()));
  for (const store::Family family : store::kMainFamilies) {
    if (family == store::Family::kPeople) continue;
    for (const store::KeyedRow& row : vault.Rows(family)) {
      for (const std::string& name : names) {
        EXPECT_EQ(row.key.find(name), std::string::npos) << store::FamilyName(family);
      }
    }
  }
}

}  // namespace
}  // namespace cloison::vault
