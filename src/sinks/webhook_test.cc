// Alarms as signed requests: what a receiver checks, and what it may answer.
#include "sinks/webhook.h"

#include <gtest/gtest.h>

#include <mutex>

#include "crypto/base64.h"
#include "net/server.h"
#include "net/testing/certificates.h"
#include "sinks/alarm_text.h"

namespace cloison::sinks {
namespace {

constexpr char kOrigin[] = "cloison.example/job-seekers";

class Receiver final : public net::Handler {
 public:
  Task<net::Response> Handle(net::Request request) override {
    const std::lock_guard lock(mutex_);
    requests.push_back(std::move(request));
    net::Response response;
    response.status = status;
    response.body = body;
    if (status == 307) response.headers.Add("location", "/elsewhere");
    co_return response;
  }
  std::vector<net::Request> requests;
  int status = 204;
  std::string body;

 private:
  std::mutex mutex_;
};

class WebhookTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const net::testing::Certificate certificate = authority_.Server();
    net::ServerOptions options;
    options.tls.emplace();
    options.tls->certificate_pem = certificate.certificate_pem;
    options.tls->private_key_pem = certificate.private_key_pem;
    auto started = net::Server::Start(options, receiver_, clock_);
    ASSERT_TRUE(started.ok());
    server_ = std::move(*started);
  }
  Webhook Make(const std::string& ca_pem) {
    WebhookOptions options;
    options.url.host = "127.0.0.1";
    options.url.port = server_->port();
    options.url.path = "/alarms";
    options.url.query = "from=vault";
    options.ca_pem = ca_pem;
    options.origin = kOrigin;
    return Webhook(std::move(options), std::make_unique<crypto::Ed25519Signer>(seed_), clock_);
  }
  static access::Alarm Numbered(std::uint64_t number) {
    access::Alarm alarm;
    alarm.number = number;
    alarm.wall_ms = 1'700'000'000'000;
    return alarm;
  }
  // As a receiver does it, by the words of Standard Webhooks.
  bool Signed(const net::Request& request) {
    const std::string text = std::string(request.headers.get("webhook-id")) + "." +
                             std::string(request.headers.get("webhook-timestamp")) + "." +
                             request.body;
    const std::string_view signature = request.headers.get("webhook-signature");
    if (!signature.starts_with("v1a,")) return false;
    const Result<Bytes> bytes = crypto::FromBase64(signature.substr(4));
    const crypto::Ed25519PublicKey key = crypto::Ed25519Signer(seed_).public_key();
    return bytes.ok() && crypto::VerifyEd25519(key, AsBytes(text), *bytes);
  }

  base::SystemClock clock_;
  net::testing::Authority authority_;
  crypto::Secret<32> seed_;
  Receiver receiver_;
  std::unique_ptr<net::Server> server_;
};

TEST_F(WebhookTest, SignsWhatItSends) {
  Webhook webhook = Make(authority_.ca_pem());
  const std::int64_t before_s = clock_.wall_ms() / 1000;
  ASSERT_TRUE(webhook.Give(Numbered(7)).ok());
  ASSERT_TRUE(webhook.Give(Numbered(7)).ok());
  ASSERT_EQ(receiver_.requests.size(), 2u);
  const net::Request& request = receiver_.requests[0];
  EXPECT_EQ(request.method, net::Method::kPost);
  EXPECT_EQ(request.path, "/alarms");
  EXPECT_EQ(request.query, "from=vault");
  EXPECT_EQ(request.headers.get("content-type"), "application/json");
  EXPECT_EQ(request.body, OcsfEvent(Numbered(7), kOrigin));
  EXPECT_EQ(request.headers.get("webhook-id"), AlarmUid(Numbered(7), kOrigin));
  EXPECT_GE(std::stoll(std::string(request.headers.get("webhook-timestamp"))), before_s);
  EXPECT_TRUE(Signed(request));
  EXPECT_EQ(receiver_.requests[1].headers.get("webhook-id"), request.headers.get("webhook-id"))
      << "it counts once";
  net::Request altered = request;
  altered.body += " ";
  EXPECT_FALSE(Signed(altered));
}

TEST_F(WebhookTest, JudgesAnswers) {
  struct Row {
    const char* why;
    int status;
    std::optional<Code> want;
  };
  const Row rows[] = {
      {"taken", 200, std::nullopt},
      {"taken", 202, std::nullopt},
      {"taken, and nothing to say", 204, std::nullopt},
      {"a redirect is not followed", 307, Code::kUnavailable},
      {"this one is none", 400, Code::kDenied},
      {"who signs is not known there", 401, Code::kUnavailable},
      {"not there", 404, Code::kUnavailable},
      {"too slow", 408, Code::kUnavailable},
      {"it has another under this id", 409, Code::kDenied},
      {"gone", 410, Code::kUnavailable},
      {"too large", 413, Code::kDenied},
      {"not of this kind", 415, Code::kDenied},
      {"not understood", 422, Code::kDenied},
      {"too many", 429, Code::kUnavailable},
      {"broken", 500, Code::kUnavailable},
      {"away", 503, Code::kUnavailable},
  };
  Webhook webhook = Make(authority_.ca_pem());
  std::size_t came = 0;
  for (const Row& row : rows) {
    receiver_.status = row.status;
    const Status given = webhook.Give(Numbered(1));
    const std::optional<Code> code =
        given.ok() ? std::nullopt : std::optional(given.error().code());
    EXPECT_EQ(code, row.want) << row.why;
    EXPECT_EQ(receiver_.requests.size(), ++came) << row.why << ": asked once, and nowhere else";
  }
}

TEST_F(WebhookTest, IsBoundedByItself) {
  Webhook webhook = Make(authority_.ca_pem());
  receiver_.status = 200;
  receiver_.body.assign(kAnswerBytesMax + 1, 'x');
  EXPECT_EQ(webhook.Give(Numbered(1)).error().code(), Code::kUnavailable);
  receiver_.body.clear();
  EXPECT_TRUE(webhook.Give(Numbered(1)).ok());
  webhook.Stop();
  EXPECT_EQ(webhook.Give(Numbered(2)).error().code(), Code::kUnavailable);
  EXPECT_EQ(receiver_.requests.size(), 2u);
}

TEST_F(WebhookTest, TellsNobodyButTheReceiver) {
  const net::testing::Authority other;
  Webhook webhook = Make(other.ca_pem());
  EXPECT_EQ(webhook.Give(Numbered(1)).error().code(), Code::kUnavailable);
  EXPECT_TRUE(receiver_.requests.empty());
}

TEST(WebhookKey, IsAsStandardWebhooksWriteIt) {
  const crypto::Ed25519PublicKey key{0xd7, 0x5a};
  EXPECT_EQ(WebhookKeyText(key), "whpk_11oAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
}

}  // namespace
}  // namespace cloison::sinks
