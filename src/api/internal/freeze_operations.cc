// POST /v1/principals:freeze and :unfreeze.
#include "access/principal_requests.h"
#include "api/internal/answers.h"
#include "api/internal/approval_operations.h"
#include "api/internal/body.h"
#include "api/internal/proofs.h"

namespace cloison::api::internal {

namespace {

using access::Gate;

Task<net::Response> Frozen(Call& call, const ledger::Recorded& recorded) {
  std::vector<const ledger::Recorded*> entries(1, &recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("done").String("frozen").Key("receipt");
  WriteReceipt(json, recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Result<PrincipalId> NamedPrincipal(Call& call, net::Response& bad) {
  static constexpr std::string_view kKeys[] = {"principal"};
  Body body(call, kKeys);
  const std::string name = body.Text("principal", Need::kRequired, 128);
  const Result<PrincipalId> id = call.service.sign_in.Named(name);
  if (body.ok() && !id.ok()) {
    body.Add("/principal", "invalid_value", "not the name of a principal");
  }
  if (body.ok()) return id;
  bad = body.Refuse(call);
  return Error{Code::kInvalid, "the body is refused"};
}

void KillSessions(const Call& call, const PrincipalId& who) {
  SignInDesk* desk = call.service.desk;
  if (desk != nullptr) desk->stats.killed.Add(desk->sessions.Kill(who));
}

// It holds all the same, and becomes an entry when there is a ledger again.
net::Response FreezeWithoutLedger(const Call& call, const PrincipalId& who) {
  const Problem unavailable = FromError(Error{Code::kUnavailable, "no ledger"});
  if (call.service.freezes == nullptr) return call.Refuse(unavailable);
  const Status frozen =
      call.service.freezes->Freeze(call.caller->principal, call.caller->assurance, who);
  if (!frozen.ok() && frozen.error().code() == Code::kDenied) {
    return call.Refuse(ProblemCode::kNoRight);
  }
  const bool alone = frozen.ok() || (frozen.error().code() != Code::kConflict &&
                                     frozen.error().code() != Code::kExhausted);
  if (!alone) return call.Refuse(ProblemCode::kApprovalRequired);
  if (!frozen.ok()) return call.Refuse(unavailable);
  KillSessions(call, who);
  return JsonAnswer(202, R"({"done":"frozen_until_recorded"})");
}

}  // namespace

Task<net::Response> Freeze(Call& call) {
  net::Response bad;
  const Result<PrincipalId> who = NamedPrincipal(call, bad);
  if (!who.ok()) co_return bad;
  if (!call.serving()) co_return FreezeWithoutLedger(call, *who);
  access::Outcome<Gate::Froze> outcome = co_await call.gate().Freeze(*call.caller, *who, true);
  const Gate::Froze* done = Given(outcome);
  if (done == nullptr) {
    const bool down = !outcome.ok() && (outcome.error().code() == Code::kUnavailable ||
                                        outcome.error().code() == Code::kUnknownOutcome);
    if (down) co_return FreezeWithoutLedger(call, *who);
    co_return call.Refuse(outcome);
  }
  if (call.service.freezes != nullptr) call.service.freezes->Forget(*who);
  KillSessions(call, *who);
  co_return co_await Frozen(call, done->recorded);
}

// Freezing takes one person, this takes two.
Task<net::Response> Unfreeze(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  net::Response bad;
  const Result<PrincipalId> who = NamedPrincipal(call, bad);
  if (!who.ok()) co_return bad;
  access::Approvals::Request request{"unfreeze", Encode(access::UnfreezeRequest{*who}), "unfreeze"};
  access::Outcome<access::Approvals::Shown> outcome =
      co_await call.gate().approvals().Ask(*call.caller, std::move(request), std::move(*once));
  if (Given(outcome) == nullptr) co_return RefuseOnce(call, outcome);
  co_return co_await AnswerApproval(call, outcome);
}

}  // namespace cloison::api::internal
