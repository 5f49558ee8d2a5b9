// Who may approve what another asked for: another human, who has the right, was enrolled long
// enough, stands outside the asker's chain of managers, and gains nothing by it.
//
// Nobody is trusted for being above somebody: a manager who was hijacked would approve what the
// accounts below ask, and accounts below would approve what it asks. Pure; threads: any.
//
// Source   docs/design/0016-two-people.md.
#ifndef CLOISON_APPROVALS_ENTITLED_H_
#define CLOISON_APPROVALS_ENTITLED_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"

namespace cloison::approvals {

inline constexpr std::int64_t kEnrolledForMs = 30 * base::kDayMs;
inline constexpr std::size_t kChainMax = 16;  // managers above one; more, or a circle: nobody may

// What a kind of approval asks of people beyond its rights.
struct Rules {
  bool asker_may_gain = false;                    // asks for oneself; another decides all the same
  bool chain_may_decide = false;                  // a manager may decide for those below
  bool same_organisation = true;                  // as who asked
  bool other_office = false;                      // than who asked; none is an office too
  std::int64_t enrolled_for_ms = kEnrolledForMs;  // more than that
  std::int64_t lasts_ms = 7 * base::kDayMs;       // then it has expired
};

// One of the people of an approval, as the register has it at this moment.
struct Party {
  PrincipalId id;
  OrganisationId organisation;
  std::optional<ByteArray<16>> human = {};
  std::int64_t enrolled_ms = 0;         // 0: since before anybody asks
  bool has_right = true;                // to ask, of the asker; to approve, of the approver
  bool stands = true;                   // neither frozen nor expired
  bool is_human = true;                 // signed in as one: no application, no job
  std::vector<PrincipalId> above = {};  // its manager, the manager's, ...; at most kChainMax + 1
  std::optional<std::uint32_t> office = {};
};

enum class WhyNot : std::uint8_t {
  kNoRight,
  kDoesNotStand,
  kNotHuman,
  kOtherOrganisation,
  kSamePrincipal,
  kSameHuman,  // another account of who asked
  kTooFresh,
  kInChain,
  kGains,
  kSameOffice,
};
std::string_view Name(WhyNot why);  // "no_right", "same_human" ...; a rule of the ledger

// What the approval would give something to.
struct Gaining {
  std::vector<PrincipalId> principals;
  std::vector<ByteArray<16>> humans;
};

// Nothing: may ask.
std::optional<WhyNot> MayNotAsk(const Rules& rules, const Party& asker, const Gaining& gaining);
// Nothing: may approve, and deny. The first reason in the order of WhyNot.
std::optional<WhyNot> MayNotApprove(const Rules& rules, const Party& asker, const Party& approver,
                                    const Gaining& gaining, std::int64_t now_ms);

}  // namespace cloison::approvals

#endif  // CLOISON_APPROVALS_ENTITLED_H_
