#include "drill/scope.h"

#include <algorithm>

namespace cloison::drill {

namespace {

constexpr std::size_t kPage = ledger::kReadEntriesMax;

// A record that showed somebody.
struct Shown {
  std::uint32_t generation;
  std::uint64_t index;
  const ledger::Record& record;
  const ledger::Leaf& leaf;
  ledger::SubjectPart subject;
  ledger::ActorPart actor;
};

Result<std::optional<Shown>> ParseShown(std::uint64_t place, const ledger::Record& record,
                                        const ledger::Leaf& leaf) {
  if (record.subject_part.empty()) return std::optional<Shown>{};
  CLOISON_TRY_ASSIGN(ledger::ActorPart actor, ledger::ParseActorPart(record.actor_part));
  // A no about somebody within reach tells something of them; of others there is no subject.
  const bool answered =
      actor.kind == ledger::Kind::kGlimpse && actor.decision != ledger::Decision::kRefuse;
  const bool shown =
      actor.kind == ledger::Kind::kDisclosure && actor.decision == ledger::Decision::kAllow;
  if (!answered && !shown) return std::optional<Shown>{};
  CLOISON_TRY_ASSIGN(ledger::SubjectPart subject, ledger::ParseSubjectPart(record.subject_part));
  return std::optional<Shown>(Shown{ledger::GenerationOf(place), ledger::NumberOf(place), record,
                                    leaf, std::move(subject), std::move(actor)});
}

// The leaf commits to what the record says of the person.
bool IsOfItsLeaf(const Shown& shown, const ledger::SubjectKey& key) {
  const crypto::Digest commitment =
      ledger::Commit(key.Randomness(shown.record.entry_id), "subj", shown.record.subject_part);
  return base::Equal(ByteView(shown.leaf).subspan(2, commitment.size()), commitment);
}

// Fails kNotFound when the person was erased.
Task<Result<ScopeEntry>> NameShown(vault::Vault& vault, const Shown& shown) {
  const Result<PersonId> person = co_await vault.person_keys().PersonOf(shown.subject.aud);
  if (!person.ok()) co_return person.error();
  const Result<keys::PersonKey> key = co_await vault.person_keys().Load(*person);
  if (!key.ok()) co_return key.error();
  if (!IsOfItsLeaf(shown, key->subject())) {
    co_return Error{Code::kCorrupt, "a record is not the one of its leaf"};
  }
  co_return ScopeEntry{shown.index,        shown.actor.time_ms,  *person,
                       shown.subject.form, shown.subject.fields, shown.generation};
}

// Of the entries of one log.
Task<Status> AddScopes(vault::Vault& vault, std::uint32_t generation, Scopes& scopes) {
  ledger::Ledger& log = vault.ledger();
  const std::uint64_t size = log.SizeOf(generation);
  for (std::uint64_t first = 0; first < size; first += kPage) {
    const std::size_t count = std::min<std::uint64_t>(kPage, size - first);
    CLOISON_CO_TRY_ASSIGN(const std::vector<ledger::Record> records,
                          co_await log.ReadRecords(first, count, generation));
    CLOISON_CO_TRY_ASSIGN(const std::vector<ledger::Leaf> leaves,
                          co_await log.ReadLeaves(first, count, generation));
    if (records.size() != count || leaves.size() != count) {
      co_return Error{Code::kCorrupt, "entries are missing"};
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (!records[i].session.has_value()) continue;
      const auto scope = scopes.find(*records[i].session);
      if (scope == scopes.end()) continue;
      CLOISON_CO_TRY_ASSIGN(
          const std::optional<Shown> shown,
          ParseShown(ledger::PlaceOf(generation, first + i), records[i], leaves[i]));
      if (!shown.has_value()) continue;
      Result<ScopeEntry> entry = co_await NameShown(vault, *shown);
      if (!entry.ok() && entry.error().code() == Code::kNotFound) continue;
      if (!entry.ok()) co_return entry.error();
      scope->second.push_back(std::move(*entry));
    }
  }
  co_return Ok();
}

}  // namespace

Task<Result<std::vector<ScopeEntry>>> ScopeOf(vault::Vault& vault, SessionId session) {
  std::set<SessionId> one;
  one.insert(session);
  CLOISON_CO_TRY_ASSIGN(Scopes scopes, co_await ScopesOf(vault, std::move(one)));
  co_return std::move(scopes.begin()->second);
}

Task<Result<Scopes>> ScopesOf(vault::Vault& vault, std::set<SessionId> sessions) {
  Scopes scopes;
  for (const SessionId& session : sessions) scopes[session];
  for (std::uint32_t log = 1; log <= vault.ledger().generation(); ++log) {
    CLOISON_CO_TRY(co_await AddScopes(vault, log, scopes));
  }
  co_return scopes;
}

}  // namespace cloison::drill
