#include <algorithm>

#include "records/history.h"
#include "records/people.h"
#include "text/mask.h"
#include "text/nir.h"
#include "text/utf8.h"

namespace cloison::records {
namespace {

text::MaskKind KindOf(MaskForm form) {
  switch (form) {
    case MaskForm::kInitial: return text::MaskKind::kName;
    case MaskForm::kYear: return text::MaskKind::kDate;
    case MaskForm::kLastTwo: return text::MaskKind::kPhone;
    case MaskForm::kEmail: return text::MaskKind::kEmail;
    case MaskForm::kNir: return text::MaskKind::kNir;
    case MaskForm::kHidden:
    case MaskForm::kPlain: break;
  }
  return text::MaskKind::kGeneric;
}

crypto::SecretBytes Masked(const FieldSpec& field, crypto::SecretBytes whole) {
  if (field.mask == MaskForm::kPlain) return whole;
  std::string_view value = AsText(whole.Reveal());
  if (field.type == FieldType::kNir) value = value.substr(0, text::kNirCharacters);
  std::string masked = text::Mask(KindOf(field.mask), value);
  crypto::SecretBytes out = crypto::SecretBytes::CopyOf(AsBytes(masked));
  text::WipeText(masked);
  return out;
}

std::vector<CompartmentId> CompartmentsOf(const Schema& schema,
                                          const std::vector<FieldId>& fields) {
  std::vector<CompartmentId> out;
  for (const FieldId id : fields) {
    const FieldSpec* field = schema.Find(id);
    if (field != nullptr) out.push_back(field->compartment);
  }
  return out;
}

}  // namespace

Result<std::vector<OpenedValue>> Opener::Open(const Sighting& sighting,
                                              ledger::Receipt receipt) const {
  const ledger::Receipt used = std::move(receipt);
  if (used.form() != ledger::Form::kPlain && used.form() != ledger::Form::kMasked) {
    return Error{Code::kDenied, "the receipt shows no values"};
  }
  CLOISON_TRY_ASSIGN(const RowHeader header, ParseRowHeader(sighting.row));
  if (sighting.key.person() != used.person() || header.seq != used.seq()) {
    return Error{Code::kConflict, "the receipt is for another row"};
  }
  CLOISON_TRY_ASSIGN(Values values, internal::OpenRow(schema_, sighting.key, sighting.row,
                                                      CompartmentsOf(schema_, used.fields())));
  std::vector<OpenedValue> out;
  for (Value& value : values) {
    const std::vector<FieldId>& named = used.fields();
    if (std::find(named.begin(), named.end(), value.field) == named.end()) continue;
    const FieldSpec& field = *schema_.Find(value.field);
    if (field.type == FieldType::kHistory) {
      const std::int64_t since_ms = internal::KeptSince(field, used.now_ms());
      CLOISON_TRY_ASSIGN(value.text, HistorySince(value.text.Reveal(), since_ms));
      if (value.text.empty()) continue;
    }
    const bool whole = used.form() == ledger::Form::kPlain;
    out.push_back(OpenedValue{
        value.field, whole ? std::move(value.text) : Masked(field, std::move(value.text))});
  }
  return out;
}

}  // namespace cloison::records
