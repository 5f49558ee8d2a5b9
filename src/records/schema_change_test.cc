// What another schema changes: each change that is refused, with its reason; each that is allowed,
// in words, and whether rows must be written again.
#include "records/schema_change.h"

#include <gtest/gtest.h>

namespace cloison::records {
namespace {

constexpr std::string_view kBefore = R"(
name = "people"
register = 7
version = 1
capacity = 1_000

[[compartment]]
id = 1
name = "identity"
least = 64

[[compartment.field]]
id = 0x0101
name = "birth_name"
type = "name"
required = true

[[compartment]]
id = 3
name = "contact"
least = 64

[[compartment.field]]
id = 0x0301
name = "phone"
type = "phone"
index = "phone"

[[compartment.field]]
id = 0x0302
name = "channel"
type = "choice"
choices = ["letter", "phone"]
bytes_max = 32

[[compartment]]
id = 5
name = "agency"
least = 64

[[compartment.field]]
id = 0x0501
name = "notes"
type = "note"

[[compartment]]
id = 6
name = "disability"
least = 160
sensitive = true

[[compartment.field]]
id = 0x0601
name = "status"
type = "text"
bytes_max = 100
)";

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CLOISON_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// One version on, with one passage exchanged.
std::string Next(std::string_view from = "", std::string_view to = "") {
  const std::string next = Replaced(std::string(kBefore), "version = 1", "version = 2");
  return from.empty() ? next : Replaced(next, from, to);
}

std::shared_ptr<const Schema> Parsed(std::string_view text) {
  std::vector<std::string> problems;
  const auto schema = Schema::Parse(text, &problems);
  CLOISON_CHECK(schema.ok());
  return *schema;
}

std::string Joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

constexpr std::string_view kNotes =
    "[[compartment.field]]\nid = 0x0501\nname = \"notes\"\ntype = \"note\"\n";
// Moved behind the last field of the schema.
std::string NotesMoved() {
  return Replaced(Next(kNotes, ""), "least = 160\nsensitive = true",
                  "least = 4288\nsensitive = true") +
         "\n" + std::string(kNotes);
}

TEST(SchemaChange, IsRefusedForEachThingThatRecordsHangOn) {
  struct Row {
    const char* why;
    std::string after;
    std::string_view refused;
  };
  const std::string more_notes =
      "\n[[compartment.field]]\nid = 0x0502\nname = \"notes\"\ntype = \"text\"\nbytes_max = 20\n";
  const Row rows[] = {
      {"keys hang on the register", Next("register = 7", "register = 8"),
       "register: it may not change\n"},
      {"another register's schema", Next("name = \"people\"", "name = \"others\""),
       "name: it may not change\n"},
      {"the same version", std::string(kBefore),
       "version: it must be 2, one more than the one in force\n"},
      {"a version left out", Replaced(Next(), "version = 2", "version = 3"),
       "version: it must be 2, one more than the one in force\n"},
      {"rows have it", Next(kNotes, ""), "field `agency.notes`: it may not be removed\n"},
      {"rows have the compartment",
       Next("[[compartment]]\nid = 5\nname = \"agency\"\nleast = 64\n\n[[compartment.field]]\n"
            "id = 0x0501\nname = \"notes\"\ntype = \"note\"\n",
            ""),
       "compartment `agency`: it may not be removed\nfield `agency.notes`: it may not be "
       "removed\n"},
      {"grants name it", Next("name = \"agency\"", "name = \"offices\""),
       "compartment `agency`: its name may not change\n"},
      {"callers name it", Next("name = \"notes\"", "name = \"remarks\""),
       "field `agency.notes`: its name may not change\n"},
      {"stored values may not be of it", Next("type = \"note\"", "type = \"text\""),
       "field `agency.notes`: its type may not change\nfield `agency.notes`: bytes_max may only be "
       "raised\n"},
      {"nobody would be found by it", Next("index = \"phone\"", ""),
       "field `contact.phone`: its index may not change\n"},
      {"two may share it already", Next("index = \"phone\"", "index = \"phone\"\nunique = true"),
       "field `contact.phone`: whether it is unique may not change\n"},
      {"stored values would be too long", Next("bytes_max = 100", "bytes_max = 99"),
       "field `disability.status`: bytes_max may only be raised\n"},
      {"a stored value would be none of them",
       Next("choices = [\"letter\", \"phone\"]", "choices = [\"letter\"]"),
       "field `contact.channel`: choice `phone` may not be removed\n"},
      {"records may lack it", Next("type = \"note\"", "type = \"note\"\nrequired = true"),
       "field `agency.notes`: records may lack it: it is not required\n"},
      {"every record lacks it",
       Next("type = \"note\"",
            "type = \"note\"\n[[compartment.field]]\nid = 0x0502\nname = \"fax\"\ntype = \"text\"\n"
            "required = true"),
       "field `agency.fax`: records lack it: it is not required\n"},
      {"a grant of the name would show another field",
       Replaced(NotesMoved(), "id = 5\nname = \"agency\"\nleast = 64\n",
                "id = 5\nname = \"agency\"\nleast = 64\n" + more_notes),
       "field `agency.notes`: its name was another field's\n"},
  };
  const auto before = Parsed(kBefore);
  for (const Row& row : rows) {
    const SchemaChange change = Compare(*before, *Parsed(row.after), {});
    EXPECT_EQ(Joined(change.refused), row.refused) << row.why;
    EXPECT_FALSE(change.allowed()) << row.why;
  }
}

TEST(SchemaChange, IsSaidInWords) {
  struct Row {
    const char* why;
    std::string after;
    std::string_view differences;
    bool rewrites;
  };
  const Row rows[] = {
      {"the text alone", Next() + "# a remark\n", "", false},
      {"a field to a compartment that has room",
       Next("type = \"note\"",
            "type = \"note\"\n[[compartment.field]]\nid = 0x0502\nname = \"fax\"\ntype = \"text\""),
       "field `agency.fax` is new, not sensitive\n", false},
      {"room for more people on the same pages", Next("capacity = 1_000", "capacity = 1_500"),
       "capacity 1_000 -> 1_500\n", false},
      {"room for more people on more pages", Next("capacity = 1_000", "capacity = 1_000_000"),
       "capacity 1_000 -> 1_000_000\nindex `phone` is built anew, with another number of pages\n",
       false},
      {"longer values", Next("bytes_max = 32", "bytes_max = 48"),
       "field `contact.channel` has 48 bytes at most (had 32)\n", false},
      {"another choice",
       Next("choices = [\"letter\", \"phone\"]", "choices = [\"fax\", \"letter\", \"phone\"]"),
       "field `contact.channel` has a new choice, `fax`\n", false},
      {"nobody must have it any more", Next("required = true", "required = false"),
       "field `identity.birth_name` is not required any more\n", false},
      {"masked otherwise", Next("type = \"note\"", "type = \"note\"\nmask = \"plain\""),
       "field `agency.notes` is masked as `plain` (was `hidden`)\n", false},
      {"a field alone becomes sensitive",
       Next("type = \"note\"", "type = \"note\"\nsensitive = true"),
       "field `agency.notes` is sensitive (was not sensitive)\n", false},
      {"a compartment that was sensitive is not", Next("sensitive = true", "sensitive = false"),
       "compartment `disability` is not sensitive (was sensitive)\n"
       "field `disability.status` is not sensitive (was sensitive)\n",
       true},
      {"another size", Next("least = 160", "least = 192"),
       "compartment `disability`: its size is at least 192 bytes (was 160)\n", true},
      {"a compartment more", Next() + "\n[[compartment]]\nid = 9\nname = \"bank\"\nleast = 64\n",
       "compartment `bank` is new, not sensitive\n", true},
      {"a field moves, and is sensitive by it", NotesMoved(),
       "compartment `disability`: its size is at least 4288 bytes (was 160)\n"
       "field `agency.notes` moves from compartment `agency` to `disability`, as "
       "`disability.notes`\n"
       "field `disability.notes` is sensitive (was not sensitive)\n",
       true},
  };
  const auto before = Parsed(kBefore);
  for (const Row& row : rows) {
    const SchemaChange change = Compare(*before, *Parsed(row.after), {});
    EXPECT_EQ(Joined(change.refused), "") << row.why;
    EXPECT_EQ(Joined(change.differences), row.differences) << row.why;
    EXPECT_EQ(change.rewrites, row.rewrites) << row.why;
  }
}

// Of three versions: who has left a name comes back to it, nobody else.
TEST(SchemaChange, ANameThatWasLeftIsNobodyElses) {
  const auto first = Parsed(kBefore), second = Parsed(NotesMoved());
  const std::vector<RetiredName> retired = RetiredBy(*first, *second, {});
  ASSERT_EQ(retired.size(), 1u);
  EXPECT_EQ(retired[0], (RetiredName{FieldId(0x0501), "agency.notes"}));
  EXPECT_EQ(RetiredBy(*first, *second, retired), retired) << "each once";
  const std::string third = Replaced(NotesMoved(), "version = 2", "version = 3");
  const std::string other = Replaced(
      third, "name = \"agency\"\nleast = 64\n",
      "name = \"agency\"\nleast = 64\n[[compartment.field]]\nid = 0x0502\nname = \"notes\"\n"
      "type = \"text\"\n");
  EXPECT_EQ(Joined(Compare(*second, *Parsed(other), retired).refused),
            "field `agency.notes`: its name was another field's\n");
  EXPECT_TRUE(Compare(*second, *Parsed(other), {}).allowed()) << "by the list alone";
  const std::string back = Replaced(std::string(kBefore), "version = 1", "version = 3");
  const SchemaChange home = Compare(*second, *Parsed(back), retired);
  EXPECT_EQ(Joined(home.refused), "");
  EXPECT_EQ(RetiredBy(*second, *Parsed(back), retired).size(), 2u);
}

// A record with all fields at their longest must be one that can be written.
TEST(SchemaChange, ACompartmentHasRoomForWhatComesToIt) {
  std::string many = "[[compartment]]\nid = 8\nname = \"many\"\nleast = 32\n";
  for (int i = 0; i < 15; ++i) {
    const std::string number = std::to_string(i);
    many += "[[compartment.field]]\nid = " + std::to_string(0x0800 + i) + "\nname = \"n" + number +
            "\"\ntype = \"note\"\n";
  }
  const std::string before = std::string(kBefore) + many;
  const std::string after = Replaced(Replaced(before, kNotes, ""), "version = 1", "version = 2");
  EXPECT_EQ(Joined(Compare(*Parsed(before), *Parsed(after + std::string(kNotes)), {}).refused),
            "compartment `many`: with all fields at their longest it is too large\n");
  const std::string shorter = Replaced(before, "id = 2062\nname = \"n14\"\ntype = \"note\"\n",
                                       "id = 2062\nname = \"n14\"\ntype = \"note\"\n"
                                       "bytes_max = 10\n");
  const std::string fits = Replaced(Replaced(shorter, kNotes, ""), "version = 1", "version = 2");
  EXPECT_TRUE(Compare(*Parsed(shorter), *Parsed(fits + std::string(kNotes)), {}).allowed());
}

}  // namespace
}  // namespace cloison::records
