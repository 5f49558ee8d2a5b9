#include "access/erasures.h"

#include "access/internal/erasure_works.h"
#include "access/internal/gate_calls.h"
#include "access/person_requests.h"

namespace cloison::access {

using internal::Approval;
using internal::EndWaitWork;

namespace {

// Whoever is gone needs no word.
Task<Status> Announce(internal::Core& core, const Approval& approval, base::Executor& home) {
  CLOISON_CO_TRY_ASSIGN(const EraseRequest request, ParseErase(approval.what));
  std::vector<store::Key> keys{internal::WaitingKey(core, request.person)};
  CLOISON_CO_TRY_ASSIGN(
      const std::vector<store::Row> rows,
      co_await core.parts.people.store().MultiGet(std::move(keys), store::ReadMode::kAny));
  if (rows.front().present()) co_return Ok();
  Result<records::Sighting> person = co_await core.parts.people.Sight(request.person);
  if (!person.ok() && person.error().code() == Code::kNotFound) co_return Ok();
  if (!person.ok()) co_return person.error();
  if (person->key.aud() != request.aud) co_return Ok();
  auto work = std::make_unique<internal::AnnounceWork>(core, internal::SystemCaller(home),
                                                       approval.number, std::move(*person));
  const Result<Status> told = co_await core.parts.committer.Submit(std::move(work), home);
  co_return told.ok() ? *told : Status(told.error());
}

// One that waits for this person.
Task<Result<std::optional<Approval>>> WaitingFor(internal::Core& core, PersonId person, Aud aud) {
  const internal::ApprovalRows rows(core);
  for (std::optional<std::uint64_t> from = 0; from.has_value();) {
    CLOISON_CO_TRY_ASSIGN(const internal::ApprovalRows::Open page,
                          co_await rows.ReadOpen(core.parts.people.store(), internal::Whose::kStaff,
                                                 *from, kApprovalsScannedMax));
    for (const Approval& one : page.items) {
      if (!one.waits()) continue;
      CLOISON_CO_TRY_ASSIGN(const EraseRequest request, ParseErase(one.what));
      if (request.person == person && request.aud == aud) co_return std::optional(one);
    }
    from = page.next;
  }
  co_return std::optional<Approval>();
}

}  // namespace

void Erasures::Rule(std::int64_t delay_ms, bool asks_consent) {
  CLOISON_CHECK(delay_ms >= 0 && delay_ms <= kErasureDelayDaysMax * base::kDayMs);
  core_.erasures = {delay_ms, asks_consent};
}

Task<Result<std::vector<Erasures::Waiting>>> Erasures::Due(std::uint64_t above,
                                                           base::Executor& home) {
  const internal::ApprovalRows rows(core_);
  std::vector<Waiting> due;
  const std::int64_t now_ms = core_.parts.committer.Now().budget_ms;
  for (std::optional<std::uint64_t> from = above; from.has_value();) {
    CLOISON_CO_TRY_ASSIGN(
        const internal::ApprovalRows::Open page,
        co_await rows.ReadOpen(core_.parts.people.store(), internal::Whose::kStaff, *from,
                               kApprovalsScannedMax));
    for (const Approval& one : page.items) {
      if (!one.waits()) continue;
      // One whose person cannot be told is not erased either: it is the next call's.
      const Status told = co_await Announce(core_, one, home);
      if (!told.ok()) {
        internal::NoteCorrupt(core_, told.error(), "record_does_not_open");
        core_.parts.events.Emit(base::Severity::kError, "erasure_not_announced",
                                {{"approval", static_cast<std::int64_t>(one.number)}});
        continue;
      }
      if (one.due_ms > now_ms) continue;
      due.push_back(
          {one.number, one.organisation, one.reason, one.asked_ms, one.decided_ms, one.due_ms});
      if (due.size() == kErasuresDueMax) co_return due;
    }
    from = page.next;
  }
  co_return due;
}

Task<Status> Erasures::Proceed(std::uint64_t number, base::Executor& home) {
  auto work = std::make_unique<EndWaitWork>(core_, internal::SystemCaller(home), number,
                                            EndWaitWork::To::kBegin);
  Result<EndWaitWork::Promise> promise =
      co_await core_.parts.committer.Submit(std::move(work), home);
  if (!promise.ok()) co_return promise.error();
  if (!promise->ok()) co_return promise->error();
  if (!(*promise)->has_value()) co_return Ok();
  co_return co_await internal::RunToItsEnd(core_, std::move(***promise), home);
}

Task<Status> Erasures::Refuse(std::uint64_t number, base::Executor& home) {
  auto work = std::make_unique<EndWaitWork>(core_, internal::SystemCaller(home), number,
                                            EndWaitWork::To::kRefuse);
  const Result<EndWaitWork::Promise> promise =
      co_await core_.parts.committer.Submit(std::move(work), home);
  if (!promise.ok()) co_return promise.error();
  co_return promise->ok() ? Ok() : Status(promise->error());
}

Task<Outcome<Erasures::Objected>> Erasures::Object(Caller caller) {
  internal::Core& core = core_;
  const Reason reason{"erase", ""};
  CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                        co_await internal::RefusedAtOnce(core, caller, reason, Right::kOwnTrail));
  if (refused.has_value()) co_return std::variant<Objected, Refusal>(std::move(*refused));
  CLOISON_CO_TRY_ASSIGN(const internal::KnownPrincipal info,
                        co_await internal::KnownCaller(core, caller.principal));
  CLOISON_CO_TRY_ASSIGN(const std::optional<PersonId> person,
                        co_await internal::OwnPerson(core, info.person));
  if (!person.has_value()) {
    co_return std::variant<Objected, Refusal>(internal::NotAvailable());
  }
  // Two may wait for one person; of the next they are told in the same breath.
  for (std::size_t denied = 0;; ++denied) {
    Result<records::Sighting> own = co_await core.parts.people.Sight(*person);
    if (!own.ok() && own.error().code() == Code::kNotFound) {
      co_return std::variant<Objected, Refusal>(internal::NotAvailable());
    }
    if (!own.ok()) co_return own.error();
    const Aud aud = own->key.aud();
    auto work = std::make_unique<internal::ObjectWork>(core, caller, std::move(*own));
    Outcome<Objected> outcome = co_await core.parts.committer.Submit(std::move(work), caller.home);
    const bool objected = outcome.ok() && std::holds_alternative<Objected>(*outcome);
    if (!objected || denied == kErasuresDueMax) co_return outcome;
    CLOISON_CO_TRY_ASSIGN(const std::optional<Approval> other,
                          co_await WaitingFor(core, *person, aud));
    if (!other.has_value()) co_return outcome;
    CLOISON_CO_TRY(co_await Announce(core, *other, caller.home));
  }
}

}  // namespace cloison::access
