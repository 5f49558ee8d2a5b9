// What watches those who are shown people, as the gate knows it: it is told of every showing in the
// work that decides it, and says what holds a principal back from the next answer on.
//
// What it keeps of a principal, a watch, is a part of the principal's row: written in the commit of
// the showing, by which it cannot be rolled back either. What it keeps of pools it writes itself,
// as a participant, tied to the anchor like a ceiling (Ceilings::Tie).
//
// Rungs are kept by the gate (access/internal/gate_work.cc), whatever made the observer set one.
// docs/design/0021-sentinel.md says why each is as it is.
//
// Threads  the committer's, but Write of a watch: any, while nothing changes it.
#ifndef CLOISON_ACCESS_OBSERVER_H_
#define CLOISON_ACCESS_OBSERVER_H_

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "access/detector_spec.h"
#include "access/principal_info.h"
#include "base/executor.h"
#include "commit/committer.h"
#include "commit/sealed_state.h"

namespace cloison::access {

class Ceilings;
class DecoyInventor;
class Policy;
class PolicyInForce;
class Staff;
struct Calibration;

// What the server does by itself. The numbers are on disk.
enum class Rung : std::uint8_t {
  kNone = 0,
  kPurposeText = 1,   // a case_ref is required
  kStepUp = 2,        // who it is must be proven again
  kSecondPerson = 3,  // an opening off the caseload needs somebody of another office; a fifth of
                      // the budgets
  kFrozen = 4,        // nobody off the caseload; sessions are over; the caseload is read only for a
                      // day
  kPool = 5,          // an office or organisation is held to its caseloads
};
inline constexpr std::uint32_t kBudgetsDividedBy = 5;          // from kSecondPerson on
inline constexpr std::int64_t kReadOnlyMs = base::kDayMs;      // from kFrozen on
inline constexpr std::uint32_t kWornPercent = 70;              // of a day's cap: kPurposeText
inline constexpr std::int64_t kCapAgainMs = 5 * base::kDayMs;  // reached twice: kSecondPerson
inline constexpr std::int64_t kDecoyAgainMs = 30 * base::kDayMs;

// What holds somebody back now.
struct Hold {
  Rung rung = Rung::kNone;     // of the principal: at most kFrozen
  bool pool = false;           // an office, organisation or the register that it is in is held
  std::int64_t since_ms = 0;   // budget time: kSecondPerson or above holds since then
  std::int64_t frozen_ms = 0;  // kFrozen holds since then
  std::int64_t proven_since_ms = 0;  // wall clock: a proof of who it is must be from then or later
  bool OnlyCaseload() const { return pool || rung >= Rung::kFrozen; }
};

using CaseId = ByteArray<16>;  // when ‖ random, so in the order of time
CaseId NewCaseId(std::int64_t now_ms, base::Random& random);

// A rung that was reached or left; what is said of it is a literal.
struct RungChange {
  Rung from, to;
  std::string_view why;         // "D1/day", "budget", "decoy", "quiet" when it was left
  bool acts;                    // false: shadow mode, so it is only said
  std::optional<CaseId> file;   // the case that a human must close, from kSecondPerson on
  std::optional<PoolKey> pool;  // whose rung it is; nothing: the principal's
};

// What the gate knows of a showing beside whom it shows.
class Marks {
 public:
  constexpr Marks() = default;
  static constexpr Marks Absent() { return Marks(1); }   // answered as "not available"
  static constexpr Marks Nobodys() { return Marks(3); }  // and the code was nobody's
  static constexpr Marks Beyond() { return Marks(4); }   // lives beyond the office's départements
  constexpr bool beyond() const { return (bits_ & 4) != 0; }
  constexpr bool absent() const { return (bits_ & 1) != 0; }
  constexpr bool nobodys() const { return (bits_ & 2) != 0; }

 private:
  constexpr explicit Marks(unsigned bits) : bits_(static_cast<std::uint8_t>(bits)) {}
  std::uint8_t bits_ = 0;
};

// A query of numbers, and those that would come before it and after: keyed digests; 0: none.
struct QuerySteps {
  std::uint64_t before = 0, query = 0, next = 0;
};

struct ObservedShowing {
  ByteArray<16> name;  // of the person (AUD), or of a query
  CounterSet counters;
  ShowingFamily family;
  Marks marks;
  QuerySteps steps;  // of the first showing of a look-up
  SeenTimes before;  // latest showings until now; 0: never
};

// Who acts, and when.
struct Acting {
  const PrincipalInfo& info;
  std::string_view budget_class;
  commit::BatchTime time;
  bool worn = false;   // kWornPercent of a day's cap of a counter that this touches are used
  bool spent = false;  // all of it
};

// A record that nobody has a reason to open.
struct Decoy {
  PersonId person;
  Aud aud;
  std::uint64_t origin = 0;  // who the inventor made it of (DecoyInventor)
};

// Which records are decoys. The list is sealed, and whoever has it opens it alone.
//
// Threads  the committer's.
class DecoyList {
 public:
  virtual ~DecoyList() = default;
  virtual bool Has(const Aud& aud) const = 0;
  virtual std::vector<Decoy> All() const = 0;
  // Of 100,000 people of each stratum so many are to be decoys: what two officers agreed to.
  virtual std::uint32_t share() const = 0;
  // In Stage, the last that a work does: the list of the batch's end is durable with it. Who is on
  // it already, or not on it, changes nothing.
  virtual void Add(std::span<const Decoy> decoys) = 0;
  virtual void Remove(std::span<const Decoy> decoys) = 0;
  virtual void SetShare(std::uint32_t per_100000) = 0;
  virtual DecoyInventor* inventor() const = 0;  // access/decoys.h; null: none are made
};

inline constexpr std::size_t kWatchBytesMax = 512;

class Watch {
 public:
  virtual ~Watch() = default;
  // Gives how many bytes it wrote.
  virtual std::size_t Write(std::span<std::uint8_t, kWatchBytesMax> to) const = 0;
};

// What speaks against somebody, for the human who looks at the case.
struct Evidence {
  std::string_view score;  // "D1/day"
  std::uint32_t count;     // in the block that runs
  double weighed;          // w * M
};

class Observer : public commit::Participant {
 public:
  struct Ground {  // all outlive it
    const PolicyInForce& policy;
    const commit::SealedState& state;
    Ceilings& ceilings;
    base::Random& random;
    base::EventSink& events;
  };
  // Once, before anything else.
  virtual void Stand(const Ground& ground) = 0;
  // Before the first work. kCorrupt: what it wrote does not open.
  virtual Task<Status> Recover(store::Store& store) = 0;

  virtual std::unique_ptr<Watch> NewWatch(std::int64_t now_ms) = 0;
  virtual Result<std::unique_ptr<Watch>> Read(ByteView bytes) = 0;  // kCorrupt
  // What a principal may not do now. It may bring the watch up to the time, and nothing else.
  virtual Hold HoldOn(const PrincipalInfo& info, std::string_view budget_class, Watch& watch,
                      std::int64_t now_ms) = 0;
  // After the showings were charged; cannot fail, and nothing after it does. Cost: 1 us.
  virtual std::vector<RungChange> See(const Acting& acting, Watch& watch,
                                      std::span<const ObservedShowing> showings) = 0;
  virtual std::vector<Evidence> EvidenceOf(std::string_view budget_class, Watch& watch,
                                           std::int64_t now_ms) = 0;
  virtual std::vector<Evidence> EvidenceOf(const PoolKey& pool, std::int64_t now_ms) = 0;
  // In Stage: a human closed the case. M is 0 again, and nothing is held, if it is this case that
  // holds; an older one lets go of nothing.
  virtual void EndCase(Watch& watch, const CaseId& file, std::int64_t now_ms) = 0;
  virtual void EndCase(const PoolKey& pool, const CaseId& file, std::int64_t now_ms) = 0;
  virtual DecoyList& decoys() = 0;
  // In Stage: what was learnt until now is durable with this batch.
  virtual void KeepLearnt() = 0;
  // What it learnt of the last `days` days before `today` (of budget time) says of the bounds of
  // `spec` (access/calibration.h). All of `of` outlives it. Any thread; goes on as jobs of
  // `turns`, some ms to some hundred each, and holds nothing that the store reads on meanwhile.
  struct ToCalibrate {
    store::Store& store;
    const DetectorsSpec& spec;
    const Staff& staff;  // who is of which pool
    std::uint32_t today, days;
    base::Executor& turns;
  };
  virtual Task<Result<Calibration>> Calibrate(ToCalibrate of) = 0;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_OBSERVER_H_
