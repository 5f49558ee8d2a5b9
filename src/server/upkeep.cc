#include "server/upkeep.h"

namespace cloison::server {

namespace {

constexpr std::uint64_t kRestTicks = 60;

}  // namespace

Upkeep::Upkeep(Ground& ground, vault::Vault& vault)
    : ground_(ground),
      epochs_(vault,
              vault::EpochRules{ground.config().epoch_days, ground.config().backup_keep_days}),
      schema_(vault) {}

bool Upkeep::IsDue(std::uint64_t& rest) {
  if (rest == 0) return true;
  --rest;
  return false;
}

void Upkeep::Tick() {
  if (IsDue(epochs_rest_)) Advance();
  if (IsDue(schema_rest_)) Follow();
}

// 43 million people are wrapped anew within some hours.
void Upkeep::Advance() {
  const Status advanced = base::SyncWait(epochs_.Advance());
  if (advanced.ok()) return;
  epochs_rest_ = kRestTicks;
  ground_.events().Emit(base::Severity::kWarning, "epochs_not_advanced",
                        {{"code", static_cast<std::int64_t>(advanced.error().code())}});
}

void Upkeep::Follow() {
  const Status followed = base::SyncWait(schema_.Advance());
  if (followed.ok()) return;
  schema_rest_ = kRestTicks;
  ground_.events().Emit(base::Severity::kWarning, "schema_not_followed",
                        {{"code", static_cast<std::int64_t>(followed.error().code())}});
}

}  // namespace cloison::server
