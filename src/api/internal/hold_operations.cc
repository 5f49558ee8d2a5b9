// POST /v1/holds, /v1/holds:show, /v1/holds:release: what an incident keeps beyond its month.
// POST /v1/principals:activity: what an account did in a period.
#include "access/holds.h"
#include "access/person_requests.h"
#include "api/internal/answers.h"
#include "api/internal/approval_operations.h"
#include "api/internal/body.h"
#include "api/internal/paging.h"
#include "api/internal/proofs.h"

namespace cloison::api::internal {

namespace {

using access::Gate;
using access::Holds;

constexpr std::size_t kPrincipalNameBytesMax = 128;

std::optional<std::int64_t> TimeOf(Body& body, std::string_view key, Need need) {
  const std::optional<codec::JsonValue> value = body.Find(key, need);
  if (!value.has_value()) return std::nullopt;
  const std::optional<std::int64_t> time = ParseRfc3339(value->string());
  if (!time.has_value()) body.Add(*value, "invalid_value", "an RFC 3339 time in UTC is expected");
  return time;
}

Result<PrincipalId> PrincipalOf(const Call& call, Body& body) {
  const std::string name = body.Text("principal", Need::kRequired, kPrincipalNameBytesMax);
  const Result<PrincipalId> id = call.service.sign_in.Named(name);
  if (body.ok() && !id.ok()) {
    body.Add("/principal", "invalid_value", "not the name of a principal");
  }
  return id;
}

std::optional<net::Response> ReadHold(Call& call, std::optional<Holds::Request>& request) {
  static constexpr std::string_view kKeys[] = {"principal", "from", "until", "reason"};
  Body body(call, kKeys);
  const Result<PrincipalId> id = PrincipalOf(call, body);
  const std::optional<std::int64_t> from = TimeOf(body, "from", Need::kRequired);
  const std::optional<std::int64_t> until = TimeOf(body, "until", Need::kOptional);
  std::string reason = body.Text("reason", Need::kRequired, ledger::kCaseRefBytesMax);
  if (body.ok() && from < 0) body.Add("/from", "invalid_value", "the time is before 1970");
  if (body.ok() && until.has_value() && *until <= *from) {
    body.Add("/until", "invalid_value", "a hold ends after it begins");
  }
  if (!body.ok()) return body.Refuse(call);
  request.emplace(Holds::Request{*id, *from, until, std::move(reason)});
  return std::nullopt;
}

std::optional<net::Response> ReadNumber(Call& call, std::uint32_t& number) {
  static constexpr std::string_view kKeys[] = {"hold"};
  Body body(call, kKeys);
  const std::optional<codec::JsonValue> value = body.Find("hold", Need::kRequired);
  if (value.has_value()) {
    const Result<std::int64_t> read = value->AsInt();
    if (!read.ok() || *read < 1 || *read > access::kHoldsMax) {
      body.Add(*value, "invalid_value", "the number of a hold, from 1, is expected");
    } else {
      number = static_cast<std::uint32_t>(*read);
    }
  }
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

constexpr std::string_view kActivityList = "activity";

// A place in the account's entries, and whose they are: of another account a token is none.
Bytes ActivityPlace(std::uint64_t place, const PrincipalId& who) {
  Bytes out = base::ToBytes(base::BigU64(place));
  base::AppendBytes(out, who.bytes());
  return out;
}

std::optional<net::Response> ReadActivityAsked(Call& call, access::ActivityRequest& request) {
  static constexpr std::string_view kKeys[] = {"principal", "from", "until"};
  PageAsked page{access::kActivityPageMax, {}};
  std::optional<net::Response> bad =
      ReadPage(call, kActivityList, ActivityPlace(0, request.who).size(), page);
  if (bad.has_value()) return bad;
  Body body(call, kKeys);
  const Result<PrincipalId> id = PrincipalOf(call, body);
  const std::optional<std::int64_t> from = TimeOf(body, "from", Need::kRequired);
  const std::optional<std::int64_t> until = TimeOf(body, "until", Need::kRequired);
  if (body.ok() && from < 0) body.Add("/from", "invalid_value", "the time is before 1970");
  if (body.ok() && *until <= *from) {
    body.Add("/until", "invalid_value", "a period ends after it begins");
  }
  if (!body.ok()) return body.Refuse(call);
  request.who = *id;
  request.from_ms = *from;
  request.to_ms = *until;
  request.count = page.size;
  if (!page.place.has_value()) return std::nullopt;
  request.below = base::LoadBig(ByteView(*page.place).first(8));
  if (ActivityPlace(*request.below, *id) == *page.place) return std::nullopt;
  return call.Refuse(ProblemCode::kPageTokenRefused);
}

void WriteActivityEntry(codec::JsonWriter& json, const access::ActivityEntry& entry,
                        const Call& call) {
  json.BeginObject().Key("n").Uint(entry.n);
  json.Key("log").String(call.service.vault->ledger().logs()[entry.generation - 1].origin);
  json.Key("index").Uint(entry.index).Key("time").String(Rfc3339(entry.time_ms));
  json.Key("kind").String(Name(entry.kind)).Key("decision").String(Name(entry.decision));
  if (!entry.role.empty()) json.Key("role").String(entry.role);
  if (!entry.purpose.empty()) json.Key("purpose").String(entry.purpose);
  if (entry.session.has_value()) json.Key("session").String(base::ToHex(*entry.session));
  if (entry.about_somebody) {
    if (entry.person.has_value()) json.Key("person").String(base::ToHex(*entry.person));
    if (entry.sealed) json.Key("sealed").Bool(true);
    json.Key("form").String(Name(entry.form));
    WriteFields(json, entry.fields, call.schema());
  }
  json.EndObject();
}

Task<net::Response> Answer(Call& call, access::Outcome<Holds::Shown>& outcome) {
  const Holds::Shown* shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &shown->recorded);
  co_await MakeProofs(call, std::move(entries));
  const access::HoldDocument& hold = shown->hold;
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("hold").Uint(hold.number).Key("from").String(Rfc3339(hold.from_ms));
  if (hold.to_ms.has_value()) json.Key("until").String(Rfc3339(*hold.to_ms));
  json.Key("state").String(access::Name(hold.state)).Key("entries").Uint(hold.entries);
  json.Key("receipt");
  WriteReceipt(json, shown->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

}  // namespace

Task<net::Response> BeginHold(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  std::optional<Holds::Request> request;
  std::optional<net::Response> bad = ReadHold(call, request);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Holds::Begun> outcome =
      co_await call.gate().holds().Begin(*call.caller, std::move(*request), std::move(*once));
  const Holds::Begun* begun = Given(outcome);
  if (begun == nullptr) co_return RefuseOnce(call, outcome);
  std::vector<const ledger::Recorded*> entries(1, &begun->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("hold").Uint(begun->number).Key("receipt");
  WriteReceipt(json, begun->recorded, call);
  json.EndObject();
  co_return JsonAnswer(201, std::move(body));
}

Task<net::Response> ShowHold(Call& call) {
  std::uint32_t number = 0;
  std::optional<net::Response> bad = ReadNumber(call, number);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Holds::Shown> outcome = co_await call.gate().holds().Read(*call.caller, number);
  co_return co_await Answer(call, outcome);
}

Task<net::Response> ReadPrincipalActivity(Call& call) {
  access::ActivityRequest request;
  std::optional<net::Response> bad = ReadActivityAsked(call, request);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<access::Activity> outcome =
      co_await call.gate().holds().ReadActivity(*call.caller, request);
  const access::Activity* activity = Given(outcome);
  if (activity == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &activity->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("items").BeginArray();
  for (const access::ActivityEntry& entry : activity->entries) {
    WriteActivityEntry(json, entry, call);
  }
  json.EndArray().Key("expired").Uint(activity->expired);
  if (activity->next.has_value()) {
    const Bytes place = ActivityPlace(*activity->next, request.who);
    json.Key("next_page_token").String(PageTokenOf(call, kActivityList, place));
  }
  json.Key("receipt");
  WriteReceipt(json, activity->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> ReleaseHold(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  std::uint32_t number = 0;
  std::optional<net::Response> bad = ReadNumber(call, number);
  if (bad.has_value()) co_return std::move(*bad);
  access::Approvals::Request request{"release", Encode(access::ReleaseRequest{number}), "release"};
  access::Outcome<access::Approvals::Shown> outcome =
      co_await call.gate().approvals().Ask(*call.caller, std::move(request), std::move(*once));
  if (Given(outcome) == nullptr) co_return RefuseOnce(call, outcome);
  co_return co_await AnswerApproval(call, outcome);
}

}  // namespace cloison::api::internal
