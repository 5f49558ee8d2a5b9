// An address that is accepted has one canonical form within the limits; the masked form keeps
// one letter of it and the end of the domain.
#include <string>

#include "base/bytes.h"
#include "text/email.h"
#include "text/mask.h"
#include "text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison::text;
  const auto email = CanonicalEmail(cloison::AsText({data, size}));
  if (!email.ok()) {
    const cloison::Code code = email.error().code();
    CLOISON_CHECK(code == cloison::Code::kInvalid || code == cloison::Code::kExhausted);
    return 0;
  }
  const std::size_t at = email->find('@');
  CLOISON_CHECK(at != std::string::npos && email->rfind('@') == at);
  CLOISON_CHECK(at > 0 && at <= kEmailLocalBytesMax && email->size() <= kEmailBytesMax);
  const std::string domain = email->substr(at + 1);
  CLOISON_CHECK(domain.size() <= kEmailDomainBytesMax && domain.find('.') != std::string::npos);
  for (const char c : domain) CLOISON_CHECK(static_cast<unsigned char>(c) < 0x80 && c > ' ');
  CLOISON_CHECK(IsValidUtf8(*email) && !HasControl(*email) && Trim(*email) == *email);
  const auto again = CanonicalEmail(*email);
  CLOISON_CHECK(again.ok() && *again == *email);
  const std::string masked = Mask(MaskKind::kEmail, *email);
  const std::string shown = std::string(FirstCharacter(*email)) + "***@***";
  CLOISON_CHECK(masked == shown + domain.substr(domain.rfind('.')));
  return 0;
}
