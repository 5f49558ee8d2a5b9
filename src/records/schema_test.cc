#include "records/schema.h"

#include <gtest/gtest.h>

#include "records/testing/samples.h"

namespace cloison::records {
namespace {

constexpr std::string_view kTop = "name = \"s\"\nregister = 1\nversion = 1\ncapacity = 1000\n";
constexpr std::string_view kPlace = "[[compartment]]\nid = 1\nname = \"c\"\nleast = 64\n";
constexpr std::string_view kField =
    "[[compartment.field]]\nid = 257\nname = \"f\"\ntype = \"text\"\n";

std::string Joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}
std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CLOISON_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(SchemaOfJobSeekers, HasAllThatWasTaken) {
  std::vector<std::string> problems;
  const auto parsed = Schema::Parse(testing::ReadText("schemas/job-seekers.toml"), &problems);
  ASSERT_TRUE(parsed.ok()) << (problems.empty() ? "" : problems.front());
  const Schema& schema = **parsed;
  EXPECT_EQ(schema.name(), "job-seekers");
  const struct {
    const char* name;
    std::uint16_t compartment;
    std::uint16_t index;
    bool unique, required, sensitive;
  } rows[] = {
      {"identity.birth_name", 1, 0, false, true, false},
      {"identity.name_in_use", 1, 0, false, false, false},
      {"identity.first_name", 1, 0, false, true, false},
      {"identity.other_first_names", 1, 0, false, false, false},
      {"identity.sex", 1, 0, false, false, false},
      {"identity.birth_date", 1, 0, false, false, false},
      {"identity.birth_place", 1, 0, false, false, false},
      {"civil_number.nir", 2, kNirIndex, true, false, true},
      {"contact.phone", 3, kPhoneIndex, false, false, false},
      {"contact.phone_2", 3, kPhoneIndex, false, false, false},
      {"contact.email", 3, kEmailIndex, false, false, false},
      {"address.line_1", 4, 0, false, false, false},
      {"address.line_4", 4, 0, false, false, false},
      {"address.postcode", 4, 0, false, false, false},
      {"address.city", 4, 0, false, false, false},
      {"agency.identifier", 5, kAgencyIndex, true, false, false},
      {"status.registration", 6, 0, false, false, false},
      {"status.since", 6, 0, false, false, false},
      {"status.until", 6, 0, false, false, false},
      {"disability.recognised", 7, 0, false, false, true},
      {"disability.needs", 7, 0, false, false, true},
      {"bank.iban", 8, 0, false, false, true},
      {"bank.holder", 8, 0, false, false, true},
      {"notes.adviser", 9, 0, false, false, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const FieldSpec* field = schema.Find(row.name);
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(schema.Find(field->id), field);
    EXPECT_EQ(field->compartment.value(), row.compartment);
    EXPECT_EQ(field->index, row.index);
    EXPECT_EQ(field->unique, row.unique);
    EXPECT_EQ(field->required, row.required);
    EXPECT_EQ(field->sensitive, row.sensitive);
    EXPECT_EQ(schema.Find(field->compartment)->sensitive, row.sensitive);
  }
  EXPECT_EQ(schema.compartments().size(), 9u);
  EXPECT_EQ(schema.Find("identity.birthname"), nullptr);
  EXPECT_EQ(schema.Find(FieldId(0x7777)), nullptr);
  EXPECT_EQ(schema.PageBits(kNirIndex), 20) << "50 million / 53 is below 2^20";
  EXPECT_EQ(schema.PageBits(kPhoneIndex), 21) << "a quarter of them with two phones";
}

TEST(SchemaPageBits, Table) {
  const struct {
    const char* why;
    const char* capacity;
    int bits;
  } rows[] = {
      {"the smallest", "1", 4},
      {"53 << 4 people fill 4 bits", "848", 4},
      {"one more", "849", 5},
      {"53 << 20", "55574528", 20},
      {"one more of them", "55574529", 21},
      {"the largest", "1000000000", 25},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const std::string toml =
        Replaced(Replaced(std::string(testing::kVectorSchema), "50_000_000", row.capacity), "", "");
    EXPECT_EQ(testing::MustParse(toml)->PageBits(kNirIndex), row.bits);
    EXPECT_EQ(testing::MustParse(toml)->PageBits(kEmailIndex), 4) << "no field has this index";
  }
}

TEST(SchemaPageBits, FollowHowManyPostingsAPersonHas) {
  const struct {
    const char* why;
    const char* capacity;
    std::uint16_t index;
    int bits;
  } rows[] = {
      {"53 << 20 postings: one each", "55_574_528", kNirIndex, 20},
      {"five of four have a phone", "44_459_622", kPhoneIndex, 20},
      {"one more", "44_459_623", kPhoneIndex, 21},
      {"a birth date is of one first name", "55_574_528", kBirthFirstIndex, 20},
      {"and of 1.28 last names", "43_417_600", kBirthLastIndex, 20},
      {"one more", "43_417_601", kBirthLastIndex, 21},
      {"a year, a day or a place of them, too", "43_417_601", kPostcodeNamesIndex, 21},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const std::string toml =
        Replaced(testing::ReadText("schemas/job-seekers.toml"), "50_000_000", row.capacity);
    EXPECT_EQ(testing::MustParse(toml)->PageBits(row.index), row.bits);
  }
}

TEST(SchemaParsing, Refusals) {
  const std::string good = Joined({kTop, kPlace, kField});
  const auto with = [&good](std::string_view line) { return good + std::string(line) + "\n"; };
  const auto but = [&good](std::string_view from, std::string_view to) {
    return Replaced(good, from, to);
  };
  // A field of its own lines beside a history of its own.
  const auto with_history = [&but](std::string_view lines, std::string_view field = "\"text\"") {
    return but("\"text\"", field) + "history = true\n" +
           "[[compartment]]\nid = 2\nname = \"h\"\nleast = 32\n" +
           "[[compartment.field]]\nid = 258\nname = \"p\"\ntype = \"history\"\n" +
           std::string(lines) + "\n";
  };
  std::string many(kTop);
  for (int i = 1; i <= 33; ++i) {
    many += "[[compartment]]\nid = " + std::to_string(i) + "\nname = \"c" + std::to_string(i) +
            "\"\nleast = 32\n";
  }
  const struct {
    const char* why;
    std::string toml;
    const char* says;
  } rows[] = {
      {"not TOML", "name = ", "line 1"},
      {"unknown key above", but("capacity", "capasity"), "capacity"},
      {"unknown key of a compartment", but("least", "lest"), "'least'"},
      {"unknown key of a field", with("uniqe = true"), "'unique'"},
      {"says the line", with("uniqe = true"), "line 13"},
      {"unknown type", but("\"text\"", "\"txt\""), "'text'"},
      {"unknown mask", with("mask = \"hiden\""), "'hidden'"},
      {"unknown index", with("index = \"nirr\""), "'nir'"},
      {"unknown part of a search", but("\"text\"", "\"name\"\nsearch = \"lastname\""), "last_name"},
      {"a part of a search of another type", with("search = \"last_name\""), "fit"},
      {"a search without a birth date", but("\"text\"", "\"name\"\nsearch = \"last_name\""),
       "a search has"},
      {"no name", but("name = \"s\"\n", ""), "name"},
      {"no register", but("register = 1\n", ""), "register"},
      {"register 0", but("register = 1", "register = 0"), "register"},
      {"no capacity", but("capacity = 1000\n", ""), "capacity"},
      {"capacity 0", but("1000", "0"), "capacity"},
      {"capacity as text", but("1000", "\"1000\""), "capacity"},
      {"upper case in a name", but("name = \"f\"", "name = \"F\""), "lower-case"},
      {"a dot in a name", but("name = \"f\"", "name = \"f.g\""), "lower-case"},
      {"an empty name", but("name = \"f\"", "name = \"\""), "lower-case"},
      {"a name too long", but("name = \"f\"", "name = \"" + std::string(65, 'f') + "\""), "64"},
      {"no compartment", std::string(kTop), "[[compartment]]"},
      {"33 compartments", many, "32"},
      {"no field", Joined({kTop, kPlace}), "[[compartment.field]]"},
      {"compartment id 0", but("id = 1\n", "id = 0\n"), "id"},
      {"a compartment twice", Joined({kTop, kPlace, kField, kPlace}), "taken"},
      {"field id 0x8000", but("257", "0x8000"), "id"},
      {"a field twice", Joined({kTop, kPlace, kField, kField}), "taken"},
      {"least not a multiple of 32", but("least = 64", "least = 65"), "multiple of 32"},
      {"least too small", but("least = 64", "least = 0"), "least"},
      {"least too large", but("least = 64", "least = 65536"), "least"},
      {"an index of another type", with("index = \"nir\""), "fit"},
      {"a mask of another type", with("mask = \"year\""), "fit"},
      {"unique without an index", with("unique = true"), "index"},
      {"bytes_max above the type's", with("bytes_max = 1025"), "bytes_max"},
      {"bytes_max 0", with("bytes_max = 0"), "bytes_max"},
      {"choices of a text", with("choices = [\"a\"]"), "choice"},
      {"a choice without choices", but("\"text\"", "\"choice\""), "choices"},
      {"no choices", but("\"text\"", "\"choice\"\nchoices = []"), "1 to 64"},
      {"a choice twice", but("\"text\"", "\"choice\"\nchoices = [\"a\", \"a\"]"), "twice"},
      {"a choice with a space", but("\"text\"", "\"choice\"\nchoices = [\"a b\"]"), "word"},
      {"a sensitive compartment too small", but("least = 64", "least = 64\nsensitive = true"),
       "1056"},
      {"a field of it that is not", but("\"text\"", "\"date\"\nsensitive = false") + "", nullptr},
      {"a history without a place for it", with("history = true"), "needs a field"},
      {"days of another type", with("keep_days = 30"), "only a history"},
      {"a history without days", with_history(""), "keep_days"},
      {"a history of a note", with_history("keep_days = 30", "\"note\""), "has no history"},
      {"a history of the national number", with_history("keep_days = 30", "\"nir\""),
       "has no history"},
      {"a history of a history", with_history("keep_days = 30\nhistory = true"), "has no history"},
      {"a required history", with_history("keep_days = 30\nrequired = true"), "neither"},
      {"a history that is shown masked", with_history("keep_days = 30\nmask = \"plain\""),
       "neither"},
      {"a history for ever", with_history("keep_days = 99999"), "keep_days"},
      {"a history with another field",
       with_history(
           "keep_days = 30\n[[compartment.field]]\nid = 259\nname = \"x\"\ntype = \"date\""),
       "of its own"},
      {"a history without room", with_history("keep_days = 30\nbytes_max = 100"), "room"},
      {"a history of a sensitive field",
       with_history("keep_days = 30", "\"text\"\nsensitive = true"), "a sensitive compartment"},
      {"two histories",
       with_history("keep_days = 30") +
           "[[compartment]]\nid = 3\nname = \"i\"\nleast = 32\n"
           "[[compartment.field]]\nid = 260\nname = \"p\"\ntype = \"history\"\nkeep_days = 1\n",
       "one history"},
      {"a history", with_history("keep_days = 30"), nullptr},
      {"a sensitive field shown when masked", with("sensitive = true\nmask = \"plain\""), "plain"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    std::vector<std::string> problems;
    const auto schema = Schema::Parse(row.toml, &problems);
    if (row.says == nullptr) {
      EXPECT_TRUE(schema.ok());
      continue;
    }
    ASSERT_FALSE(schema.ok());
    EXPECT_EQ(schema.error().code(), Code::kInvalid);
    ASSERT_FALSE(problems.empty());
    std::string all;
    for (const std::string& problem : problems) all += problem + "\n";
    EXPECT_NE(all.find(row.says), std::string::npos) << all;
  }
}

TEST(SchemaParsing, SensitiveCompartmentMakesItsFieldsSensitive) {
  const std::string sensitive =
      Joined({kTop, "[[compartment]]\nid = 1\nname = \"c\"\nleast = 32\nsensitive = true\n",
              "[[compartment.field]]\nid = 257\nname = \"f\"\ntype = \"date\"\n"});
  EXPECT_TRUE(testing::MustParse(sensitive)->fields().front().sensitive);
  std::vector<std::string> problems;
  EXPECT_FALSE(Schema::Parse(sensitive + "sensitive = false\n", &problems).ok());
}

TEST(SchemaValues, Canonical) {
  const auto schema = testing::JobSeekers(RegisterId(1), 1'000);
  const std::string e_acute = "\xc3\xa9", e_and_acute = "e\xcc\x81";
  const struct {
    const char* why;
    const char* field;
    std::string text;
    std::optional<std::string> want;
  } rows[] = {
      {"a name is trimmed", "identity.birth_name", "  Lef" + e_acute + "vre ",
       "Lef" + e_acute + "vre"},
      {"and composed", "identity.birth_name", "Lef" + e_and_acute + "vre", "Lef" + e_acute + "vre"},
      {"a name of spaces", "identity.birth_name", "   ", {}},
      {"a name with a line break", "identity.birth_name", "A\nB", {}},
      {"a name that is not UTF-8", "identity.birth_name", "A\xff", {}},
      {"a name too long", "identity.birth_name", std::string(161, 'a'), {}},
      {"the longest name", "identity.birth_name", std::string(160, 'a'), std::string(160, 'a')},
      {"far too long", "notes.adviser", std::string(9'000, 'a'), {}},
      {"sex", "identity.sex", "f", "F"},
      {"no sex", "identity.sex", "2", {}},
      {"a date", "identity.birth_date", "1984-12-31", "1984-12-31"},
      {"no such day", "identity.birth_date", "1983-02-29", {}},
      {"another order", "identity.birth_date", "31/12/1984", {}},
      {"NIR with spaces", "civil_number.nir", "1 84 12 76 451 089 46", "184127645108946"},
      {"NIR of Corsica", "civil_number.nir", "253072a07300443", "253072A07300443"},
      {"NIR with a wrong key", "civil_number.nir", "184127645108947", {}},
      {"NIR without its key", "civil_number.nir", "1841276451089", {}},
      {"a phone", "contact.phone", "06 39 98 12 34", "+33639981234"},
      {"a short number", "contact.phone", "3949", {}},
      {"an e-mail", "contact.email", " Jean@Example.ORG ", "jean@example.org"},
      {"no e-mail", "contact.email", "jean", {}},
      {"an address line", "address.line_1", "12 rue des Lilas", "12 rue des Lilas"},
      {"a line of 39 characters", "address.line_1", std::string(39, 'a'), {}},
      {"a postcode", "address.postcode", "75011", "75011"},
      {"no postcode", "address.postcode", "7501", {}},
      {"an identifier", "agency.identifier", "1234567a", "1234567A"},
      {"a long identifier", "agency.identifier", "12345678901", "12345678901"},
      {"no identifier", "agency.identifier", "123456", {}},
      {"a choice", "status.registration", "account_only", "account_only"},
      {"not a choice", "status.registration", "unknown", {}},
      {"an IBAN", "bank.iban", "FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606"},
      {"a wrong IBAN", "bank.iban", "FR14 2004 1010 0505 0001 3M02 607", {}},
      {"a note of lines", "notes.adviser", "Seen.\n\tCalls back.", "Seen.\n\tCalls back."},
      {"a note with a control character", "notes.adviser", "Seen.\x01", {}},
      {"a note with a carriage return", "notes.adviser", "Seen.\r\nCalls.", {}},
      {"a note that is empty", "notes.adviser", "", {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto made = schema->Canonical(*schema->Find(row.field), row.text, false);
    ASSERT_EQ(made.ok(), row.want.has_value());
    if (made.ok()) {
      EXPECT_EQ(AsText(made->Reveal()), *row.want);
    }
  }
}

TEST(SchemaValues, SpecimenIsForTestsOnly) {
  const auto schema = testing::JobSeekers(RegisterId(1), 1'000);
  const FieldSpec& nir = *schema->Find("civil_number.nir");
  EXPECT_TRUE(schema->Canonical(nir, "269054958815780", false).ok());
  EXPECT_FALSE(schema->Canonical(nir, "269054958815780", true).ok());
}

TEST(SchemaValues, IndexFormsAndCriteria) {
  const auto schema = testing::JobSeekers(RegisterId(1), 1'000);
  EXPECT_EQ(AsText(schema->IndexForm(*schema->Find("civil_number.nir"), AsBytes("184127645108946"))
                       .Reveal()),
            "1841276451089");
  EXPECT_EQ(
      AsText(schema->IndexForm(*schema->Find("contact.email"), AsBytes("a@example.org")).Reveal()),
      "a@example.org");
  EXPECT_EQ(Schema::IndexOfCriterion("nir"), kNirIndex);
  EXPECT_EQ(Schema::IndexOfCriterion("phone"), kPhoneIndex);
  EXPECT_EQ(Schema::IndexOfCriterion("email"), kEmailIndex);
  EXPECT_EQ(Schema::IndexOfCriterion("agency_id"), kAgencyIndex);
  EXPECT_EQ(Schema::IndexOfCriterion("name"), 0);
  EXPECT_EQ(Schema::IndexOfCriterion(""), 0);
}

}  // namespace
}  // namespace cloison::records
