// A TLS connection to the loopback that sends any bytes, with any client certificate: what a
// well-behaved client cannot do. Verifies nothing.
#ifndef CLOISON_NET_TESTING_RAW_TLS_H_
#define CLOISON_NET_TESTING_RAW_TLS_H_

#include <memory>
#include <string>
#include <string_view>

#include "net/testing/raw_connection.h"

namespace cloison::net::testing {

class RawTls {
 public:
  // No certificate when `certificate_pem` is empty. Ends the process when the PEM does not load.
  RawTls(std::uint16_t port, const std::string& certificate_pem,
         const std::string& private_key_pem);
  ~RawTls();

  void Send(std::string_view bytes);
  // What comes until the close: nothing when the server refused the certificate.
  std::string Read();

 private:
  struct State;
  RawConnection raw_;
  std::unique_ptr<State> state_;
};

}  // namespace cloison::net::testing

#endif  // CLOISON_NET_TESTING_RAW_TLS_H_
