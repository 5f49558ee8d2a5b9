// The keys of each issuer, fetched and kept on a thread of its own, so that a provider that hangs
// holds up no other. A request never waits for a provider here: it gets a key that is kept, or
// kUnavailable, and may wait for one refresh.
//
//   fetched    at start, every kKeysRefreshMs, and when a request names a key that is not kept, at
//              most once per kKeysRefreshMsMin and issuer, however many ask
//   replaced   whole: a key that the issuer no longer publishes is not trusted from then on
//   kept       while the issuer is out of reach or lies (another issuer in its discovery, a set
//              that is none, a redirect, too much, too slow), for kKeysAgeMsMax; then refused
//   told       one event when an issuer fails, one when it answers again, however often it is asked
//
// Source   OpenID Connect Core section 10.1.1 (rotation), Discovery sections 3 and 4.3.
#ifndef CLOISON_IDENTITY_PROVIDER_KEYS_H_
#define CLOISON_IDENTITY_PROVIDER_KEYS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/events.h"
#include "base/files.h"
#include "base/task.h"
#include "identity/issuers.h"
#include "identity/jwk.h"
#include "identity/provider_http.h"

namespace cloison::identity {

inline constexpr std::int64_t kKeysRefreshMs = 10 * base::kMinuteMs;
inline constexpr std::int64_t kKeysRefreshMsMin = 10 * base::kSecondMs;
inline constexpr std::int64_t kKeysRetryMs = 30 * base::kSecondMs;  // after a failure
inline constexpr std::int64_t kKeysAgeMsMax = 24 * base::kHourMs;
inline constexpr std::int64_t kKeysWaitMsMax = 2 * base::kSecondMs;
inline constexpr std::size_t kKeysWaitersMax = 1'024;  // more do not wait

struct ProviderKeysParts {
  const Issuers& issuers;
  ProviderHttp& http;
  base::Files& files;  // for ca_file
  base::Clock& clock;
  base::EventSink& events;
};

class ProviderKeys {
 public:
  explicit ProviderKeys(ProviderKeysParts parts);
  ~ProviderKeys();  // stops the thread; who waits is let go

  // Begins to fetch. kInvalid: an issuer's ca_file cannot be read.
  Status Start();
  // Fetches what is due, on this thread, once: for tests, instead of Start.
  void Step();

  // Threads  any; never blocks. Fails with kUnavailable, RemedyOf kRefresh, when no such key is
  //          kept and one may be there after a refresh, which is asked for; kDenied when the set
  //          was fetched so lately that it has none.
  Result<Jwk> Find(const IssuerSpec& issuer, std::string_view key_id, JwsAlgorithm algorithm);
  // Those of the file, and of discovery where the file names none. kUnavailable, RemedyOf kRefresh:
  // discovery has not answered.
  Result<IssuerEndpoints> Endpoints(const IssuerSpec& issuer);

  // Ends when the refresh that was asked for has ended, or after kKeysWaitMsMax, on a thread of
  // this object: go on with `co_await home->Schedule()`. At once when none is asked for.
  Task<void> Refreshed(const IssuerSpec& issuer);

  // Changes whenever the trusted keys of the issuer do: what was verified before is to be verified
  // again.
  std::uint64_t Generation(const IssuerSpec& issuer) const;

  // How often the keys of the issuer at that place of the file came, and did not come.
  struct Fetches {
    base::Counter came, failed;
  };
  const Fetches& fetches(std::size_t issuer) const;
  // Whether the last fetch failed, of the issuer at this place in the file.
  bool IsOut(std::size_t issuer) const;
  // When its keys last came, of Clock::boot_ms; far back when they never did.
  std::int64_t CameMs(std::size_t issuer) const;

  // The authorities of the issuer's ca_file, once started.
  std::string CaPem(const IssuerSpec& issuer) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_PROVIDER_KEYS_H_
