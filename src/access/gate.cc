#include "access/gate.h"

#include <algorithm>

#include "access/alerts.h"
#include "access/approvals.h"
#include "access/cases.h"
#include "access/citizens.h"
#include "access/decoys.h"
#include "access/erasures.h"
#include "access/explanations.h"
#include "access/exports.h"
#include "access/freezes.h"
#include "access/holds.h"
#include "access/internal/caseload_works.h"
#include "access/internal/freeze_works.h"
#include "access/internal/gate_calls.h"
#include "access/internal/policy_kind.h"
#include "access/internal/read_works.h"
#include "access/internal/search_audience.h"
#include "access/internal/session_work.h"
#include "access/jobs.h"
#include "access/policies.h"
#include "access/questions.h"
#include "access/schemas.h"

namespace cloison::access {

using internal::CheckOnce;
using internal::CheckReason;
using internal::Core;
using internal::FindForChange;
using internal::FoundRecord;
using internal::KnownCaller;
using internal::NotAvailable;
using internal::NotEnrolled;
using internal::OpenAllowed;
using internal::OwnPerson;
using internal::RefusedAtOnce;
using internal::RefuseOnRecord;
using internal::Target;

namespace {

// The rule of a refusal that the caller gets as the error it stands for.
constexpr char kInvalidRule[] = "update/invalid";

Refusal Changed(std::string rule) {
  return Refusal{RefusalCode::kChanged, std::move(rule), {}, {}, 0, {}, {}, {}, {}};
}

}  // namespace

Gate::Gate(Parts parts)
    : core_(std::make_unique<Core>(parts)),
      holds_(std::make_unique<Holds>(*core_)),
      jobs_(std::make_unique<Jobs>(*core_)),
      exports_(std::make_unique<Exports>(*core_)),
      policies_(std::make_unique<Policies>(*core_)),
      approvals_(std::make_unique<Approvals>(*core_)),
      alerts_(std::make_unique<Alerts>(*core_)),
      cases_(std::make_unique<Cases>(*core_)),
      citizens_(std::make_unique<Citizens>(*core_)),
      explanations_(std::make_unique<Explanations>(*core_)),
      freezes_(std::make_unique<Freezes>(*core_)),
      questions_(std::make_unique<Questions>(*core_)),
      decoys_(std::make_unique<Decoys>(*core_)),
      erasures_(std::make_unique<Erasures>(*core_)),
      schemas_(std::make_unique<Schemas>(*core_)) {
  core_->ceilings.Follow(parts.policy);
  parts.committer.Join(parts.policy);
  if (parts.observer != nullptr) {  // before the ceilings, which hold the sum of its rows
    parts.observer->Stand({parts.policy, parts.state, core_->ceilings, parts.random, parts.events});
    parts.committer.Join(*parts.observer);
  }
  parts.committer.Join(core_->alarms);
  parts.committer.Join(core_->ceilings);  // before the anchor, which holds their sum
  parts.committer.Join(core_->principals);
  internal::AddPrincipalKinds(*core_);
  internal::AddPersonKinds(*core_);
  internal::AddPolicyKind(*core_);
  internal::AddCaseloadKinds(*core_);
  internal::AddJobKind(*core_);
  internal::AddExportKind(*core_);
  internal::AddCaseKind(*core_);
  internal::AddDecoysKind(*core_);
  internal::AddSchemaKind(*core_);
}
Gate::~Gate() = default;

Holds& Gate::holds() {
  return *holds_;
}

Jobs& Gate::jobs() {
  return *jobs_;
}

Exports& Gate::exports() {
  return *exports_;
}

Policies& Gate::policies() {
  return *policies_;
}

Cases& Gate::cases() {
  return *cases_;
}

Citizens& Gate::citizens() {
  return *citizens_;
}

Alerts& Gate::alerts() {
  return *alerts_;
}

Approvals& Gate::approvals() {
  return *approvals_;
}

Questions& Gate::questions() {
  return *questions_;
}

Freezes& Gate::freezes() {
  return *freezes_;
}

Schemas& Gate::schemas() {
  return *schemas_;
}

Erasures& Gate::erasures() {
  return *erasures_;
}

Decoys& Gate::decoys() {
  return *decoys_;
}

Explanations& Gate::explanations() {
  return *explanations_;
}

Task<Outcome<SessionOpened>> Gate::OpenSession(Caller caller, SeenKey key) {
  auto work = std::make_unique<internal::SessionWork>(*core_, caller, key);
  co_return co_await core_->parts.committer.Submit(std::move(work), caller.home);
}

Principals& Gate::principals() {
  return core_->principals;
}

const GateStats& Gate::stats() const {
  return core_->stats;
}

std::size_t Gate::pairs_kept() const {
  return core_->pairs.size();
}

Task<Result<PrincipalInfo>> Gate::Find(PrincipalId id) const {
  Result<PrincipalInfo> found = co_await core_->principals.Find(core_->parts.people.store(), id);
  if (!found.ok()) internal::NoteCorrupt(*core_, found.error(), "principal_state_does_not_fit");
  co_return found;
}

Task<Outcome<Disclosed>> Gate::Disclose(Caller caller, DisclosureRequest request) {
  Core& core = *core_;
  if (request.persons.size() > kDisclosuresPerRequestMax || request.fields.empty()) {
    co_return Error{Code::kInvalid, "a disclosure names 1 to 50 people and at least one field"};
  }
  CLOISON_CO_TRY(CheckReason(request.reason));
  std::sort(request.fields.begin(), request.fields.end());
  request.fields.erase(std::unique(request.fields.begin(), request.fields.end()),
                       request.fields.end());
  if (request.fields.size() > core.parts.people.schema().fields().size()) {
    co_return Error{Code::kInvalid, "a disclosure names more fields than there are"};
  }
  std::optional<internal::KnownPrincipal> info = core.known.Find(caller.principal);
  if (!info.has_value()) {
    const Result<internal::KnownPrincipal> read = co_await KnownCaller(core, caller.principal);
    if (!read.ok() && read.error().code() == Code::kNotFound) {
      co_return std::variant<Disclosed, Refusal>(NotEnrolled(core));
    }
    if (!read.ok()) co_return read.error();
    info = *read;
  }
  std::vector<Target> targets;
  for (std::string& named : request.persons) {
    Target target;
    const Result<records::NamedPerson> read = core.parts.codes.Read(info->organisation, named);
    if (read.ok()) {
      target.person = read->person;
      target.code = read->code;
    }
    target.named = std::move(named);
    targets.push_back(std::move(target));
  }
  if (targets.empty()) {
    targets.emplace_back();
    targets.back().own = true;
    CLOISON_CO_TRY_ASSIGN(targets.back().person, co_await OwnPerson(core, info->person));
  }
  CLOISON_CO_TRY(co_await internal::SightTargets(core, info->pairs, targets));
  auto work = std::make_unique<internal::DiscloseWork>(
      core, caller, std::move(request.reason), std::move(targets), std::move(request.fields));
  Result<internal::DiscloseWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<Disclosed, Refusal>(std::move(*refusal));
  }
  auto& granted = std::get<internal::DiscloseWork::Granted>(*promise);
  CLOISON_CO_TRY_ASSIGN(std::vector<ShownRecord> shown,
                        OpenAllowed(core, granted.targets, std::move(granted.allowed)));
  co_return std::variant<Disclosed, Refusal>(Disclosed{std::move(shown), granted.budget});
}

namespace {

void Fail(Core& core, const Error& error, internal::LookUpWork::Searched& searched) {
  if (error.code() == Code::kCorrupt) internal::NoteCorrupt(core, error, "record_does_not_open");
  searched.failed = error;
}

Task<internal::LookUpWork::Searched> FindExact(Core& core, const records::Criterion& criterion) {
  internal::LookUpWork::Searched searched;
  const records::Matcher matcher(core.parts.people);
  const Result<std::vector<PersonId>> found = co_await matcher.Exact(criterion, kLookupRowsMax + 1);
  // A slot that is too full to be the only criterion answers like nobody.
  if (!found.ok() && found.error().code() != Code::kExhausted) Fail(core, found.error(), searched);
  if (!found.ok()) co_return searched;
  for (const PersonId& person : *found) {
    searched.targets.emplace_back();
    searched.targets.back().person = person;
  }
  co_return searched;
}

Task<internal::LookUpWork::Searched> FindByName(Core& core, const LookupRequest& request,
                                                const PrincipalInfo& asker, base::Executor& home) {
  static_assert(records::kSearchRowsMax <= kLookupRowsMax);
  internal::LookUpWork::Searched searched;
  const internal::SearchAudience audience(core, asker, request.reason);
  const Result<records::Matcher::Found> found =
      co_await records::Matcher(core.parts.people).Search(*request.search, &audience);
  co_await home.Schedule();
  if (!found.ok()) Fail(core, found.error(), searched);
  if (!found.ok()) co_return searched;
  searched.narrow = found->narrow;
  for (const records::Sighting& one : found->people) {
    searched.targets.emplace_back();
    searched.targets.back().person = one.key.person();
    searched.seqs.push_back(one.header.seq);
  }
  co_return searched;
}

// A search is the dearest question: whether the caller may ask it comes first.
Task<Outcome<internal::LookUpWork::Searched>> SearchFor(Core& core, Caller caller,
                                                        const LookupRequest& request) {
  const Shares::Place place = core.searches.Take(caller.principal, kSearchesOfOneMax);
  if (!place) co_return Error{Code::kExhausted, "too many searches of one account at once"};
  auto may =
      std::make_unique<internal::MaySearchWork>(core, caller, request.reason, *request.search);
  Result<internal::MaySearchWork::Promise> asker =
      co_await core.parts.committer.Submit(std::move(may), caller.home);
  if (!asker.ok()) co_return asker.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*asker); refusal != nullptr) {
    co_return std::variant<internal::LookUpWork::Searched, Refusal>(std::move(*refusal));
  }
  co_return std::variant<internal::LookUpWork::Searched, Refusal>(
      co_await FindByName(core, request, std::get<PrincipalInfo>(*asker), caller.home));
}

}  // namespace

Task<Outcome<LookedUp>> Gate::LookUp(Caller caller, LookupRequest request) {
  Core& core = *core_;
  CLOISON_CO_TRY(CheckReason(request.reason));
  const Result<internal::KnownPrincipal> info = co_await KnownCaller(core, caller.principal);
  if (!info.ok() && info.error().code() == Code::kNotFound) {
    co_return std::variant<LookedUp, Refusal>(NotEnrolled(core));
  }
  if (!info.ok()) co_return info.error();
  internal::LookUpWork::Searched searched;
  if (request.search == nullptr) {
    searched = co_await FindExact(core, request.criterion);
  } else {
    CLOISON_CO_TRY_ASSIGN(auto found, co_await SearchFor(core, caller, request));
    if (Refusal* refusal = std::get_if<Refusal>(&found); refusal != nullptr) {
      co_return std::variant<LookedUp, Refusal>(std::move(*refusal));
    }
    searched = std::move(std::get<internal::LookUpWork::Searched>(found));
  }
  CLOISON_CO_TRY(co_await internal::SightTargets(core, info->pairs, searched.targets));
  auto work =
      std::make_unique<internal::LookUpWork>(core, caller, std::move(request), std::move(searched));
  Result<internal::LookUpWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<LookedUp, Refusal>(std::move(*refusal));
  }
  auto& seen = std::get<internal::LookUpWork::Found>(*promise);
  CLOISON_CO_TRY_ASSIGN(std::vector<ShownRecord> shown,
                        OpenAllowed(core, seen.targets, std::move(seen.allowed)));
  co_return std::variant<LookedUp, Refusal>(
      LookedUp{std::move(shown), seen.narrow, seen.budget, std::move(seen.miss)});
}

namespace {

// Nobody has a claim to a number that a decoy has: what is asked for a real person is done.
Task<Status> GiveWay(Core& core, const internal::Yields& yields, base::Executor& home) {
  CLOISON_CO_TRY(internal::JournalOnce(core, yields.item));
  const Reason reason{"erase", ""};
  const auto done =
      co_await internal::FinishErasure(core, internal::SystemCaller(home), reason, yields.item);
  if (!done.ok()) co_return done.error();
  core.parts.events.Emit(base::Severity::kWarning, "decoy_yielded", {});
  co_return Ok();
}

Task<Result<internal::RegisterWork::Promise>> RegisterOnce(Core& core, Caller caller,
                                                           const records::Values& values,
                                                           Reason reason, Gate::Once once) {
  const internal::OnceBook book(core, caller.principal, once);
  std::optional<internal::OnceTurns::Turn> turn(
      co_await core.once_turns.Take(book.key().bytes, caller.home));
  CLOISON_CO_TRY_ASSIGN(const bool is_known, co_await book.IsKnown());
  if (is_known) turn.reset();  // what was decided is repeated to all of them
  Result<keys::PersonKey> key = co_await core.parts.person_keys.Create(caller.home);
  if (!key.ok()) co_return key.error();
  const PersonId person = key->person();
  Result<records::Registration> registration = core.parts.people.Register(std::move(*key), values);
  if (!registration.ok()) {
    CLOISON_CO_TRY(co_await core.parts.person_keys.Abandon(person, caller.home));
    co_return registration.error();
  }
  if (!is_known) co_await registration->LoadAhead();
  co_await caller.home.Schedule();
  auto work = std::make_unique<internal::RegisterWork>(core, caller, std::move(reason),
                                                       std::move(*registration), once);
  Result<internal::RegisterWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  const bool unknown = !promise.ok() && promise.error().code() == Code::kUnknownOutcome;
  if (unknown) co_return promise.error();  // the sweep at start decides by the main store
  const bool registered = promise.ok() && std::holds_alternative<Registered>(*promise) &&
                          std::get<Registered>(*promise).recorded.batch != nullptr;
  if (registered) {
    core.parts.person_keys.Adopted(person);
  } else {
    CLOISON_CO_TRY(co_await core.parts.person_keys.Abandon(person, caller.home));
  }
  co_return promise;
}

}  // namespace

Task<Outcome<Registered>> Gate::Register(Caller caller, records::Values values, Reason reason,
                                         Once once) {
  Core& core = *core_;
  CLOISON_CO_TRY(CheckOnce(once));
  CLOISON_CO_TRY(CheckReason(reason));
  CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                        co_await RefusedAtOnce(core, caller, reason, Right::kRegister));
  if (refused.has_value()) co_return std::variant<Registered, Refusal>(std::move(*refused));
  while (true) {
    CLOISON_CO_TRY_ASSIGN(internal::RegisterWork::Promise promise,
                          co_await RegisterOnce(core, caller, values, reason, once));
    if (const auto* yields = std::get_if<internal::Yields>(&promise); yields != nullptr) {
      CLOISON_CO_TRY(co_await GiveWay(core, *yields, caller.home));
      continue;
    }
    if (Refusal* refusal = std::get_if<Refusal>(&promise); refusal != nullptr) {
      co_return std::variant<Registered, Refusal>(std::move(*refusal));
    }
    co_return std::variant<Registered, Refusal>(std::move(std::get<Registered>(promise)));
  }
}

Task<Outcome<Registered>> Gate::Update(Caller caller, std::string person, std::uint64_t if_version,
                                       std::vector<records::FieldChange> changes, Reason reason) {
  Core& core = *core_;
  CLOISON_CO_TRY(CheckReason(reason));
  CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                        co_await RefusedAtOnce(core, caller, reason, Right::kUpdate));
  if (refused.has_value()) co_return std::variant<Registered, Refusal>(std::move(*refused));
  CLOISON_CO_TRY_ASSIGN(const PrincipalInfo info, co_await Find(caller.principal));
  CLOISON_CO_TRY_ASSIGN(FoundRecord found,
                        co_await FindForChange(core, info.organisation, person, if_version));
  if (Refusal* refusal = std::get_if<Refusal>(&found); refusal != nullptr) {
    co_return co_await RefuseOnRecord<Registered>(core, caller, std::move(reason), Right::kUpdate,
                                                  std::move(*refusal), std::move(person));
  }
  records::Sighting& sighting = std::get<records::Sighting>(found);
  CLOISON_CO_TRY_ASSIGN(const records::PersonCode code,
                        core.parts.codes.Encode(info.organisation, sighting.key.person()));
  const records::Editor editor(core.parts.people);
  Result<records::Change> change = editor.Update(std::move(sighting), std::move(changes));
  if (!change.ok()) {
    internal::NoteCorrupt(core, change.error(), "record_does_not_open");
    if (change.error().code() == Code::kCorrupt) co_return change.error();
    // It tells what the stored values are: the answer of one who may know, on the record.
    Refusal refusal = Changed(kInvalidRule);
    Outcome<Registered> outcome = co_await RefuseOnRecord<Registered>(
        core, caller, std::move(reason), Right::kUpdate, std::move(refusal), std::move(person));
    const bool recorded = outcome.ok() && std::get<Refusal>(*outcome).rule == kInvalidRule;
    if (recorded) co_return change.error();
    co_return outcome;
  }
  const std::uint64_t version = change->new_seq();
  auto work = std::make_unique<internal::ChangeWork>(core, caller, reason, std::move(*change),
                                                     Right::kUpdate);
  Result<internal::ChangeWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  bool again = !promise.ok() && promise.error().code() == Code::kConflict;
  if (const auto* yields = promise.ok() ? std::get_if<internal::Yields>(&*promise) : nullptr) {
    CLOISON_CO_TRY(co_await GiveWay(core, *yields, caller.home));
    again = true;  // the application reads the record and asks once more
  }
  if (again) {
    Refusal refusal = Changed("version");
    co_return co_await RefuseOnRecord<Registered>(core, caller, std::move(reason), Right::kUpdate,
                                                  std::move(refusal), std::move(person));
  }
  if (!promise.ok()) co_return promise.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<Registered, Refusal>(std::move(*refusal));
  }
  co_return std::variant<Registered, Refusal>(
      Registered{code, version, std::move(std::get<ledger::Recorded>(*promise))});
}

Task<Outcome<Gate::Erased>> Gate::Erase(Caller caller, std::string person, std::uint64_t if_version,
                                        Reason reason) {
  Core& core = *core_;
  CLOISON_CO_TRY(CheckReason(reason));
  CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                        co_await RefusedAtOnce(core, caller, reason, Right::kErase, true));
  if (refused.has_value()) co_return std::variant<Erased, Refusal>(std::move(*refused));
  CLOISON_CO_TRY_ASSIGN(const PrincipalInfo info, co_await Find(caller.principal));
  CLOISON_CO_TRY_ASSIGN(FoundRecord found,
                        co_await FindForChange(core, info.organisation, person, if_version));
  if (Refusal* refusal = std::get_if<Refusal>(&found); refusal != nullptr) {
    co_return co_await RefuseOnRecord<Erased>(core, caller, std::move(reason), Right::kErase,
                                              std::move(*refusal), std::move(person));
  }
  const records::Sighting& sighting = std::get<records::Sighting>(found);
  const keys::EraseJournal::Item item{sighting.key.person(), sighting.key.aud(),
                                      core.parts.committer.Now().wall_ms};
  CLOISON_CO_TRY(internal::JournalOnce(core, item));
  Result<std::optional<ledger::Recorded>> recorded =
      co_await internal::FinishErasure(core, caller, std::move(reason), item);
  if (!recorded.ok()) co_return recorded.error();
  if (!recorded->has_value()) {  // somebody else's erasure of the same person came first
    co_return std::variant<Erased, Refusal>(NotAvailable());
  }
  co_return std::variant<Erased, Refusal>(Erased{std::move(**recorded)});
}

Task<Outcome<Gate::Assigned>> Gate::Assign(Caller caller, std::vector<Assignment> assignments,
                                           Once once) {
  Core& core = *core_;
  if (assignments.empty() || assignments.size() > kAssignmentsPerRequestMax) {
    co_return Error{Code::kInvalid, "a request assigns 1 to 1,000 people"};
  }
  CLOISON_CO_TRY(CheckOnce(once));
  Reason reason{"assign", ""};
  CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                        co_await RefusedAtOnce(core, caller, std::move(reason), Right::kAssign));
  if (refused.has_value()) co_return std::variant<Assigned, Refusal>(std::move(*refused));
  CLOISON_CO_TRY_ASSIGN(const internal::KnownPrincipal info,
                        co_await KnownCaller(core, caller.principal));
  std::vector<internal::AssignWork::Item> items(assignments.size());
  std::vector<internal::PairItem*> pairs;
  for (std::size_t i = 0; i < items.size(); ++i) {
    using Does = internal::AssignWork::Item::Does;
    const Assignment& one = assignments[i];
    items[i].agent = one.agent;
    items[i].named = std::move(assignments[i].person);
    items[i].until_ms = one.until_ms;
    items[i].does = one.confirm ? Does::kConfirm : one.remove ? Does::kRemove : Does::kAssign;
    pairs.push_back(&items[i]);
  }
  CLOISON_CO_TRY(co_await internal::SightPairs(core, info.organisation, std::move(pairs)));
  auto work = std::make_unique<internal::AssignWork>(core, caller, std::move(items), once);
  co_return co_await core.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Gate::Froze>> Gate::Freeze(Caller caller, PrincipalId who, bool frozen) {
  std::vector<PrincipalId> standing;
  if (frozen && core_->parts.two_people) {
    CLOISON_CO_TRY_ASSIGN(standing,
                          co_await internal::WhoWouldStand(*core_, caller.principal, who));
  }
  auto work =
      std::make_unique<internal::FreezeWork>(*core_, caller, who, frozen, std::move(standing));
  co_return co_await core_->parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Capabilities>> Gate::OwnCapabilities(Caller caller) {
  auto work = std::make_unique<internal::CapabilitiesWork>(*core_, caller);
  co_return co_await core_->parts.committer.Submit(std::move(work), caller.home);
}

}  // namespace cloison::access
