#include "access/internal/targets.h"

#include "text/base32.h"

namespace cloison::access::internal {

std::string CanonicalCode(std::string_view named) {
  const Result<text::CodeDigits> digits = text::ParseCode(named);
  return digits.ok() ? text::FormatCode(*digits) : std::string(named);
}

namespace {

// A damaged one fails, and counts, in Stage.
std::optional<Pair> Known(Core& core, const store::Key& key, const store::Row& row) {
  if (!row.present()) {
    core.pairs.Forget(key);
    return std::nullopt;
  }
  Result<Pair> pair = core.pairs.Open(core.caseload, key, row);
  return pair.ok() ? std::optional(std::move(*pair)) : std::nullopt;
}

}  // namespace

Task<Status> SightTargets(Core& core, PairsOfAgent caller, std::vector<Target>& targets) {
  const store::Version snapshot = core.parts.committer.durable_version();
  std::vector<PersonId> persons;
  std::vector<store::Key> pairs;
  for (Target& target : targets) {
    if (!target.person.has_value()) continue;
    if (target.pair_key.bytes.empty()) {
      target.row_key = records::RowKeyOf(*target.person);
      target.pair_key = core.caseload.PairKey(caller, *target.person);
      target.seen = core.principals.SeenOf(caller.agent, *target.person);
    }
    persons.push_back(*target.person);
    pairs.push_back(target.pair_key);
  }
  if (persons.empty()) co_return Ok();
  CLOISON_CO_TRY_ASSIGN(std::vector<Result<records::Sighting>> sightings,
                        co_await core.parts.people.SightMany(std::move(persons)));
  CLOISON_CO_TRY_ASSIGN(std::vector<store::Row> rows, co_await core.parts.people.store().MultiGet(
                                                          std::move(pairs), store::ReadMode::kAny));
  std::size_t i = 0;
  for (Target& target : targets) {
    if (!target.person.has_value()) continue;
    target.snapshot = snapshot;
    target.pair = std::move(rows[i]);
    target.known = Known(core, target.pair_key, target.pair);
    target.sighting.reset();
    target.failed.reset();
    Result<records::Sighting>& sighting = sightings[i++];
    if (sighting.ok()) {
      target.sighting.emplace(std::move(*sighting));
      target.head.reset();
      // What fails here fails in Load, where it counts.
      const auto head = co_await core.parts.ledger.PrefetchHead(target.sighting->key.subject());
      if (head.ok()) target.head = *head;
    } else if (sighting.error().code() != Code::kNotFound) {
      NoteCorrupt(core, sighting.error(), "record_does_not_open");
      target.failed = sighting.error();
    }
  }
  co_return Ok();
}

bool TargetsHold(const commit::Staging& staging, const std::vector<Target>& targets) {
  for (const Target& target : targets) {
    if (!target.person.has_value()) continue;
    if (!staging.UnchangedSince(target.row_key, target.snapshot)) return false;
    if (!staging.UnchangedSince(target.pair_key, target.snapshot)) return false;
  }
  return true;
}

namespace {

// Of a sealed access the person's own number is not even read: nothing of it may move.
Task<Status> LoadNumber(Core& core, Target& target, bool sealed) {
  ledger::Ledger& log = core.parts.ledger;
  const ledger::SubjectKey& key = target.sighting->key.subject();
  if (!sealed) return log.LoadHead(key, target.head);
  target.sealed.emplace(core.parts.oversight.Of(log.log_id(), key.aud()));
  return log.LoadHead(*target.sealed);
}

}  // namespace

ledger::EntryDraft::Subject SubjectOf(const Target& target, std::vector<FieldId> fields,
                                      ledger::Form form, std::optional<ByteArray<16>> code) {
  return {*target.person,
          &target.sighting->key.subject(),
          target.sighting->header.seq,
          std::move(fields),
          form,
          code,
          target.sealed.has_value() ? &*target.sealed : nullptr};
}

Task<Status> RefreshTargets(Core& core, PrincipalId caller, std::string_view purpose,
                            commit::Staging& staging, std::vector<Target>& targets) {
  const bool sealed = core.parts.policy.Now().IsSealed(purpose);
  if (!TargetsHold(staging, targets)) {
    const PairsOfAgent pairs = core.caseload.PairsFor(caller);
    CLOISON_CO_TRY(co_await SightTargets(core, pairs, targets));
  }
  for (Target& target : targets) {
    if (!target.sighting.has_value()) continue;
    const Status loaded = co_await LoadNumber(core, target, sealed);
    if (loaded.ok()) continue;
    if (loaded.error().code() != Code::kCorrupt) co_return loaded;
    NoteCorrupt(core, loaded.error(), "trail_does_not_fit");
    target.failed = loaded.error();
  }
  co_return Ok();
}

Result<Standing> StandingByPair(const Core& core, const store::Key& key, const store::Row& row,
                                std::int64_t now_ms) {
  if (!row.present()) return Standing{};
  CLOISON_TRY_ASSIGN(const Pair pair, core.caseload.Open(key, row));
  return StandingOf(pair, now_ms);
}

Result<Standing> StandingByPair(const Core& core, const Target& target, std::int64_t now_ms) {
  if (target.known.has_value()) return StandingOf(*target.known, now_ms);
  return StandingByPair(core, target.pair_key, target.pair, now_ms);
}

Result<Standing> RelationTo(Core& core, const PrincipalState& principal, const Target& target,
                            std::int64_t now_ms) {
  const std::optional<Aud>& person = principal.info().person;
  const bool self = target.sighting.has_value() ? person == target.sighting->key.aud() : target.own;
  if (self) return Standing{Relation::kSelf, Counted::kOnCaseload};
  const Result<Standing> standing = StandingByPair(core, target, now_ms);
  if (!standing.ok()) NoteCorrupt(core, standing.error(), "caseload_does_not_fit");
  return standing;
}

}  // namespace cloison::access::internal
