#include <algorithm>

#include "records/people.h"

namespace cloison::records {
namespace {

// The pages of several slots, the first ones in one read.
class SlotReader {
 public:
  SlotReader(const People& people, std::vector<Slot> slots)
      : people_(people), slots_(std::move(slots)), found_(slots_.size(), std::vector<PersonId>()) {}

  // One for each slot.
  Task<Result<std::vector<SlotPeople>>> Read() {
    std::vector<std::size_t> open(slots_.size());
    for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
    for (std::uint16_t overflow = 0; !open.empty() && overflow <= kOverflowPagesMax; ++overflow) {
      std::vector<store::Key> wanted;
      for (const std::size_t i : open) wanted.push_back(KeyOf(slots_[i], overflow));
      CLOISON_CO_TRY_ASSIGN(
          const std::vector<store::Row> rows,
          co_await people_.store().MultiGet(std::move(wanted), store::ReadMode::kAny));
      std::vector<std::size_t> more;
      for (std::size_t n = 0; n < open.size(); ++n) {
        CLOISON_CO_TRY_ASSIGN(const bool goes_on, Take(open[n], overflow, rows[n]));
        if (goes_on) more.push_back(open[n]);
      }
      open = std::move(more);
    }
    co_return std::move(found_);
  }

 private:
  store::Key KeyOf(const Slot& slot, std::uint16_t overflow) const {
    return people_.index_keys().PageKey(slot.index, slot.generation, slot.page, overflow);
  }
  Result<bool> Take(std::size_t i, std::uint16_t overflow, const store::Row& row) {
    if (!row.present()) return false;
    const Slot& slot = slots_[i];
    CLOISON_TRY_ASSIGN(const Page page, people_.index_keys().OpenPage(slot, overflow, row.value));
    for (const Posting& posting : page.postings) {
      if (posting.low == slot.low) found_[i]->push_back(posting.person);
    }
    if (found_[i]->size() <= kSlotPostingsMax) return page.more;
    found_[i].reset();
    return false;
  }

  const People& people_;
  std::vector<Slot> slots_;
  std::vector<SlotPeople> found_;
};

// As Matcher::Exact: again, where another generation came into force meanwhile.
Task<Result<std::vector<SlotPeople>>> ReadLists(const People& people, const SearchForms& query) {
  while (true) {
    const std::shared_ptr<const IndexState> state = people.generations().Current();
    std::vector<Slot> slots;
    for (const Criterion& key : SearchKeys(query)) {
      slots.push_back(internal::SlotOf(state->in_force, people.index_keys(), key));
    }
    SlotReader reader(people, std::move(slots));
    Result<std::vector<SlotPeople>> read = co_await reader.Read();
    const Layout now = people.generations().Current()->in_force;
    if (now.generation == state->in_force.generation) co_return std::move(read);
  }
}

void KeepOnly(const std::vector<bool>& kept, std::vector<Sighting>& people,
              std::vector<Verdict>& verdicts) {
  std::vector<Sighting> kept_people;
  std::vector<Verdict> kept_verdicts;
  for (std::size_t i = 0; i < people.size(); ++i) {
    if (!kept[i]) continue;
    kept_people.push_back(std::move(people[i]));
    kept_verdicts.push_back(verdicts[i]);
  }
  people.swap(kept_people);
  verdicts.swap(kept_verdicts);
}

// Counts a search while it lasts.
class Turn {
 public:
  explicit Turn(std::atomic<std::size_t>& count) : count_(count), number_(++count) {}
  ~Turn() { --count_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool may_go() const { return number_ <= kSearchesAtOnceMax; }

 private:
  std::atomic<std::size_t>& count_;
  std::size_t number_;
};

}  // namespace

Result<Verdict> Matcher::VerdictOn(const Sighting& sighting, const SearchForms& query) const {
  const Schema& schema = people_.schema();
  std::vector<CompartmentId> wanted;
  for (const FieldSpec& field : schema.fields()) {
    const bool asked = field.search != SearchPart::kPostcode || !query.postcode.empty();
    if (field.search != SearchPart::kNone && asked) wanted.push_back(field.compartment);
  }
  CLOISON_TRY_ASSIGN(const Values values,
                     internal::OpenRow(schema, sighting.key, sighting.row, wanted));
  const Result<SearchForms> forms = SearchForms::Of(schema, values);
  if (!forms.ok()) return Error{Code::kCorrupt, "a stored name or date is none"};
  return Compare(query, *forms);
}

Result<bool> Matcher::IsAlike(const Sighting& sighting, const SearchForms& query) const {
  CLOISON_TRY_ASSIGN(const Verdict verdict, VerdictOn(sighting, query));
  return verdict.exact || verdict.alike;
}

Task<Result<Matcher::Found>> Matcher::Search(const SearchForms& query,
                                             const Audience* audience) const {
  const Turn turn(people_.searches_);
  if (!turn.may_go()) co_return Error{Code::kUnavailable, "too many searches at once"};
  if (people_.search_pool_ != nullptr) co_await people_.search_pool_->Schedule();
  co_return co_await SearchHere(query, audience);
}

Task<Result<Matcher::Found>> Matcher::SearchHere(const SearchForms& query,
                                                 const Audience* audience) const {
  if (!people_.schema().has_search() || !query.IsSearchable()) co_return Found{};
  CLOISON_CO_TRY_ASSIGN(const std::vector<SlotPeople> lists, co_await ReadLists(people_, query));
  if (std::ranges::none_of(lists, &SlotPeople::has_value)) co_return Found{{}, true};
  CLOISON_CO_TRY_ASSIGN(std::vector<Result<Sighting>> sightings,
                        co_await people_.SightMany(PickCandidates(lists)));
  // The store's threads brought us here: the comparisons are the pool's.
  if (people_.search_pool_ != nullptr) co_await people_.search_pool_->Schedule();
  std::vector<Sighting> opened;
  std::vector<Verdict> verdicts;
  for (Result<Sighting>& sighting : sightings) {
    if (!sighting.ok()) {
      // A posting outlives its person for a moment; anything else is refused whole.
      if (sighting.error().code() == Code::kNotFound) continue;
      co_return sighting.error();
    }
    CLOISON_CO_TRY_ASSIGN(const Verdict verdict, VerdictOn(*sighting, query));
    if (!verdict.exact && !verdict.alike) continue;
    verdicts.push_back(verdict);
    opened.push_back(std::move(*sighting));
  }
  if (audience != nullptr && !opened.empty()) {
    CLOISON_CO_TRY_ASSIGN(const std::vector<bool> told, co_await audience->MayBeToldOf(opened));
    KeepOnly(told, opened, verdicts);
  }
  const Ranked ranked = Rank(verdicts);
  Found found{{}, ranked.narrow};
  for (const std::size_t i : ranked.best) found.people.push_back(std::move(opened[i]));
  co_return std::move(found);
}

}  // namespace cloison::records
