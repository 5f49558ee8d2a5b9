#include "identity/provider_http.h"

#include "net/client.h"
#include "net/url.h"

namespace cloison::identity {

bool IsLoopbackHttp(std::string_view url) {
  const Result<net::Url> parsed = net::ParseUrl(url);
  return parsed.ok() && !parsed->https &&
         (parsed->host == "127.0.0.1" || parsed->host == "::1" || parsed->host == "localhost");
}

Result<net::Response> SystemProviderHttp::Send(const ProviderRequest& request) {
  CLOISON_TRY_ASSIGN(const net::Url url, net::ParseUrl(request.url));
  if (!url.https && !(options_.loopback_http && IsLoopbackHttp(request.url))) {
    return Error{Code::kInvalid, "a provider is asked over https alone"};
  }
  net::ClientOptions options;
  options.host = url.host;
  options.port = url.port;
  options.plain = !url.https;
  options.older_tls = true;
  options.ca_pem = request.ca_pem;
  options.connect_ms_max = options_.connect_ms_max;
  options.answer_ms_max = options_.answer_ms_max;
  options.body_bytes_max = kProviderBodyBytesMax;
  options.cancelled = options_.cancelled;
  net::HttpClient client(std::move(options), clock_);
  net::Request asked = net::MakeRequest(request.method, url.path, request.body);
  asked.query = url.query;
  asked.headers = request.headers;
  Result<net::Response> answer = client.Send(asked);
  net::WipeText(asked.body);
  if (answer.ok() && answer->status >= 300 && answer->status < 400) {
    return Error{Code::kDenied, "a provider answered with a redirect"};
  }
  return answer;
}

}  // namespace cloison::identity
