#include "access/internal/pair_edit.h"

namespace cloison::access::internal {

namespace {

Task<Result<std::uint32_t>> CountPeople(Core& core, store::Store& store, PrincipalId agent) {
  std::uint32_t people = 0;
  std::string after;
  do {
    CLOISON_CO_TRY_ASSIGN(const Caseload::Page page,
                          co_await core.caseload.PairsOf(store, agent, after, store::kScanRowsMax));
    for (const auto& [key, pair] : page.pairs) people += pair.caseload.has_value() ? 1 : 0;
    after = page.next;
  } while (!after.empty());
  co_return people;
}

}  // namespace

Refusal Plain(RefusalCode code, std::string rule) {
  return Refusal{code, std::move(rule), {}, {}, 0, {}, {}, {}};
}

Refusal CeilingRefusal(const Passed& passed) {
  Refusal refusal = Plain(RefusalCode::kBudgetSpent, passed.rule);
  refusal.retry_after_ms = passed.retry_after_ms;
  return refusal;
}

bool HasApplicationRole(Core& core, const PrincipalInfo& who) {
  const Role* const role = core.parts.policy.Now().FindRole(who.role);
  return role != nullptr && role->kind == RoleKind::kApplication;
}

Task<Status> TallyCounts::Load(Core& core, commit::Staging& staging,
                               std::vector<PrincipalId> principals) {
  people_.clear();
  std::vector<store::Key> keys;
  for (const PrincipalId& id : principals) keys.push_back(core.caseload.TallyKey(id));
  std::vector<store::Key> wanted = keys;
  CLOISON_CO_TRY(co_await staging.Load(std::move(wanted)));
  for (std::size_t i = 0; i < principals.size(); ++i) {
    if (staging.Get(keys[i]).present() || people_.contains(principals[i])) continue;
    CLOISON_CO_TRY_ASSIGN(const std::uint32_t people,
                          co_await CountPeople(core, staging.store(), principals[i]));
    people_.emplace(principals[i], people);
  }
  co_return Ok();
}

Result<Tally> TallyCounts::Of(Core& core, const commit::Staging& staging,
                              const PrincipalId& principal) const {
  const store::Key key = core.caseload.TallyKey(principal);
  const store::Row& row = staging.Get(key);
  if (row.present()) {
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core.parts.state.Open(key, row.value));
    return Tally::Parse(plain.Reveal());
  }
  Tally tally;
  tally.people = people_.at(principal);
  return tally;
}

Result<Pair*> PairEdit::Find(const PrincipalId& agent, const PersonId& person, const Aud& aud) {
  store::Key key = core_.caseload.PairKey(agent, person);
  if (const auto found = pairs_.find(key); found != pairs_.end()) return &found->second.pair;
  const store::Row& row = staging_.Get(key);
  Edited edited{agent, person, Pair{aud, {}, {}}, row.present(), false};
  if (row.present()) {
    CLOISON_TRY_ASSIGN(edited.pair, core_.caseload.Open(key, row));
  }
  return &pairs_.emplace(std::move(key), std::move(edited)).first->second.pair;
}

void PairEdit::Touch(const PrincipalId& agent, const PersonId& person) {
  pairs_.at(core_.caseload.PairKey(agent, person)).touched = true;
}

Result<Tally*> PairEdit::TallyOf(const PrincipalId& principal) {
  const auto found = tallies_.find(principal);
  if (found != tallies_.end()) return &found->second;
  CLOISON_TRY_ASSIGN(Tally tally, counts_.Of(core_, staging_, principal));
  return &tallies_.emplace(principal, std::move(tally)).first->second;
}

void PairEdit::Stage(commit::Staging& staging) const {
  for (const auto& [key, edited] : pairs_) {
    if (!edited.touched) continue;
    if (edited.pair.empty()) {
      core_.caseload.Remove(staging, edited.agent, edited.person);
      continue;
    }
    core_.caseload.Put(staging, key, edited.pair);
    if (!edited.was_there) core_.caseload.PutReverse(staging, edited.person, edited.agent);
  }
  for (const auto& [principal, tally] : tallies_) {
    store::Key key = core_.caseload.TallyKey(principal);
    Bytes value = core_.parts.state.Seal(key, tally.Serialise());
    staging.Put(std::move(key), std::move(value));
  }
}

}  // namespace cloison::access::internal
