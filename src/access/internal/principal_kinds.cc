// The kinds of approval about principals (access/principal_requests.h).
#include <algorithm>

#include "access/internal/alerts.h"
#include "access/internal/approval_rows.h"
#include "access/internal/change_works.h"
#include "access/internal/credentials.h"
#include "access/principal_requests.h"

namespace cloison::access::internal {

namespace {

Refusal Because(RefusalCode code, std::string rule) {
  return Refusal{code, std::move(rule), {}, {}, 0, {}, {}, {}, {}};
}

Refusal NoSuch() {
  return Because(RefusalCode::kNotAvailable, "not-available");
}

// Loads a principal who may not be there.
Task<Status> LoadIfThere(Core& core, commit::Staging& staging, PrincipalId id) {
  const Status loaded = co_await core.principals.Load(staging, id);
  if (!loaded.ok() && loaded.error().code() != Code::kNotFound) co_return loaded;
  co_return Ok();
}

// A manager and everybody above: for CheckManager.
Task<Status> LoadManagers(Core& core, commit::Staging& staging, std::optional<PrincipalId> one) {
  for (std::size_t i = 0; one.has_value() && i <= approvals::kChainMax; ++i) {
    CLOISON_CO_TRY(co_await LoadIfThere(core, staging, *one));
    const PrincipalState* const state = core.principals.Peek(*one);
    if (state == nullptr) co_return Ok();
    one = state->info().manager;
  }
  co_return Ok();
}

// A manager is a principal of the same organisation, and nobody stands above themselves.
Status CheckManager(Core& core, const PrincipalId& who, OrganisationId organisation,
                    const std::optional<PrincipalId>& manager) {
  std::optional<PrincipalId> one = manager;
  for (std::size_t height = 0; one.has_value(); ++height) {
    if (*one == who) return Error{Code::kInvalid, "a chain of managers is a circle"};
    if (height >= approvals::kChainMax)
      return Error{Code::kInvalid, "a chain of managers is too long"};
    const PrincipalState* const state = core.principals.Peek(*one);
    if (state == nullptr || (height == 0 && state->info().organisation != organisation)) {
      return Error{Code::kInvalid, "the manager is nobody of this organisation"};
    }
    one = state->info().manager;
  }
  return Ok();
}

Status CheckRole(Core& core, const std::string& role) {
  // The server's own.
  if (role == "system" || !core.parts.policy.Now().ClassOf(role).ok()) {
    return Error{Code::kInvalid, "no such role"};
  }
  return Ok();
}

bool IsOfAHuman(const Policy& policy, const std::string& role) {
  const Role* const found = policy.FindRole(role);
  return found != nullptr && (found->kind == RoleKind::kAgent || found->kind == RoleKind::kOfficer);
}

// The principal becomes that of `after`: an entry of who decided, and one under the principal's
// own next number, so that its row cannot be rolled back.
struct Words {
  ledger::Kind kind;
  std::string decided, own;  // the rules of the two entries
};
Status ChangePrincipal(Core& core, commit::Staging& staging, EntryMaker& entries,
                       PrincipalInfo after, const Words& words) {
  PrincipalState& who = core.principals.Get(after.id);
  CLOISON_TRY(core.principals.Change(who, std::move(after)));
  ledger::EntryDraft decided = entries.Draft(words.kind, ledger::Decision::kAllow, words.decided);
  decided.case_ref = base::ToHex(who.info().id.bytes());  // in the sealed record: whom
  ledger::EntryDraft own = entries.Draft(words.kind, ledger::Decision::kAllow, words.own);
  own.actor = {who.info().id,           &who.key(),        who.n(),
               who.info().organisation, who.info().office, who.info().role};
  (void)entries.StageEntry(std::move(decided));
  (void)core.parts.ledger.Stage(std::move(own));
  core.principals.Charge(staging, who, ClientId(0), 1, {});
  return Ok();
}

class PrincipalKind : public ApprovalKind {
 public:
  explicit PrincipalKind(Core& core) : core_(core) {}

 protected:
  // A principal of the asker's organisation, which is not the server's own.
  const PrincipalInfo* Theirs(const Approval& approval, const PrincipalId& who) const {
    const PrincipalState* const state = core_.principals.Peek(who);
    if (state == nullptr || who == Gate::SystemPrincipal()) return nullptr;
    return state->info().organisation == approval.organisation ? &state->info() : nullptr;
  }
  approvals::Gaining GainOf(const PrincipalId& who) const {
    approvals::Gaining gaining{{who}, {}};
    const PrincipalState* const state = core_.principals.Peek(who);
    if (state != nullptr && state->info().human.has_value()) {
      gaining.humans.push_back(*state->info().human);
    }
    return gaining;
  }
  // The second contact of whose organisation it is.
  void Tell(commit::Staging& staging, Alert::What what, const PrincipalInfo& about,
            const Approval& approval) {
    PutAlert(core_, staging,
             {what, Alert::Whom::kSecondContact, about.id, about.organisation, about.manager,
              approval.number});
  }

  Core& core_;
};

class EnrolKind final : public PrincipalKind {
 public:
  using PrincipalKind::PrincipalKind;
  std::string_view name() const override { return "enrol"; }
  std::optional<Right> asks() const override { return Right::kEnrol; }
  Right approves() const override { return Right::kEnrol; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const EnrolRequest request, ParseEnrol(approval.what));
    CLOISON_CO_TRY(co_await LoadIfThere(core_, staging, request.who));
    CLOISON_CO_TRY(co_await LoadManagers(core_, staging, request.manager));
    std::vector<store::Key> keys{
        {store::Family::kPrincipals, core_.principals.RowKey(request.who)}};
    co_return co_await staging.Load(std::move(keys));
  }

  Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                       const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const EnrolRequest request, ParseEnrol(approval.what));
    CLOISON_TRY(CheckRole(core_, request.role));
    if (request.label.empty() || request.label.size() > kLabelBytesMax) {
      return Error{Code::kInvalid, "a principal has a name of 1 to 128 bytes"};
    }
    if (request.expires_ms.has_value() && *request.expires_ms <= staging.time().budget_ms) {
      return Error{Code::kInvalid, "an enrolment ends in the future"};
    }
    CLOISON_TRY(CheckManager(core_, request.who, approval.organisation, request.manager));
    if (core_.principals.Peek(request.who) != nullptr) {
      return std::optional(Because(RefusalCode::kDecided, "enrol/exists"));
    }
    return std::optional<Refusal>{};
  }

  approvals::Gaining Gains(const Approval& approval) const override {
    const Result<EnrolRequest> request = ParseEnrol(approval.what);
    CLOISON_CHECK(request.ok());
    approvals::Gaining gaining{{request->who}, {}};
    if (request->human.has_value()) gaining.humans.push_back(*request->human);
    return gaining;
  }

  Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker& entries) override {
    CLOISON_TRY_ASSIGN(EnrolRequest request, ParseEnrol(approval.what));
    const std::int64_t now_ms = staging.time().budget_ms;
    PrincipalInfo info{request.who, approval.organisation, request.office, request.role,
                       request.label};
    info.enrolled_ms = now_ms;
    info.expires_ms = request.expires_ms;
    info.manager = request.manager;
    info.human = request.human;
    info.reduced_until_ms = now_ms + kReducedAfterEnrolmentMs;
    CLOISON_TRY(core_.principals.Enrol(staging, info));
    ledger::EntryDraft draft =
        entries.Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "enrol");
    draft.case_ref = base::ToHex(request.who.bytes());
    (void)entries.StageEntry(std::move(draft));
    Tell(staging, Alert::What::kEnrolled, info, approval);
    return Ok();
  }
  std::optional<Literal> event() const override { return Literal("principal_enrolled"); }
};

class ChangeKind final : public PrincipalKind {
 public:
  using PrincipalKind::PrincipalKind;
  std::string_view name() const override { return "change"; }
  std::optional<Right> asks() const override { return Right::kEnrol; }
  Right approves() const override { return Right::kEnrol; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const ChangeRequest request, ParseChange(approval.what));
    CLOISON_CO_TRY(co_await LoadIfThere(core_, staging, request.who));
    std::optional<PrincipalId> manager;
    if (request.manager.has_value()) manager = *request.manager;
    co_return co_await LoadManagers(core_, staging, manager);
  }

  Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                       const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const ChangeRequest request, ParseChange(approval.what));
    if (request.role.has_value()) {
      CLOISON_TRY(CheckRole(core_, *request.role));
    }
    const bool ends = request.expires_ms.has_value() && request.expires_ms->has_value();
    if (ends && **request.expires_ms < staging.time().budget_ms - kEndsAgoMaxMs) {
      return Error{Code::kInvalid, "an enrolment ends now or later"};
    }
    const PrincipalInfo* const who = Theirs(approval, request.who);
    if (who == nullptr) return std::optional(NoSuch());
    // Nobody said which human is behind a program: such an account would be a second one of whoever
    // asks for it, and nothing could tell.
    const Policy& policy = core_.parts.policy.Now();
    const bool program = request.role.has_value() && !IsOfAHuman(policy, who->role);
    if (program && IsOfAHuman(policy, *request.role)) {
      return Error{Code::kInvalid, "a program's account does not become a person's"};
    }
    if (request.manager.has_value()) {
      CLOISON_TRY(CheckManager(core_, request.who, approval.organisation, *request.manager));
    }
    return std::optional<Refusal>{};
  }

  approvals::Gaining Gains(const Approval& approval) const override {
    const Result<ChangeRequest> request = ParseChange(approval.what);
    CLOISON_CHECK(request.ok());
    return GainOf(request->who);
  }

  Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker& entries) override {
    CLOISON_TRY_ASSIGN(const ChangeRequest request, ParseChange(approval.what));
    PrincipalInfo after = core_.principals.Get(request.who).info();
    if (request.role.has_value()) {
      after.role = *request.role;
      after.raises.clear();  // they were of the old class
    }
    if (request.office.has_value()) after.office = *request.office;
    if (request.manager.has_value()) after.manager = *request.manager;
    if (request.expires_ms.has_value()) after.expires_ms = *request.expires_ms;
    CLOISON_TRY(ChangePrincipal(core_, staging, entries, after,
                                {ledger::Kind::kRights, "change", "changed"}));
    if (request.role.has_value()) Tell(staging, Alert::What::kOtherRole, after, approval);
    return Ok();
  }

 private:
  // "Now", said by a clock that is not ours, or before somebody agreed.
  static constexpr std::int64_t kEndsAgoMaxMs = 8 * base::kDayMs;
};

class RaiseKind final : public PrincipalKind {
 public:
  using PrincipalKind::PrincipalKind;
  std::string_view name() const override { return "raise"; }
  std::optional<Right> asks() const override { return Right::kEnrol; }
  Right approves() const override { return Right::kEnrol; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const RaiseRequest request, ParseRaise(approval.what));
    co_return co_await LoadIfThere(core_, staging, request.who);
  }

  Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                       const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const RaiseRequest request, ParseRaise(approval.what));
    const PrincipalInfo* const who = Theirs(approval, request.who);
    if (who == nullptr) return std::optional(NoSuch());
    CLOISON_TRY_ASSIGN(const BudgetClass* const of_class,
                       core_.parts.policy.Now().ClassOf(who->role));
    for (const Raise& raise : request.raises) {
      const std::uint64_t cap = of_class->caps.cap(raise.counter, raise.window);
      if (raise.cap <= cap || raise.cap > kRaiseTimesMax * cap) {
        return Error{Code::kInvalid, "a raise is above the cap of the class, at most three times"};
      }
      if (raise.until_ms <= staging.time().budget_ms ||
          raise.until_ms > approval.asked_ms + kRaiseLastsMaxMs) {
        return Error{Code::kInvalid, "a raise ends in the future, within 31 days"};
      }
    }
    return std::optional<Refusal>{};
  }

  approvals::Gaining Gains(const Approval& approval) const override {
    const Result<RaiseRequest> request = ParseRaise(approval.what);
    CLOISON_CHECK(request.ok());
    return GainOf(request->who);
  }

  Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker& entries) override {
    CLOISON_TRY_ASSIGN(const RaiseRequest request, ParseRaise(approval.what));
    PrincipalInfo after = core_.principals.Get(request.who).info();
    after.raises = request.raises;
    CLOISON_TRY(ChangePrincipal(core_, staging, entries, after,
                                {ledger::Kind::kRights, "raise", "raised"}));
    Tell(staging, Alert::What::kRaised, after, approval);
    return Ok();
  }
};

// Freezing and its end, of any organisation: officers stop whoever must be stopped.
class FrozenKind final : public PrincipalKind {
 public:
  FrozenKind(Core& core, bool frozen) : PrincipalKind(core), frozen_(frozen) {}
  std::string_view name() const override { return frozen_ ? "freeze" : "unfreeze"; }
  std::optional<Right> asks() const override { return Right::kFreeze; }
  // Beyond what an officer freezes alone (access/freezes.h) one who enrols agrees.
  Right approves() const override { return frozen_ ? Right::kEnrol : Right::kFreeze; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const UnfreezeRequest request, ParseUnfreeze(approval.what));
    co_return co_await LoadIfThere(core_, staging, request.who);
  }

  Result<std::optional<Refusal>> Check(commit::Staging&, const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const UnfreezeRequest request, ParseUnfreeze(approval.what));
    const PrincipalState* const who = core_.principals.Peek(request.who);
    if (who == nullptr || request.who == Gate::SystemPrincipal()) return std::optional(NoSuch());
    if (who->info().frozen == frozen_) {
      const char* const rule = frozen_ ? "freeze/frozen" : "unfreeze/not-frozen";
      return std::optional(Because(RefusalCode::kDecided, rule));
    }
    return std::optional<Refusal>{};
  }

  // Nobody gains by being frozen.
  approvals::Gaining Gains(const Approval& approval) const override {
    if (frozen_) return {};
    const Result<UnfreezeRequest> request = ParseUnfreeze(approval.what);
    CLOISON_CHECK(request.ok());
    return GainOf(request->who);
  }

  Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker& entries) override {
    CLOISON_TRY_ASSIGN(const UnfreezeRequest request, ParseUnfreeze(approval.what));
    PrincipalInfo after = core_.principals.Get(request.who).info();
    after.frozen = frozen_;
    CLOISON_TRY(ChangePrincipal(
        core_, staging, entries, after,
        {ledger::Kind::kFreeze, frozen_ ? "freeze" : "unfreeze", frozen_ ? "frozen" : "unfrozen"}));
    frozen_ ? (void)core_.alarms.Raise(FrozenAlarm(after))
            : Tell(staging, Alert::What::kUnfrozen, after, approval);
    return Ok();
  }

 private:
  const bool frozen_;
};

// Asked for by SessionWork in the name of whoever has the key.
class KeyKind final : public PrincipalKind {
 public:
  KeyKind(Core& core, Whose whose) : PrincipalKind(core), whose_(whose) {}
  std::string_view name() const override {
    return whose_ == Whose::kCitizens ? "citizen_key" : "key";
  }
  std::optional<Right> asks() const override { return std::nullopt; }
  Right approves() const override { return Right::kEnrol; }
  approvals::Rules rules() const override {
    approvals::Rules rules;
    rules.asker_may_gain = true;
    // A citizen is of no organisation: whoever has the right, at a counter of any, may agree.
    rules.same_organisation = whose_ == Whose::kStaff;
    return rules;
  }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const KeyRequest request, ParseKey(approval.what));
    std::vector<store::Key> keys{CredentialsKey(core_, request.who)};
    CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
    co_return co_await LoadIfThere(core_, staging, request.who);
  }

  // Sign-in asks for it, with the key in hand: what somebody asks for by name is refused.
  Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                       const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const KeyRequest request, ParseKey(approval.what));
    if (request.who != approval.asker || core_.principals.Peek(request.who) == nullptr) {
      return std::optional(NoSuch());
    }
    CLOISON_TRY_ASSIGN(const Credentials known, CredentialsIn(core_, staging, request.who));
    if (known.WaitsFor(request.key.thumbprint) != approval.number) {
      return std::optional(Because(RefusalCode::kDecided, "key/not-waiting"));
    }
    return std::optional<Refusal>{};
  }

  approvals::Gaining Gains(const Approval& approval) const override {
    const Result<KeyRequest> request = ParseKey(approval.what);
    CLOISON_CHECK(request.ok());
    return GainOf(request->who);
  }

  Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker& entries) override {
    CLOISON_TRY_ASSIGN(const KeyRequest request, ParseKey(approval.what));
    CLOISON_TRY_ASSIGN(Credentials known, CredentialsIn(core_, staging, request.who));
    const std::int64_t now_ms = staging.time().budget_ms;
    known.AddKey(request.key, now_ms);
    PutCredentials(core_, staging, request.who, known);
    PrincipalInfo after = core_.principals.Get(request.who).info();
    after.reduced_until_ms = std::max(after.reduced_until_ms, now_ms + kReducedAfterKeyMs);
    return ChangePrincipal(core_, staging, entries, std::move(after),
                           {ledger::Kind::kRights, "key", "key/known"});
  }

 private:
  Whose whose_;
};

}  // namespace

void AddPrincipalKinds(Core& core) {
  core.approval_kinds.push_back(std::make_unique<EnrolKind>(core));
  core.approval_kinds.push_back(std::make_unique<ChangeKind>(core));
  core.approval_kinds.push_back(std::make_unique<RaiseKind>(core));
  core.approval_kinds.push_back(std::make_unique<FrozenKind>(core, true));
  core.approval_kinds.push_back(std::make_unique<FrozenKind>(core, false));
  core.approval_kinds.push_back(std::make_unique<KeyKind>(core, Whose::kStaff));
  core.approval_kinds.push_back(std::make_unique<KeyKind>(core, Whose::kCitizens));
}

}  // namespace cloison::access::internal
