// The rows by which a register knows its schema, and what a start does about the file it is given.
#include "records/schema_state.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace cloison::records {
namespace {

std::string Document(int version, std::string_view least = "64", std::string_view more = "") {
  return "name = \"people\"\nregister = 7\nversion = " + std::to_string(version) +
         "\ncapacity = 1_000\n[[compartment]]\nid = 1\nname = \"identity\"\nleast = " +
         std::string(least) +
         "\n[[compartment.field]]\nid = 257\nname = \"birth_name\"\ntype = \"name\"\n" +
         std::string(more);
}

std::shared_ptr<const Schema> Parsed(const std::string& text) {
  std::vector<std::string> problems;
  const auto schema = Schema::Parse(text, &problems);
  CLOISON_CHECK(schema.ok());
  return *schema;
}

TEST(SchemaState, RowsReadBack) {
  const SchemaInForce in_force{2, "text", "before", {{FieldId(257), "a.b"}, {FieldId(3), "c.d"}}};
  EXPECT_EQ(base::ToHex(Encode(in_force)),
            "01"
            "00000002"
            "00000004"
            "74657874"
            "00000006"
            "6265666f7265"
            "0002"
            "0101"
            "00000003"
            "612e62"
            "0003"
            "00000003"
            "632e64");
  const auto read = ParseSchemaInForce(Encode(in_force));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->version, 2u);
  EXPECT_EQ(read->document, "text");
  EXPECT_EQ(read->before, "before");
  EXPECT_EQ(read->retired, in_force.retired);
  const SchemaAgreed agreed{12, "text"};
  EXPECT_EQ(base::ToHex(Encode(agreed)),
            "01"
            "000000000000000c"
            "00000004"
            "74657874");
  EXPECT_EQ(ParseSchemaAgreed(Encode(agreed))->document, "text");
  EXPECT_EQ(ParseSchemaAgreed(Encode(agreed))->approval, 12u);
  const SchemaWalk walk{3, 1, true, "k", 2};
  EXPECT_EQ(base::ToHex(Encode(walk)),
            "01"
            "0000000000000003"
            "0000000000000001"
            "01"
            "00000002"
            "00000001"
            "6b");
  EXPECT_EQ(Encode(*ParseSchemaWalk(Encode(walk))), Encode(walk));
}

TEST(SchemaState, OtherBytesAreNoRow) {
  const Bytes in_force = Encode(SchemaInForce{2, "text", "before", {{FieldId(257), "a.b"}}});
  const Bytes agreed = Encode(SchemaAgreed{12, "text"}), walk = Encode(SchemaWalk{3, 1, true, "k"});
  for (const Bytes& row : {in_force, agreed, walk}) {
    for (std::size_t size = 0; size <= row.size() + 1; ++size) {
      Bytes cut = row;
      cut.resize(size);
      if (size == row.size()) cut[0] = 2;  // another version
      EXPECT_FALSE(ParseSchemaInForce(cut).ok());
      EXPECT_FALSE(ParseSchemaAgreed(cut).ok());
      EXPECT_FALSE(ParseSchemaWalk(cut).ok());
    }
  }
  EXPECT_FALSE(ParseSchemaInForce(Encode(SchemaInForce{0, "text", "", {}})).ok()) << "no version";
  EXPECT_FALSE(ParseSchemaInForce(Encode(SchemaInForce{1, "", "", {}})).ok()) << "no text";
  EXPECT_FALSE(ParseSchemaAgreed(Encode(SchemaAgreed{1, ""})).ok()) << "no text";
}

TEST(SchemaState, AStartTakesTheTextInForceOrTheOneAgreedTo) {
  const std::string one = Document(1), wider = Document(2, "96"),
                    longer = Document(2, "64", "bytes_max = 160\n");
  struct Row {
    const char* why;
    std::optional<SchemaInForce> in_force;
    std::optional<SchemaAgreed> agreed;
    std::string given;
    std::string_view want;
    bool before;
  };
  const Row rows[] = {
      {"a register of before any was kept", {}, {}, one, "adopt", false},
      {"the one in force", SchemaInForce{1, one, "", {}}, {}, one, "none", false},
      {"in force, and another agreed to", SchemaInForce{1, one, "", {}}, SchemaAgreed{4, wider},
       one, "none", false},
      {"rows follow", SchemaInForce{2, wider, one, {}}, {}, wider, "none", true},
      {"agreed to", SchemaInForce{1, one, "", {}}, SchemaAgreed{4, wider}, wider, "take", true},
      {"agreed to, and no row is another", SchemaInForce{1, one, "", {}}, SchemaAgreed{4, longer},
       longer, "take", false},
      {"nobody agreed", SchemaInForce{1, one, "", {}}, {}, wider, "conflict", false},
      {"one byte more than agreed to", SchemaInForce{1, one, "", {}}, SchemaAgreed{4, wider},
       wider + "\n", "conflict", false},
      {"one byte more than in force",
       SchemaInForce{1, one, "", {}},
       {},
       one + "\n",
       "conflict",
       false},
      {"the one before, while rows follow",
       SchemaInForce{2, wider, one, {}},
       {},
       one,
       "conflict",
       false},
  };
  for (const Row& row : rows) {
    const auto opened = OpenSchema({row.in_force, row.agreed, {}}, Parsed(row.given));
    if (row.want == "conflict") {
      ASSERT_FALSE(opened.ok()) << row.why;
      EXPECT_TRUE(IsSchemaConflict(opened.error())) << row.why;
      continue;
    }
    ASSERT_TRUE(opened.ok()) << row.why;
    EXPECT_EQ(opened->step, row.want == "adopt"  ? SchemaStep::kAdopt
                            : row.want == "take" ? SchemaStep::kTake
                                                 : SchemaStep::kNone)
        << row.why;
    EXPECT_EQ(opened->schema->document(), row.given) << row.why;
    EXPECT_EQ(opened->schema->previous() != nullptr, row.before) << row.why;
  }
  const auto lost = SchemaOf({2, wider, "no schema", {}});
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code(), Code::kCorrupt);
}

TEST(SchemaState, TheFormBeforeEndsForWhoeverHoldsTheSchema) {
  const auto one = Parsed(Document(1)), two = Parsed(Document(2, "96"));
  const auto both = Schema::WithPrevious(*two, one);
  ASSERT_NE(both->previous(), nullptr);
  EXPECT_EQ(both->previous()->version(), 1u);
  EXPECT_EQ(both->version(), 2u);
  both->EndPrevious();
  EXPECT_EQ(both->previous(), nullptr);
  EXPECT_EQ(two->previous(), nullptr) << "the one that it was made of";
}

}  // namespace
}  // namespace cloison::records
