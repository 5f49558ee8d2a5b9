// Requests to providers: bounded in size and time, over https, following nothing.
//
// Threads  any; each call blocks for as long as the limits allow, so never on a thread that serves.
// Source   RFC 9700 (OAuth 2.0 security), section 4.12 (no redirects with credentials).
#ifndef CLOISON_IDENTITY_PROVIDER_HTTP_H_
#define CLOISON_IDENTITY_PROVIDER_HTTP_H_

#include <atomic>
#include <string>

#include "base/clock.h"
#include "net/http.h"

namespace cloison::identity {

inline constexpr std::size_t kProviderBodyBytesMax = 256u << 10;
inline constexpr std::int64_t kProviderConnectMsMax = 2'000;
inline constexpr std::int64_t kProviderAnswerMsMax = 3'000;

struct ProviderRequest {
  std::string url;     // https; http to the loopback where the rules allow it
  std::string ca_pem;  // "": the system's authorities
  net::Method method = net::Method::kGet;
  net::Headers headers;
  std::string body;  // a form's; wiped by its owner when it holds a secret
};

class ProviderHttp {
 public:
  virtual ~ProviderHttp() = default;
  // The answer, of any status but a redirect (3xx: kDenied). Otherwise as net::HttpClient::Send;
  // kInvalid: a URL that the rules refuse.
  virtual Result<net::Response> Send(const ProviderRequest& request) = 0;
};

// One connection per call. TLS 1.2 or 1.3.
class SystemProviderHttp final : public ProviderHttp {
 public:
  struct Options {
    bool loopback_http = false;
    std::int64_t connect_ms_max = kProviderConnectMsMax;
    std::int64_t answer_ms_max = kProviderAnswerMsMax;
    const std::atomic<bool>* cancelled = nullptr;  // as net::ClientOptions
  };
  SystemProviderHttp(base::Clock& clock, Options options) : clock_(clock), options_(options) {}
  Result<net::Response> Send(const ProviderRequest& request) override;

 private:
  base::Clock& clock_;
  const Options options_;
};

// True for http://127.0.0.1, http://[::1] and http://localhost, with any port and path.
bool IsLoopbackHttp(std::string_view url);

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_PROVIDER_HTTP_H_
