// GET /v1/me/disclosures.
#include <algorithm>
#include <charconv>

#include "api/handler.h"
#include "api/internal/answers.h"
#include "api/internal/call.h"
#include "api/internal/paging.h"
#include "api/internal/proofs.h"
#include "api/internal/trail_proofs.h"
#include "crypto/base64.h"
#include "ledger/statement.h"
#include "net/url.h"

namespace cloison::api::internal {

namespace {

constexpr std::string_view kList = "me/disclosures";
constexpr std::size_t kAnswerBytesExpected = 2'048;
constexpr std::size_t kLookBytesExpected = 512;
constexpr std::size_t kProofBytesExpected =
    3'072;  // of one look with its proof, less the tlog-proof

// Which entries of closed logs nobody can know any more: a trail may lack some of them.
void WriteMissing(codec::JsonWriter& json, const std::vector<ledger::Log>& logs) {
  json.Key("evidence_missing").BeginArray();
  for (const ledger::Log& log : logs) {
    if (!log.closing.has_value()) continue;
    const ledger::Log::Closing& closing = *log.closing;
    const auto missing = ledger::MissingOf(closing.head, closing.signed_head);
    if (missing == 0) continue;
    json.BeginObject().Key("log").String(log.origin).Key("from").Uint(closing.head.size);
    if (missing.has_value()) json.Key("to").Uint(closing.head.size + *missing);
    json.EndObject();
  }
  json.EndArray();
}

class PageWriter {
 public:
  PageWriter(const Call& call, const PageProofs& proofs, std::string& body)
      : call_(call), proofs_(proofs), json_(body) {}

  void Write(const access::Trail& trail) {
    json_.BeginObject().Key("items").BeginArray();
    for (const access::Look& look : trail.looks) {
      json_.BeginObject().Key("n").Uint(look.n);
      WriteFacts(look);
      if (look.unsealed.has_value()) {
        json_.Key("unsealed").BeginObject();
        WriteFacts(*look.unsealed);
        json_.EndObject();
      } else if (look.kind == ledger::Kind::kUnseal) {
        json_.Key("unsealed_expired").Bool(true);  // its record: nothing of it is left to show
      }
      json_.EndObject();
    }
    json_.EndArray();
    WriteMissing(json_, call_.service.vault->ledger().logs());
    if (trail.next.has_value())
      json_.Key("next_page_token").String(PageTokenOf(call_, kList, base::BigU64(*trail.next)));
    json_.Key("receipt");
    WriteReceipt(json_, trail.recorded, call_);
    if (trail.proofs.has_value()) WriteProofs(*trail.proofs);
    json_.EndObject();
  }

 private:
  void WriteFacts(const access::LookFacts& look) {
    json_.Key("log").String(OriginOf(look.generation)).Key("index").Uint(look.index);
    json_.Key("time").String(Rfc3339(look.time_ms));
    json_.Key("kind").String(Name(look.kind)).Key("decision").String(Name(look.decision));
    json_.Key("form").String(Name(look.form));
    if (look.organisation.has_value()) json_.Key("organisation").Uint(look.organisation->value());
    if (look.office.has_value()) json_.Key("office").Uint(look.office->value());
    if (!look.role.empty()) json_.Key("role").String(look.role);
    if (!look.purpose.empty()) json_.Key("purpose").String(look.purpose);
    if (look.job.has_value()) json_.Key("job").String("job_" + std::to_string(*look.job));
    if (look.exported.has_value()) {
      json_.Key("export").String("exp_" + std::to_string(*look.exported));
    }
    WriteFields(json_, look.fields, call_.schema());
    if (look.proof.has_value()) WriteProof(look, *look.proof);
  }

  void WriteProof(const access::LookFacts& look, const access::LookProof& proof) {
    BeginProof(look.generation, proof.leaf);
    WriteBytes("subject_part", proof.subject_part);
    WriteBytes("subject_randomness", proof.subject_randomness.Reveal());
    WriteBytes("actor_part", proof.actor_part);
    if (proof.actor_randomness.has_value()) {
      WriteBytes("actor_randomness", *proof.actor_randomness);
    }
    EndProof(ledger::PlaceOf(look.generation, look.index));
  }

  void BeginProof(std::uint32_t generation, const ledger::Leaf& leaf) {
    json_.Key("proof").BeginObject().Key("log_id").String(LogIdText(generation));
    WriteBytes("leaf", leaf);
  }
  void EndProof(std::uint64_t place) {
    const PageProofs::One* one = proofs_.Find(place);
    if (one != nullptr) {
      json_.Key("tlog_proof").String(one->text).Key("published").Bool(one->published);
    } else {
      const bool closed = ledger::GenerationOf(place) != call_.service.vault->ledger().generation();
      json_.Key(closed ? "closed" : "proof_pending").Bool(true);
    }
    json_.EndObject();
  }

  void WriteProofs(const access::TrailProofs& proofs) {
    json_.Key("proofs").BeginObject();
    json_.Key("register").Uint(call_.schema().register_id().value());
    WriteBytes("aud", proofs.aud.bytes());
    json_.Key("covers").BeginObject().Key("first").Uint(proofs.first);
    json_.Key("end").Uint(proofs.end).EndObject();
    json_.Key("expired").BeginArray();
    for (const ledger::TrailPage::Expired& one : proofs.expired) {
      json_.BeginObject().Key("n").Uint(one.n).Key("index").Uint(one.index);
      BeginProof(one.generation, one.leaf);
      EndProof(ledger::PlaceOf(one.generation, one.index));
      json_.EndObject();
    }
    json_.EndArray().Key("logs").BeginArray().BeginObject();
    json_.Key("log_id").String(LogIdText(proofs.generation));
    json_.Key("origin").String(OriginOf(proofs.generation));
    const Result<tlog::VerifierKey> key =
        ledger::VerifierKeyOf(call_.service.vault->ledger().logs()[proofs.generation - 1]);
    if (key.ok()) json_.Key("key").String(key->Text());
    WriteBytes("trail_key", proofs.trail_key.Reveal());
    json_.EndObject().EndArray().EndObject();
  }

  // Openings and the trail key are the citizen's own, and secret for everybody else.
  void WriteBytes(std::string_view key, ByteView bytes) {
    std::string text = crypto::ToBase64(bytes);
    json_.Key(key).String(text);
    net::WipeText(text);
  }
  std::string LogIdText(std::uint32_t generation) const {
    return base::ToHex(call_.service.vault->ledger().log_id(generation).bytes());
  }
  const std::string& OriginOf(std::uint32_t generation) const {
    return call_.service.vault->ledger().logs()[generation - 1].origin;
  }

  const Call& call_;
  const PageProofs& proofs_;
  codec::JsonWriter json_;
};

// A string that grows leaves its old bytes behind: room for all that will be written.
std::size_t RoomFor(const access::Trail& trail, const PageProofs& proofs) {
  const std::size_t each = kLookBytesExpected + (trail.proofs ? kProofBytesExpected : 0);
  const std::size_t expired = trail.proofs ? trail.proofs->expired.size() : 0;
  return kAnswerBytesExpected + proofs.bytes() + each * (2 * trail.looks.size() + expired);
}

}  // namespace

Task<net::Response> OwnDisclosures(Call& call) {
  PageAsked page;
  std::optional<net::Response> bad = ReadPage(call, kList, sizeof(std::uint64_t), page);
  if (bad.has_value()) co_return std::move(*bad);
  const bool proof = WantsProofs(call);
  const auto detail = proof ? access::TrailDetail::kProofs : access::TrailDetail::kLooks;
  std::string published = call.service.vault->publisher().checkpoint();
  const auto below =
      page.place.has_value() ? std::optional(base::LoadBig(*page.place)) : std::nullopt;
  access::Outcome<access::Trail> outcome =
      co_await call.gate().OwnTrail(*call.caller, below, page.size, detail);
  const access::Trail* trail = Given(outcome);
  if (trail == nullptr) co_return call.Refuse(outcome);
  Result<PageProofs> proofs = co_await ProvePage(call, *trail, std::move(published));
  if (!proofs.ok()) co_return call.Refuse(FromError(proofs.error()));
  std::vector<const ledger::Recorded*> entries(1, &trail->recorded);
  co_await MakeProofs(call, std::move(entries));
  std::string body;
  body.reserve(RoomFor(*trail, *proofs));
  PageWriter(call, *proofs, body).Write(*trail);
  net::Response response = JsonAnswer(200, std::move(body));
  if (proof && call.proofs.empty()) response.headers.Add("preference-applied", "proof");
  // A sealed look leaves the person's row in memory: the answer must not be quicker for it.
  call.at_tick = call.service.vault->policy()->HasSealed();
  co_return response;
}

}  // namespace cloison::api::internal
