#include "server/tending.h"

#include <algorithm>
#include <chrono>

#include "access/decoys.h"
#include "base/task.h"

namespace cloison::server {

Tending::~Tending() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  changed_.notify_all();
  vault_.gate().decoys().Stop();
  if (decoys_thread_.joinable()) decoys_thread_.join();
  if (indexes_thread_.joinable()) indexes_thread_.join();
}

void Tending::LookAtDecoys() {
  if (decoys_running_) return;
  if (decoys_thread_.joinable()) decoys_thread_.join();
  decoys_running_ = true;
  decoys_thread_ = std::thread([this] {
    const vault::Environment& environment = vault_.environment();
    const Status tended = base::SyncWait(vault_.gate().decoys().TendIfDue(environment.home));
    if (!tended.ok()) {
      environment.events.Emit(base::Severity::kWarning, "decoys_not_tended",
                              {{"code", static_cast<std::int64_t>(tended.error().code())}});
    }
    decoys_running_ = false;
  });
}

void Tending::LookAtIndexes() {
  if (indexes_running_) return;
  if (indexes_thread_.joinable()) indexes_thread_.join();
  if (!indexes_.IsDue()) return;
  indexes_running_ = true;
  indexes_thread_ = std::thread([this] {
    BuildIndexes();
    indexes_running_ = false;
  });
}

void Tending::BuildIndexes() {
  const vault::Environment& environment = vault_.environment();
  while (true) {
    const std::int64_t began_us = environment.clock.mono_us();
    const Result<bool> more = base::SyncWait(indexes_.Advance());
    const std::int64_t took_ms = (environment.clock.mono_us() - began_us) / 1'000;
    if (!more.ok()) {
      environment.events.Emit(base::Severity::kWarning, "indexes_not_built",
                              {{"code", static_cast<std::int64_t>(more.error().code())}});
    }
    if (more.ok() && !*more) return;
    const std::int64_t rest_ms =
        more.ok() ? std::max<std::int64_t>(1, kRestsPerStep * took_ms) : kRestAfterErrorMs;
    if (!Rest(rest_ms)) return;
  }
}

bool Tending::Rest(std::int64_t ms) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stops_; });
}

}  // namespace cloison::server
