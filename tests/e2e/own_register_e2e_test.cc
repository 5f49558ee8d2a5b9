// A register of one's own schema, policy and accounts, in development: a health payer's, whose
// schema is changed while it serves and is killed.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

constexpr int kPeople = 3'000;
constexpr int kKills = 4;

class OwnRegister : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(Shell("sed 's/^capacity = .*/capacity = 500/' schemas/insured-persons.toml > " +
                    Path("first.toml"))
                  .exit,
              0);
    const Ended made = Shell("\"$cloison\" init --development --schema " + Path("first.toml") +
                             " --policy examples/third-party-payer/policy.toml --principals "
                             "examples/third-party-payer/principals.toml " +
                             Path("payer"));
    ASSERT_EQ(made.exit, 0) << made.err;
    Shell("\"$cloison\" generate --schema insured-persons --people " + std::to_string(kPeople) +
          " --out " + Path("people.csv"));
  }
  void TearDown() override {
    if (server_ == nullptr) return;
    EXPECT_EQ(server_->Stop(), 0) << ReadFile(Path("err"));
  }
  std::string Path(const std::string& name) const { return folder_.path(name); }
  std::string Config() const { return Path("payer/cloison.toml"); }
  // True once it is ready.
  bool Start(const std::string& schema) {
    WriteFile(Path("out"), "");  // what an earlier one said
    server_ = ShellInBackground(
        "exec \"$cloisond\" serve --config " + Config() +
            " --set listen.port=0 --set management.port=0 --set schema=" + Path(schema),
        Path("out"), Path("err"));
    constexpr std::string_view kReady = "ready port=";
    for (int waits = 0; waits < 1'200 && server_->Poll() == -1; ++waits) {
      const std::string out = ReadFile(Path("out"));
      if (const std::size_t at = out.find(kReady); at != std::string::npos) {
        port_ = std::to_string(std::atoi(out.c_str() + at + kReady.size()));
        const std::size_t management = out.find("management=");
        management_ = std::to_string(std::atoi(out.c_str() + management + 11));
        return true;
      }
      usleep(50'000);
    }
    return false;
  }
  void Kill() {
    server_->Signal(SIGKILL);
    server_->Wait();
    server_.reset();
  }
  Ended As(const std::string& who, const std::string& words) const {
    return Shell("\"$cloison\" " + words + " --server https://127.0.0.1:" + port_ +
                 " --credentials " + Path("payer/credentials") + " --as " + who);
  }
  std::string Metric(const std::string& name) const {
    const Ended all = Shell("curl -s http://127.0.0.1:" + management_ + "/metrics");
    for (const std::string& line : LinesOf(all.out)) {
      if (line.starts_with(name + " ")) return line.substr(name.size() + 1);
    }
    return "none";
  }
  // The code of somebody who is registered by the case application, and followed by the clerk.
  std::string Newcomer() const {
    const std::string at = Path("payer/credentials/");
    WriteFile(Path("newcomer"),
              R"({"fields":{"identity.birth_name":"Testard","identity.first_name":"Odile",)"
              R"("identity.birth_date":"1970-03-02","civil_number.nir":"270036912345615",)"
              R"("rights.covered":"yes","rights.quality":"spouse"}})");
    const Ended made = Shell(
        "curl -sS --fail --cacert " + at + "ca.pem --cert " + at + "app.rights.pem --key " + at +
        "app.rights.key -H \"Authorization: Bearer $(cat " + at +
        "app.rights.token)\" -H 'Content-Type: application/json' -H 'Idempotency-Key: k' -d @" +
        Path("newcomer") + " https://127.0.0.1:" + port_ + "/v1/people");
    EXPECT_EQ(made.exit, 0) << made.err;
    constexpr std::string_view kPerson = "\"person\":\"";
    const std::size_t begin = made.out.find(kPerson) + kPerson.size();
    const std::string code = made.out.substr(begin, made.out.find('"', begin) - begin);
    EXPECT_EQ(As("app.rights", "caseload assign " + code + " --agent clerk").exit, 0);
    return code;
  }
  Ended Disclose(const std::string& code, const std::string& field) const {
    return As("clerk", "disclose " + code + " --fields " + field + " --purpose rights --case D-1");
  }
  // Version 3: another capacity, by which each index has other pages, and a field that moves to
  // another compartment, by which each row is sealed anew.
  void WriteNextSchema() const {
    std::string text = ReadFile(Path("first.toml"));
    const std::string moving =
        "[[compartment.field]]\nid = 0x0504\nname = \"quality\"\ntype = \"choice\"\n"
        "choices = [\"insured\", \"spouse\", \"child\", \"other\"]\n\n";
    const auto replace = [&](const std::string& from, const std::string& to) {
      const std::size_t at = text.find(from);
      ASSERT_NE(at, std::string::npos) << from;
      text.replace(at, from.size(), to);
    };
    replace("version = 2", "version = 3");
    replace("capacity = 500", "capacity = 60_000");
    replace(moving, "");
    replace("name = \"contract\"\nleast = 64\n\n", "name = \"contract\"\nleast = 64\n\n" + moving);
    WriteFile(Path("next.toml"), text);
  }
  // Asked by one officer, agreed to by another.
  void AgreeToNextSchema() const {
    const Ended asked =
        As("officer.security", "schema ask --reason T-9 --plain --file " + Path("next.toml"));
    ASSERT_EQ(asked.exit, 4) << asked.out << asked.err;
    const std::string approval = asked.out.substr(0, asked.out.find('\t'));
    const Ended shown = As("officer.privacy", "approval show " + approval);
    EXPECT_TRUE(Contains(shown.out, "capacity 500 -> 60_000")) << shown.out;
    EXPECT_TRUE(Contains(shown.out, "`rights.quality` moves")) << shown.out;
    EXPECT_EQ(As("officer.privacy", "approval approve " + approval).exit, 0);
  }
  // Rows in the new form, new pages in force, old ones gone.
  bool HasFollowed() const {
    for (int waits = 0; waits < 600; ++waits) {
      const bool followed = Metric("cloison_index_generation") == "2" &&
                            Metric("cloison_index_build_share") == "1" &&
                            Metric("cloison_schema_rewritten_ratio") == "1";
      if (followed) return true;
      usleep(100'000);
    }
    return false;
  }

  Folder folder_;
  std::unique_ptr<cli::Child> server_;
  std::string port_, management_;
};

TEST_F(OwnRegister, FollowsItsSchemaThoughKilled) {
  ASSERT_TRUE(Start("first.toml")) << ReadFile(Path("err"));
  const Ended imported =
      As("app.rights", "import " + Path("people.csv") + " --schema " + Path("first.toml"));
  ASSERT_EQ(imported.exit, 0) << imported.out << imported.err;
  const std::string code = Newcomer();
  EXPECT_TRUE(Contains(Disclose(code, "rights.quality").out, "spouse"));
  WriteNextSchema();
  AgreeToNextSchema();
  EXPECT_TRUE(Contains(Disclose(code, "rights.quality").out, "spouse")) << "until a start takes it";
  int under_way = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    Kill();
    ASSERT_TRUE(Start("next.toml")) << ReadFile(Path("err"));
    // The tick that begins to build comes after a second.
    usleep(1'100'000u + 300'000u * static_cast<unsigned>(kill));
    const std::string share = Metric("cloison_index_build_share");
    under_way += share != "1" && share != "none" ? 1 : 0;
  }
  EXPECT_GT(under_way, 0) << "kills that came while the pages were built";
  EXPECT_TRUE(Contains(Disclose(code, "contract.quality").out, "spouse"));
  EXPECT_EQ(Disclose(code, "rights.quality").exit, 2) << "the name of before";
  EXPECT_TRUE(HasFollowed());
  const Ended found =
      As("clerk", "lookup --nir 270036912345615 --purpose rights --case D-1 --plain");
  EXPECT_TRUE(Contains(found.out, code)) << found.out << found.err;
  EXPECT_EQ(server_->Stop(), 0);
  server_.reset();
  const Ended audit = Shell("\"$cloisond\" verify-store --config " + Config() +
                            " --set schema=" + Path("next.toml"));
  EXPECT_EQ(audit.exit, 0) << audit.out << audit.err;
  EXPECT_TRUE(Contains(audit.out, "\"people\":" + std::to_string(kPeople + 1))) << audit.out;
  EXPECT_FALSE(Start("first.toml")) << "the schema of before";
  EXPECT_EQ(server_->Wait(), 6) << ReadFile(Path("err"));
  server_.reset();
}

// A payer's counter: the reader says by the card who is there, the desk asks yes or no.
TEST_F(OwnRegister, AnswersACounterAboutWhoStandsThere) {
  ASSERT_TRUE(Start("first.toml")) << ReadFile(Path("err"));
  Newcomer();
  const std::string nir = "270036912345615", of_nobody = "270036912345714";
  const auto read_card = [&](const std::string& number, const std::string& who) {
    WriteFile(Path("card"), number + "\n1970-03-02\n");
    return As(who, "presence --nir - --birth-date - --agent desk.terreaux --proof card --plain < " +
                       Path("card"));
  };
  EXPECT_EQ(read_card(of_nobody, "reader.terreaux").exit, 5);
  EXPECT_EQ(read_card(nir, "desk.terreaux").exit, 3) << "not for oneself";
  const Ended present = read_card(nir, "reader.terreaux");
  ASSERT_EQ(present.exit, 0) << present.err;
  const std::string code = present.out.substr(0, present.out.find('\n'));
  const auto covered = [&](const std::string& value) {
    return As("desk.terreaux", "match " + code + " --field rights.covered --value " + value +
                                   " --purpose dispense --case A-1 --plain");
  };
  EXPECT_TRUE(Contains(covered("yes").out, "yes")) << covered("yes").err;
  EXPECT_TRUE(Contains(covered("no").out, "no"));
  const Ended opened = As("desk.terreaux", "disclose " + code +
                                               " --fields civil_number.nir --purpose dispense "
                                               "--case A-1");
  EXPECT_EQ(opened.exit, 3) << opened.out;
  const std::string log = ReadFile(Path("err")) + ReadFile(Path("out"));
  EXPECT_FALSE(Contains(log, nir));
}

TEST_F(OwnRegister, EnrolsWhomTheFileNamesOnce) {
  const std::string mine = Path("mine.toml");
  const auto name = [](const std::string& who) {
    return "[[principal]]\nname = \"" + who + "\"\norganisation = 1\nrole = \"case-worker\"\n";
  };
  WriteFile(mine, name("one") + name("one"));
  Shell("sed -i 's#^principals = .*#principals = \"" + mine + "\"#' " + Config());
  EXPECT_FALSE(Start("first.toml")) << "twice the same name";
  EXPECT_TRUE(Contains(ReadFile(Path("err")), "mine.toml:5: one is there twice"))
      << ReadFile(Path("err"));
  WriteFile(mine, name("one"));
  ASSERT_TRUE(Start("first.toml")) << ReadFile(Path("err"));
  EXPECT_EQ(As("one", "me show").exit, 0);
  EXPECT_NE(As("two", "me show").exit, 0);
  Kill();
  WriteFile(mine, "[[principal]]\nname = \"nobody\"\norganisation = 1\nrole = \"gone\"\n" +
                      name("one") + name("two"));
  ASSERT_TRUE(Start("first.toml")) << ReadFile(Path("err"));
  const std::string told = ReadFile(Path("err"));
  EXPECT_TRUE(Contains(told, "principals: nobody has a role that the policy does not have"))
      << told;
  EXPECT_FALSE(Contains(told, "principals: one")) << "who is there is not enrolled again" << told;
  EXPECT_NE(As("nobody", "me show").exit, 0);
  EXPECT_EQ(As("one", "me show").exit, 0);
  EXPECT_EQ(As("two", "me show").exit, 0);
}

}  // namespace
}  // namespace cloison::e2e
