// Databunker (github.com/securitybunker/databunker) on the bench's PostgreSQL, where a built
// program of it is given: the bench does not build it. TLS 1.3 on the loopback with the demo's
// server certificate, its own settings otherwise as shipped.
#ifndef CLOISON_BENCH_PEERS_DATABUNKER_H_
#define CLOISON_BENCH_PEERS_DATABUNKER_H_

#include <memory>
#include <string>
#include <vector>

#include "bench/our_server.h"
#include "bench/peers/postgres.h"

namespace cloison::bench {

// A person as a JSON object of its fields' names and texts, and the address it is found by.
struct BunkerPerson {
  std::string json, email;
};

// Threads: one. Ends the bench, saying why, when it does not start.
class Databunker {
 public:
  static constexpr const char* kDatabase = "databunker";

  Databunker(const std::string& program, const Postgres& postgres, const OurServer& ours,
             const std::string& folder);

  int port() const { return port_; }
  double CpuSeconds() const { return child_->CpuSeconds(); }  // its database's apart
  // Request files for load_tool: creations, readings by token and by e-mail address.
  Load Creations(const std::vector<BunkerPerson>& people) const;
  Load ReadingsByToken(const std::vector<std::string>& tokens) const;
  Load ReadingsByEmail(const std::vector<BunkerPerson>& people) const;
  std::vector<std::string> Tokens(const Postgres& postgres) const;

  struct Answer {
    int status;
    std::string body;
  };
  Answer Read(const std::string& token) const;
  Answer Delete(const std::string& token) const;

 private:
  struct Words {
    std::string method, path, body;
  };
  Load Write(const std::string& name, const std::vector<Words>& requests) const;
  Answer Ask(bool erase, const std::string& token) const;

  std::string folder_, credentials_;
  int port_ = 0;
  std::unique_ptr<Child> child_;
};

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_PEERS_DATABUNKER_H_
