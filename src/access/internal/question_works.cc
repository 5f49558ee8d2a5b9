#include "access/internal/question_works.h"

#include <algorithm>

#include "access/internal/archive.h"

namespace cloison::access::internal {

namespace {

// Digests of queries of their own: no index has these numbers.
constexpr std::uint16_t kMeantQuery = 0xfffe, kTriedQuery = 0xffff, kTriedOfPresentQuery = 0xfffc;
constexpr std::uint16_t kNewQuery = 0xfffb;  // of somebody who has no id yet

std::vector<FieldId> PlainOf(const std::vector<const Grant*>& grants,
                             const std::vector<FieldId>& fields) {
  std::vector<FieldId> plain;
  for (const FieldId field : fields) {
    if (Policy::FormOf(grants, Relation::kAny, field) == ledger::Form::kPlain) {
      plain.push_back(field);
    }
  }
  return plain;
}

}  // namespace

bool GivesToAnybody(const std::vector<const Grant*>& grants, const std::vector<FieldId>& fields) {
  return std::ranges::all_of(fields, [&grants](FieldId field) {
    return Policy::FormOf(grants, Relation::kAny, field).has_value();
  });
}

// ---- yes or no

Task<Status> QuestionWork::LoadMore(commit::Staging& staging) {
  co_return co_await RefreshTargets(core_, caller_.principal, reason_.purpose, staging, targets_);
}

std::vector<const Grant*> QuestionWork::Grants() {
  const PrincipalInfo& info = principal().info();
  return core_.parts.policy.Now().GrantsOf(info.organisation, info.role, reason_.purpose);
}

std::optional<FieldId> QuestionWork::NeverAnswered(const std::vector<const Grant*>& grants,
                                                   const std::vector<FieldId>& fields,
                                                   ledger::Form form) {
  for (const FieldId field : fields) {
    const bool somehow = std::ranges::any_of(grants, [=](const Grant* grant) {
      return grant->form == form && std::ranges::binary_search(grant->fields, field);
    });
    if (!somehow) return field;
  }
  return std::nullopt;
}

Result<std::optional<Standing>> QuestionWork::Reach(const std::vector<const Grant*>& grants,
                                                    const Target& target,
                                                    const std::vector<FieldId>& fields,
                                                    ledger::Form form,
                                                    const commit::Staging& staging) {
  if (!target.sighting.has_value() && !target.failed.has_value()) {
    return std::optional<Standing>{};
  }
  CLOISON_TRY_ASSIGN(const Standing standing,
                     RelationTo(core_, principal(), target, staging.time().budget_ms));
  const ArchiveQuestion archive{IsArchivist(core_.parts.policy.Now(), principal().info().role),
                                targets_.size() == 1, !reason_.case_ref.empty(),
                                staging.time().wall_ms};
  CLOISON_TRY_ASSIGN(const bool kept_away, IsKeptAway(core_, archive, target, standing.relation));
  if (kept_away) return std::optional<Standing>{};
  const bool all = std::ranges::all_of(fields, [&](FieldId field) {
    return Policy::Answers(grants, standing.relation, field, form);
  });
  return all ? std::optional<Standing>(standing) : std::nullopt;
}

ledger::Pending QuestionWork::StageAnswer(const Target& target, bool reached, bool yes,
                                          ledger::Form form, std::vector<FieldId> fields) {
  const std::string_view rule = form == ledger::Form::kExists ? "/exists" : "/matches";
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kGlimpse, yes ? ledger::Decision::kAllow : ledger::Decision::kMiss,
            reason_.purpose + std::string(rule));
  draft.cost = 1;
  if (reached) draft.subject = SubjectOf(target, std::move(fields), form, std::nullopt);
  return StageEntry(std::move(draft));
}

Result<std::vector<FieldId>> ExistWork::PresentIn(const Target& target) const {
  const records::Matcher matcher(core_.parts.people);
  std::vector<FieldId> present;
  for (const FieldId field : fields_) {
    CLOISON_TRY_ASSIGN(const bool has, matcher.Has(*target.sighting, field));
    if (has) present.push_back(field);
  }
  return present;
}

Result<commit::Staged> ExistWork::Decide(commit::Staging& staging) {
  pending_.clear();
  present_.clear();
  if (IsApplication()) return RefuseApplication(staging);
  if (!TargetsHold(staging, targets_)) return commit::Staged::kAgain;
  const std::vector<const Grant*> grants = Grants();
  const auto never = NeverAnswered(grants, fields_, ledger::Form::kExists);
  if (never.has_value()) {
    Refusal refusal{RefusalCode::kPurposeRefused, "purpose/field", never, {}, 0, {}, {}, {}};
    return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
  }
  const std::int64_t now_ms = staging.time().budget_ms;
  std::vector<Principals::Debit> debits;
  std::vector<Showing> showings;
  std::vector<bool> reached;
  for (const Target& target : targets_) {
    CLOISON_TRY_ASSIGN(const std::optional<Standing> standing,
                       Reach(grants, target, fields_, ledger::Form::kExists, staging));
    reached.push_back(standing.has_value());
    if (!standing.has_value()) {
      debits.push_back(DebitOfCode(target.named));
    } else {
      const CounterSet counters = Glimpse(standing->counted == Counted::kOffCaseload);
      const ByteArray<16> name =
          target.sighting.has_value() ? target.sighting->key.aud().array() : ByteArray<16>{};
      debits.push_back({ShowingOf(target, standing->counted, counters), name});
    }
    showings.push_back(debits.back().showing);
  }
  if (auto refused = RefuseShowing(staging, showings)) return std::move(*refused);
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    if (reached[i] && targets_[i].failed.has_value()) return *targets_[i].failed;
    present_.emplace_back();
    if (!reached[i]) continue;
    CLOISON_TRY_ASSIGN(present_.back(), PresentIn(targets_[i]));
  }
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    pending_.push_back(
        StageAnswer(targets_[i], reached[i], !present_[i].empty(), ledger::Form::kExists, fields_));
    core_.stats.glimpsed_people.Add();
  }
  Charge(staging, debits);
  budget_ = Left(now_ms);
  return commit::Staged::kDone;
}

ExistWork::Promise ExistWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  Questions::Existing existing{{}, fields_, budget_};
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    existing.persons.push_back(
        {std::move(present_[i]), core_.parts.ledger.Redeem(std::move(pending_[i]), durable)});
  }
  return existing;
}

SeenId MatchWork::Meant() const {
  const std::string who = CanonicalCode(targets_.front().named);
  return core_.principals.SeenOfQuery(caller_.principal, kMeantQuery, AsBytes(who));
}

SeenId MatchWork::Tried(const SeenId& meant, ShowingFamily family) const {
  crypto::SecretBytes tried(meant.size() + 4 + value_.size());
  const ByteArray<4> field = base::BigU32(field_.value());
  auto place = std::ranges::copy(meant, tried.Reveal().begin()).out;
  place = std::ranges::copy(field, place).out;
  std::ranges::copy(value_.Reveal(), place);
  const std::uint16_t query =
      family == ShowingFamily::kPresence ? kTriedOfPresentQuery : kTriedQuery;
  return core_.principals.SeenOfQuery(caller_.principal, query, tried.Reveal());
}

Result<commit::Staged> MatchWork::Decide(commit::Staging& staging) {
  pending_.reset();
  if (IsApplication()) return RefuseApplication(staging);
  if (!TargetsHold(staging, targets_)) return commit::Staged::kAgain;
  const std::vector<const Grant*> grants = Grants();
  const std::vector<FieldId> fields{field_};
  const auto never = NeverAnswered(grants, fields, ledger::Form::kMatches);
  if (never.has_value()) {
    Refusal refusal{RefusalCode::kPurposeRefused, "purpose/field", never, {}, 0, {}, {}, {}};
    return Refuse(staging, std::move(refusal), ledger::Decision::kRefuse, {});
  }
  const std::int64_t now_ms = staging.time().budget_ms;
  const Target& target = targets_.front();
  CLOISON_TRY_ASSIGN(const std::optional<Standing> standing,
                     Reach(grants, target, fields, ledger::Form::kMatches, staging));
  const SeenId meant = Meant();
  const bool off = !standing.has_value() || standing->counted == Counted::kOffCaseload;
  // Who stands before the agent is asked about in the budget of those who do.
  const bool present = standing.has_value() && standing->counted == Counted::kPresence;
  const ShowingFamily family = present ? ShowingFamily::kPresence : ShowingFamily::kClass;
  Principals::Debit debit{{Tried(meant, family), Glimpse(off), family}, meant, true};
  const Principals::WrongTries tries =
      Principals::WrongTriesOf(principal(), meant, debit.showing.who, now_ms);
  if (tries.others >= kWrongTriesMax) return RefuseTries(staging, "matches/wrong", tries.first_ms);
  if (auto refused = RefuseShowing(staging, {&debit.showing, 1})) return std::move(*refused);
  matches_ = false;
  if (standing.has_value()) {
    if (target.failed.has_value()) return *target.failed;
    CLOISON_TRY_ASSIGN(matches_,
                       records::Matcher(core_.parts.people).Is(*target.sighting, field_, value_));
  }
  debit.wrong = !matches_;
  pending_ = StageAnswer(target, standing.has_value(), matches_, ledger::Form::kMatches, fields);
  core_.stats.glimpsed_people.Add();
  Charge(staging, {&debit, 1});
  budget_ = Left(now_ms);
  return commit::Staged::kDone;
}

MatchWork::Promise MatchWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Questions::Matched{matches_, core_.parts.ledger.Redeem(std::move(*pending_), durable),
                            budget_};
}

// ---- a reference becomes a person

Result<commit::Staged> MayReferWork::Decide(commit::Staging& staging) {
  if (IsApplication()) return RefuseApplication(staging);
  const PrincipalInfo& info = principal().info();
  const std::vector<const Grant*> grants =
      core_.parts.policy.Now().GrantsOf(info.organisation, info.role, reason_.purpose);
  const CounterSet counters = CountersOf(PlainOf(grants, fields_), true);
  std::vector<Showing> showings;
  for (std::size_t i = 0; i < count_; ++i) {
    const ByteArray<8> number = base::BigU64(i);
    showings.push_back(
        {core_.principals.SeenOfQuery(caller_.principal, kNewQuery, number), counters});
  }
  if (auto refused = RefuseShowing(staging, showings)) return std::move(*refused);
  return commit::Staged::kDone;
}

MayReferWork::Promise MayReferWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return std::monostate{};
}

Task<Status> ReferWork::LoadMore(commit::Staging& staging) {
  CLOISON_CO_TRY(co_await registration_.Load(staging));
  co_return co_await core_.parts.ledger.LoadHead(registration_.key().subject());
}

Result<commit::Staged> ReferWork::Decide(commit::Staging& staging) {
  pending_.reset();
  if (IsApplication()) return RefuseApplication(staging);
  const PrincipalInfo& info = principal().info();
  const std::vector<const Grant*> grants =
      core_.parts.policy.Now().GrantsOf(info.organisation, info.role, reason_.purpose);
  const bool may = core_.parts.policy.Now().Has(info.role, Right::kDecide);
  if (!may || !GivesToAnybody(grants, fields_)) return commit::Staged::kDone;  // as anybody's
  // What the decision that follows will charge: a reference that is new is refused as any other.
  const Showing showing{core_.principals.SeenOf(caller_.principal, registration_.person()),
                        CountersOf(PlainOf(grants, fields_), true)};
  if (auto refused = RefuseShowing(staging, {&showing, 1})) return std::move(*refused);
  const Result<commit::Staged> staged = registration_.Stage(staging);
  if (!staged.ok() && staged.error().code() == Code::kConflict) return commit::Staged::kDone;
  if (!staged.ok() || *staged == commit::Staged::kAgain) return staged;
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kChange, ledger::Decision::kAllow, "decision/reference");
  draft.subject = ledger::EntryDraft::Subject{
      registration_.person(), &registration_.key().subject(), 1,
      registration_.fields(), ledger::Form::kPlain,           std::nullopt};
  pending_ = StageEntry(std::move(draft));
  // Here and not with the decision, for which this person is then free: many references of one
  // request are held against the budget one after the other.
  const Principals::Debit debit{showing, registration_.key().subject().aud().array()};
  Charge(staging, {&debit, 1});
  return commit::Staged::kDone;
}

ReferWork::Promise ReferWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  const bool adopted = pending_.has_value();
  if (adopted) (void)core_.parts.ledger.Redeem(std::move(*pending_), durable);
  return Referred{adopted};
}

}  // namespace cloison::access::internal
