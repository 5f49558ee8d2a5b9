// Certificates for tests: a P-256 authority made on the spot, and leaves under it.
#ifndef CLOISON_NET_TESTING_CERTIFICATES_H_
#define CLOISON_NET_TESTING_CERTIFICATES_H_

#include <string>

#include "base/bytes.h"

namespace cloison::net::testing {

struct Certificate {
  std::string certificate_pem;
  std::string private_key_pem;
  ByteArray<32> sha256;  // of the DER
};

class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  const std::string& ca_pem() const { return ca_pem_; }
  // For localhost, 127.0.0.1 and ::1; valid a day.
  Certificate Server() const;
  Certificate Client(const std::string& common_name) const;

 private:
  struct Keys;
  Certificate Issue(const std::string& common_name, bool server) const;

  Keys* keys_;
  std::string ca_pem_;
};

}  // namespace cloison::net::testing

#endif  // CLOISON_NET_TESTING_CERTIFICATES_H_
