// The vault's own sessions: what a sign-in at a provider becomes. A random token of 256 bits names
// one; only its digest is kept. A session is bound to a key, and the caller checks that the request
// proves it (session_check.h) before Touch: a copied token keeps nothing alive.
//
// A session ends kSessionIdleMs after its last use, kSessionMs after it was opened, when its
// principal is killed, and with the process: sessions are in memory alone, so a restart signs
// everybody in again. Ages are of the boot clock: a step of the wall clock opens nothing.
//
// Threads  any. Cost: a digest and a look into a table, 1 us.
// Source   docs/operate/sign_in.md; research "A. Who may enter" 10 and 11.
#ifndef CLOISON_IDENTITY_SESSIONS_H_
#define CLOISON_IDENTITY_SESSIONS_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/random.h"
#include "crypto/mac.h"
#include "identity/assurance.h"
#include "identity/pivot.h"

namespace cloison::identity {

inline constexpr std::int64_t kSessionIdleMs = 15 * base::kMinuteMs;
inline constexpr std::int64_t kSessionMs = 8 * base::kHourMs;
inline constexpr std::size_t kSessionsMax = 200'000;          // of staff
inline constexpr std::size_t kCitizensSessionsMax = 200'000;  // apart: a flood of them stops no one
inline constexpr std::size_t kSessionsOfOneMax = 8;           // of a principal; the oldest goes
inline constexpr std::string_view kSessionTokenPrefix = "cls_";
inline constexpr std::size_t kSessionTokenBytes = 4 + 43;  // prefix, 32 bytes as base64url

// What a request must prove beside the token.
enum class Bound : std::uint8_t {
  kDpop,         // a proof by the key with this thumbprint (RFC 9449)
  kCertificate,  // the client certificate with this SHA-256 (RFC 8705)
  kNothing,      // a citizen's cookie: their own record alone
};
// Where the token travels: an authorization header, or a cookie that no script reads.
enum class Carrier : std::uint8_t { kHeader, kCookie };

struct BoundKey {
  Bound how = Bound::kNothing;
  crypto::Digest thumbprint{};  // zero for kNothing
  friend bool operator==(const BoundKey&, const BoundKey&) = default;
};

struct Session {
  PrincipalId principal;
  SessionId id;
  ClientId client;
  Assurance assurance;
  BoundKey key = {};
  Carrier carrier = Carrier::kHeader;
  std::string name = {};  // alias:sub, as principal_name.h has it
  bool citizen = false;   // signed in at a provider of citizens
  // Of a citizen who is not bound to a person yet: who the provider says they are.
  std::shared_ptr<const Pivot> pivot = nullptr;
  std::int64_t opened_ms = 0;  // of the boot clock; set by Open
  std::int64_t used_ms = 0;
};

class Sessions {
 public:
  struct Limits {
    std::size_t sessions_max = kSessionsMax;
    std::size_t citizens_max = kCitizensSessionsMax;
    std::size_t of_one_max = kSessionsOfOneMax;
  };
  Sessions(const base::Clock& clock, base::Random& random) : Sessions(clock, random, Limits()) {}
  Sessions(const base::Clock& clock, base::Random& random, Limits limits)
      : clock_(clock), random_(random), limits_(limits) {}

  // A session with a token nobody had before. One with the same id is replaced: the old token is
  // dead (step-up). kExhausted: as many of other principals are alive, of staff or of citizens.
  Result<std::string> Open(Session session);
  SessionId NewId() { return SessionId(random_.Draw<16>()); }

  static crypto::Digest DigestOf(std::string_view token) { return crypto::Sha256(AsBytes(token)); }
  // Nothing: never opened, ended, idle for too long or too old; which of them is not told.
  std::optional<Session> Find(const crypto::Digest& token) const;
  std::optional<Session> FindById(const SessionId& id) const;
  // The request proved the key: the idle time begins anew.
  void Touch(const crypto::Digest& token);
  // The citizen was bound to a person: what the provider said of them is forgotten.
  void ForgetPivot(const SessionId& id);

  void End(const SessionId& id);
  // All of a principal's, at once: suspended or frozen. Gives how many there were.
  std::size_t Kill(const PrincipalId& principal);
  // All but one: the principal was enrolled by it, and nobody asked about the keys of the others.
  std::size_t KillOthers(const PrincipalId& principal, const SessionId& but);
  // Forgets what has ended by its age. Each minute.
  void Sweep();
  // At most `most` principals that have a session, from where the last call stopped: whoever asks
  // again and again sees all of them.
  std::vector<PrincipalId> NextPrincipals(std::size_t most);

  std::int64_t expires_in_ms(const Session& session) const;  // unless it is used
  std::size_t size() const;

 private:
  struct DigestHash {
    std::size_t operator()(const crypto::Digest& digest) const {
      return base::LoadBig({digest.data(), 8});
    }
  };
  using Table = std::unordered_map<crypto::Digest, Session, DigestHash>;
  bool Alive(const Session& session, std::int64_t now_ms) const;
  void Remove(Table::iterator at);
  bool IsFull(bool citizens) const;
  void SweepLocked(std::int64_t now_ms);
  std::optional<Table::iterator> TokenOf(const SessionId& id);

  const base::Clock& clock_;
  base::Random& random_;
  const Limits limits_;
  mutable std::mutex mutex_;  // guards what follows
  Table table_;               // by the token's digest
  std::size_t citizens_ = 0;  // of them
  std::unordered_map<PrincipalId, std::vector<crypto::Digest>, IdHash>
      of_principal_;  // oldest first
  std::unordered_map<SessionId, crypto::Digest, IdHash> by_id_;
  std::vector<PrincipalId> round_;  // what is left of NextPrincipals' round
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_SESSIONS_H_
