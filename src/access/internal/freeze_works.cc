#include "access/internal/freeze_works.h"

#include <algorithm>

#include "access/internal/alerts.h"

namespace cloison::access::internal {

namespace {

constexpr std::string_view kUnfreeze = "unfreeze", kFreeze = "freeze";  // kinds of approval

// What a role does in freezes and their end.
struct Part {
  bool asks = false, lifts = false;  // of an unfreezing: who asks for it, who agrees to it
  bool agrees = false;               // to a freezing
  bool any() const { return asks || lifts || agrees; }
};
Part PartOf(const Policy& policy, const std::string& role) {
  return {policy.MayAskFor(kUnfreeze, role, Right::kFreeze),
          policy.MayApprove(kUnfreeze, role, Right::kFreeze),
          policy.MayApprove(kFreeze, role, Right::kEnrol)};
}

bool AreTwo(const PrincipalInfo& one, const PrincipalInfo& other) {
  if (one.id == other.id) return false;
  return !one.human.has_value() || one.human != other.human;
}

// Too new to agree to an unfreezing.
bool IsNew(const Core& core, const PrincipalInfo& info, std::int64_t now_ms) {
  const approvals::Rules rules = FindKind(core.approval_kinds, kUnfreeze)->rules();
  return info.enrolled_ms != 0 && now_ms - info.enrolled_ms <= rules.enrolled_for_ms;
}

// By the sentinel: as in approvals, they decide nothing.
bool IsHeld(Core& core, const PrincipalId& loaded, std::int64_t now_ms) {
  return core.principals.HoldOn(core.principals.Get(loaded), now_ms).rung >= Rung::kSecondPerson;
}

}  // namespace

Task<Result<std::vector<PrincipalId>>> WhoWouldStand(Core& core, PrincipalId by, PrincipalId whom) {
  store::Store& store = core.parts.people.store();
  const std::shared_ptr<const Policy> policy = core.parts.policy.Current();
  std::vector<PrincipalId> standing;
  const Result<PrincipalInfo> officer = co_await core.principals.Find(store, by);
  const Result<PrincipalInfo> target = co_await core.principals.Find(store, whom);
  for (const Result<PrincipalInfo>* one : {&officer, &target}) {
    if (!one->ok() && one->error().code() == Code::kNotFound) co_return standing;
    if (!one->ok()) co_return one->error();
  }
  if (!policy->Has(officer->role, Right::kFreeze) || !PartOf(*policy, target->role).any()) {
    co_return standing;
  }
  // So many of each part that is needed: thousands of managers do not hide the officers.
  const Part needed = PartOf(*policy, target->role);
  const auto lifts = [&](const Part& part) {
    return (needed.asks || needed.lifts) && (part.asks || part.lifts);
  };
  const auto agrees = [&](const Part& part) { return needed.agrees && part.agrees; };
  const std::vector<PrincipalId> staff =
      core.principals.staff().OfRoles(target->organisation, [&](const std::string& role) {
        const Part part = PartOf(*policy, role);
        return lifts(part) || agrees(part);
      });
  const std::int64_t now_ms = core.parts.committer.Now().budget_ms;
  std::size_t lifting = 0, agreeing = 0;
  for (const PrincipalId& one : staff) {
    if (one == by || one == whom) continue;
    const bool lifted = lifting == kStandingReadMax / 2 || !(needed.asks || needed.lifts);
    const bool agreed = agreeing == kStandingReadMax / 2 || !needed.agrees;
    if (lifted && agreed) break;
    // One whose row does not open is nobody who could undo anything.
    const Result<PrincipalInfo> info = co_await core.principals.Find(store, one);
    if (!info.ok()) NoteCorrupt(core, info.error(), "principal_state_does_not_fit");
    if (!info.ok() && info.error().code() == Code::kUnavailable) co_return info.error();
    // Nor do those who have left, of whom there may be many, or who are too new to agree.
    if (!info.ok() || info->frozen || info->HasExpired(now_ms)) continue;
    if (IsNew(core, *info, now_ms)) continue;
    const Part part = PartOf(*policy, info->role);
    const bool as_lifting = lifts(part) && lifting < kStandingReadMax / 2;
    const bool as_agreeing = agrees(part) && agreeing < kStandingReadMax / 2;
    if (!as_lifting && !as_agreeing) continue;
    lifting += as_lifting ? 1 : 0;
    agreeing += as_agreeing ? 1 : 0;
    standing.push_back(one);
  }
  co_return standing;
}

Task<Status> FreezeWork::LoadMore(commit::Staging& staging) {
  const Status loaded = co_await core_.principals.Load(staging, who_);
  known_ = loaded.ok();
  if (!known_ && loaded.error().code() != Code::kNotFound) co_return loaded.error();
  // One whose row does not open is nobody who could undo anything.
  std::vector<PrincipalId> standing;
  for (const PrincipalId& one : standing_) {
    const Status opened = co_await LoadLine(staging, one);
    if (!opened.ok()) NoteCorrupt(core_, opened.error(), "principal_state_does_not_fit");
    if (!opened.ok() && opened.error().code() != Code::kCorrupt) co_return opened;
    if (opened.ok()) standing.push_back(one);
  }
  standing_ = std::move(standing);
  std::vector<PrincipalId> counted{caller_.principal};
  co_return co_await counts_.Load(core_, staging, std::move(counted));
}

// Somebody and those above them, who say which two are in one line. A manager who is nobody here,
// or whose row does not open, has nobody above them.
Task<Status> FreezeWork::LoadLine(commit::Staging& staging, PrincipalId of) {
  CLOISON_CO_TRY(co_await core_.principals.Load(staging, of));
  for (std::size_t step = 0; step <= approvals::kChainMax; ++step) {
    const std::optional<PrincipalId> manager = core_.principals.Peek(of)->info().manager;
    if (!manager.has_value()) break;
    const Status loaded = co_await core_.principals.Load(staging, *manager);
    if (!loaded.ok()) NoteCorrupt(core_, loaded.error(), "principal_state_does_not_fit");
    const bool nobody = !loaded.ok() && (loaded.error().code() == Code::kNotFound ||
                                         loaded.error().code() == Code::kCorrupt);
    if (nobody) break;
    CLOISON_CO_TRY(loaded);
    of = *manager;
  }
  co_return Ok();
}

// Whether one is above the other.
bool FreezeWork::AreInLine(const PrincipalInfo& one, const PrincipalInfo& other) const {
  const auto is_above = [this](const PrincipalId& above, const PrincipalInfo* below) {
    for (std::size_t step = 0; step <= approvals::kChainMax && below != nullptr; ++step) {
      if (!below->manager.has_value()) return false;
      if (*below->manager == above) return true;
      const PrincipalState* const next = core_.principals.Peek(*below->manager);
      below = next == nullptr ? nullptr : &next->info();
    }
    return false;
  };
  return is_above(one.id, &other) || is_above(other.id, &one);
}

// Those that were read outside the committer, as they are now, and as the rules of unfreezing have
// them (approvals/entitled.h): not held back themselves, the one who agrees not new, neither above
// the other.
bool FreezeWork::LeavesEnough(std::int64_t now_ms) const {
  const Policy& policy = core_.parts.policy.Now();
  const Part needed = PartOf(policy, core_.principals.Peek(who_)->info().role);
  std::vector<const PrincipalInfo*> standing;
  for (const PrincipalId& one : standing_) {
    const PrincipalInfo& info = core_.principals.Peek(one)->info();
    const bool stands = !info.frozen && !info.HasExpired(now_ms) && !IsHeld(core_, one, now_ms);
    if (stands) standing.push_back(&info);
  }
  const auto lifts_with = [&](const PrincipalInfo* asker) {
    if (!PartOf(policy, asker->role).asks) return false;
    return std::ranges::any_of(standing, [&](const PrincipalInfo* other) {
      return AreTwo(*asker, *other) && PartOf(policy, other->role).lifts &&
             !IsNew(core_, *other, now_ms) && !AreInLine(*asker, *other);
    });
  };
  const auto agrees = [&](const PrincipalInfo* one) { return PartOf(policy, one->role).agrees; };
  if ((needed.asks || needed.lifts) && std::ranges::none_of(standing, lifts_with)) return false;
  return !needed.agrees || std::ranges::any_of(standing, agrees);
}

Result<std::optional<std::string_view>> FreezeWork::WhyNotAlone(commit::Staging& staging) {
  const std::int64_t now_ms = staging.time().budget_ms;
  if (hold().rung >= Rung::kSecondPerson) return std::optional<std::string_view>("freeze/held");
  if (!LeavesEnough(now_ms)) return std::optional<std::string_view>("freeze/last");
  PairEdit edit(core_, staging, counts_);
  CLOISON_TRY_ASSIGN(Tally* const own, edit.TallyOf(caller_.principal));
  own->Add(kTallyFreezes, TallySide::kBy, now_ms, 1);
  if (own->InDay(kTallyFreezes, TallySide::kBy, now_ms) > kFreezesAloneMax) {
    return std::optional<std::string_view>("freeze/many");
  }
  edit.Stage(staging);
  return std::optional<std::string_view>{};
}

Result<commit::Staged> FreezeWork::Decide(commit::Staging& staging) {
  pending_.reset();
  if (!core_.parts.policy.Now().Has(principal().info().role, Right::kFreeze)) {
    return Refuse(staging, Plain(RefusalCode::kNoRight, "right/freeze"), ledger::Decision::kRefuse,
                  {});
  }
  // The system principal ends erasures that their officer can't: nobody stops it.
  if (!known_ || who_ == Gate::SystemPrincipal()) {
    return Refuse(staging, Plain(RefusalCode::kNotAvailable, "not-available"),
                  ledger::Decision::kMiss, {});
  }
  if (!frozen_ && core_.parts.two_people) return RefuseAlone(staging, kUnfreeze);
  PrincipalState& who = core_.principals.Get(who_);
  if (frozen_ && !who.info().frozen && core_.parts.two_people) {
    CLOISON_TRY_ASSIGN(const std::optional<std::string_view> why, WhyNotAlone(staging));
    if (why.has_value()) return RefuseAlone(staging, *why);
  }
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kFreeze, ledger::Decision::kAllow, frozen_ ? "freeze" : "unfreeze");
  draft.case_ref = base::ToHex(who_.bytes());  // in the sealed record: whom
  pending_ = StageEntry(std::move(draft));
  Charge(staging, {});
  // A change of a principal is an entry under that principal's own next number too, so that its row
  // cannot be rolled back.
  ledger::EntryDraft own =
      Draft(ledger::Kind::kFreeze, ledger::Decision::kAllow, frozen_ ? "frozen" : "unfrozen");
  own.actor = {who.info().id,           &who.key(),        who.n(),
               who.info().organisation, who.info().office, who.info().role};
  (void)core_.parts.ledger.Stage(own);
  const bool was = who.info().frozen;
  core_.principals.SetFrozen(who, frozen_);
  core_.principals.Charge(staging, who, caller_.client, 1, {});
  if (frozen_ && !was) (void)core_.alarms.Raise(FrozenAlarm(who.info()));
  return commit::Staged::kDone;
}

FreezeWork::Promise FreezeWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Gate::Froze{core_.parts.ledger.Redeem(std::move(*pending_), durable)};
}

Task<Status> WhoMayFreezeWork::Load(commit::Staging& staging) {
  for (const PrincipalId& one : asked_) {
    const Status loaded = co_await core_.principals.Load(staging, one);
    if (!loaded.ok()) NoteCorrupt(core_, loaded.error(), "principal_state_does_not_fit");
    const bool nobody = !loaded.ok() && (loaded.error().code() == Code::kNotFound ||
                                         loaded.error().code() == Code::kCorrupt);
    if (!loaded.ok() && !nobody) co_return loaded;
  }
  co_return Ok();
}

Result<commit::Staged> WhoMayFreezeWork::Stage(commit::Staging& staging) {
  const Policy& policy = core_.parts.policy.Now();
  const std::int64_t now_ms = staging.time().budget_ms;
  found_.clear();
  for (const PrincipalId& one : asked_) {
    const PrincipalState* const state = core_.principals.Peek(one);
    if (state == nullptr) continue;
    const PrincipalInfo& info = state->info();
    const Role* const role = policy.FindRole(info.role);
    const bool right = role != nullptr && policy.Has(role->name, Right::kFreeze);
    if (!right || info.frozen || info.HasExpired(now_ms) || IsHeld(core_, one, now_ms)) continue;
    found_.push_back({one, info.organisation, role->levels, role->methods});
  }
  return commit::Staged::kDone;
}

// ---- lifted by two officers' keys

LiftWork::LiftWork(Core& core, std::vector<PrincipalId> who, const std::string& statement)
    : core_(core),
      who_(std::move(who)),
      named_(base::ToHex(crypto::Sha256(AsBytes(statement)))),
      once_(core, Gate::SystemPrincipal(), {"lift/" + named_, {}}) {}

Task<Status> LiftWork::Load(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await once_.Load(staging));
  CLOISON_CO_TRY(co_await core_.principals.Load(staging, Gate::SystemPrincipal()));
  for (const PrincipalId& one : who_) {
    CLOISON_CO_TRY(co_await core_.principals.Load(staging, one));
  }
  co_return Ok();
}

Result<commit::Staged> LiftWork::Stage(commit::Staging& staging) {
  CLOISON_CHECK(!who_.empty());
  const bool system = std::ranges::find(who_, Gate::SystemPrincipal()) != who_.end();
  if (system) return Error{Code::kNotFound, "the server's own principal is never frozen"};
  if (core_.parts.ledger.Room() < kFrozenEntries * who_.size()) return commit::Staged::kAgain;
  CLOISON_TRY_ASSIGN(const std::optional<Used> used, once_.Find(staging));
  // Whom somebody froze since then stays frozen.
  lifts_ = !used.has_value();
  if (!lifts_) return commit::Staged::kDone;
  std::optional<ledger::Pending> last;
  for (const PrincipalId& one : who_) {
    last = StageFrozen(core_.principals, core_.parts.ledger, staging, one, false,
                       {"unfreeze/officer-keys", named_});
    const PrincipalInfo& info = core_.principals.Get(one).info();
    PutAlert(core_, staging,
             {Alert::What::kUnfrozen, Alert::Whom::kSecondContact, one, info.organisation,
              info.manager, 0});
  }
  once_.Put(staging, Used{{}, 0, {}, who_.size(), PlaceIn(core_.parts.ledger, *last)});
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
