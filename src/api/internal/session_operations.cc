// POST /v1/sessions, GET /v1/sessions/current, POST /v1/sessions:end: the vault's own sessions.
#include "access/session_opened.h"
#include "api/internal/answers.h"
#include "api/internal/body.h"
#include "api/internal/sessions.h"
#include "crypto/base64.h"

namespace cloison::api::internal {

namespace {

using identity::Bound;
using identity::Carrier;
using identity::Method;
using identity::Session;

constexpr Method kMethods[] = {Method::kPassword,    Method::kMail,       Method::kSms,
                               Method::kOtp,         Method::kPin,        Method::kHardware,
                               Method::kSoftware,    Method::kPossession, Method::kSmartCard,
                               Method::kFingerprint, Method::kFace};

std::string_view Name(Bound how) {
  switch (how) {
    case Bound::kDpop: return "dpop";
    case Bound::kCertificate: return "certificate";
    case Bound::kNothing: return "cookie";
  }
  return "";
}

void WriteAssurance(codec::JsonWriter& json, const identity::Assurance& assurance) {
  json.Key("level").String(assurance.level).Key("methods").BeginArray();
  for (const Method method : kMethods) {
    if (assurance.methods.Has(method)) json.String(identity::Name(method));
  }
  json.EndArray();
  if (assurance.auth_time_s != 0) {
    json.Key("signed_in").String(Rfc3339(assurance.auth_time_s * base::kSecondMs));
  }
}

void WriteSession(codec::JsonWriter& json, const identity::Sessions& sessions,
                  const Session& session) {
  json.Key("principal").String(session.name).Key("key").String(Name(session.key.how));
  WriteAssurance(json, session.assurance);
  const std::int64_t left_ms = sessions.expires_in_ms(session);
  json.Key("expires_in_s").Int(std::max<std::int64_t>(left_ms, 0) / base::kSecondMs);
  json.Key("person").String(session.pivot != nullptr ? "unbound" : "as_enrolled");
}

Session SessionOf(SignInDesk& desk, identity::SignIns::Redeemed redeemed) {
  Session session{
      redeemed.who.principal,    redeemed.beginning.session.value_or(desk.sessions.NewId()),
      redeemed.beginning.client, redeemed.who.assurance,
      redeemed.beginning.key,    redeemed.beginning.carrier,
      redeemed.who.name};
  if (session.key.how == Bound::kNothing) session.assurance.actor = identity::Actor::kCookie;
  session.pivot = redeemed.who.pivot;
  session.citizen = redeemed.who.kind == identity::IssuerKind::kCitizens;
  return session;
}

// Whether the gate lets this session be. A citizen whom no person belongs to yet is nobody to the
// gate: their session may do one thing, to be bound to one.
Task<std::optional<net::Response>> RefusedByGate(Call& call, Session& session, bool& unseen_key) {
  const access::Caller caller{session.principal, session.id, session.client, *call.request.home,
                              session.assurance};
  const identity::Issuers& issuers = call.service.desk->client.issuers();
  const access::SeenKey key{issuers.SeenKeyOf(session.key.thumbprint), call.request.peer.network};
  access::Outcome<access::SessionOpened> outcome = co_await call.gate().OpenSession(caller, key);
  if (const access::SessionOpened* opened = Given(outcome)) {
    unseen_key = opened->unseen_key;
    session.pivot.reset();
    co_return std::nullopt;
  }
  const bool nobody =
      outcome.ok() && std::get<access::Refusal>(*outcome).code == access::RefusalCode::kNotEnrolled;
  if (nobody && session.pivot != nullptr) co_return std::nullopt;
  const SignInEnd end =
      outcome.ok() ? EndOf(std::get<access::Refusal>(*outcome).code) : SignInEnd::kByGate;
  call.service.desk->Count(session.name, end);
  co_return call.Refuse(outcome);
}

std::string SessionCookie(std::string_view token) {
  return CookieOf(identity::kSessionCookie, token, "Strict", token.empty() ? 0 : -1);
}

net::Response Opened(const Call& call, const Session& session, std::string token, bool unseen_key) {
  const identity::Sessions& sessions = call.service.desk->sessions;
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject();
  if (session.carrier == Carrier::kHeader) json.Key("token").String(token);
  json.Key("ath").String(crypto::ToBase64Url(crypto::Sha256(AsBytes(token))));
  const std::optional<Session> kept = sessions.FindById(session.id);
  WriteSession(json, sessions, kept.value_or(session));
  json.Key("unseen_key").Bool(unseen_key).EndObject();
  net::Response response = JsonAnswer(201, std::move(body));
  response.wipe_body = true;
  if (session.carrier == Carrier::kCookie) response.headers.Add("set-cookie", SessionCookie(token));
  net::WipeText(token);
  return response;
}

std::optional<net::Response> ReadHandle(Call& call, std::string& id, std::string& handle) {
  static constexpr std::string_view kKeys[] = {"sign_in", "handle"};
  Body body(call, kKeys);
  id = body.Text("sign_in", Need::kRequired, identity::kSignInTextBytesMax);
  handle = body.Text("handle", Need::kRequired, identity::kSignInTextBytesMax);
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

// What the browser shows while it goes on: a navigation of our own site, so that the strict cookie
// goes with it.
std::string GoOnPage(const std::string& url) {
  return "<!doctype html><html lang=\"fr\"><meta charset=\"utf-8\"><meta name=\"referrer\" "
         "content=\"no-referrer\"><meta http-equiv=\"refresh\" content=\"0;url=" +
         url + "\"><title>Cloison</title><p><a href=\"" + url +
         "\">Continuer / Continue</a></html>";
}

}  // namespace

std::string CookieOf(std::string_view name, std::string_view value, std::string_view same_site,
                     std::int64_t age_s) {
  std::string cookie = std::string(name) + "=" + std::string(value);
  cookie += "; Path=/; Secure; HttpOnly; SameSite=" + std::string(same_site);
  if (age_s >= 0) cookie += "; Max-Age=" + std::to_string(age_s);
  return cookie;
}

net::Response RefuseKey(const Call& call, const Error& error) {
  call.service.desk->CountProof(error);
  net::Response refused = call.Refuse(ProblemCode::kUnauthenticated, error.text());
  const bool nonce = identity::RemedyOf(error) == identity::Remedy::kDpopNonce;
  refused.headers.Add("www-authenticate", nonce ? "DPoP error=\"use_dpop_nonce\""
                                                : "DPoP error=\"invalid_dpop_proof\"");
  refused.headers.Add("dpop-nonce", call.service.desk->verify.DpopNonce());
  return refused;
}

Task<net::Response> OpenSession(Call& call) {
  if (call.service.desk == nullptr) co_return call.Refuse(ProblemCode::kNoSuchPath);
  SignInDesk& desk = *call.service.desk;
  const Result<identity::BoundKey> key = desk.verify.ProveKey(PresentedBy(call.request));
  if (!key.ok()) co_return RefuseKey(call, key.error());
  std::string id, handle;
  std::optional<net::Response> bad = ReadHandle(call, id, handle);
  if (bad.has_value()) co_return std::move(*bad);
  Result<identity::SignIns::Redeemed> redeemed = desk.under_way.Redeem(handle, id, *key);
  if (!redeemed.ok()) {
    desk.stats.handles_refused.Add();
    co_return call.Refuse(ProblemCode::kUnauthenticated, redeemed.error().text());
  }
  Session session = SessionOf(desk, std::move(*redeemed));
  bool unseen_key = false;
  bad = co_await RefusedByGate(call, session, unseen_key);
  if (bad.has_value()) co_return std::move(*bad);
  Result<std::string> token = desk.sessions.Open(session);
  if (!token.ok()) co_return call.Refuse(FromError(token.error()));
  desk.Count(session.name, SignInEnd::kOpened);
  co_return Opened(call, session, std::move(*token), unseen_key);
}

Task<net::Response> OpenCookieSession(Call& call, identity::SignIns::Redeemed redeemed) {
  SignInDesk& desk = *call.service.desk;
  const std::string return_url = redeemed.beginning.return_url;
  Session session = SessionOf(desk, std::move(redeemed));
  bool unseen_key = false;
  std::optional<net::Response> bad = co_await RefusedByGate(call, session, unseen_key);
  if (bad.has_value()) co_return std::move(*bad);
  const std::string name = session.name;
  Result<std::string> token = desk.sessions.Open(std::move(session));
  if (!token.ok()) co_return call.Refuse(FromError(token.error()));
  desk.Count(name, SignInEnd::kOpened);
  net::Response response;
  response.headers.Add("content-type", "text/html; charset=utf-8");
  response.headers.Add("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  response.headers.Add("set-cookie", SessionCookie(*token));
  response.headers.Add("set-cookie", CookieOf(identity::kBrowserCookie, "", "Lax", 0));
  response.body = GoOnPage(return_url);
  net::WipeText(*token);
  co_return response;
}

Task<net::Response> CurrentSession(Call& call) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject();
  std::optional<Session> session;
  if (call.service.desk != nullptr) {
    session = call.service.desk->sessions.FindById(call.caller->session);
  }
  if (session.has_value()) {
    WriteSession(json, call.service.desk->sessions, *session);
  } else {
    WriteAssurance(json, call.caller->assurance);
  }
  if (session.has_value() && session->key.how == Bound::kNothing) {
    const std::string_view cookie = call.request.headers.get("cookie");
    json.Key("form_token")
        .String(identity::FormTokenOf(identity::CookieNamed(cookie, identity::kSessionCookie)));
  }
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> EndSession(Call& call) {
  Body body(call, {});
  if (!body.ok()) co_return body.Refuse(call);
  if (call.service.desk != nullptr) call.service.desk->sessions.End(call.caller->session);
  net::Response response = JsonAnswer(200, R"({"done":"ended"})");
  if (!identity::CookieNamed(call.request.headers.get("cookie"), identity::kSessionCookie)
           .empty()) {
    response.headers.Add("set-cookie", SessionCookie(""));
  }
  co_return response;
}

}  // namespace cloison::api::internal
