// peers: how many disclosures a second beside what people use today, and what does each of them
// answer to the questions of a theft?
//
// One machine, one run, in turn, the same 100,000 generated people. Ours: as in the bench
// `disclose`, over TLS 1.3 with client certificates, decision, budget, ledger entry and sync
// within, 64 connections: 15,000 a second. PostgreSQL with pgcrypto: 7 fields pgp_sym_encrypt'ed,
// one row by key, 2 fields decrypted, 16 connections over a Unix socket, no TLS, no audit.
// pgp_sym_decrypt stretches its key at each call (65,536 to 253,952 bytes of SHA-1, 160 kB on
// average, 1 GB/s: 160 us; two are 320 us): on 2 cores some 5,000 a second, less what pgbench
// takes; ratio 3 to 5. The same from messages that were sealed with the least stretching, and raw
// AES (decrypt_iv, which checks nothing), cost a query of 40 to 60 us: 25,000 a second, ratio below
// 1: a database that decides nothing and records nothing is faster. Databunker, where its program
// is given
// (--databunker): a JSON record by token over TLS on the loopback with its audit on, 16
// connections, same load_tool: some 1,000 a second, ratio above 10.
//
// ratio_*: our rate over theirs, all clients on the same cores; ratio_cpu_*: their servers' CPU
// time for a call over ours, which other work on the machine disturbs least.
//
// Beside these: rows found by e-mail address (ours: a look-up's masked row, with its entry), rows
// made, and everybody made at once: ours a direct import of the CSV of all fields, on two cores,
// 40,000 a second with the programs' own starts; pgcrypto one INSERT ... SELECT for each core, with
// its key, its index of HMACs and a checkpoint, 1,500 a second (7 fields of 160 us, two cores);
// Databunker has no way but one by one. CipherStash's EQL seals in a proxy with keys from a service
// that is not on this machine: not run. The four questions are asked by doing it:
// bench/peers/questions.h.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/random.h"
#include "bench/loaded_register.h"
#include "bench/our_server.h"
#include "bench/peers/databunker.h"
#include "bench/peers/postgres.h"
#include "bench/peers/questions.h"
#include "bench/report.h"
#include "ingest/generator.h"

namespace cloison::bench {
namespace {

using nlohmann::json;

constexpr std::size_t kOurConnections = 64, kTheirConnections = 16;
constexpr std::size_t kAgentsPerRun = 48;  // as in `disclose`
constexpr std::size_t kFindingAgents = 16;
constexpr std::size_t kBunkerPeople = 5'000;
constexpr double kOnceSecondsMax = 300;
constexpr std::size_t kScannedRows = 2'000;
constexpr std::uint64_t kCreatedFrom = 1'000'000;  // people who are not in the world
constexpr std::size_t kCreationsPerRun = 40'000;   // more than a run has time for

struct Settings {
  WorldSettings world{100'000, "build/bench-data/disclose"};
  std::string folder = "build/bench-data/peers";
  std::string databunker;
  int runs = 5;
  double seconds = 3;
};

const ingest::Generator& Generated() {
  static const ingest::Generator generator(1);
  return generator;
}

// The 7 fields of theirs, as columns.
constexpr const char* kColumns[] = {"birth_name", "first_name", "birth_date", "nir",
                                    "phone",      "email",      "city"};
constexpr const char* kNames[] = {
    "identity.birth_name", "identity.first_name", "identity.birth_date", "civil_number.nir",
    "contact.phone",       "contact.email",       "address.city"};

class Stopwatch {
 public:
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// "f(birth_name, rest), f(first_name, rest) ..." over all columns.
std::string OverColumns(const std::string& before, const std::string& after) {
  std::string out;
  for (const char* column : kColumns) out += ", " + before + column + after;
  return out;
}

std::vector<BunkerPerson> BunkerPeople(std::uint64_t first, std::size_t count) {
  std::vector<BunkerPerson> people;
  for (std::uint64_t i = first; i < first + count; ++i) {
    const ingest::GeneratedPerson person = Generated().At(i);
    json fields;
    for (std::size_t c = 0; c < std::size(kColumns); ++c) {
      if (std::string(kColumns[c]) == "phone")
        continue;  // synthetic ones are shared, and it refuses
      fields[kColumns[c]] = std::string(person.Text(kNames[c]));
    }
    people.push_back({fields.dump(), std::string(person.Text("contact.email"))});
  }
  return people;
}

struct Read {
  double per_s, p50_ms, p99_ms;
  double cpu_us;  // of the servers, per call
};

// The four figures of one kind of call.
struct Kind {
  explicit Kind(const std::string& name)
      : per_s{name + "_per_s", {}, 0},
        p50{name + "_p50_ms", {}},
        p99{name + "_p99_ms", {}},
        cpu{name + "_cpu_us", {}, 1} {}
  void Add(const Read& read) {
    per_s.runs.push_back(read.per_s);
    p50.runs.push_back(read.p50_ms);
    p99.runs.push_back(read.p99_ms);
    cpu.runs.push_back(read.cpu_us);
  }
  Figure per_s, p50, p99, cpu;
};

class Bench {
 public:
  explicit Bench(const Settings& settings);
  void Run();

 private:
  void CopyPeople();
  void FillPostgres();
  void FillBunker();
  void LoadOurs();
  Read Ours(const Load& load, std::size_t connections) const;
  Read Pgbench(const std::string& script) const;
  Read Bunker(const Load& load, bool once) const;
  Load Creations(int run) const;
  Load LookUps() const;
  void OneRun(int run);
  void RunBunker();
  void ScanOnce();
  void AskQuestions();
  std::vector<Figure> Figures() const;

  Settings settings_;
  std::string log_;
  OurServer ours_;
  std::unique_ptr<Postgres> postgres_;
  std::unique_ptr<Databunker> bunker_;
  SealedKeys keys_;
  std::vector<BunkerPerson> bunker_people_ = BunkerPeople(0, kBunkerPeople);
  std::optional<Load> look_ups_;
  Figure ratio_pgcrypto_{"ratio_pgcrypto", {}}, ratio_quick_{"ratio_pgcrypto_quick", {}};
  Figure ratio_aes_{"ratio_pg_aes", {}}, ratio_bunker_{"ratio_databunker", {}};
  Figure cpu_pgcrypto_{"ratio_cpu_pgcrypto", {}}, cpu_aes_{"ratio_cpu_pg_aes", {}};
  Figure cpu_bunker_{"ratio_cpu_databunker", {}};
  Figure scan_{"pgcrypto_scan_s", {}, 1};
  Figure ours_bulk_{"ours_bulk_per_s", {}, 0}, pgp_bulk_{"pgcrypto_bulk_per_s", {}, 0};
  Figure bunker_bulk_{"databunker_bulk_per_s", {}, 0};
  Kind ours_read_{"ours"}, pgp_{"pgcrypto"}, audited_{"pgcrypto_audited"}, quick_{"pgcrypto_quick"};
  Kind aes_{"pg_aes"}, bunker_read_{"databunker"};
  Kind ours_find_{"ours_find"}, pgp_find_{"pgcrypto_find"}, bunker_find_{"databunker_find"};
  Kind ours_make_{"ours_create"}, pgp_make_{"pgcrypto_create"}, bunker_make_{"databunker_create"};
};

Bench::Bench(const Settings& settings)
    : settings_(settings), log_(settings.folder + "/log"), ours_(settings.world) {
  std::filesystem::create_directories(settings_.folder);
  postgres_ = std::make_unique<Postgres>(settings_.folder + "/postgres", log_);
  base::SystemRandom random;
  keys_ = {base::ToHex(random.Draw<32>()), "\\x" + base::ToHex(random.Draw<32>()),
           base::ToHex(random.Draw<32>())};
  std::printf("sealing %zu people in PostgreSQL\n", settings_.world.people);
  std::fflush(stdout);
  FillPostgres();
  LoadOurs();
  if (settings_.databunker.empty()) {
    std::printf("Databunker is skipped: no program of it is given (--databunker)\n");
  } else {
    bunker_ =
        std::make_unique<Databunker>(settings_.databunker, *postgres_, ours_, settings_.folder);
    FillBunker();
  }
  ours_.PayBudgets();
  look_ups_ = LookUps();
}

void Bench::CopyPeople() {
  const std::string csv = std::filesystem::absolute(settings_.folder + "/people.csv").string();
  {
    std::ofstream file(csv);
    for (std::uint64_t i = 0; i < settings_.world.people; ++i) {
      const ingest::GeneratedPerson person = Generated().At(i);
      file << i + 1;
      for (const char* name : kNames) file << ",\"" << person.Text(name) << '"';
      file << '\n';
    }
  }
  const Postgres& pg = *postgres_;
  pg.Sql("postgres", std::string("CREATE DATABASE ") + kPeersDatabase);
  pg.Sql(kPeersDatabase,
         "CREATE EXTENSION pgcrypto;"
         "CREATE TABLE people(id bigint PRIMARY KEY" +
             OverColumns("", " text") +
             ");"
             "CREATE TABLE sealed(id bigint, email_hash bytea" +
             OverColumns("", " bytea") +
             ");"
             "CREATE TABLE sealed_aes(id bigint" +
             OverColumns("", " bytea") +
             ");"
             "CREATE TABLE sealed_quick(id bigint, birth_name bytea, phone bytea);"
             "CREATE TABLE audit(at timestamptz DEFAULT now(), who text, person bigint);"
             "CREATE TABLE registered(nir bytea);"
             "CREATE TABLE registered_once(nir_hash bytea UNIQUE, nir bytea);"
             "CREATE SEQUENCE night;"
             "CREATE SEQUENCE new_id START 1000000001");
  pg.Sql(kPeersDatabase, "\\copy people FROM '" + csv +
                             "' CSV FORCE NOT NULL phone, nir, city, "
                             "birth_name, first_name, birth_date, email");
  std::filesystem::remove(csv);
}

void Bench::FillPostgres() {
  CopyPeople();
  const Postgres& pg = *postgres_;
  const std::string pgp = "'" + keys_.pgp + "'", iv = "gen_random_bytes(16)";
  std::vector<std::string> sealed, others;  // two at once: one for each core
  for (const char* half : {"0", "1"}) {
    const std::string from = std::string(" FROM people WHERE id % 2 = ") + half + ";";
    sealed.push_back("INSERT INTO sealed SELECT id, hmac(email, '" + keys_.hash + "', 'sha256')" +
                     OverColumns("pgp_sym_encrypt(", ", " + pgp + ")") + from);
    others.push_back("INSERT INTO sealed_aes SELECT id" +
                     OverColumns("iv || encrypt_iv(convert_to(",
                                 ", 'UTF8'), '" + keys_.aes + "'::bytea, iv, 'aes')") +
                     " FROM (SELECT *, " + iv + " iv FROM people WHERE id % 2 = " + half + ") p;" +
                     "INSERT INTO sealed_quick SELECT id, pgp_sym_encrypt(birth_name, " + pgp +
                     ", 's2k-count=1024'), pgp_sym_encrypt(phone, " + pgp + ", 's2k-count=1024')" +
                     from);
  }
  const Stopwatch watch;
  pg.SqlAtOnce(kPeersDatabase, sealed);
  pg.Sql(kPeersDatabase,
         "ALTER TABLE sealed ADD PRIMARY KEY (id); CREATE INDEX ON sealed(email_hash)");
  pg.Sql(kPeersDatabase, "CHECKPOINT");
  pgp_bulk_.runs.push_back(static_cast<double>(settings_.world.people) / watch.Seconds());
  pg.SqlAtOnce(kPeersDatabase, others);
  pg.Sql(kPeersDatabase,
         "ALTER TABLE sealed_aes ADD PRIMARY KEY (id);"
         "ALTER TABLE sealed_quick ADD PRIMARY KEY (id);"
         "ANALYZE");
  pg.Sql(kPeersDatabase, "VACUUM");
  pg.Sql(kPeersDatabase, "CHECKPOINT");
}

void Bench::LoadOurs() {
  const Loading loading{settings_.world.people, settings_.folder, settings_.world.bin};
  const std::string home = settings_.folder + "/register", csv = settings_.folder + "/load.csv";
  std::filesystem::remove_all(home);
  Generate(loading, csv);
  MakeRegister(loading, home);
  const Stopwatch watch;
  LoadRegister(loading, home, csv);
  ours_bulk_.runs.push_back(static_cast<double>(settings_.world.people) / watch.Seconds());
  std::filesystem::remove_all(home);
  std::filesystem::remove(csv);
}

void Bench::FillBunker() {
  bunker_bulk_.runs.push_back(Bunker(bunker_->Creations(bunker_people_), true).per_s);
}

Read Bench::Ours(const Load& load, std::size_t connections) const {
  const double cpu = ours_.child().CpuSeconds();
  const Loaded loaded = RunLoadTool(settings_.world.bin, load,
                                    {ours_.port(), connections, settings_.seconds, false}, log_);
  AllAnswered(loaded);
  return {loaded.per_s, loaded.p50_ms, loaded.p99_ms,
          (ours_.child().CpuSeconds() - cpu) * 1e6 / loaded.requests};
}

Read Bench::Bunker(const Load& load, bool once) const {
  const double seconds = once ? kOnceSecondsMax : settings_.seconds;
  const double cpu = bunker_->CpuSeconds() + postgres_->CpuSeconds();
  const Loaded loaded = RunLoadTool(settings_.world.bin, load,
                                    {bunker_->port(), kTheirConnections, seconds, once}, log_);
  AllAnswered(loaded);
  const double used = bunker_->CpuSeconds() + postgres_->CpuSeconds() - cpu;
  return {loaded.per_s, loaded.p50_ms, loaded.p99_ms, used * 1e6 / loaded.requests};
}

Read Bench::Pgbench(const std::string& script) const {
  const double cpu = postgres_->CpuSeconds();
  const Transactions made = postgres_->Run(
      kPeersDatabase, {"bench/peers/" + script, VariablesOf(keys_, settings_.world.people)},
      {kTheirConnections, settings_.seconds, 0});
  return {made.per_s, made.p50_ms, made.p99_ms,
          (postgres_->CpuSeconds() - cpu) * 1e6 / static_cast<double>(made.done)};
}

// New people by the application that registers; never the same twice over all runs.
Load Bench::Creations(int run) const {
  const auto at = std::chrono::system_clock::now().time_since_epoch();
  // A world that is kept holds those of earlier benches: each second has people of its own.
  const auto second =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(at).count());
  const std::uint64_t blocks = (ingest::kGeneratedPeopleMax - kCreatedFrom) / kCreationsPerRun;
  const std::uint64_t first =
      kCreatedFrom + (second + static_cast<std::uint64_t>(run)) % blocks * kCreationsPerRun;
  std::vector<std::string> bodies;
  for (std::uint64_t i = first; i < first + kCreationsPerRun; ++i) {
    std::string fields;
    ingest::AppendJsonLine(fields, Generated().At(i));
    bodies.push_back("{\"fields\":" + fields.substr(0, fields.find('\n')) +
                     ",\"case_ref\":\"BENCH-0001\"}");
  }
  return ours_.WriteLoadOf("create", "app.case", "/v1/people", bodies);
}

// The addresses of some agents' people are asked of the server itself, as an agent would.
Load Bench::LookUps() const {
  std::map<std::string, std::string> emails;  // by code
  for (std::size_t i = 0; i < kFindingAgents; ++i) {
    const Agent& agent = ours_.agents()[i];
    for (const std::string& code : agent.codes) {
      const json body{{"person", code},
                      {"fields", {"contact.email"}},
                      {"purpose", "support"},
                      {"case_ref", "BENCH-0001"}};
      const OurServer::Answer answer = ours_.Ask(agent.name, "/v1/disclosures", body.dump());
      if (answer.status != 201) GiveUp("an address was not disclosed: " + answer.body);
      emails[code] =
          json::parse(answer.body).at("disclosures").at(0).at("fields").at("contact.email");
    }
  }
  return ours_.WriteLoad(
      "find", {"/v1/lookups", 0, kFindingAgents, [&emails](const Agent& agent, std::size_t nth) {
                 return json{{"criteria", {{"email", emails[agent.codes[nth]]}}},
                             {"purpose", "support"},
                             {"case_ref", "BENCH-0001"}}
                     .dump();
               }});
}

void Bench::RunBunker() {
  const std::vector<std::string> tokens = bunker_->Tokens(*postgres_);
  const Read read = Bunker(bunker_->ReadingsByToken(tokens), false);
  bunker_read_.Add(read);
  ratio_bunker_.runs.push_back(ours_read_.per_s.runs.back() / read.per_s);
  cpu_bunker_.runs.push_back(read.cpu_us / ours_read_.cpu.runs.back());
  bunker_find_.Add(Bunker(bunker_->ReadingsByEmail(bunker_people_), false));
  const std::size_t made = bunker_make_.per_s.runs.size();
  const std::vector<BunkerPerson> people =
      BunkerPeople(kCreatedFrom + made * kBunkerPeople, kBunkerPeople / 5);
  bunker_make_.Add(Bunker(bunker_->Creations(people), true));
}

void Bench::OneRun(int run) {
  ours_read_.Add(
      Ours(ours_.Disclosures("run", static_cast<std::size_t>(run) * kAgentsPerRun, kOurConnections),
           kOurConnections));
  pgp_.Add(Pgbench("read_pgp.sql"));
  quick_.Add(Pgbench("read_pgp_quick.sql"));
  aes_.Add(Pgbench("read_aes.sql"));
  const double ours = ours_read_.per_s.runs.back();
  ratio_pgcrypto_.runs.push_back(ours / pgp_.per_s.runs.back());
  ratio_quick_.runs.push_back(ours / quick_.per_s.runs.back());
  ratio_aes_.runs.push_back(ours / aes_.per_s.runs.back());
  const double ours_cpu = ours_read_.cpu.runs.back();
  cpu_pgcrypto_.runs.push_back(pgp_.cpu.runs.back() / ours_cpu);
  cpu_aes_.runs.push_back(aes_.cpu.runs.back() / ours_cpu);
  audited_.Add(Pgbench("read_pgp_audited.sql"));
  pgp_find_.Add(Pgbench("find_hmac.sql"));
  pgp_make_.Add(Pgbench("create_pgp.sql"));
  ours_find_.Add(Ours(*look_ups_, kOurConnections));
  ours_make_.Add(Ours(Creations(run), kOurConnections));
  if (bunker_ != nullptr) RunBunker();
  std::printf(
      "run %d: ours %.0f/s; pgcrypto %.0f/s, little stretching %.0f/s, audited %.0f/s; raw "
      "AES %.0f/s; Databunker %.0f/s\n",
      run + 1, ours, pgp_.per_s.runs.back(), quick_.per_s.runs.back(), audited_.per_s.runs.back(),
      aes_.per_s.runs.back(), bunker_ != nullptr ? bunker_read_.per_s.runs.back() : 0.0);
  std::fflush(stdout);
}

// Without a column of HMACs an address is found by opening every row: timed over some, told for
// all.
void Bench::ScanOnce() {
  const Stopwatch watch;
  postgres_->Sql(kPeersDatabase,
                 "SELECT id FROM sealed WHERE id <= " + std::to_string(kScannedRows) +
                     " AND pgp_sym_decrypt(email, '" + keys_.pgp + "') = 'nobody'");
  scan_.runs.push_back(watch.Seconds() * static_cast<double>(settings_.world.people) /
                       kScannedRows);
}

void Bench::AskQuestions() {
  ours_.Stop();
  const Answers pgcrypto = AskPgcrypto(*postgres_, keys_, settings_.world.people);
  Answers bunker{"skipped", "skipped", "skipped", "skipped"};
  if (bunker_ != nullptr) {
    bunker = AskDatabunker(
        {*bunker_, *postgres_, BunkerPeople(kCreatedFrom * 5, 10), settings_.world.bin, log_});
  }
  const Answers ours = AskOurs({2'000, settings_.folder + "/ours", settings_.world.bin});
  std::printf("\n| question | PostgreSQL + pgcrypto | Databunker | Cloison |\n|---|---|---|---|\n");
  const auto row = [&](const char* question, std::string Answers::* answer) {
    std::printf("| %s | %s | %s | %s |\n", question, (pgcrypto.*answer).c_str(),
                (bunker.*answer).c_str(), (ours.*answer).c_str());
  };
  row("somebody with the database's rights deletes the audit", &Answers::audit_gone);
  row("16 callers register the same identifier at once", &Answers::duplicates);
  row("what is left of an erased person", &Answers::after_erasure);
  row("one account reads all night", &Answers::all_night);
  std::printf("\n");
}

std::vector<Figure> Bench::Figures() const {
  std::vector<Figure> figures = {ratio_pgcrypto_, ratio_aes_};
  if (bunker_ != nullptr) figures.push_back(ratio_bunker_);
  figures.insert(figures.end(), {ratio_quick_, cpu_pgcrypto_, cpu_aes_});
  if (bunker_ != nullptr) figures.push_back(cpu_bunker_);
  std::vector<const Kind*> kinds = {&ours_read_, &pgp_,      &quick_,     &aes_,     &audited_,
                                    &ours_find_, &pgp_find_, &ours_make_, &pgp_make_};
  if (bunker_ != nullptr) kinds.insert(kinds.end(), {&bunker_read_, &bunker_find_, &bunker_make_});
  for (const Kind* kind : kinds) {
    figures.insert(figures.end(), {kind->per_s, kind->p50, kind->p99, kind->cpu});
  }
  figures.insert(figures.end(), {scan_, ours_bulk_, pgp_bulk_});
  if (bunker_ != nullptr) figures.push_back(bunker_bulk_);
  return figures;
}

void Bench::Run() {
  std::printf("warming up\n");
  std::fflush(stdout);
  Ours(ours_.Disclosures("run", 0, kOurConnections), kOurConnections);
  for (const char* script : {"read_pgp.sql", "read_pgp_quick.sql", "read_aes.sql"}) Pgbench(script);
  for (int run = 0; run < settings_.runs; ++run) OneRun(run);
  ScanOnce();
  AskQuestions();
  Report(
      "peers",
      "How many disclosures a second beside PostgreSQL with pgcrypto (16 connections over a Unix "
      "socket) and Databunker (16 over TLS)? Ours: 64 connections over TLS, with the ledger.",
      Figures());
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("Loads cloisond, PostgreSQL with pgcrypto and Databunker in turn");
  app.add_option("--people", settings.world.people)->check(CLI::Range(10'000, 1'000'000));
  app.add_option("--runs", settings.runs)->check(CLI::Range(1, 100));
  app.add_option("--seconds", settings.seconds, "of each kind of call in each run");
  app.add_option("--folder", settings.folder, "where the others are made, and removed");
  app.add_option("--databunker", settings.databunker, "a built program of Databunker")
      ->envname("CLOISON_DATABUNKER")
      ->check(CLI::ExistingFile);
  cloison::bench::AddWorldOptions(app, settings.world);
  CLI11_PARSE(app, argc, argv);
  if (!cloison::bench::Postgres::Installed()) {
    cloison::bench::GiveUp("PostgreSQL is not installed: tools/setup bench");
  }
  cloison::bench::Bench(settings).Run();
  return 0;
}
