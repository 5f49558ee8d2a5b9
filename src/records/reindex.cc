#include "records/reindex.h"

#include "records/internal/page_runs.h"

namespace cloison::records {
namespace {

constexpr std::size_t kPeopleAtOnce = 1'000, kSlicePeople = 50;
constexpr std::uint64_t kFewOf = 10;  // damage is of fewer than one record in so many

// Where the person is posted. kNotFound: they have a row and no key; kCorrupt: it opens in no form.
Result<std::vector<Slot>> SlotsOf(const People& people, const Layout& layout,
                                  const Result<Sighting>& sighting) {
  if (!sighting.ok()) return sighting.error();
  CLOISON_TRY_ASSIGN(const Values values,
                     internal::OpenWholeRow(people.schema(), sighting->key, sighting->row));
  CLOISON_TRY_ASSIGN(const std::vector<internal::Posted> posted,
                     internal::AllPostedOf(people.schema(), values));
  std::vector<Slot> slots;
  for (const internal::Posted& one : posted) {
    slots.push_back(internal::SlotOf(layout, people.index_keys(), one.criterion));
  }
  return slots;
}

// Adds the postings of `persons`, and counts those who have none.
Task<Status> Collect(const People& people, std::vector<PersonId> persons, internal::PageRuns& pages,
                     const base::Parallel& parallel, Reindexed& done) {
  CLOISON_CO_TRY_ASSIGN(const std::vector<Result<Sighting>> sightings,
                        co_await people.SightMany(std::move(persons)));
  std::vector<Result<std::vector<Slot>>> all(sightings.size(), std::vector<Slot>());
  parallel.ForSlices(all.size(), kSlicePeople, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      all[i] = SlotsOf(people, pages.layout(), sightings[i]);
    }
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].ok()) {
      const Code code = all[i].error().code();
      if (code != Code::kNotFound && code != Code::kCorrupt) co_return all[i].error();
      ++(code == Code::kNotFound ? done.keyless : done.damaged);
      continue;
    }
    for (const Slot& slot : *all[i]) {
      CLOISON_CO_TRY(pages.Add(slot, sightings[i]->key.person()));
    }
    ++done.people;
    done.postings += all[i]->size();
  }
  co_return Ok();
}

class PutWork final : public commit::Work {
 public:
  using Promise = store::Version;
  PutWork(Generations& generations, IndexState state)
      : generations_(generations), state_(std::move(state)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Task<Status> Load(commit::Staging&) override { co_return Ok(); }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    generations_.Put(staging, state_);
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable& durable) { return durable.version(); }

 private:
  Generations& generations_;
  IndexState state_;
};

// The state that is left: of one generation, in force.
Task<Status> Settle(const People& people, commit::Committer& committer, base::Executor& home) {
  const std::shared_ptr<const IndexState> was = people.generations().Current();
  IndexState now = IndexState::First(people.schema());
  if (was->refused == now.in_force.capacity) {  // too small for those who are there
    now.in_force = was->in_force;
    now.refused = was->refused;
  }
  const bool same = was->in_force.page_bits == now.in_force.page_bits && !was->next.has_value() &&
                    was->dropped.empty();
  now.last = same ? was->last : was->last + 1;
  now.in_force.generation = same ? was->in_force.generation : now.last;
  auto work = std::make_unique<PutWork>(people.generations(), std::move(now));
  const auto written = co_await committer.Submit(std::move(work), home);
  co_return written.ok() ? Ok() : Status(written.error());
}

}  // namespace

Task<Result<Reindexed>> Reindex(const People& people, commit::Committer& committer,
                                base::Executor& home, SpillPlace place, base::Parallel parallel) {
  store::Range all{store::Family::kIndex, "", ""};
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage there, co_await people.store().Scan(all, 1));
  if (!there.rows.empty()) co_return Error{Code::kConflict, "there are index pages already"};
  CLOISON_CO_TRY(co_await Settle(people, committer, home));
  internal::PageRuns pages(people, people.generations().Current()->in_force, place);
  Reindexed done;
  store::Range range{store::Family::kPeople, "", ""};
  while (true) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await people.store().Scan(range, kPeopleAtOnce));
    std::vector<PersonId> persons;
    for (const store::KeyedRow& row : page.rows) {
      if (row.key.size() != PersonId::kSize) {
        co_return Error{Code::kCorrupt, "a row of nobody"};
      }
      base::Reader reader(AsBytes(row.key));
      persons.emplace_back(reader.Array<PersonId::kSize>());
    }
    CLOISON_CO_TRY(co_await Collect(people, std::move(persons), pages, parallel, done));
    if (!page.next.has_value()) break;
    range.begin = *page.next;
  }
  if (done.damaged > 0 && done.damaged * kFewOf >= done.people + done.damaged) {
    co_return Error{Code::kCorrupt, "too few records open: other keys, or another schema"};
  }
  CLOISON_CO_TRY(pages.Write(people.store().last_version(), parallel));
  co_return done;
}

}  // namespace cloison::records
