// The end of an erasure that is in the journal.
#include <algorithm>

#include "access/internal/explanation_works.h"
#include "records/remnant.h"

namespace cloison::access::internal {

namespace {

constexpr std::size_t kPairsPerWork = 1'000, kReviewsPerWork = 100;

struct RowGone {
  bool drawn_again = false;  // the id is somebody else's by now: nothing of theirs is touched
  std::optional<ledger::Recorded> recorded;  // nothing: it was gone already
};

// How much of the record there is to take.
enum class Left : std::uint8_t {
  kWhole,    // all opens: the row goes with its postings
  kName,     // not the row, or not a page that leads to it: the row goes, and the trail says so
  kNothing,  // no key of the person's, or not their trail: the row goes
};

using Ending = std::variant<RowGone, records::Change>;

Task<Result<Ending>> WholeEnd(Core& core, keys::EraseJournal::Item item) {
  Result<records::Sighting> sighting = co_await core.parts.people.Sight(item.person);
  if (!sighting.ok() && sighting.error().code() == Code::kNotFound) {
    const auto rest = co_await records::Remnant(core.parts.people).Sight(item.person);
    if (!rest.ok() && rest.error().code() == Code::kNotFound) co_return Ending(RowGone{});
    if (!rest.ok()) co_return rest.error();
    co_return Error{Code::kCorrupt, "a row names a key that is not there"};
  }
  if (!sighting.ok()) co_return sighting.error();
  if (sighting->key.aud() != item.aud) co_return Ending(RowGone{true, std::nullopt});
  const records::Editor editor(core.parts.people);
  Result<records::Change> change = editor.Erase(std::move(*sighting));
  if (!change.ok()) co_return change.error();
  co_return Ending(std::move(*change));
}

Task<Result<Ending>> NamedEnd(Core& core, keys::EraseJournal::Item item) {
  const records::Remnant remnant(core.parts.people);
  Result<records::Sighting> rest = co_await remnant.Sight(item.person);
  if (!rest.ok() && rest.error().code() == Code::kNotFound) co_return Ending(RowGone{});
  if (!rest.ok()) co_return rest.error();
  if (rest->key.aud() != item.aud) co_return Ending(RowGone{true, std::nullopt});
  co_return Ending(remnant.Erase(std::move(*rest)));
}

constexpr Error kStopped{Code::kDenied, "who erases is stopped"};

Task<Result<RowGone>> DropRow(Core& core, Caller caller, Reason reason,
                              keys::EraseJournal::Item item) {
  // By the AUD row, where there is one: no key says whose the row is.
  const Result<PersonId> now = co_await core.parts.person_keys.PersonOf(item.aud);
  const Code code = now.ok() ? Code::kNotFound : now.error().code();
  if (now.ok() && *now != item.person) co_return RowGone{true, std::nullopt};
  if (code != Code::kNotFound && code != Code::kCorrupt) co_return now.error();
  auto work = std::make_unique<DropRowWork>(core, caller, std::move(reason), item.person);
  Result<DropRowWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  auto* const recorded = std::get_if<std::optional<ledger::Recorded>>(&*promise);
  if (recorded == nullptr) co_return kStopped;
  co_return RowGone{false, std::move(*recorded)};
}

// kConflict: the record changed since; kCorrupt: less is left than that.
Task<Result<RowGone>> EraseBy(Core& core, Caller caller, Reason reason,
                              keys::EraseJournal::Item item, Left left) {
  if (left == Left::kNothing) {
    co_return co_await DropRow(core, caller, std::move(reason), item);
  }
  Task<Result<Ending>> ends = left == Left::kWhole ? WholeEnd(core, item) : NamedEnd(core, item);
  Result<Ending> end = co_await std::move(ends);
  if (!end.ok()) NoteCorrupt(core, end.error(), "record_does_not_open");
  if (!end.ok()) co_return end.error();
  if (RowGone* const gone = std::get_if<RowGone>(&*end); gone != nullptr) {
    co_return std::move(*gone);
  }
  auto work = std::make_unique<ChangeWork>(
      core, caller, std::move(reason), std::move(std::get<records::Change>(*end)), Right::kErase);
  Result<ChangeWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  auto* const recorded = std::get_if<ledger::Recorded>(&*promise);
  if (recorded == nullptr) co_return kStopped;
  co_return RowGone{false, std::move(*recorded)};
}

Task<Result<RowGone>> EraseRow(Core& core, Caller caller, Reason reason,
                               keys::EraseJournal::Item item) {
  const PrincipalId system = Gate::SystemPrincipal();
  Left left = Left::kWhole;
  while (true) {
    Result<RowGone> gone = co_await EraseBy(core, caller, reason, item, left);
    if (gone.ok()) co_return std::move(*gone);
    const Code code = gone.error().code();
    if (code == Code::kConflict) continue;
    if (code == Code::kDenied && caller.principal == system) {
      co_return Error{Code::kDenied, "the system principal is not enrolled"};
    }
    // The one who asked was frozen in between, or their own row is what does not open: what the
    // journal holds is finished by the system.
    bool stopped = code == Code::kDenied;
    if (code == Code::kCorrupt && caller.principal != system) {
      const auto own = co_await core.principals.Find(core.parts.people.store(), caller.principal);
      stopped = !own.ok() && own.error().code() == Code::kCorrupt;
    }
    if (stopped) {
      caller.principal = system;
      continue;
    }
    // Never for a store that does not answer: then nobody knows what is left.
    if (code != Code::kCorrupt || left == Left::kNothing) co_return gone.error();
    left = left == Left::kWhole ? Left::kName : Left::kNothing;
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
  Result<RowGone> gone = co_await EraseRow(core, caller, std::move(reason), item);
  if (!gone.ok() && gone.error().code() != Code::kCorrupt) co_return gone.error();
  // A pair that cannot be removed keeps nobody's key alive, nor does whatever else is damaged.
  Status pairs = Ok();
  if (gone.ok() && !gone->drawn_again) pairs = co_await RemovePairs(core, caller, item.person);
  core.pairs.ForgetPerson(item.aud);
  CLOISON_CO_TRY(co_await core.parts.person_keys.Destroy(item.person, item.aud, caller.home));
  if (!gone.ok()) co_return gone.error();
  CLOISON_CO_TRY(pairs);
  co_return std::move(gone->recorded);
}

}  // namespace

Status JournalOnce(Core& core, const keys::EraseJournal::Item& item) {
  if (core.parts.erase_journal.Has(item)) return Ok();
  const Status journalled = core.parts.erase_journal.Append(item);
  // Whether it is in the file is known only after the file was read again.
  if (!journalled.ok() && journalled.error().code() == Code::kUnknownOutcome) {
    core.parts.committer.Abandon();
  }
  return journalled;
}

void KeepUnfinished(Core& core, const keys::EraseJournal::Item& item) {
  const std::lock_guard lock(core.unfinished_mutex);
  const bool there = std::ranges::any_of(
      core.unfinished, [&item](const auto& one) { return keys::EraseJournal::Same(one, item); });
  if (!there) core.unfinished.push_back(item);
}

Task<Result<std::optional<ledger::Recorded>>> FinishErasure(Core& core, Caller caller,
                                                            Reason reason,
                                                            keys::EraseJournal::Item item) {
  Result<std::optional<ledger::Recorded>> finished =
      co_await Finish(core, caller, std::move(reason), item);
  if (finished.ok()) co_return finished;
  NoteCorrupt(core, finished.error(), "record_does_not_open");
  core.parts.events.Emit(base::Severity::kError, "erasure_not_finished", {});
  KeepUnfinished(core, item);
  co_return finished;
}

}  // namespace cloison::access::internal
