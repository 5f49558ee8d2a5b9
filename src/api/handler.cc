#include "api/handler.h"

#include <algorithm>

#include "access/session_opened.h"
#include "api/internal/alarm_operations.h"
#include "api/internal/answers.h"
#include "api/internal/call.h"
#include "api/internal/export_operations.h"
#include "api/internal/job_operations.h"

namespace cloison::api {

using internal::Call;
using internal::Needs;
using internal::Route;

namespace internal {

namespace {

using net::Method;
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kMergePatch = "application/merge-patch+json";

constexpr Route kRoutes[] = {
    {Method::kPost, "/v1/disclosures", Needs::kCaller, kJson, Disclose},
    {Method::kPost, "/v1/lookups", Needs::kCaller, kJson, LookUp},
    {Method::kPost, "/v1/matches", Needs::kCaller, kJson, Match},
    {Method::kPost, "/v1/decisions", Needs::kCaller, kJson, Decide},
    {Method::kPost, "/v1/people", Needs::kCaller, kJson, Register},
    {Method::kPatch, "/v1/people", Needs::kCaller, kMergePatch, Update},
    {Method::kPost, "/v1/people:erase", Needs::kCaller, kJson, Erase},
    {Method::kPost, "/v1/people:rekey", Needs::kCaller, kJson, Rekey},
    {Method::kPost, "/v1/caseloads", Needs::kCaller, kJson, Assign},
    {Method::kPost, "/v1/caseloads:confirm", Needs::kCaller, kJson, ConfirmPairs},
    {Method::kPost, "/v1/explanations", Needs::kCaller, kJson, Explain},
    {Method::kPost, "/v1/presences", Needs::kCaller, kJson, WitnessPresence},
    {Method::kPost, "/v1/emergencies", Needs::kCaller, kJson, DeclareEmergency},
    {Method::kGet, "/v1/reviews", Needs::kCaller, "", ListReviews},
    {Method::kPost, "/v1/reviews:close", Needs::kCaller, kJson, CloseReview},
    {Method::kGet, "/v1/me/caseload", Needs::kCaller, "", OwnCaseload},
    {Method::kPost, "/v1/access-requests", Needs::kCaller, kJson, AskAccess},
    {Method::kPost, "/v1/unsealings", Needs::kCaller, kJson, Unseal},
    {Method::kGet, "/v1/me/capabilities", Needs::kCaller, "", OwnCapabilities},
    {Method::kGet, "/v1/me/disclosures", Needs::kCaller, "", OwnDisclosures},
    {Method::kPost, "/v1/me/erasure:object", Needs::kCaller, kJson, ObjectToErasure},
    {Method::kPost, "/v1/principals:freeze", Needs::kSignIn, kJson, Freeze},
    {Method::kPost, "/v1/principals:read", Needs::kCaller, kJson, ReadPrincipal},
    {Method::kPost, "/v1/principals:activity", Needs::kCaller, kJson, ReadPrincipalActivity},
    {Method::kPost, "/v1/principals:unfreeze", Needs::kCaller, kJson, Unfreeze},
    {Method::kPost, "/v1/holds", Needs::kCaller, kJson, BeginHold},
    {Method::kPost, "/v1/holds:show", Needs::kCaller, kJson, ShowHold},
    {Method::kPost, "/v1/holds:release", Needs::kCaller, kJson, ReleaseHold},
    {Method::kPost, "/v1/sign-ins", Needs::kKey, kJson, BeginSignIn},
    {Method::kGet, "/v1/sign-ins/start", Needs::kKey, "", StartSignIn},
    {Method::kGet, "/v1/sign-ins/callback/{issuer}", Needs::kKey, "", ReturnFromProvider},
    {Method::kPost, "/v1/sessions", Needs::kKey, kJson, OpenSession},
    {Method::kGet, "/v1/sessions/current", Needs::kSignIn, "", CurrentSession},
    {Method::kPost, "/v1/sessions:end", Needs::kSignIn, kJson, EndSession},
    {Method::kPost, "/v1/approvals", Needs::kCaller, kJson, AskApproval},
    {Method::kGet, "/v1/approvals", Needs::kCaller, "", ListApprovals},
    {Method::kPost, "/v1/approvals:approve", Needs::kCaller, kJson, Approve},
    {Method::kPost, "/v1/approvals:deny", Needs::kCaller, kJson, Deny},
    {Method::kGet, "/v1/approvals/{id}", Needs::kCaller, "", ShowApproval},
    {Method::kGet, "/v1/alerts", Needs::kCaller, "", ListAlerts},
    {Method::kPost, "/v1/alerts:acknowledge", Needs::kCaller, kJson, AcknowledgeAlert},
    {Method::kGet, "/v1/alarms", Needs::kCaller, "", ListAlarms},
    {Method::kGet, "/v1/alarms/outputs", Needs::kCaller, "", ListAlarmOutputs},
    {Method::kGet, "/v1/alarms/stream", Needs::kCaller, "", StreamAlarms},
    {Method::kPost, "/v1/alarms:test", Needs::kCaller, kJson, TestAlarm},
    {Method::kGet, "/v1/cases", Needs::kCaller, "", ListCases},
    {Method::kGet, "/v1/cases/{id}", Needs::kCaller, "", ShowCase},
    {Method::kPost, "/v1/cases:close", Needs::kCaller, kJson, CloseCase},
    {Method::kPost, "/v1/enrolments", Needs::kCaller, kJson, Enrol},
    {Method::kPost, "/v1/citizens:bind", Needs::kCaller, kJson, BindCitizen},
    {Method::kPost, "/v1/letter-codes", Needs::kCaller, kJson, IssueLetterCode},
    {Method::kPost, "/v1/policies", Needs::kCaller, kJson, ProposePolicy},
    {Method::kPost, "/v1/policies:preview", Needs::kCaller, kJson, PreviewPolicy},
    {Method::kPost, "/v1/schemas", Needs::kCaller, kJson, ProposeSchema},
    {Method::kGet, "/v1/schemas", Needs::kCaller, "", ShowSchema},
    {Method::kPost, "/v1/detectors:calibrate", Needs::kCaller, kJson, CalibrateDetectors},
    {Method::kGet, "/v1/policies/{version}", Needs::kCaller, "", ShowPolicy},
    {Method::kGet, "/v1/organisations", Needs::kCaller, "", Organisations},
    {Method::kGet, "/v1/status", Needs::kNothing, "", StatusOfService},
    {Method::kGet, "/v1/disclosures/{id}/proof", Needs::kCaller, "", ProofOfDisclosure},
    {Method::kGet, "/ledger/checkpoint", Needs::kLedger, "", Checkpoint},
    {Method::kGet, "/ledger/predecessors", Needs::kLedger, "", Predecessors},
    {Method::kGet, "/ledger/tile/{tile}", Needs::kLedger, "", LedgerTile},
    {Method::kGet, "/openapi.json", Needs::kNothing, "", OpenApi},
    {Method::kPost, "/v1/jobs:run", Needs::kCaller, kJson, RunJob},
    {Method::kPost, "/v1/jobs:seal", Needs::kCaller, kJson, SealJob},
    {Method::kPost, "/v1/jobs:end", Needs::kCaller, kJson, EndJob},
    {Method::kPost, "/v1/jobs:stop", Needs::kCaller, kJson, StopJob},
    {Method::kGet, "/v1/jobs", Needs::kCaller, "", ListJobs},
    {Method::kGet, "/v1/jobs/{id}", Needs::kCaller, "", ShowJob},
    {Method::kPost, "/v1/exports:begin", Needs::kCaller, kJson, BeginExport},
    {Method::kPost, "/v1/exports:seal", Needs::kCaller, kJson, SealExport},
    {Method::kPost, "/v1/exports:end", Needs::kCaller, kJson, EndExport},
    {Method::kPost, "/v1/exports:stop", Needs::kCaller, kJson, StopExport},
    {Method::kGet, "/v1/exports", Needs::kCaller, "", ListExports},
    {Method::kGet, "/v1/exports/{id}", Needs::kCaller, "", ShowExport},
    {Method::kGet, "/v1/operations/{id}", Needs::kCaller, "", ShowOperation},
    {Method::kPost, "/v1/operations:cancel", Needs::kCaller, kJson, CancelOperation},
};

}  // namespace

std::span<const Route> Routes() {
  return kRoutes;
}

identity::Presented PresentedBy(const net::Request& request) {
  const net::Headers& headers = request.headers;
  return {headers.get("authorization"),
          headers.get("dpop"),
          headers.get("cookie"),
          request.method,
          request.path,
          request.peer,
          headers.get("origin"),
          headers.get("sec-fetch-site"),
          headers.get("x-cloison-form")};
}

}  // namespace internal

namespace {

bool IsOpen(const Route& route) {
  return route.needs == Needs::kNothing || route.needs == Needs::kLedger;
}

// HEAD is GET on what anybody may read; elsewhere a GET leaves an entry, so it must be meant.
bool Takes(const Route& route, net::Method method) {
  return route.method == method || (IsOpen(route) && method == net::Method::kHead);
}

bool IsAt(const Route& route, std::string_view path) {
  const std::size_t begin = route.path.find('{');
  if (begin == std::string_view::npos) return route.path == path;
  const std::string_view before = route.path.substr(0, begin);
  const std::string_view after = route.path.substr(route.path.rfind('}') + 1);
  return path.size() > before.size() + after.size() && path.starts_with(before) &&
         path.ends_with(after);
}

struct Found {
  const Route* route = nullptr;
  std::string allow;  // the methods of the path, when it has others
};

Found FindRoute(const Call& call) {
  const net::Method method = call.request.method;
  Found found;
  for (const Route& route : internal::Routes()) {
    if (!IsAt(route, call.request.path) || (call.is_public && !IsOpen(route))) continue;
    if (Takes(route, method)) return {&route, {}};
    if (!found.allow.empty()) found.allow += ", ";
    found.allow += net::MethodName(route.method);
    if (Takes(route, net::Method::kHead)) found.allow += ", HEAD";
  }
  return found;
}

bool IsMediaType(std::string_view content_type, std::string_view wanted) {
  const std::size_t end = std::min(content_type.find(';'), content_type.size());
  std::string type(content_type.substr(0, end));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type == wanted;
}

std::optional<net::Response> RefuseState(const Call& call, Needs needs) {
  const bool opened = call.service.vault != nullptr;
  if (needs == Needs::kLedger ? opened : call.serving()) return std::nullopt;
  const bool sealed = call.service.state == ServiceState::kSealed;
  Problem problem(sealed ? ProblemCode::kSealed : ProblemCode::kLedgerUnavailable);
  problem.retry_after_s = 5;
  return call.Refuse(problem);
}

// RFC 6750 section 3, RFC 9449 sections 7.1 and 9: how to ask again, and the next proof's nonce.
net::Response RefuseSignIn(Call& call, const Error& error) {
  const identity::Remedy remedy = identity::RemedyOf(error);
  if (error.code() == Code::kUnavailable) {
    if (remedy == identity::Remedy::kRefresh && !call.keys_missing) call.keys_missing = error;
    Problem problem(ProblemCode::kOverloaded, error.text());
    problem.retry_after_s = 5;
    return call.Refuse(problem);
  }
  call.service.stats.unauthenticated.Add();
  if (call.service.desk != nullptr) call.service.desk->CountProof(error);
  net::Response refused = call.Refuse(ProblemCode::kUnauthenticated, error.text());
  const std::string nonce = call.service.sign_in.DpopNonce();
  if (!nonce.empty()) refused.headers.Add("dpop-nonce", nonce);
  switch (remedy) {
    case identity::Remedy::kDpopNonce:
      refused.headers.Add("www-authenticate", "DPoP error=\"use_dpop_nonce\"");
      break;
    case identity::Remedy::kDpopProof:
      refused.headers.Add("www-authenticate", "DPoP error=\"invalid_dpop_proof\"");
      break;
    default:
      refused.headers.Add("www-authenticate", "Bearer realm=\"cloison\", error=\"invalid_token\"");
  }
  return refused;
}

std::optional<net::Response> SignIn(Call& call) {
  const Result<identity::SignedIn> who =
      call.service.sign_in.Verify(internal::PresentedBy(call.request));
  if (!who.ok()) return RefuseSignIn(call, who.error());
  CLOISON_CHECK(call.request.home != nullptr);
  call.caller.emplace(access::Caller{who->principal, who->session, who->client, *call.request.home,
                                     who->assurance});
  call.token_key = who->token_key;
  if (call.service.freezes != nullptr && call.service.freezes->IsFrozen(who->principal)) {
    return call.Refuse(ProblemCode::kPrincipalFrozen);
  }
  return std::nullopt;
}

// What stands before every operation, cheapest first.
std::optional<net::Response> RefuseBefore(Call& call, const Route& route) {
  if (route.needs == Needs::kLedger || route.needs == Needs::kCaller ||
      route.needs == Needs::kKey) {
    std::optional<net::Response> refused = RefuseState(call, route.needs);
    if (refused.has_value()) return refused;
  }
  if (route.needs == Needs::kSignIn || route.needs == Needs::kCaller) {
    std::optional<net::Response> refused = SignIn(call);
    if (refused.has_value()) return refused;
  }
  if (!route.media_type.empty() &&
      !IsMediaType(call.request.headers.get("content-type"), route.media_type)) {
    return call.Refuse(ProblemCode::kUnsupportedMediaType);
  }
  if (call.service.clock.mono_us() >= call.request.deadline_mono_us) {
    return call.Refuse(ProblemCode::kDeadlineExceeded);
  }
  return std::nullopt;
}

constexpr std::string_view kLedger = "/ledger/";
constexpr std::string_view kTiles = "/ledger/tile/";

// The number in "/ledger/<number>/...", with its slash; empty: none.
std::string NumberBelowLedger(std::string_view path) {
  if (!path.starts_with(kLedger)) return {};
  std::size_t end = kLedger.size();
  while (end < path.size() && path[end] >= '0' && path[end] <= '9') ++end;
  const bool number = end > kLedger.size() && end < path.size() && path[end] == '/';
  return number ? std::string(path.substr(kLedger.size(), end + 1 - kLedger.size())) : "";
}

// A successor is read below its generation, and there alone: caches keep the tiles of the log
// before it for ever. Takes the generation off the path; false: nothing lies there.
bool TakeGeneration(Call& call) {
  std::string& path = call.request.path;
  if (!path.starts_with(kLedger)) return true;
  const std::string number = NumberBelowLedger(path);
  if (call.service.vault != nullptr) {  // else the answer is that nothing can be read
    const std::uint32_t newest = call.service.vault->ledger().generation();
    if (number.empty()) return newest == 1 || !path.starts_with(kTiles);
    if (newest == 1 || number != std::to_string(newest) + "/") return false;
  }
  if (number.empty()) return true;
  path.erase(kLedger.size(), number.size());
  return path == "/ledger/checkpoint" || path.starts_with(kTiles);
}

// A token of an issuer is used without a session being opened: the gate is to be asked about its
// key once for each principal, key and network. Nothing: it was, or the token is of a session.
std::optional<identity::MetKeys::One> KeyToMeet(const Call& call) {
  SignInDesk* const desk = call.service.desk;
  if (desk == nullptr || !call.caller.has_value() || !call.token_key.has_value()) {
    return std::nullopt;
  }
  const identity::MetKeys::One one{call.caller->principal, *call.token_key,
                                   call.request.peer.network};
  if (desk->met.Knows(one)) return std::nullopt;
  return one;
}

// Whether this key may be used. Nothing: it may. Without a ledger nobody can be asked: there a key
// that was not met may not.
Task<std::optional<net::Response>> MeetKey(Call& call, identity::MetKeys::One one) {
  SignInDesk* const desk = call.service.desk;
  if (!call.serving()) co_return call.Refuse(ProblemCode::kApprovalRequired);
  const access::SeenKey key{one.thumbprint, one.network};
  access::Outcome<access::SessionOpened> outcome =
      co_await call.gate().OpenSession(*call.caller, key);
  if (internal::Given(outcome) == nullptr) {
    desk->Count(call.caller->assurance.issuer, outcome.ok()
                                                   ? EndOf(std::get<access::Refusal>(*outcome).code)
                                                   : SignInEnd::kByGate);
    co_return call.Refuse(outcome);
  }
  desk->met.Add(one);
  co_return std::nullopt;
}

// What is answered from memory, one's own session, needs no place.
bool IsShared(const Call& call, const Route& route) {
  return call.caller.has_value() &&
         (route.needs == Needs::kCaller || route.run == internal::Freeze);
}

// One account has its share and no more, whatever else is free: what is beyond costs next to
// nothing. Who floods with somebody's account keeps them from asking, not from freezing.
access::Shares::Place TakePlace(const Call& call, const Route& route, Api::AtOnce& at_once) {
  using identity::Actor;
  const Actor actor = call.caller->assurance.actor;
  const bool human = actor == Actor::kHuman || actor == Actor::kCookie;
  access::Shares& shares = route.run == internal::Freeze ? at_once.freezes : at_once.requests;
  return shares.Take(call.caller->principal, human ? kAtOnceMax : kAtOnceOfApplicationMax);
}

// `at_once`: null where nobody signs in.
Task<net::Response> Answer(Call& call, Api::AtOnce* at_once) {
  if (!TakeGeneration(call)) co_return call.Refuse(ProblemCode::kNoSuchPath);
  const Found found = FindRoute(call);
  if (found.route == nullptr && found.allow.empty()) {
    co_return call.Refuse(ProblemCode::kNoSuchPath);
  }
  if (found.route == nullptr) {
    net::Response refused = call.Refuse(ProblemCode::kMethodNotAllowed);
    refused.headers.Add("allow", found.allow);
    co_return refused;
  }
  std::optional<net::Response> refused = RefuseBefore(call, *found.route);
  if (call.keys_missing.has_value()) {
    co_await call.service.sign_in.Refreshed(*call.keys_missing);
    co_await call.request.home->Schedule();
    refused = RefuseBefore(call, *found.route);
  }
  if (refused.has_value()) co_return std::move(*refused);
  std::optional<access::Shares::Place> place;
  if (at_once != nullptr && IsShared(call, *found.route)) {
    place.emplace(TakePlace(call, *found.route, *at_once));
    if (!*place) {
      at_once->refused.Add();
      co_return call.Refuse(FromError({Code::kExhausted, "too many requests of one account"}));
    }
  }
  const bool acts = found.route->needs == Needs::kCaller || found.route->run == internal::Freeze;
  const auto key = acts ? KeyToMeet(call) : std::nullopt;
  if (key.has_value()) refused = co_await MeetKey(call, *key);
  if (refused.has_value()) co_return std::move(*refused);
  co_return co_await found.route->run(call);
}

void Count(ApiStats& stats, int status) {
  stats.requests.Add();
  (status < 400   ? stats.answered_2xx
   : status < 500 ? stats.answered_4xx
                  : stats.answered_5xx)
      .Add();
}

// The last thing done to an answer: from here on, the ways of all that are held are the same.
void HoldToTick(const Call& call, net::Response& response) {
  Service& service = call.service;
  if (service.answer_tick_ms == 0) return;
  const std::int64_t tick_us = service.answer_tick_ms * 1000;
  const std::int64_t took_us = service.clock.mono_us() - call.began_mono_us;
  const std::int64_t ticks = took_us / tick_us + 1;
  response.not_before_mono_us = call.began_mono_us + ticks * tick_us;
  (ticks == 1 ? service.stats.at_first_tick : service.stats.at_later_tick).Add();
}

// RFC 9449 section 8.2: who sends proofs learns the next nonce with each answer, so that a minute's
// end costs no refusal.
void AddNonce(const Call& call, net::Response& response) {
  if (call.request.headers.get("dpop").empty()) return;
  if (response.headers.find("dpop-nonce").has_value()) return;
  const std::string nonce = call.service.sign_in.DpopNonce();
  if (!nonce.empty()) response.headers.Add("dpop-nonce", nonce);
}

}  // namespace

std::string_view Name(ServiceState state) {
  switch (state) {
    case ServiceState::kServing: return "serving";
    case ServiceState::kSealed: return "sealed";
    case ServiceState::kRefusing: return "refusing";
    case ServiceState::kStopping: return "stopping";
  }
  return "";
}

Task<net::Response> PublicApi::Handle(net::Request request) {
  const std::int64_t began_us = service_.clock.mono_us();
  Call call{service_, std::move(request), NewRequestId(service_.random), began_us};
  call.is_public = true;
  net::Response response = co_await Answer(call, nullptr);
  internal::AddCommonHeaders(response.headers, call.request_id);
  Count(service_.stats, response.status);
  co_return response;
}

Task<net::Response> Api::Handle(net::Request request) {
  const std::int64_t began_us = service_.clock.mono_us();
  Call call{service_, std::move(request), NewRequestId(service_.random), began_us};
  net::Response response = co_await Answer(call, &at_once_);
  if (!call.proofs.empty()) response.headers.Add("preference-applied", "proof");
  AddNonce(call, response);
  net::WipeText(call.request.body);
  internal::AddCommonHeaders(response.headers, call.request_id);
  Count(service_.stats, response.status);
  if (call.at_tick) HoldToTick(call, response);
  co_return response;
}

std::function<net::Response(int, std::string_view)> ErrorBody(base::Random& random) {
  return [&random](int status, std::string_view code) {
    return FromNet(status, code, NewRequestId(random));
  };
}

}  // namespace cloison::api
