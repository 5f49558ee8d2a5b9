// Imports from a live PostgreSQL table: a cluster of the test's own, reached over a Unix socket
// alone. Skipped where PostgreSQL is not installed (tools/setup test installs it).
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

// The folder of initdb and pg_ctl; empty: not installed.
std::string Programs() {
  const Ended found = Shell("ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | tail -n 1");
  const std::size_t end = found.out.rfind("/initdb");
  return end == std::string::npos ? "" : found.out.substr(0, end);
}

class Database {
 public:
  Database() : programs_(Programs()) {
    if (programs_.empty()) return;
    // The server does not run as root: the folder is its own user's.
    if (geteuid() == 0) {
      as_server_ = "setpriv --reuid postgres --regid postgres --clear-groups ";
      Shell("chown -R postgres " + folder_.path() + " && chmod 711 " + folder_.path());
    }
    const std::string data = folder_.path("data");
    const Ended made = Server("initdb -D " + data + " -U test -A trust -E UTF8 --no-sync");
    started_ =
        made.exit == 0 && Server("pg_ctl -D " + data + " -w -l " + folder_.path("log") +
                                 " -o \"-c listen_addresses='' -k " + folder_.path() + "\" start")
                                  .exit == 0;
  }
  ~Database() {
    if (started_) Server("pg_ctl -D " + folder_.path("data") + " -m immediate stop");
  }
  bool installed() const { return !programs_.empty(); }
  bool started() const { return started_; }
  std::string connection() const {
    return "'host=" + folder_.path() + " user=test dbname=postgres'";
  }
  Ended Sql(const std::string& text) const {
    return Shell("psql -q -v ON_ERROR_STOP=1 " + connection() + " <<'END'\n" + text + "\nEND");
  }

 private:
  Ended Server(const std::string& command) const {
    return Shell("cd / && " + as_server_ + programs_ + "/" + command + " >/dev/null 2>&1");
  }

  std::string programs_, as_server_;
  Folder folder_;
  bool started_ = false;
};

constexpr char kTable[] =
    "CREATE SCHEMA agence; CREATE TABLE agence.\"Usagers\" (id int, nom text, prenom text, ne date,"
    " obs text);\n"
    "INSERT INTO agence.\"Usagers\" VALUES (3, 'Blanc', 'Zoé', '1970-01-31', NULL),"
    " (1, 'Martin, dit \"X\"', 'Ana', '1980-03-07', E'deux\\nlignes'),"
    " (2, 'Petit', NULL, '1990-12-01', ''), (4, 'Roux', 'Luc', NULL, 'x');";
constexpr char kMap[] =
    "ignore = [\"id\", \"obs\"]\n[columns]\nnom = \"identity.birth_name\"\n"
    "prenom = \"identity.first_name\"\nne = \"identity.birth_date\"\n";

// One database and one register for all of these: each names its import by another --id.
class ImportTableTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    database_ = new Database();
    world_ = new World(1'500);
    if (!database_->installed()) return;
    ASSERT_TRUE(database_->started());
    ASSERT_TRUE(world_->Start()) << ReadFile(path("log"));
    ASSERT_EQ(database_->Sql(kTable).exit, 0);
    WriteFile(path("map.toml"), kMap);
  }
  static void TearDownTestSuite() {
    delete world_;
    delete database_;
    world_ = nullptr;
    database_ = nullptr;
  }
  void SetUp() override {
    if (!database_->installed()) GTEST_SKIP() << "no PostgreSQL here";
    const Ended asked = Shell("\"$cloison\" import --postgres dbname=x --table y --dry-run");
    if (Contains(asked.err, "without a PostgreSQL")) GTEST_SKIP() << "built without libpq";
  }
  static std::string path(const std::string& name) { return world_->folder().path(name); }
  static Ended Import(const std::string& arguments) {
    return Shell("\"$cloison\" import --json " + world_->As("app.case") + " --postgres " +
                 database_->connection() + " --map " + path("map.toml") + " --rejects " +
                 path("rejects.csv") + " " + arguments);
  }

  static Database* database_;
  static World* world_;
};

Database* ImportTableTest::database_ = nullptr;
World* ImportTableTest::world_ = nullptr;

TEST_F(ImportTableTest, RowsInTheirOrderOnceAndVerified) {
  const std::string rows = "--table agence.Usagers --order-by id --id delivery-1";
  const Ended dry = Import("--table agence.Usagers --dry-run");
  EXPECT_EQ(dry.exit, 1) << dry.err;
  EXPECT_TRUE(Contains(dry.out, "\"registered\":3")) << dry.out;
  const Ended done = Import(rows);
  EXPECT_EQ(done.exit, 1) << done.err;
  EXPECT_TRUE(Contains(done.out, "\"registered\":3")) << done.out;
  // The header is row 1: id 2 is row 3.
  EXPECT_EQ(ReadFile(path("rejects.csv")),
            "row,field,reason\r\n3,identity.first_name,a required value is missing\r\n");
  const Ended again = Import(rows);
  EXPECT_TRUE(Contains(again.out, "\"registered\":0,\"repeated\":3")) << again.out;
  const Ended verified = Import(rows + " --verify");
  EXPECT_TRUE(Contains(verified.out, "\"registered\":0,\"repeated\":3")) << verified.out;
}

TEST_F(ImportTableTest, FaultsAreSaidWithoutValues) {
  struct Row {
    const char* why;
    std::string arguments;
    int exit;
    const char* says;
  };
  const Row rows[] = {
      {"no such table", "--table agence.nobody --order-by id --id x", 2, "42P01"},
      {"no such column", "--table agence.Usagers --order-by nobody --id x", 2, "42703"},
      {"a statement instead of a name", "--table 'a; DROP TABLE b' --order-by id --id x", 2,
       "42P01"},
      {"a quote in the name", "--table 'a\"b' --order-by id --id x", 2, "42P01"},
      {"no name of the import", "--table agence.Usagers --order-by id", 2, "--id"},
      {"no order", "--table agence.Usagers --id x", 2, "--order-by"},
      {"a file as well", path("map.toml") + " --table agence.Usagers --dry-run", 2, "one input"},
      {"an order of a file", path("map.toml") + " --order-by id", 2, "--table"},
  };
  for (const Row& row : rows) {
    const Ended ended = Import(row.arguments);
    EXPECT_EQ(ended.exit, row.exit) << row.why << ended.err;
    EXPECT_TRUE(Contains(ended.err, row.says)) << row.why << ended.err;
  }
  const Ended password =
      Shell("\"$cloison\" import --postgres 'dbname=x password=hunter2' --table t --dry-run");
  EXPECT_EQ(password.exit, 2) << password.err;
  EXPECT_TRUE(Contains(password.err, "PGPASSFILE")) << password.err;
  EXPECT_FALSE(Contains(password.err, "hunter2"));
  const Ended away = Shell("\"$cloison\" import --postgres 'host=" + path("none") +
                           " dbname=x' --table t --dry-run");
  EXPECT_EQ(away.exit, 69) << away.err;
}

// A statement that fails midway is no end of the table: nothing says that all rows came.
TEST_F(ImportTableTest, AReadThatBreaksOffIsNotTheEnd) {
  ASSERT_EQ(
      database_
          ->Sql("CREATE VIEW agence.broken AS SELECT n AS id, 'Nom' || n AS nom, 'P' AS prenom,"
                " date '1980-01-01' + 0 / (2000 - n) AS ne, '' AS obs"
                " FROM generate_series(1, 4000) n;")
          .exit,
      0);
  const Ended broken = Import("--table agence.broken --dry-run");
  EXPECT_EQ(broken.exit, 69) << broken.out << broken.err;
  EXPECT_EQ(broken.out, "");
}

}  // namespace
}  // namespace cloison::e2e
