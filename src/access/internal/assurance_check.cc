#include "access/internal/assurance_check.h"

#include <algorithm>

namespace cloison::access::internal {

namespace {

using identity::Actor;
using identity::Method;

constexpr std::int64_t kSkewSeconds = 60;

SignInDemand MakeDefault() {
  static const std::string kLevels[] = {"eidas2", "eidas3"};
  SignInDemand demand{kLevels, {}};
  for (const Method method :
       {Method::kOtp, Method::kPin, Method::kHardware, Method::kSoftware, Method::kPossession,
        Method::kSmartCard, Method::kFingerprint, Method::kFace}) {
    demand.methods.Add(method);
  }
  return demand;
}

bool HasLevel(const identity::Assurance& assurance, const SignInDemand& demand) {
  return std::ranges::find(demand.levels, assurance.level) != demand.levels.end();
}

}  // namespace

const SignInDemand& DefaultDemand() {
  static const SignInDemand kDemand = MakeDefault();
  return kDemand;
}

bool IsStrongEnough(const identity::Assurance& assurance, const SignInDemand& demand) {
  switch (assurance.actor) {
    case Actor::kHuman:
      return HasLevel(assurance, demand) && !assurance.methods.IsMailTrap() &&
             assurance.methods.HasAnyOf(demand.methods);
    case Actor::kCookie:
      return HasLevel(assurance, demand) && !assurance.methods.HasPasswordAndMail();
    case Actor::kApplication:
    case Actor::kDevelopment:
    case Actor::kInternal: return true;
  }
  return false;
}

bool IsFresh(const identity::Assurance& assurance, std::int64_t wall_ms, std::int64_t fresh_s) {
  const bool proves = assurance.actor == Actor::kHuman || assurance.actor == Actor::kCookie;
  if (!proves) return true;
  const std::int64_t age_s = wall_ms / 1000 - assurance.auth_time_s;
  return assurance.auth_time_s > 0 && age_s <= fresh_s && age_s >= -kSkewSeconds;
}

bool IsProvenSince(const identity::Assurance& assurance, std::int64_t since_ms) {
  const bool proves = assurance.actor == Actor::kHuman || assurance.actor == Actor::kCookie;
  return !proves || assurance.auth_time_s * 1000 >= since_ms;
}

}  // namespace cloison::access::internal
