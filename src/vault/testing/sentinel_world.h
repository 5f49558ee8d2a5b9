// A register whose detectors act, and accounts that look around in it.
#ifndef CLOISON_VAULT_TESTING_SENTINEL_WORLD_H_
#define CLOISON_VAULT_TESTING_SENTINEL_WORLD_H_

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "access/cases.h"
#include "access/explanations.h"
#include "access/policies.h"
#include "access/principal_requests.h"
#include "vault/embedded.h"
#include "vault/testing/officer_keys.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault::testing {

inline constexpr char kActs[] = "\n[detectors]\nact = true\n";

class SentinelWorld : public ::testing::Test {
 protected:
  using Cases = access::Cases;
  using Rung = access::Rung;

  // With these lines behind the demo's policy.
  void Start(const std::string& detectors = kActs) {
    std::vector<std::string> problems;
    const auto policy = access::Policy::Parse(std::string(DemoPolicyToml()) + detectors,
                                              *DemoSchema(testing::SmallWorld()), &problems);
    ASSERT_TRUE(policy.ok()) << (problems.empty() ? "" : problems[0]);
    vault_.policy = *policy;
    vault_.officers = {testing::KeyOf(1), testing::KeyOf(2)};
    ASSERT_TRUE(vault_.Start().ok());
    for (const char* who : {"adviser.ft", "adviser.ce"}) {
      for (const PersonId& person : vault_.CaseloadOf(who)) followed_.insert(person);
    }
    Morning();
  }
  // The next version of the policy: the demo's with these lines behind it.
  void PutInForce(const std::string& detectors) {
    const std::uint32_t version = vault_.vault().policy()->version() + 1;
    std::string document = std::string(DemoPolicyToml()) + detectors;
    const std::string_view first = "version = 1\n";
    document.replace(document.find(first), first.size(),
                     "version = " + std::to_string(version) + "\n");
    const ledger::PolicyStatement statement{
        vault_.vault().schema().register_id(), version,
        access::DigestOfPolicy(vault_.vault().policy()->document()),
        access::DigestOfPolicy(document)};
    const auto asked = vault_.Wait(vault_.gate().policies().Propose(
        vault_.As("officer.security"),
        {document, testing::Signed(Print(statement), {1, 2}), "ticket-9"},
        {"policy-" + std::to_string(version), {}}));
    ASSERT_EQ(Word(asked), "shown") << (asked.ok() ? "" : asked.error().text());
    const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
    ASSERT_EQ(Word(vault_.ApproveAs("officer.privacy", number)), "shown");
    ASSERT_EQ(vault_.vault().policy()->version(), version);
  }
  // Nine o'clock of the next day.
  void Morning() {
    const std::int64_t wall_ms = vault_.clock.wall_ms();
    vault_.clock.Advance(base::kDayMs - wall_ms % base::kDayMs + 8 * base::kHourMs);
  }
  // Somebody whom nobody here follows; another one each time.
  PersonId Stranger() {
    while (followed_.contains(vault_.world().people[next_])) ++next_;
    return vault_.world().people[next_++];
  }
  const PersonId& Own() { return vault_.world().of_adviser_ft.person; }
  access::Caller Human(std::string_view who, std::int64_t proven_ms) {
    access::Caller caller = vault_.As(who);
    caller.assurance = {identity::Actor::kHuman, "eidas2", {}, proven_ms / 1000, "idp"};
    caller.assurance.methods.Add(identity::Method::kHardware);
    return caller;
  }
  std::string_view Look(access::Caller caller, const PersonId& person, const std::string& purpose,
                        const std::string& why = "visit 7") {
    access::DisclosureRequest request;
    request.persons = {vault_.CodeFor("adviser.ft", person)};
    request.fields = vault_.Fields({"identity.birth_name"});
    request.reason = {purpose, why};
    return Word(vault_.Wait(vault_.gate().Disclose(std::move(caller), std::move(request))));
  }
  std::string_view LookOff(std::string_view who, const std::string& why = "visit 7") {
    return Look(vault_.As(who), Stranger(), "reception", why);
  }
  std::string_view LookOwn() { return Look(vault_.As("adviser.ft"), Own(), "support"); }
  Rung RungOf(std::string_view who) {
    const auto seen = vault_.Wait(vault_.gate().OwnCapabilities(vault_.As(who)));
    CLOISON_CHECK(Word(seen) == "shown");
    const access::Hold& hold = std::get<access::Capabilities>(*seen).hold;
    return hold.pool ? Rung::kPool : hold.rung;
  }
  // As many people off the caseload as there can be, day after day, until that is over.
  std::size_t Scrape(std::string_view who, std::size_t days) {
    std::size_t people = 0;
    for (std::size_t day = 0; day < days; ++day) {
      std::string_view word = "shown";
      for (int hour = 0; hour < 8 && word != "held_back"; ++hour) {
        while ((word = LookOff(who)) == "shown") ++people;
        vault_.clock.Advance(base::kHourMs + 1);
      }
      Morning();
    }
    return people;
  }
  access::Outcome<Cases::Page> ListAs(std::string_view who, bool open = true) {
    return vault_.Wait(vault_.gate().cases().List(vault_.As(who), open, access::CaseId{}, 100));
  }
  std::vector<access::Case> Open() {
    const auto page = ListAs("officer.security");
    CLOISON_CHECK(Word(page) == "shown");
    return std::get<Cases::Page>(*page).items;
  }
  access::Outcome<Cases::Shown> CloseAs(std::string_view who, const access::CaseId& id) {
    return vault_.Wait(vault_.gate().cases().Close(vault_.As(who), id, "looked at the entries"));
  }
  // By two decoys, the second of which somebody agreed to.
  void Freeze(std::string_view who) {
    std::vector<std::string> codes;
    for (int i = 0; i < 2; ++i) {
      const PersonId decoy = Stranger();
      vault_.decoys.push_back(vault_.Wait(vault_.vault().people().Sight(decoy))->key.aud());
      codes.push_back(vault_.CodeFor("adviser.ft", decoy));
    }
    ASSERT_TRUE(vault_.Reopen().ok());
    const auto open = [&](const std::string& code) {
      return Word(vault_.DiscloseCodesAs(who, {code}, {"identity.birth_name"}, "reception"));
    };
    EXPECT_EQ(open(codes[0]), "shown");
    ASSERT_EQ(RungOf(who), Rung::kSecondPerson);
    AgreeTo(who, codes[1], "freeze-1");
    access::DisclosureRequest request;
    request.persons = {codes[1]};
    request.fields = vault_.Fields({"identity.birth_name"});
    request.reason = {"reception", "visit 7"};
    EXPECT_EQ(Word(vault_.Wait(vault_.gate().Disclose(vault_.As(who), std::move(request)))),
              "shown");
    ASSERT_EQ(RungOf(who), Rung::kFrozen);
  }
  // Somebody who, once opened, holds an account on rung 3.
  PersonId Decoy() {
    const PersonId person = Stranger();
    vault_.decoys.push_back(vault_.Wait(vault_.vault().people().Sight(person))->key.aud());
    CLOISON_CHECK(vault_.Reopen().ok());
    return person;
  }
  // What somebody of another office agreed to.
  void AgreeTo(std::string_view who, const std::string& code, const std::string& key) {
    const auto asked = vault_.Wait(
        vault_.gate().explanations().AskAccess(vault_.As(who), code, "sent by Lyon", {key, {}}));
    ASSERT_EQ(Word(asked), "shown");
    const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
    ASSERT_EQ(Word(vault_.ApproveAs("manager.a", number)), "shown");
  }
  std::string_view CloseByTwo(const access::CaseId& id) {
    const auto asked = vault_.AskAs("officer.security", "case", access::EncodeCaseId(id));
    CLOISON_CHECK(Word(asked) == "shown");
    const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
    return Word(vault_.ApproveAs("officer.security.b", number));
  }

  TestVault vault_;
  std::set<PersonId> followed_;
  std::size_t next_ = 0;
};

}  // namespace cloison::vault::testing

#endif  // CLOISON_VAULT_TESTING_SENTINEL_WORLD_H_
