// The HTTP API, as docs/api/openapi.yaml has it: routes, sign-in, bodies in, JSON out. It decides
// nothing about people: the gate does.
//
// Order    path, method, state of the service, sign-in, media type, body: the cheap refusals first.
// Values   of people leave in Response::body alone, which is wiped after sending; the body that
// came
//          is wiped once it is parsed. No value goes into a header, a problem or an event.
// Threads  as net::Handler; answers are made on the loop of the connection.
// Source   docs/api/openapi.yaml; RFC 9110, RFC 9457, RFC 7396.
#ifndef CLOISON_API_HANDLER_H_
#define CLOISON_API_HANDLER_H_

#include "access/shares.h"
#include "api/service.h"
#include "net/server.h"

namespace cloison::api {

inline constexpr std::string_view kApiVersion = "0.1.0";
inline constexpr std::size_t kApiBodyBytesMax = 256u << 10;
inline constexpr std::size_t kPublicBodyBytesMax = 1u << 10;  // nothing there takes a body
inline constexpr std::size_t kPageSizeMax = 100;
inline constexpr std::size_t kPageSizeDefault = 20;

// Requests of one principal that are under way at once; what it sends beyond is answered
// "overloaded" before anything is read.
inline constexpr std::size_t kAtOnceMax = 16;  // of a human
inline constexpr std::size_t kAtOnceOfApplicationMax = 64;

class Api final : public net::Handler {
 public:
  explicit Api(Service& service) : service_(service) {}
  Task<net::Response> Handle(net::Request request) override;

  struct AtOnce {
    access::Shares requests;
    access::Shares freezes;  // as many again: who floods with an account keeps it from freezing not
    base::Counter refused;
  };
  AtOnce& at_once() { return at_once_; }

 private:
  Service& service_;
  AtOnce at_once_;
};

// What anybody may read, for the listener that strangers reach: /ledger/, /openapi.json, and of
// /v1/status the state of the service and of its ledger. Every other path is not there.
class PublicApi final : public net::Handler {
 public:
  explicit PublicApi(Service& service) : service_(service) {}
  Task<net::Response> Handle(net::Request request) override;

 private:
  Service& service_;
};

// What a listener of the API answers before any handler.
std::function<net::Response(int, std::string_view)> ErrorBody(base::Random& random);

}  // namespace cloison::api

#endif  // CLOISON_API_HANDLER_H_
