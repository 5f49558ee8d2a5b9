// A row in the form of the schema before, while rows follow: read as one of the schema in force,
// whole or in parts; and what is a row of neither.
#include <gtest/gtest.h>

#include "base/testing/seeded_random.h"
#include "records/row.h"
#include "records/testing/samples.h"

namespace cloison::records {
namespace {

using base::testing::SeededRandom;
using testing::MustParse;
using testing::VectorKey;

constexpr std::string_view kOne = R"(
name = "people"
register = 7
version = 1
capacity = 1_000
[[compartment]]
id = 1
name = "contact"
least = 64
[[compartment.field]]
id = 1
name = "city"
type = "text"
[[compartment.field]]
id = 2
name = "notes"
type = "text"
bytes_max = 40
[[compartment]]
id = 2
name = "health"
least = 64
sensitive = true
[[compartment.field]]
id = 3
name = "status"
type = "text"
bytes_max = 10
)";
// contact.notes goes to health.
constexpr std::string_view kMoved = R"(
name = "people"
register = 7
version = 2
capacity = 1_000
[[compartment]]
id = 1
name = "contact"
least = 64
[[compartment.field]]
id = 1
name = "city"
type = "text"
[[compartment]]
id = 2
name = "health"
least = 64
sensitive = true
[[compartment.field]]
id = 2
name = "notes"
type = "text"
bytes_max = 40
[[compartment.field]]
id = 3
name = "status"
type = "text"
bytes_max = 10
)";
constexpr FieldId kCity(1), kNotes(2), kStatus(3);
constexpr CompartmentId kContact(1), kHealth(2);

std::string WithMore(std::string_view schema) {
  return std::string(schema) + "[[compartment]]\nid = 3\nname = \"more\"\nleast = 32\n";
}
std::string Wider(std::string_view schema) {
  std::string text(schema);
  text.replace(text.find("least = 64\nsensitive"), 10, "least = 96");
  return text;
}

Values Made(std::initializer_list<std::pair<FieldId, std::string_view>> texts) {
  Values values;
  for (const auto& [field, text] : texts) values.push_back({field, testing::Secretly(text)});
  return values;
}
// "1 Lyon, 3 yes": what came out.
std::string Told(const Result<Values>& values) {
  if (!values.ok()) return values.error().code() == Code::kCorrupt ? "corrupt" : "error";
  std::string told;
  for (const Value& value : *values) {
    told += (told.empty() ? "" : ", ") + std::to_string(value.field.value()) + " " +
            std::string(AsText(value.text.Reveal()));
  }
  return told;
}

class RowForms : public ::testing::Test {
 protected:
  Bytes Sealed(const Schema& schema, const Values& values) {
    Result<Bytes> row = SealRow(schema, VectorKey(), 1, values, random_);
    CLOISON_CHECK(row.ok());
    return std::move(*row);
  }
  static std::string Read(const Schema& schema, ByteView row,
                          std::vector<CompartmentId> wanted) {
    return Told(internal::OpenRow(schema, VectorKey(), row, wanted));
  }
  SeededRandom random_{1};
  std::shared_ptr<const Schema> one_ = MustParse(kOne), moved_ = MustParse(kMoved);
};

TEST_F(RowForms, EitherIsReadAsOneOfTheSchemaInForce) {
  const Values all = Made({{kCity, "Lyon"}, {kNotes, "calls"}, {kStatus, "yes"}});
  struct Row {
    const char* why;
    std::string before, after;
  };
  const Row rows[] = {
      {"a field moved", std::string(kOne), std::string(kMoved)},
      {"it moved back", std::string(kMoved), std::string(kOne)},
      {"a compartment more", std::string(kOne), WithMore(kOne)},
      {"another size", std::string(kOne), Wider(kOne)},
      {"all of it", std::string(kOne), WithMore(Wider(kMoved))},
  };
  for (const Row& row : rows) {
    const auto before = MustParse(row.before), after = MustParse(row.after);
    const auto both = Schema::WithPrevious(*after, before);
    const Bytes old = Sealed(*before, all), made = Sealed(*both, all);
    for (const Bytes& bytes : {old, made}) {
      EXPECT_EQ(Told(internal::OpenWholeRow(*both, VectorKey(), bytes)), "1 Lyon, 2 calls, 3 yes")
          << row.why;
    }
    EXPECT_FALSE(internal::CheckForm(*both, VectorKey(), old).ok()) << row.why;
    EXPECT_TRUE(internal::CheckForm(*both, VectorKey(), made).ok()) << row.why;
    EXPECT_EQ(Told(internal::OpenWholeRow(*after, VectorKey(), old)), "corrupt") << row.why;
    EXPECT_EQ(Told(internal::OpenWholeRow(*before, VectorKey(), made)), "corrupt") << row.why;
    both->EndPrevious();
    EXPECT_EQ(Told(internal::OpenWholeRow(*both, VectorKey(), old)), "corrupt") << row.why;
    EXPECT_EQ(Told(internal::OpenWholeRow(*both, VectorKey(), made)), "1 Lyon, 2 calls, 3 yes")
        << row.why;
  }
}

// By the compartments of the schema in force: where a field was before gives nobody a right to it.
TEST_F(RowForms, OnlyWhatWasAskedForIsGiven) {
  const auto both = Schema::WithPrevious(*moved_, one_);
  const Values all = Made({{kCity, "Lyon"}, {kNotes, "calls"}, {kStatus, "yes"}});
  for (const Bytes& row : {Sealed(*one_, all), Sealed(*moved_, all)}) {
    EXPECT_EQ(Read(*both, row, {kContact}), "1 Lyon");
    EXPECT_EQ(Read(*both, row, {kHealth}), "2 calls, 3 yes");
    EXPECT_EQ(Read(*both, row, {kHealth, kContact}), "1 Lyon, 2 calls, 3 yes");
    EXPECT_EQ(Read(*both, row, {}), "");
  }
  const Values few = Made({{kCity, "Lyon"}});
  for (const Bytes& row : {Sealed(*one_, few), Sealed(*moved_, few)}) {
    EXPECT_EQ(Read(*both, row, {kHealth}), "");
    EXPECT_EQ(Read(*both, row, {kContact}), "1 Lyon");
  }
}

// A row is of one form as a whole.
TEST_F(RowForms, EachBitOfEitherCounts) {
  const auto both = Schema::WithPrevious(*moved_, one_);
  Bytes row = Sealed(*one_, Made({{kCity, "Lyon"}, {kNotes, "calls"}}));
  for (std::size_t bit = 0; bit < row.size() * 8; bit += 5) {
    row[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_EQ(Told(internal::OpenWholeRow(*both, VectorKey(), row)), "corrupt") << bit;
    row[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
  }
  EXPECT_EQ(Told(internal::OpenWholeRow(*both, VectorKey(), row)), "1 Lyon, 2 calls");
  // Of a third schema, from before the one before.
  const auto third = MustParse(WithMore(kOne));
  const Bytes older = Sealed(*third, Made({{kCity, "Lyon"}}));
  EXPECT_EQ(Told(internal::OpenWholeRow(*both, VectorKey(), older)), "corrupt");
}

}  // namespace
}  // namespace cloison::records
