// Principals of development, from a file: what it may say, and what its faults are told as.
#include "server/development.h"

#include <gtest/gtest.h>

#include "identity/development.h"
#include "vault/embedded.h"

namespace cloison::server {
namespace {

constexpr char kOne[] =
    "[[principal]]\nname = \"adviser.ft\"\norganisation = 1\noffice = 101\nrole = \"adviser\"\n";

constexpr char kOffice[] = "[[office]]\norganisation = 1\nid = 101\nname = \"Lyon\"\n";

class InventedPrincipals : public ::testing::Test {
 protected:
  InventedPrincipals()
      : schema_(*records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems_)),
        policy_(*access::Policy::Parse(std::string(vault::DemoPolicyToml()) + kOffice, *schema_,
                                       &problems_)) {}
  Result<std::vector<access::PrincipalInfo>> Parse(const std::string& toml) {
    problems_.clear();
    return ParseInventedPrincipals("people.toml", toml, problems_);
  }

  std::vector<std::string> problems_;
  std::shared_ptr<const records::Schema> schema_;
  std::shared_ptr<const access::Policy> policy_;
};

TEST_F(InventedPrincipals, AreWhoTheFileSays) {
  const auto parsed = Parse(std::string(kOne) +
                            "[[principal]]\nname = \"app.case\"\norganisation = 1\n"
                            "role = \"case-application\"\n");
  ASSERT_TRUE(parsed.ok()) << problems_.front();
  ASSERT_EQ(parsed->size(), 2u);
  const access::PrincipalInfo& adviser = parsed->front();
  EXPECT_EQ(adviser.id, identity::DevelopmentPrincipalId("adviser.ft"));
  EXPECT_EQ(adviser.organisation, OrganisationId(1));
  EXPECT_EQ(adviser.office, OfficeId(101));
  EXPECT_EQ(adviser.role, "adviser");
  EXPECT_EQ(adviser.label, "adviser.ft");
  EXPECT_FALSE(parsed->back().office.has_value());
  EXPECT_TRUE(Parse("").ok()) << "nobody";
}

TEST_F(InventedPrincipals, WhatIsWrongIsNamed) {
  const std::string one = kOne;
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = one;
    return changed.replace(changed.find(from), from.size(), to);
  };
  const struct {
    const char* why;
    std::string toml;
    const char* says;
  } rows[] = {
      {"no TOML", "[[principal", "people.toml:1"},
      {"another table", "[[principals]]\n", "the nearest is 'principal'"},
      {"an unknown key", with("office", "offices"), "the nearest is 'office'"},
      {"no name", with("name = \"adviser.ft\"\n", ""), "name"},
      {"a name of other letters", with("adviser.ft", "Adviser"), "is no name"},
      {"an authority", with("adviser.ft", "ca"), "not ca, server or issuer"},
      {"the second of a name", one + one, "people.toml:6: adviser.ft is there twice"},
  };
  for (const auto& row : rows) {
    const auto parsed = Parse(row.toml);
    ASSERT_FALSE(parsed.ok()) << row.why;
    EXPECT_EQ(parsed.error().code(), Code::kInvalid) << row.why;
    ASSERT_EQ(problems_.size(), 1u) << row.why;
    EXPECT_NE(problems_[0].find(row.says), std::string::npos) << row.why << "\n" << problems_[0];
  }
}

TEST_F(InventedPrincipals, AreOfThePolicy) {
  const struct {
    const char* why;
    std::uint32_t organisation;
    std::optional<OfficeId> office;
    const char* role;
    const char* says;  // "": nothing
  } rows[] = {
      {"an adviser of an office", 1, OfficeId(101), "adviser", ""},
      {"of none", 1, std::nullopt, "adviser", ""},
      {"an application", 1, std::nullopt, "case-application", ""},
      {"an officer", 1, std::nullopt, "security-officer", ""},
      {"offices that the policy does not name", 2, OfficeId(7), "adviser", ""},
      {"no organisation", 999, std::nullopt, "adviser", "organisation"},
      {"no office of it", 1, OfficeId(102), "adviser", "office"},
      {"no such role", 1, std::nullopt, "advisor", "a role that the policy does not have"},
      {"a citizen", 1, std::nullopt, "citizen", "nobody's by enrolment"},
      {"the server", 1, std::nullopt, "system", "nobody's by enrolment"},
  };
  for (const auto& row : rows) {
    const access::PrincipalInfo info{identity::DevelopmentPrincipalId("a"),
                                     OrganisationId(row.organisation), row.office, row.role, "a"};
    const std::string fault = FaultOfInvented(info, *policy_);
    EXPECT_EQ(fault.empty(), *row.says == '\0') << row.why << fault;
    EXPECT_NE(fault.find(row.says), std::string::npos) << row.why << fault;
  }
}

TEST_F(InventedPrincipals, AreAThousandAtMost) {
  std::string toml;
  for (int i = 0; i < 1'001; ++i) {
    toml += "[[principal]]\nname = \"a" + std::to_string(i) +
            "\"\norganisation = 1\nrole = \"adviser\"\n";
  }
  EXPECT_FALSE(Parse(toml).ok());
}

}  // namespace
}  // namespace cloison::server
