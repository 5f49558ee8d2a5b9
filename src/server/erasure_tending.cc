#include "server/erasure_tending.h"

#include "base/task.h"
#include "server/signed_calls.h"

namespace cloison::server {

using access::Erasures;
using base::Severity;
using Became = Erasures::Became;

Result<std::unique_ptr<ErasureTending>> ErasureTending::Start(Ground& ground, vault::Vault& vault,
                                                              std::vector<std::string>& problems) {
  const Config& config = ground.config();
  std::unique_ptr<sinks::Consent> consent;
  if (!config.erasure_hook.empty()) {
    std::optional<SignedCall> call = ReadSignedCall(
        ground,
        {config.erasure_hook, config.erasure_hook_key, config.erasure_hook_ca, "erasure.hook"},
        problems);
    if (!call.has_value()) return Error{Code::kInvalid, "the hook of erasures has faults"};
    consent = std::make_unique<sinks::Consent>(std::move(call->place), config.origin,
                                               std::move(call->signer), ground.clock());
  }
  vault.gate().erasures().Rule(config.erasure_delay_days * base::kDayMs, consent != nullptr,
                               static_cast<std::uint32_t>(config.erasures_per_day));
  return std::unique_ptr<ErasureTending>(new ErasureTending(vault, std::move(consent)));
}

ErasureTending::~ErasureTending() {
  stops_ = true;
  if (consent_ != nullptr) consent_->Stop();
  telling_.Join();
  asking_.Join();
}

void ErasureTending::Beside::Join() {
  if (thread_.joinable()) thread_.join();
}

void ErasureTending::Beside::Begin(std::function<void()> body) {
  if (running_) return;
  Join();
  running_ = true;
  thread_ = std::thread([this, body = std::move(body)] {
    body();
    running_ = false;
  });
}

void ErasureTending::Look() {
  telling_.Begin([this] { Tell(); });
  asking_.Begin([this] { Round(); });
}

void ErasureTending::NotTended(const Error& error) {
  vault_.environment().events.Emit(Severity::kWarning, "erasures_not_tended",
                                   {{"code", static_cast<std::int64_t>(error.code())}});
}

void ErasureTending::Tell() {
  const Status told = base::SyncWait(vault_.gate().erasures().Tell(vault_.environment().home));
  if (!told.ok()) NotTended(told.error());
}

void ErasureTending::Round() {
  base::Executor& home = vault_.environment().home;
  int without_answer = 0;
  while (!stops_) {
    const auto due = base::SyncWait(vault_.gate().erasures().Due(above_, home));
    if (!due.ok()) return NotTended(due.error());
    for (const Erasures::Waiting& one : *due) {
      if (stops_) return;
      above_ = one.number;
      if (!Settle(one, without_answer)) return;
    }
    if (due->size() < access::kErasuresDueMax) {
      above_ = 0;
      return;
    }
  }
}

bool ErasureTending::Settle(const Erasures::Waiting& one, int& without_answer) {
  const vault::Environment& environment = vault_.environment();
  Erasures& erasures = vault_.gate().erasures();
  const auto number = static_cast<std::int64_t>(one.number);
  auto said = Erasures::Said::kNothing;
  if (consent_ != nullptr) {
    const commit::BatchTime now = vault_.committer().Now();
    const std::int64_t to_wall_ms = now.wall_ms - now.budget_ms;
    const Result<bool> answer =
        consent_->Ask({one.number, one.organisation.value(), one.reason, one.asked_ms + to_wall_ms,
                       one.decided_ms + to_wall_ms, one.due_ms + to_wall_ms, one.decided_ms});
    if (!answer.ok()) {
      environment.events.Emit(Severity::kWarning, "erasure_without_answer",
                              {{"approval", number}, {"detail", answer.error().detail()}});
      return ++without_answer < kAsksWithoutAnswer;
    }
    if (!*answer) {
      const auto refused = base::SyncWait(erasures.Refuse(one.number, environment.home));
      // One that was stopped, or done, while the answer came is no refusal of theirs.
      if (refused.ok() && *refused != Became::kDone) return true;
      environment.events.Emit(refused.ok() ? Severity::kInfo : Severity::kError,
                              "erasure_refused_outside", {{"approval", number}});
      return refused.ok();
    }
    said = Erasures::Said::kYes;
  }
  const auto done = base::SyncWait(erasures.Proceed(one.number, said, environment.home));
  if (done.ok() && *done != Became::kDone) return true;
  environment.events.Emit(done.ok() ? Severity::kInfo : Severity::kError,
                          done.ok() ? Literal("erasure_done") : Literal("erasure_not_finished"),
                          {{"approval", number}});
  return done.ok();
}

}  // namespace cloison::server
