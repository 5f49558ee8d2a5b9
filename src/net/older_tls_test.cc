// A server of others that speaks TLS 1.2 at most: reached where the option says so, refused else.
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <thread>

#include "base/clock.h"
#include "net/client.h"
#include "net/testing/certificates.h"

namespace cloison::net {
namespace {

// Answers one connection with "old", over TLS 1.2 with `ciphers`.
class OldServer {
 public:
  OldServer(const testing::Certificate& certificate, const char* ciphers)
      : context_(SSL_CTX_new(TLS_server_method())), listener_(BIO_new_accept("127.0.0.1:0")) {
    SSL_CTX_set_max_proto_version(context_, TLS1_2_VERSION);
    CLOISON_CHECK(SSL_CTX_set_cipher_list(context_, ciphers) == 1);
    BIO* pem = BIO_new_mem_buf(certificate.certificate_pem.data(), -1);
    X509* leaf = PEM_read_bio_X509(pem, nullptr, nullptr, nullptr);
    BIO_free(pem);
    pem = BIO_new_mem_buf(certificate.private_key_pem.data(), -1);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(pem, nullptr, nullptr, nullptr);
    BIO_free(pem);
    CLOISON_CHECK(SSL_CTX_use_certificate(context_, leaf) == 1 &&
                  SSL_CTX_use_PrivateKey(context_, key) == 1 && BIO_do_accept(listener_) == 1);
    X509_free(leaf);
    EVP_PKEY_free(key);
    port_ = static_cast<std::uint16_t>(std::stoi(BIO_get_accept_port(listener_)));
    thread_ = std::thread([this] { ServeOne(); });
  }
  ~OldServer() {
    thread_.join();
    BIO_free_all(listener_);
    SSL_CTX_free(context_);
  }
  std::uint16_t port() const { return port_; }

 private:
  void ServeOne() {
    if (BIO_do_accept(listener_) != 1) return;
    BIO* const socket = BIO_pop(listener_);
    SSL* const ssl = SSL_new(context_);
    SSL_set_bio(ssl, socket, socket);
    if (SSL_accept(ssl) == 1) {
      char request[2'048];
      SSL_read(ssl, request, sizeof(request));
      constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nold";
      SSL_write(ssl, kAnswer.data(), static_cast<int>(kAnswer.size()));
      SSL_shutdown(ssl);
    }
    SSL_free(ssl);
  }

  SSL_CTX* context_;
  BIO* listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

Result<Response> Ask(const testing::Authority& authority, bool older_tls, const char* ciphers) {
  const OldServer server(authority.Server(), ciphers);
  base::SystemClock clock;
  ClientOptions options;
  options.host = "localhost";
  options.port = server.port();
  options.ca_pem = authority.ca_pem();
  options.older_tls = older_tls;
  HttpClient client(options, clock);
  return client.Send(MakeRequest(Method::kGet, "/"));
}

TEST(OlderTls, IsTakenOnlyWhereTheOptionSaysSo) {
  const testing::Authority authority;
  constexpr const char* kForwardSecret = "ECDHE-ECDSA-AES128-GCM-SHA256";
  const auto answer = Ask(authority, true, kForwardSecret);
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  EXPECT_EQ(answer->body, "old");
  EXPECT_FALSE(Ask(authority, false, kForwardSecret).ok());
}

TEST(OlderTls, IsForwardSecretWithAuthenticatedCiphersAlone) {
  const testing::Authority authority;
  EXPECT_FALSE(Ask(authority, true, "ECDHE-ECDSA-AES128-SHA256").ok()) << "CBC";
}

}  // namespace
}  // namespace cloison::net
