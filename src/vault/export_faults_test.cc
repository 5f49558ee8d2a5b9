// A part of an export, with each call of either store that it takes failing once, both ways.
#include <gtest/gtest.h>

#include "access/exports.h"
#include "store/testing/fault_store.h"
#include "vault/testing/exports_world.h"

namespace cloison::vault {
namespace {

using store::testing::Call;
using store::testing::Fault;
using testing::TestVault;
using testing::Word;

constexpr std::size_t kPart = records::kJobBatchPeopleMax;
constexpr int kCallsMax = 200;

// Whoever is in a frame that was given has an entry, and after the restart the same part shows the
// same people.
class PartLife {
 public:
  PartLife() : house_(test_.random) {
    test_.policy = testing::ExportPolicy();
    CLOISON_CHECK(test_.Start().ok());
    CLOISON_CHECK(testing::EnrolExporter(test_).ok());
    access::JobRequest request;
    request.whom = access::Whom::kEverybody;
    request.label = "move";
    request.application = DemoPrincipalId("app.move");
    request.purpose = "migration";
    request.fields = test_.Fields({"identity.birth_name"});
    request.recipient = house_.key().bytes();
    request.people_max = 2 * kPart;
    request.expires_ms = test_.vault().committer().Now().budget_ms + 20 * base::kDayMs;
    const auto asked = test_.AskAs("officer.privacy", "export", Encode(request));
    number_ = std::get<access::Approvals::Shown>(*asked).approval.number;
    CLOISON_CHECK(Word(test_.ApproveAs("officer.privacy.b", number_)) == "shown");
    test_.clock.Advance(access::kExportDelayMinMs);
    CLOISON_CHECK(Word(test_.Wait(test_.gate().exports().Begin(test_.As("app.move"), number_))) ==
                  "shown");
    CLOISON_CHECK(test_.Stop().ok());
  }

  bool Run(bool of_keys, Call call, int nth, Fault how) {
    store::testing::FaultStore main(test_.main_store), keys(test_.key_store);
    store::testing::FaultStore& faulty = of_keys ? keys : main;
    {
      const Environment base = test_.MakeEnvironment();
      const Environment environment{
          main,        keys,         base.objects,       base.files,        base.clock,
          base.random, base.events,  base.main_executor, base.key_executor, base.background,
          base.home,   base.builders};
      bool fatal = false;
      Settings settings = test_.MakeSettings();
      settings.on_fatal = [&fatal] { fatal = true; };
      auto vault = test_.Wait(Vault::Open(environment, std::move(settings)));
      CLOISON_CHECK(vault.ok());
      faulty.Arm(call, nth, how);
      const auto sealed =
          test_.Wait((*vault)->gate().exports().Seal(test_.As("app.move"), number_, 1));
      given_ = Word(sealed) == "shown";
      fired_ = faulty.fired();
      faulty.Arm(Call::kRead, INT32_MAX, Fault::kNotApplied);
      if (!fatal) {
        EXPECT_TRUE(test_.Wait((*vault)->Stop()).ok());
      }
      test_.executor.RunAll();
    }
    CLOISON_CHECK(test_.Open().ok());
    return fired_;
  }

  void Audit() {
    access::Exports& exports = test_.gate().exports();
    const auto read = [&] {
      const auto shown = test_.Wait(exports.Read(test_.As("app.move"), number_));
      return std::get<access::Jobs::Shown>(*shown).job.runs.back();
    };
    const access::JobRun run = read();
    EXPECT_TRUE(run.batches == 0 ? run.asked == 0 : run.asked == kPart) << "whole, or not at all";
    if (given_) {
      EXPECT_EQ(run.batches, 1u) << "what was given is charged and has its entries";
    }
    const std::uint64_t before = test_.vault().ledger().size();
    ASSERT_EQ(Word(test_.Wait(exports.Seal(test_.As("app.move"), number_, 1))), "shown");
    EXPECT_EQ(test_.vault().ledger().size(), before + kPart);
    EXPECT_EQ(read().asked, kPart) << "once";
    if (run.batches == 1) {
      EXPECT_EQ(read().shown, run.shown) << "the same people";
    }
    ASSERT_TRUE(test_.Stop().ok());
    const auto report = test_.Audit();
    ASSERT_TRUE(report.ok());
    EXPECT_FALSE(report->fault.has_value()) << report->fault->text;
  }

 private:
  TestVault test_;
  crypto::RecipientSecret house_;
  std::uint64_t number_ = 0;
  bool given_ = false, fired_ = false;
};

TEST(ExportFaults, EachCallOfBothStoresFailsOnce) {
  for (const bool of_keys : {false, true}) {
    for (const Call call : {Call::kRead, Call::kCommit}) {
      for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
        if (call == Call::kRead && how != Fault::kNotApplied) continue;
        if (call == Call::kCommit && of_keys) continue;  // a part writes no key
        int nth = 1;
        for (bool fired = true; fired && nth < kCallsMax; ++nth) {
          SCOPED_TRACE(std::string(of_keys ? "keys" : "main") +
                       (call == Call::kRead ? " read " : " commit ") + std::to_string(nth));
          PartLife life;
          fired = life.Run(of_keys, call, nth, how);
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
