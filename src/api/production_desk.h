// All that sign-in of production stands on, put together: issuers file, providers, sessions,
// sign-ins under way.
//
// Threads  Make, Start, Follow: one caller. What they make: any.
// Source   docs/operate/sign_in.md.
#ifndef CLOISON_API_PRODUCTION_DESK_H_
#define CLOISON_API_PRODUCTION_DESK_H_

#include <memory>
#include <string>
#include <vector>

#include "access/alarms.h"
#include "access/gate.h"
#include "api/sign_in_desk.h"

namespace cloison::api {

// How many principals' standing is looked at each second at least: all of them within 3 seconds,
// however many have a session.
inline constexpr std::size_t kFollowedPerSecondMin = 256;
inline constexpr std::size_t kFollowedWithinS = 2;

class ProductionDesk {
 public:
  struct Parts {  // all outlive it
    base::Files& files;
    base::Clock& clock;
    const base::Clock& ages;  // of sessions: the same clock, but in tests
    base::Random& random;
    base::EventSink& events;
  };
  struct Options {
    std::string issuers_toml;
    std::string public_url;  // "https://vault.example": where browsers find this server
    identity::IssuersRules rules = {};
  };
  // kInvalid, and a line in `problems` for each fault.
  static Result<std::unique_ptr<ProductionDesk>> Make(Options options, Parts parts,
                                                      std::vector<std::string>& problems);
  ~ProductionDesk();
  // Begins to fetch the providers' keys. kInvalid: a ca_file cannot be read.
  Status Start();

  SignInDesk& desk();
  identity::SignIn& sign_in();

  // Each second: ends the sessions of who was frozen, whoever froze them, of who came to rung 4,
  // and those of an age. Fails as Gate::Find does, and when an alarm does not open.
  Task<Status> Follow(access::Gate& gate);
  // Each second: an alarm for each provider that is out of reach and for each that lies, or was or
  // did since the last call, whichever of those who talk to it found it so (api/outage_alarms.h).
  // Fails as OutageAlarms::Tell does.
  Task<Status> TellOutages(access::Alarms alarms, base::Executor& home);

 private:
  struct Impl;
  explicit ProductionDesk(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// "https://host" or "https://host:port": nothing behind it.
bool IsPublicUrl(std::string_view url);

}  // namespace cloison::api

#endif  // CLOISON_API_PRODUCTION_DESK_H_
