// POST /v1/caseloads:confirm, /v1/explanations, /v1/presences, /v1/emergencies, /v1/reviews:close,
// GET /v1/reviews, /v1/me/caseload: why an agent may open a person.
#include "access/explanations.h"
#include "api/internal/answers.h"
#include "api/internal/criteria.h"
#include "api/internal/pairs.h"
#include "api/internal/proofs.h"

namespace cloison::api::internal {

namespace {

using access::Explanations;
using access::Gate;

constexpr std::string_view kReviewPrefix = "rev_";

// Of a list under `key`, each item an object of `keys`; faults go to the body.
template <class ReadItem>
void ReadList(Body& body, std::string_view key, std::size_t most, ReadItem read) {
  const std::optional<codec::JsonValue> list = body.Find(key, Need::kRequired);
  if (!list.has_value()) return;
  if (!list->is_array() || list->size() == 0 || list->size() > most) {
    body.Add(*list, "wrong_type", "a list that is neither empty nor too long is expected");
    return;
  }
  for (auto at = list->First(); at.has_value(); at = at->Next()) read(*at);
}

void ReadConfirmation(const Call& call, Body& body, const codec::JsonValue& value,
                      std::vector<access::Assignment>& out) {
  static constexpr std::string_view kKeys[] = {"agent", "person"};
  const std::optional<NamedPair> pair = ReadPair(call, body, value, kKeys);
  if (pair.has_value()) out.push_back({pair->agent, pair->person, std::nullopt, false, true});
}

// The others come of an approval, of a declaration of one's own, or of a proof (/v1/presences).
bool IsWrittenByWord(access::ExplanationKind kind) {
  using enum access::ExplanationKind;
  return kind == kRoster || kind == kTicket || kind == kAppointment || kind == kContact ||
         kind == kCover;
}

void ReadExplanation(const Call& call, Body& body, const codec::JsonValue& value,
                     std::vector<access::NewExplanation>& out) {
  static constexpr std::string_view kKeys[] = {"agent", "person", "kind", "until", "reference"};
  const std::optional<NamedPair> pair = ReadPair(call, body, value, kKeys);
  if (!pair.has_value()) return;
  const std::optional<codec::JsonValue> kind = value.Find("kind");
  const std::optional<codec::JsonValue> reference = value.Find("reference");
  if (!kind.has_value()) return body.Add(value, "missing", "a kind is required");
  const auto named = access::ExplanationNamed(kind->string());
  if (!named.has_value() || !IsWrittenByWord(*named)) {
    return body.Add(*kind, "invalid_value", "not a kind that is written this way");
  }
  const std::optional<std::int64_t> until = ReadUntil(call, body, value.Find("until"));
  std::string text;
  if (reference.has_value()) text = body.TextOf(*reference, ledger::kCaseRefBytesMax);
  out.push_back({pair->agent, pair->person, *named, until, std::move(text)});
}

// Of a person by code, or of a card.
using Presence = std::variant<access::NewExplanation, access::CardPresence>;
constexpr std::string_view kPresenceKeys[] = {"agent", "person", "card", "proof", "until"};

std::optional<Presence> ReadPresence(const Call& call, Body& body) {
  const std::optional<codec::JsonValue> root = body.root();
  if (!body.ok() || !root.has_value()) return std::nullopt;
  std::string proof = body.Text("proof", Need::kRequired, 32);
  if (body.ok() && proof != "card" && proof != "one_time_code") {
    body.Add("/proof", "invalid_value", "card or one_time_code is expected");
  }
  const std::optional<std::int64_t> until = ReadUntil(call, body, root->Find("until"));
  const std::optional<codec::JsonValue> card = root->Find("card");
  const std::optional<codec::JsonValue> person = root->Find("person");
  const std::optional<PrincipalId> agent = ReadAgent(call, body, *root);
  if (person.has_value() == card.has_value()) {
    body.Add("", "missing", "exactly one of person and card is expected");
    return std::nullopt;
  }
  access::Card read;
  if (card.has_value()) ReadCard(call, body, *card, read);
  std::string code;
  if (person.has_value()) code = body.TextOf(*person, kPersonTextBytesMax);
  if (!body.ok() || !agent.has_value()) return std::nullopt;
  if (card.has_value())
    return access::CardPresence{*agent, std::move(read), until, std::move(proof)};
  return access::NewExplanation{*agent, std::move(code), access::ExplanationKind::kPresence, until,
                                std::move(proof)};
}

Task<net::Response> Counted(Call& call, std::string_view what, std::size_t count,
                            const ledger::Recorded& recorded) {
  std::vector<const ledger::Recorded*> entries(1, &recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key(what).Uint(count).Key("receipt");
  WriteReceipt(json, recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> Write(Call& call, std::vector<access::NewExplanation> explanations,
                          Gate::Once once) {
  access::Outcome<Explanations::Explained> outcome = co_await call.gate().explanations().Write(
      *call.caller, std::move(explanations), std::move(once));
  const Explanations::Explained* done = Given(outcome);
  if (done == nullptr) co_return RefuseOnce(call, outcome);
  co_return co_await Counted(call, "explained", done->count, done->recorded);
}

// Whoever the card names, by the organisation's code.
Task<net::Response> Witness(Call& call, access::CardPresence presence, Gate::Once once) {
  access::Outcome<Explanations::Witnessed> outcome =
      co_await call.gate().explanations().WitnessCard(*call.caller, std::move(presence),
                                                      std::move(once));
  const Explanations::Witnessed* done = Given(outcome);
  if (done == nullptr) co_return RefuseOnce(call, outcome);
  std::vector<const ledger::Recorded*> entries(1, &done->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("explained").Uint(1);
  json.Key("person").String(done->code.Text());
  WriteBudget(json, *done->budget);
  json.Key("receipt");
  WriteReceipt(json, done->recorded, call);
  json.EndObject();
  net::Response response = JsonAnswer(200, std::move(body));
  AddRateLimit(response.headers, *done->budget);
  co_return response;
}

std::int64_t WallOf(const Call& call, std::int64_t budget_ms) {
  const commit::BatchTime now = call.service.vault->committer().Now();
  return budget_ms - now.budget_ms + now.wall_ms;
}

// "rev_12", printed back as itself.
std::optional<std::uint64_t> ReviewOf(std::string_view text) {
  if (!text.starts_with(kReviewPrefix) || text.size() > kReviewPrefix.size() + 20) {
    return std::nullopt;
  }
  std::uint64_t place = 0;
  for (const char c : text.substr(kReviewPrefix.size())) {
    if (c < '0' || c > '9' || place > (UINT64_MAX - 9) / 10) return std::nullopt;
    place = place * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (std::string(kReviewPrefix) + std::to_string(place) != text) return std::nullopt;
  return place;
}

Task<std::string> LabelOf(Call& call, PrincipalId id) {
  const Result<access::PrincipalInfo> info = co_await call.gate().Find(id);
  co_return info.ok() ? info->label : std::string();
}

}  // namespace

Task<net::Response> ConfirmPairs(Call& call) {
  static constexpr std::string_view kKeys[] = {"pairs"};
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  std::vector<access::Assignment> pairs;
  {
    Body body(call, kKeys);
    ReadList(body, "pairs", access::kAssignmentsPerRequestMax,
             [&](const codec::JsonValue& value) { ReadConfirmation(call, body, value, pairs); });
    if (!body.ok()) co_return body.Refuse(call);
  }
  access::Outcome<Gate::Assigned> outcome =
      co_await call.gate().Assign(*call.caller, std::move(pairs), std::move(*once));
  const Gate::Assigned* done = Given(outcome);
  if (done == nullptr) co_return RefuseOnce(call, outcome);
  co_return co_await Counted(call, "confirmed", done->count, done->recorded);
}

Task<net::Response> Explain(Call& call) {
  static constexpr std::string_view kKeys[] = {"explanations"};
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  std::vector<access::NewExplanation> all;
  {
    Body body(call, kKeys);
    ReadList(body, "explanations", access::kExplanationsPerRequestMax,
             [&](const codec::JsonValue& value) { ReadExplanation(call, body, value, all); });
    if (!body.ok()) co_return body.Refuse(call);
  }
  co_return co_await Write(call, std::move(all), std::move(*once));
}

Task<net::Response> WitnessPresence(Call& call) {
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  std::optional<Presence> presence;
  {
    Body body(call, kPresenceKeys);
    presence = ReadPresence(call, body);
    if (!presence.has_value()) co_return body.Refuse(call);
  }
  if (auto* const by_card = std::get_if<access::CardPresence>(&*presence); by_card != nullptr) {
    co_return co_await Witness(call, std::move(*by_card), std::move(*once));
  }
  std::vector<access::NewExplanation> all;
  all.push_back(std::move(std::get<access::NewExplanation>(*presence)));
  co_return co_await Write(call, std::move(all), std::move(*once));
}

Task<net::Response> DeclareEmergency(Call& call) {
  static constexpr std::string_view kKeys[] = {"person", "reason"};
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  std::string person, reason;
  {
    Body body(call, kKeys);
    person = body.Text("person", Need::kRequired, kPersonTextBytesMax);
    reason = body.Text("reason", Need::kRequired, ledger::kCaseRefBytesMax);
    if (!body.ok()) co_return body.Refuse(call);
  }
  access::Outcome<Explanations::Declared> outcome =
      co_await call.gate().explanations().DeclareEmergency(*call.caller, std::move(person),
                                                           std::move(reason), std::move(*once));
  const Explanations::Declared* done = Given(outcome);
  if (done == nullptr) co_return RefuseOnce(call, outcome);
  std::vector<const ledger::Recorded*> entries(1, &done->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("until").String(Rfc3339(WallOf(call, done->until_ms)));
  WriteBudget(json, *done->budget);
  json.Key("receipt");
  WriteReceipt(json, done->recorded, call);
  json.EndObject();
  net::Response response = JsonAnswer(201, std::move(body));
  AddRateLimit(response.headers, *done->budget);
  co_return response;
}

Task<net::Response> ListReviews(Call& call) {
  access::Outcome<Explanations::Reviews> outcome =
      co_await call.gate().explanations().ListReviews(*call.caller);
  const Explanations::Reviews* reviews = Given(outcome);
  if (reviews == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &reviews->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("items").BeginArray();
  for (const access::Review& review : reviews->pending) {
    const std::string agent = co_await LabelOf(call, review.agent);
    json.BeginObject().Key("review").String(std::string(kReviewPrefix) +
                                            std::to_string(review.place));
    json.Key("agent").String(agent);
    json.Key("kind").String(access::Name(review.kind));
    json.Key("person").String(records::PersonCode(review.code).Text());
    json.Key("time").String(Rfc3339(WallOf(call, review.at_ms)));
    json.Key("reason").String(review.reason).EndObject();
  }
  json.EndArray().Key("receipt");
  WriteReceipt(json, reviews->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> CloseReview(Call& call) {
  static constexpr std::string_view kKeys[] = {"review", "justified"};
  std::optional<std::uint64_t> place;
  bool justified = false;
  {
    Body body(call, kKeys);
    const std::string review = body.Text("review", Need::kRequired, 32);
    place = ReviewOf(review);
    if (body.ok() && !place.has_value()) {
      body.Add("/review", "invalid_value", "not the name of a review");
    }
    (void)body.Find("justified", Need::kRequired);
    justified = body.Flag("justified");
    if (!body.ok()) co_return body.Refuse(call);
  }
  access::Outcome<Explanations::Closed> outcome =
      co_await call.gate().explanations().CloseReview(*call.caller, *place, justified);
  const Explanations::Closed* done = Given(outcome);
  if (done == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries(1, &done->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("done").String("closed").Key("receipt");
  WriteReceipt(json, done->recorded, call);
  json.EndObject();
  co_return JsonAnswer(200, std::move(body));
}

Task<net::Response> OwnCaseload(Call& call) {
  access::Outcome<Explanations::Overview> outcome =
      co_await call.gate().explanations().OwnCaseload(*call.caller);
  const Explanations::Overview* overview = Given(outcome);
  if (overview == nullptr) co_return call.Refuse(outcome);
  std::vector<const ledger::Recorded*> entries;
  for (const access::ShownRecord& person : overview->people) {
    for (const ledger::Recorded& recorded : person.recorded) entries.push_back(&recorded);
  }
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("rows").BeginArray();
  for (const access::ShownRecord& person : overview->people) WriteRecord(json, person, call);
  json.EndArray();
  WriteBudget(json, *overview->budget);
  json.EndObject();
  net::Response response = JsonAnswer(200, std::move(body));
  AddRateLimit(response.headers, *overview->budget);
  co_return response;
}

Task<net::Response> AskAccess(Call& call) {
  static constexpr std::string_view kKeys[] = {"person", "reason"};
  std::optional<Gate::Once> once = OnceOf(call.request);
  if (!once.has_value()) co_return call.Refuse(ProblemCode::kIdempotencyKeyMissing);
  std::string person, reason;
  {
    Body body(call, kKeys);
    person = body.Text("person", Need::kRequired, kPersonTextBytesMax);
    reason = body.Text("reason", Need::kRequired, approvals::kReasonBytesMax);
    if (!body.ok()) co_return body.Refuse(call);
  }
  access::Outcome<access::Approvals::Shown> outcome = co_await call.gate().explanations().AskAccess(
      *call.caller, std::move(person), std::move(reason), std::move(*once));
  const access::Approvals::Shown* asked = Given(outcome);
  if (asked == nullptr) co_return RefuseOnce(call, outcome);
  std::vector<const ledger::Recorded*> entries(1, &asked->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("approval").String("apr_" + std::to_string(asked->approval.number));
  json.Key("expires").String(Rfc3339(WallOf(call, asked->approval.expires_ms))).Key("receipt");
  WriteReceipt(json, asked->recorded, call);
  json.EndObject();
  call.at_tick = true;  // whoever it is about
  co_return JsonAnswer(202, std::move(body));
}

}  // namespace cloison::api::internal
