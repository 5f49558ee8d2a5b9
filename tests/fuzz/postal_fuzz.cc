// An address that is accepted can be checked again; what is printed of it is an address, in lines
// of 38 characters, capitals at the end, and prints as itself. A postcode and an agency identifier
// that are accepted are their own canonical form.
//
//   input   0 France, 1 abroad ‖ lines, a line feed between
#include <algorithm>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "text/agency_id.h"
#include "text/postal.h"
#include "text/utf8.h"

namespace {

using namespace cloison::text;

void CheckNumbers(std::string_view text) {
  if (const auto postcode = CanonicalPostcode(text); postcode.ok()) {
    CLOISON_CHECK(postcode->size() == 5 && *CanonicalPostcode(*postcode) == *postcode);
  }
  if (const auto id = CanonicalAgencyId(text); id.ok()) {
    CLOISON_CHECK(id->size() == kAgencyIdShort || id->size() == kAgencyIdLong);
    CLOISON_CHECK(*CanonicalAgencyId(*id) == *id);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto country = data[0] % 2 == 0 ? PostalCountry::kFrance : PostalCountry::kAbroad;
  const std::string_view text = cloison::AsText({data + 1, size - 1});
  CheckNumbers(text);
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  const bool good = CheckPostalLines(lines, country).ok();
  const auto printed = PrintedPostalLines(lines, country);
  CLOISON_CHECK(good || !printed.ok());
  if (!printed.ok()) return 0;
  CLOISON_CHECK(printed->size() == lines.size() && lines.size() <= kPostalLinesAbroadMax);
  for (const std::string& line : *printed) {
    CLOISON_CHECK(CountCharacters(*Nfc(line)) <= kPostalLineCharactersMax);
  }
  for (std::size_t i = 0; i < printed->size(); ++i) {
    if (i + kPostalCapitalLines < printed->size()) continue;
    CLOISON_CHECK(!(*printed)[i].empty());
    for (const char c : (*printed)[i]) CLOISON_CHECK(!(c >= 'a' && c <= 'z'));
  }
  const std::vector<std::string_view> again(printed->begin(), printed->end());
  const auto twice = PrintedPostalLines(again, country);
  CLOISON_CHECK(twice.ok() && *twice == *printed);
  return 0;
}
