// cloisond under load: the demo world behind a real listener, its advisers' requests, and load_tool
// against it or against another server. What the benches `disclose` and `peers` share.
#ifndef CLOISON_BENCH_OUR_SERVER_H_
#define CLOISON_BENCH_OUR_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/child.h"
#include "bench/disclose_world.h"

namespace CLI {
class App;
}

namespace cloison::bench {

// Says why on standard error and ends the bench.
[[noreturn]] void GiveUp(const std::string& why);
std::string ReadWholeFile(const std::string& path);

// What load_tool needs: paths of its two files.
struct Load {
  std::string certificates, requests;
};
struct Loaded {
  double per_s = 0, p50_ms = 0, p99_ms = 0, requests = 0;
  std::map<int, std::uint64_t> statuses;
  bool broken = false;  // a connection was lost
};
struct LoadPlan {
  int port = 0;
  std::size_t connections = 0;
  double seconds = 0;
  bool once = false;  // each line once, at most `seconds` long
};
// Whatever the answers are; the bench ends when there is none at all.
Loaded RunLoadTool(const std::string& bin, const Load& load, const LoadPlan& plan,
                   const std::string& log);
// Ends the bench, saying which, when an answer was none of 200 and 201: anything else would be a
// figure of something else.
const Loaded& AllAnswered(const Loaded& loaded);

// The folder of the build that this program is of.
std::string OwnBuild();

struct WorldSettings {
  std::size_t people = 100'000;
  std::string root;              // where the world is kept from one bench to the next
  std::string bin = OwnBuild();  // the folder of cloisond, with bench/ in it
  std::string schema = {};       // FILE instead of the built-in one
};
// --root and --bin.
void AddWorldOptions(CLI::App& app, WorldSettings& world);

// Threads: one. Ends the bench, saying why, when the server does not do as it must.
class OurServer {
 public:
  // Builds the world when it is not there, reads the caseloads' codes, starts the server.
  explicit OurServer(WorldSettings settings);

  int port() const { return port_; }
  const Child& child() const { return *child_; }
  const std::vector<Agent>& agents() const { return agents_; }
  std::string data() const { return settings_.root + "/demo"; }
  std::string credentials() const { return data() + "/credentials"; }
  std::string log() const { return settings_.root + "/log"; }
  void Stop() { child_.reset(); }
  // False: it ended before it was ready.
  bool Start();

  // One agent's requests: a body for each of its people.
  using Body = std::function<std::string(const Agent& agent, std::size_t nth)>;
  struct Requests {
    std::string path;  // of the API
    std::size_t first_agent = 0, agents = 0;
    Body body;
  };
  Load WriteLoad(const std::string& name, const Requests& requests) const;
  // The bodies, all by one principal, each a request of its own (Idempotency-Key).
  Load WriteLoadOf(const std::string& name, const std::string& principal, const std::string& path,
                   const std::vector<std::string>& bodies) const;
  Load Disclosures(const std::string& name, std::size_t first_agent, std::size_t agents) const;
  // Every adviser opens its people once: later openings are free in budget.
  void PayBudgets();

  struct Answer {
    int status;
    std::string body;
    std::string etag;
  };
  // A POST, or a GET when `body` is empty.
  Answer Ask(const std::string& principal, const std::string& path, const std::string& body,
             const std::string& if_match = "") const;

 private:
  std::string Stem(const std::string& principal) const { return credentials() + "/" + principal; }

  WorldSettings settings_;
  std::vector<Agent> agents_;
  std::unique_ptr<Child> child_;
  int port_ = 0;
};

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_OUR_SERVER_H_
