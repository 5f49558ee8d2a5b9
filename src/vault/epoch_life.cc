#include "vault/epoch_life.h"

#include <algorithm>

#include "access/gate.h"

namespace cloison::vault {

EpochLife::EpochLife(Vault& vault, EpochRules rules)
    : vault_(vault),
      rules_(rules),
      epochs_(vault.ring(), vault.environment().key_store, vault.key_committer(), vault.state()) {}

Task<Status> EpochLife::Advance() {
  const Environment& environment = vault_.environment();
  const std::int64_t now_ms = vault_.committer().Now().CalmMs();
  if (!loaded_) {
    CLOISON_CO_TRY(co_await epochs_.Load(now_ms, environment.random, environment.home));
    loaded_ = true;
  }
  CLOISON_CO_TRY(co_await MaybeBegin(now_ms));
  keys::Epochs::Pass pass;
  for (int slice = 0; slice < kSlicesPerCall && !pass.whole; ++slice) {
    CLOISON_CO_TRY_ASSIGN(pass, co_await epochs_.Rewrap(now_ms, environment.home));
  }
  if (pass.whole && !std::exchange(told_, true)) {
    const bool all = pass.lost + pass.damaged == 0;
    environment.events.Emit(all ? base::Severity::kInfo : base::Severity::kError, "epoch_rewrapped",
                            {{"epoch", static_cast<std::int64_t>(epochs_.document().current)},
                             {"rows", static_cast<std::int64_t>(pass.rewrapped)},
                             {"lost", static_cast<std::int64_t>(pass.lost)},
                             {"damaged", static_cast<std::int64_t>(pass.damaged)}});
  }
  co_return co_await MaybeDestroy(now_ms);
}

Task<Status> EpochLife::MaybeBegin(std::int64_t now_ms) {
  const Environment& environment = vault_.environment();
  const keys::EpochDocument& document = epochs_.document();
  if (rules_.epoch_days == 0) co_return Ok();
  if (now_ms < document.begun_ms + rules_.epoch_days * base::kDayMs) co_return Ok();
  const std::uint32_t next = document.current + 1;
  CLOISON_CO_TRY(
      co_await vault_.gate().RecordKeys("epoch/begin/" + std::to_string(next), environment.home));
  const Status begun = co_await epochs_.Begin(now_ms, environment.home);
  loaded_ = begun.ok();  // else it may have begun, and its row not been written
  CLOISON_CO_TRY(begun);
  told_ = false;
  environment.events.Emit(base::Severity::kInfo, "epoch_begun",
                          {{"epoch", static_cast<std::int64_t>(next)}});
  co_return Ok();
}

Task<Status> EpochLife::MaybeDestroy(std::int64_t now_ms) {
  const Environment& environment = vault_.environment();
  const std::vector<std::uint32_t> due = epochs_.Due(now_ms, rules_.keep_days * base::kDayMs);
  if (due.empty()) co_return Ok();
  if (!vault_.committer().time_keeper().confirmed()) {
    if (now_ms < waiting_told_ms_ + base::kDayMs) co_return Ok();
    waiting_told_ms_ = now_ms;
    environment.events.Emit(base::Severity::kWarning, "epochs_wait_for_confirmed_time",
                            {{"epochs", static_cast<std::int64_t>(due.size())}});
    co_return Ok();
  }
  for (const std::uint32_t epoch : due) {
    CLOISON_CO_TRY(co_await vault_.gate().RecordKeys("epoch/destroy/" + std::to_string(epoch),
                                                     environment.home));
    CLOISON_CO_TRY(co_await epochs_.Destroy(epoch, environment.home));
    environment.events.Emit(base::Severity::kInfo, "epoch_destroyed",
                            {{"epoch", static_cast<std::int64_t>(epoch)}});
  }
  co_return Ok();
}

}  // namespace cloison::vault
