// POST /v1/citizens:bind, POST /v1/letter-codes: how a citizen's sign-in becomes a person.
#include "access/citizens.h"
#include "api/internal/answers.h"
#include "api/internal/body.h"
#include "api/internal/proofs.h"
#include "api/internal/sessions.h"

namespace cloison::api::internal {

namespace {

using access::Citizens;

constexpr std::size_t kProofBytesMax = 64;

std::optional<net::Response> ReadProof(Call& call, Citizens::SecondProof& proof) {
  static constexpr std::string_view kKeys[] = {"agency_id", "letter_code"};
  Body body(call, kKeys);
  proof.agency_id = body.Text("agency_id", Need::kOptional, kProofBytesMax);
  proof.letter_code = body.Text("letter_code", Need::kOptional, kProofBytesMax);
  if (body.ok() && proof.agency_id.empty() == proof.letter_code.empty()) {
    body.Add("", "invalid_value", "either agency_id or letter_code is needed");
  }
  if (body.ok()) return std::nullopt;
  return body.Refuse(call);
}

}  // namespace

Task<net::Response> BindCitizen(Call& call) {
  SignInDesk* desk = call.service.desk;
  std::optional<identity::Session> session;
  if (desk != nullptr) session = desk->sessions.FindById(call.caller->session);
  if (!session.has_value() || session->pivot == nullptr) {
    co_return call.Refuse(ProblemCode::kNoRight, "not a citizen's sign-in that is to be bound");
  }
  Citizens::SecondProof proof;
  std::optional<net::Response> bad = ReadProof(call, proof);
  if (bad.has_value()) co_return std::move(*bad);
  access::Outcome<Citizens::Bound> outcome = co_await call.gate().citizens().Bind(
      *call.caller, session->name, session->pivot, std::move(proof),
      access::SeenKey{session->key.thumbprint, call.request.peer.network});
  const Citizens::Bound* bound = Given(outcome);
  if (bound == nullptr) co_return call.Refuse(outcome);
  desk->sessions.KillOthers(session->principal, session->id);
  desk->sessions.ForgetPivot(session->id);
  std::vector<const ledger::Recorded*> entries(1, &bound->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("done").String("bound").Key("receipt");
  WriteReceipt(json, bound->recorded, call);
  json.EndObject();
  co_return JsonAnswer(201, std::move(body));
}

Task<net::Response> IssueLetterCode(Call& call) {
  static constexpr std::string_view kKeys[] = {"person", "purpose", "case_ref"};
  Body body(call, kKeys);
  std::string person = body.Text("person", Need::kRequired, kPersonTextBytesMax);
  access::Reason reason = body.Reason(Need::kOptional, Need::kOptional);
  if (!body.ok()) co_return body.Refuse(call);
  access::Outcome<Citizens::Lettered> outcome =
      co_await call.gate().citizens().IssueCode(*call.caller, std::move(person), std::move(reason));
  const Citizens::Lettered* lettered = Given(outcome);
  if (lettered == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &lettered->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string text;
  codec::JsonWriter json(text);
  json.BeginObject().Key("letter_code").String(lettered->code);
  json.Key("days").Int(access::kLetterDays).Key("receipt");
  WriteReceipt(json, lettered->recorded, call);
  json.EndObject();
  net::Response response = JsonAnswer(201, std::move(text));
  response.wipe_body = true;
  co_return response;
}

}  // namespace cloison::api::internal
