// The server over TLS, seen through the client and through OpenSSL.
#include "net/server.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "net/client.h"
#include "net/testing/certificates.h"
#include "net/testing/echo_handler.h"
#include "net/testing/raw_connection.h"

namespace cloison::net {
namespace {

std::size_t CountOf(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++count;
  }
  return count;
}

class ServerTest : public ::testing::Test {
 protected:
  static const testing::Authority& Ca() {
    static const testing::Authority authority;
    return authority;
  }
  static TlsServerOptions Tls(ClientCertificates mode) {
    const testing::Certificate own = Ca().Server();
    return {own.certificate_pem, own.private_key_pem, Ca().ca_pem(), mode};
  }

  void Start(ClientCertificates mode, int threads = 1) {
    ServerOptions options;
    options.threads = threads;
    options.tls = Tls(mode);
    Result<std::unique_ptr<Server>> started = Server::Start(options, handler_, clock_);
    ASSERT_TRUE(started.ok()) << started.error().text();
    server_ = std::move(*started);
  }

  ClientOptions Options() const {
    ClientOptions options;
    options.port = server_->port();
    options.ca_pem = Ca().ca_pem();
    return options;
  }
  HttpClient Client() { return HttpClient(Options(), clock_); }
  HttpClient ClientWith(const testing::Certificate& certificate) {
    ClientOptions options = Options();
    options.certificate_pem = certificate.certificate_pem;
    options.private_key_pem = certificate.private_key_pem;
    return HttpClient(options, clock_);
  }

  base::SystemClock clock_;
  base::ThreadPool pool_{2};
  testing::EchoHandler handler_{pool_};
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersOnOneKeptConnection) {
  Start(ClientCertificates::kNone);
  HttpClient client = Client();
  for (int i = 0; i < 100; ++i) {
    const std::string body = "hello " + std::to_string(i);
    const Result<Response> answer = client.Send(MakeRequest(Method::kPost, "/echo", body));
    ASSERT_TRUE(answer.ok()) << answer.error().text();
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, body);
    EXPECT_FALSE(answer->headers.find("server").has_value());
  }
  EXPECT_EQ(server_->stats().connections.value(), 1u);
  EXPECT_EQ(server_->stats().requests.value(), 100u);
  EXPECT_EQ(client.Send(MakeRequest(Method::kGet, "/nothing"))->status, 404);
}

TEST_F(ServerTest, CarriesLargeBodiesBothWays) {
  Start(ClientCertificates::kNone);
  HttpClient client = Client();
  const std::string body(1u << 20, 'b');
  EXPECT_EQ(client.Send(MakeRequest(Method::kPost, "/echo", body))->body, body);
  EXPECT_EQ(client.Send(MakeRequest(Method::kGet, "/large"))->body, std::string(1u << 20, 'x'));
  EXPECT_EQ(client.Send(MakeRequest(Method::kHead, "/large"))->body, "");
  const Result<Response> over = client.Send(MakeRequest(Method::kPost, "/echo", body + "b"));
  ASSERT_TRUE(over.ok()) << over.error().text();
  EXPECT_EQ(over->status, 413);
  EXPECT_EQ(over->headers.get("content-type"), "application/problem+json");
}

TEST_F(ServerTest, AHeaderThatCannotTravelIsOurError) {
  Start(ClientCertificates::kNone);
  const Result<Response> answer = Client().Send(MakeRequest(Method::kGet, "/bad"));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 500);
  EXPECT_FALSE(answer->headers.find("set-cookie").has_value());
}

TEST_F(ServerTest, AHandlerMayEndOnAnotherThread) {
  Start(ClientCertificates::kNone, 2);
  std::vector<std::thread> callers;
  std::atomic<int> good{0};
  for (int i = 0; i < 32; ++i) {
    callers.emplace_back([this, &good, i] {
      HttpClient client = Client();
      for (int k = 0; k < 20; ++k) {
        const std::string body = std::to_string(i) + "," + std::to_string(k);
        const Result<Response> answer = client.Send(MakeRequest(Method::kPost, "/pool", body));
        if (answer.ok() && answer->body == body) ++good;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(good, 32 * 20);
  EXPECT_EQ(server_->stats().handshakes.value(), 32u);
}

TEST_F(ServerTest, KnowsClientsByTheirCertificate) {
  const testing::Authority other;
  const testing::Certificate own = Ca().Client("agent");
  const testing::Certificate foreign = other.Client("agent");
  const struct {
    const char* why;
    ClientCertificates mode;
    const testing::Certificate* with;
    bool served;
    std::string seen;
  } kRows[] = {
      {"required and given", ClientCertificates::kRequired, &own, true, base::ToHex(own.sha256)},
      {"optional and given", ClientCertificates::kOptional, &own, true, base::ToHex(own.sha256)},
      {"optional and absent", ClientCertificates::kOptional, nullptr, true, ""},
      {"never asked for", ClientCertificates::kNone, &own, true, ""},
      {"required and absent", ClientCertificates::kRequired, nullptr, false, ""},
      {"of another authority", ClientCertificates::kRequired, &foreign, false, ""},
      {"optional, of another authority", ClientCertificates::kOptional, &foreign, false, ""},
  };
  for (const auto& row : kRows) {
    Start(row.mode);
    HttpClient client = row.with == nullptr ? Client() : ClientWith(*row.with);
    for (int connection = 0; connection < 2; ++connection) {  // the second resumes
      const Result<Response> answer = client.Send(MakeRequest(Method::kGet, "/peer"));
      ASSERT_EQ(answer.ok(), row.served) << row.why;
      if (answer.ok()) {
        EXPECT_EQ(answer->body, row.seen) << row.why;
      }
      if (!answer.ok()) {
        EXPECT_EQ(answer.error().code(), Code::kDenied) << row.why;
      }
      client.Close();
    }
    EXPECT_EQ(server_->stats().handshakes_resumed.value(), row.served ? 1u : 0u) << row.why;
    server_.reset();
  }
}

TEST_F(ServerTest, TheClientRefusesAServerItDoesNotKnow) {
  Start(ClientCertificates::kNone);
  const testing::Authority other;
  ClientOptions options = Options();
  options.ca_pem = other.ca_pem();
  HttpClient stranger(options, clock_);
  EXPECT_EQ(stranger.Send(MakeRequest(Method::kGet, "/echo")).error().code(), Code::kDenied);
  options = Options();
  options.host = "127.0.0.2";  // the same server under a name that is not in its certificate
  HttpClient misled(options, clock_);
  EXPECT_FALSE(misled.Send(MakeRequest(Method::kGet, "/echo")).ok());
  EXPECT_EQ(handler_.calls, 0);
}

// Nobody answers here: the kernel takes the connection, and that is all.
TEST_F(ServerTest, TheClientCanBeGivenUp) {
  const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listening, generic, size), 0);
  ASSERT_EQ(::listen(listening, 4), 0);
  ASSERT_EQ(::getsockname(listening, generic, &size), 0);
  std::atomic<bool> cancelled{false};
  for (const bool plain : {true, false}) {  // an answer, a handshake
    cancelled = false;
    ClientOptions options;
    options.port = ntohs(address.sin_port);
    options.plain = plain;
    options.ca_pem = Ca().ca_pem();
    options.connect_ms_max = options.answer_ms_max = 3'600'000;  // the test ends before
    options.cancelled = &cancelled;
    HttpClient client(options, clock_);
    std::thread giver_up([&cancelled] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      cancelled = true;
    });
    const Result<Response> answer = client.Send(MakeRequest(Method::kGet, "/"));
    giver_up.join();
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code(), Code::kUnavailable);
    EXPECT_EQ(answer.error().text(), "given up by its caller");
    EXPECT_FALSE(client.Send(MakeRequest(Method::kGet, "/")).ok());  // nor begun
    // One limit over both, whatever each may take.
    options.cancelled = nullptr;
    options.send_ms_max = 60;
    HttpClient limited(options, clock_);
    const Result<Response> late = limited.Send(MakeRequest(Method::kGet, "/"));
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().text(), "the server does not answer in time");
  }
  ::close(listening);
}

TEST_F(ServerTest, SpeaksNothingBelowTls13) {
  Start(ClientCertificates::kNone);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    testing::RawConnection raw(server_->port());
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(context, version);
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, raw.socket());
    EXPECT_EQ(SSL_connect(ssl) == 1, version == TLS1_3_VERSION) << version;
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  EXPECT_EQ(server_->stats().handshakes_failed.value(), 1u);
}

// Records that one read of the socket takes together: nothing more comes that would wake the
// connection for the later ones.
TEST_F(ServerTest, AnswersRecordsThatCameTogether) {
  Start(ClientCertificates::kNone);
  testing::RawConnection raw(server_->port());
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(context);
  SSL_set_fd(ssl, raw.socket());
  ASSERT_EQ(SSL_connect(ssl), 1);
  const std::string request = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
  std::string answers;
  for (std::size_t together = 1; together <= 4; ++together) {
    raw.Cork(true);
    for (std::size_t i = 0; i < together; ++i) {
      const int size = static_cast<int>(request.size());
      ASSERT_EQ(SSL_write(ssl, request.data(), size), size);
    }
    raw.Cork(false);
    std::size_t seen = 0;
    for (answers.clear(); seen < together; seen = CountOf(answers, "\r\n\r\nhi")) {
      char buffer[4096];
      const int got = SSL_read(ssl, buffer, sizeof(buffer));
      ASSERT_GT(got, 0) << seen << " of " << together;
      answers.append(buffer, static_cast<std::size_t>(got));
    }
  }
  SSL_free(ssl);
  SSL_CTX_free(context);
}

TEST_F(ServerTest, ReloadChangesTheCertificateOfNewConnections) {
  Start(ClientCertificates::kNone);
  const testing::Authority other;
  const testing::Certificate renewed = other.Server();
  EXPECT_FALSE(server_->Reload({"", "", "", ClientCertificates::kNone}).ok());
  HttpClient kept = Client();
  ASSERT_TRUE(kept.Send(MakeRequest(Method::kGet, "/echo")).ok());
  ASSERT_TRUE(server_
                  ->Reload({renewed.certificate_pem, renewed.private_key_pem, "",
                            ClientCertificates::kNone})
                  .ok());
  EXPECT_TRUE(kept.Send(MakeRequest(Method::kGet, "/echo")).ok());
  EXPECT_FALSE(Client().Send(MakeRequest(Method::kGet, "/echo")).ok());
}

TEST_F(ServerTest, StartRefuses) {
  const TlsServerOptions good = Tls(ClientCertificates::kNone);
  const struct {
    const char* why;
    void (*spoil)(ServerOptions&);
  } kRows[] = {
      {"no certificate", [](ServerOptions& o) { o.tls->certificate_pem.clear(); }},
      {"no key", [](ServerOptions& o) { o.tls->private_key_pem.clear(); }},
      {"another's key",
       [](ServerOptions& o) { o.tls->private_key_pem = Ca().Server().private_key_pem; }},
      {"no authority to verify with",
       [](ServerOptions& o) {
         o.tls->client_certificates = ClientCertificates::kRequired;
         o.tls->client_ca_pem = "no";
       }},
      {"plain off the loopback",
       [](ServerOptions& o) {
         o.tls.reset();
         o.address = "0.0.0.0";
       }},
      {"a name for an address", [](ServerOptions& o) { o.address = "localhost"; }},
      {"no threads", [](ServerOptions& o) { o.threads = 0; }},
      {"no connections", [](ServerOptions& o) { o.connections_max = 0; }},
      {"no room for headers", [](ServerOptions& o) { o.header_bytes_max = 0; }},
  };
  for (const auto& row : kRows) {
    ServerOptions options;
    options.tls = good;
    row.spoil(options);
    const Result<std::unique_ptr<Server>> started = Server::Start(options, handler_, clock_);
    ASSERT_FALSE(started.ok()) << row.why;
    EXPECT_EQ(started.error().code(), Code::kInvalid) << row.why;
  }
}

}  // namespace
}  // namespace cloison::net
