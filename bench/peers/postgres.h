// A PostgreSQL of the bench's own: a cluster made by initdb in a folder of the bench, reached over
// a Unix socket alone, stopped and removed at the end. Clients are psql and pgbench, which come
// with the server: their own users' tools, and nothing of ours in the figures.
#ifndef CLOISON_BENCH_PEERS_POSTGRES_H_
#define CLOISON_BENCH_PEERS_POSTGRES_H_

#include <memory>
#include <string>
#include <vector>

#include "bench/child.h"

namespace cloison::bench {

struct Transactions {
  double per_s = 0, p50_ms = 0, p99_ms = 0;
  std::size_t done = 0, failed = 0;
};

// A script of pgbench and its variables, "name=value".
struct Script {
  std::string path;
  std::vector<std::string> variables;
};
struct Callers {
  std::size_t clients = 1;
  double seconds = 0;            // of the run, or
  std::size_t transactions = 0;  // of each client, when not 0
};

// Threads: one. Ends the bench, saying why, when PostgreSQL does not do as it must.
class Postgres {
 public:
  // `folder` is made; it is removed with all that is in it by the destructor. As root the server
  // runs as the user postgres, which the Debian package makes; else as who runs the bench.
  Postgres(std::string folder, std::string log);
  ~Postgres();
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  static bool Installed();
  const std::string& socket() const { return socket_; }  // a folder
  std::string data() const { return folder_ + "/data"; }
  static constexpr const char* kUser = "bench";

  // What the statements give: rows by newline, columns by '|'. Ends the bench when one fails.
  std::string Sql(const std::string& database, const std::string& text) const;
  // The same when one may fail: whether none did.
  bool Try(const std::string& database, const std::string& text) const;
  // The statements in as many processes at once, to use all cores.
  void SqlAtOnce(const std::string& database, const std::vector<std::string>& texts) const;
  Transactions Run(const std::string& database, const Script& script, const Callers& callers) const;
  double CpuSeconds() const { return server_->CpuSecondsOfAll(); }
  // Lines of the server's log so far.
  std::string ServerLog() const;

 private:
  std::vector<std::string> AsServer(std::vector<std::string> words) const;
  void WaitUntilReady() const;
  std::vector<std::string> PsqlWords(const std::string& database, const std::string& text) const;

  std::string folder_, socket_, log_;
  std::unique_ptr<Child> server_;
};

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_PEERS_POSTGRES_H_
