// A blocking HTTP/1.1 client with one connection that it keeps: for the command line, for servers
// of others that the server asks, and for tests. TLS 1.3, unless older_tls; the host's name is
// verified; no redirects, no proxies, no cookies.
//
// Threads  one at a time.
// Source   RFC 9112, RFC 8446; RFC 9110 section 9.2.2 (which requests may be sent again).
#ifndef CLOISON_NET_CLIENT_H_
#define CLOISON_NET_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"

namespace cloison::net {

struct ClientOptions {
  std::string host = "127.0.0.1";  // a name or a numeric address
  std::uint16_t port = 443;
  bool plain = false;           // no TLS: for the management listener
  bool older_tls = false;       // TLS 1.2 too, forward-secret and AEAD alone: for others' servers
  std::string ca_pem;           // the only authorities trusted; the system's when empty
  std::string certificate_pem;  // the client's certificate, leaf first; optional
  std::string private_key_pem;
  std::int64_t connect_ms_max = 10'000;  // name (which the system looks up), connection, handshake
  std::int64_t answer_ms_max = 60'000;   // from the request's first byte to the answer's last
  std::int64_t send_ms_max = 0;          // of both together; 0: no more than each
  std::size_t body_bytes_max = 64u << 20;
  // Once it is true a Send ends within kCancelMs, kUnavailable, unless the system is looking a name
  // up. Outlives the client; null: nothing ends one early.
  const std::atomic<bool>* cancelled = nullptr;
};

inline constexpr std::int64_t kCancelMs = 50;

class HttpClient {
 public:
  explicit HttpClient(ClientOptions options, base::Clock& clock);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  // Sends `request` (method, path, query, headers, body; the rest is not looked at) and waits for
  // the whole answer. host, content-length and connection are set here.
  //
  // When a kept connection turns out closed before one byte of the answer, GET, HEAD, PUT, DELETE
  // and OPTIONS are sent once more on a new one; POST and PATCH never are.
  //
  // Fails  kInvalid      a header that cannot travel, a path without '/', PEM that does not load
  //        kDenied       the TLS handshake failed: a name, an authority, a version, a refused
  //                      client certificate (TLS 1.3 shows that one at the first answer)
  //        kUnavailable  no connection, a time limit, or closed before the answer
  //        kCorrupt      the answer is not HTTP/1.1
  //        kExhausted    the answer is larger than body_bytes_max
  Result<Response> Send(const Request& request);

  // Closes the connection; the next Send opens another (resuming the TLS session if it can).
  void Close();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A request with what most callers set.
Request MakeRequest(Method method, std::string path, std::string body = {});

}  // namespace cloison::net

#endif  // CLOISON_NET_CLIENT_H_
