// One offer to one witness, from the first question to what came of it.
//
// Threads  one at a time; blocks.
#ifndef CLOISON_LEDGER_INTERNAL_WITNESS_TALK_H_
#define CLOISON_LEDGER_INTERNAL_WITNESS_TALK_H_

#include "ledger/internal/witness_link.h"
#include "ledger/witnesses.h"

namespace cloison::ledger::internal {

// A witness may be told of our log by others than us, so that what it holds moves on in between.
inline constexpr int kTriesPerOffer = 3;

struct OfferOutcome {
  WitnessState state;  // kNew: it holds what we have not published yet, which is no fault
  // Of kLost and kRefused: the status of the answer, or the code of the error below 100. Of kAhead
  // and kForked: the size that the witness holds.
  std::int64_t detail = 0;
  bool shown = false;                  // of kAhead: a checkpoint that our key signed proves it
  tlog::NoteSignature signature = {};  // of kCosigned
  std::uint64_t time_s = 0;            // of kCosigned
};

class WitnessTalk {
 public:
  // All outlive it.
  WitnessTalk(WitnessLink link, const tlog::VerifierKey& log, const tlog::VerifierKey& witness,
              CheckpointSource& source)
      : link_(std::move(link)), log_(log), witness_(witness), source_(source) {}

  // `note` is a checkpoint that our key signed; its size is not 0.
  OfferOutcome Offer(const tlog::Note& note, const tlog::Head& head);

 private:
  OfferOutcome Ask(const tlog::Note& note, const tlog::Head& head);
  OfferOutcome Cosigned(const tlog::Note& note, std::vector<tlog::NoteSignature> signatures);
  OfferOutcome Inconsistent();
  OfferOutcome Ahead(std::uint64_t size);

  WitnessLink link_;
  const tlog::VerifierKey& log_;
  const tlog::VerifierKey& witness_;
  CheckpointSource& source_;
  std::uint64_t held_ = 0;  // what the witness holds, as far as it has said
};

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_WITNESS_TALK_H_
