#include <algorithm>

#include "records/history.h"
#include "records/people.h"

namespace cloison::records {
namespace {

// Everybody in the slot, once each, as the store has it now.
Task<Result<std::vector<PersonId>>> ReadSlot(const People& people, Slot slot) {
  std::vector<PersonId> out;
  for (std::uint16_t overflow = 0; overflow <= kOverflowPagesMax; ++overflow) {
    std::vector<store::Key> wanted;
    wanted.push_back(people.index_keys().PageKey(slot.index, slot.generation, slot.page, overflow));
    CLOISON_CO_TRY_ASSIGN(
        const std::vector<store::Row> rows,
        co_await people.store().MultiGet(std::move(wanted), store::ReadMode::kAny));
    if (!rows.front().present()) break;
    CLOISON_CO_TRY_ASSIGN(const Page page,
                          people.index_keys().OpenPage(slot, overflow, rows.front().value));
    for (const Posting& posting : page.postings) {
      if (posting.low == slot.low) out.push_back(posting.person);
    }
    if (!page.more) break;
  }
  if (out.size() > kSlotPostingsMax) {
    co_return Error{Code::kExhausted, "too many people share this criterion"};
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  co_return std::move(out);
}

// Pages that were read while another generation came into force may have been on their way out:
// they are read again.
Task<Result<std::vector<PersonId>>> ReadCandidates(const People& people,
                                                   const Criterion& criterion) {
  while (true) {
    const std::shared_ptr<const IndexState> state = people.generations().Current();
    const Slot slot = internal::SlotOf(state->in_force, people.index_keys(), criterion);
    Result<std::vector<PersonId>> read = co_await ReadSlot(people, slot);
    const Layout now = people.generations().Current()->in_force;
    if (now.generation == slot.generation) co_return std::move(read);
  }
}

}  // namespace

Task<Result<std::vector<PersonId>>> Matcher::Exact(const Criterion& criterion,
                                                   std::size_t limit) const {
  CLOISON_CO_TRY_ASSIGN(std::vector<PersonId> candidates,
                        co_await ReadCandidates(people_, criterion));
  std::vector<PersonId> asked = candidates;
  CLOISON_CO_TRY_ASSIGN(const std::vector<Result<Sighting>> sightings,
                        co_await people_.SightMany(std::move(asked)));
  std::vector<PersonId> found;
  for (std::size_t i = 0; i < sightings.size() && found.size() < limit; ++i) {
    if (!sightings[i].ok()) {
      // A posting outlives its person for a moment; anything else is refused whole.
      if (sightings[i].error().code() == Code::kNotFound) continue;
      co_return sightings[i].error();
    }
    CLOISON_CO_TRY_ASSIGN(const bool same, Equals(*sightings[i], criterion));
    if (same) found.push_back(candidates[i]);
  }
  co_return std::move(found);
}

Result<bool> Matcher::Equals(const Sighting& sighting, const Criterion& criterion) const {
  const Schema& schema = people_.schema();
  std::vector<CompartmentId> wanted;
  for (const FieldSpec& field : schema.fields()) {
    if (field.index == criterion.index) wanted.push_back(field.compartment);
  }
  CLOISON_TRY_ASSIGN(const Values values,
                     internal::OpenRow(schema, sighting.key, sighting.row, wanted));
  bool same = false;
  for (const Value& value : values) {
    const FieldSpec* field = schema.Find(value.field);
    if (field->index == 0 || field->index != criterion.index) continue;
    const crypto::SecretBytes form = schema.IndexForm(*field, value.text.Reveal());
    same = same || crypto::EqualConstantTime(form.Reveal(), criterion.canonical.Reveal());
  }
  return same;
}

// `value` null: any will do.
Result<bool> Matcher::AnyValue(const Sighting& sighting, FieldId field,
                               const crypto::SecretBytes* value) const {
  const Schema& schema = people_.schema();
  const FieldSpec* const spec = schema.Find(field);
  if (spec == nullptr) return false;
  const std::vector<CompartmentId> wanted{spec->compartment};
  CLOISON_TRY_ASSIGN(const Values values,
                     internal::OpenRow(schema, sighting.key, sighting.row, wanted));
  bool found = false;
  for (const Value& stored : values) {
    if (stored.field != field) continue;
    if (spec->type == FieldType::kHistory) {  // there is one as long as it would be shown
      const std::int64_t now_ms = people_.committer().Now().CalmMs();
      CLOISON_TRY_ASSIGN(const crypto::SecretBytes kept,
                         HistorySince(stored.text.Reveal(), internal::KeptSince(*spec, now_ms)));
      return value == nullptr && !kept.empty();
    }
    const bool same =
        value == nullptr || crypto::EqualConstantTime(stored.text.Reveal(), value->Reveal());
    found = found || same;
  }
  return found;
}

Result<bool> Matcher::Has(const Sighting& sighting, FieldId field) const {
  return AnyValue(sighting, field, nullptr);
}

Result<bool> Matcher::Is(const Sighting& sighting, FieldId field,
                         const crypto::SecretBytes& value) const {
  return AnyValue(sighting, field, &value);
}

}  // namespace cloison::records
