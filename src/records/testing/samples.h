// Schemas, keys and values of tests.
#ifndef CLOISON_RECORDS_TESTING_SAMPLES_H_
#define CLOISON_RECORDS_TESTING_SAMPLES_H_

#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "records/row.h"

namespace cloison::records::testing {

inline std::shared_ptr<const Schema> MustParse(std::string_view toml) {
  std::vector<std::string> problems;
  Result<std::shared_ptr<const Schema>> schema = Schema::Parse(toml, &problems);
  CLOISON_CHECK(schema.ok());
  return *schema;
}

inline std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  CLOISON_CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// schemas/job-seekers.toml, with another register number and capacity.
inline std::shared_ptr<const Schema> JobSeekers(RegisterId register_id, std::uint64_t capacity) {
  std::string toml = ReadText("schemas/job-seekers.toml");
  const auto set = [&toml](std::string_view line, const std::string& instead) {
    const std::size_t at = toml.find(line);
    CLOISON_CHECK(at != std::string::npos);
    toml.replace(at, toml.find('\n', at) - at, instead);
  };
  set("register = 1", "register = " + std::to_string(register_id.value()));
  set("capacity = ", "capacity = " + std::to_string(capacity));
  return MustParse(toml);
}

inline crypto::SecretBytes Secretly(std::string_view text) {
  return crypto::SecretBytes::CopyOf(AsBytes(text));
}

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

// Canonical values of the named fields, ascending.
inline Values ValuesOf(const Schema& schema, const NamedTexts& texts) {
  Values values;
  for (const FieldSpec& field : schema.fields()) {
    for (const auto& [name, text] : texts) {
      if (name != field.name) continue;
      Result<crypto::SecretBytes> made = schema.Canonical(field, text, false);
      CLOISON_CHECK(made.ok());
      values.push_back(Value{field.id, std::move(*made)});
    }
  }
  return values;
}

inline NamedTexts TextsOf(const Schema& schema, const Values& values) {
  NamedTexts texts;
  for (const Value& value : values) {
    texts.emplace_back(schema.Find(value.field)->name, AsText(value.text.Reveal()));
  }
  return texts;
}

// A French civil number that nobody has: woman born in month `n` of a made-up year, with its key.
inline std::string NirOf(unsigned n) {
  std::string digits = std::to_string(2'550'175'001'000ull + n / 900 * 1'000 + n % 900 + 1);
  const std::uint64_t key = 97 - std::stoull(digits) % 97;
  return digits + (key < 10 ? "0" : "") + std::to_string(key);
}

inline crypto::Secret<32> CountedKey(std::uint8_t first) {
  crypto::Secret<32> key;
  for (std::uint8_t& byte : key.Reveal()) byte = first++;
  return key;
}

// The person of tests/vectors/cloison-formats.json.
inline const RegisterId kVectorRegister{7};
inline const PersonId kVectorPerson{ByteArray<8>{0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7}};
inline keys::PersonKey VectorKey(std::uint32_t pkv = 1, PersonId person = kVectorPerson) {
  const LogId log{ByteArray<8>{0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18}};
  return keys::PersonKey(kVectorRegister, log, person, pkv, CountedKey(0x20), CountedKey(0x40));
}

// The five compartments of the vectors.
inline constexpr std::string_view kVectorSchema = R"(
name = "vectors"
register = 7
version = 1
capacity = 50_000_000
[[compartment]]
id = 1
name = "identity"
least = 32
  [[compartment.field]]
  id = 0x0101
  name = "birth_name"
  type = "name"
  [[compartment.field]]
  id = 0x0102
  name = "first_name"
  type = "name"
  [[compartment.field]]
  id = 0x0103
  name = "birth_date"
  type = "date"
[[compartment]]
id = 2
name = "civil_number"
least = 32
sensitive = true
  [[compartment.field]]
  id = 0x0201
  name = "nir"
  type = "nir"
  index = "nir"
  unique = true
[[compartment]]
id = 3
name = "contact"
least = 64
[[compartment]]
id = 4
name = "address"
least = 32
  [[compartment.field]]
  id = 0x0401
  name = "line"
  type = "text"
[[compartment]]
id = 5
name = "notes"
least = 32
  [[compartment.field]]
  id = 0x0501
  name = "note"
  type = "note"
)";

}  // namespace cloison::records::testing

#endif  // CLOISON_RECORDS_TESTING_SAMPLES_H_
