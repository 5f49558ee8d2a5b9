// cloison verify and cloison ledger sample, as an auditor types them.
#include <gtest/gtest.h>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

constexpr char kTessera[] =
    "tests/vectors/tlog-tiles --key "
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx";

class VerifyTest : public ::testing::Test {
 public:
  // In the folder of this test: log is a sample of 600 entries, old one of 500.
  Ended Run(const std::string& command) {
    return Shell("schemas=\"$PWD/schemas\"; cd '" + folder_.path() + "'; " + command);
  }
  void SetUp() override {
    const Ended made =
        Run("\"$cloison\" ledger sample --entries 600 --out log && "
            "\"$cloison\" ledger sample --entries 500 --out old && "
            "printf '{}' > bad && mkdir empty");
    ASSERT_EQ(made.exit, 0) << made.err;
  }
  Folder folder_;
};

struct Row {
  const char* why;
  const char* command;
  int exit;
  const char* says;  // on either stream
};

void ExpectAll(VerifyTest& test, const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    const Ended ended = test.Run(row.command);
    EXPECT_EQ(ended.exit, row.exit) << row.why << "\n" << ended.out << ended.err;
    EXPECT_TRUE(Contains(ended.out + ended.err, row.says)) << row.why << "\n"
                                                           << ended.out << ended.err;
    // What the files say of anybody is said by nobody.
    EXPECT_FALSE(Contains(ended.out + ended.err, "adviser")) << row.why;
    EXPECT_FALSE(Contains(ended.out + ended.err, "contact.")) << row.why;
  }
}

TEST_F(VerifyTest, OptionsAreTakenOrRefusedInWords) {
  ExpectAll(
      *this,
      {
          {"a sample", "\"$cloison\" verify log --key log/key.pub", 0, "600"},
          {"its key as it is", "\"$cloison\" verify log --key \"$(cat log/key.pub)\"", 0, "600"},
          {"in JSON", "\"$cloison\" verify log --key log/key.pub --json", 0, "\"ok\":true"},
          {"in lines", "\"$cloison\" verify log --key log/key.pub --plain", 0, "size\t600"},
          {"its witness", "\"$cloison\" verify log --key log/key.pub --witness log/witness.pub", 0,
           "witness.cloison.example"},
          {"since yesterday", "\"$cloison\" verify log --key log/key.pub --since old/checkpoint", 0,
           "344"},
          {"a log rolled back", "\"$cloison\" verify old --key log/key.pub --since log/checkpoint",
           1, "rolled_back"},
          {"kept for tomorrow",
           "\"$cloison\" verify log --key log/key.pub --keep kept && cmp kept log/checkpoint", 0,
           ""},
          {"nothing is kept of a fault",
           "\"$cloison\" verify old --key log/key.pub --since log/checkpoint --keep none; [ ! -e "
           "none "
           "]",
           0, "FAULT"},
          {"a folder that takes nothing",
           "\"$cloison\" verify log --key log/key.pub --keep /none/x", 1, "--keep"},
          {"a person's file", "\"$cloison\" verify log --key log/key.pub --person log/person.json",
           0, "from 0 to before 10: 9 opened, 1 expired"},
          {"with the schema",
           "\"$cloison\" verify log --key log/key.pub --person log/person.json --schema "
           "\"$schemas/job-seekers.toml\" --json",
           0, "\"unsealed\":1"},
          {"with another schema",
           "sed 's/^name = \"phone\"$/name = \"fone\"/' \"$schemas/job-seekers.toml\" > "
           "other.toml; "
           "\"$cloison\" verify log --key log/key.pub --person log/person.json --schema other.toml",
           1, "/fields"},
          {"a person's file of yesterday",
           "\"$cloison\" verify log --key log/key.pub --person old/person.json", 0, "1 came later"},
          {"a person's file and an older log",
           "\"$cloison\" verify old --key log/key.pub --person log/person.json", 1, "rolled_back"},
          {"a row left out",
           "sed 's/\"items\":\\[{[^}]*},\"published\":true},/\"items\":[/' log/person.json > cut; "
           "! cmp -s cut log/person.json && \"$cloison\" verify log --key log/key.pub --person cut",
           1, ""},
          {"an officer's file",
           "\"$cloison\" verify log --key log/key.pub --officer log/officer.json", 0,
           "18 entries, none missing"},
          {"no person's file", "\"$cloison\" verify log --key log/key.pub --person bad", 1,
           "person, byte 0"},
          {"a person's file that is nowhere",
           "\"$cloison\" verify log --key log/key.pub --person none", 2, "--person"},
          {"an officer's file that is nowhere",
           "\"$cloison\" verify log --key log/key.pub --officer none", 2, "--officer"},
          {"no schema",
           "\"$cloison\" verify log --key log/key.pub --person log/person.json --schema bad", 2,
           "--schema"},
          {"a person's file needs the whole log",
           "\"$cloison\" verify log --key log/key.pub --person log/person.json --since "
           "old/checkpoint",
           2, "--since"},
          {"a person's file and an officer's",
           "\"$cloison\" verify log --key log/key.pub --person log/person.json --officer "
           "log/officer.json",
           2, "one at a time"},
          {"a store without a configuration",
           "\"$cloison\" verify log --key log/key.pub --store none", 2, "--store"},
          {"a configuration that is none",
           "echo 'dta = 1' > wrong.toml; "
           "\"$cloison\" verify log --key log/key.pub --store wrong.toml",
           2, "dta"},
          {"a configuration of no register",
           "printf 'mode = \"development\"\\ndata = \"%s/none\"\\ncredentials = \"%s\"\\n' "
           "\"$PWD\" "
           "\"$PWD\" > empty.toml; "
           "\"$cloison\" verify log --key log/key.pub --store empty.toml; code=$?; "
           "[ ! -e none ] && exit $code",
           2, "no register"},
          {"no daemon",
           "CLOISON_DAEMON=/none \"$cloison\" verify log --key log/key.pub --store bad", 5,
           "cloisond"},
          {"not the head of a log", "\"$cloisond\" verify-store --config bad --published 5:x", 2,
           "--published"},
      });
}

TEST_F(VerifyTest, OptionsAreTakenOrRefusedInWordsFurther) {
  ExpectAll(
      *this,
      {
          {"no log", "\"$cloison\" verify", 2, "log"},
          {"no key", "\"$cloison\" verify log", 2, "--key"},
          {"no such directory", "\"$cloison\" verify none --key log/key.pub", 2, "no directory"},
          {"a file for a directory", "\"$cloison\" verify bad --key log/key.pub", 2,
           "no directory"},
          {"an empty directory", "\"$cloison\" verify empty --key log/key.pub", 1, "checkpoint"},
          {"a key that is none", "\"$cloison\" verify log --key bad", 2, "--key"},
          {"a key that is nowhere", "\"$cloison\" verify log --key none", 2, "--key"},
          {"a directory for a key", "\"$cloison\" verify log --key empty", 2, "--key"},
          {"a key without an end", "\"$cloison\" verify log --key /dev/zero", 2, "--key"},
          {"a witness's key for the log's", "\"$cloison\" verify log --key log/witness.pub", 2,
           "witness"},
          {"the log's key for a witness's",
           "\"$cloison\" verify log --key log/key.pub --witness log/key.pub", 2, "cosignatures"},
          {"a witness that is none", "\"$cloison\" verify log --key log/key.pub --witness bad", 2,
           "--witness"},
          {"a quorum of nobody", "\"$cloison\" verify log --key log/key.pub --quorum 1", 2,
           "quorum"},
          {"a quorum that is no number", "\"$cloison\" verify log --key log/key.pub --quorum x", 2,
           ""},
          {"a negative quorum", "\"$cloison\" verify log --key log/key.pub --quorum -1", 2, ""},
          {"since nothing", "\"$cloison\" verify log --key log/key.pub --since bad", 2, "--since"},
          {"since nowhere", "\"$cloison\" verify log --key log/key.pub --since none", 2, "--since"},
          {"another log's checkpoint",
           "\"$cloison\" ledger sample --seed 2 --out other; "
           "\"$cloison\" verify log --key log/key.pub --since other/checkpoint",
           1, "since"},
          {"another log's key",
           "\"$cloison\" ledger sample --seed 3 --out third; "
           "\"$cloison\" verify log --key third/key.pub",
           1, "signature"},
          {"no URL", "\"$cloison\" verify ftp://127.0.0.1/ --key log/key.pub", 2, "no URL"},
          {"no authority", "\"$cloison\" verify https://127.0.0.1:1/ --key log/key.pub --ca none",
           2, "--ca"},
          {"nobody there", "\"$cloison\" verify http://127.0.0.1:1/ --key log/key.pub", 69,
           "unreadable"},
          {"a sample into something", "\"$cloison\" ledger sample --out log", 2, "not empty"},
          {"a sample without an end",
           "\"$cloison\" ledger sample --out x --entries 1000000001; [ ! -e x ]", 0, "at most"},
          {"a sample of less than nothing", "\"$cloison\" ledger sample --out x --entries -1", 2,
           ""},
          {"a sample nowhere", "\"$cloison\" ledger sample --out /none/x/y", 1, "/none/x/y"},
          {"no noun's verb", "\"$cloison\" ledger", 2, ""},
      });
}

TEST_F(VerifyTest, NamesThePlaceOfAFault) {
  const Ended fault =
      Run("chmod u+w log/tile/0/001 && printf x | "
          "dd of=log/tile/0/001 bs=1 seek=333 conv=notrunc 2>/dev/null && "
          "\"$cloison\" verify log --key log/key.pub --json");
  EXPECT_EQ(fault.exit, 1);
  EXPECT_TRUE(Contains(fault.out,
                       "\"kind\":\"tile\",\"path\":\"tile/0/001\",\"byte\":333,"
                       "\"entry\":266"))
      << fault.out;
}

// The store of a register that was killed in the middle: nothing is recovered, and all holds.
TEST(VerifyStoreTest, HoldsARealRegisterAgainstItsLedger) {
  World world(1'000);
  ASSERT_TRUE(world.Start());
  const Ended found =
      Shell("\"$cloison\" disclose self --fields contact.email --purpose own --json " +
            world.As("citizen.one"));
  EXPECT_EQ(found.exit, 0) << found.err;
  const std::string store = world.folder().path("store.toml");
  WriteFile(store, "mode = \"development\"\ndata = \"" + world.folder().path("world/data") +
                       "\"\nkey_objects = \"" + world.folder().path("world/key-objects") +
                       "\"\ncredentials = \"" + world.folder().path("world/credentials") + "\"\n");
  const std::string audit = "\"$cloisond\" verify-store --config '" + store + "'";
  const Ended busy = Shell(audit);
  EXPECT_EQ(busy.exit, 69) << "in use" << busy.out << busy.err;
  world.Kill();
  const Ended good = Shell(audit);
  EXPECT_EQ(good.exit, 0) << good.out << good.err;
  EXPECT_TRUE(Contains(good.out, "{\"ok\":true,")) << good.out;
  EXPECT_TRUE(Contains(good.out, "\"loaded\":1000,\"expired\":0,")) << good.out;
  // Against the published log of another register.
  const std::string log = world.folder().path("log-of-others");
  const Ended other = Shell("\"$cloison\" ledger sample --entries 2 --out '" + log + "' && " +
                            "\"$cloison\" verify '" + log + "' --key '" + log +
                            "/key.pub' --json --store '" + store + "'");
  EXPECT_EQ(other.exit, 1) << other.out << other.err;
  EXPECT_TRUE(Contains(other.out, "\"store\":{\"ok\":false,")) << other.out;
  EXPECT_TRUE(Contains(other.out, "not those that are published")) << other.out;
  // Nothing was changed: the register goes on.
  EXPECT_TRUE(world.Start());
}

// A register that runs: its log as a stranger reads it, and what a citizen is given of themself.
TEST(VerifyRegisterTest, ACitizensAnswerHoldsAgainstThePublishedLog) {
  World world(1'000);
  ASSERT_TRUE(world.Start());
  const Ended asked = Shell(
      "d='" + world.folder().path("world/credentials") + "'; s=" + world.server() + "; cd '" +
      world.folder().path() + "'; " +
      "\"$cloison\" disclose self --fields contact.email --purpose own " + world.As("citizen.one") +
      " > shown && curl -sS --fail --cacert \"$d/ca.pem\" --cert \"$d/citizen.one.pem\" "
      "--key \"$d/citizen.one.key\" -H 'prefer: proof' "
      "-H \"authorization: Bearer $(cat \"$d/citizen.one.token\")\" $s/v1/me/disclosures > page && "
      // The key by this way only here: it is the register's own word.
      "sed 's/.*\"key\":\"\\([^\"]*\\)\".*/\\1/' page > key.pub && sleep 2 && "
      "\"$cloison\" verify $s/ledger --ca \"$d/ca.pem\" --key key.pub --person page --json");
  EXPECT_EQ(asked.exit, 0) << asked.out << asked.err;
  EXPECT_TRUE(Contains(asked.out, "\"rows\":2,")) << asked.out;
  EXPECT_TRUE(Contains(asked.out, "\"newer\":0,")) << asked.out;
  const Ended cut =
      Shell("d='" + world.folder().path("world/credentials") + "'; cd '" + world.folder().path() +
            "'; sed 's/\"end\":2/\"end\":1/' page > cut; \"$cloison\" verify " + world.server() +
            "/ledger --ca \"$d/ca.pem\" --key key.pub --person cut");
  EXPECT_EQ(cut.exit, 1) << cut.out << cut.err;
  EXPECT_TRUE(Contains(cut.out, "person/items/0")) << cut.out;
}

// Each page is read by an entry of its own, which only its receipt tells of.
TEST(VerifyRegisterTest, ACitizensPagesHoldTogether) {
  World world(1'000);
  ASSERT_TRUE(world.Start());
  const std::string in = "d='" + world.folder().path("world/credentials") +
                         "'; s=" + world.server() + "; cd '" + world.folder().path() + "'; ";
  const Ended read = Shell(
      in + "\"$cloison\" disclose self --fields contact.email --purpose own " +
      world.As("citizen.one") +
      " > shown && get() { curl -sS --fail --cacert \"$d/ca.pem\" --cert \"$d/citizen.one.pem\" "
      "--key \"$d/citizen.one.key\" -H 'prefer: proof' "
      "-H \"authorization: Bearer $(cat \"$d/citizen.one.token\")\" "
      "\"$s/v1/me/disclosures?page_size=1$1\"; } && "
      "next() { sed 's/.*\"next_page_token\":\"\\([^\"]*\\)\".*/\\1/' $1; } && "
      "get > page.1 && sleep 2 && get \"&page_token=$(next page.1)\" > page.2 && sleep 2 && "
      "sed 's/.*\"key\":\"\\([^\"]*\\)\".*/\\1/' page.1 > key.pub");
  ASSERT_EQ(read.exit, 0) << read.out << read.err;
  const std::string verify = in + "\"$cloison\" verify $s/ledger --ca \"$d/ca.pem\" --key key.pub ";
  const Ended both = Shell(verify + "--person page.1 --person page.2 --json");
  EXPECT_EQ(both.exit, 0) << both.out << both.err;
  EXPECT_TRUE(Contains(both.out, "\"rows\":2,")) << both.out;
  EXPECT_TRUE(Contains(both.out, "\"later\":1")) << both.out;
  // The older alone leaves out what the log had.
  const Ended alone = Shell(verify + "--person page.2");
  EXPECT_EQ(alone.exit, 1) << alone.out << alone.err;
  EXPECT_TRUE(Contains(alone.out, "person n=1")) << alone.out;
}

TEST(VerifyTesseraTest, AcceptsALogThatOthersWrote) {
  const Ended ended = Shell("\"$cloison\" verify " + std::string(kTessera));
  EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
  EXPECT_TRUE(Contains(ended.out, "15 entries")) << ended.out;
}

}  // namespace
}  // namespace cloison::e2e
