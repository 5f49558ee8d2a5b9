#include "net/testing/raw_tls.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>

namespace cloison::net::testing {

struct RawTls::State {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = nullptr;
  bool connected = false;
};

namespace {

BIO* OpenText(const std::string& text) {
  return BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
}

}  // namespace

RawTls::RawTls(std::uint16_t port, const std::string& certificate_pem,
               const std::string& private_key_pem)
    : raw_(port), state_(std::make_unique<State>()) {
  if (!certificate_pem.empty()) {
    BIO* text = OpenText(certificate_pem);
    X509* certificate = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
    BIO* key_text = OpenText(private_key_pem);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
    CLOISON_CHECK(SSL_CTX_use_certificate(state_->context, certificate) == 1);
    CLOISON_CHECK(SSL_CTX_use_PrivateKey(state_->context, key) == 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    BIO_free_all(text);
    BIO_free_all(key_text);
  }
  state_->ssl = SSL_new(state_->context);
  SSL_set_fd(state_->ssl, raw_.socket());
  state_->connected = SSL_connect(state_->ssl) == 1;
}

RawTls::~RawTls() {
  SSL_free(state_->ssl);
  SSL_CTX_free(state_->context);
}

void RawTls::Send(std::string_view bytes) {
  if (state_->connected) SSL_write(state_->ssl, bytes.data(), static_cast<int>(bytes.size()));
}

std::string RawTls::Read() {
  std::string all;
  char buffer[4096];
  while (state_->connected) {
    const int got = SSL_read(state_->ssl, buffer, sizeof(buffer));
    if (got <= 0) break;
    all.append(buffer, static_cast<std::size_t>(got));
  }
  return all;
}

}  // namespace cloison::net::testing
