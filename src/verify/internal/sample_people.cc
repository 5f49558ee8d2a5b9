#include "verify/internal/sample_people.h"

#include <algorithm>
#include <vector>

#include "codec/json_writer.h"
#include "crypto/base64.h"
#include "ledger/logs.h"
#include "tlog/checkpoint.h"
#include "tlog/inclusion_text.h"
#include "verify/internal/opened.h"

namespace cloison::verify::internal {
namespace {

// Of every kRound entries one is the account's look at the person, one its look at somebody else,
// and one, in one round, a sealed access that a later look brings to light.
constexpr std::uint64_t kRound = 61;
constexpr std::uint64_t kPersonAt = 7, kOtherAt = 30, kSealedAt = 45;
constexpr std::uint64_t kExpiredRound = 3, kSealedRound = 4, kUnsealRound = 6;
constexpr std::int64_t kFirstMs = 1'700'000'000'000;
constexpr std::int64_t kBetweenMs = 1'500;
constexpr RegisterId kRegister{7};
// As schemas/job-seekers.toml names them.
struct Field {
  std::uint16_t id;
  const char* name;
};
constexpr Field kFields[] = {{0x0301, "contact.phone"}, {0x0303, "contact.email"}};

crypto::Secret<32> Drawn(const ByteArray<8>& seed, std::string_view what) {
  crypto::Secret<32> out;
  std::ranges::copy(crypto::Sha256({AsBytes("cloison sample"), seed, AsBytes(what)}),
                    out.Reveal().begin());
  return out;
}

template <std::size_t N>
ByteArray<N> DrawnBytes(const ByteArray<8>& seed, std::string_view what, std::uint64_t index) {
  return crypto::Truncate<N>(
      crypto::Sha256({AsBytes("cloison sample"), seed, AsBytes(what), base::BigU64(index)}));
}

}  // namespace

struct SamplePeople::Look {
  std::uint64_t index;
  std::optional<ledger::SubjectPart> subject;  // nothing: somebody else's, and not opened
  ledger::ActorPart actor;
  crypto::Secret<32> r_s, r_a;
  ledger::Leaf leaf;
};

SamplePeople::SamplePeople(const tlog::VerifierKey& key, ByteArray<8> seed,
                           std::uint32_t sealed_generation)
    : log_id_(tlog::LogIdOf(key)),
      origin_(key.name()),
      vkey_(key.Text()),
      seed_(seed),
      sealed_generation_(sealed_generation),
      plk_(Drawn(seed, "PLK")),
      pk_(Drawn(seed, "PK")),
      subject_(kRegister, log_id_, PersonId(DrawnBytes<8>(seed, "person", 0)), plk_),
      actor_(log_id_, pk_.Duplicate()) {}

// Of an unseal: what it brings to light.
std::optional<std::uint64_t> SamplePeople::SealedIndexOf(std::uint64_t index) const {
  if (index != kUnsealRound * kRound + kPersonAt) return std::nullopt;
  return kSealedRound * kRound + kSealedAt;
}

SamplePeople::Look SamplePeople::LookAt(std::uint64_t index) const {
  const std::uint64_t round = index / kRound, place = index % kRound;
  const EntryId entry(DrawnBytes<16>(seed_, "entry", index));
  const std::optional<std::uint64_t> unsealed = SealedIndexOf(index);
  const auto kind = unsealed ? ledger::Kind::kUnseal : ledger::Kind::kDisclosure;
  const ledger::ActorPart actor{.log_id = log_id_,
                                .kind = kind,
                                .time_ms = kFirstMs + static_cast<std::int64_t>(index) * kBetweenMs,
                                .organisation = OrganisationId(5),
                                .office = OfficeId(12),
                                .role = "adviser",
                                .purpose = "support",
                                .case_commitment = {},
                                .agent_commitment = actor_.AgentCommitment(
                                    entry, PrincipalId(DrawnBytes<16>(seed_, "principal", 0))),
                                .decision = ledger::Decision::kAllow,
                                .shown_commitment = {}};
  Look look{index, {}, actor, subject_.Randomness(entry), actor_.Randomness(entry), {}};
  const Bytes actor_part = ledger::Encode(look.actor);
  crypto::Digest c_subj = DrawnBytes<32>(seed_, "C_subj", index);
  ledger::Tag subject_tag = DrawnBytes<16>(seed_, "tag", index);
  if (place != kOtherAt) {
    look.subject =
        ledger::SubjectPart{log_id_,
                            kind,
                            subject_.aud(),
                            unsealed ? ledger::PlaceOf(sealed_generation_, *unsealed) : round,
                            {},
                            ledger::Form::kPlain};
    for (const Field& field : kFields) look.subject->fields.emplace_back(field.id);
    c_subj = ledger::Commit(look.r_s, "subj", ledger::Encode(*look.subject));
  }
  if (place == kPersonAt) subject_tag = subject_.TagOf(round);
  const ledger::Tag actor_tag = place == kSealedAt
                                    ? DrawnBytes<16>(seed_, "actor tag", index)
                                    : actor_.TagOf(2 * round + (place == kOtherAt ? 1 : 0));
  look.leaf = ledger::MakeLeaf(c_subj, ledger::Commit(look.r_a, "actor", actor_part), subject_tag,
                               actor_tag);
  return look;
}

std::optional<ledger::Leaf> SamplePeople::LeafAt(std::uint64_t index) const {
  const std::uint64_t round = index / kRound, place = index % kRound;
  if (round >= kSampleLooks) return std::nullopt;
  const bool sealed = place == kSealedAt && round == kSealedRound;
  if (place != kPersonAt && place != kOtherAt && !sealed) return std::nullopt;
  return LookAt(index).leaf;
}

// Writes rows; the first entry that cannot be proved ends it.
class SamplePeople::Writer {
 public:
  Writer(const SamplePeople& people, const Prover& prover) : people_(people), prover_(prover) {}

  codec::JsonWriter& json() { return json_; }
  const Status& status() const { return status_; }
  std::string& text() { return text_; }

  void WriteProof(const Look& look, bool subject, bool actor) {
    json_.Key("proof").BeginObject();
    json_.Key("log_id").String(base::ToHex(people_.log_id_.bytes()));
    Base64("leaf", look.leaf);
    if (subject) {
      Base64("subject_part", ledger::Encode(*look.subject));
      Base64("subject_randomness", look.r_s.Reveal());
    }
    if (actor) {
      Base64("actor_part", ledger::Encode(look.actor));
      Base64("actor_randomness", look.r_a.Reveal());
    }
    const Result<tlog::Proof> proof = tlog::ProveInclusion(prover_.tree, look.index, prover_.size);
    if (proof.ok()) {
      json_.Key("tlog_proof")
          .String(tlog::Print({std::nullopt, look.index, *proof, prover_.checkpoint}));
    } else {
      status_ = proof.error();
    }
    json_.Key("published").Bool(true).EndObject();
  }

  void WriteFacts(const Look& look) {
    json_.Key("index").Uint(look.index).Key("time").String(Rfc3339(look.actor.time_ms));
    json_.Key("kind").String(Name(look.actor.kind));
    json_.Key("decision").String(Name(look.actor.decision));
    json_.Key("form").String(Name(look.subject->form));
    json_.Key("organisation").Uint(look.actor.organisation->value());
    json_.Key("office").Uint(look.actor.office->value());
    json_.Key("role").String(look.actor.role).Key("purpose").String(look.actor.purpose);
    json_.Key("fields").BeginArray();
    for (const Field& field : kFields) json_.String(field.name);
    json_.EndArray();
  }

  void Base64(std::string_view key, ByteView bytes) {
    json_.Key(key).String(crypto::ToBase64(bytes));
  }

 private:
  const SamplePeople& people_;
  const Prover& prover_;
  std::string text_;
  codec::JsonWriter json_{text_};
  Status status_ = Ok();
};

Result<std::string> SamplePeople::PersonFile(const Prover& prover) const {
  Writer out(*this, prover);
  std::uint64_t end = 0;
  while (end < kSampleLooks && end * kRound + kPersonAt < prover.size) ++end;
  out.json().BeginObject().Key("items").BeginArray();
  for (std::uint64_t n = end; n-- > 0;) {
    if (n == kExpiredRound) continue;
    const Look look = LookAt(n * kRound + kPersonAt);
    out.json().BeginObject().Key("n").Uint(n);
    out.WriteFacts(look);
    if (const auto sealed = SealedIndexOf(look.index)) {
      const Look brought = LookAt(*sealed);
      out.json().Key("unsealed").BeginObject();
      out.WriteFacts(brought);
      out.WriteProof(brought, true, true);
      out.json().EndObject();
    }
    out.WriteProof(look, true, true);
    out.json().EndObject();
  }
  out.json().EndArray().Key("proofs").BeginObject();
  out.json().Key("register").Uint(kRegister.value());
  out.Base64("aud", subject_.aud().bytes());
  out.json().Key("covers").BeginObject().Key("first").Uint(0).Key("end").Uint(end).EndObject();
  out.json().Key("expired").BeginArray();
  if (kExpiredRound < end) {
    const Look look = LookAt(kExpiredRound * kRound + kPersonAt);
    out.json().BeginObject().Key("n").Uint(kExpiredRound).Key("index").Uint(look.index);
    out.WriteProof(look, false, false);
    out.json().EndObject();
  }
  out.json().EndArray().Key("logs").BeginArray().BeginObject();
  out.json().Key("log_id").String(base::ToHex(log_id_.bytes())).Key("origin").String(origin_);
  out.json().Key("key").String(vkey_);
  out.Base64("trail_key",
             crypto::Expand<32>(plk_, crypto::Context("trail").Raw(log_id_.bytes())).Reveal());
  out.json().EndObject().EndArray().EndObject().EndObject();
  if (!out.status().ok()) return out.status().error();
  return std::move(out.text());
}

// The period leaves out the first and the last of the account's entries, which close it, when it
// has as many.
Result<std::string> SamplePeople::OfficerFile(const Prover& prover) const {
  Writer out(*this, prover);
  std::vector<std::uint64_t> indexes;
  for (std::uint64_t round = 0; round < kSampleLooks; ++round) {
    for (const std::uint64_t place : {kPersonAt, kOtherAt}) {
      if (round * kRound + place < prover.size) indexes.push_back(round * kRound + place);
    }
  }
  const bool closed = indexes.size() >= 3;
  const std::int64_t first_ms = closed ? LookAt(indexes[1]).actor.time_ms : kFirstMs;
  const std::int64_t end_ms = closed
                                  ? LookAt(indexes.back()).actor.time_ms
                                  : kFirstMs + static_cast<std::int64_t>(prover.size) * kBetweenMs;
  out.json().BeginObject().Key("log_id").String(base::ToHex(log_id_.bytes()));
  out.json().Key("origin").String(origin_).Key("key").String(vkey_);
  out.Base64("activity_key",
             crypto::Expand<32>(pk_, crypto::Context("act").Raw(log_id_.bytes())).Reveal());
  out.json().Key("period").BeginObject().Key("from").String(Rfc3339(first_ms));
  out.json().Key("until").String(Rfc3339(end_ms)).EndObject().Key("entries").BeginArray();
  for (std::size_t n = 0; n < indexes.size(); ++n) {
    const Look look = LookAt(indexes[n]);
    out.json().BeginObject().Key("n").Uint(n).Key("index").Uint(look.index);
    out.WriteProof(look, false, true);
    out.json().EndObject();
  }
  out.json().EndArray().EndObject();
  if (!out.status().ok()) return out.status().error();
  return std::move(out.text());
}

}  // namespace cloison::verify::internal
