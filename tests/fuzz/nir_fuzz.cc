// A number that is accepted has one canonical form, whose printed form is accepted again; and no
// other last digit of the key is.
#include <string>

#include "base/bytes.h"
#include "text/mask.h"
#include "text/nir.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison::text;
  const std::string_view text = cloison::AsText({data, size});
  const auto nir = ParseNir(text, true);
  if (!nir.ok()) {
    CLOISON_CHECK(nir.error().code() == cloison::Code::kInvalid);
    return 0;
  }
  std::string printed(nir->canonical());
  CLOISON_CHECK(printed.size() == kNirCharacters);
  CLOISON_CHECK(nir->key() >= 1 && nir->key() <= 97);
  CLOISON_CHECK(Mask(MaskKind::kNir, printed).find(printed.substr(3)) == std::string::npos);
  printed.push_back(static_cast<char>('0' + nir->key() / 10));
  printed.push_back(static_cast<char>('0' + nir->key() % 10));
  const auto again = ParseNir(printed, true);
  CLOISON_CHECK(again.ok() && again->canonical() == nir->canonical());
  printed.back() = printed.back() == '9' ? '0' : static_cast<char>(printed.back() + 1);
  CLOISON_CHECK(!ParseNir(printed, true).ok());
  return 0;
}
