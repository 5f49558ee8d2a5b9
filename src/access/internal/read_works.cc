#include "access/internal/read_works.h"

#include <algorithm>

#include "records/strata.h"

namespace cloison::access::internal {

namespace {

constexpr std::uint16_t kSearchQuery = 0xFFFF;  // no index: what a search by name is charged under

// Of one who cannot be read: nothing, for that is never charged.
ByteArray<16> NameOf(const Target& target) {
  return target.sighting.has_value() ? target.sighting->key.aud().array() : ByteArray<16>{};
}

std::optional<Error> FirstFailure(const std::vector<Target>& targets) {
  for (const Target& target : targets) {
    if (target.failed.has_value()) return target.failed;
  }
  return std::nullopt;
}

std::optional<ByteArray<16>> CodeFor(Core& core, const PrincipalState& principal, Target& target) {
  if (target.code.has_value()) return target.code->symbols();
  const Result<records::PersonCode> code =
      core.parts.codes.Encode(principal.info().organisation, *target.person);
  if (!code.ok()) return std::nullopt;
  target.code = *code;
  return code->symbols();
}

}  // namespace

// ---- disclosure

Task<Status> DiscloseWork::LoadMore(commit::Staging& staging) {
  for (const Target& target : targets_) {
    if (target.seen.has_value()) principal().windows().Expect(*target.seen);
  }
  return RefreshTargets(core_, caller_.principal, reason_.purpose, staging, targets_);
}

std::optional<FieldId> DiscloseWork::NeverGranted(const std::vector<const Grant*>& grants) const {
  for (const FieldId field : fields_) {
    const bool somehow = std::any_of(grants.begin(), grants.end(), [field](const Grant* grant) {
      return IsShowing(grant->form) && std::ranges::binary_search(grant->fields, field);
    });
    if (!somehow) return field;
  }
  return std::nullopt;
}

Result<std::optional<DiscloseWork::Plan>> DiscloseWork::PlanFor(
    const std::vector<const Grant*>& grants, const Target& target, std::int64_t now_ms) {
  if (!target.sighting.has_value() && !target.failed.has_value()) return std::optional<Plan>{};
  if (target.criterion != nullptr && target.sighting.has_value()) {
    CLOISON_TRY_ASSIGN(
        const bool still,
        records::Matcher(core_.parts.people).Equals(*target.sighting, *target.criterion));
    if (!still) return std::optional<Plan>{};
  }
  CLOISON_TRY_ASSIGN(const Standing standing, RelationTo(core_, principal(), target, now_ms));
  CLOISON_TRY_ASSIGN(const bool kept_away, IsKeptAway(core_, archive_, target, standing.relation));
  if (kept_away) return std::optional<Plan>{};
  Plan plan{{}, {}, standing, false};
  for (const FieldId field : fields_) {
    const std::optional<ledger::Form> form = Policy::FormOf(grants, standing.relation, field);
    if (!form.has_value()) return std::optional<Plan>{};
    (*form == ledger::Form::kPlain ? plan.plain : plan.masked).push_back(field);
  }
  CLOISON_TRY_ASSIGN(plan.beyond, IsBeyond(target, plan));
  return std::optional<Plan>(std::move(plan));
}

// Of who is opened anyway, and only where the policy says what the office's catchment is.
Result<bool> DiscloseWork::IsBeyond(const Target& target, const Plan& plan) {
  const PrincipalInfo& info = principal().info();
  const bool counts = plan.standing.counted == Counted::kOffCaseload && !plan.plain.empty() &&
                      info.office.has_value() && target.sighting.has_value();
  if (!counts) return false;
  const Office* const office = core_.parts.policy.Now().FindOffice(info.organisation, *info.office);
  if (office == nullptr || office->departements.empty()) return false;
  return records::IsBeyond(core_.parts.people, *target.sighting, office->departements);
}

Principals::Debit DiscloseWork::DebitFor(const Target& target, const Plan& plan) {
  const CounterSet counters =
      CountersOf(plan.plain, plan.standing.counted == Counted::kOffCaseload);
  Principals::Debit debit{ShowingOf(target, plan.standing.counted, counters), NameOf(target)};
  if (plan.beyond) debit.marks = Marks::Beyond();
  return debit;
}

void DiscloseWork::StageForms(Target& target, std::size_t number, const Plan& plan) {
  const std::optional<ByteArray<16>> code = CodeFor(core_, principal(), target);
  for (const ledger::Form form : {ledger::Form::kPlain, ledger::Form::kMasked}) {
    const bool plain = form == ledger::Form::kPlain;
    const std::vector<FieldId>& fields = plain ? plan.plain : plan.masked;
    if (fields.empty()) continue;
    std::string rule = reason_.purpose + "/" + std::string(Name(plan.standing.relation));
    ledger::EntryDraft draft = Draft(plain ? ledger::Kind::kDisclosure : ledger::Kind::kGlimpse,
                                     ledger::Decision::kAllow, std::move(rule));
    draft.cost = plain || plan.plain.empty() ? 1 : 0;
    draft.subject = SubjectOf(target, fields, form, code);
    pending_.emplace_back(number, StageEntry(std::move(draft)));
    (plain ? core_.stats.disclosed_people : core_.stats.glimpsed_people).Add();
  }
}

// By the pair alone: nobody has none, as a stranger has none, so it tells nothing of who is there.
Result<bool> DiscloseWork::HasSecondPersons(const std::vector<const Grant*>& grants,
                                            std::int64_t now_ms) {
  for (const Target& target : targets_) {
    CLOISON_TRY_ASSIGN(Standing standing, RelationTo(core_, principal(), target, now_ms));
    CLOISON_TRY_ASSIGN(const bool away, IsKeptAway(core_, archive_, target, standing.relation));
    if (away) standing = Standing{};  // as nobody
    if (standing.counted != Counted::kOffCaseload) continue;
    const bool opens = std::ranges::any_of(fields_, [&](FieldId field) {
      return Policy::FormOf(grants, standing.relation, field) == ledger::Form::kPlain;
    });
    if (!opens) continue;
    // A damaged pair has failed above.
    if (away || !target.known.has_value()) return false;
    const bool agreed =
        std::ranges::any_of(target.known->explanations, [&](const Explanation& one) {
          return one.kind == ExplanationKind::kSecondPerson && one.HoldsAt(now_ms) &&
                 one.since_ms >= hold().since_ms;
        });
    if (!agreed) return false;
  }
  return true;
}

Result<commit::Staged> DiscloseWork::Decide(commit::Staging& staging) {
  pending_.clear();
  if (IsApplication()) return RefuseApplication(staging);
  if (!TargetsHold(staging, targets_)) return commit::Staged::kAgain;
  const PrincipalInfo& info = principal().info();
  const std::vector<const Grant*> grants =
      core_.parts.policy.Now().GrantsOf(info.organisation, info.role, reason_.purpose);
  if (const std::optional<FieldId> field = NeverGranted(grants); field.has_value()) {
    Refusal refusal{RefusalCode::kPurposeRefused, "purpose/field", field, {}, 0, {}, {}, {}};
    return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
  }
  const std::int64_t now_ms = staging.time().budget_ms;
  archive_ = {IsArchivist(core_.parts.policy.Now(), info.role), targets_.size() == 1,
              !reason_.case_ref.empty(), staging.time().wall_ms};
  if (hold().rung >= Rung::kSecondPerson && !hold().OnlyCaseload()) {
    CLOISON_TRY_ASSIGN(const bool agreed, HasSecondPersons(grants, now_ms));
    if (!agreed) return RefuseHeld(staging, "rung/3");
    Vouch();
  }
  std::vector<Plan> plans;
  bool all_there = true;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    CLOISON_TRY_ASSIGN(std::optional<Plan> plan, PlanFor(grants, targets_[i], now_ms));
    all_there = all_there && plan.has_value();
    plans.push_back(plan.has_value() ? std::move(*plan) : Plan{{}, {}, {}});
  }
  if (!all_there) {
    // All are charged: the price would tell how many of them are there.
    std::vector<Principals::Debit> missed;
    for (const Target& target : targets_) {
      const bool nobodys = !target.sighting.has_value() && !target.failed.has_value();
      missed.push_back(DebitOfCode(target.named));
      if (nobodys) missed.back().marks = Marks::Nobodys();
    }
    return RefuseMisses(staging, missed);
  }

  std::vector<Principals::Debit> debits;
  std::vector<Showing> showings;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    debits.push_back(DebitFor(targets_[i], plans[i]));
    showings.push_back(debits.back().showing);
  }
  if (auto refused = RefuseShowing(staging, showings)) return std::move(*refused);
  if (const std::optional<Error> failed = FirstFailure(targets_)) return *failed;
  for (std::size_t i = 0; i < targets_.size(); ++i) StageForms(targets_[i], i, plans[i]);
  Charge(staging, debits);
  budget_ = Left(now_ms);
  return commit::Staged::kDone;
}

DiscloseWork::Promise DiscloseWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  Granted granted{std::move(targets_), {}, budget_};
  for (auto& [target, pending] : pending_) {
    granted.allowed.push_back(
        {target, core_.parts.ledger.RedeemReceipt(std::move(pending), durable)});
  }
  return granted;
}

// ---- look-up

std::optional<Result<commit::Staged>> SearchingWork::RefuseAsking(commit::Staging& staging) {
  if (IsApplication()) return RefuseApplication(staging);
  const PrincipalInfo& info = principal().info();
  const std::vector<const Grant*> grants =
      core_.parts.policy.Now().GrantsOf(info.organisation, info.role, reason_.purpose);
  if (std::ranges::any_of(grants, IsShowing, &Grant::form)) return std::nullopt;
  Refusal refusal{RefusalCode::kPurposeRefused, "purpose", {}, {}, 0, {}, {}, {}};
  return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
}

Result<commit::Staged> MaySearchWork::Decide(commit::Staging& staging) {
  if (auto refused = RefuseAsking(staging)) return std::move(*refused);
  // Of the caseload: a rung that keeps to it leaves its people to be searched for.
  Showing asked = DebitOfQuery(kSearchQuery, search_.Digestible().Reveal()).showing;
  asked.counters = Glimpse(false);
  // Whoever stands there counts in a family of its own, which may have room.
  const bool presences = principal().windows(ShowingFamily::kPresence) != nullptr;
  const std::span<const Showing> asking(&asked, presences ? 0 : 1);
  if (auto refused = RefuseShowing(staging, asking)) return std::move(*refused);
  info_ = principal().info();
  return commit::Staged::kDone;
}

MaySearchWork::Promise MaySearchWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return std::move(*info_);
}

Task<Status> LookUpWork::LoadMore(commit::Staging& staging) {
  return RefreshTargets(core_, caller_.principal, reason_.purpose, staging, targets_);
}

std::vector<FieldId> RowFields(const records::Schema& schema,
                               const std::vector<const Grant*>& grants, Relation relation) {
  std::vector<FieldId> fields;
  for (const records::FieldSpec& field : schema.fields()) {
    if (field.compartment != schema.compartments().front().id) continue;
    if (Policy::FormOf(grants, relation, field.id).has_value()) fields.push_back(field.id);
  }
  return fields;
}

// Of a NIR the key at its end follows from the rest. A search by name has no next.
QuerySteps LookUpWork::Steps() const {
  if (search_ != nullptr) return {};
  constexpr std::size_t kNirBytes = 15, kNirNumberBytes = 13;
  const auto is_digit = [](std::uint8_t c) { return c >= '0' && c <= '9'; };
  ByteView text = criterion_.canonical.Reveal();
  if (text.size() == kNirBytes) text = text.first(kNirNumberBytes);
  // The number beside it, up or down; nothing: there is none.
  const auto beside = [&](bool up) -> std::optional<crypto::SecretBytes> {
    crypto::SecretBytes number(text.size());
    std::ranges::copy(text, number.Reveal().begin());
    std::size_t at = text.size();
    while (at > 0 && !is_digit(text[at - 1])) --at;
    while (at > 0 && text[at - 1] == (up ? '9' : '0')) number.Reveal()[--at] = up ? '0' : '9';
    if (at == 0 || !is_digit(text[at - 1])) return std::nullopt;
    number.Reveal()[at - 1] = static_cast<std::uint8_t>(text[at - 1] + (up ? 1 : -1));
    return number;
  };
  const auto digest = [&](ByteView of) {
    const SeenId id = core_.principals.SeenOfQuery(caller_.principal, criterion_.index, of);
    return base::LoadBig({id.data(), 8});
  };
  const std::optional<crypto::SecretBytes> before = beside(false), next = beside(true);
  if (!before.has_value() && !next.has_value()) return {};
  return {before.has_value() ? digest(before->Reveal()) : 0, digest(text),
          next.has_value() ? digest(next->Reveal()) : 0};
}

Principals::Debit LookUpWork::DebitOfAsking() {
  if (search_ == nullptr) return DebitOfQuery(criterion_.index, criterion_.canonical.Reveal());
  return DebitOfQuery(kSearchQuery, search_->Digestible().Reveal());
}

Result<bool> LookUpWork::StillMeant(std::size_t number) const {
  const records::Sighting& sighting = *targets_[number].sighting;
  const records::Matcher matcher(core_.parts.people);
  if (search_ == nullptr) return matcher.Equals(sighting, criterion_);
  if (sighting.header.seq == seqs_[number]) return true;
  return matcher.IsAlike(sighting, *search_);
}

Result<commit::Staged> LookUpWork::Miss(commit::Staging& staging) {
  Principals::Debit debit = DebitOfAsking();
  debit.marks = Marks::Absent();
  debit.steps = Steps();
  if (auto refused = RefuseShowing(staging, {&debit.showing, 1})) return std::move(*refused);
  ledger::EntryDraft draft = Draft(ledger::Kind::kRefusal, ledger::Decision::kMiss,
                                   narrow_ ? "too-many" : "not-available");
  draft.cost = 1;
  miss_ = StageEntry(std::move(draft));
  Charge(staging, {&debit, 1});
  core_.stats.missed.Add();
  budget_ = Left(staging.time().budget_ms);
  return commit::Staged::kDone;
}

Result<commit::Staged> LookUpWork::Decide(commit::Staging& staging) {
  pending_.clear();
  miss_.reset();
  if (auto refused = RefuseAsking(staging)) return std::move(*refused);
  if (!TargetsHold(staging, targets_)) return commit::Staged::kAgain;
  const PrincipalInfo& info = principal().info();
  const std::vector<const Grant*> grants =
      core_.parts.policy.Now().GrantsOf(info.organisation, info.role, reason_.purpose);
  const std::int64_t now_ms = staging.time().budget_ms;
  archive_ = {IsArchivist(core_.parts.policy.Now(), info.role), targets_.size() == 1,
              !reason_.case_ref.empty(), staging.time().wall_ms};
  std::vector<Row> rows;
  std::vector<Principals::Debit> debits;
  std::vector<Showing> showings;
  for (std::size_t i = 0; i < targets_.size() && !failed_.has_value(); ++i) {
    CLOISON_TRY_ASSIGN(std::optional<Row> row, RowOf(grants, i, now_ms));
    if (!row.has_value()) continue;
    debits.push_back(row->debit);
    showings.push_back(row->debit.showing);
    rows.push_back(std::move(*row));
  }
  if (failed_.has_value()) {  // who may not ask any more learns nothing of it
    showings = {DebitOfAsking().showing};
  } else if (rows.empty() || rows.size() > kLookupRowsMax) {
    // More than fit on a page: none is shown, as for nobody; the caller needs another identifier.
    return Miss(staging);
  }
  if (auto refused = RefuseShowing(staging, showings)) return std::move(*refused);
  if (failed_.has_value()) return *failed_;
  for (const Row& row : rows) {
    if (targets_[row.target].failed.has_value()) return *targets_[row.target].failed;
  }
  for (const Row& row : rows) StageRow(row);
  debits.front().steps = Steps();
  Charge(staging, debits);
  budget_ = Left(now_ms);
  return commit::Staged::kDone;
}

Result<std::optional<LookUpWork::Row>> LookUpWork::RowOf(const std::vector<const Grant*>& grants,
                                                         std::size_t number, std::int64_t now_ms) {
  const Target& target = targets_[number];
  if (!target.sighting.has_value() && !target.failed.has_value()) return std::optional<Row>{};
  if (target.sighting.has_value()) {
    // Read again since the search: the value may have changed meanwhile.
    CLOISON_TRY_ASSIGN(const bool still, StillMeant(number));
    if (!still) return std::optional<Row>{};
  }
  CLOISON_TRY_ASSIGN(const Standing standing, RelationTo(core_, principal(), target, now_ms));
  CLOISON_TRY_ASSIGN(const bool kept_away, IsKeptAway(core_, archive_, target, standing.relation));
  if (kept_away) return std::optional<Row>{};
  std::vector<FieldId> fields = RowFields(core_.parts.people.schema(), grants, standing.relation);
  if (fields.empty()) return std::optional<Row>{};
  const CounterSet counters = Glimpse(standing.counted == Counted::kOffCaseload);
  return std::optional<Row>(Row{number,
                                std::move(fields),
                                reason_.purpose + "/" + std::string(Name(standing.relation)),
                                {ShowingOf(target, standing.counted, counters), NameOf(target)}});
}

void LookUpWork::StageRow(const Row& row) {
  Target& target = targets_[row.target];
  ledger::EntryDraft draft = Draft(ledger::Kind::kGlimpse, ledger::Decision::kAllow, row.rule);
  draft.cost = 1;
  const std::optional<ByteArray<16>> code = CodeFor(core_, principal(), target);
  draft.subject = SubjectOf(target, row.fields, ledger::Form::kMasked, code);
  pending_.emplace_back(row.target, StageEntry(std::move(draft)));
  core_.stats.glimpsed_people.Add();
}

LookUpWork::Promise LookUpWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  Found found{std::move(targets_), {}, budget_, {}, narrow_ && miss_.has_value()};
  for (auto& [target, pending] : pending_) {
    found.allowed.push_back(
        {target, core_.parts.ledger.RedeemReceipt(std::move(pending), durable)});
  }
  if (miss_.has_value()) found.miss = core_.parts.ledger.Redeem(std::move(*miss_), durable);
  return found;
}

// ---- one's own trail, one's own capabilities

bool OwnTrailWork::Holds(const commit::Staging& staging) const {
  return staging.UnchangedSince(records::RowKeyOf(own_->key.person()), own_->snapshot);
}

Task<Status> OwnTrailWork::LoadMore(commit::Staging& staging) {
  if (!own_.has_value()) co_return Ok();
  if (!Holds(staging)) {
    Result<records::Sighting> again = co_await core_.parts.people.Sight(own_->key.person());
    own_.reset();
    if (!again.ok() && again.error().code() == Code::kNotFound) co_return Ok();
    if (!again.ok()) co_return again.error();
    own_.emplace(std::move(*again));
  }
  co_return co_await core_.parts.ledger.LoadHead(own_->key.subject());
}

Result<commit::Staged> OwnTrailWork::Decide(commit::Staging& staging) {
  if (own_.has_value() && !Holds(staging)) return commit::Staged::kAgain;
  if (!own_.has_value() ||
      !core_.parts.policy.Now().Has(principal().info().role, Right::kOwnTrail)) {
    return Refuse(staging, Refusal{RefusalCode::kNoRight, "right/own_trail", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kDisclosure, ledger::Decision::kAllow, "own_trail");
  draft.subject = ledger::EntryDraft::Subject{
      own_->key.person(), &own_->key.subject(), own_->header.seq, {}, ledger::Form::kExists, {}};
  pending_ = StageEntry(std::move(draft));
  Charge(staging, {});
  return commit::Staged::kDone;
}

OwnTrailWork::Promise OwnTrailWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return core_.parts.ledger.Redeem(std::move(*pending_), durable);
}

Result<commit::Staged> CapabilitiesWork::Decide(commit::Staging& staging) {
  const PrincipalInfo& info = principal().info();
  const Policy& policy = core_.parts.policy.Now();
  found_ = Capabilities{info,
                        policy.version(),
                        policy.GrantsOf(info.organisation, info.role),
                        policy.RightsOf(info.role),
                        Left(staging.time().budget_ms),
                        hold()};
  return commit::Staged::kDone;
}

CapabilitiesWork::Promise CapabilitiesWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return std::move(*found_);
}

}  // namespace cloison::access::internal
