// A register whose indexes are laid out anew while it is at work: whatever comes in between, every
// posting is where it must be, once, and nowhere else.
#include "records/index_build.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/testing/seeded_random.h"
#include "records/internal/build_works.h"
#include "records/reindex.h"
#include "records/testing/pages.h"

namespace cloison::records {
namespace {

using commit::Staged;
using internal::WalkWork;
using store::Family;
using store::testing::Call;
using store::testing::Fault;
using testing::ExpectExact;
using testing::ExpectFound;
using testing::NamedTexts;
using testing::NirOf;
using testing::World;
using What = BuildStep::What;

constexpr std::uint64_t kSmall = 100, kLarge = 3'000, kLarger = 40'000;
constexpr std::size_t kStepsMax = 400;

NamedTexts Person(unsigned n) {
  return {{"identity.birth_name", "Nom " + std::string(1 + n % 3, static_cast<char>('a' + n % 7))},
          {"identity.first_name", n % 2 == 0 ? "Zoé" : "Anne Marie"},
          {"identity.birth_date", "19" + std::to_string(50 + n % 40) + "-04-12"},
          {"civil_number.nir", NirOf(n)},
          {"contact.phone", "+3363998" + std::to_string(1'000 + n % 20)},
          {"contact.email", "person" + std::to_string(n) + "@example.org"}};
}

std::optional<Code> CodeOf(const auto& result) {
  return result.ok() ? std::nullopt : std::optional<Code>(result.error().code());
}

const IndexState& StateOf(World& world) {
  static thread_local std::shared_ptr<const IndexState> state;
  state = world.people->generations().Current();
  return *state;
}

std::vector<PersonId> Everybody(World& world) {
  std::vector<PersonId> all;
  for (const store::KeyedRow& row : world.Rows(Family::kPeople)) {
    all.push_back(*PersonId::FromBytes(AsBytes(row.key)));
  }
  return all;
}

std::size_t PagesOf(World& world, std::uint32_t generation) {
  std::size_t count = 0;
  for (const store::KeyedRow& row : world.Rows(Family::kIndex)) {
    base::Reader reader(AsBytes(row.key));
    (void)reader.U16();
    count += reader.U32() == generation ? 1 : 0;
  }
  return count;
}

BuildStep Step(World& world, IndexBuild& build) {
  return World::Must(build.Next(world.home));
}

// Until there is nothing to do.
void Finish(World& world, std::size_t people_per_step = kPeoplePerStep) {
  IndexBuild build(*world.people, *world.committer, people_per_step);
  for (std::size_t n = 0; build.HasWork(); ++n) {
    ASSERT_LT(n, kStepsMax);
    (void)Step(world, build);
  }
}

// A world of `count` people, its row written, whose schema asks for `capacity` since.
struct Grown : World {
  explicit Grown(unsigned count, std::uint64_t wanted = kLarge) : World(kSmall) {
    CLOISON_CHECK(base::SyncWait(IndexBuild(*people, *committer).EnsureRow(home)).ok());
    for (unsigned n = 0; n < count; ++n) CLOISON_CHECK(Register(Person(n)).ok());
    Reopen(wanted);
  }
};

TEST(IndexBuild, InItsFourParts) {
  Grown world(10);
  IndexBuild build(*world.people, *world.committer, 4);
  const std::uint8_t bits = StateOf(world).in_force.BitsOf(kNirIndex);
  const BuildStep begun = Step(world, build);
  EXPECT_EQ(begun.what, What::kBegun);
  EXPECT_EQ(begun.generation, 2u);
  EXPECT_EQ(begun.capacity, kLarge);
  EXPECT_EQ(StateOf(world).in_force.BitsOf(kNirIndex), bits) << "of the row, not of the schema";
  for (const std::size_t people : {4u, 4u}) {
    const BuildStep walked = Step(world, build);
    EXPECT_EQ(walked.what, What::kWalked);
    EXPECT_EQ(walked.people, people);
    ExpectExact(world);
  }
  EXPECT_EQ(StateOf(world).in_force.generation, 1u);
  EXPECT_GT(PagesOf(world, 2), 0u);
  EXPECT_EQ(Step(world, build).what, What::kSwitched);
  EXPECT_EQ(StateOf(world).in_force, Layout::Of(*world.schema, 2));
  EXPECT_GT(StateOf(world).in_force.BitsOf(kNirIndex), bits);
  ExpectExact(world);
  EXPECT_GT(PagesOf(world, 1), 0u);
  BuildStep step = Step(world, build);
  for (; step.what == What::kDropped; step = Step(world, build)) EXPECT_GT(step.pages, 0u);
  EXPECT_EQ(step.what, What::kGone);
  EXPECT_EQ(PagesOf(world, 1), 0u);
  EXPECT_FALSE(build.HasWork());
  EXPECT_EQ(Step(world, build).what, What::kNothing);
  ExpectExact(world);
  ExpectFound(world);
  world.Reopen(kLarge);
  EXPECT_EQ(StateOf(world).in_force.generation, 2u);
  ExpectFound(world);
}

TEST(IndexBuild, WhenItBegins) {
  const struct {
    const char* why;
    std::uint64_t was, wanted;
    bool begins;
  } rows[] = {
      {"the same", kSmall, kSmall, false},
      {"more people, the same pages", kSmall, kSmall + 1, false},
      {"more people, more pages", kSmall, kLarge, true},
      {"fewer people, fewer pages", kLarge, kSmall, true},
      {"the last that fits 16 pages of names", 1, 662, false},
      {"the first that does not", 1, 663, true},
  };
  for (const auto& row : rows) {
    World world(row.was);
    ASSERT_TRUE(
        base::SyncWait(IndexBuild(*world.people, *world.committer).EnsureRow(world.home)).ok());
    world.Reopen(row.wanted);
    EXPECT_EQ(IndexBuild(*world.people, *world.committer).HasWork(), row.begins) << row.why;
    Finish(world);
    EXPECT_EQ(StateOf(world).in_force.page_bits, Layout::Of(*world.schema, 1).page_bits) << row.why;
    EXPECT_EQ(StateOf(world).in_force.generation, row.begins ? 2u : 1u) << row.why;
  }
  World world(kSmall);  // no row yet: laid out for the schema as it is
  world.Reopen(kLarge);
  EXPECT_FALSE(IndexBuild(*world.people, *world.committer).HasWork());
}

// Registrations, changes, erasures, restarts and other capacities, in any order with the steps.
void RunSeed(std::uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::testing::SeededRandom random(seed);
  Grown world(8);
  unsigned next = 8;
  auto build = std::make_unique<IndexBuild>(*world.people, *world.committer, 3);
  const auto reopen = [&](std::uint64_t capacity) {
    build.reset();
    world.Reopen(capacity);
    build = std::make_unique<IndexBuild>(*world.people, *world.committer, 3);
  };
  for (int step = 0; step < 90; ++step) {
    const std::vector<PersonId> all = Everybody(world);
    const PersonId* const one = all.empty() ? nullptr : &all[random.Below(all.size())];
    switch (random.Below(9)) {
      case 0:
      case 1: ASSERT_TRUE(world.Register(Person(next++)).ok()); break;
      case 2: {
        const bool taken = !world.Find("civil_number.nir", NirOf(next - 1))->empty();
        const std::optional<Code> refused = CodeOf(world.Register(Person(next - 1)));
        ASSERT_EQ(refused, taken ? std::optional(Code::kConflict) : std::nullopt);
        break;
      }
      case 3:
        if (one != nullptr) (void)world.Update(*one, {{"civil_number.nir", NirOf(next++)}});
        break;
      case 4:
        if (one != nullptr) {
          (void)world.Update(*one, {{"identity.birth_name", "Autre"}, {"contact.email", ""}});
        }
        break;
      case 5:
        if (one != nullptr) {
          ASSERT_TRUE(world.Erase(*one).ok());
        }
        break;
      case 6: {
        constexpr std::uint64_t kCapacities[] = {kSmall, kLarge, kLarger};
        reopen(random.Below(3) == 0 ? kCapacities[random.Below(3)] : world.schema->capacity());
        break;
      }
      default: (void)Step(world, *build); break;
    }
    ExpectExact(world);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "step " << step;
    if (step % 10 == 0) ExpectFound(world);
  }
  Finish(world, 3);
  ExpectExact(world);
  ExpectFound(world);
  EXPECT_EQ(StateOf(world).in_force.page_bits, Layout::Of(*world.schema, 1).page_bits);
}

TEST(IndexBuild, WhateverComesInBetween) {
  for (std::uint64_t seed = 1; seed <= 12 && !HasFailure(); ++seed) RunSeed(seed);
}

TEST(IndexBuild, OneOfManyRegistrationsOfANumber) {
  Grown world(40);
  IndexBuild build(*world.people, *world.committer, 2);
  const auto one = [](World& all, std::atomic<int>& made, std::atomic<int>& refused,
                      std::atomic<int>& ended, unsigned n) -> Task<void> {
    co_await all.home.Schedule();
    Result<keys::PersonKey> key = co_await all.persons->Create(all.home);
    CLOISON_CHECK(key.ok());
    Result<Registration> work =
        all.people->Register(std::move(*key), testing::ValuesOf(*all.schema, Person(n)));
    CLOISON_CHECK(work.ok());
    auto submitted = std::make_unique<testing::RegisterWork>(std::move(*work), nullptr);
    const auto outcome = co_await all.committer->Submit(std::move(submitted), all.home);
    made += outcome.ok() ? 1 : 0;
    refused += !outcome.ok() && outcome.error().code() == Code::kConflict ? 1 : 0;
    ++ended;
    ended.notify_all();
  };
  constexpr int kParallel = 64;
  // A number for each step, so that some are decided while the generations switch.
  for (unsigned n = 1'000; build.HasWork(); ++n) {
    ASSERT_LT(n, 1'000 + kStepsMax);
    std::atomic<int> made{0}, refused{0}, ended{0};
    for (int i = 0; i < kParallel; ++i) base::Detach(one(world, made, refused, ended, n));
    (void)Step(world, build);
    (void)Step(world, build);
    for (int seen = ended; seen < kParallel; seen = ended) ended.wait(seen);
    EXPECT_EQ(made, 1) << n;
    EXPECT_EQ(refused, kParallel - 1) << n;
    EXPECT_EQ(world.Find("civil_number.nir", NirOf(n))->size(), 1u) << n;
    ExpectExact(world);
    ASSERT_FALSE(HasFailure());
  }
  ExpectFound(world);
}

// What works of one batch do to each other, in both orders.
struct OneBatch {
  explicit OneBatch(World& in)
      : world(in), staging(in.store, recent, in.store.last_version() + 1, {}) {
    world.people->generations().Begin(staging);
  }
  World& world;
  commit::RecentChanges recent;
  commit::Staging staging;
};

TEST(IndexBuild, WorksOfOneBatchAreSeen) {
  Grown world(5);
  IndexBuild build(*world.people, *world.committer);
  ASSERT_EQ(Step(world, build).what, What::kBegun);
  const auto registration = [&world] {
    auto made =
        world.people->Register(world.NewKey(), testing::ValuesOf(*world.schema, Person(77)));
    CLOISON_CHECK(made.ok());
    return std::move(*made);
  };
  Generations& generations = world.people->generations();
  {
    OneBatch batch(world);
    Registration first = registration();
    WalkWork walk(*world.people, kPeoplePerStep);
    ASSERT_TRUE(base::SyncWait(first.Load(batch.staging)).ok());
    ASSERT_TRUE(base::SyncWait(walk.Load(batch.staging)).ok());
    const std::size_t mark = batch.staging.Mark(), noted = generations.Mark();
    ASSERT_EQ(*first.Stage(batch.staging), Staged::kDone);
    EXPECT_EQ(*walk.Stage(batch.staging), Staged::kAgain) << "somebody whom it did not read";
    batch.staging.Rollback(mark);
    generations.Rollback(noted);
    EXPECT_EQ(*walk.Stage(batch.staging), Staged::kDone) << "who was not registered after all";
  }
  {
    OneBatch batch(world);
    Change change = *world.MakeChange(Everybody(world)[2], {{"contact.email", "x@example.org"}});
    WalkWork walk(*world.people, kPeoplePerStep);
    ASSERT_TRUE(base::SyncWait(change.Load(batch.staging)).ok());
    ASSERT_TRUE(base::SyncWait(walk.Load(batch.staging)).ok());
    ASSERT_EQ(*change.Stage(batch.staging), Staged::kDone);
    EXPECT_EQ(*walk.Stage(batch.staging), Staged::kAgain) << "somebody whom it read as before";
  }
  {
    OneBatch batch(world);
    Registration late = registration();
    WalkWork walk(*world.people, kPeoplePerStep);
    ASSERT_TRUE(base::SyncWait(walk.Load(batch.staging)).ok());
    ASSERT_TRUE(base::SyncWait(late.Load(batch.staging)).ok());
    ASSERT_EQ(*walk.Stage(batch.staging), Staged::kDone);
    EXPECT_EQ((*generations.In(batch.staging))->in_force.generation, 2u);
    EXPECT_EQ(*late.Stage(batch.staging), Staged::kAgain) << "its pages are others now";
  }
}

// Puts a whole chain of pages there, full of postings of nobody.
class FillWork final : public commit::Work {
 public:
  using Promise = bool;
  // `damaged`: one page, which does not open.
  FillWork(World& world, Slot slot, bool damaged) : world_(world), slot_(slot), damaged_(damaged) {}
  Task<Status> Load(commit::Staging&) override { co_return Ok(); }
  Result<Staged> Stage(commit::Staging& staging) override {
    const IndexKeys& keys = world_.people->index_keys();
    if (damaged_) {
      staging.Put(keys.PageKey(slot_.index, slot_.generation, slot_.page, 0), Bytes(kPageBytes));
      return Staged::kDone;
    }
    for (std::uint16_t j = 0; j <= kOverflowPagesMax; ++j) {
      Page page{.page_seq = 1, .more = j < kOverflowPagesMax, .postings = {}};
      page.postings.assign(kPostingsPerPage, Posting{slot_.low, PersonId(ByteArray<8>{})});
      staging.Put(keys.PageKey(slot_.index, slot_.generation, slot_.page, j),
                  keys.SealPage(slot_, j, page, world_.random));
    }
    return Staged::kDone;
  }
  Promise Take(const commit::Durable&) { return true; }

 private:
  World& world_;
  Slot slot_;
  bool damaged_;
};

void FillNext(World& world, unsigned n, bool damaged = false) {
  const Slot slot = internal::SlotOf(*StateOf(world).next, world.people->index_keys(),
                                     world.CriterionOf("civil_number.nir", NirOf(n)));
  ASSERT_TRUE(base::SyncWait(world.committer->Submit(
                                 std::make_unique<FillWork>(world, slot, damaged), world.home))
                  .ok());
}

void ExpectGivenUp(World& world) {
  EXPECT_EQ(StateOf(world).refused, kLarge);
  EXPECT_FALSE(StateOf(world).next.has_value());
  EXPECT_EQ(StateOf(world).dropped, std::vector<std::uint32_t>{2});
  Finish(world);
  EXPECT_EQ(PagesOf(world, 2), 0u);
  EXPECT_EQ(StateOf(world).in_force.generation, 1u);
  ExpectExact(world);
  world.Reopen(kLarge);
  EXPECT_FALSE(IndexBuild(*world.people, *world.committer).HasWork()) << "not tried again";
  world.Reopen(kLarger);
  Finish(world);
  EXPECT_EQ(StateOf(world).in_force.generation, 3u) << "a number is given once";
  EXPECT_EQ(StateOf(world).refused, 0u);
  ExpectExact(world);
  ExpectFound(world);
}

TEST(IndexBuild, AWalkThatFindsNoRoomIsGivenUp) {
  Grown world(10);
  IndexBuild build(*world.people, *world.committer, 4);
  ASSERT_EQ(Step(world, build).what, What::kBegun);
  FillNext(world, 3);
  BuildStep step = Step(world, build);
  for (int n = 0; n < 3 && step.what == What::kWalked; ++n) step = Step(world, build);
  EXPECT_EQ(step.what, What::kGivenUp);
  ExpectGivenUp(world);
}

// Nobody is refused for the sake of pages that are not needed yet.
TEST(IndexBuild, ARegistrationThatFindsNoRoomGivesItUp) {
  Grown world(40);
  IndexBuild build(*world.people, *world.committer, 39);
  ASSERT_EQ(Step(world, build).what, What::kBegun);
  ASSERT_EQ(Step(world, build).what, What::kWalked);
  FillNext(world, 500);
  std::optional<keys::PersonKey> key;
  while (!key.has_value() || !StateOf(world).IsBuiltFor(key->person())) key.emplace(world.NewKey());
  auto made =
      world.people->Register(std::move(*key), testing::ValuesOf(*world.schema, Person(500)));
  ASSERT_TRUE(made.ok());
  auto work = std::make_unique<testing::RegisterWork>(std::move(*made), nullptr);
  ASSERT_TRUE(base::SyncWait(world.committer->Submit(std::move(work), world.home)).ok());
  EXPECT_EQ(world.Find("civil_number.nir", NirOf(500))->size(), 1u);
  ExpectGivenUp(world);
}

// A page of the next generation that does not open holds up nobody: it is built anew.
TEST(IndexBuild, ADamagedPageBeginsItAnew) {
  for (const bool by_walk : {true, false}) {
    Grown world(40);
    IndexBuild build(*world.people, *world.committer, by_walk ? 4 : 39);
    ASSERT_EQ(Step(world, build).what, What::kBegun);
    if (by_walk) {
      for (unsigned n = 0; n < 40; ++n) FillNext(world, n, true);
      EXPECT_EQ(Step(world, build).what, What::kGivenUp);
    } else {
      ASSERT_EQ(Step(world, build).what, What::kWalked);
      FillNext(world, 500, true);
      std::optional<keys::PersonKey> key;
      while (!key.has_value() || !StateOf(world).IsBuiltFor(key->person())) {
        key.emplace(world.NewKey());
      }
      auto made =
          world.people->Register(std::move(*key), testing::ValuesOf(*world.schema, Person(500)));
      auto work = std::make_unique<testing::RegisterWork>(std::move(*made), nullptr);
      ASSERT_TRUE(base::SyncWait(world.committer->Submit(std::move(work), world.home)).ok());
      EXPECT_EQ(world.Find("civil_number.nir", NirOf(500))->size(), 1u);
    }
    EXPECT_FALSE(StateOf(world).next.has_value()) << by_walk;
    EXPECT_EQ(StateOf(world).refused, 0u);
    EXPECT_TRUE(build.HasWork());
    Finish(world);
    EXPECT_EQ(StateOf(world).in_force.generation, 3u);
    ExpectExact(world);
  }
}

TEST(IndexBuild, ARecordThatDoesNotOpenIsPassedOver) {
  Grown world(10);
  const std::vector<PersonId> all = Everybody(world);
  const NamedTexts lost = world.Read(all[5]), kept = world.Read(all[6]);
  for (const std::size_t size : {10u, 0u}) {  // one that is cut short; one that is damaged
    const PersonId& person = all[size == 0 ? 5 : 1];
    Bytes row = world.Rows(Family::kPeople)[size == 0 ? 5 : 1].row.value;
    if (size != 0) row.resize(size);
    row.back() ^= 1;
    world.Overwrite(RowKeyOf(person), row);
  }
  world.Reopen(kLarge);
  IndexBuild build(*world.people, *world.committer, 4);
  std::size_t damaged = 0, people = 0;
  for (std::size_t n = 0; build.HasWork(); ++n) {
    ASSERT_LT(n, kStepsMax);
    const BuildStep step = Step(world, build);
    damaged += step.damaged;
    people += step.people;
  }
  EXPECT_EQ(damaged, 2u);
  EXPECT_EQ(people, 8u);
  EXPECT_EQ(StateOf(world).in_force.generation, 2u);
  const auto nir = [](const NamedTexts& texts) {
    return std::ranges::find(texts, "civil_number.nir", [](const auto& one) { return one.first; })
        ->second;
  };
  EXPECT_EQ(*world.Find("civil_number.nir", nir(kept)), std::vector<PersonId>{all[6]});
  EXPECT_TRUE(world.Find("civil_number.nir", nir(lost))->empty()) << "nothing is known of it";
}

// No backup holds pages: a restore builds those of one generation, and nothing is under way then.
TEST(IndexBuild, ARestoreEndsWhatWasUnderWay) {
  const struct {
    const char* why;
    std::uint64_t wanted, restored;  // of the register; of the schema that it is restored with
    std::size_t steps;
    std::uint32_t generation;
  } rows[] = {
      {"nothing was", kSmall, kSmall, 0, 1},
      {"nothing was, but the schema is another one", kSmall, kLarge, 0, 2},
      {"begun", kLarge, kLarge, 1, 3},
      {"in the middle of the walk", kLarge, kLarge, 3, 3},
      {"the walk of a capacity that nobody wants any more", kLarge, kSmall, 3, 3},
      {"being dropped", kLarge, kLarge, 5, 3},
      {"over", kLarge, kLarge, 50, 2},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    Grown world(12, row.wanted);
    IndexBuild build(*world.people, *world.committer, 4);
    for (std::size_t n = 0; n < row.steps; ++n) (void)Step(world, build);
    store::WriteSet gone;
    gone.range_deletes.push_back({Family::kIndex, "", ""});
    ASSERT_TRUE(base::SyncWait(world.store.Commit(std::move(gone))).ok());
    world.Reopen(row.restored);
    const auto done = base::SyncWait(
        Reindex(*world.people, *world.committer, world.home, world.spill_place(), {}));
    ASSERT_TRUE(done.ok());
    EXPECT_EQ(done->people, 12u);
    EXPECT_EQ(StateOf(world).in_force, Layout::Of(*world.schema, row.generation));
    EXPECT_FALSE(StateOf(world).next.has_value());
    EXPECT_TRUE(StateOf(world).dropped.empty());
    ExpectExact(world);
    world.Reopen(row.restored);
    EXPECT_EQ(StateOf(world).in_force.generation, row.generation) << "it is written";
    EXPECT_FALSE(IndexBuild(*world.people, *world.committer).HasWork());
    ExpectFound(world);
    const auto again = base::SyncWait(
        Reindex(*world.people, *world.committer, world.home, world.spill_place(), {}));
    EXPECT_EQ(CodeOf(again), Code::kConflict) << "there are pages";
  }
}

// Old rows of the state, put back behind everybody's back.
TEST(IndexBuild, AnOldRowIsHarmlessOrNoticed) {
  Grown world(12);
  const store::Key key = Generations::RowKey();
  const auto row = [&world, &key]() -> Bytes {
    for (const store::KeyedRow& one : world.Rows(Family::kMeta)) {
      if (one.key == key.bytes) return one.row.value;
    }
    return {};
  };
  const auto check = [&world] {
    return base::SyncWait(IndexBuild(*world.people, *world.committer).CheckRow());
  };
  const auto put = [&](const Bytes& value) {
    world.Overwrite(key, value);
    world.Reopen(kLarge);
  };
  auto build = std::make_unique<IndexBuild>(*world.people, *world.committer, 4);
  const Bytes before = row();
  ASSERT_EQ(Step(world, *build).what, What::kBegun);
  EXPECT_TRUE(check().ok()) << "nobody is in the next one";
  ASSERT_EQ(Step(world, *build).what, What::kWalked);
  const Bytes walked = row();
  ASSERT_EQ(Step(world, *build).what, What::kWalked);
  EXPECT_TRUE(check().ok());
  put(before);
  EXPECT_EQ(CodeOf(check()), Code::kCorrupt) << "pages of a generation that is not begun";
  put(walked);
  EXPECT_TRUE(check().ok()) << "an earlier step of the walk: it goes that way again";
  build = std::make_unique<IndexBuild>(*world.people, *world.committer, 4);
  BuildStep step = Step(world, *build);
  while (step.what == What::kWalked) step = Step(world, *build);
  ASSERT_EQ(step.what, What::kSwitched);
  ExpectFound(world);
  const Bytes switched = row();
  Finish(world);
  put(walked);
  EXPECT_EQ(CodeOf(check()), Code::kCorrupt) << "the pages that it has in force are gone";
  put(switched);
  EXPECT_TRUE(check().ok()) << "what is dropped is dropped again";
  Finish(world);
  EXPECT_TRUE(check().ok());
  ExpectFound(world);
  Bytes damaged = row();
  damaged.back() ^= 1;
  world.Overwrite(key, damaged);
  EXPECT_EQ(CodeOf(base::SyncWait(world.people->generations().Read(world.store))), Code::kCorrupt);
}

// One call of the store fails, both ways, at each place; the process begins again and goes on.
bool RunFaulty(Call call, int nth, Fault how) {
  Grown world(7);
  world.faulty.Arm(call, nth, how);
  unsigned next = 100;
  std::size_t steps = 0;
  bool more = true, fired = false;
  while (more && steps < kStepsMax) {
    IndexBuild build(*world.people, *world.committer, 3);
    while (!world.committer->failed() && (more = build.HasWork()) && ++steps < kStepsMax) {
      const auto step = base::SyncWait(build.Next(world.home));
      if (!step.ok()) {
        EXPECT_NE(step.error().code(), Code::kCorrupt);
        continue;
      }
      (void)world.Register(Person(next++));
      const std::vector<PersonId> all = Everybody(world);
      (void)world.Update(all[steps % all.size()],
                         {{"contact.phone", "+33639981" + std::to_string(100 + steps)}});
      if (steps % 2 == 0) (void)world.Erase(all[(steps + 1) % all.size()]);
    }
    fired = fired || world.faulty.fired();
    world.faulty.Arm(Call::kRead, INT32_MAX, Fault::kNotApplied);
    world.Reopen(kLarge);
    ExpectExact(world);
    EXPECT_TRUE(base::SyncWait(IndexBuild(*world.people, *world.committer).CheckRow()).ok());
    more = IndexBuild(*world.people, *world.committer).HasWork();
  }
  EXPECT_LT(steps, kStepsMax);
  EXPECT_EQ(StateOf(world).in_force, Layout::Of(*world.schema, 2));
  EXPECT_EQ(PagesOf(world, 1), 0u);
  ExpectFound(world);
  return fired;
}

TEST(IndexBuildFaults, EachCallOfTheStoreFailsOnce) {
  for (const Call call : {Call::kRead, Call::kCommit}) {
    for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
      if (call == Call::kRead && how != Fault::kNotApplied) continue;
      int nth = 1;
      for (bool fired = true; fired && nth < 1'000; ++nth) {
        SCOPED_TRACE(std::string(call == Call::kRead ? "read " : "commit ") + std::to_string(nth) +
                     (how == Fault::kNotApplied ? "" : " applied"));
        fired = RunFaulty(call, nth, how);
        ASSERT_FALSE(HasFailure());
      }
      EXPECT_GT(nth, 20) << "few calls were met";
    }
  }
}

}  // namespace
}  // namespace cloison::records
