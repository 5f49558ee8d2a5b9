// The logs of a register, one after the other. There is one, until a recovery ceremony closes it
// and opens a successor: a log of its own origin, key and name, whose entries count from 0 again
// (docs/design/0014-successor-log.md).
//
// A place is a number in a log, and which log: (generation - 1) << 48 | number. The keys of frames,
// records and segments, what trail and activity rows lead to, and the months are places of entries;
// a page of a trail ends at the place of a running number. In generation 1 a place is its number.
//
//   logs    01 | u8 n | log × n                                 meta row "logs", sealed; n > 1
//   log     u8 length | origin | key | opening | closing        the first has no opening, the last
//   key     00, or 01 | public key[32]                          no closing; all others have one
//   opening u64 ms since 1970 | u64 budget ms | u32 length | statement    zeros, empty: none
//   closing 00, or 01 | head | (00, or 01 | head)                         head: u64 size | root[32]
//
// Threads  values; no shared state.
// Source   docs/format/ledger.md "Generations".
#ifndef CLOISON_LEDGER_LOGS_H_
#define CLOISON_LEDGER_LOGS_H_

#include <optional>
#include <string>
#include <vector>

#include "commit/sealed_state.h"
#include "tlog/checkpoint.h"

namespace cloison::ledger {

inline constexpr std::size_t kLogsMax = 255;
inline constexpr unsigned kNumberBits = 48;  // above tlog::kTreeLevelMax
inline constexpr char kLogsRow[] = "logs";   // in store::Family::kMeta

constexpr std::uint64_t PlaceOf(std::uint32_t generation, std::uint64_t number) {
  return (std::uint64_t{generation} - 1) << kNumberBits | number;
}
constexpr std::uint32_t GenerationOf(std::uint64_t place) {
  return static_cast<std::uint32_t>(place >> kNumberBits) + 1;
}
constexpr std::uint64_t NumberOf(std::uint64_t place) {
  return place & ((std::uint64_t{1} << kNumberBits) - 1);
}

struct Log {
  // The ceremony that made it.
  struct Opening {
    std::int64_t time_ms;    // wall
    std::int64_t budget_ms;  // budgets are spent as of then
    std::string statement;   // a note, signed by two officers
    friend bool operator==(const Opening&, const Opening&) = default;
  };
  struct Closing {
    tlog::Head head;                        // what is left of it
    std::optional<tlog::Head> signed_head;  // the last that it is known to have signed
    friend bool operator==(const Closing&, const Closing&) = default;
  };
  std::string origin;
  // Nothing: of a log that is lost whole, key database and all.
  std::optional<crypto::Ed25519PublicKey> key;
  std::optional<Opening> opening;  // nothing: the first, or one that is lost whole
  std::optional<Closing> closing;  // nothing: the newest
  friend bool operator==(const Log&, const Log&) = default;
};

// "<base>" for generation 1, "<base>/2" and so on.
std::string OriginOf(const std::string& base, std::uint32_t generation);
Result<tlog::VerifierKey> VerifierKeyOf(const Log& log);  // kNotFound: the key is lost

Bytes Serialise(const std::vector<Log>& logs);
Result<std::vector<Log>> ParseLogs(ByteView bytes);  // fails kCorrupt

// What the store says; none: there is no row, so generation 1 is the only one. Fails kCorrupt, and
// as the store does.
Task<Result<std::vector<Log>>> ReadLogs(store::Store& store, const commit::SealedState& state);

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_LOGS_H_
