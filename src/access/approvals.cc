#include "access/approvals.h"

#include <algorithm>
#include <iterator>

#include "access/internal/approval_works.h"
#include "access/internal/founding_work.h"
#include "access/internal/freeze_works.h"
#include "access/internal/gate_calls.h"
#include "access/internal/principal_work.h"

namespace cloison::access {

using internal::Approval;
using internal::DecideWork;
using internal::RunToItsEnd;

namespace {

Caller SystemCaller(base::Executor& home) {
  return {Gate::SystemPrincipal(), SessionId(ByteArray<16>{}), ClientId(0), home,
          identity::Assurance::Internal()};
}

Task<Status> Close(internal::Core& core, std::uint64_t number, approvals::State to,
                   base::Executor& home) {
  auto work = std::make_unique<internal::CloseWork>(core, SystemCaller(home), number, to);
  const Result<Status> closed = co_await core.parts.committer.Submit(std::move(work), home);
  co_return closed.ok() ? *closed : Status(closed.error());
}

}  // namespace

namespace internal {

// What one commit could not hold.
Task<Status> RunToItsEnd(Core& core, Approval approval, base::Executor& home) {
  ApprovalKind* const kind = FindKind(core.approval_kinds, approval.kind);
  if (kind == nullptr) co_return Error{Code::kCorrupt, "an approval is of no known kind"};
  const std::uint64_t number = approval.number;
  const Status ran = co_await kind->Run(std::move(approval), home);
  if (!ran.ok()) {
    // A backup, or another one of the same person: the next hour's.
    const bool waits = ran.error().code() == Code::kConflict;
    core.parts.events.Emit(waits ? base::Severity::kInfo : base::Severity::kError,
                           "approval_not_finished",
                           {{"approval", static_cast<std::int64_t>(number)}});
    co_return ran;
  }
  co_return co_await Close(core, number, approvals::State::kUsed, home);
}

}  // namespace internal

Task<Outcome<Approvals::Standing>> Approvals::LookAt(Caller caller, PrincipalId who) {
  auto work = std::make_unique<internal::LookAtPrincipalWork>(core_, caller, who);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Status> Approvals::Found(std::string note, std::vector<PrincipalInfo> founders,
                              base::Executor& home) {
  auto work = std::make_unique<internal::FoundWork>(core_, std::move(note), std::move(founders));
  const Result<Status> done = co_await core_.parts.committer.Submit(std::move(work), home);
  co_return done.ok() ? *done : Status(done.error());
}

Task<Outcome<Approvals::Shown>> Approvals::Ask(Caller caller, Request request, Gate::Once once) {
  CLOISON_CO_TRY(internal::CheckOnce(once));
  const bool reason =
      !request.reason.empty() && request.reason.size() <= approvals::kReasonBytesMax;
  if (!reason || request.what.size() > approvals::kWhatBytesMax) {
    co_return Error{Code::kInvalid, "an approval has a reason of 1 to 128 bytes"};
  }
  auto work = std::make_unique<internal::AskWork>(core_, caller, std::move(request), once);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

// Decided and durable: what fails now is tried again by Finish.
Task<Outcome<Approvals::Shown>> Approvals::RunApproved(Outcome<Shown> outcome,
                                                       base::Executor& home) {
  if (!outcome.ok() || !std::holds_alternative<Shown>(*outcome)) co_return outcome;
  Shown& shown = std::get<Shown>(*outcome);
  if (shown.approval.state != approvals::State::kApproved || shown.approval.waits()) {
    co_return outcome;
  }
  const Status ran = co_await RunToItsEnd(core_, shown.approval, home);
  if (ran.ok()) shown.approval.state = approvals::State::kUsed;
  co_return outcome;
}

Task<Outcome<Approvals::Shown>> Approvals::Approve(Caller caller, std::uint64_t number) {
  auto work = std::make_unique<DecideWork>(core_, caller, number, DecideWork::Step::kApprove);
  Outcome<Shown> outcome = co_await core_.parts.committer.Submit(std::move(work), caller.home);
  co_return co_await RunApproved(std::move(outcome), caller.home);
}

Task<Outcome<Approvals::Shown>> Approvals::Deny(Caller caller, std::uint64_t number) {
  auto work = std::make_unique<DecideWork>(core_, caller, number, DecideWork::Step::kDeny);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Approvals::Shown>> Approvals::Read(Caller caller, std::uint64_t number) {
  auto work = std::make_unique<DecideWork>(core_, caller, number, DecideWork::Step::kRead);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Approvals::Page>> Approvals::Pending(Caller caller, std::uint64_t above,
                                                  std::size_t count) {
  if (count == 0 || count > kApprovalsPageMax) {
    co_return Error{Code::kInvalid, "a page has 1 to 100 approvals"};
  }
  auto work = std::make_unique<internal::PendingWork>(core_, caller, above, count);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Result<std::vector<Approval>>> Approvals::ReadOpen() const {
  const internal::ApprovalRows rows(core_);
  std::vector<Approval> all;
  for (const auto whose : {internal::Whose::kStaff, internal::Whose::kCitizens}) {
    for (std::optional<std::uint64_t> above = 0; above.has_value();) {
      CLOISON_CO_TRY_ASSIGN(
          internal::ApprovalRows::Open page,
          co_await rows.ReadOpen(core_.parts.people.store(), whose, *above, kApprovalsScannedMax));
      std::ranges::move(page.items, std::back_inserter(all));
      above = page.next;
    }
  }
  co_return all;
}

Task<Status> Approvals::Expire(base::Executor& home) {
  CLOISON_CO_TRY_ASSIGN(const std::vector<Approval> open, co_await ReadOpen());
  const std::int64_t now_ms = core_.parts.committer.Now().budget_ms;
  for (const Approval& approval : open) {
    const bool late = approval.state == approvals::State::kPending &&
                      approval.StateAt(now_ms) == approvals::State::kExpired;
    if (late) {
      CLOISON_CO_TRY(co_await Close(core_, approval.number, approvals::State::kExpired, home));
    }
  }
  co_return Ok();
}

Task<Status> Approvals::Finish(base::Executor& home) {
  CLOISON_CO_TRY_ASSIGN(const std::vector<Approval> open, co_await ReadOpen());
  Status first = Ok();
  for (const Approval& approval : open) {
    if (approval.state != approvals::State::kApproved || approval.waits()) continue;
    const Status ran = co_await RunToItsEnd(core_, approval, home);
    if (!ran.ok() && first.ok()) first = ran;
  }
  co_return first;
}

}  // namespace cloison::access
