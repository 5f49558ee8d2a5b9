#include <algorithm>

#include "records/people.h"
#include "text/date.h"

namespace cloison::records {

Result<bool> Matcher::IsBefore(const Sighting& sighting, FieldId date, std::int64_t days) const {
  const Schema& schema = people_.schema();
  const FieldSpec* const field = schema.Find(date);
  if (field == nullptr || field->type != FieldType::kDate) {
    return Error{Code::kInvalid, "not a date of this register"};
  }
  const CompartmentId wanted[] = {field->compartment};
  CLOISON_TRY_ASSIGN(const Values values,
                     internal::OpenRow(schema, sighting.key, sighting.row, wanted));
  const auto value = std::ranges::find(values, date, &Value::field);
  if (value == values.end()) return false;
  CLOISON_TRY_ASSIGN(const text::Date when, text::ParseDate(AsText(value->text.Reveal())));
  return text::DaysOf(when) < days;
}

}  // namespace cloison::records
