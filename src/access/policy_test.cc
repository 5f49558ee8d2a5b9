// What a policy is refused for: the demo's, with one thing wrong in it.
#include "access/policy.h"

#include <gtest/gtest.h>

#include "base/files.h"

namespace cloison::access {
namespace {

std::string TextOf(const std::string& path) {
  base::SystemFiles files;
  const Result<Bytes> bytes = files.Read(path);
  CLOISON_CHECK(bytes.ok());
  return std::string(AsText(*bytes));
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CLOISON_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string Grant(std::string_view purpose, std::string_view relation, std::string_view form,
                  std::string_view field, std::string_view role = "adviser") {
  return "\n[[grant]]\nrole = \"" + std::string(role) + "\"\npurpose = \"" + std::string(purpose) +
         "\"\nrelation = \"" + std::string(relation) + "\"\nform = \"" + std::string(form) +
         "\"\nfields = [\"" + std::string(field) + "\"]\n";
}

class PolicyParsing : public ::testing::Test {
 protected:
  PolicyParsing() {
    std::vector<std::string> problems;
    schema_ = *records::Schema::Parse(TextOf("schemas/job-seekers.toml"), &problems);
  }
  // What is wrong with it, one line each; empty: nothing.
  std::string ProblemsOf(const std::string& toml) {
    std::vector<std::string> problems;
    const auto policy = Policy::Parse(toml, *schema_, &problems);
    EXPECT_EQ(policy.ok(), problems.empty());
    std::string all;
    for (const std::string& problem : problems) all += problem + "\n";
    return all;
  }

  const std::string good_ = TextOf("examples/demo/policy.toml");
  std::shared_ptr<const records::Schema> schema_;
};

TEST_F(PolicyParsing, Refusals) {
  struct Row {
    const char* why;
    std::string toml;
    const char* want;  // in what is said of it; empty: accepted
  };
  const std::string nir = "civil_number.nir";
  const std::string investigators = Grant("judicial", "any", "plain", "agency", "investigator");
  const std::string sealed = investigators + "sealed = true\n";
  const Row rows[] = {
      {"as it is", good_, ""},
      {"the number in plain form without a decree", good_ + Grant("support", "any", "plain", nir),
       "decree"},
      {"the same by its compartment",
       good_ + Grant("reception", "caseload", "plain", "civil_number"), "decree"},
      {"the same by everything", good_ + Grant("adaptation", "caseload", "plain", "*"), "decree"},
      {"masked it may be", good_ + Grant("support", "any", "masked", nir), ""},
      {"with a decree it may be", good_ + Grant("benefit", "any", "plain", nir), ""},
      {"one's own it may be", good_ + Grant("own", "self", "plain", nir, "citizen"), ""},
      {"a field that there is not", good_ + Grant("support", "any", "plain", "contact.phon"),
       "nearest: 'contact.phone'"},
      {"a purpose that there is not", good_ + Grant("curiosity", "any", "plain", "contact"),
       "no purpose"},
      {"a role that there is not", good_ + Grant("support", "any", "plain", "contact", "anybody"),
       "no role"},
      {"a relation that there is not", good_ + Grant("support", "friend", "plain", "contact"),
       "no relation"},
      {"a form that there is not", good_ + Grant("support", "any", "whole", "contact"), "no form"},
      {"a role without a class",
       Replaced(good_, "class = \"case-worker\"", "class = \"unlimited\""), "no class"},
      {"a role twice",
       good_ + "\n[[role]]\nname = \"adviser\"\nkind = \"agent\"\nclass = \"citizen\"\n", "twice"},
      {"a right that there is not", Replaced(good_, "\"hold\", \"unseal\"", "\"hold\", \"unlock\""),
       "no right"},
      {"a day that is shorter than its hour",
       Replaced(good_, "opened = [60, 150,", "opened = [60, 50,"), "shrink"},
      {"three windows", Replaced(good_, "[60, 150, 400, 800]", "[60, 150, 400]"), "four caps"},
      {"a key that there is not", Replaced(good_, "version = 1", "version = 1\nopen = true"),
       "open"},
      {"one more sealed grant", good_ + sealed, ""},
      {"a grant of a sealed purpose that does not say so", good_ + investigators,
       "needs sealed = true"},
      {"one that says no", good_ + investigators + "sealed = false\n", "needs sealed = true"},
      {"a sealed grant of an open purpose",
       good_ + Grant("reception", "any", "plain", "identity", "investigator") + "sealed = true\n",
       "the purpose 'reception' has no sealed"},
      {"a sealed grant to a role that is not named for it",
       good_ + Grant("judicial", "any", "plain", "identity") + "sealed = true\n",
       "the role 'adviser' has no sealed"},
      {"a role named for it may have an open grant",
       good_ + Grant("reception", "any", "plain", "identity", "investigator"), ""},
      {"a sealed grant to oneself",
       good_ + Grant("judicial", "self", "plain", "identity", "investigator") + "sealed = true\n",
       "never to oneself"},
      {"sealed is yes or no", good_ + investigators + "sealed = \"yes\"\n", "sealed"},
      {"a role that is no longer named for it",
       Replaced(good_, "class = \"investigator\"\nsealed = true", "class = \"investigator\""),
       "the role 'investigator' has no sealed"},
      {"a purpose that is no longer sealed",
       Replaced(good_, "name = \"judicial\"\nsealed = true", "name = \"judicial\""),
       "the purpose 'judicial' has no sealed"},
      {"no version", Replaced(good_, "version = 1", ""), "version"},
  };
  for (const Row& row : rows) {
    const std::string problems = ProblemsOf(row.toml);
    EXPECT_EQ(problems.empty(), row.want[0] == '\0') << row.why << ": " << problems;
    EXPECT_NE(problems.find(row.want), std::string::npos) << row.why << ": " << problems;
  }
}

}  // namespace
}  // namespace cloison::access
