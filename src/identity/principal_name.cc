#include "identity/principal_name.h"

#include <algorithm>

#include "crypto/mac.h"

namespace cloison::identity {

PrincipalId PrincipalIdOf(std::string_view issuer, std::string_view sub) {
  static constexpr std::uint8_t kBetween[] = {0};
  const crypto::Digest digest =
      crypto::Sha256({AsBytes("cloison-principal/"), AsBytes(issuer), kBetween, AsBytes(sub)});
  return PrincipalId(crypto::Truncate<16>(digest));
}

bool IsAlias(std::string_view text) {
  if (text.empty() || text.size() > kAliasBytesMax) return false;
  if (text[0] < 'a' || text[0] > 'z') return false;
  return std::ranges::all_of(
      text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool IsSub(std::string_view text) {
  return !text.empty() && text.size() <= kSubBytesMax &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string ToText(const PrincipalName& name) {
  return name.alias + ":" + name.sub;
}

Result<PrincipalName> ParsePrincipalName(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !IsAlias(text.substr(0, colon)) ||
      !IsSub(text.substr(colon + 1))) {
    return Error{Code::kInvalid, "not the name of a principal"};
  }
  return PrincipalName{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

}  // namespace cloison::identity
