// Witnesses: others who remember how far a log has come. Each published checkpoint is offered to
// every witness of the operator's trust policy; a witness that finds it consistent with what it
// holds cosigns it, and its cosignature goes to whoever publishes.
//
// A witness has a thread of its own here, so a slow one holds up nobody: not the others, not the
// ledger, not a stop. Nothing that shows a person waits for any of this. What a witness holds is
// its own state: here it is only remembered, and asked again after a start.
//
// A witness that holds more of our log than there is, or another tree of ours, is the proof that
// this ledger went back or was forked: nothing may be signed then (docs/operate/witnesses.md).
//
// Threads  CheckWitnesses: any, blocks. Witnesses: any.
// Source   C2SP tlog-witness v1.0.0, tlog-cosignature v1.0.1, tlog-policy; docs/format/ledger.md.
#ifndef CLOISON_LEDGER_WITNESSES_H_
#define CLOISON_LEDGER_WITNESSES_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/events.h"
#include "base/random.h"
#include "tlog/trust_policy.h"

namespace cloison::ledger {

// Where checkpoints come from and cosignatures go. Called on the witnesses' threads, several at
// once; may block.
class CheckpointSource {
 public:
  virtual ~CheckpointSource() = default;
  // The published checkpoint, a note; "" when there is none yet.
  virtual std::string Published() = 0;
  // The newest signed one: never behind the published one.
  virtual tlog::Head Newest() = 0;
  virtual Result<tlog::Proof> ProveConsistency(std::uint64_t older, std::uint64_t newer) = 0;
  // Of the checkpoint with this text; verified. Dropped when it is no longer the published one.
  virtual void AddCosignature(const std::string& checkpoint_text,
                              const tlog::NoteSignature& signature) = 0;
};

struct WitnessOptions {
  tlog::TrustPolicy policy;              // each witness with its URL
  std::string ca_pem;                    // of the witnesses' certificates; "": the system's
  std::int64_t interval_ms = 1'000;      // between two offers to one witness
  std::int64_t start_ms_max = 5'000;     // for CheckWitnesses, all together
  std::int64_t answer_ms_max = 5'000;    // for a connection, and again for an answer
  std::int64_t backoff_ms_max = 60'000;  // between two offers to one that fails
};

// Fails kInvalid when a witness has no URL, or one that is neither https nor http on the loopback;
// the detail is the number of the witness in the policy, from 1.
Status CheckPlaces(const tlog::TrustPolicy& policy);

// What Witnesses and CheckWitnesses stand on. All outlive them.
struct WitnessParts {
  base::Clock& clock;
  base::Random& random;
  base::EventSink& events;
};

// Before anything is signed: asks all witnesses at once what they hold of the log `key`, and holds
// it against what is durable here. `kept` is the last checkpoint that was published, a note, "" for
// none: it is signed already, so showing it tells nothing new.
//
// Fails    kCorrupt  a witness says that it holds more than `durable`, or a checkpoint that our key
//                    signed and that is not of this log; the detail is its number, from 1. Event
//                    witness_ahead or witness_forked
//          kInvalid  as CheckPlaces
// A witness that does not answer within start_ms_max is an event (witness_lost), and no failure:
// what it holds is looked at when it answers.
Status CheckWitnesses(const WitnessOptions& options, const tlog::VerifierKey& key,
                      const std::string& kept, const tlog::Head& durable, WitnessParts parts);

enum class WitnessState : std::uint8_t {
  kNew,       // never answered
  kCosigned,  // the last offer
  kLost,      // no answer, or none that can be read
  kRefused,   // an answer, and a no
  kAhead,     // holds more of the log than there is
  kForked,    // holds another tree that our key signed
};
std::string_view Name(
    WitnessState state);  // "new", "cosigned", "lost", "refused", "ahead", "forked"

struct WitnessStanding {
  std::string name;  // of the policy
  WitnessState state = WitnessState::kNew;
  std::uint64_t size = 0;        // of the last checkpoint that it cosigned for us since the start
  std::int64_t cosigned_ms = 0;  // wall clock, when that came; 0: never
};

struct WitnessReport {
  std::vector<WitnessStanding> witnesses;  // in the order of the policy
  // Whether the published checkpoint has the quorum, or one published less than kQuorumLagMs before
  // now has.
  bool quorum = false;
  std::uint64_t quorum_size = 0;  // of the newest checkpoint that has it
};
// A log that grows publishes each second, and a witness takes its time.
inline constexpr std::int64_t kQuorumLagMs = 10'000;

struct WitnessStats {
  base::Counter offers, cosigned, refused, lost;
};

class Witnesses {
 public:
  // Takes  `source`, which outlives it. `on_ahead` is called once at most, on a witness's thread,
  //        when one is found ahead or to hold a fork; no offer is made after it.
  // Fails  kInvalid as CheckPlaces.
  static Result<std::unique_ptr<Witnesses>> Start(WitnessOptions options, tlog::VerifierKey key,
                                                  CheckpointSource& source, WitnessParts parts,
                                                  std::function<void()> on_ahead);
  // Breaks off what is under way: within net::kCancelMs, unless the system looks a name up.
  ~Witnesses();

  // Something was published: whoever waits for it need not wait out its interval's rest.
  void Published();
  WitnessReport report() const;
  const WitnessStats& stats() const;

 private:
  class Impl;
  explicit Witnesses(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_WITNESSES_H_
