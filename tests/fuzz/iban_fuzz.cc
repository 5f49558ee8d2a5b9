// An account number that is accepted is upper-case letters and digits, canonical already; and with
// other check digits it is refused.
#include <algorithm>
#include <string>

#include "base/bytes.h"
#include "text/iban.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison::text;
  const auto iban = CanonicalIban(cloison::AsText({data, size}));
  if (!iban.ok()) {
    CLOISON_CHECK(iban.error().code() == cloison::Code::kInvalid);
    return 0;
  }
  CLOISON_CHECK(iban->size() >= kIbanMin && iban->size() <= kIbanMax);
  CLOISON_CHECK(std::all_of(iban->begin(), iban->end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
  }));
  const auto again = CanonicalIban(*iban);
  CLOISON_CHECK(again.ok() && *again == *iban);
  std::string other = *iban;
  other[3] = other[3] == '9' ? '0' : static_cast<char>(other[3] + 1);
  CLOISON_CHECK(!CanonicalIban(other).ok());
  return 0;
}
