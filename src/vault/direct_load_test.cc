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

namespace cloison::vault {
namespace {

constexpr std::uint64_t kPeople = 6'300;  // seven windows, the last one short

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

// Of two with one number the earlier row stays, whichever thread was faster; who has no row has no
// keys either.
TEST_F(DirectLoadTest, TheEarlierOfTwoStays) {
  std::string csv = "identity.birth_name,identity.first_name,civil_number.nir,contact.email\n";
  std::vector<std::string> nirs;
  const ingest::Generator generator(1);
  for (std::uint64_t i = 0; nirs.size() < 1'500; ++i) {
    const std::string nir(generator.At(i).Text("civil_number.nir"));
    if (!nir.empty()) nirs.push_back(nir);
  }
  for (const char* name : {"Erste", "Zweite", "Dritte"}) {
    for (const std::string& nir : nirs) csv += std::string(name) + ",A," + nir + ",\n";
  }
  const auto done = Load(csv, 4);
  ASSERT_TRUE(done.ok()) << done.error().text();
  EXPECT_EQ(done->registered, 1'500u);
  EXPECT_EQ(done->existing, 3'000u);
  const std::string rejects = Rejects();
  EXPECT_EQ(rejects.find("\n1501,"), std::string::npos);
  EXPECT_NE(rejects.find("\n1502,,exists"), std::string::npos);
  EXPECT_NE(rejects.find("\n4501,,exists"), std::string::npos);
  EXPECT_EQ(RowsOf(key_store_, store::Family::kPersonKeys), 1'500u);
  EXPECT_EQ(Audit().loaded, 1'500u);
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
  const std::vector<ingest::ImportRow> rows(
      kDirectWindowRows, {2, R"({"identity.birth_name":"A","identity.first_name":"B"})", "unused"});
  for (int i = 0; i < 4; ++i) ASSERT_TRUE((*load)->Register(rows).ok());
  load->reset();
}

// What a thread fails with ends the load, and is what the caller hears.
TEST_F(DirectLoadTest, AFaultOfAThreadIsHeard) {
  Result<std::unique_ptr<DirectLoad>> load = DirectLoad::Begin(*vault_, 2);
  ASSERT_TRUE(load.ok());
  const std::vector<ingest::ImportRow> rows = {{2, R"({"no.field":"A"})", "unused"}};
  ASSERT_TRUE((*load)->Register(rows).ok());
  const auto finished = (*load)->Finish();
  ASSERT_FALSE(finished.ok());
  EXPECT_EQ(finished.error().code(), Code::kInvalid);
}

}  // namespace
}  // namespace cloison::vault
