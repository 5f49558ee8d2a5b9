#include "ledger/internal/witness_talk.h"

#include <algorithm>
#include <span>
#include <utility>

namespace cloison::ledger::internal {
namespace {

using tlog::WitnessVerdict;

OfferOutcome Lost(const Error& error) {
  return {WitnessState::kLost, static_cast<std::int64_t>(error.code())};
}

// The checkpoint as the log alone signed it: what others cosigned is nothing to a witness, and
// makes the request longer than some take.
std::string SignedByUs(const tlog::Note& note, const tlog::VerifierKey& log) {
  tlog::Note own{note.text, {}};
  for (const tlog::NoteSignature& signature : note.signatures) {
    if (signature.name == log.name() && signature.key_id == log.id()) {
      own.signatures.push_back(signature);
    }
  }
  return tlog::PrintNote(own);
}

}  // namespace

OfferOutcome WitnessTalk::Offer(const tlog::Note& note, const tlog::Head& head) {
  OfferOutcome outcome{WitnessState::kLost, static_cast<std::int64_t>(Code::kConflict)};
  for (int i = 0; i < kTriesPerOffer; ++i) {
    if (held_ > head.size) return {WitnessState::kNew};
    const std::uint64_t said = held_;
    outcome = Ask(note, head);
    const bool told = outcome.state == WitnessState::kNew;
    if (!told) return outcome;
    outcome.state = WitnessState::kLost;
    if (held_ == said) break;  // it will not have the size that it says it holds
  }
  return outcome;
}

// kNew: it said another size, which held_ now is.
OfferOutcome WitnessTalk::Ask(const tlog::Note& note, const tlog::Head& head) {
  tlog::AddCheckpoint request{held_, {}, SignedByUs(note, log_)};
  if (held_ != 0 && held_ < head.size) {
    Result<tlog::Proof> proof = source_.ProveConsistency(held_, head.size);
    if (!proof.ok()) return Lost(proof.error());
    request.proof = std::move(*proof);
  }
  Result<tlog::WitnessAnswer> answer = link_.Offer(request);
  if (!answer.ok()) return Lost(answer.error());
  switch (answer->verdict) {
    case WitnessVerdict::kCosigned: {
      OfferOutcome outcome = Cosigned(note, std::move(answer->signatures));
      if (outcome.state == WitnessState::kCosigned) held_ = head.size;
      return outcome;
    }
    case WitnessVerdict::kOtherSize:
      if (answer->size > source_.Newest().size) return Ahead(answer->size);
      held_ = answer->size;
      return {WitnessState::kNew, static_cast<std::int64_t>(Code::kConflict)};
    case WitnessVerdict::kInconsistent: return Inconsistent();
    case WitnessVerdict::kUnknownLog:
    case WitnessVerdict::kNotSigned:
    case WitnessVerdict::kBadRequest: return {WitnessState::kRefused, link_.status()};
    case WitnessVerdict::kNotNow: break;
  }
  return {WitnessState::kLost, link_.status()};
}

OfferOutcome WitnessTalk::Cosigned(const tlog::Note& note,
                                   std::vector<tlog::NoteSignature> signatures) {
  std::erase_if(signatures, [this](const tlog::NoteSignature& signature) {
    return signature.name != witness_.name() || signature.key_id != witness_.id();
  });
  const tlog::Note cosigned{note.text, std::move(signatures)};
  const Result<std::vector<tlog::VerifiedSignature>> good =
      tlog::Verify(cosigned, std::span(&witness_, 1));
  if (!good.ok()) return Lost(good.error());
  if (good->front().time_s == 0) return Lost(Error{Code::kCorrupt, "a cosignature of no time"});
  return {WitnessState::kCosigned, 0, false, cosigned.signatures.front(), good->front().time_s};
}

// Our proof did not lead from what it holds to what we published. Whose fault that is, a checkpoint
// that our own key signed can prove.
OfferOutcome WitnessTalk::Inconsistent() {
  const OfferOutcome refused{WitnessState::kRefused, link_.status()};
  const std::optional<tlog::Head> shown = link_.Shown(log_);
  if (!shown || shown->size == 0) return refused;
  const tlog::Head newest = source_.Newest();
  const auto size = static_cast<std::int64_t>(shown->size);
  if (shown->size > newest.size) return {WitnessState::kAhead, size, true};
  const Result<tlog::Proof> proof = source_.ProveConsistency(shown->size, newest.size);
  if (!proof.ok()) return Lost(proof.error());
  if (tlog::VerifyConsistency(*shown, newest, *proof).ok()) return refused;
  return {WitnessState::kForked, size, true};
}

OfferOutcome WitnessTalk::Ahead(std::uint64_t size) {
  const std::optional<tlog::Head> shown = link_.Shown(log_);
  const bool proven = shown && shown->size > source_.Newest().size;
  return {WitnessState::kAhead, static_cast<std::int64_t>(size), proven};
}

}  // namespace cloison::ledger::internal
