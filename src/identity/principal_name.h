// Names of principals. An identity is the pair (issuer URL, sub); its principal's id is a digest of
// the two. People write it `alias:sub`, the alias being the issuer's in the issuers file
// (docs/format/issuers.md), so that an issuer can move to another alias but never to another URL.
//
// Threads  pure functions.
// Source   OpenID Connect Core section 2 (sub: at most 255 ASCII characters, case-sensitive).
#ifndef CLOISON_IDENTITY_PRINCIPAL_NAME_H_
#define CLOISON_IDENTITY_PRINCIPAL_NAME_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace cloison::identity {

inline constexpr std::size_t kAliasBytesMax = 32;
inline constexpr std::size_t kSubBytesMax = 255;
inline constexpr std::size_t kIssuerUrlBytesMax = 256;

// The first 16 bytes of SHA-256("cloison-principal/" ‖ issuer ‖ 0x00 ‖ sub).
PrincipalId PrincipalIdOf(std::string_view issuer, std::string_view sub);

// A lower-case letter, then up to 31 lower-case letters, digits and '-'.
bool IsAlias(std::string_view text);
// 1 to 255 visible ASCII characters (no space).
bool IsSub(std::string_view text);

struct PrincipalName {
  std::string alias;
  std::string sub;
  friend bool operator==(const PrincipalName&, const PrincipalName&) = default;
};

// "alias:sub"; the first ':' separates, so a sub may hold others.
std::string ToText(const PrincipalName& name);
// kInvalid: no name can look so. What is accepted prints back as itself.
Result<PrincipalName> ParsePrincipalName(std::string_view text);

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_PRINCIPAL_NAME_H_
