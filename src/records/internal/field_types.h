// What the schema's words for types, masks and indexes mean: one table each.
#ifndef CLOISON_RECORDS_INTERNAL_FIELD_TYPES_H_
#define CLOISON_RECORDS_INTERNAL_FIELD_TYPES_H_

#include <string_view>

#include "records/schema.h"

namespace cloison::records::internal {

struct TypeRow {
  std::string_view name;
  FieldType type;
  MaskForm mask;            // where the schema names none
  std::uint16_t bytes_max;  // of the stored form; a schema may ask for less
  std::uint16_t index;      // the only index that a field of the type can have; 0: none
};

// 160 bytes hold 80 letters with accents; 152 a postal line of 38 characters of 4 bytes.
inline constexpr TypeRow kTypes[] = {
    {"name", FieldType::kName, MaskForm::kInitial, 160, 0},
    {"text", FieldType::kText, MaskForm::kHidden, 1'024, 0},
    {"sex", FieldType::kSex, MaskForm::kHidden, 1, 0},
    {"date", FieldType::kDate, MaskForm::kYear, 10, 0},
    {"place", FieldType::kPlace, MaskForm::kHidden, 160, 0},
    {"nir", FieldType::kNir, MaskForm::kNir, 15, kNirIndex},
    {"phone", FieldType::kPhone, MaskForm::kLastTwo, 16, kPhoneIndex},
    {"email", FieldType::kEmail, MaskForm::kEmail, 254, kEmailIndex},
    {"address_line", FieldType::kAddressLine, MaskForm::kHidden, 152, 0},
    {"postcode", FieldType::kPostcode, MaskForm::kHidden, 5, 0},
    {"agency_id", FieldType::kAgencyId, MaskForm::kHidden, 11, kAgencyIndex},
    {"choice", FieldType::kChoice, MaskForm::kHidden, 64, 0},
    {"iban", FieldType::kIban, MaskForm::kHidden, 34, 0},
    {"note", FieldType::kNote, MaskForm::kHidden, kValueTextBytesMax, 0},
    {"reference", FieldType::kReference, MaskForm::kHidden, 128, kReferenceIndex},
    {"history", FieldType::kHistory, MaskForm::kHidden, kValueTextBytesMax, 0},
};

struct MaskRow {
  std::string_view name;
  MaskForm form;
};
inline constexpr MaskRow kMasks[] = {
    {"hidden", MaskForm::kHidden},    {"initial", MaskForm::kInitial}, {"year", MaskForm::kYear},
    {"last_two", MaskForm::kLastTwo}, {"email", MaskForm::kEmail},     {"nir", MaskForm::kNir},
    {"plain", MaskForm::kPlain},
};

struct IndexRow {
  std::string_view name;
  std::uint16_t index;
};
inline constexpr IndexRow kIndexNames[] = {
    {"nir", kNirIndex},          {"phone", kPhoneIndex},         {"email", kEmailIndex},
    {"agency_id", kAgencyIndex}, {"reference", kReferenceIndex},
};

struct SearchRow {
  std::string_view name;
  SearchPart part;
  FieldType type;  // the only one that it fits
};
inline constexpr SearchRow kSearchParts[] = {
    {"last_name", SearchPart::kLastName, FieldType::kName},
    {"first_name", SearchPart::kFirstName, FieldType::kName},
    {"birth_date", SearchPart::kBirthDate, FieldType::kDate},
    {"postcode", SearchPart::kPostcode, FieldType::kPostcode},
};

inline const TypeRow& RowOf(FieldType type) {
  for (const TypeRow& row : kTypes) {
    if (row.type == type) return row;
  }
  CLOISON_CHECK(false);
  return kTypes[0];
}

}  // namespace cloison::records::internal

#endif  // CLOISON_RECORDS_INTERNAL_FIELD_TYPES_H_
