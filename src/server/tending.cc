#include "server/tending.h"

#include "access/decoys.h"
#include "base/task.h"

namespace cloison::server {

Tending::~Tending() {
  vault_.gate().decoys().Stop();
  if (thread_.joinable()) thread_.join();
}

void Tending::Look() {
  if (running_) return;
  if (thread_.joinable()) thread_.join();
  running_ = true;
  thread_ = std::thread([this] {
    const vault::Environment& environment = vault_.environment();
    const Status tended = base::SyncWait(vault_.gate().decoys().TendIfDue(environment.home));
    if (!tended.ok()) {
      environment.events.Emit(base::Severity::kWarning, "decoys_not_tended",
                              {{"code", static_cast<std::int64_t>(tended.error().code())}});
    }
    running_ = false;
  });
}

}  // namespace cloison::server
