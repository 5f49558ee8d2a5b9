// POST /v1/sign-ins, GET /v1/sign-ins/start, GET /v1/sign-ins/callback/{issuer}: a browser's way to
// an identity provider and back (docs/operate/sign_in.md).
#include <algorithm>

#include "access/session_opened.h"
#include "api/internal/answers.h"
#include "api/internal/body.h"
#include "api/internal/sessions.h"
#include "net/url.h"

namespace cloison::api::internal {

namespace {

using identity::Bound;
using identity::BoundKey;
using identity::Carrier;
using identity::RegisteredClient;

constexpr std::size_t kNameBytesMax = 64;
constexpr std::string_view kPortalClient = "portal";
constexpr std::string_view kStartPath = "/v1/sign-ins/start";

// The host is a loopback address: then any port is the registered one (RFC 8252 section 7.3).
bool IsLoopbackOf(const net::Url& url) {
  return !url.https && (url.host == "127.0.0.1" || url.host == "::1");
}

bool IsSameReturn(std::string_view registered, std::string_view asked) {
  if (registered == asked) return true;
  const Result<net::Url> known = net::ParseUrl(registered);
  const Result<net::Url> given = net::ParseUrl(asked);
  return known.ok() && given.ok() && IsLoopbackOf(*known) && IsLoopbackOf(*given) &&
         known->host == given->host && known->path == given->path && known->query == given->query;
}

bool MayReturnTo(const RegisteredClient& client, std::string_view url) {
  return url.size() <= net::kUrlBytesMax &&
         std::ranges::any_of(client.return_urls,
                             [url](const std::string& known) { return IsSameReturn(known, url); });
}

// The application that works with this key: the one registered with it, or, for a key that the
// browser or the command line made, the one it names, which has none. Null: neither.
const RegisteredClient* ClientOf(const identity::Issuers& issuers, const BoundKey& key,
                                 const std::string& named) {
  const RegisteredClient* by_key = key.how == Bound::kCertificate
                                       ? issuers.FindClientByCertificate(key.thumbprint)
                                       : issuers.FindClientByKey(key.thumbprint);
  if (by_key != nullptr) return named.empty() || by_key->name == named ? by_key : nullptr;
  const RegisteredClient* by_name = issuers.FindClient(named);
  const bool keyless = by_name != nullptr && !by_name->certificate && !by_name->key;
  return keyless && key.how == Bound::kDpop ? by_name : nullptr;
}

struct SignInRequest {
  std::string issuer, client, return_url, carrier;
  bool step_up = false;
};

std::optional<net::Response> ReadSignIn(Call& call, SignInRequest& request) {
  static constexpr std::string_view kKeys[] = {"issuer", "client", "return_url", "carrier",
                                               "step_up"};
  Body body(call, kKeys);
  request.issuer = body.Text("issuer", Need::kRequired, kNameBytesMax);
  request.client = body.Text("client", Need::kOptional, kNameBytesMax);
  request.return_url = body.Text("return_url", Need::kRequired, net::kUrlBytesMax);
  request.carrier = body.Text("carrier", Need::kOptional, kNameBytesMax);
  request.step_up = body.Flag("step_up");
  if (!request.carrier.empty() && request.carrier != "header" && request.carrier != "cookie") {
    body.Add("/carrier", "invalid_value", "header or cookie");
  }
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

// Whose key and, for a step-up, whose session this request proves.
Result<identity::Beginning> ProvedBy(Call& call) {
  SignInDesk& desk = *call.service.desk;
  const identity::Presented presented = PresentedBy(call.request);
  identity::Beginning beginning;
  beginning.network = call.request.peer.network;
  const bool shows_session =
      !presented.authorization.empty() ||
      !identity::CookieNamed(presented.cookie, identity::kSessionCookie).empty();
  if (!shows_session) {
    CLOISON_TRY_ASSIGN(beginning.key, desk.verify.ProveKey(presented));
    return beginning;
  }
  CLOISON_TRY_ASSIGN(const identity::SignedIn who, desk.verify.Verify(presented));
  const std::optional<identity::Session> session = desk.sessions.FindById(who.session);
  if (!session.has_value()) return Error{Code::kDenied, "not a session of this server"};
  beginning.key = session->key;
  beginning.carrier = session->carrier;
  beginning.session = session->id;
  beginning.who = session->principal;
  return beginning;
}

net::Response RefuseReturn(const Call& call) {
  Problem problem(ProblemCode::kInvalidRequest);
  problem.errors.push_back({"/return_url", "invalid_value", "not registered for this application"});
  return call.Refuse(problem);
}

net::Response BeganAnswer(const Call& call, const identity::SignIns::Begun& begun) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("sign_in").String(begun.id).Key("url");
  json.String(call.service.desk->public_url + std::string(kStartPath) + "?ticket=" + begun.ticket);
  json.Key("expires_in_s").Int(identity::kSignInMs / base::kSecondMs).EndObject();
  return JsonAnswer(201, std::move(body));
}

net::Response RedirectTo(std::string url) {
  net::Response response;
  response.status = 303;
  response.headers.Add("location", url);
  response.headers.Add("referrer-policy", "no-referrer");
  return response;
}

// `why`: an error's own text, for who reads `error`.
net::Response RedirectBack(const std::string& return_url, std::string_view name,
                           std::string_view value, std::string_view why = {}) {
  const char before = return_url.find('?') == std::string::npos ? '?' : '&';
  std::string url = return_url + before + std::string(name) + "=" + net::PercentEncode(value);
  if (!why.empty()) url += "&error_description=" + net::PercentEncode(why);
  net::Response response = RedirectTo(std::move(url));
  response.headers.Add("set-cookie", CookieOf(identity::kBrowserCookie, "", "Lax", 0));
  return response;
}

using Query = std::vector<std::pair<std::string, std::string>>;

std::string ValueOf(const Query& query, std::string_view name) {
  const auto found = std::ranges::find(query, name, &Query::value_type::first);
  return found == query.end() ? std::string() : found->second;
}

// The discovery of a server that was just started may not have answered yet.
Task<Result<identity::OpenIdClient::Begun>> BeginAt(Call& call, std::string alias, bool step_up) {
  identity::OpenIdClient& client = call.service.desk->client;
  Result<identity::OpenIdClient::Begun> begun = client.Begin(alias, step_up);
  if (begun.ok() || identity::RemedyOf(begun.error()) != identity::Remedy::kRefresh) {
    co_return begun;
  }
  co_await client.Refreshed(alias);
  co_await call.request.home->Schedule();
  co_return client.Begin(alias, step_up);
}

// A citizen without scripts follows a link: their browser begins, and no key is there.
Task<Result<identity::SignIns::Begun>> BeginForCitizen(Call& call, Query query) {
  SignInDesk& desk = *call.service.desk;
  const identity::Issuers& issuers = desk.client.issuers();
  const identity::IssuerSpec* issuer = issuers.Find(ValueOf(query, "issuer"));
  const RegisteredClient* portal = issuers.FindClient(kPortalClient);
  const std::string return_url = ValueOf(query, "return_url");
  if (issuer == nullptr || issuer->kind != identity::IssuerKind::kCitizens || portal == nullptr ||
      !MayReturnTo(*portal, return_url) || !return_url.starts_with(desk.public_url + "/")) {
    co_return Error{Code::kDenied, "no such sign-in"};
  }
  CLOISON_CO_TRY_ASSIGN(identity::OpenIdClient::Begun at_provider,
                        co_await BeginAt(call, issuer->alias, false));
  identity::Beginning beginning;
  beginning.carrier = Carrier::kCookie;
  beginning.citizen = true;
  beginning.client = portal->id;
  beginning.return_url = return_url;
  beginning.network = call.request.peer.network;
  co_return desk.under_way.Begin(std::move(beginning), std::move(at_provider));
}

net::Response RefuseSignIn(const Call& call, const Error& error) {
  if (error.code() == Code::kExhausted || error.code() == Code::kUnavailable) {
    Problem problem(ProblemCode::kOverloaded, error.text());
    problem.retry_after_s = 5;
    return call.Refuse(problem);
  }
  return call.Refuse(ProblemCode::kUnauthenticated, error.text());
}

}  // namespace

Task<net::Response> BeginSignIn(Call& call) {
  if (call.service.desk == nullptr) co_return call.Refuse(ProblemCode::kNoSuchPath);
  SignInDesk& desk = *call.service.desk;
  Result<identity::Beginning> beginning = ProvedBy(call);
  if (!beginning.ok()) co_return RefuseKey(call, beginning.error());
  SignInRequest request;
  std::optional<net::Response> bad = ReadSignIn(call, request);
  if (bad.has_value()) co_return std::move(*bad);
  const RegisteredClient* client = ClientOf(desk.client.issuers(), beginning->key, request.client);
  if (client == nullptr) {
    co_return call.Refuse(ProblemCode::kNoRight, "the application is not registered");
  }
  const bool cookie = request.carrier == "cookie";
  const bool at_home = request.return_url.starts_with(desk.public_url + "/");
  if (!MayReturnTo(*client, request.return_url) || (cookie && !at_home)) {
    co_return RefuseReturn(call);
  }
  if (!beginning->session.has_value() && cookie) beginning->carrier = Carrier::kCookie;
  beginning->client = client->id;
  beginning->return_url = request.return_url;
  const identity::IssuerSpec* const issuer = desk.client.issuers().Find(request.issuer);
  beginning->citizen = issuer != nullptr && issuer->kind == identity::IssuerKind::kCitizens;
  Result<identity::OpenIdClient::Begun> at_provider =
      co_await BeginAt(call, request.issuer, request.step_up);
  if (!at_provider.ok() && (at_provider.error().code() == Code::kNotFound ||
                            at_provider.error().code() == Code::kInvalid)) {
    co_return call.Refuse(ProblemCode::kInvalidRequest, at_provider.error().text());
  }
  if (!at_provider.ok()) co_return RefuseSignIn(call, at_provider.error());
  const Result<identity::SignIns::Begun> begun =
      desk.under_way.Begin(std::move(*beginning), std::move(*at_provider));
  if (!begun.ok()) co_return RefuseSignIn(call, begun.error());
  co_return BeganAnswer(call, *begun);
}

Task<net::Response> StartSignIn(Call& call) {
  if (call.service.desk == nullptr) co_return call.Refuse(ProblemCode::kNoSuchPath);
  const Result<Query> query = net::ParseQuery(call.request.query);
  if (!query.ok()) co_return call.Refuse(ProblemCode::kQueryRefused);
  std::string ticket = ValueOf(*query, "ticket");
  if (ticket.empty()) {
    Result<identity::SignIns::Begun> begun = co_await BeginForCitizen(call, *query);
    if (!begun.ok()) co_return RefuseSignIn(call, begun.error());
    ticket = std::move(begun->ticket);
  }
  const Result<identity::SignIns::Started> started = call.service.desk->under_way.Start(ticket);
  if (!started.ok()) co_return RefuseSignIn(call, started.error());
  net::Response response = RedirectTo(started->url);
  // Lax: the provider's redirect comes from another site.
  response.headers.Add("set-cookie", CookieOf(identity::kBrowserCookie, started->browser, "Lax",
                                              identity::kSignInMs / base::kSecondMs));
  co_return response;
}

Task<net::Response> ReturnFromProvider(Call& call) {
  if (call.service.desk == nullptr) co_return call.Refuse(ProblemCode::kNoSuchPath);
  SignInDesk& desk = *call.service.desk;
  const Result<Query> query = net::ParseQuery(call.request.query);
  if (!query.ok()) co_return call.Refuse(ProblemCode::kQueryRefused);
  const std::string_view alias =
      std::string_view(call.request.path).substr(identity::kCallbackPath.size());
  Result<identity::SignIns::Returned> returned = desk.under_way.Return(
      ValueOf(*query, "state"),
      identity::CookieNamed(call.request.headers.get("cookie"), identity::kBrowserCookie));
  if (!returned.ok()) co_return RefuseSignIn(call, returned.error());
  const identity::IssuerSpec* issuer = desk.client.issuers().Find(returned->attempt.alias);
  const std::string said = ValueOf(*query, "iss");
  const bool same =
      issuer != nullptr && issuer->alias == alias && (said.empty() || said == issuer->issuer);
  const std::string code = ValueOf(*query, "code");
  if (!same || code.empty()) {
    desk.Count(returned->attempt.alias, same ? SignInEnd::kCancelled : SignInEnd::kRefused);
    desk.under_way.Drop(returned->at);
    co_return RedirectBack(returned->return_url, "error", same ? "denied" : "refused");
  }
  Result<identity::Identified> who = co_await desk.client.Finish(returned->attempt, code);
  co_await call.request.home->Schedule();
  if (!who.ok()) {
    const bool away = who.error().code() != Code::kDenied;
    desk.Count(returned->attempt.alias, away ? SignInEnd::kUnavailable : SignInEnd::kRefused);
    desk.under_way.Drop(returned->at);
    co_return RedirectBack(returned->return_url, "error", away ? "unavailable" : "refused",
                           who.error().text());
  }
  if (returned->carrier == Carrier::kCookie && who->kind == identity::IssuerKind::kCitizens) {
    Result<identity::SignIns::Redeemed> taken = desk.under_way.TakeKeyless(returned->at, *who);
    if (taken.ok()) co_return co_await OpenCookieSession(call, std::move(*taken));
  }
  const Result<std::string> handle = desk.under_way.Identify(returned->at, std::move(*who));
  if (!handle.ok()) co_return RefuseSignIn(call, handle.error());
  co_return RedirectBack(returned->return_url, "handle", *handle);
}

}  // namespace cloison::api::internal
