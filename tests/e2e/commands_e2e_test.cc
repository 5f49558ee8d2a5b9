// Every exit code by a command that really ends with it; what the commands print.
#include <gtest/gtest.h>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

TEST(CommandsTest, WithoutAServer) {
  struct Row {
    const char* why;
    const char* command;
    int exit;
    const char* says;  // on either stream
  };
  const Row rows[] = {
      {"help", "\"$cloison\" --help", 0, "Examples"},
      {"help of a command leads with examples", "\"$cloison\" import --help", 0, "Examples"},
      {"version", "\"$cloison\" --version", 0, "0.1.0"},
      {"no command", "\"$cloison\"", 2, "required"},
      {"no such command", "\"$cloison\" lokup", 2, ""},
      {"no such option", "\"$cloison\" generate --peple 3", 2, "peple"},
      {"a criterion too many", "\"$cloison\" lookup --nir 1 --email a --purpose x", 2, "alone"},
      {"no criterion", "\"$cloison\" lookup --purpose x", 2, "At least 1"},
      {"no purpose", "\"$cloison\" lookup --nir 1", 2, "--purpose"},
      {"nothing typed", "\"$cloison\" lookup --nir - --purpose x < /dev/null", 2, "no value"},
      {"no server", "\"$cloison\" lookup --nir 1 --purpose x --server https://127.0.0.1:1", 69, ""},
      {"not a URL", "\"$cloison\" self-check --server nowhere", 2, "URL"},
      {"no such credentials", "\"$cloison\" self-check --as nobody --credentials /none", 2,
       "/none"},
      {"another shell", "\"$cloison\" completion csh", 2, ""},
      {"more people than a seed has", "\"$cloison\" generate --people 99999999", 2, "at most"},
      {"a schema that is none", "\"$cloison\" generate --schema tax-payers", 2, "insured-persons"},
      {"queries of too few", "\"$cloison\" generate --people 9 --queries 5", 2, "1,000 to"},
      {"queries of the insured", "\"$cloison\" generate --schema insured-persons --queries 5", 2,
       "job seekers"},
      {"a folder that is none", "\"$cloison\" generate --out /none/file", 1, "/none/file"},
      {"no such file", "\"$cloison\" import /none.csv", 2, "/none.csv"},
      {"a file that tells no format", "\"$cloison\" import /dev/null", 2, "format"},
      {"no such schema", "\"$cloison\" schema check /none", 2, "/none"},
      {"a good schema", "\"$cloison\" schema check schemas/job-seekers.toml", 0, "job-seekers"},
      {"a bad schema", "echo 'nmae = 1' | \"$cloison\" schema check /dev/stdin", 1, ""},
      {"no keys", "\"$cloison\" keys status /none", 5, ""},
      {"a directory in use", "\"$cloison\" init --development /usr", 6, "not empty"},
      {"nothing is made", "\"$cloison\" init --development --dry-run /none/of/this", 0,
       "would make"},
      {"a schema that is not there", "\"$cloison\" init --development --schema /none /none/of/this",
       2, "nothing was made"},
      {"the schema of a production register",
       "\"$cloison\" init --production --dry-run --schema schemas/job-seekers.toml /none", 2,
       "statement"},
      {"accounts of a production register",
       "\"$cloison\" init --production --dry-run --principals examples/third-party-payer/"
       "principals.toml /none",
       2, "statement"},
      {"accounts that are not there",
       "\"$cloison\" init --development --principals /none /none/of/this", 2, "nothing was made"},
      {"a register of nobody's word", "\"$cloison\" init /none/of/this", 2, "--production"},
      {"two ways to begin", "\"$cloison\" init --development --production /none", 2, "takes"},
      {"production by nobody's word", "\"$cloison\" init --production /none", 2,
       "signed statement"},
      {"a statement of no plan", "\"$cloison\" init statement /none --out /none/s", 2, "--plan"},
      {"a freeze by no key",
       "\"$cloison\" freeze sign agents:a --issuer https://a --ledger b --key /none --out /none/f",
       1, ""},
      {"a freeze sent away", "\"$cloison\" freeze send /dev/null --management http://192.0.2.1:1",
       2, "127.0.0.1"},
      {"a freeze of no server",
       "\"$cloison\" freeze send /dev/null --management http://127.0.0.1:1", 69, ""},
      {"nobody signed in", "\"$cloison\" sign-out --session /none", 5, ""},
      {"a session of nowhere", "\"$cloison\" self-check --session /none", 2, "/none"},
      {"a sign-in at a plain address",
       "\"$cloison\" sign-in --issuer a --server http://127.0.0.1:1 --session /none", 2, "server"},
      {"a sign-in without a server",
       "\"$cloison\" sign-in --issuer a --server https://127.0.0.1:1 --session /none", 69, ""},
      {"no daemon", "CLOISON_DAEMON=/none \"$cloison\" serve --config x", 5, "cloisond"},
      {"the daemon's own usage", "\"$cloison\" serve", 2, ""},
      {"a dry run shows no value",
       "\"$cloison\" lookup --nir 185096938440685 --purpose x --dry-run", 0, "\"...\""},
  };
  for (const Row& row : rows) {
    const Ended ended = Shell(row.command);
    EXPECT_EQ(ended.exit, row.exit) << row.why << "\n" << ended.out << ended.err;
    EXPECT_TRUE(Contains(ended.out + ended.err, row.says)) << row.why << "\n" << ended.err;
    EXPECT_FALSE(Contains(ended.out + ended.err, "185096938440685")) << row.why;
  }
}

// Both officers see whom it is about before they sign.
TEST(CommandsTest, TwoOfficersSignWhatLiftsFreezes) {
  struct Row {
    const char* why;
    std::string command;
    int exit;
    const char* says;  // on either stream
  };
  const std::string folder = Shell("mktemp -d").out;
  const std::string in = "cd '" + folder.substr(0, folder.find('\n')) + "' && \"$cloison\" ";
  const std::string lift =
      "freeze lift agents:alice agents:bob --issuer https://login.example "
      "--ledger log.example --out lift.txt --key ";
  const Row rows[] = {
      {"anna's key", in + "ledger officer-key --name officer.anna --out anna.key", 0, ""},
      {"bruno's key", in + "ledger officer-key --name officer.bruno --out bruno.key", 0, ""},
      {"nobody's key", in + lift + "zoe.key", 1, ""},
      {"no account", in + "freeze lift alice --issuer i --ledger l --out x --key anna.key", 2,
       "alias:sub"},
      {"an account twice",
       in + "freeze lift agents:a agents:a --issuer i --ledger l --out x --key anna.key", 2,
       "each once"},
      {"one signs", in + lift + "anna.key", 0, "subject bob"},
      {"and not over it", in + lift + "anna.key", 6, "there already"},
      {"the other is shown it", in + "freeze cosign lift.txt --key bruno.key", 2,
       "unfreeze alice of https://login.example"},
      {"and has signed nothing", in + "freeze cosign lift.txt --key bruno.key", 2,
       "nothing was signed"},
      {"and signs", in + "freeze cosign lift.txt --key bruno.key --yes", 0, "officer.bruno"},
      {"once", in + "freeze cosign lift.txt --key bruno.key --yes", 6, "already"},
      {"another statement", in + "freeze cosign anna.key --key bruno.key --yes", 2, ""},
  };
  for (const Row& row : rows) {
    const Ended ended = Shell(row.command);
    EXPECT_EQ(ended.exit, row.exit) << row.why << "\n" << ended.out << ended.err;
    EXPECT_TRUE(Contains(ended.out + ended.err, row.says)) << row.why << "\n" << ended.err;
  }
}

TEST(CommandsTest, CompletionParses) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string check = std::string(shell) + (shell == std::string("fish") ? " -n" : " -n");
    const Ended script = Shell("\"$cloison\" completion " + std::string(shell));
    EXPECT_EQ(script.exit, 0) << shell;
    EXPECT_TRUE(Contains(script.out, "self-check")) << shell;
    if (Shell("command -v " + std::string(shell)).exit != 0) continue;
    const Ended parsed = Shell(
        "\"$cloison\" completion " + std::string(shell) + " > /tmp/cloison-completion-$$ && " +
        check + " /tmp/cloison-completion-$$; code=$?; rm -f /tmp/cloison-completion-$$; " +
        "exit $code");
    EXPECT_EQ(parsed.exit, 0) << shell << parsed.err;
  }
  const Ended completed = Shell(
      "bash -c 'source <(\"'\"$cloison\"'\" completion bash); COMP_WORDS=(cloison sch); "
      "COMP_CWORD=1; _cloison; echo ${COMPREPLY[0]}'");
  EXPECT_EQ(completed.out, "schema\n") << completed.err;
}

TEST(CommandsTest, GenerateIsTheSameForTheSameSeed) {
  const Ended whole = Shell("\"$cloison\" generate --people 20 --seed 7");
  const Ended again = Shell("\"$cloison\" generate --people 20 --seed 7");
  const Ended other = Shell("\"$cloison\" generate --people 20 --seed 8");
  const Ended part = Shell("\"$cloison\" generate --people 1 --first 19 --seed 7");
  EXPECT_EQ(whole.out, again.out);
  EXPECT_NE(whole.out, other.out);
  EXPECT_EQ(LinesOf(whole.out).size(), 21u);
  EXPECT_EQ(LinesOf(whole.out).back(), LinesOf(part.out).back());
}

// The program opens no store: it must not even carry one.
TEST(CommandsTest, LinksNoStore) {
  if (Shell("command -v readelf").exit != 0) GTEST_SKIP() << "no readelf here";
  const Ended needed = Shell("readelf -d \"$cloison\"");
  EXPECT_TRUE(Contains(needed.out, "NEEDED"));
  EXPECT_FALSE(Contains(needed.out, "rocksdb")) << needed.out;
}

TEST(CommandsTest, InitServeAndKeys) {
  const Folder folder;
  const std::string home = folder.path("register");
  const Ended made = Shell("\"$cloison\" init --development " + home);
  ASSERT_EQ(made.exit, 0) << made.err;
  EXPECT_TRUE(Contains(ReadFile(home + "/cloison.toml"), home + "/data"));
  EXPECT_EQ(Shell("\"$cloison\" init --development " + home).exit, 6);
  EXPECT_EQ(Shell("\"$cloison\" init statement " + home + " --plan /none --out /none/s").exit, 2);
  const std::string insured = home + "-insured";
  const std::string begin =
      "\"$cloison\" init --development --schema schemas/insured-persons.toml ";
  EXPECT_EQ(Shell(begin + insured).exit, 2) << "the demo's policy is of another schema";
  EXPECT_EQ(Shell(begin + "--policy examples/third-party-payer/policy.toml " + insured).exit, 0)
      << "where one was refused, and nothing is left of it";
  EXPECT_TRUE(Contains(ReadFile(insured + "/cloison.toml"), "/schemas/insured-persons.toml"));
  EXPECT_TRUE(Contains(ReadFile(insured + "/cloison.toml"), "/third-party-payer/policy.toml"));
  const Ended keys = Shell("\"$cloison\" keys status " + home + "/keys --json");
  EXPECT_EQ(keys.exit, 0) << keys.err;
  EXPECT_TRUE(Contains(keys.out, "\"root-")) << keys.out;
}

class AskingTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new World(1'500);
    ASSERT_TRUE(world_->Start()) << ReadFile(world_->folder().path("log"));
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  static Ended Ask(const std::string& command, const std::string& as) {
    return Shell("\"$cloison\" " + command + " " + world_->As(as));
  }
  // The NIR of somebody whom no small world holds.
  static std::string NumberOfNobody() {
    const Ended people = Shell("\"$cloison\" generate --format jsonl --people 20 --first 9000000");
    const std::string key = "\"civil_number.nir\":\"";
    const std::size_t at = people.out.find(key);
    return at == std::string::npos ? "" : people.out.substr(at + key.size(), 15);
  }
  static World* world_;
};
World* AskingTest::world_ = nullptr;

TEST_F(AskingTest, ExitCodes) {
  const std::string nobody = NumberOfNobody();
  ASSERT_FALSE(nobody.empty());
  struct Row {
    const char* why;
    std::string command;
    const char* as;
    int exit;
    const char* says;
  };
  const std::string reception = " --purpose reception --case A1 ";
  const Row rows[] = {
      {"nobody", "lookup --nir " + nobody + reception, "adviser.ft", 5, ""},
      {"no such purpose", "lookup --nir " + nobody + " --purpose fun --case A1", "adviser.ft", 3,
       "purpose_refused"},
      {"not a NIR", "lookup --nir 123" + reception, "adviser.ft", 2, "/criteria/nir"},
      {"case forgotten", "lookup --nir " + nobody + " --purpose support", "adviser.ft", 2,
       "/case_ref"},
      {"no such field", "disclose CODE --fields no.such" + reception, "adviser.ft", 2, "/fields/0"},
      {"self-check of development", "self-check", "officer.security", 0, "development"},
      {"self-check, plain", "self-check --plain", "officer.security", 0, "ledger\ton"},
      {"one's own record", "disclose self --fields identity.birth_name --purpose own",
       "citizen.one", 0, "identity.birth_name"},
      {"unsealing what is not sealed", "ledger unseal --index 0 --reason TJ-1", "officer.security",
       6, "not_sealed"},
      {"unsealing without the right", "ledger unseal --index 0 --reason TJ-1", "adviser.ft", 3,
       "no_right"},
      {"unsealing without a reason", "ledger unseal --index 0", "officer.security", 2, "--reason"},
      {"unsealing nothing", "ledger unseal --index 99999999 --reason TJ-1", "officer.security", 5,
       ""},
      {"a re-key of nobody", "person rekey 0000-0000-0000-0000 --reason INC-1", "officer.security",
       5, ""},
      {"a re-key without the right", "person rekey 0000-0000-0000-0000 --reason INC-1",
       "adviser.ft", 3, "no_right"},
      {"an erasure of nobody", "person erase 0000-0000-0000-0000 --version 1 --reason R-1",
       "officer.privacy", 5, ""},
      {"bounds by what was learnt", "detectors calibrate --days 30", "officer.security", 0,
       "# 30 days"},
      {"bounds as JSON", "detectors calibrate --json", "officer.security", 0, "\"classes\":["},
      {"bounds without the right", "detectors calibrate", "adviser.ft", 3, "no_right"},
      {"bounds of a year", "detectors calibrate --days 366", "officer.security", 2, "--days"},
      {"decoys are asked for", "decoys --per-100000 100 --reason agreed", "officer.security", 4,
       "apr_"},
      {"decoys without the right", "decoys --per-100000 100 --reason mine", "adviser.ft", 3,
       "no_right"},
      {"too many decoys", "decoys --per-100000 10001 --reason all", "officer.security", 2,
       "--per-100000"},
      {"unsealing in a log of others",
       "ledger unseal --index 0 --log other.example/a --reason TJ-1", "officer.security", 2,
       "/log"},
  };
  for (const Row& row : rows) {
    const Ended ended = Ask(row.command, row.as);
    EXPECT_EQ(ended.exit, row.exit) << row.why << "\n" << ended.out << ended.err;
    EXPECT_TRUE(Contains(ended.out + ended.err, row.says)) << row.why << "\n" << ended.err;
    EXPECT_FALSE(Contains(ended.out + ended.err, nobody)) << row.why << ": the value came back";
  }
}

TEST_F(AskingTest, AnUnknownTokenIsRefused) {
  const std::string token = world_->folder().path("other.token");
  WriteFile(token, "a.b.c");
  const Ended ended =
      Ask("lookup --nir " + NumberOfNobody() + " --purpose support --case A1 --token " + token,
          "adviser.ft");
  EXPECT_EQ(ended.exit, 3) << ended.err;
}

TEST_F(AskingTest, TheBudgetEnds) {
  // Strangers and nobodies are glimpses alike: 60 of them an hour, then 7.
  Ended last;
  for (int i = 0; i < 140 && last.exit != 7; ++i) {
    last = Ask(
        "lookup --phone +3363998" + std::to_string(1'000 + i) + " --purpose reception --case A1",
        "adviser.ft");
  }
  EXPECT_EQ(last.exit, 7);
  EXPECT_TRUE(Contains(last.err, "glimpsed_off_caseload/hour of this principal is spent"))
      << last.err;
  EXPECT_TRUE(Contains(last.err, "cloison principal raise")) << last.err;
}

// The whole ceremony as an operator and two officers do it, on the real store.
TEST(CommandsTest, ARecoveryByTwoOfficers) {
  const Folder folder;
  const std::string in = "cd '" + folder.path() + "' && ";
  const std::string recover = in + "\"$cloison\" ledger recover --config r/cloison.toml ";
  const std::string officers = "--set ledger.recovery_officers=officers ";
  const auto run = [](const std::string& command, int exit, const char* says) {
    const Ended ended = Shell(command);
    EXPECT_EQ(ended.exit, exit) << command << "\n" << ended.out << ended.err;
    EXPECT_TRUE(Contains(ended.out + ended.err, says)) << command << "\n" << ended.err;
  };
  run(in + "\"$cloison\" init --development r", 0, "Next");
  for (const std::string name : {"anna", "bruno", "carla"}) {
    run(in + "\"$cloison\" ledger officer-key --name " + name + " --out " + name + ".key > " +
            name + ".pub",
        0, "");
  }
  run(in + "stat -c %a anna.key", 0, "600");
  run(in + "\"$cloison\" ledger officer-key --name anna --out anna.key", 6, "already");
  run(in + "cat anna.pub bruno.pub > officers", 0, "");
  run(recover + "--statement s", 6, "nothing to recover");
  const std::string size = folder.path("r/data/ledger/signed-size");
  WriteFile(size, ReadFile(size) + "x");
  run(recover + officers + "--statement s", 0, "signed unknown");
  run(recover + officers + "--statement s", 6, "there already");
  run(in + "\"$cloison\" ledger sign-statement --key anna.pub s", 1, "0600");
  run(in + "\"$cloison\" ledger sign-statement --key anna.key officers", 2, "");
  run(in + "\"$cloison\" ledger sign-statement --key anna.key s", 0, "anna");
  run(in + "\"$cloison\" ledger sign-statement --key anna.key s", 6, "already");
  run(recover + officers + "--note s", 1, "two different officers");
  run(in + "cp s t && \"$cloison\" ledger sign-statement --key carla.key t", 0, "carla");
  run(recover + officers + "--note t", 1, "two different officers");
  run(in + "\"$cloison\" ledger sign-statement --key bruno.key s", 0, "bruno");
  run(recover + "--note s", 1, "recovery_officers");
  run(recover + officers + "--note s", 0, "recovered");
  run(recover + officers + "--note s", 0, "recovered");
  run(recover + officers + "--statement u", 6, "nothing to recover");
  EXPECT_TRUE(Contains(ReadFile(size), "/2\n1\n")) << "the successor's first size";
  const std::string exported = in + "\"$cloison\" ledger export --config r/cloison.toml --out ";
  const Ended closed = Shell(exported + "one --generation 1");
  EXPECT_EQ(closed.exit, 0) << closed.err;
  const std::vector<std::string> head = LinesOf(closed.out);
  ASSERT_EQ(head.size(), 3u) << closed.out;
  EXPECT_TRUE(Contains(ReadFile(folder.path("s")), "\nleft 1 " + head[2] + "\n"));
  EXPECT_EQ(ReadFile(folder.path("one/statement")), ReadFile(folder.path("s")));
  run(exported + "one", 6, "there already");
  run(exported + "three --generation 3", 1, "no such log");
  run(exported + "more --generation 1 --size 2", 1, "not so many");
  run(exported + "two", 0, "/2");
  run(in + "\"$cloison\" verify two --key \"$(sed -n 's/^successor [^ ]* //p' s)\"", 0, "");
  EXPECT_TRUE(Contains(ReadFile(size + ".1"), "x"));
}

}  // namespace
}  // namespace cloison::e2e
