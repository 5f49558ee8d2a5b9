#include "vault/index_life.h"

namespace cloison::vault {

using base::Severity;
using What = records::BuildStep::What;

IndexLife::IndexLife(Vault& vault) : vault_(vault), build_(vault.people(), vault.committer()) {}

bool IndexLife::IsDue() const {
  const std::uint64_t refused = vault_.people().generations().Current()->refused;
  return build_.HasWork() || refused != told_refused_;
}

void IndexLife::Tell(const records::BuildStep& step) const {
  base::EventSink& events = vault_.environment().events;
  const auto generation = static_cast<std::int64_t>(step.generation);
  const auto capacity = static_cast<std::int64_t>(step.capacity);
  if (step.what == What::kBegun) {
    events.Emit(Severity::kInfo, "index_build_begun",
                {{"generation", generation}, {"capacity", capacity}});
  }
  if (step.damaged > 0) {
    events.Emit(Severity::kError, "index_records_passed_over",
                {{"generation", generation}, {"records", static_cast<std::int64_t>(step.damaged)}});
  }
  if (step.what == What::kSwitched) {
    events.Emit(Severity::kInfo, "index_in_force",
                {{"generation", generation}, {"capacity", capacity}});
  }
  if (step.what == What::kGone) {
    events.Emit(Severity::kInfo, "index_dropped", {{"generation", generation}});
  }
}

// Given up by the walk, by a registration, or before this start.
void IndexLife::TellRefused() {
  const std::uint64_t refused = vault_.people().generations().Current()->refused;
  if (refused != vault_.schema().capacity()) return;  // another one since
  if (std::exchange(told_refused_, refused) == refused) return;
  vault_.environment().events.Emit(Severity::kError, "index_capacity_refused",
                                   {{"capacity", static_cast<std::int64_t>(refused)}});
}

Task<Result<bool>> IndexLife::Advance() {
  base::Executor& home = vault_.environment().home;
  const Result<records::BuildStep> step = co_await build_.Next(home);
  if (!step.ok()) co_return step.error();
  Tell(*step);
  TellRefused();
  co_return build_.HasWork();
}

}  // namespace cloison::vault
