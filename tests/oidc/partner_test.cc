// A partner joins a production register, as docs/operate/production.md section 9 tells it: a policy
// that brings an organisation, and who begins there, by the real programs.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/oidc/production.h"

namespace cloison::oidc {
namespace {

using e2e::Contains;
using e2e::Ended;
using e2e::ReadFile;
using e2e::WriteFile;

class PartnerTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.Begin();
    world_.Serve();
    for (const char* name : {"carla", "dora"}) {
      ASSERT_EQ(world_.SignIn(name), 0) << world_.said;
    }
    const std::string policy = ReadFile("examples/france-travail/policy.toml");
    WriteFile(world_.path("policy.toml"), policy);
    const std::string version = "\nversion = 1\n";
    std::string next = policy;
    next.replace(next.find(version), version.size(), "\nversion = 2\n");
    WriteFile(world_.path("policy-2.toml"),
              next +
                  "\n[[organisation]]\nid = 3\nname = \"Mission locale\"\n"
                  "second_contact = \"agents:erin\"\n\n[[office]]\n"
                  "organisation = 3\nid = 301\nname = \"Lyon\"\ndepartements = [\"69\"]\n");
    WriteFile(world_.path("mission.toml"),
              Founder("erin", world_.issuer()) + Founder("finn", world_.issuer()));
  }
  std::string Founder(const std::string& name, const std::string& issuer) const {
    return "[[principal]]\naccount = \"agents:" + name + "\"\nissuer = \"" + issuer +
           "\"\norganisation = 3\nrole = \"manager\"\nhuman = \"ML-" + name + "\"\nexpires = \"" +
           world_.expires() + "\"\n";
  }
  std::string Sign(const std::string& officer, const std::string& founders) const {
    return "\"$cloison\" policy sign --key " + officer +
           ".key --in-force policy.toml policy-2.toml --schema '" +
           std::filesystem::absolute("schemas/job-seekers.toml").string() + "' --founders " +
           founders + " --statement policy-2.txt";
  }
  Ended Propose() {
    return world_.As("carla",
                     "policy propose policy-2.toml --statement policy-2.txt --reason ticket-9 "
                     "--json");
  }

  Production world_;
};

TEST_F(PartnerTest, ItsManagersBeginAndEnrolTheirOwn) {
  world_.Expect(Sign("anna", "mission.toml"), 0, "account = \"agents:erin\"");
  EXPECT_NE(Propose().exit, 4) << "signed by one";
  world_.Expect(Sign("bruno", "mission.toml"), 0);
  EXPECT_EQ(world_.SignIn("erin"), 3) << "nobody yet: " << world_.said;
  const Ended asked = Propose();
  ASSERT_EQ(asked.exit, 4) << asked.out << asked.err;
  const std::string approval = json::parse(asked.out).value("approval", "");
  const Ended shown = world_.As("dora", "approval show " + approval + " --json");
  EXPECT_TRUE(Contains(shown.out, "\"agents:finn\"")) << shown.out << shown.err;
  EXPECT_TRUE(Contains(shown.out, "\"ML-finn\"")) << shown.out;
  const Ended agreed = world_.As("dora", "approval approve " + approval);
  ASSERT_EQ(agreed.exit, 0) << agreed.out << agreed.err;
  for (const char* name : {"erin", "finn"}) {
    ASSERT_EQ(world_.SignIn(name), 0) << world_.said;
  }
  const Ended gil = world_.As("erin",
                              "principal enrol agents:gil --role adviser --office 301 --manager "
                              "agents:erin --human ML-gil --reason HR-1 --json");
  ASSERT_EQ(gil.exit, 4) << gil.out << gil.err;
  const std::string enrolment = json::parse(gil.out).value("approval", "");
  EXPECT_EQ(world_.As("finn", "approval approve " + enrolment).exit, 0);
  EXPECT_EQ(world_.SignIn("gil"), 0) << world_.said;
}

TEST_F(PartnerTest, WhatIsNotAsItReadsIsRefused) {
  // The command line knows policies, the server its issuers as well.
  WriteFile(world_.path("one.toml"), Founder("erin", world_.issuer()));
  world_.Expect(Sign("anna", "one.toml"), 2, "2 to 16");
  std::string old = ReadFile(world_.path("mission.toml"));
  for (std::size_t at = 0; (at = old.find("= 3\n")) != std::string::npos;) old[at + 2] = '2';
  WriteFile(world_.path("old.toml"), old);
  world_.Expect(Sign("anna", "old.toml"), 1, "that this policy brings");
  WriteFile(world_.path("other.toml"),
            Founder("erin", "https://other.example") + Founder("finn", "https://other.example"));
  world_.Expect(Sign("anna", "other.toml"), 0);
  world_.Expect(Sign("bruno", "mission.toml"), 6, "another policy");
  world_.Expect(Sign("bruno", "other.toml"), 0);
  const Ended asked = Propose();
  EXPECT_EQ(asked.exit, 2) << asked.out << asked.err;
  EXPECT_TRUE(Contains(asked.err, "/statement")) << asked.err;
}

}  // namespace
}  // namespace cloison::oidc
