#include "access/internal/session_work.h"

#include <algorithm>

#include "access/internal/alerts.h"
#include "access/internal/assurance_check.h"
#include "access/principal_requests.h"

namespace cloison::access::internal {

namespace {

Refusal Because(RefusalCode code, std::string rule) {
  return Refusal{code, std::move(rule), {}, {}, 0, {}, {}, {}, {}};
}

}  // namespace

Task<Status> SessionWork::LoadMore(commit::Staging& staging) {
  const PrincipalId who = caller_.principal;
  std::vector<store::Key> keys{CredentialsKey(core_, who)};
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  CLOISON_CO_TRY(co_await rows_.LoadForAdd(staging, Wanted(staging.time().budget_ms)));
  CLOISON_CO_TRY_ASSIGN(const Credentials known, CredentialsIn(core_, staging, who));
  const std::optional<std::uint64_t> waits = known.WaitsFor(key_.thumbprint);
  if (waits.has_value()) {
    CLOISON_CO_TRY(co_await rows_.Load(staging, *waits));
  }
  co_return Ok();
}

Result<commit::Staged> SessionWork::Decide(commit::Staging& staging) {
  pending_.reset();
  opened_.reset();
  asked_ = false;
  const std::int64_t now_ms = staging.time().budget_ms;
  CLOISON_TRY_ASSIGN(Credentials known, CredentialsIn(core_, staging, caller_.principal));
  const bool first = known.keys.empty();
  const bool unseen = first ? IsDormant(now_ms) : !known.KnowsKey(key_.thumbprint);
  if (!unseen) {
    const bool changed =
        first ? known.AddKey(key_, now_ms) : known.AddNetwork(key_.network, now_ms);
    if (changed) PutCredentials(core_, staging, caller_.principal, known);
    return Open(staging, false);
  }
  if (!IsFresh(caller_.assurance, staging.time().wall_ms, kStepUpFreshS)) {
    return Refuse(staging, Because(RefusalCode::kStepUp, "session/unseen-key"),
                  ledger::Decision::kRefuse, {});
  }
  return first || known.KnowsNetwork(key_.network) ? OpenUnseen(staging, std::move(known))
                                                   : WaitForAnother(staging, std::move(known));
}

bool SessionWork::IsDormant(std::int64_t now_ms) {
  return now_ms - principal().info().enrolled_ms > kFirstKeyMs;
}

void SessionWork::Tell(commit::Staging& staging, bool waits, std::uint64_t approval) {
  const PrincipalInfo& info = principal().info();
  const auto whom = info.manager.has_value() ? Alert::Whom::kManager : Alert::Whom::kSecondContact;
  const Alert alert{waits ? Alert::What::kKeyWaits : Alert::What::kUnseenKey,
                    whom,
                    info.id,
                    info.organisation,
                    info.manager,
                    approval};
  // An account that comes with key after key would push out what others are told of.
  waits ? PutAlert(core_, staging, alert) : PutAlertOfDay(core_, staging, alert);
}

Result<commit::Staged> SessionWork::OpenUnseen(commit::Staging& staging, Credentials known) {
  const std::int64_t now_ms = staging.time().budget_ms;
  known.AddKey(key_, now_ms);
  PutCredentials(core_, staging, caller_.principal, known);
  Tell(staging, false, 0);
  PrincipalInfo after = principal().info();
  after.reduced_until_ms = std::max(after.reduced_until_ms, now_ms + kReducedAfterKeyMs);
  CLOISON_TRY(core_.principals.Change(principal(), std::move(after)));
  return Open(staging, true);
}

Result<commit::Staged> SessionWork::WaitForAnother(commit::Staging& staging, Credentials known) {
  const PrincipalInfo& info = principal().info();
  const std::int64_t now_ms = staging.time().budget_ms;
  Refusal refusal = Because(RefusalCode::kApprovalRequired, "session/unseen-key-and-network");
  const std::optional<std::uint64_t> waits = known.WaitsFor(key_.thumbprint);
  if (waits.has_value()) {
    CLOISON_TRY_ASSIGN(const std::optional<Approval> asked, rows_.Get(staging, *waits));
    const bool pending = asked.has_value() && asked->StateAt(now_ms) == approvals::State::kPending;
    if (pending) {
      refusal.approval = *waits;
      return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
    }
  }
  Approval approval = Wanted(now_ms);
  const auto known_ms = static_cast<std::int64_t>(known.keys.back().value);
  approval.what = Encode(KeyRequest{info.id, key_, known_ms});
  CLOISON_TRY_ASSIGN(approval.number, rows_.NextNumber(staging, approval));
  rows_.Add(staging, approval);
  known.Wait(key_.thumbprint, approval.number);
  PutCredentials(core_, staging, caller_.principal, known);
  Tell(staging, true, approval.number);
  (void)StageEntry(Draft(ledger::Kind::kApproval, ledger::Decision::kAllow,
                         "approval/ask/" + approval.kind + "/" + std::to_string(approval.number)));
  asked_ = true;
  refusal.approval = approval.number;
  return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
}

Approval SessionWork::Wanted(std::int64_t now_ms) {
  const PrincipalInfo& info = principal().info();
  Approval approval;
  approval.kind = info.person.has_value() ? "citizen_key" : "key";
  approval.organisation = info.organisation;
  approval.asker = info.id;
  approval.asked_ms = now_ms;
  approval.expires_ms = now_ms + approvals::kLastsDefaultMs;
  approval.reason = "session";
  return approval;
}

Result<commit::Staged> SessionWork::Open(commit::Staging& staging, bool unseen_key) {
  pending_ = StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow,
                              unseen_key ? "session/unseen-key" : "session/open"));
  Charge(staging, {});
  opened_ = SessionOpened{principal().info(), unseen_key, {}};
  return commit::Staged::kDone;
}

SessionWork::Promise SessionWork::Take(const commit::Durable& durable) {
  if (asked_) core_.parts.events.Emit(base::Severity::kWarning, "sign_in_waits_for_approval", {});
  if (refused()) return TakeRefusal(durable);
  if (opened_->unseen_key) {
    core_.parts.events.Emit(base::Severity::kWarning, "sign_in_with_unseen_key", {});
  }
  opened_->recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  return std::move(*opened_);
}

}  // namespace cloison::access::internal
