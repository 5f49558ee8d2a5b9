// The yes of somebody outside: nothing but the words of an answer about this erasure is one.
#include "sinks/consent.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "crypto/base64.h"
#include "net/server.h"
#include "net/testing/certificates.h"

namespace cloison::sinks {
namespace {

constexpr char kOrigin[] = "cloison.example/job-seekers";
constexpr char kId[] = "cloison.example/job-seekers/apr_12/77";

// An answer to the question below, or what else was written behind its id.
std::string Answer(const std::string& rest) {
  return std::string(R"({"id":")") + kId + R"(",)" + rest;
}

ConsentQuestion Question() {
  return {12, 1, "RGPD-17-0042", 1'700'000'000'000, 1'700'000'600'000, 1'700'604'800'000, 77};
}

TEST(ConsentBody, SaysWhatIsDueAndNothingOfThePerson) {
  EXPECT_EQ(ConsentBody(Question(), kOrigin),
            R"({"type":"erasure_due","id":"cloison.example/job-seekers/apr_12/77",)"
            R"("register":"cloison.example/job-seekers",)"
            R"("approval":"apr_12","organisation":1,"reason":"RGPD-17-0042",)"
            R"("asked":1700000000,"agreed":1700000600,"due":1700604800})");
}

TEST(ReadConsent, NothingElseIsAnAnswer) {
  struct Row {
    const char* why;
    std::string body;
    std::string_view want;
  };
  const std::string other = R"({"id":"cloison.example/job-seekers/apr_12/78","approval":"apr_12",)";
  const Row rows[] = {
      {"yes", Answer(R"("approval":"apr_12","answer":"yes"})"), "yes"},
      {"no", Answer(R"("answer":"no","approval":"apr_12"})"), "no"},
      {"nothing", "", "none"},
      {"a page that greets everybody", "<html>welcome</html>", "none"},
      {"yes, in one word", "yes", "none"},
      {"a text", R"("yes")", "none"},
      {"a list", R"(["yes"])", "none"},
      {"true", Answer(R"("approval":"apr_12","answer":true})"), "none"},
      {"of another one", Answer(R"("approval":"apr_13","answer":"yes"})"), "none"},
      {"of none", Answer(R"("answer":"yes"})"), "none"},
      {"without an answer", Answer(R"("approval":"apr_12"})"), "none"},
      {"another word", Answer(R"("approval":"apr_12","answer":"later"})"), "none"},
      {"another spelling", Answer(R"("approval":"apr_12","answer":"Yes"})"), "none"},
      {"a number for the approval", Answer(R"("approval":12,"answer":"yes"})"), "none"},
      {"the number padded", Answer(R"("approval":"apr_012","answer":"yes"})"), "none"},
      {"twice", Answer(R"("approval":"apr_12","answer":"no","answer":"yes"})"), "none"},
      {"more than was asked", Answer(R"("approval":"apr_12","answer":"yes","but":"no"})"), "none"},
      {"cut", Answer(R"("approval":"apr_12","answer":"yes")"), "none"},
      {"something behind it", Answer(R"("approval":"apr_12","answer":"yes"} x)"), "none"},
      {"about nobody's question", R"({"approval":"apr_12","answer":"yes"})", "none"},
      {"about who had the number before", other + R"("answer":"yes"})", "none"},
      {"and a no about them", other + R"("answer":"no"})", "none"},
      {"a number for the id", R"({"id":77,"approval":"apr_12","answer":"yes"})", "none"},
  };
  for (const Row& row : rows) {
    const Result<bool> read = ReadConsent(AsBytes(row.body), 12, kId);
    const std::string_view got = !read.ok() ? "none" : *read ? "yes" : "no";
    EXPECT_EQ(got, row.want) << row.why;
    if (!read.ok()) {
      EXPECT_EQ(read.error().code(), Code::kUnavailable) << row.why;
    }
  }
}

class Approver final : public net::Handler {
 public:
  Task<net::Response> Handle(net::Request request) override {
    const std::lock_guard lock(mutex_);
    requests.push_back(std::move(request));
    if (slow_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(slow_ms));
    net::Response response;
    response.status = status;
    response.body = body;
    if (status == 307) response.headers.Add("location", "/elsewhere");
    co_return response;
  }
  std::vector<net::Request> requests;
  int status = 200, slow_ms = 0;
  std::string body = Answer(R"("approval":"apr_12","answer":"yes"})");

 private:
  std::mutex mutex_;
};

class ConsentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const net::testing::Certificate certificate = authority_.Server();
    net::ServerOptions options;
    options.tls.emplace();
    options.tls->certificate_pem = certificate.certificate_pem;
    options.tls->private_key_pem = certificate.private_key_pem;
    auto started = net::Server::Start(options, approver_, clock_);
    ASSERT_TRUE(started.ok());
    server_ = std::move(*started);
  }
  Consent Make(const std::string& ca_pem) {
    PostPlace place;
    place.url.host = "127.0.0.1";
    place.url.port = server_->port();
    place.url.path = "/erasures";
    place.ca_pem = ca_pem;
    place.answer_ms_max = 1'000;
    return Consent(std::move(place), kOrigin, std::make_unique<crypto::Ed25519Signer>(seed_),
                   clock_);
  }
  static std::string_view Word(const Result<bool>& answer) {
    return !answer.ok() ? "none" : *answer ? "yes" : "no";
  }

  base::SystemClock clock_;
  net::testing::Authority authority_;
  crypto::Secret<32> seed_;
  Approver approver_;
  std::unique_ptr<net::Server> server_;
};

TEST_F(ConsentTest, IsASignedQuestionUnderOneId) {
  Consent consent = Make(authority_.ca_pem());
  EXPECT_EQ(Word(consent.Ask(Question())), "yes");
  ConsentQuestion later = Question(), restored = Question();
  later.agreed_ms += 5;  // the wall clock was set meanwhile
  restored.stamp_ms += 5;
  EXPECT_EQ(Word(consent.Ask(later)), "yes");
  EXPECT_EQ(Word(consent.Ask(restored)), "none") << "the answer is about another";
  ASSERT_EQ(approver_.requests.size(), 3u);
  const net::Request& request = approver_.requests[0];
  EXPECT_EQ(request.path, "/erasures");
  EXPECT_EQ(request.body, ConsentBody(Question(), kOrigin));
  const std::string text = std::string(request.headers.get("webhook-id")) + "." +
                           std::string(request.headers.get("webhook-timestamp")) + "." +
                           request.body;
  const std::string_view signature = request.headers.get("webhook-signature");
  ASSERT_TRUE(signature.starts_with("v1a,"));
  const Result<Bytes> bytes = crypto::FromBase64(signature.substr(4));
  const crypto::Ed25519PublicKey key = crypto::Ed25519Signer(seed_).public_key();
  ASSERT_TRUE(bytes.ok());
  EXPECT_TRUE(crypto::VerifyEd25519(key, AsBytes(text), *bytes));
  EXPECT_EQ(approver_.requests[1].headers.get("webhook-id"), request.headers.get("webhook-id"));
  EXPECT_NE(approver_.requests[2].headers.get("webhook-id"), request.headers.get("webhook-id"))
      << "a number that was given again after a restore";
}

TEST_F(ConsentTest, EverythingElseIsNoAnswer) {
  struct Row {
    const char* why;
    int status;
    std::string body;
    int slow_ms;
    std::string_view want;
  };
  const std::string yes = Answer(R"("approval":"apr_12","answer":"yes"})");
  const Row rows[] = {
      {"yes", 200, yes, 0, "yes"},
      {"no", 200, Answer(R"("approval":"apr_12","answer":"no"})"), 0, "no"},
      {"taken, and nothing said", 204, "", 0, "none"},
      {"accepted for later", 202, yes, 0, "none"},
      {"a redirect", 307, yes, 0, "none"},
      {"who signs is not known there", 401, yes, 0, "none"},
      {"refused", 403, yes, 0, "none"},
      {"broken, whatever it says", 500, yes, 0, "none"},
      {"too much", 200, yes + std::string(kAnswerBytesMax, ' '), 0, "none"},
      {"too late", 200, yes, 1'500, "none"},
  };
  Consent consent = Make(authority_.ca_pem());
  for (const Row& row : rows) {
    approver_.status = row.status;
    approver_.body = row.body;
    approver_.slow_ms = row.slow_ms;
    EXPECT_EQ(Word(consent.Ask(Question())), row.want) << row.why;
  }
}

TEST_F(ConsentTest, NobodyElseIsAskedAndNobodyAfterTheStop) {
  const net::testing::Authority other;
  Consent wrong = Make(other.ca_pem());
  EXPECT_EQ(Word(wrong.Ask(Question())), "none");
  EXPECT_TRUE(approver_.requests.empty());
  Consent consent = Make(authority_.ca_pem());
  consent.Stop();
  EXPECT_EQ(Word(consent.Ask(Question())), "none");
  EXPECT_TRUE(approver_.requests.empty());
}

}  // namespace
}  // namespace cloison::sinks
