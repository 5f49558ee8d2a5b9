#include "records/internal/postings.h"

#include <algorithm>
#include <iterator>

#include "records/people.h"
#include "records/search.h"

namespace cloison::records::internal {
namespace {

using commit::Staged;
using commit::Staging;

// Page `overflow` of the slot's chain. Nothing: not loaded. An absent first page is an empty one.
Result<std::optional<Page>> ReadPage(const IndexKeys& keys, const Staging& staging,
                                     const Slot& slot, std::uint16_t overflow) {
  const store::Key key = keys.PageKey(slot.index, slot.generation, slot.page, overflow);
  if (!staging.Has(key)) return std::optional<Page>();
  const store::Row& row = staging.Get(key);
  if (!row.present()) {
    if (overflow != 0) return Error{Code::kCorrupt, "an overflow page is missing"};
    return std::optional<Page>(Page{});
  }
  CLOISON_TRY_ASSIGN(Page page, keys.OpenPage(slot, overflow, row.value));
  return std::optional<Page>(std::move(page));
}

// One chain being changed.
struct Writer {
  const IndexKeys& keys;
  base::Random& random;
  Staging& staging;
  const Slot& slot;

  void Put(std::uint16_t overflow, Page& page) {
    ++page.page_seq;
    staging.Put(keys.PageKey(slot.index, slot.generation, slot.page, overflow),
                keys.SealPage(slot, overflow, page, random));
  }
};

}  // namespace

Slot SlotOf(const Layout& layout, const IndexKeys& keys, const Criterion& criterion) {
  // Of no index there are no pages: nobody is found.
  const bool known = std::ranges::find(kIndexes, criterion.index) != std::end(kIndexes);
  const std::uint8_t bits = known ? layout.BitsOf(criterion.index) : kPageBitsMin;
  return keys.SlotOf(criterion.index, layout.generation, bits, criterion.canonical.Reveal());
}

std::optional<Posted> PostedOf(const Schema& schema, FieldId id, ByteView stored) {
  const FieldSpec* field = schema.Find(id);
  CLOISON_CHECK(field != nullptr);
  if (field->index == 0) return std::nullopt;
  return Posted{field->unique, Criterion{field->index, schema.IndexForm(*field, stored)}};
}

Result<std::vector<Posted>> SearchPostedOf(const Schema& schema, const Values& values) {
  std::vector<Posted> posted;
  if (!schema.has_search()) return posted;
  CLOISON_TRY_ASSIGN(const SearchForms forms, SearchForms::Of(schema, values));
  for (Criterion& criterion : SearchKeys(forms)) {
    posted.push_back({false, std::move(criterion)});
  }
  return posted;
}

Result<std::vector<Posted>> AllPostedOf(const Schema& schema, const Values& values) {
  std::vector<Posted> posted;
  for (const Value& value : values) {
    std::optional<Posted> one = PostedOf(schema, value.field, value.text.Reveal());
    if (one.has_value()) posted.push_back(std::move(*one));
  }
  CLOISON_TRY_ASSIGN(std::vector<Posted> searched, SearchPostedOf(schema, values));
  std::move(searched.begin(), searched.end(), std::back_inserter(posted));
  return posted;
}

Status CheckRequired(const Schema& schema, const Values& values) {
  for (const FieldSpec& field : schema.fields()) {
    if (!field.required) continue;
    const bool there = std::any_of(values.begin(), values.end(), [&field](const Value& value) {
      return value.field == field.id;
    });
    if (!there) return Error{Code::kInvalid, "a required field is missing", field.id.value()};
  }
  return Ok();
}

void Insert(Page& page, Posting posting) {
  page.postings.insert(std::upper_bound(page.postings.begin(), page.postings.end(), posting),
                       posting);
}

Task<Status> LoadChain(const IndexKeys& keys, Staging& staging, Slot slot) {
  std::uint16_t loaded = 0;
  for (std::uint16_t overflow = 0; overflow <= kOverflowPagesMax; ++overflow) {
    if (overflow == loaded) {
      const int end = std::min(std::max(1, 2 * overflow), kOverflowPagesMax + 1);
      loaded = static_cast<std::uint16_t>(end);
      std::vector<store::Key> wanted;
      for (std::uint16_t j = overflow; j < loaded; ++j) {
        wanted.push_back(keys.PageKey(slot.index, slot.generation, slot.page, j));
      }
      CLOISON_CO_TRY(co_await staging.Load(std::move(wanted)));
    }
    CLOISON_CO_TRY_ASSIGN(const std::optional<Page> page, ReadPage(keys, staging, slot, overflow));
    CLOISON_CHECK(page.has_value());
    if (!page->more) co_return Ok();
  }
  co_return Error{Code::kCorrupt, "a chain of index pages has no end"};
}

Result<std::optional<std::vector<PersonId>>> PeopleIn(const IndexKeys& keys, const Staging& staging,
                                                      const Slot& slot) {
  std::vector<PersonId> people;
  for (std::uint16_t overflow = 0; overflow <= kOverflowPagesMax; ++overflow) {
    CLOISON_TRY_ASSIGN(const std::optional<Page> page, ReadPage(keys, staging, slot, overflow));
    if (!page.has_value()) return std::optional<std::vector<PersonId>>();
    for (const Posting& posting : page->postings) {
      if (posting.low == slot.low) people.push_back(posting.person);
    }
    if (!page->more) break;
  }
  std::sort(people.begin(), people.end());
  people.erase(std::unique(people.begin(), people.end()), people.end());
  return std::optional<std::vector<PersonId>>(std::move(people));
}

Result<Staged> AddPosting(const IndexKeys& keys, base::Random& random, Staging& staging,
                          const Slot& slot, const PersonId& person) {
  Writer writer{keys, random, staging, slot};
  const Posting posting{slot.low, person};
  for (std::uint16_t overflow = 0; overflow <= kOverflowPagesMax; ++overflow) {
    CLOISON_TRY_ASSIGN(std::optional<Page> page, ReadPage(keys, staging, slot, overflow));
    if (!page.has_value()) return Staged::kAgain;
    if (page->postings.size() < kPostingsPerPage) {
      Insert(*page, posting);
      writer.Put(overflow, *page);
      return Staged::kDone;
    }
    if (page->more) continue;
    if (overflow == kOverflowPagesMax) break;
    page->more = true;
    Page next{.page_seq = 0, .more = false, .postings = {posting}};
    writer.Put(overflow, *page);
    writer.Put(static_cast<std::uint16_t>(overflow + 1), next);
    return Staged::kDone;
  }
  if (IsSearchIndex(slot.index)) return Staged::kDone;
  return Error{Code::kExhausted, "an index page has too many overflow pages"};
}

Result<Staged> RemovePosting(const IndexKeys& keys, base::Random& random, Staging& staging,
                             const Slot& slot, const PersonId& person) {
  Writer writer{keys, random, staging, slot};
  const Posting posting{slot.low, person};
  for (std::uint16_t overflow = 0; overflow <= kOverflowPagesMax; ++overflow) {
    CLOISON_TRY_ASSIGN(std::optional<Page> page, ReadPage(keys, staging, slot, overflow));
    if (!page.has_value()) return Staged::kAgain;
    const auto found = std::lower_bound(page->postings.begin(), page->postings.end(), posting);
    if (found != page->postings.end() && *found == posting) {
      page->postings.erase(found);
      writer.Put(overflow, *page);
      return Staged::kDone;
    }
    if (!page->more) break;
  }
  return Staged::kDone;
}

namespace {

// The generations in which the person is, the one in force first.
std::vector<const Layout*> LayoutsFor(const IndexState& state, const PersonId& person) {
  std::vector<const Layout*> layouts{&state.in_force};
  if (state.IsBuiltFor(person)) layouts.push_back(&*state.next);
  return layouts;
}

std::vector<Slot> SlotsOf(const People& people, const IndexState& state, const PersonId& person,
                          const Reposting& change) {
  std::vector<Slot> slots;
  for (const Layout* layout : LayoutsFor(state, person)) {
    for (const auto* posted : {&change.removed, &change.added}) {
      for (const Posted& one : *posted) {
        slots.push_back(SlotOf(*layout, people.index_keys(), one.criterion));
      }
    }
  }
  return slots;
}

Result<Staged> StageIn(const People& people, Staging& staging, const Layout& layout,
                       const PersonId& person, const Reposting& change) {
  const IndexKeys& keys = people.index_keys();
  for (const Posted& one : change.removed) {
    const Slot slot = SlotOf(layout, keys, one.criterion);
    CLOISON_TRY_ASSIGN(const Staged removed,
                       RemovePosting(keys, people.random(), staging, slot, person));
    if (removed == Staged::kAgain) return Staged::kAgain;
  }
  for (const Posted& one : change.added) {
    const Slot slot = SlotOf(layout, keys, one.criterion);
    CLOISON_TRY_ASSIGN(const Staged added,
                       AddPosting(keys, people.random(), staging, slot, person));
    if (added == Staged::kAgain) return Staged::kAgain;
  }
  return Staged::kDone;
}

}  // namespace

Task<PagesAhead> PagesAhead::Read(const People& people, const std::vector<Posted>& added) {
  PagesAhead out;
  out.snapshot_ = people.committer().durable_version();  // before the read
  const IndexKeys& keys = people.index_keys();
  const std::shared_ptr<const IndexState> state = people.generations().Current();
  std::vector<store::Key> wanted;
  for (const Posted& one : added) {
    const Slot slot = SlotOf(state->in_force, keys, one.criterion);
    wanted.push_back(keys.PageKey(slot.index, slot.generation, slot.page, 0));
    out.pages_.push_back(Kept{slot, wanted.back(), {}});
  }
  Result<std::vector<store::Row>> rows =
      co_await people.store().MultiGet(std::move(wanted), store::ReadMode::kAny);
  if (!rows.ok()) co_return PagesAhead();
  for (std::size_t i = 0; i < rows->size(); ++i) out.pages_[i].row = std::move((*rows)[i]);
  co_return out;
}

void PagesAhead::OfferTo(Staging& staging) {
  for (Kept& page : pages_) staging.Offer(std::move(page.key), std::move(page.row), snapshot_);
  pages_.clear();
}

std::vector<PersonId> PagesAhead::PeopleIn(const IndexKeys& keys, std::size_t place) const {
  std::vector<PersonId> people;
  if (place >= pages_.size() || !pages_[place].row.present()) return people;
  const Slot& slot = pages_[place].slot;
  const Result<Page> page = keys.OpenPage(slot, 0, pages_[place].row.value);
  if (!page.ok()) return people;
  for (const Posting& posting : page->postings) {
    if (posting.low == slot.low) people.push_back(posting.person);
  }
  return people;
}

// One read where the generations are those of the last commit and the chains end in their first
// pages, as they mostly do.
Task<Status> LoadPostings(const People& people, Staging& staging, PersonId person,
                          const Reposting& change) {
  const IndexKeys& keys = people.index_keys();
  std::vector<store::Key> wanted;
  wanted.push_back(Generations::RowKey());
  wanted.push_back(RowKeyOf(person));
  const std::shared_ptr<const IndexState> known = people.generations().Current();
  for (const Slot& slot : SlotsOf(people, *known, person, change)) {
    wanted.push_back(keys.PageKey(slot.index, slot.generation, slot.page, 0));
  }
  CLOISON_CO_TRY(co_await staging.Load(std::move(wanted)));
  CLOISON_CO_TRY_ASSIGN(const std::shared_ptr<const IndexState> state,
                        people.generations().In(staging));
  const std::vector<Slot> slots = SlotsOf(people, *state, person, change);
  for (const Slot& slot : slots) {
    const Status loaded = co_await LoadChain(keys, staging, slot);
    // Of the next generation Stage finds it again, and gives that one up.
    const bool next = slot.generation != state->in_force.generation;
    if (!loaded.ok() && !(next && loaded.error().code() == Code::kCorrupt)) co_return loaded;
  }
  co_return Ok();
}

std::optional<IndexState::Why> GivesUp(const Result<Staged>& staged) {
  if (staged.ok()) return std::nullopt;
  const Code code = staged.error().code();
  if (code == Code::kExhausted) return IndexState::Why::kFull;
  return code == Code::kCorrupt ? std::optional(IndexState::Why::kDamaged) : std::nullopt;
}

Result<Staged> StagePostings(const People& people, Staging& staging, const PersonId& person,
                             const Reposting& change) {
  Generations& generations = people.generations();
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const IndexState> state, generations.In(staging));
  CLOISON_TRY_ASSIGN(const Staged staged,
                     StageIn(people, staging, state->in_force, person, change));
  if (staged == Staged::kAgain) return Staged::kAgain;
  generations.Note(person);
  if (!state->IsBuiltFor(person)) return Staged::kDone;
  const Result<Staged> next = StageIn(people, staging, *state->next, person, change);
  const std::optional<IndexState::Why> why = GivesUp(next);
  if (!why.has_value()) return next;
  generations.Put(staging, state->GivenUp(*why));
  return Staged::kDone;
}

Task<void> Uniqueness::CompareAhead(const People& people, const std::vector<Posted>& posted,
                                    const PagesAhead& pages) {
  std::vector<Sharer> sharers;
  for (std::size_t i = 0; i < posted.size(); ++i) {
    if (!posted[i].unique) continue;
    for (const PersonId& person : pages.PeopleIn(people.index_keys(), i)) {
      sharers.push_back({&posted[i], person});
    }
  }
  (void)co_await CompareWith(people, std::move(sharers));
}

Task<Status> Uniqueness::Compare(const People& people, Staging& staging,
                                 const std::vector<Posted>& posted, PersonId self) {
  existing_.reset();
  CLOISON_CO_TRY_ASSIGN(const std::shared_ptr<const IndexState> state,
                        people.generations().In(staging));
  std::vector<Sharer> sharers;
  bool too_many = false;
  for (const Posted& one : posted) {
    if (!one.unique) continue;
    const Slot slot = SlotOf(state->in_force, people.index_keys(), one.criterion);
    CLOISON_CO_TRY_ASSIGN(const std::optional<std::vector<PersonId>> others,
                          PeopleIn(people.index_keys(), staging, slot));
    CLOISON_CHECK(others.has_value());
    too_many = too_many || others->size() > kSlotPostingsMax;
    if (others->size() > kSlotPostingsMax) continue;
    for (const PersonId& other : *others) {
      if (other != self && !IsCleared(staging, one, other)) sharers.push_back({&one, other});
    }
  }
  CLOISON_CO_TRY(co_await CompareWith(people, std::move(sharers)));
  const bool unknown = too_many && !existing_.has_value();
  if (unknown) co_return Error{Code::kExhausted, "an index slot has too many postings"};
  co_return Ok();
}

// In the order given, up to the first who has the value.
Task<Status> Uniqueness::CompareWith(const People& people, std::vector<Sharer> sharers) {
  // Before the reads: what changes after them is then seen as changed.
  const store::Version snapshot = people.committer().durable_version();
  std::vector<PersonId> asked;
  for (const Sharer& sharer : sharers) asked.push_back(sharer.person);
  CLOISON_CO_TRY_ASSIGN(const std::vector<Result<Sighting>> sightings,
                        co_await people.SightMany(std::move(asked)));
  const Matcher matcher(people);
  for (std::size_t i = 0; i < sightings.size(); ++i) {
    const Sharer& sharer = sharers[i];
    const Criterion& criterion = sharer.posted->criterion;
    const Result<Sighting>& sighting = sightings[i];
    // A posting without a row is a hint, no more.
    if (!sighting.ok() && sighting.error().code() != Code::kNotFound) co_return sighting.error();
    bool same = false;
    if (sighting.ok()) {
      CLOISON_CO_TRY_ASSIGN(same, matcher.Equals(*sighting, criterion));
    }
    if (same) {
      existing_ = sharer.person;
      existing_snapshot_ = snapshot;
      co_return Ok();
    }
    cleared_[{criterion.index, sharer.person}] = snapshot;
  }
  co_return Ok();
}

bool Uniqueness::IsCleared(const Staging& staging, const Posted& posted,
                           const PersonId& person) const {
  const auto found = cleared_.find({posted.criterion.index, person});
  return found != cleared_.end() && staging.UnchangedSince(RowKeyOf(person), found->second);
}

Result<Staged> Uniqueness::Check(const People& people, const Staging& staging,
                                 const std::vector<Posted>& posted, const PersonId& self) const {
  if (existing_.has_value()) {
    if (!staging.UnchangedSince(RowKeyOf(*existing_), existing_snapshot_)) return Staged::kAgain;
    return Error{Code::kConflict, "somebody has this unique value already"};
  }
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const IndexState> state,
                     people.generations().In(staging));
  for (const Posted& one : posted) {
    if (!one.unique) continue;
    const Slot slot = SlotOf(state->in_force, people.index_keys(), one.criterion);
    CLOISON_TRY_ASSIGN(const std::optional<std::vector<PersonId>> others,
                       PeopleIn(people.index_keys(), staging, slot));
    if (!others.has_value()) return Staged::kAgain;
    for (const PersonId& other : *others) {
      if (other != self && !IsCleared(staging, one, other)) return Staged::kAgain;
    }
  }
  return Staged::kDone;
}

}  // namespace cloison::records::internal
