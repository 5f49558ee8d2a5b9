// What the witnesses hold, asked before anything is signed.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "ledger/internal/witness_link.h"
#include "ledger/witnesses.h"

namespace cloison::ledger {
namespace {

using base::Severity;

// What one witness said within the time.
struct Held {
  bool answered = false;
  std::uint64_t size = 0;
  bool shown = false;   // the size is that of a checkpoint that our key signed
  bool forked = false;  // of as many entries as are here, and another root
};

struct Question {
  const tlog::VerifierKey& key;
  const std::string& kept;
  std::optional<tlog::Head> kept_head;
  const tlog::Head& durable;
};

// The witness's word, for which it need not show anything: it refuses a size that is not its own.
void AskSize(internal::WitnessLink& link, const Question& question, Held& held) {
  if (!question.kept_head || question.kept_head->size == 0) return;
  tlog::AddCheckpoint request{0, {}, question.kept};
  Result<tlog::WitnessAnswer> answer = link.Offer(request);
  held.answered = held.answered || link.status() != 0;
  if (!answer.ok() || answer->verdict != tlog::WitnessVerdict::kOtherSize) return;
  if (answer->size > held.size) held = Held{true, answer->size, false, held.forked};
  if (answer->size != question.kept_head->size) return;
  // The same size: then it has the same root, or says that ours is another.
  request.old_size = answer->size;
  answer = link.Offer(request);
  const bool other = answer.ok() && answer->verdict == tlog::WitnessVerdict::kInconsistent;
  held.forked = held.forked || other;
}

Held Ask(internal::WitnessLink& link, const Question& question) {
  Held held;
  const std::optional<tlog::Head> shown = link.Shown(question.key);
  held.answered = link.status() != 0;
  if (shown) {
    held.size = shown->size;
    held.shown = true;
    held.forked = shown->size == question.durable.size && shown->root != question.durable.root;
  }
  AskSize(link, question, held);
  return held;
}

// Waits for all of them, or for the time, and gives those up that have not answered then.
std::vector<Held> AskAll(const WitnessOptions& options, const Question& question,
                         base::Clock& clock) {
  const std::vector<tlog::TrustedWitness>& witnesses = options.policy.witnesses();
  std::vector<Held> held(witnesses.size());
  std::atomic<bool> over{false};
  std::mutex mutex;  // guards what is left
  std::condition_variable changed;
  std::size_t left = witnesses.size();
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < witnesses.size(); ++i) {
    threads.emplace_back([&, i] {
      internal::WitnessLink link(*internal::PlaceOf(witnesses[i].url),
                                 {options.ca_pem, options.start_ms_max, &over}, clock);
      held[i] = Ask(link, question);
      const std::lock_guard lock(mutex);
      if (--left == 0) changed.notify_all();
    });
  }
  {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::milliseconds(options.start_ms_max),
                     [&left] { return left == 0; });
  }
  over = true;
  for (std::thread& thread : threads) thread.join();
  return held;
}

}  // namespace

Status CheckWitnesses(const WitnessOptions& options, const tlog::VerifierKey& key,
                      const std::string& kept, const tlog::Head& durable, WitnessParts parts) {
  CLOISON_TRY(CheckPlaces(options.policy));
  const Result<tlog::Checkpoint> kept_head = tlog::OpenCheckpoint(kept, key);
  Question question{key, kept, std::nullopt, durable};
  if (kept_head.ok()) question.kept_head = kept_head->head;
  const std::vector<Held> held = AskAll(options, question, parts.clock);
  Status worst = Ok();
  const auto here = static_cast<std::int64_t>(durable.size);
  for (std::size_t i = 0; i < held.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i) + 1;
    const auto holds = static_cast<std::int64_t>(held[i].size);
    if (!held[i].answered) {
      parts.events.Emit(Severity::kWarning, "witness_lost", {{"witness", number}, {"status", 0}});
    } else if (held[i].size > durable.size) {
      parts.events.Emit(Severity::kError, "witness_ahead",
                        {{"witness", number},
                         {"holds", holds},
                         {"here", here},
                         {"signed", held[i].shown ? 1 : 0}});
      worst = Error{Code::kCorrupt, "a witness holds more of this log than is here", number};
    } else if (held[i].forked) {
      parts.events.Emit(Severity::kError, "witness_forked",
                        {{"witness", number}, {"holds", holds}, {"here", here}});
      worst = Error{Code::kCorrupt, "a witness holds another log under this name", number};
    }
  }
  return worst;
}

}  // namespace cloison::ledger
