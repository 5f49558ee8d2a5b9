#include "drill/doors.h"

#include <algorithm>
#include <set>

namespace cloison::drill {

namespace {

using access::Questions;

constexpr char kCase[] = "drill";

std::vector<std::uint64_t> IndicesOf(const std::vector<ledger::Recorded>& recorded) {
  std::vector<std::uint64_t> indices;
  indices.reserve(recorded.size());
  for (const ledger::Recorded& one : recorded) indices.push_back(one.index);
  return indices;
}

// Whether a value is the one that is known; `otherwise`: nothing is known of this field.
Result<bool> IsWhole(const records::Schema& schema, const Target* target,
                     const records::OpenedValue& value, bool otherwise) {
  const records::FieldSpec* const field = schema.Find(value.field);
  CLOISON_CHECK(field != nullptr);
  if (target == nullptr) return otherwise;
  for (const auto& [name, text] : target->truth) {
    if (name != field->name) continue;
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes canonical, schema.Canonical(*field, text, false));
    return base::Equal(canonical.Reveal(), value.text.Reveal());
  }
  return otherwise;
}

void Append(std::vector<Told>& all, std::vector<Told> more) {
  std::ranges::move(more, std::back_inserter(all));
}

}  // namespace

access::CounterSet CountersOf(const Told& told, bool stranger) {
  access::CounterSet counters;
  counters.Add(access::Counter::kGlimpsed);
  if (stranger) counters.Add(access::Counter::kGlimpsedOff);
  if (told.opened) counters.Add(access::Counter::kOpened);
  if (told.opened && stranger) counters.Add(access::Counter::kOpenedOff);
  if (told.sensitive) counters.Add(access::Counter::kSensitive);
  return counters;
}

BookLine LineOf(const Told& told, std::int64_t at_ms, bool stranger) {
  return {at_ms, told.person, CountersOf(told, stranger), told.entries, told.fields};
}

Result<std::vector<Told>> Doors::ToldBy(const std::vector<access::ShownRecord>& records,
                                        const Target* target, bool rows) const {
  const records::Schema& schema = stage_.vault().schema();
  std::vector<Told> told;
  for (const access::ShownRecord& record : records) {
    CLOISON_TRY_ASSIGN(const PersonId person,
                       stage_.vault().codes().Decode(organisation_, record.code.Text()));
    Told one{person, IndicesOf(record.recorded), {}};
    const Target* const known = target != nullptr && target->person == person ? target : nullptr;
    for (const records::OpenedValue& value : record.values) {
      one.fields.push_back(value.field);
      CLOISON_TRY_ASSIGN(const bool whole, IsWhole(schema, known, value, !rows));
      one.opened = one.opened || whole;
      one.sensitive = one.sensitive || (whole && schema.Find(value.field)->sensitive);
    }
    told.push_back(std::move(one));
  }
  return told;
}

// A refusal is no answer: nothing.
template <class T>
Result<const T*> Doors::Count(const access::Outcome<T>& outcome) {
  ++requests_;
  // What the register has no use for (a decision without references) is refused like the rest.
  const bool refused = !outcome.ok() && (outcome.error().code() == Code::kInvalid ||
                                         outcome.error().code() == Code::kExhausted);
  if (!outcome.ok() && !refused) return outcome.error();
  const T* const given = refused ? nullptr : std::get_if<T>(&*outcome);
  if (given == nullptr) ++refused_;
  return given;
}

// What a purpose gives this role of anybody at all; where that is nothing, the first field.
std::vector<FieldId> Doors::FieldsOf(const std::string& purpose) const {
  std::set<FieldId> fields;
  for (const access::Grant* grant :
       stage_.vault().policy()->GrantsOf(organisation_, role_, purpose)) {
    fields.insert(grant->fields.begin(), grant->fields.end());
  }
  if (fields.empty()) fields.insert(stage_.vault().schema().fields().front().id);
  return {fields.begin(), fields.end()};
}

Result<std::vector<Told>> Doors::Open(const Target& target, const std::string& purpose) {
  access::DisclosureRequest request{{target.code}, FieldsOf(purpose), {purpose, kCase}};
  const auto outcome = Ask(&target, 1, [&] { return gate().Disclose(Again(), request); });
  CLOISON_TRY_ASSIGN(const access::Disclosed* const shown, Count(outcome));
  if (shown == nullptr) return std::vector<Told>{};
  return ToldBy(shown->records, &target, false);
}

Result<std::vector<Told>> Doors::LookUp(const Target& target, const std::string& purpose) {
  std::vector<Told> told;
  for (const auto& [name, text] : target.known) {
    // Of this turn alone: a fault in the midst opens the register anew, and with it another copy.
    const records::Schema& schema = stage_.vault().schema();
    const records::FieldSpec* const field = schema.Find(name);
    if (field == nullptr || field->index == 0) continue;
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes canonical, schema.Canonical(*field, text, false));
    const std::uint16_t index = field->index;
    const crypto::SecretBytes form = schema.IndexForm(*field, canonical.Reveal());
    // Of a number that a household shares, whoever has it.
    const auto outcome = Ask(nullptr, access::kLookupRowsMax, [&] {
      access::LookupRequest request{{index, crypto::SecretBytes::CopyOf(form.Reveal())},
                                    {purpose, kCase}};
      return gate().LookUp(Again(), std::move(request));
    });
    CLOISON_TRY_ASSIGN(const access::LookedUp* const seen, Count(outcome));
    if (seen == nullptr) continue;
    CLOISON_TRY_ASSIGN(std::vector<Told> rows, ToldBy(seen->rows, &target, true));
    Append(told, std::move(rows));
  }
  return told;
}

Result<std::vector<Told>> Doors::Exist(const Target& target, const std::string& purpose) {
  Questions::Existence request{{target.code}, FieldsOf(purpose), {purpose, kCase}};
  const auto outcome = Ask(&target, 1, [&] { return gate().questions().Exist(Again(), request); });
  CLOISON_TRY_ASSIGN(const Questions::Existing* const answer, Count(outcome));
  std::vector<Told> told;
  if (answer == nullptr) return told;
  for (const Questions::Existing::One& one : answer->persons) {
    if (!one.fields.empty()) told.push_back({target.person, {one.recorded.index}, one.fields});
  }
  return told;
}

Result<std::vector<Told>> Doors::Decide(const Target& target, const std::string& purpose) {
  Questions::Decision request{{target.code}, {}, FieldsOf(purpose), {purpose, kCase}};
  const auto outcome = Ask(&target, 1, [&] { return gate().questions().Decide(Again(), request); });
  CLOISON_TRY_ASSIGN(const Questions::Decided* const answer, Count(outcome));
  std::vector<Told> told;
  if (answer == nullptr) return told;
  for (const Questions::Decided::One& one : answer->persons) {
    Told decided{target.person, IndicesOf(one.recorded), one.plain};
    decided.opened = !one.plain.empty();
    for (const FieldId field : one.plain) {
      decided.sensitive = decided.sensitive || stage_.vault().schema().Find(field)->sensitive;
    }
    decided.fields.insert(decided.fields.end(), one.masked.begin(), one.masked.end());
    if (!decided.fields.empty()) told.push_back(std::move(decided));
  }
  return told;
}

Result<std::vector<Told>> Doors::Match(const Target& target, const std::string& purpose,
                                       std::string_view field, std::string_view text, bool any) {
  const records::Schema& schema = stage_.vault().schema();
  const records::FieldSpec* const spec = schema.Find(field);
  if (spec == nullptr) return Error{Code::kInvalid, "the schema lacks a field of the drill"};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes value, schema.Canonical(*spec, text, false));
  const FieldId id = spec->id;
  const auto outcome = Ask(&target, 1, [&] {
    crypto::SecretBytes copy = crypto::SecretBytes::CopyOf(value.Reveal());
    return gate().questions().Matches(Again(),
                                      {target.code, id, std::move(copy), {purpose, kCase}});
  });
  CLOISON_TRY_ASSIGN(const Questions::Matched* const answer, Count(outcome));
  if (answer == nullptr || (!answer->matches && !any)) return std::vector<Told>{};
  return std::vector<Told>{{target.person, {answer->recorded.index}, {id}}};
}

Result<std::vector<Told>> Doors::Overview() {
  const auto outcome = Ask(nullptr, access::kOverviewPeopleMax,
                           [&] { return gate().explanations().OwnCaseload(Again()); });
  CLOISON_TRY_ASSIGN(const access::Explanations::Overview* const shown, Count(outcome));
  if (shown == nullptr) return std::vector<Told>{};
  return ToldBy(shown->people, nullptr, true);
}

Result<std::vector<Told>> Doors::TryAll(const Target& target, bool any) {
  std::vector<Told> all;
  // Kept: a fault in the midst opens the register anew, and with it another copy.
  const std::shared_ptr<const access::Policy> policy = stage_.vault().policy();
  for (const access::Purpose& purpose : policy->purposes()) {
    for (const auto door : {&Doors::Open, &Doors::LookUp, &Doors::Exist, &Doors::Decide}) {
      CLOISON_TRY_ASSIGN(std::vector<Told> told, (this->*door)(target, purpose.name));
      Append(all, std::move(told));
    }
    for (const auto& [name, text] : target.known) {
      CLOISON_TRY_ASSIGN(std::vector<Told> told, Match(target, purpose.name, name, text, any));
      Append(all, std::move(told));
    }
  }
  return all;
}

}  // namespace cloison::drill
