#include "access/policies.h"

#include "access/internal/gate_calls.h"
#include "access/internal/policy_kind.h"
#include "access/internal/policy_works.h"

namespace cloison::access {

using internal::LookAtPolicyWork;

Task<Outcome<Approvals::Shown>> Policies::Propose(Caller caller, Request request, Gate::Once once) {
  if (request.document.size() > kPolicyBytesMax || request.note.size() > kPolicyNoteBytesMax) {
    co_return Error{Code::kExhausted, "a policy is at most 160 KiB, its statement 8 KiB"};
  }
  Approvals::Request asked{"policy", internal::EncodePolicyWanted(request.note, request.document),
                           std::move(request.reason)};
  Approvals approvals(core_);
  co_return co_await approvals.Ask(caller, std::move(asked), std::move(once));
}

Task<Outcome<Policies::Shown>> Policies::Read(Caller caller, std::uint32_t version) {
  if (version == 0) co_return Error{Code::kInvalid, "versions of policies begin at 1"};
  auto work = std::make_unique<LookAtPolicyWork>(core_, caller, version,
                                                 "policy/read/" + std::to_string(version));
  Result<LookAtPolicyWork::Promise> promise =
      co_await core_.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) {
    internal::NoteCorrupt(core_, promise.error(), "a_policy_is_damaged");
    co_return promise.error();
  }
  if (Refusal* const refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<Shown, Refusal>(std::move(*refusal));
  }
  auto& looked = std::get<LookAtPolicyWork::Looked>(*promise);
  co_return std::variant<Shown, Refusal>(
      Shown{std::move(*looked.version), looked.in_force, std::move(*looked.recorded)});
}

Task<Outcome<Policies::Previewed>> Policies::Preview(Caller caller, std::string document,
                                                     PreviewLimits limits) {
  if (document.size() > kPolicyBytesMax) {
    co_return Error{Code::kExhausted, "a policy is at most 160 KiB"};
  }
  const bool period = limits.period_ms > 0 && limits.period_ms <= kPreviewPeriodMaxMs;
  if (!period || limits.entries == 0 || limits.entries > kPreviewEntriesMax) {
    co_return Error{Code::kInvalid, "a preview is of at most 31 days and 100,000 entries"};
  }
  auto work = std::make_unique<LookAtPolicyWork>(
      core_, caller, 0, "policy/preview/" + base::ToHex(DigestOfPolicy(document)));
  Result<LookAtPolicyWork::Promise> promise =
      co_await core_.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* const refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<Previewed, Refusal>(std::move(*refusal));
  }
  auto& looked = std::get<LookAtPolicyWork::Looked>(*promise);
  std::vector<std::string> problems;
  CLOISON_CO_TRY_ASSIGN(const std::shared_ptr<const Policy> after,
                        Policy::Parse(document, core_.parts.people.schema(), &problems));
  const std::shared_ptr<const Policy> before = core_.parts.policy.Current();
  Result<PreviewReport> report = co_await CountLately(core_.parts.ledger, *before, *after, limits);
  co_await caller.home.Schedule();
  if (!report.ok()) {
    internal::NoteCorrupt(core_, report.error(), "trail_does_not_fit");
    co_return report.error();
  }
  co_return std::variant<Previewed, Refusal>(
      Previewed{std::move(*report), before, after, std::move(*looked.recorded)});
}

Task<Outcome<Policies::Calibrated>> Policies::Calibrate(Caller caller, std::uint32_t days) {
  if (days == 0 || days > kCalibrationDaysMax) {
    co_return Error{Code::kInvalid, "bounds are learnt from 1 to 90 days"};
  }
  auto work = std::make_unique<LookAtPolicyWork>(core_, caller, 0, "policy/calibrate");
  Result<LookAtPolicyWork::Promise> promise =
      co_await core_.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* const refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<Calibrated, Refusal>(std::move(*refusal));
  }
  auto& looked = std::get<LookAtPolicyWork::Looked>(*promise);
  Calibrated calibrated{{}, std::move(*looked.recorded)};
  if (core_.parts.observer != nullptr) {
    const std::shared_ptr<const Policy> policy = core_.parts.policy.Current();
    const auto today =
        static_cast<std::uint32_t>(core_.parts.committer.Now().budget_ms / base::kDayMs);
    const internal::Turn turn(calibrating_);
    if (!turn.mine()) co_return Error{Code::kExhausted, "bounds are learnt by somebody already"};
    base::Executor& turns = turns_ == nullptr ? caller.home : *turns_;
    const Observer::ToCalibrate of{core_.parts.people.store(),
                                   policy->detectors(),
                                   core_.principals.staff(),
                                   today,
                                   days,
                                   turns};
    Result<Calibration> made = co_await core_.parts.observer->Calibrate(of);
    co_await caller.home.Schedule();
    if (!made.ok()) co_return made.error();
    calibrated.report = std::move(*made);
  }
  co_return std::variant<Calibrated, Refusal>(std::move(calibrated));
}

Task<Result<bool>> Policies::BegunByOfficers() const {
  const store::Key key = internal::PolicyRowKey(1);
  std::vector<store::Key> keys{key};
  CLOISON_CO_TRY_ASSIGN(
      const std::vector<store::Row> rows,
      co_await core_.parts.people.store().MultiGet(std::move(keys), store::ReadMode::kAny));
  if (!rows.front().present()) co_return false;
  CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain,
                        core_.parts.state.Open(key, rows.front().value));
  CLOISON_CO_TRY_ASSIGN(const PolicyVersion first, internal::ParsePolicyRow(plain.Reveal()));
  co_return !first.note.empty();
}

Task<Status> Policies::Adopt(base::Executor& home) {
  const Caller system{Gate::SystemPrincipal(), SessionId(ByteArray<16>{}), ClientId(0), home,
                      identity::Assurance::Internal()};
  auto work = std::make_unique<internal::AdoptPolicyWork>(core_, system);
  const Result<Status> done = co_await core_.parts.committer.Submit(std::move(work), home);
  co_return done.ok() ? *done : Status(done.error());
}

}  // namespace cloison::access
