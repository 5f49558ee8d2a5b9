// Rows follow a schema while everything else goes on: changes, re-keys, erasures and looks at any
// moment of it, and each call of the stores failing once.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/testing/seeded_random.h"
#include "store/testing/fault_store.h"
#include "vault/testing/schemas_world.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using store::testing::Call;
using store::testing::Fault;
using testing::AgreeToSchema;
using testing::FollowToTheEnd;
using testing::MovedSchema;
using testing::RestartAgreed;
using testing::TestVault;
using testing::Texts;
using testing::TextsOfAll;
using testing::Word;

constexpr FieldId kPhone(0x0301);
constexpr int kCallsMax = 300;

// A few people: each step looks at all of them.
DemoSize FewPeople() {
  DemoSize size = testing::SmallWorld();
  size.people = 700;
  return size;
}

// ---- a mix, by seed

class Mix {
 public:
  explicit Mix(std::uint64_t seed) : vault_(FewPeople(), seed), random_(seed) {
    CLOISON_CHECK(vault_.Start().ok());
    for (auto& [person, texts] : TextsOfAll(vault_)) {
      texts_.emplace(person, std::move(texts));
      versions_[person] = 1;
    }
    document_ = MovedSchema(vault_.schema());
  }

  void Run() {
    RestartAgreed(vault_, document_);
    ExpectAll();
    for (bool whole = false; !whole;) {
      for (int i = 0; i < 6; ++i) Start();
      base::Detach(RunRewrite());
      vault_.executor.RunAll();
      ExpectAll();
      const bool restarts = random_.Below(3) == 0;
      ASSERT_TRUE(!restarts || vault_.Reopen().ok());
      whole = vault_.gate().schemas().rewriting()->share == 1;
      ASSERT_FALSE(::testing::Test::HasFailure());
    }
    FollowToTheEnd(vault_);
    ExpectAll();
    EXPECT_EQ(vault_.vault().schema().previous(), nullptr);
    ASSERT_TRUE(vault_.Stop().ok());
    const auto report = vault_.Audit();
    ASSERT_TRUE(report.ok());
    EXPECT_FALSE(report->fault.has_value()) << report->fault->text << report->fault->place;
    ASSERT_TRUE(vault_.Open().ok());
    ExpectAll();
  }

  int conflicts = 0, updated = 0, rekeyed = 0, erased = 0, looked = 0;

 private:
  // Whom nothing else is being done to in this step.
  std::optional<PersonId> Somebody() {
    for (int attempt = 0; attempt < 50; ++attempt) {
      const PersonId person = vault_.world().people[random_.Below(vault_.world().people.size())];
      if (texts_.contains(person) && busy_.insert(person).second) return person;
    }
    return std::nullopt;
  }
  // Begins one of them, to go on with all others at once.
  void Start() {
    const std::optional<PersonId> person = Somebody();
    if (!person.has_value()) return;
    switch (random_.Below(4)) {
      case 0: return base::Detach(RunUpdate(*person));
      case 1: return Rekey(*person);
      case 2: return Erase(*person);
      default: return base::Detach(RunLook(*person));
    }
  }

  Task<void> RunRewrite() {
    const auto done = co_await vault_.gate().schemas().Rewrite(vault_.executor);
    conflicts += done.ok() ? 0 : 1;
    EXPECT_TRUE(done.ok() || done.error().code() == Code::kConflict) << done.error().text();
  }
  Task<void> RunUpdate(PersonId person) {
    const std::string text = "+3363998" + std::to_string(1000 + random_.Below(9000));
    std::vector<records::FieldChange> changes;
    changes.push_back({kPhone, crypto::SecretBytes::CopyOf(AsBytes(text))});
    const access::Reason reason{"update", "case-1"};
    const auto outcome =
        co_await vault_.gate().Update(vault_.As("app.case"), vault_.CodeFor("app.case", person),
                                      versions_[person], std::move(changes), reason);
    if (Word(outcome) != "shown") co_return;
    ++updated;
    ++versions_[person];
    texts_[person][kPhone.value()] = text;
  }
  Task<void> RunLook(PersonId person) {
    access::DisclosureRequest request{
        {vault_.CodeFor("investigator", person)}, {kPhone}, {"judicial", "order-7"}};
    const auto outcome =
        co_await vault_.gate().Disclose(vault_.As("investigator"), std::move(request));
    if (Word(outcome) != "shown") co_return;
    ++looked;
    const auto& values = std::get<access::Disclosed>(*outcome).records.at(0).values;
    const auto wanted = texts_[person].find(kPhone.value());
    EXPECT_EQ(values.size(), wanted == texts_[person].end() ? 0u : 1u);
    if (values.empty()) co_return;
    EXPECT_EQ(AsText(values[0].text.Reveal()), wanted->second);
  }
  Task<void> RunApprove(std::string who, std::uint64_t number, PersonId person, bool erases) {
    const auto outcome = co_await vault_.gate().approvals().Approve(vault_.As(who), number);
    if (Word(outcome) != "shown") co_return;
    if (erases) {
      ++erased;
      texts_.erase(person);
    } else {
      ++rekeyed;
      ++versions_[person];
    }
  }
  void Rekey(const PersonId& person) {
    access::Gate::Once once{"k" + std::to_string(++asked_), {}};
    const auto asked = vault_.Wait(vault_.gate().approvals().AskRekey(
        vault_.As("officer.security"), vault_.CodeFor("officer.security", person),
        {"rekey", "INC-7"}, std::move(once)));
    if (Word(asked) != "shown") return;
    base::Detach(RunApprove("officer.security.b",
                            std::get<Approvals::Shown>(*asked).approval.number, person, false));
  }
  void Erase(const PersonId& person) {
    access::Gate::Once once{"e" + std::to_string(++asked_), {}};
    const auto asked = vault_.Wait(vault_.gate().approvals().AskErase(
        vault_.As("officer.privacy"), vault_.CodeFor("officer.privacy", person), versions_[person],
        {"erase", "case-1"}, std::move(once)));
    if (Word(asked) != "shown") return;
    base::Detach(RunApprove("officer.privacy.b", std::get<Approvals::Shown>(*asked).approval.number,
                            person, true));
  }
  void ExpectAll() {
    busy_.clear();
    EXPECT_EQ(TextsOfAll(vault_), texts_);
  }

  TestVault vault_;
  base::testing::SeededRandom random_;
  std::string document_;
  std::map<PersonId, Texts> texts_;
  std::map<PersonId, std::uint64_t> versions_;
  std::set<PersonId> busy_;
  int asked_ = 0;
};

TEST(SchemaMix, EachValueIsReadBackWhateverElseGoesOn) {
  int conflicts = 0, updated = 0, rekeyed = 0, erased = 0, looked = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Mix mix(seed);
    mix.Run();
    ASSERT_FALSE(::testing::Test::HasFailure());
    conflicts += mix.conflicts;
    updated += mix.updated;
    rekeyed += mix.rekeyed;
    erased += mix.erased;
    looked += mix.looked;
  }
  EXPECT_GT(conflicts, 0) << "none of them met the walk";
  EXPECT_GT(updated, 0);
  EXPECT_GT(rekeyed, 0);
  EXPECT_GT(erased, 0);
  EXPECT_GT(looked, 0);
  std::printf("%d walks met somebody; %d updates, %d re-keys, %d erasures, %d looks\n", conflicts,
              updated, rekeyed, erased, looked);
}

// ---- faults: every call of the main store, both ways, from the taking to the end

class FollowLife {
 public:
  FollowLife() : test_(FewPeople()) {
    CLOISON_CHECK(test_.Start().ok());
    expected_ = TextsOfAll(test_);
    document_ = MovedSchema(test_.schema());
    AgreeToSchema(test_, document_);
    CLOISON_CHECK(test_.Stop().ok());
    test_.SetSchema(testing::ParsedSchema(document_));
  }

  bool Run(Call call, int nth, Fault how) {
    store::testing::FaultStore main(test_.main_store);
    {
      const Environment base = test_.MakeEnvironment();
      const Environment environment{
          main,        base.key_store, base.objects,       base.files,        base.clock,
          base.random, base.events,    base.main_executor, base.key_executor, base.background,
          base.home,   base.builders};
      bool fatal = false;
      Settings settings = test_.MakeSettings();
      settings.on_fatal = [&fatal] { fatal = true; };
      main.Arm(call, nth, how);
      auto vault = test_.Wait(Vault::Open(environment, std::move(settings)));
      if (vault.ok()) {
        Follow(**vault, fatal);
        if (!fatal) (void)test_.Wait((*vault)->Stop());
      }
      test_.executor.RunAll();
      fired_ = main.fired();
    }
    CLOISON_CHECK(test_.Open().ok());
    return fired_;
  }

  // Whatever failed, the next start goes on, and nobody has lost anything.
  void Audit() {
    EXPECT_EQ(test_.vault().schema().version(), 2u);
    EXPECT_EQ(TextsOfAll(test_), expected_);
    FollowToTheEnd(test_);
    EXPECT_EQ(TextsOfAll(test_), expected_);
    ASSERT_TRUE(test_.Stop().ok());
    const auto report = test_.Audit();
    ASSERT_TRUE(report.ok());
    EXPECT_FALSE(report->fault.has_value()) << report->fault->text << report->fault->place;
    ASSERT_TRUE(test_.Open().ok());
    EXPECT_FALSE(test_.gate().schemas().rewriting().has_value());
    EXPECT_EQ(test_.vault().schema().previous(), nullptr);
  }

 private:
  void Follow(Vault& vault, const bool& fatal) {
    access::Schemas& schemas = vault.gate().schemas();
    for (bool goes_on = schemas.rewriting().has_value(); goes_on && !fatal;) {
      const auto done = test_.Wait(schemas.Rewrite(test_.executor));
      goes_on = done.ok() && !*done;
    }
    if (!fatal) (void)test_.Wait(schemas.EndRewriting(test_.executor));
  }

  TestVault test_;
  std::map<PersonId, Texts> expected_;
  std::string document_;
  bool fired_ = false;
};

TEST(SchemaFaults, EachCallOfTheStoreFailsOnce) {
  for (const Call call : {Call::kRead, Call::kCommit}) {
    for (const Fault how : {Fault::kNotApplied, Fault::kAppliedButReported}) {
      if (call == Call::kRead && how != Fault::kNotApplied) continue;
      int nth = 1;
      for (bool fired = true; fired && nth < kCallsMax; ++nth) {
        SCOPED_TRACE(std::string(call == Call::kRead ? "read " : "commit ") + std::to_string(nth) +
                     (how == Fault::kNotApplied ? "" : " applied"));
        FollowLife life;
        fired = life.Run(call, nth, how);
        life.Audit();
        ASSERT_FALSE(::testing::Test::HasFailure());
      }
      EXPECT_GT(nth, 5) << "no call was met";
      std::printf("%d %s fail once\n", nth - 2, call == Call::kRead ? "reads" : "commits");
    }
  }
}

}  // namespace
}  // namespace cloison::vault
