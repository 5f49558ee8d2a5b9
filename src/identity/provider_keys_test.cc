// Keys of providers that rotate, vanish, hang and lie.
#include "identity/provider_keys.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/testing/manual_clock.h"
#include "base/testing/memory_files.h"
#include "identity/sign_in.h"
#include "identity/testing/forge.h"
#include "identity/testing/scripted_provider.h"

namespace cloison::identity {
namespace {

using testing::Json;

constexpr const char* kUrl = "https://sso.example";
constexpr const char* kDiscovery = "https://sso.example/.well-known/openid-configuration";
constexpr const char* kCerts = "https://sso.example/certs";

Issuers OneIssuer(const std::string& more = "") {
  std::vector<std::string> problems;
  auto issuers = ParseIssuers(
      R"(version = 1
[[issuer]]
alias = "sso"
url = "https://sso.example"
kind = "agents"
algorithms = ["ES256"]
audiences = ["cloison"]
access_tokens = "at+jwt"
token_clients = ["case-app"]
)" + more,
      {}, problems);
  for (const std::string& problem : problems) ADD_FAILURE() << problem;
  return std::move(*issuers);
}

class ProviderKeysTest : public ::testing::Test {
 protected:
  ProviderKeysTest() : keys_({issuers_, provider_, files_, clock_, events_}) {
    provider_.Serve(kDiscovery, Discovery().dump());
    provider_.Serve(kCerts, testing::KeySet({Published("k1")}));
  }
  static Json Discovery() {
    return {{"issuer", kUrl},
            {"jwks_uri", kCerts},
            {"authorization_endpoint", "https://sso.example/authorize"},
            {"token_endpoint", "https://sso.example/token"}};
  }
  static Json Published(const std::string& id) {
    return testing::PublishedJwk(testing::NewKey(crypto::KeyKind::kP256), id);
  }
  const IssuerSpec& issuer() const { return issuers_.all()[0]; }
  Result<Jwk> Find(const std::string& id) { return keys_.Find(issuer(), id, JwsAlgorithm::kEs256); }
  Code CodeOf(const std::string& id) {
    const auto key = Find(id);
    EXPECT_FALSE(key.ok());
    return key.ok() ? Code::kNotFound : key.error().code();
  }

  base::testing::ManualClock clock_;
  base::testing::MemoryFiles files_;
  testing::ScriptedProvider provider_;
  testing::CountedEvents events_;
  const Issuers issuers_ = OneIssuer();
  ProviderKeys keys_;
};

TEST_F(ProviderKeysTest, NothingIsThereBeforeTheFirstFetch) {
  const auto key = Find("k1");
  ASSERT_FALSE(key.ok());
  EXPECT_EQ(key.error().code(), Code::kUnavailable);
  EXPECT_EQ(RemedyOf(key.error()), Remedy::kRefresh);
  EXPECT_FALSE(keys_.Endpoints(issuer()).ok());
  keys_.Step();
  EXPECT_TRUE(Find("k1").ok());
  const auto endpoints = keys_.Endpoints(issuer());
  ASSERT_TRUE(endpoints.ok());
  EXPECT_EQ(endpoints->token, "https://sso.example/token");
  EXPECT_EQ(endpoints->userinfo, "");
}

TEST_F(ProviderKeysTest, AnUnknownKeyIsAskedForAtABoundedRate) {
  keys_.Step();
  ASSERT_EQ(provider_.asked(kCerts), 1);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_EQ(CodeOf("k" + std::to_string(i + 2)), Code::kDenied) << "fetched just now";
    keys_.Step();
  }
  EXPECT_EQ(provider_.asked(kCerts), 1);
  clock_.Advance(kKeysRefreshMsMin - 1);
  keys_.Step();
  EXPECT_EQ(provider_.asked(kCerts), 1);
  clock_.Advance(1);
  for (int i = 0; i < 1'000; ++i) {
    CodeOf("k" + std::to_string(i + 2));
    keys_.Step();
  }
  EXPECT_EQ(provider_.asked(kCerts), 2);
}

TEST_F(ProviderKeysTest, ANewKeyIsFoundOnceItIsAskedFor) {
  keys_.Step();
  provider_.Serve(kCerts, testing::KeySet({Published("k1"), Published("k2")}));
  clock_.Advance(kKeysRefreshMsMin);
  const auto missing = Find("k2");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code(), Code::kUnavailable);
  EXPECT_EQ(RemedyOf(missing.error()), Remedy::kRefresh);
  keys_.Step();
  EXPECT_TRUE(Find("k2").ok());
  EXPECT_EQ(events_.count("issuer_unreachable"), 0);
}

TEST_F(ProviderKeysTest, AKeyThatVanishedIsNotTrusted) {
  keys_.Step();
  ASSERT_TRUE(Find("k1").ok());
  const std::uint64_t before = keys_.Generation(issuer());
  provider_.Serve(kCerts, testing::KeySet({Published("k2")}));
  clock_.Advance(kKeysRefreshMs - 1);
  keys_.Step();
  EXPECT_TRUE(Find("k1").ok());
  EXPECT_EQ(keys_.Generation(issuer()), before);
  clock_.Advance(1);
  keys_.Step();
  EXPECT_EQ(CodeOf("k1"), Code::kDenied);
  EXPECT_NE(keys_.Generation(issuer()), before);
  EXPECT_TRUE(Find("k2").ok());
}

TEST_F(ProviderKeysTest, TheSameSetIsNoChange) {
  keys_.Step();
  const std::uint64_t before = keys_.Generation(issuer());
  clock_.Advance(kKeysRefreshMs);
  keys_.Step();
  EXPECT_EQ(provider_.asked(kCerts), 2);
  EXPECT_EQ(keys_.Generation(issuer()), before);
}

// Each way to be out of reach or to lie: what is kept stays, for a day; then nobody is let in; and
// one alarm tells of it, however often it is tried.
struct Outage {
  const char* why;
  std::function<void(testing::ScriptedProvider&)> make;
};
const Outage kOutages[] = {
    {"out of reach",
     [](auto& p) { p.Fail(kDiscovery, Error{Code::kUnavailable, "nobody there"}); }},
    {"too slow", [](auto& p) { p.Fail(kCerts, Error{Code::kUnavailable, "too slow"}); }},
    {"too much", [](auto& p) { p.Fail(kCerts, Error{Code::kExhausted, "too much"}); }},
    {"a redirect", [](auto& p) { p.Fail(kCerts, Error{Code::kDenied, "a redirect"}); }},
    {"an error", [](auto& p) { p.Serve(kCerts, "{}", 503); }},
    {"an error with a set", [](auto& p) { p.Serve(kCerts, R"({"keys":[]})", 404); }},
    {"no set", [](auto& p) { p.Serve(kCerts, "<html>maintenance</html>"); }},
    {"a set of 1000 keys",
     [](auto& p) { p.Serve(kCerts, testing::KeySet(std::vector<Json>(1'000, Json::object()))); }},
    {"discovery that is none", [](auto& p) { p.Serve(kDiscovery, "[]"); }},
    {"another issuer",
     [](auto& p) {
       p.Serve(kDiscovery,
               R"({"issuer":"https://evil.example","jwks_uri":"https://sso.example/certs"})");
     }},
    {"no issuer",
     [](auto& p) { p.Serve(kDiscovery, R"({"jwks_uri":"https://sso.example/certs"})"); }},
    {"an issuer with a slash more",
     [](auto& p) {
       p.Serve(kDiscovery,
               R"({"issuer":"https://sso.example/","jwks_uri":"https://sso.example/certs"})");
     }},
    {"an issuer twice",
     [](auto& p) {
       p.Serve(kDiscovery, R"({"issuer":"https://evil.example","issuer":"https://sso.example",)"
                           R"("jwks_uri":"https://sso.example/certs"})");
     }},
    {"keys over http",
     [](auto& p) {
       p.Serve(kDiscovery,
               R"({"issuer":"https://sso.example","jwks_uri":"http://sso.example/certs"})");
     }},
    {"keys on the loopback",
     [](auto& p) {
       p.Serve(kDiscovery,
               R"({"issuer":"https://sso.example","jwks_uri":"http://127.0.0.1/certs"})");
     }},
    {"keys in a file",
     [](auto& p) {
       p.Serve(kDiscovery, R"({"issuer":"https://sso.example","jwks_uri":"file:///etc/passwd"})");
     }},
    {"no keys", [](auto& p) { p.Serve(kDiscovery, R"({"issuer":"https://sso.example"})"); }},
};

TEST_F(ProviderKeysTest, AnOutageOpensNothingAndIsToldOnce) {
  int told = 0;
  for (const Outage& outage : kOutages) {
    provider_.Serve(kDiscovery, Discovery().dump());
    provider_.Serve(kCerts, testing::KeySet({Published("k1")}));
    clock_.Advance(kKeysRefreshMs);
    keys_.Step();
    ASSERT_TRUE(Find("k1").ok()) << outage.why;
    const std::int64_t fetched_ms = clock_.boot_ms();
    EXPECT_FALSE(keys_.IsOut(0)) << outage.why;
    outage.make(provider_);
    clock_.Advance(kKeysRefreshMs);
    while (clock_.boot_ms() - fetched_ms <= kKeysAgeMsMax) {
      keys_.Step();
      ASSERT_TRUE(Find("k1").ok()) << outage.why << ": what is kept is good for a day";
      EXPECT_EQ(CodeOf("k2"), Code::kUnavailable) << outage.why;
      clock_.Advance(base::kHourMs);
    }
    EXPECT_EQ(CodeOf("k1"), Code::kUnavailable) << outage.why << ": a day is over";
    EXPECT_TRUE(keys_.IsOut(0)) << outage.why;
    EXPECT_EQ(events_.count("issuer_unreachable"), ++told) << outage.why;
    EXPECT_EQ(events_.count("issuer_answers_again"), told - 1) << outage.why;
  }
}

TEST_F(ProviderKeysTest, FailuresAreTriedAgainSeldom) {
  provider_.Fail(kDiscovery, Error{Code::kUnavailable, "nobody there"});
  for (int seconds = 0; seconds < 600; ++seconds) {
    keys_.Step();
    CodeOf("k1");  // each second somebody asks
    clock_.Advance(1'000);
  }
  EXPECT_EQ(provider_.asked(kDiscovery), 60) << "once per kKeysRefreshMsMin";
  EXPECT_EQ(events_.count("issuer_unreachable"), 1);
}

TEST_F(ProviderKeysTest, AnAuthorityThatCannotBeReadStopsTheStart) {
  const Issuers issuers = OneIssuer("ca_file = \"/ca.pem\"\n");
  ProviderKeys keys({issuers, provider_, files_, clock_, events_});
  EXPECT_EQ(keys.Start().error().code(), Code::kInvalid);
  files_.contents["/ca.pem"] = base::ToBytes(AsBytes("authorities"));
  ProviderKeys started({issuers, provider_, files_, clock_, events_});
  ASSERT_TRUE(started.Start().ok());
  EXPECT_EQ(started.CaPem(issuers.all()[0]), "authorities");
}

// With its threads, on the system's clock.
class ProviderKeysThreads : public ProviderKeysTest {
 protected:
  ProviderKeysThreads() : started_({issuers_, provider_, files_, system_, events_}) {}
  ~ProviderKeysThreads() override { Open(); }

  Result<net::Response> WaitAtTheDoor() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
    net::Response response;
    response.body = testing::KeySet({Published("k1")});
    return response;
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  Task<bool> Wait() {
    co_await started_.Refreshed(issuer());
    ++let_go_;
    co_return true;
  }
  Task<void> WaitAlone() { co_await Wait(); }
  Result<Jwk> FindStarted(const std::string& id) {
    return started_.Find(issuer(), id, JwsAlgorithm::kEs256);
  }

  base::SystemClock system_;
  std::mutex mutex_;  // guards open_
  std::condition_variable changed_;
  bool open_ = false;
  std::atomic<int> let_go_{0};
  ProviderKeys started_;
};

TEST_F(ProviderKeysThreads, WhoWaitsIsLetGoWhenTheKeysAreThere) {
  provider_.Script(kCerts, [this] { return WaitAtTheDoor(); });
  ASSERT_TRUE(started_.Start().ok());
  const auto missing = FindStarted("k1");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(RemedyOf(missing.error()), Remedy::kRefresh);
  for (int i = 0; i < 10; ++i) base::Detach(WaitAlone());
  Open();
  base::SyncWait(Wait());
  while (let_go_ < 11 || !FindStarted("k1").ok()) std::this_thread::yield();
}

TEST_F(ProviderKeysThreads, WhoWaitsIsLetGoThoughTheProviderHangs) {
  provider_.Script(kDiscovery, [this] { return WaitAtTheDoor(); });
  ASSERT_TRUE(started_.Start().ok());
  while (provider_.asked(kDiscovery) == 0) std::this_thread::yield();
  EXPECT_TRUE(base::SyncWait(Wait()));  // after kKeysWaitMsMax
  EXPECT_EQ(RemedyOf(FindStarted("k1").error()), Remedy::kRefresh) << "it hangs still";
}

TEST_F(ProviderKeysThreads, NobodyWaitsWhereNothingComes) {
  EXPECT_TRUE(base::SyncWait(Wait())) << "not started";
  ASSERT_TRUE(started_.Start().ok());
  while (!FindStarted("k1").ok()) std::this_thread::yield();
  EXPECT_EQ(FindStarted("k2").error().code(), Code::kDenied);
  EXPECT_TRUE(base::SyncWait(Wait())) << "no refresh may come for 10 s";
}

}  // namespace
}  // namespace cloison::identity
