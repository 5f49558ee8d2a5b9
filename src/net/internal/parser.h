// HTTP/1.1 messages out of a stream of bytes. A parser sees bytes only: no socket, no clock.
//
// Takes    bytes from the front of what has come; it says how many it used. What it did not use is
//          offered again, with more behind it.
// Fails    kFailed is final until Reset.
// Threads  one at a time.
// Source   RFC 9112. Stricter where leniency has been an attack: content-length together with or
//          beside transfer-encoding, a coding other than "chunked", a repeated header that the
//          server decides by, a target that is not a plain path. Trailers are dropped.
#ifndef CLOISON_NET_INTERNAL_PARSER_H_
#define CLOISON_NET_INTERNAL_PARSER_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "net/http.h"

namespace cloison::net::internal {

enum class Progress { kMore, kDone, kFailed };

struct ParserLimits {
  std::size_t header_bytes_max = kHeaderBytesMax;
  std::size_t body_bytes_max = kBodyBytesMax;
};

// What the answer to a refused request says; status is 0 when it is not refused.
struct Refusal {
  int status = 0;
  std::string_view code;
};

class RequestParser {
 public:
  explicit RequestParser(ParserLimits limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  void Reset();
  Progress Put(std::string_view bytes, std::size_t& used);

  bool header_done() const;
  bool wants_continue() const;  // "expect: 100-continue"; meaningful once header_done()
  bool keep_alive() const;      // the same
  Refusal refusal() const;      // why kFailed
  Request Take();               // after kDone; then Reset

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

class ResponseParser {
 public:
  // `to_head`: the answer to HEAD has no body whatever its headers say.
  ResponseParser(ParserLimits limits, bool to_head);
  ~ResponseParser();
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  Progress Put(std::string_view bytes, std::size_t& used);
  Progress PutEnd();  // the stream has ended

  bool keep_alive() const;
  bool too_large() const;  // why kFailed: a limit rather than the syntax
  Response Take();         // after kDone

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cloison::net::internal

#endif  // CLOISON_NET_INTERNAL_PARSER_H_
