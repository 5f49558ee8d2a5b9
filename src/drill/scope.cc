#include "drill/scope.h"

#include <algorithm>
#include <map>

#include "commit/staging.h"

namespace cloison::drill {

namespace {

bool Shows(const ledger::TrailEntry& entry) {
  const ledger::Kind kind = entry.actor.kind;
  return entry.subject.has_value() && entry.actor.decision == ledger::Decision::kAllow &&
         (kind == ledger::Kind::kDisclosure || kind == ledger::Kind::kGlimpse);
}

}  // namespace

Task<Result<std::vector<ScopeEntry>>> ScopeOf(vault::Vault& vault, PrincipalId account) {
  // The account's key and running number as they are stored: nothing of the gate's memory is asked.
  access::Principals principals(vault.policy(), vault.state(), vault.ledger(),
                                vault.environment().random);
  commit::RecentChanges none;
  commit::Staging staging(vault.environment().main_store, none,
                          vault.committer().durable_version() + 1, vault.committer().Now());
  CLOISON_CO_TRY(co_await principals.Load(staging, account));
  const access::PrincipalState& state = principals.Get(account);
  std::map<Aud, std::optional<PersonId>> names;
  std::vector<ScopeEntry> scope;
  for (std::uint64_t left = state.n(); left > 0;) {
    const std::size_t count = std::min<std::uint64_t>(left, ledger::kReadEntriesMax);
    CLOISON_CO_TRY_ASSIGN(const std::vector<ledger::TrailEntry> entries,
                          co_await vault.ledger().ReadActivity(state.key(), left - 1, count));
    if (entries.size() != count) co_return Error{Code::kCorrupt, "an entry of the account is gone"};
    for (const ledger::TrailEntry& entry : entries) {
      if (!Shows(entry)) continue;
      const Aud aud = entry.subject->aud;
      if (!names.contains(aud)) {
        const Result<PersonId> person = co_await vault.person_keys().PersonOf(aud);
        if (!person.ok() && person.error().code() != Code::kNotFound) co_return person.error();
        names.emplace(aud, person.ok() ? std::optional<PersonId>(*person) : std::nullopt);
      }
      const std::optional<PersonId>& person = names.at(aud);
      if (!person.has_value()) continue;
      scope.push_back(
          {entry.index, entry.actor.time_ms, *person, entry.subject->form, entry.subject->fields});
    }
    left -= count;
  }
  std::reverse(scope.begin(), scope.end());
  co_return scope;
}

}  // namespace cloison::drill
