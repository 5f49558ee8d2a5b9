// Sign-ins under way: from whoever began one, through the browser and the provider, back to whoever
// began it. Each step is good once, in this order, within kSignInMs:
//
//   Begin    id and ticket   the caller, who proved a key, keeps the id; the ticket is in the URL
//   Start    browser         the ticket is used; the browser gets a cookie of its own
//   Return   attempt         the provider sent the browser back: state and cookie belong together
//   Identify handle          in the return URL, for kHandleMs
//   Redeem   who it is       for the handle, the id and the key together
//
// So a handle that somebody else reads is worth nothing; a sign-in that somebody else began cannot
// be slipped under a browser (its id is not there) nor ended in another browser (the cookie is not
// there); and the key that began is the key that ends. Of each of these texts only a digest is
// kept. Nothing survives a restart.
//
// Whoever has no account can begin sign-ins without end. When there is no place left, the oldest of
// those that nobody came back from the provider with makes room: of the network (/24, /56) or of
// the wider one (/48) that has its share; else of the wider network that has the most of them, when
// those are more than kGreedyNetwork; else of all. So strangers take each other's places, and who
// signs in without delay has theirs.
//
// Threads  any. Cost: some digests.
// Source   docs/operate/sign_in.md; RFC 9700 sections 2.1, 4.2, 4.7; RFC 6819 section 4.4.1.
#ifndef CLOISON_IDENTITY_SIGN_INS_H_
#define CLOISON_IDENTITY_SIGN_INS_H_

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "identity/openid_client.h"
#include "identity/sessions.h"

namespace cloison::identity {

inline constexpr std::int64_t kSignInMs = 10 * base::kMinuteMs;
inline constexpr std::int64_t kHandleMs = base::kMinuteMs;
inline constexpr std::size_t kSignInsMax = 50'000;          // of staff; as many of citizens, apart
inline constexpr std::size_t kSignInsOfNetworkMax = 2'000;  // under way, of one network, likewise
inline constexpr std::size_t kSignInsOfWideNetworkMax = 4'000;  // of a /48, which has 256 /56
inline constexpr std::size_t kGreedyNetwork = 500;
inline constexpr std::size_t kSignInTextBytesMax = 64;  // ids, tickets, handles

// What whoever begins says and proved.
struct Beginning {
  BoundKey key;
  Carrier carrier = Carrier::kHeader;
  ClientId client{0};
  std::string return_url;            // registered: where the browser goes in the end
  std::optional<SessionId> session;  // that is to be stepped up
  std::optional<PrincipalId> who;    // whose session that is: nobody else may end it
  ByteArray<8> network{};
  bool citizen = false;  // at a provider of citizens: has limits of its own
};

class SignIns {
 public:
  struct Limits {
    std::size_t sign_ins_max = kSignInsMax;  // of staff, and of citizens
    std::size_t of_network_max = kSignInsOfNetworkMax;
    std::size_t of_wide_network_max = kSignInsOfWideNetworkMax;
    std::size_t greedy_network = kGreedyNetwork;
  };
  SignIns(const base::Clock& clock, base::Random& random) : SignIns(clock, random, Limits()) {}
  SignIns(const base::Clock& clock, base::Random& random, Limits limits)
      : clock_(clock), random_(random), limits_(limits) {}

  struct Begun {
    std::string id;
    std::string ticket;
  };
  // kExhausted: too many are under way, and their people are back from the provider.
  Result<Begun> Begin(Beginning beginning, OpenIdClient::Begun at_provider);

  struct Started {
    std::string browser;  // for the cookie
    std::string url;      // of the provider
  };
  // kDenied: no such ticket, used, or too late. The same for all that follow.
  Result<Started> Start(std::string_view ticket);

  struct Returned {
    Attempt attempt;
    std::string return_url;
    Carrier carrier;
    crypto::Digest at;  // for Identify and Drop
  };
  Result<Returned> Return(std::string_view state, std::string_view browser);

  // A handle for the return URL.
  Result<std::string> Identify(const crypto::Digest& at, Identified who);
  void Drop(const crypto::Digest& at);

  struct Redeemed {
    Beginning beginning;
    Identified who;
  };
  // The handle is used up, whatever comes of it.
  Result<Redeemed> Redeem(std::string_view handle, std::string_view id, const BoundKey& key);
  // Without a handle: what no key began ends in the browser that began it. kDenied: a key did.
  Result<Redeemed> TakeKeyless(const crypto::Digest& at, Identified who);

  std::size_t size() const;

 private:
  enum class Step : std::uint8_t { kBegun, kAtProvider, kReturned, kIdentified };
  struct UnderWay {
    Step step = Step::kBegun;
    crypto::Digest id{};
    crypto::Digest browser{};
    Beginning beginning;
    OpenIdClient::Begun at_provider;
    std::optional<Identified> who;
    std::int64_t until_ms = 0;  // of the boot clock
    std::uint64_t number = 0;   // in the order of Begin
    bool IsWaiting() const { return step == Step::kBegun || step == Step::kAtProvider; }
  };
  using Waiting =
      std::map<std::uint64_t, crypto::Digest>;  // by number: where they are in the table
  struct Group {                                // all of one network
    std::size_t count = 0;
    Waiting waiting;
  };
  struct DigestHash {
    std::size_t operator()(const crypto::Digest& digest) const {
      return base::LoadBig({digest.data(), 8});
    }
  };
  using Table = std::unordered_map<crypto::Digest, UnderWay, DigestHash>;
  std::string NewText();
  // Takes it out of the table when it is at this step and in time.
  std::optional<UnderWay> TakeAt(const crypto::Digest& at, Step step);
  void Put(const crypto::Digest& at, UnderWay under_way);
  void Count(const crypto::Digest& at, const UnderWay& under_way, bool add);
  void SweepLocked();
  // Those of whom one must go for `beginning` to have a place; null: it has one.
  const Waiting* WhereFull(const Beginning& beginning) const;
  const Waiting& OfGreediest(bool citizen) const;

  const base::Clock& clock_;
  base::Random& random_;
  const Limits limits_;
  mutable std::mutex mutex_;  // guards what follows
  Table table_;               // by the digest of ticket, then state, then handle
  std::unordered_map<std::uint64_t, Group> networks_, wide_networks_;  // and of staff or citizens
  std::array<Group, 2> all_;                                           // of staff, of citizens
  // Wide networks by how many of theirs wait.
  std::array<std::set<std::pair<std::size_t, std::uint64_t>>, 2> by_waiting_;
  std::uint64_t begun_ = 0;
  std::int64_t swept_ms_ = 0;
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_SIGN_INS_H_
