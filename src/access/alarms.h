// Alarms: what an operator's own watch must hear of within the minute. Rows of family cases,
// written in the commit of what raised them, numbered from 1 without a gap, so whoever follows them
// sees when one is missing.
//
// An alarm names no person and no account: from rung 3 on it names the case, which officers may
// read. Who enrolled whom and whose key is new are alerts (access/alerts.h), for the organisation.
//
// Kept are the last kAlarmsKept; numbers are given when the batch is closed. Followers (src/sinks)
// deliver each at least once.
//
// Threads  any; answers come back on `caller.home`.
// Fails    as the calls of Gate do. Refusals: kNoRight (who may not freeze).
// Source   docs/format/state.md "Alarms", docs/operate/alarms.md.
#ifndef CLOISON_ACCESS_ALARMS_H_
#define CLOISON_ACCESS_ALARMS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/alarm_bell.h"
#include "access/gate.h"
#include "access/observer.h"

namespace cloison::access {

inline constexpr std::uint64_t kAlarmsKept = 100'000;
inline constexpr std::size_t kAlarmsPageMax = 100;
inline constexpr std::size_t kAlarmTestsOfOne = 20, kAlarmTestsOfAll = 60;  // within an hour
inline constexpr std::size_t kAlarmWhyBytesMax = 40;
inline constexpr std::string_view kWhyLies = "/lies";  // behind the alias of a provider that lies

struct Alarm {
  enum class What : std::uint8_t {
    kTest = 1,      // somebody asked for one
    kRung,          // an account or a pool came to `to`
    kCaseClosed,    // a human let go
    kFrozen,        // an officer froze an account
    kDamaged,       // something was found altered or damaged
    kProviderOut,   // an identity provider is out of reach, or lies: `why` ends with kWhyLies
    kErasuresFull,  // an organisation had as many erasures as it may have in a day
  };
  std::uint64_t number = 0;  // set when it is written
  std::int64_t wall_ms = 0;
  What what = What::kTest;
  Rung from = Rung::kNone, to = Rung::kNone;
  OrganisationId organisation{0};  // of the account; 0: no account's
  std::optional<PoolKey> pool;     // whose rung it is; nothing: an account's
  std::optional<CaseId> file;
  std::string why;  // "D1/day", "decoy", "budget"; of damage, which; of a provider, its alias
  friend bool operator==(const Alarm&, const Alarm&) = default;
};
std::string_view Name(Alarm::What what);  // as docs/operate/alarms.md has them

Alarm FrozenAlarm(const PrincipalInfo& who);
Bytes EncodeAlarm(const Alarm& alarm);
Result<Alarm> ParseAlarm(ByteView plain, std::uint64_t number);  // kCorrupt

// A handle: copied freely, outlived by the gate.
class Alarms {
 public:
  explicit Alarms(internal::Core& core) : core_(core) {}

  struct Page {
    std::vector<Alarm> items;
    std::uint64_t first = 0, last = 0;  // kept, and written, when it was read; last 0: none yet
    std::optional<ledger::Recorded> recorded;  // nothing: there was nothing to show
  };
  // Those above `after`, oldest first. kInvalid: a page of none, or of more than kAlarmsPageMax.
  Task<Outcome<Page>> List(Caller caller, std::uint64_t after, std::size_t count);
  struct Raised {
    std::uint64_t number;
    ledger::Recorded recorded;
  };
  // An alarm that says it is a test, as any other: written, streamed, delivered. Refused as a
  // budget is (kBudgetSpent): beyond kAlarmTestsOfOne or kAlarmTestsOfAll, or a stolen account
  // would drown every other alarm, and push out those that are kept.
  Task<Outcome<Raised>> Test(Caller caller);

  // In Stage of a work of others on the committer, which stages something else too.
  void Raise(Alarm alarm);
  // Of what no request raises: in a commit of its own, with an entry of the system principal's.
  // Fails as Gate::RecordKeys does; nothing is raised then.
  Task<Status> Tell(Alarm alarm, base::Executor& home);

  // Where to wait for the next; it is there as long as the gate.
  AlarmBell& bell() const;
  // For the followers, which deliver: as List, of what is durable, without a caller.
  Task<Result<std::vector<Alarm>>> Stored(std::uint64_t after, std::size_t count);

 private:
  internal::Core& core_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_ALARMS_H_
