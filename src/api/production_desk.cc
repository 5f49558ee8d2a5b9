#include "api/production_desk.h"

#include <algorithm>
#include <utility>

#include "access/cases.h"
#include "api/outage_alarms.h"
#include "identity/jwt_sign_in.h"
#include "net/url.h"

namespace cloison::api {

namespace {

constexpr std::uint64_t kSweepEverySeconds = 60;

}  // namespace

std::string_view Name(SignInEnd end) {
  static constexpr std::string_view kNames[] = {"opened",      "cancelled",    "refused",
                                                "unavailable", "not_enrolled", "too_weak",
                                                "frozen",      "expired",      "refused_by_gate"};
  static_assert(std::size(kNames) == kSignInEnds);
  return kNames[static_cast<std::size_t>(end)];
}

SignInEnd EndOf(access::RefusalCode code) {
  switch (code) {
    case access::RefusalCode::kNotEnrolled: return SignInEnd::kNotEnrolled;
    case access::RefusalCode::kTooWeak: return SignInEnd::kTooWeak;
    case access::RefusalCode::kFrozen: return SignInEnd::kFrozen;
    case access::RefusalCode::kExpired: return SignInEnd::kExpired;
    default: return SignInEnd::kByGate;
  }
}

void SignInDesk::Count(std::string_view name, SignInEnd end) {
  const std::string_view alias = name.substr(0, name.find(':'));
  const auto& all = client.issuers().all();
  const auto found = std::ranges::find(all, alias, &identity::IssuerSpec::alias);
  if (found == all.end()) return;
  stats.ends[static_cast<std::size_t>(found - all.begin())][static_cast<std::size_t>(end)].Add();
}

void SignInDesk::CountProof(const Error& refused) {
  const identity::Remedy remedy = identity::RemedyOf(refused);
  if (remedy == identity::Remedy::kDpopNonce) stats.proofs_without_nonce.Add();
  if (remedy == identity::Remedy::kDpopProof) stats.proofs_refused.Add();
}

// In the order of their making: each stands on those above it.
struct ProductionDesk::Impl {
  Impl(identity::Issuers read, const Options& options, const Parts& parts)
      : clock(parts.clock),
        issuers(std::move(read)),
        http(parts.clock, {.loopback_http = options.rules.loopback_http}),
        keys({issuers, http, parts.files, parts.clock, parts.events}),
        calls(http, parts.clock, parts.events),
        nonces(parts.random, parts.clock),
        tokens({issuers, keys, nonces, proofs, parts.clock, options.public_url}),
        sessions(parts.ages, parts.random),
        under_way(parts.ages, parts.random),
        client({issuers, keys, calls, parts.files, parts.clock, parts.random}, options.public_url),
        verify({issuers, tokens, sessions, nonces, proofs, parts.clock}, options.public_url),
        met(parts.ages),
        desk{verify, client, under_way, sessions, keys, met, options.public_url} {}

  base::Clock& clock;
  identity::Issuers issuers;
  identity::SystemProviderHttp http;
  identity::ProviderKeys keys;
  identity::ProviderCalls calls;
  identity::DpopNonces nonces;
  identity::DpopProofs proofs;
  identity::JwtSignIn tokens;
  identity::Sessions sessions;
  identity::SignIns under_way;
  identity::OpenIdClient client;
  identity::ProductionSignIn verify;
  identity::MetKeys met;
  SignInDesk desk;
  std::uint64_t seconds = 0;
  std::uint64_t alarms_seen = 0;
  OutageAlarms outages;
};

ProductionDesk::ProductionDesk(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ProductionDesk::~ProductionDesk() = default;

bool IsPublicUrl(std::string_view url) {
  const Result<net::Url> parsed = net::ParseUrl(url);
  return parsed.ok() && parsed->https && parsed->path == "/" && parsed->query.empty() &&
         !url.ends_with('/') && !url.ends_with('?') && !url.ends_with(":443");
}

Result<std::unique_ptr<ProductionDesk>> ProductionDesk::Make(Options options, Parts parts,
                                                             std::vector<std::string>& problems) {
  if (!IsPublicUrl(options.public_url)) {
    problems.push_back("identity.public_url is https://host or https://host:port");
  }
  Result<identity::Issuers> issuers =
      identity::ParseIssuers(options.issuers_toml, options.rules, problems);
  if (!issuers.ok()) return issuers.error();
  if (!problems.empty()) return Error{Code::kInvalid, "sign-in is not configured"};
  std::unique_ptr<ProductionDesk> made(
      new ProductionDesk(std::make_unique<Impl>(std::move(*issuers), options, parts)));
  CLOISON_TRY(made->impl_->client.Start(problems));
  return made;
}

Status ProductionDesk::Start() {
  return impl_->keys.Start();
}

SignInDesk& ProductionDesk::desk() {
  return impl_->desk;
}

identity::SignIn& ProductionDesk::sign_in() {
  return impl_->verify;
}

Task<Status> ProductionDesk::Follow(access::Gate& gate) {
  identity::Sessions& sessions = impl_->sessions;
  if (++impl_->seconds % kSweepEverySeconds == 0) sessions.Sweep();
  const std::size_t most = std::max(kFollowedPerSecondMin, sessions.size() / kFollowedWithinS + 1);
  const std::vector<PrincipalId> round = sessions.NextPrincipals(most);
  Status first = Ok();  // whose row does not open keeps nobody else's sessions alive
  for (const PrincipalId& principal : round) {
    const Result<access::PrincipalInfo> info = co_await gate.Find(principal);
    if (info.ok() && info->frozen) impl_->desk.stats.killed.Add(sessions.Kill(principal));
    // Nobody yet: a citizen who is to be bound.
    const bool failed = !info.ok() && info.error().code() != Code::kNotFound;
    if (failed && first.ok()) first = info.error();
  }
  // Nobody is signed in whom an alarm of before could end: at a start there are many of those.
  if (sessions.size() == 0) impl_->alarms_seen = gate.cases().alarms().bell().last();
  // The gate takes none of the sessions of who came to rung 4 since the commit that says so
  // (access/internal/gate_work.cc); here the table forgets them.
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const access::Cases::Frozen frozen,
                          co_await gate.cases().FrozenAbove(impl_->alarms_seen));
    more = frozen.last != std::exchange(impl_->alarms_seen, frozen.last);
    for (const PrincipalId& one : frozen.who) impl_->desk.stats.killed.Add(sessions.Kill(one));
  }
  co_return first;
}

Task<Status> ProductionDesk::TellOutages(access::Alarms alarms, base::Executor& home) {
  std::vector<ProviderTroubles> troubles;
  const std::vector<identity::IssuerSpec>& all = impl_->issuers.all();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& alias = all[i].alias;
    const identity::ProviderCalls::Met met = impl_->calls.MetAt(alias);
    const bool out = impl_->keys.IsOut(i) || impl_->calls.IsOut(alias, impl_->keys.CameMs(i));
    troubles.push_back({alias, out, met.failures, met.lies});
  }
  return impl_->outages.Tell(std::move(troubles), impl_->clock.boot_ms(), alarms, home);
}

}  // namespace cloison::api
