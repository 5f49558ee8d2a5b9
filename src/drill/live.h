// The drill on a server that runs: real time, real accounts, HTTP. The accounts that somebody hands
// it are stolen for some seconds: each opens whom it can, as fast as it can. What they were shown
// is counted from their side, held against the arithmetic of the caps that the server states, and
// against what an officer is told that the accounts did (docs/operate/drill.md, "Live").
//
// What the accounts open is opened: budgets are spent, entries made, alarms raised and cases
// opened as by any theft. So it goes to loopback alone, for minutes, and with accounts that are
// there for it.
//
// Threads  RunLive: one caller; it starts a thread for each connection and ends them all.
#ifndef CLOISON_DRILL_LIVE_H_
#define CLOISON_DRILL_LIVE_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "drill/drill.h"
#include "net/http.h"
#include "records/schema.h"

namespace cloison::drill {

inline constexpr int kLiveSecondsDefault = 60, kLiveSecondsMax = 600;
inline constexpr std::uint64_t kLiveReadsDefault = 20'000, kLiveReadsMax = 50'000;
inline constexpr std::size_t kLiveAccountsMax = 50;
// Of one account. The server lets it have 16 requests under way.
inline constexpr std::size_t kLiveConnectionsDefault = 4, kLiveConnectionsMax = 8;
inline constexpr std::size_t kLiveTargetsMax = 10'000;

// Whether a URL's host is a numeric address of this machine's loopback: 127.0.0.0/8 as four decimal
// numbers, or ::1. A name is none, whatever it resolves to.
bool IsLoopback(std::string_view host);

// People to be set on: codes, and national numbers to look up. Personal: never printed.
struct LiveTargets {
  std::vector<std::string> codes, nirs;
};
// One a line; empty lines and lines that begin with # are passed over. Fails kInvalid: neither, or
// more than kLiveTargetsMax; the detail is the line.
Result<LiveTargets> ParseTargets(std::string_view text);

// One question on one connection, with its credentials. Threads: one at a time.
struct LiveQuestion {
  net::Method method = net::Method::kGet;
  std::string path, query, body;
};
using LiveConnection = std::function<Result<net::Response>(const LiveQuestion&)>;

struct LiveOptions {
  std::string host;  // of the server
  int seconds = kLiveSecondsDefault;
  std::uint64_t reads_max = kLiveReadsDefault;  // of all accounts
  std::uint64_t seed = 1;                       // of guesses
};
struct LiveParties {
  std::vector<std::vector<LiveConnection>> accounts;  // each at least one
  LiveConnection officer;                             // with the right hold; better freeze too
};

// One report, of the name "live". Fails, and `problem` (never null) says in words at what:
//   kInvalid      a host that is not loopback, a number over its limit: nothing was sent
//   kDenied       an account or the officer may not do what the drill needs
//   kUnavailable  no answer; nobody was shown to any of them
//   kCorrupt      an answer that cannot be counted: the server's API, or schema, is another
Result<Report> RunLive(const LiveOptions& options, const LiveParties& parties,
                       const LiveTargets& targets, const records::Schema& schema,
                       base::Clock& clock, std::string* problem);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_LIVE_H_
