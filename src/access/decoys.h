// Decoys: records that nobody has a reason to open, kept like any other
// (docs/design/0023-decoys.md, docs/operate/decoys.md).
//
// Two officers agree to how many there are to be: an approval of kind "decoys". Tend brings the
// register there, stratum by stratum, and lets those that are there live as others do. Which they
// are is on a list that only the observer opens (access/observer.h).
//
//   made      person key, list, then the registration: a record is on the list before it is there
//   retired   journal, erasure, keys, then the list: as anybody who is erased
//   yields    a registration, or a change, of a number that a decoy has erases the decoy first
//
// Jobs, and citizens who bind themselves, meet nobody where a decoy is.
//
// Threads  any; Tend by one caller at a time (kUnavailable).
#ifndef CLOISON_ACCESS_DECOYS_H_
#define CLOISON_ACCESS_DECOYS_H_

#include <atomic>
#include <optional>
#include <string_view>

#include "access/gate.h"
#include "records/strata.h"

namespace cloison::access {

inline constexpr std::string_view kDecoysKind = "decoys";
inline constexpr std::uint32_t kDecoyShareMax = 10'000;   // of 100,000
inline constexpr std::size_t kDecoysPerTendMax = 10'000;  // made or retired at once
inline constexpr std::size_t kDecoyMovesMax = 20'000;     // changes at once

// Who invents people that nobody is.
class DecoyInventor {
 public:
  virtual ~DecoyInventor() = default;
  struct Invented {
    records::Values values;  // ascending by field
    std::uint64_t origin;    // names who it is to this inventor; kept on the list of decoys
  };
  // Of this stratum, or of its département and decade, in a register of so many people. Nothing:
  // nobody fits. One call at a time, of this and Move.
  virtual std::optional<Invented> Invent(const records::Stratum& stratum, std::size_t people) = 0;
  // A telephone or a mail address that who was invented as `origin` may come to have: of the same
  // name, of the same zone. Nothing: they are not of this inventor, or have neither.
  virtual std::optional<records::Value> Move(std::uint64_t origin, std::size_t people) = 0;
};

// What an approval of kind "decoys" asks for. 0: all are to be retired.
struct DecoysRequest {
  std::uint32_t per_100000 = 0;
};
Bytes Encode(const DecoysRequest& request);
Result<DecoysRequest> ParseDecoys(ByteView what);  // kInvalid

class Decoys {
 public:
  explicit Decoys(internal::Core& core) : core_(core) {}

  // What was done: numbers, never who.
  struct Tended {
    std::size_t people = 0, decoys = 0;  // after it
    std::size_t made = 0, retired = 0, moved = 0;
    std::size_t unmade = 0;  // wanted, and nobody fits or too much is done already: next time
  };
  // Fails as the store does, and kUnavailable after Stop: what was done until then is done, and the
  // next call goes on.
  Task<Result<Tended>> Tend(base::Executor& home);
  // Each hour: tends a day after the last time, or when another share was agreed to.
  Task<Status> TendIfDue(base::Executor& home);
  // Before the vault is stopped: a call that runs ends soon.
  void Stop() { stops_ = true; }

 private:
  struct Plan;
  Task<Result<Plan>> MakePlan(base::Executor& home);
  Task<Status> Make(Plan& plan, Tended& tended, base::Executor& home);
  Task<Status> Retire(const Plan& plan, Tended& tended, base::Executor& home);
  Task<Status> Live(const Plan& plan, Tended& tended, base::Executor& home);

  internal::Core& core_;
  std::atomic<bool> busy_ = false, stops_ = false;
  std::optional<std::uint32_t> tended_share_;  // and when, in budget time
  std::int64_t tended_ms_ = 0;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_DECOYS_H_
