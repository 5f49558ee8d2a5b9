// What two officers sign before a register begins: one way to write it, nothing else is read, and
// nothing but two of its officers makes it count.
#include "ledger/bootstrap_statement.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cloison::ledger {
namespace {

crypto::Secret<32> SeedOf(std::uint8_t byte) {
  crypto::Secret<32> seed;
  std::ranges::fill(seed.Reveal(), byte);
  return seed;
}

tlog::VerifierKey KeyOf(std::string_view name, std::uint8_t seed) {
  const crypto::Ed25519Signer signer(SeedOf(seed));
  return *tlog::VerifierKey::Make(name, tlog::KeyType::kSignature, signer.public_key());
}

BootstrapStatement Example() {
  BootstrapStatement statement{RegisterId(7), {}, KeyOf("log.example/people", 1), {}, {}, {}};
  statement.ceremony.fill(0xab);
  statement.schema.fill(0xaa);
  statement.policy.fill(0xbb);
  statement.plan.officers = {KeyOf("officer.anna", 2), KeyOf("officer.bruno", 3),
                             KeyOf("officer.carla", 4)};
  statement.plan.founders = {{"agents:anna", "https://login.example", OrganisationId(1),
                              OfficeId(101), "manager", "HR-1 \"a\\b\"", "2027-06-30"},
                             {"agents:bruno", "https://login.example", OrganisationId(1),
                              std::nullopt, "manager", "Référence 2", "2027-02-28"}};
  return statement;
}

constexpr std::string_view kText =
    "# cloison bootstrap statement v1\n"
    "register = 7\n"
    "ceremony = \"abababababababababababababababab\"\n"
    "log = \"log.example/people+4e44a7ea+AYqI4928HHzVv6RjYxs+9DqU91/fv/8P2AQERf/jfd6PXA==\"\n"
    "schema = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n"
    "policy = \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"\n"
    "officers = [OFFICERS]\n"
    "\n"
    "[[principal]]\n"
    "account = \"agents:anna\"\n"
    "issuer = \"https://login.example\"\n"
    "organisation = 1\n"
    "office = 101\n"
    "role = \"manager\"\n"
    "human = \"HR-1 \\\"a\\\\b\\\"\"\n"
    "expires = \"2027-06-30\"\n"
    "\n"
    "[[principal]]\n"
    "account = \"agents:bruno\"\n"
    "issuer = \"https://login.example\"\n"
    "organisation = 1\n"
    "role = \"manager\"\n"
    "human = \"Référence 2\"\n"
    "expires = \"2027-02-28\"\n";

std::string Golden() {
  std::string text(kText), officers;
  for (const tlog::VerifierKey& key : Example().plan.officers) {
    officers += (officers.empty() ? "\"" : ", \"") + key.Text() + "\"";
  }
  text.replace(text.find("OFFICERS"), 8, officers);
  const std::size_t log = text.find("log = \"") + 7;
  text.replace(log, text.find('"', log) - log, Example().log.Text());
  return text;
}

std::string Replaced(std::string_view from, std::string_view to) {
  std::string text = Golden();
  const std::size_t at = text.find(from);
  CLOISON_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(BootstrapText, IsReadAsItWasWritten) {
  EXPECT_EQ(Print(Example()), Golden());
  const Result<BootstrapStatement> again = ParseBootstrapStatement(Golden());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, Example());
  EXPECT_EQ(ExpiresMs(again->plan.founders[0]), 1'814'313'600'000);
}

TEST(BootstrapText, NothingElseIsRead) {
  const std::string anna = KeyOf("officer.anna", 2).Text();
  const std::pair<const char*, std::string> rows[] = {
      {"nothing", ""},
      {"another first line", Replaced("statement v1", "statement v2")},
      {"a space too many", Replaced("register = 7", "register  = 7")},
      {"another way to write a number", Replaced("register = 7", "register = 0x7")},
      {"a register over its size", Replaced("register = 7", "register = 4294967296")},
      {"a digest in capitals", Replaced("aaaa", "AAAA")},
      {"a digest too short", Replaced("bb\"\n", "\"\n")},
      {"no ceremony", Replaced("ceremony = \"abababababababababababababababab\"\n", "")},
      {"an officer twice", Replaced(KeyOf("officer.bruno", 3).Text(), anna)},
      {"a key under two names",
       Replaced(KeyOf("officer.bruno", 3).Text(), KeyOf("officer.other", 2).Text())},
      {"an unknown key", Replaced("office = 101", "ofice = 101")},
      {"a comment", Replaced("organisation = 1\n", "organisation = 1 # one\n")},
      {"no issuer", Replaced("issuer = \"https://login.example\"\n", "")},
      {"an empty human", Replaced("\"Référence 2\"", "\"\"")},
      {"a day that is none", Replaced("2027-02-28", "2027-02-29")},
      {"a time of day", Replaced("2027-02-28", "2027-02-28T00:00:00Z")},
      {"another order",
       Replaced("register = 7\nceremony = \"abababababababababababababababab\"\n",
                "ceremony = \"abababababababababababababababab\"\nregister = 7\n")},
      {"one founder alone", Golden().substr(0, Golden().rfind("\n[[principal]]"))},
      {"a line more", Golden() + "\n"},
      {"a byte less", Golden().substr(0, Golden().size() - 1)},
  };
  for (const auto& [why, text] : rows) {
    EXPECT_EQ(ParseBootstrapStatement(text).error().code(), Code::kInvalid) << why;
  }
  BootstrapStatement many = Example();
  many.plan.founders.resize(kFoundersMax, many.plan.founders[0]);
  EXPECT_TRUE(ParseBootstrapStatement(Print(many)).ok());
  many.plan.founders.push_back(many.plan.founders[0]);
  EXPECT_FALSE(ParseBootstrapStatement(Print(many)).ok());
}

std::string NoteOf(const BootstrapStatement& statement,
                   const std::vector<std::pair<std::string, std::uint8_t>>& signers) {
  tlog::Note note{Print(statement), {}};
  for (const auto& [name, seed] : signers) {
    const crypto::Ed25519Signer signer(SeedOf(seed));
    EXPECT_TRUE(tlog::Sign(note, KeyOf(name, seed), signer).ok());
  }
  return PrintNote(note);
}

TEST(BootstrapNote, TwoOfItsOfficersMakeItCount) {
  using Signers = std::vector<std::pair<std::string, std::uint8_t>>;
  const struct {
    const char* why;
    Signers signers;
    std::optional<Code> want;
  } rows[] = {
      {"two of them", {{"officer.anna", 2}, {"officer.bruno", 3}}, std::nullopt},
      {"two others of them", {{"officer.carla", 4}, {"officer.anna", 2}}, std::nullopt},
      {"one alone", {{"officer.anna", 2}}, Code::kDenied},
      {"one twice", {{"officer.anna", 2}, {"officer.anna", 2}}, Code::kDenied},
      {"one and a stranger", {{"officer.anna", 2}, {"stranger", 9}}, Code::kDenied},
      {"a stranger by an officer's name",
       {{"officer.anna", 2}, {"officer.bruno", 9}},
       Code::kDenied},
      {"strangers alone", {{"stranger", 9}, {"another", 8}}, Code::kDenied},
  };
  for (const auto& row : rows) {
    const Result<SignedBootstrap> read = SignedBootstrap::Check(NoteOf(Example(), row.signers));
    EXPECT_EQ(read.ok(), !row.want.has_value()) << row.why;
    if (read.ok()) {
      EXPECT_EQ(read->statement(), Example()) << row.why;
    } else {
      EXPECT_EQ(read.error().code(), *row.want) << row.why;
    }
  }
}

TEST(BootstrapNote, WhatWasSignedIsWhatCounts) {
  std::string note = NoteOf(Example(), {{"officer.anna", 2}, {"officer.bruno", 3}});
  const std::size_t at = note.find("manager");
  EXPECT_EQ(SignedBootstrap::Check(note.replace(at, 7, "MANAGER")).error().code(), Code::kCorrupt);
  EXPECT_EQ(SignedBootstrap::Check(Golden()).error().code(), Code::kInvalid) << "not a note";
  const std::string long_note(kBootstrapNoteBytesMax + 1, 'a');
  EXPECT_EQ(SignedBootstrap::Check(long_note).error().code(), Code::kExhausted);
}

TEST(BootstrapPlanText, FaultsNameTheirLine) {
  const std::string officers = "officers = [\"" + KeyOf("officer.anna", 2).Text() + "\", \"" +
                               KeyOf("officer.bruno", 3).Text() + "\"]\n";
  const std::string one =
      "[[principal]]\naccount = \"agents:anna\"\norganisation = 1\nrole = \"manager\"\n"
      "human = \"HR-1\"\nexpires = \"2027-06-30\"\n";
  std::vector<std::string> problems;
  const Result<BootstrapPlan> plan =
      ParseBootstrapPlan("# who begins\n" + officers + one + one, problems);
  ASSERT_TRUE(plan.ok()) << (problems.empty() ? "" : problems[0]);
  EXPECT_EQ(plan->founders.size(), 2u);
  EXPECT_EQ(plan->founders[0].issuer, "");
  const struct {
    const char* why;
    std::string text, says;
  } rows[] = {
      {"not TOML", "officers = ", "line 1"},
      {"no officers", one + one, "officers"},
      {"one officer", "officers = [\"" + KeyOf("a", 2).Text() + "\"]\n" + one + one,
       "line 1: officers: two officers must be listed"},
      {"one founder", officers + one, "2 to 16"},
      {"an issuer of one's own", officers + one + one + "issuer = \"x\"\n", "unknown key 'issuer'"},
      {"an unknown key", officers + one + one + "rol = \"x\"\n", "line 14: unknown key 'rol'"},
      {"no such day", officers + one + one + "office = 1\n[[principal]]\nexpires = \"tomorrow\"\n",
       "as \"2027-06-30\""},
      {"a name that shows as another", officers + one + "[[principal]]\nhuman = \"\u202eanna\"\n",
       "do not show"},
      {"too large", std::string(kBootstrapNoteBytesMax + 1, '#'), "32 KiB"},
  };
  for (const auto& row : rows) {
    problems.clear();
    EXPECT_EQ(ParseBootstrapPlan(row.text, problems).error().code(), Code::kInvalid) << row.why;
    const bool says = std::ranges::any_of(problems, [&row](const std::string& problem) {
      return problem.find(row.says) != std::string::npos;
    });
    EXPECT_TRUE(says) << row.why << ": " << (problems.empty() ? "nothing" : problems[0]);
  }
}

TEST(BootstrapNote, AFingerprintIsOfTheKeyAlone) {
  EXPECT_EQ(FingerprintOf(KeyOf("a", 2)), FingerprintOf(KeyOf("b", 2)));
  EXPECT_EQ(FingerprintOf(KeyOf("a", 2)), "SHA256:ajgD1fBZkCocba+8m6RykhL3yqwIY0zDrnaydSnwOCc=");
}

}  // namespace
}  // namespace cloison::ledger
