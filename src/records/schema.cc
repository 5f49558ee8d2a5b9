#include "records/schema.h"

#include <algorithm>

#include "records/internal/field_types.h"
#include "records/internal/schema_parser.h"
#include "text/agency_id.h"
#include "text/date.h"
#include "text/email.h"
#include "text/iban.h"
#include "text/nir.h"
#include "text/phone.h"
#include "text/postal.h"
#include "text/utf8.h"

namespace cloison::records {
namespace {

using crypto::SecretBytes;

// The text modules give plain strings: into secret memory at once, and the string wiped.
Result<SecretBytes> Keep(Result<std::string> made) {
  if (!made.ok()) return made.error();
  SecretBytes out = SecretBytes::CopyOf(AsBytes(*made));
  text::WipeText(*made);
  return out;
}

// One line of words.
Result<SecretBytes> CanonicalLine(std::string_view text) {
  if (!text::IsValidUtf8(text)) return Error{Code::kInvalid, "not UTF-8"};
  if (text::HasControl(text)) return Error{Code::kInvalid, "a control character"};
  return Keep(text::Nfc(text::Trim(text)));
}

// Several lines: line feeds and tabs are allowed.
Result<SecretBytes> CanonicalNote(std::string_view text) {
  if (!text::IsValidUtf8(text)) return Error{Code::kInvalid, "not UTF-8"};
  std::string_view left = text;
  while (!left.empty()) {
    const std::size_t cut = std::min(left.find_first_of("\n\t"), left.size());
    if (text::HasControl(left.substr(0, cut))) {
      return Error{Code::kInvalid, "a control character"};
    }
    left.remove_prefix(std::min(cut + 1, left.size()));
  }
  return Keep(text::Nfc(text::Trim(text)));
}

Result<SecretBytes> CanonicalSex(std::string_view text) {
  const std::string_view trimmed = text::Trim(text);
  if (trimmed == "F" || trimmed == "f") return SecretBytes::CopyOf(AsBytes("F"));
  if (trimmed == "M" || trimmed == "m") return SecretBytes::CopyOf(AsBytes("M"));
  if (trimmed == "X" || trimmed == "x") return SecretBytes::CopyOf(AsBytes("X"));
  return Error{Code::kInvalid, "sex is F, M or X"};
}

Result<SecretBytes> CanonicalDate(std::string_view text) {
  const std::string_view trimmed = text::Trim(text);
  CLOISON_TRY(text::ParseDate(trimmed));
  return SecretBytes::CopyOf(AsBytes(trimmed));
}

// 13 characters and the key of two digits: as the card shows it.
Result<SecretBytes> CanonicalNir(std::string_view text, bool production) {
  CLOISON_TRY_ASSIGN(const text::Nir nir, text::ParseNir(text, production));
  SecretBytes out(text::kNirCharacters + 2);
  const std::span<std::uint8_t> bytes = out.Reveal();
  std::copy(nir.canonical().begin(), nir.canonical().end(), bytes.begin());
  bytes[text::kNirCharacters] = static_cast<std::uint8_t>('0' + nir.key() / 10);
  bytes[text::kNirCharacters + 1] = static_cast<std::uint8_t>('0' + nir.key() % 10);
  return out;
}

Result<SecretBytes> CanonicalAddressLine(std::string_view text) {
  CLOISON_TRY_ASSIGN(SecretBytes line, CanonicalLine(text));
  const std::string_view lines[] = {AsText(line.Reveal())};
  CLOISON_TRY(text::CheckPostalLines(lines, text::PostalCountry::kAbroad));
  return line;
}

Result<SecretBytes> CanonicalChoice(const FieldSpec& field, std::string_view text) {
  const std::string_view trimmed = text::Trim(text);
  for (const std::string& choice : field.choices) {
    if (choice == trimmed) return SecretBytes::CopyOf(AsBytes(choice));
  }
  return Error{Code::kInvalid, "not one of the choices"};
}

Result<SecretBytes> CanonicalOf(const FieldSpec& field, std::string_view text, bool production) {
  switch (field.type) {
    case FieldType::kName:
    case FieldType::kText:
    case FieldType::kPlace:
    case FieldType::kReference: return CanonicalLine(text);
    case FieldType::kSex: return CanonicalSex(text);
    case FieldType::kDate: return CanonicalDate(text);
    case FieldType::kNir: return CanonicalNir(text, production);
    case FieldType::kPhone: return Keep(text::CanonicalPhone(text));
    case FieldType::kEmail: return Keep(text::CanonicalEmail(text));
    case FieldType::kAddressLine: return CanonicalAddressLine(text);
    case FieldType::kPostcode: return Keep(text::CanonicalPostcode(text));
    case FieldType::kAgencyId: return Keep(text::CanonicalAgencyId(text));
    case FieldType::kChoice: return CanonicalChoice(field, text);
    case FieldType::kIban: return Keep(text::CanonicalIban(text));
    case FieldType::kNote: return CanonicalNote(text);
    case FieldType::kHistory: return Error{Code::kInvalid, "a history is the register's own"};
  }
  return Error{Code::kInvalid, "an unknown type of field"};
}

}  // namespace

Result<std::shared_ptr<const Schema>> Schema::Parse(std::string_view toml,
                                                    std::vector<std::string>* problems) {
  CLOISON_CHECK(problems != nullptr);
  SchemaParser parser;
  std::shared_ptr<const Schema> schema = parser.Parse(toml);
  if (schema != nullptr) return schema;
  for (const codec::Diagnostic& problem : parser.problems().entries()) {
    problems->push_back("line " + std::to_string(problem.line) + ": " + problem.message);
  }
  return Error{Code::kInvalid, "the schema is not valid"};
}

std::shared_ptr<const Schema> Schema::WithPrevious(const Schema& schema,
                                                   std::shared_ptr<const Schema> previous) {
  CLOISON_CHECK(previous != nullptr);
  std::shared_ptr<Schema> made(new Schema(schema));
  made->earlier_ = std::make_shared<Earlier>(std::move(previous));
  return made;
}

const FieldSpec* Schema::Find(FieldId id) const {
  const auto at = std::lower_bound(fields_.begin(), fields_.end(), id,
                                   [](const FieldSpec& a, FieldId b) { return a.id < b; });
  return at != fields_.end() && at->id == id ? &*at : nullptr;
}

const FieldSpec* Schema::Find(std::string_view name) const {
  const auto at = std::find_if(fields_.begin(), fields_.end(),
                               [name](const FieldSpec& field) { return field.name == name; });
  return at != fields_.end() ? &*at : nullptr;
}

const CompartmentSpec* Schema::Find(CompartmentId id) const {
  for (const CompartmentSpec& compartment : compartments_) {
    if (compartment.id == id) return &compartment;
  }
  return nullptr;
}

std::uint8_t Schema::PageBits(std::uint16_t index) const {
  // Of 100 people, as `cloison generate` makes them: second names and second parts of names post
  // 128 last names; few have a second telephone. Pages that get more hold twice as much, and chain.
  constexpr std::uint64_t kLastNames = 128, kOne = 100, kFurther = 25;
  std::uint64_t per_hundred = 0;
  for (const FieldSpec& field : fields_) {
    if (field.index == index) per_hundred += per_hundred == 0 ? kOne : kFurther;
  }
  if (index == kBirthFirstIndex) per_hundred = kOne;
  if (index == kBirthLastIndex || index > kBirthFirstIndex) per_hundred = kLastNames;
  const std::uint64_t expected = capacity_ * per_hundred;  // 10^9 people at most
  std::uint8_t bits = kPageBitsMin;
  while (bits < kPageBitsMax && ((kPostingsPerPageExpected * 100) << bits) < expected) ++bits;
  return bits;
}

Result<SecretBytes> Schema::Canonical(const FieldSpec& field, std::string_view text,
                                      bool production) const {
  // Twice the limit leaves room for spaces and for letters that NFC joins.
  if (text.size() > 2 * kValueTextBytesMax) return Error{Code::kExhausted, "a value is too long"};
  CLOISON_TRY_ASSIGN(SecretBytes made, CanonicalOf(field, text, production));
  if (made.empty()) return Error{Code::kInvalid, "an empty value"};
  if (made.size() > field.bytes_max) return Error{Code::kExhausted, "a value is too long"};
  return made;
}

SecretBytes Schema::IndexForm(const FieldSpec& field, ByteView stored) const {
  CLOISON_CHECK(field.index != 0);
  if (field.type == FieldType::kNir) {
    stored = stored.first(std::min(stored.size(), text::kNirCharacters));
  }
  return SecretBytes::CopyOf(stored);
}

std::uint16_t Schema::IndexOfCriterion(std::string_view name) {
  for (const internal::IndexRow& row : internal::kIndexNames) {
    if (row.name == name) return row.index;
  }
  return 0;
}

}  // namespace cloison::records
