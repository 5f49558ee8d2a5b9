// What the command line does of oneself, of one person and of two people, on a running server.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

namespace fs = std::filesystem;

class VerbsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(world_.Start()) << ReadFile(path("log"));
    codes_ = CaseloadOf("adviser.ft");
    ASSERT_GE(codes_.size(), 3u);
  }
  std::string path(const std::string& name) const { return world_.folder().path(name); }
  Ended Cloison(const std::string& words, const std::string& who) const {
    return Shell("\"$cloison\" " + words + " " + world_.As(who));
  }
  std::vector<std::string> CaseloadOf(const std::string& agent) const {
    const Ended shown = Cloison("caseload show --plain", agent);
    EXPECT_EQ(shown.exit, 0) << shown.err;
    std::vector<std::string> codes;
    for (const std::string& line : LinesOf(shown.out)) {
      if (!line.empty()) codes.push_back(line.substr(0, line.find('\t')));
    }
    return codes;
  }
  static std::string Later() {
    return Shell("date -u -d '+10 days' +%Y-%m-%dT00:00:00Z | tr -d '\\n'").out;
  }
  // Asked with exit 4, and agreed to. Gives what was told when it was asked for.
  std::string Agreed(const std::string& words, const std::string& asker,
                     const std::string& other) const {
    const Ended asked = Cloison(words + " --plain", asker);
    EXPECT_EQ(asked.exit, 4) << words << asked.out << asked.err;
    const std::string approval = asked.out.substr(0, asked.out.find('\t'));
    EXPECT_EQ(Cloison("approval approve " + approval, asker).exit, 3) << "nobody agrees alone";
    const Ended agreed = Cloison("approval approve " + approval, other);
    EXPECT_EQ(agreed.exit, 0) << words << agreed.err;
    return asked.out;
  }
  struct Row {
    const char* why;
    std::string words;
    const char* as;
    int exit;
    const char* says;  // on either stream
  };
  void Expect(const std::vector<Row>& rows) const {
    for (const Row& row : rows) {
      const Ended ended = Cloison(row.words, row.as);
      EXPECT_EQ(ended.exit, row.exit) << row.why << "\n" << ended.out << ended.err;
      EXPECT_TRUE(Contains(ended.out + ended.err, row.says)) << row.why << "\n"
                                                             << ended.out << ended.err;
    }
  }

  World world_{1'500};
  std::vector<std::string> codes_;
};

// The approval that a refusal at a spent budget names can be asked for here.
TEST_F(VerbsTest, ARaiseIsSeenByWhomItIsFor) {
  const std::string raise = "principal raise adviser.ft --reason 'plant closure' --until ";
  const std::string until = raise + Later();
  Expect({
      {"before", "me show --plain", "adviser.ft", 0, "caps.opened.day\t150"},
      {"for oneself", until + " --cap opened/day=300", "adviser.ft", 3, "no_right"},
      {"ten times the class", until + " --cap opened/day=1500", "manager.a", 2, ""},
      {"no such counter", until + " --cap read/day=300", "manager.a", 2, "counter"},
      {"over already", raise + "2020-01-01T00:00:00Z --cap opened/day=300", "manager.a", 2, ""},
  });
  const std::string asked =
      Agreed(until + " --cap opened/day=300 --cap opened/hour=90", "manager.a", "manager.b");
  EXPECT_TRUE(Contains(asked, "\traise\tpending\tmanager.a\tadviser.ft\t")) << asked;
  Expect({
      {"the day's", "me show --plain", "adviser.ft", 0, "caps.opened.day\t300"},
      {"the hour's", "me show --plain", "adviser.ft", 0, "caps.opened.hour\t90"},
      {"in words", "me show", "adviser.ft", 0, " of 300"},
      {"nobody holds them back", "me show", "adviser.ft", 0, "rung    0"},
      {"of others", "principal show adviser.ft", "manager.a", 0, "adviser"},
  });
}

TEST_F(VerbsTest, ACaseloadGoesToOthers) {
  const std::string transfer = "caseload transfer adviser.ft --reason HR-2044 --to ";
  Expect({
      {"by the agent", transfer + "adviser.ft.002", "adviser.ft", 3, "no_right"},
      {"to nobody", transfer + "nobody", "manager.a", 5, "not_available"},
  });
  const std::string asked = Agreed(transfer + "adviser.ft.002", "manager.a", "manager.b");
  EXPECT_TRUE(Contains(asked, "\ttransfer\tpending\tmanager.a\tadviser.ft\t")) << asked;
  EXPECT_EQ(CaseloadOf("adviser.ft"), std::vector<std::string>());
}

TEST_F(VerbsTest, ARecordIsChangedAndErased) {
  const std::string& code = codes_[0];
  const std::string read =
      "disclose " + code + " --fields contact.email --purpose support --case A1";
  WriteFile(path("changes"), R"({"contact.email": "ines.durand@example.org"})");
  const std::string update = "person update " + code + " --case DE-1 --changes ";
  const std::string erase = "person erase " + code + " --reason RGPD-17-0042 --version ";
  Expect({
      {"the version is told", read, "adviser.ft", 0, "version 1"},
      {"without the right", update + path("changes") + " --version 1", "officer.privacy", 3,
       "no_right"},
      {"changed", update + path("changes") + " --version 1", "app.case", 0, "version 2"},
      {"somebody was faster", update + path("changes") + " --version 1", "app.case", 6,
       "version_changed"},
      {"as it is now", read, "adviser.ft", 0, "ines.durand@example.org"},
      {"erased without the right", erase + "2", "app.case", 3, "no_right"},
  });
  const Ended emptied = Shell("echo '{\"contact.email\": null}' | \"$cloison\" " + update +
                              "- --version 2 --plain " + world_.As("app.case"));
  EXPECT_EQ(emptied.out, code + "\t3\n") << emptied.err;
  Expect({{"a version that is gone", erase + "2", "officer.privacy", 6, "version_changed"}});
  const std::string asked = Agreed(erase + "3", "officer.privacy", "officer.privacy.b");
  EXPECT_TRUE(Contains(asked, "\terase\tpending\tofficer.privacy\t" + code + "\t")) << asked;
  Expect({{"nobody", read, "adviser.ft", 5, "not_available"}});
}

TEST_F(VerbsTest, PeopleWhoAreThereAndCitizens) {
  const std::string presence = "presence " + codes_[0] + " --agent adviser.ft --proof card";
  const std::string letter = "citizen letter-code " + codes_[0] + " --purpose support --case A1";
  const std::string did = "principal activity app.case --from 2024-02-06T00:00:00Z"
                          " --until 2200-01-01T00:00:00Z";
  Expect({
      {"a card was read", presence, "app.case", 0, "Present before adviser.ft."},
      {"by the agent", presence, "adviser.ft", 3, "no_right"},
      {"a letter", letter, "app.case", 0, "shown once"},
      {"a letter by an agent", letter, "adviser.ft", 3, "no_right"},
      {"a letter to nobody", "citizen letter-code 0000-0000-0000-0000", "app.case", 5, ""},
      {"bound, as no citizen", "citizen bind --letter-code 7KQ2-9TZD-1H7V-CX2M", "adviser.ft", 3,
       "no_right"},
      {"what an account did", did, "officer.security", 0, "allow"},
      {"as facts", did + " --plain", "officer.security", 0, "\tallow\t"},
      {"without the right to hold", did, "adviser.ft", 3, "no_right"},
      {"the house", "organisation list", "adviser.ft", 0, "France Travail"},
      {"the house, by numbers", "organisation list --plain", "adviser.ft", 0, "2\tCap Emploi\t"},
  });
}

TEST_F(VerbsTest, AProofOfOnesOwnDisclosure) {
  const Ended read =
      Cloison("disclose " + codes_[0] + " --fields contact.email --purpose support --case A1",
              "adviser.ft");
  const std::size_t at = read.out.find("acc_");
  ASSERT_NE(at, std::string::npos) << read.out << read.err;
  const std::string id = read.out.substr(at, read.out.find_first_of(" \n\x1b", at) - at);
  Expect({
      {"one's own", "ledger proof " + id, "adviser.ft", 0, "c2sp.org/tlog-proof@v1"},
      {"another's", "ledger proof " + id, "manager.a", 5, ""},
      {"none before", "ledger predecessors", "adviser.ft", 0, "the register's first"},
  });
}

TEST_F(VerbsTest, ACitizenKeepsTheProofsOfTheirTrail) {
  Expect({
      {"a look", "disclose self --fields identity.birth_name --purpose own", "citizen.one", 0, ""},
      {"the look", "me disclosures", "citizen.one", 0, "identity.birth_name"},
      {"of nobody", "me disclosures", "adviser.ft", 3, "no_right"},
      {"how one is signed in", "me session", "adviser.ft", 0, "of development"},
      {"as it came", "me session --json", "adviser.ft", 0, "\"methods\":[]"},
      {"refused, and no directory", "me disclosures --proofs " + path("looks"), "adviser.ft", 3,
       ""},
      {"with proofs", "me disclosures --proofs " + path("looks"), "citizen.one", 0,
       "cloison verify --person"},
      {"not over them", "me disclosures --proofs " + path("looks"), "citizen.one", 6, "already"},
  });
  const std::string page = path("looks/page-1.json");
  EXPECT_TRUE(Contains(ReadFile(page), "\"trail_key\"")) << ReadFile(page);
  EXPECT_EQ(fs::status(page).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const std::string key_of_log = "python3 -c 'import json; print(json.load(open(\"" + page +
                                 "\"))[\"proofs\"][\"logs\"][0][\"key\"])'";
  const Ended verified =
      Shell("\"$cloison\" verify " + world_.server() + "/ledger --ca " +
            path("world/credentials/ca.pem") + " --key \"$(" + key_of_log + ")\" --person " + page);
  EXPECT_EQ(verified.exit, 0) << verified.out << verified.err;
  EXPECT_TRUE(Contains(verified.out, "the person's numbers from")) << verified.out;
}

}  // namespace
}  // namespace cloison::e2e
