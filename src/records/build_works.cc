#include "records/internal/build_works.h"

namespace cloison::records::internal {

using commit::Staged;
using commit::Staging;
using What = BuildStep::What;

namespace {

Task<Status> LoadRow(Staging& staging) {
  std::vector<store::Key> keys(1, Generations::RowKey());
  co_return co_await staging.Load(std::move(keys));
}

}  // namespace

Task<Status> BeginWork::Load(Staging& staging) {
  return LoadRow(staging);
}

Result<Staged> BeginWork::Stage(Staging& staging) {
  step_ = {};
  const bool absent = !staging.Get(Generations::RowKey()).present();
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const IndexState> state,
                     people_.generations().In(staging));
  Layout wanted = Layout::Of(people_.schema(), state->last + 1);
  const bool differs = wanted.page_bits != state->in_force.page_bits;
  const bool free = !state->next.has_value() && state->dropped.empty();
  if (begins_ && differs && free && wanted.capacity != state->refused) {
    IndexState begun = *state;
    begun.last = wanted.generation;
    begun.next = wanted;
    begun.refused = 0;
    people_.generations().Put(staging, begun);
    step_ = {.what = What::kBegun, .generation = wanted.generation, .capacity = wanted.capacity};
  } else if (absent) {
    people_.generations().Put(staging, *state);
  }
  return Staged::kDone;
}

// Of one commit: what lies between its reads and the commit is seen by the notes of the batch.
Task<Status> WalkWork::Load(Staging& staging) {
  state_.reset();
  taken_.clear();
  to_.reset();
  ends_ = false;
  step_ = {};
  CLOISON_CO_TRY(co_await LoadRow(staging));
  CLOISON_CO_TRY_ASSIGN(const std::shared_ptr<const IndexState> state,
                        people_.generations().In(staging));
  if (!state->next.has_value()) co_return Ok();
  state_ = *state;
  to_ = state->built;
  CLOISON_CO_TRY(co_await LoadPeople(*state->next, staging.store()));
  // The first pages in one read; most chains end there.
  const IndexKeys& keys = people_.index_keys();
  std::vector<store::Key> firsts;
  for (const One& one : taken_) {
    for (const Slot& slot : one.slots) {
      firsts.push_back(keys.PageKey(slot.index, slot.generation, slot.page, 0));
    }
  }
  CLOISON_CO_TRY(co_await staging.Load(std::move(firsts)));
  for (const One& one : taken_) {
    for (const Slot& slot : one.slots) {
      const Status loaded = co_await LoadChain(keys, staging, slot);
      const bool damaged = !loaded.ok() && loaded.error().code() == Code::kCorrupt;
      if (!loaded.ok() && !damaged) co_return loaded;  // Stage finds it again
    }
  }
  co_return Ok();
}

// Rows under keys that are nobody's are passed over: an audit tells of them.
Task<Status> WalkWork::LoadPeople(const Layout& layout, store::Store& store) {
  store::Range range{store::Family::kPeople, "", ""};
  if (to_.has_value()) range.begin = std::string(AsText(to_->bytes())) + '\0';
  while (taken_.empty() && !ends_) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page, co_await store.Scan(range, per_step_));
    std::vector<PersonId> persons;
    for (const store::KeyedRow& row : page.rows) {
      const Result<PersonId> person = PersonId::FromBytes(AsBytes(row.key));
      if (person.ok()) persons.push_back(*person);
    }
    CLOISON_CO_TRY(co_await TakePeople(layout, std::move(persons), page.next.has_value()));
    if (page.next.has_value()) range.begin = *page.next;
  }
  co_return Ok();
}

// Up to kPostingsPerStep postings; then who is left is of the next step.
Task<Status> WalkWork::TakePeople(const Layout& layout, std::vector<PersonId> persons, bool more) {
  std::vector<PersonId> asked = persons;
  CLOISON_CO_TRY_ASSIGN(const std::vector<Result<Sighting>> sightings,
                        co_await people_.SightMany(std::move(asked)));
  std::size_t postings = 0;
  for (std::size_t i = 0; i < persons.size(); ++i) {
    if (postings >= kPostingsPerStep) co_return Ok();
    const Result<Sighting>& sighting = sightings[i];
    to_ = persons[i];
    One one{persons[i], {}};
    const Code code = sighting.ok() ? Code::kNotFound : sighting.error().code();
    // A row without a key is of somebody who is being erased.
    if (code != Code::kNotFound && code != Code::kCorrupt) co_return sighting.error();
    Result<std::vector<Posted>> posted = std::vector<Posted>();
    if (code == Code::kCorrupt) posted = sighting.error();
    if (sighting.ok()) {
      Result<Values> values = OpenWholeRow(people_.schema(), sighting->key, sighting->row);
      if (values.ok()) {
        posted = AllPostedOf(people_.schema(), *values);
      } else {
        posted = values.error();
      }
    }
    if (!posted.ok()) {
      ++step_.damaged;
    } else {
      for (const Posted& each : *posted) {
        one.slots.push_back(SlotOf(layout, people_.index_keys(), each.criterion));
      }
      postings += one.slots.size();
    }
    taken_.push_back(std::move(one));
  }
  ends_ = !more;
  co_return Ok();
}

Result<Staged> WalkWork::Stage(Staging& staging) {
  Generations& generations = people_.generations();
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const IndexState> state, generations.In(staging));
  if (!state_.has_value() || *state != *state_) {
    step_ = {};
    return Staged::kDone;
  }
  // Whom an earlier work of the batch put, changed or took away is not as it was read.
  const std::optional<PersonId> to = ends_ ? std::nullopt : to_;
  if (generations.IsNoted(state->built, to)) return Staged::kAgain;
  step_.generation = state->next->generation;
  step_.capacity = state->next->capacity;
  const Result<Staged> staged = StageAll(staging);
  if (const auto why = GivesUp(staged); why.has_value()) {
    generations.Put(staging, state->GivenUp(*why));
    step_.what = What::kGivenUp;
    return Staged::kDone;
  }
  if (!staged.ok() || *staged == Staged::kAgain) return staged;
  IndexState after = *state;
  after.built = to_;
  step_.what = ends_ ? What::kSwitched : What::kWalked;
  step_.people = taken_.size() - step_.damaged;
  generations.Put(staging, ends_ ? after.Switched() : after);
  return Staged::kDone;
}

Result<Staged> WalkWork::StageAll(Staging& staging) {
  for (const One& one : taken_) {
    for (const Slot& slot : one.slots) {
      CLOISON_TRY_ASSIGN(const Staged added, AddPosting(people_.index_keys(), people_.random(),
                                                        staging, slot, one.person));
      if (added == Staged::kAgain) return Staged::kAgain;
    }
  }
  return Staged::kDone;
}

Task<Status> DropWork::Load(Staging& staging) {
  return LoadRow(staging);
}

Result<Staged> DropWork::Stage(Staging& staging) {
  step_ = {};
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const IndexState> state,
                     people_.generations().In(staging));
  if (!state->IsDropped(generation_)) return Staged::kDone;
  for (const store::Key& page : pages_) staging.Delete(page);
  step_.what = last_ ? What::kGone : What::kDropped;
  step_.generation = generation_;
  step_.pages = pages_.size();
  if (!last_) return Staged::kDone;
  IndexState after = *state;
  std::erase(after.dropped, generation_);
  people_.generations().Put(staging, after);
  return Staged::kDone;
}

}  // namespace cloison::records::internal
