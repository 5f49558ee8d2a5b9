#include "ingest/importer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/testing/manual_clock.h"
#include "codec/json_writer.h"
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
  explicit KeepingSink(std::shared_ptr<const records::Schema> schema)
      : schema_(std::move(schema)) {}
  Result<std::vector<RowAnswer>> Register(std::vector<ImportRow> given) override {
    std::vector<RowAnswer> answers;
    for (const ImportRow& row : given) {
      if (rows.size() >= rows_until_away) return Error{Code::kUnavailable, "away"};
      const bool again = !keys.insert(row.idempotency_key).second;
      rows.push_back({row.number, JsonOf(row.values)});
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

 private:
  std::string JsonOf(const records::Values& values) const {
    std::string out;
    codec::JsonWriter json(out);
    json.BeginObject();
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_TRUE(i == 0 || values[i - 1].field < values[i].field);
      json.Key(schema_->Find(values[i].field)->name).String(AsText(values[i].text.Reveal()));
    }
    json.EndObject();
    return out;
  }
  std::shared_ptr<const records::Schema> schema_;
};

// A disk that keeps of the rejects what was synced: what a power cut leaves.
class CutFiles final : public base::Files {
 public:
  Result<std::unique_ptr<base::WritableFile>> Create(const std::string& path,
                                                     unsigned mode) override {
    return Watched(path, files_.Create(path, mode), 0);
  }
  Result<std::unique_ptr<base::WritableFile>> OpenAppend(const std::string& path) override {
    return Watched(path, files_.OpenAppend(path), files_.Stat(path)->size);
  }
  Result<Bytes> Read(const std::string& path) override { return files_.Read(path); }
  Status Truncate(const std::string& path, std::uint64_t size) override {
    return files_.Truncate(path, size);
  }
  Result<base::FileInfo> Stat(const std::string& path) override { return files_.Stat(path); }
  Status Rename(const std::string& from, const std::string& to) override {
    return files_.Rename(from, to);
  }
  Status Remove(const std::string& path) override { return files_.Remove(path); }
  Status MakeDirectory(const std::string& path, unsigned mode) override {
    return files_.MakeDirectory(path, mode);
  }
  Status SyncDirectory(const std::string& path) override { return files_.SyncDirectory(path); }
  Result<std::vector<std::string>> List(const std::string& path) override {
    return files_.List(path);
  }
  void CutPower(const std::string& rejects) {
    CLOISON_CHECK(files_.Truncate(rejects, synced_).ok());
  }

 private:
  class File final : public base::WritableFile {
   public:
    File(std::unique_ptr<base::WritableFile> file, std::uint64_t size, std::uint64_t& synced)
        : file_(std::move(file)), size_(size), synced_(synced) {}
    Status Append(ByteView bytes) override {
      size_ += bytes.size();
      return file_->Append(bytes);
    }
    Status Sync() override {
      synced_ = size_;
      return file_->Sync();
    }

   private:
    std::unique_ptr<base::WritableFile> file_;
    std::uint64_t size_;
    std::uint64_t& synced_;
  };
  Result<std::unique_ptr<base::WritableFile>> Watched(
      const std::string& path, Result<std::unique_ptr<base::WritableFile>> file,
      std::uint64_t size) {
    if (!file.ok() || !path.ends_with("rejects.csv")) return file;
    return std::unique_ptr<base::WritableFile>(
        std::make_unique<File>(std::move(*file), size, synced_));
  }

  base::SystemFiles files_;
  std::uint64_t synced_ = 0;
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
  KeepingSink sink_{schema_};
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
      sink_ = KeepingSink(schema_);
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
}

TEST_F(ImporterTest, AMapMakesFieldsOfColumnsAndMembers) {
  const auto map = ColumnMap::Parse(
      "ignore = [\"Obs\"]\n[columns]\nNom = \"identity.birth_name\"\n"
      "Prenom = { field = \"identity.first_name\", letters = \"upper\" }\n"
      "Naissance = { field = \"identity.birth_date\", date = \"day-month-year\", empty = [\"?\"] "
      "}\n"
      "CP = { field = \"address.postcode\", pad = 5 }\n"
      "Sexe = { field = \"identity.sex\", values = { H = \"M\" } }\n"
      "[constants]\n\"status.registration\" = \"registered\"\n",
      *schema_, &problems_);
  ASSERT_TRUE(map.ok()) << problems_[0];
  ImportOptions options;
  options.map = &*map;
  const std::string want =
      R"({"identity.birth_name":"Martin","identity.first_name":"ZOÉ","identity.sex":"M",)"
      R"("identity.birth_date":"1980-03-07","address.postcode":"01000",)"
      R"("status.registration":"registered"})";
  const std::string head = "Nom,Prenom,Naissance,CP,Sexe,Obs\n";
  auto done = Run(head + "Martin,Zoé,7/3/1980,1000,H,x\nPetit,Paul,?,,,\n" +
                      "Blanc,Ana,1980-03-07,,,\nRoux,Luc,,,F,\n",
                  options);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->registered, 2u);
  EXPECT_EQ(done->rejected, 2u);
  ASSERT_EQ(sink_.rows.size(), 2u);
  EXPECT_EQ(sink_.rows[0].second, want);
  EXPECT_NE(Rejects().find("4,identity.birth_date,a day has a year"), std::string::npos);
  EXPECT_NE(Rejects().find("5,identity.sex,a value that the map does not name"), std::string::npos);

  sink_ = KeepingSink(schema_);
  options.format = ImportFormat::kJsonLines;
  done = Run(R"({"Nom":"Martin","Prenom":"Zoé","Naissance":"7/3/1980","CP":"1000","Sexe":"H"})"
             "\n"
             R"({"Nom":"A","identity.birth_name":"B","Prenom":"C"})"
             "\n"
             R"({"Nom":"A","Prenom":"C","status.registration":"former"})"
             "\n"
             R"({"Nom":"A","Prenom":"C","Obs":{"any":[1]}})"
             "\n",
             options);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->rejected, 2u);
  ASSERT_EQ(sink_.rows.size(), 2u);
  EXPECT_EQ(sink_.rows[0].second, want);
  EXPECT_NE(Rejects().find("2,,two members are one field"), std::string::npos);
  EXPECT_NE(Rejects().find("3,,two members are one field"), std::string::npos);
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
    sink_ = KeepingSink(schema_);
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
    sink_ = KeepingSink(schema_);
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

// Wherever it is broken off, each bad row is in the rejects once in the end.
TEST_F(ImporterTest, BegunAgainRejectsEveryBadRowOnce) {
  std::string text(kHead);
  for (int i = 0; i < 3'000; ++i) text += i % 3 == 0 ? "Martin,,\n" : "Petit,Paul,\n";
  ImportOptions options;
  options.checkpoint_path = directory_ + "/checkpoint";
  const auto whole = Run(text, {});
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->rejected, 1'000u);
  const std::string want = Rejects();
  for (const std::size_t away : {0u, 100u, 700u, 1'400u, 1'999u}) {
    SCOPED_TRACE(away);
    sink_ = KeepingSink(schema_);
    std::filesystem::remove(options.checkpoint_path);
    sink_.rows_until_away = away;
    ASSERT_FALSE(Run(text, options).ok());
    sink_.rows_until_away = SIZE_MAX;
    ASSERT_TRUE(Run(text, options).ok());
    EXPECT_EQ(Rejects(), want);
  }
}

// The power goes while it waits for the server: the checkpoint names no reject that was lost.
TEST_F(ImporterTest, ACheckpointStandsOnSyncedRejects) {
  std::string text(kHead);
  for (int i = 0; i < 3'000; ++i) text += i % 3 == 0 ? "Martin,,\n" : "Petit,Paul,\n";
  ASSERT_TRUE(Run(text, {}).ok());
  const std::string want = Rejects();
  for (const std::size_t away : {700u, 1'400u, 1'999u}) {
    SCOPED_TRACE(away);
    CutFiles disk;
    ImportOptions options;
    options.checkpoint_path = directory_ + "/checkpoint";
    options.rejects_path = directory_ + "/rejects.csv";
    std::filesystem::remove(options.checkpoint_path);
    Importer importer(*schema_, disk, clock_);
    sink_ = KeepingSink(schema_);
    sink_.rows_until_away = away;
    std::istringstream first(text), second(text);
    ASSERT_FALSE(importer.Run(first, &sink_, options, &problems_).ok());
    disk.CutPower(options.rejects_path);
    sink_.rows_until_away = SIZE_MAX;
    ASSERT_TRUE(importer.Run(second, &sink_, options, &problems_).ok());
    EXPECT_EQ(Rejects(), want);
  }
}

TEST_F(ImporterTest, RejectsThatWereCutAreSaid) {
  const std::string text = std::string(kHead) + "Martin,,\n";
  ImportOptions options;
  options.checkpoint_path = directory_ + "/checkpoint";
  ASSERT_TRUE(Run(text, options).ok());
  ASSERT_TRUE(files_.Truncate(directory_ + "/rejects.csv", 5).ok());
  const auto again = Run(text, options);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code(), Code::kConflict);
}

TEST_F(ImporterTest, ADamagedCheckpointIsSaid) {
  const std::string digest(64, '0');
  for (const char* rest : {"12x 4\n", "1 2 3\n", "12\n", "99999999999999999999 1\n"}) {
    const std::string checkpoint = "cloison-import-2 " + digest + " " + rest;
    ImportOptions options;
    options.checkpoint_path = directory_ + "/checkpoint";
    ASSERT_TRUE(base::WriteWhole(files_, options.checkpoint_path, AsBytes(checkpoint)).ok());
    const auto done = Run(std::string(kHead) + "A,B,\n", options);
    ASSERT_FALSE(done.ok()) << rest;
    EXPECT_EQ(done.error().code(), Code::kCorrupt) << rest;
  }
}

// The register says which rows it had; what it had not is registered, and named.
TEST_F(ImporterTest, AVerificationAsksForEveryRowAgain) {
  ImportOptions options;
  options.checkpoint_path = directory_ + "/checkpoint";
  const std::string text = std::string(kHead) + "A,B,\nC,D,\nE,F,\nG,,\n";
  ASSERT_TRUE(Run(text, options).ok());
  options.verify = true;
  sink_.rows.clear();
  sink_.answer_of = [](std::uint64_t row) {
    return RowAnswer{row == 3 ? RowOutcome::kRegistered : RowOutcome::kRepeated, ""};
  };
  const auto done = Run(text, options);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(sink_.rows.size(), 3u);  // the checkpoint skips nothing
  EXPECT_EQ(done->repeated, 2u);
  EXPECT_EQ(done->registered, 1u);
  EXPECT_EQ(done->rejected, 1u);
  EXPECT_NE(Rejects().find("3,,was missing; registered now"), std::string::npos);
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
