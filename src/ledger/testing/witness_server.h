// A witness for tests: the real checks of tlog-witness over HTTP on the loopback, what it holds
// kept in a directory so that it survives the server, and faults on request.
#ifndef CLOISON_LEDGER_TESTING_WITNESS_SERVER_H_
#define CLOISON_LEDGER_TESTING_WITNESS_SERVER_H_

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/files.h"
#include "net/server.h"
#include "tlog/checkpoint.h"
#include "tlog/witness.h"

namespace cloison::ledger::testing {

enum class WitnessFault : std::uint8_t {
  kNone,
  kSlow,           // answers after `number` ms
  kStatus,         // answers with the status `number` and a page
  kSaysSize,       // 409 with the size `number`, whatever it holds
  kOtherText,      // cosigns another text with its own key
  kOtherKey,       // cosigns with a key of somebody else, under its own name
  kNoTime,         // cosigns as of the time 0
  kGarbage,        // 200 and no signature line
  kHuge,           // 200 and 5 MB
  kWrongSizeType,  // 409 as it should be, but of another content type
  kHidden,         // does not show what it holds
};

class WitnessServer final : public net::Handler {
 public:
  // `seed` makes its key. `directory` is there; what a server before it kept there holds.
  WitnessServer(const std::string& name, std::uint8_t seed, std::string directory);
  ~WitnessServer() override;

  void Trust(const tlog::VerifierKey& log);
  void Break(WitnessFault fault, std::uint64_t number = 0);

  std::string url() const;  // of its submission prefix
  const tlog::VerifierKey& key() const { return key_; }
  // "witness <name> <vkey> <url>\n", for a trust policy.
  std::string PolicyLine(const std::string& name) const;
  std::uint64_t size(const std::string& origin) const;  // that it holds; 0: never heard of
  int requests() const { return requests_; }            // add-checkpoint

  Task<net::Response> Handle(net::Request request) override;

 private:
  net::Response Add(const net::Request& request);
  net::Response Show(const std::string& path) const;
  net::Response Cosigned(const std::string& text);
  std::string PathOf(const std::string& origin) const;
  tlog::Head HeldOf(const std::string& origin) const;

  crypto::Ed25519Signer signer_;
  tlog::VerifierKey key_;
  std::string directory_;
  mutable base::SystemFiles files_;
  base::SystemClock clock_;
  mutable std::mutex mutex_;  // guards the next three, and what is kept
  std::map<std::string, tlog::VerifierKey> logs_;
  WitnessFault fault_ = WitnessFault::kNone;
  std::uint64_t number_ = 0;
  std::atomic<int> requests_{0};
  std::unique_ptr<net::Server> server_;
};

// Takes connections and never says a word.
class SilentServer {
 public:
  SilentServer();
  ~SilentServer();
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  std::string url() const;

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace cloison::ledger::testing

#endif  // CLOISON_LEDGER_TESTING_WITNESS_SERVER_H_
