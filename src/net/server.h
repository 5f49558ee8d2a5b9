// An HTTP/1.1 server over TLS 1.3: a loop per thread, one acceptor that deals connections out in
// turn, a Handler that is a coroutine.
//
// Threads  Handle is called on the loop of its connection and must not block it: one slow call
//          there holds up every connection of that loop. It may end on any thread.
// Cost     15 to 25 us of CPU per keep-alive POST of 420 bytes each way over TLS 1.3; 0.5 ms per
//          full handshake with a P-256 certificate.
// Source   RFC 9112, RFC 8446, RFC 8705 section 2 (client certificates).
#ifndef CLOISON_NET_SERVER_H_
#define CLOISON_NET_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/events.h"
#include "base/result.h"
#include "base/task.h"
#include "net/http.h"

namespace cloison::net {

class Handler {
 public:
  virtual ~Handler() = default;
  // Called once per whole, well-formed request; requests of one connection come one at a time.
  // HEAD and methods nobody knows (Method::kOther) are the handler's to answer; the body of an
  // answer to HEAD is not sent. The task runs to its end even when its caller is gone or has had a
  // 503: it looks at Request::deadline_mono_us if that matters.
  virtual Task<Response> Handle(Request request) = 0;
};

enum class ClientCertificates : std::uint8_t {
  kNone,      // never asked for
  kOptional,  // asked for; one that does not verify ends the handshake
  kRequired,  // no certificate, no connection
};

// TLS 1.3 only. Sessions resume (tickets, kSessionSeconds): a resumed client is not verified again.
struct TlsServerOptions {
  std::string certificate_pem;  // leaf first, then the chain; P-256 signs fastest
  std::string private_key_pem;
  std::string client_ca_pem;  // needed unless client_certificates is kNone
  ClientCertificates client_certificates = ClientCertificates::kNone;
};

inline constexpr int kSessionSeconds = 3600;
inline constexpr int kServerThreadsMax = 256;

struct ServerOptions {
  std::string address = "127.0.0.1";  // numeric IPv4 or IPv6
  std::uint16_t port = 0;             // 0: any free one
  int threads = 1;
  // Absent only for the management listener: Start refuses plain HTTP off the loopback.
  std::optional<TlsServerOptions> tls;

  std::size_t header_bytes_max = kHeaderBytesMax;  // beyond: 431
  std::size_t body_bytes_max = kBodyBytesMax;      // beyond: 413, before the body is read
  std::int64_t handshake_ms_max = 10'000;          // beyond: closed
  std::int64_t header_ms_max =
      5'000;  // from the first byte; beyond: 408. First request: from the handshake
  std::int64_t body_ms_max = 10'000;     // beyond: 408
  std::int64_t idle_ms_max = 60'000;     // between requests; beyond: closed
  std::int64_t handler_ms_max = 10'000;  // beyond: 503 and closed
  std::int64_t write_ms_max = 30'000;    // a reader slower than this is closed
  int connections_max = 10'000;          // beyond: closed at once
  int requests_in_flight_max = 4'096;    // beyond: 503 with retry-after: 1
  // The body of a refusal before the handler (400 408 413 414 431 500 503), `code` as in
  // ProblemResponse, which is used when this is empty. Threads: any.
  std::function<Response(int status, std::string_view code)> error_body;
};

struct ServerStats {
  base::Counter connections;
  base::Counter connections_refused;  // beyond connections_max
  base::Counter handshakes;
  base::Counter handshakes_resumed;  // of those
  base::Counter handshakes_failed;
  base::Counter requests;          // that reached the handler
  base::Counter requests_refused;  // answered before it
  base::Counter requests_late;     // 503 at the handler's deadline
  base::Counter bytes_in;          // of HTTP, inside TLS
  base::Counter bytes_out;
};

class Server {
 public:
  // Takes  `handler` and `clock`, which outlive the server.
  // Fails  kInvalid      options out of range, PEM that does not load, a key that is not the
  //                      certificate's, plain HTTP off the loopback, a bad address
  //        kUnavailable  the port is taken or the system refuses; detail is errno
  static Result<std::unique_ptr<Server>> Start(ServerOptions options, Handler& handler,
                                               base::Clock& clock);
  // Closes every connection, waits for the handlers that still run, then joins the loops. What
  // resumes those handlers must still be alive.
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;
  virtual const ServerStats& stats() const = 0;

  // Accepts no more, closes idle connections, lets requests in flight end and closes each
  // connection after its answer. Gives true when none is left within `wait_ms`. Once only matters;
  // further calls wait again. Threads: any but the loops.
  virtual bool Drain(std::int64_t wait_ms) = 0;

  // Connections made from now on use `tls`. Fails as Start does, and then nothing changes. Only on
  // a server that started with TLS. Threads: any.
  virtual Status Reload(TlsServerOptions tls) = 0;
};

}  // namespace cloison::net

#endif  // CLOISON_NET_SERVER_H_
