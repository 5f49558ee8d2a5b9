// Reads a schema's TOML (docs/format/schema.md). One use per parser; cold path.
#ifndef CLOISON_RECORDS_INTERNAL_SCHEMA_PARSER_H_
#define CLOISON_RECORDS_INTERNAL_SCHEMA_PARSER_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "codec/toml_reader.h"
#include "records/schema.h"

namespace cloison::records {

class SchemaParser {
 public:
  // Nothing when anything is wrong; problems() says what.
  std::shared_ptr<const Schema> Parse(std::string_view toml);
  const codec::Diagnostics& problems() const { return problems_; }

 private:
  void ReadTop(const codec::TomlTable& top);
  void ReadCompartment(const codec::TomlTable& table);
  void ReadField(const codec::TomlTable& table, const CompartmentSpec& compartment);
  void ReadKind(const codec::TomlTable& table, FieldSpec& field);
  void ReadIndex(const codec::TomlTable& table, FieldSpec& field);
  void ReadSearch(const codec::TomlTable& table, FieldSpec& field);
  void ReadChoices(const codec::TomlTable& table, FieldSpec& field);
  void ReadFlags(const codec::TomlTable& table, const CompartmentSpec& compartment,
                 FieldSpec& field);
  void ReadHistory(const codec::TomlTable& table, FieldSpec& field);
  void CheckHistory(int line);
  void CheckWhole(const codec::TomlTable& top);
  void CheckSensitiveSize(const CompartmentSpec& compartment, int line);
  // A lower-case name of kSchemaNameBytesMax at most; `dash` is what joins its words.
  std::string ReadName(const codec::TomlTable& table, char dash);
  std::int64_t ReadNumber(const codec::TomlTable& table, std::string_view key,
                          codec::TomlRange range);

  codec::Diagnostics problems_;
  Schema schema_;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_INTERNAL_SCHEMA_PARSER_H_
