#include "vault/direct_load.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/executor.h"
#include "ingest/generator.h"
#include "keys/testing/memory_key_objects.h"
#include "store/memory/memory_store.h"
#include "store/testing/temp_directory.h"
#include "vault/audit.h"
#include "vault/demo_world.h"
#include "vault/load_people.h"

namespace cloison::vault {
namespace {

constexpr std::uint64_t kPeople = 6'300;  // 25 windows, the last one short

// A register on threads of its own, as cloisond has it.
class DirectLoadTest : public ::testing::Test {
 protected:
  DirectLoadTest() {
    DemoSize size;
    size.people = kPeople;
    settings_.schema = DemoSchema(size);
    settings_.policy = DemoPolicy(*settings_.schema);
    settings_.origin = "cloison.example/test";
    settings_.directory = directory_.path() + "/register";
    settings_.on_fatal = [] { CLOISON_CHECK(false); };
    CLOISON_CHECK(base::SyncWait(Vault::Create(environment(), settings_)).ok());
    Open();
  }
  ~DirectLoadTest() override { Stop(); }

  Environment environment() {
    return {main_store_, key_store_, objects_,       files_,      clock_, random_,
            events_,     main_pool_, key_committer_, background_, home_};
  }
  void Open() {
    auto vault = base::SyncWait(Vault::Open(environment(), settings_));
    CLOISON_CHECK(vault.ok());
    vault_ = std::move(*vault);
  }
  void Stop() {
    if (vault_ == nullptr) return;
    EXPECT_TRUE(base::SyncWait(vault_->Stop()).ok());
    vault_.reset();
  }

  // One whole import of `csv`; `problems_` gets what is wrong with its header.
  Result<ingest::ImportProgress> Load(const std::string& csv, std::size_t workers) {
    Result<std::unique_ptr<DirectLoad>> load = DirectLoad::Begin(*vault_, workers);
    if (!load.ok()) return load.error();
    ingest::ImportOptions options;
    options.window_rows = kDirectWindowRows;
    options.rejects_path = directory_.path() + "/rejects.csv";
    std::istringstream in(csv);
    ingest::Importer importer(*settings_.schema, files_, clock_);
    return importer.Run(in, load->get(), options, &problems_);
  }
  ingest::ImportRow Row(const std::vector<std::pair<std::string_view, std::string>>& texts) {
    auto values = CanonicalValues(*settings_.schema, texts);
    CLOISON_CHECK(values.ok());
    return {2, std::move(*values), "unused"};
  }
  std::string Rejects() {
    const auto bytes = files_.Read(directory_.path() + "/rejects.csv");
    return bytes.ok() ? std::string(AsText(*bytes)) : "";
  }
  StoreReport Audit() {
    Stop();
    const auto report = base::SyncWait(AuditStore(environment(), settings_, std::nullopt));
    CLOISON_CHECK(report.ok());
    return *report;
  }
  std::size_t RowsOf(store::Store& store, store::Family family) {
    std::size_t rows = 0;
    store::Range range{family, "", ""};
    for (;;) {
      const auto page = base::SyncWait(store.Scan(range, 1'000));
      CLOISON_CHECK(page.ok());
      rows += page->rows.size();
      if (!page->next.has_value()) return rows;
      range.begin = *page->next;
    }
  }

  store::testing::TempDirectory directory_;
  base::ThreadPool main_pool_{1}, key_committer_{1}, background_{1}, home_{1};
  store::MemoryStore main_store_{&home_}, key_store_{&home_};
  base::SystemFiles files_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  keys::testing::MemoryKeyObjects objects_{random_};
  base::NullEventSink events_;
  Settings settings_;
  std::unique_ptr<Vault> vault_;
  std::vector<std::string> problems_;
};

std::string People(std::uint64_t people) {
  const ingest::Generator generator(1);
  std::string csv;
  ingest::AppendCsvHeader(csv);
  for (std::uint64_t i = 0; i < people; ++i) ingest::AppendCsvPerson(csv, generator.At(i));
  return csv;
}

TEST_F(DirectLoadTest, EverybodyIsThereAndIndexed) {
  const auto done = Load(People(kPeople), 3);
  ASSERT_TRUE(done.ok()) << done.error().text();
  EXPECT_EQ(done->registered, kPeople);
  EXPECT_EQ(done->rejected + done->existing, 0u);
  EXPECT_EQ(DirectLoad::Begin(*vault_, 1).error().code(), Code::kConflict) << "not empty any more";
  const StoreReport report = Audit();
  EXPECT_FALSE(report.fault.has_value()) << report.fault->text;
  EXPECT_EQ(report.loaded, kPeople);
  EXPECT_GT(report.postings, 3 * kPeople);
}

// Of two with one number the earlier row stays, whichever thread was faster: each window is
// followed by one of the same numbers that takes half as long. Who has no row has no keys either.
TEST_F(DirectLoadTest, TheEarlierOfTwoStays) {
  constexpr std::uint64_t kWindows = 30, kNumbers = kWindows * kDirectWindowRows;
  std::string csv =
      "identity.birth_name,identity.first_name,civil_number.nir,contact.email,identity.name_in_use,"
      "identity.birth_date,address.postcode,address.city,bank.iban\n";
  const ingest::Generator generator(1);
  std::vector<std::string> window;
  for (std::uint64_t i = 0, numbers = 0; numbers < kNumbers; ++i) {
    const std::string nir(generator.At(i).Text("civil_number.nir"));
    if (nir.empty()) continue;
    window.push_back(nir);
    if (++numbers % kDirectWindowRows != 0) continue;
    for (const std::string& one : window) {
      csv += "Lefèvre-Dupont,Élisabeth," + one + "," + one +
             "@example.org,De La Tour D'Auvergne,1980-02-03,75011,Paris,\n";
    }
    for (const std::string& one : window) csv += "A,B," + one + ",,,,,,\n";
    window.clear();
  }
  const auto done = Load(csv, 4);
  ASSERT_TRUE(done.ok()) << done.error().text();
  EXPECT_EQ(done->registered, kNumbers);
  EXPECT_EQ(done->existing, kNumbers);
  const std::string rejects = Rejects();
  for (std::uint64_t row = 2; row < 2 + 2 * kNumbers; ++row) {
    const bool stays = (row - 2) / kDirectWindowRows % 2 == 0;
    const std::string line = "\n" + std::to_string(row) + ",,exists";
    ASSERT_EQ(rejects.find(line) == std::string::npos, stays) << row;
  }
  EXPECT_EQ(RowsOf(key_store_, store::Family::kPersonKeys), kNumbers);
  EXPECT_EQ(Audit().loaded, kNumbers);
}

// A record that no row can hold is refused as a row, as on line.
TEST_F(DirectLoadTest, ARecordThatIsTooLargeIsRefused) {
  Result<std::unique_ptr<DirectLoad>> load = DirectLoad::Begin(*vault_, 2);
  ASSERT_TRUE(load.ok());
  std::vector<ingest::ImportRow> rows(2);
  for (ingest::ImportRow& row : rows) {
    row = Row({{"identity.birth_name", "A"}, {"identity.first_name", "B"}});
  }
  rows[0].number = 7;
  const records::FieldSpec* const note = settings_.schema->Find("notes.adviser");
  rows[0].values.push_back({note->id, crypto::SecretBytes(70'000)});
  ASSERT_TRUE((*load)->Register(std::move(rows)).ok());
  std::vector<std::uint64_t> refused;
  ASSERT_TRUE((*load)
                  ->Finish([&refused](const ingest::LateAnswer& late) {
                    EXPECT_EQ(late.answer.reason, "compartment_too_large");
                    refused.push_back(late.row);
                    return Ok();
                  })
                  .ok());
  EXPECT_EQ(refused, std::vector<std::uint64_t>{7});
  load->reset();
  EXPECT_EQ(Audit().loaded, 1u);
}

// A full disk under the rejects ends the load while it can be begun again: nothing is written yet.
TEST_F(DirectLoadTest, RejectsThatCannotBeWrittenEndIt) {
  Result<std::unique_ptr<DirectLoad>> load = DirectLoad::Begin(*vault_, 2);
  ASSERT_TRUE(load.ok());
  for (int i = 0; i < 2; ++i) {
    std::vector<ingest::ImportRow> rows(1);
    rows[0] = Row(
        {{"identity.birth_name", "A"},
         {"identity.first_name", "B"},
         {"civil_number.nir", std::string(ingest::Generator(1).At(5).Text("civil_number.nir"))}});
    ASSERT_TRUE((*load)->Register(std::move(rows)).ok());
  }
  const Status finished = (*load)->Finish(
      [](const ingest::LateAnswer&) { return Status(Error{Code::kExhausted, "no space"}); });
  EXPECT_EQ(finished.error().code(), Code::kExhausted);
  EXPECT_EQ(RowsOf(main_store_, store::Family::kPeople), 0u);
  EXPECT_EQ(RowsOf(key_store_, store::Family::kPersonKeys), 0u);
}

// Thousands who share one placeholder cost those who come last, not the load.
TEST_F(DirectLoadTest, AFullIndexRefusesItsRows) {
  std::string csv = "identity.birth_name,identity.first_name,contact.phone\n";
  constexpr std::uint64_t kRows = 7'200, kTaken = 65 * 108;
  for (std::uint64_t i = 0; i < kRows; ++i) csv += "A,B,0639980000\n";
  csv += "C,D,0639980001\n";
  const auto done = Load(csv, 3);
  ASSERT_TRUE(done.ok()) << done.error().text();
  EXPECT_EQ(done->registered, kTaken + 1);
  EXPECT_EQ(done->rejected, kRows - kTaken);
  EXPECT_NE(Rejects().find("\n" + std::to_string(kTaken + 2) + ",,index_full"), std::string::npos);
  EXPECT_EQ(Audit().loaded, kTaken + 1);
}

TEST_F(DirectLoadTest, BadRowsAreRejectedAndTheRestLoaded) {
  const auto done = Load(
      "identity.birth_name,identity.first_name,identity.birth_date\nA,B,1990-01-01\n"
      "C,,1990-01-01\nE,F,1990-02-30\nG,H,\n",
      2);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->registered, 2u);
  EXPECT_EQ(done->rejected, 2u);
  EXPECT_EQ(Audit().loaded, 2u);
}

// Neither an input that ends at its header nor a load that is dropped in its middle hangs.
TEST_F(DirectLoadTest, ALoadThatIsDroppedEnds) {
  EXPECT_EQ(Load("nonsense\n", 2).error().code(), Code::kInvalid);
  EXPECT_FALSE(problems_.empty());
  Result<std::unique_ptr<DirectLoad>> load = DirectLoad::Begin(*vault_, 2);
  ASSERT_TRUE(load.ok());
  for (int i = 0; i < 4; ++i) {
    std::vector<ingest::ImportRow> rows(kDirectWindowRows);
    for (ingest::ImportRow& row : rows)
      row = Row({{"identity.birth_name", "A"}, {"identity.first_name", "B"}});
    ASSERT_TRUE((*load)->Register(std::move(rows)).ok());
  }
  load->reset();
}

// What a thread fails with ends the load, and is what the caller hears.
TEST_F(DirectLoadTest, AFaultOfAThreadIsHeard) {
  Result<std::unique_ptr<DirectLoad>> load = DirectLoad::Begin(*vault_, 2);
  ASSERT_TRUE(load.ok());
  std::vector<ingest::ImportRow> rows(1);
  rows[0] = Row({{"identity.birth_name", "A"}});
  ASSERT_TRUE((*load)->Register(std::move(rows)).ok());
  const auto finished = (*load)->Finish([](const ingest::LateAnswer&) { return Ok(); });
  ASSERT_FALSE(finished.ok());
  EXPECT_EQ(finished.error().code(), Code::kInvalid);
}

}  // namespace
}  // namespace cloison::vault
