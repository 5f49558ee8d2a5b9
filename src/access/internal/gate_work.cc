#include "access/internal/gate_work.h"

#include <algorithm>

#include "access/internal/assurance_check.h"
#include "access/internal/case_rows.h"
#include "access/internal/targets.h"

namespace cloison::access::internal {

namespace {

// Codes are no index, so a miss of one is charged under a number of its own.
constexpr std::uint16_t kCodeQuery = 0;

// "opened/day", "office/presence/opened/day".
std::string NameOf(const Spent& spent) {
  std::string name;
  if (spent.scope != Scope::kPrincipal) name += std::string(Name(spent.scope)) + "/";
  if (spent.family != ShowingFamily::kClass) name += std::string(Name(spent.family)) + "/";
  return name + std::string(Name(spent.counter)) + "/" + std::string(Name(spent.window));
}

}  // namespace

void NoteCorrupt(Core& core, const Error& error, Literal event) {
  if (error.code() != Code::kCorrupt) return;
  core.parts.events.Emit(base::Severity::kError, event, {});
  AlarmOfDamage(core, std::string(event.view()));
}

void AlarmOfDamage(Core& core, std::string why) {
  core.stats.corrupt.Add();
  Alarm alarm;
  alarm.what = Alarm::What::kDamaged;
  alarm.why = why.substr(0, kAlarmWhyBytesMax);
  core.alarms.RaiseSoon(std::move(alarm));
}

Task<Status> GateWork::LoadMore(commit::Staging&) {
  co_return Ok();
}

Task<Status> GateWork::Load(commit::Staging& staging) {
  loaded_under_ = core_.parts.policy.serial();
  principal_ = nullptr;
  Status loaded = Ok();
  if (!core_.principals.IsLoaded(staging, caller_.principal)) {
    loaded = co_await core_.principals.Load(staging, caller_.principal);
  }
  enrolled_ = loaded.ok();
  if (!enrolled_) {
    if (loaded.error().code() == Code::kNotFound) co_return Ok();
    NoteCorrupt(core_, loaded.error(), "principal_state_does_not_fit");
    co_return loaded.error();
  }
  principal_ = &core_.principals.Get(caller_.principal);
  const PrincipalInfo& info = principal().info();
  loaded_ = !info.frozen && !info.HasExpired(staging.time().budget_ms);
  if (!loaded_) co_return Ok();
  const Status more = co_await LoadMore(staging);
  if (!more.ok()) NoteCorrupt(core_, more.error(), "state_does_not_open");
  co_return more;
}

Result<commit::Staged> GateWork::Stage(commit::Staging& staging) {
  if (core_.parts.ledger.Room() < kEntriesOfOneWorkMax) return commit::Staged::kAgain;
  // An earlier work of the batch changed the policy: what was loaded is what the old one asked for.
  if (loaded_under_ != core_.parts.policy.serial()) return commit::Staged::kAgain;
  entries_ = 0;
  refusal_.reset();
  refusal_entry_.reset();
  if (!enrolled_) {
    refusal_ = Refusal{RefusalCode::kNotEnrolled, "not-enrolled", {}, {}, 0, {}, {}, {}};
    core_.not_enrolled.fetch_add(1, std::memory_order_relaxed);
    core_.stats.not_enrolled.Add();
    return commit::Staged::kDone;
  }
  principal_ = &core_.principals.Get(caller_.principal);
  core_.principals.RefreshCaps(principal(), staging.time().budget_ms);
  vouched_ = false;
  hold_ = core_.principals.HoldOn(principal(), staging.time().budget_ms);
  if (principal().info().frozen) {
    return Refuse(staging, Refusal{RefusalCode::kFrozen, "frozen", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  if (principal().info().HasExpired(staging.time().budget_ms)) {
    return Refuse(staging, Refusal{RefusalCode::kExpired, "expired", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  // An earlier work of the batch let the caller go.
  if (!loaded_) return commit::Staged::kAgain;
  const Role* const role = core_.parts.policy.Now().FindRole(principal().info().role);
  if (role == nullptr) {
    return Refuse(staging, Refusal{RefusalCode::kNoRight, "role/unknown", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  application_ = role->kind == RoleKind::kApplication;
  // A cookie reaches its own record alone: of others it proves too little.
  const bool cookie = caller_.assurance.actor == identity::Actor::kCookie;
  const bool others = cookie && !principal().info().person.has_value();
  if (others || !IsStrongEnough(caller_.assurance, {role->levels, role->methods})) {
    return Refuse(staging, Refusal{RefusalCode::kTooWeak, "sign-in", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  if (hold_.rung >= Rung::kFrozen) {
    if (!IsProvenSince(caller_.assurance, hold_.proven_since_ms)) {
      return RefuseStale(staging, "step-up/rung/4");
    }
    const bool read_only = staging.time().budget_ms - hold_.frozen_ms < kReadOnlyMs;
    if (read_only && changes()) return RefuseHeld(staging, "rung/4/read-only");
  }
  return Decide(staging);
}

Result<commit::Staged> GateWork::RefuseAlone(commit::Staging& staging, std::string_view what) {
  Refusal refusal{RefusalCode::kApprovalRequired, "approval/", {}, {}, 0, {}, {}, {}, {}};
  refusal.rule += what;
  return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
}

bool GateWork::IsApplication() const {
  return application_ || caller_.assurance.actor == identity::Actor::kApplication;
}

Result<commit::Staged> GateWork::RefuseApplication(commit::Staging& staging) {
  return Refuse(staging, Refusal{RefusalCode::kNoRight, "right/application", {}, {}, 0, {}, {}, {}},
                ledger::Decision::kRefuse, {});
}

ledger::EntryDraft GateWork::Draft(ledger::Kind kind, ledger::Decision decision, std::string rule) {
  const PrincipalState& state = principal();
  const PrincipalInfo& info = state.info();
  ledger::EntryDraft draft{kind,
                           std::nullopt,
                           {info.id, &state.key(), 0, info.organisation, info.office, info.role},
                           decision,
                           reason_.purpose,
                           reason_.case_ref,
                           caller_.session,
                           caller_.client,
                           std::move(rule),
                           0};
  return draft;
}

ledger::Pending GateWork::StageEntry(ledger::EntryDraft draft) {
  draft.actor.n = principal().n() + entries_++;
  return core_.parts.ledger.Stage(std::move(draft));
}

void GateWork::Charge(commit::Staging& staging, std::span<const Principals::Debit> debits) {
  const std::vector<RungChange> changes =
      core_.principals.Charge(staging, principal(), caller_.client, entries_, debits);
  for (const RungChange& change : changes) {
    if (change.acts) RecordRung(staging, change);
  }
}

// After the charge: by the principal's next number, and another one for the case.
void GateWork::RecordRung(commit::Staging& staging, const RungChange& change) {
  const auto number = [](Rung rung) { return std::to_string(static_cast<int>(rung)); };
  std::string rule = "rung/" + number(change.from) + "/" + number(change.to) + "/";
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kFreeze, ledger::Decision::kAllow, std::move(rule.append(change.why)));
  draft.purpose = "";
  draft.case_ref = change.file.has_value() ? base::ToHex(*change.file) : "";
  draft.actor.n = principal().n();
  (void)core_.parts.ledger.Stage(std::move(draft));
  (void)core_.principals.Charge(staging, principal(), caller_.client, 1, {});
  if (change.file.has_value()) PutCase(core_, staging, principal().info(), change);
  // 70 % of a day's budget is a day's work.
  if (change.to <= change.from || change.to < Rung::kStepUp) return;
  Alarm alarm;
  alarm.what = Alarm::What::kRung;
  alarm.from = change.from;
  alarm.to = change.to;
  alarm.organisation = principal().info().organisation;
  alarm.pool = change.pool;
  alarm.file = change.file;
  alarm.why = change.why;
  (void)core_.alarms.Raise(std::move(alarm));
}

Result<commit::Staged> GateWork::Refuse(commit::Staging& staging, Refusal refusal,
                                        ledger::Decision decision,
                                        std::span<const Principals::Debit> debits) {
  ledger::EntryDraft draft = Draft(ledger::Kind::kRefusal, decision, refusal.rule);
  draft.cost = debits.empty() ? 0 : 1;  // of several, each has an entry of its own
  refusal_entry_ = StageEntry(std::move(draft));
  Charge(staging, debits);
  refusal.budget = Left(staging.time().budget_ms);
  refusal_ = std::move(refusal);
  (decision == ledger::Decision::kMiss ? core_.stats.missed : core_.stats.refused).Add();
  return commit::Staged::kDone;
}

Result<commit::Staged> GateWork::RefuseMisses(commit::Staging& staging,
                                              const std::vector<Principals::Debit>& missed) {
  std::vector<Showing> showings;
  for (const Principals::Debit& one : missed) showings.push_back(one.showing);
  if (auto refused = RefuseShowing(staging, showings)) return std::move(*refused);
  for (std::size_t i = 1; i < missed.size(); ++i) {
    ledger::EntryDraft draft =
        Draft(ledger::Kind::kRefusal, ledger::Decision::kMiss, "not-available");
    draft.cost = 1;
    (void)StageEntry(std::move(draft));
  }
  return Refuse(staging,
                Refusal{RefusalCode::kNotAvailable, "not-available", {}, {}, 0, {}, {}, {}},
                ledger::Decision::kMiss, missed);
}

Result<commit::Staged> GateWork::RefuseTries(commit::Staging& staging, std::string rule,
                                             std::int64_t first_ms) {
  Refusal refusal{RefusalCode::kBudgetSpent, std::move(rule), {}, {}, 0, {}, {}, {}};
  refusal.retry_after_ms = first_ms + base::kDayMs + 1 - staging.time().budget_ms;
  core_.stats.budget_spent.Add();
  return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
}

ledger::Pending GateWork::StageTelling(const records::Sighting& there, std::string rule) {
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kGlimpse, ledger::Decision::kAllow, std::move(rule));
  draft.cost = 1;
  draft.subject = ledger::EntryDraft::Subject{
      there.key.person(), &there.key.subject(), there.header.seq, {}, ledger::Form::kExists, {}};
  return StageEntry(std::move(draft));
}

Result<commit::Staged> GateWork::RefuseExists(commit::Staging& staging,
                                              const records::Sighting& there, std::string rule) {
  const PersonId& person = there.key.person();
  const Principals::Debit debit{{core_.principals.SeenOf(caller_.principal, person), Glimpse(true)},
                                there.key.aud().array()};
  if (auto refused = RefuseShowing(staging, {&debit.showing, 1})) return std::move(*refused);
  CLOISON_TRY_ASSIGN(const records::PersonCode code,
                     core_.parts.codes.Encode(principal().info().organisation, person));
  refusal_entry_ = StageTelling(there, rule);
  Charge(staging, {&debit, 1});
  refusal_ = Refusal{
      RefusalCode::kExists, std::move(rule), {}, {}, 0, code, Left(staging.time().budget_ms), {}};
  return commit::Staged::kDone;
}

// A citizen's own record is no loss to anybody else.
std::optional<Spent> GateWork::NeedsStepUp(const commit::Staging& staging,
                                           std::span<const Showing> showings) {
  const commit::BatchTime& time = staging.time();
  if (principal().info().person.has_value()) return std::nullopt;
  if (IsFresh(caller_.assurance, time.wall_ms, kBudgetFreshS)) return std::nullopt;
  for (const ShowingFamily family : {ShowingFamily::kClass, ShowingFamily::kPresence}) {
    const Windows* const windows = principal().windows(family);
    if (windows == nullptr) continue;
    for (std::size_t c = 0; c < kCounters; ++c) {
      const auto counter = static_cast<Counter>(c);
      const bool counts = std::ranges::any_of(showings, [=](const Showing& showing) {
        return showing.family == family && showing.counters.Has(counter);
      });
      if (!counts) continue;
      const std::uint64_t cap = windows->caps().cap(counter, Window::kDay);
      const std::uint64_t used = cap - windows->Left(counter, Window::kDay, time.budget_ms);
      if (used * 100 < cap * kStepUpPercent) continue;
      return Spent{counter, Window::kDay, Scope::kPrincipal, family};
    }
  }
  return std::nullopt;
}

Result<commit::Staged> GateWork::RefuseHeld(commit::Staging& staging, std::string rule) {
  Refusal refusal{RefusalCode::kHeldBack, std::move(rule), {}, {}, 0, {}, {}, {}};
  core_.stats.held_back.Add();
  return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
}

// By what is asked alone, never by what is there: a miss counts as off the caseload too.
std::optional<Result<commit::Staged>> GateWork::RefuseByRung(commit::Staging& staging,
                                                             std::span<const Showing> showings) {
  if (hold_.rung == Rung::kNone && !hold_.pool) return std::nullopt;
  const bool off = std::ranges::any_of(showings, [](const Showing& showing) {
    return showing.family == ShowingFamily::kPresence ||
           showing.counters.Has(Counter::kGlimpsedOff);
  });
  if (off && hold_.OnlyCaseload()) return RefuseHeld(staging, hold_.pool ? "rung/5" : "rung/4");
  if (hold_.rung >= Rung::kPurposeText && !says_why()) {
    Refusal refusal{RefusalCode::kCaseRefRequired, "rung/1", {}, {}, 0, {}, {}, {}};
    return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
  }
  if (hold_.rung >= Rung::kStepUp &&
      !(IsProvenSince(caller_.assurance, hold_.proven_since_ms) &&
        IsFresh(caller_.assurance, staging.time().wall_ms, kBudgetFreshS))) {
    return RefuseStale(staging, "step-up/rung/2");
  }
  const bool opens_off = std::ranges::any_of(
      showings, [](const Showing& showing) { return showing.counters.Has(Counter::kOpenedOff); });
  if (hold_.rung < Rung::kSecondPerson || !opens_off || vouched_) return std::nullopt;
  return RefuseHeld(staging, "rung/3");
}

std::optional<Result<commit::Staged>> GateWork::RefuseShowing(commit::Staging& staging,
                                                              std::span<const Showing> showings) {
  if (auto held = RefuseByRung(staging, showings)) return std::move(*held);
  const auto spent = WouldPass(staging, showings);
  if (spent.has_value()) return RefuseSpent(staging, *spent);
  const std::optional<Spent> worn = NeedsStepUp(staging, showings);
  if (!worn.has_value()) return std::nullopt;
  return RefuseStale(staging, "step-up/" + NameOf(*worn));
}

Result<commit::Staged> GateWork::RefuseStale(commit::Staging& staging, std::string rule) {
  Refusal refusal{RefusalCode::kStepUp, std::move(rule), {}, {}, 0, {}, {}, {}};
  return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
}

bool GateWork::HasFreshProof(const commit::Staging& staging) {
  const Role* const role = core_.parts.policy.Now().FindRole(principal().info().role);
  const std::int64_t fresh_s = role == nullptr ? 0 : role->step_up_s;
  return IsFresh(caller_.assurance, staging.time().wall_ms, fresh_s);
}

Result<commit::Staged> GateWork::RefuseSpent(commit::Staging& staging, Spent spent) {
  Refusal refusal{RefusalCode::kBudgetSpent, "budget/", {}, spent, 0, {}, {}, {}};
  const std::int64_t now_ms = staging.time().budget_ms;
  refusal.rule += NameOf(spent);
  const Windows& windows = *principal().windows(spent.family);
  refusal.retry_after_ms = spent.scope == Scope::kPrincipal
                               ? windows.FreesIn(spent.counter, spent.window, now_ms)
                               : core_.ceilings.FreesIn(spent, now_ms);
  core_.stats.budget_spent.Add();
  return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
}

Principals::Debit GateWork::DebitOfQuery(std::uint16_t index, ByteView canonical) {
  const SeenId id = core_.principals.SeenOfQuery(caller_.principal, index, canonical);
  return {{id, Glimpse(true)}, id};
}

Showing GateWork::ShowingOf(const Target& target, Counted counted, CounterSet counters) {
  CLOISON_CHECK(target.seen.has_value());  // SightTargets came first
  if (counted != Counted::kPresence) return {*target.seen, counters, ShowingFamily::kClass};
  constexpr ShowingFamily kFamily = ShowingFamily::kPresence;
  return {core_.principals.SeenOf(caller_.principal, *target.person, kFamily), counters, kFamily};
}

CounterSet GateWork::Glimpse(bool off) {
  CounterSet counters;
  counters.Add(Counter::kGlimpsed);
  if (off) counters.Add(Counter::kGlimpsedOff);
  return counters;
}

CounterSet GateWork::CountersOf(const std::vector<FieldId>& plain, bool off) const {
  CounterSet counters = Glimpse(off);
  if (plain.empty()) return counters;
  counters.Add(Counter::kOpened);
  if (off) counters.Add(Counter::kOpenedOff);
  const records::Schema& schema = core_.parts.people.schema();
  const bool sensitive =
      std::ranges::any_of(plain, [&schema](FieldId id) { return schema.Find(id)->sensitive; });
  if (sensitive) counters.Add(Counter::kSensitive);
  return counters;
}

Principals::Debit GateWork::DebitOfCode(std::string_view named) {
  Principals::Debit debit = DebitOfQuery(kCodeQuery, AsBytes(CanonicalCode(named)));
  debit.marks = Marks::Absent();
  return debit;
}

BudgetLeft GateWork::Left(std::int64_t now_ms) {
  const Windows& windows = principal().windows();
  BudgetLeft left;
  left.caps = windows.caps();
  for (std::size_t c = 0; c < kCounters; ++c) {
    for (std::size_t w = 0; w < kWindows; ++w) {
      const auto counter = static_cast<Counter>(c);
      const auto window = static_cast<Window>(w);
      left.left[c][w] = windows.Left(counter, window, now_ms);
      if (left.left[c][w] == 0) left.frees_in_ms[c][w] = windows.FreesIn(counter, window, now_ms);
    }
  }
  return left;
}

Refusal GateWork::TakeRefusal(const commit::Durable& durable) {
  if (refusal_entry_.has_value()) {
    refusal_->recorded = core_.parts.ledger.Redeem(std::move(*refusal_entry_), durable);
  }
  return std::move(*refusal_);
}

Task<Result<std::optional<records::Sighting>>> SightExisting(Core& core,
                                                             std::optional<PersonId> existing) {
  if (!existing.has_value()) co_return std::optional<records::Sighting>{};
  Result<records::Sighting> found = co_await core.parts.people.Sight(*existing);
  if (!found.ok()) co_return found.error();
  CLOISON_CO_TRY(co_await core.parts.ledger.LoadHead(found->key.subject()));
  co_return std::optional<records::Sighting>(std::move(*found));
}

}  // namespace cloison::access::internal
