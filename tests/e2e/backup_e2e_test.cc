// A register is backed up, its machine is lost, and another one restores it, killed again and
// again.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

constexpr int kPeople = 1'000;

class Backups : public ::testing::Test {
 protected:
  Backups() : world_(kPeople) {}

  std::string Path(const std::string& name) const { return world_.folder().path(name); }
  // The configuration of a machine whose data is in `data`, with the register's keys.
  std::string ConfigOf(const std::string& data) {
    const std::string file = Path(data + ".toml");
    WriteFile(file, "mode = \"development\"\ndata = \"" + Path(data) + "\"\nkey_objects = \"" +
                        Path("world/key-objects") + "\"\ncredentials = \"" +
                        Path("world/credentials") + "\"\n");
    return file;
  }
  // A backup of the stopped world; its name.
  std::string Take(const std::string& more = "") {
    const Ended taken = Shell("\"$cloisond\" backup --config '" + ConfigOf("world/data") +
                              "' --to '" + Path("backups") + "' " + more);
    EXPECT_EQ(taken.exit, 0) << taken.out << taken.err;
    return nlohmann::json::parse(taken.out, nullptr, false).value("backup", "");
  }
  std::string RestoreCommand(const std::string& name, const std::string& data,
                             const std::string& more) {
    return "\"$cloisond\" restore --config '" + ConfigOf(data) + "' --from '" + Path("backups") +
           "' --backup " + name + " " + more;
  }
  std::string Journal() const { return Path("world/data/ledger/erase-journal"); }

  World world_;
};

TEST_F(Backups, RestoreIntoAnEmptyMachineThoughKilled) {
  ASSERT_TRUE(world_.Start());
  world_.Kill();
  const std::string name = Take();
  const std::string given = "--erase-journal '" + Journal() + "'";
  const std::string restore = RestoreCommand(name, "other", given);
  const std::string verify = "\"$cloisond\" verify-store --config '" + ConfigOf("other") + "'";
  int killed = 0;
  // Each round goes on for longer: from before the first file to near the end.
  for (int ms = 2; ms < 4'000; ms = ms * 3 / 2 + 1) {
    auto child = ShellInBackground("exec " + restore, Path("out"), Path("err"));
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    if (child->Poll() != -1) break;
    child->Signal(SIGKILL);
    child->Wait();
    ++killed;
    const bool begun = Shell("test -e '" + Path("other/main") + "'").exit == 0;
    const bool marked = Shell("test -e '" + Path("other/restoring") + "'").exit == 0;
    if (begun && !marked) break;  // it was done: looked at below
    if (!begun || !marked) continue;
    const Ended half = Shell(verify);
    EXPECT_NE(half.exit, 0) << "half a register opened, after " << ms << " ms";
    EXPECT_TRUE(Contains(half.err + half.out, "restore was broken off")) << half.err << half.out;
  }
  EXPECT_GE(killed, 3);
  // While another one restores there, nothing of what it has written is cleared.
  Shell("echo half > '" + Path("other/restoring") + "'; touch '" + Path("other/main/kept") + "'");
  const Ended beside = Shell("exec 9> '" + Path("other/lock") + "' && flock 9 && " + restore);
  EXPECT_EQ(beside.exit, 6) << beside.err;
  EXPECT_TRUE(Contains(beside.err, "in use")) << beside.err;
  EXPECT_EQ(Shell("test -e '" + Path("other/main/kept") + "'").exit, 0);
  const bool done = Shell("test -e '" + Path("other/main") + "'").exit == 0 &&
                    Shell("test -e '" + Path("other/restoring") + "'").exit != 0;
  if (!done) {
    const Ended restored = Shell(restore);
    EXPECT_EQ(restored.exit, 0) << restored.out << restored.err;
    EXPECT_TRUE(Contains(restored.out, "{\"people\":")) << restored.out;
  }
  // With what lay outside of the backup, and nothing recorded since, it is the register that it
  // was.
  Shell("cp -r '" + Path("world/data/ledger") + "/.' '" + Path("other/ledger/") + "'");
  const Ended whole = Shell(verify);
  EXPECT_EQ(whole.exit, 0) << whole.out << whole.err;
  EXPECT_TRUE(Contains(whole.out, "\"loaded\":" + std::to_string(kPeople))) << whole.out;
  const Ended again = Shell(restore);
  EXPECT_NE(again.exit, 0);
  EXPECT_TRUE(Contains(again.err, "there is a register already")) << again.err;
}

// What changed since a full backup goes over its rows, which came as runs: who was registered since
// is there, and every index page, of which theirs are new versions, is right.
TEST_F(Backups, AnIncrementIsRestoredOverAFullOne) {
  constexpr int kMore = 60;
  ASSERT_TRUE(world_.Start());
  world_.Kill();
  const std::string full = Take();
  ASSERT_TRUE(world_.Start());
  const std::string people = Path("more.csv"), as = world_.As("app.case");
  const auto import = [&](const std::string& more) {
    return Shell("\"$cloison\" import '" + people + "' --json " + as + " " + more);
  };
  ASSERT_EQ(Shell("\"$cloison\" generate --first 5000000 --people " + std::to_string(kMore) +
                  " --out '" + people + "'")
                .exit,
            0);
  const Ended registered = import("");
  ASSERT_EQ(registered.exit, 0) << registered.out << registered.err;
  world_.Kill();
  const std::string increment = Take("--since " + full);
  const Ended restored =
      Shell(RestoreCommand(increment, "other", "--erase-journal '" + Journal() + "'"));
  ASSERT_EQ(restored.exit, 0) << restored.out << restored.err;
  EXPECT_TRUE(Contains(restored.out, "{\"people\":" + std::to_string(kPeople + kMore)))
      << restored.out;
  Shell("cp -r '" + Path("world/data/ledger") + "/.' '" + Path("other/ledger/") + "'");
  const Ended whole = Shell("\"$cloisond\" verify-store --config '" + ConfigOf("other") + "'");
  EXPECT_EQ(whole.exit, 0) << whole.out << whole.err;
  // The machine that was restored serves, and knows each of them.
  Shell("rm -r '" + Path("world/data") + "' && mv '" + Path("other") + "' '" + Path("world/data") +
        "'");
  ASSERT_TRUE(world_.Start());
  const Ended known = import("--verify");
  EXPECT_EQ(known.exit, 0) << known.out << known.err;
  EXPECT_TRUE(Contains(known.out, "\"repeated\":" + std::to_string(kMore))) << known.out;
}

// Whoever has lost the schema's file, or upgraded to a Cloison with another built-in one, gets the
// text back that alone opens the register.
TEST_F(Backups, TheSchemaIsPrintedThoughItsFileIsLost) {
  ASSERT_TRUE(world_.Start());
  const std::string config = ConfigOf("world/data");
  const std::string print = "\"$cloison\" schema print --config '" + config + "' ";
  const std::string another = Path("another.toml");
  ASSERT_EQ(Shell("(cat schemas/job-seekers.toml; echo '# another') > '" + another + "'").exit, 0);
  const Ended busy = Shell(print);
  EXPECT_EQ(busy.exit, 69) << "the register runs";
  EXPECT_EQ(busy.out, "");
  world_.Kill();
  const std::string same =
      "> '" + Path("printed") + "' && cmp '" + Path("printed") + "' schemas/job-seekers.toml";
  const struct {
    const char* why;
    std::string command;
    int exit;
    const char* says;
  } rows[] = {
      {"byte by byte", print + same, 0, ""},
      {"by another file of the register", print + "--set schema='" + another + "' " + same, 0, ""},
      {"said", print + "--which in-force " + same, 0, ""},
      {"nobody agreed to one", print + "--which agreed", 1, "keeps no such schema"},
      {"nor was there one before", print + "--which before", 1, "keeps no such schema"},
      {"no such word", print + "--which newest", 2, "--which"},
      {"of another register",
       print + "--set schema=schemas/insured-persons.toml --set policy="
               "examples/third-party-payer/policy.toml",
       69, "a key object is not there"},
      {"no register", print + "--set data='" + Path("nowhere") + "'", 2, "there is no register"},
  };
  for (const auto& row : rows) {
    const Ended ended = Shell(row.command);
    EXPECT_EQ(ended.exit, row.exit) << row.why << "\n" << ended.out << ended.err;
    EXPECT_TRUE(Contains(ended.out + ended.err, row.says)) << row.why << "\n" << ended.err;
  }
  EXPECT_TRUE(world_.Start()) << "nothing was changed";
}

// The journal is the one thing that only grows: the longer of two is kept, and another is refused.
TEST_F(Backups, KeepTheLongerJournal) {
  ASSERT_TRUE(world_.Start());
  const Ended none = Shell("test -s '" + Journal() + "'");
  world_.Kill();
  const std::string name = Take();
  WriteFile(Path("short"), ReadFile(Journal()));
  WriteFile(Path("long"), ReadFile(Journal()) + std::string(100, 'j'));
  WriteFile(Path("strange"), "x" + ReadFile(Journal()));
  const struct {
    const char *why, *there, *given, *want;  // want: empty: refused
  } kRows[] = {
      {"none lies there", nullptr, "short", "short"},
      {"the copy is newer", "short", "long", "long"},
      {"the copy is older", "long", "short", "long"},
      {"the same", "long", "long", "long"},
      {"another register's", "long", "strange", ""},
  };
  int machine = 0;
  for (const auto& row : kRows) {
    const std::string data = "machine" + std::to_string(++machine);
    Shell("mkdir -m 700 -p '" + Path(data) + "/ledger'");
    const std::string there = Path(data) + "/ledger/erase-journal";
    if (row.there != nullptr) WriteFile(there, ReadFile(Path(row.there)));
    const Ended restored =
        Shell(RestoreCommand(name, data, "--erase-journal '" + Path(row.given) + "'"));
    const std::string want = *row.want == '\0' ? row.there : row.want;
    EXPECT_EQ(restored.exit == 0, *row.want != '\0') << row.why << restored.err;
    EXPECT_TRUE(ReadFile(there) == ReadFile(Path(want))) << row.why;
  }
}

}  // namespace
}  // namespace cloison::e2e
