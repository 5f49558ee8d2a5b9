// A whole register that outgrows the capacity of its indexes: it serves on, whatever is restarted,
// and an audit finds every posting where it must be at each step.
#include "vault/index_life.h"

#include <gtest/gtest.h>

#include <set>

#include "vault/testing/rekey_world.h"
#include "vault/testing/schemas_world.h"

namespace cloison::vault {
namespace {

using records::Generations;
using records::IndexState;
using store::Family;
using testing::TestVault;
using testing::Word;

constexpr std::size_t kStepsMax = 200;

DemoSize Size() {
  DemoSize size = testing::SmallWorld();
  size.people = 400;
  return size;
}
// One version on, laid out for so many.
std::string LaidOutFor(const records::Schema& schema, std::size_t people) {
  DemoSize size = Size();
  size.people = people;
  return testing::Replaced(testing::OneVersionOn(schema),
                           "capacity = " + std::to_string(schema.capacity()),
                           "capacity = " + std::to_string(DemoSchema(size)->capacity()));
}
constexpr std::size_t kMorePeople = 5'000'000;

// A French civil number that nobody has, with its key.
std::string NirOf(unsigned n) {
  const std::string digits = std::to_string(2'550'175'001'001ull + n);
  const std::uint64_t key = 97 - std::stoull(digits) % 97;
  return digits + (key < 10 ? "0" : "") + std::to_string(key);
}
TestVault::Texts Person(unsigned n) {
  return {{"identity.birth_name", "Exemple"},
          {"identity.first_name", "Anne"},
          {"identity.birth_date", "1980-01-01"},
          {"civil_number.nir", NirOf(n)}};
}
std::string Register(TestVault& vault, unsigned n) {
  const auto made = vault.RegisterAs("app.case", Person(n), "k" + std::to_string(n));
  EXPECT_EQ(Word(made), "shown");
  const auto* done = std::get_if<access::Registered>(&*made);
  return done == nullptr ? "" : done->code.Text();
}

IndexState StateOf(TestVault& vault) {
  return *vault.vault().people().generations().Current();
}
std::size_t FoundByNir(TestVault& vault, const std::string& nir) {
  const records::FieldSpec* field = vault.vault().schema().Find("civil_number.nir");
  const auto value = vault.vault().schema().Canonical(*field, nir, true);
  CLOISON_CHECK(value.ok());
  const records::Criterion asked{field->index,
                                 vault.vault().schema().IndexForm(*field, value->Reveal())};
  const auto found = vault.Wait(records::Matcher(vault.vault().people()).Exact(asked, 10));
  CLOISON_CHECK(found.ok());
  return found->size();
}
std::set<std::uint32_t> GenerationsOfPages(TestVault& vault) {
  std::set<std::uint32_t> found;
  for (const store::KeyedRow& row : vault.Rows(Family::kIndex)) {
    base::Reader reader(AsBytes(row.key));
    (void)reader.U16();
    found.insert(reader.U32());
  }
  return found;
}

void StartGrown(TestVault& vault) {
  ASSERT_TRUE(vault.Start().ok());
  testing::RestartAgreed(vault, LaidOutFor(vault.vault().schema(), kMorePeople));
}

StoreReport AuditAndOpen(TestVault& vault) {
  EXPECT_TRUE(vault.Stop().ok());
  auto report = vault.Audit();
  CLOISON_CHECK(report.ok());
  EXPECT_FALSE(report->fault.has_value()) << report->fault->text << " " << report->fault->place;
  EXPECT_TRUE(vault.Open().ok());
  return std::move(*report);
}

TEST(IndexLife, IsRestartedAndAuditedAtEveryCommit) {
  TestVault vault(Size());
  StartGrown(vault);
  const std::string nir = vault.world().of_adviser_ft.nir;
  std::size_t leftovers = 0;
  std::string code;
  bool more = true;
  for (unsigned n = 0; more; ++n) {
    ASSERT_LT(n, kStepsMax);
    {
      IndexLife life(vault.vault());
      ASSERT_TRUE(life.IsDue());
      const Result<bool> advanced = vault.Wait(life.Advance());
      ASSERT_TRUE(advanced.ok());
      more = *advanced;
    }
    EXPECT_EQ(FoundByNir(vault, nir), 1u);
    if (n % 3 == 0) code = Register(vault, n);
    if (n % 3 == 1) {
      EXPECT_EQ(Word(vault.UpdateAs("app.case", code, 1, {{"civil_number.nir", NirOf(1'000 + n)}})),
                "shown");
      EXPECT_EQ(FoundByNir(vault, NirOf(1'000 + n)), 1u);
      EXPECT_EQ(FoundByNir(vault, NirOf(n - 1)), 0u);
    }
    if (n % 3 == 2) {
      EXPECT_EQ(Word(vault.EraseAs("officer.privacy", code, 2)), "shown");
      EXPECT_EQ(FoundByNir(vault, NirOf(1'000 + n - 1)), 0u);
    }
    leftovers = std::max<std::size_t>(leftovers, AuditAndOpen(vault).leftovers);
    ASSERT_FALSE(HasFailure()) << n;
  }
  EXPECT_GT(leftovers, 0u);
  EXPECT_EQ(StateOf(vault).in_force, records::Layout::Of(vault.vault().schema(), 2));
  EXPECT_EQ(GenerationsOfPages(vault), (std::set<std::uint32_t>{2}));
  for (const char* event : {"index_build_begun", "index_in_force", "index_dropped"}) {
    EXPECT_EQ(vault.events.Count(event, base::Severity::kInfo), 1u) << event;
  }
  EXPECT_FALSE(IndexLife(vault.vault()).IsDue());
  EXPECT_EQ(AuditAndOpen(vault).leftovers, 0u);
}

Task<void> BuildAll(TestVault& vault, bool& ended) {
  IndexLife life(vault.vault());
  for (bool more = true; more;) {
    const Result<bool> advanced = co_await life.Advance();
    CLOISON_CHECK(advanced.ok());
    more = *advanced;
  }
  ended = true;
}
Task<void> RegisterOne(TestVault& vault, unsigned n, std::string key, std::size_t& made,
                       std::size_t& refused) {
  const auto outcome = co_await vault.RegisterTask("app.case", Person(n), key);
  made += Word(outcome) == "shown" ? 1 : 0;
  refused += Word(outcome) == "exists" ? 1 : 0;
}
Task<void> RegisterLater(TestVault& vault, unsigned n, std::size_t& made) {
  constexpr int kTurnsPerNumber = 40;
  for (unsigned turn = 0; turn < n * kTurnsPerNumber; ++turn) co_await vault.executor.Schedule();
  std::size_t refused = 0;
  co_await RegisterOne(vault, 100 + n, "later" + std::to_string(n), made, refused);
}

TEST(IndexLife, OneOfManyRegistrationsOfANumberWhileItBuilds) {
  constexpr std::size_t kParallel = 64, kLater = 20;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TestVault vault(Size(), seed);
    StartGrown(vault);
    bool ended = false;
    std::size_t made = 0, refused = 0, later = 0;
    base::Detach(BuildAll(vault, ended));
    for (std::size_t i = 0; i < kParallel; ++i) {
      base::Detach(RegisterOne(vault, 7, "same" + std::to_string(i), made, refused));
    }
    for (unsigned n = 0; n < kLater; ++n) base::Detach(RegisterLater(vault, n, later));
    vault.executor.RunAll();
    EXPECT_TRUE(ended);
    EXPECT_EQ(made, 1u);
    EXPECT_EQ(refused, kParallel - 1);
    EXPECT_EQ(later, kLater);
    EXPECT_EQ(StateOf(vault).in_force.generation, 2u);
    EXPECT_EQ(FoundByNir(vault, NirOf(7)), 1u);
    for (unsigned n = 0; n < kLater; ++n) EXPECT_EQ(FoundByNir(vault, NirOf(100 + n)), 1u);
    (void)AuditAndOpen(vault);
    ASSERT_FALSE(HasFailure());
  }
}

Task<void> LookUp(TestVault& vault, records::Criterion asked, std::size_t& found) {
  const auto people = co_await records::Matcher(vault.vault().people()).Exact(asked, 10);
  found = people.ok() ? people->size() : 99;
}

// Its page is taken away between the look-up's choice of a generation and its read.
TEST(IndexLife, ALookUpInFlightFindsWhoItMeans) {
  TestVault vault(Size());
  testing::WatchedStore watched(vault.main_store);
  watched.executor = &vault.executor;
  vault.over_main = &watched;
  StartGrown(vault);
  const records::Schema& schema = vault.vault().schema();
  const records::FieldSpec* field = schema.Find("civil_number.nir");
  const auto value = schema.Canonical(*field, vault.world().citizen_one.nir, true);
  ASSERT_TRUE(value.ok());
  records::Criterion asked{field->index, schema.IndexForm(*field, value->Reveal())};
  const records::Layout old = StateOf(vault).in_force;
  const records::IndexKeys& keys = vault.vault().people().index_keys();
  const records::Slot slot =
      keys.SlotOf(asked.index, old.generation, old.BitsOf(asked.index), asked.canonical.Reveal());
  watched.held_key = keys.PageKey(slot.index, slot.generation, slot.page, 0);
  bool holds = true, ended = false;
  watched.holds = &holds;
  std::size_t found = 0;
  base::Detach(LookUp(vault, std::move(asked), found));
  IndexLife life(vault.vault());
  for (std::size_t n = 0; !ended; ++n) {
    ASSERT_LT(n, kStepsMax);
    const Result<bool> advanced = vault.Wait(life.Advance());
    ASSERT_TRUE(advanced.ok());
    ended = !*advanced;
  }
  EXPECT_EQ(GenerationsOfPages(vault), (std::set<std::uint32_t>{2}));
  EXPECT_EQ(watched.waiting, 1);
  EXPECT_EQ(found, 0u) << "it has not read yet";
  holds = false;
  vault.executor.RunAll();
  EXPECT_EQ(watched.missed, 1) << "the page that it asked for was gone";
  EXPECT_EQ(found, 1u);
}

store::KeyedRow StateRow(TestVault& vault) {
  for (const store::KeyedRow& row : vault.Rows(Family::kMeta)) {
    if (row.key == Generations::RowKey().bytes) return row;
  }
  CLOISON_CHECK(false);
  return {};
}
void PutBack(TestVault& vault, const store::KeyedRow& row) {
  store::WriteSet writes;
  writes.puts.push_back(store::Put{Generations::RowKey(), row.row.value});
  CLOISON_CHECK(vault.Wait(vault.main_store.Commit(std::move(writes))).ok());
}

TEST(IndexLife, AnOldRowOfTheIndexesIsNoticed) {
  TestVault vault(Size());
  StartGrown(vault);
  std::vector<store::KeyedRow> rows;  // of before, begun, and each step of the walk
  IndexLife life(vault.vault());
  while (StateOf(vault).in_force.generation == 1) {
    ASSERT_LT(rows.size(), kStepsMax);
    rows.push_back(StateRow(vault));
    ASSERT_TRUE(vault.Wait(life.Advance()).ok());
  }
  ASSERT_GE(rows.size(), 5u);
  for (bool more = true; more;) more = *vault.Wait(life.Advance());
  ASSERT_TRUE(vault.Stop().ok());
  const store::KeyedRow last = StateRow(vault);
  for (const store::KeyedRow& old : rows) {
    PutBack(vault, old);
    const Status opened = vault.Open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), Code::kCorrupt);
    const auto report = vault.Audit();
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->fault.has_value());
  }
  vault.Delete(Family::kMeta, Generations::RowKey().bytes);
  EXPECT_EQ(vault.Open().error().code(), Code::kCorrupt) << "taken away";
  PutBack(vault, last);
  ASSERT_TRUE(vault.Open().ok());
  (void)AuditAndOpen(vault);
}

TEST(IndexLife, AnEarlierStepOfTheWalkIsFoundByAnAudit) {
  TestVault vault(Size());
  StartGrown(vault);
  {
    IndexLife life(vault.vault());
    ASSERT_TRUE(*vault.Wait(life.Advance()));
    ASSERT_TRUE(*vault.Wait(life.Advance()));
    ASSERT_TRUE(StateOf(vault).built.has_value());
  }
  const store::KeyedRow early = StateRow(vault);
  {
    IndexLife life(vault.vault());
    ASSERT_TRUE(*vault.Wait(life.Advance()));
  }
  ASSERT_TRUE(vault.Stop().ok());
  PutBack(vault, early);
  const auto report = vault.Audit();
  ASSERT_TRUE(report.ok() && report->fault.has_value());
  EXPECT_EQ(report->fault->text, "a posting of somebody whom the new index has not come to");
  // Who goes on without one walks that way again, and everybody is found.
  ASSERT_TRUE(vault.Open().ok());
  IndexLife life(vault.vault());
  for (bool more = true; more;) more = *vault.Wait(life.Advance());
  EXPECT_EQ(FoundByNir(vault, vault.world().citizen_one.nir), 1u);
  (void)AuditAndOpen(vault);
}

TEST(IndexLife, SaysOnceWhatItCannotDo) {
  TestVault vault(Size());
  StartGrown(vault);
  const PersonId person = vault.world().citizen_one.person;
  const store::Key row = records::RowKeyOf(person);
  for (const store::KeyedRow& one : vault.Rows(Family::kPeople)) {
    if (one.key != row.bytes) continue;
    store::Put damaged{row, one.row.value};
    damaged.value.back() ^= 1;
    auto work = std::make_unique<testing::PutWork>(std::move(damaged));
    ASSERT_TRUE(vault.Wait(vault.vault().committer().Submit(std::move(work), vault.executor)).ok());
  }
  {
    IndexLife life(vault.vault());
    for (bool more = true; more;) more = *vault.Wait(life.Advance());
    EXPECT_EQ(vault.events.Count("index_records_passed_over", base::Severity::kError), 1u);
    EXPECT_EQ(StateOf(vault).in_force.generation, 2u);
    EXPECT_EQ(vault.events.Count("index_capacity_refused"), 0u);
  }
  testing::RestartAgreed(vault, LaidOutFor(vault.vault().schema(), Size().people));
  IndexState state = StateOf(vault);
  state.refused = vault.vault().schema().capacity();
  const store::Key key = Generations::RowKey();
  store::Put put{key, vault.vault().state().Seal(key, EncodeIndexState(state))};
  auto work = std::make_unique<testing::PutWork>(std::move(put));
  ASSERT_TRUE(vault.Wait(vault.vault().committer().Submit(std::move(work), vault.executor)).ok());
  IndexLife life(vault.vault());
  EXPECT_TRUE(life.IsDue()) << "there is something to tell";
  EXPECT_FALSE(*vault.Wait(life.Advance()));
  EXPECT_FALSE(life.IsDue());
  EXPECT_FALSE(*vault.Wait(life.Advance()));
  EXPECT_EQ(vault.events.Count("index_capacity_refused", base::Severity::kError), 1u);
  EXPECT_EQ(StateOf(vault).in_force.generation, 2u);
}

}  // namespace
}  // namespace cloison::vault
