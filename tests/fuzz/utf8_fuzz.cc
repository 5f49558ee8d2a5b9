// Text is well-formed or not by the table of Unicode, and each form of a text is its own form.
#include <string>

#include "base/bytes.h"
#include "text/utf8.h"

namespace {

using namespace cloison::text;
using cloison::Result;

// Table 3-7 of Unicode 15, written down again.
bool IsWellFormed(std::string_view text) {
  std::size_t i = 0;
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
  };
  const auto tail = [&](std::size_t at) { return (byte(at) & 0xc0) == 0x80; };
  while (i < text.size()) {
    const unsigned a = byte(i), b = byte(i + 1);
    if (a < 0x80) {
      i += 1;
    } else if (a >= 0xc2 && a <= 0xdf && tail(i + 1)) {
      i += 2;
    } else if (a >= 0xe0 && a <= 0xef && tail(i + 1) && tail(i + 2) && !(a == 0xe0 && b < 0xa0) &&
               !(a == 0xed && b > 0x9f)) {
      i += 3;
    } else if (a >= 0xf0 && a <= 0xf4 && tail(i + 1) && tail(i + 2) && tail(i + 3) &&
               !(a == 0xf0 && b < 0x90) && !(a == 0xf4 && b > 0x8f)) {
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

void CheckForm(Result<std::string> (*form)(std::string_view), std::string_view text) {
  const Result<std::string> made = form(text);
  CLOISON_CHECK(made.ok() == (IsWellFormed(text) && text.size() <= kTextBytesMax));
  if (!made.ok() || made->size() > kTextBytesMax) return;
  CLOISON_CHECK(IsWellFormed(*made));
  const Result<std::string> again = form(*made);
  CLOISON_CHECK(again.ok() && *again == *made);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = cloison::AsText({data, size});
  const auto invalid = FirstInvalidUtf8(text);
  CLOISON_CHECK(invalid.has_value() == !IsWellFormed(text));
  if (invalid.has_value()) CLOISON_CHECK(IsWellFormed(text.substr(0, *invalid)));
  CheckForm(Nfc, text);
  CheckForm(LowerCase, text);
  CheckForm(FoldCase, text);
  if (invalid.has_value()) return 0;
  const std::string_view trimmed = Trim(text);
  CLOISON_CHECK(Trim(trimmed) == trimmed && CountCharacters(trimmed) <= CountCharacters(text));
  CLOISON_CHECK(text.starts_with(FirstCharacter(text)));
  CLOISON_CHECK(CountCharacters(FirstCharacter(text)) == (text.empty() ? 0u : 1u));
  return 0;
}
