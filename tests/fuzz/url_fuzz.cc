// A text that is encoded decodes to itself; a URL or query that is accepted is whole and bounded.
#include <algorithm>
#include <set>
#include <string>

#include "base/bytes.h"
#include "net/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  const std::string_view text = AsText({data, size});
  const auto decoded = net::PercentDecode(text);
  if (decoded.ok()) CLOISON_CHECK(decoded->size() <= text.size());
  if (text.find('\0') == std::string_view::npos) {
    CLOISON_CHECK(*net::PercentDecode(net::PercentEncode(text)) == text);
  }
  const auto query = net::ParseQuery(text);
  if (query.ok()) {
    std::set<std::string> names;
    std::string again;
    for (const auto& [name, value] : *query) {
      CLOISON_CHECK(!name.empty() && names.insert(name).second);
      if (!again.empty()) again += "&";
      again += net::PercentEncode(name) + "=" + net::PercentEncode(value);
    }
    CLOISON_CHECK(query->size() <= net::kQueryParametersMax);
    if (again.find("%00") == std::string::npos) CLOISON_CHECK(*net::ParseQuery(again) == *query);
  }
  const auto url = net::ParseUrl(text);
  if (!url.ok()) return 0;
  CLOISON_CHECK(!url->host.empty() && url->port != 0 && url->path.starts_with('/'));
  const bool address = url->host.find(':') != std::string::npos;
  const std::string host = address ? "[" + url->host + "]" : url->host;
  const std::string again = (url->https ? "https://" : "http://") + host + ":" +
                            std::to_string(url->port) + url->path +
                            (url->query.empty() ? "" : "?" + url->query);
  const auto same = again.size() <= net::kUrlBytesMax ? net::ParseUrl(again) : url;
  CLOISON_CHECK(same.ok() && same->host == url->host && same->port == url->port);
  CLOISON_CHECK(same->path == url->path && same->query == url->query);
  return 0;
}
