#include "access/internal/approval_works.h"

#include <algorithm>
#include <iterator>

#include "access/caseload_requests.h"
#include "access/internal/assurance_check.h"

namespace cloison::access::internal {

namespace {

using approvals::State;

Refusal Because(RefusalCode code, std::string rule) {
  return Refusal{code, std::move(rule), {}, {}, 0, {}, {}, {}, {}};
}

bool IsHuman(const identity::Assurance& assurance) {
  return assurance.actor == identity::Actor::kHuman ||
         assurance.actor == identity::Actor::kDevelopment ||
         assurance.actor == identity::Actor::kInternal;
}

}  // namespace

// ---- managers

Task<Status> Chain::Load(Core& core, commit::Staging& staging, PrincipalId of) {
  chain_.clear();
  above_.clear();
  known_end_ = true;
  while (above_.size() <= approvals::kChainMax) {
    const Status loaded = co_await core.principals.Load(staging, of);
    if (!loaded.ok() && loaded.error().code() != Code::kNotFound) co_return loaded;
    known_end_ = loaded.ok();
    chain_.push_back(of);
    if (!known_end_) co_return Ok();
    const std::optional<PrincipalId>& manager = core.principals.Get(of).info().manager;
    if (!manager.has_value()) co_return Ok();
    above_.push_back(*manager);
    of = *manager;
  }
  co_return Ok();
}

bool Chain::Holds(Core& core) const {
  const std::size_t known = chain_.size() - (known_end_ ? 0 : 1);
  for (std::size_t i = 0; i < known; ++i) {
    const std::optional<PrincipalId>& manager = core.principals.Get(chain_[i]).info().manager;
    const bool same = i < above_.size() ? manager == above_[i] : !manager.has_value();
    if (!same) return false;
  }
  return true;
}

// ---- what all share

bool ApprovalWork::May(const ApprovalKind& kind, Side side, std::string_view role) const {
  const Policy& policy = core_.parts.policy.Now();
  if (side == Side::kApproves) return policy.MayApprove(kind.name(), role, kind.approves());
  const std::optional<Right> asks = kind.asks();
  return !asks.has_value() || policy.MayAskFor(kind.name(), role, *asks);
}

bool ApprovalWork::StopsByRight(const ApprovalKind& kind, const Approval& approval) const {
  const PrincipalInfo& info = core_.principals.Get(caller_.principal).info();
  const std::optional<Right> right = kind.stops();
  return approval.waits() && right.has_value() && approval.organisation == info.organisation &&
         core_.parts.policy.Now().Has(info.role, *right);
}

approvals::Party ApprovalWork::PartyOf(const PrincipalId& id, const Chain& chain,
                                       const ApprovalKind& kind, Side side, std::int64_t now_ms) {
  PrincipalState& state = core_.principals.Get(id);
  const PrincipalInfo& info = state.info();
  // Who is held back themselves agrees to nothing.
  const bool held = core_.principals.HoldOn(state, now_ms).rung >= Rung::kSecondPerson;
  approvals::Party party{info.id, info.organisation};
  party.human = info.human;
  party.enrolled_ms = info.enrolled_ms;
  party.has_right = May(kind, side, info.role);
  party.stands = !info.frozen && !info.HasExpired(now_ms) && (!held || side == Side::kAsks);
  if (info.office.has_value()) party.office = info.office->value();
  party.above = chain.above();
  return party;
}

approvals::Party ApprovalWork::CallerParty(const Chain& chain, const ApprovalKind& kind, Side side,
                                           std::int64_t now_ms) {
  approvals::Party party = PartyOf(caller_.principal, chain, kind, side, now_ms);
  party.is_human = IsHuman(caller_.assurance) && !IsApplication();
  return party;
}

void ApprovalWork::StageStep(std::string_view step, const Approval& approval) {
  step_ = StageEntry(Draft(ledger::Kind::kApproval, ledger::Decision::kAllow,
                           "approval/" + std::string(step) + "/" + approval.kind + "/" +
                               std::to_string(approval.number)));
}

Result<commit::Staged> ApprovalWork::RefuseWhy(commit::Staging& staging, approvals::WhyNot why) {
  return Refuse(staging,
                Because(RefusalCode::kNoRight, "approval/" + std::string(approvals::Name(why))),
                ledger::Decision::kRefuse, {});
}

Result<commit::Staged> ApprovalWork::RefuseNoSuch(commit::Staging& staging) {
  return Refuse(staging, Because(RefusalCode::kNotAvailable, "not-available"),
                ledger::Decision::kMiss, {});
}

Approvals::Shown ApprovalWork::TakeShown(const commit::Durable& durable) {
  return {std::move(*shown_), core_.parts.ledger.Redeem(std::move(*step_), durable)};
}

// ---- asking

Approval AskWork::Wanted(std::int64_t now_ms) {
  Approval approval;
  approval.kind = request_.kind;
  approval.organisation = principal().info().organisation;
  approval.asker = caller_.principal;
  approval.asked_ms = now_ms;
  approval.expires_ms = now_ms + kind_->rules().lasts_ms;
  approval.reason = request_.reason;
  approval.what = request_.what;
  return approval;
}

Task<Status> AskWork::LoadMore(commit::Staging& staging) {
  kind_ = FindKind(core_.approval_kinds, request_.kind);
  if (kind_ == nullptr) co_return Error{Code::kInvalid, "no such kind of approval"};
  CLOISON_CO_TRY(co_await once_.Load(staging));
  CLOISON_CO_TRY_ASSIGN(const std::optional<Used> used, once_.Find(staging));
  if (used.has_value()) {
    CLOISON_CO_TRY(co_await rows_.Load(staging, used->number));
  }
  const Approval wanted = Wanted(staging.time().budget_ms);
  CLOISON_CO_TRY(co_await rows_.LoadForAdd(staging, wanted));
  CLOISON_CO_TRY(co_await chain_.Load(core_, staging, caller_.principal));
  co_return co_await kind_->Load(staging, wanted);
}

Result<commit::Staged> AskWork::Decide(commit::Staging& staging) {
  step_.reset();
  repeated_.reset();
  const std::int64_t now_ms = staging.time().budget_ms;
  Approval wanted = Wanted(now_ms);
  const approvals::Party asker = CallerParty(chain_, *kind_, Side::kAsks, now_ms);
  const auto why = approvals::MayNotAsk(kind_->rules(), asker, kind_->Gains(wanted));
  if (why.has_value()) return RefuseWhy(staging, *why);
  CLOISON_TRY_ASSIGN(const std::optional<Used> used, once_.Find(staging));
  if (used.has_value()) {
    CLOISON_TRY_ASSIGN(shown_, rows_.Get(staging, used->number));
    if (!shown_.has_value()) return Error{Code::kCorrupt, "an approval is gone"};
    shown_->state = shown_->StateAt(now_ms);
    repeated_ = Repeated(*used);
    return commit::Staged::kDone;
  }
  if (kind_->bulk() && !HasFreshProof(staging)) return RefuseStale(staging, "approval/step-up");
  CLOISON_TRY_ASSIGN(std::optional<Refusal> refused, kind_->Check(staging, wanted));
  if (refused.has_value()) {
    return Refuse(staging, std::move(*refused), ledger::Decision::kRefuse, {});
  }
  CLOISON_TRY_ASSIGN(wanted.number, rows_.NextNumber(staging, wanted));
  rows_.Add(staging, wanted);
  StageStep("ask", wanted);
  once_.Put(staging, Used{{}, 0, {}, wanted.number, PlaceIn(core_.parts.ledger, *step_)});
  Charge(staging, {});
  shown_ = std::move(wanted);
  return commit::Staged::kDone;
}

AskWork::Promise AskWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  if (repeated_.has_value()) return Approvals::Shown{std::move(*shown_), *repeated_};
  return TakeShown(durable);
}

// ---- deciding

Task<Status> DecideWork::LoadMore(commit::Staging& staging) {
  kind_ = nullptr;
  CLOISON_CO_TRY(co_await rows_.Load(staging, number_));
  CLOISON_CO_TRY(co_await rows_.LoadForMove(staging, number_));
  CLOISON_CO_TRY_ASSIGN(const std::optional<Approval> approval, rows_.Get(staging, number_));
  if (!approval.has_value()) co_return Ok();
  kind_ = FindKind(core_.approval_kinds, approval->kind);
  if (kind_ == nullptr) co_return Error{Code::kCorrupt, "an approval is of no known kind"};
  CLOISON_CO_TRY(co_await own_chain_.Load(core_, staging, caller_.principal));
  CLOISON_CO_TRY(co_await askers_chain_.Load(core_, staging, approval->asker));
  // What was asked for and is decided is not looked at again, unless it waits.
  if (approval->state != State::kPending && !approval->waits()) co_return Ok();
  co_return co_await kind_->Load(staging, *approval);
}

bool DecideWork::MaySee(const Approval& approval) const {
  if (approval.asker == caller_.principal) return true;
  const PrincipalInfo& info = core_.principals.Get(caller_.principal).info();
  const bool here = !kind_->rules().same_organisation || approval.organisation == info.organisation;
  if (here && May(*kind_, Side::kApproves, info.role)) return true;
  return StopsByRight(*kind_, approval);
}

// Both who agreed to it, and whoever could have.
bool DecideWork::MayStop(const Approval& approval, std::int64_t now_ms) {
  return approval.asker == caller_.principal || approval.decider == caller_.principal ||
         StopsByRight(*kind_, approval) || !WhyNot(approval, now_ms).has_value();
}

std::optional<approvals::WhyNot> DecideWork::WhyNot(const Approval& approval, std::int64_t now_ms) {
  // Who asks for a person on that rung gets a yes from elsewhere, or none.
  approvals::Rules rules = kind_->rules();
  PrincipalState& asker = core_.principals.Get(approval.asker);
  const Hold hold = core_.principals.HoldOn(asker, now_ms);
  if (approval.kind == kAccessKind && hold.rung >= Rung::kSecondPerson) rules.other_office = true;
  return approvals::MayNotApprove(
      rules, PartyOf(approval.asker, askers_chain_, *kind_, Side::kAsks, now_ms),
      CallerParty(own_chain_, *kind_, Side::kApproves, now_ms), kind_->Gains(approval), now_ms);
}

Result<commit::Staged> DecideWork::Decide(commit::Staging& staging) {
  step_.reset();
  decided_ = false;
  if (kind_ == nullptr) return RefuseNoSuch(staging);
  // An earlier work of this batch moved somebody to another manager.
  if (!own_chain_.Holds(core_) || !askers_chain_.Holds(core_)) return commit::Staged::kAgain;
  CLOISON_TRY_ASSIGN(std::optional<Approval> approval, rows_.Get(staging, number_));
  CLOISON_CHECK(approval.has_value());
  if (!MaySee(*approval)) return RefuseNoSuch(staging);
  switch (step_wanted_) {
    case Step::kRead: return Show(staging, std::move(*approval));
    case Step::kApprove: return Approve(staging, std::move(*approval));
    case Step::kDeny: return Deny(staging, std::move(*approval));
  }
  return RefuseNoSuch(staging);
}

Result<commit::Staged> DecideWork::Show(commit::Staging& staging, Approval approval) {
  approval.state = approval.StateAt(staging.time().budget_ms);
  StageStep("read", approval);
  Charge(staging, {});
  shown_ = std::move(approval);
  return commit::Staged::kDone;
}

Result<commit::Staged> DecideWork::Approve(commit::Staging& staging, Approval approval) {
  const std::int64_t now_ms = staging.time().budget_ms;
  const State state = approval.StateAt(now_ms);
  const bool agreed = state == State::kApproved || state == State::kUsed;
  if (agreed && approval.decider == caller_.principal) return Show(staging, std::move(approval));
  if (state != State::kPending) {
    return Refuse(staging, Because(RefusalCode::kDecided, "approval/decided"),
                  ledger::Decision::kRefuse, {});
  }
  // A session that was left open agrees to nothing.
  if (!HasFreshProof(staging)) return RefuseStale(staging, "approval/step-up");
  const approvals::Party asker =
      PartyOf(approval.asker, askers_chain_, *kind_, Side::kAsks, now_ms);
  // Whoever asked must still be one who may.
  if (approvals::MayNotAsk(kind_->rules(), asker, kind_->Gains(approval)).has_value()) {
    return Refuse(staging, Because(RefusalCode::kDecided, "approval/asker"),
                  ledger::Decision::kRefuse, {});
  }
  const auto why = WhyNot(approval, now_ms);
  if (why.has_value()) return RefuseWhy(staging, *why);
  Approval after = approval;
  after.decider = caller_.principal;
  CLOISON_TRY_ASSIGN(std::optional<Refusal> refused, kind_->Check(staging, after));
  if (refused.has_value()) {
    return Refuse(staging, std::move(*refused), ledger::Decision::kRefuse, {});
  }
  after.state = kind_->runs() ? State::kApproved : State::kUsed;
  after.decided_ms = now_ms;
  const std::optional<ApprovalKind::Wait> wait = kind_->WaitOf(staging, after);
  if (kind_->runs() && wait.has_value()) {
    after.due_ms = now_ms + wait->delay_ms;
    after.generation = core_.parts.ledger.generation();
    after.needs_yes = wait->needs_yes;
  }
  CLOISON_TRY(rows_.Move(staging, after));
  StageStep("approve", after);
  CLOISON_TRY(kind_->Enact(staging, after, *this));
  Charge(staging, {});
  shown_ = std::move(after);
  decided_ = true;
  return commit::Staged::kDone;
}

Result<commit::Staged> DecideWork::Stop(commit::Staging& staging, Approval approval) {
  if (!MayStop(approval, staging.time().budget_ms)) {
    return RefuseWhy(staging, approvals::WhyNot::kNoRight);
  }
  approval.state = State::kDenied;
  approval.decider = caller_.principal;
  approval.decided_ms = staging.time().budget_ms;
  approval.EndWait();
  CLOISON_TRY(rows_.Move(staging, approval));
  kind_->EndWait(staging, approval);
  StageStep("stop", approval);
  Charge(staging, {});
  shown_ = std::move(approval);
  decided_ = true;
  return commit::Staged::kDone;
}

Result<commit::Staged> DecideWork::Deny(commit::Staging& staging, Approval approval) {
  const std::int64_t now_ms = staging.time().budget_ms;
  const State state = approval.StateAt(now_ms);
  if (state == State::kDenied && approval.decider == caller_.principal) {
    return Show(staging, std::move(approval));
  }
  if (approval.waits()) return Stop(staging, std::move(approval));
  if (state != State::kPending) {
    return Refuse(staging, Because(RefusalCode::kDecided, "approval/decided"),
                  ledger::Decision::kRefuse, {});
  }
  if (approval.asker != caller_.principal) {
    const auto why = WhyNot(approval, now_ms);
    if (why.has_value()) return RefuseWhy(staging, *why);
  }
  approval.state = State::kDenied;
  approval.decider = caller_.principal;
  approval.decided_ms = now_ms;
  CLOISON_TRY(rows_.Move(staging, approval));
  StageStep("deny", approval);
  Charge(staging, {});
  shown_ = std::move(approval);
  decided_ = true;
  return commit::Staged::kDone;
}

DecideWork::Promise DecideWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  if (decided_) {
    core_.parts.events.Emit(base::Severity::kInfo, "approval_decided",
                            {{"approval", static_cast<std::int64_t>(shown_->number)},
                             {"state", static_cast<std::int64_t>(shown_->state)}});
    const bool agreed = shown_->state != State::kDenied;
    if (const auto event = kind_->event(); agreed && event.has_value()) {
      core_.parts.events.Emit(base::Severity::kInfo, *event,
                              {{"approval", static_cast<std::int64_t>(shown_->number)}});
    }
  }
  Approvals::Shown shown = TakeShown(durable);
  shown.decided = decided_;
  return shown;
}

// ---- the list

// Of those whom the caller's role answers at all, in the order of their numbers.
Task<Result<std::vector<Approval>>> PendingWork::ReadOpen(commit::Staging& staging) {
  const std::string role = principal().info().role;
  std::vector<Approval> open;
  for (const Whose whose : {Whose::kStaff, Whose::kCitizens}) {
    const bool answers = std::ranges::any_of(core_.approval_kinds, [&](const auto& kind) {
      const std::optional<Right> stops = kind->stops();
      const bool may = May(*kind, Side::kApproves, role) ||
                       (stops.has_value() && core_.parts.policy.Now().Has(role, *stops));
      return WhoseIs(kind->name()) == whose && may;
    });
    if (!answers) continue;  // nothing waits for them: nothing is read
    CLOISON_CO_TRY_ASSIGN(
        ApprovalRows::Open page,
        co_await rows_.ReadOpen(staging.store(), whose, above_, kApprovalsScannedMax));
    std::ranges::move(page.items, std::back_inserter(open));
    if (page.next.has_value()) scanned_to_ = std::min(scanned_to_.value_or(*page.next), *page.next);
  }
  std::ranges::sort(open, {}, &Approval::number);
  // What lies beyond the end of one list comes with its next page.
  if (scanned_to_.has_value()) {
    std::erase_if(open, [this](const Approval& one) { return one.number > *scanned_to_; });
  }
  co_return open;
}

Task<Status> PendingWork::LoadMore(commit::Staging& staging) {
  candidates_.clear();
  scanned_to_.reset();
  CLOISON_CO_TRY_ASSIGN(std::vector<Approval> open, co_await ReadOpen(staging));
  if (open.empty()) co_return Ok();
  CLOISON_CO_TRY(co_await own_chain_.Load(core_, staging, caller_.principal));
  const PrincipalInfo info = principal().info();
  for (Approval& approval : open) {
    ApprovalKind* const kind = FindKind(core_.approval_kinds, approval.kind);
    if (kind == nullptr) co_return Error{Code::kCorrupt, "an approval is of no known kind"};
    // Cheap refusals first: the others cost a chain of principals.
    const bool here =
        !kind->rules().same_organisation || approval.organisation == info.organisation;
    const bool may = here && May(*kind, Side::kApproves, info.role);
    const bool pending = approval.StateAt(staging.time().budget_ms) == State::kPending;
    const bool to_answer = may && pending && approval.asker != caller_.principal;
    const bool to_stop = approval.waits() && (may || StopsByRight(*kind, approval));
    if (!to_answer && !to_stop) continue;
    CLOISON_CO_TRY(co_await kind->Load(staging, approval));
    candidates_.push_back({std::move(approval), kind, {}});
    CLOISON_CO_TRY(
        co_await candidates_.back().chain.Load(core_, staging, candidates_.back().approval.asker));
    // One more than a page: whether there is another.
    if (candidates_.size() > count_) {
      scanned_to_ = candidates_.back().approval.number;
      break;
    }
  }
  co_return Ok();
}

Result<commit::Staged> PendingWork::Decide(commit::Staging& staging) {
  page_ = {};
  const std::int64_t now_ms = staging.time().budget_ms;
  page_.next = scanned_to_;
  for (const Candidate& one : candidates_) {
    if (!one.chain.Holds(core_) || !own_chain_.Holds(core_)) return commit::Staged::kAgain;
    // What waits, whoever asked for it and agreed sees too.
    const auto why =
        one.approval.waits()
            ? std::nullopt
            : approvals::MayNotApprove(
                  one.kind->rules(),
                  PartyOf(one.approval.asker, one.chain, *one.kind, Side::kAsks, now_ms),
                  CallerParty(own_chain_, *one.kind, Side::kApproves, now_ms),
                  one.kind->Gains(one.approval), now_ms);
    if (why.has_value()) continue;
    if (page_.items.size() == count_) {
      page_.next = page_.items.back().number;
      break;
    }
    page_.items.push_back(one.approval);
  }
  step_ = StageEntry(Draft(ledger::Kind::kApproval, ledger::Decision::kAllow, "approval/list"));
  Charge(staging, {});
  return commit::Staged::kDone;
}

PendingWork::Promise PendingWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  page_.recorded = core_.parts.ledger.Redeem(std::move(*step_), durable);
  return std::move(page_);
}

// ---- the end

Task<Status> CloseWork::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await rows_.Load(staging, number_));
  co_return co_await rows_.LoadForMove(staging, number_);
}

Result<commit::Staged> CloseWork::Decide(commit::Staging& staging) {
  CLOISON_TRY_ASSIGN(std::optional<Approval> approval, rows_.Get(staging, number_));
  if (!approval.has_value()) return commit::Staged::kDone;
  const bool expires = to_ == State::kExpired && approval->state == State::kPending &&
                       approval->StateAt(staging.time().budget_ms) == State::kExpired;
  const bool ends = to_ == State::kUsed && approval->state == State::kApproved;
  if (!expires && !ends) return commit::Staged::kDone;  // somebody was faster
  approval->state = to_;
  CLOISON_TRY(rows_.Move(staging, *approval));
  StageStep(approvals::Name(to_), *approval);
  Charge(staging, {});
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
