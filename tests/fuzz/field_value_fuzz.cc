// A value that a field accepts is canonical already, within the size of the field, and has one form
// under which it is indexed.
//
//   input   which field of the job seekers' schema ‖ text
#include <string>
#include <vector>

#include "base/bytes.h"
#include "records/schema.h"
#include "text/utf8.h"
#include "vault/embedded.h"

namespace {

using namespace cloison;

const records::Schema& TheSchema() {
  static const std::shared_ptr<const records::Schema> schema = [] {
    std::vector<std::string> problems;
    return *records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems);
  }();
  return *schema;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto& fields = TheSchema().fields();
  const records::FieldSpec& field = fields[data[0] % fields.size()];
  const std::string_view text = AsText({data + 1, size - 1});
  const auto value = TheSchema().Canonical(field, text, true);
  if (!value.ok()) {
    const Code code = value.error().code();
    CLOISON_CHECK(code == Code::kInvalid || code == Code::kExhausted);
    return 0;
  }
  CLOISON_CHECK(TheSchema().Canonical(field, text, false).ok());
  const std::string_view canonical = AsText(value->Reveal());
  CLOISON_CHECK(!canonical.empty() && canonical.size() <= field.bytes_max);
  CLOISON_CHECK(text::IsValidUtf8(canonical) && text::Trim(canonical) == canonical);
  const auto again = TheSchema().Canonical(field, canonical, true);
  CLOISON_CHECK(again.ok() && base::Equal(again->Reveal(), value->Reveal()));
  if (field.index == 0) return 0;
  const crypto::SecretBytes indexed = TheSchema().IndexForm(field, value->Reveal());
  CLOISON_CHECK(!indexed.empty() && indexed.size() <= canonical.size());
  return 0;
}
