// The re-key of one person that is in the journal (docs/design/0028-re-key.md).
//
//   the new WK, synced -> the row under it, with its entry -> the WKs before it are gone
#include "access/internal/change_works.h"
#include "access/internal/gate_calls.h"
#include "records/rekeyer.h"

namespace cloison::access::internal {

namespace {

using Item = keys::EraseJournal::Item;

// One re-key of a person at a time: what another one has just written is nobody's to remove.
class Turn {
 public:
  Turn(Core& core, const PersonId& person) : core_(core), person_(person) {
    const std::lock_guard lock(core_.rekeying_mutex);
    has_ = core_.rekeying.insert(person_).second;
  }
  ~Turn() {
    const std::lock_guard lock(core_.rekeying_mutex);
    if (has_) core_.rekeying.erase(person_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool has() const { return has_; }

 private:
  Core& core_;
  PersonId person_;
  bool has_ = false;
};

// kConflict: the record changed since.
Task<Status> WriteRow(Core& core, Caller caller, Reason reason, records::Sighting sighting,
                      const keys::PersonKey& fresh) {
  const records::Rekeyer rekeyer(core.parts.people);
  Result<records::Change> change = rekeyer.Rekey(std::move(sighting), fresh);
  if (!change.ok()) co_return change.error();
  auto work = std::make_unique<ChangeWork>(core, caller, std::move(reason), std::move(*change),
                                           Right::kRekey);
  const Result<ChangeWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  const bool written = std::holds_alternative<ledger::Recorded>(*promise);
  co_return written ? Ok() : Status(Error{Code::kDenied, "who asked was stopped"});
}

// Gives the pkv that the row is under; nothing: the person is gone, or somebody else has the id.
Task<Result<std::optional<std::uint32_t>>> MoveRow(Core& core, Caller caller, Reason reason,
                                                   Item item) {
  constexpr std::optional<std::uint32_t> kNobody;
  std::optional<keys::PersonKey> fresh;
  while (true) {
    Result<records::Sighting> sighting = co_await core.parts.people.Sight(item.person);
    if (!sighting.ok() && sighting.error().code() == Code::kNotFound) co_return kNobody;
    if (!sighting.ok()) co_return sighting.error();
    if (sighting->key.aud() != item.aud) co_return kNobody;
    const std::uint32_t pkv = sighting->header.pkv;
    if (pkv > item.past_pkv) co_return std::optional(pkv);
    if (!fresh.has_value()) {
      Result<keys::PersonKey> made =
          co_await core.parts.person_keys.Renew(item.person, pkv, caller.home);
      if (!made.ok() && made.error().code() == Code::kNotFound) continue;  // erased since
      if (!made.ok()) co_return made.error();
      fresh.emplace(std::move(*made));
    }
    const Status written = co_await WriteRow(core, caller, reason, std::move(*sighting), *fresh);
    if (written.ok() || written.error().code() == Code::kConflict) continue;  // looks again
    const PrincipalId system = Gate::SystemPrincipal();
    if (written.error().code() != Code::kDenied || caller.principal == system) {
      co_return written.error();
    }
    // What the journal holds is finished by the system.
    caller.principal = system;
  }
}

Task<Status> Finish(Core& core, Caller caller, Reason reason, Item item) {
  const Turn turn(core, item.person);
  if (!turn.has()) co_return Error{Code::kConflict, "a re-key of the person is under way"};
  CLOISON_CO_TRY_ASSIGN(const std::optional<std::uint32_t> current,
                        co_await MoveRow(core, caller, std::move(reason), item));
  if (!current.has_value()) co_return Ok();
  const Status gone =
      co_await core.parts.person_keys.DestroySuperseded(item.person, *current, caller.home);
  // Erased since: no key of theirs is left.
  co_return !gone.ok() && gone.error().code() == Code::kNotFound ? Ok() : gone;
}

}  // namespace

Task<Status> FinishRekey(Core& core, Caller caller, Reason reason, Item item) {
  CLOISON_CHECK(item.past_pkv != 0);
  const Status finished = co_await Finish(core, caller, std::move(reason), item);
  if (finished.ok()) co_return finished;
  NoteCorrupt(core, finished.error(), "record_does_not_open");
  // A backup, or another one of the same person: the next hour's.
  const bool waits = finished.error().code() == Code::kConflict;
  core.parts.events.Emit(waits ? base::Severity::kInfo : base::Severity::kError,
                         "rekey_not_finished", {});
  KeepUnfinished(core, item);
  co_return finished;
}

// Nothing in braces inside of a co_await: the compiler destroys it twice.
Task<Status> FinishItem(Core& core, Item item, base::Executor& home) {
  const Caller system = SystemCaller(home);
  if (item.past_pkv != 0) {
    const Reason reason{"rekey", ""};
    co_return co_await FinishRekey(core, system, reason, item);
  }
  const Reason reason{"erase", ""};
  const auto finished = co_await FinishErasure(core, system, reason, item);
  co_return finished.ok() ? Ok() : Status(finished.error());
}

}  // namespace cloison::access::internal
