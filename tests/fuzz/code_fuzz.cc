// A code that is read names the person whose code it is: written again, it is the same one.
#include <algorithm>
#include <string>

#include "records/codes.h"
#include "text/base32.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  static const crypto::Ff1 key(ByteArray<32>{1}, 32);
  const records::internal::CodeScope scope{RegisterId(7), OrganisationId(5), 1};
  const std::string_view text = AsText({data, size});
  const auto person = records::internal::DecodeCode(key, scope, text);
  if (!person.ok()) {
    const Code code = person.error().code();
    CLOISON_CHECK(code == Code::kInvalid || code == Code::kNotFound);
    return 0;
  }
  const auto again = records::internal::EncodeCode(key, scope, *person);
  CLOISON_CHECK(again.ok());
  CLOISON_CHECK(again->Text() == text::FormatCode(*text::ParseCode(text)));
  return 0;
}
