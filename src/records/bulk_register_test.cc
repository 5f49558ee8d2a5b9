#include "records/bulk_register.h"

#include <gtest/gtest.h>

#include <set>

#include "records/testing/world.h"
#include "tlog/tree.h"

namespace cloison::records {
namespace {

using testing::NamedTexts;
using testing::NirOf;
using testing::World;
using Taken = BulkRegister::Taken;

NamedTexts Person(unsigned n) {
  return {{"identity.birth_name", "Nom"},
          {"identity.first_name", "Prénom"},
          {"civil_number.nir", NirOf(n)},
          {"contact.phone", "+3363998" + std::to_string(1'000 + n % 3)}};
}

// The load of an empty register, after the first commit that a store has.
class BulkRegisterTest : public ::testing::Test {
 protected:
  explicit BulkRegisterTest() { world.Overwrite({store::Family::kMeta, "first"}, {1}); }
  Values ValuesOf(unsigned n) { return testing::ValuesOf(*world.schema, Person(n)); }
  Result<Taken> Add(BulkRegister& bulk, const NamedTexts& texts) {
    const auto prepared = bulk.Prepare(testing::ValuesOf(*world.schema, texts));
    CLOISON_CHECK(prepared.ok());
    return bulk.Take(*prepared);
  }
  std::uint32_t PageOf(const NamedTexts::value_type& text) {
    const Criterion criterion = world.CriterionOf(text.first, text.second);
    const Layout& layout = world.people->generations().Current()->in_force;
    return internal::SlotOf(layout, world.people->index_keys(), criterion).page;
  }
  std::size_t Spilled() {
    const auto names = world.files.List(world.directory.path());
    CLOISON_CHECK(names.ok());
    return names->size();
  }
  World world{50};
};

TEST_F(BulkRegisterTest, IsFoundAsIfRegisteredOneByOne) {
  constexpr std::size_t kPeople = 2'300;
  BulkRegister bulk(*world.people, world.spill_place());
  ASSERT_TRUE(base::SyncWait(bulk.CheckEmpty()).ok());
  std::vector<PersonId> persons;
  std::vector<Aud> auds;
  while (persons.size() < kPeople) {
    const auto prepared = bulk.Prepare(ValuesOf(static_cast<unsigned>(persons.size())));
    ASSERT_TRUE(prepared.ok());
    ASSERT_EQ(*bulk.Take(*prepared), Taken::kYes);
    persons.push_back(prepared->person);
    auds.push_back(prepared->aud);
  }
  EXPECT_GT(Spilled(), 500u) << "more than memory was to hold";
  const auto roots = bulk.Finish(base::Parallel(&world.home, 3));
  ASSERT_TRUE(roots.ok()) << roots.error().text();
  EXPECT_EQ(Spilled(), 0u);
  ASSERT_EQ(roots->size(), 3u) << "1,000, 1,000 and 300 people";
  for (std::size_t r = 0; r < roots->size(); ++r) {
    tlog::Frontier tree;
    for (std::size_t i = r * 1'000; i < std::min(kPeople, (r + 1) * 1'000); ++i) {
      ASSERT_TRUE(tree.Append(tlog::LeafHash(auds[i].bytes())).ok());
    }
    EXPECT_EQ((*roots)[r], tree.Root());
  }
  for (std::size_t n = 0; n < kPeople; n += 57) {
    const auto found = world.Find("civil_number.nir", NirOf(static_cast<unsigned>(n)));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(*found, std::vector<PersonId>{persons[n]});
    EXPECT_EQ(world.Read(persons[n]), Person(static_cast<unsigned>(n)));
  }
  EXPECT_EQ(world.Find("contact.phone", "+33639981000").error().code(), Code::kExhausted)
      << "a third of all share it";
  EXPECT_EQ(world.KeyRows(store::Family::kAud).size(), kPeople);
  const auto person = base::SyncWait(world.persons->PersonOf(auds[7]));
  ASSERT_TRUE(person.ok());
  EXPECT_EQ(*person, persons[7]);
  EXPECT_EQ(bulk.Finish({}).error().code(), Code::kInvalid) << "once";
  BulkRegister second(*world.people, world.spill_place());
  EXPECT_EQ(base::SyncWait(second.CheckEmpty()).error().code(), Code::kConflict);
}

TEST_F(BulkRegisterTest, RefusalsLeaveTheRestAlone) {
  BulkRegister bulk(*world.people, world.spill_place());
  EXPECT_EQ(*Add(bulk, Person(1)), Taken::kYes);
  EXPECT_EQ(*Add(bulk, Person(1)), Taken::kThereAlready) << "one number";
  EXPECT_EQ(bulk.Prepare({}).error().code(), Code::kInvalid) << "no name";
  EXPECT_EQ(*Add(bulk, Person(2)), Taken::kYes) << "the number was not used up";
  ASSERT_TRUE(bulk.Finish({}).ok());
  EXPECT_EQ(world.Rows(store::Family::kPeople).size(), 2u);
  EXPECT_EQ(world.KeyRows(store::Family::kPersonKeys).size(), 2u) << "nobody has keys and no row";
  EXPECT_EQ(world.KeyRows(store::Family::kAud).size(), 2u);
  EXPECT_EQ(Add(bulk, Person(3)).error().code(), Code::kInvalid) << "finished";
}

// A placeholder that thousands share fills its pages, and costs those who come then, not the load.
TEST_F(BulkRegisterTest, AFullIndexRefusesOnePerson) {
  constexpr unsigned kFull = (kOverflowPagesMax + 1) * kPostingsPerPage;  // of one page
  BulkRegister bulk(*world.people, world.spill_place());
  const auto with_phone = [](unsigned n, bool twice) {
    NamedTexts texts = Person(n);
    texts.back().second = "+33639980000";
    if (twice) texts.push_back({"contact.phone_2", "+33639980000"});
    return texts;
  };
  for (unsigned n = 0; n + 1 < kFull; ++n) ASSERT_EQ(*Add(bulk, with_phone(n, false)), Taken::kYes);
  EXPECT_EQ(*Add(bulk, with_phone(kFull, true)), Taken::kNoRoom) << "one place, two postings";
  EXPECT_EQ(*Add(bulk, with_phone(kFull, false)), Taken::kYes) << "nothing of them was taken";
  EXPECT_EQ(*Add(bulk, with_phone(kFull + 1, false)), Taken::kNoRoom);
  // A number on another page: which one a number is on, a key says that is drawn for each register.
  NamedTexts elsewhere = Person(kFull + 1);
  for (unsigned i = 1; PageOf(elsewhere.back()) == PageOf(with_phone(0, false).back()); ++i) {
    elsewhere.back().second = "+3363998" + std::to_string(1'000 + i);
  }
  EXPECT_EQ(*Add(bulk, elsewhere), Taken::kYes) << "the number was not used up";
  ASSERT_TRUE(bulk.Finish(base::Parallel(&world.home, 3)).ok());
  const auto found = world.Find("civil_number.nir", NirOf(kFull));
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->size(), 1u);
  EXPECT_EQ(world.Find("contact.phone", "+33639980000").error().code(), Code::kExhausted);
  EXPECT_EQ(*world.Find("contact.phone", elsewhere.back().second),
            *world.Find("civil_number.nir", NirOf(kFull + 1)));
}

// A name so common that its key's pages are full: nobody is refused for it.
TEST_F(BulkRegisterTest, AFullSearchIndexRefusesNobody) {
  constexpr unsigned kPeople = (kOverflowPagesMax + 1) * kPostingsPerPage + 90;
  BulkRegister bulk(*world.people, world.spill_place());
  for (unsigned n = 0; n < kPeople; ++n) {
    NamedTexts texts = Person(n);
    texts.pop_back();
    texts.push_back({"identity.birth_date", "1980-02-03"});
    ASSERT_EQ(*Add(bulk, texts), Taken::kYes) << n;
  }
  ASSERT_TRUE(bulk.Finish(base::Parallel(&world.home, 3)).ok());
  EXPECT_EQ(world.Find("civil_number.nir", NirOf(kPeople - 1))->size(), 1u);
}

// A generator that gives one id twice: never two people under one key.
TEST_F(BulkRegisterTest, OneIdForTwoEndsTheLoad) {
  BulkRegister bulk(*world.people, world.spill_place());
  auto first = bulk.Prepare(ValuesOf(1)), second = bulk.Prepare(ValuesOf(2));
  ASSERT_TRUE(first.ok() && second.ok());
  second->wk.key = first->wk.key;
  ASSERT_EQ(*bulk.Take(*first), Taken::kYes);
  ASSERT_EQ(*bulk.Take(*second), Taken::kYes);
  EXPECT_EQ(bulk.Finish({}).error().code(), Code::kUnavailable);
}

// The rows of keys that were drafted under an epoch would come after its re-wrap has passed.
TEST_F(BulkRegisterTest, TheEndOfAnEpochEndsTheLoad) {
  BulkRegister bulk(*world.people, world.spill_place());
  ASSERT_EQ(*Add(bulk, Person(1)), Taken::kYes);
  ASSERT_TRUE(base::SyncWait(world.ring->BeginEpoch()).ok());
  EXPECT_EQ(Add(bulk, Person(2)).error().code(), Code::kUnavailable);
  EXPECT_EQ(bulk.Finish({}).error().code(), Code::kUnavailable);
  EXPECT_TRUE(world.KeyRows(store::Family::kPersonKeys).empty());
}

// Runs `then` before the first job that it is given, and each job at once, on the caller.
class FirstThen final : public base::Executor {
 public:
  explicit FirstThen(std::function<void()> then) : then_(std::move(then)) {}
  void Post(std::function<void()> job) override {
    if (then_ != nullptr) std::exchange(then_, nullptr)();
    job();
  }

 private:
  std::function<void()> then_;
};

// One that ends while keys are written: no row comes after them, and nobody is named by them.
TEST_F(BulkRegisterTest, TheEndOfAnEpochWhileKeysAreWrittenEndsTheLoad) {
  BulkRegister bulk(*world.people, world.spill_place());
  for (unsigned n = 0; n < 300; ++n) ASSERT_EQ(*Add(bulk, Person(n)), Taken::kYes);
  FirstThen ends([this] { ASSERT_TRUE(base::SyncWait(world.ring->BeginEpoch()).ok()); });
  EXPECT_EQ(bulk.Finish(base::Parallel(&ends, 1)).error().code(), Code::kUnavailable);
  EXPECT_FALSE(world.KeyRows(store::Family::kPersonKeys).empty());
  EXPECT_TRUE(world.Rows(store::Family::kPeople).empty());
  EXPECT_TRUE(world.Rows(store::Family::kIndex).empty());
}

// What was put aside lies as a crash would leave it: nothing of it says who is whom, nor in which
// order they came.
TEST_F(BulkRegisterTest, WhatIsPutAsideSaysNothing) {
  BulkRegister bulk(*world.people, world.spill_place());
  std::vector<BulkRegister::Prepared> people;
  for (unsigned n = 0; n < 1'500; ++n) {
    auto prepared = bulk.Prepare(ValuesOf(n));
    ASSERT_TRUE(prepared.ok());
    ASSERT_EQ(*bulk.Take(*prepared), Taken::kYes);
    people.push_back(std::move(*prepared));
  }
  std::set<std::string> families;
  const auto names = world.files.List(world.directory.path());
  ASSERT_TRUE(names.ok());
  for (const std::string& name : *names) {
    const std::string path = world.directory.path() + "/" + name;
    EXPECT_EQ(world.files.Stat(path)->mode, 0600u);
    const auto content = world.files.Read(path);
    ASSERT_TRUE(content.ok());
    families.insert(name.substr(0, name.rfind('-')));
    for (const BulkRegister::Prepared& one : people) {
      for (const ByteView part : {one.person.bytes(), one.aud.bytes(), ByteView(one.row).first(64),
                                  ByteView(one.wk.value).last(32)}) {
        ASSERT_EQ(AsText(*content).find(AsText(part)), std::string_view::npos) << name;
      }
    }
  }
  EXPECT_EQ(families, (std::set<std::string>{"load-aud", "load-people", "load-person_keys",
                                             "load-postings"}));
  ASSERT_TRUE(bulk.Finish({}).ok());
  EXPECT_EQ(Spilled(), 0u);
}

TEST_F(BulkRegisterTest, OfNobody) {
  BulkRegister bulk(*world.people, world.spill_place());
  const auto roots = bulk.Finish({});
  ASSERT_TRUE(roots.ok());
  EXPECT_TRUE(roots->empty());
}

}  // namespace
}  // namespace cloison::records
