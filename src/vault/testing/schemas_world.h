// A register whose schema changes: the demo's, with the kinds of change that rows must follow.
#ifndef CLOISON_VAULT_TESTING_SCHEMAS_WORLD_H_
#define CLOISON_VAULT_TESTING_SCHEMAS_WORLD_H_

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "access/schemas.h"
#include "vault/testing/policies_fixture.h"

namespace cloison::vault::testing {

using access::Schemas;

inline std::shared_ptr<const records::Schema> ParsedSchema(const std::string& text) {
  std::vector<std::string> problems;
  const auto schema = records::Schema::Parse(text, &problems);
  for (const std::string& problem : problems) ADD_FAILURE() << problem;
  CLOISON_CHECK(schema.ok());
  return *schema;
}

inline std::string OneVersionOn(const records::Schema& schema) {
  return Replaced(schema.document(), "version = " + std::to_string(schema.version()),
                  "version = " + std::to_string(schema.version() + 1));
}

inline constexpr std::string_view kSinceField =
    "[[compartment.field]]\nid = 0x0602\nname = \"since\"\ntype = \"date\"\n";
inline constexpr std::string_view kPhoneField =
    "[[compartment.field]]\nid = 0x0302\nname = \"phone_2\"\ntype = \"phone\"\nindex = \"phone\"\n";

// One version on: a field goes to a sensitive compartment, an indexed one to another, and there is
// a compartment more.
inline std::string MovedSchema(const records::Schema& schema) {
  std::string text = OneVersionOn(schema);
  text = Replaced(std::move(text), kSinceField, "");
  text = Replaced(std::move(text), kPhoneField, "");
  text =
      Replaced(std::move(text), "name = \"disability\"\nleast = 64\nsensitive = true\n",
               "name = \"disability\"\nleast = 96\nsensitive = true\n" + std::string(kSinceField));
  text = Replaced(std::move(text), "name = \"agency\"\nleast = 32\n",
                  "name = \"agency\"\nleast = 32\n" + std::string(kPhoneField));
  return text +
         "\n[[compartment]]\nid = 20\nname = \"training\"\nleast = 64\n\n[[compartment.field]]\n"
         "id = 0x1401\nname = \"course\"\ntype = \"text\"\nbytes_max = 40\n";
}

// One version on: a field more, and no row is another.
inline std::string LongerSchema(const records::Schema& schema) {
  return Replaced(OneVersionOn(schema), kSinceField,
                  std::string(kSinceField) +
                      "[[compartment.field]]\nid = 0x0604\nname = \"reason\"\ntype = \"text\"\n"
                      "bytes_max = 40\n");
}

inline access::Outcome<Approvals::Shown> AskForSchema(TestVault& vault, std::string_view who,
                                                      const std::string& document) {
  access::Gate::Once once{
      "schema-" + std::to_string(vault.random.Draw<1>()[0]) + base::ToHex(vault.random.Draw<8>()),
      {}};
  Schemas::Request request{document, "ticket-9"};
  return vault.Wait(
      vault.gate().schemas().Propose(vault.As(who), std::move(request), std::move(once)));
}

// Asked for by one officer, agreed to by another.
inline void AgreeToSchema(TestVault& vault, const std::string& document) {
  const auto asked = AskForSchema(vault, "officer.security", document);
  ASSERT_EQ(Word(asked), "shown") << (asked.ok() ? "" : asked.error().text());
  const std::uint64_t number = std::get<Approvals::Shown>(*asked).approval.number;
  const auto agreed = vault.ApproveAs("officer.privacy", number);
  ASSERT_EQ(Word(agreed), "shown") << (agreed.ok() ? "" : agreed.error().text());
  ASSERT_EQ(std::get<Approvals::Shown>(*agreed).approval.state, approvals::State::kUsed);
}

// The stopped vault is started with this text.
inline Status StartWith(TestVault& vault, const std::string& document) {
  vault.SetSchema(ParsedSchema(document));
  return vault.Open();
}

inline void RestartAgreed(TestVault& vault, const std::string& document) {
  AgreeToSchema(vault, document);
  ASSERT_TRUE(vault.Stop().ok());
  const Status started = StartWith(vault, document);
  ASSERT_TRUE(started.ok()) << started.error().text();
}

// Every value of a person, by field, as the row has it.
using Texts = std::map<std::uint16_t, std::string>;
inline Result<Texts> TextsOf(TestVault& vault, const PersonId& person) {
  const auto sighting = vault.Wait(vault.vault().people().Sight(person));
  if (!sighting.ok()) return sighting.error();
  CLOISON_TRY_ASSIGN(
      const records::Values values,
      records::internal::OpenWholeRow(vault.vault().schema(), sighting->key, sighting->row));
  Texts texts;
  for (const records::Value& value : values) {
    texts[value.field.value()] = std::string(AsText(value.text.Reveal()));
  }
  return texts;
}
inline std::map<PersonId, Texts> TextsOfAll(TestVault& vault) {
  std::map<PersonId, Texts> all;
  for (const PersonId& person : vault.world().people) {
    Result<Texts> texts = TextsOf(vault, person);
    if (texts.ok()) all.emplace(person, std::move(*texts));
  }
  return all;
}

// All slices that are left, and the end.
inline void FollowToTheEnd(TestVault& vault) {
  Schemas& schemas = vault.gate().schemas();
  for (bool whole = false; !whole;) {
    const auto done = vault.Wait(schemas.Rewrite(vault.executor));
    ASSERT_TRUE(done.ok()) << done.error().text();
    whole = *done;
  }
  ASSERT_TRUE(vault.Wait(schemas.EndRewriting(vault.executor)).ok());
}

inline store::KeyedRow PersonRow(TestVault& vault, const PersonId& person) {
  for (store::KeyedRow& row : vault.Rows(store::Family::kPeople)) {
    if (row.key == AsText(person.bytes())) return std::move(row);
  }
  CLOISON_CHECK(false);
  return {};
}

}  // namespace cloison::vault::testing

#endif  // CLOISON_VAULT_TESTING_SCHEMAS_WORLD_H_
