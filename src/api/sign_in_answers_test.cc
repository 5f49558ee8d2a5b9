// What a refusal of sign-in tells the client to do, and the one wait for an issuer's keys.
#include <gtest/gtest.h>

#include <vector>

#include "api/handler.h"
#include "base/executor.h"

namespace cloison::api {
namespace {

// Gives the results in turn; the last one stays.
class ScriptedSignIn final : public identity::SignIn {
 public:
  explicit ScriptedSignIn(std::vector<Result<identity::SignedIn>> results)
      : results_(std::move(results)) {}
  Result<identity::SignedIn> Verify(const identity::Presented&) override {
    ++asked;
    const Result<identity::SignedIn> result = results_.front();
    if (results_.size() > 1) results_.erase(results_.begin());
    return result;
  }
  Result<PrincipalId> Named(std::string_view) const override {
    return Error{Code::kInvalid, "nobody"};
  }
  std::string DpopNonce() const override { return "nonce"; }
  Task<void> Refreshed(Error refusal) override {
    EXPECT_EQ(identity::RemedyOf(refusal), identity::Remedy::kRefresh);
    ++waited;
    co_return;
  }
  int asked = 0;
  int waited = 0;

 private:
  std::vector<Result<identity::SignedIn>> results_;
};

Error Refused(Code code, identity::Remedy remedy) {
  return Error{code, "refused", identity::DetailOf(remedy)};
}
identity::SignedIn Somebody() {
  return {PrincipalId(ByteArray<16>{1}), SessionId(ByteArray<16>{}), ClientId(1),
          identity::Assurance::Development()};
}

// A request that has no media type: 415 once somebody is signed in.
net::Response Ask(ScriptedSignIn& sign_in, bool with_proof = false) {
  base::SystemClock clock;
  base::SystemRandom random;
  base::ThreadPool pool(1);
  Service service{sign_in, clock, random};
  Api api(service);
  net::Request request;
  request.method = net::Method::kPost;
  request.path = "/v1/principals:freeze";
  if (with_proof) request.headers.Add("dpop", "proof");
  request.home = &pool;
  request.deadline_mono_us = clock.mono_us() + 3'600'000'000;
  return base::SyncWait(api.Handle(std::move(request)));
}

TEST(SignInAnswers, SayWhatToDo) {
  struct Row {
    const char* why;
    Code code;
    identity::Remedy remedy;
    int status;
    const char* challenge;
  };
  const Row rows[] = {
      {"a bad token", Code::kDenied, identity::Remedy::kNone, 401,
       "Bearer realm=\"cloison\", error=\"invalid_token\""},
      {"no nonce", Code::kDenied, identity::Remedy::kDpopNonce, 401,
       "DPoP error=\"use_dpop_nonce\""},
      {"a bad proof", Code::kDenied, identity::Remedy::kDpopProof, 401,
       "DPoP error=\"invalid_dpop_proof\""},
      {"an issuer out of reach", Code::kUnavailable, identity::Remedy::kNone, 503, ""},
      {"keys that don't come", Code::kUnavailable, identity::Remedy::kRefresh, 503, ""},
  };
  for (const Row& row : rows) {
    ScriptedSignIn sign_in({Refused(row.code, row.remedy)});
    const net::Response answer = Ask(sign_in);
    EXPECT_EQ(answer.status, row.status) << row.why;
    EXPECT_EQ(answer.headers.get("www-authenticate"), row.challenge) << row.why;
    EXPECT_EQ(answer.headers.get("dpop-nonce"), row.status == 401 ? "nonce" : "") << row.why;
    EXPECT_EQ(answer.headers.find("retry-after").has_value(), row.status == 503) << row.why;
    EXPECT_EQ(sign_in.asked, row.remedy == identity::Remedy::kRefresh ? 2 : 1) << row.why;
  }
}

TEST(SignInAnswers, WhoSendsProofsLearnsTheNextNonce) {
  ScriptedSignIn sign_in({Somebody()});
  const net::Response with_proof = Ask(sign_in, true);
  EXPECT_EQ(with_proof.status, 415);
  EXPECT_EQ(with_proof.headers.get("dpop-nonce"), "nonce");
  EXPECT_EQ(with_proof.headers.count("dpop-nonce"), 1u);
  EXPECT_FALSE(Ask(sign_in).headers.find("dpop-nonce").has_value());
  ScriptedSignIn refused({Refused(Code::kDenied, identity::Remedy::kDpopNonce)});
  EXPECT_EQ(Ask(refused, true).headers.count("dpop-nonce"), 1u);
}

TEST(SignInAnswers, KeysAreWaitedForOnce) {
  const Error missing = Refused(Code::kUnavailable, identity::Remedy::kRefresh);
  ScriptedSignIn comes({missing, Somebody()});
  EXPECT_EQ(Ask(comes).status, 415) << "signed in";
  EXPECT_EQ(comes.waited, 1);
  ScriptedSignIn never({missing, missing, Somebody()});
  EXPECT_EQ(Ask(never).status, 503);
  EXPECT_EQ(never.waited, 1);
  ScriptedSignIn refused({missing, Refused(Code::kDenied, identity::Remedy::kNone)});
  EXPECT_EQ(Ask(refused).status, 401) << "the keys came, and none of them signed it";
}

}  // namespace
}  // namespace cloison::api
