// The index pages of a world, whole, against what its rows must be posted under: each posting once,
// none that is too much, none that is missing.
#ifndef CLOISON_RECORDS_TESTING_PAGES_H_
#define CLOISON_RECORDS_TESTING_PAGES_H_

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "records/testing/world.h"

namespace cloison::records::testing {

using PagePosting = std::tuple<std::uint32_t, std::uint16_t, std::uint32_t, Posting>;
inline PagePosting PostingAt(const Slot& slot, const PersonId& person) {
  return {slot.generation, slot.index, slot.page, Posting{slot.low, person}};
}

// Those that the rows ask for: of the generation in force everybody's, of the next one's those of
// whoever is in it.
inline std::multiset<PagePosting> WantedPostings(World& world) {
  std::multiset<PagePosting> wanted;
  const auto state = world.people->generations().Current();
  for (const store::KeyedRow& row : world.Rows(store::Family::kPeople)) {
    const PersonId person = *PersonId::FromBytes(AsBytes(row.key));
    const Sighting sighting = World::Must(world.people->Sight(person));
    const auto values = internal::OpenWholeRow(*world.schema, sighting.key, sighting.row);
    CLOISON_CHECK(values.ok());
    const auto posted = internal::AllPostedOf(*world.schema, *values);
    CLOISON_CHECK(posted.ok());
    for (const internal::Posted& one : *posted) {
      const IndexKeys& keys = world.people->index_keys();
      wanted.insert(PostingAt(internal::SlotOf(state->in_force, keys, one.criterion), person));
      if (!state->IsBuiltFor(person)) continue;
      wanted.insert(PostingAt(internal::SlotOf(*state->next, keys, one.criterion), person));
    }
  }
  return wanted;
}

// Those of all pages but the ones that are to be dropped; every page is of a chain.
inline std::multiset<PagePosting> StoredPostings(World& world) {
  std::multiset<PagePosting> stored;
  const auto state = world.people->generations().Current();
  std::map<std::string, Bytes> pages;
  for (const store::KeyedRow& row : world.Rows(store::Family::kIndex)) {
    base::Reader reader(AsBytes(row.key));
    (void)reader.U16();
    const std::uint32_t generation = reader.U32();
    EXPECT_TRUE(state->Knows(generation)) << generation;
    if (!state->IsDropped(generation)) pages.emplace(row.key, row.row.value);
  }
  std::size_t reached = 0;
  for (const auto& [key, value] : pages) {
    constexpr std::size_t kFirstPageKeyBytes = 10;
    if (key.size() != kFirstPageKeyBytes) continue;
    base::Reader reader(AsBytes(key));
    Slot slot{reader.U16(), reader.U32(), reader.U32(), 0};
    bool more = true;
    for (std::uint16_t overflow = 0; more; ++overflow) {
      const IndexKeys& keys = world.people->index_keys();
      const auto found =
          pages.find(keys.PageKey(slot.index, slot.generation, slot.page, overflow).bytes);
      CLOISON_CHECK(found != pages.end());
      const Result<Page> page = keys.OpenPage(slot, overflow, found->second);
      CLOISON_CHECK(page.ok());
      ++reached;
      more = page->more;
      for (const Posting& posting : page->postings) {
        slot.low = posting.low;
        stored.insert(PostingAt(slot, posting.person));
      }
    }
  }
  EXPECT_EQ(reached, pages.size()) << "a page that no chain leads to";
  return stored;
}

inline void ExpectExact(World& world) {
  const std::multiset<PagePosting> wanted = WantedPostings(world), stored = StoredPostings(world);
  EXPECT_EQ(stored.size(), wanted.size());
  EXPECT_TRUE(stored == wanted) << "a posting is missing, or one is too much";
}

// Everybody is found by each of their values, and nobody else is but who has it too.
inline void ExpectFound(World& world) {
  std::map<std::pair<std::string, std::string>, std::set<PersonId>> owners;
  for (const store::KeyedRow& row : world.Rows(store::Family::kPeople)) {
    const PersonId person = *PersonId::FromBytes(AsBytes(row.key));
    for (const auto& [name, text] : world.Read(person)) {
      if (world.schema->Find(name)->index != 0) owners[{name, text}].insert(person);
    }
  }
  for (const auto& [value, people] : owners) {
    const auto found = world.Find(value.first, value.second);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(std::set<PersonId>(found->begin(), found->end()), people) << value.first;
  }
}

}  // namespace cloison::records::testing

#endif  // CLOISON_RECORDS_TESTING_PAGES_H_
