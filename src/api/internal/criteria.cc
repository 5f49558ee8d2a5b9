#include "api/internal/criteria.h"

#include <algorithm>

namespace cloison::api::internal {

namespace {

const records::FieldSpec* FieldOfIndex(const records::Schema& schema, std::uint16_t index) {
  const auto field = std::find_if(
      schema.fields().begin(), schema.fields().end(),
      [index](const records::FieldSpec& candidate) { return candidate.index == index; });
  return index != 0 && field != schema.fields().end() ? &*field : nullptr;
}

constexpr std::string_view kIdentifiers[] = {"nir", "phone", "email", "agency_id"};
constexpr std::string_view kCriteria[] = {"nir",       "phone",      "email",      "agency_id",
                                          "last_name", "first_name", "birth_date", "postcode"};
constexpr std::string_view kCardKeys[] = {"nir", "phone", "email", "agency_id", "birth_date"};

// One part of a search by name, in the form it is stored in. Nothing: not given, or not good.
std::optional<crypto::SecretBytes> ReadPart(const Call& call, Body& body,
                                            const codec::JsonValue& criteria, std::string_view name,
                                            records::SearchPart part) {
  const std::optional<codec::JsonValue> value = criteria.Find(name);
  if (!value.has_value()) return std::nullopt;
  const Result<std::string_view> text = value->AsString();
  const auto& fields = call.schema().fields();
  const auto field = std::ranges::find(fields, part, &records::FieldSpec::search);
  if (!text.ok() || field == fields.end()) {
    body.Add(*value, text.ok() ? "unknown_key" : "wrong_type",
             text.ok() ? "the register has no search by name" : "a string is expected");
    return std::nullopt;
  }
  Result<crypto::SecretBytes> stored =
      call.schema().Canonical(*field, *text, !call.service.development);
  if (stored.ok()) return std::move(*stored);
  body.Add(*value, "invalid_value", stored.error().text());
  return std::nullopt;
}

void ReadSearch(const Call& call, Body& body, const codec::JsonValue& criteria,
                access::LookupRequest& out) {
  using records::SearchPart;
  const auto last = ReadPart(call, body, criteria, "last_name", SearchPart::kLastName);
  const auto first = ReadPart(call, body, criteria, "first_name", SearchPart::kFirstName);
  const auto birth = ReadPart(call, body, criteria, "birth_date", SearchPart::kBirthDate);
  const auto postcode = ReadPart(call, body, criteria, "postcode", SearchPart::kPostcode);
  if (!body.ok()) return;
  const auto text = [](const std::optional<crypto::SecretBytes>& part) {
    return part.has_value() ? AsText(part->Reveal()) : std::string_view();
  };
  records::SearchTexts texts{{}, text(first), text(birth), text(postcode)};
  if (last.has_value()) texts.last_names.push_back(text(last));
  Result<records::SearchForms> forms = records::SearchForms::Of(texts);
  if (!forms.ok() || !forms->IsSearchable()) {
    body.Add(criteria, "invalid_value",
             "a name and the birth date, or both names and a postcode, are expected");
    return;
  }
  out.search = std::make_shared<const records::SearchForms>(std::move(*forms));
}

void ReadIdentifier(const Call& call, Body& body, const codec::JsonValue& value,
                    records::Criterion& out) {
  const Result<std::string_view> text = value.AsString();
  if (!text.ok()) {
    body.Add(value, "wrong_type", "a string is expected");
    return;
  }
  out.index = records::Schema::IndexOfCriterion(value.key());
  const records::FieldSpec* field = FieldOfIndex(call.schema(), out.index);
  if (field == nullptr) {
    body.Add(value, "unknown_key", "the register has no such index");
    return;
  }
  const Result<crypto::SecretBytes> stored =
      call.schema().Canonical(*field, *text, !call.service.development);
  if (!stored.ok()) {
    body.Add(value, "invalid_value", stored.error().text());
    return;
  }
  out.canonical = call.schema().IndexForm(*field, stored->Reveal());
}

// The only one of kIdentifiers that `criteria` has, which are an object; nothing: it has none or
// several.
std::optional<codec::JsonValue> IdentifierOf(const codec::JsonValue& criteria) {
  std::optional<codec::JsonValue> only;
  for (const std::string_view name : kIdentifiers) {
    const std::optional<codec::JsonValue> value = criteria.Find(name);
    if (value.has_value() && only.has_value()) return std::nullopt;
    if (value.has_value()) only = value;
  }
  return only;
}

}  // namespace

void ReadCriteria(const Call& call, Body& body, access::LookupRequest& out) {
  const std::optional<codec::JsonValue> criteria = body.Find("criteria", Need::kRequired);
  if (!criteria.has_value()) return;
  if (!criteria->is_object() || criteria->size() == 0) {
    body.Add(*criteria, "wrong_type", "an object with criteria is expected");
    return;
  }
  codec::JsonFault fault{Error{Code::kInvalid, ""}, "", 0};
  if (!criteria->CheckKeys(kCriteria, &fault).ok()) {
    body.Add(fault.pointer, "unknown_key",
             "a criterion is nir, phone, email or agency_id; or of last_name, first_name, "
             "birth_date and postcode");
    return;
  }
  const bool identifier = std::ranges::any_of(kIdentifiers, [&criteria](std::string_view name) {
    return criteria->Find(name).has_value();
  });
  if (!identifier) return ReadSearch(call, body, *criteria, out);
  if (criteria->size() == 1) return ReadIdentifier(call, body, *criteria->First(), out.criterion);
  body.Add(*criteria, "wrong_type", "an identifier is the only criterion");
}

void ReadCard(const Call& call, Body& body, const codec::JsonValue& card, access::Card& out) {
  codec::JsonFault fault{Error{Code::kInvalid, ""}, "", 0};
  if (!card.CheckKeys(kCardKeys, &fault).ok()) {
    body.Add(fault.pointer, card.is_object() ? "unknown_key" : "wrong_type",
             "a card has nir, phone, email or agency_id, and birth_date");
    return;
  }
  const std::optional<codec::JsonValue> identifier = IdentifierOf(card);
  if (!identifier.has_value()) {
    body.Add(card, "invalid_value", "exactly one of nir, phone, email and agency_id is expected");
    return;
  }
  ReadIdentifier(call, body, *identifier, out.number);
  constexpr auto kBirthDate = records::SearchPart::kBirthDate;
  auto date = ReadPart(call, body, card, "birth_date", kBirthDate);
  if (!date.has_value()) return;
  const auto field =
      std::ranges::find(call.schema().fields(), kBirthDate, &records::FieldSpec::search);
  out.birth = access::Card::Birth{field->id, std::move(*date)};
}

}  // namespace cloison::api::internal
