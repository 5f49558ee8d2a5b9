// The gate's set-up and housekeeping: enrolment without approvals (development), first loads,
// recovery, aggregates.
#include <algorithm>

#include "access/approvals.h"
#include "access/gate.h"
#include "access/internal/caseload_works.h"
#include "access/internal/change_works.h"
#include "access/internal/gate_calls.h"
#include "access/policies.h"
#include "access/schemas.h"

namespace cloison::access {

using internal::Core;
using internal::SystemCaller;

namespace {

constexpr std::size_t kPairsPerWork = 1'000;
constexpr std::size_t kNotesPerWork = 64;
constexpr std::size_t kDeletesPerWork = 1'000;

Task<Status> SubmitSystem(Core& core, std::unique_ptr<internal::SystemWork> work,
                          base::Executor& home) {
  const Result<Status> done = co_await core.parts.committer.Submit(std::move(work), home);
  co_return done.ok() ? *done : Status(done.error());
}

// The first entry of a successor names the signed statement that opened it.
Task<Status> RecordCeremony(Core& core, base::Executor& home) {
  const std::optional<ledger::Log::Opening>& opening = core.parts.ledger.logs().back().opening;
  if (!opening.has_value() || core.parts.ledger.size() != 0) co_return Ok();
  const crypto::Digest digest = crypto::Sha256(AsBytes(opening->statement));
  std::vector<std::string> notes{"recovery " + base::ToHex(digest)};
  auto work = std::make_unique<internal::SystemWork>(core, SystemCaller(home),
                                                     ledger::Kind::kIncident, std::move(notes));
  co_return co_await SubmitSystem(core, std::move(work), home);
}

}  // namespace

PrincipalId Gate::SystemPrincipal() {
  return PrincipalId(crypto::Truncate<16>(crypto::Sha256(AsBytes("cloison/system-principal"))));
}

Task<Status> Gate::Enrol(std::vector<PrincipalInfo> infos, base::Executor& home) {
  for (PrincipalInfo& info : infos) {
    auto work = std::make_unique<internal::EnrolWork>(*core_, std::move(info));
    const Result<Status> done = co_await core_->parts.committer.Submit(std::move(work), home);
    if (!done.ok()) co_return done.error();
  }
  co_return Ok();
}

Task<Status> Gate::LoadCaseload(std::vector<SetUpPair> pairs, base::Executor& home) {
  for (std::size_t from = 0; from < pairs.size(); from += kPairsPerWork) {
    const std::size_t to = std::min(pairs.size(), from + kPairsPerWork);
    std::vector<SetUpPair> some(pairs.begin() + static_cast<std::ptrdiff_t>(from),
                                pairs.begin() + static_cast<std::ptrdiff_t>(to));
    auto work =
        std::make_unique<internal::LoadPairsWork>(*core_, SystemCaller(home), std::move(some));
    const Result<Status> done = co_await core_->parts.committer.Submit(std::move(work), home);
    if (!done.ok()) co_return done.error();
    CLOISON_CO_TRY(*done);
  }
  co_return Ok();
}

Task<Status> Gate::RecordLoad(std::vector<crypto::Digest> roots, base::Executor& home) {
  for (std::size_t from = 0; from < roots.size(); from += kNotesPerWork) {
    std::vector<std::string> notes;
    for (std::size_t i = from; i < std::min(roots.size(), from + kNotesPerWork); ++i) {
      notes.push_back(base::ToHex(roots[i]));
    }
    auto work = std::make_unique<internal::SystemWork>(*core_, SystemCaller(home),
                                                       ledger::Kind::kLoad, std::move(notes));
    CLOISON_CO_TRY(co_await SubmitSystem(*core_, std::move(work), home));
  }
  co_return Ok();
}

Task<Status> Gate::RecordKeys(std::string note, base::Executor& home) {
  std::vector<std::string> notes(1, std::move(note));
  auto work = std::make_unique<internal::SystemWork>(*core_, SystemCaller(home),
                                                     ledger::Kind::kKeyOrPolicy, std::move(notes));
  co_return co_await SubmitSystem(*core_, std::move(work), home);
}

Task<Status> Gate::FlushAggregates(base::Executor& home) {
  const std::uint64_t count = core_->not_enrolled.exchange(0);
  if (count == 0) co_return Ok();
  std::vector<std::string> notes{"not-enrolled " + std::to_string(count)};
  auto work = std::make_unique<internal::SystemWork>(*core_, SystemCaller(home),
                                                     ledger::Kind::kAggregate, std::move(notes));
  const Status done = co_await SubmitSystem(*core_, std::move(work), home);
  if (!done.ok()) core_->not_enrolled.fetch_add(count);
  co_return done;
}

Task<Status> Gate::PruneIdempotency(base::Executor& home) {
  Core& core = *core_;
  const std::int64_t oldest = core.parts.committer.Now().budget_ms - kIdempotencyMs;
  store::Range range{store::Family::kIdempotency, "", ""};
  while (true) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await core.parts.people.store().Scan(range, kDeletesPerWork));
    std::vector<store::Key> old;
    for (const store::KeyedRow& keyed : page.rows) {
      const store::Key key{store::Family::kIdempotency, keyed.key};
      CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain,
                            core.parts.state.Open(key, keyed.row.value));
      CLOISON_CO_TRY_ASSIGN(const internal::Used used, internal::ParseUsed(plain.Reveal()));
      if (used.at_ms < oldest) old.push_back(key);
    }
    if (!old.empty()) {
      auto work =
          std::make_unique<internal::PruneWork>(core, SystemCaller(home), std::move(old), oldest);
      const Result<Status> done = co_await core.parts.committer.Submit(std::move(work), home);
      if (!done.ok()) co_return done.error();
      CLOISON_CO_TRY(*done);
    }
    if (!page.next.has_value()) co_return Ok();
    range.begin = *page.next;
  }
}

Task<Status> Gate::Recover(base::Executor& home) {
  Core& core = *core_;
  CLOISON_CO_TRY(co_await core.principals.Verify(core.parts.people.store()));
  CLOISON_CO_TRY_ASSIGN(const std::uint64_t gone,
                        co_await core.alarms.Recover(core.parts.people.store()));
  if (gone > 0) {
    // How many, so that one more is news at the next start.
    core.parts.events.Emit(base::Severity::kError, "alarms_are_gone",
                           {{"count", static_cast<std::int64_t>(gone)}});
    internal::AlarmOfDamage(core, "alarms_are_gone/" + std::to_string(gone));
  }
  CLOISON_CO_TRY(co_await RecordCeremony(core, home));
  const bool adopts = core.parts.policy.stored() == 0 && core.parts.ledger.end() != 0;
  if (adopts) {
    CLOISON_CO_TRY(co_await policies_->Adopt(home));
  }
  CLOISON_CO_TRY(co_await schemas_->Settle(home));
  CLOISON_CO_TRY_ASSIGN(const std::vector<PersonId> intents,
                        co_await core.parts.person_keys.Intents());
  for (const PersonId& person : intents) {
    std::vector<store::Key> keys{records::RowKeyOf(person)};
    CLOISON_CO_TRY_ASSIGN(
        const std::vector<store::Row> rows,
        co_await core.parts.people.store().MultiGet(std::move(keys), store::ReadMode::kAny));
    if (rows[0].present()) {
      core.parts.person_keys.Adopted(person);
    } else {
      CLOISON_CO_TRY(co_await core.parts.person_keys.Abandon(person, home));
    }
  }
  for (const keys::EraseJournal::Item& item : core.parts.erase_journal.items()) {
    const Status finished = co_await internal::FinishItem(core, item, home);
    if (finished.ok()) continue;
    // One damaged record must not keep everybody out; a store that does not answer must.
    const Code code = finished.error().code();
    if (code == Code::kUnknownOutcome || code == Code::kUnavailable) co_return finished.error();
  }
  const Status approved = co_await approvals_->Finish(home);
  if (approved.ok()) co_return Ok();
  const Code code = approved.error().code();
  const bool must = code == Code::kUnknownOutcome || code == Code::kUnavailable;
  co_return must ? approved : Ok();
}

Task<Status> Gate::RetryErasures(base::Executor& home) {
  std::vector<keys::EraseJournal::Item> items;
  {
    const std::lock_guard lock(core_->unfinished_mutex);
    items.swap(core_->unfinished);
  }
  Status first = Ok();
  for (const keys::EraseJournal::Item& item : items) {
    const Status finished = co_await internal::FinishItem(*core_, item, home);
    if (!finished.ok() && first.ok()) first = finished;
  }
  co_return first;
}

}  // namespace cloison::access
