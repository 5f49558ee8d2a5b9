// Imports against the real server: whole, with bad rows, repeated, and with the server killed.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

// Beyond the people of every small world here, so that the register does not hold them.
constexpr int kFirst = 1'000'000;

struct Person {
  std::string name, nir, email;
};

// The text of `key` in a line of JSON that holds no escapes.
std::string TextOf(const std::string& line, const std::string& key) {
  const std::string mark = "\"" + key + "\":\"";
  const std::size_t at = line.find(mark);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + mark.size();
  return line.substr(begin, line.find('"', begin) - begin);
}

std::vector<Person> Generate(int people, const std::string& path) {
  const std::string range = std::to_string(people) + " --first " + std::to_string(kFirst);
  Shell("\"$cloison\" generate --people " + range + " --out " + path);
  const Ended lines = Shell("\"$cloison\" generate --format jsonl --people " + range);
  std::vector<Person> out;
  for (const std::string& line : LinesOf(lines.out)) {
    out.push_back({TextOf(line, "identity.birth_name"), TextOf(line, "civil_number.nir"),
                   TextOf(line, "contact.email")});
  }
  return out;
}

// How many people the register shows for this one, by the NIR or the e-mail address; -1: an error.
int CountOf(const World& world, const Person& person) {
  const std::string criterion =
      person.nir.empty() ? "--email " + person.email : "--nir " + person.nir;
  const Ended found = Shell("\"$cloison\" lookup " + criterion +
                            " --purpose reception --case A1 --json " + world.As("adviser.ft"));
  if (found.exit == 5) return 0;
  if (found.exit != 0) return -1;
  int count = 0;
  const std::string mark = "\"person\":\"";
  for (std::size_t at = found.out.find(mark); at != std::string::npos;
       at = found.out.find(mark, at + 1)) {
    ++count;
  }
  return count;
}

std::uint64_t NumberOf(const std::string& json, const std::string& key) {
  const std::size_t at = json.find("\"" + key + "\":");
  return at == std::string::npos ? 999'999
                                 : std::strtoull(json.c_str() + at + key.size() + 3, nullptr, 10);
}

class ImportTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(world_.Start()) << ReadFile(world_.folder().path("log")); }
  std::string path(const std::string& name) const { return world_.folder().path(name); }
  Ended Import(const std::string& arguments) const {
    return Shell("\"$cloison\" import --json " + world_.As("app.case") + " " + arguments);
  }

  World world_{1'500};
};

TEST_F(ImportTest, GenerateImportLookUpDisclose) {
  const std::vector<Person> people = Generate(12, path("people.csv"));
  ASSERT_EQ(people.size(), 12u);
  const Ended done = Import(path("people.csv"));
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(NumberOf(done.out, "registered"), 12u) << done.out;
  const auto one = std::find_if(people.begin(), people.end(),
                                [](const Person& person) { return !person.nir.empty(); });
  ASSERT_NE(one, people.end());
  const std::string reason = " --purpose reception --case A1 " + world_.As("adviser.ft");
  const Ended found = Shell("echo " + one->nir + " | \"$cloison\" lookup --nir - --plain" + reason);
  ASSERT_EQ(found.exit, 0) << found.err;
  const std::string code = found.out.substr(0, found.out.find_first_of("\t\n"));
  const Ended opened =
      Shell("\"$cloison\" disclose " + code + " --plain --fields identity.birth_name" + reason);
  ASSERT_EQ(opened.exit, 0) << opened.err;
  EXPECT_EQ(opened.out, code + "\tidentity.birth_name\t" + one->name + "\n");
  // Reception gives no telephone.
  EXPECT_EQ(Shell("\"$cloison\" disclose " + code + " --fields contact.phone" + reason).exit, 3);
}

TEST_F(ImportTest, ARepeatedImportMakesNoDuplicates) {
  const std::vector<Person> people = Generate(20, path("people.csv"));
  ASSERT_EQ(Import(path("people.csv")).exit, 0);
  const Ended again = Import(path("people.csv"));
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_EQ(NumberOf(again.out, "rejected"), 0u) << again.out;
  // Another file with the same people: those with a number of their own are known.
  WriteFile(path("other.csv"), ReadFile(path("people.csv")) + "\r\n");
  const Ended other = Shell("head -n 6 " + path("other.csv") + " > " + path("part.csv") +
                            "; \"$cloison\" import --json --rejects " + path("rejects") + " " +
                            world_.As("app.case") + " " + path("part.csv"));
  const std::size_t known = static_cast<std::size_t>(
      std::count_if(people.begin(), people.begin() + 5,
                    [](const Person& person) { return !person.nir.empty(); }));
  EXPECT_GE(NumberOf(other.out, "existing"), known) << other.out << other.err;
  for (const Person& person : people) {
    if (person.nir.empty()) continue;
    EXPECT_EQ(CountOf(world_, person), 1);
  }
}

// A verification finds who is missing, and nobody when nobody is.
TEST_F(ImportTest, AVerificationConfirmsEveryRow) {
  Generate(30, path("people.csv"));
  Shell("head -n 21 " + path("people.csv") + " > " + path("part.csv"));
  const std::string name = " --id delivery-1 --rejects " + path("rejects.csv") + " ";
  ASSERT_EQ(Import(path("part.csv") + name).exit, 0);
  const Ended part = Import("--verify" + name + path("part.csv"));
  EXPECT_EQ(part.exit, 0) << part.out << part.err;
  EXPECT_EQ(NumberOf(part.out, "repeated"), 20u) << part.out;
  EXPECT_EQ(NumberOf(part.out, "registered"), 0u) << part.out;
  const Ended whole = Import("--verify" + name + path("people.csv"));
  EXPECT_EQ(whole.exit, 1) << whole.out << whole.err;
  EXPECT_EQ(NumberOf(whole.out, "repeated"), 20u) << whole.out;
  EXPECT_EQ(NumberOf(whole.out, "registered"), 10u) << whole.out;
  EXPECT_TRUE(Contains(ReadFile(path("rejects.csv")), "22,,was missing")) << whole.out;
  const Ended again = Import("--verify" + name + path("people.csv"));
  EXPECT_EQ(again.exit, 0) << again.out << again.err;
  // A row that is another now is not confirmed.
  Shell("sed '2s/^[^,]*/Autrement/' " + path("part.csv") + " > " + path("changed.csv"));
  const Ended changed = Import("--verify" + name + path("changed.csv"));
  EXPECT_EQ(changed.exit, 1) << changed.out;
  EXPECT_EQ(NumberOf(changed.out, "repeated"), 19u) << changed.out;
  EXPECT_TRUE(Contains(ReadFile(path("rejects.csv")), "2,,idempotency_key_reused"));
}

TEST_F(ImportTest, BadRowsGoToTheRejects) {
  const std::string header =
      "identity.birth_name,identity.first_name,identity.birth_date,contact.email\n";
  WriteFile(path("bad.csv"), header + "Avril,Anna,1990-02-03,anna.avril@example.org\n" +
                                 "Bruno,Bernard,1990-02-30,b@example.org\n" +
                                 ",Claire,1991-01-01,c@example.org\n" +
                                 "Denis,David,1992-01-01,not an address\n" + "Etienne,Eve\n" +
                                 "Ferrand,Fanny,1993-01-01,fanny.ferrand@example.org\n");
  const Ended done = Import(path("bad.csv") + " --rejects " + path("rejects.csv"));
  EXPECT_EQ(done.exit, 1) << done.err;
  EXPECT_EQ(NumberOf(done.out, "rows"), 6u) << done.out;
  EXPECT_EQ(NumberOf(done.out, "registered"), 2u) << done.out;
  EXPECT_EQ(NumberOf(done.out, "rejected"), 4u) << done.out;
  const std::string rejects = ReadFile(path("rejects.csv"));
  const std::vector<std::string> lines = LinesOf(rejects);
  ASSERT_EQ(lines.size(), 5u) << rejects;
  EXPECT_EQ(lines[0], "row,field,reason");
  EXPECT_TRUE(lines[1].starts_with("3,identity.birth_date,")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("4,identity.birth_name,")) << lines[2];
  EXPECT_TRUE(lines[3].starts_with("5,contact.email,")) << lines[3];
  EXPECT_TRUE(lines[4].starts_with("6,")) << lines[4];
  for (const char* value : {"1990-02-30", "not an address", "Bruno", "Etienne"}) {
    EXPECT_FALSE(Contains(rejects + done.out + done.err, value)) << value;
  }
  struct stat info{};
  ASSERT_EQ(stat(path("rejects.csv").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777u, 0600u);
  // Values only when they are asked for.
  Import(path("bad.csv") + " --include-values --dry-run --rejects " + path("values.csv"));
  EXPECT_TRUE(Contains(ReadFile(path("values.csv")), "not an address"));
}

TEST_F(ImportTest, ABadHeaderOrMapBeginsNothing) {
  struct Row {
    const char* why;
    const char* header;
    const char* map;
    const char* says;
  };
  const Row rows[] = {
      {"no such field", "identity.birth_nam,identity.first_name\nA,B\n", "", "birth_nam"},
      {"twice the same", "identity.first_name,identity.first_name\nA,B\n", "", ""},
      {"a map to nowhere", "Nom\nA\n", "[columns]\nNom = \"identity.nom\"\n", "no such field"},
      {"a map that is no TOML", "Nom\nA\n", "[columns\n", "line 1"},
      {"a required field has no column", "contact.email\na@example.org\n", "", ""},
      {"nothing at all", "", "", ""},
  };
  for (const Row& row : rows) {
    WriteFile(path("people.csv"), row.header);
    WriteFile(path("map.toml"), row.map);
    const bool map = *row.map != '\0';
    const Ended ended = Import(path("people.csv") + (map ? " --map " + path("map.toml") : ""));
    EXPECT_EQ(ended.exit, 2) << row.why << ended.out << ended.err;
    EXPECT_TRUE(Contains(ended.err, row.says)) << row.why << ended.err;
    EXPECT_EQ(ended.out, "") << row.why;
  }
}

TEST_F(ImportTest, WhoMayNotRegisterRegistersNobody) {
  const std::vector<Person> people = Generate(3, path("people.csv"));
  const Ended ended =
      Shell("\"$cloison\" import " + world_.As("officer.security") + " " + path("people.csv"));
  EXPECT_EQ(ended.exit, 3) << ended.err;
  for (const Person& person : people) EXPECT_EQ(CountOf(world_, person), 0);
}

// kill -9 of the server in the middle: the import says so, and is run again. In the end
// everybody is there, and nobody twice.
TEST_F(ImportTest, AKilledServerLosesNobodyAndDoublesNobody) {
  constexpr int kPeople = 4'000;
  const std::vector<Person> people = Generate(kPeople, path("people.csv"));
  ASSERT_EQ(people.size(), static_cast<std::size_t>(kPeople));
  const std::string command = "\"$cloison\" import --json --checkpoint " + path("checkpoint") +
                              " --retry 0 " + world_.As("app.case") + " " + path("people.csv");
  const auto broken = ShellInBackground(command, path("out"), path("err"));
  ASSERT_NE(broken, nullptr);
  usleep(300'000);
  world_.Kill();
  const int exit = broken->Wait();
  EXPECT_TRUE(exit == 69 || exit == 75) << exit << ReadFile(path("err"));
  ASSERT_TRUE(world_.Start()) << ReadFile(world_.folder().path("log"));
  const Ended done = Shell(command);
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(NumberOf(done.out, "rows"), static_cast<std::uint64_t>(kPeople));
  EXPECT_EQ(NumberOf(done.out, "rejected"), 0u) << done.out;
  EXPECT_EQ(NumberOf(done.out, "existing"), 0u) << "a row came back as somebody else's";
  // Everybody is in the answers above; a sample is asked for, as many as the hour allows.
  for (int i = 0; i < kPeople; i += kPeople / 50) {
    EXPECT_EQ(CountOf(world_, people[static_cast<std::size_t>(i)]), 1) << i;
  }
}

// kill -9 of the import itself, again and again: the next run goes on, nobody is there twice, and
// every bad row is in the rejects once.
TEST_F(ImportTest, AKilledImportLosesNobodyAndDoublesNobody) {
  constexpr int kPeople = 1'600;
  Generate(kPeople, path("good.csv"));
  // Every tenth row lacks its name.
  Shell("awk 'NR > 1 && NR % 10 == 0 { sub(/^[^,]*/, \"\") } { print }' " + path("good.csv") +
        " > " + path("people.csv"));
  const std::string command = "exec \"$cloison\" import --json --checkpoint " + path("checkpoint") +
                              " --rejects " + path("rejects.csv") + " " + world_.As("app.case") +
                              " " + path("people.csv");
  for (const bool checkpoint : {false, true, true}) {
    const auto broken = ShellInBackground(command, path("out"), path("err"));
    ASSERT_NE(broken, nullptr);
    for (int waits = 0; waits < 600; ++waits) {
      usleep(50'000);
      if (waits > 2 && (!checkpoint || access(path("checkpoint").c_str(), F_OK) == 0)) break;
    }
    broken->Signal(SIGKILL);
    broken->Wait();
  }
  const Ended done = Shell(command);
  EXPECT_EQ(done.exit, 1) << done.err;
  EXPECT_EQ(NumberOf(done.out, "rows"), static_cast<std::uint64_t>(kPeople)) << done.out;
  EXPECT_EQ(NumberOf(done.out, "existing"), 0u) << "a row came back as somebody else's";
  const std::vector<std::string> rejects = LinesOf(ReadFile(path("rejects.csv")));
  EXPECT_EQ(rejects.size(), 1u + kPeople / 10);
  for (std::size_t i = 1; i < rejects.size(); ++i) {
    EXPECT_TRUE(rejects[i].starts_with(std::to_string(10 * i) + ",")) << rejects[i];
  }
  const Ended verified = Shell("\"$cloison\" import --json --verify " + world_.As("app.case") +
                               " " + path("people.csv"));
  EXPECT_EQ(NumberOf(verified.out, "repeated"), static_cast<std::uint64_t>(kPeople - kPeople / 10));
  EXPECT_EQ(NumberOf(verified.out, "registered"), 0u) << verified.out;
}

}  // namespace
}  // namespace cloison::e2e
