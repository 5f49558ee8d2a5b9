// Who may begin a register: officers of the policy, other humans each, two who can agree.
#include "access/founding.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/files.h"

namespace cloison::access {
namespace {

using ledger::BootstrapPlan;
using ledger::Founder;

constexpr std::int64_t kNowMs = 1'798'761'600'000;  // 2027-01-01

std::string TextOf(const std::string& path) {
  base::SystemFiles files;
  const Result<Bytes> bytes = files.Read(path);
  CLOISON_CHECK(bytes.ok());
  return std::string(AsText(*bytes));
}

std::shared_ptr<const Policy> Rules() {
  std::vector<std::string> problems;
  const auto schema = *records::Schema::Parse(TextOf("schemas/job-seekers.toml"), &problems);
  return *Policy::Parse(TextOf("examples/france-travail/policy.toml"), *schema, &problems);
}

Founder Manager(const std::string& name) {
  return {"agents:" + name, "",           OrganisationId(1), OfficeId(101),
          "manager",        "HR-" + name, "2027-06-30"};
}

TEST(References, OneHumanIsOneHoweverItIsWritten) {
  const struct {
    const char* why;
    const char *one, *other;
    bool same;
  } rows[] = {
      {"spaces around", "HR-7", " hr-7\t", true},
      {"a space", "HR-7", "hr 7", true},
      {"another dash", "HR-7", "HR–7", true},
      {"a minus", "HR-7", "HR−7", true},
      {"a space that does not break", "HR-7", "HR\u00a07", true},
      {"full width", "HR-7", "ＨＲ－７", true},
      {"accents", "Élodie.Brûlé", "elodie brule", true},
      {"a sharp s", "Straße", "STRASSE", true},
      {"many between", "HR-7", "HR -- 7", true},
      {"an underscore", "HR-7", "HR_7", true},
      {"letters that decompose to capitals", "HR-7", "\U0001D407\U0001D411-7", true},
      {"what does not show", "HR-7", "H\u00adR-7\ufeff", true},
      {"a space of no width", "HR-7", "HR-\u200b7", true},
      {"another number", "HR-7", "HR-8", false},
      {"a number cut elsewhere", "1-23", "12-3", false},
      {"nothing between", "HR-7", "HR7", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(FoldReference(row.one) == FoldReference(row.other), row.same) << row.why;
    EXPECT_NE(FoldReference(row.one), "") << row.why;
  }
  const struct {
    const char *why, *text;
  } nones[] = {
      {"nothing", ""},
      {"nothing but what stands between", " - "},
      {"no UTF-8", "\xff\xfe"},
      {"other letters", "Ωμέγα"},
      {"a Cyrillic letter that looks like one", "НR-7"},
      {"a filler that does not show", "HR-7\u3164"},
      {"an empty pattern of Braille", "HR-7\u2800"},
      {"a mark on a letter, of another block", "HR-7\u20d7"},
  };
  for (const auto& row : nones) EXPECT_EQ(FoldReference(row.text), "") << row.why;
}

TEST(Founders, WhoMayBegin) {
  const struct {
    const char* why;
    void (*change)(BootstrapPlan&);
    const char* says;  // "": they may
  } rows[] = {
      {"two managers", [](BootstrapPlan&) {}, ""},
      {"and an officer who agrees to nothing",
       [](BootstrapPlan& plan) {
         plan.founders.push_back(Manager("carla"));
         plan.founders.back().role = "security-officer";
       },
       ""},
      {"two of each organisation",
       [](BootstrapPlan& plan) {
         for (const char* name : {"dora", "emil"}) {
           plan.founders.push_back(Manager(name));
           plan.founders.back().organisation = OrganisationId(2);
           plan.founders.back().office = std::nullopt;
         }
       },
       ""},
      {"one of an organisation",
       [](BootstrapPlan& plan) {
         plan.founders.push_back(Manager("dora"));
         plan.founders.back().organisation = OrganisationId(2);
         plan.founders.back().office = std::nullopt;
       },
       "organisation 2 needs two founders"},
      {"one who agrees", [](BootstrapPlan& plan) { plan.founders[1].role = "security-officer"; },
       "organisation 1 needs two founders"},
      {"one human with two accounts",
       [](BootstrapPlan& plan) { plan.founders[1].human = plan.founders[0].human; },
       "agents:bruno is the same human"},
      {"one account twice",
       [](BootstrapPlan& plan) { plan.founders[1].account = plan.founders[0].account; },
       "agents:anna is there twice"},
      {"no account", [](BootstrapPlan& plan) { plan.founders[0].account = "anna"; },
       "anna is no account"},
      {"an organisation of nobody",
       [](BootstrapPlan& plan) { plan.founders[0].organisation = OrganisationId(9); },
       "of an organisation that the policy does not have"},
      {"an office of another organisation",
       [](BootstrapPlan& plan) { plan.founders[0].office = OfficeId(201); },
       "of an office that the policy does not have"},
      {"no such role", [](BootstrapPlan& plan) { plan.founders[0].role = "root"; },
       "has a role that the policy does not have"},
      {"who is shown people", [](BootstrapPlan& plan) { plan.founders[0].role = "adviser"; },
       "another kind than officer"},
      {"an application", [](BootstrapPlan& plan) { plan.founders[0].role = "case-application"; },
       "another kind than officer"},
      {"the server itself", [](BootstrapPlan& plan) { plan.founders[0].role = "system"; },
       "another kind than officer"},
      {"who has expired", [](BootstrapPlan& plan) { plan.founders[0].expires = "2027-01-01"; },
       "has expired"},
      {"the last day there may be",
       [](BootstrapPlan& plan) { plan.founders[0].expires = "2028-02-05"; }, ""},
      {"a day more", [](BootstrapPlan& plan) { plan.founders[0].expires = "2028-02-06"; },
       "more than 400 days"},
  };
  for (const auto& row : rows) {
    BootstrapPlan plan{{}, {Manager("anna"), Manager("bruno")}};
    row.change(plan);
    std::vector<std::string> problems;
    const Status may = CheckFounders(plan, *Rules(), kNowMs, problems);
    EXPECT_EQ(may.ok(), std::string_view(row.says).empty()) << row.why;
    const bool says = std::ranges::any_of(problems, [&row](const std::string& problem) {
      return problem.find(row.says) != std::string::npos;
    });
    EXPECT_EQ(says, !may.ok()) << row.why << ": " << (problems.empty() ? "" : problems[0]);
  }
}

TEST(Founders, OrganisationsThatNobodyBeginsAreSaid) {
  BootstrapPlan plan{{}, {Manager("anna"), Manager("bruno")}};
  EXPECT_EQ(WithoutFounders(plan, *Rules()), std::vector<std::string>{"Cap Emploi"});
  plan.founders[1].organisation = OrganisationId(2);
  EXPECT_TRUE(WithoutFounders(plan, *Rules()).empty());
}

}  // namespace
}  // namespace cloison::access
