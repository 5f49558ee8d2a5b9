// Policies of a running register: signed by two, approved by two people, in force from one commit
// on, and never lost or brought back by who holds the disk.
#include "access/policies.h"

#include <gtest/gtest.h>

#include "vault/testing/policies_fixture.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using access::Policies;
using store::Family;
using testing::PoliciesTest;
using testing::Replaced;
using testing::Signed;
using testing::TestVault;
using testing::Word;

TEST_F(PoliciesTest, TheFirstIsTheConfigurations) {
  const auto read = Read("officer.security", 1);
  ASSERT_EQ(Word(read), "shown");
  const auto& shown = std::get<Policies::Shown>(*read);
  EXPECT_EQ(shown.version.document, first());
  EXPECT_EQ(shown.version.note, "");
  EXPECT_TRUE(shown.in_force);
  EXPECT_EQ(Word(Read("officer.security", 2)), "not_available");
  EXPECT_EQ(Word(Read("adviser.ft", 1)), "no_right");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(vault_.events.Count("policy_file_differs"), 0u);
}

TEST_F(PoliciesTest, AnotherDecidesFromTheApprovingCommitOn) {
  ASSERT_EQ(Look(0), "shown");
  const std::string next = WithoutAddress();
  const auto asked = Propose("officer.security", next, NoteFor(next));
  ASSERT_EQ(Word(asked), "shown");
  const std::uint64_t number = std::get<Approvals::Shown>(*asked).approval.number;
  EXPECT_EQ(Look(1), "shown") << "asked for is not in force";
  EXPECT_EQ(Word(Approve("officer.security", number)), "no_right") << "who asked";
  EXPECT_EQ(Word(Approve("manager.a", number)), "not_available") << "who has not the right";
  EXPECT_EQ(Look(1), "shown");
  ASSERT_EQ(Word(Approve("officer.privacy", number)), "shown");
  EXPECT_EQ(Look(1), "purpose_refused");
  EXPECT_EQ(Look(1, "identity.birth_name"), "shown");
  EXPECT_EQ(vault_.vault().policy()->version(), 2u);
  EXPECT_EQ(EntriesOfRule("policy/2/" + base::ToHex(access::DigestOfPolicy(next))), 1u);
  // Both can be read, and a start with the old file changes nothing.
  const std::uint32_t before = 2;
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(vault_.events.Count("policy_file_differs"), 1u);
  EXPECT_EQ(vault_.vault().policy()->version(), before);
  EXPECT_EQ(Look(1), "purpose_refused");
  EXPECT_EQ(std::get<Policies::Shown>(*Read("officer.privacy", 1)).version.document, first());
  const auto second = Read("officer.privacy", 2);
  EXPECT_EQ(std::get<Policies::Shown>(*second).version.document, next);
  EXPECT_TRUE(std::get<Policies::Shown>(*second).in_force);
}

TEST_F(PoliciesTest, CapsFollow) {
  for (std::size_t i = 0; i < 5; ++i) ASSERT_EQ(Look(i), "shown");
  PutInForce(Replaced(Versioned(first(), 2), "opened = [60,", "opened = [5,"), 2);
  EXPECT_EQ(Look(5), "budget_spent");
  EXPECT_EQ(Look(4), "shown") << "who is in the window is free";
  PutInForce(Replaced(Versioned(first(), 3), "opened = [60,", "opened = [6,"), 3);
  EXPECT_EQ(Look(5), "shown");
  EXPECT_EQ(Look(6), "budget_spent");
}

TEST_F(PoliciesTest, ARoleThatIsGoneIsShownNobodyAndCanBeFrozen) {
  std::string next = Versioned(first(), 2);
  const std::size_t grants = next.find("# At France Travail alone, which answers");
  const std::size_t rest = next.find("[[grant]]\nrole = \"citizen\"");
  next.erase(grants, rest - grants);
  const std::size_t role = next.find("# Answers courts.");
  next.erase(role, next.find("[[role]]\nname = \"system\"") - role);
  const PersonId person = vault_.CaseloadOf("adviser.ft").front();
  const auto look = [&] {
    return Word(vault_.DiscloseAs("investigator", person, {"identity.birth_name"}, "judicial"));
  };
  ASSERT_EQ(look(), "shown");
  PutInForce(next, 2);
  EXPECT_EQ(look(), "no_right");
  ASSERT_TRUE(vault_.Reopen().ok());
  EXPECT_EQ(look(), "no_right") << "and when it is loaded again";
  EXPECT_EQ(Word(vault_.Wait(vault_.gate().Freeze(vault_.As("officer.security"),
                                                  DemoPrincipalId("investigator"), true))),
            "shown");
  EXPECT_EQ(look(), "frozen");
}

TEST_F(PoliciesTest, WhatIsRefused) {
  const std::string next = WithoutAddress(), same = first(), late = WithoutAddress(3);
  ledger::PolicyStatement other = StatementFor(next);
  other.register_id = RegisterId(other.register_id.value() + 1);
  ledger::PolicyStatement after = StatementFor(next);
  after.follows = access::DigestOfPolicy(next);
  const std::string faulty = Replaced(next, "role = \"adviser\"", "role = \"advisor\"");
  struct Row {
    const char* why;
    const char* who;
    std::string document, note;
    const char* word;
    Code code = Code::kInvalid;
  };
  const Row rows[] = {
      {"no right", "adviser.ft", next, NoteFor(next), "no_right"},
      {"no right, and what is asked for is not even looked at", "adviser.ft", "x", "y", "no_right"},
      {"no statement", "officer.security", next, "", "error", Code::kInvalid},
      {"not a statement", "officer.security", next, "hello\n", "error", Code::kInvalid},
      {"not signed", "officer.security", next, Print(StatementFor(next)), "error", Code::kInvalid},
      {"signed by one", "officer.security", next, Signed(Print(StatementFor(next)), {1}), "error",
       Code::kDenied},
      {"signed by one and a stranger", "officer.security", next,
       Signed(Print(StatementFor(next)), {1, 9}), "error", Code::kDenied},
      {"of another document", "officer.security", next, NoteFor(same), "error", Code::kConflict},
      {"of another version", "officer.security", next, NoteFor(next, 3), "error", Code::kConflict},
      {"of another register", "officer.security", next, Signed(Print(other), {1, 2}), "error",
       Code::kConflict},
      {"following another", "officer.security", next, Signed(Print(after), {1, 2}), "error",
       Code::kConflict},
      {"the version in force", "officer.security", same, NoteFor(same, 1), "changed"},
      {"a version left out", "officer.security", late, NoteFor(late, 3), "changed"},
      {"a policy with a fault", "officer.security", faulty, NoteFor(faulty), "error",
       Code::kInvalid},
      {"one that is too long", "officer.security",
       next + "# " + std::string(access::kPolicyBytesMax, 'x'), NoteFor(next), "error",
       Code::kExhausted},
  };
  for (const Row& row : rows) {
    const auto asked = Propose(row.who, row.document, row.note);
    EXPECT_EQ(Word(asked), row.word) << row.why;
    EXPECT_TRUE(asked.ok() || asked.error().code() == row.code) << row.why;
  }
  EXPECT_EQ(vault_.vault().policy()->version(), 1u);
  EXPECT_EQ(Look(0), "shown");
}

TEST_F(PoliciesTest, OfTwoThatFollowTheSameOneIsTooLate) {
  const std::string a = WithoutAddress(), b = Versioned(first(), 2);
  const auto first_asked = Propose("officer.security", a, NoteFor(a));
  const auto second_asked = Propose("officer.security", b, NoteFor(b));
  const auto number = [](const auto& asked) {
    return std::get<Approvals::Shown>(*asked).approval.number;
  };
  ASSERT_EQ(Word(Approve("officer.privacy", number(second_asked))), "shown");
  EXPECT_EQ(Word(Approve("officer.privacy", number(first_asked))), "changed");
  EXPECT_EQ(vault_.vault().policy()->document(), b);
  EXPECT_EQ(Look(0), "shown");
}

TEST_F(PoliciesTest, ATableSaysWhoAsksAndWhoApproves) {
  const auto with_table = [this](std::uint32_t version, const char* approves) {
    return Versioned(first(), version) + "\n[[approval]]\nkind = \"policy\"\n" +
           "asks = [\"security-officer\"]\napproves = [\"" + approves + "\"]\n";
  };
  PutInForce(with_table(2, "privacy-officer"), 2);
  const std::string third = with_table(3, "security-officer");
  EXPECT_EQ(Word(Propose("officer.privacy", third, NoteFor(third, 3))), "no_right")
      << "the right alone is not enough";
  PutInForce(third, 3);
  const std::string fourth = Versioned(first(), 4);
  const auto asked = Propose("officer.security", fourth, NoteFor(fourth, 4));
  ASSERT_EQ(Word(asked), "shown");
  EXPECT_EQ(Word(Approve("officer.privacy", std::get<Approvals::Shown>(*asked).approval.number)),
            "not_available");
}

TEST_F(PoliciesTest, NobodyCanSignWhereNoOfficersAreNamed) {
  vault_.officers.clear();
  ASSERT_TRUE(vault_.Reopen().ok());
  const std::string next = WithoutAddress();
  const auto asked = Propose("officer.security", next, NoteFor(next));
  ASSERT_FALSE(asked.ok());
  EXPECT_EQ(asked.error().code(), Code::kDenied);
}

TEST_F(PoliciesTest, WhoHoldsTheDiskCannotChangeOrBringBackAPolicy) {
  PutInForce(WithoutAddress(), 2);
  ASSERT_TRUE(vault_.Stop().ok());
  const std::vector<store::KeyedRow> rows = vault_.Rows(Family::kPolicies);
  ASSERT_EQ(rows.size(), 2u);
  std::vector<store::KeyedRow> swapped = rows, flipped = rows;
  swapped[1].row.value = rows[0].row.value;
  flipped[1].row.value.back() ^= 1;
  struct Row {
    const char* why;
    std::vector<store::KeyedRow> rows;
  };
  const Row table[] = {
      {"the last taken away", {rows[0]}},
      {"the first taken away", {rows[1]}},
      {"all taken away", {}},
      {"the old one in the place of the new", swapped},
      {"a byte changed", flipped},
  };
  for (const Row& row : table) {
    vault_.Overwrite(Family::kPolicies, row.rows);
    const Status opened = vault_.Open();
    ASSERT_FALSE(opened.ok()) << row.why;
    EXPECT_EQ(opened.error().code(), Code::kCorrupt) << row.why;
  }
  vault_.Overwrite(Family::kPolicies, rows);
  ASSERT_TRUE(vault_.Open().ok()) << "as it was";
  EXPECT_EQ(vault_.vault().policy()->version(), 2u);
}

// The process dies around the commit that approves: before it, nothing has happened; after it, what
// one commit cannot hold (codes of a new organisation) is made at the next start.
TEST_F(PoliciesTest, ADeathInTheMiddleOfTheSwap) {
  const std::string next =
      Versioned(first(), 2) + "\n[[organisation]]\nid = 3\nname = \"Missions locales\"\n";
  const auto asked = Propose("officer.security", next, NoteFor(next));
  ASSERT_EQ(Word(asked), "shown");
  const std::uint64_t number = std::get<Approvals::Shown>(*asked).approval.number;
  const PersonId person = vault_.CaseloadOf("adviser.ft").front();
  const auto has_codes = [&] {
    return vault_.vault().codes().Encode(OrganisationId(3), person).ok();
  };
  EXPECT_FALSE(has_codes());
  ASSERT_TRUE(vault_.Stop().ok());
  const std::vector<store::KeyedRow> keys = KeyRows();
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(vault_.vault().policy()->version(), 1u);
  EXPECT_FALSE(has_codes());
  ASSERT_EQ(Word(Approve("officer.privacy", number)), "shown");
  EXPECT_TRUE(has_codes());
  ASSERT_TRUE(vault_.Stop().ok());
  PutBackKeys(keys);  // as if it had died before they were made
  ASSERT_TRUE(vault_.Open().ok());
  EXPECT_EQ(vault_.vault().policy()->version(), 2u);
  EXPECT_TRUE(has_codes());
}

// Reads and the swap in one batch, in many orders: each is decided by the policy that the entries
// before it say is in force.
TEST_F(PoliciesTest, EveryDecisionIsByOneOfTheTwo) {
  std::size_t old = 0, now = 0;
  for (std::uint32_t version = 2; version < 26; ++version) {
    const bool closes = version % 2 == 0;
    const std::string next = closes ? WithoutAddress(version) : Versioned(first(), version);
    const auto asked = Propose("officer.security", next, NoteFor(next, version));
    ASSERT_EQ(Word(asked), "shown");
    const std::uint64_t number = std::get<Approvals::Shown>(*asked).approval.number;
    const std::uint64_t begin = vault_.vault().ledger().size();
    std::vector<std::string> words;
    for (std::size_t i = 0; i < 4; ++i) base::Detach(LookInto(i, words));
    for (std::uint32_t steps = version * 5; steps > 0; --steps) vault_.executor.Step();
    std::string approved;
    base::Detach(ApproveInto(number, approved));
    for (std::size_t i = 4; i < 8; ++i) base::Detach(LookInto(i % 3, words));
    vault_.executor.RunAll();
    ASSERT_EQ(approved, "shown");
    ASSERT_EQ(words.size(), 8u);
    // The ledger says in which order they were decided.
    const auto records =
        vault_.Wait(vault_.vault().ledger().ReadRecords(begin, ledger::kReadEntriesMax));
    ASSERT_TRUE(records.ok());
    bool swapped = false;
    for (const ledger::Record& record : *records) {
      if (record.rule.starts_with("policy/")) swapped = true;
      const bool shown = record.rule == "support/caseload";
      if (!shown && record.rule != "purpose/field") continue;
      EXPECT_EQ(shown, closes != swapped) << record.rule << " under version " << version;
      ++(swapped ? now : old);
    }
    EXPECT_TRUE(swapped);
  }
  EXPECT_GT(old, 0u);
  EXPECT_GT(now, 0u);
}

// Whether an access is sealed is prepared before the commit that changes it: one that was prepared
// under the old policy is prepared again.
TEST_F(PoliciesTest, ALookIsSealedAsThePolicyThatGrantsItSays) {
  std::string next = Versioned(first(), 2);
  for (std::size_t at = next.find("sealed = true\n"); at != std::string::npos;
       at = next.find("sealed = true\n")) {
    next.erase(at, 14);
  }
  const auto asked = Propose("officer.security", next, NoteFor(next));
  ASSERT_EQ(Word(asked), "shown");
  const std::uint64_t begin = vault_.vault().ledger().size();
  std::string approved;
  std::vector<std::string> words;
  base::Detach(ApproveInto(std::get<Approvals::Shown>(*asked).approval.number, approved));
  for (std::size_t i = 0; i < 4; ++i) base::Detach(SealedLookInto(i, words));
  vault_.executor.RunAll();
  ASSERT_EQ(words, std::vector<std::string>(4, "shown"));
  const auto records =
      vault_.Wait(vault_.vault().ledger().ReadRecords(begin, ledger::kReadEntriesMax));
  ASSERT_TRUE(records.ok());
  bool swapped = false;
  std::size_t open = 0;
  for (const ledger::Record& record : *records) {
    if (record.rule.starts_with("policy/")) swapped = true;
    if (record.rule != "judicial/any") continue;
    EXPECT_EQ(record.sealed_n.has_value(), !swapped);
    open += swapped ? 1 : 0;
  }
  EXPECT_GT(open, 0u);
}

TEST_F(PoliciesTest, APreviewCountsWhatWouldBeDecidedOtherwise) {
  for (std::size_t i = 0; i < 3; ++i) ASSERT_EQ(Look(i), "shown");
  ASSERT_EQ(Look(0, "identity.birth_name"), "shown");
  ASSERT_EQ(Look(0, "disability.recognised"), "purpose_refused");
  const auto preview = [this](const std::string& document, access::PreviewLimits limits = {}) {
    return vault_.Wait(
        vault_.gate().policies().Preview(vault_.As("officer.privacy"), document, limits));
  };
  const auto same = preview(Versioned(first(), 2));
  ASSERT_EQ(Word(same), "shown");
  const access::PreviewReport nothing = std::get<Policies::Previewed>(*same).report;
  EXPECT_TRUE(nothing.changed.empty());
  EXPECT_EQ(nothing.allowed, 4u);
  EXPECT_EQ(nothing.refusals, 1u);
  const auto without = preview(WithoutAddress());
  ASSERT_EQ(Word(without), "shown");
  const access::PreviewReport report = std::get<Policies::Previewed>(*without).report;
  ASSERT_EQ(report.changed.size(), 1u);
  const auto& [key, counts] = *report.changed.begin();
  EXPECT_EQ(key, (access::PreviewKey{1, "adviser", "support", access::Relation::kCaseload}));
  EXPECT_EQ(counts.looks, 3u);
  EXPECT_EQ(counts.refused, 3u);
  EXPECT_EQ(counts.masked, 0u);
  // Bounded: the newest two entries are the previews themselves.
  const auto bounded = preview(WithoutAddress(), {base::kDayMs, 2});
  EXPECT_EQ(std::get<Policies::Previewed>(*bounded).report.entries, 2u);
  EXPECT_TRUE(std::get<Policies::Previewed>(*bounded).report.more);
  EXPECT_TRUE(std::get<Policies::Previewed>(*bounded).report.changed.empty());
  vault_.clock.Advance(8 * base::kDayMs);
  const auto later = preview(WithoutAddress());
  EXPECT_TRUE(std::get<Policies::Previewed>(*later).report.changed.empty()) << "a week ago";
  EXPECT_FALSE(std::get<Policies::Previewed>(*later).report.more);
  const auto adviser =
      vault_.Wait(vault_.gate().policies().Preview(vault_.As("adviser.ft"), WithoutAddress(), {}));
  EXPECT_EQ(Word(adviser), "no_right");
}

}  // namespace
}  // namespace cloison::vault
