// What somebody must be told: enrolments, other roles, raises, freezes that ended, unseen keys,
// keys, erasures and exports that wait, another schema. Rows of family outbox, written in the
// commit that they tell of; read, and acknowledged, by those whom they are for:
//
//   the organisation's second contact (who is named so in the policy) and its officers: all of its
//   a manager: what is for the manager of whom it is about
//
// Nobody acknowledges what is about themselves, nor what they asked for or agreed to, under any of
// their accounts. Of unseen keys of one account there is one alert a day. What is acknowledged
// goes: the entry says by whom. What nobody acknowledges goes after kAlertKeptMs, or when an
// organisation has more than kAlertsOfOrganisationMax: the oldest first.
//
// Threads  any; answers come back on `caller.home`.
// Fails    as the calls of Gate do. Refusals: kNotAvailable (no such alert, or not for this
//          caller), kNoRight (rule "alerts/own").
// Source   docs/format/state.md "Outbox", docs/design/0016-two-people.md.
#ifndef CLOISON_ACCESS_ALERTS_H_
#define CLOISON_ACCESS_ALERTS_H_

#include <optional>
#include <vector>

#include "access/gate.h"

namespace cloison::access {

inline constexpr std::size_t kAlertsPageMax = 100;
inline constexpr std::size_t kAlertsScannedMax = 1'000;  // for one page
inline constexpr std::size_t kAlertsOfOrganisationMax = 10'000;
inline constexpr std::int64_t kAlertKeptMs = 90 * base::kDayMs;

using AlertId = ByteArray<16>;  // of an organisation's: when ‖ random, so in the order of time

struct Alert {
  enum class What : std::uint8_t {
    kEnrolled = 1,
    kUnseenKey,
    kKeyWaits,
    kOtherRole,
    kRaised,
    kUnfrozen,      // approval 0: by two officers' keys
    kErasureWaits,  // about whoever asked for it
    kExportWaits,   // the same
    kSchemaAgreed,  // the same; at a start to come
  };
  enum class Whom : std::uint8_t { kSecondContact = 1, kManager };  // of the organisation; theirs
  What what;
  Whom whom;
  PrincipalId about;
  OrganisationId organisation;
  std::optional<PrincipalId> manager;  // of `about`; nothing: the second contact is told instead
  std::uint64_t approval = 0;          // that made it so; of one that waits, is asked for; 0: none
  friend bool operator==(const Alert&, const Alert&) = default;
};
std::string_view Name(Alert::What what);  // "enrolled", "unseen_key", "other_role" ...

class Alerts {
 public:
  explicit Alerts(internal::Core& core) : core_(core) {}

  struct Told {
    AlertId id;
    Alert alert;
    std::int64_t at_ms;  // budget time
  };
  struct Page {
    std::vector<Told> items;
    std::optional<AlertId> next;  // the `above` of the next page
    ledger::Recorded recorded;
  };
  // Of the caller's organisation, those that are for the caller, oldest first. kInvalid: a page of
  // none, or of more than kAlertsPageMax.
  Task<Outcome<Page>> List(Caller caller, AlertId above, std::size_t count);
  struct Acknowledged {
    ledger::Recorded recorded;
  };
  Task<Outcome<Acknowledged>> Acknowledge(Caller caller, AlertId id);

  // Drops what is too old or too much. Each hour.
  Task<Status> Prune(base::Executor& home);

 private:
  internal::Core& core_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_ALERTS_H_
