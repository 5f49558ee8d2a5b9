// What a policy is refused for: the demo's, with one thing wrong in it.
#include "access/policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>

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

// The line of `needle`, of its last place in `text`.
int LineOf(std::string_view text, std::string_view needle) {
  const std::size_t at = text.rfind(needle);
  CLOISON_CHECK(at != std::string_view::npos);
  return static_cast<int>(1 + std::ranges::count(text.substr(0, at), '\n'));
}

struct Row {
  const char* why;
  std::string toml;
  const char* want;     // in what is said of it; empty: accepted
  const char* at = "";  // on the line where this is last; empty: whichever
};

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

  void Check(std::span<const Row> rows) {
    for (const Row& row : rows) {
      const std::string problems = ProblemsOf(row.toml);
      EXPECT_EQ(problems.empty(), row.want[0] == '\0') << row.why << ": " << problems;
      EXPECT_NE(problems.find(row.want), std::string::npos) << row.why << ": " << problems;
      if (row.at[0] == '\0') continue;
      const std::string line = "line " + std::to_string(LineOf(row.toml, row.at)) + ": ";
      EXPECT_NE(problems.find(line), std::string::npos)
          << row.why << ", not on " << line << ": " << problems;
    }
  }

  const std::string good_ = TextOf("examples/demo/policy.toml");
  std::shared_ptr<const records::Schema> schema_;
};

std::string Table(std::string_view name, std::string_view body) {
  return "\n[[" + std::string(name) + "]]\n" + std::string(body) + "\n";
}

std::string RoleOf(std::string_view kind, std::string_view more) {
  return Table("role", "name = \"new\"\nkind = \"" + std::string(kind) +
                           "\"\nclass = \"officer\"\n" + std::string(more));
}

std::string Ceiling(std::string_view scope, int minutes, int buckets, std::string_view caps) {
  return Table("ceiling", "scope = \"" + std::string(scope) +
                              "\"\nbucket_minutes = " + std::to_string(minutes) +
                              "\nbuckets = " + std::to_string(buckets) + "\n" + std::string(caps));
}

TEST_F(PolicyParsing, Grants) {
  const std::string nir = "civil_number.nir";
  const Row rows[] = {
      {"as it is", good_, ""},
      {"the number in plain form without a decree", good_ + Grant("support", "any", "plain", nir),
       "decree", "fields"},
      {"the same by its compartment",
       good_ + Grant("reception", "caseload", "plain", "civil_number"), "decree"},
      {"the same by everything", good_ + Grant("adaptation", "explained", "plain", "*"), "decree"},
      {"masked it may be", good_ + Grant("support", "any", "masked", nir), ""},
      {"whether it is there may be asked", good_ + Grant("support", "any", "exists", nir), ""},
      {"whether it is this one may be asked", good_ + Grant("support", "any", "matches", nir), ""},
      {"with a decree it may be", good_ + Grant("benefit", "any", "plain", nir), ""},
      {"one's own it may be", good_ + Grant("own", "self", "plain", "contact", "citizen"), ""},
      {"a field that there is not", good_ + Grant("support", "any", "plain", "contact.phon"),
       "nearest: 'contact.phone'", "fields"},
      {"no field", Replaced(good_ + Grant("support", "any", "plain", "XX"), "[\"XX\"]", "[]"),
       "names the fields", "fields"},
      {"a purpose that there is not", good_ + Grant("suport", "any", "plain", "contact"),
       "no purpose 'suport'; the nearest is 'support'", "purpose ="},
      {"a role that there is not", good_ + Grant("support", "any", "plain", "contact", "advisor"),
       "no role 'advisor'; the nearest is 'adviser'", "role ="},
      {"a relation that there is not", good_ + Grant("support", "caselod", "plain", "contact"),
       "no relation 'caselod'; the nearest is 'caseload'", "relation ="},
      {"a form that there is not", good_ + Grant("support", "any", "match", "contact"),
       "no form 'match'; the nearest is 'matches'", "form ="},
      {"a form too many", good_ + Grant("support", "any", "", "contact"), "no form"},
  };
  Check(rows);
}

TEST_F(PolicyParsing, RolesClassesPurposes) {
  const Row rows[] = {
      {"a role without a class",
       Replaced(good_, "class = \"case-worker\"", "class = \"case-worke\""),
       "no class 'case-worke'; the nearest is 'case-worker'"},
      {"no role for the server", Replaced(good_, "kind = \"system\"", "kind = \"officer\""),
       "the server acts by"},
      {"a role of no kind", Replaced(good_, "kind = \"agent\"\n", ""), "kind"},
      {"a role of another kind", Replaced(good_, "kind = \"agent\"", "kind = \"agen\""),
       "no kind of role 'agen'; the nearest is 'agent'"},
      {"a role twice",
       good_ + "\n[[role]]\nname = \"adviser\"\nkind = \"agent\"\nclass = \"citizen\"\n",
       "role 'adviser' is given twice, first on line 71", "[[role]]"},
      {"a class twice", good_ + "\n[[class]]\nname = \"citizen\"\n",
       "class 'citizen' is given twice"},
      {"a purpose twice",
       good_ + Table("purpose", "name = \"own\"\ntext_fr = \"a\"\ntext_en = \"b\""),
       "purpose 'own' is given twice", "[[purpose]]"},
      {"a purpose that says nothing in French",
       good_ + Table("purpose", "name = \"new\"\ntext_fr = \"\"\ntext_en = \"b\""), "text_fr",
       "text_fr"},
      {"a purpose that says nothing in English",
       good_ + Table("purpose", "name = \"new\"\ntext_fr = \"a\"\ntext_en = \"\""), "text_en",
       "text_en"},
      {"a purpose of no English", good_ + Table("purpose", "name = \"new\"\ntext_fr = \"a\""),
       "text_en"},
      {"a purpose of no name",
       good_ + Table("purpose", "name = \"\"\ntext_fr = \"a\"\ntext_en = \"b\""), "1 to 64 bytes"},
      {"a right that there is not", Replaced(good_, "\"hold\", \"unseal\"", "\"hold\", \"unsel\""),
       "no right 'unsel'; the nearest is 'unseal'"},
      {"a right twice", Replaced(good_, "\"hold\", \"unseal\"", "\"hold\", \"hold\""), "twice"},
      {"a day that is shorter than its hour",
       Replaced(good_, "opened = [60, 150,", "opened = [60, 50,"), "shrink"},
      {"three windows", Replaced(good_, "[60, 150, 400, 800]", "[60, 150, 400]"), "four caps"},
      {"a cap below nothing", Replaced(good_, "[60, 150, 400, 800]", "[-1, 150, 400, 800]"),
       "caps"},
      {"a cap of everybody", Replaced(good_, "[60, 150, 400, 800]", "[60, 150, 400, 1_000_001]"),
       "caps"},
      {"a key that there is not", Replaced(good_, "version = 1", "version = 1\nopen = true"),
       "unknown key 'open'"},
      {"a key of a role that there is not", good_ + RoleOf("agent", "archives = true"),
       "unknown key 'archives'; the nearest is 'archive'", "archives"},
      {"no version", Replaced(good_, "version = 1", ""), "version"},
      {"version 0", Replaced(good_, "version = 1", "version = 0"), "version"},
      {"no TOML", good_ + "\n[[grant", "line"},
  };
  Check(rows);
}

TEST_F(PolicyParsing, SealedIsSaidThreeTimes) {
  const std::string investigators = Grant("judicial", "any", "plain", "agency", "investigator");
  const std::string sealed = investigators + "sealed = true\n";
  const Row rows[] = {
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
  };
  Check(rows);
}

TEST_F(PolicyParsing, SignIn) {
  const Row rows[] = {
      {"a level", good_ + RoleOf("agent", "levels = [\"eidas3\"]"), ""},
      {"no level", good_ + RoleOf("agent", "levels = []"), "levels", "levels"},
      {"a method", good_ + RoleOf("agent", "methods = [\"otp\", \"pwd\"]"), ""},
      {"the trap of the e-mail code", good_ + RoleOf("agent", "methods = [\"pwd\", \"mail\"]"),
       "not enough", "methods"},
      {"no method", good_ + RoleOf("agent", "methods = []"), "not enough", "methods"},
      {"a method that names none", good_ + RoleOf("agent", "methods = [\"mfa\"]"),
       "no method of sign-in 'mfa'", "methods"},
      {"a proof for ever", good_ + RoleOf("agent", "step_up_s = 28801"), "step_up_s"},
      {"an application that signs in", good_ + RoleOf("application", "levels = [\"eidas2\"]"),
       "nobody signs in", "levels"},
      {"a system that signs in", good_ + RoleOf("system", "methods = [\"otp\"]"), "nobody signs in",
       "methods"},
  };
  Check(rows);
}

TEST_F(PolicyParsing, WhoReadsNobody) {
  const Row rows[] = {
      {"an application that is shown somebody",
       good_ + Grant("support", "any", "masked", "identity", "case-application"), "is shown nobody",
       "[[grant]]"},
      {"one whose jobs seal what is granted",
       good_ + Grant("support", "any", "plain", "contact.email", "payment-application"), ""},
      {"masked they seal nothing",
       good_ + Grant("support", "any", "masked", "identity", "payment-application"),
       "granted plain, for any", "[[grant]]"},
      {"nor of a caseload that they have not",
       good_ + Grant("support", "caseload", "plain", "identity", "payment-application"),
       "granted plain, for any", "[[grant]]"},
      {"the number without a decree",
       good_ + Grant("support", "any", "plain", "civil_number.nir", "payment-application"),
       "decree"},
      {"without the right to run jobs",
       good_ + Grant("support", "any", "plain", "identity", "case-application"), "is shown nobody",
       "[[grant]]"},
      {"one that asks whether",
       good_ + Grant("support", "any", "exists", "identity", "case-application"), ""},
      {"a system with a grant", good_ + Grant("support", "any", "exists", "identity", "system"),
       "has no grants", "[[grant]]"},
      {"a citizen who reads others", good_ + Grant("own", "any", "masked", "identity", "citizen"),
       "relation self", "[[grant]]"},
      {"who enrols and reads",
       good_ + RoleOf("officer", "rights = [\"enrol\"]") +
           Grant("reception", "any", "masked", "identity", "new"),
       "who enrols reads nobody", "[[grant]]"},
      {"an agent who enrols", good_ + RoleOf("agent", "rights = [\"enrol\"]"), "an officer's"},
      {"an application that writes policies",
       good_ + RoleOf("application", "rights = [\"policy\"]"), "an officer's"},
  };
  Check(rows);
}

TEST_F(PolicyParsing, WhatContradicts) {
  const Row rows[] = {
      {"the same field plain and masked", good_ + Grant("support", "caseload", "masked", "contact"),
       "in another form by the grant on line", "[[grant]]"},
      {"the same for one organisation of all",
       good_ + Table("grant",
                     "organisation = 2\nrole = \"adviser\"\npurpose = \"support\"\n"
                     "relation = \"caseload\"\nform = \"plain\"\nfields = [\"bank\"]"),
       "in another form", "[[grant]]"},
      {"of another organisation it is another grant",
       good_ + Table("grant",
                     "organisation = 2\nrole = \"adviser\"\npurpose = \"reception\"\n"
                     "relation = \"any\"\nform = \"masked\"\nfields = [\"identity\"]"),
       ""},
      {"of another relation it is another grant",
       good_ + Grant("support", "any", "masked", "contact"), ""},
      {"the same form twice says the same",
       good_ + Grant("support", "caseload", "plain", "contact"), ""},
  };
  Check(rows);
}

TEST_F(PolicyParsing, OrganisationsAndOffices) {
  const std::string office = Table("office", "organisation = 1\nid = 101\nname = \"Lyon\"");
  const Row rows[] = {
      {"an office", good_ + office, ""},
      {"an office of no organisation",
       good_ + Table("office", "organisation = 3\nid = 1\nname = \"x\""), "of no organisation",
       "organisation = 3"},
      {"an office twice", good_ + office + office, "office '1/101' is given twice", "[[office]]"},
      {"an organisation twice", good_ + Table("organisation", "id = 2\nname = \"x\""),
       "organisation '2' is given twice", "[[organisation]]"},
      {"a second contact who signs in",
       good_ + Table("organisation", "id = 3\nname = \"x\"\nsecond_contact = \"agents:anna\""), ""},
      {"one of a demo",
       good_ + Table("organisation", "id = 3\nname = \"x\"\nsecond_contact = \"adviser.ft.3\""),
       ""},
      {"a mail address is no account",
       good_ + Table("organisation", "id = 3\nname = \"x\"\nsecond_contact = \"dpo@x.example\""),
       "name of an account", "second_contact"},
      {"nor is a name",
       good_ + Table("organisation", "id = 3\nname = \"x\"\nsecond_contact = \"Anna Blum\""),
       "name of an account", "second_contact"},
      {"an organisation of no name", good_ + Table("organisation", "id = 3\nname = \"\""),
       "1 to 128"},
      {"a département", good_ + Replaced(office, "name", "departements = [\"2A\",\"974\"]\nname"),
       ""},
      {"no département", good_ + Replaced(office, "name", "departements = [\"20\"]\nname"),
       "no département '20'", "departements"},
      {"a grant to no organisation",
       good_ + Table("grant",
                     "organisation = 9\nrole = \"adviser\"\npurpose = \"support\"\n"
                     "relation = \"any\"\nform = \"masked\"\nfields = [\"identity\"]"),
       "no organisation 9", "organisation = 9"},
  };
  Check(rows);
}

// What makes a reason count is that another than the reader gives it.
TEST_F(PolicyParsing, WhoSaysWhyOthersReadReadsNobody) {
  const auto role = [](std::string_view kind, std::string_view rights) {
    return RoleOf(kind, "rights = [" + std::string(rights) + "]");
  };
  const auto grant = [](std::string_view relation, std::string_view form) {
    return Table("grant", "role = \"new\"\npurpose = \"support\"\nrelation = \"" +
                              std::string(relation) + "\"\nform = \"" + std::string(form) +
                              "\"\nfields = [\"contact.phone\"]");
  };
  const auto agrees = [](std::string_view kind) {
    return Table("approval",
                 "kind = \"" + std::string(kind) + "\"\nasks = [\"new\"]\napproves = [\"new\"]");
  };
  const std::string reads = grant("explained", "plain");
  const Row rows[] = {
      {"an agent who reads", good_ + role("agent", "") + reads, ""},
      {"and assigns", good_ + role("agent", "\"assign\"") + reads,
       "has the right 'assign': who says why others read reads nobody", "[[grant]]"},
      {"and agrees to why others read", good_ + role("agent", "") + reads + agrees("access"),
       "agrees to approvals of kind 'access'", "[[grant]]"},
      {"and to more budget", good_ + role("agent", "") + reads + agrees("raise"),
       "agrees to approvals of kind 'raise'", "[[grant]]"},
      {"and to wider roles", good_ + role("agent", "") + reads + agrees("change"),
       "agrees to approvals of kind 'change'", "[[grant]]"},
      {"and to transfers", good_ + role("agent", "") + reads + agrees("transfer"),
       "agrees to approvals of kind 'transfer'", "[[grant]]"},
      {"and explains", good_ + role("agent", "\"explain\"") + reads, "has the right 'explain'",
       "[[grant]]"},
      {"and reviews", good_ + role("officer", "\"review\"") + reads, "has the right 'review'",
       "[[grant]]"},
      {"who is told yes or no", good_ + role("agent", "\"explain\"") + grant("any", "exists"),
       "has the right 'explain'", "[[grant]]"},
      {"who sees masks", good_ + role("agent", "\"assign\"") + grant("any", "masked"),
       "has the right 'assign'", "[[grant]]"},
      {"who only explains", good_ + role("agent", "\"explain\", \"assign\", \"review\""), ""},
      {"an application that explains asks in an agent's session",
       good_ + role("application", "\"explain\"") + grant("any", "matches"), ""},
  };
  Check(rows);
}

TEST_F(PolicyParsing, Ceilings) {
  const std::string office = Table("office", "organisation = 1\nid = 101\nname = \"Lyon\"");
  const std::string day = Ceiling("organisation", 60, 24, "opened = 100");
  const Row rows[] = {
      {"a ceiling", good_ + day, ""},
      {"one of everybody", good_ + Ceiling("register", 60, 24, "opened = 100"), ""},
      {"a scope that there is not", good_ + Ceiling("organization", 60, 24, "opened = 1"),
       "the nearest is 'organisation'", "scope"},
      {"of one principal", good_ + Ceiling("principal", 60, 24, "opened = 1"), "role's class",
       "scope"},
      {"of no counter", good_ + Ceiling("register", 60, 24, ""), "bounds nothing", "[[ceiling]]"},
      {"of no time", good_ + Ceiling("register", 0, 24, "opened = 1"), "bucket_minutes"},
      {"of 32 days", good_ + Ceiling("register", 1440, 32, "opened = 1"), "31 days", "buckets ="},
      {"of a register that names an organisation",
       good_ + Ceiling("register", 60, 24, "organisation = 1\nopened = 1"), "names no organisation",
       "organisation = 1"},
      {"of an office that there is not",
       good_ + office + Ceiling("office", 60, 24, "organisation = 1\noffice = 102\nopened = 1"),
       "no office 102 of organisation 1", "office = 102"},
      {"of an office of nobody",
       good_ + office + Ceiling("office", 60, 24, "office = 101\nopened = 1"),
       "with its organisation", "office = 101"},
      {"twice", good_ + day + day, "of the same people and time", "[[ceiling]]"},
      {"one that a longer one makes useless",
       good_ + Ceiling("organisation", 1440, 7, "opened = 99") + day, "can never be reached",
       "[[ceiling]]"},
      {"one that a wider one makes useless",
       good_ + Ceiling("register", 60, 24, "opened = 99") + day, "can never be reached",
       "[[ceiling]]"},
      {"of presences", good_ + Ceiling("office", 60, 24, "family = \"presence\"\nopened = 9"), ""},
      {"of presences, beside a lower one of the class",
       good_ + day + Ceiling("organisation", 60, 24, "family = \"presence\"\nopened = 900"), ""},
      {"of another family", good_ + Ceiling("office", 60, 24, "family = \"presense\"\nopened = 9"),
       "the nearest is 'presence'", "family"},
      {"of the overview", good_ + Ceiling("office", 60, 24, "family = \"overview\"\nopened = 9"),
       "no family 'overview'", "family"},
      {"a shorter one that is lower", good_ + day + Ceiling("register", 60, 1, "opened = 10"), ""},
  };
  Check(rows);
}

TEST_F(PolicyParsing, Explanations) {
  // The demo's own come last.
  const std::string bare = good_.substr(0, good_.find("[[explanation]]"));
  const Row rows[] = {
      {"an explanation",
       bare + Table("explanation", "kind = \"ticket\"\nper_day_max = 20\nlasts_minutes = 10080"),
       ""},
      {"a kind that there is not",
       bare + Table("explanation", "kind = \"tickets\"\nper_day_max = 20\nlasts_minutes = 60"),
       "the nearest is 'ticket'", "kind = \"tickets\""},
      {"without end",
       bare + Table("explanation", "kind = \"ticket\"\nper_day_max = 20\nlasts_minutes = 129601"),
       "lasts_minutes"},
      {"a ticket that the reader writes",
       bare + Table("explanation",
                    "kind = \"ticket\"\nper_day_max = 20\nlasts_minutes = 60\n"
                    "self_declared = true\nneeds_review = true"),
       "self_declared", "self_declared"},
      {"an emergency that nobody looks at",
       bare + Table("explanation",
                    "kind = \"emergency\"\nper_day_max = 5\nlasts_minutes = 60\n"
                    "self_declared = true"),
       "needs_review"},
      {"an explanation twice",
       bare + Table("explanation", "kind = \"ticket\"\nper_day_max = 20\nlasts_minutes = 60") +
           Table("explanation", "kind = \"ticket\"\nper_day_max = 20\nlasts_minutes = 60"),
       "twice", "[[explanation]]"},
  };
  Check(rows);
}

TEST_F(PolicyParsing, Approvals) {
  const Row rows[] = {
      {"an approval",
       good_ + Table("approval",
                     "kind = \"policy\"\nasks = [\"security-officer\"]\n"
                     "approves = [\"privacy-officer\"]"),
       ""},
      {"of two holders of one role",
       good_ + Table("approval",
                     "kind = \"policy\"\nasks = [\"security-officer\"]\n"
                     "approves = [\"security-officer\"]"),
       ""},
      {"a kind of approval that there is not",
       good_ +
           Table("approval", "kind = \"polcy\"\nasks = [\"manager\"]\napproves = [\"manager\"]"),
       "the nearest is 'policy'", "kind = \"polcy\""},
      {"that nobody answers",
       good_ + Table("approval", "kind = \"policy\"\nasks = [\"manager\"]\napproves = []"),
       "approves names nobody", "approves"},
      {"that a role answers which there is not",
       good_ + Table("approval", "kind = \"policy\"\nasks = [\"manager\"]\napproves = [\"x\"]"),
       "no role 'x'", "approves"},
      {"that a program answers",
       good_ + Table("approval",
                     "kind = \"policy\"\nasks = [\"manager\"]\n"
                     "approves = [\"case-application\"]"),
       "neither asks nor answers", "approves"},
      {"a circle of approvers, by rights",
       good_ + RoleOf("officer", "rights = [\"enrol\", \"policy\"]"), "a circle of approvers",
       "[[role]]"},
      {"a circle of approvers, by a table",
       good_ + RoleOf("officer", "rights = [\"enrol\"]") +
           Table("approval", "kind = \"policy\"\nasks = [\"new\"]\napproves = [\"new\"]"),
       "a circle of approvers", "[[role]]"},
      {"another approves: no circle",
       good_ + RoleOf("officer", "rights = [\"enrol\"]") +
           Table("approval",
                 "kind = \"policy\"\nasks = [\"new\"]\napproves = [\"privacy-officer\"]"),
       ""},
  };
  Check(rows);
}

TEST_F(PolicyParsing, TheArchive) {
  const Row rows[] = {
      {"an archive", good_ + "\n[archive]\nfield = \"status.until\"\nafter_days = 730\n", ""},
      {"by no date", good_ + "\n[archive]\nfield = \"identity.sex\"\nafter_days = 730\n",
       "of type date", "field ="},
      {"by nothing", good_ + "\n[archive]\nfield = \"status.untill\"\nafter_days = 730\n",
       "nearest: 'status.until'", "field ="},
      {"at once", good_ + "\n[archive]\nfield = \"status.until\"\nafter_days = 0\n", "after_days"},
      {"who looks into none", good_ + RoleOf("officer", "archive = true"), "there is no [archive]",
       "[[role]]"},
      {"a program that looks into it",
       good_ + "\n[archive]\nfield = \"status.until\"\nafter_days = 730\n" +
           RoleOf("application", "archive = true"),
       "nobody reads people as it", "[[role]]"},
  };
  Check(rows);
}

TEST_F(PolicyParsing, Detectors) {
  const std::string demo = TextOf("examples/demo/policy.toml");
  const std::string head = demo + "\n[detectors]\nact = true\n";
  const auto score = [&head](const std::string& lines) {
    return head + "[[detectors.score]]\n" + lines;
  };
  const auto pool = [&head](const std::string& lines) {
    return head + "[[detectors.pool]]\n" + lines;
  };
  const char* const kBounds = "bounds are 1 to 8 pairs";
  const std::vector<Row> rows = {
      {"the table's", head, ""},
      {"of all classes", score("score = \"D1/day\"\nbounds = [[7, 0.05], [14, 1e-3]]\n"), ""},
      {"of one", score("score = \"D2\"\nclass = \"case-worker\"\nbounds = [[1, 0.01]]\n"), ""},
      {"of the register", pool("score = \"D9/people/week\"\nbounds = [[900, 0.01]]\n"), ""},
      {"of an organisation",
       pool("organisation = 1\nscore = \"D9/pairs/day\"\nbounds = [[900, 0.01]]\n"), ""},
      {"thresholds", head + "thresholds = {r1 = 20, r5 = 500}\nhours = [7, 20]\n", ""},
      {"an unknown key", head + "acts = true\n", "unknown key 'acts'"},
      {"act is no number", demo + "\n[detectors]\nact = 1\n", "act"},
      {"no such score", score("score = \"D7/day\"\nbounds = [[7, 0.05]]\n"), "no score 'D7/day'"},
      {"no such class", score("score = \"D2\"\nclass = \"x\"\nbounds = [[1, 0.05]]\n"),
       "no class 'x'"},
      {"twice",
       score("score = \"D2\"\nbounds = [[1, 0.05]]\n[[detectors.score]]\nscore = \"D2\"\n"
             "bounds = [[1, 0.05]]\n"),
       "given twice"},
      {"no bounds", score("score = \"D2\"\n"), kBounds},
      {"none", score("score = \"D2\"\nbounds = []\n"), kBounds},
      {"nine",
       score("score = \"D2\"\nbounds = [[1,0.9],[2,0.8],[3,0.7],[4,0.6],[5,0.5],[6,0.4],"
             "[7,0.3],[8,0.2],[9,0.1]]\n"),
       kBounds},
      {"always", score("score = \"D2\"\nbounds = [[0, 0.05]]\n"), kBounds},
      {"certain", score("score = \"D2\"\nbounds = [[1, 1.0]]\n"), kBounds},
      {"never", score("score = \"D2\"\nbounds = [[1, 0.0]]\n"), kBounds},
      {"no number", score("score = \"D2\"\nbounds = [[1, nan]]\n"), ""},
      {"more often when higher", score("score = \"D2\"\nbounds = [[1, 0.1], [2, 0.1]]\n"), kBounds},
      {"falling counts", score("score = \"D2\"\nbounds = [[2, 0.1], [1, 0.01]]\n"), kBounds},
      {"not pairs", score("score = \"D2\"\nbounds = [1, 0.1]\n"), kBounds},
      {"a pool of nobody",
       pool("organisation = 9\nscore = \"D9/pairs/day\"\nbounds = [[9, 0.01]]\n"), "not there"},
      {"an office of nobody", pool("office = 9\nscore = \"D9/pairs/day\"\nbounds = [[9, 0.01]]\n"),
       "not there"},
      {"no such pool's score", pool("score = \"D9\"\nbounds = [[9, 0.01]]\n"), "no score 'D9'"},
      {"thresholds that fall", head + "thresholds = {r1 = 200}\n", "rise"},
      {"one of one", head + "thresholds = {r5 = 1}\n", "from 2"},
      {"hours that end before", head + "hours = [20, 7]\n", "hours are"},
  };
  for (const Row& row : rows) {
    const std::string said = ProblemsOf(row.toml);
    if (row.why == std::string_view("no number")) {
      EXPECT_NE(said, "") << row.why;
      continue;
    }
    if (*row.want == '\0') {
      EXPECT_EQ(said, "") << row.why;
    }
    EXPECT_NE(said.find(row.want), std::string::npos) << row.why << ": " << said;
  }
}

TEST_F(PolicyParsing, DetectorsBoundsAreTheClassesOrTheTables) {
  const std::string toml = TextOf("examples/demo/policy.toml") +
                           "\n[[detectors.score]]\nscore = \"D2\"\nbounds = [[3, 0.01]]\n"
                           "[[detectors.score]]\nscore = \"D2\"\nclass = \"case-worker\"\n"
                           "bounds = [[4, 0.01]]\n";
  std::vector<std::string> problems;
  const auto policy = Policy::Parse(toml, *schema_, &problems);
  ASSERT_TRUE(policy.ok());
  const DetectorsSpec& spec = (*policy)->detectors();
  EXPECT_FALSE(spec.act) << "shadow mode is what is not said";
  EXPECT_EQ(spec.BoundsOf("case-worker", Score::kDecoys)[0].at_least, 4u);
  EXPECT_EQ(spec.BoundsOf("counter", Score::kDecoys)[0].at_least, 3u);
  EXPECT_EQ(spec.BoundsOf("counter", Score::kOffDay)[0].at_least, 6u);
  EXPECT_TRUE(spec.BoundsOf(PoolKey{1, 0}, PoolScore::kPairsDay).empty());
  double sum = 0;
  for (const ScoreSpec& one : DefaultScores()) sum += one.weight;
  EXPECT_LE(sum, 1 + 1e-12);
}

TEST_F(PolicyParsing, HasLimits) {
  EXPECT_NE(ProblemsOf(good_ + "\n# " + std::string(kPolicyBytesMax, 'x')).find("160 KiB"),
            std::string::npos);
  std::string many = good_;
  for (std::size_t i = 0; i <= kPolicyTablesMax; ++i) many += "\n[[office]]";
  EXPECT_NE(ProblemsOf(many).find("too many of [[office]]"), std::string::npos);
}

}  // namespace
}  // namespace cloison::access
