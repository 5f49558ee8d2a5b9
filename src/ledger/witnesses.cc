#include "ledger/witnesses.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "ledger/internal/witness_talk.h"

namespace cloison::ledger {
namespace {

using base::Severity;
using internal::OfferOutcome;

// Published checkpoints whose cosignatures are still counted: at one a second, those of a witness
// that takes its time.
constexpr std::size_t kRememberedMax = 32;

// A published checkpoint and who has cosigned it.
struct Offered {
  std::string text;
  std::uint64_t size;
  std::int64_t since_us;
  tlog::Cosigned cosigned;
};

}  // namespace

std::string_view Name(WitnessState state) {
  switch (state) {
    case WitnessState::kNew: return "new";
    case WitnessState::kCosigned: return "cosigned";
    case WitnessState::kLost: return "lost";
    case WitnessState::kRefused: return "refused";
    case WitnessState::kAhead: return "ahead";
    case WitnessState::kForked: return "forked";
  }
  CLOISON_CHECK(false);
}

Status CheckPlaces(const tlog::TrustPolicy& policy) {
  for (std::size_t i = 0; i < policy.witnesses().size(); ++i) {
    if (internal::PlaceOf(policy.witnesses()[i].url).ok()) continue;
    return Error{Code::kInvalid, "a witness has an https URL, or an http one on the loopback",
                 static_cast<std::int64_t>(i) + 1};
  }
  return Ok();
}

class Witnesses::Impl {
 public:
  Impl(WitnessOptions options, tlog::VerifierKey key, CheckpointSource& source, WitnessParts parts,
       std::function<void()> on_ahead)
      : options_(std::move(options)),
        key_(std::move(key)),
        source_(source),
        parts_(parts),
        on_ahead_(std::move(on_ahead)) {
    for (const tlog::TrustedWitness& witness : options_.policy.witnesses()) {
      standings_.push_back({witness.name, WitnessState::kNew, 0, 0});
    }
    for (std::size_t i = 0; i < standings_.size(); ++i) {
      threads_.emplace_back([this, i] { Run(i); });
    }
  }
  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void Published() {
    {
      const std::lock_guard lock(mutex_);
      ++published_;
    }
    changed_.notify_all();
  }
  WitnessReport Report();
  const WitnessStats& stats() const { return stats_; }

 private:
  void Run(std::size_t i);
  bool Await(std::int64_t until_us, std::uint64_t seen);
  void Keep(std::size_t i, const std::string& text, std::uint64_t size,
            const OfferOutcome& outcome);
  void Tell(std::size_t i, const OfferOutcome& outcome);
  void Remember(const std::string& text, std::uint64_t size);
  std::int64_t BackoffUs(int failures);

  const WitnessOptions options_;
  const tlog::VerifierKey key_;
  CheckpointSource& source_;
  const WitnessParts parts_;
  const std::function<void()> on_ahead_;
  WitnessStats stats_;

  std::atomic<bool> stopped_{false};  // set under the mutex, read anywhere
  std::atomic<bool> ahead_{false};    // nothing is offered any more
  mutable std::mutex mutex_;          // guards the next three
  std::vector<WitnessStanding> standings_;
  std::deque<Offered> offered_;  // the newest last
  std::uint64_t published_ = 0;  // how often something was
  std::condition_variable changed_;
  std::vector<std::thread> threads_;
};

// Until `until_us`, and until something was published that was not seen; false at the stop. What
// was published without a word is found at the next interval.
bool Witnesses::Impl::Await(std::int64_t until_us, std::uint64_t seen) {
  std::unique_lock lock(mutex_);
  const std::int64_t latest_us =
      std::max(until_us, parts_.clock.mono_us() + options_.interval_ms * 1000);
  while (!stopped_) {
    const std::int64_t now_us = parts_.clock.mono_us();
    const std::int64_t left_us = (published_ == seen ? latest_us : until_us) - now_us;
    if (left_us <= 0) return true;
    changed_.wait_for(lock, std::chrono::microseconds(left_us));
  }
  return false;
}

std::int64_t Witnesses::Impl::BackoffUs(int failures) {
  std::int64_t most_ms = options_.interval_ms;
  for (int i = 0; i < failures && most_ms < options_.backoff_ms_max; ++i) most_ms *= 2;
  most_ms = std::max<std::int64_t>(std::min(most_ms, options_.backoff_ms_max), 1);
  if (failures == 0) return most_ms * 1000;
  // From half of it to all: those that fail together come back apart.
  const auto spread = static_cast<std::uint64_t>(most_ms * 500);
  return most_ms * 500 + static_cast<std::int64_t>(parts_.random.Below(spread + 1));
}

void Witnesses::Impl::Run(std::size_t i) {
  const tlog::TrustedWitness& witness = options_.policy.witnesses()[i];
  internal::WitnessTalk talk(
      internal::WitnessLink(*internal::PlaceOf(witness.url),
                            {options_.ca_pem, options_.answer_ms_max, &stopped_}, parts_.clock),
      key_, witness.key, source_);
  std::string cosigned;  // the text of the last checkpoint that it cosigned
  int failures = 0;
  while (!stopped_ && !ahead_) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard lock(mutex_);
      seen = published_;
    }
    const std::int64_t began_us = parts_.clock.mono_us();
    const Result<tlog::Note> note = tlog::ParseNote(source_.Published());
    const Result<tlog::Checkpoint> head =
        note.ok() ? tlog::ParseCheckpoint(note->text) : Result<tlog::Checkpoint>(note.error());
    const bool news = head.ok() && head->head.size != 0 && note->text != cosigned;
    if (news) {
      stats_.offers.Add();
      const OfferOutcome outcome = talk.Offer(*note, head->head);
      if (stopped_) return;
      Keep(i, note->text, head->head.size, outcome);
      const bool good = outcome.state == WitnessState::kCosigned;
      if (good) cosigned = note->text;
      if (good) source_.AddCosignature(note->text, outcome.signature);
      const bool failed = !good && outcome.state != WitnessState::kNew;
      failures = failed ? std::min(failures + 1, 32) : 0;
    }
    if (!Await(began_us + BackoffUs(failures), seen)) return;
  }
}

void Witnesses::Impl::Remember(const std::string& text, std::uint64_t size) {
  const bool known =
      std::ranges::any_of(offered_, [&text](const Offered& one) { return one.text == text; });
  if (known) return;
  offered_.push_back({text, size, parts_.clock.mono_us(), tlog::Cosigned(standings_.size(), 0)});
  if (offered_.size() > kRememberedMax) offered_.pop_front();
}

void Witnesses::Impl::Keep(std::size_t i, const std::string& text, std::uint64_t size,
                           const OfferOutcome& outcome) {
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    Remember(text, size);
    WitnessStanding& standing = standings_[i];
    if (outcome.state == WitnessState::kCosigned) {
      standing.size = size;
      standing.cosigned_ms = parts_.clock.wall_ms();
      for (Offered& one : offered_) {
        if (one.text == text) one.cosigned[i] = outcome.time_s;
      }
    }
    if (outcome.state == WitnessState::kNew) return;
    changed = std::exchange(standing.state, outcome.state) != outcome.state;
  }
  if (outcome.state == WitnessState::kCosigned) stats_.cosigned.Add();
  if (outcome.state == WitnessState::kRefused) stats_.refused.Add();
  if (outcome.state == WitnessState::kLost) stats_.lost.Add();
  if (changed) Tell(i, outcome);
  const bool ahead =
      outcome.state == WitnessState::kAhead || outcome.state == WitnessState::kForked;
  if (ahead && !ahead_.exchange(true)) on_ahead_();
}

void Witnesses::Impl::Tell(std::size_t i, const OfferOutcome& outcome) {
  base::EventSink& events = parts_.events;
  const auto number = static_cast<std::int64_t>(i) + 1;
  const auto ours = static_cast<std::int64_t>(source_.Newest().size);
  switch (outcome.state) {
    case WitnessState::kNew: break;
    case WitnessState::kCosigned:
      events.Emit(Severity::kInfo, "witness_cosigned", {{"witness", number}});
      break;
    case WitnessState::kLost:
      events.Emit(Severity::kWarning, "witness_lost",
                  {{"witness", number}, {"status", outcome.detail}});
      break;
    case WitnessState::kRefused:
      events.Emit(Severity::kError, "witness_refused",
                  {{"witness", number}, {"status", outcome.detail}});
      break;
    case WitnessState::kAhead:
      events.Emit(Severity::kError, "witness_ahead",
                  {{"witness", number},
                   {"holds", outcome.detail},
                   {"here", ours},
                   {"signed", outcome.shown ? 1 : 0}});
      break;
    case WitnessState::kForked:
      events.Emit(Severity::kError, "witness_forked",
                  {{"witness", number}, {"holds", outcome.detail}, {"here", ours}, {"signed", 1}});
      break;
  }
}

WitnessReport Witnesses::Impl::Report() {
  const Result<tlog::Note> published = tlog::ParseNote(source_.Published());
  const std::int64_t now_us = parts_.clock.mono_us();
  const std::lock_guard lock(mutex_);
  WitnessReport report{standings_, false, 0};
  report.quorum = options_.policy.Reached(tlog::Cosigned(standings_.size(), 0));  // of nobody
  for (const Offered& one : offered_) {
    if (!options_.policy.Reached(one.cosigned)) continue;
    report.quorum_size = std::max(report.quorum_size, one.size);
    const bool recent = now_us - one.since_us < kQuorumLagMs * 1000;
    const bool current = published.ok() && published->text == one.text;
    report.quorum = report.quorum || recent || current;
  }
  return report;
}

Result<std::unique_ptr<Witnesses>> Witnesses::Start(WitnessOptions options, tlog::VerifierKey key,
                                                    CheckpointSource& source, WitnessParts parts,
                                                    std::function<void()> on_ahead) {
  CLOISON_TRY(CheckPlaces(options.policy));
  auto impl = std::make_unique<Impl>(std::move(options), std::move(key), source, parts,
                                     std::move(on_ahead));
  return std::unique_ptr<Witnesses>(new Witnesses(std::move(impl)));
}

Witnesses::Witnesses(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Witnesses::~Witnesses() = default;

void Witnesses::Published() {
  impl_->Published();
}
WitnessReport Witnesses::report() const {
  return impl_->Report();
}
const WitnessStats& Witnesses::stats() const {
  return impl_->stats();
}

}  // namespace cloison::ledger
