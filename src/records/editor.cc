#include <algorithm>
#include <iterator>

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

bool AreSame(const internal::Posted& a, const internal::Posted& b) {
  return a.criterion.index == b.criterion.index &&
         crypto::EqualConstantTime(a.criterion.canonical.Reveal(), b.criterion.canonical.Reveal());
}

bool Same(const crypto::SecretBytes* old, const std::optional<crypto::SecretBytes>& text) {
  if (old == nullptr || !text.has_value()) return old == nullptr && !text.has_value();
  return crypto::EqualConstantTime(old->Reveal(), text->Reveal());
}

}  // namespace

// What was posted and is no more, and what was not: of a search, where one name moves others.
Status Editor::Repost(std::vector<internal::Posted> before, const Values& after,
                      Change& made) const {
  CLOISON_TRY_ASSIGN(auto searched, internal::SearchPostedOf(people_.schema(), after));
  for (internal::Posted& one : searched) {
    const auto kept = std::ranges::find_if(
        before, [&one](const internal::Posted& old) { return AreSame(old, one); });
    if (kept != before.end()) {
      before.erase(kept);
    } else {
      made.posted_.added.push_back(std::move(one));
    }
  }
  std::ranges::move(before, std::back_inserter(made.posted_.removed));
  return Ok();
}

Result<Change> Editor::Update(Sighting sighting, std::vector<FieldChange> changes) const {
  const Schema& schema = people_.schema();
  std::sort(changes.begin(), changes.end(),
            [](const FieldChange& a, const FieldChange& b) { return a.field < b.field; });
  CLOISON_TRY(CheckChanges(schema, changes));
  CLOISON_TRY_ASSIGN(Values values, internal::OpenWholeRow(schema, sighting.key, sighting.row));
  Change made(people_, std::move(sighting));
  CLOISON_TRY_ASSIGN(std::vector<internal::Posted> before,
                     internal::SearchPostedOf(schema, values));
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
      auto old = internal::PostedOf(schema, change.field, place->text.Reveal());
      if (old.has_value()) made.posted_.removed.push_back(std::move(*old));
      keep(*place);
    }
    if (!change.text.has_value()) {
      values.erase(place);
      continue;
    }
    auto added = internal::PostedOf(schema, change.field, change.text->Reveal());
    if (added.has_value()) made.posted_.added.push_back(std::move(*added));
    if (there) {
      place->text = std::move(*change.text);
    } else {
      values.insert(place, Value{change.field, std::move(*change.text)});
    }
  }
  if (made.fields_.empty()) return Error{Code::kInvalid, "nothing differs"};
  CLOISON_TRY(internal::CheckRequired(schema, values));
  CLOISON_TRY(internal::KeepHistory(schema, people_.committer().Now(), replaced, values));
  CLOISON_TRY(Repost(std::move(before), values, made));
  made.new_seq_ = people_.NextSeq(made.sighting_);
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
  for (const Value& value : values) made.fields_.push_back(value.field);
  CLOISON_TRY_ASSIGN(made.posted_.removed, internal::AllPostedOf(schema, values));
  return made;
}

}  // namespace cloison::records
