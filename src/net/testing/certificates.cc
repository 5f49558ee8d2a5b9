#include "net/testing/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/check.h"

namespace cloison::net::testing {
namespace {

constexpr long kValidSeconds = 24 * 3600;

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

std::string PemOf(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  CLOISON_CHECK(PEM_write_bio_X509(bio, certificate) == 1);
  return TextOf(bio);
}

std::string PemOf(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  CLOISON_CHECK(PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return TextOf(bio);
}

void AddExtension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  CLOISON_CHECK(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

X509* Blank(const std::string& common_name, EVP_PKEY* key) {
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  std::uint64_t serial = 0;
  CLOISON_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kValidSeconds);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  return certificate;
}

}  // namespace

struct Authority::Keys {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
};

Authority::Authority() : keys_(new Keys) {
  keys_->key = EVP_EC_gen("P-256");
  CLOISON_CHECK(keys_->key != nullptr);
  keys_->certificate = Blank("Test authority", keys_->key);
  X509_set_issuer_name(keys_->certificate, X509_get_subject_name(keys_->certificate));
  AddExtension(keys_->certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(keys_->certificate, NID_key_usage, "critical,keyCertSign");
  CLOISON_CHECK(X509_sign(keys_->certificate, keys_->key, EVP_sha256()) > 0);
  ca_pem_ = PemOf(keys_->certificate);
}

Authority::~Authority() {
  X509_free(keys_->certificate);
  EVP_PKEY_free(keys_->key);
  delete keys_;
}

Certificate Authority::Server() const {
  return Issue("localhost", true);
}

Certificate Authority::Client(const std::string& common_name) const {
  return Issue(common_name, false);
}

Certificate Authority::Issue(const std::string& common_name, bool server) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  CLOISON_CHECK(key != nullptr);
  X509* leaf = Blank(common_name, key);
  X509_set_issuer_name(leaf, X509_get_subject_name(keys_->certificate));
  AddExtension(leaf, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(leaf, NID_ext_key_usage, server ? "serverAuth" : "clientAuth");
  if (server) AddExtension(leaf, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
  CLOISON_CHECK(X509_sign(leaf, keys_->key, EVP_sha256()) > 0);
  Certificate made{PemOf(leaf), PemOf(key), {}};
  unsigned size = 0;
  CLOISON_CHECK(X509_digest(leaf, EVP_sha256(), made.sha256.data(), &size) == 1);
  X509_free(leaf);
  EVP_PKEY_free(key);
  return made;
}

}  // namespace cloison::net::testing
