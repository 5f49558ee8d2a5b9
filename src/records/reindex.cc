#include "records/reindex.h"

#include "records/audit.h"
#include "records/internal/page_runs.h"

namespace cloison::records {
namespace {

constexpr std::size_t kPeopleAtOnce = 1'000;

// What `persons` are posted under; who has a row and no key is counted.
Task<Status> Collect(const People& people, std::vector<PersonId> persons,
                     internal::Postings& postings, Reindexed& done) {
  const Auditor auditor(people);
  CLOISON_CO_TRY_ASSIGN(const std::vector<Result<Sighting>> sightings,
                        co_await people.SightMany(std::move(persons)));
  for (const Result<Sighting>& sighting : sightings) {
    if (!sighting.ok() && sighting.error().code() == Code::kNotFound) {
      ++done.keyless;
      continue;
    }
    if (!sighting.ok()) co_return sighting.error();
    CLOISON_CO_TRY_ASSIGN(const std::vector<Slot> slots,
                          auditor.SlotsOf(sighting->key, sighting->row));
    for (const Slot& slot : slots) {
      postings[slot.index].push_back(internal::Pack(slot, sighting->key.person()));
    }
    ++done.people;
    done.postings += slots.size();
  }
  co_return Ok();
}

}  // namespace

Task<Result<Reindexed>> Reindex(const People& people) {
  store::Range pages{store::Family::kIndex, "", ""};
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage there, co_await people.store().Scan(pages, 1));
  if (!there.rows.empty()) co_return Error{Code::kConflict, "there are index pages already"};
  internal::Postings postings;
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
    CLOISON_CO_TRY(co_await Collect(people, std::move(persons), postings, done));
    if (!page.next.has_value()) break;
    range.begin = *page.next;
  }
  CLOISON_CO_TRY(internal::WritePages(people, people.store().last_version(), postings));
  co_return done;
}

}  // namespace cloison::records
