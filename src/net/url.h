// URLs, strictly: what is not plainly well-formed is refused, never repaired.
//
// Threads  pure functions.
// Source   RFC 3986; the query as application/x-www-form-urlencoded without '+' for a space.
#ifndef CLOISON_NET_URL_H_
#define CLOISON_NET_URL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace cloison::net {

inline constexpr std::size_t kUrlBytesMax = 2048;
inline constexpr std::size_t kQueryParametersMax = 64;

struct Url {
  bool https = true;
  std::string host;  // lower case; an IPv6 address without its brackets
  std::uint16_t port = 443;
  std::string path = "/";
  std::string query;  // raw, without the '?'
};

// "https://host:port/path?query", or http. Fails kInvalid: another scheme, user information, a
// fragment, an empty host, a port of 0 or above 65535, a character that is not of a URL.
Result<Url> ParseUrl(std::string_view text);

// "%41" to "A"; '+' stays. Fails kInvalid: a '%' without two hexadecimal digits, or "%00".
Result<std::string> PercentDecode(std::string_view text);
// Everything but unreserved characters (letters, digits, "-._~") becomes %XX.
std::string PercentEncode(std::string_view text);

// "a=1&b=%32" to its decoded pairs, in order; a name without '=' has the value "". Fails kInvalid:
// an empty name, a name that comes twice, bad escapes; kExhausted beyond kQueryParametersMax.
Result<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query);

}  // namespace cloison::net

#endif  // CLOISON_NET_URL_H_
