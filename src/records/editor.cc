#include <algorithm>

#include "records/history.h"
#include "records/people.h"

namespace cloison::records {
namespace {

// Where a field's value is, or would be.
Values::iterator PlaceOf(Values& values, FieldId field) {
  return std::lower_bound(values.begin(), values.end(), field,
                          [](const Value& value, FieldId id) { return value.field < id; });
}

Status CheckChanges(const Schema& schema, const std::vector<FieldChange>& changes) {
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const FieldSpec* const field = schema.Find(changes[i].field);
    if (field == nullptr) return Error{Code::kInvalid, "an unknown field"};
    if (field->type == FieldType::kHistory) {
      return Error{Code::kInvalid, "a history is the register's own"};
    }
    if (i > 0 && changes[i - 1].field == changes[i].field) {
      return Error{Code::kInvalid, "a field is changed twice"};
    }
    if (changes[i].text.has_value() && changes[i].text->empty()) {
      return Error{Code::kInvalid, "an empty value is no value"};
    }
  }
  return Ok();
}

bool Same(const crypto::SecretBytes* old, const std::optional<crypto::SecretBytes>& text) {
  if (old == nullptr || !text.has_value()) return old == nullptr && !text.has_value();
  return crypto::EqualConstantTime(old->Reveal(), text->Reveal());
}

}  // namespace

Result<std::vector<Slot>> Editor::SearchSlots(const Values& values) const {
  CLOISON_TRY_ASSIGN(const auto searched,
                     internal::SearchPostedOf(people_.schema(), people_.index_keys(), values));
  std::vector<Slot> slots;
  for (const internal::Posted& one : searched) slots.push_back(one.slot);
  return slots;
}

// What was posted and is no more, and what was not: of a search, where one name moves others.
Status Editor::Repost(const std::vector<Slot>& before, const Values& after, Change& made) const {
  CLOISON_TRY_ASSIGN(auto searched,
                     internal::SearchPostedOf(people_.schema(), people_.index_keys(), after));
  std::vector<Slot> gone = before;
  for (internal::Posted& one : searched) {
    const auto kept = std::find(gone.begin(), gone.end(), one.slot);
    if (kept != gone.end()) {
      gone.erase(kept);
    } else {
      made.added_.push_back(std::move(one));
    }
  }
  made.removed_.insert(made.removed_.end(), gone.begin(), gone.end());
  return Ok();
}

Result<Change> Editor::Update(Sighting sighting, std::vector<FieldChange> changes) const {
  const Schema& schema = people_.schema();
  std::sort(changes.begin(), changes.end(),
            [](const FieldChange& a, const FieldChange& b) { return a.field < b.field; });
  CLOISON_TRY(CheckChanges(schema, changes));
  CLOISON_TRY_ASSIGN(Values values, internal::OpenWholeRow(schema, sighting.key, sighting.row));
  Change made(people_, std::move(sighting));
  CLOISON_TRY_ASSIGN(const std::vector<Slot> before, SearchSlots(values));
  Values replaced;
  const auto keep = [&schema, &replaced](Value& value) {
    if (!schema.Find(value.field)->history) return;
    replaced.push_back({value.field, std::move(value.text)});
  };
  for (FieldChange& change : changes) {
    const auto place = PlaceOf(values, change.field);
    const bool there = place != values.end() && place->field == change.field;
    if (Same(there ? &place->text : nullptr, change.text)) continue;
    made.fields_.push_back(change.field);
    if (there) {
      const auto old =
          internal::PostedOf(schema, people_.index_keys(), change.field, place->text.Reveal());
      if (old.has_value()) made.removed_.push_back(old->slot);
      keep(*place);
    }
    if (!change.text.has_value()) {
      values.erase(place);
      continue;
    }
    auto added =
        internal::PostedOf(schema, people_.index_keys(), change.field, change.text->Reveal());
    if (added.has_value()) made.added_.push_back(std::move(*added));
    if (there) {
      place->text = std::move(*change.text);
    } else {
      values.insert(place, Value{change.field, std::move(*change.text)});
    }
  }
  if (made.fields_.empty()) return Error{Code::kInvalid, "nothing differs"};
  CLOISON_TRY(internal::CheckRequired(schema, values));
  CLOISON_TRY(internal::KeepHistory(schema, people_.committer().Now(), replaced, values));
  CLOISON_TRY(Repost(before, values, made));
  made.new_seq_ = made.sighting_.header.seq + 1;
  CLOISON_TRY_ASSIGN(made.row_,
                     SealRow(schema, made.sighting_.key, made.new_seq_, values, people_.random()));
  return made;
}

Result<Change> Editor::Erase(Sighting sighting) const {
  const Schema& schema = people_.schema();
  CLOISON_TRY_ASSIGN(const Values values,
                     internal::OpenWholeRow(schema, sighting.key, sighting.row));
  Change made(people_, std::move(sighting));
  made.new_seq_ = made.sighting_.header.seq;
  CLOISON_TRY_ASSIGN(made.removed_, SearchSlots(values));
  for (const Value& value : values) {
    made.fields_.push_back(value.field);
    const auto posted =
        internal::PostedOf(schema, people_.index_keys(), value.field, value.text.Reveal());
    if (posted.has_value()) made.removed_.push_back(posted->slot);
  }
  return made;
}

}  // namespace cloison::records
