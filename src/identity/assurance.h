// How sure sign-in is of who asks: what the gate holds against the policy of the principal's role.
//
// Whether a level or a method is enough is not decided here: that depends on the role, which the
// gate alone knows.
//
// Source   RFC 9470 (step-up), RFC 8176 (methods), OpenID Connect Core section 2 (acr, amr,
//          auth_time).
#ifndef CLOISON_IDENTITY_ASSURANCE_H_
#define CLOISON_IDENTITY_ASSURANCE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace cloison::identity {

// Methods of the amr claim, as bits. What an issuer calls otherwise is mapped by its configuration;
// a method that nobody knows is left out, and so never helps.
enum class Method : std::uint16_t {
  kPassword = 1,          // pwd
  kMail = 1 << 1,         // mail: a code by e-mail
  kSms = 1 << 2,          // sms
  kOtp = 1 << 3,          // otp, totp
  kPin = 1 << 4,          // pin
  kHardware = 1 << 5,     // hwk
  kSoftware = 1 << 6,     // swk
  kPossession = 1 << 7,   // pop
  kSmartCard = 1 << 8,    // sc
  kFingerprint = 1 << 9,  // fpt
  kFace = 1 << 10,        // face
};
inline constexpr Method kAllMethods[] = {Method::kPassword,    Method::kMail,       Method::kSms,
                                      Method::kOtp,         Method::kPin,        Method::kHardware,
                                      Method::kSoftware,    Method::kPossession, Method::kSmartCard,
                                      Method::kFingerprint, Method::kFace};
// Nothing: an unknown name ("mfa" is one: it names no method).
std::optional<Method> MethodNamed(std::string_view name);
std::string_view Name(Method method);

class Methods {
 public:
  constexpr Methods() = default;
  constexpr Methods& Add(Method method) {
    bits_ = static_cast<std::uint16_t>(bits_ | static_cast<std::uint16_t>(method));
    return *this;
  }
  constexpr bool Has(Method method) const {
    return (bits_ & static_cast<std::uint16_t>(method)) != 0;
  }
  constexpr bool HasAnyOf(Methods others) const { return (bits_ & others.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  // A password and a code by mail: refused whatever else is claimed beside them.
  constexpr bool HasPasswordAndMail() const { return Has(Method::kPassword) && Has(Method::kMail); }
  // That, or nothing but passwords and codes by mail or text: refused whatever level is claimed.
  constexpr bool IsMailTrap() const {
    constexpr auto kWeak = static_cast<std::uint16_t>(Method::kPassword) |
                           static_cast<std::uint16_t>(Method::kMail) |
                           static_cast<std::uint16_t>(Method::kSms);
    return (bits_ & ~kWeak) == 0 || HasPasswordAndMail();
  }
  friend bool operator==(const Methods&, const Methods&) = default;

 private:
  std::uint16_t bits_ = 0;
};

// Who is at the other end.
enum class Actor : std::uint8_t {
  kHuman,        // signed in at a provider, with a session bound to a key
  kApplication,  // client credentials, bound to a key: never shown anybody
  kCookie,       // a citizen's cookie without a key: their own record alone
  kDevelopment,  // development mode: stands for any of them, and passes every level
  kInternal,     // the server itself: set-up, recovery, simulation
};

struct Assurance {
  Actor actor;
  std::string level;  // acr as the issuer's map has it ("eidas2"); "": none was given
  Methods methods;
  std::int64_t auth_time_s = 0;  // wall clock: when the human last proved who they are; 0: unknown
  std::string issuer = {};       // alias in the configuration ("proconnect"); "": development

  static Assurance Development() { return {Actor::kDevelopment, {}, {}, 0, {}}; }
  static Assurance Internal() { return {Actor::kInternal, {}, {}, 0, {}}; }
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_ASSURANCE_H_
