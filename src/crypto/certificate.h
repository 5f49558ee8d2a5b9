// X.509 certificates for development mode: an authority of one's own, and the server and client
// certificates it issues. P-256 keys, ECDSA with SHA-256, PEM text out. In production certificates
// come from the agency's own authority; only the thumbprint is used there.
//
// Threads  any. Cost: about 100 us for each certificate. Key pairs and signatures take their
// randomness from OpenSSL's generator, serial numbers from the caller's. Source: RFC 5280; RFC 8705
// section 3.1 (thumbprint).
#ifndef CLOISON_CRYPTO_CERTIFICATE_H_
#define CLOISON_CRYPTO_CERTIFICATE_H_

#include <string>
#include <vector>

#include "crypto/mac.h"
#include "crypto/secret.h"

namespace cloison::crypto {

inline constexpr std::size_t kCertificateNamesMax = 64;
inline constexpr std::size_t kCommonNameBytesMax = 64;  // RFC 5280, ub-common-name
inline constexpr std::size_t kCertificateBytesMax = 64 * 1024;

struct CertificateRequest {
  std::string common_name;                // 1..64 bytes of UTF-8
  std::vector<std::string> dns_names;     // 1..253 letters, digits, '-', '.', '*'
  std::vector<std::string> ip_addresses;  // "192.0.2.1", "::1"
  std::int64_t not_before_s = 0;          // Unix seconds; before not_after_s
  std::int64_t not_after_s = 0;
};

struct Certificate {
  std::string certificate_pem;
  SecretBytes private_key_pem;  // PKCS#8, not encrypted
};

// All fail with kInvalid when the request is outside the limits above, kUnavailable when OpenSSL
// fails (detail: its error number). An authority signs certificates only, one level deep.
Result<Certificate> MakeAuthority(const CertificateRequest& request, base::Random& random);
// kInvalid also when `authority` is not a readable certificate with its key.
Result<Certificate> IssueServerCertificate(const Certificate& authority,
                                           const CertificateRequest& request, base::Random& random);
Result<Certificate> IssueClientCertificate(const Certificate& authority,
                                           const CertificateRequest& request, base::Random& random);

// SHA-256 of the DER form; takes DER, or PEM with exactly one certificate. kInvalid for the rest.
Result<Digest> CertificateThumbprint(ByteView certificate);

}  // namespace cloison::crypto

#endif  // CLOISON_CRYPTO_CERTIFICATE_H_
