#include "records/people.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/testing/seeded_random.h"
#include "records/testing/world.h"

namespace cloison::records {
namespace {

using testing::NamedTexts;
using testing::NirOf;
using testing::World;

const NamedTexts kJeanne = {
    {"identity.birth_name", "Lefèvre"},      {"identity.first_name", "Jeanne"},
    {"civil_number.nir", "255017500100178"}, {"contact.phone", "+33639981234"},
    {"contact.email", "jeanne@example.org"}, {"agency.identifier", "1234567A"}};

NamedTexts Person(unsigned n) {
  return {{"identity.birth_name", "Nom"},
          {"identity.first_name", "Prénom"},
          {"civil_number.nir", NirOf(n)},
          {"contact.email", "person" + std::to_string(n) + "@example.org"}};
}
NamedTexts Jeanne() {
  NamedTexts texts = kJeanne;
  texts[2].second = NirOf(0);
  return texts;
}

std::optional<Code> CodeOf(const auto& result) {
  return result.ok() ? std::nullopt : std::optional<Code>(result.error().code());
}

// Who is in the slot of a value, found or not.
std::vector<PersonId> InSlot(World& world, const std::string& name, const std::string& text) {
  commit::RecentChanges recent;
  commit::Staging staging(world.store, recent, world.store.last_version() + 1, {});
  const IndexKeys& keys = world.people->index_keys();
  const Slot slot = internal::SlotOf(world.people->generations().Current()->in_force, keys,
                                     world.CriterionOf(name, text));
  CLOISON_CHECK(base::SyncWait(internal::LoadChain(keys, staging, slot)).ok());
  const auto people = internal::PeopleIn(keys, staging, slot);
  CLOISON_CHECK(people.ok() && people->has_value());
  return **people;
}

TEST(Registration, IsReadAndFoundByEveryIndex) {
  World world;
  const Result<PersonId> person = world.Register(Jeanne());
  ASSERT_TRUE(person.ok());
  EXPECT_EQ(world.Read(*person), Jeanne());
  for (const auto& [name, text] : Jeanne()) {
    if (world.schema->Find(name)->index == 0) continue;
    SCOPED_TRACE(name);
    const auto found = world.Find(name, text);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(*found, std::vector<PersonId>{*person});
  }
  EXPECT_TRUE(world.Find("contact.email", "jeann@example.org")->empty());
  EXPECT_TRUE(world.Find("contact.phone", "+33639981235")->empty());
}

TEST(Registration, NeedsWhatTheSchemaRequiresAndNoMore) {
  World world;
  const struct {
    const char* why;
    NamedTexts texts;
    std::optional<Code> error;
  } rows[] = {
      {"nothing", {}, Code::kInvalid},
      {"no first name", {{"identity.birth_name", "A"}}, Code::kInvalid},
      {"no birth name", {{"identity.first_name", "A"}}, Code::kInvalid},
      {"all but a name", {{"civil_number.nir", NirOf(1)}}, Code::kInvalid},
      {"an account alone",
       {{"identity.birth_name", "A"},
        {"identity.first_name", "B"},
        {"contact.email", "ab@example.org"},
        {"status.registration", "account_only"}},
       {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(CodeOf(world.Register(row.texts)), row.error);
  }
}

TEST(Registration, UniqueValuesAreOnePersonsOnly) {
  World world;
  const PersonId first = *world.Register(Jeanne());
  const struct {
    const char* why;
    NamedTexts texts;
    std::optional<Code> error;
  } rows[] = {
      {"the same number", {{"civil_number.nir", NirOf(0)}}, Code::kConflict},
      {"the same identifier", {{"agency.identifier", "1234567a"}}, Code::kConflict},
      {"a shared phone is nobody's alone", {{"contact.phone", "+33639981234"}}, {}},
      {"nor an e-mail", {{"contact.email", "jeanne@example.org"}}, {}},
      {"another number", {{"civil_number.nir", NirOf(1)}}, {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    NamedTexts texts = {{"identity.birth_name", "Autre"}, {"identity.first_name", "Une"}};
    texts.insert(texts.end(), row.texts.begin(), row.texts.end());
    std::optional<PersonId> existing;
    EXPECT_EQ(CodeOf(world.Register(texts, &existing)), row.error);
    EXPECT_EQ(existing, row.error ? std::optional<PersonId>(first) : std::nullopt);
  }
  EXPECT_EQ(world.Find("contact.phone", "+33639981234")->size(), 2u);
  EXPECT_EQ(world.Find("contact.phone", "+33639981234", 1)->size(), 1u) << "the limit";
  EXPECT_EQ(world.Rows(store::Family::kPeople).size(), 4u);
}

TEST(Updating, MovesPostingsAndSeq) {
  World world;
  const PersonId person = *world.Register(Jeanne());
  const auto seq = world.Update(
      person, {{"contact.phone", "+33639980000"}, {"contact.email", ""}, {"identity.sex", "F"}});
  ASSERT_TRUE(seq.ok());
  EXPECT_EQ(*seq, 2u);
  EXPECT_TRUE(world.Find("contact.phone", "+33639981234")->empty());
  EXPECT_TRUE(world.Find("contact.email", "jeanne@example.org")->empty());
  EXPECT_TRUE(InSlot(world, "contact.phone", "+33639981234").empty());
  EXPECT_TRUE(InSlot(world, "contact.email", "jeanne@example.org").empty());
  EXPECT_EQ(world.Find("contact.phone", "+33639980000")->size(), 1u);
  EXPECT_EQ(world.Find("civil_number.nir", NirOf(0))->size(), 1u);
  const NamedTexts now = world.Read(person);
  EXPECT_EQ(now[2], (std::pair<std::string, std::string>("identity.sex", "F")));
  EXPECT_EQ(now.size(), Jeanne().size());
}

TEST(Updating, Refusals) {
  World world;
  const PersonId person = *world.Register(Jeanne());
  const PersonId other = *world.Register(Person(5));
  const struct {
    const char* why;
    NamedTexts changes;
    std::optional<Code> error;
  } rows[] = {
      {"nothing named", {}, Code::kInvalid},
      {"nothing differs", {{"contact.phone", "+33639981234"}}, Code::kInvalid},
      {"an absent one emptied", {{"identity.sex", ""}}, Code::kInvalid},
      {"a required one emptied", {{"identity.first_name", ""}}, Code::kInvalid},
      {"a field twice", {{"identity.sex", "F"}, {"identity.sex", "M"}}, Code::kInvalid},
      {"somebody's number", {{"civil_number.nir", NirOf(5)}}, Code::kConflict},
      {"one's own number and more", {{"civil_number.nir", NirOf(0)}, {"identity.sex", "F"}}, {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(CodeOf(world.Update(person, row.changes)), row.error);
  }
  std::vector<FieldChange> unknown;
  unknown.push_back(FieldChange{FieldId(0x7777), std::nullopt});
  EXPECT_EQ(CodeOf(Editor(*world.people)
                       .Update(World::Must(world.people->Sight(other)), std::move(unknown))),
            Code::kInvalid);
}

TEST(Updating, OfAnOldSightingIsAConflict) {
  World world;
  const PersonId person = *world.Register(Jeanne());
  Result<Change> slow = world.MakeChange(person, {{"identity.sex", "F"}});
  ASSERT_TRUE(world.Update(person, {{"identity.sex", "M"}}).ok());
  EXPECT_EQ(CodeOf(world.Submit(std::move(*slow))), Code::kConflict);
  Result<Change> late = world.MakeChange(person, {{"identity.sex", "X"}});
  ASSERT_TRUE(world.Erase(person).ok());
  EXPECT_EQ(CodeOf(world.Submit(std::move(*late))), Code::kConflict);
  EXPECT_TRUE(world.Rows(store::Family::kPeople).empty());
}

// A small register where somebody with another number shares the slot of NirOf(0).
struct SharedSlot {
  World world{1};
  unsigned number = 0;
  PersonId sharer = Fill();

  PersonId Fill() {
    std::vector<PersonId> there;
    while (there.empty()) {
      CLOISON_CHECK(world.Register(Person(++number)).ok());
      there = InSlot(world, "civil_number.nir", NirOf(0));
    }
    return there.front();
  }
  Registration Newcomer(bool ahead) {
    Result<Registration> made =
        world.people->Register(world.NewKey(), testing::ValuesOf(*world.schema, Person(0)));
    CLOISON_CHECK(made.ok());
    if (ahead) base::SyncWait(LoadAhead(*made));
    return std::move(*made);
  }
  static Task<int> LoadAhead(Registration& registration) {
    co_await registration.LoadAhead();
    co_return 0;
  }
};

TEST(LoadedAhead, NobodyIsLookedAtTwice) {
  SharedSlot shared;
  World& world = shared.world;
  Registration ahead = shared.Newcomer(true), plain = shared.Newcomer(false);
  world.Overwrite(RowKeyOf(shared.sharer), Bytes(3, 1));  // whoever looks now gets kCorrupt
  commit::RecentChanges recent;
  commit::Staging of_plain(world.faulty, recent, world.store.last_version() + 1, {});
  EXPECT_EQ(CodeOf(base::SyncWait(plain.Load(of_plain))), Code::kCorrupt);
  commit::Staging staging(world.faulty, recent, world.store.last_version() + 1, {});
  const std::size_t pages = world.faulty.AskedOf(store::Family::kIndex);
  EXPECT_EQ(CodeOf(base::SyncWait(ahead.Load(staging))), std::nullopt);
  EXPECT_EQ(world.faulty.AskedOf(store::Family::kIndex), pages);
  EXPECT_EQ(*ahead.Stage(staging), commit::Staged::kDone);
}

TEST(LoadedAhead, WhatCameInBetweenCounts) {
  const struct {
    const char* why;
    void (*meanwhile)(SharedSlot&);
    std::optional<Code> error;
  } rows[] = {
      {"nothing", [](SharedSlot&) {}, {}},
      {"the sharer took the number",
       [](SharedSlot& shared) {
         ASSERT_TRUE(shared.world.Update(shared.sharer, {{"civil_number.nir", NirOf(0)}}).ok());
       },
       Code::kConflict},
      {"another newcomer took it",
       [](SharedSlot& shared) { ASSERT_TRUE(shared.world.Register(Person(0)).ok()); },
       Code::kConflict},
      {"the sharer went",
       [](SharedSlot& shared) { ASSERT_TRUE(shared.world.Erase(shared.sharer).ok()); },
       {}},
      {"another field of the sharer changed",
       [](SharedSlot& shared) {
         ASSERT_TRUE(shared.world.Update(shared.sharer, {{"identity.sex", "F"}}).ok());
       },
       {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    SharedSlot shared;
    Registration newcomer = shared.Newcomer(true);
    row.meanwhile(shared);
    auto work = std::make_unique<testing::RegisterWork>(std::move(newcomer), nullptr);
    World& world = shared.world;
    EXPECT_EQ(CodeOf(base::SyncWait(world.committer->Submit(std::move(work), world.home))),
              row.error);
  }
}

// Works of one batch see the ones before them, and never decide on what those made stale.
TEST(Batch, EarlierWorksAreSeen) {
  using commit::Staged;
  World world;
  const PersonId person = *world.Register(Jeanne());
  const auto staged_after_change = [&](const NamedTexts& changes, const NamedTexts& registered) {
    commit::RecentChanges recent;
    commit::Staging staging(world.store, recent, world.store.last_version() + 1, {});
    Result<Change> change = world.MakeChange(person, changes);
    Result<Registration> registration =
        world.people->Register(world.NewKey(), testing::ValuesOf(*world.schema, registered));
    CLOISON_CHECK(change.ok() && registration.ok());
    CLOISON_CHECK(base::SyncWait(change->Load(staging)).ok());
    CLOISON_CHECK(base::SyncWait(registration->Load(staging)).ok());
    CLOISON_CHECK(*change->Stage(staging) == Staged::kDone);
    return registration->Stage(staging);
  };
  const NamedTexts to_nine = {{"civil_number.nir", NirOf(9)}};
  EXPECT_EQ(*staged_after_change(to_nine, Person(0)), Staged::kAgain) << "the value became free";
  EXPECT_EQ(*staged_after_change(to_nine, Person(9)), Staged::kAgain) << "the value was taken";
  EXPECT_EQ(*staged_after_change(to_nine, Person(5)), Staged::kDone) << "another value";
  const NamedTexts sex = {{"identity.sex", "F"}};
  EXPECT_EQ(*staged_after_change(sex, Person(0)), Staged::kAgain) << "its owner's row changed";
}

TEST(Batch, SecondChangeOfOneRecordIsAConflict) {
  World world;
  const PersonId person = *world.Register(Jeanne());
  commit::RecentChanges recent;
  commit::Staging staging(world.store, recent, world.store.last_version() + 1, {});
  Result<Change> first = world.MakeChange(person, {{"identity.sex", "F"}});
  Result<Change> second = world.MakeChange(person, {{"identity.sex", "M"}});
  ASSERT_TRUE(base::SyncWait(first->Load(staging)).ok());
  ASSERT_TRUE(base::SyncWait(second->Load(staging)).ok());
  EXPECT_EQ(*first->Stage(staging), commit::Staged::kDone);
  EXPECT_EQ(CodeOf(second->Stage(staging)), Code::kConflict);
}

TEST(Updating, FreesAUniqueValue) {
  World world;
  const PersonId first = *world.Register(Jeanne());
  ASSERT_TRUE(world.Update(first, {{"civil_number.nir", NirOf(9)}}).ok());
  EXPECT_TRUE(world.Register(Person(0)).ok());
  EXPECT_EQ(CodeOf(world.Register(Person(9))), Code::kConflict);
}

TEST(Updating, TwoPhonesSwappedStayFound) {
  World world;
  NamedTexts texts = Jeanne();
  texts.emplace_back("contact.phone_2", "+33639985678");
  const PersonId person = *world.Register(texts);
  ASSERT_TRUE(
      world.Update(person, {{"contact.phone", "+33639985678"}, {"contact.phone_2", "+33639981234"}})
          .ok());
  EXPECT_EQ(world.Find("contact.phone", "+33639981234")->size(), 1u);
  EXPECT_EQ(world.Find("contact.phone", "+33639985678")->size(), 1u);
  ASSERT_TRUE(world.Update(person, {{"contact.phone_2", ""}}).ok());
  EXPECT_TRUE(world.Find("contact.phone", "+33639981234")->empty());
}

TEST(Erasing, LeavesNoWayBack) {
  World world;
  const PersonId person = *world.Register(Jeanne());
  const PersonId other = *world.Register(Person(5));
  ASSERT_TRUE(world.Erase(person).ok());
  EXPECT_EQ(CodeOf(base::SyncWait(world.people->Sight(person))), Code::kNotFound);
  for (const auto& [name, text] : Jeanne()) {
    if (world.schema->Find(name)->index == 0) continue;
    EXPECT_TRUE(world.Find(name, text)->empty()) << name;
    EXPECT_TRUE(InSlot(world, name, text).empty()) << name;
  }
  EXPECT_EQ(world.Rows(store::Family::kPeople).size(), 1u);
  EXPECT_EQ(world.Read(other), Person(5));
  EXPECT_TRUE(world.Register(Jeanne()).ok()) << "the number is free again";
}

TEST(Sightings, OfNobodyAndOfManyInOrder) {
  World world;
  const PersonId a = *world.Register(Person(1));
  const PersonId b = *world.Register(Person(2));
  const PersonId nobody(ByteArray<8>{});
  std::vector<PersonId> asked = {b, nobody, a};
  const auto seen = World::Must(world.people->SightMany(asked));
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_TRUE(seen[0]->key.person() == b);
  EXPECT_EQ(CodeOf(seen[1]), Code::kNotFound);
  EXPECT_TRUE(seen[2]->key.person() == a);
  EXPECT_EQ(seen[2]->header.seq, 1u);
  std::vector<PersonId> many(store::kMultiGetKeysMax + 1, a);
  EXPECT_EQ(CodeOf(base::SyncWait(world.people->SightMany(many))), Code::kExhausted);
  EXPECT_TRUE(World::Must(world.people->SightMany({})).empty());
}

TEST(Damage, IsRefusedNotGuessed) {
  World world;
  const PersonId person = *world.Register(Jeanne());
  const store::KeyedRow row = world.Rows(store::Family::kPeople).front();
  Bytes damaged = row.row.value;
  damaged.back() ^= 1;
  world.Overwrite(RowKeyOf(person), damaged);
  EXPECT_EQ(CodeOf(world.Find("civil_number.nir", NirOf(0))), Code::kCorrupt);
  EXPECT_EQ(CodeOf(world.Update(person, {{"identity.sex", "F"}})), Code::kCorrupt);
  world.Overwrite(RowKeyOf(person), Bytes(3, 1));
  EXPECT_EQ(CodeOf(base::SyncWait(world.people->Sight(person))), Code::kCorrupt);
}

TEST(Damage, OfAPageIsRefused) {
  World world;
  ASSERT_TRUE(world.Register(Jeanne()).ok());
  for (const store::KeyedRow& row : world.Rows(store::Family::kIndex)) {
    Bytes damaged = row.row.value;
    damaged[100] ^= 1;
    world.Overwrite({store::Family::kIndex, row.key}, damaged);
  }
  EXPECT_EQ(CodeOf(world.Find("civil_number.nir", NirOf(0))), Code::kCorrupt);
}

// A small register that takes far more than its capacity: pages overflow, and everybody is found.
TEST(Postings, OverflowKeepsEverybodyFound) {
  World world(1);  // 16 pages of 108
  constexpr unsigned kPeople = 2'500;
  std::map<unsigned, PersonId> all;
  for (unsigned n = 0; n < kPeople; ++n) {
    const Result<PersonId> person = world.Register(Person(n));
    ASSERT_TRUE(person.ok()) << n;
    all.emplace(n, *person);
  }
  EXPECT_GT(world.Rows(store::Family::kIndex).size(), 34u) << "16 pages of two indexes, and more";
  for (const unsigned n : {0u, 1u, 777u, 1'900u, kPeople - 1}) {
    EXPECT_EQ(*world.Find("civil_number.nir", NirOf(n)), std::vector<PersonId>{all.at(n)});
    EXPECT_EQ(CodeOf(world.Register(Person(n))), Code::kConflict);
  }
  for (const unsigned n : {0u, 777u, kPeople - 1}) {
    ASSERT_TRUE(world.Erase(all.at(n)).ok());
    EXPECT_TRUE(world.Find("civil_number.nir", NirOf(n))->empty());
    EXPECT_TRUE(world.Register(Person(n)).ok()) << "its place is free again";
  }
}

// One page as a multiset: what was put and not taken is there, whatever overflows.
TEST(Postings, AgainstAModel) {
  World world;
  base::testing::SeededRandom random(7);
  store::MemoryStore empty;
  commit::RecentChanges recent;
  commit::Staging staging(empty, recent, 1, {});
  const Slot page{kNirIndex, 1, 3, 0};
  std::vector<Slot> slots(16, page);
  for (std::uint8_t low = 0; low < 16; ++low) slots[low].low = low;
  const IndexKeys& keys = world.people->index_keys();
  ASSERT_TRUE(base::SyncWait(internal::LoadChain(keys, staging, page)).ok());
  std::multiset<Posting> model;
  for (int step = 0; step < 3'000; ++step) {
    const Slot& slot = slots[random.Below(16)];
    ByteArray<8> id{};
    id[7] = static_cast<std::uint8_t>(random.Below(40));
    const Posting posting{slot.low, PersonId(id)};
    const bool add = random.Below(5) < (step < 2'000 ? 4u : 1u);
    const auto staged = add ? internal::AddPosting(keys, random, staging, slot, posting.person)
                            : internal::RemovePosting(keys, random, staging, slot, posting.person);
    ASSERT_TRUE(staged.ok() && *staged == commit::Staged::kDone);
    if (add) {
      model.insert(posting);
    } else if (const auto found = model.find(posting); found != model.end()) {
      model.erase(found);
    }
    if (step % 100 != 0) continue;
    for (const Slot& one : slots) {
      std::set<PersonId> want;
      for (const Posting& there : model) {
        if (there.low == one.low) want.insert(there.person);
      }
      const auto got = internal::PeopleIn(keys, staging, one);
      ASSERT_TRUE(got.ok() && got->has_value());
      ASSERT_EQ(**got, std::vector<PersonId>(want.begin(), want.end()));
    }
  }
}

TEST(Postings, AChainHasAnEnd) {
  World world;
  base::testing::SeededRandom random(7);
  store::MemoryStore empty;
  commit::RecentChanges recent;
  commit::Staging staging(empty, recent, 1, {});
  const Slot slot{kNirIndex, 1, 3, 5};
  const IndexKeys& keys = world.people->index_keys();
  ASSERT_TRUE(base::SyncWait(internal::LoadChain(keys, staging, slot)).ok());
  const std::size_t room = kPostingsPerPage * (kOverflowPagesMax + 1u);
  for (std::size_t n = 0; n < room; ++n) {
    const PersonId person(base::BigU64(n));
    ASSERT_TRUE(internal::AddPosting(keys, random, staging, slot, person).ok()) << n;
  }
  const PersonId last(base::BigU64(room));
  EXPECT_EQ(CodeOf(internal::AddPosting(keys, random, staging, slot, last)), Code::kExhausted);
}

TEST(Matching, TooManyInOneSlotIsRefused) {
  World world;
  NamedTexts texts = {{"identity.birth_name", "A"},
                      {"identity.first_name", "B"},
                      {"contact.email", "all@example.org"}};
  const auto found = [&world] { return world.Find("contact.email", "all@example.org", 1'000); };
  for (std::size_t n = 0; n < kSlotPostingsMax; ++n) ASSERT_TRUE(world.Register(texts).ok());
  EXPECT_EQ(found()->size(), kSlotPostingsMax);
  ASSERT_TRUE(world.Register(texts).ok()) << "a shared value stays registrable";
  EXPECT_EQ(CodeOf(found()), Code::kExhausted);
}

TEST(Matching, EqualsLooksAtItsIndexAlone) {
  World world;
  const PersonId person = *world.Register(Jeanne());
  const Sighting sighting = World::Must(world.people->Sight(person));
  const Matcher matcher(*world.people);
  EXPECT_TRUE(*matcher.Equals(sighting, world.CriterionOf("contact.phone", "0639981234")));
  EXPECT_TRUE(*matcher.Equals(sighting, world.CriterionOf("contact.phone_2", "0639981234")))
      << "either phone";
  EXPECT_FALSE(*matcher.Equals(sighting, world.CriterionOf("contact.phone", "0639981235")));
  Criterion other = world.CriterionOf("contact.phone", "0639981234");
  other.index = kEmailIndex;
  EXPECT_FALSE(*matcher.Equals(sighting, other));
  EXPECT_FALSE(*matcher.Equals(sighting, Criterion{99, testing::Secretly("x")}));
}

// The raw rows of the store: no value of 8 bytes or more, and no two rows alike.
TEST(Store, ShowsNoValue) {
  World world;
  for (unsigned n = 0; n < 50; ++n) ASSERT_TRUE(world.Register(Person(n)).ok());
  std::string raw;
  for (const auto family : {store::Family::kPeople, store::Family::kIndex}) {
    for (const store::KeyedRow& row : world.Rows(family)) {
      raw += row.key;
      raw += AsText(row.row.value);
    }
  }
  for (unsigned n = 0; n < 50; ++n) {
    EXPECT_EQ(raw.find(NirOf(n).substr(0, 8)), std::string::npos);
    EXPECT_EQ(raw.find("person" + std::to_string(n) + "@"), std::string::npos);
  }
  std::set<std::size_t> sizes;
  for (const store::KeyedRow& row : world.Rows(store::Family::kPeople)) {
    sizes.insert(row.row.value.size());
  }
  EXPECT_EQ(sizes.size(), 1u) << "rows of like people are of one size";
}

}  // namespace
}  // namespace cloison::records
