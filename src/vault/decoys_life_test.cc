// What becomes of decoys while time goes on: tending reads none of them apart from everybody else,
// and what hangs together in a person goes on hanging together in them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "access/decoys.h"
#include "ingest/generator.h"
#include "records/strata.h"
#include "text/person_name.h"
#include "vault/decoy_inventor.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using testing::TestVault;
using testing::Word;

// How often each row was asked for by its key.
class ReadingsStore final : public store::Store {
 public:
  explicit ReadingsStore(store::Store& under) : under_(under) {}
  Task<Result<std::vector<store::Row>>> MultiGet(std::vector<store::Key> keys,
                                                 store::ReadMode mode) override {
    for (const store::Key& key : keys) ++readings[key];
    co_return co_await under_.MultiGet(std::move(keys), mode);
  }
  Task<Result<store::ScanPage>> Scan(store::Range range, std::size_t limit) override {
    co_return co_await under_.Scan(std::move(range), limit);
  }
  Task<Result<store::Version>> Commit(store::WriteSet writes) override {
    co_return co_await under_.Commit(std::move(writes));
  }
  Result<std::unique_ptr<store::BulkLoader>> LoadBulk(store::Family family) override {
    return under_.LoadBulk(family);
  }
  Result<std::unique_ptr<store::BulkLoader>> LoadRun(store::Family family, store::Version version,
                                                     store::Pace pace) override {
    return under_.LoadRun(family, version, pace);
  }
  Status Checkpoint(const std::string& path) override { return under_.Checkpoint(path); }
  store::Version last_version() const override { return under_.last_version(); }
  store::Health health() const override { return under_.health(); }

  std::map<store::Key, std::size_t> readings;

 private:
  store::Store& under_;
};

class DecoysLifeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    vault_.inventor = std::make_shared<GeneratedDecoys>(schema_, testing::SmallWorld().seed,
                                                        DecoyNumbers{}, vault_.random);
    vault_.over_main = &main_;
    vault_.over_keys = &keys_;
    ASSERT_TRUE(vault_.Start().ok());
  }
  void TearDown() override { EXPECT_TRUE(vault_.Stop().ok()); }  // while its stores are there
  access::Decoys::Tended Tend(std::uint32_t per_100000) {
    const auto tended = vault_.TendDecoys(per_100000);
    EXPECT_TRUE(tended.ok()) << (tended.ok() ? "" : tended.error().text());
    return tended.ok() ? *tended : access::Decoys::Tended{};
  }
  // One more version of every `nth` of the register's own people.
  void ChangeEach(std::size_t nth, const std::string& note) {
    for (std::size_t i = 0; i < vault_.world().people.size(); i += nth) {
      const PersonId& person = vault_.world().people[i];
      const auto sighting = vault_.Wait(vault_.vault().people().Sight(person));
      ASSERT_TRUE(sighting.ok());
      const auto done = vault_.UpdateAs("app.case", vault_.CodeFor("app.case", person),
                                        sighting->header.seq, {{"notes.adviser", note}});
      ASSERT_EQ(Word(done), "shown");
    }
  }

  TestVault vault_;
  ReadingsStore main_{vault_.main_store}, keys_{vault_.key_store};
  std::shared_ptr<const records::Schema> schema_ = DemoSchema(testing::SmallWorld());
};

// Whoever sees how fast a first look is answered learns what was read lately.
TEST_F(DecoysLifeTest, TendingReadsNoDecoyOnItsOwn) {
  Tend(5'000);
  ChangeEach(2, "moved");
  EXPECT_GT(Tend(5'000).moved, 10u) << "they have lives";
  const std::vector<PersonId> decoys = vault_.Decoys();
  ASSERT_GT(decoys.size(), 90u);
  main_.readings.clear();
  keys_.readings.clear();
  const access::Decoys::Tended tended = Tend(5'000);
  ASSERT_EQ(tended.made + tended.retired + tended.moved, 0u) << "nobody had to be changed";
  std::map<std::size_t, std::size_t> rows, keys;  // how many were read so often
  for (const auto& [key, readings] : main_.readings) {
    if (key.family == store::Family::kPeople) ++rows[readings];
  }
  for (const auto& [key, readings] : keys_.readings) {
    if (key.family == store::Family::kPersonKeys) ++keys[readings];
  }
  EXPECT_EQ(rows, (decltype(rows){{1, 2'000 + decoys.size()}})) << "everybody's once, and alike";
  EXPECT_LE(keys.size(), 1u) << "so are their keys";
}

// And of those that are changed no other is read with them.
TEST_F(DecoysLifeTest, OnlyWhoIsChangedIsReadApart) {
  Tend(5'000);
  ChangeEach(2, "moved");
  main_.readings.clear();
  const std::size_t moved = Tend(5'000).moved;
  ASSERT_GT(moved, 10u);
  std::size_t apart = 0;
  for (const auto& [key, readings] : main_.readings) {
    if (key.family == store::Family::kPeople && readings > 1) ++apart;
  }
  EXPECT_EQ(apart, moved);
}

// ---- what belongs together

using Texts = std::map<std::string, std::string>;

std::string Joined(const std::string& name) {
  constexpr std::size_t kLetters = 20;
  Result<std::string> found = text::PlainName(name);
  CLOISON_CHECK(found.ok());
  std::string plain = std::move(*found);
  std::erase(plain, ' ');
  for (char& c : plain) c = static_cast<char>(c - 'A' + 'a');
  return plain.substr(0, kLetters);
}

// "lea.martin.123@example.org"
bool MailFitsName(const Texts& texts) {
  if (!texts.contains("contact.email")) return true;
  const std::string& mail = texts.at("contact.email");
  const std::string names =
      Joined(texts.at("identity.first_name")) + "." + Joined(texts.at("identity.birth_name")) + ".";
  if (!mail.starts_with(names)) return false;
  const std::size_t at = mail.find('@');
  return at != std::string::npos && at > names.size() &&
         std::all_of(mail.begin() + static_cast<std::ptrdiff_t>(names.size()),
                     mail.begin() + static_cast<std::ptrdiff_t>(at),
                     [](char c) { return c >= '0' && c <= '9'; });
}

// What the generator's people say of France: the zones of each département's fixed lines.
struct Atlas {
  Atlas() {
    const ingest::Generator generator(7);
    for (std::uint64_t i = 0; i < 300'000; ++i) {
      const ingest::GeneratedPerson person = generator.At(i);
      const std::string postcode(person.Text("address.postcode"));
      if (postcode.empty()) continue;
      const std::string_view phone = person.Text("contact.phone");
      if (!phone.empty() && phone[1] < '6') {
        zones[records::DepartementOf(postcode)].insert(phone[1]);
      }
    }
  }
  bool PhoneFitsAddress(const Texts& texts, const std::string& field) const {
    if (!texts.contains(field) || !texts.contains("address.postcode")) return true;
    const std::string& phone = texts.at(field);  // E.164
    if (phone[3] == '6' || phone[3] == '7') return true;
    return zones.at(records::DepartementOf(texts.at("address.postcode"))).contains(phone[3]);
  }
  std::map<std::string, std::set<char>> zones;
};

class DecoysTogetherTest : public DecoysLifeTest {
 protected:
  Texts TextsOf(const PersonId& person) {
    const auto sighting = vault_.Wait(vault_.vault().people().Sight(person));
    CLOISON_CHECK(sighting.ok());
    const auto values = records::internal::OpenWholeRow(*schema_, sighting->key, sighting->row);
    CLOISON_CHECK(values.ok());
    Texts texts;
    for (const records::Value& value : *values) {
      texts[schema_->Find(value.field)->name] = std::string(AsText(value.text.Reveal()));
    }
    return texts;
  }
  void ExpectTogether(const Texts& texts, const char* whose) {
    EXPECT_TRUE(MailFitsName(texts)) << whose << " mail and name";
    EXPECT_TRUE(atlas_.PhoneFitsAddress(texts, "contact.phone")) << whose << " telephone and zone";
    EXPECT_TRUE(atlas_.PhoneFitsAddress(texts, "contact.phone_2"))
        << whose << " telephone and zone";
  }
  const Atlas atlas_;
};

TEST_F(DecoysTogetherTest, WhatBelongsTogetherStaysTogether) {
  for (const PersonId& person : vault_.world().people) ExpectTogether(TextsOf(person), "people's");
  EXPECT_EQ(Tend(10'000).made, 200u);
  std::map<PersonId, Texts> before;
  for (const PersonId& decoy : vault_.Decoys()) before.emplace(decoy, TextsOf(decoy));
  std::set<std::string> changed;
  for (int round = 0; round < 4; ++round) {
    vault_.clock.Advance(base::kDayMs);
    ChangeEach(2, "round " + std::to_string(round));
    EXPECT_GT(Tend(10'000).moved, 80u) << round;
    for (const auto& [decoy, old] : before) {
      const Texts now = TextsOf(decoy);
      ExpectTogether(now, "decoys'");
      for (const auto& [field, text] : now) {
        if (old.at(field) != text) changed.insert(field);
      }
    }
  }
  EXPECT_EQ(changed, (std::set<std::string>{"contact.email", "contact.phone", "contact.phone_2"}));
}

// With lines of the organisation's own: of the zone where there is one, else a mobile one.
TEST(GeneratedDecoys, HaveATelephoneOfTheirZone) {
  const auto schema = DemoSchema(testing::SmallWorld());
  base::testing::SeededRandom random(3);
  GeneratedDecoys inventor(schema, 1, {{{311, 314}}, {"+3363998", "+3317012", "+33490"}, {}},
                           random);
  const FieldId phone = schema->Find("contact.phone")->id;
  const auto of = [phone](const records::Values& values) {
    const auto found = std::ranges::find(values, phone, &records::Value::field);
    return found == values.end() ? "" : std::string(AsText(found->text.Reveal()));
  };
  const struct {
    const char* why;
    const char* departement;
    std::set<std::string> starts;
  } rows[] = {
      {"a line of zone 1", "75", {"+3317012", "+3363998"}},
      {"a line of zone 4", "13", {"+33490", "+3363998"}},
      {"none of zone 2", "29", {"+3363998"}},
  };
  for (const auto& row : rows) {
    std::set<std::string> met;
    for (const std::int32_t decade : {1970, 1980, 1990}) {
      for (const char initial : {'B', 'L', 'M', 'P'}) {
        const auto made = inventor.Invent({row.departement, decade, initial}, 1'000);
        ASSERT_TRUE(made.has_value()) << row.why;
        const auto moved = inventor.Move(made->origin, 1'000);
        ASSERT_TRUE(moved.has_value()) << row.why;
        for (const std::string& text :
             {of(made->values),
              moved->field == phone ? std::string(AsText(moved->text.Reveal())) : ""}) {
          if (text.empty()) continue;
          const auto start = std::ranges::find_if(
              row.starts, [&text](const std::string& one) { return text.starts_with(one); });
          ASSERT_NE(start, row.starts.end()) << row.why;
          EXPECT_EQ(text.size(), 12u);
          met.insert(*start);
        }
      }
    }
    EXPECT_EQ(met.contains(*row.starts.begin()), true) << row.why;
  }
}

TEST(GeneratedDecoys, MoveNobodyOfAnotherInventor) {
  const auto schema = DemoSchema(testing::SmallWorld());
  base::testing::SeededRandom random(3);
  GeneratedDecoys inventor(schema, 1, {}, random), other(schema, 2, {}, random);
  const auto made = inventor.Invent({"75", 1980, 'M'}, 1'000);
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(inventor.Move(made->origin, 1'000).has_value());
  EXPECT_FALSE(other.Move(made->origin, 1'000).has_value()) << "it would be somebody else's name";
  EXPECT_FALSE(inventor.Move(0, 1'000).has_value());
  EXPECT_FALSE(inventor.Move(UINT64_MAX, 1'000).has_value());
}

}  // namespace
}  // namespace cloison::vault
