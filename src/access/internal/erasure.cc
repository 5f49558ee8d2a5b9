// The end of an erasure that is in the journal.
#include <algorithm>

#include "access/internal/explanation_works.h"

namespace cloison::access::internal {

namespace {

constexpr std::size_t kPairsPerWork = 1'000, kReviewsPerWork = 100;

struct RowGone {
  bool drawn_again = false;  // the id is somebody else's by now: nothing of theirs is touched
  std::optional<ledger::Recorded> recorded;  // nothing: it was gone already
};

Task<Result<RowGone>> EraseRow(Core& core, Caller caller, Reason reason,
                               keys::EraseJournal::Item item) {
  while (true) {
    Result<records::Sighting> sighting = co_await core.parts.people.Sight(item.person);
    if (!sighting.ok() && sighting.error().code() == Code::kNotFound) co_return RowGone{};
    if (!sighting.ok()) co_return sighting.error();
    if (sighting->key.aud() != item.aud) co_return RowGone{true, std::nullopt};
    const records::Editor editor(core.parts.people);
    Result<records::Change> change = editor.Erase(std::move(*sighting));
    if (!change.ok()) co_return change.error();
    auto work =
        std::make_unique<ChangeWork>(core, caller, reason, std::move(*change), Right::kErase);
    Result<ChangeWork::Promise> promise =
        co_await core.parts.committer.Submit(std::move(work), caller.home);
    if (!promise.ok() && promise.error().code() == Code::kConflict) continue;
    if (!promise.ok()) co_return promise.error();
    if (std::holds_alternative<ledger::Recorded>(*promise)) {
      co_return RowGone{false, std::move(std::get<ledger::Recorded>(*promise))};
    }
    // The one who asked was frozen in between: what the journal holds is finished by the system.
    const PrincipalId system = Gate::SystemPrincipal();
    if (caller.principal == system) {
      co_return Error{Code::kDenied, "the system principal is not enrolled"};
    }
    caller.principal = system;
  }
}

// Nothing comes after the row is gone: who writes a pair checks the row in its own commit.
Task<Status> RemovePairs(Core& core, Caller caller, PersonId person) {
  caller.principal = Gate::SystemPrincipal();
  while (true) {
    CLOISON_CO_TRY_ASSIGN(
        const std::vector<PrincipalId> agents,
        co_await core.caseload.AgentsOf(core.parts.people.store(), person, kPairsPerWork));
    CLOISON_CO_TRY_ASSIGN(const std::vector<store::Key> reviews,
                          co_await ReviewsOf(core, person, kReviewsPerWork));
    if (agents.empty() && reviews.empty()) co_return Ok();
    auto work = std::make_unique<ForgetPersonWork>(core, caller, person, agents, reviews);
    const Result<Status> done = co_await core.parts.committer.Submit(std::move(work), caller.home);
    if (!done.ok()) co_return done.error();
    CLOISON_CO_TRY(*done);
  }
}

Task<Result<std::optional<ledger::Recorded>>> Finish(Core& core, Caller caller, Reason reason,
                                                     keys::EraseJournal::Item item) {
  CLOISON_CO_TRY_ASSIGN(RowGone gone, co_await EraseRow(core, caller, std::move(reason), item));
  // A pair that cannot be removed keeps nobody's key alive.
  Status pairs = Ok();
  if (!gone.drawn_again) pairs = co_await RemovePairs(core, caller, item.person);
  CLOISON_CO_TRY(co_await core.parts.person_keys.Destroy(item.person, item.aud, caller.home));
  CLOISON_CO_TRY(pairs);
  co_return std::move(gone.recorded);
}

}  // namespace

Status Journal(Core& core, const keys::EraseJournal::Item& item) {
  const Status journalled = core.parts.erase_journal.Append(item);
  // Whether it is in the file is known only after the file was read again.
  if (!journalled.ok() && journalled.error().code() == Code::kUnknownOutcome) {
    core.parts.committer.Abandon();
  }
  return journalled;
}

Status JournalOnce(Core& core, const keys::EraseJournal::Item& item) {
  const std::vector<keys::EraseJournal::Item> items = core.parts.erase_journal.items();
  const bool there = std::ranges::any_of(items, [&](const keys::EraseJournal::Item& one) {
    return one.person == item.person && one.aud == item.aud && one.past_pkv == item.past_pkv;
  });
  return there ? Ok() : Journal(core, item);
}

Task<Result<std::optional<ledger::Recorded>>> FinishErasure(Core& core, Caller caller,
                                                            Reason reason,
                                                            keys::EraseJournal::Item item) {
  Result<std::optional<ledger::Recorded>> finished =
      co_await Finish(core, caller, std::move(reason), item);
  if (finished.ok()) co_return finished;
  NoteCorrupt(core, finished.error(), "record_does_not_open");
  core.parts.events.Emit(base::Severity::kError, "erasure_not_finished", {});
  const std::lock_guard lock(core.unfinished_mutex);
  core.unfinished.push_back(item);
  co_return finished;
}

}  // namespace cloison::access::internal
