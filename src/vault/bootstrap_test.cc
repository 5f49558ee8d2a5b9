// A production register begins by what two officers signed, in one commit, once: whatever fails on
// the way, there is nothing or everything.
#include <gtest/gtest.h>

#include <algorithm>

#include "access/founding.h"
#include "access/policies.h"
#include "access/principal_requests.h"
#include "identity/principal_name.h"
#include "store/testing/fault_store.h"
#include "text/date.h"
#include "vault/testing/recovery_world.h"

namespace cloison::vault {
namespace {

using ledger::BootstrapStatement;
using ledger::SignedBootstrap;
using store::testing::Call;
using store::testing::Fault;
using testing::Officer;
using testing::TestVault;
using testing::Word;

constexpr char kIssuer[] = "https://login.example";

PrincipalId IdOf(std::string_view sub) {
  return identity::PrincipalIdOf(kIssuer, sub);
}

struct Ceremony {
  Officer anna{"officer.anna", 1}, bruno{"officer.bruno", 2};
  TestVault vault;

  Result<BootstrapStatement> State() {
    CLOISON_TRY_ASSIGN(
        const tlog::VerifierKey log,
        vault.Wait(Vault::CreateKeys(vault.MakeEnvironment(), vault.MakeSettings())));
    BootstrapStatement statement{vault.MakeSettings().schema->register_id(), {}, log, {}, {}, {}};
    statement.policy = access::DigestOfPolicy(vault.policy->document());
    statement.plan.officers = {anna.key, bruno.key};
    for (const char* name : {"anna", "bruno", "carla"}) {
      statement.plan.founders.push_back({std::string("agents:") + name, kIssuer, OrganisationId(1),
                                         std::nullopt, "manager", std::string("HR-") + name,
                                         Day(200)});
    }
    statement.plan.founders.back().role = "security-officer";
    return statement;
  }
  // `days` from now.
  std::string Day(int days) {
    return text::FormatDate(text::DateOfDays(vault.clock.wall_ms() / base::kDayMs + days));
  }
  SignedBootstrap Signed(const BootstrapStatement& statement) {
    tlog::Note note{Print(statement), {}};
    for (const Officer* officer : {&anna, &bruno}) {
      CLOISON_CHECK(tlog::Sign(note, officer->key, officer->signer).ok());
    }
    return std::move(*SignedBootstrap::Check(PrintNote(note)));
  }
  Status Create(const SignedBootstrap& founding) {
    return vault.Wait(Vault::Create(vault.MakeEnvironment(), vault.MakeSettings(), founding));
  }
  access::Caller As(std::string_view sub) {
    return {IdOf(sub), SessionId(ByteArray<16>{7}), ClientId(1), vault.executor,
            identity::Assurance::Internal()};
  }
  // Asks as `asker` for "agents:new" to be an adviser, and has `approver` agree.
  std::string_view Enrol(std::string_view asker, std::string_view approver) {
    access::EnrolRequest request;
    request.who = IdOf("new");
    request.role = "adviser";
    request.label = "agents:new";
    const access::Gate::Once once{"key-" + std::string(asker), {}};
    auto asked = vault.Wait(
        vault.gate().approvals().Ask(As(asker), {"enrol", access::Encode(request), "HR-1"}, once));
    if (Word(asked) != "shown") return Word(asked);
    const auto& shown = std::get<access::Approvals::Shown>(*asked);
    return Word(vault.Wait(vault.gate().approvals().Approve(As(approver), shown.approval.number)));
  }
  // Rules and notes of all entries.
  std::vector<std::string> Entries() {
    const auto records = vault.Wait(vault.vault().ledger().ReadRecords(0, 100));
    CLOISON_CHECK(records.ok());
    std::vector<std::string> entries;
    for (const ledger::Record& record : *records) {
      entries.push_back(record.rule + " " + record.case_ref);
    }
    return entries;
  }
};

TEST(Bootstrap, TheFirstEntriesSayWhoBeganByWhat) {
  Ceremony ceremony;
  const SignedBootstrap founding = ceremony.Signed(*ceremony.State());
  ASSERT_TRUE(ceremony.Create(founding).ok());
  ASSERT_TRUE(ceremony.vault.Open().ok());
  const auto hex = [](const PrincipalId& id) { return base::ToHex(id.bytes()); };
  const std::vector<std::string> want = {
      "enrol " + hex(access::Gate::SystemPrincipal()),
      "bootstrap bootstrap " + base::ToHex(crypto::Sha256(AsBytes(founding.note()))),
      "enrol/founder " + hex(IdOf("anna")), "enrol/founder " + hex(IdOf("bruno")),
      "enrol/founder " + hex(IdOf("carla"))};
  EXPECT_EQ(ceremony.Entries(), want);
  const auto info = ceremony.vault.Wait(ceremony.vault.gate().Find(IdOf("anna")));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->label, "agents:anna");
  EXPECT_EQ(info->role, "manager");
  EXPECT_EQ(info->enrolled_ms, 0) << "since before anybody asks";
  EXPECT_TRUE(info->human.has_value());
  EXPECT_EQ(info->human, access::HumanIdOf(ceremony.vault.vault().state(), "HR-anna"));
  EXPECT_EQ(info->human, access::HumanIdOf(ceremony.vault.vault().state(), " hr-ANNA\t"));
  EXPECT_NE(info->human, access::HumanIdOf(ceremony.vault.vault().state(), "HR-bruno"));
  const commit::BatchTime now = ceremony.vault.vault().committer().Now();
  EXPECT_EQ(*info->expires_ms - now.budget_ms + now.wall_ms,
            ledger::ExpiresMs(founding.statement().plan.founders[0]));
  const auto shown =
      ceremony.vault.Wait(ceremony.vault.gate().policies().Read(ceremony.As("carla"), 1));
  ASSERT_EQ(Word(shown), "shown");
  EXPECT_EQ(std::get<access::Policies::Shown>(*shown).version.note, founding.note());
}

// What development mode does not serve (server/development.h).
TEST(Bootstrap, HowARegisterBeganCanBeAsked) {
  const auto begun = [](Ceremony& of) {
    return of.vault.Wait(of.vault.gate().policies().BegunByOfficers());
  };
  Ceremony ceremony, alone;
  ASSERT_TRUE(ceremony.Create(ceremony.Signed(*ceremony.State())).ok());
  ASSERT_TRUE(ceremony.vault.Open().ok());
  EXPECT_EQ(begun(ceremony).ok() && *begun(ceremony), true);
  ASSERT_TRUE(alone.vault.Create().ok());
  ASSERT_TRUE(alone.vault.Open().ok());
  ASSERT_TRUE(begun(alone).ok());
  EXPECT_FALSE(*begun(alone));
}

TEST(Bootstrap, FoundersAgreeToEachOthersProposalsAtOnce) {
  Ceremony ceremony;
  ASSERT_TRUE(ceremony.Create(ceremony.Signed(*ceremony.State())).ok());
  ASSERT_TRUE(ceremony.vault.Open().ok());
  EXPECT_EQ(ceremony.Enrol("anna", "anna"), "no_right") << "not alone";
  EXPECT_EQ(ceremony.Enrol("carla", "bruno"), "no_right") << "no manager asks";
  EXPECT_EQ(ceremony.Enrol("bruno", "anna"), "shown");
  EXPECT_TRUE(ceremony.vault.Wait(ceremony.vault.gate().Find(IdOf("new"))).ok());
}

TEST(Bootstrap, ARegisterBeginsOnce) {
  Ceremony ceremony;
  const Result<BootstrapStatement> statement = ceremony.State();
  const SignedBootstrap founding = ceremony.Signed(*statement);
  ASSERT_TRUE(ceremony.Create(founding).ok());
  BootstrapStatement other = *statement;
  other.plan.founders[0].account = "agents:mallory";
  EXPECT_EQ(ceremony.Create(founding).error().code(), Code::kConflict);
  EXPECT_EQ(ceremony.Create(ceremony.Signed(other)).error().code(), Code::kConflict);
  EXPECT_EQ(ceremony.vault.Create().error().code(), Code::kConflict) << "nor alone";
  EXPECT_EQ(ceremony.State().error().code(), Code::kConflict) << "no statement either";
  ASSERT_TRUE(ceremony.vault.Open().ok());
  // Nor while it runs, by whoever has the gate in hand.
  const Status again = ceremony.vault.Wait(ceremony.vault.gate().approvals().Found(
      ceremony.Signed(other).note(), {}, ceremony.vault.executor));
  EXPECT_EQ(again.error().code(), Code::kConflict);
  EXPECT_FALSE(ceremony.vault.Wait(ceremony.vault.gate().Find(IdOf("mallory"))).ok());
  EXPECT_EQ(ceremony.Entries().size(), 5u);
}

TEST(Bootstrap, ADevelopmentRegisterIsNoProductionOne) {
  Ceremony ceremony;
  const SignedBootstrap founding = ceremony.Signed(*ceremony.State());
  ASSERT_TRUE(ceremony.vault.Create().ok());
  EXPECT_EQ(ceremony.Create(founding).error().code(), Code::kConflict);
}

TEST(Bootstrap, AnotherRegistersStatementBeginsNothing) {
  const struct {
    const char* why;
    void (*change)(BootstrapStatement&, const Ceremony&);
    Code want;
  } rows[] = {
      {"another register",
       [](BootstrapStatement& statement, const Ceremony&) {
         statement.register_id = RegisterId(9);
       },
       Code::kConflict},
      {"another ledger's key",
       [](BootstrapStatement& statement, const Ceremony& ceremony) {
         statement.log = *tlog::VerifierKey::Make(statement.log.name(), tlog::KeyType::kSignature,
                                                  ceremony.anna.key.public_key());
       },
       Code::kConflict},
      {"another ledger's name",
       [](BootstrapStatement& statement, const Ceremony&) {
         statement.log = *tlog::VerifierKey::Make("other.example", tlog::KeyType::kSignature,
                                                  statement.log.public_key());
       },
       Code::kConflict},
      {"another policy",
       [](BootstrapStatement& statement, const Ceremony&) { statement.policy[0] ^= 1; },
       Code::kConflict},
      {"a founder who is shown people",
       [](BootstrapStatement& statement, const Ceremony&) {
         statement.plan.founders[2].role = "adviser";
       },
       Code::kInvalid},
      {"nobody who could agree",
       [](BootstrapStatement& statement, const Ceremony&) {
         statement.plan.founders[1].role = "security-officer";
       },
       Code::kInvalid},
      {"signed too long ago",
       [](BootstrapStatement& statement, const Ceremony&) {
         statement.plan.founders[1].expires = "2001-01-01";
       },
       Code::kInvalid},
  };
  Ceremony ceremony;
  const Result<BootstrapStatement> good = ceremony.State();
  ASSERT_TRUE(good.ok());
  for (const auto& row : rows) {
    BootstrapStatement statement = *good;
    row.change(statement, ceremony);
    EXPECT_EQ(ceremony.Create(ceremony.Signed(statement)).error().code(), row.want) << row.why;
  }
  EXPECT_EQ(ceremony.State()->log, good->log) << "the keys are those that were made first";
  EXPECT_TRUE(ceremony.Create(ceremony.Signed(*good)).ok()) << "and nothing was changed by them";
}

// Creates with one fault; true when it fired. What is left is a register that has begun, or none at
// all, in which case the same statement begins it.
bool CreateWithFault(Call call, int nth, Fault how, bool of_keys) {
  Ceremony ceremony;
  const SignedBootstrap founding = ceremony.Signed(*ceremony.State());
  TestVault& vault = ceremony.vault;
  store::testing::FaultStore main_store(vault.main_store), key_store(vault.key_store);
  const Environment whole = vault.MakeEnvironment();
  const Environment faulty{main_store,         key_store,        whole.objects, whole.files,
                           whole.clock,        whole.random,     whole.events,  whole.main_executor,
                           whole.key_executor, whole.background, whole.home,    whole.builders};
  (of_keys ? key_store : main_store).Arm(call, nth, how);
  const Status created = vault.Wait(Vault::Create(faulty, vault.MakeSettings(), founding));
  const bool fired = main_store.fired() || key_store.fired();
  EXPECT_TRUE(created.ok() || fired);
  const Status again = ceremony.Create(founding);
  EXPECT_TRUE(again.ok() || again.error().code() == Code::kConflict) << again.error().text();
  EXPECT_TRUE(!created.ok() || !again.ok()) << "it begins once";
  EXPECT_TRUE(vault.Open().ok());
  EXPECT_EQ(ceremony.Entries().size(), 5u);
  EXPECT_EQ(ceremony.Enrol("bruno", "anna"), "shown");
  return fired;
}

TEST(Bootstrap, NothingOrEverythingWhateverFails) {
  for (const bool of_keys : {false, true}) {
    for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
      int nth = 1;
      for (; CreateWithFault(Call::kCommit, nth, how, of_keys); ++nth) {
        if (HasFailure()) FAIL() << "commit " << nth << ", fault " << static_cast<int>(how);
      }
      EXPECT_GT(nth, of_keys ? 0 : 1);
    }
    int nth = 1;
    for (; CreateWithFault(Call::kRead, nth, Fault::kNotApplied, of_keys); ++nth) {
      if (HasFailure()) FAIL() << "read " << nth;
    }
    EXPECT_GT(nth, 1);
  }
}

}  // namespace
}  // namespace cloison::vault
