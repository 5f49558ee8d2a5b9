#include "identity/assurance.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cloison::identity {

namespace {

using enum Method;

// The first name of a method is the one it is told by.
constexpr std::array<std::pair<std::string_view, Method>, 12> kNames = {{
    {"pwd", kPassword},
    {"mail", kMail},
    {"sms", kSms},
    {"otp", kOtp},
    {"totp", kOtp},
    {"pin", kPin},
    {"hwk", kHardware},
    {"swk", kSoftware},
    {"pop", kPossession},
    {"sc", kSmartCard},
    {"fpt", kFingerprint},
    {"face", kFace},
}};

}  // namespace

std::optional<Method> MethodNamed(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, &decltype(kNames)::value_type::first);
  if (found == kNames.end()) return std::nullopt;
  return found->second;
}

std::string_view Name(Method method) {
  return std::ranges::find(kNames, method, &decltype(kNames)::value_type::second)->first;
}

}  // namespace cloison::identity
