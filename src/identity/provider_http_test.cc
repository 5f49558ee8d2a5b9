// Asking providers over real connections: what is too much, too slow, elsewhere or not over https.
#include "identity/provider_http.h"

#include <gtest/gtest.h>

#include <atomic>

#include "net/server.h"
#include "net/testing/certificates.h"

namespace cloison::identity {
namespace {

class Provider final : public net::Handler {
 public:
  Task<net::Response> Handle(net::Request request) override {
    ++calls;
    net::Response response;
    if (request.path == "/certs") {
      response.body = R"({"keys":[]})" + request.query + request.body +
                      std::string(request.headers.get("authorization"));
    } else if (request.path == "/elsewhere") {
      response.status = 302;
      response.headers.Add("location", "/certs");
    } else if (request.path == "/largest") {
      response.body.assign(kProviderBodyBytesMax, ' ');
    } else if (request.path == "/large") {
      response.body.assign(5u << 20, ' ');
    } else if (request.path == "/slow") {
      response.not_before_mono_us = clock_.mono_us() + 60'000'000;
    } else {
      response.status = 404;
    }
    co_return response;
  }
  std::atomic<int> calls{0};

 private:
  base::SystemClock clock_;
};

class ProviderHttpTest : public ::testing::Test {
 protected:
  ProviderHttpTest() {
    net::ServerOptions options;
    options.handler_ms_max = 120'000;
    plain_ = Started(options);
    const auto certificate = authority_.Server();
    options.tls.emplace();
    options.tls->certificate_pem = certificate.certificate_pem;
    options.tls->private_key_pem = certificate.private_key_pem;
    secure_ = Started(options);
  }
  std::unique_ptr<net::Server> Started(const net::ServerOptions& options) {
    auto server = net::Server::Start(options, provider_, clock_);
    CLOISON_CHECK(server.ok());
    return std::move(*server);
  }
  ProviderRequest Plain(const std::string& path) const {
    return {
        "http://127.0.0.1:" + std::to_string(plain_->port()) + path, {}, net::Method::kGet, {}, {}};
  }
  ProviderRequest Secure(const std::string& path) const {
    return {"https://localhost:" + std::to_string(secure_->port()) + path,
            authority_.ca_pem(),
            net::Method::kGet,
            {},
            {}};
  }

  base::SystemClock clock_;
  net::testing::Authority authority_;
  Provider provider_;
  std::unique_ptr<net::Server> plain_;
  std::unique_ptr<net::Server> secure_;
  SystemProviderHttp http_{clock_, {.loopback_http = true}};
};

TEST_F(ProviderHttpTest, Asks) {
  EXPECT_EQ(http_.Send(Plain("/certs?a=b"))->body, R"({"keys":[]}a=b)");
  ProviderRequest posted = Secure("/certs");
  posted.method = net::Method::kPost;
  posted.body = "grant";
  posted.headers.Add("authorization", "Basic x");
  const auto answer = http_.Send(posted);
  ASSERT_TRUE(answer.ok()) << answer.error().text();
  EXPECT_EQ(answer->body, R"({"keys":[]}grantBasic x)");
  EXPECT_EQ(http_.Send(Secure("/nothing"))->status, 404);
  EXPECT_EQ(http_.Send(Plain("/largest"))->body.size(), kProviderBodyBytesMax);
}

TEST_F(ProviderHttpTest, RefusesWhatAProviderShouldNotDo) {
  EXPECT_EQ(http_.Send(Plain("/elsewhere")).error().code(), Code::kDenied) << "a redirect";
  EXPECT_EQ(http_.Send(Plain("/large")).error().code(), Code::kExhausted) << "5 MiB";
  SystemProviderHttp hasty(clock_, {.loopback_http = true, .answer_ms_max = 50});
  EXPECT_EQ(hasty.Send(Plain("/slow")).error().code(), Code::kUnavailable) << "too slow";
  ProviderRequest unknown = Secure("/certs");
  unknown.ca_pem = net::testing::Authority().ca_pem();
  EXPECT_EQ(http_.Send(unknown).error().code(), Code::kDenied) << "another authority";
}

TEST_F(ProviderHttpTest, RefusesUrls) {
  const SystemProviderHttp::Options none{};
  SystemProviderHttp strict(clock_, none);
  const int before = provider_.calls;
  EXPECT_EQ(strict.Send(Plain("/certs")).error().code(), Code::kInvalid) << "http, in production";
  for (const char* url : {"http://sso.example/certs", "http://127.0.0.1.example/certs",
                          "http://localhost.example/certs", "ftp://127.0.0.1/", "", "/certs"}) {
    EXPECT_EQ(http_.Send({url, {}, net::Method::kGet, {}, {}}).error().code(), Code::kInvalid)
        << url;
  }
  EXPECT_EQ(provider_.calls, before);
}

TEST_F(ProviderHttpTest, IsGivenUpWhenItsCallerGoes) {
  const std::atomic<bool> cancelled{true};
  SystemProviderHttp http(clock_, {.loopback_http = true, .cancelled = &cancelled});
  EXPECT_EQ(http.Send(Plain("/slow")).error().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace cloison::identity
