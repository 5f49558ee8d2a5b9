// Requests and responses as plain values: what the server hands to a Handler, what the client
// sends. Nothing here knows a socket or a library.
//
// Threads  values; no shared state.
// Source   RFC 9110 (semantics), RFC 9112 (HTTP/1.1), RFC 9457 (problem details).
#ifndef CLOISON_NET_HTTP_H_
#define CLOISON_NET_HTTP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace cloison::base {
class Executor;
}

namespace cloison::net {

// Limits of every listener and of the client; those that a listener may change are in
// ServerOptions.
inline constexpr std::size_t kHeaderBytesMax = 16u << 10;  // request line and headers together
inline constexpr std::size_t kHeaderFieldsMax = 64;
inline constexpr std::size_t kTargetBytesMax = 8u << 10;  // path and query together
inline constexpr std::size_t kBodyBytesMax = 1u << 20;    // the default of a listener

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions, kOther };

std::string_view MethodName(Method method);  // "GET"; kOther is "OTHER"
// Case-sensitive, as RFC 9110 has it; kOther for what is not in the list.
Method MethodFromName(std::string_view name);

// Headers in the order they came, names in lower case. One block of text and one of offsets: two
// allocations for a whole request. Views are valid until the next Add.
class Headers {
 public:
  // Lower-cases `name`. Whether both may travel is looked at when they are sent (CanTravel).
  void Add(std::string_view name, std::string_view value);
  void Clear();

  std::size_t size() const { return places_.size(); }
  std::string_view name(std::size_t i) const;
  std::string_view value(std::size_t i) const;

  // The first value under `name` (lower case), or nothing.
  std::optional<std::string_view> find(std::string_view name) const;
  // As find, but "" when it is absent.
  std::string_view get(std::string_view name) const { return find(name).value_or(""); }
  std::size_t count(std::string_view name) const;

 private:
  struct Place {
    std::uint32_t begin;
    std::uint32_t name_size;
    std::uint32_t value_size;
  };
  std::string text_;
  std::vector<Place> places_;
};

// True when every name is an RFC 9110 token and no value has a control character but tab: nobody
// can smuggle a line into a message through a header.
bool CanTravel(const Headers& headers);

// Where a connection comes from, as coarsely as a rule needs it. The address itself is personal
// and stays in the socket.
enum class AddressClass : std::uint8_t { kLoopback, kPrivate, kPublic };

struct Peer {
  // SHA-256 of the DER of the verified client certificate (x5t#S256 of RFC 8705); nothing
  // without one. A resumed session keeps the certificate of its first handshake.
  std::optional<ByteArray<32>> certificate_sha256;
  AddressClass address = AddressClass::kLoopback;
  // The network it comes from: 4 or 6, then the first 3 (IPv4) or 7 (IPv6) bytes of the address. To
  // be digested with a key before it is kept.
  ByteArray<8> network{};
};

// The server promises: `path` begins with '/', is not percent-decoded (net/url.h does it, a
// segment at a time) and has no '?', '#', space or control character; `query` is what follows the
// first '?', raw; host, authorization, content-type, content-length, dpop and idempotency-key
// occur once at most; the body is whole and within the listener's limit.
struct Request {
  Method method = Method::kGet;
  std::string path = "/";
  std::string query;
  Headers headers;
  std::string body;
  Peer peer;
  // The loop that serves this connection: a handler may hop to it; it need not return on it.
  // Null in the client.
  base::Executor* home = nullptr;
  // base::Clock::mono_us() from which the caller has its 503 and nobody reads the answer.
  std::int64_t deadline_mono_us = 0;
};

// content-length and connection are the sender's: they are not to be set here.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // The body holds personal values: it, and the server's copies, are overwritten once sent.
  bool wipe_body = false;
  // base::Clock::mono_us() before which not a byte of it is sent: the connection waits, no thread
  // does. Past the request's deadline it is late, as a handler would be. 0: at once.
  std::int64_t not_before_mono_us = 0;
};

std::string_view ReasonPhrase(int status);  // "" for a status that is not in the list

// The built-in RFC 9457 body of a refusal before any handler, `code` a stable word of the API:
// {"type":"about:blank","title":"Content Too Large","status":413,"code":"body_too_large"}
Response ProblemResponse(int status, std::string_view code);

// Overwrites and empties.
void WipeText(std::string& text);

}  // namespace cloison::net

#endif  // CLOISON_NET_HTTP_H_
