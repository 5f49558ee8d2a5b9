#include "ingest/importer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/testing/manual_clock.h"
#include "ingest/generator.h"

namespace cloison::ingest {
namespace {

std::shared_ptr<const records::Schema> JobSeekers() {
  std::ifstream file("schemas/job-seekers.toml");
  std::stringstream text;
  text << file.rdbuf();
  std::vector<std::string> problems;
  auto schema = records::Schema::Parse(text.str(), &problems);
  CLOISON_CHECK(schema.ok());
  return *schema;
}

// Keeps what it is given; may end after some rows, as a server that goes away.
class KeepingSink final : public ImportSink {
 public:
  Result<std::vector<RowAnswer>> Register(const std::vector<ImportRow>& given) override {
    std::vector<RowAnswer> answers;
    for (const ImportRow& row : given) {
      if (rows.size() >= rows_until_away) return Error{Code::kUnavailable, "away"};
      const bool again = !keys.insert(row.idempotency_key).second;
      rows.push_back({row.number, row.fields_json});
      registered += again ? 0 : 1;
      answers.push_back(answer_of(row.number));
    }
    return answers;
  }
  std::vector<std::pair<std::uint64_t, std::string>> rows;
  std::set<std::string> keys;
  std::size_t registered = 0;
  std::size_t rows_until_away = SIZE_MAX;
  std::function<RowAnswer(std::uint64_t)> answer_of = [](std::uint64_t) { return RowAnswer{}; };
};

class ImporterTest : public testing::Test {
 protected:
  ImporterTest() : schema_(JobSeekers()) {
    std::string pattern = testing::TempDir() + "/cloison-import-XXXXXX";
    CLOISON_CHECK(mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
  }
  ~ImporterTest() override { std::filesystem::remove_all(directory_); }

  Result<ImportProgress> Run(const std::string& text, ImportOptions options) {
    std::istringstream in(text);
    problems_.clear();
    options.rejects_path = directory_ + "/rejects.csv";
    Importer importer(*schema_, files_, clock_);
    return importer.Run(in, &sink_, options, &problems_);
  }
  std::string Rejects() {
    const auto bytes = files_.Read(directory_ + "/rejects.csv");
    return bytes.ok() ? std::string(AsText(*bytes)) : "";
  }

  std::shared_ptr<const records::Schema> schema_;
  base::SystemFiles files_;
  base::testing::ManualClock clock_;
  KeepingSink sink_;
  std::string directory_;
  std::vector<std::string> problems_;
};

constexpr std::string_view kHead = "identity.birth_name,identity.first_name,civil_number.nir\n";

TEST_F(ImporterTest, TableOfRows) {
  struct Row {
    const char* why;
    std::string text;  // behind the header
    std::uint64_t good;
    std::uint64_t bad;
    const char* reject;  // a part of the rejects
  };
  const std::string nul(1, '\0');
  const Row kRows[] = {
      {"a good row", "Martin,Marie,284127645108993\n", 1, 0, ""},
      {"CRLF", "Martin,Marie,284127645108993\r\nPetit,Paul,\r\n", 2, 0, ""},
      {"no line end", "Martin,Marie,", 1, 0, ""},
      {"quotes and a comma", "\"Martin, dit X\",Marie,\n", 1, 0, ""},
      {"cut inside quotes", "Petit,Paul,\nMartin,\"Mar", 1, 1, "3,,"},
      {"wrong key", "Martin,Marie,284127645108994\nPetit,Paul,\n", 1, 1,
       "2,civil_number.nir,a NIR"},
      {"missing required value", "Martin,,\n", 0, 1, "2,identity.first_name,a required value"},
      {"two faults of one row", "Martin,,12\n", 0, 1, "2,civil_number.nir,"},
      {"only empty cells", ",,\nPetit,Paul,\n", 1, 1, "2,,the row has no value"},
      {"too few cells", "Martin,Marie\nPetit,Paul,\n", 1, 1, "2,,"},
      {"too many cells", "Martin,Marie,,x\nPetit,Paul,\n", 1, 1, "2,,"},
      {"invalid UTF-8", "Mart\xff,Marie,\nPetit,Paul,\n", 1, 1, "2,,"},
      {"a NUL byte", "Mart" + nul + ",Marie,\nPetit,Paul,\n", 1, 1, "2,,"},
      {"a control character", "Mart\x07in,Marie,\nPetit,Paul,\n", 1, 1, "2,identity.birth_name,"},
      {"10 MB in one line", std::string(10u << 20, 'x') + ",a,\nPetit,Paul,\n", 1, 1, "2,,"},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    for (const char* mark : {"", "\xef\xbb\xbf"}) {
      sink_ = KeepingSink();
      const auto done = Run(mark + std::string(kHead) + row.text, {});
      ASSERT_TRUE(done.ok()) << done.error().text();
      EXPECT_EQ(done->registered, row.good);
      EXPECT_EQ(done->rejected, row.bad);
      EXPECT_EQ(sink_.rows.size(), row.good);
      EXPECT_NE(Rejects().find(row.reject), std::string::npos) << Rejects().substr(0, 300);
    }
  }
}

TEST_F(ImporterTest, TableOfHeaders) {
  struct Row {
    const char* why;
    std::string text;
    const char* problem;
  };
  const Row kRows[] = {
      {"an empty file", "", "a header is needed"},
      {"a required column is missing", "identity.birth_name\nMartin\n", "identity.first_name"},
      {"an unknown column, its nearest", "identity.birth_nane,identity.first_name\n",
       "column 1: unknown name; the nearest field is 'identity.birth_name'"},
      {"no header at all", "Martin,Marie\nPetit,Paul\n", "column 1: unknown name"},
      {"a double column", "identity.birth_name,identity.first_name,identity.birth_name\n",
       "column 3: the field 'identity.birth_name' has a column already"},
      {"a header that is not UTF-8", "identity.birth_n\xff\n", "the header: "},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto done = Run(row.text, {});
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().code(), Code::kInvalid);
    std::string all;
    for (const std::string& problem : problems_) all += problem + "\n";
    EXPECT_NE(all.find(row.problem), std::string::npos) << all;
    EXPECT_EQ(all.find("Martin"), std::string::npos) << "a value in a message";
    EXPECT_TRUE(sink_.rows.empty());
  }
}

TEST_F(ImporterTest, ColumnMap) {
  const auto map = ColumnMap::Parse(
      "ignore = [\"Commentaire\"]\n[columns]\nNom = \"identity.birth_name\"\n"
      "\"Prénom\" = \"identity.first_name\"\n",
      *schema_, &problems_);
  ASSERT_TRUE(map.ok());
  ImportOptions options;
  options.map = &*map;
  const auto done =
      Run("Nom;Prénom;Commentaire;contact.email\nMartin;Zoé;x;Zoe@Example.org\n", options);
  ASSERT_TRUE(done.ok()) << (problems_.empty() ? "" : problems_[0]);
  ASSERT_EQ(sink_.rows.size(), 1u);
  EXPECT_EQ(sink_.rows[0].second, R"({"identity.birth_name":"Martin","identity.first_name":"Zoé",)"
                                  R"("contact.email":"zoe@example.org"})");

  struct Row {
    const char* why;
    const char* toml;
  };
  for (const Row& row : {Row{"an unknown field", "[columns]\nNom = \"identity.birth_nam\"\n"},
                         Row{"an unknown key", "[column]\nNom = \"identity.birth_name\"\n"},
                         Row{"no text", "[columns]\nNom = 3\n"}, Row{"no columns", ""},
                         Row{"no TOML", "[columns"}}) {
    problems_.clear();
    EXPECT_FALSE(ColumnMap::Parse(row.toml, *schema_, &problems_).ok()) << row.why;
    EXPECT_FALSE(problems_.empty()) << row.why;
  }
}

TEST_F(ImporterTest, JsonLines) {
  struct Row {
    const char* why;
    std::string text;
    std::uint64_t good, bad;
  };
  const std::string good = R"({"identity.birth_name":"Petit","identity.first_name":"Paul"})";
  const Row kRows[] = {
      {"two lines", good + "\n" + good + "\n", 2, 0},
      {"no line end", good, 1, 0},
      {"CRLF and a blank line", good + "\r\n\r\n" + good + "\r\n", 2, 0},
      {"a byte order mark", "\xef\xbb\xbf" + good + "\n", 1, 0},
      {"null is no value", good.substr(0, good.size() - 1) + ",\"contact.phone\":null}\n", 1, 0},
      {"not JSON", "{\n" + good + "\n", 1, 1},
      {"an array", "[]\n" + good + "\n", 1, 1},
      {"an unknown field",
       R"({"nope":"x"})"
       "\n" +
           good + "\n",
       1, 1},
      {"a number",
       R"({"identity.birth_name":1})"
       "\n" +
           good + "\n",
       1, 1},
      {"a double key",
       R"({"identity.birth_name":"a","identity.birth_name":"b"})"
       "\n" +
           good,
       1, 1},
      {"a missing name",
       R"({"identity.birth_name":"a"})"
       "\n" +
           good + "\n",
       1, 1},
      {"cut", good + "\n" + good.substr(0, 30), 1, 1},
      {"10 MB in one line", std::string(10u << 20, ' ') + "\n" + good + "\n", 1, 1},
  };
  ImportOptions options;
  options.format = ImportFormat::kJsonLines;
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    sink_ = KeepingSink();
    const auto done = Run(row.text, options);
    ASSERT_TRUE(done.ok());
    EXPECT_EQ(done->registered, row.good);
    EXPECT_EQ(done->rejected, row.bad);
  }
}

TEST_F(ImporterTest, RejectsHoldValuesOnlyWhenAskedAndNobodyElseMayRead) {
  const std::string text = std::string(kHead) + "Martin,Marie,999\n";
  ASSERT_TRUE(Run(text, {}).ok());
  EXPECT_EQ(Rejects().find("999"), std::string::npos);
  EXPECT_EQ(files_.Stat(directory_ + "/rejects.csv")->mode, 0600u);
  ImportOptions options;
  options.include_values = true;
  ASSERT_TRUE(Run(text, options).ok());
  EXPECT_NE(Rejects().find("999"), std::string::npos);
}

TEST_F(ImporterTest, AnswersOfTheSinkAreCountedAndKept) {
  sink_.answer_of = [](std::uint64_t row) {
    if (row == 3) return RowAnswer{RowOutcome::kExists, ""};
    if (row == 4) return RowAnswer{RowOutcome::kRefused, "idempotency_conflict"};
    return RowAnswer{};
  };
  const auto done = Run(std::string(kHead) + "A,B,\nC,D,\nE,F,\n", {});
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->registered, 1u);
  EXPECT_EQ(done->existing, 1u);
  EXPECT_EQ(done->rejected, 1u);
  EXPECT_NE(Rejects().find("3,,exists"), std::string::npos);
  EXPECT_NE(Rejects().find("4,,idempotency_conflict"), std::string::npos);
}

TEST_F(ImporterTest, DryRunRegistersNobody) {
  ImportOptions options;
  options.dry_run = true;
  options.checkpoint_path = directory_ + "/checkpoint";
  const auto done = Run(std::string(kHead) + "A,B,\nC,,\n", options);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->registered, 1u);
  EXPECT_EQ(done->rejected, 1u);
  EXPECT_TRUE(sink_.rows.empty());
  EXPECT_FALSE(files_.Stat(options.checkpoint_path).ok());
}

// Wherever the server goes away, the next run ends with everybody registered once.
TEST_F(ImporterTest, BegunAgainRegistersEverybodyOnce) {
  const Generator generator(1);
  std::string csv;
  AppendCsvHeader(csv);
  for (std::uint64_t i = 0; i < 2'500; ++i) AppendCsvPerson(csv, generator.At(i));
  std::istringstream whole(csv);
  ImportOptions options;
  options.checkpoint_path = directory_ + "/checkpoint";
  options.file_digest = *ImportDigest(whole, "");
  options.bytes_total = csv.size();
  for (const std::size_t away : {0u, 1u, 63u, 64u, 1'024u, 1'500u, 2'499u}) {
    SCOPED_TRACE(away);
    sink_ = KeepingSink();
    std::filesystem::remove(options.checkpoint_path);
    sink_.rows_until_away = away;
    const auto broken = Run(csv, options);
    ASSERT_FALSE(broken.ok());
    EXPECT_EQ(broken.error().code(), Code::kUnavailable);
    sink_.rows_until_away = SIZE_MAX;
    const auto done = Run(csv, options);
    ASSERT_TRUE(done.ok());
    EXPECT_EQ(sink_.registered, 2'500u);
    EXPECT_EQ(done->registered + done->skipped, 2'500u);
    EXPECT_EQ(done->skipped, away >= 1'024 ? away / 1'024 * 1'024 - 1 : 0);  // the header is row 1
  }
}

TEST_F(ImporterTest, ACheckpointOfAnotherFileSkipsNothing) {
  ImportOptions options;
  options.checkpoint_path = directory_ + "/checkpoint";
  options.file_digest[0] = 1;
  const std::string text = std::string(kHead) + "A,B,\nC,D,\n";
  ASSERT_TRUE(Run(text, options).ok());
  const auto again = Run(text, options);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->skipped, 2u);
  options.file_digest[0] = 2;
  const auto other = Run(text, options);
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->skipped, 0u);
}

TEST_F(ImporterTest, DigestTellsFilesAndMapsApart) {
  std::istringstream a("one"), b("two"), c("one");
  const auto first = ImportDigest(a, ""), second = ImportDigest(b, ""),
             third = ImportDigest(c, "m");
  EXPECT_NE(*first, *second);
  EXPECT_NE(*first, *third);
  EXPECT_NE(IdempotencyKeyOf(*first, 1), IdempotencyKeyOf(*first, 2));
  EXPECT_LE(IdempotencyKeyOf(*first, UINT64_MAX).size(), 128u);
}

}  // namespace
}  // namespace cloison::ingest
