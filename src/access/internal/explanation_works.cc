#include "access/internal/explanation_works.h"

#include <algorithm>

#include "access/caseload_requests.h"
#include "access/internal/archive.h"

namespace cloison::access::internal {

namespace {

// A declaration that is not longer than the last by as much says nothing new.
constexpr std::int64_t kSameUntilMs = base::kMinuteMs;
// Calls of the overview are charged under numbers of their own.
constexpr std::uint16_t kOverviewQuery = 0xfffd;

std::uint8_t NumberOf(ExplanationKind kind) {
  return static_cast<std::uint8_t>(kind);
}

Explanation* FindKind(Pair& pair, ExplanationKind kind) {
  const auto found = std::ranges::find(pair.explanations, kind, &Explanation::kind);
  return found == pair.explanations.end() ? nullptr : &*found;
}

void PutKind(Pair& pair, const Explanation& explanation) {
  Explanation* const there = FindKind(pair, explanation.kind);
  if (there != nullptr) {
    *there = explanation;
    return;
  }
  const auto place =
      std::ranges::lower_bound(pair.explanations, explanation.kind, {}, &Explanation::kind);
  pair.explanations.insert(place, explanation);
}

}  // namespace

// ---- explanations

std::vector<PairItem*> ExplainWork::Pairs() {
  std::vector<PairItem*> pairs;
  for (ExplainItem& item : items_) pairs.push_back(&item);
  return pairs;
}

Task<Status> ExplainWork::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await once_.Load(staging));
  CLOISON_CO_TRY(once_.Find(staging));  // as for a registration
  CLOISON_CO_TRY(co_await LoadPairs(core_, staging, Pairs()));
  std::vector<PrincipalId> counted = AgentsOf(Pairs());
  CLOISON_CO_TRY(co_await LoadHumansOf(core_, staging, principal().info(), counted));
  counted.push_back(caller_.principal);
  co_return co_await counts_.Load(core_, staging, std::move(counted));
}

std::optional<Refusal> ExplainWork::NoRight() {
  const Policy& policy = core_.parts.policy.Now();
  const PrincipalInfo& info = principal().info();
  if (mode_ == Mode::kOwn) {
    const Role* const role = policy.FindRole(info.role);
    const bool agent = role != nullptr && role->kind == RoleKind::kAgent && !IsApplication();
    if (!agent) return Plain(RefusalCode::kNoRight, "right/emergency");
  } else if (mode_ == Mode::kForOthers && !policy.Has(info.role, Right::kExplain)) {
    return Plain(RefusalCode::kNoRight, "right/explain");
  }
  // It tells codes, and who is shown people is watched for what it is shown.
  if (by_card() && !HasApplicationRole(core_, info)) {
    return Plain(RefusalCode::kNoRight, "explain/card");
  }
  for (const ExplainItem& item : items_) {
    if (LimitsOf(item.kind, policy).has_value()) continue;
    return Plain(RefusalCode::kNoRight, "explain/" + std::string(Name(item.kind)));
  }
  return std::nullopt;
}

bool ExplainWork::MayWrite(const commit::Staging& staging, const ExplainItem& item) {
  if (mode_ != Mode::kForOthers) return item.person.has_value();
  return IsOthersPair(core_, staging, principal().info(), item);
}

// Which ceiling one more would pass.
Result<std::optional<Passed>> ExplainWork::Count(PairEdit& edit, const ExplainItem& item,
                                                 std::int64_t now_ms) {
  const ExplanationLimits limits = *LimitsOf(item.kind, core_.parts.policy.Now());
  const std::string rule = "ceiling/" + std::string(Name(item.kind));
  const std::uint8_t what = NumberOf(item.kind);
  CLOISON_TRY_ASSIGN(Tally* const reader, edit.TallyOf(item.agent));
  // Two people agreed: no ceiling stands above that.
  const bool counts = mode_ != Mode::kApproved;
  if (counts) reader->Add(what, TallySide::kFor, now_ms, 1);
  if (counts && reader->InDay(what, TallySide::kFor, now_ms) > limits.per_reader_day) {
    return std::optional(Passed{rule + "/reader", base::kHourMs});
  }
  if (mode_ == Mode::kForOthers) {
    CLOISON_TRY_ASSIGN(Tally* const writer, edit.TallyOf(caller_.principal));
    writer->Add(what, TallySide::kBy, now_ms, 1);
    if (writer->InDay(what, TallySide::kBy, now_ms) > limits.per_writer_day) {
      return std::optional(Passed{rule + "/writer", base::kHourMs});
    }
  }
  return std::optional<Passed>{};
}

Result<std::variant<bool, Passed>> ExplainWork::Apply(PairEdit& edit, const ExplainItem& item,
                                                      std::int64_t now_ms) {
  const records::Sighting& person = *item.person;
  const ExplanationLimits limits = *LimitsOf(item.kind, core_.parts.policy.Now());
  CLOISON_TRY_ASSIGN(Pair* const pair,
                     edit.Find(item.agent, person.key.person(), person.key.aud()));
  const std::int64_t until_ms =
      std::min(item.until_ms.value_or(INT64_MAX), now_ms + limits.lasts_ms);
  const Explanation* const there = FindKind(*pair, item.kind);
  const bool known =
      there != nullptr && there->HoldsAt(now_ms) && until_ms < there->until_ms + kSameUntilMs;
  if (known && mode_ != Mode::kOwn) return std::variant<bool, Passed>(false);
  CLOISON_TRY_ASSIGN(std::optional<Passed> passed, Count(edit, item, now_ms));
  if (passed.has_value()) return std::variant<bool, Passed>(std::move(*passed));
  PutKind(*pair, {item.kind, now_ms, until_ms, {caller_.principal, caller_.client.value()}, 0});
  edit.Touch(item.agent, person.key.person());
  return std::variant<bool, Passed>(true);
}

Status ExplainWork::StageChange(PairEdit& edit, const ExplainItem& item) {
  const records::Sighting& person = *item.person;
  const std::string what = "explain/" + std::string(Name(item.kind));
  ledger::EntryDraft draft = Draft(ledger::Kind::kRights, ledger::Decision::kAllow, what);
  draft.cost = by_card() || mode_ == Mode::kOwn ? 1 : 0;
  draft.purpose = what;
  draft.case_ref = item.reference;
  draft.subject = ledger::EntryDraft::Subject{
      person.key.person(), &person.key.subject(), person.header.seq, {}, ledger::Form::kExists, {}};
  last_ = StageEntry(std::move(draft));
  CLOISON_TRY_ASSIGN(Pair* const pair,
                     edit.Find(item.agent, person.key.person(), person.key.aud()));
  FindKind(*pair, item.kind)->place = PlaceIn(core_.parts.ledger, *last_);
  return Ok();
}

void ExplainWork::StageReview(commit::Staging& staging, const ExplainItem& item) {
  const PersonId& person = item.person->key.person();
  const std::uint64_t place = PlaceIn(core_.parts.ledger, *last_);
  const PrincipalState* const agent = core_.principals.Peek(item.agent);
  const PrincipalInfo& info = principal().info();
  ReviewRow review;
  review.kind = item.kind;
  review.agent = item.agent;
  if (agent != nullptr) review.agents_human = agent->info().human;
  review.by = info.id;
  review.writers_human = info.human;
  review.organisation = info.organisation;
  review.person = person;
  review.at_ms = staging.time().budget_ms;
  review.reason = item.reference;
  const commit::SealedState& state = core_.parts.state;
  const store::Key key = ReviewKey(info.organisation, place);
  const store::Key of_person = ReviewOfKey(core_, person, place);
  staging.Put(key, state.Seal(key, EncodeReview(review)));
  staging.Put(of_person, state.Seal(of_person, EncodeReviewOwner(info.organisation)));
}

// That it could be declared tells that the code is somebody's; by a card, which code is whose.
Principals::Debit ExplainWork::DebitOfTelling() {
  const records::Sighting& person = *items_.front().person;
  CounterSet counters;
  counters.Add(Counter::kGlimpsed).Add(Counter::kGlimpsedOff);
  const SeenId who = core_.principals.SeenOf(caller_.principal, person.key.person());
  return {{who, counters}, person.key.aud().array()};
}

Result<commit::Staged> ExplainWork::Decide(commit::Staging& staging) {
  last_.reset();
  done_.reset();
  if (std::optional<Refusal> refusal = NoRight(); refusal.has_value()) {
    return Refuse(staging, std::move(*refusal), ledger::Decision::kRefuse, {});
  }
  CLOISON_TRY_ASSIGN(const std::optional<Used> used, once_.Find(staging));
  if (used.has_value()) {
    done_ = Done{used->number, Repeated(*used), Left(staging.time().budget_ms), {}};
    if (by_card()) done_->code = records::PersonCode(used->code);
    return commit::Staged::kDone;
  }
  // A session that was left open declares nothing.
  if (mode_ == Mode::kOwn && !HasFreshProof(staging)) {
    return RefuseStale(staging, "emergency/step-up");
  }
  if (by_card()) return DecideCard(staging);
  std::vector<Principals::Debit> missing;
  for (const ExplainItem& item : items_) {
    if (PersonChanged(staging, item)) return commit::Staged::kAgain;
    if (!MayWrite(staging, item)) missing.push_back(DebitOfCode(item.named));
  }
  if (!missing.empty()) return RefuseMisses(staging, missing);
  return Explain(staging);
}

Result<commit::Staged> ExplainWork::Explain(commit::Staging& staging) {
  const std::int64_t now_ms = staging.time().budget_ms;
  std::vector<Principals::Debit> debits;
  if (mode_ == Mode::kOwn || by_card()) {
    debits.push_back(DebitOfTelling());
    if (auto refused = RefuseShowing(staging, {&debits.front().showing, 1})) {
      return std::move(*refused);
    }
  }
  PairEdit edit(core_, staging, counts_);
  std::vector<const ExplainItem*> changes;
  for (const ExplainItem& item : items_) {
    CLOISON_TRY_ASSIGN(const auto applied, Apply(edit, item, now_ms));
    if (const Passed* passed = std::get_if<Passed>(&applied)) {
      return Refuse(staging, CeilingRefusal(*passed), ledger::Decision::kRefuse, {});
    }
    if (std::get<bool>(applied)) changes.push_back(&item);
  }
  const Policy& policy = core_.parts.policy.Now();
  for (const ExplainItem* item : changes) {
    CLOISON_TRY(StageChange(edit, *item));
    const ExplanationSpec* const spec = policy.FindExplanation(Name(item->kind));
    if (mode_ != Mode::kApproved && spec->needs_review) StageReview(staging, *item);
  }
  if (changes.empty() && by_card()) {  // told all the same
    last_ = StageTelling(*items_.front().person, "explain/known");
  } else if (changes.empty()) {  // an answer has its receipt all the same
    last_ = StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "explain/unchanged"));
  }
  std::uint64_t number = items_.size();
  if (mode_ == Mode::kOwn) {
    number = static_cast<std::uint64_t>(
        now_ms + LimitsOf(ExplanationKind::kEmergency, core_.parts.policy.Now())->lasts_ms);
  }
  std::optional<records::PersonCode> code;
  if (by_card()) {
    CLOISON_TRY_ASSIGN(code, core_.parts.codes.Encode(principal().info().organisation,
                                                      items_.front().person->key.person()));
  }
  edit.Stage(staging);
  Used used{{}, 0, {}, number, PlaceIn(core_.parts.ledger, *last_)};
  if (code.has_value()) used.code = code->symbols();
  once_.Put(staging, used);
  Charge(staging, debits);
  done_ = Done{number, {}, Left(now_ms), code};
  return commit::Staged::kDone;
}

ExplainWork::Promise ExplainWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  if (last_.has_value()) done_->recorded = core_.parts.ledger.Redeem(std::move(*last_), durable);
  return std::move(*done_);
}

// ---- asking for access

Task<Status> ChargeAccessWork::LoadMore(commit::Staging& staging) {
  std::vector<PrincipalId> counted{caller_.principal};
  co_return co_await counts_.Load(core_, staging, std::move(counted));
}

Result<commit::Staged> ChargeAccessWork::Decide(commit::Staging& staging) {
  if (IsApplication() || HasApplicationRole(core_, principal().info())) {
    return RefuseApplication(staging);
  }
  PairEdit edit(core_, staging, counts_);
  const std::int64_t now_ms = staging.time().budget_ms;
  CLOISON_TRY_ASSIGN(Tally* const tally, edit.TallyOf(caller_.principal));
  tally->Add(kTallyAccessRequests, TallySide::kBy, now_ms, 1);
  if (tally->InDay(kTallyAccessRequests, TallySide::kBy, now_ms) > kAccessRequestsPerDayMax) {
    return Refuse(staging, CeilingRefusal({"ceiling/access", base::kHourMs}),
                  ledger::Decision::kRefuse, {});
  }
  Principals::Debit debit = DebitOfCode(named_);
  debit.marks = {};  // asking is the honest way: it is charged, and speaks against nobody
  if (auto refused = RefuseShowing(staging, {&debit.showing, 1})) return std::move(*refused);
  ledger::EntryDraft draft = Draft(ledger::Kind::kRefusal, ledger::Decision::kMiss, "access/asked");
  draft.cost = 1;
  (void)StageEntry(std::move(draft));
  edit.Stage(staging);
  Charge(staging, {&debit, 1});
  budget_ = Left(now_ms);
  return commit::Staged::kDone;
}

ChargeAccessWork::Promise ChargeAccessWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return budget_;
}

// ---- the own caseload

// Of the identity, what any purpose gives this role of those it follows. Masked whatever the form.
std::vector<FieldId> OfOverview::RowFields() {
  const Policy& policy = core_.parts.policy.Now();
  const PrincipalInfo& info = principal().info();
  const std::vector<Grant> all = policy.GrantsOf(info.organisation, info.role);
  std::vector<const Grant*> grants;
  for (const Grant& grant : all) {
    if (!policy.IsSealed(grant.purpose)) grants.push_back(&grant);
  }
  const records::Schema& schema = core_.parts.people.schema();
  std::vector<FieldId> fields;
  for (const records::FieldSpec& field : schema.fields()) {
    if (field.compartment != schema.compartments().front().id) continue;
    const auto form = Policy::FormOf(grants, Relation::kCaseload, field.id);
    if (form.has_value()) fields.push_back(field.id);
  }
  return fields;
}

// A call shows hundreds of people: it counts as used before it is made.
bool OfOverview::IsWorn(const commit::Staging& staging) {
  const Windows* const windows = principal().windows(ShowingFamily::kOverview);
  const std::uint64_t cap = CapsOf(ShowingFamily::kOverview).cap(Counter::kGlimpsed, Window::kDay);
  const std::uint64_t left = windows == nullptr ? cap
                                                : windows->Left(Counter::kGlimpsed, Window::kDay,
                                                                staging.time().budget_ms);
  return (cap - left + 1) * 100 >= cap * kStepUpPercent;
}

Principals::Debit OfOverview::DebitOfCall() {
  Principals::Debit debit = DebitOfQuery(kOverviewQuery, base::BigU64(principal().n()));
  debit.showing.counters = CounterSet().Add(Counter::kGlimpsed);
  debit.showing.family = ShowingFamily::kOverview;
  return debit;
}

std::optional<Result<commit::Staged>> OfOverview::RefuseOverview(commit::Staging& staging,
                                                                 const Principals::Debit& debit) {
  if (IsApplication()) return RefuseApplication(staging);
  if (RowFields().empty()) {
    return Refuse(staging, Plain(RefusalCode::kNoRight, "right/caseload"),
                  ledger::Decision::kRefuse, {});
  }
  const auto spent = WouldPass(staging, {&debit.showing, 1});
  if (spent.has_value()) return RefuseSpent(staging, *spent);
  if (!IsWorn(staging) || HasFreshProof(staging)) return std::nullopt;
  return RefuseStale(staging, "step-up/overview/glimpsed/day");
}

Result<commit::Staged> MayOverviewWork::Decide(commit::Staging& staging) {
  if (auto refused = RefuseOverview(staging, DebitOfCall())) return std::move(*refused);
  return commit::Staged::kDone;
}

MayOverviewWork::Promise MayOverviewWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return std::monostate{};
}

Task<Status> OverviewWork::LoadMore(commit::Staging& staging) {
  co_return co_await RefreshTargets(core_, caller_.principal, reason_.purpose, staging, targets_);
}

// An overview is of many at once and has no motive: nobody of the archive is in it.
Result<bool> OverviewWork::IsFollowed(const Target& target, const commit::BatchTime& now) {
  if (!target.sighting.has_value()) return false;
  CLOISON_TRY_ASSIGN(const Standing standing, StandingByPair(core_, target, now.budget_ms));
  if (standing != Standing{Relation::kCaseload, Counted::kOnCaseload}) return false;
  CLOISON_TRY_ASSIGN(const bool kept_away, IsKeptAway(core_, {false, false, false, now.wall_ms},
                                                      target, standing.relation));
  return !kept_away;
}

void OverviewWork::StageRow(std::size_t number, const std::vector<FieldId>& fields) {
  Target& target = targets_[number];
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kGlimpse, ledger::Decision::kAllow, "caseload/overview");
  draft.cost = pending_.empty() ? 1 : 0;
  draft.subject = SubjectOf(target, fields, ledger::Form::kMasked, target.code->symbols());
  pending_.emplace_back(number, StageEntry(std::move(draft)));
  core_.stats.glimpsed_people.Add();
}

Result<commit::Staged> OverviewWork::Decide(commit::Staging& staging) {
  pending_.clear();
  const Principals::Debit debit = DebitOfCall();
  if (auto refused = RefuseOverview(staging, debit)) return std::move(*refused);
  if (!TargetsHold(staging, targets_)) return commit::Staged::kAgain;
  const std::vector<FieldId> fields = RowFields();
  std::vector<std::size_t> followed;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (targets_[i].failed.has_value()) return *targets_[i].failed;
    CLOISON_TRY_ASSIGN(const bool is, IsFollowed(targets_[i], staging.time()));
    if (is) followed.push_back(i);
  }
  for (const std::size_t i : followed) StageRow(i, fields);
  if (followed.empty()) {
    (void)StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "caseload/overview"));
  }
  Charge(staging, {&debit, 1});
  budget_ = Left(staging.time().budget_ms);
  return commit::Staged::kDone;
}

OverviewWork::Promise OverviewWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  DiscloseWork::Granted granted{std::move(targets_), {}, budget_};
  for (auto& [target, pending] : pending_) {
    granted.allowed.push_back(
        {target, core_.parts.ledger.RedeemReceipt(std::move(pending), durable)});
  }
  return granted;
}

// ---- a caseload goes to others

Task<Status> TransferWork::LoadMore(commit::Staging& staging) {
  std::vector<PairItem*> pairs;
  std::vector<store::Key> keys;
  for (Item& item : items_) pairs.push_back(&item);
  CLOISON_CO_TRY(co_await LoadPairs(core_, staging, pairs));
  std::vector<PrincipalId> counted = AgentsOf(pairs);
  for (const Item& item : items_) {
    if (!item.person.has_value()) continue;
    keys.push_back(core_.caseload.PairKey(item.to, item.person->key.person()));
    counted.push_back(item.to);
  }
  std::ranges::sort(counted);
  counted.erase(std::unique(counted.begin(), counted.end()), counted.end());
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  co_return co_await counts_.Load(core_, staging, std::move(counted));
}

namespace {

// Two people agreed that it moves; what is in quarantine stays there until it would have left.
CaseloadPair Moved(const CaseloadPair& from, std::int64_t now_ms) {
  if (from.SettledAt(now_ms)) return {now_ms, from.until_ms, now_ms, from.by};
  return {from.since_ms, from.until_ms, 0, from.by};
}

}  // namespace

Result<bool> TransferWork::MoveOne(PairEdit& edit, const Item& item, std::int64_t now_ms) {
  const PersonId& person = item.person->key.person();
  const Aud& aud = item.person->key.aud();
  CLOISON_TRY_ASSIGN(Pair* const from, edit.Find(item.agent, person, aud));
  CLOISON_TRY_ASSIGN(Pair* const to, edit.Find(item.to, person, aud));
  if (!from->caseload.has_value()) return false;
  CLOISON_TRY_ASSIGN(Tally* const giver, edit.TallyOf(item.agent));
  CLOISON_TRY_ASSIGN(Tally* const taker, edit.TallyOf(item.to));
  if (!to->caseload.has_value()) {
    if (taker->people >= kCaseloadMax) {
      ++left_;
      return false;
    }
    ++taker->people;
    to->caseload = Moved(*from->caseload, now_ms);
    edit.Touch(item.to, person);
  }
  if (giver->people > 0) --giver->people;
  from->caseload.reset();
  edit.Touch(item.agent, person);
  return true;
}

Result<commit::Staged> TransferWork::Decide(commit::Staging& staging) {
  left_ = 0;
  PairEdit edit(core_, staging, counts_);
  for (const Item& item : items_) {
    if (PersonChanged(staging, item)) return commit::Staged::kAgain;
    if (!item.person.has_value()) continue;
    CLOISON_TRY_ASSIGN(const bool moved, MoveOne(edit, item, staging.time().budget_ms));
    if (!moved) continue;
    ledger::EntryDraft draft =
        Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "caseload/transfer");
    draft.subject =
        ledger::EntryDraft::Subject{item.person->key.person(), &item.person->key.subject(),
                                    item.person->header.seq,   {},
                                    ledger::Form::kExists,     {}};
    (void)StageEntry(std::move(draft));
  }
  edit.Stage(staging);
  Charge(staging, {});
  return commit::Staged::kDone;
}

TransferWork::Promise TransferWork::Take(const commit::Durable&) {
  if (refused()) return Error{Code::kDenied, "the system principal is not enrolled"};
  if (left_ != 0) {
    core_.parts.events.Emit(base::Severity::kWarning, "caseload_transfer_full",
                            {{"count", static_cast<std::int64_t>(left_)}});
  }
  return Ok();
}

// ---- what has ended

bool HasEnded(const Pair& pair, std::int64_t now_ms) {
  if (pair.caseload.has_value() && pair.caseload->until_ms <= now_ms) return true;
  return std::ranges::any_of(pair.explanations, [now_ms](const Explanation& explanation) {
    return explanation.until_ms <= now_ms;
  });
}

Task<Status> SweepWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys;
  std::vector<PrincipalId> agents;
  for (const Item& item : items_) {
    keys.push_back(core_.caseload.PairKey(item.agent, item.person));
    agents.push_back(item.agent);
  }
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  co_return co_await counts_.Load(core_, staging, std::move(agents));
}

Result<commit::Staged> SweepWork::Decide(commit::Staging& staging) {
  const std::int64_t now_ms = staging.time().budget_ms;
  PairEdit edit(core_, staging, counts_);
  for (const Item& item : items_) {
    CLOISON_TRY_ASSIGN(Pair* const pair, edit.Find(item.agent, item.person, item.aud));
    if (pair->caseload.has_value() && pair->caseload->until_ms <= now_ms) {
      CLOISON_TRY_ASSIGN(Tally* const tally, edit.TallyOf(item.agent));
      if (tally->people > 0) --tally->people;
      pair->caseload.reset();
      edit.Touch(item.agent, item.person);
    }
    const auto ended = [now_ms](const Explanation& one) { return one.until_ms <= now_ms; };
    if (std::erase_if(pair->explanations, ended) != 0) edit.Touch(item.agent, item.person);
  }
  edit.Stage(staging);
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
