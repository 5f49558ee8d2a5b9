// The demo's policy, end to end at the gate: what each rule of the table shows, refuses, counts and
// writes down.
#include "vault/vault.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Counter;
using access::Window;
using testing::TestVault;
using testing::Word;

constexpr std::uint8_t kNobodyByte = 0xa5;
const PersonId kNobody{ByteArray<8>{kNobodyByte, 1, 2, 3, 4, 5, 6, 7}};

std::string TextOf(const access::ShownRecord& record, FieldId field) {
  for (const records::OpenedValue& value : record.values) {
    if (value.field == field) return std::string(AsText(value.text.Reveal()));
  }
  return "";
}

std::string FirstText(TestVault& vault, const access::Outcome<access::Disclosed>& outcome,
                      const std::string& field) {
  return TextOf(std::get<access::Disclosed>(*outcome).records.at(0), vault.Fields({field})[0]);
}

std::uint32_t Left(const access::BudgetLeft& budget, Counter counter, Window window) {
  return budget.left[static_cast<std::size_t>(counter)][static_cast<std::size_t>(window)];
}

enum class Whose { kOfFt, kOfCe, kStranger, kNoOne };
struct PolicyRow {
  const char* why;
  const char* who;
  Whose person;
  std::vector<std::string> fields;
  const char* purpose;
  std::string_view want;
};
const PolicyRow kPolicyRows[] = {
    {"own caseload", "adviser.ft", Whose::kOfFt, {"contact.phone"}, "support", "shown"},
    {"own caseload at Cap Emploi",
     "adviser.ce",
     Whose::kOfCe,
     {"address.city"},
     "support",
     "shown"},
    {"NIR under support: masked",
     "adviser.ft",
     Whose::kOfFt,
     {"civil_number.nir"},
     "support",
     "shown"},
    {"the decree opens the NIR",
     "adviser.ft",
     Whose::kOfFt,
     {"civil_number.nir"},
     "benefit",
     "shown"},
    {"benefit gives no phone",
     "adviser.ft",
     Whose::kOfFt,
     {"contact.phone"},
     "benefit",
     "purpose_refused"},
    {"notes are granted to nobody",
     "adviser.ft",
     Whose::kOfFt,
     {"notes.adviser"},
     "support",
     "purpose_refused"},
    {"one field too many refuses all",
     "adviser.ft",
     Whose::kOfFt,
     {"contact.phone", "notes.adviser"},
     "support",
     "purpose_refused"},
    {"a purpose that is not on the list",
     "adviser.ft",
     Whose::kOfFt,
     {"contact.phone"},
     "curiosity",
     "purpose_refused"},
    {"no purpose", "adviser.ft", Whose::kOfFt, {"contact.phone"}, "", "purpose_refused"},
    {"somebody else's person",
     "adviser.ft",
     Whose::kOfCe,
     {"contact.phone"},
     "support",
     "not_available"},
    {"nobody's person",
     "adviser.ft",
     Whose::kStranger,
     {"contact.phone"},
     "support",
     "not_available"},
    {"not a person", "adviser.ft", Whose::kNoOne, {"contact.phone"}, "support", "not_available"},
    {"benefit is for the caseload",
     "adviser.ft",
     Whose::kStranger,
     {"civil_number.nir"},
     "benefit",
     "not_available"},
    {"reception, off the caseload",
     "adviser.ft",
     Whose::kStranger,
     {"identity.first_name"},
     "reception",
     "shown"},
    {"reception gives a name, no phone",
     "adviser.ft",
     Whose::kStranger,
     {"contact.phone"},
     "reception",
     "purpose_refused"},
    {"no reception at Cap Emploi",
     "adviser.ce",
     Whose::kStranger,
     {"identity.first_name"},
     "reception",
     "purpose_refused"},
    {"disability at Cap Emploi",
     "adviser.ce",
     Whose::kOfCe,
     {"disability.recognised"},
     "adaptation",
     "shown"},
    {"and for its caseload alone",
     "adviser.ce",
     Whose::kOfFt,
     {"disability.recognised"},
     "adaptation",
     "not_available"},
    {"no disability at France Travail",
     "adviser.ft",
     Whose::kOfFt,
     {"disability.recognised"},
     "adaptation",
     "purpose_refused"},
    {"a citizen reads no other",
     "citizen.one",
     Whose::kOfFt,
     {"contact.phone"},
     "own",
     "not_available"},
    {"a citizen has no support",
     "citizen.one",
     Whose::kOfFt,
     {"contact.phone"},
     "support",
     "purpose_refused"},
    {"a manager", "manager.a", Whose::kOfFt, {"identity.first_name"}, "support", "purpose_refused"},
    {"the security officer",
     "officer.security",
     Whose::kOfFt,
     {"identity.first_name"},
     "support",
     "purpose_refused"},
    {"the privacy officer",
     "officer.privacy",
     Whose::kOfFt,
     {"identity.first_name"},
     "reception",
     "purpose_refused"},
    {"an application by itself",
     "app.case",
     Whose::kOfFt,
     {"identity.first_name"},
     "support",
     "no_right"},
};

PersonId PersonOf(const DemoWorld& world, Whose whose) {
  switch (whose) {
    case Whose::kOfFt: return world.of_adviser_ft.person;
    case Whose::kOfCe: return world.of_adviser_ce.person;
    case Whose::kStranger: return world.stranger.person;
    case Whose::kNoOne: break;
  }
  return kNobody;
}

TEST(Gate, TableOfTheDemosPolicy) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  for (const PolicyRow& row : kPolicyRows) {
    SCOPED_TRACE(row.why);
    const std::uint64_t before = vault.vault().ledger().size();
    const auto outcome =
        vault.DiscloseAs(row.who, PersonOf(vault.world(), row.person), row.fields, row.purpose);
    EXPECT_EQ(Word(outcome), row.want);
    // Shown or refused: one form, one entry.
    EXPECT_EQ(vault.vault().ledger().size(), before + 1);
  }
  const auto unknown = vault.Wait(vault.gate().Disclose(
      vault.As("nobody.here"),
      {{"0000-0000-0000-0000"}, vault.Fields({"contact.phone"}), {"support", ""}}));
  EXPECT_EQ(Word(unknown), "not_enrolled");
}

TEST(Gate, ShowsTheValuesInTheirForms) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const std::string nir = vault.world().of_adviser_ft.nir;
  const auto plain = vault.DiscloseAs("adviser.ft", person, {"civil_number.nir"}, "benefit");
  ASSERT_EQ(Word(plain), "shown");
  EXPECT_EQ(FirstText(vault, plain, "civil_number.nir"), nir);

  const auto both = vault.DiscloseAs(
      "adviser.ft", person, {"civil_number.nir", "identity.first_name", "bank.iban"}, "support");
  ASSERT_EQ(Word(both), "shown");
  const access::ShownRecord& record = std::get<access::Disclosed>(*both).records.at(0);
  EXPECT_EQ(record.recorded.size(), 2u) << "one entry for each form";
  EXPECT_EQ(FirstText(vault, both, "identity.first_name"), vault.world().of_adviser_ft.first_name);
  EXPECT_EQ(FirstText(vault, both, "civil_number.nir"),
            nir.substr(0, 1) + " " + nir.substr(1, 2) + " ••••••••••");
  EXPECT_EQ(FirstText(vault, both, "bank.iban"), "••••••");
  EXPECT_EQ(record.code.Text(), vault.CodeFor("adviser.ft", person));
  EXPECT_EQ(record.version, 1u);
}

// A person of somebody else's and a person who does not exist: the same answer, the same charge.
TEST(Gate, AStrangerLooksLikeNobody) {
  std::vector<access::Refusal> refusals;
  std::vector<std::uint64_t> entries;
  for (const int which : {0, 1, 2, 3}) {
    TestVault vault;
    ASSERT_TRUE(vault.Start().ok());
    const PersonId stranger = vault.world().stranger.person;
    std::string code = vault.CodeFor("adviser.ce", which == 0 ? stranger : kNobody);
    if (which == 2) code = "not a code";
    if (which == 3) code = vault.CodeFor("adviser.ft", stranger);  // another organisation's
    const std::uint64_t before = vault.vault().ledger().size();
    auto outcome = vault.DiscloseCodesAs("adviser.ce", {code}, {"contact.phone"}, "support");
    ASSERT_EQ(Word(outcome), "not_available");
    refusals.push_back(std::get<access::Refusal>(std::move(*outcome)));
    entries.push_back(vault.vault().ledger().size() - before);
  }
  for (std::size_t i = 1; i < refusals.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(refusals[i].rule, refusals[0].rule);
    EXPECT_EQ(refusals[i].field, refusals[0].field);
    EXPECT_EQ(refusals[i].retry_after_ms, refusals[0].retry_after_ms);
    EXPECT_EQ(refusals[i].budget->left, refusals[0].budget->left);
    EXPECT_EQ(refusals[i].recorded->actor_part.size(), refusals[0].recorded->actor_part.size());
    EXPECT_EQ(entries[i], entries[0]);
  }
  EXPECT_EQ(Left(*refusals[0].budget, Counter::kGlimpsed, Window::kHour), 119u);
  EXPECT_EQ(Left(*refusals[0].budget, Counter::kGlimpsedOff, Window::kHour), 59u);
  EXPECT_EQ(Left(*refusals[0].budget, Counter::kOpened, Window::kHour), 60u);
}

TEST(Gate, AskingTheSameNobodyTwiceIsChargedOnce) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const auto first = vault.DiscloseAs("adviser.ft", kNobody, {"contact.phone"}, "support");
  const auto second = vault.DiscloseAs("adviser.ft", kNobody, {"contact.phone"}, "support");
  EXPECT_EQ(testing::RefusalOf(first).budget->left, testing::RefusalOf(second).budget->left);
}

TEST(Gate, BudgetsHoldToThePerson) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const std::vector<PersonId> followed = vault.CaseloadOf("adviser.ft");
  ASSERT_EQ(followed.size(), 150u);
  const auto open = [&vault](const PersonId& person) {
    return vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support");
  };
  for (std::size_t i = 0; i < 60; ++i) EXPECT_EQ(Word(open(followed[i])), "shown") << i;
  const auto refused = open(followed[60]);
  ASSERT_EQ(Word(refused), "budget_spent");
  const access::Refusal& refusal = testing::RefusalOf(refused);
  EXPECT_EQ(refusal.rule, "budget/opened/hour");
  EXPECT_EQ(refusal.retry_after_ms, base::kHourMs + 1);
  EXPECT_EQ(Left(*refusal.budget, Counter::kOpened, Window::kHour), 0u);
  EXPECT_EQ(Left(*refusal.budget, Counter::kOpened, Window::kDay), 90u);
  EXPECT_EQ(Word(open(followed[7])), "shown") << "somebody already seen is free";

  // A window is full again and again; the day's end comes at 150, whatever the hours.
  vault.clock.Advance(refusal.retry_after_ms);
  for (std::size_t i = 60; i < 120; ++i) EXPECT_EQ(Word(open(followed[i])), "shown") << i;
  EXPECT_EQ(Word(open(followed[120])), "budget_spent");
  vault.clock.Advance(base::kHourMs + 1);
  for (std::size_t i = 120; i < 150; ++i) EXPECT_EQ(Word(open(followed[i])), "shown") << i;
  const auto day = vault.DiscloseAs("adviser.ft", vault.world().stranger.person,
                                    {"identity.first_name"}, "reception");
  ASSERT_EQ(Word(day), "budget_spent");
  EXPECT_EQ(testing::RefusalOf(day).rule, "budget/opened/day");
}

TEST(Gate, OffCaseloadAndSensitiveHaveBudgetsOfTheirOwn) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const std::vector<PersonId> followed = vault.CaseloadOf("adviser.ft");
  const std::vector<PersonId> others = vault.CaseloadOf("adviser.ft.002");
  for (std::size_t i = 0; i <= 20; ++i) {
    const auto nir = vault.DiscloseAs("adviser.ft", followed[i], {"civil_number.nir"}, "benefit");
    EXPECT_EQ(Word(nir), i < 20 ? "shown" : "budget_spent") << i;
    if (i == 20) {
      EXPECT_EQ(testing::RefusalOf(nir).rule, "budget/sensitive/hour");
    }
  }
  // The masked form is not sensitive.
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", followed[20], {"civil_number.nir"}, "support")),
            "shown");
  for (std::size_t i = 0; i <= 12; ++i) {
    const auto name =
        vault.DiscloseAs("adviser.ft", others[i], {"identity.first_name"}, "reception");
    EXPECT_EQ(Word(name), i < 12 ? "shown" : "budget_spent") << i;
    if (i == 12) {
      EXPECT_EQ(testing::RefusalOf(name).rule, "budget/opened_off_caseload/hour");
    }
  }
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", followed[30], {"contact.phone"}, "support")),
            "shown")
      << "the caseload goes on";
}

TEST(Gate, ABatchIsOneDecision) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const std::vector<PersonId> followed = vault.CaseloadOf("adviser.ft");
  std::vector<std::string> codes;
  for (const PersonId& person : followed) codes.push_back(vault.CodeFor("adviser.ft", person));
  const std::vector<std::string> first(codes.begin(), codes.begin() + 50);
  const std::vector<std::string> eleven(codes.begin() + 50, codes.begin() + 61);
  const std::vector<std::string> ten(codes.begin() + 50, codes.begin() + 60);
  const auto open = [&vault](const std::vector<std::string>& who) {
    return vault.DiscloseCodesAs("adviser.ft", who, {"contact.phone", "civil_number.nir"},
                                 "support");
  };
  const auto shown = open(first);
  ASSERT_EQ(Word(shown), "shown");
  const access::Disclosed& disclosed = std::get<access::Disclosed>(*shown);
  ASSERT_EQ(disclosed.records.size(), 50u);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(disclosed.records[i].code.Text(), first[i]);
    EXPECT_EQ(disclosed.records[i].recorded.size(), 2u);
  }
  EXPECT_EQ(Word(open(eleven)), "budget_spent") << "61 people: none of the eleven";
  EXPECT_EQ(Word(open(ten)), "shown");

  std::vector<std::string> twice = {codes[0], codes[0], codes[1]};
  EXPECT_EQ(Word(open(twice)), "shown") << "the same person twice counts once";
  std::vector<std::string> mixed = {codes[0], vault.CodeFor("adviser.ft", kNobody)};
  EXPECT_EQ(Word(open(mixed)), "not_available") << "one who is not available: nobody is shown";
  codes.resize(51);
  EXPECT_EQ(Word(open(codes)), "error") << "51 people are too many for one request";
}

TEST(Gate, LookUpShowsMaskedRowsAndChargesMisses) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const DemoPerson& person = vault.world().of_adviser_ft;
  const DemoPerson& stranger = vault.world().stranger;
  const auto found = vault.LookUpAs("adviser.ft", "nir", person.nir, "support");
  ASSERT_EQ(Word(found), "shown");
  const access::LookedUp& rows = std::get<access::LookedUp>(*found);
  ASSERT_EQ(rows.rows.size(), 1u);
  EXPECT_EQ(rows.rows[0].code.Text(), vault.CodeFor("adviser.ft", person.person));
  const std::string name = TextOf(rows.rows[0], vault.Fields({"identity.birth_name"})[0]);
  EXPECT_NE(name, person.birth_name);
  EXPECT_TRUE(name.ends_with("***")) << name;
  EXPECT_EQ(Left(*rows.budget, Counter::kGlimpsed, Window::kHour), 119u);
  EXPECT_EQ(Left(*rows.budget, Counter::kGlimpsedOff, Window::kHour), 60u);

  const auto none = vault.LookUpAs("adviser.ft", "nir", stranger.nir, "support");
  ASSERT_EQ(Word(none), "shown");
  EXPECT_TRUE(std::get<access::LookedUp>(*none).rows.empty());
  EXPECT_TRUE(std::get<access::LookedUp>(*none).miss.has_value());
  EXPECT_EQ(Left(*std::get<access::LookedUp>(*none).budget, Counter::kGlimpsedOff, Window::kHour),
            59u);
  const auto greeted = vault.LookUpAs("adviser.ft", "email", stranger.email, "reception");
  ASSERT_EQ(Word(greeted), "shown");
  EXPECT_EQ(std::get<access::LookedUp>(*greeted).rows.size(), 1u);
  EXPECT_EQ(
      Left(*std::get<access::LookedUp>(*greeted).budget, Counter::kGlimpsedOff, Window::kHour),
      58u);
  EXPECT_EQ(Word(vault.LookUpAs("officer.privacy", "nir", person.nir, "support")),
            "purpose_refused");
  EXPECT_EQ(Word(vault.LookUpAs("adviser.ce", "nir", person.nir, "reception")), "purpose_refused");
}

TEST(Gate, ACitizenReadsTheirRecordAndWhoLooked) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const DemoPerson& citizen = vault.world().citizen_one;
  ASSERT_EQ(Word(vault.DiscloseAs("adviser.ft", citizen.person, {"contact.phone"}, "support")),
            "shown");
  ASSERT_EQ(Word(vault.LookUpAs("adviser.ft.002", "nir", citizen.nir, "reception")), "shown");
  const auto own = vault.DiscloseOwn("citizen.one", {"civil_number.nir", "bank.iban"});
  ASSERT_EQ(Word(own), "shown");
  EXPECT_EQ(FirstText(vault, own, "civil_number.nir"), citizen.nir);

  const auto trail = vault.TrailOf("citizen.one");
  ASSERT_EQ(Word(trail), "shown");
  const std::vector<access::Look>& looks = std::get<access::Trail>(*trail).looks;
  ASSERT_EQ(looks.size(), 4u) << "the reading of the trail itself is the newest";
  EXPECT_EQ(looks[1].purpose, "own");
  EXPECT_EQ(looks[2].kind, ledger::Kind::kGlimpse);
  EXPECT_EQ(looks[2].purpose, "reception");
  EXPECT_EQ(looks[3].purpose, "support");
  EXPECT_EQ(looks[3].organisation, OrganisationId(1));
  EXPECT_EQ(looks[3].fields, vault.Fields({"contact.phone"}));
  EXPECT_EQ(looks[3].role, "adviser");

  EXPECT_EQ(Word(vault.TrailOf("adviser.ft")), "no_right");
  EXPECT_EQ(Word(vault.DiscloseOwn("adviser.ft", {"contact.phone"})), "purpose_refused");
}

TEST(Gate, ATrailIsReadInPages) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().citizen_one.person;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(Word(vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "shown");
  }
  std::set<std::uint64_t> seen;
  std::optional<std::uint64_t> below;
  for (int page = 0; page < 20; ++page) {
    const auto trail =
        vault.Wait(vault.gate().OwnTrail(vault.As("citizen.one"), below, std::size_t{4}));
    ASSERT_EQ(Word(trail), "shown");
    for (const access::Look& look : std::get<access::Trail>(*trail).looks) {
      EXPECT_TRUE(seen.insert(look.index).second);
    }
    below = std::get<access::Trail>(*trail).next;
    if (!below.has_value()) break;
  }
  EXPECT_EQ(seen.size(), 11u) << "ten looks, and the first reading of the trail";
}

TEST(Gate, AFrozenAccountIsRefusedAtOnce) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const PersonId person = vault.world().of_adviser_ft.person;
  const auto freeze = [&vault](std::string_view who, bool frozen) {
    return vault.FreezeAs(who, "adviser.ft", frozen);
  };
  EXPECT_EQ(Word(freeze("adviser.ft.002", true)), "no_right");
  EXPECT_EQ(Word(freeze("officer.privacy", true)), "no_right");
  EXPECT_EQ(Word(freeze("officer.security", true)), "shown");
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "frozen");
  EXPECT_EQ(Word(vault.LookUpAs("adviser.ft", "email", "a@example.org", "support")), "frozen");
  ASSERT_TRUE(vault.Reopen().ok());
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "frozen");
  EXPECT_EQ(Word(freeze("officer.security", false)), "shown");
  EXPECT_EQ(Word(vault.DiscloseAs("adviser.ft", person, {"contact.phone"}, "support")), "shown");
  EXPECT_EQ(Word(vault.Wait(vault.gate().Freeze(vault.As("officer.security"),
                                                DemoPrincipalId("nobody.here"), true))),
            "not_available");
  EXPECT_EQ(Word(vault.Wait(vault.gate().Freeze(vault.As("officer.security"),
                                                access::Gate::SystemPrincipal(), true))),
            "not_available")
      << "it ends the erasures that are in the journal";
}

// Who has asked before is known from memory: as themselves, and no longer than they may ask.
TEST(Gate, WhoAskedBeforeIsStillWhoTheyAre) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const access::PrincipalInfo adviser =
      *vault.Wait(vault.gate().Find(DemoPrincipalId("adviser.ft")));
  const std::string ft = vault.CodeFor("adviser.ft", vault.world().of_adviser_ft.person);
  const std::string ce = vault.CodeFor("adviser.ce", vault.world().of_adviser_ce.person);
  const auto ask = [&vault](std::string_view who, const std::string& code) {
    return Word(vault.DiscloseCodesAs(who, {code}, {"contact.phone"}, "support"));
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(ask("adviser.ft", ft), "shown");
    EXPECT_EQ(ask("adviser.ce", ce), "shown");
    EXPECT_EQ(ask("adviser.ft", ce), "not_available") << "another organisation's code";
    EXPECT_EQ(ask("adviser.ce", ft), "not_available");
    EXPECT_EQ(ask("new.here", ft), "not_enrolled");
  }
  std::vector<access::PrincipalInfo> infos{{DemoPrincipalId("new.here"),
                                            adviser.organisation,
                                            adviser.office,
                                            adviser.role,
                                            "new",
                                            false,
                                            {}}};
  ASSERT_TRUE(vault.Wait(vault.gate().Enrol(std::move(infos), vault.executor)).ok());
  EXPECT_EQ(ask("new.here", ft), "not_available") << "known at once, and follows nobody";
  for (const bool frozen : {true, false}) {
    ASSERT_EQ(Word(vault.FreezeAs("officer.security", "adviser.ft", frozen)), "shown");
    EXPECT_EQ(ask("adviser.ft", ft), frozen ? "frozen" : "shown");
  }
}

// Sixty-four at once: the committer takes them in some order, and the sixty-first is one too many.
TEST(Gate, ParallelAskersShareOneBudget) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const std::vector<PersonId> followed = vault.CaseloadOf("adviser.ft");
  std::map<std::string_view, int> words;
  const auto run = [](TestVault& world, PersonId person,
                      std::map<std::string_view, int>& out) -> Task<void> {
    access::DisclosureRequest request{
        {world.CodeFor("adviser.ft", person)}, world.Fields({"contact.phone"}), {"support", ""}};
    const access::Outcome<access::Disclosed> one =
        co_await world.gate().Disclose(world.As("adviser.ft"), std::move(request));
    ++out[Word(one)];
  };
  for (std::size_t i = 0; i < 64; ++i) base::Detach(run(vault, followed[i], words));
  vault.executor.RunAll();
  EXPECT_EQ(words["shown"], 60);
  EXPECT_EQ(words["budget_spent"], 4);
}

TEST(Gate, CapabilitiesSayWhatApplies) {
  TestVault vault;
  ASSERT_TRUE(vault.Start().ok());
  const auto purposes = [&vault](std::string_view who) {
    const auto own = vault.Wait(vault.gate().OwnCapabilities(vault.As(who)));
    CLOISON_CHECK(Word(own) == "shown");
    std::set<std::string> names;
    for (const access::Grant& grant : std::get<access::Capabilities>(*own).grants) {
      names.insert(grant.purpose);
    }
    return names;
  };
  EXPECT_EQ(purposes("adviser.ft"),
            (std::set<std::string>{"benefit", "reception", "support", "verification"}));
  EXPECT_EQ(purposes("adviser.ce"),
            (std::set<std::string>{"adaptation", "benefit", "support", "verification"}));
  EXPECT_EQ(purposes("citizen.one"), (std::set<std::string>{"own"}));
  for (const char* nobody : {"manager.a", "officer.security", "officer.privacy", "app.case"}) {
    EXPECT_TRUE(purposes(nobody).empty()) << nobody;
  }
}

}  // namespace
}  // namespace cloison::vault
