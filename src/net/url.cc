#include "net/url.h"

#include <algorithm>
#include <charconv>

namespace cloison::net {
namespace {

constexpr std::string_view kUnreserved = "-._~";
constexpr std::string_view kPathExtra = "-._~!$&'()*+,;=:@/%";
constexpr std::string_view kQueryExtra = "-._~!$&'()*+,;=:@/%?";

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool OnlyOf(std::string_view text, std::string_view extra) {
  return std::all_of(text.begin(), text.end(), [extra](char c) {
    return IsAlphanumeric(c) || extra.find(c) != std::string_view::npos;
  });
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string LowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

Result<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc{} || end != text.data() + text.size() || port == 0) {
    return Error{Code::kInvalid, "a URL's port is not a number from 1 to 65535"};
  }
  return port;
}

Status ParseAuthority(std::string_view text, Url& url) {
  std::string_view host = text;
  std::string_view after;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return Error{Code::kInvalid, "a URL's bracket stays open"};
    host = text.substr(1, end - 1);
    after = text.substr(end + 1);
    const auto is_address = [](char c) { return HexValue(c) >= 0 || c == ':' || c == '.'; };
    if (host.find(':') == std::string_view::npos ||
        !std::all_of(host.begin(), host.end(), is_address)) {
      return Error{Code::kInvalid, "a URL's IPv6 address has another character"};
    }
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    host = text.substr(0, colon);
    after = text.substr(colon);
    if (host.empty() || !OnlyOf(host, "-.")) {
      return Error{Code::kInvalid, "a URL's host is empty or has another character"};
    }
  }
  if (!after.empty()) {
    if (after.front() != ':') return Error{Code::kInvalid, "a URL's host is followed by text"};
    CLOISON_TRY_ASSIGN(url.port, ParsePort(after.substr(1)));
  }
  url.host = LowerCase(host);
  return Ok();
}

}  // namespace

Result<Url> ParseUrl(std::string_view text) {
  if (text.size() > kUrlBytesMax) return Error{Code::kInvalid, "a URL is too long"};
  Url url;
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
    url.https = false;
    url.port = 80;
  } else {
    return Error{Code::kInvalid, "a URL begins with neither https:// nor http://"};
  }
  const std::size_t authority_size = std::min(text.find_first_of("/?#"), text.size());
  CLOISON_TRY(ParseAuthority(text.substr(0, authority_size), url));
  text.remove_prefix(authority_size);

  const std::size_t path_size = std::min(text.find('?'), text.size());
  const std::string_view path = text.substr(0, path_size);
  const std::string_view query = text.substr(std::min(path_size + 1, text.size()));
  if (!OnlyOf(path, kPathExtra) || !OnlyOf(query, kQueryExtra)) {
    return Error{Code::kInvalid, "a URL has a character that is not of a URL"};
  }
  if (!PercentDecode(path).ok() || !PercentDecode(query).ok()) {
    return Error{Code::kInvalid, "a URL has a bad escape"};
  }
  if (!path.empty()) url.path = path;
  url.query = query;
  return url;
}

Result<std::string> PercentDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
    if (high < 0 || low < 0) return Error{Code::kInvalid, "an escape has not two digits"};
    if (high == 0 && low == 0) return Error{Code::kInvalid, "an escape makes a zero byte"};
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsAlphanumeric(c) || kUnreserved.find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const std::size_t size = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, size);
    const bool last = size == query.size();
    query.remove_prefix(last ? size : size + 1);
    if (!last && query.empty()) return Error{Code::kInvalid, "a query ends in an empty parameter"};
    if (pairs.size() == kQueryParametersMax) {
      return Error{Code::kExhausted, "a query has too many parameters"};
    }
    const std::size_t equals = std::min(pair.find('='), pair.size());
    CLOISON_TRY_ASSIGN(std::string name, PercentDecode(pair.substr(0, equals)));
    CLOISON_TRY_ASSIGN(std::string value,
                       PercentDecode(pair.substr(std::min(equals + 1, pair.size()))));
    if (name.empty()) return Error{Code::kInvalid, "a query has a parameter without a name"};
    for (const auto& [known, unused] : pairs) {
      if (known == name) return Error{Code::kInvalid, "a query has a parameter twice"};
    }
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return pairs;
}

}  // namespace cloison::net
