// The demo's register opened by a bench's own server, and such a server from its start to its end.
#ifndef CLOISON_BENCH_DEMO_STAGE_H_
#define CLOISON_BENCH_DEMO_STAGE_H_

#include <memory>
#include <string>

#include "base/events.h"
#include "net/server.h"
#include "server/node.h"

namespace cloison::bench {

// The directory of a stopped `cloisond demo`, opened as a server does. Ends the program, saying
// why, when it cannot.
class DemoStage {
 public:
  explicit DemoStage(const std::string& data);
  ~DemoStage();
  vault::Vault& vault() { return *vault_; }
  server::Ground& ground() { return *ground_; }

 private:
  base::NullEventSink events_;
  std::unique_ptr<server::Ground> ground_;
  std::unique_ptr<vault::Vault> vault_;
};

struct TlsFiles {
  std::string certificate, key, client_ca;
};

// Before any thread begins, so that only ServeUntilTold sees SIGTERM and SIGINT.
void BlockEndingSignals();
// On all cores. Prints "ready port=N" and serves until it is told to end.
void ServeUntilTold(net::Handler& handler, const TlsFiles& files, DemoStage& stage);

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_DEMO_STAGE_H_
