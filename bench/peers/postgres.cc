#include "bench/peers/postgres.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "bench/child.h"
#include "bench/our_server.h"
#include "bench/report.h"

namespace cloison::bench {
namespace {

namespace fs = std::filesystem;

constexpr char kServerUser[] = "postgres";
constexpr int kStartAttempts = 300;
constexpr std::chrono::milliseconds kBackendsEndWithin(500);

// Debian's: /usr/lib/postgresql/15/bin.
std::string Programs() {
  std::error_code error;
  std::string newest;
  for (const fs::directory_entry& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const std::string bin = entry.path().string() + "/bin";
    if (fs::exists(bin + "/initdb") && fs::exists(bin + "/pgbench")) newest = std::max(newest, bin);
  }
  return newest;
}

// All that a program writes to standard output; `exit` its exit code.
std::string OutputOf(const std::vector<std::string>& words, const std::string& log, int& exit) {
  Child child(words, log);
  std::string line, out;
  while (child.ReadLine(line)) out += out.empty() ? line : "\n" + line;
  exit = child.Wait();
  return out;
}

void MustRun(const std::vector<std::string>& words, const std::string& log) {
  int exit = 0;
  OutputOf(words, log, exit);
  if (exit != 0) GiveUp(words.back() + " failed: see " + log);
}

// Latencies in ms from pgbench's logs, "client transaction us ...".
std::vector<double> TakeLatencies(const std::string& prefix) {
  std::vector<double> ms;
  const fs::path path(prefix);
  for (const fs::directory_entry& entry : fs::directory_iterator(path.parent_path())) {
    if (!entry.path().filename().string().starts_with(path.filename().string())) continue;
    std::ifstream file(entry.path());
    std::string line;
    while (std::getline(file, line)) {
      std::istringstream words(line);
      double client = 0, transaction = 0, us = 0;
      if (words >> client >> transaction >> us) ms.push_back(us / 1e3);
    }
    fs::remove(entry.path());
  }
  return ms;
}

}  // namespace

bool Postgres::Installed() {
  return !Programs().empty();
}

// The kernel ends the server when the bench is killed.
std::vector<std::string> Postgres::AsServer(std::vector<std::string> words) const {
  std::vector<std::string> other = {"/usr/bin/setpriv", "--pdeathsig", "INT"};
  if (geteuid() == 0) {
    const std::string user(kServerUser);
    for (const std::string& word :
         {"--reuid=" + user, "--regid=" + user, std::string("--clear-groups")}) {
      other.push_back(word);
    }
  }
  words.insert(words.begin(), other.begin(), other.end());
  return words;
}

void Postgres::WaitUntilReady() const {
  for (int attempt = 0; attempt < kStartAttempts; ++attempt) {
    int exit = 0;
    OutputOf({Programs() + "/pg_isready", "-q", "-h", socket_}, log_, exit);
    if (exit == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  GiveUp("PostgreSQL does not start: see " + log_);
}

Postgres::Postgres(std::string folder, std::string log)
    : folder_(fs::absolute(folder).string()), log_(std::move(log)) {
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  // Names of sockets are short, those of folders may not be.
  std::string name = "/tmp/cloison-bench-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) GiveUp("no folder for a socket");
  socket_ = name;
  if (geteuid() == 0) {
    const passwd* const user = getpwnam(kServerUser);
    if (user == nullptr || chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0 ||
        chown(socket_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      GiveUp("PostgreSQL does not run as root, and there is no user postgres");
    }
  }
  const std::string bin = Programs();
  MustRun(AsServer({bin + "/initdb", "-D", data(), "--auth=trust", "-E", "UTF8",
                    std::string("--username=") + kUser}),
          log_);
  // Shared buffers hold all the rows; the rest as it comes, synchronous_commit = on among it.
  std::vector<std::string> words = {bin + "/postgres", "-D", data()};
  for (const std::string& setting :
       {std::string("listen_addresses="), "unix_socket_directories=" + socket_,
        std::string("shared_buffers=1GB"), std::string("max_connections=200"),
        std::string("synchronous_commit=on"), std::string("max_wal_size=4GB"),
        std::string("logging_collector=on"), std::string("log_directory=log")}) {
    words.push_back("-c");
    words.push_back(setting);
  }
  server_ = std::make_unique<Child>(AsServer(words), log_);
  WaitUntilReady();
}

Postgres::~Postgres() {
  server_.reset();
  std::error_code error;
  fs::remove_all(folder_, error);
  fs::remove_all(socket_, error);
}

std::vector<std::string> Postgres::PsqlWords(const std::string& database,
                                             const std::string& text) const {
  return {Programs() + "/psql",
          "-h",
          socket_,
          "-U",
          kUser,
          "-d",
          database,
          "-X",
          "-q",
          "-A",
          "-t",
          "-v",
          "ON_ERROR_STOP=1",
          "-c",
          text};
}

std::string Postgres::Sql(const std::string& database, const std::string& text) const {
  int exit = 0;
  const std::string out = OutputOf(PsqlWords(database, text), log_, exit);
  if (exit != 0) GiveUp("a statement failed (see " + log_ + "): " + text.substr(0, 200));
  return out;
}

bool Postgres::Try(const std::string& database, const std::string& text) const {
  int exit = 0;
  OutputOf(PsqlWords(database, text), log_, exit);
  return exit == 0;
}

void Postgres::SqlAtOnce(const std::string& database, const std::vector<std::string>& texts) const {
  std::vector<std::unique_ptr<Child>> children;
  for (const std::string& text : texts) {
    children.push_back(std::make_unique<Child>(PsqlWords(database, text), log_));
  }
  for (const std::unique_ptr<Child>& child : children) {
    if (child->Wait() != 0) GiveUp("a statement failed: see " + log_);
  }
}

Transactions Postgres::Run(const std::string& database, const Script& script,
                           const Callers& callers) const {
  const std::string latencies = fs::absolute(fs::path(log_).parent_path()).string() + "/latency";
  std::vector<std::string> words = {Programs() + "/pgbench",
                                    "-n",
                                    "-M",
                                    "prepared",
                                    "-h",
                                    socket_,
                                    "-U",
                                    kUser,
                                    "-c",
                                    std::to_string(callers.clients),
                                    "-j",
                                    "1",
                                    "-l",
                                    "--log-prefix",
                                    latencies,
                                    "-f",
                                    script.path};
  for (const std::string& variable : script.variables) {
    words.push_back("-D");
    words.push_back(variable);
  }
  words.push_back(callers.transactions != 0 ? "-t" : "-T");
  words.push_back(std::to_string(callers.transactions != 0
                                     ? callers.transactions
                                     : static_cast<std::size_t>(callers.seconds + 0.5)));
  words.push_back(database);
  int exit = 0;
  const auto start = std::chrono::steady_clock::now();
  const std::string out = OutputOf(words, log_, exit);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  // A backend ends after its client, and its time is the server's once it is reaped.
  std::this_thread::sleep_for(kBackendsEndWithin);
  std::vector<double> ms = TakeLatencies(latencies);
  Transactions made;
  made.done = ms.size();
  made.failed = callers.clients * callers.transactions -
                std::min(made.done, callers.clients * callers.transactions);
  if (callers.transactions == 0 && (exit != 0 || made.done == 0))
    GiveUp("pgbench failed: see " + log_);
  const std::size_t tps = out.find("tps = ");
  made.per_s = tps == std::string::npos ? static_cast<double>(made.done) / seconds
                                        : std::stod(out.substr(tps + 6));
  made.p50_ms = Quantile(ms, 0.5);
  made.p99_ms = Quantile(ms, 0.99);
  return made;
}

std::string Postgres::ServerLog() const {
  std::string all;
  for (const fs::directory_entry& entry : fs::directory_iterator(data() + "/log")) {
    all += ReadWholeFile(entry.path().string());
  }
  return all;
}

}  // namespace cloison::bench
