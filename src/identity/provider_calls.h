// Calls to identity providers, away from the server's loops: threads of their own for each
// provider, so that a slow one takes nobody else's; a queue that ends; and a provider that does not
// answer is *out*: its calls fail at once for kOutMs, then one is let through to look. One event
// tells that a provider is out or lies and one that a sign-in came through again, however many
// failed in between. What is met is counted too, so that who looks now and then misses nothing that
// the next honest sign-in would hide.
//
// Threads  Send: any; what awaits it goes on on a thread of the provider's, so it hops home.
#ifndef CLOISON_IDENTITY_PROVIDER_CALLS_H_
#define CLOISON_IDENTITY_PROVIDER_CALLS_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/events.h"
#include "base/executor.h"
#include "base/task.h"
#include "identity/provider_http.h"

namespace cloison::identity {

inline constexpr int kProviderThreads = 16;      // of one provider: calls at once
inline constexpr int kProviderCallsMax = 1'024;  // of one provider, waiting ones included
inline constexpr std::int64_t kOutMs = 2'000;

class ProviderCalls {
 public:
  ProviderCalls(ProviderHttp& http, base::Clock& clock, base::EventSink& events)
      : http_(http), clock_(clock), events_(events) {}

  // The answer, of any status below 500 but a redirect.
  // Fails  kUnavailable: out of reach, too slow, a redirect, TLS refused, not HTTP, larger than
  //        kProviderBodyBytesMax, a status from 500 on: the provider is out. kExhausted:
  //        kProviderCallsMax wait already.
  Task<Result<net::Response>> Send(std::string provider, ProviderRequest request);
  // It answered what an honest provider never does.
  void NoteLie(const std::string& provider);
  // Somebody has signed in there.
  void NoteGood(const std::string& provider);
  // Whether the last call had no answer, and the provider's keys, which are fetched elsewhere, have
  // not come since: `keys_came_ms`, of Clock::boot_ms (ProviderKeys::CameMs).
  bool IsOut(const std::string& provider, std::int64_t keys_came_ms);

  // Since the start.
  struct Met {
    std::uint64_t failures = 0;  // calls that were sent and had no answer
    std::uint64_t lies = 0;
  };
  Met MetAt(const std::string& provider);

 private:
  struct Standing {
    base::ThreadPool threads{kProviderThreads};
    int calls = 0;
    bool out = false;
    bool told = false;  // that it is out, or lies
    std::int64_t look_again_us = 0;
    std::int64_t failed_ms = 0;  // of boot_ms: the last of the failures
    Met met;
  };
  Standing& Of(const std::string& provider);
  Status Enter(Standing& standing);
  Status CheckOut(Standing& standing);
  void Tell(Standing& standing);

  ProviderHttp& http_;
  base::Clock& clock_;
  base::EventSink& events_;
  std::mutex mutex_;  // guards the table and what stands in it but the threads
  std::map<std::string, std::unique_ptr<Standing>> standings_;
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_PROVIDER_CALLS_H_
