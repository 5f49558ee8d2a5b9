#include "crypto/certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

namespace cloison::crypto {
namespace {

constexpr std::size_t kDnsNameBytesMax = 253;
constexpr std::size_t kAddressBytesMax = 45;
constexpr long kVersion3 = 2;

template <auto free_function>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using Bio = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

enum class Use { kAuthority, kServer, kClient };

Error OpenSslError() {
  const unsigned long number = ERR_get_error();
  ERR_clear_error();
  return Error{Code::kUnavailable, "OpenSSL could not make the certificate",
               static_cast<std::int64_t>(number)};
}

bool IsDnsName(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '*';
  };
  return !name.empty() && name.size() <= kDnsNameBytesMax && std::ranges::all_of(name, allowed);
}

bool IsAddress(const std::string& text) {
  // The characters first: the text goes into a list that commas separate.
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == '.' ||
           c == ':';
  };
  if (text.size() > kAddressBytesMax || !std::ranges::all_of(text, allowed)) return false;
  const std::unique_ptr<ASN1_OCTET_STRING, Freer<ASN1_OCTET_STRING_free>> address(
      a2i_IPADDRESS(text.c_str()));
  ERR_clear_error();
  return address != nullptr;
}

Status CheckRequest(const CertificateRequest& request) {
  if (request.common_name.empty() || request.common_name.size() > kCommonNameBytesMax) {
    return Error{Code::kInvalid, "a common name takes 1 to 64 bytes"};
  }
  if (request.dns_names.size() + request.ip_addresses.size() > kCertificateNamesMax) {
    return Error{Code::kInvalid, "too many names for one certificate"};
  }
  if (!std::ranges::all_of(request.dns_names, IsDnsName) ||
      !std::ranges::all_of(request.ip_addresses, IsAddress)) {
    return Error{Code::kInvalid, "not a DNS name or an IP address"};
  }
  if (request.not_before_s >= request.not_after_s) {
    return Error{Code::kInvalid, "a certificate must end after it begins"};
  }
  return Ok();
}

std::string AlternativeNames(const CertificateRequest& request) {
  std::string out;
  for (const std::string& name : request.dns_names) out += (out.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& ip : request.ip_addresses) out += (out.empty() ? "IP:" : ",IP:") + ip;
  return out;
}

bool AddExtension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_nconf_nid(nullptr, &context, id, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool AddExtensions(X509* certificate, X509* issuer, Use use, const std::string& names) {
  const bool authority = use == Use::kAuthority;
  return AddExtension(certificate, issuer, NID_basic_constraints,
                      authority ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") &&
         AddExtension(certificate, issuer, NID_key_usage,
                      authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
         (authority || AddExtension(certificate, issuer, NID_ext_key_usage,
                                    use == Use::kServer ? "serverAuth" : "clientAuth")) &&
         AddExtension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         AddExtension(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
         (names.empty() || AddExtension(certificate, issuer, NID_subject_alt_name, names.c_str()));
}

bool SetSerial(X509* certificate, base::Random& random) {
  ByteArray<16> serial = random.Draw<16>();
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7f) | 0x40);  // positive, never short
  const std::unique_ptr<BIGNUM, Freer<BN_free>> number(
      BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetSubject(X509* certificate, const CertificateRequest& request) {
  const ByteView name = AsBytes(request.common_name);
  return X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                    MBSTRING_UTF8, name.data(), static_cast<int>(name.size()), -1,
                                    0) == 1 &&
         ASN1_TIME_set(X509_getm_notBefore(certificate), request.not_before_s) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), request.not_after_s) != nullptr;
}

Result<SecretBytes> PrivatePem(EVP_PKEY* key) {
  const Bio out(BIO_new(BIO_s_secmem()));
  if (!out ||
      PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return OpenSslError();
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return SecretBytes::CopyOf(AsBytes({text, static_cast<std::size_t>(size)}));
}

Result<std::string> CertificatePem(X509* certificate) {
  const Bio out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_X509(out.get(), certificate) != 1) return OpenSslError();
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

// Null issuer: the certificate signs itself.
struct Issuer {
  X509Ptr certificate;
  Key key;
};

Result<Certificate> Make(const Issuer* issuer, const CertificateRequest& request, Use use,
                         base::Random& random) {
  CLOISON_TRY(CheckRequest(request));
  const Key key(EVP_EC_gen("P-256"));
  const X509Ptr certificate(X509_new());
  if (!key || !certificate) return OpenSslError();
  X509* const self = certificate.get();
  X509* const by = issuer != nullptr ? issuer->certificate.get() : self;
  const bool made = X509_set_version(self, kVersion3) == 1 && SetSerial(self, random) &&
                    SetSubject(self, request) &&
                    X509_set_issuer_name(self, X509_get_subject_name(by)) == 1 &&
                    X509_set_pubkey(self, key.get()) == 1 &&
                    AddExtensions(self, by, use, AlternativeNames(request));
  EVP_PKEY* const signer = issuer != nullptr ? issuer->key.get() : key.get();
  if (!made || X509_sign(self, signer, EVP_sha256()) == 0) return OpenSslError();

  Certificate out;
  CLOISON_TRY_ASSIGN(out.certificate_pem, CertificatePem(self));
  CLOISON_TRY_ASSIGN(out.private_key_pem, PrivatePem(key.get()));
  return out;
}

Bio Reading(ByteView bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// Never asks a terminal for a pass phrase.
int NoPassPhrase(char*, int, int, void*) {
  return -1;
}

Result<Issuer> ReadIssuer(const Certificate& authority) {
  const ByteView key_pem = authority.private_key_pem.Reveal();
  Issuer issuer;
  if (authority.certificate_pem.size() <= kCertificateBytesMax &&
      key_pem.size() <= kCertificateBytesMax) {
    const Bio certificate = Reading(AsBytes(authority.certificate_pem));
    const Bio key = Reading(key_pem);
    issuer.certificate.reset(PEM_read_bio_X509(certificate.get(), nullptr, NoPassPhrase, nullptr));
    issuer.key.reset(PEM_read_bio_PrivateKey(key.get(), nullptr, NoPassPhrase, nullptr));
  }
  const bool fits = issuer.certificate && issuer.key &&
                    X509_check_private_key(issuer.certificate.get(), issuer.key.get()) == 1 &&
                    X509_check_ca(issuer.certificate.get()) == 1;
  ERR_clear_error();
  if (!fits) return Error{Code::kInvalid, "not an authority with its key"};
  return issuer;
}

Result<Certificate> Issue(const Certificate& authority, const CertificateRequest& request, Use use,
                          base::Random& random) {
  Result<Issuer> issuer = ReadIssuer(authority);
  if (!issuer.ok()) return issuer.error();
  return Make(&*issuer, request, use, random);
}

X509Ptr ReadCertificate(ByteView bytes) {
  if (!bytes.empty() && bytes[0] == 0x30) {  // a DER SEQUENCE; PEM begins with text
    const std::uint8_t* at = bytes.data();
    X509Ptr read(d2i_X509(nullptr, &at, static_cast<long>(bytes.size())));
    if (at != bytes.data() + bytes.size()) read.reset();
    return read;
  }
  const Bio bio = Reading(bytes);
  X509Ptr read(PEM_read_bio_X509(bio.get(), nullptr, NoPassPhrase, nullptr));
  const X509Ptr second(PEM_read_bio_X509(bio.get(), nullptr, NoPassPhrase, nullptr));
  if (second) read.reset();
  return read;
}

}  // namespace

Result<Certificate> MakeAuthority(const CertificateRequest& request, base::Random& random) {
  return Make(nullptr, request, Use::kAuthority, random);
}

Result<Certificate> IssueServerCertificate(const Certificate& authority,
                                           const CertificateRequest& request,
                                           base::Random& random) {
  return Issue(authority, request, Use::kServer, random);
}

Result<Certificate> IssueClientCertificate(const Certificate& authority,
                                           const CertificateRequest& request,
                                           base::Random& random) {
  return Issue(authority, request, Use::kClient, random);
}

Result<Digest> CertificateThumbprint(ByteView certificate) {
  if (certificate.size() > kCertificateBytesMax) {
    return Error{Code::kInvalid, "a certificate is too large"};
  }
  const X509Ptr read = ReadCertificate(certificate);
  ERR_clear_error();
  Digest out;
  unsigned size = 0;
  if (!read || X509_digest(read.get(), EVP_sha256(), out.data(), &size) != 1 ||
      size != out.size()) {
    return Error{Code::kInvalid, "not one certificate"};
  }
  return out;
}

}  // namespace cloison::crypto
