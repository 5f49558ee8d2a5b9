// The approving commit, with each call of the store that it takes failing once, both ways: it has
// happened whole, or not at all, and whoever asks again gets what was decided once.
#include <gtest/gtest.h>

#include "access/alerts.h"
#include "access/principal_requests.h"
#include "store/testing/fault_store.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using approvals::State;
using store::testing::Call;
using store::testing::Fault;
using testing::TestVault;
using testing::Word;

constexpr int kCallsMax = 200;
constexpr char kNew[] = "adviser.new", kFrozen[] = "adviser.ft.003";

struct Kind {
  const char* name;
  Bytes what;
  const char* asker;
  const char* approver;
};

Bytes Newcomer() {
  access::EnrolRequest request;
  request.who = DemoPrincipalId(kNew);
  request.role = "adviser";
  request.label = kNew;
  return Encode(request);
}

class ApprovingLife {
 public:
  explicit ApprovingLife(const Kind& kind) : kind_(kind) {
    CLOISON_CHECK(test_.Start().ok());
    CLOISON_CHECK(Word(test_.FreezeAs("officer.security", kFrozen, true)) == "shown");
    const auto asked = test_.AskAs(kind.asker, kind.name, kind.what);
    CLOISON_CHECK(Word(asked) == "shown");
    number_ = std::get<Approvals::Shown>(*asked).approval.number;
    CLOISON_CHECK(test_.Stop().ok());
  }

  // True: the fault was met.
  bool Run(Call call, int nth, Fault how) {
    store::testing::FaultStore faulty(test_.main_store);
    {
      const Environment base = test_.MakeEnvironment();
      const Environment environment{faulty,          base.key_store,     base.objects,
                                    base.files,      base.clock,         base.random,
                                    base.events,     base.main_executor, base.key_executor,
                                    base.background, base.home,          base.builders};
      bool fatal = false;
      Settings settings = test_.MakeSettings();
      settings.on_fatal = [&fatal] { fatal = true; };
      auto vault = test_.Wait(Vault::Open(environment, std::move(settings)));
      CLOISON_CHECK(vault.ok());
      faulty.Arm(call, nth, how);
      const auto outcome =
          test_.Wait((*vault)->gate().approvals().Approve(test_.As(kind_.approver), number_));
      told_ = Word(outcome) == "shown";
      if (!outcome.ok()) {
        const Code code = outcome.error().code();
        EXPECT_TRUE(code == Code::kUnavailable || code == Code::kUnknownOutcome);
      }
      fired_ = faulty.fired();
      faulty.Arm(Call::kRead, INT32_MAX, Fault::kNotApplied);
      EXPECT_EQ(fatal, call == Call::kCommit && fired_) << "nobody knows what is written";
      if (!fatal) {
        EXPECT_TRUE(test_.Wait((*vault)->Stop()).ok());
      }
      test_.executor.RunAll();
    }
    CLOISON_CHECK(test_.Open().ok());
    return fired_;
  }

  void Audit() {
    const State state = StateNow();
    EXPECT_TRUE(state == State::kPending || state == State::kUsed);
    EXPECT_EQ(HasHappened(), state == State::kUsed) << "the row and what it says";
    if (told_) {
      EXPECT_EQ(state, State::kUsed) << "what was told is so";
    }
    EXPECT_EQ(Alerts(), HasHappened() ? 1u : 0u);
    // Whoever was told nothing asks again: once is enough, and twice is the same.
    for (int again = 0; again < 2; ++again) {
      EXPECT_EQ(Word(test_.ApproveAs(kind_.approver, number_)), "shown");
      EXPECT_EQ(StateNow(), State::kUsed);
      EXPECT_TRUE(HasHappened());
      EXPECT_EQ(Alerts(), 1u);
    }
    EXPECT_TRUE(test_.Reopen().ok()) << "anchor, rows and ledger fit";
  }

 private:
  bool IsEnrolment() const { return std::string_view(kind_.name) == "enrol"; }
  State StateNow() {
    const auto read = test_.Wait(test_.gate().approvals().Read(test_.As(kind_.approver), number_));
    CLOISON_CHECK(Word(read) == "shown");
    return std::get<Approvals::Shown>(*read).approval.state;
  }
  bool HasHappened() {
    const auto info =
        test_.Wait(test_.gate().Find(DemoPrincipalId(IsEnrolment() ? kNew : kFrozen)));
    return info.ok() && !info->frozen;
  }
  std::size_t Alerts() { return test_.Rows(store::Family::kOutbox).size(); }

  const Kind& kind_;
  TestVault test_;
  std::uint64_t number_ = 0;
  bool told_ = false, fired_ = false;
};

TEST(ApprovalFaults, EachCallOfTheApprovingCommitFailsOnce) {
  const Kind kinds[] = {
      {"enrol", Newcomer(), "manager.a", "manager.b"},
      {"unfreeze", Encode(access::UnfreezeRequest{DemoPrincipalId(kFrozen)}), "officer.security",
       "officer.security.b"},
  };
  for (const Kind& kind : kinds) {
    for (const Call call : {Call::kRead, Call::kCommit}) {
      for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
        if (call == Call::kRead && how != Fault::kNotApplied) continue;
        int nth = 1;
        for (bool fired = true; fired && nth < kCallsMax; ++nth) {
          SCOPED_TRACE(std::string(kind.name) + (call == Call::kRead ? " read " : " commit ") +
                       std::to_string(nth));
          ApprovingLife life(kind);
          fired = life.Run(call, nth, how);
          life.Audit();
          ASSERT_FALSE(::testing::Test::HasFailure());
        }
        EXPECT_GT(nth, 2) << "no call was met";
      }
    }
  }
}

}  // namespace
}  // namespace cloison::vault
