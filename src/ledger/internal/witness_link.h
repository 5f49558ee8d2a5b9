// One witness over HTTP: what is asked of it, in its own words.
//
// Threads  one at a time; blocks up to twice the time that is given.
#ifndef CLOISON_LEDGER_INTERNAL_WITNESS_LINK_H_
#define CLOISON_LEDGER_INTERNAL_WITNESS_LINK_H_

#include <atomic>
#include <optional>

#include "net/client.h"
#include "tlog/checkpoint.h"
#include "tlog/trust_policy.h"
#include "tlog/witness.h"

namespace cloison::ledger::internal {

// Where a witness is. Fails kInvalid unless the URL is https, or http on the loopback, without a
// query.
struct WitnessPlace {
  net::ClientOptions client;
  std::string prefix;  // of paths; without a slash at its end
};
Result<WitnessPlace> PlaceOf(const std::string& url);

class WitnessLink {
 public:
  struct Limits {
    std::string ca_pem;
    std::int64_t answer_ms_max;
    const std::atomic<bool>* cancelled;  // outlives the link
  };
  WitnessLink(WitnessPlace place, const Limits& limits, base::Clock& clock);

  // Fails as HttpClient::Send and ParseWitnessAnswer do.
  Result<tlog::WitnessAnswer> Offer(const tlog::AddCheckpoint& request);

  // The newest checkpoint that the witness shows of the log `key`; nothing when it shows none, or
  // none that our key signed: a page of anybody's proves nothing.
  std::optional<tlog::Head> Shown(const tlog::VerifierKey& key);

  // Of the last answer; 0 when there was none.
  int status() const { return status_; }

 private:
  Result<net::Response> Send(const net::Request& request);

  std::string prefix_;
  net::HttpClient client_;
  int status_ = 0;
};

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_WITNESS_LINK_H_
