// Sealed accesses through the gate: charged and recorded as any look, in nothing that the person
// reads; unsealed, once, by whoever may. And what a citizen sees at all, as a table.
#include <gtest/gtest.h>

#include <set>

#include "tlog/tree.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::TrailDetail;
using testing::TestVault;
using testing::Word;

constexpr char kInvestigator[] = "investigator", kOfficer[] = "officer.security";

class SealedAccess : public ::testing::Test {
 protected:
  SealedAccess() { EXPECT_TRUE(vault_.Start().ok()); }

  const DemoPerson& citizen() { return vault_.world().citizen_one; }
  std::string_view OpenSealed(const PersonId& person) {
    return Word(vault_.DiscloseAs(kInvestigator, person, {"contact.phone"}, "judicial"));
  }
  // The index of the entry that the look left.
  std::uint64_t IndexOfSealed(const PersonId& person) {
    const auto shown = vault_.DiscloseAs(kInvestigator, person, {"contact.phone"}, "judicial");
    EXPECT_EQ(Word(shown), "shown");
    return std::get<access::Disclosed>(*shown).records[0].recorded[0].index;
  }
  access::Trail TrailOf(TrailDetail detail = TrailDetail::kLooks) {
    auto trail = vault_.TrailOf("citizen.one", 100, detail);
    EXPECT_EQ(Word(trail), "shown");
    return std::move(std::get<access::Trail>(*trail));
  }
  ledger::SealedKey SealedKeyOf(const PersonId& person) {
    const auto key = vault_.Wait(vault_.vault().person_keys().Load(person));
    EXPECT_TRUE(key.ok());
    return vault_.vault().ring().oversight().Of(vault_.vault().ledger().log_id(), key->aud());
  }
  std::vector<ledger::TrailEntry> SealedTrailOf(const ledger::SealedKey& key) {
    auto trail = vault_.Wait(
        vault_.vault().ledger().ReadSealedTrail(key, std::uint64_t{1'000}, std::size_t{1'000}));
    EXPECT_TRUE(trail.ok());
    return trail.ok() ? std::move(*trail) : std::vector<ledger::TrailEntry>{};
  }

  TestVault vault_;
};

TEST_F(SealedAccess, IsShownRecordedAndInNothingThatThePersonReads) {
  ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ft", citizen().person, {"contact.phone"}, "support")),
            "shown");
  const std::uint64_t before = vault_.vault().ledger().size();
  const auto shown = vault_.DiscloseAs(kInvestigator, citizen().person,
                                       {"contact.phone", "civil_number.nir"}, "judicial");
  ASSERT_EQ(Word(shown), "shown");
  EXPECT_EQ(std::get<access::Disclosed>(*shown).records[0].recorded.size(), 2u)
      << "a disclosure and a glimpse, each with a receipt";
  ASSERT_EQ(Word(vault_.LookUpAs(kInvestigator, "nir", citizen().nir, "judicial")), "shown");
  EXPECT_EQ(vault_.vault().ledger().size(), before + 3);

  for (const char* when : {"at once", "after a restart"}) {
    SCOPED_TRACE(when);
    const access::Trail trail = TrailOf();
    const std::size_t reads = std::string_view(when) == "at once" ? 1u : 2u;
    ASSERT_EQ(trail.looks.size(), 1 + reads) << "the adviser's look, and the readings";
    for (std::size_t i = 0; i < trail.looks.size(); ++i) {
      EXPECT_EQ(trail.looks[i].n, trail.looks.size() - 1 - i) << "without a gap";
      EXPECT_NE(trail.looks[i].role, "investigator");
    }
    const ledger::SealedKey key = SealedKeyOf(citizen().person);
    const std::vector<ledger::TrailEntry> sealed = SealedTrailOf(key);
    ASSERT_EQ(sealed.size(), 3u);
    EXPECT_EQ(sealed[0].actor.kind, ledger::Kind::kGlimpse);
    EXPECT_EQ(sealed[2].actor.kind, ledger::Kind::kDisclosure);
    EXPECT_EQ(sealed[2].subject->fields, vault_.Fields({"contact.phone"}));
    EXPECT_EQ(sealed[2].actor.purpose, "judicial");
    ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
    ASSERT_TRUE(vault_.Reopen().ok());
  }
}

TEST_F(SealedAccess, IsChargedAsAnyLook) {
  const std::vector<PersonId> people = vault_.CaseloadOf("adviser.ft");
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(OpenSealed(people[i]), "shown") << i;
  EXPECT_EQ(OpenSealed(people[5]), "budget_spent");
  EXPECT_EQ(OpenSealed(people[0]), "shown") << "somebody shown within the hour";
}

TEST_F(SealedAccess, IsForThoseWhoArePermittedAlone) {
  const PersonId person = citizen().person;
  struct Row {
    const char* why;
    const char* who;
    const char* field;
    const char* purpose;
    const char* want;
  };
  const Row kRows[] = {
      {"whose role it is", kInvestigator, "contact.phone", "judicial", "shown"},
      {"an adviser names the purpose", "adviser.ft", "contact.phone", "judicial",
       "purpose_refused"},
      {"an officer does", kOfficer, "contact.phone", "judicial", "purpose_refused"},
      {"another field than the purpose gives", kInvestigator, "disability.recognised", "judicial",
       "purpose_refused"},
      {"the role for another purpose", kInvestigator, "contact.phone", "support",
       "purpose_refused"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(Word(vault_.DiscloseAs(row.who, person, {row.field}, row.purpose)), row.want)
        << row.why;
  }
  EXPECT_EQ(TrailOf().looks.size(), 1u) << "refusals are about nobody";
}

TEST_F(SealedAccess, Unsealing) {
  const std::uint64_t sealed = IndexOfSealed(citizen().person);
  const std::uint64_t of_other = IndexOfSealed(vault_.world().of_adviser_ft.person);
  const auto open = vault_.DiscloseAs("adviser.ft", citizen().person, {"contact.phone"}, "support");
  const std::uint64_t not_sealed = std::get<access::Disclosed>(*open).records[0].recorded[0].index;
  const auto miss =
      vault_.DiscloseCodesAs(kInvestigator, {"0000-0000-0000-0000"}, {"contact.phone"}, "judicial");
  const std::uint64_t about_nobody = std::get<access::Refusal>(*miss).recorded->index;
  struct Row {
    const char* why;
    const char* who;
    std::uint64_t index;
    const char* key;
    const char* want;
  };
  const Row kRows[] = {
      {"who looked may not", kInvestigator, sealed, "1", "no_right"},
      {"another officer may not", "officer.privacy", sealed, "1", "no_right"},
      {"nor the person", "citizen.one", sealed, "1", "no_right"},
      {"an entry that is not sealed", kOfficer, not_sealed, "2", "not_sealed"},
      {"one about nobody", kOfficer, about_nobody, "3", "not_sealed"},
      {"one that there is not", kOfficer, 1'000'000, "4", "not_available"},
      {"it", kOfficer, sealed, "5", "shown"},
      {"the same request again", kOfficer, sealed, "5", "shown"},
      {"the key for another entry", kOfficer, of_other, "5", "error"},
      {"it again", kOfficer, sealed, "6", "unsealed"},
      {"another person's", kOfficer, of_other, "7", "shown"},
  };
  for (const Row& row : kRows) {
    const std::uint64_t before = vault_.vault().ledger().size();
    EXPECT_EQ(Word(vault_.UnsealAs(row.who, row.index, row.key)), row.want) << row.why;
    const bool again = std::string_view(row.why) == "the same request again";
    const bool error = std::string_view(row.want) == "error";
    const bool done = std::string_view(row.want) == "shown" && !again;
    // Asked, agreed to, unsealed, and that it was done; of a repetition, that it was read.
    EXPECT_EQ(vault_.vault().ledger().size(), before + (error ? 0 : done ? 4 : 1))
        << row.why << ": every decision is an entry";
  }
  const access::Trail trail = TrailOf();
  ASSERT_EQ(trail.looks.size(), 3u);
  EXPECT_EQ(trail.looks[1].kind, ledger::Kind::kUnseal);
  EXPECT_EQ(trail.looks[1].role, "security-officer");
  ASSERT_TRUE(trail.looks[1].unsealed.has_value());
  EXPECT_EQ(trail.looks[1].unsealed->index, sealed);
}

TEST_F(SealedAccess, UnsealedItIsALookAsItWas) {
  const std::int64_t then_ms = vault_.vault().committer().Now().wall_ms;
  const std::uint64_t sealed = IndexOfSealed(citizen().person);
  ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
  vault_.clock.Advance(base::kDayMs);
  ASSERT_TRUE(vault_.Reopen().ok());
  ASSERT_EQ(Word(vault_.UnsealAs(kOfficer, sealed, "u")), "shown");
  access::Trail trail = TrailOf(TrailDetail::kProofs);
  ASSERT_EQ(trail.looks.size(), 2u);
  const access::Look& look = trail.looks[1];
  EXPECT_EQ(look.n, 0u) << "the person's next number";
  ASSERT_TRUE(look.unsealed.has_value() && look.proof.has_value());
  const access::LookFacts& was = *look.unsealed;
  EXPECT_EQ(was.kind, ledger::Kind::kDisclosure);
  EXPECT_EQ(was.organisation, OrganisationId(1));
  EXPECT_EQ(was.role, "investigator");
  EXPECT_EQ(was.purpose, "judicial");
  EXPECT_EQ(was.fields, vault_.Fields({"contact.phone"}));
  EXPECT_EQ(was.form, ledger::Form::kPlain);
  EXPECT_GE(was.time_ms, then_ms);
  EXPECT_LT(was.time_ms, look.time_ms - base::kHourMs);
  for (const access::LookProof* proof : {&*look.proof, &*was.proof}) {
    EXPECT_EQ(base::ToHex(ledger::Commit(proof->subject_randomness, "subj", proof->subject_part)),
              base::ToHex(ByteView(proof->leaf).subspan(2, 32)));
    const auto opening = crypto::Secret<32>::FromBytes(*proof->actor_randomness);
    EXPECT_EQ(base::ToHex(ledger::Commit(*opening, "actor", proof->actor_part)),
              base::ToHex(ByteView(proof->leaf).subspan(34, 32)));
  }
  EXPECT_EQ(ledger::ParseSubjectPart(look.proof->subject_part)->seq, sealed);
}

TEST_F(SealedAccess, OnceEvenIfTwoDoItAtOnce) {
  vault_.two_people = false;
  ASSERT_TRUE(vault_.Reopen().ok());
  for (std::size_t steps = 0; steps < 12; ++steps) {
    vault_.clock.Advance(32 * base::kDayMs);
    const std::uint64_t sealed = IndexOfSealed(citizen().person);
    const auto unseal = [](TestVault& vault, std::uint64_t index, std::string key,
                           std::string& word) -> Task<void> {
      access::Gate::Once once{std::move(key), {1}};
      access::Reason reason{"unseal", ""};
      const auto outcome = co_await vault.gate().Unseal(vault.As(kOfficer), index,
                                                        std::move(reason), std::move(once));
      word = Word(outcome);
    };
    std::string first, second;
    const std::string key = std::to_string(steps);
    base::Detach(unseal(vault_, sealed, key + "a", first));
    for (std::size_t i = 0; i < steps; ++i) (void)vault_.executor.Step();
    base::Detach(unseal(vault_, sealed, key + "b", second));
    vault_.executor.RunAll();
    const std::set<std::string> both{first, second};
    EXPECT_EQ(both, (std::set<std::string>{"shown", "unsealed"})) << steps;
  }
}

TEST_F(SealedAccess, WhatHasExpiredIsNotUnsealedAndUnsealedExpires) {
  const std::uint64_t first = IndexOfSealed(citizen().person);
  const std::uint64_t second = IndexOfSealed(citizen().person);
  const std::uint32_t month = ledger::MonthOf(vault_.vault().committer().Now().wall_ms);
  vault_.clock.Advance(40 * base::kDayMs);
  ASSERT_EQ(Word(vault_.UnsealAs(kOfficer, first, "1")), "shown");
  ASSERT_TRUE(vault_.vault().ring().DestroyMonth(month).ok());
  EXPECT_EQ(Word(vault_.UnsealAs(kOfficer, second, "2")), "record_expired");
  const access::Trail trail = TrailOf();
  ASSERT_EQ(trail.looks.size(), 2u);
  EXPECT_EQ(trail.looks[1].kind, ledger::Kind::kUnseal) << "that there was one is still told";
  EXPECT_FALSE(trail.looks[1].unsealed.has_value());
}

TEST_F(SealedAccess, ErasureForgetsThePersonOfThem) {
  const PersonId person = vault_.world().of_adviser_ft.person;
  const std::uint64_t sealed = IndexOfSealed(person);
  const ledger::SealedKey key = SealedKeyOf(person);
  const std::string code = vault_.CodeFor("officer.privacy", person);
  ASSERT_EQ(Word(vault_.EraseAs("officer.privacy", code, 1)), "shown");
  EXPECT_EQ(OpenSealed(person), "not_available");
  EXPECT_EQ(Word(vault_.UnsealAs(kOfficer, sealed, "1")), "not_available");
  EXPECT_EQ(SealedTrailOf(key).size(), 1u) << "an authority that has AUD still walks m";
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(OpenSealed(person), "not_available");
}

TEST_F(SealedAccess, ARolledBackNumberStopsTheLookAndRaisesAnAlarm) {
  ASSERT_EQ(OpenSealed(citizen().person), "shown");
  ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
  ASSERT_TRUE(vault_.Stop().ok());
  const std::vector<store::KeyedRow> heads = vault_.Rows(store::Family::kHeads);
  ASSERT_TRUE(vault_.Open().ok());
  ASSERT_EQ(OpenSealed(citizen().person), "shown");
  ASSERT_TRUE(vault_.Wait(vault_.vault().ledger().Fold()).ok());
  ASSERT_TRUE(vault_.Stop().ok());
  vault_.Overwrite(store::Family::kHeads, heads);
  ASSERT_TRUE(vault_.Open().ok());
  const std::size_t alarms = vault_.events.Count("trail_does_not_fit");
  EXPECT_EQ(OpenSealed(citizen().person), "error");
  EXPECT_EQ(vault_.events.Count("trail_does_not_fit"), alarms + 1);
}

// ---- what a citizen sees (docs/format/ledger.md)

class WhatACitizenSees : public SealedAccess {
 protected:
  using Form = ledger::Form;
  using Kind = ledger::Kind;

  std::string Code() { return vault_.CodeFor("app.case", citizen().person); }
  std::string_view AssignTo(const char* agent) {
    std::vector<access::Assignment> all{{DemoPrincipalId(agent), Code(), std::nullopt, false}};
    access::Gate::Once once{agent, {1}};
    return Word(
        vault_.Wait(vault_.gate().Assign(vault_.As("app.case"), std::move(all), std::move(once))));
  }

  // What an act leaves in the trail: a row, or none.
  struct Seen {
    Kind kind;
    Form form;
    const char* role;
    const char* purpose;
    std::size_t fields;
  };
  struct Row {
    const char* why;
    std::function<std::string_view()> act;
    const char* word;
    std::optional<Seen> seen;  // nothing: no row of it
  };
  void CheckAll(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      const std::size_t before = TrailOf().looks.size();
      ASSERT_EQ(row.act(), row.word) << row.why;
      const access::Trail trail = TrailOf();
      ASSERT_EQ(trail.looks.size(), before + (row.seen.has_value() ? 2 : 1)) << row.why;
      if (!row.seen.has_value()) continue;
      const access::Look& look = trail.looks[1];
      EXPECT_EQ(look.kind, row.seen->kind) << row.why;
      EXPECT_EQ(look.form, row.seen->form) << row.why;
      EXPECT_EQ(look.role, row.seen->role) << row.why;
      EXPECT_EQ(look.purpose, row.seen->purpose) << row.why;
      if (row.seen->fields != 0) {
        EXPECT_EQ(look.fields.size(), row.seen->fields) << row.why;
      }
    }
  }
};

TEST_F(WhatACitizenSees, OfWhatIsShown) {
  const PersonId person = citizen().person;
  CheckAll({
      {"fields that were opened",
       [&] {
         return Word(vault_.DiscloseAs("adviser.ft", person, {"contact.phone", "contact.email"},
                                       "support"));
       },
       "shown", Seen{Kind::kDisclosure, Form::kPlain, "adviser", "support", 2}},
      {"a masked field",
       [&] { return Word(vault_.DiscloseAs("adviser.ft", person, {"bank.iban"}, "support")); },
       "shown", Seen{Kind::kGlimpse, Form::kMasked, "adviser", "support", 1}},
      {"a row of a search",
       [&] { return Word(vault_.LookUpAs("adviser.ft", "nir", citizen().nir, "benefit")); },
       "shown", Seen{Kind::kGlimpse, Form::kMasked, "adviser", "benefit", 0}},
      {"a refusal: nothing of the person was shown",
       [&] { return Word(vault_.DiscloseAs("adviser.ft", person, {"bank.iban"}, "reception")); },
       "purpose_refused", std::nullopt},
      {"a miss: nor then",
       [&] { return Word(vault_.DiscloseAs("adviser.ce", person, {"contact.phone"}, "support")); },
       "not_available", std::nullopt},
      {"somebody else's record",
       [&] {
         return Word(vault_.DiscloseAs("adviser.ft", vault_.world().of_adviser_ft.person,
                                       {"contact.phone"}, "support"));
       },
       "shown", std::nullopt},
  });
}

TEST_F(WhatACitizenSees, OfChangesTheirOwnReadingsAndInvestigations) {
  const PersonId person = citizen().person;
  CheckAll({
      {"that they are there, told to who registers them again",
       [&] {
         return Word(vault_.RegisterAs("app.case",
                                       {{"identity.birth_name", "X"},
                                        {"identity.first_name", "Y"},
                                        {"civil_number.nir", citizen().nir}},
                                       "again"));
       },
       "exists", Seen{Kind::kGlimpse, Form::kExists, "case-application", "register", 0}},
      {"a change",
       [&] {
         return Word(vault_.UpdateAs("app.case", Code(), 1, {{"contact.phone", "0601020304"}}));
       },
       "shown", Seen{Kind::kChange, Form::kPlain, "case-application", "update", 1}},
      {"a caseload given", [&] { return AssignTo("adviser.ft.002"); }, "shown",
       Seen{Kind::kRights, Form::kExists, "case-application", "assign", 0}},
      {"their own reading", [&] { return Word(vault_.DiscloseOwn("citizen.one", {"bank.iban"})); },
       "shown", Seen{Kind::kDisclosure, Form::kPlain, "citizen", "own", 1}},
      {"a sealed access", [&] { return OpenSealed(person); }, "shown", std::nullopt},
      {"a sealed row of a search",
       [&] { return Word(vault_.LookUpAs(kInvestigator, "nir", citizen().nir, "judicial")); },
       "shown", std::nullopt},
  });
}

TEST_F(WhatACitizenSees, NothingWhenFrozenAndNothingOnceErased) {
  const auto freeze = [this](bool frozen) {
    return Word(vault_.FreezeAs(kOfficer, "citizen.one", frozen));
  };
  ASSERT_EQ(freeze(true), "shown");
  EXPECT_EQ(Word(vault_.TrailOf("citizen.one")), "frozen");
  ASSERT_EQ(freeze(false), "shown");
  EXPECT_EQ(TrailOf().looks.size(), 1u) << "freezing is about an account, not about a record";
  const std::string code = vault_.CodeFor("officer.privacy", citizen().person);
  ASSERT_EQ(Word(vault_.EraseAs("officer.privacy", code, 1)), "shown");
  EXPECT_EQ(Word(vault_.TrailOf("citizen.one")), "no_right");
}

// What the opening of the actor part lets a citizen see, and try.
TEST_F(WhatACitizenSees, TheOpenedActorPartNamesNoAgentAndNoCase) {
  ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ft", citizen().person, {"contact.phone"}, "support")),
            "shown");
  const access::Trail trail = TrailOf(TrailDetail::kProofs);
  const access::LookProof& proof = *trail.looks[1].proof;
  const auto part = ledger::ParseActorPart(proof.actor_part);
  ASSERT_TRUE(part.ok() && part->agent_commitment && part->case_commitment);
  const auto opening = crypto::Secret<32>::FromBytes(*proof.actor_randomness);
  const crypto::HmacKey key(*opening);
  const std::string bytes(AsText(proof.actor_part));
  EXPECT_EQ(bytes.find("case-1"), std::string::npos);
  for (const DemoPrincipal& one : vault_.world().principals) {
    EXPECT_EQ(bytes.find(AsText(one.id.bytes())), std::string::npos);
    EXPECT_NE(key.Mac({one.id.bytes()}), *part->agent_commitment);
    for (const crypto::Context& label :
         {crypto::Context("ri"), crypto::Context("rc"), crypto::Context("ra")}) {
      const crypto::Secret<32> tried = key.Expand<32>(label);
      EXPECT_NE(crypto::Hmac(tried, {one.id.bytes()}), *part->agent_commitment);
      EXPECT_NE(crypto::Hmac(tried, {AsBytes("case-1")}), *part->case_commitment);
    }
  }
  // Two looks of one agent have nothing in common that an agent is known by.
  ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ft", citizen().person, {"contact.phone"}, "support")),
            "shown");
  const access::Trail again = TrailOf(TrailDetail::kProofs);
  const auto other = ledger::ParseActorPart(again.looks[1].proof->actor_part);
  EXPECT_NE(other->agent_commitment, part->agent_commitment);
  EXPECT_NE(other->case_commitment, part->case_commitment);
}

// A page with proofs answers for every number, also of what has expired.
TEST_F(WhatACitizenSees, PagesWithProofsCoverEveryNumber) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ft", citizen().person, {"contact.phone"}, "support")),
              "shown");
  }
  const std::uint32_t month = ledger::MonthOf(vault_.vault().committer().Now().wall_ms);
  vault_.clock.Advance(40 * base::kDayMs);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Word(vault_.DiscloseAs("adviser.ft", citizen().person, {"contact.phone"}, "support")),
              "shown");
  }
  ASSERT_TRUE(vault_.vault().ring().DestroyMonth(month).ok());
  std::optional<std::uint64_t> below;
  std::set<std::uint64_t> told, expired;
  std::uint64_t end = 0;
  for (int page = 0; page < 20; ++page) {
    const auto read = vault_.Wait(vault_.gate().OwnTrail(vault_.As("citizen.one"), below,
                                                         std::size_t{2}, TrailDetail::kProofs));
    ASSERT_EQ(Word(read), "shown");
    const access::Trail& trail = std::get<access::Trail>(*read);
    ASSERT_TRUE(trail.proofs.has_value());
    if (page == 0) end = trail.proofs->end;
    if (page > 0) {
      EXPECT_EQ(trail.proofs->end, *below);
    }
    EXPECT_EQ(trail.looks.size() + trail.proofs->expired.size(),
              trail.proofs->end - trail.proofs->first);
    for (const access::Look& look : trail.looks) EXPECT_TRUE(told.insert(look.n).second);
    for (const auto& one : trail.proofs->expired) EXPECT_TRUE(expired.insert(one.n).second);
    below = trail.next;
    if (!below.has_value()) break;
  }
  EXPECT_EQ(expired, (std::set<std::uint64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(told.size() + expired.size(), end);
}

}  // namespace
}  // namespace cloison::vault
