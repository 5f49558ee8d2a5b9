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

std::vector<Told> ToldBy(const std::vector<access::ShownRecord>& records) {
  std::vector<Told> told;
  for (const access::ShownRecord& record : records) {
    Told one{IndicesOf(record.recorded), {}};
    for (const records::OpenedValue& value : record.values) one.fields.push_back(value.field);
    told.push_back(std::move(one));
  }
  return told;
}

void Append(std::vector<Told>& all, std::vector<Told> more) {
  std::ranges::move(more, std::back_inserter(all));
}

}  // namespace

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
  const auto outcome = stage_.Wait(gate().Disclose(Again(), std::move(request)));
  CLOISON_TRY_ASSIGN(const access::Disclosed* const shown, Count(outcome));
  return shown == nullptr ? std::vector<Told>{} : ToldBy(shown->records);
}

Result<std::vector<Told>> Doors::LookUp(const Target& target, const std::string& purpose) {
  const records::Schema& schema = stage_.vault().schema();
  std::vector<Told> told;
  for (const auto& [name, text] : target.known) {
    const records::FieldSpec* const field = schema.Find(name);
    if (field == nullptr || field->index == 0) continue;
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes canonical, schema.Canonical(*field, text, false));
    access::LookupRequest request{{field->index, schema.IndexForm(*field, canonical.Reveal())},
                                  {purpose, kCase}};
    const auto outcome = stage_.Wait(gate().LookUp(Again(), std::move(request)));
    CLOISON_TRY_ASSIGN(const access::LookedUp* const seen, Count(outcome));
    if (seen != nullptr) Append(told, ToldBy(seen->rows));
  }
  return told;
}

Result<std::vector<Told>> Doors::Exist(const Target& target, const std::string& purpose) {
  Questions::Existence request{{target.code}, FieldsOf(purpose), {purpose, kCase}};
  const auto outcome = stage_.Wait(gate().questions().Exist(Again(), std::move(request)));
  CLOISON_TRY_ASSIGN(const Questions::Existing* const answer, Count(outcome));
  std::vector<Told> told;
  if (answer == nullptr) return told;
  for (const Questions::Existing::One& one : answer->persons) {
    if (!one.fields.empty()) told.push_back({{one.recorded.index}, one.fields});
  }
  return told;
}

Result<std::vector<Told>> Doors::Decide(const Target& target, const std::string& purpose) {
  Questions::Decision request{{target.code}, {}, FieldsOf(purpose), {purpose, kCase}};
  const auto outcome = stage_.Wait(gate().questions().Decide(Again(), std::move(request)));
  CLOISON_TRY_ASSIGN(const Questions::Decided* const answer, Count(outcome));
  std::vector<Told> told;
  if (answer == nullptr) return told;
  for (const Questions::Decided::One& one : answer->persons) {
    std::vector<FieldId> fields = one.plain;
    fields.insert(fields.end(), one.masked.begin(), one.masked.end());
    if (!fields.empty()) told.push_back({IndicesOf(one.recorded), std::move(fields)});
  }
  return told;
}

Result<std::vector<Told>> Doors::Match(const Target& target, const std::string& purpose,
                                       std::string_view field, std::string_view text, bool any) {
  const records::Schema& schema = stage_.vault().schema();
  const records::FieldSpec* const spec = schema.Find(field);
  if (spec == nullptr) return Error{Code::kInvalid, "the schema lacks a field of the drill"};
  CLOISON_TRY_ASSIGN(crypto::SecretBytes value, schema.Canonical(*spec, text, false));
  Questions::Match request{target.code, spec->id, std::move(value), {purpose, kCase}};
  const auto outcome = stage_.Wait(gate().questions().Matches(Again(), std::move(request)));
  CLOISON_TRY_ASSIGN(const Questions::Matched* const answer, Count(outcome));
  if (answer == nullptr || (!answer->matches && !any)) return std::vector<Told>{};
  return std::vector<Told>{{{answer->recorded.index}, {spec->id}}};
}

Result<std::vector<Told>> Doors::Overview() {
  const auto outcome = stage_.Wait(gate().explanations().OwnCaseload(Again()));
  CLOISON_TRY_ASSIGN(const access::Explanations::Overview* const shown, Count(outcome));
  return shown == nullptr ? std::vector<Told>{} : ToldBy(shown->people);
}

Result<std::vector<Told>> Doors::TryAll(const Target& target, bool any) {
  std::vector<Told> all;
  for (const access::Purpose& purpose : stage_.vault().policy()->purposes()) {
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
