// A row is opened whole or not at all; a plain text that is accepted is the only one of its values.
#include <vector>

#include "records/row.h"

namespace {

using namespace cloison;

constexpr std::string_view kSchema = R"(
name = "fuzz"
register = 7
version = 1
capacity = 1000
[[compartment]]
id = 1
name = "open"
least = 64
[[compartment.field]]
id = 0x0101
name = "a"
type = "text"
[[compartment.field]]
id = 0x0102
name = "b"
type = "text"
[[compartment]]
id = 2
name = "sensitive"
least = 32
sensitive = true
[[compartment.field]]
id = 0x0201
name = "a"
type = "date"
)";

std::shared_ptr<const records::Schema> TheSchema() {
  std::vector<std::string> problems;
  auto schema = records::Schema::Parse(kSchema, &problems);
  CLOISON_CHECK(schema.ok());
  return *schema;
}

keys::PersonKey TheKey() {
  return {RegisterId(7),        LogId(ByteArray<8>{}), PersonId(ByteArray<8>{1}), 1,
          crypto::Secret<32>(), crypto::Secret<32>()};
}

void TryPlain(const records::Schema& schema, const records::CompartmentSpec& compartment,
              ByteView bytes) {
  records::Values values;
  const Status parsed = records::internal::ParsePlain(schema, compartment, bytes, values);
  if (!parsed.ok()) {
    CLOISON_CHECK(parsed.error().code() == Code::kCorrupt);
    return;
  }
  const auto again = records::internal::EncodePlain(compartment, values);
  CLOISON_CHECK(again.ok() && base::Equal(again->Reveal(), bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const records::Schema> schema = TheSchema();
  static const keys::PersonKey key = TheKey();
  const ByteView bytes(data, size);
  const auto opened = records::internal::OpenWholeRow(*schema, key, bytes);
  CLOISON_CHECK(opened.ok() || opened.error().code() == Code::kCorrupt);
  (void)records::ParseRowHeader(bytes);
  for (const records::CompartmentSpec& compartment : schema->compartments()) {
    TryPlain(*schema, compartment, bytes);
  }
  return 0;
}
