// /v1/approvals, /v1/approvals:approve and :deny, /v1/enrolments.
#include "api/internal/approval_operations.h"

#include <charconv>

#include "access/principal_requests.h"
#include "api/handler.h"
#include "api/internal/answers.h"
#include "api/internal/approval_forms.h"
#include "api/internal/paging.h"
#include "api/internal/proofs.h"
#include "crypto/base64.h"
#include "net/url.h"

namespace cloison::api::internal {

namespace {

using access::Approvals;
using access::Gate;
using approvals::Document;

constexpr std::string_view kPrefix = "apr_";
constexpr std::string_view kPath = "/v1/approvals/";
constexpr std::size_t kKindBytesMax = approvals::kKindBytesMax;
constexpr std::string_view kList = "approvals";

// "apr_12", printed back as itself: no sign, no leading zero.
std::optional<std::uint64_t> NumberOf(std::string_view id) {
  if (!id.starts_with(kPrefix)) return std::nullopt;
  const std::string_view digits = id.substr(kPrefix.size());
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  const bool whole = read.ec == std::errc() && read.ptr == end && !digits.empty();
  if (!whole || digits.front() == '0' || number > access::kApprovalsMax) return std::nullopt;
  return number;
}

std::string IdOf(std::uint64_t number) {
  return std::string(kPrefix) + std::to_string(number);
}

Task<Status> WriteMembers(Call& call, const Document& approval, codec::JsonWriter& json) {
  const ApprovalForm* const form = FindForm(approval.kind);
  CLOISON_CHECK(form != nullptr);
  const std::string asker = co_await NameOf(call, approval.asker);
  json.Key("approval").String(IdOf(approval.number)).Key("kind").String(approval.kind);
  json.Key("state").String(approvals::Name(approval.state)).Key("asked_by").String(asker);
  json.Key("asked").String(Rfc3339(WallOf(call, approval.asked_ms)));
  json.Key("expires").String(Rfc3339(WallOf(call, approval.expires_ms)));
  json.Key("reason").String(approval.reason);
  if (approval.decider.has_value()) {
    const std::string decider = co_await NameOf(call, *approval.decider);
    json.Key("decided_by").String(decider);
    json.Key("decided").String(Rfc3339(WallOf(call, approval.decided_ms)));
  }
  if (approval.waits()) json.Key("due").String(Rfc3339(WallOf(call, approval.due_ms)));
  json.Key("what").BeginObject();
  CLOISON_CO_TRY(co_await form->write(call, approval, json));
  json.EndObject();
  co_return Ok();
}

std::optional<net::Response> ReadRequest(Call& call, Approvals::Request& request) {
  static constexpr std::string_view kKeys[] = {"kind", "what", "reason"};
  Body body(call, kKeys);
  request.kind = body.Text("kind", Need::kRequired, kKindBytesMax);
  request.reason = body.Text("reason", Need::kRequired, approvals::kReasonBytesMax);
  const std::optional<codec::JsonValue> what = body.Find("what", Need::kRequired);
  if (!body.ok()) return body.Refuse(call);
  const ApprovalForm* const form = FindForm(request.kind);
  if (form == nullptr || form->read == nullptr) {
    body.Add("/kind", "invalid_value", "not a kind that is asked for here");
    return body.Refuse(call);
  }
  std::optional<Bytes> bytes = form->read(call, body, *what);
  if (!bytes.has_value() || !body.ok()) return body.Refuse(call);
  request.what = std::move(*bytes);
  return std::nullopt;
}

std::optional<net::Response> ReadEnrolmentBody(Call& call, Approvals::Request& request) {
  static constexpr std::string_view kKeys[] = {"principal", "role",  "office", "manager",
                                               "expires",   "human", "reason"};
  Body body(call, kKeys);
  request.kind = "enrol";
  request.reason = body.Text("reason", Need::kRequired, approvals::kReasonBytesMax);
  if (!body.ok()) return body.Refuse(call);
  std::optional<Bytes> bytes = ReadEnrolment(call, body, *body.root());
  if (!bytes.has_value() || !body.ok()) return body.Refuse(call);
  request.what = std::move(*bytes);
  return std::nullopt;
}

std::optional<net::Response> ReadNumber(Call& call, std::uint64_t& number) {
  static constexpr std::string_view kKeys[] = {"approval"};
  Body body(call, kKeys);
  const std::string id = body.Text("approval", Need::kRequired, 32);
  const std::optional<std::uint64_t> read = NumberOf(id);
  if (body.ok() && !read.has_value()) {
    body.Add("/approval", "invalid_value", "the id of an approval is expected");
  }
  if (!body.ok()) return body.Refuse(call);
  number = *read;
  return std::nullopt;
}

Task<net::Response> AskFor(Call& call, Approvals::Request request, Gate::Once once) {
  access::Outcome<Approvals::Shown> outcome =
      co_await call.gate().approvals().Ask(*call.caller, std::move(request), std::move(once));
  if (Given(outcome) == nullptr) co_return RefuseOnce(call, outcome);
  co_return co_await AnswerApproval(call, outcome);
}

// An account that two people let work again, by this very call, is no longer one that was frozen
// without a ledger. What an answer says again changes nothing.
void ForgetFreeze(const Call& call, const access::Outcome<Approvals::Shown>& outcome) {
  const auto* shown = outcome.ok() ? std::get_if<Approvals::Shown>(&*outcome) : nullptr;
  if (shown == nullptr || !shown->decided || call.service.freezes == nullptr) return;
  const Document& approval = shown->approval;
  if (approval.kind != "unfreeze" || approval.state != approvals::State::kUsed) return;
  const Result<access::UnfreezeRequest> request = access::ParseUnfreeze(approval.what);
  if (request.ok()) call.service.freezes->Forget(request->who);
}

}  // namespace

Task<net::Response> AnswerApproval(Call& call, access::Outcome<Approvals::Shown>& outcome) {
  const Approvals::Shown* shown = Given(outcome);
  if (shown == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &shown->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject();
  const Status written = co_await WriteMembers(call, shown->approval, json);
  if (!written.ok()) co_return call.Refuse(FromError(written.error()));
  if (shown->budget.has_value()) WriteBudget(json, **shown->budget);
  json.Key("receipt");
  WriteReceipt(json, shown->recorded, call);
  json.EndObject();
  const bool open = shown->approval.state == approvals::State::kPending ||
                    shown->approval.state == approvals::State::kApproved;
  net::Response response = JsonAnswer(open ? 202 : 200, std::move(body));
  if (shown->budget.has_value()) AddRateLimit(response.headers, **shown->budget);
  co_return response;
}

Task<net::Response> AskApproval(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  Approvals::Request request;
  std::optional<net::Response> bad = ReadRequest(call, request);
  if (bad.has_value()) co_return std::move(*bad);
  co_return co_await AskFor(call, std::move(request), std::move(*once));
}

Task<net::Response> Enrol(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  Approvals::Request request;
  std::optional<net::Response> bad = ReadEnrolmentBody(call, request);
  if (bad.has_value()) co_return std::move(*bad);
  co_return co_await AskFor(call, std::move(request), std::move(*once));
}

Task<net::Response> ShowApproval(Call& call) {
  const std::string_view id = std::string_view(call.request.path).substr(kPath.size());
  const std::optional<std::uint64_t> number = NumberOf(id);
  if (!number.has_value()) co_return call.Refuse(ProblemCode::kNotAvailable);
  access::Outcome<Approvals::Shown> outcome =
      co_await call.gate().approvals().Read(*call.caller, *number);
  net::Response response = co_await AnswerApproval(call, outcome);
  if (response.status == 202) response.status = 200;  // it was read, whatever it waits for
  co_return response;
}

Task<net::Response> ListApprovals(Call& call) {
  PageAsked asked;
  std::optional<net::Response> bad = ReadPage(call, kList, sizeof(std::uint64_t), asked);
  if (bad.has_value()) co_return std::move(*bad);
  const std::uint64_t above = asked.place.has_value() ? base::LoadBig(*asked.place) : 0;
  access::Outcome<Approvals::Page> outcome =
      co_await call.gate().approvals().Pending(*call.caller, above, asked.size);
  const Approvals::Page* page = Given(outcome);
  if (page == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &page->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("items").BeginArray();
  for (const Document& approval : page->items) {
    json.BeginObject();
    const Status written = co_await WriteMembers(call, approval, json);
    if (!written.ok()) co_return call.Refuse(FromError(written.error()));
    json.EndObject();
  }
  json.EndArray();
  if (page->next.has_value()) {
    json.Key("next_page_token").String(PageTokenOf(call, kList, base::BigU64(*page->next)));
  }
  json.Key("receipt");
  WriteReceipt(json, page->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> Approve(Call& call) {
  std::uint64_t number = 0;
  std::optional<net::Response> bad = ReadNumber(call, number);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Approvals::Shown> outcome =
      co_await call.gate().approvals().Approve(*call.caller, number);
  ForgetFreeze(call, outcome);
  co_return co_await AnswerApproval(call, outcome);
}

Task<net::Response> Deny(Call& call) {
  std::uint64_t number = 0;
  std::optional<net::Response> bad = ReadNumber(call, number);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Approvals::Shown> outcome =
      co_await call.gate().approvals().Deny(*call.caller, number);
  co_return co_await AnswerApproval(call, outcome);
}

}  // namespace cloison::api::internal
