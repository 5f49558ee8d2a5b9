// The text that officers sign for a policy: one way to write it, and nothing else is read.
#include "ledger/policy_statement.h"

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

PolicyStatement Example() {
  PolicyStatement statement{RegisterId(7), 2, {}, {}};
  statement.follows.fill(0xaa);
  statement.document.fill(0xbb);
  return statement;
}

constexpr std::string_view kText =
    "cloison policy statement v1\n"
    "register 7\n"
    "version 2\n"
    "follows aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
    "document bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n";

std::string Replaced(std::string_view from, std::string_view to) {
  std::string text(kText);
  const std::size_t at = text.find(from);
  CLOISON_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(PolicyStatementText, IsReadAsItWasWritten) {
  EXPECT_EQ(Print(Example()), kText);
  const Result<PolicyStatement> again = ParsePolicyStatement(kText);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, Example());
}

PolicyStatement WithFounders() {
  PolicyStatement statement = Example();
  statement.founders = {{"agents:erin", "https://login.example", OrganisationId(3), OfficeId(301),
                         "manager", "ML-1", "2027-06-30"},
                        {"agents:finn", "https://login.example", OrganisationId(3), std::nullopt,
                         "manager", "ML \"2\"", "2027-06-30"}};
  return statement;
}

// Pinned: what officers signed once is read for ever.
constexpr std::string_view kFounders = R"(
[[principal]]
account = "agents:erin"
issuer = "https://login.example"
organisation = 3
office = 301
role = "manager"
human = "ML-1"
expires = "2027-06-30"

[[principal]]
account = "agents:finn"
issuer = "https://login.example"
organisation = 3
role = "manager"
human = "ML \"2\""
expires = "2027-06-30"
)";

TEST(PolicyStatementText, FoundersStandBehindTheDocument) {
  const std::string text = Replaced("statement v1", "statement v2") + std::string(kFounders);
  EXPECT_EQ(Print(WithFounders()), text);
  const Result<PolicyStatement> again = ParsePolicyStatement(text);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, WithFounders());
  const auto with = [&text](std::string_view from, std::string_view to) {
    std::string other = text;
    const std::size_t at = other.find(from);
    CLOISON_CHECK(at != std::string::npos);
    return other.replace(at, from.size(), to);
  };
  const std::string one = std::string(kFounders).substr(0, kFounders.find("\n\n"));
  const std::pair<const char*, std::string> rows[] = {
      {"of the first line's version", with("statement v2", "statement v1")},
      {"nobody", Replaced("statement v1", "statement v2")},
      {"one alone", Replaced("statement v1", "statement v2") + one},
      {"no empty line", with("\n\n[[", "\n[[")},
      {"a member in another place",
       with("role = \"manager\"\nhuman = \"ML-1\"", "human = \"ML-1\"\nrole = \"manager\"")},
      {"a member more", with("office = 301", "office = 301\nclass = 1")},
      {"without its issuer", with("issuer = \"https://login.example\"\n", "")},
      {"a day that is none", with("2027-06-30", "2027-06-31")},
      {"a comment", text + "# x\n"},
      {"officers of its own", text + "officers = []\n"},
  };
  for (const auto& [why, other] : rows) EXPECT_FALSE(ParsePolicyStatement(other).ok()) << why;
}

TEST(PolicyStatementText, NothingElseIsRead) {
  const std::pair<const char*, std::string> rows[] = {
      {"nothing", ""},
      {"another first line", Replaced("policy statement v1", "policy statement v2")},
      {"a recovery's first line", Replaced("policy statement", "recovery statement")},
      {"a register with a zero", Replaced("register 7", "register 07")},
      {"a register with a sign", Replaced("register 7", "register +7")},
      {"a version of nothing", Replaced("version 2", "version ")},
      {"a version over its size", Replaced("version 2", "version 4294967296")},
      {"a digest in capitals", Replaced("aaaa", "AAAA")},
      {"a digest too short", Replaced("bb\n", "\n")},
      {"another order", Replaced("follows", "document")},
      {"a line more", std::string(kText) + "more\n"},
      {"a line feed less", std::string(kText.substr(0, kText.size() - 1))},
      {"a space more", Replaced("version 2", "version  2")},
  };
  for (const auto& [why, text] : rows) {
    EXPECT_FALSE(ParsePolicyStatement(text).ok()) << why;
  }
}

TEST(PolicyStatementText, TwoOfTheListedMustSign) {
  const std::vector<tlog::VerifierKey> officers = {KeyOf("a", 1), KeyOf("b", 2), KeyOf("c", 3)};
  const auto note = [](const std::vector<std::pair<const char*, std::uint8_t>>& signers) {
    tlog::Note made{std::string(kText), {}};
    for (const auto& [name, seed] : signers) {
      CLOISON_CHECK(tlog::Sign(made, KeyOf(name, seed), crypto::Ed25519Signer(SeedOf(seed))).ok());
    }
    return tlog::PrintNote(made);
  };
  EXPECT_TRUE(CheckSigned(note({{"a", 1}, {"c", 3}}), Example(), officers).ok());
  const Status one = CheckSigned(note({{"a", 1}}), Example(), officers);
  EXPECT_EQ(one.error().code(), Code::kDenied);
  const Status stranger = CheckSigned(note({{"a", 1}, {"d", 4}}), Example(), officers);
  EXPECT_EQ(stranger.error().code(), Code::kDenied);
  PolicyStatement other = Example();
  other.version = 3;
  const Status another = CheckSigned(note({{"a", 1}, {"b", 2}}), other, officers);
  EXPECT_EQ(another.error().code(), Code::kConflict);
  const Status twice = CheckSigned(note({{"a", 1}, {"a", 1}}), Example(), officers);
  EXPECT_FALSE(twice.ok());
}

}  // namespace
}  // namespace cloison::ledger
