// Gate::OwnTrail: a citizen's own trail, and what proves it.
#include "access/trail.h"

#include <algorithm>
#include <charconv>

#include "access/internal/gate_calls.h"
#include "access/internal/read_works.h"

namespace cloison::access {

using internal::Core;

namespace {

constexpr Error kNoSuchAccess{Code::kCorrupt, "an unseal names no sealed access of its person"};

// "job/12/1" and "export/12", as their works write them; nothing: another rule.
std::optional<std::uint64_t> NumberOf(std::string_view rule, std::string_view prefix,
                                      std::string_view behind) {
  if (!rule.starts_with(prefix)) return std::nullopt;
  rule.remove_prefix(prefix.size());
  std::uint64_t number = 0;
  const char* const end = rule.data() + rule.size();
  const auto read = std::from_chars(rule.data(), end, number);
  const bool named = read.ec == std::errc() && number > 0 &&
                     std::string_view(read.ptr, end).substr(0, 1) == behind;
  return named ? std::optional(number) : std::nullopt;
}

LookFacts FactsOf(const ledger::TrailEntry& entry) {
  return {entry.generation,
          entry.index,
          entry.actor.time_ms,
          entry.actor.kind,
          entry.actor.organisation,
          entry.actor.office,
          entry.actor.role,
          entry.actor.purpose,
          entry.subject->fields,
          entry.subject->form,
          entry.actor.decision,
          {},
          NumberOf(entry.record.rule, "job/", "/"),
          NumberOf(entry.record.rule, "export/", "")};
}

// Uses up the entry's parts.
LookProof ProofOf(const ledger::SubjectKey& key, ledger::TrailEntry& entry) {
  return {entry.leaf, std::move(entry.record.subject_part), key.Randomness(entry.record.entry_id),
          std::move(entry.record.actor_part), entry.record.actor_randomness};
}

// The person whose page is read, and how.
struct Page {
  Core& core;
  const ledger::SubjectKey& key;
  TrailDetail detail;
};

// The sealed access that an unseal brings to light. Nothing: its record has expired.
Task<Result<std::optional<LookFacts>>> Unsealed(Page page, ledger::SubjectPart unseal) {
  Result<std::optional<ledger::TrailEntry>> read =
      co_await page.core.parts.ledger.ReadEntry(unseal.seq);
  if (!read.ok()) {
    const bool missing = read.error().code() == Code::kNotFound;
    co_return missing ? kNoSuchAccess : read.error();
  }
  if (!read->has_value()) co_return std::optional<LookFacts>{};
  ledger::TrailEntry& entry = **read;
  const bool holds = entry.subject.has_value() && entry.record.sealed_n.has_value() &&
                     ledger::Opens(page.key, entry) && entry.subject->fields == unseal.fields &&
                     entry.subject->form == unseal.form;
  if (!holds) co_return kNoSuchAccess;
  LookFacts facts = FactsOf(entry);
  if (page.detail == TrailDetail::kProofs) facts.proof = ProofOf(page.key, entry);
  co_return std::optional<LookFacts>(std::move(facts));
}

Task<Status> AddLooks(Page page, std::vector<ledger::TrailEntry>& entries,
                      std::vector<Look>& looks) {
  looks.reserve(entries.size());
  for (ledger::TrailEntry& entry : entries) {
    if (!entry.subject.has_value()) continue;
    Look look{FactsOf(entry), entry.n, {}};
    if (look.kind == ledger::Kind::kUnseal) {
      CLOISON_CO_TRY_ASSIGN(look.unsealed, co_await Unsealed(page, *entry.subject));
    }
    if (page.detail == TrailDetail::kProofs) look.proof = ProofOf(page.key, entry);
    looks.push_back(std::move(look));
  }
  co_return Ok();
}

// The place behind the person's newest entry at or below `place`: logs without any are passed over.
Task<Result<std::uint64_t>> NewestAt(Page page, std::uint64_t place) {
  ledger::Ledger& log = page.core.parts.ledger;
  while (ledger::NumberOf(place) == 0 && ledger::GenerationOf(place) > 1) {
    CLOISON_CO_TRY_ASSIGN(place, co_await log.HeadIn(page.key, ledger::GenerationOf(place) - 1));
  }
  co_return place;
}

// Of one log: the numbers of another begin on a page of their own.
Task<Result<Trail>> ReadPage(Page page, std::optional<std::uint64_t> below, std::size_t count) {
  ledger::Ledger& log = page.core.parts.ledger;
  CLOISON_CO_TRY_ASSIGN(const std::uint64_t head, co_await log.HeadOf(page.key));
  CLOISON_CO_TRY_ASSIGN(const std::uint64_t end,
                        co_await NewestAt(page, std::min(below.value_or(head), head)));
  const std::uint64_t numbers = ledger::NumberOf(end);
  const std::uint64_t first =
      end - std::min<std::uint64_t>({numbers, count, ledger::kReadEntriesMax});
  CLOISON_CO_TRY_ASSIGN(ledger::TrailPage read, co_await log.ReadTrailPage(page.key, end, count));
  Trail trail{};
  CLOISON_CO_TRY(co_await AddLooks(page, read.entries, trail.looks));
  const bool proofs = page.detail == TrailDetail::kProofs;
  // Without proofs what has expired is not told, so the pages end where it begins.
  if (proofs || !trail.looks.empty()) {
    CLOISON_CO_TRY_ASSIGN(const std::uint64_t next, co_await NewestAt(page, first));
    if (ledger::NumberOf(next) > 0) trail.next = next;
  }
  if (proofs) {
    const std::uint32_t of = ledger::GenerationOf(end);
    trail.proofs.emplace(TrailProofs{of, log.log_id(of), page.key.aud(),
                                     page.key.TrailKey(log.log_id(of)), ledger::NumberOf(first),
                                     numbers, std::move(read.expired)});
  }
  co_return trail;
}

}  // namespace

Task<Outcome<Trail>> Gate::OwnTrail(Caller caller, std::optional<std::uint64_t> below,
                                    std::size_t count, TrailDetail detail) {
  Core& core = *core_;
  const Result<PrincipalInfo> info = co_await Find(caller.principal);
  if (!info.ok()) {
    if (info.error().code() != Code::kNotFound) co_return info.error();
    co_return std::variant<Trail, Refusal>(internal::NotEnrolled(core));
  }
  CLOISON_CO_TRY_ASSIGN(const std::optional<PersonId> person,
                        co_await internal::OwnPerson(core, info->person));
  std::optional<records::Sighting> own;
  if (person.has_value()) {
    Result<records::Sighting> sighting = co_await core.parts.people.Sight(*person);
    if (sighting.ok()) own.emplace(std::move(*sighting));
    if (!sighting.ok() && sighting.error().code() != Code::kNotFound) {
      internal::NoteCorrupt(core, sighting.error(), "record_does_not_open");
      co_return sighting.error();
    }
  }
  auto work = std::make_unique<internal::OwnTrailWork>(core, caller, own);
  Result<internal::OwnTrailWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<Trail, Refusal>(std::move(*refusal));
  }
  const Page page{core, own->key.subject(), detail};
  Result<Trail> trail = co_await ReadPage(page, below, count);
  if (!trail.ok()) co_return trail.error();
  trail->recorded = std::move(std::get<ledger::Recorded>(*promise));
  co_return std::variant<Trail, Refusal>(std::move(*trail));
}

}  // namespace cloison::access
