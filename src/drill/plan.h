// What a drill is to do: worlds and attacks, from the command line or a TOML file.
//
//   [world]                       of all attacks of the file
//   people = 20_000
//   agents = 40                   of the organisation; else twenty, or as many as are stolen
//   caseload = 150
//   seed = 1
//   policy = "policy.toml"        of job seekers; else the attack's own
//   [[attack]]
//   name = "A2"                   an attack or a replay
//   accounts = 3
//   days = 29
//   strangers_a_day = 4           of A2, A6 and A11
//   hammer = true
//   detectors = true              they act; else they say what they would have done
//   faults = "all=20"             befall the server meanwhile (drill/faults.h)
//   owner_away = true             of A2, A6, A11: nobody works beside the thief
//   [benign]
//   log = "benign.csv"
//
// Unknown keys are errors that name the nearest. Files are named from where the drill runs.
#ifndef CLOISON_DRILL_PLAN_H_
#define CLOISON_DRILL_PLAN_H_

#include "drill/drill.h"

namespace cloison::drill {

inline constexpr std::size_t kPlannedMax = 100;

struct Plan {
  std::vector<Options> attacks;
  std::string policy;  // FILE; empty: none
  std::string benign;  // FILE; empty: none
};

// kInvalid: `problems` (never null) gets lines for the operator.
Result<Plan> ParsePlan(std::string_view toml, std::vector<std::string>* problems);
// As the arguments say, without a file. kInvalid: an unknown name.
Result<Plan> PlanOf(const Arguments& arguments);

// As many accounts as an attack steals unless somebody says otherwise; nothing: no such attack.
std::optional<std::size_t> AccountsOf(std::string_view attack);
bool IsReplay(std::string_view attack);
std::string AttackNames();  // "attacks: A1 A2 ...; replays: ..."

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_PLAN_H_
